"""Chooses the files of a project that travel with a job.

The rules are those of Azure ML (observed with azure-ai-ml 1.35.2): the ignore file in the root
alone counts, `.amlignore` in place of `.gitignore`, and the last pattern that matches a file
decides, so that `*` followed by `!sub/` brings back everything below `sub`. On top of them some
things never travel, whatever the file says.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pathspec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

IGNORE_FILES = (".amlignore", ".gitignore")

NEVER_FOLDERS = frozenset(
    {".git", "__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)
"""Folders that no step reads and that change from one run to the next."""

NEVER_FILES = frozenset({".amlignore", ".gitignore", ".env"})
"""The ignore files would make Azure ML filter a second time; an `.env` holds secrets."""

_ORIGIN_SUFFIX = ".origin.json"
"""Records beside downloaded versions of assets: they name a user and a time of this machine."""


def snapshot_files(root: Path, excluded: Sequence[str] = ()) -> list[str]:
    """List the files that travel.

    Args:
        root: The project's folder.
        excluded: Files and folders relative to it that are left out besides, such as data that
            reaches a step through a mount.

    Returns:
        Paths relative to the project, with `/`, sorted.
    """
    ignored = _ignore_rules(root)
    left_out = frozenset(excluded)
    return sorted(
        path
        for path in _walk(root, PurePosixPath(), left_out, seen=())
        if not ignored.match_file(path)
    )


def _ignore_rules(root: Path) -> pathspec.PathSpec[Any]:
    for name in IGNORE_FILES:
        file = root / name
        if file.is_file():
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            return pathspec.PathSpec.from_lines(GitIgnoreSpecPattern, lines)
    return pathspec.PathSpec([])


def _walk(
    root: Path, below: PurePosixPath, left_out: frozenset[str], seen: tuple[Path, ...]
) -> Iterator[str]:
    here = root / below
    real = here.resolve()
    if real in seen:
        return  # a link to a folder above: it would never end
    for entry in sorted(os.scandir(here), key=lambda e: e.name):
        relative = below / entry.name
        name = relative.as_posix()
        if name in left_out:
            continue
        if entry.is_dir():
            if entry.name not in NEVER_FOLDERS and not is_generated_folder(root / relative):
                yield from _walk(root, relative, left_out, (*seen, real))
        elif entry.name not in NEVER_FILES and not _is_record(entry.name) and entry.is_file():
            yield name


def _is_record(name: str) -> bool:
    return name.startswith(".") and name.endswith(_ORIGIN_SUFFIX)


def is_generated_folder(folder: Path) -> bool:
    """Recognise a virtual environment, a simulation and a bundle, whatever they are called."""
    if any((folder / name).is_file() for name in ("pyvenv.cfg", ".azureml-simulation")):
        return True
    return all((folder / name).is_file() for name in ("pipeline.yml", "plan.json"))
