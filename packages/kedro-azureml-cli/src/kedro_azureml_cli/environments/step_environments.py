"""Read what the environments of a job's steps hold, as far as the project describes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from packaging.requirements import InvalidRequirement, Requirement

from kedro_azureml_cli.environments.needs import Content, Need, RequirementsError
from kedro_azureml_cli.environments.sources.requirements_files import (
    read_requirement_lines,
    read_requirements_file,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_compiler import ExaminedJob

    from kedro_azureml_cli.environments.image_target import ImageTarget

_INSTALLED_FILE = re.compile(r"[\w./-]+\.(?:txt|in)\b")
"""In a Dockerfile: what it copies or gives to pip."""

_CONDA_NAME = re.compile(r"(?:[\w.-]+::)?(?P<name>[A-Za-z0-9][\w.-]*)\s*(?P<rest>.*)")


@dataclass(frozen=True)
class StepEnvironment:
    """An environment of a job, and what is known of it.

    Args:
        name: Its reference, or how it is described.
        steps: The steps that run in it, by name.
        needs: What it installs; None if the project does not say it.
        why_unknown: Why that is not known; empty if it is.
    """

    name: str
    steps: tuple[str, ...]
    needs: tuple[Need, ...] | None
    why_unknown: str = ""


def read_step_environments(
    examined: ExaminedJob, root: Path, target: ImageTarget
) -> list[StepEnvironment]:
    """Read the environments of a job.

    Args:
        examined: The job.
        root: The project's folder.
        target: The image, for markers.

    Raises:
        RequirementsError: A list of requirements cannot be read.
    """
    steps: dict[str, list[str]] = {}
    environments: dict[str, Any] = {}
    for step, job in examined.pipeline_job.jobs.items():
        environment = job.component.environment
        key = environment if isinstance(environment, str) else repr(environment)
        environments[key] = environment
        steps.setdefault(key, []).append(job.component.display_name or step)
    return [_read(environments[key], tuple(names), root, target) for key, names in steps.items()]


def _read(
    environment: Any, steps: tuple[str, ...], root: Path, target: ImageTarget
) -> StepEnvironment:
    if isinstance(environment, str):
        name = environment.removeprefix("azureml:")
        return StepEnvironment(name, steps, None, "it is registered in Azure ML")
    build, image = environment.get("build"), str(environment.get("image") or "")
    if build is not None:
        folder = root / _in_project(build["path"])
        file = folder / (build.get("dockerfile_path") or "Dockerfile")
        name = _shown(file, root)
        content = _read_dockerfile(file, folder, root, target)
        if content is None:
            return StepEnvironment(name, steps, None, "the Dockerfile names no requirements file")
        return StepEnvironment(name, steps, content.needs)
    conda = environment.get("conda_file")
    if conda is None:
        return StepEnvironment(image, steps, None, "it is an image without a list of requirements")
    if isinstance(conda, str):
        file = root / _in_project(conda)
        where, folder = _shown(file, root), file.parent
        try:
            described = yaml.safe_load(file.read_text("utf-8-sig"))
        except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
            raise RequirementsError([_refuse_conda(where, error)]) from error
    else:
        where, folder, described = "conda_file in azureml.yml", root, conda
    content = _read_conda(described, folder, where, root, target)
    return StepEnvironment(where if isinstance(conda, str) else image, steps, content.needs)


def _in_project(path: str) -> str:
    """Return a path of the bundle as the project has it."""
    return path.removeprefix("./").removeprefix("environments/")


def _read_dockerfile(file: Path, folder: Path, root: Path, target: ImageTarget) -> Content | None:
    """Read the requirements files of a Dockerfile's context that it names; None for none."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RequirementsError([f"'{_shown(file, root)}' cannot be read."]) from error
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    # What begins with a slash is a place in the image.
    copied = [name for name in _INSTALLED_FILE.findall(code) if not name.startswith("/")]
    files = [path for path in (folder / name for name in dict.fromkeys(copied)) if path.is_file()]
    content = Content()
    for path in files:
        content = content.joined(read_requirements_file(root, _shown(path, root), target))
    return content if files else None


def _read_conda(
    described: Any, folder: Path, where: str, root: Path, target: ImageTarget
) -> Content:
    listed = described.get("dependencies") if isinstance(described, dict) else None
    if not isinstance(listed, list):
        raise RequirementsError(
            [f"{where}: 'dependencies' is missing or not a list."],
            hint="Write:  dependencies: [python=3.11, pip, pip: [kedro-azureml-datasets]]",
        )
    content = Content()
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, str):
            content = content.joined(Content(tuple(_conda_need(item, where))))
        elif isinstance(item, dict) and isinstance(item.get("pip"), list):
            lines = [line for line in item["pip"] if isinstance(line, str)]
            content = content.joined(read_requirement_lines(root, folder, lines, where, target))
    return content


def _refuse_conda(where: str, error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{where}:{error.problem_mark.line + 1}: {error.problem}."
    if isinstance(error, UnicodeDecodeError):
        return f"'{where}' cannot be read: it is not UTF-8."
    if isinstance(error, RecursionError):
        return f"'{where}' cannot be read: it is nested too deeply."
    reason = getattr(error, "strerror", None) or " ".join(str(error).split())
    return f"'{where}' cannot be read: {reason}."


def _conda_need(item: str, where: str) -> Iterator[Need]:
    """Read a package of conda; its one `=` is a prefix of a version, and its name pip's."""
    found = _CONDA_NAME.fullmatch(item.strip())
    if found is None or found["name"] in {"python", "pip"}:
        return
    rest = found["rest"].replace(" ", "")
    if re.fullmatch(r"=[^=].*", rest):
        version = rest[1:].partition("=")[0].removesuffix("*").removesuffix(".")
        rest = f"=={version}.*"
    elif re.fullmatch(r"==?[^=]+=[^=]+", rest):
        rest = rest.rpartition("=")[0]
    try:
        yield Need(Requirement(found["name"] + rest), where)
    except InvalidRequirement:
        yield Need(Requirement(found["name"]), where)


def _shown(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return str(path)
