"""Find out what a step of a submitted job has read, and download it once."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from kedro_azureml_datasets import KedroAzureMLError, LocalVersions
from kedro_azureml_datasets.azure_ml.downloading.download import download_files
from kedro_azureml_datasets.azure_ml.errors import NoDataError, NotFoundError
from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion

from kedro_azureml_cli.azure_ml.jobs.states import COMPLETED
from kedro_azureml_cli.jobs.remote.outputs import OverwrittenError, locate_output

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_azureml_datasets.azure_ml.downloading.together import Shared
    from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace

    from kedro_azureml_cli.azure_ml.jobs.document import JobDocument
    from kedro_azureml_cli.azure_ml.jobs.states import JobState

_OF_STEP = re.compile(r"\$\{\{parent\.jobs\.(\w+)\.outputs\.(\w+)\}\}")
_OF_JOB = re.compile(r"\$\{\{parent\.inputs\.([\w.]+)\}\}")
_ASSET_ID = re.compile(r".*/data/([^/]+)/versions/([^/]+)/?", re.IGNORECASE)
_ASSET = re.compile(r"(?:azureml:)?([^:/@]+)(?::([^:/@]+)|@([^:/@]+))")
_LITERALS = ("string", "number", "integer", "boolean")


class UnreadableInputError(KedroAzureMLError):
    """What a step has read cannot be had."""

    blame = "user"


@dataclass(frozen=True)
class Literal:
    """An input that is a text or a number.

    Args:
        value: It.
    """

    value: Any


@dataclass(frozen=True)
class FromStep:
    """An input that another step of the same job has written.

    Args:
        step: Name of that step.
        port: Name of its output.
        binding: It, as the job has it.
    """

    step: str
    port: str
    binding: str


@dataclass(frozen=True)
class Remote:
    """Data in the storage of the workspace, or one of its assets.

    Args:
        path: Where it is, as the job has it: a URI, or an asset with its version.
        kind: `uri_folder` or `uri_file`.
    """

    path: str
    kind: str


def resolve_inputs(
    step: str, document: JobDocument, kinds: Mapping[str, str]
) -> dict[str, Literal | FromStep | Remote]:
    """Return what each input of a step stands for.

    Args:
        step: Name of the step.
        document: What the job was made of.
        kinds: Input port of the step to its type, as its component says.

    Raises:
        UnreadableInputError: An input is of a kind that is not known here.
    """
    return {
        port: _resolve(step, port, path, kinds.get(port) or "uri_folder", document)
        for port, path in document.bindings(step).items()
    }


def _resolve(
    step: str, port: str, path: Any, kind: str, document: JobDocument
) -> Literal | FromStep | Remote:
    of_step = _OF_STEP.fullmatch(str(path))
    if of_step is not None:
        return FromStep(of_step.group(1), of_step.group(2), str(path))
    of_job = _OF_JOB.fullmatch(str(path))
    if of_job is not None:
        if of_job.group(1) not in document.inputs:
            raise UnreadableInputError(
                f"The input '{port}' of the step '{step}' is the job's input '{of_job.group(1)}', "
                "which the job does not have."
            )
        value = document.inputs[of_job.group(1)]
        path = value.get("path") if isinstance(value, dict) else value
        if isinstance(value, dict) and value.get("type"):
            kind = str(value["type"])
    if kind in _LITERALS:
        return Literal(path)
    if kind not in {"uri_folder", "uri_file"}:
        raise UnreadableInputError(
            f"The input '{port}' of the step '{step}' is of the type '{kind}', which cannot be "
            "downloaded; uri_folder and uri_file can."
        )
    return Remote(str(path), kind)


class DataCache:
    """Data of a submitted job on this machine; what is here is not downloaded again.

    Args:
        storage: What reads the data of the workspace.
        folder: Where it is kept.
        document: What the job was made of.
        state: The job with its steps.
    """

    def __init__(
        self, storage: AzureWorkspace, folder: Path, document: JobDocument, state: JobState
    ) -> None:
        self._storage = storage
        self._folder = folder
        self._document = document
        self._runs = {step.step: step for step in state.steps}

    def locate(self, what: FromStep | Remote, kind: str) -> RegisteredVersion:
        """Find out where data lies.

        Args:
            what: The data.
            kind: `uri_folder` or `uri_file`.

        Raises:
            UnreadableInputError: The step that writes it has not completed.
            AzureMLDatasetError: The workspace has no such asset.
        """
        if isinstance(what, FromStep):
            run = self._runs.get(what.step)
            if run is None or what.step not in self._document.steps:
                raise UnreadableInputError(
                    f"The job has no run of the step '{what.step}', which writes '{what.port}'."
                )
            if run.status != COMPLETED:
                raise UnreadableInputError(
                    f"'{what.port}' is not available: the step '{run.display_name}', which writes "
                    f"it, is {run.status}."
                )
            try:
                return locate_output(self._storage, self._document, run, what.port, kind)
            except OverwrittenError as error:
                raise UnreadableInputError(error.message) from error
        if re.match(r"azureml://|https?://|wasbs?://|abfss?://", what.path):
            digest = sha256(what.path.encode()).hexdigest()[:12]
            return RegisteredVersion("address", digest, what.kind, what.path)
        found = _ASSET_ID.fullmatch(what.path) or _ASSET.fullmatch(what.path)
        if found is None:
            raise UnreadableInputError(
                f"'{what.path}' is not data that can be downloaded: it is no URI and no asset."
            )
        name, version = found.group(1), found.group(2)
        if version is None:
            return self._storage.latest(name)
        return self._storage.version(name, version)

    def size_bytes(self, located: RegisteredVersion) -> int:
        """Return how much is to be downloaded; 0 for what is here."""
        if self._place(located).exists():
            return 0
        with suppress(NotFoundError):  # which is said when it is fetched
            return sum(file.size_bytes for file in self._storage.files(located).list())
        return 0

    def fetch(self, located: RegisteredVersion, what: str, shared: Shared | None = None) -> Path:
        """Download data, whole or not at all, and return the file or folder.

        Args:
            located: Where it lies: `locate`.
            what: What it is, for people.
            shared: What it has in common with others that are downloaded at the same time.

        Raises:
            UnreadableInputError: There is nothing.
            AzureMLDatasetError: It could not be had.
        """
        place = self._place(located)
        if not place.exists():
            versions = self._versions(located)
            try:
                remote = self._storage.files(located)
                download_files(versions, located.version, remote, what, shared=shared)
            except NoDataError as error:
                raise UnreadableInputError(
                    f"{what}: there is nothing at '{located.uri}'."
                ) from error
        return place

    def _versions(self, located: RegisteredVersion) -> LocalVersions:
        file = PurePath(_file_name(located)) if located.kind == "uri_file" else None
        return LocalVersions(located.asset, self._folder / located.asset, file)

    def _place(self, located: RegisteredVersion) -> Path:
        folder = self._versions(located).folder_of(located.version)
        return folder / _file_name(located) if located.kind == "uri_file" else folder


def find_followers(document: JobDocument, step: str) -> list[str]:
    """Return a step and all steps that wait for it, in the order of the job.

    Args:
        document: What the job was made of.
        step: Name of the step.
    """
    found: set[str] = {step}
    grown = True
    while grown:
        more = {
            name
            for name, content in document.steps.items()
            if name not in found and _producers(content) & found
        }
        found |= more
        grown = bool(more)
    return [name for name in document.steps if name in found]


def _producers(content: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for value in (content.get("inputs") or {}).values():
        path = value.get("path") if isinstance(value, dict) else value
        match = _OF_STEP.fullmatch(str(path))
        if match is not None:
            found.add(match.group(1))
    return found


def _file_name(located: RegisteredVersion) -> str:
    name = located.uri.partition("?")[0].rstrip("/").rpartition("/")[2]
    return "data" if name in {"", ".", ".."} else name
