"""Render a plan as a page that opens offline: what became of every node and dataset, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler.drawing.graph import Look
from kedro_azureml_compiler.drawing.labels import escape_markup
from kedro_azureml_compiler.drawing.picture import Picture, draw_plan, draw_shape
from kedro_azureml_compiler.planning.plan import format_filters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kedro_azureml_compiler.planning.plan import Plan

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

# The colours are distinct for colour-blind readers (after Okabe and Ito), and shapes and dashes say
# the same as the colours.
_PICTURE_STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #1b2026; --muted: #535c67; --line: #d5dae0;
  --edge: #66707c; --strong: #0b5cad; --step: #e8ecf1; --step-line: #3b444e;
  --version: #dbeefb; --version-line: #0067a5; --upload: #fdead9; --upload-line: #a84600;
  --registered: #d8f3e8; --registered-line: #00704c; }
@media (prefers-color-scheme: dark) { :root { --page: #14181d; --ink: #e9edf2; --muted: #aab3be;
  --line: #353d47; --edge: #8d97a4; --strong: #7cc4ff; --step: #2b333d; --step-line: #b4bdc8;
  --version: #0e3250; --version-line: #6fbdf5; --upload: #472609; --upload-line: #f3a468;
  --registered: #083b2a; --registered-line: #4dd0a0; } }
.plan text { fill: var(--ink); font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono",
  monospace; text-anchor: middle; white-space: pre; }
.plan text.small { fill: var(--muted); font-size: 10px; }
.edge { fill: none; stroke: var(--edge); stroke-width: 1.4; }
.order { stroke-dasharray: 5 4; }
.shape { fill: var(--page); stroke: var(--edge); stroke-width: 1.4; stroke-linejoin: round; }
.shape.step { fill: var(--step); stroke: var(--step-line); }
.shape.version { fill: var(--version); stroke: var(--version-line); }
.shape.upload { fill: var(--upload); stroke: var(--upload-line); }
.shape.registered { fill: var(--registered); stroke: var(--registered-line); stroke-width: 2.6; }
.shape.not-mounted { stroke-dasharray: 5 4; }
.shape.copy { stroke-dasharray: 1.5 3; stroke-linecap: round; }
.of-step:hover .edge { stroke: var(--strong); stroke-width: 2.6; }
.of-step:hover .shape { stroke: var(--strong); stroke-width: 2.6; }
"""

_PAGE_STYLE = """
body { margin: 0 auto; padding: 1.5rem; background: var(--page); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .3rem 0; max-width: 60rem; overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; padding: 0; margin: 1rem 0 .6rem;
  list-style: none; color: var(--muted); font-size: .87rem; }
.legend svg { vertical-align: -.35em; margin-right: .45em; }
.picture { overflow: auto; border: 1px solid var(--line); border-radius: 6px; }
.picture.wide { max-height: 88vh; }
.picture svg { display: block; margin: 0 auto; }
#whole:checked ~ .picture svg { max-width: 100%; max-height: 85vh; height: auto; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0;
  border-bottom: 1px solid var(--line); }
thead th { color: var(--muted); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 400; }
code { font: .93em ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; }
td code, th code { display: block; min-width: 8rem; }
a { color: inherit; text-decoration-color: var(--muted); }
tr:target { background: var(--step); }
"""


_POLICY = """<meta http-equiv="Content-Security-Policy" \
content="default-src 'none'; style-src 'unsafe-inline'">"""

_NOTE = """Hover over a box for the reason. Parameters, datasets that stay inside one step, \
and external ones that no step waits for, are only in the table."""

_NO_PICTURE = """There is no picture, because one of so many steps would be unreadable. The tables \
are complete. For a picture, combine nodes (<code>grouping: namespace</code>), or compile fewer."""


