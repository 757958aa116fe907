"""The component of a step, a mapping or a file, and what a command of it may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import PipelineError
from kedro_azureml_simulator.pipeline.yaml_reader import Section, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

COMMAND_FIELDS = (
    "$schema", "type", "name", "version", "display_name", "description", "tags",
    "is_deterministic", "inputs", "outputs", "command", "code", "environment", "distribution",
    "resources", "properties", "environment_variables", "additional_includes",
)  # fmt: skip
PIPELINE_FIELDS = (
    "$schema", "type", "name", "version", "display_name", "description", "tags",
    "is_deterministic", "inputs", "outputs", "jobs", "settings", "properties",
)  # fmt: skip
_DEEPEST = 20


def read_component(owner: Section, folder: Path) -> tuple[Section, Path] | None:
    """Read `component:` of a step or a job.

    Args:
        owner: The step or job.
        folder: What the path of a file is relative to.

    Returns:
        The component and the folder that its own paths are relative to; None and a problem
        where there is none.
    """
    value = owner.values["component"]
    if isinstance(value, dict):
        if value.get("type") == "pipeline":
            owner.problem(
                "component",
                "Azure ML takes a pipeline component from a file only",
                "write it to a file of its own, and that file's path here",
            )
            return None
        return owner.subsection("component", value), folder
    if not isinstance(value, str):
        owner.problem("component", "must be a mapping or the path of a file")
        return None
    if value.startswith("azureml:"):
        owner.problem(
            "component",
            f"`{value}` lives in a workspace or registry, which the simulator cannot reach",
            "write the component's YAML here, or the path of its file",
        )
        return None
    if owner.where.count("component") > _DEEPEST:
        owner.problem("component", f"`{value}` contains itself")
        return None
    path = folder / value.removeprefix("file:")
    try:
        content = read_yaml(path)
    except PipelineError as error:
        for problem in error.problems:
            owner.problem("component", f"{value}: {problem.text}", problem.hint)
        return None
    return owner.subsection("component", content), path.parent


def includes(component: Section, folder: Path) -> tuple[Path, ...]:
    """Read `additional_includes`, files and folders that travel beside the code folder."""
    values = component.values.get("additional_includes") or []
    if not isinstance(values, list):
        component.problem("additional_includes", "must be a list of local paths")
        return ()
    found = []
    for value in values:
        if not isinstance(value, str):
            component.problem(
                "additional_includes",
                f"{value!r} is remote, and is not simulated",
                "give the path of a local file or folder",
            )
            continue
        path = (folder / value).absolute()
        if not path.exists() and not zipped_folder(path):
            component.problem("additional_includes", f"{path} does not exist", "check the path")
        found.append(path)
    return tuple(found)


def zipped_folder(path: Path) -> Path | None:
    """Return the folder that an include `<folder>.zip` stands for, None where it is a file."""
    folder = path.with_suffix("")
    return folder if path.suffix == ".zip" and not path.exists() and folder.is_dir() else None
