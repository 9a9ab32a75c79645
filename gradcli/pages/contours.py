"""The lines of equal height of a function on a grid, by marching squares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gradcli.array_types import Floats

__all__ = ["contours"]

#: The corners of a cell that are above the level, as bits from the lower left one counterclockwise -> the pairs of
#: sides that lines connect; sides are 0 below, 1 right, 2 above, 3 left.
_SIDES: Final[dict[int, tuple[tuple[int, int], ...]]] = {
    1: ((3, 0),), 2: ((0, 1),), 3: ((3, 1),), 4: ((1, 2),), 6: ((0, 2),), 7: ((3, 2),), 8: ((2, 3),), 9: ((0, 2),),
    11: ((1, 2),), 12: ((3, 1),), 13: ((0, 1),), 14: ((3, 0),), 5: ((3, 0), (1, 2)), 10: ((0, 1), (2, 3)),
}  # fmt: skip

#: A side of a cell: whether it is upright, its row and its column.
_Side = tuple[bool, int, int]


def contours(x: Floats, y: Floats, values: Floats, level: float) -> Iterator[tuple[list[float], list[float]]]:
    """Yield the lines on which a function has a height, as coordinates.

    Args:
        x, y: the coordinates of the columns and rows of the grid.
        values: the heights, one row for each y; next to a height that is not finite there is no line.
        level: the height of the lines.

    >>> import numpy as np
    >>> places = np.array([0.0, 1.0, 2.0])
    >>> [line] = contours(places, places, np.array([[0.0, 1.0, 2.0]] * 3), 0.5)
    >>> line
    ([0.5, 0.5, 0.5], [0.0, 1.0, 2.0])
    """
    import numpy as np

    above = values > level
    finite = np.isfinite(values)
    start, end = slice(None, -1), slice(1, None)
    corners = ((start, start), (start, end), (end, end), (end, start))
    case = sum((above[corner].astype(int) << bit for bit, corner in enumerate(corners)), np.zeros((), int))
    whole = np.logical_and.reduce([finite[corner] for corner in corners])
    links: dict[_Side, list[_Side]] = {}
    for row, column in np.argwhere(whole & (case > 0) & (case < 15)).tolist():
        kind = int(case[row, column])
        if kind in (5, 10) and (values[row : row + 2, column : column + 2].mean() > level) == (kind == 5):
            kind = 15 - kind  # the middle of the cell belongs to the corners above the level
        sides = (False, row, column), (True, row, column + 1), (False, row + 1, column), (True, row, column)
        for first, second in _SIDES[kind]:
            links.setdefault(sides[first], []).append(sides[second])
            links.setdefault(sides[second], []).append(sides[first])
    for line in _chains(links):
        places = [_place(side, x, y, values, level) for side in line]
        yield [one for one, _ in places], [one for _, one in places]


def _chains(links: dict[_Side, list[_Side]]) -> Iterator[list[_Side]]:
    """Yield chains of linked sides: first those with two ends, then rings."""
    ends = [side for side, others in links.items() if len(others) == 1]
    for start in [*ends, *links]:
        if not links[start]:
            continue
        chain = [start]
        while links[chain[-1]]:
            following = links[chain[-1]].pop()
            links[following].remove(chain[-1])
            chain.append(following)
        yield chain


def _place(side: _Side, x: Floats, y: Floats, values: Floats, level: float) -> tuple[float, float]:
    """Return the point of a side at which the height is the level, if it changes evenly."""
    is_upright, row, column = side
    first = float(values[row, column])
    second = float(values[row + is_upright, column + (not is_upright)])
    share = (level - first) / (second - first)
    if is_upright:
        return float(x[column]), float(y[row] + share * (y[row + 1] - y[row]))
    return float(x[column] + share * (x[column + 1] - x[column])), float(y[row])