def render_plan_page(plan: Plan) -> Iterator[str]:
    """Yield the lines of `plan.html`, each with its end, so that a large page takes little memory.

    The page is self-contained: it loads nothing, runs no script, and the policy in its head makes
    a browser refuse to. The same plan gives the same lines.

    Args:
        plan: The plan.

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
    for part in _parts(plan):
        yield part
        yield "\n"


def _parts(plan: Plan) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield _POLICY
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>{escape_markup(plan.job)}: plan</title>"
    yield f"<style>{_PAGE_STYLE}</style>"
    yield "</head>"
    yield "<body>"
    yield f"<h1>Plan of the job {_code(plan.job)}</h1>"
    yield f"<p>{_summary(plan)}</p>"
    if len(plan.steps) <= MOST_DRAWN:
        yield from _picture(plan)
    else:
        yield f"<style>{_PICTURE_STYLE}</style>"  # the colours of the page too
        yield f"<p>{_NO_PICTURE}</p>"
    steps = {step.name: f"step-{number}" for number, step in enumerate(plan.steps, 1)}
    datasets = {dataset.name: f"data-{number}" for number, dataset in enumerate(plan.datasets, 1)}
    yield from _steps_table(plan, steps, datasets)
    yield from _datasets_table(plan, steps, datasets)
    yield "</body>"
    yield "</html>"


def _picture(plan: Plan) -> Iterator[str]:
    picture = draw_plan(plan, _PICTURE_STYLE)
    yield _legend(picture)
    yield from _framed(picture)
    yield f"<p>{_NOTE}</p>"


def _summary(plan: Plan) -> str:
    several = len(plan.pipelines) != 1
    pipelines = ", ".join(_code(name) for name in plan.pipelines)
    steps = f"{len(plan.steps)} step{'s' * (len(plan.steps) != 1)}"
    text = f"{steps} from the pipeline{'s' * several} {pipelines}"
    if plan.filters:
        text += f", filtered by {_code(format_filters(plan.filters))}"
    return text + (f", Kedro environment {_code(plan.env)}." if plan.env else ".")


def _legend(picture: Picture) -> str:
    items = [(draw_shape(look, 1, 1, 32, 16), _MEANINGS[look]) for look in picture.looks]
    if picture.has_order:
        items.append(('<path class="edge order" d="M1,9h32"/>', "waits for; no data is carried"))
    if picture.has_copies:
        copy = draw_shape(Look.OUTPUT, 1, 1, 32, 16, is_copy=True)
        items.append((copy, "again, near what is far from it"))
    svg = '<svg width="34" height="18" aria-hidden="true">'
    return "\n".join(
        [
            '<ul class="legend" aria-label="Legend">',
            *(f"<li>{svg}{drawing}</svg>{meaning}</li>" for drawing, meaning in items),
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


def _steps_table(
    plan: Plan, steps: Mapping[str, str], datasets: Mapping[str, str]
) -> Iterable[str]:
    rows = (
        (
            steps[step.name],
            _code(step.name),
            "".join(_code(node) for node in step.nodes),
            _links(step.reads, datasets),
            _links(step.writes, datasets),
            _links(step.waits_for, steps),
        )
        for step in plan.steps
    )
    return _table("Steps", ("Step", "Nodes", "Reads", "Writes", "Waits for"), rows)


def _datasets_table(
    plan: Plan, steps: Mapping[str, str], datasets: Mapping[str, str]
) -> Iterable[str]:
    rows = (
        (
            datasets[dataset.name],
            _code(dataset.name),
            dataset.flow.value,
            _links((dataset.written_by,) if dataset.written_by is not None else (), steps),
            _links(dataset.read_by, steps),
            escape_markup(dataset.why),
        )
        for dataset in plan.datasets
    )
    return _table("Datasets", ("Dataset", "Flow", "Written by", "Read by", "Why"), rows)


def _table(title: str, columns: Sequence[str], rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    """Return a table; a row is its id, its heading and its cells, which are markup."""
    name = title.lower()
    yield f'<h2 id="{name}">{title}</h2>'
    yield f'<div class="table" tabindex="0" role="region" aria-labelledby="{name}">'
    yield f'<table aria-labelledby="{name}">'
    heads = "".join(f'<th scope="col">{column}</th>' for column in columns)
    yield f"<thead><tr>{heads}</tr></thead>"
    yield "<tbody>"
    for identity, heading, *cells in rows:
        texts = "".join(f"<td>{cell}</td>" for cell in cells)
        yield f'<tr id="{identity}"><th scope="row">{heading}</th>{texts}</tr>'
    yield "</tbody>"
    yield "</table>"
    yield "</div>"


def _links(names: Iterable[str], targets: Mapping[str, str]) -> str:
    return "".join(
        f'<code><a href="#{targets[name]}">{escape_markup(name)}</a></code>' for name in names
    )


def _code(text: str) -> str:
    return f"<code>{escape_markup(text)}</code>"
