"""Which steps run: all, one alone, or one and what comes after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_simulator.errors import SelectionError
from kedro_azureml_simulator.pipeline.section import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kedro_azureml_simulator.planning.plan import Plan, PlannedStep
    from kedro_azureml_simulator.results import StepResult


def select(plan: Plan, only: str | None, start: str | None) -> frozenset[str]:
    """Return the names of the steps that run.

    Args:
        plan: The plan.
        only: A step that runs alone, by its name or display name.
        start: A step that runs, and all that wait for it.

    Raises:
        SelectionError: There is no such step, or both were given.
    """
    if only is not None and start is not None:
        raise SelectionError(
            "`only` and `start` exclude each other",
            hint="give one of the two",
        )
    if only is not None:
        return frozenset({_name(plan, only)})
    if start is None:
        return frozenset(step.name for step in plan.steps)
    found = {_name(plan, start)}
    grown = True
    while grown:
        more = {step.name for step in plan.steps if step.needs & found} - found
        found |= more
        grown = bool(more)
    return frozenset(found | {step.name for step in plan.steps if step.is_last})


def check_inputs(plan: Plan, selected: Collection[str], earlier: Mapping[str, StepResult]) -> None:
    """Check that an earlier run has what the selected steps read.

    Args:
        plan: The plan.
        selected: The steps that run.
        earlier: The steps that have completed in an earlier run.

    Raises:
        SelectionError: A step that is read from has not completed.
    """
    missing = {
        need: step.name
        for step in plan.steps
        if step.name in selected
        for need in sorted(step.needs)
        if need not in selected and need not in earlier
    }
    if missing:
        reads = ", ".join(f"`{need}` (for `{step}`)" for need, step in missing.items())
        raise SelectionError(
            f"no completed run of {reads} is in the run folder",
            hint="run the whole pipeline there, or from that step on",
        )


def _name(plan: Plan, text: str) -> str:
    names = [step.name for step in plan.steps]
    if text in names:
        return text
    shown: list[PlannedStep] = [step for step in plan.steps if step.display_name == text]
    if len(shown) == 1:
        return shown[0].name
    if shown:
        raise SelectionError(
            f"several steps are called `{text}`",
            hint="give one of the names " + ", ".join(step.name for step in shown),
        )
    raise SelectionError(f"there is no step `{text}`", hint=did_you_mean(text, names))
