"""`gradcli.evaluate.equality`: values with error bounds, and the points at which formulas are compared."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

from gradcli import parse
from gradcli.evaluate.equality import Estimate, Points, compare, estimates
from gradcli.execute.tape import Tape


def estimate(text: str, x: float) -> Estimate:
    parsed = parse(text)
    tape = Tape([parsed.root], [parsed.graph.variable("x")])
    return estimates(tape, [x])[tape.outputs[0]]


@pytest.mark.parametrize(
    ("text", "x", "exact"),
    [
        ("sin(x)^2 + cos(x)^2 - 1", 0.7, lambda x: 0),
        ("(1 - cos(x))/x^2", 1e-4, lambda x: (1 - mpmath.cos(x)) / x**2),
        ("(x + 1)^3 - x^3 - 3*x^2 - 3*x", 1e4, lambda x: 1),
        ("tan(x)", 1.5707963, mpmath.tan),
        ("exp(x)", 700.5, mpmath.exp),
        ("1/3 + x - x", 0.1, lambda x: mpmath.mpf(1) / 3),
        ("sqrt(x^2 + 1) - x", 1e6, lambda x: mpmath.sqrt(x**2 + 1) - x),
    ],
)
def test_the_error_covers_the_rounding_and_is_not_much_larger(text: str, x: float, exact: Callable[[Any], Any]) -> None:
    found = estimate(text, x)
    with mpmath.workdps(60):
        difference = abs(mpmath.mpf(found.value) - exact(mpmath.mpf(x)))
    assert difference <= found.error <= 1e4 * difference + 1e-14 * abs(found.value) + 1e-13


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("1/(sin(x)^2 + cos(x)^2 - 1)", 0.7),
        ("sqrt(x - 0.1 - 0.2)", 0.3),
        ("exp(x)/exp(x)", 1000.0),
        ("1/exp(-x)", 800.0),
        ("log(x - x + 1e-17 + 1 - 1)", 3.0),
        # The values on both sides of the pole are much smaller than the one between them, or have another sign.
        ("20/(8*x^3 + 84*x^2 + 294*x + 343)", -3.49999987398327),
        ("(x^3 + 3*x^2 + 3*x + 1)^-2", -1.00000012345),
        ("tan(x + 1e7 - 1e7)", 1.5707963264),
    ],
)
def test_nothing_is_known_beside_a_pole_or_an_end_or_out_of_range(text: str, x: float) -> None:
    assert estimate(text, x).error == math.inf


@pytest.mark.parametrize("text", ["log(x)", "sqrt(x)", "asin(x - 1)", "x^0.5 + 1", "log(x)/x"])
def test_outside_of_a_domain_there_is_certainly_no_value(text: str) -> None:
    assert estimate(text, -0.7).is_undefined


def test_at_a_jump_the_error_is_its_height() -> None:
    assert estimate("sign(sin(x)^2 + cos(x)^2 - 1)", 0.7).error >= 1.0


def test_the_branch_that_is_not_taken_has_no_error() -> None:
    assert estimate("where(x > 0, x, exp(1000*x)/0)", 1.0).error < 1e-15


def test_no_value_differs_from_a_value_only_if_it_is_certain() -> None:
    known = Estimate(1.0, 0.0)
    assert compare(known, Estimate(math.nan, 0.0)) == "different"
    assert compare(known, Estimate(math.nan, math.inf)) == "unknown"
    assert compare(Estimate(math.nan, 0.0), Estimate(math.nan, 0.0)) == "equal"


def test_points_lie_on_both_sides_of_an_edge_and_close_to_it() -> None:
    parsed = parse("abs(x - 0.37)")
    points = [point["x"] for point, _ in Points([parsed.root], ["x"], "x", {})]
    near = [x for x in points if abs(x - 0.37) < 1e-5]
    assert min(near) < 0.37 < max(near)
    assert min(points) < -1e6
    assert max(points) > 1e6
    assert min(map(abs, [x for x in points if x])) < 1e-5


def test_fixed_variables_do_not_move() -> None:
    parsed = parse("a*x")
    assert {point["a"] for point, _ in Points([parsed.root], ["a", "x"], "x", {"a": 3.0})} == {3.0}
