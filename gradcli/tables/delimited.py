"""The reader of text in columns (comma- or tab-separated values), which detects the delimiter.

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
from gradcli.errors import GradcliError
from gradcli.records import NamedTuple
from gradcli.source import counted, shortened
from gradcli.tables import table_bytes
from gradcli.tables.cells import NUMBER, ArrowCells, Cells, Texts, find_pyarrow, is_figure
from gradcli.tables.reader import Reader
from gradcli.tables.reading import Notation, Reading
from gradcli.tables.table import Table, damaged
from gradcli.tables.table_bytes import Bytes, problems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LINE", "MARK", "DelimitedReader", "RowReader", "arrow_for", "end_of_rows", "parsed_by_arrow"]

#: The byte order mark, with which some programs begin a text.
MARK = b"\xef\xbb\xbf"
# The delimiter if numbers have any number of blanks between them.
BLANKS = " "
# To parse a block with fewer bytes takes less time than to load pyarrow.
LARGE = 1 << 18

# The beginning up to the end of the first line that isn't blank.
LINE = re.compile(rb"[\r\n \t\xef\xbb\xbf]*[^\r\n \t\xef\xbb\xbf][^\r\n]*[\r\n]")

# The beginning of a file that is text, but not a table.
FOREIGN = re.compile(rb"<(!doctype|html|\?xml)", re.IGNORECASE)


class RowReader(Reader):
    """The base class of the readers of text. Their blocks are whole rows, with the number of each line."""

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
            raise not_utf8(self.name, line + line_count(block[: error.start]) + 1) from None


class DelimitedReader(RowReader):
    """The reader of text in columns.

    Unless the reading says otherwise, the first row holds the names of the columns, or, if all its cells are numbers,
    the names are x1, x2, ...  The delimiter is detected from the first two lines; decimal commas and marks between
    thousands are detected from the beginning of the text.

    Args:
        source: the bytes of a text in UTF-8.
        reading: the choices about the format of the text; the rest is detected.
    """

    quoted: re.Pattern[bytes]

    def __init__(self, source: Bytes, reading: Reading = Reading()) -> None:  # noqa: B008 - it never changes
        super().__init__(source)
        self.comment = reading.comment.encode() if reading.comment else None
        with problems(self.name, path=source.path):
            found = opening(source, reading)
            self.notes += found.notes
            self.line = line_count(source.looked_at[: found.start])
            self.delimiter = found.delimiter
            self.quoted = quoted_cells(self.delimiter, self.comment)
            content = source.head(lambda head: first_row(head[found.start :], self.quoted))[found.start :]
            row = content[: first_row(content, self.quoted) or len(content)]
        if not row.strip(b" \t"):
            raise damaged(self.name, " is empty")
        rows, _ = rows_of(self.decoded(self.without_comments(row), self.line), self.delimiter)
        cells = [cell.strip() for cell in rows[0]] if rows else [""]  # the row has only blanks, in quotation marks
        below = self.rows_below(found.start + len(row), len(cells))
        if found.names is not None:
            cells = [cell.strip() for cell in found.names]
        is_header = reading.header
        if is_header is None:
            is_header = found.names is not None or not all(map(NUMBER.match, cells))
            self.notes += header_notes(cells, below[0] if below else [], is_header=is_header)
        if is_header:
            self.names, notes = names_of(cells, below)
            self.notes += notes
        else:
            self.names = tuple(f"x{number}" for number in range(1, len(cells) + 1))
        row = row if is_header and found.names is None else b""
        self.line += line_count(row)
        decimal = reading.decimal
        if decimal is None:
            decimal = decimal_mark(below if is_header else [cells, *below])
            if decimal is not None:
                what = "have decimal commas" if decimal == "," else "have marks between thousands"
                other = "." if decimal == "," else ","
                self.notes.append(f"numbers {what}; `decimal={other}` reads them differently")
        gaps = frozenset(text.strip() for text in reading.na)
        self.notation = Notation(decimal, gaps) if decimal or gaps else None
        source.read(found.start + len(row))

    def rows_below(self, start: int, width: int) -> list[list[str]]:
        """Return the first rows after a place. From a pipe, which may be slow, return only the first row."""
        source = self.source
        sample = source.looked_at[start:][:SAMPLE]
        if not source.ended or start + SAMPLE < len(source.looked_at):
            sample = sample[: end_of_rows(sample, self.quoted)]
        rows, _ = rows_of(self.without_comments(sample).decode(errors="replace"), self.delimiter)
        return [row for row in (rows if is_patient(source) else rows[:1]) if len(row) >= width]

    def without_comments(self, block: bytes) -> bytes:
        """Return whole rows without comments; a comment line is replaced by a blank line."""
        if self.comment is None or self.comment not in block:
            return block
        return self.quoted.sub(lambda found: found[0] if found[0].startswith(b'"') else b"", block)

    def parsed(self, block: bytes, line: int, columns: Sequence[str] | None, first: int) -> Table:
        """See `RowReader`."""
        names = self.chosen(columns)
        block = self.without_comments(block)
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
            # Empty cells at the end of a row, behind the last column, are no cells.
            rows = [row if any(map(str.strip, row[width:])) else row[:width] for row in rows]
        if set(map(len, rows)) - {width}:
            cells, end = next((len(row), end) for row, end in zip(rows, ends, strict=True) if len(row) != width)
            reason = f"{counted(cells, 'cell')}, but the table has {counted(width, 'column')}"
            raise damaged(self.name, f", line {line + end}: {reason}")
        columns = dict(zip(self.names, zip(*rows, strict=True) if rows else [()] * width, strict=True))
        return tuple(Texts(columns[name], self.notation) for name in names)

    def by_arrow(self, block: bytes, names: Sequence[str]) -> tuple[Cells, ...] | None:
        """Parse whole rows with pyarrow; see `parsed_by_arrow`."""
        if self.delimiter == BLANKS or len(block) < LARGE:
            return None
        # For Arrow, a line of blanks is a row.
        if len(self.names) == 1 and re.search(rb'"|(\A|[\r\n])[ \t]+([\r\n]|\Z)', block):
            return None
        # A row may end in empty cells behind the last column.
        line = block[: block.find(b"\n") + 1]
        others = [f"\n{number}" for number in range(line.count(self.delimiter.encode()) + 1 - len(self.names))]
        found = parsed_by_arrow(block, [*self.names, *others], [*names, *others], delimiter=self.delimiter)
        if found is None or not all(set(one.unique().to_pylist()) <= {""} for one in found[len(names) :]):
            return None
        return tuple(ArrowCells(array, is_spelt=True, notation=self.notation) for array in found[: len(names)])


def arrow_for(block: bytes) -> Any | None:
    """Return pyarrow if it is installed, and the block is so large that pyarrow saves time."""
    return find_pyarrow() if len(block) >= LARGE else None


def parsed_by_arrow(block: bytes, names: Sequence[str], wanted: Sequence[str], **options: Any) -> list[Any] | None:
    """Parse whole rows with pyarrow, and return some columns as arrays of texts.

    The result is None if the block is small, or pyarrow isn't installed or finds an error.

    Args:
        block: the bytes of the rows.
        names: the names of all columns.
        wanted: the names of the columns to return.
        options: the options of ``pyarrow.csv.ParseOptions``.
    """
    arrow = arrow_for(block)
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


class Opening(NamedTuple):
    """The layout of a text in columns, detected from its first lines.

    Attributes:
        start: the number of bytes before the first row.
        delimiter: the character between cells.
        names: the names of the columns, if they are in a comment before the first row.
        notes: sentences about the reading.
    """

    start: int
    delimiter: str
    names: list[str] | None
    notes: list[str]


def opening(source: Bytes, reading: Reading) -> Opening:
    """Read the first lines: blank lines, comments, a line that names the delimiter, and the first two rows.

    Raises:
        UnavailableError: the text is not a table.
    """
    mark = (reading.comment or "#").encode()

    def is_enough(head: bytes) -> bool:
        rows = list(itertools.islice((line for _, line in lines_of(head) if not line.startswith(mark)), 3))
        is_whole = head.endswith((b"\n", b"\r")) or are_numbers(rows[0].decode("latin-1") if rows else "")
        has_two = len(rows) > 2 or (len(rows) == 2 and is_whole)
        return has_two and (len(head) >= SAMPLE or not is_patient(source))

    head = source.head(is_enough)
    found = list(itertools.islice(lines_of(head), limits.COMMENT_LINES))
    is_whole = source.ended or head.endswith((b"\n", b"\r")) or len(found) == limits.COMMENT_LINES
    lines = found if is_whole else found[:-1]
    if lines and FOREIGN.match(lines[0][1]):
        raise damaged(source.name, " is a web page or XML, and not a table")
    told = SEPARATOR.match(lines[0][1]) if lines else None
    lines = lines[1:] if told else lines
    count = next((place for place, line in enumerate(lines) if not line[1].startswith(mark)), 0)
    first, second = (decoded_line(source, head, *line) for line in [*lines[count : count + 2], (0, b""), (0, b"")][:2])
    delimiter = reading.delimiter or (
        told[1].decode() if told else sniffed(first, "" if are_numbers(first) else second)
    )
    names, notes = None, []
    if count:
        last = decoded_line(source, head, *lines[count - 1])
        # The comment of NumPy's `savetxt`, a mark and a blank, names the columns of a table of numbers.
        words, width = cells_in(last[len(mark) :], delimiter), len(cells_in(first, delimiter))
        is_row = reading.comment is None and len(cells_in(last, delimiter)) == width
        is_data = all(map(NUMBER.match, cells_in(first, delimiter)))
        if reading.header is not False and is_data and len(words) == width and last[len(mark) :].startswith(" "):
            names = words
            notes.append("the names of the columns are taken from the comment before the first row")
        elif is_row:
            count -= 1
        others = count - (names is not None)
        if others and reading.comment is None:
            notes.append(f"{counted(others, 'line')} with # at the beginning {'is' if others == 1 else 'are'} left out")
    start = lines[count][0] if lines else len(head)
    return Opening(start, delimiter, names, notes)


#: The first line with which Excel tells the delimiter.
SEPARATOR = re.compile(rb'"?sep=([^\w"])"?[ \t]*\Z', re.IGNORECASE)
# The bytes at the beginning of a text that show how numbers are written.
SAMPLE = 1 << 11


def is_patient(source: Bytes) -> bool:
    """Whether waiting for more bytes is allowed; for a file it always is, because all bytes are there."""
    return source.pipe is None or source.pipe.seekable()


def are_numbers(line: str) -> bool:
    """Whether a line holds only numbers with blanks between them."""
    return all(map(NUMBER.match, line.split()))


def lines_of(head: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the place and the bytes of the first lines that aren't blank."""
    skipped = len(MARK) if head.startswith(MARK) else 0
    for found in re.compile(rb"[^\r\n]+").finditer(head, skipped):
        if found[0].strip(b" \t"):
            yield found.start(), found[0]


