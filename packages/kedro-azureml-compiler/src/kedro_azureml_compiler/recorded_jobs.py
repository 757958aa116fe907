"""Compile a job with a record of what its nodes are made from, or the rest of one that ended."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_azureml_datasets import KedroAzureMLError
from kedro_azureml_runner.exact_text import keep_exact
from kedro_azureml_runner.protocol.promoted import InvocationError, Promoted, insert_promoted

from kedro_azureml_compiler.azureml.names import make_azure_name
from kedro_azureml_compiler.bundle.writing import check_target
from kedro_azureml_compiler.bundle_layout import ENVIRONMENTS_FOLDER
from kedro_azureml_compiler.compilation import CompiledJob, find_target, write_examined
from kedro_azureml_compiler.conda_files import read_conda_file
from kedro_azureml_compiler.examination import ExaminedJob, examine_facts
from kedro_azureml_compiler.findings import stop_on_errors
from kedro_azureml_compiler.job_changes import NO_CHANGES, JobChanges
from kedro_azureml_compiler.planning.plan import Flow
from kedro_azureml_compiler.project.azureml_yml import read_settings
from kedro_azureml_compiler.project.jobs import check_job_name, find_job
from kedro_azureml_compiler.project.project_errors import ProjectError
from kedro_azureml_compiler.project.reading import read_project
from kedro_azureml_compiler.resuming.decision import (
    CodeChange,
    EarlierJob,
    NodeChoice,
    UnknownChanges,
    choose_nodes,
    find_code_changes,
    find_unknown_changes,
)
from kedro_azureml_compiler.resuming.digests import make_salt
from kedro_azureml_compiler.resuming.recording import (
    FileDigests,
    digest_code,
    join_docker_args,
    record_job,
)
from kedro_azureml_compiler.resuming.restriction import keep_nodes
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kedro_azureml_compiler.planning.facts import ProjectFacts
    from kedro_azureml_compiler.planning.plan import Plan
    from kedro_azureml_compiler.project.request import ProjectRequest
    from kedro_azureml_compiler.resuming.job_record import JobRecord
    from kedro_azureml_compiler.settings.models import Workspace


class CodeChangedError(KedroAzureMLError):
    """The code is not what the earlier job ran, so what that has stored may be out of date.

    Args:
        earlier: What messages call that job.
        changes: The files that differ.
    """

    blame = "user"

    def __init__(self, earlier: str, changes: tuple[CodeChange, ...]) -> None:
        listed = "".join(f"\n  {change.what}: {change.path}" for change in changes)
        super().__init__(
            f"The code has changed since {earlier}; nothing was started.{listed}",
            hint="Name the nodes that the change affects with --from-nodes, or take over what"
            " completed all the same with --accept-code-changes.",
        )
        self.changes = changes


@dataclass(frozen=True)
class Recording:
    """What only the caller knows of the data that a job reads.

    Args:
        find_versions: Returns for a plan which data stands for datasets that nothing produces,
            where the plan alone does not say it.
        find_pins: Returns for a plan the versions of data assets that a resumed job reads, where
            the plan leaves them open.
        describe_environment: Returns for what a step's component says of its environment a text
            that differs if the environment does.
        values: Inputs of the job that get another value this time.
        variables: Environment variables that every step gets besides those of the job.
        with_modes: Whether it counts that a file of the code can be executed.
    """

    find_versions: Callable[[Plan, Workspace], Mapping[str, str]]
    find_pins: Callable[[Plan], Mapping[str, str]] = lambda _: {}
    describe_environment: Callable[[str | Mapping[str, Any]], str] = repr
    values: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    with_modes: bool = True


@dataclass(frozen=True)
class Resumption:
    """What is to be resumed, and how.

    Args:
        earlier: The job that has ended.
        from_nodes: Nodes that run again in any case, with all that follow.
        accept_code_changes: Whether completed nodes are taken over though the code differs.
    """

    earlier: EarlierJob
    from_nodes: tuple[str, ...] = ()
    accept_code_changes: bool = False


@dataclass(frozen=True)
class RecordedJob:
    """A job, and what a later resume has to know of it.

    Args:
        compiled: The bundle; None if every node is taken over, so that there is nothing to run.
        record: What the nodes are made from.
        choices: Of a resumed job: what becomes of each node.
        unknown: Of a resumed job: what nobody can tell of the nodes that are taken over.
    """

    compiled: CompiledJob | None
    record: JobRecord
    choices: tuple[NodeChoice, ...] = ()
    unknown: UnknownChanges = field(default_factory=UnknownChanges)


class ChosenRest(NamedTuple):
    """What has to run again of a job that has ended.

    Args:
        record: What the nodes of the whole job are made from now.
        choices: What becomes of each node.
        unknown: What nobody can tell of the nodes that are taken over.
        code_changes: Files of the code that differ.
    """

    record: JobRecord
    choices: tuple[NodeChoice, ...]
    unknown: UnknownChanges
    code_changes: tuple[CodeChange, ...]


def compile_recorded(
    request: ProjectRequest,
    job: str,
    recording: Recording,
    *,
    resumption: Resumption | None = None,
    output: Path | None = None,
    changes: JobChanges = NO_CHANGES,
) -> RecordedJob:
    """Compile a job so that it can be resumed, or the rest of one that is resumed.

    Args:
        request: Which project, and how to read it.
        job: Name of the job in `azureml.yml`.
        recording: What the caller knows of the data that the job reads.
        resumption: What is resumed; None for a whole job.
        output: Folder of the bundle; `build/azureml/<job>` in the project by default.
        changes: Changes to `azureml.yml` for this bundle.

    Raises:
        CodeChangedError: The code differs, and nothing says what to make of it.
        ProjectError: A node in `from_nodes` does not exist.
        KedroAzureMLError: Those of `compile_job`.
    """
    check_job_name(job)
    root, target = find_target(request, job, output)
    check_target(target, root)
    whole = _examine(request, job, target, changes)
    stop_on_errors(whole.findings)
    if resumption is None:
        given = _read_as_steps_do(request, whole, recording)
        return RecordedJob(
            write_examined(whole, target), _record(whole, given, recording, make_salt())
        )
    chosen = _choose(request, whole, recording, resumption)
    earlier, record = resumption.earlier, chosen.record
    if chosen.code_changes and not (resumption.from_nodes or resumption.accept_code_changes):
        raise CodeChangedError(earlier.name, chosen.code_changes)
    running = {choice.name for choice in chosen.choices if choice.runs}
    if not running:
        return RecordedJob(None, record, chosen.choices, chosen.unknown)
    pins = recording.find_pins(whole.plan)
    rest = keep_nodes(whole.facts, running, earlier.addresses, pins)
    examined = examine_facts(
        job, whole.config, whole.settings, rest, target=target, changes=changes
    )
    compiled = write_examined(examined, target)
    steps = {node: step.name for step in examined.plan.steps for node in step.nodes}
    written = {d for node in record.nodes if node.name not in running for d in node.writes}
    record = replace(
        record,
        nodes=tuple(replace(node, step=steps.get(node.name, "")) for node in record.nodes),
        places={name: place for name, place in earlier.places.items() if name in written},
    )
    return RecordedJob(compiled, record, chosen.choices, chosen.unknown)


def choose_rest(
    request: ProjectRequest,
    job: str,
    recording: Recording,
    resumption: Resumption,
    changes: JobChanges = NO_CHANGES,
) -> ChosenRest:
    """Decide what has to run again of a job that has ended, and write nothing.

    Args:
        request: Which project, and how to read it.
        job: Name of the job in `azureml.yml`.
        recording: What the caller knows of the data that the job reads.
        resumption: What is resumed; changed code is taken for accepted.
        changes: Changes to `azureml.yml` for the new job.

    Raises:
        ProjectError: A node in `from_nodes` does not exist.
        KedroAzureMLError: Those of `compile_job`.
    """
    whole = _examine(request, job, find_target(request, job, None)[1], changes)
    stop_on_errors(whole.findings)
    return _choose(request, whole, recording, resumption)


def _examine(request: ProjectRequest, job: str, target: Path, changes: JobChanges) -> ExaminedJob:
    check_job_name(job)
    config = read_settings(request)
    config, settings = changes.settings(config, find_job(config, job, request))
    in_image = config.execution.code_directory is None
    facts = read_project(request, settings, in_image=in_image, with_parameters=True)
    return examine_facts(job, config, settings, facts, target=target, changes=changes)


def _choose(
    request: ProjectRequest, whole: ExaminedJob, recording: Recording, resumption: Resumption
) -> ChosenRest:
    earlier = resumption.earlier
    given = _read_as_steps_do(request, whole, recording)
    record = _record(whole, given, recording, earlier.record.salt)
    known = [node.name for node in record.nodes]
    for name in resumption.from_nodes:
        if name not in known:
            raise ProjectError(
                f"--from-nodes names '{name}', which is not a node of the job "
                f"{did_you_mean(name, known)}."
            )
    choices = choose_nodes(earlier, record, resumption.from_nodes)
    running = {choice.name for choice in choices if choice.runs}
    taken = [node for node in record.nodes if node.name not in running]
    return ChosenRest(
        record,
        choices,
        find_unknown_changes(earlier.record, record, taken),
        find_code_changes(earlier.record, record),
    )


def _read_as_steps_do(
    request: ProjectRequest, examined: ExaminedJob, recording: Recording
) -> ProjectFacts:
    """Read the project with the values of the job's inputs, which others may refer to."""
    facts, settings = examined.facts, examined.settings
    if not examined.plan.promoted:
        return facts
    values = {}
    for promoted in examined.plan.promoted:
        text = recording.values.get(promoted.name)
        value = promoted.default
        if text is not None:
            with suppress(InvocationError):  # each step says so, and none completes
                value = Promoted(promoted.type, text).typed(promoted.parameter)
        values[promoted.parameter] = keep_exact(value) if isinstance(value, str) else value
    request = request._replace(params=insert_promoted(facts.params, values))
    in_image = examined.config.execution.code_directory is None
    return read_project(request, settings, in_image=in_image, with_parameters=True)


