"""What a step finds when it starts, and what is kept of it when it has ended."""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_azureml_simulator.planning.local_data import find_travelling
from kedro_azureml_simulator.running.data import copy_data, digest, is_empty, is_plain
from kedro_azureml_simulator.running.left_behind import ARTIFACT_FOLDERS
from kedro_azureml_simulator.running.uploads import copy_upload

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from kedro_azureml_simulator.planning.plan import Mount, PlannedStep
    from kedro_azureml_simulator.run_places import RunFolder, StepFolder
    from kedro_azureml_simulator.running.left_behind import Stamp
    from kedro_azureml_simulator.running.working_folders import WorkingFolders


# What a step cannot help; any other trouble with what it has left comes of what it is.
_OF_THE_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)


class StepError(Exception):
    """The step fails; the message says why."""


@dataclass
class Places:
    """Where a step finds everything.

    Args:
        names: What each expression of its command stands for.
        binds: Pairs of data and the place where it is mounted read-only.
        digests: Each read-only input and what it holds, where nothing but that protects it.
        stamps: The files of each instance's working directory, by its number.
    """

    names: dict[str, str] = field(default_factory=dict)
    binds: list[tuple[Path, Path]] = field(default_factory=list)
    digests: dict[str, tuple[Path, dict[str, str]]] = field(default_factory=dict)
    stamps: dict[int, dict[str, Stamp]] = field(default_factory=dict)


def prepare(
    step: PlannedStep,
    folder: StepFolder,
    run: RunFolder,
    working: WorkingFolders,
    *,
    instances: Collection[int],
    mounting: bool,
    keep_going: Callable[[], None],
) -> Places:
    """Make every place that a step finds.

    Args:
        step: The step.
        folder: Its places.
        run: The run folder.
        working: What makes working directories.
        instances: The numbers of the instances that it runs on.
        mounting: Whether the step has a mount namespace, so that inputs are mounted and not
            copied.
        keep_going: Called now and then; what it raises ends the work.

    Raises:
        StepError: An input has no data.
        BrokenLinkError: A link leads nowhere.
        OSError: The machine failed.
    """
    places = Places({f"inputs.{port}": text for port, text in step.texts.items()})
    for name, value in (step.search_space or {}).items():
        places.names[f"search_space.{name}"] = value
    folder.inputs.mkdir(parents=True)
    folder.output("").mkdir(parents=True)
    for port, mount in step.mounts.items():
        if mount.address is not None:
            places.names[f"inputs.{port}"] = places.names[f"inputs.{port}.path"] = mount.address
            continue
        place = _mount(port, mount, folder, run, places, mounting=mounting, keep_going=keep_going)
        seen = str(folder.as_seen(place))
        places.names[f"inputs.{port}"] = places.names[f"inputs.{port}.path"] = seen
    for port, output in step.outputs.items():
        place = folder.output(port)
        if output.type != "uri_file":
            place.mkdir()
        is_fixed = output.place is not None and output.is_fixed and output.type != "uri_file"
        if output.place is not None and is_fixed and _has_entries(output.place):
            raise StepError(
                f"the step was not started, because the fixed path of its output `{port}` is a"
                f" folder that is not empty: {output.place}"
            )
        places.names[f"outputs.{port}"] = str(folder.as_seen(place))
    for instance in instances:
        folder.home(instance).mkdir(parents=True)
        folder.temporary(instance).mkdir()
        places.stamps[instance] = working.make(step, folder.code(instance), keep_going)
    return places


def keep_artifacts(folder: StepFolder, instances: Collection[int]) -> None:
    """Keep what a step left in `./outputs` and `./logs`, of every instance.

    Raises:
        BrokenLinkError: A link leads nowhere.
        StepError: A file cannot be read, or its path is too long.
        OSError: The machine failed.
    """
    for instance in instances:
        for name in ARTIFACT_FOLDERS:
            source = folder.code(instance) / name
            if not source.is_dir():
                continue
            try:
                _keep_files(source, folder.artifacts / name)
            except OSError as error:
                if error.errno in _OF_THE_MACHINE:
                    raise
                raise StepError(f"what it left in ./{name} cannot be kept: {error}") from error