def decoded_line(source: Bytes, head: bytes, start: int, line: bytes) -> str:
    """Return a line as text."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise not_utf8(source.name, line_count(head[:start]) + 1) from None


def cells_in(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line."""
    rows, _ = rows_of(line.strip(" ") if delimiter == BLANKS else line, delimiter)
    return [cell.strip() for cell in rows[0]] if rows else []


def not_utf8(name: str, line: int) -> GradcliError:
    """Return the error for a line that isn't UTF-8."""
    return damaged(name, f", line {line} is not UTF-8 text", table_bytes.OTHER_ENCODING).naming("encoding")


def sniffed(first: str, second: str = "") -> str:
    """Detect the delimiter of a text from its first two lines.

    >>> sniffed("a;b;c,d"), sniffed("1  2.5"), sniffed("unit price"), sniffed("1,5;2,5"), sniffed("a b", "1 2")
    (';', ' ', ',', ';', ' ')
    """
    counts = {mark: len(cells_in(first, mark)) for mark in ",;\t|"}
    best = max(counts, key=lambda mark: counts[mark])
    # Cells of numbers with decimal commas are between semicolons, tabs or bars.
    for mark in ";\t|":
        if counts[mark] > 1 and all(map(COMMA.match, cells_in(first, mark))):
            return mark
    if second and len(cells_in(second, best)) != counts[best]:
        fitting = [mark for mark in counts if counts[mark] > 1 and len(cells_in(second, mark)) == counts[mark]]
        best = max(fitting, key=lambda mark: counts[mark], default=best)
    parts, below = first.split(), second.split()
    has_numbers = are_numbers(first) or (len(below) == len(parts) and are_numbers(second))
    return BLANKS if counts[best] == 1 and len(parts) > 1 and has_numbers else best


