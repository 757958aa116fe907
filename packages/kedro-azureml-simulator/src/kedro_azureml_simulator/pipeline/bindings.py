"""Bindings, `${{parent...}}`, of inputs and outputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_azureml_simulator.pipeline.model import FromPipelineInput, FromStepOutput
from kedro_azureml_simulator.pipeline.section import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

    from kedro_azureml_simulator.pipeline.model import InputMode
    from kedro_azureml_simulator.pipeline.section import Section

_BINDING = re.compile(r"^\$\{\{\s*(?P<target>\S*?)\s*\}\}\Z")


def is_binding(text: str) -> bool:
    """Check whether a string is one `${{...}}` and nothing else.

    Example:
        >>> is_binding("${{ parent.inputs.rate }}"), is_binding("a-${{parent.inputs.rate}}")
        (True, False)
    """
    return bool(_BINDING.match(text))


def read_binding(
    section: Section, key: str, text: str, mode: InputMode | None
) -> FromPipelineInput | FromStepOutput | None:
    """Read what an input is bound to; None and a problem where it is not a binding.

    Args:
        section: Where it stands.
        key: The key.
        text: The string.
        mode: The mode that the input has there.
    """
    match = _BINDING.match(text)
    if match:
        parts = match["target"].split(".")
        if parts[:2] == ["parent", "inputs"] and len(parts) == 3:
            return FromPipelineInput(parts[2], mode)
        if parts[:2] == ["parent", "inputs"] and len(parts) > 3:
            section.problem(
                key,
                f"`{text}` names an input with a dot, which Azure ML does not bind",
                "give the pipeline's input a name without dots",
            )
            return None
        if parts[:2] == ["parent", "jobs"] and len(parts) == 5 and parts[3] == "outputs":
            return FromStepOutput(parts[2], parts[4], mode)
    target = match["target"] if match else ""
    form = "${{parent.inputs.<name>}} or ${{parent.jobs.<step>.outputs.<port>}}"
    hint = f"write {form}, and nothing around it"
    if target.startswith(("inputs.", "jobs.")):  # as early versions of Azure ML had it
        hint = f"write ${{{{parent.{target}}}}}"
    section.problem(key, f"`{text}` is not a binding", hint, rule="binding-form")
    return None


def read_output_binding(section: Section, key: str, text: str) -> str | None:
    """Read `${{parent.outputs.<name>}}`; None and a problem where it is something else."""
    match = _BINDING.match(text)
    if match:
        parts = match["target"].split(".")
        if parts[:2] == ["parent", "outputs"] and len(parts) == 3:
            return parts[2]
    target = match["target"] if match else ""
    name = target.removeprefix("outputs.") if target.startswith("outputs.") else "<name>"
    section.problem(
        key,
        f"`{text}` is not a binding of an output",
        f"write ${{{{parent.outputs.{name}}}}}",
        rule="output-text",
    )
    return None


def read_bound_port(
    section: Section, key: str, text: str, side: str, ports: Collection[str]
) -> str | None:
    """Read `${{inputs.<port>}}` or `${{outputs.<port>}}` of a step's own ports.

    Args:
        section: Where it stands.
        key: The key.
        text: The string.
        side: `inputs` or `outputs`.
        ports: The ports that there are.
    """
    match = _BINDING.match(text)
    parts = match["target"].split(".") if match else []
    if len(parts) != 2 or parts[0] != side:
        section.problem(
            key, f"`{text}` is not one of the step's {side}", f"write ${{{{{side}.<name>}}}}",
            rule="parallel",
        )  # fmt: skip
        return None
    if parts[1] not in ports:
        section.problem(
            key, f"the step has no `{side}.{parts[1]}`", did_you_mean(parts[1], ports),
            rule="parallel",
        )  # fmt: skip
        return None
    return parts[1]
