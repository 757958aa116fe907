"""What the steps of submitted jobs have stored, looked up only where it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_datasets.azure_ml.errors import NotFoundError
from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion

from kedro_azureml_cli.azure_ml.jobs.registered_outputs import find_version_of_run

if TYPE_CHECKING:
    from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace

    from kedro_azureml_cli.azure_ml.connection import Client
    from kedro_azureml_cli.azure_ml.jobs.remote_job import RemoteJob


class StoredOutput(NamedTuple):
    """An output of a step that completed.

    Args:
        job: The job.
        step: Name of the step in the job.
        port: Name of the output.
        kind: `uri_folder` or `uri_file`.
        run_id: Name of the run that has left it: another one's, if it was reused.
    """

    job: RemoteJob
    step: str
    port: str
    kind: str
    run_id: str


class StoredData(Mapping[str, str]):
    """Datasets to the addresses at which a step can read them.

    A dataset is in it if its data is there now. The first look at each one asks the workspace.

    Args:
        client: The client of the workspace.
        storage: What reads the data of the workspace.
        outputs: Dataset to the output that has stored it.
    """

    def __init__(
        self, client: Client, storage: AzureWorkspace, outputs: Mapping[str, StoredOutput]
    ) -> None:
        self._client = client
        self._storage = storage
        self._outputs = outputs
        self._known: dict[str, str | None] = {}

    def __getitem__(self, dataset: str) -> str:
        if dataset not in self._known:
            self._known[dataset] = self._find(self._outputs[dataset])
        address = self._known[dataset]
        if address is None:
            raise KeyError(dataset)
        return address

    def __iter__(self) -> Iterator[str]:
        return (dataset for dataset in self._outputs if dataset in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _find(self, output: StoredOutput) -> str | None:
        if output.job.document.is_shared(output.step, output.port, output.run_id):
            return None
        asset = _describe(output).get("name")
        if asset:
            version = find_version_of_run(self._client, str(asset), output.run_id)
            if version is not None and self._holds_data(version):
                return f"azureml:{asset}:{version.version}"
        uri = output.job.place(output.step, output.port)
        place = RegisteredVersion(output.port, output.run_id, output.kind, uri)
        return uri if self._holds_data(place) else None

    def _holds_data(self, place: RegisteredVersion) -> bool:
        """Check whether there is a file: Azure ML mounts no empty folder."""
        try:
            return next(iter(self._storage.files(place).list()), None) is not None
        except NotFoundError:
            return False


def list_addresses(client: Client, output: StoredOutput) -> list[str]:
    """Return the addresses at which a later job may read an output, whether it is there or not.

    Args:
        client: The client of the workspace.
        output: The output.

    Raises:
        AzureMLError: Azure ML did not answer.
    """
    addresses = [output.job.place(output.step, output.port)]
    asset = _describe(output).get("name")
    if asset:
        version = find_version_of_run(client, str(asset), output.run_id)
        if version is not None:
            addresses.append(f"azureml:{asset}:{version.version}")
    return addresses


def _describe(output: StoredOutput) -> Mapping[str, object]:
    described = (output.job.document.steps[output.step].get("outputs") or {}).get(output.port)
    return described if isinstance(described, dict) else {}
