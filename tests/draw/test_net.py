"""`gradcli.draw.net`: the structure of nets."""

from __future__ import annotations

import pytest

from gradcli import nn
from gradcli.draw.dot import RANKDIRS
from gradcli.draw.net import layers, net_to_dot, sizes_of, title_of
from gradcli.errors import UsageError

pygraphviz = pytest.importorskip("pygraphviz")


@pytest.mark.parametrize("sizes", [[2, 3, 1], [3, 4, 4, 1], [2, 16, 16, 1], [1, 1], [5, 2]])
def test_the_parameters_are_those_of_the_net(sizes: list[int]) -> None:
    count = len(nn.MLP(sizes[0], sizes[1:]).parameters())
    assert sum(layer.parameters for layer in layers(sizes)) == count
    assert f"{count} parameters" in title_of(sizes)


@pytest.mark.parametrize("rankdir", RANKDIRS)
def test_every_weight_is_an_edge(rankdir: str) -> None:
    graph = pygraphviz.AGraph(string=net_to_dot([2, 3, 1], rankdir=rankdir).source)
    weights = [edge for edge in graph.edges() if (edge.attr["tooltip"] or "").startswith("weight")]
    assert len(weights) == 2 * 3 + 3 * 1


def test_a_neuron_is_drawn_in_its_parts() -> None:
    source = net_to_dot([2, 1]).source
    for label in ('" w1 "', '" w2 "', '" b "', '"Σ"', '"f"', '"y"'):
        assert f"label={label}" in source


def test_of_a_wide_layer_the_first_and_last_neurons_are_drawn() -> None:
    units = layers([784, 128, 10])[0].units
    assert units == ["x1", "x2", "x3", "x4", "x5", None, "x783", "x784"]
    graph = pygraphviz.AGraph(string=net_to_dot([784, 128, 10]).source)
    assert graph.number_of_nodes() < 40


@pytest.mark.parametrize("sizes", [[12, 1], [12, 3, 1]])
def test_a_gap_says_how_many_inputs_it_stands_for(sizes: list[int]) -> None:
    assert 'tooltip="5 more"' in net_to_dot(sizes).source


@pytest.mark.parametrize(
    "text", ["", "2", "2,", "2,0", "2,-1", "a,b", "2.5,1", "2;3", "9999999,1", "²,1", ",".join("1" * 20)]
)
def test_what_is_no_net_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        sizes_of(text)
