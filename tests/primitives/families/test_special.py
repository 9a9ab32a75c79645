"""Error functions and the gamma family: mpmath's digits, tails, poles, and values that are known exactly."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp, mpf

from tests.support.exact import same, slopes, units_off, value

INF, NAN = math.inf, math.nan
#: Name -> mpmath's function, points, and the units in the last place that it may be off.
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], list[float], float]] = {
    "erf": (mp.erf, [1e-300, 1e-8, 0.3, 1.0, 2.5, 5.5, -0.7], 2.0),
    "erfc": (mp.erfc, [1e-8, 0.3, 1.0, 5.0, 26.5, -0.7, -5.0], 4.0),
    "gamma": (mp.gamma, [1e-300, 0.3, 1.46, 2.5, 20.5, 171.5, -0.5, -3.7, -20.3], 4.0),
    "lgamma": (lambda x: mp.re(mp.loggamma(x)), [1e-300, 0.3, 1.46, 2.5, 171.5, 1e10, 1e300], 4.0),
    "digamma": (mp.digamma, [1e-300, 0.3, 1.0, 2.5, 171.5, 1e10, -0.5], 4.0),
    "factorial": (lambda x: mp.gamma(x + 1), [0.5, 1.7, 19.5, 170.5, -0.5], 4.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_have_mpmath_s_digits(name: str) -> None:
    function, points, units = FUNCTIONS[name]
    for x in points:
        assert units_off(value(f"{name}(x)", x=x), lambda a=x: function(mpf(a))) <= units, x


@pytest.mark.parametrize(
    ("order", "exact"),
    [
        (0, lambda: -mp.euler),
        (1, lambda: mp.pi**2 / 6),
        (2, lambda: -2 * mp.zeta(3)),
        (3, lambda: mp.pi**4 / 15),
        (5, lambda: 8 * mp.pi**6 / 63),
        (10, lambda: -math.factorial(10) * mp.zeta(11)),
    ],
)
def test_polygamma_at_1_is_a_number_that_is_known(order: int, exact: Callable[[], Any]) -> None:
    assert units_off(value(f"polygamma({order}, 1)"), exact) <= 4.0


@pytest.mark.parametrize("n", [0, 1, 5, 12, 18, 22])
def test_the_factorial_of_a_small_whole_number_is_exact(n: int) -> None:
    assert value(f"{n}!") == value(f"gamma({n + 1})") == float(math.factorial(n))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("erf(-0)", -0.0), ("erf(inf)", 1.0), ("erf(-6)", -1.0), ("erfc(0)", 1.0), ("erfc(-inf)", 2.0),
        ("erfc(30)", 0.0), ("gamma(172)", INF), ("gamma(inf)", INF), ("gamma(0)", INF), ("gamma(-0)", -INF),
        ("gamma(-3)", NAN), ("lgamma(1)", 0.0), ("lgamma(2)", 0.0), ("lgamma(0)", INF), ("lgamma(-3)", INF),
        ("lgamma(inf)", INF), ("factorial(171)", INF), ("digamma(inf)", INF), ("polygamma(1, inf)", 0.0),
    ],
)  # fmt: skip
def test_at_this_point_the_value_is_exact(text: str, wanted: float) -> None:
    assert same(value(text), wanted)


@pytest.mark.parametrize(
    ("text", "x", "exact"),
    [
        ("erf(x)", 0.0, lambda: 2 / mp.sqrt(mp.pi)),
        ("erf(x)", 20.0, lambda: 2 / mp.sqrt(mp.pi) * mp.exp(-400)),
        ("erfc(x)", 5.0, lambda: -2 / mp.sqrt(mp.pi) * mp.exp(-25)),
        ("gamma(x)", 1.0, lambda: -mp.euler),
        ("lgamma(x)", 1.0, lambda: -mp.euler),
        ("digamma(x)", 1.0, lambda: mp.pi**2 / 6),
        ("factorial(x)", 3.0, lambda: 6 * mp.digamma(4)),
        ("polygamma(2, x)", 1.0, lambda: mp.pi**4 / 15),
    ],
)
def test_at_this_point_the_slope_is_known(text: str, x: float, exact: Callable[[], Any]) -> None:
    assert units_off(slopes(text, x=x)[0], exact) <= 8.0
