"""The graph of a text knows where its nodes are, and what its operations on arrays are called."""

from __future__ import annotations

import pytest

from gradcli.graph import Graph, array_node
from gradcli.language.builder import read
from gradcli.language.parsed import Spans, operation_name
from gradcli.source import Span


def test_the_places_of_a_node_are_in_the_order_in_which_they_were_added() -> None:
    graph = Graph()
    x, y = graph.variable("x"), graph.variable("y")
    spans = Spans()
    for node, start in ((x, 4), (y, 2), (x, 0)):
        spans.add(node, start, start + 1)
    assert dict(spans) == {x: [Span(4, 5), Span(0, 1)], y: [Span(2, 3)]}
    assert (len(spans), x in spans, graph.constant(1.0) in spans) == (2, True, False)


def test_a_text_knows_all_places_of_a_node() -> None:
    found = read("x*y + sin(x)")
    assert found.spans[found.graph.variable("x")] == [Span(0, 1), Span(10, 11)]
    assert found.spans[found.root] == [Span(0, 12)]
    assert (found.variables, found.has_arrays) == (("x", "y"), False)


@pytest.mark.parametrize(
    ("text", "name"),
    [("sum(x)", "sum"), ("A @ x", "@"), ("x[1]", "x[...]"), ("[x, 1]", "[...]"), ("transpose(A)", "transpose")],
)
def test_an_operation_on_arrays_has_a_name_for_messages(text: str, name: str) -> None:
    found = read(text)
    node = array_node(found.root)
    assert node is not None
    assert (operation_name(node), found.has_arrays) == (name, True)
