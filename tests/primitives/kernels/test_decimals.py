"""Decimal arithmetic: constants, the gamma function, sine and cosine, to all digits."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from mpmath import mp

from gradcli.primitives.kernels import decimals

CASES: list[tuple[str, Callable[[], Decimal], Callable[[], Any]]] = [
    ("pi", decimals.pi, lambda: mp.pi),
    ("euler", decimals.euler, lambda: mp.euler),
    ("log_gamma(0.3)", lambda: decimals.log_gamma(Decimal("0.3")), lambda: mp.loggamma(mp.mpf("0.3"))),
    ("log_gamma(150)", lambda: decimals.log_gamma(Decimal(150)), lambda: mp.loggamma(150)),
    ("1/gamma(-2.7)", lambda: decimals.reciprocal_gamma(Decimal("-2.7")), lambda: mp.rgamma(mp.mpf("-2.7"))),
    ("sin(7.3 pi)", lambda: decimals.sine_and_cosine_of_pi(Decimal("7.3"))[0], lambda: mp.sinpi(mp.mpf("7.3"))),
    ("cos(-0.2 pi)", lambda: decimals.sine_and_cosine_of_pi(Decimal("-0.2"))[1], lambda: mp.cospi(mp.mpf("-0.2"))),
]


@pytest.mark.parametrize("count", [20, 60])
@pytest.mark.parametrize(("name", "computed", "exact"), CASES, ids=[name for name, _, _ in CASES])
def test_all_digits_are_those_of_mpmath(
    name: str, computed: Callable[[], Decimal], exact: Callable[[], Any], count: int
) -> None:
    with decimals.digits(count), mp.workdps(count + 20):
        wanted = exact()
        assert abs(mp.mpf(str(computed())) - wanted) <= abs(wanted) * mp.mpf(10) ** (3 - count)


def test_a_series_that_diverges_is_an_error_and_not_a_loop() -> None:
    with pytest.raises(ArithmeticError, match="a series doesn't converge within"):
        decimals.summed(decimals.geometric(Decimal(1), Decimal))


def test_bernoulli_numbers_are_fractions_and_poles_of_gamma_are_zeros_of_its_reciprocal() -> None:
    assert decimals.bernoulli(4) == (Fraction(1, 6), Fraction(-1, 30), Fraction(1, 42), Fraction(-1, 30))
    with decimals.digits(30):
        assert decimals.reciprocal_gamma(Decimal(-3)) == 0
        assert decimals.exact(Fraction(1, 8)) == Decimal("0.125")
