"""Measure a download of one large file against azure-storage-blob alone, and of 10,000 small ones.

Azurite, Microsoft's emulator of blob storage, serves them on this machine. Both ways go through the
same proxy to the same blob; each run is a process of its own, and its time is that of the transfer,
without imports and signing in. Ours waits until all is on the disk, so the SDK alone is measured
with that (`os.fsync`) and without. Prints the median of alternating runs, the ratios, and the peak
of the resident memory, for the large file also with a tenth of its size. What is downloaded lies in
the folder for temporary files, one copy at a time.

    python benchmarks/download.py
    python benchmarks/download.py --gib 20
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/support"))

from azure_loopback.azurite import KEY
from azure_loopback.control_plane import WORKSPACE
from azure_loopback.loopback import (
    DATASTORE,
    GROUP,
    SUBSCRIPTION,
    AzureLoopback,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

FILES = 10_000
GIB = 1024**3

PEAK = """
import os, sys, time
from pathlib import Path

def tell(started):
    took = time.perf_counter() - started
    # Not getrusage: that counts the memory of the process from which this one was started.
    lines = open("/proc/self/status").read().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM")).split()[1]
    print("TOOK", took, int(peak) // 1024)

folder, target = sys.argv[1], Path(sys.argv[2])
"""

OURS = (
    PEAK
    + """
from kedro_azureml_cli.azure_ml.connection import connect, open_storage
from kedro_azureml_compiler import Workspace
from kedro_azureml_datasets import LocalVersions
from kedro_azureml_datasets.azure_ml.downloading.download import download_files
from kedro_azureml_datasets.azure_ml.registered_assets import RegisteredVersion

workspace = Workspace(subscription_id=sys.argv[3], resource_group=sys.argv[4], name=sys.argv[5])
storage = open_storage(connect(workspace), workspace)
uri = f"azureml://datastores/{sys.argv[6]}/paths/{folder}/"
files = storage.files(RegisteredVersion("asset", "1", "uri_folder", uri))
started = time.perf_counter()
download_files(LocalVersions("asset", target, None), "1", files, "The asset")
tell(started)
"""
)

SDK = (
    PEAK
    + """
from concurrent.futures import ThreadPoolExecutor
from azure.storage.blob import ContainerClient

container = ContainerClient(sys.argv[3], sys.argv[4], credential=sys.argv[5])

def fetch(blob):
    file = target / blob.name
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        container.download_blob(blob.name, max_concurrency=4).readinto(stream)
        if sys.argv[6] == "synced":
            stream.flush()
            os.fsync(stream.fileno())

started = time.perf_counter()
with ThreadPoolExecutor(8) as pool:
    list(pool.map(fetch, container.list_blobs(name_starts_with=f"{folder}/")))
tell(started)
"""
)


def run(azure: AzureLoopback, code: str, folder: str, *args: str) -> tuple[float, int]:
    """Download a folder in a process of its own; return its seconds and its peak in MB."""
    with tempfile.TemporaryDirectory() as target:
        done = subprocess.run(
            [sys.executable, "-c", code, folder, target, *args],
            env={**os.environ, **azure.environ, "KEDRO_DISABLE_TELEMETRY": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    line = done.stdout.splitlines()[-1] if done.stdout else ""
    if not line.startswith("TOOK"):
        raise SystemExit(done.stdout + done.stderr)
    _, seconds, peak = line.split()
    return float(seconds), int(peak)


def measure(azure: AzureLoopback, folder: str, runs: int) -> list[tuple[float, int]]:
    """Return the medians of ours, of the SDK alone, and of it with fsync; the runs take turns."""
    ours, plain, synced = [], [], []
    place = (azure.store, azure.container_name, KEY)
    for _ in range(runs):
        ours.append(run(azure, OURS, folder, SUBSCRIPTION, GROUP, WORKSPACE, DATASTORE))
        plain.append(run(azure, SDK, folder, *place, "plain"))
        synced.append(run(azure, SDK, folder, *place, "synced"))
    return [_median(ours), _median(plain), _median(synced)]


def _median(figures: Sequence[tuple[float, int]]) -> tuple[float, int]:
    return median(took for took, _ in figures), int(median(peak for _, peak in figures))


def main() -> None:
    """Measure, and print a line for each download."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--gib", type=float, default=2, help="size of the large file")
    options.add_argument("--runs", type=int, default=5, help="how often each is measured")
    options.add_argument("--files", type=int, default=FILES, help="how many small files")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        azure = AzureLoopback(Path(folder))
        try:
            large = int(given.gib * GIB) // 512 * 512
            for name, size in (("large", large), ("tenth", large // 10 // 512 * 512)):
                azure.container().get_blob_client(f"{name}/zeros.bin").create_page_blob(size)
            with azure.container() as client, ThreadPoolExecutor(8) as pool:
                names = [f"many/{number % 100}/{number}.txt" for number in range(given.files)]
                list(pool.map(lambda name: client.upload_blob(name, b"x" * 100), names))
            print(f"{'':32}{'ours':>18}{'SDK alone':>18}{'ratio':>7}{'SDK, fsync':>18}{'ratio':>7}")
            for what, name in (
                (f"one file of {given.gib:g} GiB", "large"),
                (f"one file of {given.gib / 10:g} GiB", "tenth"),
                (f"{given.files:,} files of 100 bytes", "many"),
            ):
                (ours_s, ours_mb), *others = measure(azure, name, given.runs)
                line = f"{what:32}{ours_s:9.1f} s {ours_mb:4} MB"
                for took_s, peak_mb in others:
                    line += f"{took_s:9.1f} s {peak_mb:4} MB{took_s / ours_s:7.2f}"
                print(line, flush=True)
        finally:
            azure.stop()


if __name__ == "__main__":
    main()