def _record(
    examined: ExaminedJob, facts: ProjectFacts, recording: Recording, salt: str
) -> JobRecord:
    plan, steps = examined.plan, examined.pipeline_job.jobs
    named = {step.name: steps[make_azure_name(step.name)] for step in plan.steps}
    digests = FileDigests(facts.root)
    environments = {
        name: join_docker_args(
            recording.describe_environment(_expand(step.component.environment, facts.root)),
            step.to_dict(),
        )
        for name, step in named.items()
    }
    if examined.code is None:
        code = {f"the environment of {name}": text for name, text in environments.items()}
    else:
        code = digest_code(facts, examined.code, digests, with_modes=recording.with_modes)
    workspace = examined.config.workspace_named(examined.settings.workspace)
    return record_job(
        facts,
        plan.job,
        {node: step.name for step in plan.steps for node in step.nodes},
        code,
        variables={
            name: {**step.environment_variables, **recording.variables}
            for name, step in named.items()
        },
        environments=environments,
        versions={
            **_describe_data(plan, digests),
            **recording.find_versions(plan, workspace),
        },
        files=examined.code,
        digests=digests,
        salt=salt,
        overwritten={
            dataset
            for step in plan.steps
            for dataset in step.writes
            if "${{name}}" not in (named[step.name].outputs[make_azure_name(dataset)].path or "")
        },
    )


def _expand(environment: str | Mapping[str, Any], root: Path) -> str | Mapping[str, Any]:
    """Return a description of an environment with the content of its conda file."""
    if isinstance(environment, str) or not isinstance(environment.get("conda_file"), str):
        return environment
    path = PurePosixPath(environment["conda_file"]).relative_to(ENVIRONMENTS_FOLDER)
    return {**environment, "conda_file": read_conda_file(root, path.as_posix()).content}


def _describe_data(plan: Plan, digests: FileDigests) -> dict[str, str]:
    """Return what the plan alone says of data that nothing produces."""
    found = {}
    for dataset in plan.datasets:
        if dataset.flow is Flow.UPLOAD and dataset.source is not None:
            within = PurePosixPath(dataset.source).relative_to(dataset.source_root or "")
            found[dataset.name] = digests.of(dataset.source, within.as_posix())
        elif dataset.flow is Flow.VERSION and dataset.asset is not None:
            found[dataset.name] = dataset.asset.version or "latest"
    return found
