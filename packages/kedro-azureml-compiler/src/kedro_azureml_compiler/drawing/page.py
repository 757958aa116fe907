"""Render a plan as a page that opens offline: what became of every node and dataset, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_azureml_compiler.drawing.anchors import Anchors
from kedro_azureml_compiler.drawing.details import NO_DETAILS, NodeDetails, StepDetails
from kedro_azureml_compiler.drawing.document import (
    as_code,
    close_document,
    encode_data,
    link_names,
    open_document,
    read_resource,
    write_table,
)
from kedro_azureml_compiler.drawing.graph import Look
from kedro_azureml_compiler.drawing.labels import escape_markup, make_visible
from kedro_azureml_compiler.drawing.picture import Picture, draw_plan, draw_shape
from kedro_azureml_compiler.planning.plan import format_filters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kedro_azureml_compiler.drawing.details import PageDetails
    from kedro_azureml_compiler.drawing.picture import StepNote
    from kedro_azureml_compiler.planning.plan import Plan, PlannedDataset, PlannedStep

_WIDE, _HIGH = 1200, 800  # pixels of a picture that a common window does not hold

MOST_DRAWN = 500
"""Steps up to which a picture is drawn; one of more is several metres of paper."""

_MEANINGS = {
    Look.STEP: "step",
    Look.VERSION: "version of a data asset that is read",
    Look.UPLOAD: "local file, uploaded with the job",
    Look.OUTPUT: "output of a step",
    Look.REGISTERED: "output that is registered as a data asset",
    Look.NOT_MOUNTED: "dataset with its own address, not mounted",
}

_NOTE = """<span id="how">Hover over a box for the reason.</span> Parameters, datasets that stay \
inside one step, and external ones that no step waits for, are only in the table."""

_NO_PICTURE = """There is no picture, because one of so many steps would be unreadable. The tables \
are complete. For a picture, combine nodes (<code>grouping: namespace</code>), or compile fewer."""


def render_plan_page(plan: Plan, details: PageDetails = NO_DETAILS) -> Iterator[str]:
    """Yield the lines of `plan.html`, each with its end, so that a large page takes little memory.

    The page is self-contained: it loads nothing, runs no script but its own, and the policy in its
    head makes a browser refuse to. Without scripts it is a picture and tables, which can be
    printed; the script adds search, zoom, filters and a panel. The same arguments give the same
    lines.

    Args:
        plan: The plan.
        details: What is known of the job beside it.

    Returns:
        A title, the picture unless there are too many steps for one, and a table each of the steps
        and the datasets.

    Example:
        >>> from kedro_azureml_compiler.planning.plan import Plan, PlannedStep
        >>> fit = PlannedStep("fit", ("fit",))
        >>> page = "".join(render_plan_page(Plan("training", ("train",), (fit,), ())))
        >>> page.splitlines()[0], "<h1>Plan of the job <code>training</code></h1>" in page
        ('<!DOCTYPE html>', True)
    """
    for part in _parts(plan, details):
        yield part
        yield "\n"


def _parts(plan: Plan, details: PageDetails) -> Iterator[str]:
    anchors = Anchors.of(plan)
    yield from open_document(f"{plan.job}: plan")
    yield f"<h1>Plan of the job {as_code(plan.job)}</h1>"
    yield f"<p>{summarise(plan)}</p>"
    yield from write_picture(plan)
    yield from list_findings(details, anchors)
    yield from write_steps_table(plan, anchors, details)
    yield from write_datasets_table(plan, anchors)
    yield from close_document(encode_data(list_data(plan, details, anchors)))


def write_picture(plan: Plan, notes: Mapping[str, StepNote] | None = None) -> Iterator[str]:
    """Yield the picture of a plan with its legend, or why there is none.

    Args:
        plan: The plan.
        notes: Name of a step to what is said of it in its box.
    """
    style = read_resource("picture.css")
    if len(plan.steps) > MOST_DRAWN:
        yield f"<style>{style}</style>"  # the colours of the page too
        yield f"<p>{_NO_PICTURE}</p>"
        return
    picture = draw_plan(plan, style, notes or {})
    yield _legend(picture)
    yield from _framed(picture)
    yield f"<p>{_NOTE}</p>"


def summarise(plan: Plan) -> str:
    """Return one sentence about a plan, as markup."""
    text = f"{len(plan.steps)} step{'s' * (len(plan.steps) != 1)}"
    if plan.pipelines:  # they are not known of a job that another machine has compiled
        pipelines = ", ".join(as_code(name) for name in plan.pipelines)
        text += f" from the pipeline{'s' * (len(plan.pipelines) != 1)} {pipelines}"
    if plan.filters:
        text += f", filtered by {as_code(format_filters(plan.filters))}"
    return text + (f", Kedro environment {as_code(plan.env)}." if plan.env else ".")


def _legend(picture: Picture) -> str:
    items = [
        (f' data-look="{look.value}"', draw_shape(look, 1, 1, 32, 16), _MEANINGS[look])
        for look in picture.looks
    ]
    if picture.has_order:
        order = '<path class="edge order" d="M1,9h32"/>'
        items.append(("", order, "waits for; no data is carried"))
    if picture.has_copies:
        copy = draw_shape(Look.OUTPUT, 1, 1, 32, 16, is_copy=True)
        items.append(("", copy, "again, near what is far from it"))
    svg = '<svg width="34" height="18" aria-hidden="true">'
    return "\n".join(
        [
            '<ul class="legend" aria-label="Legend">',
            *(f"<li{data}>{svg}{drawing}</svg>{meaning}</li>" for data, drawing, meaning in items),
            "</ul>",
        ]
    )


def _framed(picture: Picture) -> Iterable[str]:
    if picture.width > _WIDE or picture.height > _HIGH:
        yield '<input type="checkbox" id="whole">'
        yield '<label for="whole">show the whole picture</label>'
    # A wide picture scrolls both ways in its frame; one that is only high, with the page.
    name = "picture wide" if picture.width > _WIDE else "picture"
    yield f'<div class="{name}" tabindex="0" role="region" aria-label="Picture of the plan">'
    yield from picture.lines
    yield "</div>"


def list_findings(details: PageDetails, anchors: Anchors) -> Iterator[str]:
    """Yield the findings, each with a link to what it is about."""
    if not details.findings:
        return
    yield '<h2 id="findings">Findings</h2>'
    yield "<ul>"
    for note in details.findings:
        target = anchors.steps.get(note.where) or anchors.datasets.get(note.where)
        where = f' <a href="#{target}">{escape_markup(note.where)}</a>' if target else ""
        text = escape_markup(note.text)
        yield f'<li class="finding">{note.severity} {as_code(note.code)}{where}: {text}</li>'
    yield "</ul>"


def write_steps_table(plan: Plan, anchors: Anchors, details: PageDetails) -> Iterable[str]:
    """Yield the table of the steps."""
    rows = (
        (
            anchors.steps[step.name],
            as_code(step.name),
            "".join(map(as_code, step.nodes)),
            link_names(step.reads, anchors.datasets),
            link_names(step.writes, anchors.datasets),
            link_names(step.waits_for, anchors.steps),
            *((escape_markup(_step(details, step).runs_on),) if details.steps else ()),
        )
        for step in plan.steps
    )
    columns = ("Step", "Nodes", "Reads", "Writes", "Waits for")
    return write_table("Steps", (*columns, *(("Runs on",) if details.steps else ())), rows)


def write_datasets_table(plan: Plan, anchors: Anchors) -> Iterable[str]:
    """Yield the table of the datasets."""
    rows = (
        (
            anchors.datasets[dataset.name],
            as_code(dataset.name),
            dataset.flow.value,
            link_names(_writers(dataset), anchors.steps),
            link_names(dataset.read_by, anchors.steps),
            escape_markup(dataset.why),
        )
        for dataset in plan.datasets
    )
    return write_table("Datasets", ("Dataset", "Becomes", "Written by", "Read by", "Why"), rows)


def _writers(dataset: PlannedDataset) -> tuple[str, ...]:
    return () if dataset.written_by is None else (dataset.written_by,)


def _step(details: PageDetails, step: PlannedStep) -> StepDetails:
    return details.steps.get(step.name) or StepDetails()


def list_data(plan: Plan, details: PageDetails, anchors: Anchors) -> dict[str, Iterable[Any]]:
    """Return what the script needs: steps, datasets and findings, made on demand.

    Args:
        plan: The plan.
        details: What is known beside it.
        anchors: The ids of the rows.
    """
    return {
        "steps": (_step_data(step, _step(details, step), anchors) for step in plan.steps),
        "datasets": (_dataset_data(one, details, anchors) for one in plan.datasets),
        "findings": (
            {
                "id": anchors.steps.get(note.where) or anchors.datasets.get(note.where),
                "severity": note.severity,
                "code": note.code,
                "text": note.text,
            }
            for note in details.findings
        ),
    }


def _step_data(step: PlannedStep, known: StepDetails, anchors: Anchors) -> dict[str, Any]:
    nodes = known.nodes or tuple(NodeDetails(name) for name in step.nodes)
    return {
        "id": anchors.steps[step.name],
        "name": make_visible(step.name),
        "why": "" if step.nodes == (step.name,) else "These nodes run together in one container.",
        "nodes": [{"name": make_visible(n.name), "files": n.files} for n in nodes],
        "reads": [anchors.datasets[name] for name in step.reads],
        "writes": [anchors.datasets[name] for name in step.writes],
        "waits": [anchors.steps[name] for name in step.waits_for],
        "runsOn": known.runs_on,
        "environment": known.environment,
        "command": known.command,
        "mounts": known.mounts,
        "yaml": known.yaml,
    }


def _dataset_data(
    dataset: PlannedDataset, details: PageDetails, anchors: Anchors
) -> dict[str, Any]:
    return {
        "id": anchors.datasets[dataset.name],
        "name": make_visible(dataset.name),
        "becomes": dataset.flow.value,
        "why": make_visible(dataset.why),
        "writtenBy": [anchors.steps[name] for name in _writers(dataset)],
        "readBy": [anchors.steps[name] for name in dataset.read_by],
        "asset": make_visible(dataset.asset.name) if dataset.asset else "",
        "file": details.files.get(dataset.name) or dataset.source or "",
    }
