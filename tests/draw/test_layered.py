"""`gradcli.draw.layered`: places in layers."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest

from gradcli.draw import layered as module
from gradcli.draw.layered import Box, Layout, Line, layered
from tests.support.steps import steps

CARD = Box(80, 60, 14, 11)


def at_random(count: int, seed: int) -> list[Line]:
    chance = random.Random(seed)
    lines = []
    for head in range(1, count):
        lines += [
            Line(max(0, head - 1 - int(chance.expovariate(0.2))), head, 30.0) for _ in range(chance.choice((1, 2)))
        ]
    return lines


GRAPHS = {
    "one": (1, []),
    "a+a": (2, [Line(0, 1, 10.0), Line(0, 1, 10.0)]),
    "a diamond": (4, [Line(0, 1), Line(0, 2), Line(1, 3), Line(2, 3)]),
    "a jump": (4, [Line(0, 1), Line(1, 2), Line(2, 3), Line(0, 3, 40.0)]),
    "a chain": (60, [Line(i, i + 1, 20.0) for i in range(59)]),
    "a wide sum": (60, [Line(i, 59, 20.0) for i in range(59)]),
    "one variable, many uses": (60, [*(Line(0, i) for i in range(1, 60)), *(Line(i - 1, i) for i in range(2, 60))]),
    "forward and backward": (60, [*(Line(i - 1, i) for i in range(1, 60)), *(Line(59 - i, i) for i in range(31, 60))]),
    "at random": (80, at_random(80, 1)),
    "at random again": (150, at_random(150, 2)),
}


def passed(route: list[tuple[float, float]]) -> list[tuple[float, float, float, float]]:
    """The rectangles in which the parts of a line are: an S stays between the heights of its ends."""
    return [(a[0], min(a[1], b[1]), b[0], max(a[1], b[1])) for a, b in pairwise(route)]


def rectangle(layout: Layout, vertex: int, box: Box) -> tuple[float, float, float, float]:
    along, across = layout.centres[vertex]
    return along - box.length / 2, across - box.breadth / 2, along + box.length / 2, across + box.breadth / 2


def overlap(first: tuple[float, float, float, float], second: tuple[float, float, float, float]) -> bool:
    slack = 1e-6
    return (
        first[0] < second[2] - slack
        and second[0] < first[2] - slack
        and first[1] < second[3] - slack
        and second[1] < first[3] - slack
    )


@pytest.mark.parametrize("name", GRAPHS)
def test_boxes_are_apart_and_no_line_passes_one(name: str) -> None:
    count, lines = GRAPHS[name]
    boxes = [CARD] * count
    layout = layered(boxes, lines)
    places = [rectangle(layout, vertex, boxes[vertex]) for vertex in range(count)]
    assert not [pair for pair in combinations(places, 2) if overlap(*pair)]
    assert not [(line, one) for line, route in zip(lines, layout.routes, strict=True) for one in places
                for part in passed(route) if overlap(part, one)]  # fmt: skip
    for left, top, right, bottom in places:
        assert -1e-6 <= left < right <= layout.length + 1e-6
        assert -1e-6 <= top < bottom <= layout.breadth + 1e-6


@pytest.mark.parametrize("name", GRAPHS)
def test_a_line_goes_forward_from_its_tail_to_a_port_of_its_head(name: str) -> None:
    count, lines = GRAPHS[name]
    layout = layered([CARD] * count, lines)
    for line, route in zip(lines, layout.routes, strict=True):
        along, across = layout.centres[line.tail]
        assert route[0] == (along + CARD.length / 2, across)
        along, across = layout.centres[line.head]
        assert route[-1][0] == along - CARD.length / 2
        assert abs(route[-1][1] - across) <= CARD.breadth / 2 - CARD.margin + 1e-6
        assert all(first[0] <= second[0] + 1e-6 for first, second in pairwise(route))
        # The label stands at a straight end.
        assert route[-1][1] == route[-2][1]
        assert route[-1][0] - route[-2][0] >= line.label - 1e-6


@pytest.mark.parametrize("name", ["a+a", "forward and backward", "at random"])
def test_lines_to_one_vertex_end_apart(name: str) -> None:
    count, lines = GRAPHS[name]
    layout = layered([CARD] * count, lines)
    for vertex in range(count):
        ends = sorted(route[-1][1] for line, route in zip(lines, layout.routes, strict=True) if line.head == vertex)
        assert all(second - first >= CARD.port - 1e-6 for first, second in pairwise(ends))


def test_a_chain_is_straight_and_a_tree_has_no_crossing() -> None:
    layout = layered([CARD] * 60, GRAPHS["a chain"][1])
    assert len({across for _, across in layout.centres}) == 1
    leaves = 16
    lines = [Line(i, leaves + i // 2) for i in range(2 * leaves - 2)]
    layout = layered([CARD] * (2 * leaves - 1), lines)
    for first, second in combinations(range(leaves), 2):
        ends = (
            layout.centres[first][1] - layout.centres[second][1],
            (layout.centres[lines[first].head][1] - layout.centres[lines[second].head][1]),
        )
        assert ends[0] * ends[1] >= 0


def test_crossings_that_can_be_avoided_are_avoided() -> None:
    # In the given order, all pairs of lines between the two layers cross.
    lines = [*(Line(i, 9 - i) for i in range(5)), *(Line(i, 10) for i in range(5, 10))]
    layout = layered([CARD] * 11, lines)
    for first, second in combinations(range(5), 2):
        tails = layout.centres[first][1] - layout.centres[second][1]
        heads = layout.centres[9 - first][1] - layout.centres[9 - second][1]
        assert tails * heads > 0


def test_a_vertex_moves_towards_its_operands_if_that_makes_the_lines_shorter() -> None:
    # 2 = f(0, 1) is used last; 0 and 1 are used nowhere else, but 3 keeps them early.
    lines = [Line(0, 3), Line(1, 3), Line(0, 2), Line(1, 2), Line(3, 4), Line(4, 5), Line(5, 6), Line(2, 6)]
    layout = layered([CARD] * 7, lines)
    assert layout.centres[2][0] == layout.centres[3][0]


def test_lines_beyond_the_bound_run_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_BENDS", 100)
    count, lines = GRAPHS["forward and backward"]
    layout = layered([CARD] * count, lines)
    below = max(across for _, across in layout.centres) + CARD.breadth / 2
    outside = [route for route in layout.routes if any(across > below for _, across in route)]
    assert 0 < len(outside) < len(lines)
    test_boxes_are_apart_and_no_line_passes_one("forward and backward")


def test_equal_graphs_have_equal_layouts() -> None:
    count, lines = GRAPHS["at random"]
    assert layered([CARD] * count, lines) == layered([CARD] * count, lines)


def test_the_work_grows_with_the_graph_and_not_with_its_square(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_BENDS", 400)
    monkeypatch.setattr(module, "_VISITS", 2000)

    def work(count: int) -> int:
        forward = [Line(i - 1, i) for i in range(1, count)]
        backward = [Line(count - 1 - i, i) for i in range(count // 2 + 1, count)]
        return steps(lambda: layered([CARD] * count, forward + backward))

    assert work(800) < 6 * work(200)
