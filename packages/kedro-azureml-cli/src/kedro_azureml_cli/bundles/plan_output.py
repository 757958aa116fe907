"""Show a plan as text: a block for each step and each dataset, 80 columns wide at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_cli.terminal.wrapping import (
    escape_unprintable,
    line_width,
    wrap_names,
    wrap_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kedro_azureml_compiler import ExaminedJob, PlannedDataset, PlannedStep, PromotedParameter

_Row = tuple[str, "Sequence[str] | str"]
"""A label, and the names or the sentence beside it."""

_STEPS = "jobs"
"""The key of the overrides of steps."""

_LABEL = 14
"""Columns of the labels, with the spaces around them."""


def as_text(examined: ExaminedJob, *, with_parameters: bool) -> str:
    """Return a plan as text.

    What a step or a dataset does not have takes no line, and names are never cut.

    Args:
        examined: The job with its plan.
        with_parameters: Whether the parameters of the project are shown among the datasets.
    """
    from kedro_azureml_compiler import Flow, format_filters

    plan = examined.plan
    datasets = [one for one in plan.datasets if one.flow is not Flow.PARAMETER]
    parameters = [one for one in plan.datasets if one.flow is Flow.PARAMETER]
    cluster = _cluster(examined.pipeline_job.default_compute)
    added = len(examined.notifying_steps)
    notifying = f", and {added} more for notifications," if added else ""
    lines = [f"{_count(len(plan.steps), 'step')}{notifying} on {cluster}"]
    if plan.filters:
        lines += _lines_of_rows([("filtered by", format_filters(plan.filters))])
    place = examined.config.workspace_named(examined.settings.workspace).name
    lines += _lines_of_rows([("workspace", f"{place}, from {examined.config.workspace_source}")])
    lines += _lines_of_rows(
        _rows_of_override({k: v for k, v in plan.overrides.items() if k != _STEPS})
    )
    for step in plan.steps:
        lines += _block(step.name, _rows_of_step(step, examined))
    for name in examined.notifying_steps:
        lines += _block(name, _rows_of_notifying_step(name, examined))
    if datasets:
        lines += ["", _count(len(datasets), "dataset")]
    for dataset in datasets:
        lines += _block(dataset.name, _rows_of_dataset(dataset))
    if plan.promoted:
        lines += ["", _count(len(plan.promoted), "input") + " of the job"]
    for promoted in plan.promoted:
        lines += _block(promoted.name, _rows_of_input(promoted))
    if parameters:
        more = "" if with_parameters else "; show with --parameters"
        lines += ["", _count(len(parameters), "parameter") + more]
    for parameter in parameters if with_parameters else ():
        value = ("value", _value_of(parameter.name, examined))
        lines += _block(parameter.name, [value, *_rows_of_dataset(parameter)])
    return "\n".join(lines) + "\n"


def _rows_of_step(step: PlannedStep, examined: ExaminedJob) -> list[_Row]:
    from kedro_azureml_compiler import make_azure_name

    compute = examined.pipeline_job.jobs[make_azure_name(step.name)].compute
    return [
        ("nodes", () if step.nodes == (step.name,) else step.nodes),
        ("reads", step.reads),
        ("writes", step.writes),
        ("waits for", step.waits_for),
        ("runs on", (_cluster(compute),) if compute else ()),
        ("reuse", "if its code and inputs have not changed" if step.deterministic else ""),
        *_rows_of_override(examined.plan.overrides.get(_STEPS, {}).get(step.name, {})),
    ]


def _rows_of_notifying_step(name: str, examined: ExaminedJob) -> list[_Row]:
    component = examined.pipeline_job.jobs[name].component
    return [
        ("does", component.description or ""),
        ("costs", "a container of its own; it runs no node"),
        ("waits for", [port.removeprefix("_after_") for port in component.inputs]),
    ]


def _rows_of_override(override: Mapping[str, Any]) -> list[_Row]:
    import json

    return [
        ("overrides", f"{key}: {json.dumps(value, ensure_ascii=False)}")
        for key, value in override.items()
    ]


def _rows_of_dataset(dataset: PlannedDataset) -> list[_Row]:
    return [
        ("becomes", dataset.flow.value),
        ("why", dataset.why),
        ("written by", (dataset.written_by,) if dataset.written_by else ()),
        ("read by", dataset.read_by),
    ]


def _rows_of_input(promoted: PromotedParameter) -> list[_Row]:
    return [
        ("parameter", (promoted.parameter,)),
        ("type", promoted.type),
        ("value", (str(promoted.default),)),
    ]


def _value_of(name: str, examined: ExaminedJob) -> str:
    """Return the value of `params:a.b` or of `parameters` as JSON, with secrets masked."""
    import json

    from kedro_azureml_compiler import mask_secrets

    value = examined.facts.parameter(name, examined)
    if value is examined:
        return ""  # a hook adds it
    # With its key, which says whether a value is a secret.
    key = name.partition(":")[2].rpartition(".")[2]
    before = f"{{{json.dumps(key, ensure_ascii=False)}: "
    text = before + json.dumps(value, ensure_ascii=False, default=str) + "}"
    return mask_secrets(text)[len(before) : -1]


def _block(name: str, rows: Iterable[_Row]) -> list[str]:
    """Return the lines for one object: its name, and its rows below it."""
    head = wrap_names([escape_unprintable(name)], line_width())
    return ["", *head, *_lines_of_rows(rows)]


def _lines_of_rows(rows: Iterable[_Row]) -> list[str]:
    width = line_width()
    lines = []
    for label, value in rows:
        if isinstance(value, str):
            wrapped = wrap_text(escape_unprintable(value), width - _LABEL)
        else:
            wrapped = wrap_names([*map(escape_unprintable, value)], width - _LABEL)
        for number, line in enumerate(wrapped):
            lines.append(f"  {'' if number else label:<{_LABEL - 2}}{line}".rstrip())
    return lines


def _cluster(compute: str) -> str:
    return escape_unprintable(compute.removeprefix("azureml:"))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
