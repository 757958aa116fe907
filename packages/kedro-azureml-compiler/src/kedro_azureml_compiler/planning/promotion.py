"""Make parameters inputs of the job, so that they can be changed for each run of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.findings import About, Finding, FindingKind, Severity
from kedro_azureml_compiler.planning.plan import PromotedParameter
from kedro_azureml_compiler.suggestions import did_you_mean

if TYPE_CHECKING:
    from kedro_azureml_compiler.planning.facts import ProjectFacts

_PREFIX = "params:"


PROMOTED_PARAMETER = FindingKind(
    code="promoted-parameter",
    severity=Severity.ERROR,
    about=About.SETTING,
    title="A parameter cannot become an input of the job",
    explanation=(
        "Inputs of a job are strings, numbers and booleans. Azure ML replaces `${{...}}` in "
        "them, and does not allow an empty string."
    ),
    hint="Name each value separately.",
    example=("jobs:\n  training:\n    inputs:\n      learning_rate: params:model.learning_rate"),
    fixed=True,
)


def promote(
    job: str, facts: ProjectFacts, inputs: Mapping[str, str]
) -> tuple[tuple[PromotedParameter, ...], tuple[Finding, ...]]:
    """Find the parameters that become inputs of the job, with their types and values.

    Args:
        job: Name of the job.
        facts: What is known about the project.
        inputs: Name of the input to the parameter: `params:model.learning_rate`.

    Returns:
        The promoted parameters, sorted by name, and what was found wrong.
    """
    promoted, findings = [], []
    for name, reference in sorted(inputs.items()):
        parameter = reference.removeprefix(_PREFIX)
        problem = _problem(parameter, facts.parameters)
        if problem is not None:
            message, hint = problem
            where = f"jobs.{job}.inputs.{name}"
            findings.append(PROMOTED_PARAMETER.found(where, message, hint))
            continue
        value = _look_up(parameter, facts.parameters)
        promoted.append(PromotedParameter(name, parameter, type(value).__name__, value))
    return tuple(promoted), (*findings, *_find_duplicates(job, promoted))


def _problem(parameter: str, parameters: Mapping[str, Any]) -> tuple[str, str] | None:
    try:
        value = _look_up(parameter, parameters)
    except LookupError:
        known = sorted(_scalars(parameters))
        return f"there is no parameter '{parameter}' {did_you_mean(parameter, known)}.", ""
    if value is None or isinstance(value, (Mapping, list, tuple)):
        kind = "null" if value is None else "a mapping" if isinstance(value, Mapping) else "a list"
        hint = "Inputs of a job are strings, numbers and booleans. Name each value separately."
        return f"the parameter '{parameter}' is {kind}.", hint
    if type(value) not in {int, float, bool, str}:
        kind = type(value).__name__
        return f"the parameter '{parameter}' is a {kind}.", "Write it as a string or a number."
    if isinstance(value, float) and not math.isfinite(value):
        return f"the parameter '{parameter}' is {value}.", "Use a finite number."
    if isinstance(value, str) and ("${{" in value or "$[[" in value):
        message = (
            f"the value of '{parameter}' contains '${{{{' or '$[[', which Azure ML would replace."
        )
        return message, "Keep it as a parameter of the project only."
    if isinstance(value, str) and not value:
        return (
            f"the parameter '{parameter}' is empty.",
            "Azure ML does not allow an empty string as an input.",
        )
    return None


def _find_duplicates(job: str, promoted: list[PromotedParameter]) -> list[Finding]:
    """Find two inputs that set the same parameter: one of them would be lost."""
    findings = []
    first: dict[str, str] = {}
    for parameter in promoted:
        other = first.setdefault(parameter.parameter, parameter.name)
        if other != parameter.name:
            where = f"jobs.{job}.inputs.{parameter.name}"
            message = f"'{other}' is already an input for the parameter '{parameter.parameter}'."
            hint = "Keep one of them."
            findings.append(PROMOTED_PARAMETER.found(where, message, hint))
    return findings


def _look_up(parameter: str, parameters: Mapping[str, Any]) -> Any:
    value: Any = parameters
    for key in parameter.split("."):
        if not isinstance(value, Mapping) or key not in value:
            raise LookupError(parameter)
        value = value[key]
    return value


def _scalars(parameters: Mapping[str, Any], place: str = "") -> list[str]:
    found = []
    for key, value in parameters.items():
        name = f"{place}{key}"
        found += _scalars(value, f"{name}.") if isinstance(value, Mapping) else [name]
    return found
