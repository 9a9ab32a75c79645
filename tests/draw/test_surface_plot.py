"""The picture of a function of two variables."""

import numpy as np
import pytest

from gradcli.draw.canvas import Line
from gradcli.draw.surface_plot import SurfacePlot, surface_figure, surface_legend, surface_lines, surface_plot
from gradcli.evaluate.expression import parse
from gradcli.evaluate.surface import CriticalPoint, Surface, surface_of

RANGES = ((-1.0, 1.0), (-1.0, 1.0))
AXIS = np.linspace(-1.0, 1.0, 61)


def drawn(text: str, points: tuple[CriticalPoint, ...] = ()) -> tuple[SurfacePlot, Surface]:
    surface = surface_of(parse(text), ("x", "y"), AXIS, AXIS, {})
    return surface_plot(("x", "y"), RANGES, surface.values, points), surface


def text_of(lines: list[Line]) -> list[str]:
    return ["".join(piece for piece, _ in line) for line in lines]


def test_levels_are_round_and_leave_poles_out() -> None:
    assert drawn("x + y + 0*x")[0].levels == [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]
    assert max(drawn("1/(x^2 + y^2)")[0].levels) < 1000.0


def test_shades_rise_with_the_height() -> None:
    rows = text_of(surface_lines(*drawn("x + 0*y"), 60, 12, colours=False, ascii_only=True))
    row = rows[1].split("|")[1]
    shades = [" .:*#".index(character) for character in row]
    assert shades == sorted(shades)
    assert {0, 4} <= {*shades}
    assert "".join(rows).isascii()


def test_colours_are_blue_below_and_orange_above() -> None:
    line = surface_lines(*drawn("x + 0*y"), 60, 12)[1]
    cells = [key for _, key in line if isinstance(key, tuple)]
    (first, _), (last, _) = cells[0], cells[-1]
    assert first & 255 > first >> 16
    assert last >> 16 > last & 255


def test_arrows_point_uphill() -> None:
    joined = "".join(text_of(surface_lines(*drawn("x + 0*y"), 60, 20)))
    assert "→" in joined
    assert not {*"↗↑↖←↙↓↘"} & {*joined}
    assert "↓" in "".join(text_of(surface_lines(*drawn("-y + 0*x"), 60, 20)))


def test_a_critical_point_has_its_mark_at_its_place() -> None:
    points = tuple(
        CriticalPoint(kind, x, 0.5, 0.0, (0.0, 0.0))
        for kind, x in (("minimum", -0.8), ("maximum", -0.3), ("saddle point", 0.3), ("degenerate", 0.8))
    )
    rows = text_of(surface_lines(*drawn("x*y", points), 60, 22))
    (row,) = [row for row in rows if "▼" in row]
    assert [row.index(mark) for mark in "▼▲✕○"] == sorted(row.index(mark) for mark in "▼▲✕○")
    assert rows.index(row) < 8


def test_where_there_is_no_value_there_is_a_gap() -> None:
    rows = text_of(surface_lines(*drawn("sqrt(x) + 0*y"), 60, 12, colours=False))
    assert rows[1].split("│")[1].startswith("???")


def test_the_legend_names_levels() -> None:
    plot, _ = drawn("x + y + 0*x")
    assert "".join(piece for piece, _ in surface_legend(plot)).split("██ ")[1:] == [
        f"{level:g}{'   ' if level < 2 else ''}" for level in (-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2)
    ]


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_equal_figures_have_equal_bytes(form: str) -> None:
    pytest.importorskip("matplotlib")
    plot, surface = drawn("1/x + y", (CriticalPoint("minimum", 0.5, 0.5, 0.0, (1.0, 1.0)),))
    assert surface_figure(plot, surface, "a$b", form) == surface_figure(plot, surface, "a$b", form)