def _keep_files(source: Path, target: Path) -> None:
    for path, relative in find_travelling(source):
        copy = target / relative
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy_data(path, copy)


def hand_on_artifacts(folder: StepFolder, port: str) -> None:
    """Make a step's artifacts, and its log, the content of one of its outputs.

    Args:
        folder: The step's places, with its artifacts.
        port: The output.
    """
    target = folder.output(port)
    for name in ARTIFACT_FOLDERS:
        source = folder.artifacts / name
        if source.is_dir() and not (target / name).exists():
            copy_data(source, target / name)
    if folder.log().exists():
        (target / "user_logs").mkdir(exist_ok=True)
        copy_data(folder.log(), target / "user_logs" / "std_log.txt")


def tidy(
    step: PlannedStep,
    folder: StepFolder,
    places: Places | None,
    *,
    keep: bool,
    working: WorkingFolders,
    discard: Callable[[Path], None],
) -> None:
    """Remove what nobody looks at, or leave it so that it can be looked at.

    Args:
        step: The step.
        folder: Its places.
        places: What was prepared, None where that failed.
        keep: Whether working directories and inputs stay.
        working: What takes working directories back.
        discard: Takes away what is removed.
    """
    if not keep:
        # One by one: a folder that cannot be moved must not keep the others.
        for instance, stamps in places.stamps.items() if places is not None else ():
            with contextlib.suppress(OSError):
                working.take_back(step, folder.code(instance), stamps)
        try:
            folder.inputs.rmdir()
        except OSError:
            with contextlib.suppress(OSError):
                discard(folder.inputs)
        return
    # The mounts are gone with the step: links show what was there.
    for source, place in places.binds if places is not None else ():
        with contextlib.suppress(OSError):
            if source != place and place.exists() and not _has_entries(place):
                place.rmdir() if place.is_dir() else place.unlink()
                place.symlink_to(source)


def _mount(
    port: str,
    mount: Mount,
    folder: StepFolder,
    run: RunFolder,
    places: Places,
    *,
    mounting: bool,
    keep_going: Callable[[], None],
) -> Path:
    """Make an input of a step, and return where it is."""
    if mount.path is not None:
        source = mount.path
    else:
        source = run.step(mount.producer or "", 0).output(mount.port or "")
    if not source.exists() or (source.is_dir() and is_empty(source)):
        state = "is an empty folder" if source.is_dir() else "was not written"
        raise StepError(
            "ScriptExecution.StreamAccess.NotFound: the step was not started, because its"
            f" input `{port}` has no data: {mount.source} {state}"
        )
    place = folder.inputs / port
    if not source.is_dir():
        place.mkdir()
        place = place / source.name
    read_only = mount.mode != "download"
    if mounting and read_only and _is_mountable(source, mount, run.path):
        place.touch() if source.is_file() else place.mkdir()
        places.binds.append((Path(os.path.realpath(source)), place))
        return place
    if mount.path is not None:
        copy_upload(source, place, leave_out=run.path, keep_going=keep_going)
    else:
        copy_data(source, place, keep_going=keep_going)
    # `download` gives a step a private copy on Azure ML too, which it may change.
    if read_only and mounting:
        places.binds.append((place, place))
    elif read_only:
        places.digests[port] = (place, digest(place))
    return place


def _is_mountable(source: Path, mount: Mount, run_dir: Path) -> bool:
    """Check whether a step may see exactly what is there."""
    if source.is_file():
        return True
    if not is_plain(source):
        return False
    if mount.path is None:
        return True
    if run_dir.is_relative_to(os.path.realpath(source)):
        return False
    # Of a local folder not everything may travel.
    files = sum(len(names) for _, _, names in os.walk(source))
    folders = [Path(root) for root, below, names in os.walk(source) if not below and not names]
    return not folders and files == sum(1 for _ in find_travelling(source))


def _has_entries(path: Path) -> bool:
    if path.is_dir():
        return any(path.iterdir())
    return path.exists() and path.stat().st_size > 0
