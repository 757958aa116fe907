"""What tests ask for: a workspace, and a project whose assets come from there.

The servers' own needs (`trustme`, the SDK) are imported when a test asks first.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from azure_loopback.loopback import AzureLoopback
    from azure_loopback.processes import ForkServer
    from azure_loopback.project import AssetProject


@functools.cache
def running() -> AzureLoopback:
    """The servers of this process of pytest; started once."""
    from azure_loopback.loopback import AzureLoopback

    folder = Path(tempfile.mkdtemp(prefix="azure-loopback-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    started = AzureLoopback(folder)
    atexit.register(started.stop)
    return started


@functools.cache
def fork_server() -> ForkServer:
    """The process from which the tests' processes are forked; started once."""
    from azure_loopback.processes import ForkServer

    server = ForkServer()
    atexit.register(server.stop)
    return server


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> AzureLoopback:
    """A workspace without assets."""
    from azure_loopback.azurite import MissingToolError

    for name in list(os.environ):
        ours = name.startswith(("AZURE", "MSI_", "ARM_", "KEDRO_AZUREML_STEP"))
        if ours or "PROXY" in name.upper():
            monkeypatch.delenv(name)
    try:
        started = running()
    except MissingToolError as error:
        pytest.fail(str(error))
    started.reset()
    return started


@pytest.fixture
def shop(azure: AzureLoopback, tmp_path: Path) -> AssetProject:
    """A project of that workspace, with one unpinned asset, `penguins`, in its catalog."""
    from azure_loopback.project import AssetProject

    return AssetProject(tmp_path / "project", azure, fork_server())


@pytest.fixture
def farm(shop: AssetProject) -> AssetProject:
    """That project with a job `all` of three steps, which can be sent."""
    from azure_loopback.sent_jobs import make_farm

    make_farm(shop)
    return shop


@pytest.fixture
def compiled_farm(farm: AssetProject) -> AssetProject:
    """The same, with the bundle of the job in its place, and nothing asked yet."""
    from azure_loopback.sent_jobs import COMPILE

    done = farm.start(COMPILE).wait()
    assert done.returncode == 0, done.output
    farm.azure.control.requests.clear()
    return farm
