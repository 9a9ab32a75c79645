"""The places of nodes in LaTeX, so that notes and errors at a point show the right part of the text."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.graph import Node
from gradcli.source import Span

PLACES = [
    (r"x + \frac{y}{z}", r"\frac{y}{z}", "div"),
    (r"2 \sqrt{x + 1}", r"\sqrt{x + 1}", "sqrt"),
    (r"1 + e^{x}", "e^{x}", "exp"),
    (r"y \sin^2 2x", r"\sin^2 2x", "pow"),
    (r"y \left|x\right|", r"\left|x\right|", "abs"),
    (r"x + \log_2 y", r"\log_2 y", "log2"),
    (r"\binom{n}{k} x", r"\binom{n}{k}", "div"),
    (r"1 + \begin{cases} x & x > 0 \\ y & z \end{cases}", r"\begin{cases} x & x > 0 \\ y & z \end{cases}", "where"),
]


@pytest.mark.parametrize(("formula", "part", "name"), PLACES)
def test_a_node_has_its_place_in_the_text(formula: str, part: str, name: str) -> None:
    found = parse(formula, notation="latex")
    start = formula.index(part)

    def is_named(node: Node) -> bool:
        return node.primitive is not None and node.primitive.name == name

    places = {span for node, spans in found.spans.items() if is_named(node) for span in spans}
    assert Span(start, start + len(part)) in places


def test_terms_of_a_sum_share_their_place() -> None:
    formula = r"\sum_{k=1}^{3} x^k"
    found = parse(formula, notation="latex")
    powers = [
        spans for node, spans in found.spans.items() if node.primitive is not None and node.primitive.name == "pow"
    ]
    assert [formula[spans[0].start : spans[0].end] for spans in powers] == ["x^k"] * 3


def test_an_operand_in_bold_is_an_array() -> None:
    assert str(parse(r"\mathbf{A} \mathbf{B} x", notation="latex")) == "A @ B*x"
    assert str(parse(r"(\mathbf{A} + 1) \mathbf{x}", notation="latex")) == "(A + 1) @ x"
    assert str(parse(r"2 \mathbf{A} \mathbf{x}", notation="latex")) == "2*A @ x"
