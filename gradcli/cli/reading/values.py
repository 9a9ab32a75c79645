"""The value of a variable: a number, an array, or a file that holds one.

A text is an expression without variables (``pi/2``, ``[[1, 2], [3, 4]]``); ``@x.npy`` is an array of NumPy's, and
``@x.csv`` a table of numbers, which is a vector if it has one row or one column.  A table has no headings: a cell that
is no number is an error that names file, row and column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.cli.command import Session
from gradcli.errors import UnavailableError, UsageError, unreadable
from gradcli.source import Source, Span

if TYPE_CHECKING:
    from gradcli.evaluate.expression import Expression

__all__ = ["first_span", "read_file", "value_of"]

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": None}
_LONGEST_CELL = 30


def value_of(session: Session, text: str, subject: str) -> Any:
    """The value that a text stands for, a float or a NumPy array; its notes are printed.

    Args:
        session: the running command.
        text: an expression without variables, or ``@FILE``, as it was typed.
        subject: what it is, for sentences ("the value of `x1`").

    Raises:
        UsageError: the expression has a variable.
        UnavailableError: the file is missing, or holds no array of numbers.
    """
    if text.strip().startswith("@"):
        return array_of_file(text.strip()[1:], subject)
    from gradcli.evaluate.expression import parse

    expression = parse(text, name=subject)
    if expression.variables:
        variable = expression.variables[0]
        raise UsageError(
            f"{subject} has to be a number or an array, but it contains the variable `{variable}`",
            kind="value_not_constant",
            source=Source(text),
            span=first_span(expression, variable),
            hint="numbers, constants and functions of them are allowed, such as pi/2, sqrt(2) or [1, 2]",
        )
    result = expression.executor({}).evaluate(expression, {})
    # Whoever writes `inf` knows it; a note belongs to an operation that made it of something else.
    session.output.notes([note for note in result.notes if note.span is not None], expression.source)
    return result.value


def first_span(expression: Expression, variable: str) -> Span | None:
    """Where a variable first stands in the text."""
    spans: Any = expression.spans
    found = [
        span
        for places in spans.values()
        for span in places
        if span.end - span.start == len(variable) and expression.source.text[slice(*span)] == variable
    ]
    return min(found, default=None)


def array_of_file(path: str, subject: str) -> Any:
    """The array of numbers in a file; a single number as a float.

    Raises:
        UsageError: the name says nothing that can be read.
        UnavailableError: the file is missing, or holds no array of numbers.
    """
    name = path.lower()
    if name.endswith(".npy"):
        array = _array_of_npy(path)
    elif name.endswith(tuple(_SEPARATORS)):
        array = _array_of_table(path, _SEPARATORS[name[-4:]])
    else:
        raise UsageError(
            f"{subject} is the file `{path}`, which is no array",
            kind="file_value",
            hint="write @FILE.npy, or @FILE.csv with numbers in it",
        )
    return float(array) if array.shape == () else array


def _array_of_npy(path: str) -> Any:
    import numpy as np

    try:
        # Mapped and not read, so that a head that promises more than the file holds allocates nothing.
        array = np.lib.format.open_memmap(path, mode="r")
    except (OSError, ValueError, EOFError, SyntaxError, OverflowError, MemoryError) as error:
        if getattr(error, "strerror", None):
            raise unreadable(path, error) from error
        raise UnavailableError(
            f"`{path}` is no array in NumPy's format",
            kind="unreadable_file",
            hint="numpy.save(path, array) writes one; arrays of objects are not read",
        ) from error
    if array.dtype.kind not in "fiub":
        raise UnavailableError(f"`{path}` holds no array of real numbers", kind="unreadable_file")
    return np.array(array, dtype=np.float64)


def _array_of_table(path: str, separator: str | None) -> Any:
    import numpy as np

    rows: list[list[float]] = []
    for number, line in enumerate(read_file(path).split("\n"), 1):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split(separator)
        if rows and len(cells) != len(rows[0]):
            raise UnavailableError(
                f"`{path}`, row {number} has {_cells(len(cells))}, but the first one has {len(rows[0])}",
                kind="ragged_table",
                hint="every row of a matrix has as many numbers",
            )
        rows.append([_number(cell, path, number, column) for column, cell in enumerate(cells, 1)])
    if not rows:
        raise UnavailableError(f"`{path}` holds no numbers", kind="empty_table")
    array = np.array(rows)
    return array.reshape(-1) if 1 in array.shape else array


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _number(cell: str, path: str, row: int, column: int) -> float:
    text = cell.strip().strip('"')
    try:
        if "_" in text:  # Python's way to group digits, and nobody else's
            raise ValueError
        return float(text)
    except ValueError:
        pass
    shown = text if len(text) <= _LONGEST_CELL else f"{text[:_LONGEST_CELL]}..."
    what = f"`{shown}` is no number" if text else "the cell is empty"
    raise UnavailableError(
        f"`{path}`, row {row}, column {column}: {what}",
        kind="bad_cell",
        hint="a table of numbers has no headings" if row == 1 and text[:1].isalpha() else None,
    )


def read_file(path: str) -> str:
    """The text of a file.

    Raises:
        UnavailableError: it is missing, or no text in UTF-8.
    """
    try:
        with open(path, encoding="utf-8-sig") as stream:  # noqa: PTH123 - pathlib would cost a tenth of the start-up
            return stream.read()
    except UnicodeDecodeError as error:
        raise UnavailableError(f"`{path}` is not text in UTF-8", kind="unreadable_file") from error
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
