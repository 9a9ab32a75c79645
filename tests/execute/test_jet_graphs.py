"""Derivatives up to an order as graphs."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.evaluate.point import derivatives
from gradcli.execute.jet_graphs import derivatives_of
from gradcli.graph.shortest import value_at

TEXTS = [
    "exp(sin(x))/(1 + x^2)*y",
    "x^y*max(x, y) - min(x, 1)*cbrt(x)",
    "where(x > y, sin(x), cos(x*y))*relu(x)",
    "mod(x^2, 0.4)*abs(x)",
    "elu(x)*clip(x, -1, 3) + softsign(x)",
    "log(1 - sigmoid(x))*tan(x)",
    "2^x + floor(x)*x",
    "x^0.5*3*y",
]


@pytest.mark.parametrize("text", TEXTS)
def test_derivatives_are_those_at_one_point(text: str) -> None:
    expression = parse(text)
    x, y = [expression.graph.variable(name) for name in "xy"]
    found = derivatives_of(expression.root, x, 7)
    for at in ({"x": 1.3, "y": 0.7}, {"x": 0.6, "y": 2.2}):
        point = {x: at["x"], y: at["y"]}
        expected = derivatives(expression, {name: at[name] for name in expression.variables}, 7, ["x"])["x"]
        assert value_at(found.irregular, point) == 0.0
        for order, (node, number) in enumerate(zip(found.nodes, expected, strict=True), 1):
            scale = max(map(abs, expected[max(0, order - 2) : order + 1]))
            assert value_at(node, point) == pytest.approx(number, rel=1e-10, abs=1e-10 * scale)


@pytest.mark.parametrize(
    ("text", "at"),
    [("abs(x)", 0.0), ("max(x, 1)", 1.0), ("1/x^2 + 0*x", 1e-320), ("where(x > 1, x, 2)", 1.0), ("sqrt(x)", 0.0)],
)
def test_a_point_that_is_not_smooth_is_named(text: str, at: float) -> None:
    root = parse(text).root
    x = root.graph.variable("x")
    found = derivatives_of(root, x, 3)
    assert value_at(found.irregular, {x: at}) == 1.0
    assert value_at(found.irregular, {x: 0.7}) == 0.0


def test_where_there_is_no_value_there_are_no_derivatives() -> None:
    root = parse("log(x)").root
    x = root.graph.variable("x")
    found = derivatives_of(root, x, 6)
    assert all(math.isnan(value_at(node, {x: -1.0})) for node in found.nodes)
    assert value_at(found.irregular, {x: -1.0}) == 0.0


@pytest.mark.parametrize(("text", "at", "first"), [("sin(x)/x", 0.5, 7), ("x*sin(x/1000)", 1.0, 69)])
def test_a_derivative_that_has_lost_its_digits_is_nan(text: str, at: float, first: int) -> None:
    root = parse(text).root
    x = root.graph.variable("x")
    numbers = [value_at(node, {x: at}) for node in derivatives_of(root, x, first + 10).nodes]
    assert not any(map(math.isnan, numbers[: first - 1]))
    assert math.isnan(numbers[first - 1])


def test_a_function_without_a_recurrence_is_differentiated_repeatedly() -> None:
    root = parse("gamma(x)").root
    x = root.graph.variable("x")
    # By mpmath.
    assert value_at(derivatives_of(root, x, 3).nodes[2], {x: 1.5}) == pytest.approx(-0.64376882738863, rel=1e-13)


def test_the_graph_grows_with_the_square_of_the_order() -> None:
    root = parse("exp(sin(x))/(1 + x^2)").root
    x, counts = root.graph.variable("x"), []
    for order in (20, 40):
        before = len(root.graph.nodes)
        derivatives_of(root, x, order)
        counts.append(len(root.graph.nodes) - before)
    assert counts[1] < 4 * counts[0]
