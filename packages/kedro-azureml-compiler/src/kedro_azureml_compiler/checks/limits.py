"""Find what Azure ML would refuse or truncate: its limits, and its rules for names.

The numbers are those of Microsoft's page "Manage and increase quotas and limits" of Azure Machine
Learning; the rule of experiment names is the service's own message; the forms of an environment are
those that azure-ai-ml 1.35.2 resolves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_azureml_compiler.azureml.pipeline_job import PipelineJob
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job

MAX_NAME = 256
"""Characters of a display name and of an experiment's name."""

MAX_DESCRIPTION = 5000
"""Characters of a description."""

MAX_TAGS = 50
MAX_STEPS = 30_000
MAX_INPUTS = 200
MAX_OUTPUTS = 20
"""Data inputs and outputs of one step."""

_EXPERIMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_ENVIRONMENT = re.compile(
    r"(azureml:)?([A-Za-z0-9][\w.-]*|<[^<>/]+>)[:@][\w.-]+"  # my-env:3, <yours>@latest
    r"|(azureml:)?AzureML-[\w.-]+"  # a curated one, whose version the service resolves
    r"|azureml://.+"  # in a registry
    r"|(azureml:)?/subscriptions/.+"
)
_LOCAL = "local"


TEXT_TOO_LONG = FindingKind(
    code="text-too-long",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="A name or a description is too long for Azure ML",
    explanation=(
        "Azure ML allows 256 characters for a display name or an experiment name, and 5,000 for "
        "a description."
    ),
    hint="Shorten it.",
)

STEP_NAME_TOO_LONG = FindingKind(
    code="step-name-too-long",
    severity=Severity.ERROR,
    about=About.STEP,
    title="The name of a step is too long for Azure ML",
    explanation="Azure ML allows 256 characters for a display name.",
    hint="Shorten the node's name, or put the node into a group with a shorter name.",
)

EXPERIMENT_NAME = FindingKind(
    code="experiment-name",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="The name of an experiment has characters that Azure ML does not allow",
    explanation=(
        "Letters, digits, `-` and `_` are allowed; the first character is a letter or a digit."
    ),
    hint="Replace the other characters, for example with `-`.",
    example=("jobs:\n  training:\n    experiment_name: my-experiment"),
)

TOO_MANY_STEPS = FindingKind(
    code="too-many-steps",
    severity=Severity.ERROR,
    about=About.PROJECT,
    title="The job has more steps than Azure ML allows",
    explanation="Azure ML allows 30,000 steps in one pipeline.",
    hint="Combine nodes with `grouping`, or split the job into several.",
)

TOO_MANY_PORTS = FindingKind(
    code="too-many-ports",
    severity=Severity.ERROR,
    about=About.STEP,
    title="A step has more inputs or outputs than Azure ML allows",
    explanation="Azure ML allows 200 inputs and 20 outputs for one step.",
    hint=(
        "Put the step together with the steps that it exchanges data with (`grouping`), or pass "
        "one `PartitionedDataset` instead of many datasets."
    ),
)

TOO_MANY_TAGS = FindingKind(
    code="too-many-tags",
    severity=Severity.ERROR,
    about=About.PROJECT,
    title="A job has more tags than Azure ML allows",
    explanation="Azure ML allows 50 tags for a job; the compiler itself adds up to four.",
    hint="Pass `--tag` fewer times.",
)

ENVIRONMENT_REFERENCE = FindingKind(
    code="environment-reference",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="The reference to an environment is incomplete",
    explanation=(
        "A registered environment needs a version or a label. The name of an image is not a "
        "reference to an environment."
    ),
    hint="Write a version, a label, an address in a registry, or a description with `image`.",
    example=(
        "execution:\n"
        "  environment: my-env@latest        # or my-env:3\n"
        "  # environment: azureml://registries/azureml/environments/sklearn-1.5/labels/latest\n"
        "  # environment: {image: docker.io/library/python:3.11}"
    ),
)

COMPUTE_LOCAL = FindingKind(
    code="compute-local",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="An entry of `compute` names the cluster `local`",
    explanation="Azure ML does not run pipeline jobs on `local`.",
    hint=(
        "Name a compute of the workspace. `kedro azureml simulate` runs the job on this "
        "machine, whatever is set here."
    ),
)

NO_EFFECT = FindingKind(
    code="no-effect",
    severity=Severity.WARNING,
    about=About.SETTING,
    title="A setting has no effect",
    explanation=(
        "Files of kedro-azureml-pipeline 0.1.0 are accepted as they are; a few of their "
        "settings do nothing yet. `execution.working_directory` has an effect only with "
        "`code_directory: null`."
    ),
    hint="Nothing has to change, but do not rely on the setting.",
)


