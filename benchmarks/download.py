"""Measure downloads against azure-storage-blob alone: large files and many small ones.

Azurite, Microsoft's emulator of blob storage, serves them on this machine. Both ways go through the
same proxy to the same blobs; each run is a process of its own, and its time is that of the
transfer, without imports and signing in. Ours waits until all is on the disk, so the SDK alone is
measured with that (`os.fsync`) and without. What is downloaded lies in the folder for temporary
files, one copy at a time: 10 GiB of the disk. Needs npm.

    python benchmarks/download.py
    python benchmarks/download.py --gib 20 --rounds 5   # takes half an hour and 20 GiB of the disk
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from recording.environments import enter
from recording.loopback import start_azure
from recording.results import Measurement, main
from recording.turns import run_python, take_turns

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from azure_loopback.loopback import AzureLoopback

AREA = "Downloading"
OURS, SDK, SYNCED = "kedro azureml", "the SDK alone", "the SDK alone, with fsync"
GIB = 1024**3
LARGE_GIB, SMALL = (10.0, 1.0, 0.1), 2000
"""What fits into the memory is written to it by the SDK alone, and to the disk by us."""
MOST_ROUNDS = 7
"""A round moves some 33 GiB."""

PEAK = """
import os, sys, time
from pathlib import Path

def tell(started):
    took = time.perf_counter() - started
    # Not getrusage: that counts the memory of the process from which this one was started.
    lines = open("/proc/self/status").read().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM")).split()[1]
    print(took, int(peak) // 1024)

folder, target = sys.argv[1], Path(sys.argv[2])
"""

OURS_CODE = (
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

SDK_CODE = (
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


def download(azure: AzureLoopback, code: str, folder: str, *args: str) -> tuple[float, float]:
    """Download a folder in a process of its own; return its seconds and its peak in MB."""
    with tempfile.TemporaryDirectory() as target:
        said = run_python(sys.executable, code, folder, target, *args, **azure.environ)
    seconds, peak = map(float, said.split())
    return seconds, peak


def measure(options: argparse.Namespace) -> list[Measurement]:
    """Upload what is to be downloaded, and download it in turn."""
    with start_azure() as (azure, _):
        return compare(azure, options.gib or LARGE_GIB, min(options.rounds, MOST_ROUNDS))


def compare(azure: AzureLoopback, sizes_gib: Sequence[float], rounds: int) -> list[Measurement]:
    """Return the times and peaks of all downloads."""
    from azure_loopback.azurite import KEY
    from azure_loopback.control_plane import WORKSPACE
    from azure_loopback.loopback import DATASTORE, GROUP, SUBSCRIPTION

    cases = {}
    for number, gib in enumerate(sizes_gib):
        cases[f"one file of {gib:g} GiB"] = f"large-{number}"
        blob = azure.container().get_blob_client(f"large-{number}/zeros.bin")
        blob.create_page_blob(round(gib * GIB) // 512 * 512)
    cases[f"{SMALL:,} files of 100 bytes"] = "many"
    with azure.container() as client, ThreadPoolExecutor(8) as pool:
        names = [f"many/{number % 100}/{number}.txt" for number in range(SMALL)]
        list(pool.map(lambda name: client.upload_blob(name, b"x" * 100), names))
    place = (azure.store, azure.container_name, KEY)
    workspace = (SUBSCRIPTION, GROUP, WORKSPACE, DATASTORE)
    measured = []
    for case, folder in cases.items():
        ways = {
            OURS: partial(download, azure, OURS_CODE, folder, *workspace),
            SDK: partial(download, azure, SDK_CODE, folder, *place, "plain"),
            SYNCED: partial(download, azure, SDK_CODE, folder, *place, "synced"),
        }
        taken: dict[str, Any] = take_turns(ways, rounds, warm=False)
        for place_of, unit in enumerate(("s", "MB at the peak")):
            samples = {way: [one[place_of] for one in found] for way, found in taken.items()}
            measured.append(Measurement(AREA, case, unit, samples))
    return measured


if __name__ == "__main__":
    enter("trustme>=1.1")
    main(measure, __doc__, gib=True)
