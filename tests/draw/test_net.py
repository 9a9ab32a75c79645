"""`gradcli.draw.net`: the structure of nets."""

from __future__ import annotations

import re
from itertools import combinations
from math import hypot
from xml.etree import ElementTree

import pytest

from gradcli import nn
from gradcli.draw.cards import RANKDIRS
from gradcli.draw.net import layers, net_to_dot, net_to_svg, sizes_of, title_of
from gradcli.errors import UsageError


@pytest.mark.parametrize("sizes", [[2, 3, 1], [3, 4, 4, 1], [2, 16, 16, 1], [1, 1], [5, 2]])
def test_the_parameters_are_those_of_the_net(sizes: list[int]) -> None:
    count = len(nn.MLP(sizes[0], sizes[1:]).parameters())
    assert sum(layer.parameters for layer in layers(sizes)) == count
    assert f"{count} parameters" in title_of(sizes)


@pytest.mark.parametrize("rankdir", RANKDIRS)
def test_every_weight_is_an_edge(rankdir: str) -> None:
    graph = pytest.importorskip("pygraphviz").AGraph(string=net_to_dot([2, 3, 1], rankdir=rankdir).source)
    weights = [edge for edge in graph.edges() if (edge.attr["tooltip"] or "").startswith("weight")]
    assert len(weights) == 2 * 3 + 3 * 1


def test_a_neuron_is_drawn_in_its_parts() -> None:
    source = net_to_dot([2, 1]).source
    for label in ('" w1 "', '" w2 "', '" b "', '"Σ"', '"f"', '"y"'):
        assert f"label={label}" in source


def test_of_a_wide_layer_the_first_and_last_neurons_are_drawn() -> None:
    units = layers([784, 128, 10])[0].units
    assert units == ["x1", "x2", "x3", "x4", "x5", None, "x783", "x784"]
    assert net_to_dot([784, 128, 10]).source.count('shape="circle"') == 21
    assert net_to_svg([784, 128, 10]).count("<circle") == 21


@pytest.mark.parametrize("sizes", [[12, 1], [12, 3, 1]])
def test_a_gap_says_how_many_inputs_it_stands_for(sizes: list[int]) -> None:
    assert 'tooltip="5 more"' in net_to_dot(sizes).source
    assert "<title>5 more</title>" in net_to_svg(sizes)


@pytest.mark.parametrize(
    "text", ["", "2", "2,", "2,0", "2,-1", "a,b", "2.5,1", "2;3", "9999999,1", "²,1", ",".join("1" * 20)]
)
def test_what_is_no_net_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        sizes_of(text)


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("rankdir", RANKDIRS)
@pytest.mark.parametrize("sizes", [[1, 1], [2, 1], [12, 1], [2, 3, 1], [3, 16, 12, 2]])
def test_the_svg_shows_what_the_dot_shows(sizes: list[int], rankdir: str) -> None:
    svg, source = net_to_svg(sizes, rankdir=rankdir), net_to_dot(sizes, rankdir=rankdir).source
    titles = [one.text or "" for one in ElementTree.fromstring(svg).iter(f"{SVG}title")]
    tooltips = re.findall(r'(?<!label)tooltip="([^"]*)"', source)
    assert sorted(titles) == sorted(tooltips)


@pytest.mark.parametrize("rankdir", RANKDIRS)
@pytest.mark.parametrize("sizes", [[12, 1], [3, 16, 12, 2]])
def test_no_two_circles_touch_and_all_are_on_the_page(sizes: list[int], rankdir: str) -> None:
    root = ElementTree.fromstring(net_to_svg(sizes, rankdir=rankdir))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    moved = next(one for one in root.iter(f"{SVG}g") if "transform" in one.attrib)
    right, down = map(float, re.findall(r"-?[\d.]+", moved.attrib["transform"]))
    circles = [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in root.iter(f"{SVG}circle")]
    assert all(hypot(x - a, y - b) > 40 for (x, y), (a, b) in combinations(circles, 2))
    assert all(18 <= x + right <= width - 18 and 18 <= y + down <= height - 18 for x, y in circles)
