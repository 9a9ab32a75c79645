"""Derivatives of high order from a power series."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

import gradcli
from gradcli import parse
from gradcli.errors import LimitError
from gradcli.evaluate.point import derivatives
from gradcli.execute.taylor_mode import derivatives_at, series_in_floats

#: expression, the same function in mpmath, points.
FUNCTIONS: list[tuple[str, Callable[[Any], Any], tuple[float, ...]]] = [
    ("sqrt(1 + x^2)", lambda x: mpmath.sqrt(1 + x * x), (0.5, 2.0)),
    ("exp(sin(x))/(1 + x^2)", lambda x: mpmath.exp(mpmath.sin(x)) / (1 + x * x), (0.5, -1.25)),
    ("log(1 + x)*tanh(x)", lambda x: mpmath.log(1 + x) * mpmath.tanh(x), (0.5, 3.0)),
    ("erf(x)", mpmath.erf, (0.5, -2.0)),
    ("atan(x)", mpmath.atan, (0.5, 4.0)),
    ("x^x", lambda x: x**x, (0.5, 2.0)),
    ("sin(cos(exp(tanh(x))))", lambda x: mpmath.sin(mpmath.cos(mpmath.exp(mpmath.tanh(x)))), (0.5, 1.0)),
    ("1 - sigmoid(x)", lambda x: 1 / (1 + mpmath.exp(x)), (0.5, 30.0)),
    ("softplus(x)", lambda x: mpmath.log1p(mpmath.exp(x)), (0.5, -3.0)),
    ("asin(x/3)", lambda x: mpmath.asin(x / 3), (0.5, -2.0)),
    ("x^(2/3)", lambda x: mpmath.root(x, 3) ** 2, (0.5, 8.0)),
    ("tan(x)", mpmath.tan, (0.5, 1.5)),
]


@pytest.mark.parametrize(("text", "function", "points"), FUNCTIONS, ids=[text for text, *_ in FUNCTIONS])
def test_twenty_orders_are_those_of_mpmath(
    text: str, function: Callable[[Any], Any], points: tuple[float, ...]
) -> None:
    for point in points:
        found = derivatives(parse(text), {"x": point}, 20)["x"]
        with mpmath.workdps(60):
            coefficients = mpmath.taylor(function, mpmath.mpf(point), 21)
        for order, derivative in enumerate(found, 1):
            # A coefficient that happens to be small has the error of its neighbours.
            scale = max(map(abs, coefficients[order - 1 : order + 2])) * math.factorial(order)
            expected = coefficients[order] * math.factorial(order)
            assert abs(derivative - expected) <= 1e-12 * scale, (point, order)


@pytest.mark.parametrize("place", [0, 3, 6, 17, 18])
def test_a_hundred_orders_are_those_of_balls_and_forty_have_twenty_digits(place: int) -> None:
    pytest.importorskip("flint")
    from tests.support.jet_digits import FUNCTIONS, errors, wrong_digits

    text, function, point = FUNCTIONS[place]
    assert all(error is None or error <= 1e-10 for _, error in errors(text, point, 100, has_balls=False))
    assert all(error is not None and error <= 1e-10 for _, error in errors(text, point, 100))
    assert wrong_digits(text, function, point, 40) == []


def test_a_series_agrees_with_the_graph() -> None:
    expression = parse("exp(x*y)*cos(x) + y^3")
    at = {"x": 0.3, "y": -1.2}
    x, y = [expression.graph.variable(name) for name in "xy"]
    numbers = {x: 0.3, y: -1.2}
    for node, name in ((x, "x"), (y, "y")):
        found = derivatives_at(expression.root, node, numbers, 4)
        assert found[0] == pytest.approx(expression(**at), rel=1e-14)
        assert found[1:] == pytest.approx(derivatives(expression, at, 4)[name], rel=1e-13)


def test_an_order_of_many_thousand_nodes_costs_no_graph() -> None:
    expression = parse("sin(cos(exp(tanh(x))))")
    before = len(expression.graph.nodes)
    derivatives(expression, {"x": 1.0}, 60)
    assert len(expression.graph.nodes) - before < 1_000


@pytest.mark.parametrize(("text", "at"), [("sin(x)/x", 0.5), ("(1 - cos(x))/x^2", 1e-3), ("(exp(x) - 1)/x*y", 0.01)])
def test_orders_that_lose_their_digits_are_computed_in_balls(text: str, at: float) -> None:
    pytest.importorskip("flint")
    expression = parse(text)
    point = dict.fromkeys(expression.variables, at)
    found = derivatives(expression, point, 20, ["x"])["x"]
    exact = gradcli.precise(text, 17).derivatives(20, **point)["x"]
    assert found[4:] == pytest.approx(list(map(float, exact[4:])), rel=1e-9)
    assert found[19] == pytest.approx(float(exact[19]), rel=1e-15)


def test_orders_that_lose_their_digits_are_refused_without_balls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcli.execute.taylor_mode.find_spec", lambda name: None)
    with pytest.raises(LimitError, match="lose their digits from order 7 on") as raised:
        derivatives(parse("sin(x)/x"), {"x": 0.5}, 12)
    assert raised.value.hint == "ask for a lower `order`, such as 6; `digits` proves the others"


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("abs(x)^3", 0.0, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),  # a kink has no series
        ("x^6", 0.0, [0.0, 0.0, 0.0, 0.0, 0.0, 720.0]),
        ("abs(x)^6", 0.0, [0.0, 0.0, 0.0, 0.0, 0.0, 720.0]),
        ("where(x > 1, x^6, 2)", 2.0, [192.0, 480.0, 960.0, 1440.0, 1440.0, 720.0]),
        ("sqrt(x)", -1.0, [math.nan] * 6),
        ("x/x", 0.0, [math.nan] * 6),
        ("floor(x) + x", 0.5, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_six_orders_at_edges(text: str, at: float, expected: list[float]) -> None:
    assert derivatives(parse(text), {"x": at}, 6)["x"] == pytest.approx(expected, nan_ok=True)


def test_a_derivative_beyond_the_floats_is_infinite() -> None:
    root = parse("1/x").root
    x = root.graph.variable("x")
    found = derivatives_at(root, x, {x: 1e-3}, 90)
    assert found[90] == math.inf
    assert found[5] == pytest.approx(-120e18)


def test_python_functions_take_high_orders_too() -> None:
    assert gradcli.derivative(lambda x: gradcli.functions.sqrt(1 + x * x), 40)(0.5) == pytest.approx(
        derivatives(parse("sqrt(1 + x^2)"), {"x": 0.5}, 40)["x"][-1], rel=1e-12
    )
    assert gradcli.derivative(lambda x: gradcli.functions.exp(2 * x), 30)(0.0) == 2.0**30


def test_an_inner_derivative_of_high_order_can_be_differentiated() -> None:
    def inner(x: Any) -> Any:
        return gradcli.derivative(lambda y: gradcli.functions.sin(x * y) / y, 6)(0.5)

    step = 1e-4
    expected = (inner(1.0 + step) - inner(1.0 - step)) / (2 * step)
    assert gradcli.derivative(inner, 1)(1.0) == pytest.approx(expected, rel=1e-6)


def test_a_function_without_a_series_has_no_coefficients() -> None:
    root = parse("log(x)").root
    assert series_in_floats(root, root.graph.variable("x"), 0.0, 3) == []
