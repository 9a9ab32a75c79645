"""Bessel and Airy functions: printed derivatives, edges, and orders that are not differentiated."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.errors import ExpressionError
from gradcli.graph.formula import derivative_formula
from gradcli.primitives import REGISTRY
from gradcli.printing.describe import describe_partials
from gradcli.printing.text import text_length, to_text
from tests.support.exact import same, slopes

INF = math.inf


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("besselj", "(besselj(n - 1, x) - besselj(n + 1, x))/2"),
        ("besselk", "(-besselk(n - 1, x) - besselk(n + 1, x))/2"),
        ("airyai", "airyaiprime(x)"),
        ("airybiprime", "x*airybi(x)"),
    ],
)
def test_a_printed_derivative_is_the_one_of_the_textbook(name: str, printed: str) -> None:
    assert dict(describe_partials(REGISTRY[name]))["x"] == printed


def test_the_derivative_of_order_0_is_a_function_of_order_1() -> None:
    assert str(parse("besselj(0, x)").derivative("x")) == "-besselj(1, x)"
    assert str(parse("besseli(0, x)").derivative("x")) == "besseli(1, x)"
    assert str(parse("besselk(0, x)").derivative("x")) == "-besselk(1, x)"


@pytest.mark.parametrize(
    ("text", "x", "wanted"),
    [
        ("besselj(1, x)", 0.0, 0.5), ("besselj(0.5, x)", 0.0, INF), ("besseli(2, x)", 0.0, 0.0),
        ("bessely(0, x)", 0.0, INF), ("besselk(2, x)", 0.0, -INF), ("besselk(0, x)", INF, -0.0),
        ("besselj(0, x)", INF, 0.0), ("besseli(0, x)", INF, INF), ("airyai(x)", INF, -0.0), ("airybi(x)", INF, INF),
        ("airyaiprime(x)", INF, 0.0),
    ],
)  # fmt: skip
def test_at_an_edge_the_slope_is_its_limit(text: str, x: float, wanted: float) -> None:
    assert same(slopes(text, x=x)[0], wanted)


@pytest.mark.parametrize(
    ("text", "order", "printed"),
    [
        ("besselj(0, x)", 2, "(besselj(2, x) - besselj(0, x))/2"),
        ("besselj(-1, x)", 1, "(besselj(2, x) - besselj(0, x))/2"),
        ("bessely(0, x)", 1, "-bessely(1, x)"),
        ("besseli(0, x)", 2, "(besseli(0, x) + besseli(2, x))/2"),
        ("besselk(0.75, x)", 1, "-0.5*besselk(0.25, x) - 0.5*besselk(1.75, x)"),
        ("besselj(-1.5, x)", 1, "(besselj(-2.5, x) - besselj(-0.5, x))/2"),
        ("airyaiprime(x)", 1, "x*airyai(x)"),
    ],
)
def test_a_function_of_a_negative_order_is_printed_as_one_of_a_positive_order(
    text: str, order: int, printed: str
) -> None:
    root = parse(text).root
    assert to_text(derivative_formula(root, root.graph.variable("x"), order, text_length).root) == printed


def test_the_order_cannot_be_a_variable() -> None:
    with pytest.raises(ExpressionError, match=r"`n` of `besselj\(n, x\)` must be a number"):
        parse("besselj(v, x)")


def test_a_method_takes_the_order() -> None:
    x = parse("x").root
    assert x.besselj(2.0) is x.graph.add(REGISTRY["besselj"], [x.graph.constant(2.0), x])


def test_taylor_polynomials_at_0_have_exact_coefficients() -> None:
    assert str(parse("besselj(0, x)").taylor("x", order=4)) == "1 - x^2/4 + x^4/64"
    assert str(parse("besseli(1, x)").taylor("x", order=4)) == "x/2 + x^3/16"
