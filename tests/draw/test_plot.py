"""The picture of a curve as data: breaks are breaks, and marks say what they are."""

import math

import numpy as np
import pytest

from gradcli.draw.plot import Curve, Mark, curve_of, plot_of
from gradcli.evaluate.curve_features import features_of
from gradcli.evaluate.expression import parse
from gradcli.evaluate.univariate import univariate


def curve(text: str, low: float = -3.0, high: float = 3.0) -> Curve:
    function = univariate(parse(text), "x", {})
    return curve_of(text, function, features_of(function, low, high))


@pytest.mark.parametrize(
    ("text", "breaks"),
    [
        ("1/x", [0.0]),
        ("tan(x)", [-math.pi / 2, math.pi / 2]),
        ("floor(x)", [-2.0, -1.0, 0.0, 1.0, 2.0]),
        ("sin(x)/x", [0.0]),
        ("abs(x)", []),
    ],
)
def test_no_piece_goes_across_a_break(text: str, breaks: list[float]) -> None:
    pieces = curve(text).pieces
    assert len(pieces) == len(breaks) + 1
    for place, (x, y) in zip([*breaks, 3.0], pieces, strict=True):
        assert np.isfinite(y).all()
        assert x[-1] <= place
        assert place - x[-1] < 1e-5


def test_nothing_is_drawn_where_there_is_no_value() -> None:
    ((x, _),) = curve("sqrt(1 - x^2)").pieces
    assert (-1.0 < x[0] < -0.999999, 0.999999 < x[-1] < 1.0) == (True, True)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("sin(x)/x", {Mark(0.0, 1.0, is_open=True)}),
        ("where(x == 0, 5, x)", {Mark(0.0, 0.0, is_open=True), Mark(0.0, 5.0)}),
        ("sign(x)", {Mark(0.0, -1.0, is_open=True), Mark(0.0, 1.0, is_open=True), Mark(0.0, 0.0)}),
        ("where(x < 1, 2, 3)", {Mark(1.0, 2.0, is_open=True), Mark(1.0, 3.0)}),
        ("sqrt(x)", {Mark(0.0, 0.0)}),
        ("1/x", set()),
        ("exp(1/x) + 0*floor(x/9)", {Mark(0.0, 0.0, is_open=True)}),
    ],
)
def test_marks_are_open_where_the_curve_does_not_arrive(text: str, marks: set[Mark]) -> None:
    found = {mark for mark in curve(text).marks if mark.x in (0.0, 1.0)}
    assert found == marks


def test_a_mark_at_the_end_of_the_interval_has_only_the_limit_from_inside() -> None:
    marks = curve("floor(x)", 0.0, 2.0).marks
    assert Mark(0.0, -1.0, is_open=True) not in marks
    assert Mark(2.0, 1.0, is_open=True) in marks


def test_poles_are_asymptotes_and_don_t_set_the_height() -> None:
    plot = plot_of("x", -3.0, 3.0, [curve("1/x")])
    assert plot.curves[0].asymptotes == [0.0]
    assert -20.0 < plot.bottom < -2.0
    assert 2.0 < plot.top < 20.0


def test_a_curve_without_poles_is_shown_whole() -> None:
    plot = plot_of("x", -3.0, 3.0, [curve("exp(5x)"), curve("1/x")])
    assert plot.bottom < math.exp(-15.0)
    assert plot.top > math.exp(15.0)
    peak = plot_of("x", -3.0, 3.0, [curve("1/((x - 0.1234)^2 + 1e-6)")])
    assert peak.top > 1e6


def test_a_constant_lies_in_the_middle() -> None:
    plot = plot_of("x", -3.0, 3.0, [curve("2 + 0*x")])
    assert plot.bottom < 2.0 < plot.top
    assert (plot.bottom + plot.top) / 2 == pytest.approx(2.0)
