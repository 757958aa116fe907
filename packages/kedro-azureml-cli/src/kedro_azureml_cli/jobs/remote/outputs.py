"""Find out where a step of a submitted job has left an output."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from kedro_azureml_datasets.azure_ml.errors import NotFoundError
from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion

if TYPE_CHECKING:
    from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace

    from kedro_azureml_cli.azure_ml.jobs.document import JobDocument


def locate_output(
    storage: AzureWorkspace, document: JobDocument, step: str, port: str, run_id: str, kind: str
) -> RegisteredVersion:
    """Return where a step has left an output, under the name of its port and of its run.

    Where the job does not state the path, the places that Azure ML is known to use are searched.

    Args:
        storage: What reads the data of the workspace.
        document: What the job was made of.
        step: Name of the step.
        port: Name of its output.
        run_id: Name of the run that has left it: `StepState.data_run_id`.
        kind: `uri_folder` or `uri_file`.

    Raises:
        NotFoundError: It is in the default datastore, and the workspace has none.
        AzureMLError: The storage did not answer.
    """
    places = [
        RegisteredVersion(port, run_id, kind, uri) for uri in document.places(step, port, run_id)
    ]
    if len(places) > 1:
        for place in places:
            with suppress(NotFoundError):  # its container is gone, or its one blob
                if next(storage.files(place).list(), None) is not None:
                    return place
    return places[0]
