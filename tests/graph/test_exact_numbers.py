"""`gradcli.graph.exact_numbers`: values of functions in closed form, and decisions about numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from gradcli import parse
from gradcli.graph.coefficients import NoValue, Undecided, evaluated
from gradcli.graph.exact_numbers import Exact, ExactNumbers
from gradcli.graph.graph import Graph
from gradcli.graph.normal_form import Ring
from gradcli.primitives import REGISTRY, functions
from gradcli.printing.text import to_text
from tests.support.loops import for_each


def exact(text: str) -> tuple[ExactNumbers, Exact]:
    numbers = ExactNumbers(Graph(folds=False), Ring(None, keeps_others=True))
    return numbers, evaluated(numbers, parse(text).root, {})


CLOSED = {
    "sin(pi/6)": "1/2",
    "sin(100*pi + pi/4)": "1/sqrt(2)",
    "sin(-7*pi/6)": "1/2",
    "cos(tau/3)": "-1/2",
    "cos(0)": "1",
    "tan(pi/4)": "1",
    "sec(pi/3)": "2",
    "asin(1/2)": "pi/6",
    "asin(-sqrt(3)/2)": "-pi/3",
    "acos(-1)": "pi",
    "acos(0)": "pi/2",
    "atan(1)": "pi/4",
    "atan(-sqrt(3))": "-pi/3",
    "atan2(1, 1)": "pi/4",
    "exp(0)": "1",
    "exp(log(3))": "3",
    "exp2(5)": "32",
    "expm1(0)": "0",
    "log(e^3)": "3",
    "log(8)/log(2)": "3",
    "log2(8)": "3",
    "log10(1/1000)": "-3",
    "log1p(0)": "0",
    "sqrt(8)": "2*sqrt(2)",
    "cbrt(-27)": "-3",
    "hypot(3, 4)": "5",
    "sinh(0)": "0",
    "cosh(log(2))": "5/4",
    "tanh(log(2))": "3/5",
    "acosh(1)": "0",
    "erf(0)": "0",
    "erfc(0)": "1",
    "gamma(5)": "24",
    "gamma(1/2)": "sqrt(pi)",
    "lgamma(5)": "log(24)",
    "4!": "24",
    "sinc(1/2)": "2/pi",
    "sinc(0)": "1",
    "sigmoid(0)": "1/2",
    "softplus(0)": "log(2)",
    "logaddexp(0, 0)": "log(2)",
    "elu(2)": "2",
    "leaky_relu(-2)": "-1/50",
    "softsign(-3)": "-3/4",
    "relu(-2) + relu(1/3)": "1/3",
    "hard_tanh(3)": "1",
    "max(1/3, 1/2, sqrt(2)/3)": "1/2",
    "clip(7, 0, pi)": "pi",
    "abs(1 - sqrt(2))": "sqrt(2) - 1",
    "floor(-5/2) + ceil(1/3) + sign(-pi) + round(7/3)": "-1",
    "-7 % 3": "2",
    "pi % 2": "pi - 2",
    "where(sqrt(2) < 3/2, 1, 2)": "1",
    "xlogy(0, 0)": "0",
    "mish(0) + gelu(0) + silu(0) + gelu_tanh(0)": "0",
    "0.1 + 0.2": "3/10",
    "tau": "2*pi",
}


@for_each(("text", "closed"), CLOSED.items(), ids=CLOSED)
def test_a_closed_form_is_found_and_right(text: str, closed: str) -> None:
    numbers, value = exact(text)
    assert to_text(numbers.node(value)) == closed
    assert math.isclose(parse(closed)(), parse(text)(), abs_tol=1e-15)


@pytest.mark.parametrize("text", ["sin(1)", "e^(1/3)", "erf(1)", "digamma(1)", "atan(2)", "gamma(1/3)", "acosh(2)"])
def test_a_value_without_a_closed_form_stays_a_formula(text: str) -> None:
    numbers, value = exact(text)
    assert to_text(numbers.node(value)) == text


@for_each("primitive", [one for one in REGISTRY.public() if one.exact], ids=lambda one: one.name)
def test_a_declared_formula_of_a_value_is_right(primitive: object) -> None:
    for point in (0.0, 1.0, 2.0, 0.5, -1.0, -0.5):
        operands = ", ".join([f"{point!r}"] * primitive.arity)  # type: ignore[attr-defined]
        text = f"{primitive.name}({operands})"  # type: ignore[attr-defined]
        expected = parse(text)()
        if not math.isfinite(expected):
            continue
        numbers, value = exact(text)
        assert math.isclose(numbers.approximate(value)[0], expected, rel_tol=1e-14, abs_tol=1e-15), text


def test_zero_is_recognised_by_identities() -> None:
    assert exact("(sqrt(2) - 1)*(sqrt(2) + 1) - 1")[1] == Fraction(0)
    numbers, value = exact("sin(1)^2 + cos(1)^2 - 1")
    assert numbers.is_zero(value)
    numbers, value = exact("sqrt(2) + sqrt(3) - 3")
    assert not numbers.is_zero(value)


def test_what_can_not_be_decided_is_not_guessed() -> None:
    numbers, value = exact("atan(1/2) + atan(1/3) - pi/4")
    with pytest.raises(Undecided):
        numbers.is_zero(value)
    numbers, value = exact("a - a*b")
    assert not numbers.is_zero(value)
    with pytest.raises(Undecided):
        numbers.sign(value)


@pytest.mark.parametrize(
    "text",
    [
        "1/0",
        "log(-1)",
        "sqrt(-1)",
        "tan(pi/2)",
        "nan + 1",
        "inf - 1",
        "0^(-1)",
        "asin(2)",
        "log2(0)",
        "lgamma(0)",
        "coth(0)",
        "csch(0)*2",
    ],
)
def test_what_has_no_value_is_refused(text: str) -> None:
    with pytest.raises(NoValue):
        exact(text)


def test_an_equal_share_is_exact() -> None:
    graph = Graph(folds=False)
    third = functions.share(graph.constant(1.0), graph.constant(3.0))
    assert evaluated(ExactNumbers(graph, Ring(None)), third, {}) == Fraction(1, 3)
