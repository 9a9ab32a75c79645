"""Tables written as text: comma- or tab-separated values, and JSON lines.

Large blocks are written by pyarrow if it is installed, and small ones by Python; the text is the same.  A number has as
many digits as are needed to read the same number again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import IO, Any

from gradcli.tables.arrow_values import (
    as_json,
    holds_any,
    infinities,
    joined_texts,
    literals_of,
    scalar_of,
    strings_of,
    texts_of,
)
from gradcli.tables.cells import (
    ArrowCells,
    Cells,
    JsonCells,
    Numbers,
    SpeltNumbers,
    Texts,
    find_pyarrow,
    infinities_in,
    literal_of,
)
from gradcli.tables.reader import Writer, not_held
from gradcli.tables.table import Table

__all__ = ["CsvWriter", "JsonWriter", "spelt", "spelt_number"]

# To write a block with fewer cells takes less time than to load pyarrow.
LARGE = 50_000


class TextWriter(Writer):
    """The base of the writers of text: a row consists of its cells and of the texts before, between and after them.

    Args:
        sink: the file to write to.
    """

    def __init__(self, sink: IO[bytes]) -> None:
        super().__init__(sink)
        self.columns: tuple[str, ...] = ()
        self.has_begun = False

    def write(self, table: Table) -> None:
        """Write a block of rows; if a row can't be written, write nothing, not even the names of the columns."""
        self.columns = table.columns
        if not len(table):
            return
        between = self.between()
        columns = list(zip(table.cells, table.columns, strict=True))
        if table.carried is not None:
            # The new keys come behind those that are carried.
            between = ["", f", {between[0][1:]}", *between[1:]]
        if is_large(table):
            first, *inner, last = between
            pieces = [self.array(*column) for column in columns]
            if table.carried is not None:
                is_arrow = isinstance(table.carried, ArrowCells)
                pieces = [table.carried.arrow() if is_arrow else strings_of(self.carried(table.carried)), *pieces]
            if len(set(inner)) > 1:
                pieces = [pieces[0], *[one for pair in zip(inner, pieces[1:], strict=True) for one in pair]]
                inner = [""]
            rows = joined_texts(*pieces, inner[0] if inner else "")  # faster with one delimiter
            # The last buffer of an array holds its texts, one directly after the other.
            content = joined_texts(first, rows, f"{last}\n", "").buffers()[2]
        else:
            template = "%s".join(text.replace("%", "%%") for text in between) + "\n"
            pieces = [self.texts(*column) for column in columns]
            if table.carried is not None:
                pieces = [self.carried(table.carried), *pieces]
            rows = zip(*pieces, strict=True)
            content = "".join(map(template.__mod__, rows)).encode()
        self.begin()
        self.sink.write(content)

    def between(self) -> list[str]:
        """Return the texts before the first cell of a row, between the cells, and after the last cell."""
        raise NotImplementedError

    def texts(self, cells: Cells, column: str) -> Sequence[str]:
        """Return the cells of a column as they are written."""
        raise NotImplementedError

    def array(self, cells: Cells, column: str) -> Any:
        """Return the cells of a column as they are written, as an array of Arrow."""
        raise NotImplementedError

    def carried(self, rows: Cells) -> Sequence[str]:
        """Return the rows that a table carries as they are written, without their end."""
        raise NotImplementedError

    def begin(self) -> None:
        """Write the text before the first row, if it isn't written yet."""

    def close(self) -> None:
        """End the file; a table without rows has the names of its columns."""
        self.begin()


class CsvWriter(TextWriter):
    """The writer of text in columns; a cell is in quotation marks if it needs them.

    Args:
        sink: the file to write to.
        delimiter: the character between cells.
    """

    def __init__(self, sink: IO[bytes], delimiter: str = ",") -> None:
        super().__init__(sink)
        self.delimiter = delimiter

    @property
    def special(self) -> str:
        """The pattern of cells that need quotation marks, such as an empty cell that is alone in its row."""
        return f'[{self.delimiter}"\r\n]' + ("|^$" if len(self.columns) == 1 else "")

    def begin(self) -> None:
        """Write the names of the columns, if they aren't written yet."""
        if not self.has_begun:
            names = [quoted(name) if re.search(self.special, name) else name for name in self.columns]
            self.sink.write(f"{self.delimiter.join(names)}\n".encode())
            self.has_begun = True

    def between(self) -> list[str]:
        """Return the delimiters."""
        return ["", *[self.delimiter] * (len(self.columns) - 1), ""]

    def texts(self, cells: Cells, column: str) -> Sequence[str]:  # noqa: ARG002
        """Return the cells of a column as text; a gap is empty."""
        texts = spelt(cells)
        if isinstance(cells, Numbers):
            return texts
        needs = re.compile(self.special)
        return [quoted(text) if needs.search(text) else text for text in texts]

    def array(self, cells: Cells, column: str) -> Any:
        """Return the cells of a column as text; a gap is empty."""
        from pyarrow import compute

        array = texts_of(cells.arrow())
        if array is None:
            raise not_held(column, cells.arrow().type, "text")
        array = array.fill_null(scalar_of(""))
        # To search all bytes takes far less time than to match a pattern in each cell.
        if isinstance(cells, Numbers) or (len(self.columns) > 1 and not holds_any(array, f'{self.delimiter}"\r\n')):
            return array
        needs = compute.match_substring_regex(array, self.special)
        if not compute.any(needs).as_py():
            return array
        marked = joined_texts('"', compute.replace_substring(array, '"', '""'), '"', "")
        return compute.if_else(needs, marked, array)


