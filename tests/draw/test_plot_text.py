"""A plot in characters shows what the plot as data says."""

import math

import numpy as np

from gradcli.draw.plot import Curve, Mark, Plot
from gradcli.draw.plot_text import legend, plot_lines


def line(slope: float, **settings: object) -> Curve:
    x = np.array([-1.0, 1.0])
    return Curve("f", [(x, slope * x)], [], [])._replace(**settings)  # type: ignore[arg-type]


def text(plot: Plot, width: int = 24, height: int = 10, **options: bool) -> list[str]:
    return ["".join(piece for piece, _ in one) for one in plot_lines(plot, width, height, **options)]


def test_axes_have_round_numbers() -> None:
    shown = text(Plot("x", -1.0, 1.0, -1.0, 1.0, [line(1.0)]), 60)
    assert [row.split("┤")[0].strip() for row in shown if "┤" in row] == ["1", "0", "-1"]
    assert shown[-1].split() == ["-1.0", "-0.5", "0", "0.5", "1.0"]
    assert all(len(row) <= 60 for row in shown)
    assert len(shown) == 10


def test_a_curve_rises_from_corner_to_corner() -> None:
    shown = text(Plot("x", -1.0, 1.0, -1.0, 1.0, [line(1.0)]), ascii_only=True)
    rows = [row.split("|")[-1].split("+")[-1] for row in shown[:-2]]
    stars = [row.index("*") for row in rows]
    assert stars == sorted(stars, reverse=True)
    assert (stars[0], stars[-1]) == (len(rows[0].rstrip()) - rows[0].count("*"), 0)


def test_two_pieces_are_not_joined() -> None:
    left, right = np.linspace(-1.0, -0.01), np.linspace(0.01, 1.0)
    curve = Curve("f", [(left, np.full(50, -1.0)), (right, np.full(50, 1.0))], [], [])
    shown = text(Plot("x", -1.0, 1.0, -2.0, 2.0, [curve]), 24, 12, ascii_only=True)
    assert sum("*" in row for row in shown) == 2


def test_what_is_outside_of_the_picture_is_not_drawn() -> None:
    x = np.array([-1.0, 0.0, 1.0])
    steep = Curve("f", [(x, np.array([0.0, 1e300, 0.0]))], [], [])
    shown = text(Plot("x", -1.0, 1.0, -1.0, 1.0, [steep]), ascii_only=True)
    assert len(shown) == 10


def test_asymptotes_and_marks_have_their_own_characters() -> None:
    curve = line(1.0, marks=[Mark(-0.5, 0.5), Mark(0.5, -0.5, is_open=True), Mark(0.0, math.inf)], asymptotes=[0.75])
    shown = text(Plot("x", -1.0, 1.0, -1.0, 1.0, [curve]), 40, 20)
    joined = "\n".join(shown)
    assert (joined.count("●"), joined.count("○")) == (1, 1)
    assert joined.count("┆") >= 15
    column = {row.index("┆") for row in shown if "┆" in row}
    assert len(column) == 1
    up, down = [next(place for place, row in enumerate(shown) if mark in row) for mark in "●○"]
    assert up < down


def test_ascii_needs_no_other_characters() -> None:
    curve = line(1.0, marks=[Mark(0.0, 0.5), Mark(0.5, -0.5, is_open=True)], asymptotes=[0.75])
    assert "".join(text(Plot("x", -1.0, 1.0, -1.0, 1.0, [curve]), ascii_only=True)).isascii()


def test_the_legend_has_the_colours_of_the_curves() -> None:
    plot = Plot("x", -1.0, 1.0, -1.0, 1.0, [line(1.0), line(-1.0, label="g")])
    (named,) = legend(plot, 80)
    assert len(legend(plot, 8)) == 2
    assert "".join(piece for piece, _ in named) == "━━ f   ━━ g"
    drawn = {key for row in plot_lines(plot, 30, 10) for _, key in row if isinstance(key, int)}
    assert {key for _, key in named if isinstance(key, int)} == drawn
