"""A table, or a block of its rows, as columns with names; and errors that name a place in a table.

This file does not depend on training or expressions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, UnavailableError, UsageError
from gradcli.records import NamedTuple
from gradcli.source import did_you_mean, listed, shortened
from gradcli.tables.cells import (
    TRUTH,
    ArrowCells,
    Cells,
    Growing,
    JsonCells,
    Nested,
    Numbers,
    Stack,
    Texts,
    Words,
    number_of,
)
from gradcli.tables.column_problems import ColumnProblems
from gradcli.tables.reading import Notation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LIKE", "STANDARD_INPUT", "Held", "Table", "check_names", "damaged", "join"]

#: The name in messages of a table that comes through a pipe.
STANDARD_INPUT = "standard input"
LIKE = "a number is written like 1234.5"


def damaged(name: str, reason: str, hint: str | None = None) -> UnavailableError:
    """Return the error for a table with wrong content.

    >>> damaged("a.csv", " is empty").message, damaged(STANDARD_INPUT, " is empty").message
    ('`a.csv` is empty', 'standard input is empty')
    """
    subject = name if name == STANDARD_INPUT else f"`{name}`"
    return UnavailableError(f"{subject}{reason}", kind="bad_table", hint=hint)


def check_names(names: Sequence[str], name: str) -> tuple[str, ...]:
    """Return the names of columns if all are different; one name may be empty, as is usual for an index.

    Raises:
        UnavailableError: two names are equal.
    """
    seen: set[str] = set()
    for column in names:
        if column in seen:
            raise damaged(name, f": two columns {f'are called `{shortened(column)}`' if column else 'have no name'}")
        seen.add(column)
    return tuple(names)


class Held(NamedTuple):
    """Columns of a table side by side in one array, so that they are a matrix without a copy.

    Attributes:
        numbers: shape (rows, columns); the cells of the table that are numbers are in this memory, the place of another
            column has no meaning.
        columns: the position in the table of each column.
    """

    numbers: NDArray[Any]
    columns: tuple[int, ...]

    def of(self, columns: Sequence[int]) -> NDArray[Any] | None:
        """Return the columns at these positions in the table as a matrix; None if they don't follow each other."""
        first = self.columns.index(columns[0]) if columns and columns[0] in self.columns else 0
        stop = first + len(columns)
        return self.numbers[:, first:stop] if self.columns[first:stop] == tuple(columns) else None


