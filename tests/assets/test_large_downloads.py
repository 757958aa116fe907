"""Downloads of 10,000 small files and of 2 GiB: all arrives, and the memory does not grow."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from azure_loopback.project import LOAD
from stress import FACTOR

pytestmark = pytest.mark.stress

GIB = round(1024**3 * min(1.0, FACTOR))
FILES = round(10_000 * min(1.0, FACTOR))

MEASURED = (
    "import signal; signal.alarm(0)\n"  # no test of minutes has the time limit of the others
    + LOAD
    + """
# Not getrusage: that counts the memory of the process from which this one was started.
lines = open("/proc/self/status").read().splitlines()
print("PEAK", next(line for line in lines if line.startswith("VmHWM")).split()[1])
"""
)


def download(shop, asset):
    """Load an asset, which downloads it; return the peak of the process's memory in MB."""
    arguments = {
        "azureml_dataset": asset,
        "azureml_version": "1",
        "dataset": {"type": "text.TextDataset", "filepath": "p.txt"},
    }
    done = shop.start(MEASURED, json.dumps(arguments)).wait()
    assert done.returncode == 0, done.output
    return int(done.output.rpartition("PEAK ")[2]) / 1024


def test_two_gibibytes_take_the_memory_of_a_tenth(shop, azure):
    peaks = []
    for asset, size in (("tenth", GIB // 5), ("large", 2 * GIB)):
        azure.register(asset, "1", {"p.txt": b"p"})
        blob = azure.container().get_blob_client(f"{asset}/1/zeros.bin")
        blob.create_page_blob(size // 512 * 512)
        peaks.append(download(shop, asset))
        folder = shop.folder / f"data/{asset}/1"
        assert (folder / "zeros.bin").stat().st_size == size // 512 * 512
        shutil.rmtree(folder)
    assert peaks[1] <= 1.1 * peaks[0], peaks


def test_ten_thousand_small_files_arrive(shop, azure):
    azure.register("many", "1", {"p.txt": b"p"})
    names = [f"{number % 100}/{number}.txt" for number in range(FILES - 1)]
    with azure.container() as client, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: client.upload_blob(f"many/1/{name}", name.encode()), names))
    assert download(shop, "many") < 400
    folder = shop.folder / "data/many/1"
    assert {name: (folder / name).read_text() for name in names} == {name: name for name in names}
