"""Trigonometric functions: the last digits of any angle, exact points, and what a branch cut and a pole give."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp, mpf

from tests.support.exact import same, slopes, units_off, value
from tests.support.loops import for_each

#: Angles whose reduction needs many digits of pi: the nearest doubles to multiples of it, and very large ones.
ANGLES = [1e-300, 1e-5, 0.75, 1.5707963267948966, 3.141592653589793, 22.0, 355.0, 710.0, 5e15, 1e22, 1.7e300]

OF_ANGLES: dict[str, Callable[[Any], Any]] = {
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "sec": mp.sec, "csc": mp.csc, "cot": mp.cot,
    "sinc": lambda x: mp.sincpi(x),
}  # fmt: skip
INVERSE: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "asin": (mp.asin, [1e-300, 1e-8, 0.5, 0.999, 1.0 - 2**-53, 1.0]),
    "acos": (mp.acos, [1e-300, 1e-8, 0.5, 0.999, 1.0 - 2**-53, 1.0, -0.3, -1.0]),
    "atan": (mp.atan, [1e-300, 1e-8, 0.5, 1.0, 3.0, 1e16, 1e300]),
}


@for_each("name", OF_ANGLES)
@for_each("x", ANGLES)
def test_a_function_of_an_angle_has_its_last_digits_however_large_the_angle_is(name: str, x: float) -> None:
    for angle in (x, -x):
        assert units_off(value(f"{name}(x)", x=angle), lambda a=angle: OF_ANGLES[name](mpf(a))) <= 2.0


@pytest.mark.parametrize("name", INVERSE)
def test_an_inverse_function_has_its_last_digits(name: str) -> None:
    function, points = INVERSE[name]
    for x in points:
        assert units_off(value(f"{name}(x)", x=x), lambda a=x: function(mpf(a))) <= 1.0


@pytest.mark.parametrize(("y", "x"), [(3.0, 4.0), (-3.0, 4.0), (3.0, -4.0), (1e-300, -1e300), (5e-324, 5e-324)])
def test_the_angle_of_a_point_has_its_last_digits_in_every_quadrant(y: float, x: float) -> None:
    assert units_off(value("atan2(y, x)", y=y, x=x), lambda: mp.atan2(mpf(y), mpf(x))) <= 1.0


@for_each(
    ("text", "wanted"),
    [
        ("sin(0)", 0.0), ("sin(-0)", -0.0), ("cos(0)", 1.0), ("tan(-0)", -0.0), ("sec(0)", 1.0),
        ("csc(0)", math.inf), ("csc(-0)", -math.inf), ("cot(0)", math.inf), ("cot(-0)", -math.inf),
        ("asin(1)", math.pi / 2), ("acos(1)", 0.0), ("acos(-1)", math.pi), ("atan(inf)", math.pi / 2),
        ("atan(-inf)", -math.pi / 2), ("atan2(0, -1)", math.pi), ("atan2(-0, -1)", -math.pi),
        ("atan2(0, 1)", 0.0), ("atan2(-0, 1)", -0.0), ("atan2(1, 0)", math.pi / 2), ("atan2(inf, inf)", math.pi / 4),
        ("sinc(0)", 1.0), ("sinc(1)", 0.0), ("sinc(-7)", 0.0), ("sinc(1e15)", 0.0), ("sinc(0.5)", 2 / math.pi),
        ("sinc(inf)", 0.0), ("sin(inf)", math.nan), ("cos(-inf)", math.nan), ("asin(1.5)", math.nan),
        ("acos(-1.5)", math.nan),
    ],
)  # fmt: skip
def test_at_this_point_the_value_is_exact(text: str, wanted: float) -> None:
    assert same(value(text), wanted)


@pytest.mark.parametrize(
    ("text", "at", "wanted"),
    [
        ("sin(x)", {"x": 0.0}, (1.0,)),
        ("cos(x)", {"x": 0.0}, (0.0,)),
        ("tan(x)", {"x": 0.0}, (1.0,)),
        ("sec(x)", {"x": 0.0}, (0.0,)),
        ("asin(x)", {"x": 0.6}, (1.25,)),
        ("acos(x)", {"x": 0.6}, (-1.25,)),
        ("atan(x)", {"x": 1e200}, (1e-400,)),
        ("atan(x)", {"x": 2.0}, (0.2,)),
        ("atan2(y, x)", {"y": 3.0, "x": 4.0}, (0.16, -0.12)),
        ("atan2(y, x)", {"y": 3e200, "x": 4e200}, (1.6e-201, -1.2e-201)),
        ("atan2(y, x)", {"y": 3e-200, "x": -4e-200}, (-1.6e199, -1.2e199)),
        ("sinc(x)", {"x": 0.0}, (0.0,)),
        ("sinc(x)", {"x": 3.0}, (-1 / 3,)),
        ("sinc(x)", {"x": -4.0}, (-0.25,)),
    ],
)
def test_at_this_point_the_slopes_are_known(text: str, at: dict[str, float], wanted: tuple[float, ...]) -> None:
    assert slopes(text, **at) == pytest.approx(wanted, rel=4e-16, abs=0.0)


@pytest.mark.parametrize("x", [0.999999, 1.0 - 1e-12, 1.0 - 2**-53])
def test_near_the_end_of_its_domain_an_inverse_keeps_the_digits_of_its_slope(x: float) -> None:
    def exact() -> Any:
        return 1 / mp.sqrt((1 - mpf(x)) * (1 + mpf(x)))

    assert units_off(slopes("asin(x)", x=x)[0], exact) <= 4.0
    assert units_off(-slopes("acos(x)", x=x)[0], exact) <= 4.0
