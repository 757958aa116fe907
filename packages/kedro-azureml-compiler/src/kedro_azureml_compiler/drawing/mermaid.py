"""Write a plan as a Mermaid flowchart, which wikis and code hosts draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_azureml_compiler.drawing.graph import Look, Mark, build_graph
from kedro_azureml_compiler.drawing.labels import make_visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_azureml_compiler.planning.plan import Plan

# Shapes of Mermaid: box, parallelogram, cylinder, rounded; the brackets surround the label.
_SHAPES = {
    Look.STEP: ("[", "]"),
    Look.VERSION: ("[(", ")]"),
    Look.UPLOAD: ("[/", "/]"),
    Look.OUTPUT: ("(", ")"),
    Look.REGISTERED: ("[(", ")]"),
    Look.NOT_MOUNTED: ("{{", "}}"),
}


def render_mermaid(plan: Plan) -> str:
    """Return a plan as a Mermaid flowchart.

    Boxes are steps; the other shapes are datasets: cylinders for data assets, parallelograms for
    uploaded files, rounded boxes for outputs, hexagons for external datasets. A dotted
    arrow carries no data.

    Args:
        plan: The plan.

    Example:
        >>> from kedro_azureml_compiler.planning.plan import Plan, PlannedStep
        >>> load = PlannedStep("load", ("load",))
        >>> fit = PlannedStep("fit", ("fit",), waits_for=("load",))
        >>> print(render_mermaid(Plan("training", ("train",), (load, fit), ())), end="")
        flowchart TD
          m0["load"]
          m1["fit"]
          m0 -.-> m1
    """
    return "\n".join(["flowchart TD", *(f"  {line}" for line in _lines(plan))]) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    graph = build_graph(plan)
    for number, mark in enumerate(graph.marks):
        opening, closing = _SHAPES[mark.look]
        yield f'm{number}{opening}"{_label(mark)}"{closing}'
    for edge in graph.edges:
        yield f"m{edge.source} {'-.->' if edge.is_order else '-->'} m{edge.target}"


def _label(mark: Mark) -> str:
    texts = (make_visible(text) for text in (mark.name, mark.small) if text)
    return "<br>".join("".join(map(_entity, text)) for text in texts)


def _entity(character: str) -> str:
    # Mermaid interprets Markdown, HTML and its own entities in a label.
    return character if character.isalnum() or character in " ._-" else f"#{ord(character)};"
