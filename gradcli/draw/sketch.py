"""The sketch of a net in characters: neurons are circles, and weights are lines of braille dots between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradcli.draw.canvas import BRAILLE, dotted
from gradcli.draw.net import DrawnLayer, drawn_weights

__all__ = ["sketch"]

_WIDEST_GAP = 16


def sketch(columns: Sequence[DrawnLayer], width: int) -> list[str]:
    """Return lines of text that show the layers side by side.

    Args:
        columns: the layers.
        width: the number of columns of the screen.

    >>> from gradcli.draw.net import layers
    >>> for line in sketch(layers([1, 1]), 20):
    ...     print(line)
    x1 ○⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒○ y
    """
    left = max(len(unit or "") for unit in columns[0].units) + 1
    right = max(len(unit or "") for unit in columns[-1].units) + 1
    gap = max(2, min(_WIDEST_GAP, (width - left - right - len(columns)) // (len(columns) - 1)))
    height = 2 * max(len(layer.units) for layer in columns) - 1
    total = left + len(columns) + gap * (len(columns) - 1) + right
    letters: dict[tuple[int, int], str] = {}
    places = []
    for i, layer in enumerate(columns):
        x = left + i * (gap + 1)
        top = (height - (2 * len(layer.units) - 1)) // 2
        places.append([(x, top + 2 * k) for k in range(len(layer.units))])
        for (_, y), unit in zip(places[-1], layer.units, strict=True):
            letters[x, y] = "⋮" if unit is None else "○"
            if unit is not None and i in (0, len(columns) - 1):
                start = left - 1 - len(unit) if i == 0 else x + 2
                letters.update({(start + k, y): character for k, character in enumerate(unit)})
    dots = [dot for i, j, k in drawn_weights(columns) for dot in _line(places[i][j], places[i + 1][k])]
    return [
        "".join(letters.get((x, y), " " if cell == chr(BRAILLE) else cell) for x, cell in enumerate(row)).rstrip()
        for y, row in enumerate(dotted(dots, total, height))
    ]


def _line(begin: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the dots of the straight line between two circles, from edge to edge."""
    x0, y0 = 2 * begin[0] + 2, 4 * begin[1] + 1
    x1, y1 = 2 * end[0] - 1, 4 * end[1] + 1
    steps = max(abs(x1 - x0), abs(y1 - y0), 1)
    for step in range(steps + 1):
        x = x0 + (2 * (x1 - x0) * step + steps) // (2 * steps)
        y = y0 + (2 * (y1 - y0) * step + steps) // (2 * steps)
        yield x, y
