"""Hyperbolic functions and their inverses: the last digits over all magnitudes, tails, and exact points."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp, mpf

from tests.support.exact import same, slopes, units_off, value
from tests.support.loops import for_each

INF, NAN = math.inf, math.nan
ALL = [1e-300, 1e-8, 0.3, 1.0, 5.0, 20.0, 37.0]
#: Name -> mpmath's function, points, and the units in the last place that it may be off.
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], list[float], float]] = {
    "sinh": (mp.sinh, [*ALL, 710.0], 2.0),
    "cosh": (mp.cosh, [*ALL, 710.0], 2.0),
    "tanh": (mp.tanh, ALL, 2.0),
    "sech": (mp.sech, [*ALL, 700.0, 740.0], 3.0),
    "csch": (mp.csch, [*ALL[1:], 700.0, 740.0], 3.0),
    "coth": (mp.coth, ALL[1:], 3.0),
    "asinh": (mp.asinh, [*ALL, 1e20, 1e300], 2.0),
    "acosh": (mp.acosh, [1.0, 1 + 1e-12, 1.5, 20.0, 1e20, 1e300], 2.0),
    "atanh": (mp.atanh, [1e-300, 1e-8, 0.3, 0.999, 1 - 2**-53], 2.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_have_their_last_digits(name: str) -> None:
    function, points, units = FUNCTIONS[name]
    for x in points if name == "acosh" else [*points, *(-x for x in points)]:
        assert units_off(value(f"{name}(x)", x=x), lambda a=x: function(mpf(a))) <= units, x


@for_each(
    ("text", "wanted"),
    [
        ("sinh(-0)", -0.0), ("sinh(1000)", INF), ("sinh(-inf)", -INF), ("cosh(0)", 1.0), ("cosh(-inf)", INF),
        ("tanh(-0)", -0.0), ("tanh(20)", 1.0), ("tanh(-inf)", -1.0), ("sech(0)", 1.0), ("sech(1000)", 0.0),
        ("csch(0)", INF), ("csch(-0)", -INF), ("csch(1000)", 0.0), ("coth(0)", INF), ("coth(-0)", -INF),
        ("coth(30)", 1.0), ("asinh(-0)", -0.0), ("asinh(-inf)", -INF), ("acosh(1)", 0.0), ("acosh(0.5)", NAN),
        ("acosh(inf)", INF), ("atanh(-0)", -0.0), ("atanh(1)", INF), ("atanh(-1)", -INF), ("atanh(2)", NAN),
    ],
)  # fmt: skip
def test_at_this_point_the_value_is_exact(text: str, wanted: float) -> None:
    assert same(value(text), wanted)


@pytest.mark.parametrize(
    ("text", "at", "wanted"),
    [
        ("sinh(x)", 0.0, 1.0), ("cosh(x)", 0.0, 0.0), ("tanh(x)", 0.0, 1.0), ("sech(x)", 0.0, 0.0),
        ("asinh(x)", 0.75, 0.8), ("asinh(x)", -1e200, 1e-200), ("acosh(x)", 1.25, 4 / 3), ("acosh(x)", 1e200, 1e-200),
        ("atanh(x)", 0.5, 4 / 3), ("atanh(x)", 0.0, 1.0),
    ],
)  # fmt: skip
def test_at_this_point_the_slope_is_known(text: str, at: float, wanted: float) -> None:
    assert slopes(text, x=at)[0] == pytest.approx(wanted, rel=4e-16, abs=0.0)


@pytest.mark.parametrize("x", [5.0, 20.0, 100.0, 350.0])
def test_in_the_tail_a_slope_keeps_its_digits_where_a_difference_from_1_has_none(x: float) -> None:
    assert units_off(slopes("tanh(x)", x=x)[0], lambda: mp.sech(mpf(x)) ** 2) <= 4.0
    assert units_off(slopes("coth(x)", x=x)[0], lambda: -(mp.csch(mpf(x)) ** 2)) <= 4.0
