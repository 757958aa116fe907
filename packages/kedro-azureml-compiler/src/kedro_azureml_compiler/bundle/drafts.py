"""Folders in which a bundle is written before it is moved to its target."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DRAFT, _OLD = "bundle", "old"
# What tempfile.mkdtemp makes of our prefix.
_WORK_FOLDER = re.compile(r"^\..+-[a-z0-9_]{8}$")


@contextmanager
def open_draft(target: Path) -> Iterator[Path]:
    """Create an empty folder on the disk of a bundle, and remove it and its new parents afterwards.

    Folders that killed processes have left there are removed first.

    Args:
        target: Where the bundle is to be.

    Yields:
        The folder. `put_in_place` moves it to the target.

    Raises:
        OSError: The folder cannot be created.
    """
    made = [folder for folder in (target.parent, *target.parent.parents) if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(target.parent)
    work, lock = None, None
    try:
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        lock = _lock(work)
        draft = work / _DRAFT
        draft.mkdir()
        yield draft
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
        if lock is not None:
            os.close(lock)
        for folder in made:
            if folder.exists() and not any(folder.iterdir()):
                folder.rmdir()


def put_in_place(draft: Path, target: Path) -> None:
    """Move a draft to its target; if that fails, the previous content is restored.

    Args:
        draft: The folder from `open_draft`.
        target: Where the bundle is to be.

    Raises:
        OSError: It cannot be moved.
    """
    if target.exists():
        old = draft.parent / _OLD
        target.rename(old)
        try:
            draft.rename(target)
        except OSError:
            old.rename(target)
            raise
    else:
        draft.rename(target)


def remove_abandoned(folder: Path) -> None:
    """Remove the work folders of processes that were killed: nobody holds their locks.

    Args:
        folder: The folder of bundles.
    """
    for entry in os.scandir(folder):
        if not (_WORK_FOLDER.match(entry.name) and entry.is_dir(follow_symlinks=False)):
            continue
        work = Path(entry.path)
        names = {inner.name for inner in work.iterdir()}
        if not names <= {_DRAFT, _OLD}:
            continue  # not ours
        lock = _lock(work)
        if lock is not None:
            shutil.rmtree(work, ignore_errors=True)
            os.close(lock)


def _lock(folder: Path) -> int | None:
    """Lock a folder until this process ends; None if another process holds the lock."""
    if sys.platform == "win32":
        return None
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
