"""Find out where a step of a submitted job has left an output."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_datasets.azure_ml.errors import NotFoundError
from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion

if TYPE_CHECKING:
    from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace

    from kedro_azureml_cli.azure_ml.jobs.document import JobDocument
    from kedro_azureml_cli.azure_ml.jobs.states import StepState

_TOLERANCE_S = 60.0
"""So much later than the end of its step the clock of the storage may say that data was written."""


class OverwrittenError(KedroAzureMLError):
    """What lies where a step has left an output was written after the step had ended."""

    blame = "user"


def locate_output(
    storage: AzureWorkspace, document: JobDocument, run: StepState, port: str, kind: str
) -> RegisteredVersion:
    """Return where a step has left an output, under the name of its port and of its run.

    Where the job does not state the path, the places that Azure ML is known to use are searched.

    Args:
        storage: What reads the data of the workspace.
        document: What the job was made of.
        run: The step.
        port: Name of its output.
        kind: `uri_folder` or `uri_file`.

    Raises:
        OverwrittenError: It is at a fixed place, to which a later job has written.
        NotFoundError: It is in the default datastore, and the workspace has none.
        AzureMLError: The storage did not answer.
    """
    run_id = run.data_run_id
    places = [
        RegisteredVersion(port, run_id, kind, uri)
        for uri in document.places(run.step, port, run_id)
    ]
    if document.is_shared(run.step, port, run_id):
        _refuse_overwritten(storage, run, places[0])
    if len(places) > 1:
        for place in places:
            with suppress(NotFoundError):  # its container is gone, or its one blob
                if next(storage.files(place).list(), None) is not None:
                    return place
    return places[0]


def _refuse_overwritten(storage: AzureWorkspace, run: StepState, place: RegisteredVersion) -> None:
    if run.ended is None:
        return
    latest_s = run.ended.timestamp() + _TOLERANCE_S
    with suppress(NotFoundError):  # which is said when it is fetched
        for file in storage.files(place).list():
            if file.modified_at > latest_s:
                raise OverwrittenError(
                    f"'{place.asset}' is not available: what lies at '{place.uri}' was written "
                    f"after the step '{run.display_name}' had ended, as by a later job, since the "
                    "output has a fixed place in azureml.yml."
                )
