"""`gradcli.pages.contours`: lines of equal height."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.pages.contours import contours

X = np.linspace(-2.0, 2.0, 81)
ACROSS, UP = np.meshgrid(X, X)


def test_a_circle_is_one_ring() -> None:
    [(x, y)] = contours(X, X, ACROSS**2 + UP**2, 1.0)
    assert (x[0], y[0]) == (x[-1], y[-1])
    assert np.hypot(x, y) == pytest.approx(1.0, abs=1e-3)
    assert len(x) > 100


@pytest.mark.parametrize(
    ("values", "level", "lines"),
    [
        (ACROSS, 0.31, 1),
        (ACROSS * UP, 0.5, 2),
        (ACROSS * UP, -0.5, 2),
        (np.sin(3 * ACROSS), 0.1, 3),
        (np.hypot(np.abs(ACROSS) - 1.2, UP), 0.5, 2),
        (ACROSS, 5.0, 0),
    ],
)
def test_each_line_is_whole_and_on_its_level(values: np.ndarray, level: float, lines: int) -> None:
    found = list(contours(X, X, values, level))
    assert len(found) == lines
    for x, y in found:
        columns, rows = [np.clip(np.searchsorted(X, one), 1, len(X) - 1) for one in (x, y)]
        corners = np.array([values[rows - i, columns - j] for i in (0, 1) for j in (0, 1)])
        assert (corners.min(0) <= level + 1e-12).all()
        assert (corners.max(0) >= level - 1e-12).all()
        # Neighbours are in one cell.
        assert np.max(np.hypot(np.diff(x), np.diff(y))) <= 0.05 * 2**0.5 + 1e-12


def test_saddles_are_cut_by_the_height_of_their_middle() -> None:
    places = np.array([0.0, 1.0])
    for high, turned in ((3.0, False), (1.2, True)):
        # Two corners are above 1, the other two below it; the middle is the mean.
        values = np.array([[high, 0.0], [0.0, high]])
        lines = [{(a, b) for a, b in zip(x, y, strict=True)} for x, y in contours(places, places, values, 1.0)]
        assert len(lines) == 2
        # The corner at the origin is cut off by a line if the middle is below the level.
        near = any(max(a + b for a, b in line) < 1.0 for line in lines)
        assert near == turned


def test_where_there_is_no_value_there_is_no_line() -> None:
    values = np.where(ACROSS < 0, np.nan, UP)
    [(x, y)] = contours(X, X, values, 0.013)
    assert min(x) >= 0.0
    assert np.max(np.abs(np.array(y) - 0.013)) < 1e-15
