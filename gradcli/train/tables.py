"""Tables of a user: comma, semicolon or tab separated text as `Data`, for training and for prediction.

A table is read strictly.  A cell that is missing, no number or out of line is an error that names file, row and column;
nothing is dropped or guessed.  The first row names the columns unless all its cells are numbers; then they are called
x1, x2, ... from the left.

The target decides what is learnt: text, or whole numbers of at most 20 different values, are classes; any other number
is predicted as a number.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gradcli.errors import UnavailableError, UsageError
from gradcli.source import did_you_mean
from gradcli.train.data import Data
from gradcli.train.settings import choice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["MOST_CLASSES", "Table", "read_table", "table_data"]

MOST_CLASSES = 20
TASKS = {"classes": "tell classes apart", "numbers": "predict a number"}

# Stricter than float(): no `1_000`, `nan` or `infinity`, which in a table are misprints or gaps.
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
WHOLE = re.compile(r"[+-]?\d+(\.0*)?\Z", re.ASCII)
# What spreadsheets, R, pandas and the UCI archive write for a value that is not there.
GAPS = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})


@dataclass(frozen=True)
class Table:
    """The cells of a table as text, every row as long as ``columns``.

    Args:
        name: what error messages call the table.
        columns: the names, all different.
        rows: the cells, stripped of surrounding blanks.
        lines: for each row the line of the file where it ends, counted from 1.
    """

    name: str
    columns: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def index(self, column: str) -> int:
        """Where a column stands, by its name or else by its number counted from 1; negative numbers count from the end.

        Raises:
            UsageError: there is no such column.

        >>> table = read_table(io.StringIO("a,b\\n1,2\\n"), "t.csv")
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
            f"`{self.name}` has no column `{column}`",
            kind="unknown_column",
            hint=f"did you mean `{near}`?" if near else f"its columns are {listed(self.columns)}",
        )

    def place(self, row: int, column: int) -> str:
        """A place in words: file, row, line and column."""
        return f"`{self.name}`, row {row + 1} (line {self.lines[row]}), column `{self.columns[column]}`"

    def numbers(self, columns: Sequence[int]) -> Floats:
        """The given columns as an array of shape (rows, columns).

        Raises:
            UnavailableError: a cell is empty, no number, or too large for one.
        """
        import numpy as np

        result = np.empty((len(self.rows), len(columns)))
        for i, row in enumerate(self.rows):
            for j, column in enumerate(columns):
                result[i, j] = self.number(row[column], i, column)
        return result

    def number(self, cell: str, row: int, column: int) -> float:
        """The value of one cell."""
        value = float(cell) if NUMBER.match(cell) else float("nan")
        if abs(value) < float("inf"):
            return value
        if cell.lower() in GAPS:
            raise UnavailableError(
                f"{self.place(row, column)}: the value is missing",
                kind="bad_table",
                hint="fill the gap or remove the row",
            )
        raise UnavailableError(
            f"{self.place(row, column)}: `{shortened(cell)}` is not a finite number",
            kind="bad_table",
            hint="inputs are numbers; turn a text column into one column of 0 and 1 per value",
        )


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names in backticks, the first few of them."""
    text = ", ".join(f"`{shortened(name)}`" for name in names[:most])
    return text if len(names) <= most else f"{text} and {len(names) - most} more"


def shortened(text: str, most: int = 40) -> str:
    """A cell that is short enough for a sentence."""
    return text if len(text) <= most else text[: most - 3] + "..."


def read_table(source: str | TextIO, name: str | None = None) -> Table:
    """A table from a file or from an open text stream.

    Args:
        source: a path or a stream.  A path that ends in ``.tsv`` or ``.tab`` is tab separated; elsewhere the
            first line tells tabs, semicolons and commas apart.
        name: what error messages call a stream.

    Raises:
        UnavailableError: the file is missing, unreadable, no text, empty or ragged.

    >>> read_table(io.StringIO("a;b\\n1;2\\n"), "t.csv").rows
    [['1', '2']]
    """
    delimiter = None
    if not isinstance(source, str):
        name = name or "table"
        text = decoded(source.read, name)
    else:
        path = Path(source)
        name = path.name
        delimiter = "\t" if path.suffix.lower() in {".tsv", ".tab"} else None

        def read() -> str:
            return path.read_text(encoding="utf-8-sig")

        text = decoded(read, source)
    text = text.removeprefix("\ufeff")
    first = text.lstrip("\r\n").partition("\n")[0]
    if delimiter is None:
        delimiter = max(",;\t", key=lambda mark: (first.count(mark), mark == ","))
    rows, lines = cells(text, delimiter, name)
    if not rows:
        raise UnavailableError(f"`{name}` is empty", kind="bad_table")
    if all(NUMBER.match(cell) for cell in rows[0]):
        columns = tuple(f"x{number}" for number in range(1, len(rows[0]) + 1))
    else:
        columns = tuple(rows.pop(0))
        lines.pop(0)
    check_columns(columns, name)
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(columns):
            raise UnavailableError(
                f"`{name}`, line {line}: {counted(len(row), 'cell')}, but the table has "
                f"{counted(len(columns), 'column')}",
                kind="bad_table",
            )
    if not rows:
        raise UnavailableError(f"`{name}` has a header but no rows", kind="bad_table")
    return Table(name, columns, rows, lines)


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it must be."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def decoded(read: object, name: str) -> str:
    """The text that a reader gives; whatever keeps it from doing so becomes one sentence."""
    assert callable(read)
    try:
        text = read()
    except UnicodeDecodeError:
        raise UnavailableError(
            f"`{name}` is not UTF-8 text", kind="bad_table", hint="save the table as CSV with UTF-8 encoding"
        ) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnavailableError(f"can't read `{name}`: {reason}", kind="missing_file") from None
    except ValueError:  # a path that holds a null character
        raise UnavailableError(f"can't read `{name}`: not a valid file name", kind="missing_file") from None
    assert isinstance(text, str)
    return text


def cells(text: str, delimiter: str, name: str) -> tuple[list[list[str]], list[int]]:
    """Rows of stripped cells and the lines where they end; blank lines are skipped."""
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if row and (len(row) > 1 or row[0].strip()):
                rows.append([cell.strip() for cell in row])
                lines.append(reader.line_num)
    except csv.Error as error:
        raise UnavailableError(f"`{name}`, line {reader.line_num}: {error}", kind="bad_table") from None
    return rows, lines


def check_columns(columns: Sequence[str], name: str) -> None:
    """Refuse names that can't tell columns apart."""
    seen: set[str] = set()
    for number, column in enumerate(columns, 1):
        if not column:
            raise UnavailableError(f"`{name}`: column {number} has no name", kind="bad_table")
        if column in seen:
            raise UnavailableError(f"`{name}`: two columns are called `{shortened(column)}`", kind="bad_table")
        seen.add(column)


