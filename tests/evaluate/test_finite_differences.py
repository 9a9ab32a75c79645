"""`gradcli.evaluate.finite_differences`: differences of shrinking steps, the error they own up to, and agreement."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from gradcli.evaluate.finite_differences import Entry, agreed_digits, close, entries_of, finite_difference

SMOOTH: dict[str, tuple[Callable[[float], float], float, float]] = {
    "sine at 1": (math.sin, 1.0, math.cos(1.0)),
    "sine at 0": (math.sin, 0.0, 1.0),
    "exponential at 20": (math.exp, 20.0, math.exp(20.0)),
    "logarithm at a thousandth": (math.log, 1e-3, 1e3),
    "reciprocal of a large number": (lambda x: 1.0 / x, 1e8, -1e-16),
    "square at -3": (lambda x: x * x, -3.0, -6.0),
    "a constant": (lambda x: 7.0, 2.0, 0.0),
    "a line, far out": (lambda x: 3.0 * x, 1e12, 3.0),
    "an oscillation of 50": (lambda x: math.sin(50.0 * x), 0.3, 50.0 * math.cos(15.0)),
}


@pytest.mark.parametrize("case", SMOOTH)
def test_a_smooth_function_has_its_derivative_to_ten_digits_and_an_error_that_is_not_hidden(case: str) -> None:
    function, x, exact = SMOOTH[case]
    found, error = finite_difference(function, x)
    assert found is not None
    assert found == pytest.approx(exact, rel=1e-10, abs=1e-12)
    assert abs(found - exact) <= 10.0 * error or found == exact
    assert error <= 1e-8 * max(1.0, abs(exact))


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (lambda x: math.sqrt(x) if x >= 0 else math.nan, 0.0),
        (lambda x: 1.0 / x if x else math.inf, 0.0),
        (lambda x: float(x > 0.0), 0.0),
        (lambda x: math.nan, 1.0),
        (lambda x: math.copysign(math.sqrt(abs(x)), x), 0.0),
    ],
)
def test_where_there_is_no_derivative_nothing_is_said(function: Callable[[float], float], x: float) -> None:
    found, error = finite_difference(function, x)
    assert found is None
    assert error == math.inf


@pytest.mark.parametrize(
    ("expected", "found", "scale", "digits"),
    [
        (1.0, 1.0, 1.0, 17.0),
        (math.nan, math.nan, 1.0, 17.0),
        (math.inf, math.inf, 1.0, 17.0),
        (1.0, 1.001, 1.0, 3.0),
        (1.0, 1.001, 100.0, 5.0),
        (1.0, 3.0, 1.0, 0.0),
        (1.0, math.nan, 1.0, 0.0),
        (math.inf, 1e308, 1.0, 0.0),
        (1e-30, 0.0, 0.0, 0.0),
        (1.0, 1.0 + 1e-30, 1.0, 17.0),
    ],
)
def test_the_digits_that_agree_are_counted_from_0_to_17(
    expected: float, found: float, scale: float, digits: float
) -> None:
    assert agreed_digits(expected, found, scale) == digits


@pytest.mark.parametrize(
    ("expected", "found", "is_close"),
    [
        (1.0, 1.0 + 1e-4, True),
        (1.0, 1.0 + 2e-3, False),
        (math.nan, math.nan, True),
        (math.inf, math.inf, True),
        (math.inf, -math.inf, False),
        (math.inf, 1e308, False),
        (math.nan, 0.0, False),
    ],
)
def test_what_is_not_finite_is_close_to_itself_alone(expected: float, found: float, is_close: bool) -> None:
    assert close(expected, found, 1e-3) is is_close


@pytest.mark.parametrize(
    ("entry", "methods"),
    [
        (Entry((0,), 2.0, 2.0, 2.0, 0.0), []),
        (Entry((0,), 2.0, 2.0 + 1e-6, 2.0, 0.0), ["forward"]),
        (Entry((0,), 2.0, 2.0, 2.1, 0.0), ["finite_difference"]),
        (Entry((0,), 2.0, 3.0, 3.0, 0.0), ["forward", "finite_difference"]),
        (Entry((0,), 2.0, 2.0, 2.1, 0.01), []),
        (Entry((0,), 2.0, 2.0, None, math.inf), []),
        (Entry((0,), math.inf, math.inf, 5.0, 0.0), []),
        (Entry((0,), math.nan, math.nan, None, math.inf), []),
        (Entry((0,), math.inf, 2.0, 2.0, 0.0), ["forward", "finite_difference"]),
    ],
)
def test_an_entry_names_the_methods_that_differ_by_more_than_they_may(entry: Entry, methods: list[str]) -> None:
    assert entry.disagreements(1.0, 1e-6) == methods


def test_every_entry_of_an_array_has_its_place_and_the_three_methods() -> None:
    weights = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    point = np.array([[0.5, -1.0, 2.0], [0.0, 1.5, -2.0]])
    before = point.copy()
    entries = entries_of(
        point,
        2.0 * weights * point,
        lambda direction: float((2.0 * weights * point * direction).sum()),
        lambda x: float((weights * x * x).sum()),
    )
    assert [entry.place for entry in entries] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    for entry in entries:
        exact = (2.0 * weights * point)[entry.place]
        assert entry.reverse == entry.forward == exact
        assert entry.difference == pytest.approx(exact, rel=1e-10, abs=1e-10)
        assert entry.disagreements(24.0, 1e-6) == []
    assert np.array_equal(point, before)


def test_of_a_large_array_some_entries_at_equal_distances_are_checked() -> None:
    point = np.zeros(1000)
    entries = entries_of(point, point, lambda direction: 0.0, lambda x: 0.0, most=10)
    assert [entry.place for entry in entries] == [(100 * k,) for k in range(10)]