# A number with a decimal comma.
COMMA = re.compile(r"[+-]?\d+,\d+\Z|[+-]?\d+\Z", re.ASCII)


def header_notes(cells: Sequence[str], below: Sequence[str], *, is_header: bool) -> list[str]:
    """Return a note if the first row could be either the names of the columns or a row of data."""
    if not is_header:
        return [f"the first row has only numbers, so it is data, and the columns are called x1 to x{len(cells)}; "
                "`header=True` takes it as names"]  # fmt: skip
    figure = next((cell for cell in cells if NUMBER.match(cell)), None)
    if figure is not None:
        why = f"although `{shortened(figure)}` is a number"
    elif below and not any(is_figure(cell.strip()) for cell in below):
        why = "although the next row has no numbers either"
    else:
        return []
    return [f"the first row is taken as the names of the columns, {why}; `header=False` takes it as data"]


def names_of(cells: Sequence[str], below: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], list[str]]:
    """Return the names of the columns, all different, and notes about names that are missing or occur twice.

    >>> names_of(["", "a", "a", ""], [["0", "1", "2", ""]])[0]
    ('', 'a', 'a.1')
    """
    width = len(cells)
    while width > 1 and not cells[width - 1] and below and not any("".join(row[width - 1 :]).strip() for row in below):
        width -= 1
    names: list[str] = []
    notes = []
    for cell in cells[:width]:
        different = (f"{cell}.{number}" for number in itertools.count(1))
        name = cell if cell not in names else next(one for one in different if one not in (*names, *cells))
        if name != cell:
            what = f"two columns are called `{shortened(cell)}`" if cell else "two columns have no name"
            notes.append(f"{what}; the second is read as `{shortened(name)}`")
        names.append(name)
    return tuple(names), notes


