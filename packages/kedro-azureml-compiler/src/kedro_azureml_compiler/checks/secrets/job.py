"""Find secrets in what a job itself shows to everybody who may see it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from kedro_azureml_compiler.checks.secrets.configuration import SECRET_IN_CONFIGURATION
from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.secrets.values import find_secret, mask_secrets
from kedro_azureml_compiler.secrets.words import looks_secret

if TYPE_CHECKING:
    from kedro_azureml_compiler.planning.plan import Plan
    from kedro_azureml_compiler.settings.models import AzureMLConfig, Job

SHOWN_MESSAGE = "everybody who can see the job can read this value in Studio."
SHOWN_HINT = (
    "Let the step use its identity, or let the node read the value from a key vault; write the "
    "name of the secret here, not the secret."
)

SECRET_IN_JOB = FindingKind(
    code="secret-in-job",
    severity=Severity.WARNING,
    about=About.SETTING,
    title="A parameter or an environment variable of the job looks like a secret",
    explanation=(
        "Runtime parameters are part of the command of each step, next to its environment "
        "variables and inputs: everybody who can see the job can read them in Studio, for as "
        "long as the job exists. The key is judged by its words: `password`, `secret`, "
        "`api_key`, `token`."
    ),
    hint=(
        "Let the step use its identity (`steps: {...: {identity: managed}}`), or let the node "
        "read the secret from a key vault. If it is not a secret, ignore the finding."
    ),
)

SECRET_VALUE_IN_JOB = FindingKind(
    code="secret-value-in-job",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="A value in the job is a secret",
    explanation=(
        "The value itself is recognised as a secret: a password in a URL, a connection string "
        "with a key, a token. Parameters, environment variables, tags and descriptions are part "
        "of the job, and everybody who can see the job can read them in Studio, for as long as "
        "the job exists."
    ),
    hint=(
        "Read the secret in the step: from an entry of `credentials.yml` with `${oc.env:NAME}`, "
        "or in the node from a key vault. Replace a secret that has already been sent."
    ),
)

PARAM_NOT_JSON = FindingKind(
    code="param-not-json",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="A runtime parameter is NaN or infinite",
    explanation="Runtime parameters reach a step as JSON, which cannot represent these numbers.",
    hint="Write null or a string, and let the node convert it.",
    fixed=True,
)


_JUDGED_ALREADY = frozenset({"params", "inputs", "checks"})
"""Settings of a job that are judged with their keys, or hold no text of a user."""


def check_shown_values(plan: Plan, job: Job, config: AzureMLConfig) -> list[Finding]:
    """Find secrets among what everybody who sees the job can read in Studio.

    Args:
        plan: What becomes of every node and dataset, with the runtime parameters.
        job: The job in `azureml.yml`.
        config: The content of `azureml.yml`.
    """
    findings = []
    for keys, value in _scalars(plan.params, ()):
        findings += _judge(_place_of_param(plan.job, keys, job.params), keys[-1], value)
    for pattern, settings in job.steps.items():
        for variable, value in settings.environment_variables.items():
            where = f"jobs.{plan.job}.steps.{pattern}.environment_variables.{variable}"
            findings += _judge(where, variable, value)
    for keys, value in _scalars(job.overrides, ("jobs", plan.job, "overrides")):
        findings += _judge(".".join(keys), keys[-1], value)
    for promoted in plan.promoted:
        where = f"jobs.{plan.job}.inputs.{promoted.name}"
        findings += _judge(where, promoted.parameter.rpartition(".")[2], promoted.default)
    known = {finding.where for finding in findings}
    others = [
        *_scalars({k: v for k, v in job if k not in _JUDGED_ALREADY}, ("jobs", plan.job)),
        *_scalars(config.execution, ("execution",)),
    ]
    for keys, value in others:  # by their form alone: the keys are those of Azure ML
        findings += [] if ".".join(keys) in known else _judge(".".join(keys), "", value)
    return findings


def drop_repetitions(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what is found in `azureml.yml` as a file and as a setting of the job.

    Args:
        findings: What was found in one job.
    """
    findings = list(findings)
    shown = {finding.where for finding in findings if finding.kind is SECRET_VALUE_IN_JOB}
    return [f for f in findings if f.kind is not SECRET_IN_CONFIGURATION or f.where not in shown]


def mask_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Mask secrets in findings: a message may quote a value of the configuration.

    Args:
        findings: What was found.
    """
    return [
        finding._replace(
            where=mask_secrets(finding.where),
            message=mask_secrets(finding.message),
            hint=mask_secrets(finding.hint),
        )
        for finding in findings
    ]


def check_changed_values(changes: Mapping[str, tuple[str, str]]) -> list[Finding]:
    """Find secrets among what the options of a command add to a job.

    Args:
        changes: The option as it is written, to the name and the value that it gives.
    """
    findings = []
    for option, (name, value) in changes.items():
        findings += _judge(option, name, value)
    return findings


def check_params(plan: Plan, job: Job) -> list[Finding]:
    """Find runtime parameters that JSON cannot represent: NaN and the infinities."""
    return [
        PARAM_NOT_JSON.found(
            _place_of_param(plan.job, keys, job.params),
            f"its value is {value}; it reaches a step as JSON, which cannot represent it.",
        )
        for keys, value in _scalars(plan.params, ())
        if isinstance(value, float) and not math.isfinite(value)
    ]


def _judge(where: str, name: str, value: Any) -> list[Finding]:
    kind = find_secret(value) if isinstance(value, str) else None
    if kind is not None:
        message = f"this is {kind}, and everybody who may see the job can read it in Studio."
        return [SECRET_VALUE_IN_JOB.found(where, message)]
    if name and looks_secret(name, value):
        return [SECRET_IN_JOB.found(where, SHOWN_MESSAGE, SHOWN_HINT)]
    return []


def _place_of_param(job: str, keys: tuple[str, ...], params: Mapping[str, Any]) -> str:
    value: Any = params
    for key in keys:
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif not isinstance(value, (list, tuple)):
            return f"--params {'.'.join(keys)}"
    return f"jobs.{job}.params.{'.'.join(keys)}"


def _scalars(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, (Mapping, BaseModel)):  # a model's own dump first builds its serializer
        for key, inner in dict(value).items():
            yield from _scalars(inner, (*keys, str(key)))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _scalars(inner, keys)
    elif keys:
        yield keys, value
