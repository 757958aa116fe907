"""Collect what a page shows of a job beside its plan: compute, command, mounts, findings, files."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.azureml.names import make_azure_name
from kedro_azureml_compiler.azureml.pipeline_job import StepInput, StepOutput
from kedro_azureml_compiler.azureml.rendering import render, split_steps
from kedro_azureml_compiler.drawing.details import (
    FindingNote,
    NodeDetails,
    PageDetails,
    StepDetails,
)
from kedro_azureml_compiler.drawing.labels import make_visible
from kedro_azureml_compiler.findings import About
from kedro_azureml_compiler.planning.facts import strip_transcoding
from kedro_azureml_compiler.project.travelling import LOCAL_ENV
from kedro_azureml_compiler.secrets.values import SecretMask, mask_secrets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kedro_azureml_compiler.azureml.pipeline_job import CommandStep, PipelineJob
    from kedro_azureml_compiler.findings import Finding
    from kedro_azureml_compiler.planning.facts import ProjectFacts
    from kedro_azureml_compiler.planning.plan import Plan, PlannedStep


def collect_page_details(
    plan: Plan,
    pipeline_job: PipelineJob,
    findings: Sequence[Finding],
    facts: ProjectFacts,
    pipeline_yml: str | None = None,
) -> PageDetails:
    """Return what a page shows of a job beside its plan. Secrets are masked.

    Args:
        plan: The plan.
        pipeline_job: The job that was made from it.
        findings: What was found.
        facts: What is known of the project.
        pipeline_yml: The text of the job, where it has been rendered already.
    """
    text = pipeline_yml if pipeline_yml is not None else render(pipeline_job)
    parts = dict(split_steps(text, pipeline_job.jobs))
    files = {
        strip_transcoding(name): make_visible(dataset.local_path)
        for name, dataset in facts.datasets.items()
        # A bundle holds no path of this machine: only what lies in the project is named.
        if dataset.local_path is not None and not PurePath(dataset.local_path).is_absolute()
    }
    read = {node.name: node.inputs for node in facts.nodes}
    contents = {
        step.name: _content(pipeline_job.jobs[make_azure_name(step.name)]) for step in plan.steps
    }
    commands = {
        name: str(content.get("component", {}).get("command", ""))
        for name, content in contents.items()
    }
    mounts = {step.name: list(_mounts(step, contents[step.name])) for step in plan.steps}
    masked = SecretMask([*parts.values(), *commands.values(), *chain(*mounts.values())]).mask
    steps = {}
    for step in plan.steps:
        content = contents[step.name]
        compute = str(content.get("compute") or pipeline_job.default_compute)
        steps[step.name] = StepDetails(
            runs_on=make_visible(compute.removeprefix("azureml:")),
            environment=_environment(content.get("component", {}).get("environment")),
            command=masked(commands[step.name]),
            mounts=tuple(map(masked, mounts[step.name])),
            yaml=masked(parts[make_azure_name(step.name)]),
            nodes=tuple(
                NodeDetails(node, tuple(_files(read.get(node, ()), files))) for node in step.nodes
            ),
        )
    return PageDetails(steps, files, tuple(map(_note, findings)))


def list_travelling_notes(
    findings: Iterable[Finding], code: Collection[str] | None
) -> tuple[FindingNote, ...]:
    """Return the findings that the page in a bundle shows: none about files that stay behind.

    Otherwise a file in `conf/local` of one machine would change the bundle.

    Args:
        findings: The findings of the job.
        code: The files of the snapshot, relative to the project; None if the image holds them.
    """
    return tuple(_note(finding) for finding in findings if _travels(finding, code))


def _travels(finding: Finding, code: Collection[str] | None) -> bool:
    place = finding.file
    if place is None and finding.kind.about is About.FILE:
        place = finding.where
    if place is None or finding.kind.about is About.SETTING:
        return True
    if code is None:
        return LOCAL_ENV not in PurePosixPath(place).parts
    return place in code or any(file.startswith(f"{place}/") for file in code)


def _content(step: CommandStep) -> Mapping[str, Any]:
    """Return what a page shows of a step, as in its YAML; a dict of all takes much longer."""
    if step.overrides:  # of anything in the dict
        return step.to_dict()
    component = {"command": step.component.command, "environment": step.component.environment}
    bound = {"inputs": step.inputs, "outputs": step.outputs}
    return {"component": component, "compute": step.compute, **bound}


def _environment(environment: Any) -> str:
    if isinstance(environment, str):
        return make_visible(environment.removeprefix("azureml:"))
    return mask_secrets(json.dumps(environment, ensure_ascii=False)) if environment else ""


def _mounts(step: PlannedStep, content: Mapping[str, Any]) -> Iterator[str]:
    for names, key, verb in ((step.reads, "inputs", "reads"), (step.writes, "outputs", "writes")):
        for name in names:
            bound = content.get(key, {}).get(make_azure_name(name))
            if isinstance(bound, (StepInput, StepOutput)):
                bound = bound.to_dict()
            where = bound
            if isinstance(bound, dict):
                words = (bound.get("mode"), bound.get("path") or bound.get("name"))
                where = ", ".join(str(word) for word in words if word)
            text = f"{verb} {name}" + (f": {where}" if where else "")
            yield make_visible(text)


def _files(names: Sequence[str], files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(map(strip_transcoding, names)):
        if name in files:
            yield make_visible(name), files[name]


def _note(finding: Finding) -> FindingNote:
    place = f"{finding.file}:{finding.line}: " if finding.file and finding.line else ""
    text = f"{place}{finding.where}: {finding.message} {finding.hint}".strip()
    return FindingNote(
        finding.severity.value, finding.kind.code, finding.where, make_visible(mask_secrets(text))
    )
