"""What a step says of itself, over what its component declares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kedro_azureml_simulator.pipeline.model import Output
from kedro_azureml_simulator.pipeline.output_parsing import read_outputs
from kedro_azureml_simulator.pipeline.rules import RULES
from kedro_azureml_simulator.pipeline.section import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_azureml_simulator.pipeline.model import InputDeclaration, StepInput
    from kedro_azureml_simulator.pipeline.section import Section

_KINDS = ("command", "parallel", "sweep", "pipeline")
ANY_NODE_FIELDS = (
    "$schema", "type", "name", "display_name", "description", "tags", "properties", "inputs",
    "outputs", "compute", "identity", "services", "experiment_name",
    # What Azure ML reports of a job, and a file that was downloaded repeats.
    "creation_context", "id", "log_files", "parameters", "status",
)  # fmt: skip
"""What a step of any kind may say."""


def choose_display_name(step: Section, component: Section, name: str) -> str:
    """Return the name that Studio shows."""
    found = step.values.get("display_name") or component.string("display_name") or name
    return str(found)


def ignore_undeclared(step: Section, component: Section, declared: Mapping[str, Any]) -> None:
    """Warn of inputs that a step gives and its component does not declare."""
    inputs = step.section("inputs")
    for port in inputs.values:
        # A port that was refused in its declaration is not unknown as well.
        if port not in declared and port not in component.section("inputs").values:
            inputs.warn(
                port,
                f"the component has no input `{port}`, so it is ignored",
                did_you_mean(port, declared) if declared else "remove it: the component has none",
            )


def select_declared(
    inputs: Mapping[str, StepInput], declared: Mapping[str, InputDeclaration] | None
) -> dict[str, StepInput]:
    """Return the inputs that a component declares; all where it declares none."""
    return {port: value for port, value in inputs.items() if declared is None or port in declared}


def merge_outputs(step: Section, declared: Mapping[str, Output]) -> dict[str, Output]:
    """Return the outputs of a component, with what the step says of them."""
    section = step.section("outputs")
    merged = {port: Output(output.type, output.asset_name, output.asset_version)
              for port, output in declared.items()}  # fmt: skip
    for port, given in read_outputs(section).items():
        if port not in declared:
            section.warn(
                port,
                f"the component has no output `{port}`, so it is ignored",
                did_you_mean(port, declared) if declared else "remove it: the component has none",
            )
            continue
        merged[port] = Output(
            type=declared[port].type or "uri_folder",
            asset_name=given.asset_name or declared[port].asset_name,
            asset_version=given.asset_version or declared[port].asset_version,
            pipeline_output=given.pipeline_output,
            address=given.address,
        )
    return merged


def read_step_kind(section: Section, what: str = "step") -> str | None:
    """Return the type of a step or a component; None and a problem where it is not simulated."""
    value = section.values.get("type")
    if value is None:
        return "command"
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(value)).lower()
    known = _KINDS if what == "step" else ("command", "parallel", "pipeline")
    if kind in known:
        return kind
    if kind in RULES:
        section.problem(
            "type", f"`{kind}` {what}s are not simulated: {RULES[kind].reason}",
            "only " + ", ".join(known) + " are", rule=kind,
        )  # fmt: skip
    else:
        section.problem("type", f"unknown type `{value}`", did_you_mean(kind, known))
    return None
