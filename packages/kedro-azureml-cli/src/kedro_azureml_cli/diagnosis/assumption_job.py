"""Send the small job that shows whether the assumptions about a workspace hold."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from kedro_azureml_cli.azure_ml.chatter import drop_upload_progress
from kedro_azureml_cli.azure_ml.known_components import KnownComponents
from kedro_azureml_cli.azure_ml.submission import make_job_name, submit
from kedro_azureml_cli.submission.interruption import Interruption, UnknownOutcomeError
from kedro_azureml_cli.terminal.exit_codes import StoppedError

if TYPE_CHECKING:
    from kedro_azureml_cli.azure_ml.connection import Client

STEPS = ("write", "read")
PROBE_TAG = "kedro_azureml_assumptions"
PROBE_TEXT = "kedro-azureml-probe"

_KNOWN_OF_ITSELF = (
    'echo "probe run=$AZUREML_RUN_ID root=$AZUREML_ROOT_RUN_ID '
    'code=$(test -f probe.txt && echo yes || echo no)"'
)
_WRITE = f'printf {PROBE_TEXT} > "${{{{outputs.data}}}}/probe.txt"\n{_KNOWN_OF_ITSELF}'
_READ = f'echo "read $(cat "${{{{inputs.data}}}}/probe.txt")"\n{_KNOWN_OF_ITSELF}'
_PLACE = "azureml://datastores/${{default_datastore}}/paths/azureml/${{name}}/${{output_name}}"


def send_assumption_job(client: Client, environment: str, compute: str) -> str:
    """Send a job of two steps, of which each runs for seconds; return its name in Azure ML.

    Args:
        client: The client of the workspace.
        environment: Reference to the environment of its steps, as in `env@latest`.
        compute: Name of the compute.

    Raises:
        AzureMLError: Azure ML did not take it.
        StoppedError: Ctrl-C, when the job may have been made.
    """
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder)
        (bundle / "code").mkdir()
        (bundle / "code/probe.txt").write_text(PROBE_TEXT)
        (bundle / "pipeline.yml").write_text(yaml.safe_dump(_document(environment, compute)))
        known = KnownComponents(bundle / "components.json")
        name = make_job_name("assumptions")
        interruption = Interruption()
        try:
            with drop_upload_progress():
                return submit(
                    client,
                    bundle,
                    name,
                    known,
                    experiment_name="kedro-azureml-doctor",
                    sending=lambda: interruption.sending(name),
                ).name
        except KeyboardInterrupt:
            if interruption.is_under_way(name):
                raise StoppedError(str(UnknownOutcomeError(name))) from None
            raise


def _document(environment: str, compute: str) -> dict[str, object]:
    def step(name: str, command: str, **ports: object) -> dict[str, object]:
        declared = {kind: {"data": {"type": "uri_folder"}} for kind in ports}
        component = {
            "type": "command",
            "display_name": name,
            "command": command,
            "code": "./code",
            "environment": f"azureml:{environment}",
            "is_deterministic": False,
            **declared,
        }
        return {"type": "command", "display_name": name, "component": component, **ports}

    written = {"data": {"type": "uri_folder", "path": _PLACE}}
    read = {"data": {"type": "uri_folder", "path": "${{parent.jobs.write.outputs.data}}"}}
    return {
        "type": "pipeline",
        "display_name": "Assumptions of kedro-azureml",
        "tags": {PROBE_TAG: PROBE_TEXT},
        "settings": {"default_compute": f"azureml:{compute}"},
        "jobs": {
            "write": step("write", _WRITE, outputs=written),
            "read": step("read", _READ, inputs=read),
        },
    }
