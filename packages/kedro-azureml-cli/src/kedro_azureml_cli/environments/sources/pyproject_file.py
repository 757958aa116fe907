"""Read what a `pyproject.toml` says that the project's own package needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from kedro_azureml_cli.environments.needs import (
    Content,
    RequirementsError,
    Undecided,
    read_requirement,
    refuse_line,
)
from kedro_azureml_cli.environments.sources.requirements_files import read_requirements_file
from kedro_azureml_cli.environments.sources.toml_files import LineFinder, check_shape, read_toml

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_cli.environments.image_target import ImageTarget

PYPROJECT = "pyproject.toml"


def has_dependencies(root: Path) -> bool:
    """Check whether a project has a `pyproject.toml` that says what its package needs.

    Args:
        root: The project's folder.
    """
    if not (root / PYPROJECT).is_file():
        return False
    content = read_toml(root, PYPROJECT)
    project = _table(content, "project")
    if "dependencies" in project:
        return True
    dynamic = _table(content, "tool", "setuptools", "dynamic", "dependencies")
    return bool(dynamic) or bool(_table(content, "tool", "poetry", "dependencies"))


def needs_nothing(root: Path) -> bool:
    """Check whether the project's own package has no dependencies, and its build tool adds none.

    Args:
        root: The project's folder.
    """
    if has_dependencies(root) or not (root / PYPROJECT).is_file():
        return False
    dynamic = _table(read_toml(root, PYPROJECT), "project").get("dynamic")
    is_filled_in = "dependencies" in dynamic if isinstance(dynamic, list) else bool(dynamic)
    return not is_filled_in and not any((root / name).is_file() for name in _OLD_SETUP)


_OLD_SETUP = ("setup.py", "setup.cfg")
"""Where only setuptools can read what a package needs."""


def read_pyproject(
    root: Path, target: ImageTarget, extras: frozenset[str] = frozenset()
) -> Content:
    """Read `project.dependencies`, and those of extras.

    Args:
        root: The project's folder.
        target: The image.
        extras: Extras of the project's own package.

    Raises:
        RequirementsError: It cannot be read, or says it in a way that only its build tool knows.
    """
    content = read_toml(root, PYPROJECT)
    check_shape(PYPROJECT, content, _SHAPE, hint='Write:  dependencies = ["name>=1.0,<2"]')
    project = _table(content, "project")
    if "dependencies" not in project:
        return _read_dynamic(root, content, target)
    optional = {
        canonicalize_name(name): lines
        for name, lines in _table(project, "optional-dependencies").items()
    }
    asked = [canonicalize_name(extra) for extra in sorted(extras)]
    lines = [*project["dependencies"], *(line for one in asked for line in optional.get(one, ()))]
    read = set(asked)
    finder = LineFinder(root, PYPROJECT)
    problems: list[str] = []
    found = Content()
    own = canonicalize_name(str(project.get("name") or ""))
    for line in lines:  # it grows where an extra names another one
        where = finder.place(line)
        try:
            requirement = Requirement(line)
        except ValueError as error:
            problems.append(refuse_line(line, where, error))
            continue
        if not target.holds(requirement.marker):
            continue
        requirement.marker = None
        if canonicalize_name(requirement.name) == own:  # all = ["project[one,two]"]
            new = {canonicalize_name(extra) for extra in requirement.extras} - read
            read |= new
            lines += [line for extra in sorted(new) for line in optional.get(extra, ())]
        elif (requirement.url or "").startswith("file:"):
            gone = Undecided(line, where, "a path on this machine")
            found = found.joined(Content(undecided=(gone,)))
        else:
            try:
                found = found.joined(read_requirement(str(requirement), where, hint=""))
            except RequirementsError as error:
                problems += error.problems
    if problems:
        raise RequirementsError(problems, hint="Write them as pip does: name>=1.0,<2.")
    return found


_SHAPE = {
    "project": {
        "name": str,
        "dependencies": [str],
        "optional-dependencies": {...: [str]},
    }
}


def _read_dynamic(root: Path, content: dict[str, Any], target: ImageTarget) -> Content:
    """Read the requirements files that setuptools takes the dependencies from."""
    dynamic = _table(content, "tool", "setuptools", "dynamic", "dependencies")
    check_shape(
        PYPROJECT,
        dynamic,
        {"file": (str, list)},
        hint="Write:  file = 'requirements.txt'",
        at="tool.setuptools.dynamic.dependencies",
    )
    files = dynamic.get("file")
    found = Content()
    for path in [files] if isinstance(files, str) else _strings(files):
        found = found.joined(read_requirements_file(root, path, target))
    if files:
        return found
    if _table(content, "tool", "poetry", "dependencies"):
        raise RequirementsError(
            [f"{PYPROJECT}: the dependencies are in Poetry's own notation."],
            hint="Lock them, and the lock is read:  poetry lock",
        )
    raise RequirementsError(
        [f"{PYPROJECT}: 'project.dependencies' is missing, or filled in by the build tool."],
        hint="Name the file that has them:  --from FILE",
    )


def _table(content: Any, *keys: str) -> dict[str, Any]:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}


def _strings(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