class JsonWriter(TextWriter):
    """The writer of JSON lines; nan and infinity, which JSON lacks, become null, as gaps do."""

    def between(self) -> list[str]:
        """Return the keys with their punctuation."""
        keys = [f"{as_json(name)}: " for name in self.columns]
        return [f"{', ' if place else '{'}{key}" for place, key in enumerate(keys)] + ["}"]

    def texts(self, cells: Cells, column: str) -> Sequence[str]:
        """Return the cells of a column as JSON."""
        if isinstance(cells, JsonCells):
            self.infinite[column] += cells.infinite
            return cells.literals()
        if isinstance(cells, Numbers):
            texts = spelt(cells)
            self.infinite[column] += sum(text in {"inf", "-inf"} for text in texts)
            return ["null" if text in {"", "nan", "inf", "-inf"} else text for text in texts]
        return list(map(encode_basestring, spelt(cells)))

    def array(self, cells: Cells, column: str) -> Any:
        """Return the cells of a column as JSON."""
        if isinstance(cells, SpeltNumbers):
            return cells.array.fill_null(scalar_of("null"))
        if not isinstance(cells, (ArrowCells, Numbers)):
            return strings_of(self.texts(cells, column))
        literals = literals_of(cells.arrow())
        if literals is None:
            raise not_held(column, cells.arrow().type, "JSON")
        if isinstance(cells, (ArrowCells, Numbers)) and (count := infinities(cells.arrow())):
            self.infinite[column] += count
        return literals

    def carried(self, rows: Cells) -> Sequence[str]:
        """See `TextWriter`; a row is written anew if it has a number that JSON lacks."""
        return [row if isinstance(row, str) else self.renewed(row)[:-1] for row in spelt(rows)]

    def renewed(self, row: Mapping[str, Any]) -> str:
        """Return an object as JSON, and count its infinite numbers."""
        for column, value in row.items():
            self.infinite[column] += infinities_in(value)
        return literal_of(row)


def is_large(table: Table) -> bool:
    """Whether pyarrow should write a block: pyarrow has read it, or it has many cells and pyarrow is installed."""
    is_arrow = any(isinstance(cells, ArrowCells) for cells in (*table.cells, table.carried))
    return is_arrow or (len(table) * len(table.columns) >= LARGE and find_pyarrow() is not None)


def quoted(text: str) -> str:
    """Return a cell in quotation marks."""
    return '"' + text.replace('"', '""') + '"'


def spelt(cells: Cells, column: str = "") -> Sequence[str]:
    """Return the cells of a column as texts; a gap is empty.

    Raises:
        UnavailableError: values of this type have no text; the message has the name of the column.
    """
    if isinstance(cells, Texts):
        return cells.texts
    if isinstance(cells, ArrowCells):
        texts = texts_of(cells.array)
        if texts is None:
            raise not_held(column, cells.array.type, "text")
        return texts.fill_null("").to_pylist()  # type: ignore[no-any-return]
    if isinstance(cells, Numbers) and not cells.misprints:
        return list(map(spelt_number, cells.numbers.tolist()))
    return [cells.text(row) for row in range(len(cells))]


def spelt_number(value: float) -> str:
    """Return a number as pyarrow spells it; a float has a point or an exponent; a whole number has neither.

    >>> [spelt_number(value) for value in (2.0, 3, 1e-5, 1.5e10, 1e22, 1e-7, float("nan"))]
    ['2.0', '3', '0.00001', '1.5e+10', '1e+22', '1e-7', 'nan']
    """
    text = repr(value)
    if isinstance(value, int) or 1e-4 <= abs(value) < 1e10 or not value:
        return text
    if 1e-6 <= abs(value) < 1e-4:
        return f"{Decimal(text):f}"
    if 1e10 <= abs(value) < 1e16:
        sign, digits, exponent = Decimal(text).normalize().as_tuple()
        first, *rest = map(str, digits)
        return f"{'-' * sign}{first}{'.' * bool(rest)}{''.join(rest)}e+{len(rest) + int(exponent)}"
    return text.replace("e-0", "e-")
