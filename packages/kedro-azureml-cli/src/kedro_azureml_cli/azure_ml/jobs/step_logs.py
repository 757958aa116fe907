"""Read what the steps of a job have printed, from the datastore in which Azure ML keeps it."""

from __future__ import annotations

import codecs
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kedro_azureml_datasets.azure_ml.registered_assets import RemoteFile
    from kedro_azureml_datasets.azure_ml.storage import RemoteFiles
    from kedro_azureml_datasets.azure_ml.workspace import AzureWorkspace

_DATASTORE = "workspaceartifactstore"
_FOLDER = "ExperimentRun"
_USER_LOGS = "user_logs"
_END_BYTES = 64 * 1024


class StepLogs:
    """The logs of runs in a workspace.

    Each step writes `user_logs/std_log.txt`, a distributed one a file for each of its processes.

    Args:
        storage: What reads the data of the workspace.
    """

    def __init__(self, storage: AzureWorkspace) -> None:
        self._storage = storage
        self._opened: RemoteFiles | None = None

    def files(self, run_id: str) -> list[RemoteFile]:
        """List the files of a run's log, by name; empty where it has printed nothing.

        Args:
            run_id: Name of the step's own run.

        Raises:
            AzureMLDatasetError: They cannot be read.
        """
        return sorted(self._below(run_id).list(), key=lambda file: file.name)

    def read(self, run_id: str) -> dict[str, str]:
        """Read the log of a run.

        Args:
            run_id: Name of the step's own run.

        Returns:
            Name of a file to what it holds.

        Raises:
            AzureMLDatasetError: It cannot be read.
        """
        files = self._below(run_id)
        return {file.name: _text(files.read(file)) for file in self.files(run_id)}

    def read_ends(self, run_id: str) -> list[str]:
        """Read the first and the last part of each file of a run's log, however long it is.

        Args:
            run_id: Name of the step's own run.

        Raises:
            AzureMLDatasetError: It cannot be read.
        """
        files = self._below(run_id)
        parts = []
        for file in self.files(run_id):
            first = min(file.size_bytes, _END_BYTES)
            rest = max(first, file.size_bytes - _END_BYTES)
            parts.append(_text(files.read(replace(file, size_bytes=first))))
            parts.append(_text(files.read(file, rest)))
        return parts

    def follow(self, run_id: str) -> FollowedLog:
        """Return a reader of a log while it is written.

        Args:
            run_id: Name of the step's own run.
        """
        return FollowedLog(self, run_id)

    def _below(self, run_id: str) -> RemoteFiles:
        if self._opened is None:
            # Two requests, once for all runs.
            self._opened = self._storage.folder(_DATASTORE, _FOLDER)
        return self._opened.below(f"dcid.{run_id}/{_USER_LOGS}")


class FollowedLog:
    """The log of one run, read piece by piece.

    Args:
        logs: The logs.
        run_id: Name of the step's own run.
    """

    def __init__(self, logs: StepLogs, run_id: str) -> None:
        self._logs = logs
        self._run_id = run_id
        self._seen: dict[str, int] = {}
        self._decoders: dict[str, codecs.IncrementalDecoder] = {}

    def new(self) -> dict[str, str]:
        """Read what has been written since the last call.

        Returns:
            Name of a file to what is new in it.

        Raises:
            AzureMLDatasetError: It cannot be read; the next call gives what is missing.
        """
        pieces = {}
        files = self._logs._below(self._run_id)
        for file in self._logs.files(self._run_id):
            decoder = self._decoders.setdefault(
                file.name, codecs.getincrementaldecoder("utf-8")("replace")
            )
            data = files.read(file, self._seen.get(file.name, 0))
            self._seen[file.name] = self._seen.get(file.name, 0) + len(data)
            text = decoder.decode(data)
            if text:
                pieces[file.name] = text
        return pieces


def take_last_lines(text: str, number: int) -> list[str]:
    r"""Return the last lines of a log.

    Args:
        text: The log.
        number: How many, at least 1.

    Example:
        >>> take_last_lines("one\ntwo\nthree\n", 2)
        ['two', 'three']
    """
    return split_lines(text)[-number:]


def split_lines(text: str) -> list[str]:
    """Split a log into its lines, and nowhere else: progress bars have other ends.

    Args:
        text: The log.
    """
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
