"""Place the boxes of a layered picture and route its edges around them: pure geometry.

The steps are those of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical
system structures" (1981): points where an edge passes a layer, an order in each layer with few
crossings (barycentres), then places. Here the places are least squares with the order as a
constraint, which pooling of adjacent violators solves in linear time.
"""

from __future__ import annotations

from bisect import bisect, insort
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Point = tuple[float, float]
"""Pixels along the flow, and across it."""

_GAP_ALONG, _WIDEST_GAP_ALONG = 34.0, 120.0
_GAP_PER_SLANT = 0.12  # an edge that goes far across needs room, or it is too flat to follow
_GAP_ACROSS = 20.0
_GAP_BESIDE_EDGE = 12.0
_PORT_GAP = 14.0
_SWEEPS = 6
_BOX_STAYS = 1000.0  # when long edges are straightened, they make way for the boxes


class Box(NamedTuple):
    """A box to be placed.

    Args:
        layer: Its layer; edges lead to higher ones. Layers without a box take no space.
        length: Its size along the flow, in pixels.
        breadth: Its size across the flow, in pixels.
        port_room: The part of its breadth, about the middle, where edges may attach, in pixels.
    """

    layer: int
    length: float
    breadth: float
    port_room: float


class Layout(NamedTuple):
    """Where everything is, in pixels from the corner of the picture.

    Args:
        centres: The middle of each box.
        routes: For each edge, an even number of points. The segment from a point with an even
            position to the next is straight along the flow, the others are between two layers.
        length: Size of the picture along the flow.
        breadth: Size of the picture across the flow.
    """

    centres: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]
    length: float
    breadth: float


@dataclass
class _Net:
    """The boxes, then the points where edges pass layers, each a vertex with a number."""

    rows: list[list[int]]
    row_of: list[int]
    breadths: list[float]
    before: list[list[int]]
    after: list[list[int]]
    chains: list[list[int]]
    box_count: int


def lay_out(boxes: Sequence[Box], edges: Sequence[tuple[int, int]]) -> Layout:
    """Place boxes in layers, so that no edge runs through a box.

    Args:
        boxes: The boxes.
        edges: Positions of two boxes each, the second in a higher layer than the first.

    Returns:
        The layout; the same for the same arguments.

    Example:
        >>> two = [Box(layer=0, length=20, breadth=90, port_room=80), Box(4, 20, 60, 50)]
        >>> layout = lay_out(two, [(0, 1)])
        >>> layout.centres
        ((10.0, 45.0), (64.0, 45.0))
        >>> layout.routes
        (((20.0, 45.0), (20.0, 45.0), (54.0, 45.0), (54.0, 45.0)),)
    """
    if not boxes:
        return Layout((), (), 0.0, 0.0)
    net = _thread(boxes, edges)
    _order(net)
    across = _place(net)
    starts, thicknesses, length = _bands(net, boxes, across)
    near_side = min(across[v] - net.breadths[v] / 2 for v in range(len(across)))
    across = [place - near_side for place in across]
    leaving = _ports(net.after, across, boxes)
    arriving = _ports(net.before, across, boxes)

    def route(chain: list[int]) -> tuple[Point, ...]:
        points: list[Point] = []
        for position, vertex in enumerate(chain):
            start = starts[net.row_of[vertex]]
            end = start + thicknesses[net.row_of[vertex]]
            if position == 0:
                port = across[vertex] + leaving[vertex, chain[1]]
                border = (start + end + boxes[vertex].length) / 2
                points += [(border, port), (end, port)]
            elif position == len(chain) - 1:
                port = across[vertex] + arriving[vertex, chain[-2]]
                border = (start + end - boxes[vertex].length) / 2
                points += [(start, port), (border, port)]
            else:
                points += [(start, across[vertex]), (end, across[vertex])]
        return tuple(points)

    centres = tuple(
        (starts[net.row_of[v]] + thicknesses[net.row_of[v]] / 2, across[v])
        for v in range(net.box_count)
    )
    breadth = max(across[v] + net.breadths[v] / 2 for v in range(len(across)))
    return Layout(centres, tuple(route(chain) for chain in net.chains), length, breadth)


def estimate_size(boxes: Iterable[Box]) -> tuple[float, float]:
    """Return the approximate length and breadth of a picture of the boxes, without placing them."""
    lengths: dict[int, float] = {}
    breadths: dict[int, float] = {}
    for box in boxes:
        lengths[box.layer] = max(lengths.get(box.layer, 0.0), box.length)
        breadths[box.layer] = breadths.get(box.layer, -_GAP_ACROSS) + box.breadth + _GAP_ACROSS
    length = sum(lengths.values()) + _GAP_ALONG * (len(lengths) - 1)
    return length, max(breadths.values(), default=0.0)


def _thread(boxes: Sequence[Box], edges: Sequence[tuple[int, int]]) -> _Net:
    """Build the net; edges that leave one box share the points where they pass the same layer."""
    row_of_layer = {layer: row for row, layer in enumerate(sorted({box.layer for box in boxes}))}
    rows: list[list[int]] = [[] for _ in row_of_layer]
    row_of = [row_of_layer[box.layer] for box in boxes]
    for vertex, row in enumerate(row_of):
        rows[row].append(vertex)
    breadths = [box.breadth for box in boxes]
    before: list[list[int]] = [[] for _ in boxes]
    after: list[list[int]] = [[] for _ in boxes]
    passing: dict[tuple[int, int], int] = {}
    linked: set[tuple[int, int]] = set()
    chains = []
    for source, target in edges:
        chain = [source]
        for row in range(row_of[source] + 1, row_of[target]):
            if (source, row) not in passing:
                passing[source, row] = len(row_of)
                rows[row].append(len(row_of))
                row_of.append(row)
                breadths.append(0.0)
                before.append([])
                after.append([])
            chain.append(passing[source, row])
        chain.append(target)
        for link in pairwise(chain):
            if link not in linked:
                linked.add(link)
                after[link[0]].append(link[1])
                before[link[1]].append(link[0])
        chains.append(chain)
    return _Net(rows, row_of, breadths, before, after, chains, len(boxes))


