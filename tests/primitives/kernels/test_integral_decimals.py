"""Kernels of integrals and of Lambert's W: high orders, where one formula takes over from another, and ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import pytest

from gradcli.primitives.kernels import integral_decimals as kernels
from tests.support.exact import same
from tests.support.loops import for_each

INF, NAN = math.inf, math.nan


def after(value: Callable[[float], float], slope: Callable[[float, float], float]) -> Callable[[float, float], float]:
    """A function's derivatives, from its value and those of its derivative."""
    return lambda n, x: slope(n - 1.0, x) if n else value(x)


def from_one(
    value: Callable[[float], float], slope: Callable[[float, float], float]
) -> Callable[[float, float], float]:
    return lambda n, x: slope(n, x) if n else value(x)


#: Name -> the n-th derivative, and points.
KERNELS: dict[str, tuple[Callable[[float, float], float], list[float]]] = {
    "lambertw": (
        from_one(kernels.lambert_upper, partial(kernels.lambert_derivative, 0)),
        [-0.3678794411714423, -0.3, 0.0, 1e-9, 2.999, 3.001, 1e300],
    ),
    "lambertwm1": (
        from_one(kernels.lambert_lower, partial(kernels.lambert_derivative, 1)),
        [-0.3678794411714423, -0.2, -1e-3, -1e-300],
    ),
    "expi": (after(kernels.exponential_integral, kernels.exponential_quotient), [-3.0, 1e-5, 59.9, 60.1, 500.0]),
    "sinint": (after(kernels.sine_integral, kernels.sine_quotient), [0.0, 1e-9, -3.0, 59.9, 60.1, 1e9]),
    "cosint": (after(kernels.cosine_integral, kernels.cosine_quotient), [1e-9, 3.0, 59.9, 60.1, 1e9]),
    "fresnels": (
        from_one(kernels.fresnel_sine, partial(kernels.fresnel_derivative, 1)),
        [0.0, 1e-9, 5.99, -6.01, 1e5],
    ),
    "fresnelc": (
        from_one(kernels.fresnel_cosine, partial(kernels.fresnel_derivative, 0)),
        [0.0, 1e-9, 5.99, -6.01, 1e5],
    ),
}


@pytest.mark.parametrize("rare", KERNELS)
def test_derivatives_of_high_order_have_all_digits(rare: str) -> None:
    pytest.importorskip("flint")
    from tests.support.ball_oracle import ball_derivatives

    derivative, points = KERNELS[rare]
    for x in points:
        exact = ball_derivatives(rare, (x,), 0, 10)
        assert exact is not None, x
        for order, wanted in enumerate(exact):
            found = derivative(float(order), x)
            assert found == float(wanted) or float(abs(found - wanted)) <= 2.0 * math.ulp(float(wanted)), (x, order)


@pytest.mark.parametrize(
    ("n", "x"), [(1, 1.99), (1, 2.01), (7, 0.5), (300, 4.0), (1, 700.0), (-3, 2.0), (-5, -0.5), (0, 1e-9)]
)
def test_the_generalised_exponential_integral_has_all_digits(n: float, x: float) -> None:
    flint = pytest.importorskip("flint")
    with flint.ctx.workprec(300):
        wanted = float(flint.arb(x).expint(n).mid())
    assert abs(kernels.generalized_exponential_integral(n, x) - wanted) <= math.ulp(wanted)


@for_each(
    ("found", "wanted"),
    [
        (kernels.lambert_upper(-0.4), NAN),
        (kernels.lambert_upper(INF), INF),
        (kernels.lambert_lower(0.1), NAN),
        (kernels.lambert_upper(kernels.BRANCH_POINT), -1.0),
        (kernels.lambert_derivative(0, 1, kernels.BRANCH_POINT), INF),
        (kernels.lambert_derivative(1, 1, kernels.BRANCH_POINT), -INF),
        (kernels.lambert_derivative(0, 1, 0.0), 1.0),
        (kernels.lambert_derivative(0, 1, INF), 0.0),
        (kernels.lambert_derivative(0, 1, -1.0), NAN),
        (kernels.lambert_derivative(1, 2, 0.0), -INF),
        (kernels.lambert_derivative(1, 1, 0.5), NAN),
        (kernels.generalized_exponential_integral(1, 0.0), INF),
        (kernels.generalized_exponential_integral(3, 0.0), 0.5),
        (kernels.generalized_exponential_integral(2, -1.0), NAN),
        (kernels.generalized_exponential_integral(1, INF), 0.0),
        (kernels.generalized_exponential_integral(1.5, 1.0), NAN),
        (kernels.exponential_integral(-0.0), -INF),
        (kernels.exponential_integral(800.0), INF),
        (kernels.exponential_integral(-INF), -0.0),
        (kernels.exponential_quotient(0, 0.0), INF),
        (kernels.exponential_quotient(0, -0.0), -INF),
        (kernels.exponential_quotient(1, INF), INF),
        (kernels.exponential_quotient(3, -INF), 0.0),
        (kernels.sine_integral(-INF), -0.5 * math.pi),
        (kernels.sine_integral(-0.0), -0.0),
        (kernels.sine_quotient(2, 0.0), -1.0 / 3.0),
        (kernels.sine_quotient(0, INF), 0.0),
        (kernels.cosine_integral(0.0), -INF),
        (kernels.cosine_integral(-1.0), NAN),
        (kernels.cosine_integral(INF), 0.0),
        (kernels.cosine_quotient(0, 0.0), INF),
        (kernels.fresnel_sine(INF), 0.5),
        (kernels.fresnel_cosine(-INF), -0.5),
        (kernels.fresnel_derivative(1, 1, INF), NAN),
    ],
)
def test_ends_have_their_limits(found: float, wanted: float) -> None:
    assert same(found, wanted)
