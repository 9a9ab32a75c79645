"""Kernels of Bessel and Airy functions: all kinds of orders, high derivatives, and where one formula takes over."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from gradcli.primitives.kernels import bessel_decimals as kernels
from tests.support.exact import same

INF, NAN = math.inf, math.nan
KERNELS: dict[str, Callable[[float, float, float], float]] = {
    "besselj": kernels.bessel_j,
    "bessely": kernels.bessel_y,
    "besseli": kernels.bessel_i,
    "besselk": kernels.bessel_k,
}
ORDERS = [0.0, -3.0, 0.5, 2.75, 1.0 + 2.0**-40, 60.25]
POINTS = [1e-9, 7.0, 57.9, 63.0, 350.0]


@pytest.mark.parametrize("rare", KERNELS)
def test_functions_of_all_orders_and_their_second_derivatives_have_all_digits(rare: str) -> None:
    pytest.importorskip("flint")
    from tests.support.ball_oracle import ball_derivatives

    for order in ORDERS:
        for x in POINTS:
            exact = ball_derivatives(rare, (order, x), 1, 2)
            assert exact is not None
            for n in (0, 2):
                found, wanted = KERNELS[rare](float(n), order, x), float(exact[n].mid())
                assert found == wanted or abs(found - wanted) <= math.ulp(wanted), (order, x, n)


@pytest.mark.parametrize("rare", KERNELS)
def test_derivatives_of_high_order_have_all_digits(rare: str) -> None:
    pytest.importorskip("flint")
    from tests.support.ball_oracle import ball_derivatives

    for order, x in ((2.0, 0.5), (1.5, 9.0), (0.0, 70.0)):
        exact = ball_derivatives(rare, (order, x), 1, 12)
        assert exact is not None
        for n in (5, 12):
            found, wanted = KERNELS[rare](float(n), order, x), float(exact[n].mid())
            assert abs(found - wanted) <= math.ulp(wanted), (order, x, n)


@pytest.mark.parametrize("kind", range(4))
def test_airy_functions_have_all_digits(kind: int) -> None:
    flint = pytest.importorskip("flint")
    for x in (0.0, 1e-9, 0.7, -0.7, -5.0, 17.0, 17.1, -17.0, -17.1, 50.0, -1e5, -1e20):
        with flint.ctx.workprec(400):
            wanted = float(flint.arb(x).airy()[kind].mid())
        assert abs(kernels.airy(kind, x) - wanted) <= math.ulp(wanted), x


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (kernels.bessel_j(0, 0.0, 0.0), 1.0),
        (kernels.bessel_j(0, 1.0, -0.0), -0.0),
        (kernels.bessel_j(2, 0.0, 0.0), -0.5),
        (kernels.bessel_j(1, -1.0, 0.0), -0.5),
        (kernels.bessel_j(0, -0.5, 0.0), INF),
        (kernels.bessel_j(0, 0.5, -1.0), NAN),
        (kernels.bessel_j(0, 0.0, -INF), 0.0),
        (kernels.bessel_j(0, 1001.0, 1.0), NAN),
        (kernels.bessel_i(1, -1.0, 0.0), 0.5),
        (kernels.bessel_i(0, 3.0, -INF), -INF),
        (kernels.bessel_y(0, 2.0, 0.0), -INF),
        (kernels.bessel_y(1, 2.0, 0.0), INF),
        (kernels.bessel_y(0, -0.5, 0.0), 0.0),
        (kernels.bessel_y(0, 0.0, -1.0), NAN),
        (kernels.bessel_y(0, 0.0, INF), 0.0),
        (kernels.bessel_y(0, -1.0, 0.0), INF),
        (kernels.bessel_k(1, 0.0, 0.0), -INF),
        (kernels.bessel_k(0, 0.0, 5000.0), 0.0),
        (kernels.airy(0, INF), 0.0),
        (kernels.airy(0, -INF), 0.0),
        (kernels.airy(3, -INF), NAN),
        (kernels.airy(2, INF), INF),
        (kernels.airy(1, NAN), NAN),
    ],
)
def test_ends_have_their_limits(found: float, wanted: float) -> None:
    assert same(found, wanted)