def _order(net: _Net) -> None:
    """Order each row by the barycentres of its neighbours, and keep the best order met."""
    best, fewest = [list(row) for row in net.rows], _crossings(net)
    for sweep in range(_SWEEPS):
        if fewest == 0:
            break
        forth = sweep % 2 == 0
        neighbours = net.before if forth else net.after
        rows = net.rows if forth else net.rows[::-1]
        places = {v: p for row in rows for p, v in zip(_centred(len(row)), row, strict=True)}
        for row in rows[1:]:
            row.sort(key=lambda v: _mean([places[n] for n in neighbours[v]], places[v]))
            places.update(zip(row, _centred(len(row)), strict=True))
        crossings = _crossings(net)
        if crossings < fewest:
            best, fewest = [list(row) for row in net.rows], crossings
    net.rows = best


def _crossings(net: _Net) -> int:
    total = 0
    for row, following in pairwise(net.rows):
        position = {vertex: place for place, vertex in enumerate(following)}
        ends: list[int] = []
        for vertex in row:
            targets = [position[target] for target in net.after[vertex]]
            total += sum(len(ends) - bisect(ends, target) for target in targets)
            for target in targets:
                insort(ends, target)
    return total


def _place(net: _Net) -> list[float]:
    """Return the position of each vertex across the flow, near the middle of its neighbours."""
    across = [0.0] * len(net.row_of)
    gaps_of_row = []
    for row in net.rows:
        gaps = [0.0]
        for left, right in pairwise(row):
            boxes = left < net.box_count and right < net.box_count
            gap = _GAP_ACROSS if boxes else _GAP_BESIDE_EDGE
            gaps.append((net.breadths[left] + net.breadths[right]) / 2 + gap)
        gaps_of_row.append(gaps)
        middle, place = sum(gaps) / 2, 0.0
        for vertex, gap in zip(row, gaps, strict=True):
            place += gap
            across[vertex] = place - middle
    both = [[*before, *after] for before, after in zip(net.before, net.after, strict=True)]
    order = range(len(net.rows))
    for neighbours in [net.before, net.after] * (_SWEEPS // 2) + [both, both]:
        for number in reversed(order) if neighbours is net.after else order:
            row = net.rows[number]
            wanted = [_mean([across[n] for n in neighbours[v]], across[v]) for v in row]
            fitted = _fit(wanted, [1.0] * len(row), gaps_of_row[number])
            for vertex, place in zip(row, fitted, strict=True):
                across[vertex] = place
    for number in order:  # where means are at work, a long edge goes down like a staircase
        row = net.rows[number]
        wanted = [across[v if v < net.box_count else net.before[v][0]] for v in row]
        weights = [_BOX_STAYS if v < net.box_count else 1.0 for v in row]
        for vertex, place in zip(row, _fit(wanted, weights, gaps_of_row[number]), strict=True):
            across[vertex] = place
    return across


def _fit(wanted: list[float], weights: list[float], gaps: list[float]) -> list[float]:
    """Return the positions nearest to the wanted ones (least squares) that keep order and gaps."""
    blocks: list[tuple[float, float, int]] = []  # weight, weighted mean, number of places
    offsets, offset = [], 0.0
    for want, weight, gap in zip(wanted, weights, gaps, strict=True):
        offset += gap
        offsets.append(offset)
        block = (weight, want - offset, 1)
        while blocks and blocks[-1][1] > block[1]:
            other_weight, other_mean, other_count = blocks.pop()
            both = other_weight + block[0]
            mean = (other_weight * other_mean + block[0] * block[1]) / both
            block = (both, mean, other_count + block[2])
        blocks.append(block)
    means = [mean for _, mean, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _bands(
    net: _Net, boxes: Sequence[Box], across: Sequence[float]
) -> tuple[list[float], list[float], float]:
    """Return where each row starts along the flow, how thick it is, and where the last one ends."""
    starts, thicknesses, end, gap = [], [], 0.0, 0.0
    for row in net.rows:
        starts.append(end + gap)
        thicknesses.append(max(boxes[v].length for v in row if v < net.box_count))
        end = starts[-1] + thicknesses[-1]
        slants = [abs(across[v] - across[target]) for v in row for target in net.after[v]]
        gap = min(max(_GAP_ALONG, _GAP_PER_SLANT * max(slants, default=0.0)), _WIDEST_GAP_ALONG)
    return starts, thicknesses, end


def _ports(
    neighbours: list[list[int]], across: list[float], boxes: Sequence[Box]
) -> dict[tuple[int, int], float]:
    """Spread the edges of a box over its side, in the order of their other ends."""
    ports = {}
    for vertex, box in enumerate(boxes):
        ends = sorted(neighbours[vertex], key=across.__getitem__)
        gap = min(_PORT_GAP, box.port_room / max(len(ends) - 1, 1))
        for end, place in zip(ends, _centred(len(ends)), strict=True):
            ports[vertex, end] = place * gap
    return ports


def _centred(count: int) -> list[float]:
    return [place - (count - 1) / 2 for place in range(count)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
