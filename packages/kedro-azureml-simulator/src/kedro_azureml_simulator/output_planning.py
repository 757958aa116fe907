"""Where outputs go: their types, the assets that they register, the pipeline's outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_simulator.model import Output
from kedro_azureml_simulator.plan import PlannedOutput
from kedro_azureml_simulator.yaml_reader import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kedro_azureml_simulator.model import Pipeline
    from kedro_azureml_simulator.yaml_reader import Section


def plan_outputs(
    pipeline: Pipeline, job: Section, references: Iterable[str]
) -> dict[tuple[str, str], PlannedOutput]:
    """Give every output port its type and the asset that it registers.

    Args:
        pipeline: The pipeline as it was read.
        job: The section of the whole YAML, for problems.
        references: Assets that exist already: an asset without a version gets the next one.

    Returns:
        The planned output of each `(step, port)`.
    """
    taken: dict[str, set[str]] = {}
    for reference in references:
        name, colon, number = reference.partition(":")
        if colon:
            taken.setdefault(name, set()).add(number)
    writers: dict[tuple[str, str], str] = {}
    ports = list(_ports(pipeline))
    # Versions that the YAML gives come first: an automatic one must not take their place.
    for step, port, output in ports:
        if output.asset_name and output.asset_version:
            asset = (output.asset_name, output.asset_version)
            where = f"jobs.{step}.outputs.{port}"
            if asset in writers:
                job.problem(
                    where,
                    f"registers {':'.join(asset)}, and so does {writers[asset]}",
                    "give one of them another version",
                )
            writers[asset] = where
            taken.setdefault(asset[0], set()).add(asset[1])
    planned: dict[tuple[str, str], PlannedOutput] = {}
    for step, port, output in ports:
        version: str | None = output.asset_version
        if output.asset_name and version is None:
            known = taken.setdefault(output.asset_name, set())
            version = str(1 + max((int(text) for text in known if text.isdecimal()), default=0))
            known.add(version)
        registered = (output.asset_name, version) if output.asset_name and version else None
        planned[step, port] = PlannedOutput(output.type or "uri_folder", registered)
    return planned


def plan_pipeline_outputs(pipeline: Pipeline, job: Section) -> dict[str, tuple[str, str]]:
    """Return the `(step, port)` that writes each pipeline output."""
    writers: dict[str, tuple[str, str]] = {}
    for step in pipeline.steps:
        for port, output in step.outputs.items():
            target = output.pipeline_output
            where = f"jobs.{step.name}.outputs.{port}"
            if target is None:
                continue
            if target not in pipeline.outputs:
                job.problem(
                    where,
                    f"the pipeline has no output `{target}`",
                    did_you_mean(target, pipeline.outputs),
                )
            elif target in writers:
                other = "jobs.{}.outputs.{}".format(*writers[target])
                job.problem(
                    where,
                    f"writes the pipeline output `{target}`, and so does {other}",
                    "give each its own pipeline output",
                )
            else:
                writers[target] = (step.name, port)
    return writers


def _ports(pipeline: Pipeline) -> Iterator[tuple[str, str, Output]]:
    """Yield every port; what it leaves open is said by the pipeline output that it writes."""
    for step in pipeline.steps:
        for port, output in step.outputs.items():
            yield step.name, port, _with_pipeline_output(output, pipeline.outputs)


def _with_pipeline_output(output: Output, pipeline_outputs: Mapping[str, Output]) -> Output:
    target = pipeline_outputs.get(output.pipeline_output or "", Output())
    own = output.asset_name is not None
    return Output(
        type=output.type or target.type,
        asset_name=output.asset_name if own else target.asset_name,
        asset_version=output.asset_version if own else target.asset_version,
        pipeline_output=output.pipeline_output,
    )
