"""The reader of text in columns (comma- or tab-separated values), which finds out the delimiter.

Large blocks are parsed by pyarrow if it is installed.  Small blocks, and blocks that pyarrow refuses, are parsed by
Python's csv: so the messages are always the same, and pyarrow isn't loaded for a small table.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli import limits
from gradcli.source import counted
from gradcli.tables import table_bytes
from gradcli.tables.cells import NUMBER, ArrowCells, Cells, Texts, find_pyarrow
from gradcli.tables.reader import Reader
from gradcli.tables.table import Table, check_names, damaged
from gradcli.tables.table_bytes import Bytes, problems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LINE", "MARK", "DelimitedReader", "RowReader", "end_of_rows", "parsed_by_arrow"]

#: The byte order mark, with which some programs begin a text.
MARK = b"\xef\xbb\xbf"
# The delimiter if numbers have any number of blanks between them.
BLANKS = " "
# To parse a block with fewer bytes takes less time than to load pyarrow.
LARGE = 1 << 18

# The beginning up to the end of the first line that isn't blank.
LINE = re.compile(rb"[\r\n \t\xef\xbb\xbf]*[^\r\n \t\xef\xbb\xbf][^\r\n]*[\r\n]")
BLANK_LINES = re.compile(rb"(\xef\xbb\xbf)?([ \t]*(\r\n|\n|\r))*")

# The beginning of a file that is text, but not a table.
FOREIGN = re.compile(rb"<(!doctype|html|\?xml)", re.IGNORECASE)


class RowReader(Reader):
    """The base of the readers of text, whose blocks are whole rows; they know the number of each line."""

    #: The pattern of cells in quotation marks; None if every line is a row.
    quoted: re.Pattern[bytes] | None = None
    #: The number of lines before the rows.
    line = 0

    def blocks(self, columns: Sequence[str] | None = None, *, patient: bool = False) -> Iterator[Table]:
        """See `Reader`."""
        if patient:
            self.source.head(lambda head: len(head) >= table_bytes.BLOCK)
        first = 0
        with problems(self.name, path=self.source.path):
            for block, line in row_blocks(self.source, self.quoted, self.line):
                table = self.parsed(block, line, columns, first)
                yield table
                first += len(table)
            if not first:
                yield self.parsed(b"", 0, columns, first)

    def parsed(self, block: bytes, line: int, columns: Sequence[str] | None, first: int) -> Table:
        """Return whole rows as a table.

        Args:
            block: the bytes of the rows.
            line: the number of lines before them.
            columns: the columns that are needed, as in `blocks`.
            first: the number of rows before them.
        """
        raise NotImplementedError

    def decoded(self, block: bytes, line: int) -> str:
        """Decode bytes as UTF-8; ``line`` is the number of lines before them.

        Raises:
            UnavailableError: the bytes aren't UTF-8.
        """
        try:
            return block.decode()
        except UnicodeDecodeError as error:
            number = line + line_count(block[: error.start]) + 1
            reason = f", line {number} is not UTF-8 text"
            raise damaged(self.name, reason, "save the table with UTF-8 encoding") from None


class DelimitedReader(RowReader):
    """The reader of text in columns.

    The first row holds the names of the columns.  If all its cells are numbers, the names are x1, x2, ...

    Args:
        source: the bytes of a text in UTF-8.
        delimiter: by default the most frequent of comma, semicolon and tab in the first line, or blanks between
            numbers.
        has_names: whether the first row may hold the names of the columns.
    """

    quoted: re.Pattern[bytes]

    def __init__(self, source: Bytes, delimiter: str | None = None, *, has_names: bool = True) -> None:
        super().__init__(source)
        with problems(self.name, path=source.path):
            head = source.head(LINE.match)
            start = BLANK_LINES.match(head).end()  # type: ignore[union-attr]
            content = head[start:]
            self.line = line_count(head[:start])
            if FOREIGN.match(content):
                raise damaged(self.name, " is a web page or XML, and not a table")
            self.delimiter = delimiter or sniffed(self.decoded(re.split(rb"[\r\n]", content, maxsplit=1)[0], self.line))
            self.quoted = quoted_cells(self.delimiter)
            content = source.head(lambda head: first_row(head[start:], self.quoted))[start:]
            row = content[: first_row(content, self.quoted) or len(content)]
        if not row.strip(b" \t"):
            raise damaged(self.name, " is empty")
        rows, _ = rows_of(self.decoded(row, self.line), self.delimiter)
        cells = [cell.strip() for cell in rows[0]] if rows else [""]  # the row has only blanks, in quotation marks
        if has_names and not all(map(NUMBER.match, cells)):
            self.names = check_names(cells, self.name)
            self.line += line_count(row)
        else:
            self.names = tuple(f"x{number}" for number in range(1, len(cells) + 1))
            row = b""
        source.read(start + len(row))

    def parsed(self, block: bytes, line: int, columns: Sequence[str] | None, first: int) -> Table:
        """See `RowReader`."""
        names = self.chosen(columns)
        cells = self.by_arrow(block, names) or self.by_csv(block, names, line)
        ends = partial(row_ends, block, self.delimiter, line, len(cells[0]))
        return Table(self.name, names, cells, ends, first)

    def by_csv(self, block: bytes, names: Sequence[str], line: int) -> tuple[Cells, ...]:
        """Parse whole rows with Python, and return their columns.

        Raises:
            UnavailableError: a row has too few or too many cells, or the bytes aren't text.
        """
        rows, ends = rows_of(self.decoded(block, line), self.delimiter)
        width = len(self.names)
        if set(map(len, rows)) - {width}:
            cells, end = next((len(row), end) for row, end in zip(rows, ends, strict=True) if len(row) != width)
            reason = f"{counted(cells, 'cell')}, but the table has {counted(width, 'column')}"
            raise damaged(self.name, f", line {line + end}: {reason}")
        columns = dict(zip(self.names, zip(*rows, strict=True) if rows else [()] * width, strict=True))
        return tuple(Texts(columns[name]) for name in names)

    def by_arrow(self, block: bytes, names: Sequence[str]) -> tuple[Cells, ...] | None:
        """Parse whole rows with pyarrow; see `parsed_by_arrow`."""
        if self.delimiter == BLANKS or len(block) < LARGE:
            return None
        # For Arrow, a line of blanks is a row.
        if len(self.names) == 1 and re.search(rb'"|(\A|[\r\n])[ \t]+([\r\n]|\Z)', block):
            return None
        found = parsed_by_arrow(block, self.names, names, delimiter=self.delimiter)
        return None if found is None else tuple(ArrowCells(array, is_spelt=True) for array in found)


def parsed_by_arrow(block: bytes, names: Sequence[str], wanted: Sequence[str], **options: Any) -> list[Any] | None:
    """Parse whole rows with pyarrow, and return some columns as arrays of texts.

    None if the block is small, or pyarrow isn't installed or finds an error.

    Args:
        block: the bytes of the rows.
        names: the names of all columns.
        wanted: the names of the columns to return.
        options: the options of ``pyarrow.csv.ParseOptions``.
    """
    arrow = find_pyarrow() if len(block) >= LARGE else None
    if arrow is None:
        return None
    from pyarrow import csv as text

    try:
        found: Any = text.read_csv(
            arrow.BufferReader(block),
            read_options=text.ReadOptions(block_size=len(block) + 1, use_threads=False, column_names=names),
            parse_options=text.ParseOptions(**options),
            convert_options=text.ConvertOptions(
                column_types=dict.fromkeys(wanted, arrow.string()), include_columns=wanted, null_values=[]
            ),
        )
    except arrow.ArrowInvalid:
        return None
    return [column.combine_chunks() for column in found.columns]


def sniffed(line: str) -> str:
    """Find out the delimiter of a text by its first line.

    >>> sniffed("a;b;c,d"), sniffed("1  2.5"), sniffed("unit price")
    (';', ' ', ',')
    """
    delimiter = max(",;\t", key=lambda mark: (line.count(mark), mark == ","))
    parts = line.split()
    if delimiter not in line and len(parts) > 1 and all(map(NUMBER.match, parts)):
        return BLANKS
    return delimiter


def line_count(block: bytes) -> int:
    r"""Count the ends of lines, which are of three kinds.

    >>> line_count(b"a\nb\r\nc\r")
    3
    """
    return block.count(b"\n") + (block.count(b"\r") - block.count(b"\r\n") if b"\r" in block else 0)


def rows_of(text: str, delimiter: str) -> tuple[list[list[str]], Sequence[int]]:
    """Return the rows of a text that aren't blank, and the number of the line in which each one ends."""
    if delimiter == BLANKS:
        text = "\n".join(" ".join(line.split()) for line in re.split(r"\r\n|\n|\r", text))
    csv.field_size_limit(max(csv.field_size_limit(), 2 * limits.ROW_BYTES))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = list(reader)
    ends: Sequence[int] = range(1, len(rows) + 1)
    if reader.line_num != len(rows):  # a cell has a line end in it
        heights = [1 + sum(line_count(cell.encode()) for cell in row) for row in rows]
        ends = list(itertools.accumulate(heights))
    if min(map(len, rows), default=2) < 2:
        kept = [len(row) > 1 or (bool(row) and (not row[0] or bool(row[0].strip(" \t")))) for row in rows]
        rows, ends = list(itertools.compress(rows, kept)), list(itertools.compress(ends, kept))
    return rows, ends


