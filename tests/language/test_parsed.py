"""`gradcli.language.parsed`: every node of a text knows its places in it, and an operation on arrays its name."""

from __future__ import annotations

import pytest

from gradcli.evaluate.expression import parse
from gradcli.graph import Graph
from gradcli.language.parsed import Spans, operation_name


def test_a_node_knows_every_place_where_it_stands() -> None:
    text = "sin(x) + 2*sin(x)"
    expression = parse(text)
    sine = next(node for node in expression.spans if node.primitive is not None and node.primitive.name == "sin")
    assert [text[start:end] for start, end in expression.spans[sine]] == ["sin(x)", "sin(x)"]
    assert [tuple(span) for span in expression.spans[sine]] == [(0, 6), (11, 17)]


def test_the_span_of_an_operation_is_its_whole_text() -> None:
    text = "a + (b*c - d)^2"
    expression = parse(text)
    quoted = {text[span.start : span.end] for spans in expression.spans.values() for span in spans}
    assert {"b*c", "b*c - d", "(b*c - d)^2", text} <= quoted


@pytest.mark.parametrize("text", ["log(100, b) + sin(x)", "log(b, 100) + sin(x)"])
def test_every_operation_has_a_place(text: str) -> None:
    expression = parse(text)
    quoted = {text[span.start : span.end] for spans in expression.spans.values() for span in spans}
    assert {text.split(" + ")[0], "b", "x", "sin(x)", text} <= quoted


def test_the_places_of_a_node_stand_in_the_order_in_which_they_were_added() -> None:
    graph = Graph()
    x, y, z = (graph.variable(name) for name in "xyz")
    found = Spans()
    for node, start, end in ((x, 4, 5), (y, 0, 1), (x, 2, 3)):
        found.add(node, start, end)
    assert {node: [tuple(one) for one in places] for node, places in found.items()} == {
        x: [(4, 5), (2, 3)],
        y: [(0, 1)],
    }
    assert (len(found), x in found, z in found, found.get(z)) == (2, True, False, None)


@pytest.mark.parametrize(
    ("text", "name"), [("A @ x", "@"), ("[x, y]", "[...]"), ("x[0]", "x[...]"), ("sum(x)", "sum"), ("norm(x)", "norm")]
)
def test_an_operation_on_arrays_is_called_by_its_name_its_sign_or_its_brackets(text: str, name: str) -> None:
    assert operation_name(parse(text).root) == name
