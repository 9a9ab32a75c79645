"""The beta function and incomplete functions: printed derivatives, edges, and constant parameters."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.errors import ExpressionError
from gradcli.primitives import REGISTRY
from gradcli.printing.describe import describe_partials
from tests.support.exact import same, slopes

INF = math.inf


@pytest.mark.parametrize(
    ("name", "operand", "printed"),
    [
        ("beta", "x", "beta(x, y)*(digamma(x) - digamma(x + y))"),
        ("lbeta", "y", "digamma(y) - digamma(y + x)"),
        ("gammainc", "x", "x^(a - 1)*exp(-x)/gamma(a)"),
        ("gammaincc", "x", "-x^(a - 1)*exp(-x)/gamma(a)"),
        ("betainc", "x", "x^(a - 1)*(1 - x)^(b - 1)/beta(a, b)"),
    ],
)
def test_a_printed_derivative_is_the_one_of_the_textbook(name: str, operand: str, printed: str) -> None:
    assert dict(describe_partials(REGISTRY[name]))[operand] == printed


@pytest.mark.parametrize(
    ("text", "x", "wanted"),
    [
        ("gammainc(0.5, x)", 0.0, INF), ("gammainc(1, x)", 0.0, 1.0), ("gammainc(2, x)", 0.0, 0.0),
        ("betainc(1, 3, x)", 0.0, 3.0), ("betainc(0.5, 3, x)", 0.0, INF), ("betainc(2, 1, x)", 1.0, 2.0),
        ("lbeta(x, 2)", 0.0, -INF), ("beta(x, 2)", 0.0, -INF),
    ],
)  # fmt: skip
def test_at_an_end_the_slope_is_its_limit(text: str, x: float, wanted: float) -> None:
    assert same(slopes(text, x=x)[0], wanted)


def test_a_parameter_cannot_be_a_variable() -> None:
    with pytest.raises(ExpressionError, match=r"`a` of `gammainc\(a, x\)` must be a number"):
        parse("gammainc(a, x)")


def test_a_derivative_of_the_density_is_one_formula_for_small_and_for_large_parameters() -> None:
    for text in ("gammainc(3, x)", "gammainc(150, x)", "betainc(2, 3, x)", "betainc(300, 301, x)"):
        expression = parse(text)
        second = expression.derivative("x").derivative("x")
        at = 140.0 if "150" in text else 0.45
        assert second(x=at) == pytest.approx(expression.partial({"x": 2}, x=at), rel=1e-9), text