def row_ends(block: bytes, delimiter: str, line: int, count: int) -> NDArray[np.int64]:
    """Return for each row of a block the number of the line in which it ends."""
    import numpy as np

    if count == line_count(block) + (not block.endswith((b"\n", b"\r"))):  # no row is blank or has a line end in it
        return np.arange(line + 1, line + 1 + count)
    return line + np.array(rows_of(block.decode(), delimiter)[1], dtype=np.int64)


def row_blocks(source: Bytes, quoted: re.Pattern[bytes] | None, line: int) -> Iterator[tuple[bytes, int]]:
    """Yield blocks of whole rows, and the number of lines before each; the first comes as soon as there is a whole row.

    Args:
        source: the bytes.
        quoted: a pattern that finds cells in quotation marks; None if every line is a row.
        line: the number of lines before the bytes.

    Raises:
        UnavailableError: a row is too long, or its last cell has no closing quotation mark.
    """
    rest = b""
    while block := source.read(table_bytes.BLOCK):
        block = rest + block
        end = end_of_rows(block, quoted)
        rest = block[end:]
        if len(rest) > limits.ROW_BYTES:
            hint = 'a quotation mark (") without a closing one makes one cell of the rest of the file'
            reason = f", line {line + line_count(block[:end]) + 1}: a row takes more than {limits.ROW_BYTES:,} bytes"
            raise damaged(source.name, reason, hint)
        if end:
            yield block[:end], line
            line += line_count(block[:end])
    if rest:
        last = list(quoted.finditer(rest))[-1:] if quoted else []
        if last and last[0].end() == len(rest) and last[0][0].count(b'"') % 2:
            hint = 'a quotation mark (") opens a cell, but there is no closing one'
            number = line + line_count(rest[: last[0].start()]) + 1
            raise damaged(source.name, f", line {number}: unexpected end of data", hint)
        yield rest, line


