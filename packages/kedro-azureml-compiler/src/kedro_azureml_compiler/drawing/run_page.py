"""Render a run as a page: the picture of the plan with states, a timeline, logs, compared data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.drawing.anchors import Anchors
from kedro_azureml_compiler.drawing.details import NO_DETAILS
from kedro_azureml_compiler.drawing.document import (
    as_code,
    close_document,
    encode_data,
    link_names,
    open_document,
    write_table,
)
from kedro_azureml_compiler.drawing.labels import (
    drop_terminal_codes,
    escape_markup,
    make_visible,
)
from kedro_azureml_compiler.drawing.page import (
    list_data,
    list_findings,
    summarise,
    write_datasets_table,
    write_picture,
    write_steps_table,
)
from kedro_azureml_compiler.drawing.picture import StepNote
from kedro_azureml_compiler.drawing.run_facts import RunFacts, StepRun
from kedro_azureml_compiler.drawing.timeline import (
    draw_timeline,
    find_last_awaited,
    format_duration,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kedro_azureml_compiler.drawing.details import PageDetails
    from kedro_azureml_compiler.planning.plan import Plan

_DASHED = "A dashed line: what the step needs was there, and it waited for a free machine."
_WAITING = StepRun("not started")
_NOTHING_RAN = "No step has started."
_CLASSES = {
    "completed": "completed", "finished": "completed", "reused": "completed",
    "failed": "failed", "running": "running",
}  # fmt: skip


def render_run_page(plan: Plan, run: RunFacts, details: PageDetails = NO_DETAILS) -> Iterator[str]:
    """Yield the lines of `run.html`, each with its end.

    It loads nothing, as the page of a plan, and is that page with what came of the run.

    Args:
        plan: The plan.
        run: What came of the run.
        details: What is known of the job beside its plan.

    Example:
        >>> from kedro_azureml_compiler.planning.plan import Plan, PlannedStep
        >>> plan = Plan("training", ("train",), (PlannedStep("fit", ("fit",)),), ())
        >>> run = RunFacts("Simulation", "completed", steps={"fit": StepRun("completed", 0.0, 1.5)})
        >>> "completed, 1.5 s" in "".join(render_run_page(plan, run))
        True
    """
    for part in _parts(plan, run, details):
        yield part
        yield "\n"


def _parts(plan: Plan, run: RunFacts, details: PageDetails) -> Iterator[str]:
    anchors = Anchors.of(plan)
    awaited = find_last_awaited(plan, run)
    yield from open_document(f"{plan.job}: {run.status}")
    yield f"<h1>{escape_markup(run.what)} of the job {as_code(plan.job)}</h1>"
    yield f"<p>Status: <strong>{escape_markup(run.status)}</strong>{_times(run)}</p>"
    if run.note:
        yield f"<p>{escape_markup(run.note)}</p>"
    if run.address.startswith("https://"):
        yield f'<p><a rel="noreferrer" href="{escape_markup(run.address)}">Open in Studio</a></p>'
    yield f"<p>{summarise(plan)}</p>"
    notes = {
        step.name: StepNote(
            _in_words(run.steps.get(step.name, _WAITING)),
            _CLASSES.get(run.steps.get(step.name, _WAITING).status.lower(), "skipped"),
        )
        for step in plan.steps
    }
    yield from write_picture(plan, notes)
    yield '<h2 id="timeline">Timeline</h2>'
    bars = list(draw_timeline(run, awaited))
    if bars:
        yield f"<p>{_DASHED}</p>"
        yield '<div class="timeline" tabindex="0" role="region" aria-labelledby="timeline">'
        yield from bars
        yield "</div>"
    else:
        yield f"<p>{_NOTHING_RAN}</p>"
    yield from _runs_table(plan, run, anchors, awaited)
    if run.compared:
        yield from _compared_table(run, anchors)
    yield from _logs(plan, run, anchors)
    yield from list_findings(details, anchors)
    yield from write_steps_table(plan, anchors, details)
    yield from write_datasets_table(plan, anchors)
    yield from close_document(encode_data(_data(plan, run, details, anchors, awaited)))


def _times(run: RunFacts) -> str:
    text = f", started {escape_markup(run.started)}" if run.started else ""
    return text + (f", {format_duration(run.duration_s)}" if run.duration_s is not None else "")


def _in_words(step: StepRun) -> str:
    return step.status + (f", {format_duration(step.duration_s)}" if step.duration_s else "")


def _in_time(seconds: float | None) -> str:
    return "" if seconds is None else format_duration(seconds)


def _runs_table(
    plan: Plan, run: RunFacts, anchors: Anchors, awaited: Mapping[str, str]
) -> Iterable[str]:
    rows = []
    for step in plan.steps:
        came = run.steps.get(step.name, _WAITING)
        start, duration = _in_time(came.start_s), _in_time(came.duration_s)
        waited = link_names([awaited[step.name]], anchors.steps) if step.name in awaited else ""
        identity = anchors.steps[step.name]
        name = f'<code><a href="#{identity}">{escape_markup(step.name)}</a></code>'
        message = escape_markup(drop_terminal_codes(came.message))
        status = escape_markup(came.status)
        rows.append((f"run-{identity}", name, status, start, duration, waited, message))
    columns = ("Step", "Status", "Started after", "Duration", "Waited for", "Message")
    return write_table("What ran when", columns, rows)


def _compared_table(run: RunFacts, anchors: Anchors) -> Iterable[str]:
    rows = (
        (
            f"compared-{number}",
            link_names([one.dataset], anchors.datasets)
            if one.dataset in anchors.datasets
            else as_code(one.dataset),
            escape_markup(one.outcome),
            escape_markup(one.detail),
        )
        for number, one in enumerate(run.compared, 1)
    )
    return write_table("Compared data", ("Dataset", "Outcome", "Detail"), rows)


def _logs(plan: Plan, run: RunFacts, anchors: Anchors) -> Iterator[str]:
    logs = [(s.name, run.steps[s.name]) for s in plan.steps if s.name in run.steps]
    logs = [(name, step) for name, step in logs if step.log]
    if not logs:
        return
    yield '<h2 id="logs">Last lines of the logs</h2>'
    for name, step in logs:
        is_open = " open" if step.status.lower() == "failed" else ""
        yield f'<details class="log" id="log-{anchors.steps[name]}"{is_open}>'
        yield f"<summary>{as_code(name)}: {escape_markup(step.status)}</summary>"
        if step.log_name:
            yield f"<p>The whole log: {as_code(step.log_name)}</p>"
        label = f"Log of {escape_markup(name)}"
        lines = "\n".join(map(escape_markup, drop_terminal_codes(step.log).splitlines()))
        yield f'<pre tabindex="0" role="region" aria-label="{label}">{lines}</pre>'
        yield "</details>"


def _data(
    plan: Plan, run: RunFacts, details: PageDetails, anchors: Anchors, awaited: Mapping[str, str]
) -> dict[str, Iterable[Any]]:
    data = list_data(plan, details, anchors)
    compared = {one.dataset: f"{one.outcome}: {one.detail}" for one in run.compared}

    def steps() -> Iterator[dict[str, Any]]:
        for planned, step in zip(plan.steps, data["steps"], strict=True):
            came = run.steps.get(planned.name, _WAITING)
            yield {
                **step,
                "run": {
                    "status": make_visible(came.status),
                    "took": _in_time(came.duration_s),
                    "waited": make_visible(awaited.get(planned.name, "")),
                    "message": make_visible(drop_terminal_codes(came.message)),
                    "log": f"log-{step['id']}" if came.log else "",
                },
            }

    def datasets() -> Iterator[dict[str, Any]]:
        for planned, dataset in zip(plan.datasets, data["datasets"], strict=True):
            yield {**dataset, "compared": make_visible(compared.get(planned.name, ""))}

    return {**data, "steps": steps(), "datasets": datasets()}
