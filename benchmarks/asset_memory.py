"""Measure the memory and time of a download: 10,000 small files, and one file of 2 GiB.

Azurite, Microsoft's emulator of blob storage, serves them on this machine. Prints the downloading
process's peak resident memory, and its memory before.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from azure_loopback.loopback import AzureLoopback  # noqa: E402  (found on the line above)
from azure_loopback.project import LOAD  # noqa: E402  (as well)

FILES = 10_000
LARGE_BYTES = 2 * 1024**3

MEASURED = """
def peak_mb():
    # Not getrusage: that counts the memory of the process from which this one was started.
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024

from azure.ai.ml import MLClient
before = peak_mb()
{load}
print("PEAK", before, peak_mb())
"""


def download(azure: AzureLoopback, asset: str) -> str:
    """Download an asset in its own process, and return what it took."""
    project = Path(tempfile.mkdtemp())
    (project / "conf/base").mkdir(parents=True)
    (project / "conf/local").mkdir()
    (project / "conf/base/azureml.yml").write_text(azure.settings)
    arguments = {
        "azureml_dataset": asset,
        "azureml_version": "1",
        "dataset": {"type": "text.TextDataset", "filepath": "p.txt"},
    }
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED.format(load=LOAD), str(project), json.dumps(arguments)],
        cwd=project,
        env={**os.environ, **azure.environ, "KEDRO_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    took_s = time.monotonic() - started
    line = done.stdout.splitlines()[-1] if done.stdout else ""
    if not line.startswith("PEAK"):
        raise SystemExit(done.stdout + done.stderr)
    _, before, peak = line.split()
    return f"{peak} MB (of them {before} before, for the imports), {took_s:.0f} s"


def main() -> None:
    """Measure and print; the target is at most 300 MB."""
    azure = AzureLoopback(Path(tempfile.mkdtemp()))
    try:
        azure.register("many", "1", {"p.txt": b"p"})
        with azure.container() as client, ThreadPoolExecutor(8) as pool:
            names = [f"many/1/{number % 100}/{number}.txt" for number in range(FILES - 1)]
            list(pool.map(lambda name: client.upload_blob(name, b"x" * 100), names))
        print(f"{FILES} files: {download(azure, 'many')}")
        azure.register("large", "1", {"p.txt": b"p"})
        azure.container().get_blob_client("large/1/zeros.bin").create_page_blob(LARGE_BYTES)
        print(f"one file of {LARGE_BYTES // 1024**3} GiB: {download(azure, 'large')}")
    finally:
        azure.stop()


if __name__ == "__main__":
    main()
