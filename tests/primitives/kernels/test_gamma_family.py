"""The gamma family against mpmath: over the domain, beside zeros and poles, in units in the last place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from mpmath import mp, mpf

from gradcli.primitives import REGISTRY
from gradcli.primitives.kernels import gamma_family

Exact = Callable[[mpf], mpf]

EXACT: dict[str, Exact] = {
    "gamma": lambda x: mp.gamma(x),
    "lgamma": lambda x: mp.log(abs(mp.gamma(x))),
    "digamma": lambda x: mp.digamma(x),
    "factorial": lambda x: mp.gamma(x + 1),
}


def units(exact: Exact, got: float, x: float, scale: Exact | None = None) -> float:
    """How far a value is off, in units of the exact value's last place, or of a larger scale's."""
    with mp.workdps(60):
        wanted = exact(mpf(x))
        size = max(abs(wanted), abs(scale(mpf(x)))) if scale else abs(wanted)
        return float(abs(mpf(got) - wanted) / math.ulp(float(size)))


def worst(name: str, numbers: Iterator[float], scale: Exact | None = None) -> tuple[float, float]:
    return max((units(EXACT[name], REGISTRY[name].value(x), x, scale), x) for x in numbers)


def uniform(low: float, high: float, count: int = 400) -> Iterator[float]:
    yield from np.random.default_rng(0).uniform(low, high, count).tolist()


def beside(*places: float) -> Iterator[float]:
    """Numbers at all distances from places, their neighbours included."""
    generator = np.random.default_rng(0)
    for place in places:
        yield from (math.nextafter(place, math.inf), math.nextafter(place, -math.inf))
        distances = 10.0 ** generator.uniform(-15.0, -0.5, 40) * generator.choice([-1.0, 1.0], 40)
        yield from (x for x in (place + distances).tolist() if x != place)


TABLE = [
    *[
        ("gamma", low, high, 4.0)
        for low, high in ((0.0, 1.0), (1.0, 13.0), (13.0, 171.6), (-19.0, 0.0), (-170.0, -19.0))
    ],
    *[("lgamma", low, high, 3.0) for low, high in ((0.0, 1.0), (1.0, 3.0), (3.0, 13.0), (13.0, 1e3), (1e3, 1e300))],
    *[("digamma", low, high, 2.0) for low, high in ((0.0, 1.0), (1.0, 7.0), (7.0, 13.0), (13.0, 1e3), (-12.0, 0.0))],
]


@pytest.mark.parametrize(("name", "low", "high", "bound"), TABLE)
def test_values_agree_with_mpmath(name: str, low: float, high: float, bound: float) -> None:
    assert worst(name, uniform(low, high))[0] <= bound


@pytest.mark.parametrize(("name", "bound"), [("gamma", 4.0), ("digamma", 2.0)])
def test_values_beside_poles_agree_with_mpmath(name: str, bound: float) -> None:
    assert worst(name, beside(*(-float(k) for k in range(1, 12))))[0] <= bound


def test_lgamma_has_all_digits_beside_its_zeros_at_1_and_2() -> None:
    assert worst("lgamma", beside(1.0, 2.0))[0] <= 3.0


@pytest.mark.parametrize(("low", "high"), [(-12.0, 0.0), (-19.0, -12.0), (-170.0, -19.0)])
def test_lgamma_of_negative_numbers_is_right_to_its_own_last_place_or_that_of_1(low: float, high: float) -> None:
    assert worst("lgamma", uniform(low, high), lambda x: mpf(1) if x > -19 else mpf(0))[0] <= 3.0


def test_lgamma_loses_nothing_beside_zeros_that_are_beside_poles() -> None:
    zeros = (-2.4570247382208006, -2.7476826467274127, -3.955294284858598, -5.0082181681, -15.0 + 7.6e-13)
    assert worst("lgamma", beside(*zeros), lambda x: mpf(1))[0] <= 2.0


@pytest.mark.parametrize("zero", [high for high, _ in gamma_family.ZEROS])
def test_digamma_has_all_digits_beside_its_zeros(zero: float) -> None:
    assert worst("digamma", iter([zero, *beside(zero)]))[0] <= 2.0


def test_the_zeros_of_digamma_are_those_that_mpmath_finds() -> None:
    for high, low in gamma_family.ZEROS:
        with mp.workdps(60):
            assert abs(mp.findroot(mp.digamma, mpf(high)) - (mpf(high) + mpf(low))) < mpf(10) ** -31


def test_digamma_below_its_table_of_zeros_is_as_good_as_the_terms_of_its_reflection() -> None:
    assert worst("digamma", uniform(-200.0, -12.0), lambda x: max(mp.digamma(1 - x), mp.pi * mp.cot(mp.pi * x)))[0] <= 4


@pytest.mark.parametrize("name", ["gamma", "factorial"])
def test_factorials_are_exact(name: str) -> None:
    for n in range(171):
        assert REGISTRY[name].value(n + 1.0 if name == "gamma" else float(n)) == float(math.factorial(n))


@pytest.mark.parametrize("order", [1.0, 2.0, 3.0, 8.0])
def test_polygamma_agrees_with_mpmath(order: float) -> None:
    for x in (*uniform(0.0, 5.0, 30), *uniform(5.0, 300.0, 30)):
        got = REGISTRY["polygamma"].value(order, x)
        assert units(lambda x: mp.psi(int(order), x), got, x) <= 3.0 + order


def test_the_power_of_gamma_neither_overflows_nor_vanishes_before_the_result_does() -> None:
    for x, units_off in ((171.62, 4.0), (-171.7, 4.0), (-176.3, 4.0)):
        assert units(mp.gamma, REGISTRY["gamma"].value(x), x) <= units_off
    assert REGISTRY["gamma"].value(171.63) == math.inf
    assert [math.copysign(1.0, REGISTRY["gamma"].value(x)) for x in (-200.5, -201.5)] == [-1.0, 1.0]
