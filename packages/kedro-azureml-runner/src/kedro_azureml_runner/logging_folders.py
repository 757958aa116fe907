"""Make the folders into which the project's logging writes: empty folders do not travel."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_FILES = ("conf/logging.yml", "conf/logging.yaml")
"""Where Kedro looks, unless the variable KEDRO_LOGGING_CONFIG names another file."""


def make_logging_folders(project: Path) -> None:
    """Make the folder of each logging handler that writes to a file.

    Kedro configures logging when it is imported, so this comes before. What cannot be read or made
    is left to Kedro, which says so.

    Args:
        project: The project's folder, where the step runs.
    """
    named = os.environ.get("KEDRO_LOGGING_CONFIG")
    files = (project / name for name in ([named] if named else _FILES))
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        return
    import yaml

    content = None
    with suppress(OSError, ValueError, yaml.YAMLError):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    handlers = content.get("handlers") if isinstance(content, Mapping) else None
    for handler in handlers.values() if isinstance(handlers, Mapping) else ():
        filename = handler.get("filename") if isinstance(handler, Mapping) else None
        if isinstance(filename, str):
            with suppress(OSError, ValueError):
                (project / filename).parent.mkdir(parents=True, exist_ok=True)
