"""Among forms that are equal are the one that is factored, expanded and collected, and all have one value."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.graph.canonical import canonical
from gradcli.graph.layout import Layout
from gradcli.graph.normal_form import Ring
from gradcli.graph.shortest import candidates, value_at
from gradcli.printing.text import to_text


def texts(text: str) -> dict[str, float]:
    root = parse(text).root
    x = root.graph.variable("x")
    ring = Ring(x)
    raw = ring.read(root)
    layout = Layout(ring, root.graph)
    nodes = [layout.node(form) for form in candidates(ring, *canonical(ring, raw), raw)]
    return {to_text(node): value_at(node, {x: 0.7}) for node in nodes}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(x + 1)*(x + 2)", "(x + 1)*(x + 2)"),
        ("x^2 + x", "x*(x + 1)"),
        ("x^2*sin(x) + x*sin(x) + cos(x)", "x*(x + 1)*sin(x) + cos(x)"),
        ("1/x - 1/x^2", "1/x - 1/x^2"),
        ("2*sin(x)*cos(x)", "sin(2*x)"),
        ("sin(x)/cos(x)", "tan(x)"),
        ("0*x", "0"),
    ],
)
def test_a_form_is_among_the_candidates(text: str, expected: str) -> None:
    assert expected in texts(text)


@pytest.mark.parametrize(
    "text", ["x^2*sin(x) + x*sin(x) + cos(x)*exp(x) + x*exp(x)", "(x^2 - 1)*sec(x)^2/x + tan(x)/x^2"]
)
def test_all_candidates_have_one_value(text: str) -> None:
    found = texts(text)
    assert len(found) > 2
    expected = parse(text)(x=0.7)
    assert list(found.values()) == pytest.approx([expected] * len(found), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x^2*exp(-(x - y)^2) - 2*x*y*exp(-(x - y)^2) + (y^2 - 1)*exp(-(x - y)^2)", "((x - y)^2 - 1)*exp(-(x - y)^2)"),
        ("(x^2 + 2*x*y)/(x + y)^4 + (y^2 + z)/(x + y)^4", "(z + (x + y)^2)/(x + y)^4"),
        ("4*x*(x - y)*sqrt(2*x - y) + (y^2 - 7)*sqrt(2*x - y)", "sqrt(2*x - y)*((2*x - y)^2 - 7)"),
        ("(x^2 - 2*x*y)*exp(x) + (y^2 - 1)*exp(x)", "(x^2 - 2*x*y + y^2 - 1)*exp(x)"),
    ],
)
def test_a_sum_is_written_in_powers_of_a_difference_that_occurs_elsewhere(text: str, expected: str) -> None:
    assert min(texts(text), key=len) == expected
