"""`gradcli.execute.staged`: the description of a net as stages."""

from __future__ import annotations

from gradcli.execute.staged import Link, Pair, Stage, Window, grouped
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.primitives import functions as f
from tests.support.recipes import dense, function_stage, net_of

#: A convolution of three places, without padding, over four.
SLIDING = Link(2, 3, 5, 4, 2, tuple(Pair(place, tap, place + tap) for place in range(3) for tap in range(2)), 7)


def test_a_link_knows_its_sizes() -> None:
    assert (SLIDING.weights, SLIDING.features, SLIDING.products, SLIDING.is_dense) == (10, 6, 60, False)
    assert (dense(4, 3).weights, dense(4, 3).features, dense(4, 3).products, dense(4, 3).is_dense) == (4, 3, 12, True)


def test_pairs_are_grouped_by_a_field_and_a_number_without_pairs_has_an_empty_list() -> None:
    by_site = grouped(SLIDING.pairs, 5, "site")
    assert [[(one.place, one.tap) for one in group] for group in by_site] == [
        [(0, 0)], [(0, 1), (1, 0)], [(1, 1), (2, 0)], [(2, 1)], [],
    ]  # fmt: skip
    for field, count in (("place", 3), ("tap", 2), ("site", 4)):
        groups = grouped(SLIDING.pairs, count, field)
        assert sorted(one for group in groups for one in group) == sorted(SLIDING.pairs)
        assert all(getattr(one, field) == number for number, group in enumerate(groups) for one in group)


def test_a_net_names_its_links_and_all_its_tapes() -> None:
    a, b = (graph := Graph()).variable("a"), graph.variable("b")
    larger = Tape([f.max(a, b)], [a, b])
    window = Window(((0, 1),), larger, Tape([a, b], [a, b]))
    net = net_of(3, [function_stage(dense(3, 2), 2, 1), Stage(window, 1, None), Stage(dense(1, 1, 8), 1, None)])
    assert net.links == [dense(3, 2), dense(1, 1, 8)]
    assert (net.parameters, window.features) == (10, 1)
    assert [tape in net.tapes for tape in (net.scores.tape, net.evaluation.tape, larger, window.slopes)] == [True] * 4
    assert net.stages[0].value in net.tapes
