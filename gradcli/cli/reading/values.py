"""The value of a variable: a number, an array, or a file that holds one.

A text is an expression without variables (``pi/2``, ``[[1, 2], [3, 4]]``); ``@x.npy`` is an array of NumPy.
``@x.csv``, or a table of any other format, is a matrix of numbers; with one row or one column it is a vector.  A table
of text has no headings here: a cell that is not a number is an error that names file, line and column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.cli.command import Session
from gradcli.errors import UnavailableError, UsageError, unreadable
from gradcli.source import Source, Span

if TYPE_CHECKING:
    from gradcli.evaluate.expression import Expression
    from gradcli.tables.table import Table

__all__ = ["first_span", "read_file", "scalar_of", "value_of"]


def value_of(session: Session, text: str, subject: str) -> Any:
    """Return the value of a text, a float or a NumPy array, and print its notes.

    Args:
        session: the running command.
        text: an expression without variables, or ``@FILE``, as it was typed.
        subject: the words for the value in messages, such as "the value of `x1`".

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
    # A note without a place is about an `inf` that the user typed, who needs no note.
    notes = [note for note in (*expression.notes, *result.notes) if note.span is not None]
    session.output.notes(notes, expression.source)
    return result.value


def scalar_of(session: Session, text: str, subject: str, hint: str | None = None) -> float:
    """Return the value of a text that has to be one number; ``hint`` is the hint of the error for an array.

    Raises:
        UsageError: the text is an array, or has a variable.
    """
    value = value_of(session, text, subject)
    if not isinstance(value, float):
        raise UsageError(f"{subject} has to be a number, not an array", kind="array_value", hint=hint)
    return value


def first_span(expression: Expression, variable: str) -> Span | None:
    """Return the place where a variable first occurs in the text."""
    places = [span for spans in expression.spans.values() for span in spans]
    return min((span for span in places if expression.source.text[slice(*span)] == variable), default=None)


def array_of_file(path: str, subject: str) -> Any:
    """Read the array of numbers in a file; a single number is a float.

    Raises:
        UsageError: the name of the file has no suffix of a known format.
        UnavailableError: the file is missing, or holds no array of numbers.
    """
    from gradcli.tables.array_tables import npy_array
    from gradcli.tables.formats import format_of_file
    from gradcli.tables.table_bytes import bytes_of

    form = format_of_file(path)
    if form is None:
        raise UsageError(
            f"{subject} is the file `{path}`, which does not hold an array",
            kind="file_value",
            hint="write @FILE.npy, or @FILE.csv with numbers in it",
        )
    if form != "npy":
        return array_of_table(path, form)
    with bytes_of(path) as source:
        array = npy_array(source)
    if array.dtype.kind not in "fiub":
        raise UnavailableError(f"`{path}` holds no array of real numbers", kind="unreadable_file")
    return float(array) if array.shape == () else array.astype("float64")


def array_of_table(path: str, form: str) -> Any:
    """Return the numbers of a table as a matrix, or as a vector if it has one row or one column.

    Raises:
        UnavailableError: a cell is missing or is not a number.
    """
    import numpy as np

    from gradcli.tables.column_problems import ColumnProblems
    from gradcli.tables.formats import FORMATS, open_reader
    from gradcli.tables.reading import Reading

    parts = []
    with open_reader(path, reading=Reading(header=False if FORMATS[form].is_text else None)) as reader:
        for block in reader.blocks():
            problems, columns = ColumnProblems(), []
            for column in range(len(block.cells)):
                with problems.noted():
                    columns.append(numbers_of(block, column, is_text=FORMATS[form].is_text))
            problems.tell()
            parts.append(np.column_stack(columns))
    array = np.concatenate(parts)
    return array.reshape(-1) if 1 in array.shape else array


def numbers_of(block: Table, column: int, *, is_text: bool) -> Any:
    """Return a column of a table as doubles; a truth value is 1 or 0.

    Raises:
        UnavailableError: a cell is missing or is not a number.
    """
    import numpy as np

    from gradcli.tables.cells import TRUTH, Numbers, is_gap
    from gradcli.tables.table import LIKE

    cells = block.checked(column)
    values = cells.numbers.astype(np.float64)
    for row in np.flatnonzero(np.isnan(values)).tolist():
        text = cells.text(row)
        if text.lower() in TRUTH:
            values[row] = TRUTH[text.lower()]
        elif not is_gap(text):
            is_heading = is_text and block.first == row == 0 and text[:1].isalpha()
            raise block.not_a_number(row, column, "a table of numbers has no headings" if is_heading else LIKE)
        elif text.lower() != "nan" and not isinstance(cells, Numbers):
            raise block.missing(row, column)
    return values


def read_file(path: str) -> str:
    """Return the text of a file.

    Raises:
        UnavailableError: the file is missing, or is not text in UTF-8.
    """
    try:
        with open(path, encoding="utf-8-sig") as stream:  # noqa: PTH123 - pathlib would cost a tenth of the start-up
            return stream.read()
    except UnicodeDecodeError as error:
        raise UnavailableError(f"`{path}` is not text in UTF-8", kind="unreadable_file") from error
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
