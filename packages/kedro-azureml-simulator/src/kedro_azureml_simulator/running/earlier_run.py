"""Read what a run has left, for who goes on from there in another folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import RunFolderError
from kedro_azureml_simulator.running.reuse import find_end_ns, read_identity
from kedro_azureml_simulator.running.run_folder import is_in_use, read_earlier_steps

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NOTES_FILE = "notes.txt"
"""Where a run keeps the notes that `simulate` got."""


@dataclass(frozen=True)
class LeftStep:
    """A step that completed, and what it has left.

    Args:
        run: The identity of its run: another run of the same step has another one.
        outputs: What it wrote, by output port; only what is there, not empty, and unchanged since.
    """

    run: str
    outputs: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class LeftRun:
    """What a run has left.

    Args:
        steps: Name to step, of those that completed.
        notes: What `simulate` got as `notes`; None if it got none, or if single steps have been run
            again in the folder since.
    """

    steps: Mapping[str, LeftStep]
    notes: str | None


def read_run(run_dir: Path) -> LeftRun:
    """Read what a run has left.

    Args:
        run_dir: The run folder, absolute.

    Raises:
        RunFolderError: It holds no run, one that is still running, or one whose record is damaged.
    """
    if not run_dir.is_dir():
        raise RunFolderError(
            f"there is no run in {run_dir}", run_dir=run_dir, hint="name the folder of a run"
        )
    found = read_earlier_steps(run_dir)
    if is_in_use(run_dir):
        raise RunFolderError(
            f"a simulation is running in {run_dir}", run_dir=run_dir, hint="wait until it has ended"
        )
    steps = {}
    for name, step in found.items():
        folder = run_dir / "steps" / name
        identity = read_identity(folder)
        if identity is not None:
            ended_ns = find_end_ns(folder)
            outputs = {
                port: path
                for port, path in step.outputs.items()
                if _holds_data(path) and _is_unchanged(path, ended_ns)
            }
            steps[name] = LeftStep(identity.run, outputs)
    file = run_dir / NOTES_FILE
    try:
        notes = file.read_text(encoding="utf-8") if file.is_file() else None
    except (OSError, ValueError) as error:
        raise RunFolderError(
            f"{file} cannot be read: {error}", run_dir=run_dir, hint="run the whole job there again"
        ) from error
    return LeftRun(steps, notes)


def write_notes(run_dir: Path, notes: str | None) -> None:
    """Write the notes of a run, or remove those of an earlier one, which are no longer true.

    Args:
        run_dir: The run folder.
        notes: The notes; None for none.
    """
    file = run_dir / NOTES_FILE
    file.unlink(missing_ok=True)
    if notes is not None:
        file.write_text(notes, encoding="utf-8")


def _holds_data(path: Path) -> bool:
    """Check whether a path is a file or a folder with something in it: Azure ML mounts no other."""
    return path.is_file() or (path.is_dir() and any(path.iterdir()))


def _is_unchanged(path: Path, ended_ns: int) -> bool:
    """Check that nobody has written to a file or folder after a time, or removed a part of it."""
    for found in (path, *path.rglob("*")) if path.is_dir() else (path,):
        state = found.lstat()
        # The second is that of a file also where a copy has kept the first, but a folder's changes
        # when it is moved.
        changed_ns = (
            state.st_mtime_ns if found.is_dir() else max(state.st_mtime_ns, state.st_ctime_ns)
        )
        if changed_ns > ended_ns:
            return False
    return True
