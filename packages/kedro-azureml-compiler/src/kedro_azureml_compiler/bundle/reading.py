"""Read the plan of a bundle back, as far as a picture of it needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.bundle_layout import PLAN_FILE
from kedro_azureml_compiler.planning.facts import AssetFacts
from kedro_azureml_compiler.planning.plan import Flow, Plan, PlannedDataset, PlannedStep

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1


def read_plan(bundle: Path) -> Plan | None:
    """Return steps and datasets of a bundle's plan; None if it has none that can be read.

    Args:
        bundle: The folder of the bundle.
    """
    try:
        content = json.loads((bundle / PLAN_FILE).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return None
        plan = Plan(
            _string(content["job"]),
            _strings(content["pipelines"]),
            tuple(map(_step, content["steps"])),
            tuple(map(_dataset, content["datasets"])),
            _string_or_none(content["env"]),
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return plan if _is_whole(plan) else None


def _is_whole(plan: Plan) -> bool:
    """Check that a plan names only steps and datasets that it has, each after what it needs."""
    steps = {step.name for step in plan.steps}
    datasets = {dataset.name for dataset in plan.datasets}
    if len(steps) < len(plan.steps) or len(datasets) < len(plan.datasets):
        return False
    users = {name for one in plan.datasets for name in (one.written_by, *one.read_by)}
    if not users <= {*steps, None}:
        return False
    done: set[str | None] = {None}
    for step in plan.steps:
        if not {*step.reads, *step.writes} <= datasets:
            return False
        if any(plan.dataset(name).written_by != step.name for name in step.writes):
            return False
        if not {*step.waits_for, *(plan.dataset(name).written_by for name in step.reads)} <= done:
            return False
        done.add(step.name)
    return True


def _step(content: dict[str, Any]) -> PlannedStep:
    return PlannedStep(
        _string(content["name"]),
        nodes=_strings(content["nodes"]),
        reads=_strings(content["reads"]),
        writes=_strings(content["writes"]),
        waits_for=_strings(content["waits_for"]),
    )


def _dataset(content: dict[str, Any]) -> PlannedDataset:
    return PlannedDataset(
        _string(content["name"]),
        Flow(content["flow"]),
        _string(content["why"]),
        _string_or_none(content["written_by"]),
        _strings(content["read_by"]),
        None if content["asset"] is None else _asset(content["asset"]),
        _string_or_none(content["source"]),
        _string_or_none(content["source_root"]),
    )


def _asset(content: dict[str, Any]) -> AssetFacts:
    return AssetFacts(
        _string(content["name"]),
        _string_or_none(content["version"]),
        is_file=bool(content["is_file"]),
        root_dir=_string(content["root_dir"]),
        file=_string(content["file"]),
    )


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _string_or_none(value: object) -> str | None:
    return None if value is None else _string(value)


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(_string, value))
