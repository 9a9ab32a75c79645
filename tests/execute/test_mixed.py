"""Mixed derivatives at a point, from the graph and from power series."""

from __future__ import annotations

import math
from typing import Any

import pytest

import gradcli
from gradcli import functions as f
from gradcli import parse
from gradcli.errors import ExpressionError, LimitError, UsageError


@pytest.mark.parametrize(
    ("text", "orders", "at", "expected"),
    [
        ("x^y", {"x": 2, "y": 1}, {"x": 2.0, "y": 0.5}, -0.06126613396678420),  # (2y - 1 + (y^2 - y) log x) x^(y - 2)
        ("exp(2*x + 3*y)", {"x": 6, "y": 5}, {"x": 0.0, "y": 0.0}, 2.0**6 * 3.0**5),
        ("exp(x*y)", {"x": 20, "y": 30}, {"x": 2.0, "y": 0.5}, 1.0527725645832242614e30),  # by balls
        ("1/(x + y)", {"x": 9, "y": 8}, {"x": 0.5, "y": 1.5}, -math.factorial(17) / 2.0**18),
        ("sin(x)*y", {"y": 1, "x": 30}, {"x": 0.5, "y": 7.0}, -math.sin(0.5)),
        ("abs(x)*y", {"x": 1, "y": 1}, {"x": 0.0, "y": 0.5}, 0.0),
        ("max(x, y)*x^3", {"x": 3, "y": 3}, {"x": 1.0, "y": 1.0}, 0.0),
        (
            "gamma(x)*y",
            {"x": 5, "y": 1},
            {"x": 2.0, "y": 0.5},
            -0.03203784824940177,
        ),  # the fifth derivative of gamma, by mpmath
        ("sqrt(x)*y", {"x": 1, "y": 1}, {"x": -1.0, "y": 0.5}, math.nan),
        ("x^12", {"x": 12}, {"x": 0.1}, float(math.factorial(12))),
    ],
)
def test_a_mixed_derivative(text: str, orders: dict[str, int], at: dict[str, float], expected: float) -> None:
    assert parse(text).partial(orders, **at) == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_digits_that_floats_lose_are_refused_and_proved() -> None:
    with pytest.raises(LimitError, match="loses its digits"):
        parse("sin(x*y)/x").partial({"x": 8, "y": 3}, x=0.1, y=0.1)
    pytest.importorskip("flint")
    found = gradcli.precise("sin(x*y)/x", 10).partial({"x": 8, "y": 3}, x="0.1", y="0.1")
    # From the series of sin: the derivative of y^11 x^10/11! is 990 y^8 x^2 10!/2/11!, and so on.
    expected = sum(
        (-1) ** n / math.factorial(2 * n + 1) * math.perm(2 * n + 1, 3) * math.perm(2 * n, 8) * 0.1 ** (4 * n - 10)
        for n in range(4, 9)
    )
    assert float(found) == pytest.approx(expected, rel=1e-9)
    assert gradcli.precise(lambda x, y: abs(x) * y, 5).partial({"x": 1, "y": 1}, 0, 3) == 0


def test_python_functions_have_mixed_derivatives() -> None:
    def function(x: Any, y: Any) -> Any:
        return f.exp(2 * x) * y**3

    assert gradcli.derivative(function, (3, 2))(0.0, 5.0) == 8.0 * 30.0
    assert gradcli.derivative(function, [8, 2])(0.0, 5.0) == pytest.approx(2.0**8 * 30.0, rel=1e-13)
    outer = gradcli.derivative(lambda z: gradcli.derivative(lambda x, y: f.sin(x * y * z), (1, 1))(0.5, 2.0), 1)
    # d/dz of z*cos(x*y*z) - x*y*z^2*sin(x*y*z), with x*y = 1
    assert outer(0.3) == pytest.approx(math.cos(0.3) - 3 * 0.3 * math.sin(0.3) - 0.3**2 * math.cos(0.3), rel=1e-13)
    captured = gradcli.Value(3.0)
    assert gradcli.derivative(lambda x: f.exp(captured * x) / (1 + x * x), 30)(0.1) == pytest.approx(
        gradcli.derivative(lambda x: f.exp(3.0 * x) / (1 + x * x), 30)(0.1), rel=1e-12
    )


def test_orders_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UsageError, match="at least one order"):
        parse("x*y").partial({"x": 0}, 1, 2)
    with pytest.raises(UsageError, match="for `x`"):
        parse("x*y").partial({"x": 1.5}, 1, 2)  # type: ignore[dict-item]
    with pytest.raises(UsageError, match="no variable `z`"):
        parse("x*y").partial({"z": 1}, 1, 2)
    with pytest.raises(ExpressionError, match="a mixed derivative takes numbers"):
        parse("sum([x, 1])").partial({"x": 1}, 1)
    with pytest.raises(LimitError, match="at most 1,000"):
        parse("x*y").partial({"x": 600, "y": 600}, 1, 2)
    with pytest.raises(UsageError, match="are for 2 arguments"):
        gradcli.derivative(lambda x: x, (1, 1))(1.0)
    with pytest.raises(UsageError, match="of a function of numbers"):
        gradcli.derivative(lambda x, y: x.sum() * y, (1, 1))([1.0], 2.0)
