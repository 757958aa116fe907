"""Measure what a local asset adds to loading its nested dataset directly.

Prints microseconds (medians of paired loads) and the number of stat calls, for a pinned asset. It
needs no Azure: a load that asked for it would fail.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from kedro.io import AbstractDataset
from kedro_azureml_datasets import AzureMLAssetDataset

PAIRS = 5000


class FileDataset(AbstractDataset[bytes, bytes]):
    """A dataset that only reads a file."""

    built = 0

    def __init__(self, filepath: str) -> None:
        type(self).built += 1
        self._file = filepath

    def load(self) -> bytes:
        """Read the file."""
        with open(self._file, "rb") as stream:  # noqa: PTH123  (the fastest there is)
            return stream.read()

    def save(self, data: bytes) -> None:
        """Do nothing: the benchmark only loads."""

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file}


def seconds(load: Callable[[], object]) -> float:
    """Time one call."""
    started = time.perf_counter()
    load()
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    os.environ["HTTPS_PROXY"] = "http://127.0.0.1:1"
    folder = Path(tempfile.mkdtemp())
    file = folder / "penguins/1/p.bin"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x" * 1000)
    (folder / "penguins/local").mkdir()
    nested = {"type": FileDataset, "filepath": "p.bin"}
    asset = AzureMLAssetDataset("penguins", nested, root_dir=str(folder), azureml_version="1")
    direct = FileDataset(str(file))
    os.utime(file.parent)
    asset.load()
    built = FileDataset.built
    with patch("os.stat", wraps=os.stat) as stat:
        asset.load()
    pairs = [(seconds(direct.load), seconds(asset.load)) for _ in range(PAIRS)]
    added = statistics.median(wrapped - plain for plain, wrapped in pairs)
    plain, wrapped = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"direct {plain * 1e6:7.1f} us, as an asset {wrapped * 1e6:7.1f} us")
    print(f"added  {added * 1e6:7.1f} us (target: at most 50)")
    print(f"stat calls of one load: {stat.call_count} (target: at most 2)")
    print(f"nested datasets built while loading {PAIRS} times: {FileDataset.built - built}")


if __name__ == "__main__":
    main()
