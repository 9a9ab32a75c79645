"""The absolute value, extremes and bounds: exact values, and what a tie gives to each."""

from __future__ import annotations

import math

import pytest

from tests.support.exact import same, slopes, value

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("abs(-2)", 2.0), ("abs(-0)", 0.0), ("abs(-inf)", INF), ("abs(nan)", NAN),
        ("max(1, 2)", 2.0), ("max(3, 1, 2)", 3.0), ("min(3, 1, 2)", 1.0), ("max(-inf, 5)", 5.0), ("min(-inf, 5)", -INF),
        ("max(nan, 1)", NAN), ("min(1, nan)", NAN), ("max(1, 2, nan)", NAN),
        ("clip(5, 0, 1)", 1.0), ("clip(-5, 0, 1)", 0.0), ("clip(0.5, 0, 1)", 0.5), ("clip(nan, 0, 1)", NAN),
        ("clip(inf, -1, 1)", 1.0), ("clip(7, -inf, inf)", 7.0),
    ],
)  # fmt: skip
def test_at_this_point_the_value_is_exact(text: str, wanted: float) -> None:
    assert same(value(text), wanted)


@pytest.mark.parametrize(
    ("text", "at", "wanted"),
    [
        ("abs(x)", {"x": -2.0}, (-1.0,)),
        ("abs(x)", {"x": 0.0}, (0.0,)),
        ("max(x, y)", {"x": 1.0, "y": 2.0}, (0.0, 1.0)),
        ("max(x, y)", {"x": 2.0, "y": 2.0}, (0.5, 0.5)),
        ("max(x, y, z)", {"x": 2.0, "y": 2.0, "z": 2.0}, (1 / 3, 1 / 3, 1 / 3)),
        ("max(x, y, z)", {"x": 2.0, "y": 1.0, "z": 2.0}, (0.5, 0.0, 0.5)),
        ("min(x, y)", {"x": 1.0, "y": 2.0}, (1.0, 0.0)),
        ("min(x, y, z)", {"x": 1.0, "y": 1.0, "z": 2.0}, (0.5, 0.5, 0.0)),
        ("clip(x, a, b)", {"x": 0.5, "a": 0.0, "b": 1.0}, (1.0, 0.0, 0.0)),
        ("clip(x, a, b)", {"x": -0.5, "a": 0.0, "b": 1.0}, (0.0, 1.0, 0.0)),
        ("clip(x, a, b)", {"x": 1.5, "a": 0.0, "b": 1.0}, (0.0, 0.0, 1.0)),
        ("max(log(x), 0)", {"x": 0.0}, (0.0,)),
        ("min(1/x, 1)", {"x": 0.0}, (0.0,)),
    ],
)
def test_those_that_are_chosen_share_the_slope_and_the_others_have_none(
    text: str, at: dict[str, float], wanted: tuple[float, ...]
) -> None:
    assert slopes(text, **at) == pytest.approx(wanted, rel=1e-15, abs=0.0)