@dataclass(frozen=True)
class Table:
    """The cells of a table by columns.

    Args:
        name: the name of the table in messages.
        columns: the names of the columns, all different.
        cells: one entry for each column, all of the same length.
        ends: a function that returns, for each row, the number of the line where it ends, counted from 1; None if the
            file has no lines.
        first: the number of rows of the file before these rows.
        target: the column to predict, if the file names it.
        image: (channels, height, width) if all columns except the target are the pixels of an image, in C order.
        test: the rows that the file itself keeps for a test, with the same columns.
        notes: sentences about how the table was read, for cases in which another reading is possible.
        carried: for each row the object of JSON that is written again with the columns added; None if there are no such
            objects.  An object is its text without the closing brace, or, if it has a number that JSON lacks, its
            keys and values.
        held: the columns that lie side by side in one array; None if each column has memory of its own.
    """

    name: str
    columns: tuple[str, ...]
    cells: tuple[Cells, ...]
    ends: Callable[[], NDArray[np.int64]] | None = None
    first: int = 0
    target: str | None = None
    image: tuple[int, int, int] | None = None
    test: Table | None = None
    notes: tuple[str, ...] = ()
    carried: Texts | ArrowCells | None = None
    held: Held | None = None

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else 0

    @property
    def lines(self) -> NDArray[np.int64] | None:
        """For each row the number of the line where it ends; None if the file has no lines."""
        return None if self.ends is None else self.ends()

    def column(self, name: str) -> Cells:
        """Return the cells of the column with this name."""
        return self.cells[self.columns.index(name)]

    def index(self, column: str) -> int:
        """Return the place of a column by its name, or else by its number: 1 is the first column, -1 the last one.

        Raises:
            UsageError: the table has no such column.

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

    def wrong(self, row: int, column: int, reason: str, hint: str | None = None) -> UnavailableError:
        """Return the error for one cell; it names the file, the line (or row, if there are no lines) and the column."""
        lines = self.lines
        place = f"row {self.first + row + 1}" if lines is None else f"line {lines[row]}"
        return damaged(self.name, f", {place}, column `{shortened(self.columns[column])}`: {reason}", hint)

    def not_a_number(self, row: int, column: int, hint: str = LIKE) -> GradcliError:
        """Return the error for a cell that isn't a finite number."""
        text = self.cells[column].text(row)
        what = "a number" if number_of(text) != number_of(text) else "a finite number"
        if re.fullmatch(r"[+-]?[\d.,'’ ]*\d,\d[\d.,'’ ]*", text):
            hint = "; ".join([*[f"`decimal={mark}` reads it as {value}" for mark, value in readings(text)], hint])
        return self.wrong(row, column, f"`{shortened(text)}` is not {what}", hint).naming("decimal")

    def missing(self, row: int, column: int, otherwise: str = "") -> UnavailableError:
        """Return the error for a missing value that is not allowed; ``otherwise`` is the end of the hint."""
        return self.wrong(row, column, "the value is missing", f"fill the gap or remove the row{otherwise}")

    def doubles(self, name: str) -> NDArray[np.float64]:
        """Return a column as doubles: a gap becomes nan, and in a column of truth values true becomes 1.

        Raises:
            UnavailableError: a cell is not a number.
            UsageError: the column holds no numbers at all.
        """
        import numpy as np

        position = self.columns.index(name)
        cells = self.cells[position]
        if isinstance(cells, ArrowCells) and not cells.is_spelt and cells.content != "number":
            kind = cells.array.type
            raise no_numbers(name, f"text ({kind})" if cells.content == "text" else f"of the type {kind}")
        if isinstance(cells, JsonCells) and cells.types == {str}:
            raise no_numbers(name, "text (string)")
        values = self.checked(position).numbers.astype(np.float64, copy=False)
        if isinstance(cells, ArrowCells) and cells.doubles is not None:
            return values
        wrong = np.isnan(values)
        if not wrong.any() or not (wrong := wrong & ~cells.settled.gaps).any():
            return values
        words = cells.settled.words()
        truth = words.each(lambda word: TRUTH.get(word.lower(), number_of(word)), float)
        if not (np.isnan(truth) & wrong).any():
            return truth
        row = int(np.flatnonzero(np.isnan(truth) & wrong)[0])
        text = cells.text(row)
        is_word = cells.settled.gaps[:row].all() and not any(map(str.isdigit, text))
        if self.first == 0 and is_word and np.isnan(values).all():
            raise no_numbers(name, f"text, such as `{shortened(text)}`")
        raise self.not_a_number(row, position)

    def taken(self, rows: slice | NDArray[np.bool_]) -> Table:
        """Return a table of some rows.

        If the rows are a slice, messages still count rows from the beginning of the file.
        """
        first = self.first + (rows.indices(len(self))[0] if isinstance(rows, slice) else 0)
        ends = self.ends
        return replace(
            self,
            cells=tuple(cells.taken(rows) for cells in self.cells),
            ends=None if ends is None else lambda: ends()[rows],
            carried=None if self.carried is None else self.carried.taken(rows),
            first=first,
            held=None,
        )

    def settled(self) -> Table:
        """Return the same table with every column as `Numbers` or `Words`, and with the numbers of its lines.

        Raises:
            UnavailableError: see `checked`.
        """
        problems, cells = ColumnProblems(), list[Cells]()
        for position in range(len(self.cells)):
            with problems.noted():
                cells.append(self.checked(position).settled)
        problems.tell()
        lines = self.lines
        return replace(self, cells=tuple(cells), ends=None if lines is None else line_numbers(lines))

    def checked(self, position: int) -> Cells:
        """Return the cells of a column if all are numbers or texts.

        Raises:
            UnavailableError: a cell is a list, or of another type that is neither a number nor a text.
        """
        cells = self.cells[position]
        if isinstance(cells, JsonCells) and Nested in cells.types:
            row = next(row for row, value in enumerate(cells.values) if isinstance(value, Nested))
            raise self.wrong(row, position, "a list or an object, where one value is expected")
        if isinstance(cells, ArrowCells) and cells.content is None:
            column, kind = shortened(self.columns[position]), cells.array.type
            raise damaged(self.name, f", column `{column}`: values of type {kind}; a table takes numbers and texts")
        return cells


def readings(text: str) -> list[tuple[str, str]]:
    """Return the decimal marks with which a text can be read as a number, each with this number."""
    found = [(mark, Notation(mark).plain(text)) for mark in (".", ",")]
    return [(mark, value) for mark, value in found if number_of(value) == number_of(value)]


def no_numbers(column: str, what: str) -> UsageError:
    """Return the error for a column that holds no numbers."""
    return UsageError(
        f"the column `{shortened(column)}` is {what}, but the expression computes with it",
        kind="bad_column",
        hint="bind the variable to a column of numbers, or to a number: NAME=COLUMN or NAME=NUMBER",
    )


