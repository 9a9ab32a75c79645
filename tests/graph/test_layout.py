"""The order of terms and factors, and the way in which numbers, roots and quotients are written."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.graph.layout import Layout
from gradcli.graph.normal_form import Ring
from gradcli.printing.latex import to_latex
from gradcli.printing.text import to_text


def layout(text: str) -> str:
    root = parse(text).root
    ring = Ring(root.graph.variable("x"))
    return to_text(Layout(ring, root.graph).node(ring.read(root)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + x - 3*x^2", "x - 3*x^2 + 1"),
        ("3 - x", "3 - x"),
        ("-x - 1", "-x - 1"),
        ("y + cos(x)", "y + cos(x)"),
        ("exp(x)*sin(x)*(x + 1)*y*x*log(2)*pi*3", "3*pi*x*y*log(2)*(x + 1)*sin(x)*exp(x)"),
        ("-2*x/(3*y)", "-2*x/(3*y)"),
        ("-(y - x)*2", "2*(x - y)"),
        ("-1*(x + 1)", "-(x + 1)"),
        ("1/(x*log(10))", "1/(x*log(10))"),
        ("sqrt(2)/sqrt(pi)", "sqrt(2/pi)"),
        ("1/sqrt(2*pi)", "1/sqrt(2*pi)"),
        ("sqrt(40)*x", "2*sqrt(10)*x"),
        ("x*sqrt(3/10)", "sqrt(3/10)*x"),
        ("x/sqrt(30*pi)", "x/sqrt(30*pi)"),
        ("sqrt(2)*sqrt(x)", "sqrt(2*x)"),
        ("x^-(1/2)", "1/sqrt(x)"),
        ("exp(-x)/x", "exp(-x)/x"),
        ("0.25*x", "0.25*x"),
        ("x/4", "x/4"),
        ("1e300*x", "1e+300*x"),
        ("2^60*x", "1152921504606846976*x"),
    ],
)
def test_a_form_has_one_text(text: str, expected: str) -> None:
    assert layout(text) == expected


def test_a_large_number_keeps_its_digits_in_latex() -> None:
    root = parse("2^60*x").root
    ring = Ring(root.graph.variable("x"))
    assert to_latex(Layout(ring, root.graph).node(ring.read(root))) == "1152921504606846976 \\, x"


def test_no_recursion_with_depth() -> None:
    text = "x"
    for _ in range(300):
        text = f"sin({text} + 1)"
    assert layout(text).count("sin") == 300
