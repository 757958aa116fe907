"""The environment of a step: a reference, or what an inline one asks conda and pip to install."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import PipelineError, SimulatorError
from kedro_azureml_simulator.pipeline.model import InlineEnvironment
from kedro_azureml_simulator.pipeline.section import Reading, Section
from kedro_azureml_simulator.pipeline.yaml_reader import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

_FIELDS = (
    "$schema", "name", "version", "description", "tags", "properties", "image", "build",
    "conda_file", "os_type", "inference_config", "datastore", "intellectual_property",
)  # fmt: skip
_CONDA_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)\s*=\s*(?P<version>[^=<>!~\s][^=\s]*)(=\S+)?\Z")


def read_environment(
    section: Section, folder: Path, *, may_bind: bool = False
) -> str | InlineEnvironment | None:
    """Read `environment:` of a step or a component; note where it is missing.

    Args:
        section: The step or component.
        folder: What local paths are relative to.
        may_bind: Whether the SDK takes a binding here.

    Returns:
        A reference without `azureml:`; what is inline; None for an image alone, or a problem.
    """
    value = section.values.get("environment")
    if value is None:
        section.problem(
            "environment", "is missing", "write `azureml:<name>:<version>`, or describe it here"
        )
        return None
    if isinstance(value, dict):
        return _inline(section.subsection("environment", value), folder)
    text = section.string("environment") or ""
    if text.startswith("file:"):
        described = _read_file(section, "environment", text, folder)
        return None if described is None else _inline(*described)
    if text.startswith("${{") and not may_bind:
        section.problem(
            "environment", "cannot be bound to an input", "write `azureml:<name>:<version>`"
        )
    elif not text.startswith(("azureml:", "${{", "/")):
        section.problem(
            "environment", f"`{text}` lacks the prefix `azureml:`", f"write `azureml:{text}`"
        )
    return text.removeprefix("azureml:") or None


def read_image(section: Section, folder: Path) -> str | None:
    """Return the image of an environment that the YAML describes; None where it names none."""
    value = section.values.get("environment")
    if isinstance(value, str) and value.startswith("file:"):
        try:
            value = read_yaml(folder / value.removeprefix("file:"))
        except PipelineError:
            return None  # reported where the environment is read
    found = value.get("image") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def read_requirements(path: Path) -> InlineEnvironment:
    """Read the requirements file or the conda file that a caller gives for an environment.

    Args:
        path: `.yml` and `.yaml` are conda's, anything else is pip's.

    Raises:
        SimulatorError: The file cannot be read.
    """
    reading = Reading()
    hint = "give a requirements.txt, a conda file, or the path of an interpreter"
    try:
        if path.suffix in {".yml", ".yaml"}:
            found = _conda(Section.of_file(read_yaml(path), path, reading), path.parent)
        else:
            found = InlineEnvironment(_lines(path.read_text(encoding="utf-8")), path.parent)
    except (OSError, UnicodeDecodeError) as error:
        raise SimulatorError(f"{path} cannot be read: {error}", hint=hint) from error
    if reading.problems:
        raise PipelineError(path, reading.problems)
    return found


def _inline(section: Section, folder: Path) -> InlineEnvironment | None:
    section.only(_FIELDS)
    section.string("image")
    build = section.section("build").string("path")
    if build is not None and not (folder / build).exists():
        section.problem("build.path", f"{folder / build} does not exist", "check the path")
    conda = section.values.get("conda_file")
    if conda is None:
        return None
    if isinstance(conda, str):
        described = _read_file(section, "conda_file", conda, folder)
        return None if described is None else _conda(*described)
    return _conda(section.subsection("conda_file", conda), folder)


def _read_file(
    section: Section, key: str, reference: str, folder: Path
) -> tuple[Section, Path] | None:
    """Return what a file holds, and its folder; None for a problem, which is reported."""
    path = folder / reference.removeprefix("file:")
    try:
        content = read_yaml(path)
    except PipelineError as error:
        for problem in error.problems:
            section.problem(key, f"{reference}: {problem.text}", problem.hint)
        return None
    return section.subsection(key, content, path), path.parent


def _conda(section: Section, folder: Path) -> InlineEnvironment:
    python_version = None
    from_conda: list[str] = []
    pip: list[str] = []
    dependencies = section.values.get("dependencies") or []
    if not isinstance(dependencies, list):
        section.problem("dependencies", "must be a list")
        dependencies = []
    for item in dependencies:
        if isinstance(item, dict) and isinstance(item.get("pip"), list):
            pip += [str(line) for line in item["pip"]]
        elif not isinstance(item, str):
            section.problem("dependencies", f"{item!r} is not a dependency")
        else:
            name, requirement = _from_conda(item)
            if name == "python":
                python_version = requirement.removeprefix("python").strip("=.* <>~") or None
            elif name != "pip":
                from_conda.append(requirement)
    return InlineEnvironment(
        tuple(from_conda) + _lines("\n".join(pip)), folder, python_version, tuple(from_conda)
    )


def _from_conda(item: str) -> tuple[str, str]:
    """Return the name of one of conda's dependencies, and the nearest that pip has for it."""
    text = item.rpartition("::")[2].strip()
    pinned = _CONDA_PIN.match(text)
    if pinned:
        version = pinned["version"].rstrip("*").rstrip(".")
        return pinned["name"].lower(), f"{pinned['name']}=={version}.*"
    name = re.split(r"[\s=<>!~\[]", text, maxsplit=1)[0]
    return name.lower(), text


def _lines(text: str) -> tuple[str, ...]:
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))
