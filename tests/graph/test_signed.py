"""Sums as terms with signs, and products with one sign."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.graph import Graph, Node
from gradcli.graph.signed import ONE, Term, flattened, product_node, signed_terms, sum_node
from gradcli.printing.text import to_text


def test_the_terms_of_a_sum_have_signs() -> None:
    root = parse("a - (b - c) - -d").root
    assert [(sign, node.name) for sign, node in signed_terms(root)] == [(1, "a"), (-1, "b"), (1, "c"), (1, "d")]
    assert [sign for sign, _ in signed_terms(root, -1)] == [-1, 1, -1, -1]


def test_a_deep_sum_has_all_its_terms() -> None:
    graph = Graph()
    total: Node = graph.variable("x")
    for _ in range(50_000):
        total = graph.lift(graph.variable("y") - total)
    assert len(signed_terms(total)) == 50_001


@pytest.mark.parametrize(
    ("text", "flat"),
    [
        ("x*(y*z)", "x*y*z"),
        ("x*(y/z)", "x*y/z"),
        ("x/(y/z)", "x*z/y"),
        ("-x*-y", "x*y"),
        ("x/-(2*y)", "-x/(2*y)"),
        ("x*-2", "-x*2"),
        ("1*x/1", "x"),
        ("1/x/2", "1/(2*x)"),
        ("1/(x*y)", "1/(x*y)"),
        ("x*(y + z)", "x*(y + z)"),
    ],
)
def test_a_product_is_one_quotient_with_one_sign(text: str, flat: str) -> None:
    root = parse(text).root
    assert to_text(product_node(root.graph, Term(1, (root,)))) == flat


def test_a_product_without_factors_is_1() -> None:
    graph = Graph()
    assert product_node(graph, ONE).constant == 1.0
    assert flattened(Term(-1, (graph.constant(-1.0),))) == ONE


def test_a_sum_is_written_from_its_terms() -> None:
    graph = Graph()
    x, y = graph.variable("x"), graph.variable("y")
    assert to_text(sum_node(graph, [(-1, x), (1, y), (-1, x)])) == "-x + y - x"
    assert sum_node(graph, []).constant == 0.0
