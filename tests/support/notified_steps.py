"""Steps that are asked to send notifications."""

from __future__ import annotations

from contextlib import contextmanager

from kedro_azureml_runner.__main__ import main
from kedro_azureml_runner.protocol.notification import VARIABLE, NotificationSettings, Value

WORKSPACE = {
    "AZUREML_RUN_ID": "step-run",
    "AZUREML_ROOT_RUN_ID": "calm_fig",
    "AZUREML_ARM_SUBSCRIPTION": "s",
    "AZUREML_ARM_RESOURCEGROUP": "r",
    "AZUREML_ARM_WORKSPACE_NAME": "w",
}
LINK = "https://ml.azure.com/runs/calm_fig?wsid=/subscriptions/s/resourcegroups/r/workspaces/w"
STEP = ("--protocol", "1", "--pipeline", "__default__", "--node", "eat")


def asked(*events: str, **more: object) -> str:
    return NotificationSettings("train", "eat", events, Value("HOOK"), **more).to_text()


@contextmanager
def variables(monkeypatch, **environ: str):
    with monkeypatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        yield


def finish(monkeypatch, settings: str, *arguments: str, **environ: str) -> int:
    with variables(monkeypatch, **{VARIABLE: settings, **environ}):
        return main(["--notify-success", *arguments])
