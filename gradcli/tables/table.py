"""A table of a user by its columns, before anything is known of what is to be learnt from it.

A cell that is missing, no number or out of line is an error that names file, row and column.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcli.errors import UnavailableError, UsageError
from gradcli.source import did_you_mean, listed, shortened
from gradcli.tables.columns import Cells, Words, is_gap, joined

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Table", "join"]


@dataclass(frozen=True)
class Table:
    """The cells of a table by columns.

    Args:
        name: what error messages call the table.
        columns: the names, all different.
        cells: one entry for each column, all of the same length.
        lines: for each row the line of the file where it ends, counted from 1; None if the file has no lines.
        first: how many rows of the file stand before these.
        target: the column to predict, if the source says so.
        image: (channels, height, width) if all columns but the target are the pixels of an image, in C order.
        test: rows that the source sets aside for the test, with the same columns.
    """

    name: str
    columns: tuple[str, ...]
    cells: tuple[Cells, ...]
    lines: NDArray[np.int64] | None = None
    first: int = 0
    target: str | None = None
    image: tuple[int, int, int] | None = None
    test: Table | None = None

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else 0

    def index(self, column: str) -> int:
        """Where a column stands, by its name or else by its number counted from 1; negative numbers count from the end.

        Raises:
            UsageError: there is no such column.

        >>> table = Table("t.csv", ("a", "b"), ())
        >>> table.index("b"), table.index("1"), table.index("-1")
        (1, 0, 1)
        """
        if column in self.columns:
            return self.columns.index(column)
        if re.fullmatch(r"-?[0-9]{1,9}", column):
            number = int(column)
            position = number - 1 if number > 0 else number + len(self.columns)
            if number and 0 <= position < len(self.columns):
                return position
        near = did_you_mean(column, self.columns)
        raise UsageError(
            f"`{self.name}` has no column `{shortened(column)}`",
            kind="unknown_column",
            hint=f"did you mean `{near}`?" if near else f"its columns are {listed(self.columns)}",
        )

    def place(self, row: int, column: int) -> str:
        """A place in words: file, row, line and column."""
        line = "" if self.lines is None else f" (line {self.lines[row]})"
        return f"`{self.name}`, row {self.first + row + 1}{line}, column `{shortened(self.columns[column])}`"

    def not_a_number(self, row: int, column: int, otherwise: str | None = None) -> UnavailableError:
        """The error for a cell that should be a number; ``otherwise`` is the option for a column that is none."""
        text = self.cells[column].text(row)
        if is_gap(text):
            return self.missing(row, column)
        otherwise = otherwise or f"--one-hot {shlex.quote(self.columns[column])}"
        return UnavailableError(
            f"{self.place(row, column)}: `{shortened(text)}` is not a finite number",
            kind="bad_table",
            hint=f"a number is written like 1234.5; if these are categories, say {otherwise}",
        )

    def missing(self, row: int, column: int) -> UnavailableError:
        """The error for a cell that is empty."""
        return UnavailableError(
            f"{self.place(row, column)}: the value is missing",
            kind="bad_table",
            hint="fill the gap or remove the row, or train with --missing mean",
        )


def join(tables: Sequence[Table]) -> Table:
    """Tables one below the other; a column that one of them lacks has gaps there."""
    import numpy as np

    if len(tables) == 1:
        return tables[0]
    columns = tuple(dict.fromkeys(column for table in tables for column in table.columns))
    parts: list[list[Cells]] = [[] for _ in columns]
    for table in tables:
        found = dict(zip(table.columns, table.cells, strict=True))
        for part, column in zip(parts, columns, strict=True):
            cells = found.get(column)
            part.append(Words(np.zeros(len(table), dtype=np.int32), ("",)) if cells is None else cells)
    lines = [table.lines for table in tables if table.lines is not None]
    return Table(
        tables[0].name,
        columns,
        tuple(map(joined, parts)),
        np.concatenate(lines) if len(lines) == len(tables) else None,
        tables[0].first,
    )
