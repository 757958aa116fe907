"""Measure how long loading an unpinned asset takes to fail without a local copy and without Azure.

Prints the seconds from `load` to the error; the target without a network is at most 5.
"""

import os
import socket
import sys
import tempfile
import time
from pathlib import Path

from kedro.config import OmegaConfigLoader
from kedro_azureml_datasets import AzureMLAssetDataset, AzureMLDatasetError
from kedro_azureml_datasets.azure_ml.settings import remember_session_settings

SETTINGS = "workspace: {__default__: {subscription_id: s, resource_group: r, name: w}}\n"
NESTED = {"type": "text.TextDataset", "filepath": "p.txt"}


def seconds_to_fail(what: str, proxy: str) -> None:
    """Load, and print how long the error took."""
    os.environ["HTTPS_PROXY"] = os.environ["HTTP_PROXY"] = proxy
    started = time.monotonic()
    try:
        AzureMLAssetDataset("penguins", NESTED).load()
    except AzureMLDatasetError as error:
        print(f"{what}: {time.monotonic() - started:.1f} s, {error.message[-90:]}")
    else:
        sys.exit("it was loaded")


def main() -> None:
    """Measure and print."""
    project = Path(tempfile.mkdtemp())
    for folder in ("base", "local"):
        (project / "conf" / folder).mkdir(parents=True)
    (project / "conf/base/azureml.yml").write_text(SETTINGS)
    os.chdir(project)
    for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET"):
        os.environ[f"AZURE_{name}"] = "11111111-1111-1111-1111-111111111111"
    remember_session_settings(OmegaConfigLoader("conf", base_env="base", default_run_env="local"))
    seconds_to_fail("no network", "http://127.0.0.1:1")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never answers
        port = silent.getsockname()[1]
        seconds_to_fail("a proxy that never answers", f"http://127.0.0.1:{port}")


if __name__ == "__main__":
    main()
