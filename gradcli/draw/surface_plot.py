"""A function of two variables as a picture: bands of equal height, arrows of the gradient, critical points.

Orange is high and blue is low.  `surface_lines` draws in characters, `surface_figure` with matplotlib.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from gradcli.draw import palette
from gradcli.draw.canvas import Key, Line, extend
from gradcli.draw.plot_text import column_of, framed, row_of
from gradcli.draw.ticks import ticks
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.array_types import Floats
    from gradcli.evaluate.surface import CriticalPoint, Surface

__all__ = ["SurfacePlot", "shade", "surface_figure", "surface_legend", "surface_lines", "surface_plot"]

#: The colours of heights, from the lowest to the highest.
_RAMP: Final = (
    (0, 68, 110),
    (0, 114, 178),
    (120, 176, 214),
    (235, 235, 232),
    (244, 196, 96),
    (230, 159, 0),
    (150, 88, 0),
)
_INK, _PAPER = palette.INK, 0xFFFFFF
#: The bands of height, at most.
_BANDS: Final = 12
_SHADES: Final = " ░▒▓█"
_ASCII_SHADES: Final = " .:*#"
_ARROWS: Final = "→↗↑↖←↙↓↘"
_MARKS: Final = {"minimum": "▼", "maximum": "▲", "saddle point": "✕", "degenerate": "○"}
_ASCII_MARKS: Final = {"minimum": "v", "maximum": "^", "saddle point": "x", "degenerate": "o"}
#: An arrow stands in one of so many columns and rows.
_ARROW_COLUMNS, _ARROW_ROWS = 8, 4
#: The share of the values that the bands leave out on each side, if there are poles.
_OUTLIERS: Final = 0.02


class SurfacePlot(NamedTuple):
    """The picture of a function of two variables.

    Attributes:
        names: the names of the axes.
        low, high, bottom, top: the ends of the axes.
        levels: the heights between the bands, in ascending order.
        points: the critical points.
    """

    names: tuple[str, str]
    low: float
    high: float
    bottom: float
    top: float
    levels: list[float]
    points: Sequence[CriticalPoint]


def surface_plot(
    names: tuple[str, str],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    values: Floats,
    points: Sequence[CriticalPoint],
) -> SurfacePlot:
    """Return the picture of a function; its levels are round numbers between the lowest and the highest value.

    >>> import numpy as np
    >>> surface_plot(("x", "y"), ((0.0, 1.0), (0.0, 1.0)), np.array([[0.0, 4.0]]), []).levels
    [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]
    """
    import numpy as np

    finite = np.sort(values[np.isfinite(values)], axis=None)
    levels: list[float] = []
    if len(finite):
        cut = int(_OUTLIERS * len(finite))
        low, high = float(finite[0]), float(finite[-1])
        inner = float(finite[cut]), float(finite[-1 - cut])
        width = inner[1] - inner[0]
        low, high = max(low, inner[0] - 4 * width), min(high, inner[1] + 4 * width)
        levels = [level for level, _ in ticks(low, high, _BANDS)]
    (left, right), (bottom, top) = ranges
    return SurfacePlot(names, left, right, bottom, top, levels, points)


def shade(share: float) -> tuple[int, int, int]:
    """Return the colour of a height: ``share`` is 0 for the lowest colour and 1 for the highest one."""
    place = min(max(share, 0.0), 1.0) * (len(_RAMP) - 1)
    first = min(int(place), len(_RAMP) - 2)
    red, green, blue = (
        round(a + (b - a) * (place - first)) for a, b in zip(_RAMP[first], _RAMP[first + 1], strict=True)
    )
    return red, green, blue


def _share(plot: SurfacePlot, value: float) -> float:
    """Return the share of the levels that are below a value: 0 for the lowest band, 1 for the highest one."""
    from bisect import bisect_right

    return bisect_right(plot.levels, value) / max(1, len(plot.levels))


def _packed(colour: tuple[int, int, int]) -> int:
    return colour[0] << 16 | colour[1] << 8 | colour[2]


def surface_lines(
    plot: SurfacePlot, surface: Surface, width: int, height: int, *, colours: bool = True, ascii_only: bool = False
) -> list[Line]:
    """Draw a function of two variables in characters.

    Args:
        plot: the picture.
        surface: the values and the gradient on a grid; each character shows those at the nearest point of the grid.
        width, height: the size in characters, with the axes.
        colours: whether heights are shown by colours; otherwise they are shown by characters of different darkness.
        ascii_only: whether only ASCII characters may be used.
    """

    def cells(columns: int, rows: int) -> list[Line]:
        grid = [
            [_cell(plot, surface, column, row, columns, rows, colours) for column in range(columns)]
            for row in range(rows)
        ]
        for row in range(_ARROW_ROWS // 2, rows, _ARROW_ROWS):
            for column in range(_ARROW_COLUMNS // 2, columns, _ARROW_COLUMNS):
                arrow = _arrow(surface, (column + 0.5) / columns, 1.0 - (row + 0.5) / rows)
                if arrow and not ascii_only:
                    grid[row][column] = (arrow, _on(grid[row][column][1]))
        for point in plot.points:
            row, column = row_of(plot, point.y, rows), column_of(plot, point.x, columns)
            mark = (_ASCII_MARKS if ascii_only else _MARKS)[point.kind]
            grid[row][column] = (mark, _on(grid[row][column][1]))
        lines: list[Line] = []
        for places in grid:
            line: Line = []
            for character, key in places:
                shade = _ASCII_SHADES[_SHADES.index(character)] if ascii_only and character in _SHADES else character
                extend(line, shade, key)
            lines.append(line)
        return lines

    return framed(cells, plot, width, height, ascii_only=ascii_only)


def _nearest(surface: Surface, across: float, up: float) -> tuple[int, int]:
    rows, columns = surface.values.shape
    return min(rows - 1, int(up * rows)), min(columns - 1, int(across * columns))


def _cell(
    plot: SurfacePlot, surface: Surface, column: int, row: int, columns: int, rows: int, colours: bool
) -> tuple[str, Key]:
    """Return one character of the picture: a half block with the colours of two heights, or a shade for one height."""
    across = (column + 0.5) / columns
    if not colours:
        value = float(surface.values[_nearest(surface, across, 1.0 - (row + 0.5) / rows)])
        share = _share(plot, value)
        return ("?" if value != value else _SHADES[min(len(_SHADES) - 1, int(share * len(_SHADES)))]), ""
    halves = [float(surface.values[_nearest(surface, across, 1.0 - (row + part) / rows)]) for part in (0.25, 0.75)]
    upper, lower = [_INK if one != one else _packed(shade(_share(plot, one))) for one in halves]
    return "▀", (upper, lower)


def _on(key: Key) -> Key:
    """Return the style of a character on a coloured cell: black or white, whichever is easier to read there."""
    if not isinstance(key, tuple):
        return "bold"
    red, green, blue = key[1].to_bytes(3, "big")
    return (_INK if 0.3 * red + 0.59 * green + 0.11 * blue > 110 else _PAPER, key[1])


def _arrow(surface: Surface, across: float, up: float) -> str:
    """Return the arrow whose direction on the page is uphill; an empty text where the gradient is 0 or unknown."""
    place = _nearest(surface, across, up)
    x, y = [float(slope[place]) for slope in surface.slopes]
    x, y = x * float(surface.x[-1] - surface.x[0]), y * float(surface.y[-1] - surface.y[0])
    if not (math.isfinite(x) and math.isfinite(y)) or (x == 0.0 and y == 0.0):
        return ""
    return _ARROWS[round(math.atan2(y, x) / (math.pi / 4)) % 8]


def surface_legend(plot: SurfacePlot, *, colours: bool = True, ascii_only: bool = False) -> Line:
    """Return the line of the legend, which shows the height for each colour."""
    line: Line = []
    shades = _ASCII_SHADES if ascii_only else _SHADES
    for level in plot.levels[:: max(1, len(plot.levels) // 5)]:
        share = _share(plot, level)
        if colours:
            sample: tuple[str, Key] = ("██", _packed(shade(share)))
        else:
            sample = (shades[min(len(shades) - 1, int(share * len(shades)))] * 2, "")
        line += [("   " if line else "", ""), sample, (f" {level:g}", "")]
    return line


def surface_figure(plot: SurfacePlot, surface: Surface, label: str, form: str) -> bytes:
    """Draw a function of two variables with matplotlib, and return the bytes of a file.

    Args:
        plot: the picture.
        surface: the values and the gradient on a fine grid.
        label: the title.
        form: ``"svg"``, ``"png"`` or ``"pdf"``.
    """
    import numpy as np

    from gradcli.draw.figures import drawn, plain, ramp

    def draw(drawing: Any) -> None:
        axes = drawing.subplots()
        values = np.ma.masked_invalid(surface.values)
        colours = ramp(*[tuple(part / 255 for part in one) for one in _RAMP])
        if len(plot.levels) > 1:
            shown = axes.contourf(surface.x, surface.y, values, levels=plot.levels, cmap=colours, extend="both")
            axes.contour(surface.x, surface.y, values, levels=plot.levels, colors=palette.TEXT, linewidths=0.4)
            drawing.colorbar(shown, ax=axes)
        rows, columns = surface.values.shape
        down, across = slice(rows // 24, None, max(1, rows // 12)), slice(columns // 24, None, max(1, columns // 12))
        slopes = [np.where(np.isfinite(one), one, 0.0)[down, across] for one in surface.slopes]
        size = np.maximum(np.hypot(*slopes), 1e-300)
        axes.quiver(surface.x[across], surface.y[down], *[one / size for one in slopes], color=palette.TEXT, alpha=0.55,
                    angles="xy", width=0.0028, scale=26)  # fmt: skip
        shapes = {"minimum": "v", "maximum": "^", "saddle point": "X", "degenerate": "o"}
        for point in plot.points:
            style = {"markersize": 8, "markerfacecolor": "white", "markeredgecolor": "black", "clip_on": False}
            axes.plot([point.x], [point.y], marker=shapes[point.kind], linestyle="", **style)
        axes.set(xlim=(plot.low, plot.high), ylim=(plot.bottom, plot.top), title=plain(label))
        axes.set(xlabel=plain(plot.names[0]), ylabel=plain(plot.names[1]))

    return drawn(draw, (6.4, 4.8), form)
