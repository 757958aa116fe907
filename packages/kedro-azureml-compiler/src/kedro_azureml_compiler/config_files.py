"""Find the files of the configuration, as Kedro reads them."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONFIG_SUFFIXES = (".yml", ".yaml", ".json")


def list_config_files(root: Path, folders: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """List the files of one kind of configuration, as Kedro's config loader finds them.

    Args:
        root: The project's folder, absolute.
        folders: Folders of the configuration, relative to it or absolute.
        patterns: Globs below these folders.

    Returns:
        Paths, relative to the project where they lie in it, in the order of the folders.
    """
    found: dict[str, None] = {}
    for folder in folders:
        names = {
            name
            for pattern in patterns
            # Not Path.glob (PTH207): there, `**` means folders alone before Python 3.13.
            for name in glob.glob(pattern, root_dir=root / folder, recursive=True)  # noqa: PTH207
        }
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix in _CONFIG_SUFFIXES and (root / path).is_file():
                found[path.as_posix()] = None
    return list(found)
