"""Read the blobs of a data asset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kedro_azureml_datasets.azure_ml.registered_assets import RemoteFile
from kedro_azureml_datasets.azure_ml.sdk_errors import (
    translate_sdk_errors,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from azure.storage.blob import ContainerClient


_CHUNK_BYTES = 4 * 1024**2

STORAGE_OPTIONS: dict[str, Any] = {
    # Storage that is dead is reported within 30 seconds: after three connections that fail, with
    # pauses of some 1 and 3 seconds, or after two requests that nobody answers.
    "connection_timeout": 5,
    "read_timeout": 15,
    "retry_total": 3,
    "retry_connect": 2,
    "retry_read": 1,
    "initial_backoff": 1,  # its own would be 15 seconds
    "increment_base": 2,
    "random_jitter_range": 1,
    # The first request of a blob would bring 32 MiB into memory, for each of several files.
    "max_single_get_size": _CHUNK_BYTES,
    "max_chunk_get_size": _CHUNK_BYTES,
}
"""Options of the SDK's clients of storage."""

_CONNECTIONS_PER_BLOB = 4


class RemoteFiles:
    """The blobs of one version of a data asset.

    Args:
        container: The container that holds them.
        path: Where in it.
        is_file: Whether the path is that of one blob.
    """

    def __init__(self, container: ContainerClient, path: str, is_file: bool) -> None:
        self._container = container
        self._path = path
        self._is_file = is_file
        self._host = str(urlsplit(container.url).hostname or "")

    def list(self) -> Iterator[RemoteFile]:
        """List them, without the markers that a data lake has for its folders."""
        with translate_sdk_errors("reading the data of the asset", host=self._host):
            if self._is_file:
                blob = self._container.get_blob_client(self._path).get_blob_properties()
                yield _remote_file(blob, self._path.rpartition("/")[2])
                return
            prefix = f"{self._path}/" if self._path else ""
            for blob in self._container.list_blobs(
                name_starts_with=prefix, include=["metadata"], results_per_page=1000
            ):
                name = blob.name[len(prefix) :]
                is_marker = (blob.metadata or {}).get("hdi_isfolder") == "true"
                if not is_marker and name and not (name.endswith("/") and not blob.size):
                    yield _remote_file(blob, name)

    def fetch(self, file: RemoteFile, target: Path, advance: Callable[[int], None]) -> None:
        """Write one of them to a file.

        Args:
            file: Which.
            target: The file to write; replaced where it exists.
            advance: Called with the number of bytes that have come since the last call.
        """
        seen = 0

        def progressed(current: int, _total: int | None) -> None:
            nonlocal seen
            advance(current - seen)
            seen = current

        with (
            translate_sdk_errors(f"reading the blob '{file.blob}'", host=self._host),
            target.open("wb") as stream,
        ):
            downloader = self._container.download_blob(
                file.blob,
                max_concurrency=_CONNECTIONS_PER_BLOB if file.size_bytes > 4 * _CHUNK_BYTES else 1,
                progress_hook=progressed,
            )
            downloader.readinto(stream)

    def below(self, path: str) -> RemoteFiles:
        """Return the blobs of a folder in it.

        Args:
            path: The folder, relative.
        """
        return RemoteFiles(self._container, f"{self._path}/{path}".strip("/"), False)

    def read(self, file: RemoteFile, start_byte: int = 0) -> bytes:
        """Return the content of a blob from a byte on; the size that was listed is the end.

        Args:
            file: Which.
            start_byte: Where to start.
        """
        length = file.size_bytes - start_byte
        if length <= 0:
            return b""
        with translate_sdk_errors(f"reading the blob '{file.blob}'", host=self._host):
            return self._container.download_blob(file.blob, start_byte, length).readall()


def _remote_file(blob: Any, name: str) -> RemoteFile:
    return RemoteFile(name, blob.name, int(blob.size), blob.last_modified.timestamp())
