"""How a job ended before is read from a tracking store of MLflow: a folder of this machine."""

from __future__ import annotations

import time

import pytest
from kedro_azureml_runner.__main__ import main
from kedro_azureml_runner.notifications.noted_warnings import StepWarnings, write_warnings
from kedro_azureml_runner.protocol.notification import VARIABLE, NotificationSettings, Value
from mlflow import MlflowClient

pytestmark = [pytest.mark.once, pytest.mark.filterwarnings("ignore")]  # MLflow's own

TAGS = {"kedro_job": "train", "kedro_project": "orchard"}
WARNED = {"kedro.warnings": "2"}
HOUR_S = 3600


class History:
    """The runs of an experiment; the last one is that of the job that runs now."""

    def __init__(self, *runs: tuple[str, dict[str, str]]) -> None:
        self.client = MlflowClient()
        experiment = self.client.create_experiment("orchard-job")
        now = int(time.time() * 1000)
        for number, (status, tags) in enumerate(runs):
            start = now - 1000 * (len(runs) - number)
            made = self.client.create_run(experiment, start_time=start, tags={**TAGS, **tags})
            self.client.set_terminated(made.info.run_id, status)
            self.client.create_run(experiment, start_time=start + 1)  # of a step: without tags
        self.run_id = self.client.create_run(experiment, start_time=now, tags=TAGS).info.run_id

    def tags(self) -> dict[str, str]:
        return self.client.get_run(self.run_id).data.tags


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "store").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.delenv("HOOK", raising=False)


def announce(monkeypatch, capsys, history: History, events: tuple[str, ...], *folders, **more):
    """Return the event that the last step has chosen: nobody is there who could take it."""
    settings = NotificationSettings("train", "notify", events, Value("HOOK"), **more)
    monkeypatch.setenv("AZUREML_ROOT_RUN_ID", history.run_id)
    monkeypatch.setenv(VARIABLE, settings.to_text())
    assert main(["--notify-success", "--warned", *map(str, folders)]) == 0
    said = capsys.readouterr().err
    assert "how the job ended before is not known" not in said
    return said.partition("otification of '")[2].partition("'")[0]


@pytest.mark.parametrize(
    ("earlier", "event"),
    [
        ([("FAILED", {})], "recovered"),
        ([("FINISHED", WARNED)], "recovered"),
        ([("FAILED", {}), ("KILLED", {})], "recovered"),
        ([], "success"),
        ([("FINISHED", {})], "success"),
        ([("FAILED", {}), ("FINISHED", {})], "success"),
        ([("FAILED", {"kedro_env": "prod"})], "success"),
        ([("FAILED", {"kedro_job": 'it\'s "another"'})], "success"),
    ],
)
def test_a_job_has_recovered_if_its_last_run_had_failed_or_warned(
    store, monkeypatch, capsys, earlier, event
):
    events = ("success", "recovered")
    assert announce(monkeypatch, capsys, History(*earlier), events) == event


def warned(tmp_path):
    write_warnings([str(tmp_path)], [StepWarnings("fit", 3, ("a worm",))])
    return tmp_path


def test_a_job_with_warnings_has_not_recovered_and_notes_them_for_the_next(
    store, monkeypatch, capsys, tmp_path
):
    history = History(("FAILED", {}))
    events = ("success", "recovered")
    assert announce(monkeypatch, capsys, history, events, warned(tmp_path)) == "success"
    assert history.tags()["kedro.warnings"] == "3"


@pytest.mark.parametrize(
    ("sent_hours_ago", "tolerance", "is_sent"), [(1, 0, False), (25, 0, True), (23.9, 10, True)]
)
def test_a_warning_is_repeated_after_its_hours(
    store, monkeypatch, capsys, tmp_path, sent_hours_ago, tolerance, is_sent
):
    sent = f"{time.time() - sent_hours_ago * HOUR_S:.0f}"
    history = History(("FINISHED", {**WARNED, "kedro.warning_sent": sent}))
    more = {"repeat_hours": 24, "tolerance_minutes": tolerance}
    announce(monkeypatch, capsys, history, ("warning",), warned(tmp_path), **more)
    tags = history.tags()
    assert tags["kedro.warnings"] == "3"
    # What was not sent now carries the time of what was sent; what could not be sent, none.
    assert tags.get("kedro.warning_sent") == (None if is_sent else sent)
