"""Folders in which a bundle is written before it is moved to its target."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DRAFT, _OLD = "bundle", "old"
# What tempfile.mkdtemp makes of our prefix.
_WORK_FOLDER = re.compile(r"^\..+-[a-z0-9_]{8}$")
_HAS_LOCKS = sys.platform != "win32"
_ATTEMPTS = 20


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
    work, lock = None, None
    try:
        work, lock = _make_work_folder(target)
        draft = work / _DRAFT
        draft.mkdir()
        yield draft
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
        if lock is not None:
            os.close(lock)
        for folder in made:
            with suppress(OSError):  # it is not empty, or gone
                folder.rmdir()


def _make_work_folder(target: Path) -> tuple[Path, int | None]:
    """Create a folder beside a target and lock it; return it, and the lock where there are locks.

    A process that starts at the same moment may take it for abandoned before it is locked, and one
    that ends may remove the empty folder above: then it is created once more.
    """
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError):
            target.parent.mkdir(parents=True, exist_ok=True)
            remove_abandoned(target.parent)
            work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
            lock = _lock(work)
            if not _HAS_LOCKS or (lock is not None and work.is_dir()):
                return work, lock
            if lock is not None:
                os.close(lock)
    reason = "Other processes have removed it each time"
    raise FileNotFoundError(errno.ENOENT, reason, str(target.parent))


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
        with suppress(FileNotFoundError):  # another process has removed it
            if not {inner.name for inner in work.iterdir()} <= {_DRAFT, _OLD}:
                continue  # not ours
            lock = _lock(work)
            if lock is not None:
                shutil.rmtree(work, ignore_errors=True)
                os.close(lock)


def _lock(folder: Path) -> int | None:
    """Lock a folder until this process ends; None if another process holds the lock."""
    if not _HAS_LOCKS:
        return None
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
