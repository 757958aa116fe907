"""The component of a step: a mapping, a file, or a file that stands for a registered one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import PipelineError
from kedro_azureml_simulator.pipeline.yaml_reader import read_yaml
from kedro_azureml_simulator.references import find_mapped, list_spellings

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_azureml_simulator.pipeline.section import Section

COMMAND_FIELDS = (
    "$schema", "type", "name", "version", "display_name", "description", "tags",
    "is_deterministic", "inputs", "outputs", "command", "code", "environment", "distribution",
    "resources", "properties", "environment_variables", "additional_includes",
)  # fmt: skip
PARALLEL_FIELDS = (
    "$schema", "type", "name", "version", "display_name", "description", "tags",
    "is_deterministic", "inputs", "outputs", "properties", "input_data", "mini_batch_size",
    "mini_batch_error_threshold", "error_threshold", "retry_settings", "partition_keys",
    "max_concurrency_per_instance", "logging_level", "resources", "task", "environment_variables",
)  # fmt: skip
PIPELINE_FIELDS = (
    "$schema", "type", "name", "version", "display_name", "description", "tags",
    "is_deterministic", "inputs", "outputs", "jobs", "settings", "properties",
)  # fmt: skip
_DEEPEST = 20


def read_component(
    owner: Section, folder: Path, key: str = "component"
) -> tuple[Section, Path] | None:
    """Read `component:` of a step or a job, or `trial:` of a sweep.

    Args:
        owner: The step or job.
        folder: What the path of a file is relative to.
        key: Where it stands.

    Returns:
        The component and the folder that its own paths are relative to; None and a problem
        where there is none.
    """
    value = owner.values.get(key)
    if isinstance(value, dict):
        return owner.subsection(key, value), folder
    if not isinstance(value, str):
        owner.problem(key, "must be a mapping or the path of a file")
        return None
    is_registered = value.startswith("azureml:")
    if is_registered:
        path = find_mapped(value, owner.reading.components)
        if path is None:
            short = list_spellings(value)[-1]
            owner.problem(
                key,
                f"`{value}` is in a workspace or registry, which the simulator cannot reach",
                f"map it to its YAML file: --component {short}=<file>",
                rule="remote-component",
            )
            return None
    else:
        path = folder / value.removeprefix("file:")
    if owner.where.count("component") > _DEEPEST:
        owner.problem(key, f"`{value}` contains itself")
        return None
    try:
        content = read_yaml(path)
    except PipelineError as error:
        for problem in error.problems:
            named = f"{path}, which stands for `{value}`" if is_registered else value
            owner.problem(key, f"{named}: {problem.text}", problem.hint)
        return None
    return owner.subsection(key, content, path), path.parent


def read_includes(component: Section, folder: Path) -> tuple[Path, ...]:
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
                f"{value!r} is remote, and is not fetched",
                "write the path of a local file or folder",
                rule="remote-include",
            )
            continue
        path = (folder / value).absolute()
        if not path.exists() and not find_zipped_folder(path):
            component.problem(
                "additional_includes", f"{path} does not exist", "check the path",
                rule="local-data",
            )  # fmt: skip
        found.append(path)
    return tuple(found)


def find_zipped_folder(path: Path) -> Path | None:
    """Return the folder that an include `<folder>.zip` stands for, None for an existing file."""
    folder = path.with_suffix("")
    return folder if path.suffix == ".zip" and not path.exists() and folder.is_dir() else None
