"""Copies and digests of what is uploaded: code, and local files that are inputs."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.pipeline.component_parsing import find_zipped_folder
from kedro_azureml_simulator.planning.local_data import find_travelling, list_travelling
from kedro_azureml_simulator.running.data import copy_file, hash_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path


def copy_upload(
    source: Path,
    target: Path,
    *,
    code: bool = False,
    leave_out: Path | None = None,
    keep_going: Callable[[], None] = lambda: None,
) -> None:
    """Copy what travels of a file or folder, into a folder that may exist.

    Args:
        source: The file or folder.
        target: What the copy is called.
        code: Whether it is a code folder.
        leave_out: A folder that is not copied.
        keep_going: Called before each file; what it raises ends the copy.
    """
    if source.is_file():
        copy_file(source, target)
        return
    target.mkdir(exist_ok=True)
    names = list_travelling(source, code=code, leave_out=leave_out)
    copy_files(source, names, target, keep_going=keep_going)


def copy_files(
    source: Path,
    names: Iterable[str],
    target: Path,
    *,
    keep_going: Callable[[], None] = lambda: None,
) -> None:
    """Copy files of a folder, and make the folders that they are in.

    Args:
        source: The folder.
        names: The files, relative to it.
        target: A folder that exists.
        keep_going: Called before each file; what it raises ends the copy.
    """
    made = {""}
    for name in names:
        keep_going()
        below = name.rpartition("/")[0]
        if below not in made:
            (target / below).mkdir(parents=True, exist_ok=True)
            made.add(below)
        copy_file(f"{source}/{name}", f"{target}/{name}")


def copy_code(
    code: Path | None,
    includes: Sequence[Path],
    target: Path,
    *,
    leave_out: Path,
    keep_going: Callable[[], None] = lambda: None,
) -> None:
    """Make a step's working directory: its code, and beside it what is included.

    Args:
        code: The code folder; None where the step has none.
        includes: The component's `additional_includes`; folders of one name are merged.
        target: The working directory, which does not exist.
        leave_out: A folder that is not copied.
        keep_going: Called before each file; what it raises ends the copy.
    """
    target.mkdir()
    options: Any = {"code": True, "leave_out": leave_out, "keep_going": keep_going}
    if code is not None:
        copy_upload(code, target / code.name if code.is_file() else target, **options)
    for include in includes:
        folder = find_zipped_folder(include)
        if folder is None:
            copy_upload(include, target / include.name, **options)
            continue
        with zipfile.ZipFile(target / include.name, "w") as archive:
            for path, name in find_travelling(folder, code=True, leave_out=leave_out):
                keep_going()
                archive.write(path, f"{folder.name}/{name}")


def digest_upload(source: Path, *, code: bool = False, leave_out: Path | None = None) -> str:
    """Return a digest of what travels of a file or folder."""
    if source.is_file():
        return f"{source.name} {hash_file(source)}"
    files = find_travelling(source, code=code, leave_out=leave_out)
    return "\n".join(f"{name} {hash_file(path)}" for path, name in files)
