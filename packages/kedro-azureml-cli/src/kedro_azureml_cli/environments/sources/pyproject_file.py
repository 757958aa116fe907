"""Read what a `pyproject.toml` says that the project's own package needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from kedro_azureml_cli.environments.needs import (
    Content,
    Need,
    RequirementsError,
    Undecided,
    find_secret,
)
from kedro_azureml_cli.environments.sources.requirements_files import read_requirements_file
from kedro_azureml_cli.environments.sources.toml_files import LineFinder, read_toml

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
    project = _table(content, "project")
    if "dependencies" not in project:
        return _read_dynamic(root, content, target)
    optional = _table(project, "optional-dependencies")
    lines = list(_strings(project["dependencies"]))
    for extra in sorted(extras):
        named = {canonicalize_name(name): value for name, value in optional.items()}
        lines += _strings(named.get(canonicalize_name(extra)))
    finder = LineFinder(root, PYPROJECT)
    problems: list[str] = []
    needs: list[Need] = []
    undecided: list[Undecided] = []
    own = canonicalize_name(str(project.get("name") or ""))
    for line in lines:
        where = finder.place(line)
        try:
            requirement = Requirement(line)
        except InvalidRequirement as error:
            reason = str(error).splitlines()[0]
            problems.append(f"{where}: '{line}' is not a requirement: {reason}.")
            continue
        if not target.holds(requirement.marker):
            continue
        requirement.marker = None
        if canonicalize_name(requirement.name) == own:  # all = ["project[one,two]"]
            more = read_pyproject(root, target, frozenset(requirement.extras) - extras)
            needs += more.needs
        elif (requirement.url or "").startswith("file:"):
            undecided.append(Undecided(line, where, "a path on this machine"))
        elif secret := find_secret(requirement.url or ""):
            shown = line.replace(secret, "***")
            undecided.append(Undecided(shown, where, "a password in an address"))
        else:
            needs.append(Need(requirement, where))
    if problems:
        raise RequirementsError(problems, hint="Write them as pip does: name>=1.0,<2.")
    return Content(tuple(dict.fromkeys(needs)), tuple(undecided))


def _read_dynamic(root: Path, content: dict[str, Any], target: ImageTarget) -> Content:
    """Read the requirements files that setuptools is told to read."""
    files = _table(content, "tool", "setuptools", "dynamic", "dependencies").get("file")
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
