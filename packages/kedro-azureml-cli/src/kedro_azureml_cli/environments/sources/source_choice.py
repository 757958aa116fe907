"""Choose the file that says what a project's step image needs, and read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from kedro_azureml_cli.environments.needs import (
    DATASETS,
    NEVER_IN_IMAGES,
    RUNNER,
    Content,
    ProjectNeeds,
    RequirementsError,
)
from kedro_azureml_cli.environments.sources.pyproject_file import (
    PYPROJECT,
    has_dependencies,
    needs_nothing,
    read_pyproject,
)
from kedro_azureml_cli.environments.sources.requirements_files import (
    read_requirements_file,
    without_left_out,
)

if TYPE_CHECKING:
    from kedro_azureml_cli.environments.image_target import ImageTarget

_LOCKS = ("pylock.toml", "uv.lock", "poetry.lock")
_REQUIREMENTS = ("requirements.txt", "src/requirements.txt")
"""The second is that of older Kedro projects."""

_CREATE_HINT = (
    "Write requirements.txt with what the nodes import, and kedro and kedro-azureml-datasets; or "
    "name a file:  --from FILE"
)


def read_project_needs(
    root: Path,
    target: ImageTarget,
    source: str | Path | None = None,
    *,
    has_code: bool = False,
) -> ProjectNeeds:
    """Read what the step image of a project needs.

    A lock comes first, since it has one version of everything; then `requirements.txt`, then
    `pyproject.toml`.

    Args:
        root: The project's folder.
        target: The image.
        source: The file that was asked for, absolute or relative to the project.
        has_code: Whether the image has the project's code, and so needs our runner too.

    Raises:
        RequirementsError: There is none, or it cannot be read.
    """
    found = list_sources(root)
    if source is not None:
        chosen, why = _relative(root, source), "named with --from"
        if not _is_file(root / chosen):
            raise RequirementsError([f"'{chosen}' is not a file."], hint=_hint(found))
    elif found:
        chosen, why = found[0], _why(found[0])
    else:
        message = (
            "The project says nowhere what it needs: it has no requirements.txt, no lock file, and "
            "no dependencies in pyproject.toml."
        )
        raise RequirementsError([message], hint=_CREATE_HINT)
    ours = (DATASETS, RUNNER) if has_code else (DATASETS,)
    left_out = frozenset({*NEVER_IN_IMAGES, RUNNER}.difference(ours))
    content = without_left_out(_read(root, chosen, target), left_out)
    others = tuple(other for other in found if other != chosen)
    return ProjectNeeds(chosen, why, others, _without_repetitions(content), ours)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have, or a folder that may not be entered
        return False


def list_sources(root: Path) -> list[str]:
    """List the files from which the needs of a project can be read, the first choice first.

    Args:
        root: The project's folder.
    """
    names = [name for name in (*_LOCKS, *_REQUIREMENTS) if (root / name).is_file()]
    return [*names, *([PYPROJECT] if has_dependencies(root) else [])]


def _read(root: Path, path: str, target: ImageTarget) -> Content:
    from kedro_azureml_cli.environments.sources import lock_files

    name = Path(path).name
    if name == "uv.lock":
        return lock_files.read_uv_lock(root, path, target)
    if name == "poetry.lock":
        return lock_files.read_poetry_lock(root, path, target)
    if name.startswith("pylock.") and name.endswith(".toml"):
        return lock_files.read_pylock(root, path, target)
    if path == PYPROJECT:
        return read_pyproject(root, target)
    if name.endswith((".toml", ".lock", ".yml", ".yaml", ".json", ".py", ".cfg")):
        raise RequirementsError(
            [f"'{path}' is not a file of requirements."],
            hint="Name a requirements file (*.txt), pyproject.toml, pylock.toml, uv.lock or "
            "poetry.lock.",
        )
    return read_requirements_file(
        root, path, target, lambda extras: _read_own_package(root, target, extras)
    )


def _read_own_package(root: Path, target: ImageTarget, extras: frozenset[str]) -> Content:
    """Read what `-e .` brings along; the list of requirements may name everything itself."""
    return Content() if needs_nothing(root) else read_pyproject(root, target, extras)


def _why(path: str) -> str:
    if path in _LOCKS:
        return "a lock has one version of every package"
    if path in _REQUIREMENTS:
        return "the project has no lock file"
    return "the project has no lock file and no requirements.txt"


def _hint(found: list[str]) -> str:
    return f"The project has: {', '.join(found)}." if found else _CREATE_HINT


def _relative(root: Path, source: str | Path) -> str:
    path = Path(source)
    if not path.is_absolute():
        return path.as_posix()
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return str(path)


def _without_repetitions(content: Content) -> Content:
    """Sort needs by name, and keep one of those that are written twice alike."""
    unique = {need.text: need for need in reversed(content.needs)}
    ordered = sorted(unique.values(), key=lambda need: canonicalize_name(need.requirement.name))
    return Content(
        tuple(ordered),
        tuple(dict.fromkeys(content.undecided)),
        tuple(dict.fromkeys(content.constraints)),
        content.options,
        content.is_locked,
        content.left_out,
    )
