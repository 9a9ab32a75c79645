"""`gradcli.pages.plot_frame`: places and paths of a plot in a page."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from gradcli.pages.plot_frame import Frame, figure, path

FRAME = Frame(-1.0, 3.0, -2.0, 2.0)


def test_places_are_parts_of_the_width_and_the_height() -> None:
    assert [FRAME.across(x) for x in (-1.0, 0.0, 3.0)] == ["0.00%", "25.00%", "100.00%"]
    assert [FRAME.down(y) for y in (2.0, 1.0, -2.0)] == ["0.00%", "25.00%", "100.00%"]


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ([-1.0, 3.0], [-2.0, 2.0], "M0 1000L1000 0"),
        # What is far outside ends at a margin, so that no number is too large for a browser.
        ([-1.0, 3.0], [1e300, -1e300], "M0 -2000L1000 3000"),
        # Near points are one, but the last one stays.
        ([-1.0, -0.9999, -0.9998, 3.0], [0.0, 0.0, 0.0, 0.0], "M0 500L1000 500"),
        ([-1.0, -0.9999], [0.0, 0.0], "M0 500L0 500"),
    ],
)
def test_a_path_has_the_points_that_can_be_told_apart(x: list[float], y: list[float], expected: str) -> None:
    assert path(FRAME, x, y) == expected


def test_a_path_of_many_points_is_short() -> None:
    x = np.linspace(-1.0, 3.0, 20_001)
    assert len(path(FRAME, x, np.sin(x))) < 25_000


def test_a_figure_is_sound_and_its_names_are_text() -> None:
    text = figure(FRAME, ("<b>", '"&'), "</svg>", [], [])
    names = [one.text for one in ElementTree.fromstring(text).iter("text") if "name" in one.get("class", "")]
    assert names == ["<b>", '"&']