def table_data(table: Table, target: str | None, task: str | None = None) -> Data:
    """A table as rows to learn from.

    Args:
        target: name or number of the column to predict; every other column is an input.
        task: ``"classes"`` or ``"numbers"`` to settle what the target is; None decides by its values.

    Raises:
        UsageError: no target, an unknown one, or one that can't be learnt.
        UnavailableError: a cell that can't be read.

    >>> table = read_table(io.StringIO("size,colour\\n1,red\\n2,blue\\n"), "t.csv")
    >>> data = table_data(table, "colour")
    >>> data.labels, data.targets.tolist()
    (('blue', 'red'), [1.0, 0.0])
    """
    import numpy as np

    if target is None:
        raise UsageError(
            f"which column of `{table.name}` is to be predicted?",
            kind="missing_target",
            hint=f"add --target NAME; its columns are {listed(table.columns)}",
        )
    if task is not None:
        choice(task, TASKS, "task")
    position = table.index(target)
    others = [column for column in range(len(table.columns)) if column != position]
    if not others:
        raise UsageError(f"`{table.name}` has no column besides the target", kind="bad_value")
    texts = [row[position] for row in table.rows]
    for row, text in enumerate(texts):
        if text.lower() in GAPS:
            raise UnavailableError(
                f"{table.place(row, position)}: the value is missing",
                kind="bad_table",
                hint="fill the gap or remove the row",
            )
    labels = labels_of(texts, table, position, task)
    if labels is None:
        targets = table.numbers([position])[:, 0]
    else:
        index = {label: number for number, label in enumerate(labels)}
        targets = np.array([float(index[text]) for text in texts])
    return Data(
        table.name,
        tuple(table.columns[column] for column in others),
        table.numbers(others),
        table.columns[position],
        targets,
        labels,
    )


def labels_of(texts: Sequence[str], table: Table, position: int, task: str | None) -> tuple[str, ...] | None:
    """The classes of a target in order (numbers by size, text by alphabet), or None for a target that is a number."""
    values = set(texts)
    numeric = all(NUMBER.match(text) for text in values)
    whole = all(WHOLE.match(text) for text in values)
    classes = not numeric or (whole and len(values) <= MOST_CLASSES) if task is None else task == "classes"
    if not classes:
        return None
    column = table.columns[position]
    if len(values) > MOST_CLASSES:
        raise UsageError(
            f"the target `{column}` has {len(values)} different values, but a net tells at most {MOST_CLASSES} classes",
            kind="bad_target",
        )
    if len(values) < 2:
        raise UsageError(
            f"the target `{column}` has the same value in every row, so there is nothing to learn", kind="bad_target"
        )
    return tuple(sorted(values, key=lambda text: (float(text), text) if numeric else (0.0, text)))