def quoted_cells(delimiter: str) -> re.Pattern[bytes]:
    """Return the pattern of cells in quotation marks, with the cells between them in a row.

    In a cell that begins without a mark, a mark is an ordinary character.  The pattern finds the cells row by row,
    which takes less time than cell by cell.
    """
    mark = re.escape(delimiter.encode())
    # A mark directly after a mark is a doubled one; a mark after a delimiter begins a cell.
    return re.compile(rb'"(?<![^%b\r\n]")[^"]*(?:"(?:[^"\r\n]*%b)?"[^"]*)*(?:"|\Z)' % (mark, mark))


def first_row(content: bytes, quoted: re.Pattern[bytes]) -> int:
    r"""Return the number of bytes of the first row, with its line end; 0 if its end isn't among the bytes.

    >>> first_row(b'a,"b\nc"\n1,2\n', quoted_cells(","))
    8
    """
    place = 0
    for begin, end in [*(found.span() for found in quoted.finditer(content)), (len(content), len(content))]:
        found = re.compile(rb"\r\n|\n|\r(?!\Z)").search(content, place, begin)
        if found:
            return found.end()
        place = end
    return 0


def end_of_rows(block: bytes, quoted: re.Pattern[bytes] | None) -> int:
    """Return the number of bytes of the whole rows: up to the last line end that is not in a quoted cell.

    >>> end_of_rows(b'1,"2\\n3"\\n4,"\\n', quoted_cells(","))
    8
    """
    found = [one.span() for one in quoted.finditer(block)] if quoted else []
    stop = len(block) - block.endswith(b"\r")  # a line feed may follow
    for begin, end in [*reversed(found), (0, 0)]:
        place = max(block.rfind(b"\n", end, stop), block.rfind(b"\r", end, stop))
        if place >= 0:
            return place + 1
        stop = min(stop, begin)
    return 0
