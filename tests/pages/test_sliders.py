"""`gradcli.pages.sliders`: round ranges around a point, inside the domain."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from gradcli.pages.sliders import slider

CASES: list[tuple[float, Callable[[float], bool] | None, tuple[float, float]]] = [
    (2.0, None, (-3.0, 7.0)),
    (0.5, None, (-0.5, 1.5)),
    (-100.0, None, (-300.0, 100.0)),
    (0.0, None, (-5.0, 5.0)),
    (math.pi, None, (-2.0, 8.5)),
    (3e-7, None, (-2e-7, 8e-7)),
    (1e300, None, (0.0, 2e300)),
    # The end of the domain is one of the places, or between two of them.
    (2.0, lambda x: x >= 0, (0.0, 7.0)),
    (2.0, lambda x: x > 0, (0.0, 7.0)),
    (2.0, lambda x: x > 0.3, (0.0, 7.0)),
    (0.5, lambda x: abs(x) <= 1, (-0.5, 1.0)),
    (2.0, lambda x: 1 < x < 3.25, (1.0, 3.5)),
    # No value at the point itself says nothing about the domain.
    (2.0, lambda x: False, (-3.0, 7.0)),
]


@pytest.mark.parametrize(("value", "is_defined", "ends"), CASES)
def test_a_range_is_round_and_has_the_point_inside(
    value: float, is_defined: Callable[[float], bool] | None, ends: tuple[float, float]
) -> None:
    found = slider("x", value, is_defined)
    assert (found.low, found.high) == ends
    assert found.low <= value <= found.high
    assert found.step == pytest.approx((slider("x", value).high - slider("x", value).low) / 400, rel=0.06)


def test_a_point_without_a_place_on_a_slider_keeps_its_value_over_the_usual_range() -> None:
    assert slider("x", math.inf)[1:4] == (math.inf, -5.0, 5.0)
