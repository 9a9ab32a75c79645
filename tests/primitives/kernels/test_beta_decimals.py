"""Kernels of the beta family: high orders, extreme magnitudes, and where one formula takes over from another."""

from __future__ import annotations

import math

import pytest
from mpmath import mp

from gradcli.primitives.kernels import beta_decimals as kernels
from tests.support.exact import same

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(("a", "x"), [(0.5, 1e-9), (2.5, 3.499), (2.5, 3.501), (40.0, 90.0), (1.0, 0.25)])
def test_derivatives_of_high_order_of_the_gamma_distribution_have_all_digits(a: float, x: float) -> None:
    pytest.importorskip("flint")
    from tests.support.ball_oracle import units_off

    found = [kernels.lower_gamma(a, x), *[kernels.gamma_density(n, a, x) for n in range(9)]]
    assert max(units_off(found, "gammainc", (a, x), 1)) <= 1.0


@pytest.mark.parametrize(("a", "b", "x"), [(0.5, 3.0, 0.25), (0.5, 3.0, 0.3), (2.0, 80.0, 0.9), (7.5, 1.0, 1e-3)])
def test_derivatives_of_high_order_of_the_beta_distribution_have_all_digits(a: float, b: float, x: float) -> None:
    pytest.importorskip("flint")
    from tests.support.ball_oracle import units_off

    found = [kernels.incomplete_beta(a, b, x), *[kernels.beta_density(n, a, b, x) for n in range(9)]]
    assert max(units_off(found, "betainc", (a, b, x), 2)) <= 1.0


PAIRS = [(1e-300, 1.0), (1e-300, 1e300), (3.0, 1e29), (2e10, 3e30), (5e9, 2e40), (1e300, 2e300), (0.25, 1e5)]


@pytest.mark.parametrize(("x", "y"), PAIRS)
def test_the_logarithm_of_beta_has_its_digits_at_all_scales(x: float, y: float) -> None:
    flint = pytest.importorskip("flint")
    with flint.ctx.workprec(2400):
        one, other = flint.arb(x), flint.arb(y)
        exact = float((one.lgamma() + other.lgamma() - (one + other).lgamma()).mid())
    for found in (kernels.log_beta(x, y), kernels.log_beta(y, x)):
        assert abs(found - exact) <= math.ulp(exact)


@pytest.mark.parametrize(("n", "x", "y"), [(0, 1e5, 1e-20), (3, 2.0, 1.9e-3), (3, 2.0, 2.1e-3), (7, 0.3, 1e8)])
def test_a_difference_of_polygammas_keeps_its_digits(n: int, x: float, y: float) -> None:
    with mp.workdps(80):
        exact = mp.psi(n, x) - mp.psi(n, mp.mpf(x) + y)
    assert float(abs(kernels.polygamma_difference(n, x, y) - exact)) <= math.ulp(float(exact))


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (kernels.log_beta(0.0, 2.0), INF), (kernels.log_beta(INF, 2.0), -INF), (kernels.log_beta(-1.0, 2.0), NAN),
        (kernels.log_beta(0.0, INF), NAN), (kernels.beta(INF, 2.0), 0.0), (kernels.beta(0.0, 2.0), INF),
        (kernels.polygamma_difference(0, 0.0, 2.0), -INF), (kernels.polygamma_difference(1, 2.0, 0.0), 0.0),
        (kernels.polygamma_difference(0, 2.0, INF), -INF), (kernels.polygamma_difference(2, INF, 1.0), 0.0),
        (kernels.gamma_density(0, 1.0, 0.0), 1.0), (kernels.gamma_density(1, 1.0, 0.0), -1.0),
        (kernels.gamma_density(0, 0.5, 0.0), INF), (kernels.gamma_density(0, 3.0, INF), 0.0),
        (kernels.beta_density(1, 1.0, 3.0, 0.0), -6.0), (kernels.beta_density(0, 2.0, 0.5, 1.0), INF),
        (kernels.lower_gamma(2.0, INF), 1.0), (kernels.upper_gamma(2.0, 1e8), 0.0),
        (kernels.lower_gamma(0.0, 1.0), NAN), (kernels.lower_gamma(2.0, -1.0), NAN),
        (kernels.incomplete_beta(2.0, 3.0, 1.5), NAN), (kernels.incomplete_beta(2.0, 3.0, 1.0), 1.0),
    ],
)  # fmt: skip
def test_ends_have_their_limits(found: float, wanted: float) -> None:
    assert same(found, wanted)
