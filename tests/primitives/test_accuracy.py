"""Every primitive against its oracle, in balls or with mpmath, over the domain and all magnitudes.

The bound of `checking` is N * (ulp(exact) + |x f^(n+1)(x)| 2^-53) with N = 4, 8, 32, 128 for n = 0 to 3.
"""

from __future__ import annotations

import math

import pytest
from mpmath import mp, mpf

from gradcli.primitives import REGISTRY, Primitive
from tests.support.checking import (
    FACTORS,
    Measurement,
    draws,
    is_smooth_target,
    ladder,
    measurements,
    sweep_measurements,
)
from tests.support.loops import for_each
from tests.support.oracle import Jet, derivatives, derivatives_by_mpmath, oracle_of
from tests.support.special_digits import rare_functions, worst_units

PUBLIC = REGISTRY.public()


def by_name(primitive: Primitive) -> str:
    return primitive.name


def worst(found: list[Measurement]) -> Measurement:
    return max(found, key=lambda measurement: measurement.ratio)


@for_each("primitive", PUBLIC, ids=by_name)
def test_value_and_three_derivatives_agree_with_the_oracle_on_the_domain(primitive: Primitive) -> None:
    found = list(measurements(primitive, draws(primitive)))
    assert found
    assert worst(found).ratio <= 1.0, str(worst(found))


@for_each("primitive", PUBLIC, ids=by_name)
def test_value_and_three_derivatives_agree_with_the_oracle_on_the_ladder_of_scales(primitive: Primitive) -> None:
    found = list(measurements(primitive, ladder(primitive)))
    assert found
    assert worst(found).ratio <= 1.0, str(worst(found))


@for_each("primitive", PUBLIC, ids=by_name)
def test_reverse_and_forward_sweeps_agree_with_the_oracle(primitive: Primitive) -> None:
    for found in sweep_measurements(primitive, [*draws(primitive), *ladder(primitive)]):
        assert found.ratio <= 1.0, str(found)


@for_each("rare", rare_functions(), ids=by_name)
def test_value_and_three_derivatives_of_a_rarely_used_function_agree_with_arb(rare: Primitive) -> None:
    pytest.importorskip("flint")
    assert all(units <= bound for units, bound in zip(worst_units(rare, 3), FACTORS, strict=True))


@for_each("primitive", PUBLIC, ids=by_name)
def test_every_public_primitive_has_an_oracle(primitive: Primitive) -> None:
    """A declaration without one means mpmath's function of the same name."""
    assert callable(oracle_of(primitive))


@for_each("primitive", PUBLIC, ids=by_name)
def test_the_oracles_in_balls_and_with_mpmath_agree(primitive: Primitive) -> None:
    pytest.importorskip("flint")
    from tests.support.ball_oracle import ball_derivatives

    for point in draws(primitive, 1):
        for i in range(primitive.arity):
            if is_smooth_target(primitive, i):
                balls = ball_derivatives(primitive.name, point, i, 4)
                assert balls is not None
                for ball, wanted in zip(balls, derivatives_by_mpmath(primitive.name, point, i), strict=True):
                    assert math.isclose(float(ball.mid()), float(wanted), rel_tol=1e-15, abs_tol=1e-300)


# mpmath's own differences at moderate points, where they are reliable.
@for_each("primitive", PUBLIC, ids=by_name)
def test_the_oracle_agrees_with_differences(primitive: Primitive) -> None:
    for point in draws(primitive, 1):
        for i in range(primitive.arity):
            if not is_smooth_target(primitive, i):
                continue

            def along(x: mpf, i: int = i, point: tuple[float, ...] = point) -> mpf:
                return oracle_of(primitive)(*[Jet([x if k == i else other]) for k, other in enumerate(point)]).c[0]

            exact = derivatives(primitive.name, point, i)
            with mp.workdps(80):
                step = mpf(10) ** -12
                x = mpf(point[i])
                left, middle, right = along(x - step), along(x), along(x + step)
                first, second = (right - left) / (2 * step), (right - 2 * middle + left) / step**2
            for difference, wanted in ((first, exact[1]), (second, exact[2])):
                assert math.isclose(float(difference), float(wanted), rel_tol=1e-6, abs_tol=1e-12)
