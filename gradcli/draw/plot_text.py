"""A plot in characters: curves of braille dots, marks, axes with round numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from gradcli.draw.canvas import Key, Line, dotted, extend, overlay, width_of
from gradcli.draw.palette import SERIES
from gradcli.draw.plot import Curve, Plot
from gradcli.draw.ticks import ticks

if TYPE_CHECKING:
    from gradcli.array_types import Floats, Indices

__all__ = ["Window", "column_of", "framed", "legend", "plot_lines", "row_of"]


class Window(Protocol):
    """The part of the plane that a picture shows."""

    @property
    def low(self) -> float:
        """The left end."""

    @property
    def high(self) -> float:
        """The right end."""

    @property
    def bottom(self) -> float:
        """The lower end."""

    @property
    def top(self) -> float:
        """The upper end."""


FILLED, OPEN = "●", "○"
ASYMPTOTE: Final = "┆"
#: The least distances of two numbers along the axes, in characters.
_APART_ACROSS, _APART_DOWN = 9, 4
_ASCII: Final = str.maketrans(
    {FILLED: "@", OPEN: "o", ASYMPTOTE: ":", "┤": "+", "│": "|", "┬": "+", "─": "-", "└": "+", "┈": ".", "┊": "."}
)


def colour_of(index: int) -> int:
    """Return the colour of a curve by its number."""
    red, green, blue = SERIES[index % len(SERIES)]
    return red << 16 | green << 8 | blue


def legend(plot: Plot, width: int) -> list[Line]:
    """Return the lines that name the curves, side by side as far as there is room."""
    lines: list[Line] = [[]]
    for index, curve in enumerate(plot.curves):
        entry: Line = [("━━ ", colour_of(index)), (curve.label, "")]
        if lines[-1] and width_of(lines[-1]) + 3 + width_of(entry) > width:
            lines.append([])
        lines[-1] += [("   ", ""), *entry] if lines[-1] else entry
    return lines


def plot_lines(plot: Plot, width: int, height: int, *, ascii_only: bool = False) -> list[Line]:
    """Draw a plot.

    Args:
        plot: the plot.
        width, height: its size in characters, with the axes.
        ascii_only: whether only ASCII characters may be used.
    """
    return framed(lambda columns, rows: _cells(plot, columns, rows), plot, width, height, ascii_only=ascii_only)


def framed(
    cells: Callable[[int, int], list[Line]],
    window: Window,
    width: int,
    height: int,
    *,
    ascii_only: bool = False,
) -> list[Line]:
    """Put axes with round numbers around a picture.

    Args:
        cells: a function that draws the picture with a number of columns and rows.
        window: the ends of the axes.
        width, height: the size in characters, with the axes.
        ascii_only: whether only ASCII characters may be used.
    """
    rows = max(2, height - 2)
    down = ticks(window.bottom, window.top, max(2, rows // _APART_DOWN + 1))
    margin = max([len(text) for _, text in down], default=0)
    columns = max(8, width - margin - 2)
    across = ticks(window.low, window.high, max(2, columns // _APART_ACROSS))
    names = {row_of(window, y, rows): text for y, text in down}
    lines: list[Line] = []
    for row, line in enumerate(cells(columns, rows)):
        name = names.get(row, "")
        lines.append([(f"{name:>{margin}} {'┤' if name else '│'}", "dim"), *line])
    bottom, labels = ["─"] * columns, [" "] * (columns + margin + 3)
    for x, text in across:
        column = column_of(window, x, columns)
        bottom[column] = "┬"
        start = max(0, min(margin + 2 + column - len(text) // 2, margin + 2 + columns - len(text)))
        if all(one == " " for one in labels[max(0, start - 1) : start + len(text) + 1]):
            labels[start : start + len(text)] = text
    lines.append([(" " * margin + " └" + "".join(bottom), "dim")])
    lines.append([("".join(labels).rstrip(), "dim")])
    if ascii_only:
        return [[("".join(map(_plain, text)).translate(_ASCII), key) for text, key in line] for line in lines]
    return lines


def _plain(character: str) -> str:
    return character if not 0x2800 <= ord(character) <= 0x28FF else " " if character == "\u2800" else "*"


def column_of(plot: Window, x: float, columns: int) -> int:
    """Return the column of a place on the horizontal axis."""
    return min(columns - 1, max(0, int((x - plot.low) / (plot.high - plot.low) * columns)))


def row_of(plot: Window, y: float, rows: int) -> int:
    """Return the row of a place on the vertical axis."""
    return min(rows - 1, max(0, int((plot.top - y) / (plot.top - plot.bottom) * rows)))


def _cells(plot: Plot, columns: int, rows: int) -> list[Line]:
    """Return the area between the axes, character by character."""
    layers: list[tuple[list[str], Key]] = [
        (_drawn(plot, curve, columns, rows), colour_of(index)) for index, curve in enumerate(plot.curves)
    ]
    grid = [[(character, key) for text, key in line for character in text] for line in overlay(layers, columns, rows)]

    def put(row: int, column: int, character: str, key: Key, *, over: bool = False) -> None:
        if over or grid[row][column][0] == "\u2800":
            grid[row][column] = (character, key)

    for index, curve in enumerate(plot.curves):
        for x in curve.asymptotes:
            for row in range(rows):
                put(row, column_of(plot, x, columns), ASYMPTOTE, colour_of(index))
    if plot.bottom < 0.0 < plot.top:
        for column in range(columns):
            put(row_of(plot, 0.0, rows), column, "┈", "dim")
    if plot.low < 0.0 < plot.high:
        for row in range(rows):
            put(row, column_of(plot, 0.0, columns), "┊", "dim")
    for is_open in (False, True):
        for index, curve in enumerate(plot.curves):
            for mark in curve.marks:
                if mark.is_open == is_open and plot.bottom <= mark.y <= plot.top:
                    place = row_of(plot, mark.y, rows), column_of(plot, mark.x, columns)
                    put(*place, OPEN if is_open else FILLED, colour_of(index), over=True)
    lines: list[Line] = []
    for row_cells in grid:
        line: Line = []
        for character, key in row_cells:
            extend(line, *((" ", "") if character == "\u2800" else (character, key)))
        lines.append(line)
    return lines


def _drawn(plot: Plot, curve: Curve, columns: int, rows: int) -> list[str]:
    """Return a curve in braille, one text for each row."""
    import numpy as np

    across, down = 2 * columns, 4 * rows
    places: set[tuple[int, int]] = set()
    for x, y in curve.pieces:
        right = (x - plot.low) / (plot.high - plot.low) * (across - 1)
        below = np.clip((plot.top - y) / (plot.top - plot.bottom) * (down - 1), -2.0 * down, 3.0 * down)
        places.update(_stroke(right, below, across, down))
    return dotted(sorted(places), columns, rows)


def _stroke(right: Floats, below: Floats, across: int, down: int) -> list[tuple[int, int]]:
    """Return the dots of a line through points; dots outside of the picture are left out."""
    import numpy as np

    steps = np.maximum(1, np.ceil(np.maximum(np.abs(np.diff(right)), np.abs(np.diff(below))))).astype(int)
    start = np.repeat(np.arange(len(steps)), steps)
    share = (np.arange(len(start)) - np.repeat(np.cumsum(steps) - steps, steps)) / np.repeat(steps, steps)
    columns = _nearest_dots(np.append(right[start] + share * np.diff(right)[start], right[-1]))
    rows = _nearest_dots(np.append(below[start] + share * np.diff(below)[start], below[-1]))
    shown = (columns >= 0) & (columns < across) & (rows >= 0) & (rows < down)
    return [*zip(columns[shown].tolist(), rows[shown].tolist(), strict=True)]


def _nearest_dots(places: Floats) -> Indices:
    """Return the nearest whole numbers.

    Round numbers often lie halfway between two dots.  Then a rounding error would decide which dot is nearest.  So all
    places are moved a little first.
    """
    import numpy as np

    return np.floor(places + (0.5 + 1e-6)).astype(np.intp)
