"""Arithmetic: IEEE 754 at its edges, powers and roots to the last digits, and lengths that do not overflow."""

from __future__ import annotations

import math

import pytest
from mpmath import mp, mpf

from tests.support.exact import same, slopes, units_off, value
from tests.support.loops import for_each

INF, NAN, LEAST, LARGEST = math.inf, math.nan, 5e-324, 1.7976931348623157e308


@for_each(
    ("text", "wanted"),
    [
        ("1/0", INF), ("1/(-0)", -INF), ("0/0", NAN), ("inf - inf", NAN), ("0*inf", NAN), ("1e308 + 1e308", INF),
        ("0.1 + 0.2", 0.30000000000000004), ("-(0)", -0.0), ("1 - 1", 0.0),
        ("sqrt(4)", 2.0), ("sqrt(-0)", -0.0), ("sqrt(-1)", NAN), ("sqrt(inf)", INF),
        ("cbrt(-8)", -2.0), ("cbrt(27e30)", 3e10), ("cbrt(-0)", -0.0), ("cbrt(-inf)", -INF),
        ("square(-3)", 9.0), ("square(1e200)", INF),
        ("2^10", 1024.0), ("2^-1074", LEAST), ("2^1024", INF), ("(-2)^3", -8.0), ("(-2)^-2", 0.25),
        ("(-8)^(1/3)", NAN), ("0^0", 1.0), ("nan^0", 1.0), ("1^nan", 1.0), ("0^-1", INF), ("(-0)^-1", -INF),
        ("(-inf)^3", -INF), ("0.5^inf", 0.0), ("(-1)^inf", 1.0), ("inf^-1", 0.0),
        ("7 % 3", 1.0), ("-7 % 3", 2.0), ("7 % -3", -2.0), ("-7 % -3", -1.0), ("5.5 % 2", 1.5), ("6 % 3", 0.0),
        ("1 % 0", NAN), ("1 % inf", 1.0), ("inf % 2", NAN),
        ("hypot(3, 4)", 5.0), ("hypot(3*2^600, 4*2^600)", 5.0 * 2.0**600),
        ("hypot(-3*2^-600, 4*2^-600)", 5.0 * 2.0**-600),
        ("hypot(0, -2)", 2.0), ("hypot(inf, nan)", INF), ("hypot(-inf, 1)", INF),
    ],
)  # fmt: skip
def test_at_this_point_the_value_is_exact(text: str, wanted: float) -> None:
    assert same(value(text), wanted)


@pytest.mark.parametrize("x", [LEAST, 1e-300, 0.1, 2.0, 3.0, 1e20, 1.5e300, LARGEST])
def test_roots_have_their_last_digits(x: float) -> None:
    assert units_off(value("sqrt(x)", x=x), lambda: mp.sqrt(mpf(x))) <= 0.5
    assert units_off(value("cbrt(x)", x=x), lambda: mp.cbrt(mpf(x))) <= 1.0


@pytest.mark.parametrize(
    ("x", "y"), [(1.0000001, 1e9), (0.999999, -1e7), (2.5, 0.3), (1e-200, 1.5), (1e200, -1.5), (7.0, 360.0)]
)
def test_a_power_and_a_length_have_their_last_digits(x: float, y: float) -> None:
    assert units_off(value("x^y", x=x, y=y), lambda: mp.power(mpf(x), mpf(y))) <= 1.0
    assert units_off(value("hypot(x, y)", x=x, y=y), lambda: mp.hypot(mpf(x), mpf(y))) <= 1.0


@pytest.mark.parametrize(
    ("text", "at", "wanted"),
    [
        ("x + y", {"x": 2.0, "y": 3.0}, (1.0, 1.0)),
        ("x - y", {"x": 2.0, "y": 3.0}, (1.0, -1.0)),
        ("x*y", {"x": 2.0, "y": 3.0}, (3.0, 2.0)),
        ("x/y", {"x": 3.0, "y": 2.0}, (0.5, -0.75)),
        ("x/y", {"x": 1e-200, "y": 1e-200}, (1e200, -1e200)),
        ("x^y", {"x": 2.0, "y": 3.0}, (12.0, 8.0 * math.log(2.0))),
        ("x^y", {"x": 0.0, "y": 3.0}, (0.0, 0.0)),
        ("x^3", {"x": -2.0}, (12.0,)),
        ("x^1.5", {"x": 0.0}, (0.0,)),
        ("x^0", {"x": 0.0}, (0.0,)),
        ("x^1", {"x": 0.0}, (1.0,)),
        ("x^-2", {"x": 1e-100}, (-2e300,)),
        ("x % y", {"x": 7.0, "y": -3.0}, (1.0, 3.0)),
        ("x % y", {"x": 7.5, "y": 2.0}, (1.0, -3.0)),
        ("sqrt(x)", {"x": 0.25}, (1.0,)),
        ("cbrt(x)", {"x": -8.0}, (1 / 12,)),
        ("hypot(x, y)", {"x": 3.0, "y": -4.0}, (0.6, -0.8)),
        ("hypot(x, y)", {"x": 3e200, "y": 4e200}, (0.6, 0.8)),
        ("hypot(x, y)", {"x": 3e-200, "y": 4e-200}, (0.6, 0.8)),
    ],
)
def test_at_this_point_the_slopes_are_known(text: str, at: dict[str, float], wanted: tuple[float, ...]) -> None:
    assert slopes(text, **at) == pytest.approx(wanted, rel=4e-16, abs=0.0)
