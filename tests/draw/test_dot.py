"""`gradcli.draw.dot`: pictures in Graphviz's language."""

from __future__ import annotations

import re

import pytest

from gradcli import Value
from gradcli.draw.cards import RANKDIRS, STYLES
from gradcli.draw.dot import Dot, attributes, markup, quoted, to_dot
from gradcli.draw.picture import picture_of
from gradcli.errors import UsageError
from gradcli.evaluate.expression import parse
from tests.support.labels import HOSTILE
from tests.support.loops import for_each

pygraphviz = pytest.importorskip("pygraphviz")


def drawn(text: str, style: str = "full", rankdir: str = "LR", **at: float) -> Dot:
    return to_dot(picture_of(parse(text), at or None), style=style, rankdir=rankdir)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("rankdir", RANKDIRS)
def test_graphviz_reads_each_style_in_each_direction(style: str, rankdir: str) -> None:
    graph = pygraphviz.AGraph(string=drawn("x1*x2+sin(x1)", style, rankdir, x1=2, x2=3).source)
    assert graph.graph_attr["rankdir"] == rankdir
    operations = 3 if style == "micrograd" else 0
    assert graph.number_of_nodes() == 5 + operations
    assert graph.number_of_edges() == 5 + operations


@pytest.mark.parametrize("style", STYLES)
def test_two_uses_are_two_edges(style: str) -> None:
    graph = pygraphviz.AGraph(string=drawn("a+a", style, a=3).source)
    target = "v1op" if style == "micrograd" else "v1"
    assert graph.edges().count(("v0", target)) == 2


@pytest.mark.parametrize("style", STYLES)
def test_equal_input_gives_equal_text(style: str) -> None:
    text = "a*b + sin(a)*2 + 2 - pi/b"
    assert drawn(text, style, a=1, b=2).source == drawn(text, style, a=1, b=2).source


def test_the_style_full_shows_value_gradient_and_local_derivative() -> None:
    source = drawn("x1*x2+sin(x1)", x1=2, x2=3).source
    for shown in (">6.9093<", ">2.5839<", ">0.9093<", 'label=" 3 "', 'label=" -0.41615 "', "<b>×</b>", "<b>sin</b>"):
        assert shown in source
    assert 'tooltip="x1*x2 = 6.0, gradient 1.0"' in source
    assert 'tooltip="∂(sin(x1))/∂x1 = cos(x1) = -0.4161468365471424"' in source


def test_constants_and_variables_look_different() -> None:
    source = drawn("2*x", x=1).source
    [constant] = re.findall(r'.*tooltip="2" .*', source)
    [variable] = re.findall(r'.*tooltip="x = 1.0, .*', source)
    assert "dashed" in constant
    assert "dashed" not in variable
    assert re.findall('bgcolor="#[0-9a-f]{6}"', constant)[0] != re.findall('bgcolor="#[0-9a-f]{6}"', variable)[0]


def test_a_larger_gradient_has_a_stronger_colour_and_its_sign_a_colour_of_its_own() -> None:
    source = drawn("100*a + b - 100*c", a=1, b=1, c=1).source
    fills = [re.findall('bgcolor="(#[0-9a-f]{6})" style', line) for line in source.splitlines() if ">gradient<" in line]
    [a], *_ = fills
    assert len({fill for [fill] in fills}) >= 3
    assert a != fills[-1][0]


def test_without_a_point_there_are_names_only() -> None:
    source = drawn("x1*x2+sin(x1)").source
    assert "value" not in source
    assert "gradient" not in source
    assert "nan" not in source


def test_the_style_micrograd_is_micrograds() -> None:
    a, b = Value(2.0), Value(-3.0)
    a.label = "a"
    c = a * b
    c.backward()
    source = to_dot(picture_of(c), style="micrograd").source
    assert 'v0 [label="{ a | data 2.0000 | grad -3.0000 }" shape="record"' in source
    assert 'v1 [label="{ data -3.0000 | grad 2.0000 }" shape="record"' in source
    assert 'v2op [label="*"' in source
    assert "v2op -> v2" in source


def test_the_style_minigrad_is_minigrads() -> None:
    source = drawn("a*b", "minigrad", a=1.5, b=2).source
    for shown in (">value = 3.0000<", ">grad = 1.5000<", ">*<", ">a<"):
        assert shown in source


@pytest.mark.parametrize("style", STYLES)
def test_what_is_left_out_is_marked(style: str) -> None:
    source = to_dot(picture_of(parse("sin(x)*y"), {"x": 1, "y": 2}, depth=1), style=style).source
    assert "1 operand not drawn" in source
    assert "···" in source


@for_each("style", STYLES)
@for_each("label", HOSTILE)
def test_no_label_breaks_out(style: str, label: str) -> None:
    a, b = Value(2.0), Value(3.0)
    a.label = label
    c = a * b
    c.label = label
    graph = pygraphviz.AGraph(string=to_dot(picture_of(c), style=style).source)
    assert graph.number_of_nodes() == (4 if style == "micrograd" else 3)
    graph.draw(format="svg", prog="dot")  # lays out what it has read, so it has read it


@pytest.mark.parametrize("name", ["größe", "θ_0", "变量"])
def test_names_in_any_alphabet(name: str) -> None:
    assert f"<b>{name}</b>" in drawn(f"{name}+1").source


def test_no_text_can_end_a_string_or_begin_markup() -> None:
    assert quoted('a"b\\') == '"a\\"b\\\\"'
    assert quoted("&amp;\n\x00") == '"&amp;amp; \ufffd"'
    assert markup('<&>"') == "&lt;&amp;&gt;&quot;"
    assert attributes(label="<<b>>") == '[label="<<b>>"]'


@pytest.mark.parametrize(
    ("given", "message"),
    [({"style": "ful"}, "unknown style `ful`"), ({"rankdir": "XX"}, "unknown direction `XX`")],
)
def test_unknown_choices_are_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        to_dot(picture_of(parse("x")), **given)


def test_vertices_and_arrows_have_the_names_of_the_picture() -> None:
    source = drawn("a+a", a=3).source
    assert 'id="v1" class="vertex operation"' in source
    assert 'id="e1"' in source
