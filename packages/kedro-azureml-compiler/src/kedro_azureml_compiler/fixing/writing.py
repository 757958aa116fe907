"""Write changed files: all of them or none, and none that somebody else has changed meanwhile."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_datasets import KedroAzureMLError

if TYPE_CHECKING:
    from collections.abc import Sequence


class ChangedMeanwhileError(KedroAzureMLError):
    """A file was changed after the changes to it were planned.

    Args:
        file: The file, relative to the project.
    """

    blame = "user"

    def __init__(self, file: str) -> None:
        super().__init__(
            f"{file} has been changed meanwhile. Nothing was written.",
            hint="Run the command again.",
        )


class UnwritableFileError(KedroAzureMLError):
    """A file cannot be written."""

    blame = "machine"


@dataclass(frozen=True)
class FileChange:
    """A file, and what replaces its content.

    Args:
        file: The file, relative to the project.
        path: The file itself, absolute; links have been followed.
        before: Its content; None for a new file.
        after: Its new content.
    """

    file: str
    path: Path
    before: bytes | None
    after: bytes


def write_changes(changes: Sequence[FileChange]) -> None:
    """Write all files, or none.

    Each keeps its permissions. A file is replaced in one step, so a reader finds
    the old content or the new one.

    Args:
        changes: The files.

    Raises:
        ChangedMeanwhileError: A file is not what it was when the changes were made.
        UnwritableFileError: A file cannot be written.
    """
    drafts: list[Path] = []
    replaced: list[tuple[FileChange, Path | None]] = []
    where = ""
    try:
        pairs = []
        for change in changes:
            where = change.file
            _refuse_other_content(change)
            if change.before is not None and not os.access(change.path, os.W_OK):
                raise UnwritableFileError(
                    f"{where} cannot be written: it is read-only. Nothing was written."
                )
            kept = None if change.before is None else _draft(change, change.before, drafts)
            pairs.append((change, _draft(change, change.after, drafts), kept))
        for change, draft, kept in pairs:
            where = change.file
            _refuse_other_content(change)
            replaced.append((change, kept))
            draft.replace(change.path)
    except BaseException as error:
        _undo(replaced)
        if not isinstance(error, OSError):
            raise
        raise UnwritableFileError(
            f"{where} cannot be written: {error.strerror or error}. Nothing was written.",
            hint="Make the file and its folder writable.",
        ) from error
    finally:
        for draft in drafts:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _refuse_other_content(change: FileChange) -> None:
    present = change.path.read_bytes() if change.path.exists() else None
    if present != change.before:
        raise ChangedMeanwhileError(change.file)


def _draft(change: FileChange, content: bytes, drafts: list[Path]) -> Path:
    """Write content beside a file, with the permissions of that file."""
    folder = change.path.parent
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{change.path.name}.", dir=folder)
    draft = Path(name)
    drafts.append(draft)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if change.before is None:
        draft.chmod(0o666 & ~_read_umask())
    else:
        shutil.copymode(change.path, draft)
    return draft


def _read_umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def _undo(replaced: Sequence[tuple[FileChange, Path | None]]) -> None:
    """Put the old files back; each stands beside the new one."""
    for change, kept in reversed(replaced):
        if kept is None:
            change.path.unlink(missing_ok=True)
        elif change.path.read_bytes() != change.before:
            kept.replace(change.path)