def check_limits(
    pipeline_job: PipelineJob, name: str, job: Job, config: AzureMLConfig
) -> list[Finding]:
    """Find what is too long or too many for Azure ML, and names that it would refuse.

    Args:
        pipeline_job: The job for Azure ML.
        name: Name of the job.
        job: The job in `azureml.yml`.
        config: All of `azureml.yml`.
    """
    return [
        *_lengths(pipeline_job, name, job),
        *_counts(pipeline_job),
        *_references(name, job, config),
    ]


def _lengths(pipeline_job: PipelineJob, name: str, job: Job) -> Iterable[Finding]:
    experiment = pipeline_job.experiment_name or ""

    def place_of(key: str) -> str:
        return f"jobs.{name}.overrides.{key}" if key in job.overrides else f"jobs.{name}.{key}"

    texts = [
        (place_of("display_name"), pipeline_job.display_name, MAX_NAME),
        (place_of("description"), pipeline_job.description or "", MAX_DESCRIPTION),
        (place_of("experiment_name"), experiment, MAX_NAME),
    ]
    for where, text, most in texts:
        if len(text) > most:
            message = f"it has {len(text):,} characters; Azure ML allows {most:,}."
            yield TEXT_TOO_LONG.found(where, message, "Shorten it.")
    for step in pipeline_job.jobs.values():
        shown = step.component.display_name
        if len(shown) > MAX_NAME:
            message = (
                f"the name of the step has {len(shown):,} characters; Azure ML allows {MAX_NAME}."
            )
            yield STEP_NAME_TOO_LONG.found(shown, message)
    if experiment and not _EXPERIMENT.fullmatch(experiment):
        message = (
            f"'{experiment}' is not a valid experiment name: use letters, digits, '-' and "
            "'_', and start with a letter or a digit."
        )
        safe = re.sub(r"[^A-Za-z0-9_-]+", "-", experiment).strip("-_")
        hint = f"Write, for example, '{safe or 'my-experiment'}'."
        where = place_of("experiment_name")
        yield EXPERIMENT_NAME.found(where, message, hint)


def _counts(pipeline_job: PipelineJob) -> Iterable[Finding]:
    if len(pipeline_job.jobs) > MAX_STEPS:
        message = f"the job has {len(pipeline_job.jobs):,} steps; Azure ML allows {MAX_STEPS:,}."
        yield TOO_MANY_STEPS.found("the job", message)
    if len(pipeline_job.tags) > MAX_TAGS:
        message = f"the job has {len(pipeline_job.tags)} tags; Azure ML allows {MAX_TAGS}."
        yield TOO_MANY_TAGS.found("the job", message)
    for step in pipeline_job.jobs.values():
        counts = [
            ("inputs", len(step.component.inputs), MAX_INPUTS),
            ("outputs", len(step.component.outputs), MAX_OUTPUTS),
        ]
        for what, count, most in counts:
            if count > most:
                message = f"the step has {count} {what}; Azure ML allows {most}."
                where = step.component.display_name
                yield TOO_MANY_PORTS.found(where, message)


def _references(name: str, job: Job, config: AzureMLConfig) -> Iterable[Finding]:
    environments = [("execution.environment", config.execution.environment)]
    environments += [
        (f"jobs.{name}.steps.{pattern}.environment", settings.environment)
        for pattern, settings in job.steps.items()
    ]
    for where, environment in environments:
        if isinstance(environment, str) and not _ENVIRONMENT.fullmatch(environment):
            message, hint = _explain_reference(environment)
            yield ENVIRONMENT_REFERENCE.found(where, message, hint)
    execution = config.execution
    if execution.working_directory is not None and execution.code_directory is not None:
        message = "it has no effect: the code is uploaded, and the step starts in its folder."
        hint = "Remove it, or write 'code_directory: null' if the image contains the code."
        where = "execution.working_directory"
        yield NO_EFFECT.found(where, message, hint)
    for compute, entry in sorted(config.compute.items()):
        cluster = (entry.cluster_name or "").removeprefix("azureml:")
        if cluster == _LOCAL:
            where = f"compute.{compute}.cluster_name"
            message = "Azure ML does not run pipeline jobs on 'local'."
            hint = (
                "Name a compute of the workspace; 'kedro azureml simulate' runs the job on this "
                "machine."
            )
            yield COMPUTE_LOCAL.found(where, message, hint)


def _explain_reference(environment: str) -> tuple[str, str]:
    """Return what is wrong with a reference to an environment, and what to write instead."""
    if "/" in environment:
        message = f"'{environment}' is an image, not an environment."
        return (
            message,
            f"Describe the environment instead:  environment: {{image: {environment!r}}}",
        )
    name, *rest = re.split(r"[:@]", environment.removeprefix("azureml:"))
    if rest:
        return f"'{environment}' is not a valid reference.", "Write, for example, my-env@latest."
    message = f"'{environment}' has no version or label."
    return message, f"Write, for example, {name}@latest or {name}:3."
