"""What of a local folder travels to Azure ML, as its Python SDK chooses it.

Only the ignore file in the folder's root counts, `.amlignore` in place of `.gitignore`, and the
last pattern that matches a file decides. `__pycache__` of code and empty folders do not travel;
symbolic links are followed. Observed with azure-ai-ml 1.35.2.
"""

from __future__ import annotations

import zipfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.component_parsing import zipped_folder
from kedro_azureml_simulator.data import copy_file, hash_file, walk
from kedro_azureml_simulator.errors import BrokenLinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_IGNORE_FILES = (".amlignore", ".gitignore")


def travelling(
    root: Path, *, code: bool = False, leave_out: Path | None = None
) -> Iterator[tuple[Path, str]]:
    """Yield each file of a folder that travels, and its path relative to the folder.

    Args:
        root: The folder.
        code: Whether it is a code folder.
        leave_out: A folder that is not entered wherever it is met (the run folder itself).

    Raises:
        BrokenLinkError: A link leads nowhere, or back to itself.
    """
    ignored = _ignored(root)
    for path, is_folder in walk(root, leave_out=leave_out, code=code):
        if not is_folder:
            name = path.relative_to(root).as_posix()
            if not ignored(name):
                yield path, name


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
    made = {target}
    for path, name in travelling(source, code=code, leave_out=leave_out):
        keep_going()
        place = target / name
        if place.parent not in made:
            place.parent.mkdir(parents=True, exist_ok=True)
            made.add(place.parent)
        copy_file(path, place)


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
        copy_upload(code, target, **options)
    for include in includes:
        folder = zipped_folder(include)
        if folder is None:
            copy_upload(include, target / include.name, **options)
            continue
        with zipfile.ZipFile(target / include.name, "w") as archive:
            for path, name in travelling(folder, code=True, leave_out=leave_out):
                keep_going()
                archive.write(path, f"{folder.name}/{name}")


def digest_upload(source: Path, *, code: bool = False, leave_out: Path | None = None) -> str:
    """Return a text that changes with what travels of a file or folder."""
    if source.is_file():
        return f"{source.name} {hash_file(source)}"
    files = travelling(source, code=code, leave_out=leave_out)
    return "\n".join(f"{name} {hash_file(path)}" for path, name in files)


def holds_a_file(folder: Path, *, code: bool = False) -> bool:
    """Tell whether anything in a folder would travel."""
    try:
        return next(travelling(folder, code=code), None) is not None
    except BrokenLinkError:
        return True  # and fails the step that needs it


def _ignored(root: Path) -> Callable[[str], bool]:
    for name in _IGNORE_FILES:
        file = root / name
        if file.is_file():
            return _matcher(file.read_text(encoding="utf-8", errors="replace"))
    return lambda _: False


@lru_cache(maxsize=32)
def _matcher(text: str) -> Callable[[str], bool]:
    import pathspec
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    return pathspec.PathSpec.from_lines(GitIgnoreSpecPattern, text.splitlines()).match_file