def decimal_mark(rows: Sequence[Sequence[str]]) -> str | None:
    """Return the decimal mark if numbers are certainly not written like 1234.5; else None.

    >>> decimal_mark([["1,5"]]), decimal_mark([["1,234.5"]]), decimal_mark([["1,234"]]), decimal_mark([["1.5", "1,5"]])
    (',', '.', None, None)
    """
    cells = {cell.strip() for row in rows for cell in row}
    found = {mark for mark, evidence in EVIDENCE.items() if any(map(evidence.match, cells))}
    has_point = any(map(re.compile(r"[+-]?\d*\.\d+\Z", re.ASCII).match, cells))
    if found == {","}:
        return None if has_point and not all(map(THOUSANDS.match, filter(POINT.search, cells))) else ","
    return "." if found == {"."} else None


POINT = re.compile(r"^[+-]?[\d.]*\.\d+$", re.ASCII)
THOUSANDS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+\Z", re.ASCII)
# A decimal mark -> the numbers that can only be written with this mark, and not with the usual point alone.
EVIDENCE = {
    ",": re.compile(
        r"[+-]?(0,\d+|\d+,(\d{1,2}|\d{4,})|\d{4,},\d+|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,})\Z", re.ASCII
    ),
    ".": re.compile(r"[+-]?(\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,})\Z", re.ASCII),
}


def line_count(block: bytes) -> int:
    r"""Count the ends of lines: LF, CR LF or CR.

    >>> line_count(b"a\nb\r\nc\r")
    3
    """
    others = block.count(b"\r") - block.count(b"\r\n") if b"\r" in block else 0
    if len(block) < LARGE:
        return block.count(b"\n") + others
    import numpy as np

    # In a block with many lines, this takes a tenth of the time.
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n"))) + others


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
    """Yield blocks of whole rows, and the number of lines before each.

    The first block comes as soon as a whole row is read.

    Args:
        source: the bytes.
        quoted: a pattern that finds cells in quotation marks; None if every line is a row.
        line: the number of lines before the bytes.

    Raises:
        UnavailableError: a row is too long, or its last cell has no closing quotation mark.
    """
    rest = b""
    while found := source.read(table_bytes.BLOCK):
        # A pipe gives few bytes at a time, so a long row is searched from its start only where a line ends.
        is_inside = rest and not table_bytes.has_line_end(rest[-1:] + found)
        block = rest + found
        end = 0 if is_inside else end_of_rows(block, quoted)
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
        if last and last[0].end() == len(rest) and last[0][0].startswith(b'"') and last[0][0].count(b'"') % 2:
            hint = 'a quotation mark (") opens a cell, but there is no closing one'
            number = line + line_count(rest[: last[0].start()]) + 1
            raise damaged(source.name, f", line {number}: unexpected end of data", hint)
        yield rest, line


def quoted_cells(delimiter: str, comment: bytes | None = None) -> re.Pattern[bytes]:
    """Return the pattern that matches quoted cells, the cells between them in a row, and comments.

    In a cell that doesn't begin with a quotation mark, a quotation mark is an ordinary character.  The pattern finds
    the cells row by row, which takes less time than cell by cell.
    """
    mark = re.escape(delimiter.encode())
    # A mark directly after a mark is a doubled one; a mark after a delimiter begins a cell.
    cells = rb'"(?<![^%b\r\n]")[^"]*(?:"(?:[^"\r\n]*%b)?"[^"]*)*(?:"|\Z)' % (mark, mark)
    if comment is None:
        return re.compile(cells)
    # Between two cells in quotation marks there may be a comment, so each is found by itself.
    cells = rb'"(?<![^%b\r\n]")[^"]*(?:""[^"]*)*(?:"|\Z)' % mark
    return re.compile(rb"%b|[ ]*%b[^\r\n]*" % (cells, re.escape(comment)))


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
