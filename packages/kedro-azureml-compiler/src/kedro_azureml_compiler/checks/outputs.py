"""Find outputs and inputs of a job that Azure ML would refuse or mix up."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from kedro_azureml_compiler.azureml.environments import (
    list_conda_descriptions,
    list_described_files,
)
from kedro_azureml_compiler.azureml.lowering import collect_data_inputs, make_output_path
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.promotion import PROMOTED_PARAMETER
from kedro_azureml_compiler.planning.step_choice import find_step_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kedro_azureml_compiler.planning.plan import Plan
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job
    from kedro_azureml_compiler.settings.steps import StepSettings


FIXED_OUTPUT_PATH = FindingKind(
    code="fixed-output-path",
    severity=Severity.WARNING,
    about=About.STEP,
    title="Every job would write its outputs to the same path",
    explanation="Azure ML needs the folder of an output to be empty: the second job fails.",
    hint="Add the name of the job, `\\${{name}}`, to the path.",
    example=("steps:\n  train:\n    output: {path: 'models/\\${{name}}/\\${{output_name}}'}"),
)

ONE_OUTPUT_PATH = FindingKind(
    code="one-output-path",
    severity=Severity.ERROR,
    about=About.STEP,
    title="Two outputs would be written to the same path",
    explanation="One would overwrite the other, or fail because of it.",
    hint="Add `\\${{output_name}}` to the path, with its backslash, in single quotes.",
    fixed=True,
)

NO_ENVIRONMENT = FindingKind(
    code="no-environment",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="`execution.environment` is missing",
    explanation="Azure ML needs to know the environment that the steps run in.",
    hint="Name an environment, for example `my-env@latest`.",
    example=("execution:\n  environment: my-env@latest"),
    fixed=True,
)

CODE_DIRECTORY = FindingKind(
    code="code-directory",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="`execution.code_directory` is neither `.` nor null",
    explanation="The whole project is uploaded, because the runner starts Kedro in it.",
    hint="Write `.`, or null if the image contains the code.",
    fixed=True,
)

ENVIRONMENT_FILE = FindingKind(
    code="environment-file",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="A file of an environment does not exist, or is outside the project",
    explanation=(
        "The bundle contains the conda file or the build context, by its path in the project."
    ),
    hint="Write a path relative to the project's folder.",
    fixed=True,
)


def check_outputs(plan: Plan, chosen: Mapping[str, StepSettings]) -> list[Finding]:
    """Find outputs that would be written to the same path, in one job or in the next."""
    findings = []
    first: dict[str, tuple[str, str]] = {}
    for step in plan.steps:
        path = make_output_path(find_step_settings(chosen, step.name).output)
        if not step.writes:
            continue
        if "${{name}}" not in path:
            message = f"every job would write its outputs to the same path, '{path}'."
            findings.append(FIXED_OUTPUT_PATH.found(step.name, message))
        for name in step.writes if "${{output_name}}" not in path else ():
            other = first.setdefault(path, (step.name, name))
            if other != (step.name, name):
                message = f"'{name}' and '{other[1]}' would be written to the same path, '{path}'."
                findings.append(ONE_OUTPUT_PATH.found(step.name, message))
    return findings


def check_input_names(plan: Plan) -> list[Finding]:
    """Find promoted parameters whose names are taken by data."""
    findings, inputs = [], collect_data_inputs(plan)
    for promoted in plan.promoted:
        if promoted.name in inputs:
            where = f"jobs.{plan.job}.inputs.{promoted.name}"
            message = f"the job already has an input '{promoted.name}', for the dataset."
            hint = "Rename the input of the parameter."
            findings.append(PROMOTED_PARAMETER.found(where, message, hint))
    return findings


def check_settings(config: AzureMLConfig) -> list[Finding]:
    """Find settings of all jobs that prevent a build."""
    findings = []
    if not config.execution.environment:
        findings.append(
            NO_ENVIRONMENT.found(
                "execution.environment",
                "it is missing: Azure ML needs to know what a step runs in.",
                "Write, for example:  execution: {environment: my-environment@latest}",
            )
        )
    code = config.execution.code_directory
    if code is not None and PurePosixPath(code) != PurePosixPath("."):
        findings.append(
            CODE_DIRECTORY.found(
                "execution.code_directory",
                f"it is '{code}', and what is uploaded is the project.",
                "Write '.', or null where the code is in the image.",
            )
        )
    return findings


CONDA_FILE = FindingKind(
    code="conda-file",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="A conda file names a local file or folder",
    explanation=(
        "Azure ML builds the environment from the content of the conda file alone, without the "
        "other files of the project. `-r requirements.txt` is allowed: in the bundle, its lines "
        "replace it. `-e .`, paths of wheels and constraints files are not."
    ),
    hint=(
        "Remove `-e .`: a step finds the project's package in the uploaded code. Install other "
        "local packages from an index, or describe the environment with a Dockerfile (`build`)."
    ),
)


def check_conda_files(
    name: str, job: Job, config: AzureMLConfig, chosen: Mapping[str, StepSettings], root: Path
) -> tuple[list[str], list[Finding]]:
    """Find lines of conda files that name what the build of the environment does not have.

    Args:
        name: Name of the job.
        job: The job in `azureml.yml`.
        config: The content of `azureml.yml`.
        chosen: Settings of the steps, by the name of the step.
        root: The project's folder.

    Returns:
        The requirements files that the bundle's conda files hold, relative to the project, and
        the findings.
    """
    included: list[str] = []
    findings = []
    for where, given in list_conda_descriptions(config, _written(name, job, chosen)):
        from kedro_azureml_compiler.conda_files import insert_requirements, read_conda_file

        file = given if isinstance(given, str) else None
        if file is None:
            conda = insert_requirements(root, PurePosixPath(), given)
            if conda.included:
                hint = "Write its lines here, or put the description into a file: conda_file: c.yml"
                message = f"'{conda.included[0]}' is a file, and only conda files may name one."
                findings.append(CONDA_FILE.found(where, message, hint))
        elif (root / file).is_file():  # else a finding of its own
            conda = read_conda_file(root, file)
            included += conda.included
        else:
            continue
        findings += [CONDA_FILE.found(where, p.message, p.hint, file=file) for p in conda.problems]
    return included, findings


def check_environments(
    name: str,
    job: Job,
    config: AzureMLConfig,
    chosen: Mapping[str, StepSettings],
    present: Iterable[str],
) -> list[Finding]:
    """Find files of environments that cannot be part of a bundle.

    Args:
        name: Name of the job.
        job: The job in `azureml.yml`.
        config: The content of `azureml.yml`.
        chosen: Settings of the steps, by the name of the step.
        present: Those of the files of all environments that exist, relative to the project.
    """
    there = set(present)
    findings = {}
    for where, path, needed in list_described_files(config, _written(name, job, chosen)):
        if (
            PurePosixPath(path).is_absolute()
            or PureWindowsPath(path).drive
            or ".." in PurePosixPath(path).parts
        ):
            message = f"'{path}' is not in the project."
            hint = "Write a path relative to the project's folder."
        elif needed not in there:
            message = f"'{needed}' does not exist in the project."
            hint = "Paths of environments are relative to the project's folder."
        else:
            continue
        findings[path] = ENVIRONMENT_FILE.found(where, message, hint)
    return list(findings.values())


def _written(name: str, job: Job, chosen: Mapping[str, StepSettings]) -> dict[str, StepSettings]:
    """Return the settings of steps that some step uses, by their place in `azureml.yml`."""
    used = [settings.environment for settings in chosen.values()]
    return {
        f"jobs.{name}.steps.{pattern}.environment": settings
        for pattern, settings in job.steps.items()
        if settings.environment in used
    }
