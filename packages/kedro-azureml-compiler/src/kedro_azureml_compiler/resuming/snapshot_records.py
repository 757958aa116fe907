"""Record what the nodes of a submitted job were made from, from the code that was sent."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_azureml_runner.exact_text import keep_exact
from kedro_azureml_runner.protocol.promoted import insert_promoted

from kedro_azureml_compiler.planning.facts import strip_transcoding
from kedro_azureml_compiler.project.filters import NodeFilters
from kedro_azureml_compiler.project.opening import bootstrap
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.project.request import ProjectRequest
from kedro_azureml_compiler.resuming.recording import FileDigests, digest_code, record_job
from kedro_azureml_compiler.settings.models import Job, PipelineSelection
from kedro_azureml_compiler.settings.steps import StepSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_compiler.resuming.job_record import JobRecord


@dataclass(frozen=True)
class SentStep:
    """A step of a submitted job.

    Args:
        name: Its name: that of its node or group.
        nodes: Names of its nodes.
        environment: What says which environment it ran in.
        variables: Environment variables that the job gave it.
    """

    name: str
    nodes: tuple[str, ...]
    environment: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SentPipeline:
    """A submitted job, as its workspace knows it, and its code.

    Args:
        job: Its name in `azureml.yml`.
        code: The folder with its snapshot.
        steps: Its steps.
        pipelines: Names of the registered pipelines that hold its nodes.
        env: Kedro environment; None leaves it to the project.
        conf_source: The configuration, relative to the snapshot; None leaves it to the project.
        params: Runtime parameters.
        promoted: Parameters that are inputs of the job, with a dot for each level, to their values.
        load_versions: Dataset name to version.
        versions: Datasets that steps mount and no step wrote to what says which data it is.
        stored: Datasets that steps mount and another job has stored.
        use_hooks: Whether the project is read with its hooks.
        salt: What the digests are made with.
    """

    job: str
    code: Path
    steps: tuple[SentStep, ...]
    pipelines: tuple[str, ...] = ("__default__",)
    env: str | None = None
    conf_source: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    promoted: Mapping[str, Any] = field(default_factory=dict)
    load_versions: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    stored: tuple[str, ...] = ()
    use_hooks: bool = True
    salt: str = ""


def record_sent_pipeline(sent: SentPipeline) -> JobRecord:
    """Record what the nodes of a submitted job were made from, by reading the code that was sent.

    It becomes the open project of this process, which has to be one that opens no other.

    Args:
        sent: The job.

    Raises:
        ProjectError: The code cannot be read as a Kedro project, or does not have the nodes.
        UnreadableError: A file cannot be read.
    """
    bootstrap(sent.code)
    promoted = {
        name: keep_exact(value) if isinstance(value, str) else value
        for name, value in sent.promoted.items()
    }
    nodes = [node for step in sent.steps for node in step.nodes]
    request = ProjectRequest(
        sent.code,
        sent.env,
        insert_promoted(sent.params, promoted),
        conf_source=sent.conf_source,
        use_hooks=sent.use_hooks,
        filters=NodeFilters(node_names=tuple(nodes)),
    )
    variables = {
        step.name: StepSettings(environment_variables=dict(step.variables))
        for step in sent.steps
        if step.variables
    }
    selection = PipelineSelection(pipeline_names=sent.pipelines)
    settings = Job(pipeline=selection, steps=variables)
    facts = read_project(request, settings, with_parameters=True)
    used = {strip_transcoding(name) for name in facts.datasets}
    facts = replace(
        facts,
        stored=dict.fromkeys(sent.stored, ""),
        load_versions={n: v for n, v in sent.load_versions.items() if strip_transcoding(n) in used},
    )
    files = _list_files(facts.root)
    digests = FileDigests(facts.root)
    return record_job(
        facts,
        sent.job,
        {node: step.name for step in sent.steps for node in step.nodes},
        digest_code(facts, files, digests, with_modes=False),
        variables={step.name: step.variables for step in sent.steps},
        environments={step.name: step.environment for step in sent.steps},
        versions=sent.versions,
        files=files,
        digests=digests,
        salt=sent.salt,
    )


def _list_files(root: Path) -> list[str]:
    return sorted(
        Path(folder, name).relative_to(root).as_posix()
        for folder, _, names in os.walk(root)
        for name in names
        if "__pycache__" not in Path(folder).parts
    )
