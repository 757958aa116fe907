"""A job, as a file or as an object of the Azure SDK, checked and made a plan; nothing runs here."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from kedro_azureml_simulator.errors import PipelineError, SimulatorError
from kedro_azureml_simulator.mappings import Mappings, read_mappings_for
from kedro_azureml_simulator.pipeline.declaration_parsing import LITERAL_TYPES
from kedro_azureml_simulator.pipeline.parsing import read_job
from kedro_azureml_simulator.pipeline.section import Reading
from kedro_azureml_simulator.pipeline.yaml_reader import GivenText, parse_yaml, read_yaml
from kedro_azureml_simulator.planning.plan_run import plan as make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_simulator.planning.plan import Plan
    from kedro_azureml_simulator.problems import Problem


class Job(Protocol):
    """A job of the Azure SDK: a `PipelineJob`, or what `command(...)` returns."""

    def dump(self, dest: Any, **kwargs: Any) -> Any:
        """Write the job's YAML to a stream."""


PipelineSource: TypeAlias = "Path | str | Job"


def validate(
    pipeline: PipelineSource,
    *,
    assets: Mapping[str, Path] | None = None,
    inputs: Mapping[str, str] | None = None,
    components: Mapping[str, Path] | None = None,
    config: Path | None = None,
) -> tuple[Problem, ...]:
    r"""Check a job without running anything.

    Args:
        pipeline: A YAML file, or a job of the Azure SDK.
        assets: Local files or folders for asset references and remote addresses.
        inputs: Values for pipeline inputs.
        components: YAML files for components of a workspace or registry.
        config: A file with such mappings; None for `azureml-simulate.yml` beside the pipeline.

    Returns:
        All that was found, errors, warnings and notes, in the order of the file.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "pipeline.yml"
        >>> _ = file.write_text("type: pipeline\njobs: {}\n")
        >>> [str(problem) for problem in validate(file)]
        ['pipeline.yml:2: jobs: the pipeline has no step\n      add at least one step']
    """
    try:
        given = collect_mappings(pipeline, Mappings(assets or {}, {}, components or {}), config)
        _, problems = plan_pipeline(pipeline, given, inputs or {})
    except PipelineError as error:
        return error.problems
    return problems


def collect_mappings(pipeline: PipelineSource, given: Mappings, config: Path | None) -> Mappings:
    """Return the mappings of a job's configuration file, and over them what a caller gives.

    Raises:
        PipelineError: The configuration cannot be read.
    """
    return given.over(read_mappings_for(_file(pipeline) if is_file(pipeline) else None, config))


def make_checked_plan(
    pipeline: PipelineSource, mappings: Mappings, inputs: Mapping[str, str], *, strict: bool
) -> tuple[Plan, tuple[Problem, ...]]:
    """Return a plan that may run, and the warnings and notes about it.

    Args:
        pipeline: A YAML file, or a job of the Azure SDK.
        mappings: Local paths for what is not on this machine.
        inputs: Values for pipeline inputs.
        strict: Whether a warning is an error.

    Raises:
        PipelineError: There is an error.
    """
    plan, problems = plan_pipeline(pipeline, mappings, inputs)
    if any(p.severity == "error" or (strict and p.severity == "warning") for p in problems):
        raise PipelineError(_file(pipeline), problems)
    return plan, problems


def plan_pipeline(
    pipeline: PipelineSource, mappings: Mappings, inputs: Mapping[str, str]
) -> tuple[Plan, tuple[Problem, ...]]:
    """Return a plan, which may run only where no problem is an error, and all problems."""
    file = _file(pipeline)
    if isinstance(pipeline, str | Path):
        content = read_yaml(file)
    else:
        content = parse_yaml(_dumped(pipeline), file)
    reading = Reading(components={name: Path(path) for name, path in mappings.components.items()})
    left = dict(inputs)
    if isinstance(content, dict):
        left = _replace_inputs(content, inputs, reading.working_dir)
    parsed, job = read_job(content, file, reading)
    plan = make_plan(
        parsed,
        job,
        assets={reference: Path(path) for reference, path in mappings.assets.items()},
        inputs=left,
        working_dir=reading.working_dir,
    )
    found = dict.fromkeys(reading.problems)
    return plan, tuple(sorted(found, key=lambda p: (p.file != file, str(p.file), p.line)))


def is_file(pipeline: PipelineSource) -> bool:
    """Check whether a job is a file rather than an object."""
    return isinstance(pipeline, str | Path)


def _file(pipeline: PipelineSource) -> Path:
    """Return the file of a job; for an object, a name beside what its paths are relative to."""
    if isinstance(pipeline, str | Path):
        return Path(pipeline).absolute()
    base = getattr(pipeline, "base_path", None) or "."
    return Path(base).absolute() / f"{type(pipeline).__name__}.yml"


def _dumped(job: Job) -> str:
    stream = io.StringIO()
    try:
        job.dump(stream)
    except Exception as error:  # whatever the SDK raises
        raise SimulatorError(
            f"the job cannot be dumped: {error}", hint="job.dump(io.StringIO()) must work"
        ) from error
    return stream.getvalue()


def _replace_inputs(
    content: dict[Any, Any], inputs: Mapping[str, str], working_dir: Path
) -> dict[str, str]:
    """Put a caller's values in place of the YAML's; return those that the YAML does not have."""
    own = content.get("inputs")
    if not isinstance(own, dict):
        return dict(inputs)
    left = {}
    for name, text in inputs.items():
        if name not in own:
            left[name] = text
        elif isinstance(own[name], dict) and not _is_typed_literal(own[name]):
            is_local = not text.startswith("azureml:") and "://" not in text
            own[name]["path"] = str(working_dir / text) if is_local else text
        else:
            own[name] = GivenText(text)
    return left


def _is_typed_literal(written: dict[Any, Any]) -> bool:
    """Check whether a mapping stands for a literal: `{value: 5}`, `{type: integer, default: 5}`."""
    return "path" not in written and (
        not {"value", "default"}.isdisjoint(written) or written.get("type") in LITERAL_TYPES
    )
