"""An Azure ML on this machine, for the scripts that measure what speaks to one."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from recording.environments import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azure_loopback.loopback import AzureLoopback


@contextmanager
def start_azure() -> Iterator[tuple[AzureLoopback, Path]]:
    """Start the workspace of the tests; it ends with the context.

    Yields:
        The workspace, and a folder for the script's own files, which goes with it.
    """
    sys.path.insert(0, str(ROOT / "tests/support"))
    from azure_loopback.azurite import MissingToolError
    from azure_loopback.loopback import AzureLoopback

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            azure = AzureLoopback(folder / "azure")
        except MissingToolError as error:
            sys.exit(str(error))
        try:
            yield azure, folder
        finally:
            azure.stop()
