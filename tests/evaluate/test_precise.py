"""Functions of Python numbers with proved digits."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

pytest.importorskip("flint")

import gradcli
from gradcli import functions as f
from gradcli import parse, precise
from gradcli.errors import LimitError, NotFiniteError, UsageError

THIRD = Fraction(1, 3)


@pytest.mark.parametrize(
    "value",
    ["0.1", Decimal("0.1"), Fraction(1, 10), 0.1, np.float64(0.1), "1/10", parse("1/10")],
    ids=lambda value: type(value).__name__,
)
def test_a_tenth_is_a_tenth_in_every_type(value: Any) -> None:
    assert str(precise("x", 30)(value)) == "0.100000000000000000000000000000"
    assert precise(lambda x: 3 * x**2, 30).gradient(value) == {"x": Decimal("0.6")}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: x + 0.1, "1.10000000000000000000"),
        (lambda x: x * THIRD, "0.33333333333333333333"),
        (lambda x: x * Decimal("1.00000000000000000001"), "1.0000000000000000000"),
        (lambda x: (x * Decimal("1.00000000000000000001") - 1) * 10**20, "1.0000000000000000000"),
        (lambda x: x * (10**25 + 1) - 10**25, "1.0000000000000000000"),
        (lambda x: x * (3 * 12157665459056928803) - 36472996377170786408, "1.0000000000000000000"),
        (lambda x: f.sin(math.pi * x), "0"),
        (lambda x: f.sin(-math.pi * x / 2), "-1.0000000000000000000"),
        (lambda x: f.log(math.e * x), "1.0000000000000000000"),
        (lambda x: f.exp(math.log(2) * x), "2.0000000000000000000"),
        (lambda x: np.exp(x) - x.expm1(), "1.0000000000000000000"),
        (lambda x, half=0.5: x * half, "0.50000000000000000000"),
    ],
)
def test_numbers_in_a_function_are_exact(function: Callable[..., Any], expected: str) -> None:
    found = precise(function, 20)(1)
    assert abs(found - Decimal(expected)) <= Decimal("1e-19")
    assert len(found.as_tuple().digits) in (1, 20)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x * math.sqrt(2), "1.4142135623730951, which may be rounded"),
        (lambda x: x / (1 / 3), "0.3333333333333333, which may be rounded"),
        (lambda x: math.sin(x), "can't be called with symbols"),
        (lambda x: x if x > 0 else -x, "branches on a value"),
        (5, "precise takes an expression or a function, not int"),
        ("sum([x, 1])", "a proof of digits takes numbers"),
    ],
)
def test_what_has_no_exact_form_is_refused(function: Any, message: str) -> None:
    with pytest.raises((UsageError, gradcli.GradcliError), match=message):
        precise(function)


def test_derivatives() -> None:
    function = precise(lambda x, y: x**3 * y**2, 5)
    assert function(2, 3) == 72
    assert function.gradient(2, y=3) == {"x": 108, "y": 48}
    assert function.hessian(x=2, y=3) == {"x": {"x": 108, "y": 72}, "y": {"x": 72, "y": 16}}
    assert function.derivatives(4, 2, 3)["x"] == [108, 108, 54, 0]
    assert parse("e*x").evaluate(digits=10, e=2, x=THIRD) == Decimal("0.6666666667")
    assert str(function) == "<x^3*y^2 with 5 digits>"


def test_what_is_no_point_is_refused() -> None:
    function = precise("x*y")
    with pytest.raises(UsageError, match="no value for `y`"):
        function(1)
    with pytest.raises(UsageError, match="no variable `z`"):
        function(1, 2, z=3)
    with pytest.raises(UsageError, match="the value of `x` has to be a number, not"):
        function([1, 2], 3)
    with pytest.raises(UsageError, match="the value of `x` has to be a number, not `a`"):
        function("a", 3)
    with pytest.raises(NotFiniteError, match="not a finite number"):
        function(math.inf, 3)
    with pytest.raises(NotFiniteError, match="no finite value"):
        precise("1/x")(0)
    with pytest.raises(LimitError, match="at most 10,000"):
        precise("x", 20_000)
    with pytest.raises(UsageError, match="a whole number"):
        precise("x", 2.5)  # type: ignore[arg-type]


def test_a_derivative_has_the_decimals_that_were_typed() -> None:
    slope = parse("0.7*x^3/3.3").derivative("x", 2)
    assert str(precise(slope, 25)("0.1")) == "0.1272727272727272727272727"
    assert parse("diff(0.7*x^3/3.3, x, 2)").evaluate(digits=25, x="0.1") == precise(slope, 25)("0.1")
    assert parse("f(x) = 0.7*x^3/3.3; f''(x)").evaluate(digits=25, x="0.1") == precise(slope, 25)("0.1")


def test_a_taylor_polynomial_is_a_function_like_others() -> None:
    polynomial = parse("sin(x)").taylor("x", order=3)
    assert polynomial.evaluate(digits=10, x=1) == Decimal("0.8333333333")
