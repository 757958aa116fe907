"""Literals that a step's settings are bound to, such as `instance_count: ${{parent.inputs.n}}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_simulator.pipeline.section import Section

_INPUT = re.compile(r"^\$\{\{\s*parent\.inputs\.(\w+)\s*\}\}\Z")


def find_bound_value(value: object, literals: Mapping[str, Any] | None) -> Any:
    """Return what a value is bound to; the value itself where it is not bound to a literal.

    Args:
        value: A value of the YAML.
        literals: The literal inputs of the pipeline around it; None where nothing can be bound.

    Example:
        >>> find_bound_value("${{parent.inputs.n}}", {"n": 2}), find_bound_value("${{x}}", {"n": 2})
        (2, '${{x}}')
    """
    match = _INPUT.match(value) if isinstance(value, str) else None
    return literals.get(match[1], value) if match and literals else value


def read_job_literals(job: Section) -> dict[str, Any]:
    """Return the literal inputs of a pipeline job; `{value: 5}` is one too."""
    found = {}
    for name, value in job.section("inputs").values.items():
        literal = value.get("value") if isinstance(value, dict) else value
        if literal is not None:
            found[name] = literal
    return found


def read_component_literals(component: Section, step: Section) -> dict[str, Any]:
    """Return the literal inputs of a pipeline component: its defaults, and what its step gives.

    Args:
        component: The component.
        step: The step, whose own bindings are those of the pipeline around it.
    """
    declared = component.values.get("inputs")
    given = step.values.get("inputs")
    found = {
        name: port["default"]
        for name, port in (declared if isinstance(declared, dict) else {}).items()
        if isinstance(port, dict) and port.get("default") is not None
    }
    for name, value in (given if isinstance(given, dict) else {}).items():
        text = value.get("path", value.get("value")) if isinstance(value, dict) else value
        found[name] = find_bound_value(text, step.literals)
    return found
