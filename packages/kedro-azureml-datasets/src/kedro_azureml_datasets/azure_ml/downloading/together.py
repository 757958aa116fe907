"""Make several downloads at the same time: what each waits for is mostly the network's answer."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kedro_azureml_datasets.azure_ml.downloading.download_progress import (
    DownloadProgress,
    show_progress,
)
from kedro_azureml_datasets.azure_ml.thread_pools import open_pool, wait_for_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_AT_ONCE = 8

T = TypeVar("T")


class Shared(NamedTuple):
    """What downloads have in common that are made at the same time.

    Args:
        progress: The display of all.
        stop: Set when one has failed, so that the others end.
    """

    progress: DownloadProgress
    stop: threading.Event


def download_together(what: str, downloads: Sequence[Callable[[Shared], T]]) -> list[T]:
    """Make several downloads at the same time.

    Args:
        what: What they are together, for people.
        downloads: The downloads, each a function that hands on what they have in common.

    Returns:
        What they return, in their order.

    Raises:
        AzureMLDatasetError: One has failed; the others have ended.
        KeyboardInterrupt: The others end as soon as they hear of it.
    """
    if not downloads:
        return []
    stop = threading.Event()
    with show_progress(what, 0, 0) as progress, open_pool(_AT_ONCE) as pool:
        shared = Shared(progress, stop)
        futures = [pool.submit(download, shared) for download in downloads]
        try:
            wait_for_all(futures)
            _raise_first(futures)
        except BaseException:
            stop.set()
            for future in futures:
                future.cancel()
            raise
    return [future.result() for future in futures]


def _raise_first(futures: Sequence[Future[T]]) -> None:
    for future in futures:
        error = future.exception() if future.done() else None
        if error is not None:
            raise error
