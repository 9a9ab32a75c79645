"""Exponentials and logarithms: the last digits over all magnitudes, exact points, and sums that do not overflow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp, mpf

from tests.support.exact import same, slopes, units_off, value
from tests.support.loops import for_each

INF, NAN = math.inf, math.nan
#: Name -> mpmath's function and points.
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "exp": (mp.exp, [1e-20, 0.5, -0.5, 1.0, 37.5, -700.0, 709.78, -745.0]),
    "exp2": (lambda x: mpf(2) ** x, [1e-20, 0.5, -0.5, 3.3, -1022.5, 1023.9]),
    "expm1": (mp.expm1, [1e-300, 1e-20, -1e-8, 0.3, -0.3, 5.0, -40.0, 709.0]),
    "log": (mp.log, [1e-300, 0.5, 1 - 1e-9, 1 + 1e-9, 2.0, 1e16, 1e308]),
    "log2": (lambda x: mp.log(x, 2), [1e-300, 0.3, 3.0, 1e16, 1e308]),
    "log10": (mp.log10, [1e-300, 0.3, 3.0, 1e16, 1e308]),
    "log1p": (mp.log1p, [1e-300, 1e-20, -1e-8, 0.3, -0.3, -1 + 2**-53, 1e16, 1e308]),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_have_their_last_digits(name: str) -> None:
    function, points = FUNCTIONS[name]
    for x in points:
        assert units_off(value(f"{name}(x)", x=x), lambda a=x: function(mpf(a))) <= 1.0, x


@pytest.mark.parametrize(
    ("x", "y"), [(0.0, 0.0), (1.0, 2.0), (1000.0, 1000.5), (-1000.0, -1001.0), (1e16, 1e16), (0.3, -36.0), (-50.0, 0.0)]
)
def test_the_logarithm_of_a_sum_of_exponentials_has_its_last_digits(x: float, y: float) -> None:
    def exact() -> Any:
        return mp.log(mp.exp(mpf(x)) + mp.exp(mpf(y)))

    for first, second in ((x, y), (y, x)):
        assert units_off(value("logaddexp(x, y)", x=first, y=second), exact) <= 1.0


@for_each(
    ("text", "wanted"),
    [
        ("exp(0)", 1.0), ("exp(-inf)", 0.0), ("exp(1000)", INF), ("exp(-1000)", 0.0), ("exp2(10)", 1024.0),
        ("exp2(-1074)", 5e-324), ("exp2(1024)", INF), ("expm1(-0)", -0.0), ("expm1(-inf)", -1.0),
        ("log(1)", 0.0), ("log(0)", -INF), ("log(-0)", -INF), ("log(-1)", NAN), ("log2(8)", 3.0),
        ("log2(5e-324)", -1074.0), ("log10(1000)", 3.0), ("log10(1e-5)", -5.0), ("log1p(-0)", -0.0),
        ("log1p(-1)", -INF), ("log1p(-2)", NAN), ("logaddexp(-inf, -inf)", -INF), ("logaddexp(inf, -inf)", INF),
        ("logaddexp(3, -inf)", 3.0), ("logaddexp(1000, 1000)", 1000.0 + math.log(2.0)), ("xlogy(0, 0)", 0.0),
        ("xlogy(0, 5)", 0.0), ("xlogy(0, inf)", 0.0), ("xlogy(2, 1)", 0.0), ("xlogy(2, 0)", -INF),
    ],
)  # fmt: skip
def test_at_this_point_the_value_is_exact(text: str, wanted: float) -> None:
    assert same(value(text), wanted)


@pytest.mark.parametrize(
    ("text", "at", "wanted"),
    [
        ("exp(x)", {"x": 0.0}, (1.0,)),
        ("exp2(x)", {"x": 3.0}, (8.0 * math.log(2.0),)),
        ("expm1(x)", {"x": -1e-20}, (1.0,)),
        ("log(x)", {"x": 1e-300}, (1e300,)),
        ("log2(x)", {"x": 0.5}, (2.0 / math.log(2.0),)),
        ("log10(x)", {"x": 0.1}, (10.0 / math.log(10.0),)),
        ("log1p(x)", {"x": 1e-20}, (1.0,)),
        ("logaddexp(x, y)", {"x": 1000.0, "y": 1000.0}, (0.5, 0.5)),
        ("logaddexp(x, y)", {"x": 0.0, "y": math.log(3.0)}, (0.25, 0.75)),
        ("xlogy(x, y)", {"x": 0.0, "y": 2.0}, (math.log(2.0), 0.0)),
        ("xlogy(x, y)", {"x": 3.0, "y": 2.0}, (math.log(2.0), 1.5)),
    ],
)
def test_at_this_point_the_slopes_are_known(text: str, at: dict[str, float], wanted: tuple[float, ...]) -> None:
    assert slopes(text, **at) == pytest.approx(wanted, rel=4e-16, abs=0.0)


def test_the_smaller_part_of_a_sum_of_exponentials_keeps_its_slope() -> None:
    assert units_off(slopes("logaddexp(x, y)", x=0.0, y=-300.0)[1], lambda: 1 / (1 + mp.exp(300))) <= 4.0
