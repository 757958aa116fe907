"""Read a file at an https address outside Azure storage, with no credential."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kedro_azureml_datasets.azure_ml.errors import AssetStorageError
from kedro_azureml_datasets.azure_ml.locations import strip_query
from kedro_azureml_datasets.azure_ml.registered_assets import RemoteFile
from kedro_azureml_datasets.azure_ml.sdk_errors import translate_sdk_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_CHUNK_BYTES = 4 * 1024**2
_REDIRECTS = 5


class WebFile:
    """One file at an https address; what the address itself holds, such as a SAS, is all it sends.

    Args:
        url: The address.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._shown = strip_query(url)
        self._host = str(urlsplit(url).hostname or "")

    def list(self) -> Iterator[RemoteFile]:
        """Ask for the file's size.

        Yields:
            The file.

        Raises:
            AssetStorageError: The server does not state a size.
            AzureMLError: The server did not answer, or refused.
        """
        # Not HEAD: an address that is signed for reading allows nothing else.
        with self._opened() as answer:
            size = answer.headers.get("Content-Length")
            modified = answer.headers.get("Last-Modified")
        if size is None:
            raise AssetStorageError(
                f"The server of '{self._shown}' does not state the size of the file, so a complete "
                "download could not be told from one that broke off.",
                hint="Register the data in a storage account of Azure.",
            )
        try:
            modified_at = parsedate_to_datetime(modified).timestamp() if modified else 0.0
        except ValueError:
            modified_at = 0.0
        yield RemoteFile(self._shown.rpartition("/")[2], self._shown, int(size), modified_at)

    def fetch(self, file: RemoteFile, target: Path, advance: Callable[[int], None]) -> None:
        """Write the file.

        Args:
            file: The file.
            target: The file to write; replaced where it exists.
            advance: Called with the number of bytes that have come since the last call.
        """
        with (
            translate_sdk_errors(f"reading '{file.blob}'", host=self._host),
            self._opened() as answer,
            target.open("wb") as stream,
        ):
            for chunk in answer.iter_bytes():
                stream.write(chunk)
                advance(len(chunk))

    def _opened(self) -> Any:
        from azure.core import PipelineClient
        from azure.core.pipeline.policies import RedirectPolicy, RetryPolicy
        from azure.core.rest import HttpRequest

        # A pipeline of these policies alone: there is none that could add a credential.
        policies = [
            RedirectPolicy(redirect_max=_REDIRECTS),
            RetryPolicy(retry_total=3, retry_connect=2, retry_read=1, retry_backoff_factor=0.5),
        ]
        client: PipelineClient[Any, Any] = PipelineClient(
            self._shown, policies=policies, connection_data_block_size=_CHUNK_BYTES
        )
        # Without an encoding, the size that is stated is the size of the file.
        request = HttpRequest("GET", self._url, headers={"Accept-Encoding": "identity"})
        with translate_sdk_errors(f"reading '{self._shown}'", host=self._host):
            answer = client.send_request(
                request, stream=True, connection_timeout=5, read_timeout=15
            )
            answer.raise_for_status()
        return answer
