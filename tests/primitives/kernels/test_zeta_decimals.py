"""Kernels of the zeta function and of elliptic integrals: high derivatives, reflections, and ends."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from gradcli.primitives.kernels import zeta_decimals as kernels
from tests.support.exact import same

INF, NAN = math.inf, math.nan
KERNELS: dict[str, tuple[Callable[[float, float], float], list[float]]] = {
    "zeta": (kernels.zeta, [1.0001, 0.9999, 0.5, 0.0, -0.49, -0.51, -2.5, -30.2, 2.0, 30.0, 200.0]),
    "ellipk": (kernels.elliptic_k, [0.0, 1e-9, 0.5, 0.51, 0.999999, -0.51, -5.0, -1e5]),
    "ellipe": (kernels.elliptic_e, [0.0, 1e-9, 0.5, 0.51, 0.999999, -0.51, -5.0, -1e5]),
}


@pytest.mark.parametrize("rare", KERNELS)
def test_derivatives_of_high_order_have_all_digits(rare: str) -> None:
    pytest.importorskip("flint")
    from tests.support.ball_oracle import ball_derivatives

    derivative, points = KERNELS[rare]
    for x in points:
        exact = ball_derivatives(rare, (x,), 0, 8)
        assert exact is not None, x
        for order, ball in enumerate(exact):
            found, wanted = derivative(float(order), x), float(ball.mid())
            assert abs(found - wanted) <= math.ulp(wanted), (x, order)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (kernels.zeta(0, -2.0), 0.0),
        (kernels.zeta(0, 1.0), INF),
        (kernels.zeta(1, 1.0), -INF),
        (kernels.zeta(0, INF), 1.0),
        (kernels.zeta(0, -INF), NAN),
        (kernels.zeta(0, -1e300), 0.0),
        (kernels.zeta(0, -20001.0), -INF),
        (kernels.zeta(1, 2000.0), -0.0),
        (kernels.elliptic_k(0, 1.0), INF),
        (kernels.elliptic_k(3, 1.0), INF),
        (kernels.elliptic_e(0, 1.0), 1.0),
        (kernels.elliptic_e(1, 1.0), -INF),
        (kernels.elliptic_k(0, 1.5), NAN),
        (kernels.elliptic_k(0, -INF), 0.0),
        (kernels.elliptic_e(0, -INF), INF),
        (kernels.elliptic_e(1, -INF), -0.0),
    ],
)
def test_ends_have_their_limits(found: float, wanted: float) -> None:
    assert same(found, wanted)