def join(
    tables: Iterable[Table],
    rows: int | None = None,
    together: Callable[[Table], Sequence[str]] = lambda table: table.columns,
) -> Table:
    """Join settled tables one below the other; if a table lacks a column, its cells are gaps.

    A table is let go of when the next one is taken, and columns of numbers lie side by side in one array from the
    beginning, so a large table isn't held twice, not even when it becomes a matrix.

    Args:
        tables: the tables.
        rows: how many rows are expected; None if this is unknown.
        together: a function that takes the first table and returns the columns to hold side by side, in order; by
            default all columns.

    Raises:
        ValueError: there is no table.
    """
    import numpy as np

    whole: Table | None = None
    wanted: Sequence[str] = ()
    stacks: dict[str, Stack] = {}
    beside: SideBySide | None = None
    ends: list[Callable[[], NDArray[np.int64]] | None] = []
    count = 0
    for table in tables:
        if whole is None:
            whole, wanted = replace(table, cells=()), together(table)
        elif beside is None:
            beside = SideBySide(wanted, stacks, rows)
        cells = {name: one.settled for name, one in zip(table.columns, table.cells, strict=True)}
        for column in table.columns:
            if column not in stacks:
                stacks[column] = Stack()
                stacks[column].add(no_cells(count))
        cells |= {name: no_cells(len(table)) for name in stacks if name not in cells}
        for column in stacks if beside is None else beside.extend(cells):
            stacks[column].add(cells[column])
        ends.append(table.ends)
        count += len(table)
    if whole is None:
        raise ValueError("there is no table to join")
    known = [one for one in ends if one is not None]
    lines = (lambda: np.concatenate([one() for one in known])) if len(known) == len(ends) else None
    held = whole.held if beside is None else beside.end(list(stacks))
    joined = tuple(stack.cells() for stack in stacks.values())
    return replace(whole, columns=tuple(stacks), cells=joined, ends=lines, held=held)


class SideBySide:
    """Columns of doubles that share memory while a table is joined, as long as every block has doubles for them.

    Args:
        wanted: the columns that are to have a place, in order. A column of words, such as numbers with few different
            values, has a place, too, which a matrix can use; a column of text has none.
        stacks: the columns of the table so far, of which the places are taken from now on.
        rows: how many rows are expected; None if this is unknown.
    """

    def __init__(self, wanted: Sequence[str], stacks: Mapping[str, Stack], rows: int | None) -> None:
        self.stacks = stacks
        self.growing: Growing | None = None
        self.columns = [name for name in wanted if not any(part.is_text for part in stacks[name].parts)]
        first = [stacks[name].doubles for name in self.columns]
        #: The columns whose cells are in the shared memory.
        self.inside = {name for name, numbers in zip(self.columns, first, strict=True) if numbers is not None}
        some = next((numbers for numbers in first if numbers is not None), None)
        if some is not None:
            self.growing = Growing([some if numbers is None else numbers for numbers in first], rows)
        for name in self.inside:
            stacks[name].parts.clear()

    def extend(self, cells: Mapping[str, Numbers | Words]) -> list[str]:
        """Append a block; return the columns that have no part in the shared memory."""
        for place, name in enumerate(self.columns):
            one = cells[name]
            if self.growing is not None and name in self.inside and not (isinstance(one, Numbers) and one.are_doubles):
                self.stacks[name].add(Numbers(self.growing.column(place)))
                self.inside.remove(name)
        if self.growing is not None and self.inside:
            self.growing.extend([cells[name].numbers if name in self.inside else None for name in self.columns])
        return [name for name in cells if name not in self.inside]

    def end(self, names: Sequence[str]) -> Held | None:
        """Give each column its cells, and return the shared memory; None if no column is left in it.

        Args:
            names: the columns of the table.
        """
        if self.growing is None or not self.inside:
            return None
        numbers = self.growing.whole()
        for place, name in enumerate(self.columns):
            if name in self.inside:
                self.stacks[name].parts.append(Numbers(numbers[:, place]))
        return Held(numbers, tuple(map(names.index, self.columns)))


def no_cells(count: int) -> Words:
    """Return cells that are gaps."""
    import numpy as np

    return Words(np.zeros(count, dtype=np.int32), ("",))


def line_numbers(lines: NDArray[np.int64]) -> Callable[[], NDArray[np.int64]]:
    """Return a function that returns the numbers of lines; of lines that follow each other it keeps only the first."""
    import numpy as np

    first, count = int(lines[0]) if len(lines) else 0, len(lines)
    return partial(np.arange, first, first + count) if (lines == np.arange(first, first + count)).all() else lines.copy
