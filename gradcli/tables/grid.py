"""A grid as a table: all combinations of the values of its axes, computed block by block."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gradcli import limits
from gradcli.records import NamedTuple
from gradcli.tables.cells import Numbers
from gradcli.tables.reader import ROWS, Reader
from gradcli.tables.table import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Axis", "Grid"]


class Axis(NamedTuple):
    """An axis of a grid: a column of evenly spaced values.

    Args:
        name: the name of the column.
        start: the first value.
        stop: the last value.
        points: the number of values; if it is 1, the value is ``start``.
    """

    name: str
    start: float
    stop: float
    points: int

    def values(self, index: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the values at some places, with the same bits as in ``numpy.linspace(start, stop, points)``.

        >>> import numpy
        >>> Axis("x", -3.0, 3.0, 4).values(numpy.array([0, 1, 3])).tolist()
        [-3.0, -1.0, 3.0]
        """
        import numpy as np

        steps = max(1, self.points - 1)
        # The width of the whole range of doubles overflows; half of it does not.
        scale = 1.0 if abs(self.stop - self.start) < math.inf else 0.5
        start, width = scale * self.start, scale * self.stop - scale * self.start
        step = width / steps
        values: NDArray[np.float64] = index * np.float64(step) if step != 0 else index / steps * width
        values += start
        values /= scale
        if self.points > 1:
            np.copyto(values, self.stop, where=index == steps)
        return values


class Grid(Reader):
    """The rows of a grid; the last axis changes fastest.

    Args:
        axes: one or more axes with different names.

    Raises:
        LimitError: the grid has too many rows.

    >>> (block,) = Grid([Axis("x", 0.0, 1.0, 2), Axis("y", 5.0, 7.0, 3)]).blocks()
    >>> [cells.numbers.tolist() for cells in block.cells]
    [[0.0, 0.0, 0.0, 1.0, 1.0, 1.0], [5.0, 6.0, 7.0, 5.0, 6.0, 7.0]]
    """

    def __init__(self, axes: Sequence[Axis]) -> None:
        self.axes = {axis.name: axis for axis in axes}
        self.name = "the grid"
        self.notes: list[str] = []
        self.names = tuple(self.axes)
        self.rows: int | None = math.prod(axis.points for axis in axes)
        if self.rows > limits.GRID_ROWS:
            raise limits.refusal("GRID_ROWS", f"a grid has at most {limits.GRID_ROWS:,} rows, not {self.rows:,}")

    def stop(self) -> None:
        """Do nothing, because no thread waits for the rows of a grid."""

    def blocks(self, columns: Sequence[str] | None = None, *, patient: bool = False) -> Iterator[Table]:  # noqa: ARG002
        """See `Reader`; a block has `ROWS` rows."""
        import numpy as np

        names = self.chosen(columns)
        assert self.rows is not None
        for first in range(0, self.rows, ROWS):
            row = np.arange(first, min(first + ROWS, self.rows))
            cells = {}
            for name, axis in reversed(self.axes.items()):
                # The remainder, without the slow operator %, is the place on this axis, the quotient on those before.
                quotient = row // axis.points
                if name in names:
                    cells[name] = Numbers(axis.values(row - quotient * axis.points))
                row = quotient
            yield Table(self.name, names, tuple(cells[name] for name in names), None, first)
