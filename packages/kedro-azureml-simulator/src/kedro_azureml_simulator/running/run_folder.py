"""The run folder: made fresh, or gone on with; one simulation at a time; what lies where."""

from __future__ import annotations

import errno
import json
import os
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import RunFolderError
from kedro_azureml_simulator.processes.processes import name_ended
from kedro_azureml_simulator.results import read_earlier_results
from kedro_azureml_simulator.run_places import RunFolder
from kedro_azureml_simulator.running.discarding import Discarded, delete_later
from kedro_azureml_simulator.running.reuse import EARLIER, put_aside

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import IO

    from kedro_azureml_simulator.results import StepResult

_MARKER = ".azureml-simulation"
_MARKER_TEXT = "This folder is replaced by the next simulation that runs here.\n"
_NO_FOLDER = frozenset({errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.ENOENT})
_PLAIN = re.compile(r"^[A-Za-z0-9_./+@%,=-]+\Z")


def read_earlier_steps(run_dir: Path) -> dict[str, StepResult]:
    """Read the completed steps of the run that a folder holds, by their name.

    Args:
        run_dir: The run folder.

    Raises:
        RunFolderError: It holds none, or its `run.json` is not one that a run has written.
    """
    file = run_dir / "run.json"
    if not file.is_file() or not (run_dir / _MARKER).is_file():
        raise RunFolderError(
            f"{run_dir} holds no earlier run whose data a single step could read",
            run_dir=run_dir,
            hint="run the whole pipeline there first",
        )
    try:
        return read_earlier_results(json.loads(file.read_text(encoding="utf-8")), run_dir)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunFolderError(
            f"{file} is not the record of a run: it has been changed or was not written whole",
            run_dir=run_dir,
            hint="run the whole pipeline there again",
        ) from error


def is_in_use(run_dir: Path) -> bool:
    """Check whether a simulation is running in a folder.

    Args:
        run_dir: The run folder.
    """
    import fcntl  # not on Windows, where no simulation runs

    with (run_dir / _MARKER).open(encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def hold_run_folder(run_dir: Path) -> Iterator[None]:
    """Keep what a run has left until the block ends: no other simulation replaces it.

    Args:
        run_dir: The run folder, in which the run has ended.

    Raises:
        RunFolderError: Another simulation is using it.
    """
    with (run_dir / _MARKER).open(encoding="utf-8") as lock:
        _take(lock, run_dir, shared=True)
        yield


def _take(lock: IO[str], run_dir: Path, *, shared: bool = False) -> None:
    import fcntl  # not on Windows, where the command says so in words

    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RunFolderError(
            f"another simulation is running in {run_dir}",
            run_dir=run_dir,
            hint="wait for it, or choose another run folder",
        ) from error


@contextmanager
def open_run_folder(
    run_dir: Path, sources: Iterable[Path], *, again: Collection[str] | None = None
) -> Iterator[RunFolder]:
    """Make the run folder fresh, or go on with it, and hold it until the block ends.

    Args:
        run_dir: The folder, its path absolute. An earlier run there is replaced; what its
            deterministic steps have left is put aside for reuse.
        sources: What the run reads, which must not lie in the folder.
        again: The steps that run again, while everything else stays; None for a fresh folder.

    Yields:
        The folder. Its scratch folder is gone soon after the block has ended.

    Raises:
        RunFolderError: The folder holds something else, or another simulation is using it.
    """
    _refuse(run_dir, sources)
    _make(run_dir)
    marker = run_dir / _MARKER
    with marker.open("a+", encoding="utf-8") as lock:
        _take(lock, run_dir)
        # Short, because sockets are made in it: their paths may have about 100 characters.
        scratch = Path(tempfile.mkdtemp(prefix="azureml-simulate-"))
        discarded = Discarded(run_dir, scratch)
        try:
            if again is None:
                put_aside(run_dir)
                _clear(run_dir, {marker, run_dir / EARLIER}, discarded)
            else:
                discarded.take_up()
                for name in again:
                    discarded.add(run_dir / "steps" / name)
            discarded.sweep()
            lock.truncate(0)
            lock.write(_MARKER_TEXT)
            lock.flush()
            yield RunFolder(
                run_dir, _plain_path(run_dir, scratch), scratch, discarded.add, discarded.finish
            )
        finally:
            discarded.finish()
            delete_later(scratch, name_ended(scratch))


def _clear(run_dir: Path, keep: Collection[Path], discarded: Discarded) -> None:
    for entry in list(run_dir.iterdir()):
        if entry not in keep:
            discarded.add(entry)


def _refuse(run_dir: Path, sources: Iterable[Path]) -> None:
    if run_dir.exists() and not run_dir.is_dir():
        raise RunFolderError(
            f"{run_dir} is a file", run_dir=run_dir, hint="choose another run folder"
        )
    if run_dir.is_dir() and any(run_dir.iterdir()) and not (run_dir / _MARKER).is_file():
        raise RunFolderError(
            f"{run_dir} holds something that is not a simulation, and was left untouched",
            run_dir=run_dir,
            hint="choose an empty folder, or one that does not exist",
        )
    real = Path(os.path.realpath(run_dir))
    for source in sources:
        if Path(os.path.realpath(source)).is_relative_to(real):
            raise RunFolderError(
                f"{source} lies in the run folder {run_dir}, which is emptied before it is read",
                run_dir=run_dir,
                hint="choose another run folder",
            )


def _make(run_dir: Path) -> None:
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno not in _NO_FOLDER:
            raise
        raise RunFolderError(
            f"{run_dir} cannot be made a folder: {error.strerror} ('{error.filename}')",
            run_dir=run_dir,
            hint="remove or rename what is there instead of a folder, or choose another run folder",
        ) from error


def _plain_path(run_dir: Path, scratch: Path) -> Path:
    """Return a path to the run folder that a command may leave unquoted.

    The paths of Azure ML's mounts never hold a space or a quote, so commands that rely on it
    are right there, and must be right here.
    """
    if _PLAIN.match(str(run_dir)):
        return run_dir
    alias = scratch / "run"
    alias.symlink_to(run_dir, target_is_directory=True)
    return alias
