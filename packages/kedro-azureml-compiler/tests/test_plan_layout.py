import random
from itertools import combinations

import pytest
from kedro_azureml_compiler.drawing.layout import Box, estimate_size, lay_out


def box(layer, *, length=30, breadth=90):
    return Box(layer, length, breadth, port_room=breadth - 10)


def random_graph(seed, size=80):
    chance = random.Random(seed)
    boxes = [
        box(chance.randrange(9), length=chance.choice([20, 60]), breadth=chance.randrange(40, 200))
        for _ in range(size)
    ]
    pairs = [chance.sample(range(size), 2) for _ in range(2 * size)]
    edges = {(a, b) for a, b in pairs if boxes[a].layer < boxes[b].layer}
    return boxes, sorted(edges)


def sides(place, shape):
    along, across = place
    return (
        along - shape.length / 2,
        along + shape.length / 2,
        across - shape.breadth / 2,
        across + shape.breadth / 2,
    )


def links_that_cross(layout, edges):
    centre = [across for _, across in layout.centres]
    return sum(
        (centre[a] - centre[c]) * (centre[b] - centre[d]) < 0
        for (a, b), (c, d) in combinations(edges, 2)
    )


@pytest.mark.parametrize("seed", range(5))
def test_boxes_do_not_overlap(seed):
    boxes, edges = random_graph(seed)
    places = [sides(c, b) for c, b in zip(lay_out(boxes, edges).centres, boxes, strict=True)]
    for one, other in combinations(places, 2):
        apart_along = one[1] < other[0] or other[1] < one[0]
        apart_across = one[3] < other[2] or other[3] < one[2]
        assert apart_along or apart_across


@pytest.mark.parametrize("seed", range(5))
def test_no_edge_runs_through_a_box(seed):
    boxes, edges = random_graph(seed)
    layout = lay_out(boxes, edges)
    places = [sides(c, b) for c, b in zip(layout.centres, boxes, strict=True)]
    bands = {}
    for place, shape in zip(places, boxes, strict=True):
        near, far = bands.get(shape.layer, (float("inf"), 0.0))
        bands[shape.layer] = min(near, place[0]), max(far, place[1])
    for ends, route in zip(edges, layout.routes, strict=True):
        for position in range(0, len(route), 2):
            (start, across), (end, also_across) = route[position], route[position + 1]
            assert across == also_across  # straight past a layer
            for number, (near, far, left, right) in enumerate(places):
                if number not in ends and start < far and near < end:
                    assert not left < across < right
        for position in range(1, len(route) - 1, 2):  # bent where no layer is
            start, end = route[position][0], route[position + 1][0]
            assert all(far <= start + 1e-6 or near >= end - 1e-6 for near, far in bands.values())


@pytest.mark.parametrize("seed", range(5))
def test_an_edge_starts_and_ends_on_the_sides_of_its_boxes(seed):
    boxes, edges = random_graph(seed)
    layout = lay_out(boxes, edges)
    for (source, target), route in zip(edges, layout.routes, strict=True):
        _, far, left, right = sides(layout.centres[source], boxes[source])
        assert route[0][0] == pytest.approx(far)
        assert left < route[0][1] < right
        near, _, left, right = sides(layout.centres[target], boxes[target])
        assert route[-1][0] == pytest.approx(near)
        assert left < route[-1][1] < right


@pytest.mark.parametrize("seed", range(5))
def test_everything_lies_inside_the_picture(seed):
    boxes, edges = random_graph(seed)
    layout = lay_out(boxes, edges)
    places = [sides(c, b) for c, b in zip(layout.centres, boxes, strict=True)]
    assert min(p[0] for p in places) == pytest.approx(0)
    assert max(p[1] for p in places) == pytest.approx(layout.length)
    points = [point for route in layout.routes for point in route]
    assert min(p[2] for p in places) >= -1e-6
    assert max(p[3] for p in places) <= layout.breadth + 1e-6
    assert all(-1e-6 <= along <= layout.length + 1e-6 for along, _ in points)
    assert all(-1e-6 <= across <= layout.breadth + 1e-6 for _, across in points)


def test_edges_that_need_not_cross_do_not():
    boxes = [box(0), box(0), box(0), box(1), box(1), box(1)]
    edges = [(0, 5), (1, 4), (2, 3)]
    assert links_that_cross(lay_out(boxes, edges), edges) == 0


def test_edges_of_a_box_attach_in_the_order_of_their_other_ends():
    boxes = [box(0), box(1), box(1), box(1)]
    layout = lay_out(boxes, [(0, 3), (0, 1), (0, 2)])
    by_target = sorted(layout.routes, key=lambda route: route[-1][1])
    starts = [route[0][1] for route in by_target]
    assert starts == sorted(set(starts))
    assert len(starts) == 3


def test_a_row_of_boxes_is_centred_below_the_one_that_they_come_from():
    layout = lay_out([box(0), box(1), box(1), box(1)], [(0, 1), (0, 2), (0, 3)])
    below = [across for _, across in layout.centres[1:]]
    assert layout.centres[0][1] == pytest.approx(sum(below) / 3)


def test_a_long_edge_bends_no_more_than_it_must():
    chain = [box(layer) for layer in range(8)]
    edges = [(number, number + 1) for number in range(7)] + [(0, 7)]
    long_way = lay_out(chain, edges).routes[-1]
    past_layers = {round(across, 1) for _, across in long_way[2:-2]}
    assert len(past_layers) == 1


def test_layers_without_a_box_take_no_room():
    assert lay_out([box(0), box(1)], [(0, 1)]) == lay_out([box(0), box(50)], [(0, 1)])


def test_a_flat_edge_gets_more_room_between_the_layers():
    near = lay_out([box(0), box(1)], [(0, 1)])
    wide = lay_out([box(0), *[box(1) for _ in range(20)]], [(0, n) for n in range(1, 21)])
    assert wide.length > near.length


def test_nothing_takes_no_room():
    layout = lay_out([], [])
    assert (layout.centres, layout.routes, layout.length, layout.breadth) == ((), (), 0, 0)


def test_the_rough_size_is_that_of_a_picture_without_edges():
    boxes = [box(0), box(0), box(3, length=70)]
    layout = lay_out(boxes, [])
    assert estimate_size(boxes) == (layout.length, layout.breadth)
