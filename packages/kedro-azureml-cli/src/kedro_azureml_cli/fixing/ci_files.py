"""The files with which a team's CI checks a project, and submits a job of it."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Literal, NamedTuple

from kedro_azureml_cli.__about__ import __version__

if TYPE_CHECKING:
    from pathlib import Path

CiKind = Literal["github", "azure"]

HOOKS_FILE = ".pre-commit-config.yaml"
"""Where pre-commit looks for its hooks."""

CI_FILES: dict[CiKind, str] = {
    "github": ".github/workflows/kedro-azureml.yml",
    "azure": "azure-pipelines.yml",
}
"""Where each kind of CI looks for its file."""

_TEMPLATES: dict[CiKind, str] = {"github": "github.yml", "azure": "azure-pipelines.yml"}
_REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
_COMMAND_LINE = "kedro-azureml-cli"
_RUN_TESTS = "python -m pytest"
_PLAIN_NAME = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
"""What YAML reads as something else than a string."""


class CiProject(NamedTuple):
    """What the files of the CI say of a project.

    Args:
        job: The job that is verified and submitted.
        python: The version of Python, as `3.11`.
        requirements: What pip installs, as in a shell.
        has_tests: Whether pytest is installed, and there are tests.
    """

    job: str
    python: str
    requirements: str
    has_tests: bool


class _CiTemplate(Template):
    """A template of a file that uses `$` for purposes of its own."""

    delimiter = "%%"


def describe_project(folder: Path, job: str, python: str) -> CiProject:
    """Find out what the CI of a project has to install.

    Args:
        folder: The project.
        job: The job that is verified and submitted.
        python: The version of Python, as `3.11`.

    Returns:
        The project, with the files of requirements in its root. If there are none, the project
        itself is installed, with the dependencies of its `pyproject.toml`.
    """
    found = [name for name in _REQUIREMENTS if (folder / name).is_file()]
    named = {
        name for file in found for name in _read_names((folder / file).read_text(errors="replace"))
    }
    parts = [f"-r {name}" for name in found] or ["."]
    if _COMMAND_LINE not in named:
        parts.append(f'"{_COMMAND_LINE}{_compatible_range(__version__)}"')
    has_tests = "pytest" in named and (folder / "tests").is_dir()
    return CiProject(job, python, " ".join(parts), has_tests)


def render_ci_file(kind: CiKind, project: CiProject) -> str:
    """Return the file for one kind of CI.

    Args:
        kind: `github` or `azure`.
        project: What the file says of the project.
    """
    plain = _PLAIN_NAME.fullmatch(project.job) and project.job.lower() not in _WORDS
    values = {
        "job": project.job if plain else json.dumps(project.job),
        "python": project.python,
        "install": f"python -m pip install {project.requirements}",
        "github_tests": f"      - name: Test\n        run: {_RUN_TESTS}\n" * project.has_tests,
        "azure_tests": f"          - script: {_RUN_TESTS}\n            displayName: Test\n"
        * project.has_tests,
    }
    return _CiTemplate(_read(_TEMPLATES[kind])).substitute(values)


def render_hooks() -> str:
    """Return the configuration of pre-commit that checks the jobs before each commit."""
    return _read("pre-commit-config.yaml")


def _read_names(requirements: str) -> list[str]:
    """Return the names of the distributions that a file of requirements names."""
    lines = (line.strip() for line in requirements.splitlines())
    names = (re.match(r"[A-Za-z0-9][\w.-]*", line) for line in lines)
    return [re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name]


def _compatible_range(version: str) -> str:
    """Return the versions that promise to be compatible.

    Example:
        >>> _compatible_range("0.2.2")
        '>=0.2,<0.3'
    """
    major, minor = (int(part) for part in version.split(".")[:2])
    upper = f"0.{minor + 1}" if major == 0 else f"{major + 1}"
    return f">={major}.{minor},<{upper}"


def _read(name: str) -> str:
    template = files("kedro_azureml_cli").joinpath("templates").joinpath(name)
    return template.read_text(encoding="utf-8")
