"""Draw a plan as one SVG: steps, the datasets between them, and what enters the job."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from kedro_azureml_compiler.drawing.anchors import Anchors
from kedro_azureml_compiler.drawing.graph import Look, Mark, PlanGraph, build_graph
from kedro_azureml_compiler.drawing.labels import count_cells, escape_markup, label_lines
from kedro_azureml_compiler.drawing.layout import Box, Layout, Point, estimate_size, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kedro_azureml_compiler.planning.plan import Plan

_MARGIN = 16
_WINDOW = 1400  # pixels that most windows have for a picture
_CELL, _SMALL_CELL = 7.3, 6.1  # pixels; a fixed-width font's cell is 0.6 of its size, a bit more
_LINE, _SMALL_LINE = 15, 13
_LINES, _CELLS, _SMALL_CELLS = 3, 26, 30
_PADDING_X, _PADDING_Y = 13, 6


class StepNote(NamedTuple):
    """What is said of a step in its box, beside its name.

    Args:
        text: The text below the name.
        state: The class of the box in the SVG.
    """

    text: str
    state: str


class Picture(NamedTuple):
    """The picture of a plan.

    Args:
        lines: The lines of the SVG, made on demand.
        width: Its width, in pixels.
        height: Its height, in pixels.
        looks: The kinds of boxes in it.
        has_order: Whether a step waits for another one without reading its data.
        has_copies: Whether a box is repeated near those that are far from it.
    """

    lines: Iterable[str]
    width: int
    height: int
    looks: tuple[Look, ...]
    has_order: bool
    has_copies: bool

    @property
    def svg(self) -> str:
        """The drawing as one string."""
        return "\n".join(self.lines)


def draw_plan(
    plan: Plan, style: str = "", notes: Mapping[str, StepNote] = MappingProxyType({})
) -> Picture:
    """Draw a plan.

    The flow goes down, or to the right if a picture downwards would be wider than a window.
    A step and its edges are one group, so that a style can show them together.

    Args:
        plan: The plan.
        style: The CSS that the drawing carries.
        notes: Name of a step to what is said of it in its box.

    Example:
        >>> from kedro_azureml_compiler.planning.plan import Plan, PlannedStep
        >>> picture = draw_plan(Plan("training", ("train",), (PlannedStep("fit", ("fit",)),), ()))
        >>> picture.svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"'), picture.looks
        (True, (<Look.STEP: 'step'>,))
    """
    graph = _with_notes(build_graph(plan), notes)
    labels = [_Label.of(mark) for mark in graph.marks]
    is_down = True
    boxes = _boxes(graph, labels, is_down)
    breadth_down, length_right = estimate_size(boxes)[1], 0.0
    if breadth_down > _WINDOW:
        right = _boxes(graph, labels, False)
        length_right = estimate_size(right)[0]
        if breadth_down > length_right:
            boxes, is_down = right, False
    layout = lay_out(boxes, [(e.source, e.target) for e in graph.edges])
    width, height = _xy((layout.length + _MARGIN, layout.breadth + _MARGIN), is_down)
    return Picture(
        _Drawing(plan, style, graph, labels, layout, is_down, notes),
        width,
        height,
        tuple(look for look in Look if any(mark.look is look for mark in graph.marks)),
        any(edge.is_order for edge in graph.edges),
        any(mark.is_copy for mark in graph.marks),
    )


def _with_notes(graph: PlanGraph, notes: Mapping[str, StepNote]) -> PlanGraph:
    if not notes:
        return graph
    marks = (
        mark._replace(small=notes[mark.name].text)
        if mark.look is Look.STEP and mark.name in notes
        else mark
        for mark in graph.marks
    )
    return graph._replace(marks=tuple(marks))


def _boxes(graph: PlanGraph, labels: Sequence[_Label], is_down: bool) -> list[Box]:
    pairs = zip(labels, graph.marks, strict=True)
    return [label.box(mark.layer, down=is_down) for label, mark in pairs]


def draw_shape(
    look: Look, x: int, y: int, width: int, height: int, *, is_copy: bool = False
) -> str:
    """Draw the outline of a box of a kind.

    Args:
        look: Its kind.
        x: Its left side, in pixels.
        y: Its top, in pixels.
        width: Its width, in pixels.
        height: Its height, in pixels.
        is_copy: Whether it repeats a box that is far away.

    Example:
        >>> draw_shape(Look.STEP, 0, 0, 30, 20)
        '<path class="shape step" d="M0,0h30v20h-30z"/>'
    """
    right, bottom, middle, tip = x + width, y + height, y + height / 2, min(9, height // 2)
    classes = f"shape {look.value}{' copy' * is_copy}"
    if look in {Look.VERSION, Look.REGISTERED}:
        left_half = f"M{x + tip},{bottom}L{x},{middle:g}L{x + tip},{y}"
        right_half = f"H{right - tip}L{right},{middle:g}L{right - tip},{bottom}z"
        return f'<path class="{classes}" d="{left_half}{right_half}"/>'
    if look is Look.UPLOAD:  # a sheet with a folded corner
        sheet = f"M{x},{y}H{right - tip}l{tip},{tip}V{bottom}H{x}z"
        return f'<path class="{classes}" d="{sheet}M{right - tip},{y}v{tip}h{tip}"/>'
    if look is Look.STEP:
        return f'<path class="{classes}" d="M{x},{y}h{width}v{height}h-{width}z"/>'
    size = f'width="{width}" height="{height}" rx="{min(14, height // 2)}"'
    return f'<rect class="{classes}" x="{x}" y="{y}" {size}/>'


class _Label(NamedTuple):
    """The text in a box, and its size."""

    lines: tuple[str, ...]
    small: str
    width: int
    height: int

    @classmethod
    def of(cls, mark: Mark) -> _Label:
        lines = label_lines(mark.name, _CELLS, _LINES)
        small = label_lines(mark.small, _SMALL_CELLS, 1)[0]
        text = max(_CELL * max(map(count_cells, lines)), _SMALL_CELL * count_cells(small))
        height = _LINE * len(lines) + (_SMALL_LINE if small else 0)
        return cls(lines, small, round(text) + 2 * _PADDING_X, height + 2 * _PADDING_Y)

    def box(self, layer: int, *, down: bool) -> Box:
        length, breadth = (self.height, self.width) if down else (self.width, self.height)
        return Box(layer, length, breadth, port_room=max(breadth - 2 * _PADDING_X, 8))


def _draw_mark(
    mark: Mark, label: _Label, centre: tuple[int, int], identity: str, state: str
) -> str:
    x, y = centre[0] - label.width // 2, centre[1] - label.height // 2
    shape = draw_shape(mark.look, x, y, label.width, label.height, is_copy=mark.is_copy)
    texts, baseline = [], y + _PADDING_Y - 3
    for line in label.lines:
        baseline += _LINE
        texts.append(f'<text x="{centre[0]}" y="{baseline}">{escape_markup(line)}</text>')
    if label.small:
        baseline += _SMALL_LINE
        texts.append(
            f'<text class="small" x="{centre[0]}" y="{baseline}">'
            f"{escape_markup(label.small)}</text>"
        )
    tooltip = f"{mark.name}: {mark.why}" if mark.why else mark.name
    group = f'<g class="box{state}" data-id="{identity}" data-look="{mark.look.value}">'
    return f"{group}<title>{escape_markup(tooltip)}</title>{shape}{''.join(texts)}</g>"


def _xy(point: Point, is_down: bool) -> tuple[int, int]:
    along, across = round(point[0]) + _MARGIN, round(point[1]) + _MARGIN
    return (across, along) if is_down else (along, across)


def _way(points: Sequence[tuple[int, int]], is_down: bool) -> str:
    """Return the path through the points: straight past a layer, curved between two layers."""
    (x, y), path = points[0], f"M{points[0][0]},{points[0][1]}"
    for position, (to_x, to_y) in enumerate(points[1:]):
        if (x, y) == (to_x, to_y):
            continue
        if position % 2 == 0 or (x if is_down else y) == (to_x if is_down else to_y):
            path += f"L{to_x},{to_y}"
        elif is_down:
            path += f"C{x},{(y + to_y) // 2} {to_x},{(y + to_y) // 2} {to_x},{to_y}"
        else:
            path += f"C{(x + to_x) // 2},{y} {(x + to_x) // 2},{to_y} {to_x},{to_y}"
        x, y = to_x, to_y
    return path


def _tip(end: tuple[int, int], is_down: bool) -> str:
    x, y = end
    if is_down:
        return f"M{x - 4},{y - 7}L{x},{y}L{x + 4},{y - 7}"
    return f"M{x - 7},{y - 4}L{x},{y}L{x - 7},{y + 4}"


@dataclass(frozen=True)
class _Drawing:
    plan: Plan
    style: str
    graph: PlanGraph
    labels: Sequence[_Label]
    layout: Layout
    is_down: bool
    notes: Mapping[str, StepNote]

    def __iter__(self) -> Iterator[str]:
        layout, plan = self.layout, self.plan
        width, height = _xy((layout.length + _MARGIN, layout.breadth + _MARGIN), self.is_down)
        steps = f"{len(plan.steps)} step{'s' * (len(plan.steps) != 1)}"
        size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        yield f'<svg xmlns="http://www.w3.org/2000/svg" class="plan" {size} role="img"'
        yield ' aria-labelledby="plan-title" aria-describedby="plan-desc">'
        yield f"<title id=\"plan-title\">Plan of the job '{escape_markup(plan.job)}'</title>"
        yield f'<desc id="plan-desc">{steps} and the datasets between them; the tables below'
        yield "the picture list the same.</desc>"
        yield f"<style>{self.style}</style>"
        yield from self._marks()
        yield "</svg>"

    def _marks(self) -> Iterator[str]:
        edges_of_step: dict[int, list[int]] = {}
        for position, edge in enumerate(self.graph.edges):
            edges_of_step.setdefault(edge.step, []).append(position)
        anchors = Anchors.of(self.plan)
        ids = [
            (anchors.steps if mark.look is Look.STEP else anchors.datasets)[mark.name]
            for mark in self.graph.marks
        ]
        for number, (mark, label) in enumerate(zip(self.graph.marks, self.labels, strict=True)):
            note = self.notes.get(mark.name) if mark.look is Look.STEP else None
            state = f" {note.state}" if note else ""
            centre = _xy(self.layout.centres[number], self.is_down)
            drawn = _draw_mark(mark, label, centre, ids[number], state)
            if mark.look is Look.STEP and not mark.is_copy:
                edges = "".join(self._edge(e, ids) for e in edges_of_step.get(number, ()))
                drawn = f'<g class="of-step">{edges}{drawn}</g>'
            yield drawn

    def _edge(self, position: int, ids: Sequence[str]) -> str:
        edge = self.graph.edges[position]
        points = [_xy(point, self.is_down) for point in self.layout.routes[position]]
        classes = f"edge{' order' * edge.is_order}"
        drawn = f'<path class="{classes}" d="{_way(points, self.is_down)}"/>'
        if edge.step == edge.target:  # a tip of its own: dashes would cut it
            drawn += f'<path class="edge" d="{_tip(points[-1], self.is_down)}"/>'
        ends = f'data-from="{ids[edge.source]}" data-to="{ids[edge.target]}"'
        title = f"<title>{escape_markup(edge.meaning)}</title>"
        return f'<g class="link" {ends}>{title}{drawn}</g>'
