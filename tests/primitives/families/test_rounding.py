"""Rounding, the sign and the step: exact for every number, and a slope of 0 everywhere."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from tests.support.exact import same, slopes, value

INF, NAN = math.inf, math.nan
NUMBERS = [-INF, -2.5, -1.5, -1.0, -0.5, -0.0, 0.0, 5e-324, 0.49999999999999994, 0.5, 1.5, 2.5, 4503599627370497.5, INF]
NAMES = ["floor", "ceil", "round", "sign", "step"]


@pytest.mark.parametrize("x", NUMBERS)
def test_a_whole_number_is_the_one_below_above_or_nearest_and_the_even_one_of_two(x: float) -> None:
    if math.isinf(x):
        assert [value(f"{name}(x)", x=x) for name in NAMES[:3]] == [x] * 3
        return
    assert same(value("floor(x)", x=x), math.copysign(math.floor(x), x))
    assert same(value("ceil(x)", x=x), math.copysign(math.ceil(x), x))
    assert same(value("round(x)", x=x), math.copysign(round(x), x))


@pytest.mark.parametrize(
    ("x", "sign", "step"),
    [
        (-INF, -1.0, 0.0),
        (-5e-324, -1.0, 0.0),
        (-0.0, -0.0, 0.5),
        (0.0, 0.0, 0.5),
        (5e-324, 1.0, 1.0),
        (INF, 1.0, 1.0),
        (NAN, NAN, NAN),
    ],
)
def test_the_sign_keeps_a_zero_and_the_step_is_a_half_there(x: float, sign: float, step: float) -> None:
    assert same(value("sign(x)", x=x), sign)
    assert same(value("step(x)", x=x), step)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("x", [-1.5, 0.0, 1.0, 2.25])
def test_the_slope_is_0_at_every_point_and_in_every_order(name: str, x: float) -> None:
    assert slopes(f"{name}(x)*3 + x", x=x) == (1.0,)
    assert slopes(f"sin({name}(x))", x=x) == (0.0,)
    assert str(parse(f"{name}(x)").derivative("x")) == "0"
