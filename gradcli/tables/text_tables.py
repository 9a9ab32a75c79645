"""Tables as text: comma- or tab-separated values, and JSON lines.

Rows are written column by column: each column becomes an array of texts, and Arrow joins them.  A number has as many
digits as tell it from its neighbours.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any

from gradcli.tables.cells import Place, is_number, typed
from gradcli.tables.protocols import Rows, check_names, damaged, load_pyarrow, problems, shortened
from gradcli.tables.sources import BLOCK, Bytes

__all__ = ["CsvReader", "CsvWriter", "JsonReader", "JsonWriter"]

# As in the tables of `gradcli train`.
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
# The byte order mark, with which some programs begin a text.
MARK = b"\xef\xbb\xbf"
# How much of the beginning of a text tells the types of its columns.
SAMPLE = 1 << 20


class CsvReader:
    """Text in columns.  The first row names them, unless all its cells are numbers: then they are x1, x2, ...

    Args:
        source: the bytes, UTF-8.
        delimiter: by default the one of comma, semicolon and tab that the first line has most of.
    """

    def __init__(self, source: Bytes, delimiter: str | None = None) -> None:
        self.source = source
        self.name = source.name
        self.rows: int | None = None
        self.done = 0
        with problems(self.name, "text in columns"):
            head = source.head(lambda head: has_lines(head, 1))
            content = head.removeprefix(MARK).lstrip(b"\r\n")
            line = next(iter(content.splitlines(keepends=True)), b"")
            first = line.rstrip(b"\r\n").decode()
        if not first:
            raise damaged(self.name, " is empty")
        self.delimiter = delimiter or max(",;\t", key=lambda mark: (first.count(mark), mark == ","))
        cells = [cell.strip() for cell in next(csv.reader([first], delimiter=self.delimiter))]
        if all(map(NUMBER.match, cells)):
            self.names = tuple(f"x{number}" for number in range(1, len(cells) + 1))
            line = b""
        else:
            self.names = check_names(cells, self.name)
        source.skip(len(head) - len(content) + len(line))

    def fraction(self) -> float | None:
        """See `Bytes.fraction`; a block gives a batch."""
        return self.source.fraction(self.done)

    def stop(self) -> None:
        """See `Bytes.stop`."""
        self.source.stop()

    def read(self, columns: Sequence[str], numbers: Collection[str], *, verbatim: bool) -> Rows:
        """See `gradcli.tables.protocols.Reader`; what is verbatim is text in all columns."""
        arrow = load_pyarrow()
        if verbatim:
            schema = arrow.schema([(column, arrow.string()) for column in columns])
        else:
            schema = self.guessed(columns, numbers)
        return Rows(schema, self.batches(schema), is_spelt=verbatim)

    def guessed(self, columns: Sequence[str], numbers: Collection[str]) -> Any:
        """The types that the beginning of the text suggests."""
        arrow = load_pyarrow()

        sample = self.source.head(lambda head: len(head) >= SAMPLE)[:SAMPLE]
        if len(sample) == SAMPLE or not self.source.ended:
            sample = sample[: end_of_rows(sample, quoted_cells(self.delimiter))]
        kinds = dict.fromkeys(columns, arrow.string())
        # What is wrong will be met again, with its place.
        with suppress(arrow.ArrowException):
            kinds |= {field.name: field.type for field in self.parsed(sample, columns, is_typed=True).schema}
        for column, kind in kinds.items():
            if column in numbers:
                kinds[column] = arrow.float64()
            elif arrow.types.is_null(kind) or arrow.types.is_binary(kind):
                kinds[column] = arrow.string()
        return arrow.schema(kinds.items())

    def parsed(self, block: bytes, columns: Sequence[str], *, is_typed: bool = False) -> Any:
        """Whole rows as a table of Arrow, of texts unless it shall guess."""
        arrow = load_pyarrow()
        from pyarrow import csv as text

        return text.read_csv(
            arrow.BufferReader(block),
            # Only one thread counts the rows, for messages.
            read_options=text.ReadOptions(block_size=len(block) + 1, use_threads=False, column_names=self.names),
            parse_options=text.ParseOptions(delimiter=self.delimiter),
            convert_options=text.ConvertOptions(
                column_types=None if is_typed else dict.fromkeys(columns, arrow.string()),
                include_columns=columns,
                **({} if is_typed else {"null_values": []}),
            ),
        )

    def batches(self, schema: Any) -> Iterator[Any]:
        """The rows.

        Arrow's own reader of streams would call for more bytes in threads of its own, also while the program ends.
        """
        first = 0
        columns = schema.names or self.names[:1]  # Arrow takes no columns for all
        with problems(self.name, "text in columns"):
            for block in row_blocks(self.source, self.delimiter):
                table = self.counted(block, columns, first)
                self.done += 1
                for batch in table.combine_chunks().to_batches():
                    cells = [
                        typed(column, field.type, Place(self.name, field.name, first))
                        for column, field in zip(batch.columns, schema, strict=False)
                    ]
                    first += batch.num_rows
                    yield rows_of(cells, schema, batch.num_rows)

    def counted(self, block: bytes, columns: Sequence[str], first: int) -> Any:
        """A table of texts; what Arrow refuses is told with its place in our count: row 1 is the first of numbers."""
        arrow = load_pyarrow()
        try:
            return self.parsed(block, columns)
        except arrow.ArrowInvalid as error:
            found = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", str(error))
            if not found:
                raise
            row, expected, cells = map(int, found.groups())
            count = "1 cell" if cells == 1 else f"{cells} cells"
            width = "1 column" if expected == 1 else f"{expected} columns"
            raise damaged(self.name, f", row {first + row}: {count}, but the table has {width}") from None


def row_blocks(source: Bytes, delimiter: str) -> Iterator[bytes]:
    """Blocks of whole rows of text in columns; the first as soon as there is one.

    Raises:
        UnavailableError: a row is longer than a block.
    """
    cells = quoted_cells(delimiter)
    rest = b""
    while block := source.read(BLOCK):
        block = rest + block
        end = end_of_rows(block, cells)
        rest = block[end:]
        if len(rest) > BLOCK:
            hint = 'a quotation mark (") that nothing closes makes one cell of all that follows'
            raise damaged(source.name, f": a row takes more than {BLOCK:,} bytes", hint)
        if end:
            yield block[:end]
    if rest:
        yield rest


def quoted_cells(delimiter: str) -> re.Pattern[bytes]:
    """Cells in quotation marks and what stands between them in a row; in a cell that began without one a mark is none.

    To find them row by row takes less time than cell by cell.
    """
    mark = re.escape(delimiter.encode())
    # A mark behind a mark is doubled, one behind a delimiter begins a cell.
    return re.compile(rb'"(?<![^%b\r\n]")[^"]*(?:"(?:[^"\r\n]*%b)?"[^"]*)*(?:"|\Z)' % (mark, mark))


def end_of_rows(block: bytes, cells: re.Pattern[bytes]) -> int:
    """How many bytes the whole rows at the beginning take: to the last line end that is not in a quoted cell.

    >>> end_of_rows(b'1,"2\\n3"\\n4,"\\n', quoted_cells(","))
    8
    """
    quoted = [found.span() for found in cells.finditer(block)]
    stop = len(block)
    for begin, end in [*reversed(quoted), (0, 0)]:
        place = max(block.rfind(b"\n", end, stop), block.rfind(b"\r", end, stop))
        if place >= 0:
            return place + 1
        stop = begin
    return 0


def rows_of(arrays: Sequence[Any], schema: Any, count: int) -> Any:
    """A batch, also one without columns."""
    arrow = load_pyarrow()
    if arrays:
        return arrow.RecordBatch.from_arrays(arrays, schema=schema)
    return arrow.RecordBatch.from_struct_array(arrow.array([{}] * count, arrow.struct([])))


def has_lines(head: bytes, count: int) -> bool:
    """Whether so many whole lines are there, blank ones at the beginning not among them."""
    content = head.removeprefix(MARK).lstrip(b"\r\n")
    return content.count(b"\n") >= count or content.count(b"\r") > count


class JsonReader:
    """JSON lines; the keys of the first lines are the columns, and a key that a later line lacks is a gap.

    Args:
        source: the bytes, UTF-8.
    """

    def __init__(self, source: Bytes) -> None:
        self.source = source
        self.name = source.name
        self.rows: int | None = None
        self.done = 0
        with problems(self.name, "JSON lines"):
            self.blocks = line_blocks(source)
            self.first = next(self.blocks, b"").removeprefix(MARK)
        if not self.first.strip():
            raise damaged(self.name, " is empty")
        self.schema = self.parsed(self.first, None, 0).schema
        self.names = check_names(self.schema.names, self.name)

    def fraction(self) -> float | None:
        """See `Bytes.fraction`; a block gives a batch."""
        return self.source.fraction(self.done)

    def stop(self) -> None:
        """See `Bytes.stop`."""
        self.source.stop()

    def read(self, columns: Sequence[str], numbers: Collection[str], *, verbatim: bool) -> Rows:  # noqa: ARG002
        """See `gradcli.tables.protocols.Reader`."""
        arrow = load_pyarrow()

        def widened(field: Any) -> Any:
            if field.name in numbers and is_number(field.type) and not arrow.types.is_boolean(field.type):
                return arrow.field(field.name, arrow.float64())
            return arrow.field(field.name, arrow.string()) if arrow.types.is_null(field.type) else field

        whole = arrow.schema([widened(field) for field in self.schema])
        schema = arrow.schema([whole.field(column) for column in columns])
        return Rows(schema, self.batches(whole, schema))

    def batches(self, whole: Any, schema: Any) -> Iterator[Any]:
        """The rows."""
        with problems(self.name, "JSON lines"):
            first = 0
            for block in itertools.chain([self.first], self.blocks):
                table = self.parsed(block, whole, first)
                first += len(table)
                self.done += 1
                if len(table):
                    batch = table.combine_chunks().to_batches()[0]
                    yield rows_of([batch.column(name) for name in schema.names], schema, batch.num_rows)

    def parsed(self, block: bytes, schema: Any, first: int) -> Any:
        """Whole lines as a table of Arrow."""
        arrow = load_pyarrow()
        from pyarrow import json as lines

        if not block.strip():
            return arrow.table({})
        try:
            return lines.read_json(
                arrow.BufferReader(block),
                read_options=lines.ReadOptions(use_threads=False, block_size=len(block) + 1),
                parse_options=lines.ParseOptions(
                    explicit_schema=schema, unexpected_field_behavior="infer" if schema is None else "error"
                ),
            )
        except arrow.ArrowInvalid as error:
            reason = re.sub(r"^JSON (parse|conversion) error: ", "", str(error).splitlines()[0])
            found = re.search(r" in row (\d+)", reason)
            row = f", row {first + int(found[1]) + 1}" if found else f", behind row {first}"
            reason = reason.replace(found[0], "") if found else reason
            reason = re.sub(r"Column\(/([^)]*)\)", r"column `\1`", reason.replace("Column()", "the line")).rstrip(". ")
            raise damaged(
                self.name,
                f"{row}: {shortened(reason[:1].lower() + reason[1:])}",
                'a line is like {"x": 0.5, "label": "a"}, with the same keys and types in every line',
            ) from None


def line_blocks(source: Bytes) -> Iterator[bytes]:
    """Blocks of whole lines; the first as soon as there is one."""
    rest: list[bytes] = []
    while block := source.read(BLOCK):
        end = block.rfind(b"\n") + 1
        rest.append(block[:end] if end else block)
        if end:
            whole = b"".join(rest)
            rest = [block[end:]]
            yield whole
    yield b"".join(rest)


class TextWriter:
    """What the writers of text share.

    Args:
        sink: where to write.
        schema: of the batches.
    """

    def __init__(self, sink: IO[bytes], schema: Any) -> None:
        self.sink = sink
        self.schema = schema

    def lines(self, batch: Any) -> Any:
        """An array of texts, one for each row."""
        raise NotImplementedError

    def write(self, batch: Any) -> None:
        """Write rows."""
        from pyarrow import compute

        if batch.num_rows:
            text = compute.binary_join_element_wise(self.lines(batch), "\n", "")
            self.begin()
            # The texts of an array lie one behind the other in its last buffer.
            self.sink.write(text.buffers()[2])

    def begin(self) -> None:
        """Write what stands before the first row, once: not before rows are there, which may turn out to be wrong."""

    def close(self) -> None:
        """Without rows there is what stands before them."""
        self.begin()

    def abandon(self) -> None:
        """Write no more."""


def spelt(array: Any, column: str, format_name: str) -> Any:
    """Values that are no texts as texts.

    Raises:
        UnavailableError: values of this type have no text.
    """
    arrow = load_pyarrow()
    from pyarrow import compute

    try:
        if arrow.types.is_binary(array.type) or arrow.types.is_large_binary(array.type):
            raise NotImplementedError
        texts = compute.cast(array, arrow.string())
    except (arrow.ArrowException, NotImplementedError):
        raise damaged(
            shortened(column),
            f" is a column of the type {array.type}, which {format_name} can't hold",
            "write Parquet or Arrow, or leave the column out with --select",
        ) from None
    if arrow.types.is_floating(array.type):
        # Whoever guesses types by the first rows should find that these are no whole numbers: 2.0.
        is_whole = compute.match_substring_regex(texts, r"^-?\d+$")
        if compute.any(is_whole).as_py():
            texts = compute.if_else(is_whole, compute.binary_join_element_wise(texts, ".0", ""), texts)
    return texts


class CsvWriter(TextWriter):
    """Text in columns, cells in quotation marks where they need it.

    Args:
        sink, schema: see `TextWriter`.
        delimiter: between cells.
    """

    def __init__(self, sink: IO[bytes], schema: Any, delimiter: str = ",") -> None:
        super().__init__(sink, schema)
        self.delimiter = delimiter
        self.has_header = False

    def begin(self) -> None:
        """Write the names."""
        if not self.has_header:
            header = io.StringIO()
            csv.writer(header, delimiter=self.delimiter, lineterminator="\n").writerow(self.schema.names)
            self.sink.write(header.getvalue().encode())
            self.has_header = True

    def lines(self, batch: Any) -> Any:
        """Rows with delimiters between the cells."""
        from pyarrow import compute

        cells = [self.cells(column, name) for column, name in zip(batch.columns, batch.schema.names, strict=True)]
        return compute.binary_join_element_wise(*cells, self.delimiter)

    def cells(self, array: Any, column: str) -> Any:
        """A column as texts; a gap is empty."""
        arrow = load_pyarrow()
        from pyarrow import compute

        if not (arrow.types.is_string(array.type) or arrow.types.is_large_string(array.type)):
            return spelt(array, column, "text").fill_null("")
        array = compute.cast(array.fill_null(""), arrow.string())
        needs = compute.match_substring_regex(
            array, f'[{self.delimiter}"\r\n]|^$' if len(self.schema) == 1 else f'[{self.delimiter}"\r\n]'
        )
        if not compute.any(needs).as_py():
            return array
        quoted = compute.binary_join_element_wise('"', compute.replace_substring(array, '"', '""'), '"', "")
        return compute.if_else(needs, quoted, array)


class JsonWriter(TextWriter):
    """JSON lines.  JSON has neither nan nor infinity: both are null, as a gap is."""

    def lines(self, batch: Any) -> Any:
        """Objects."""
        from pyarrow import compute

        pieces: list[Any] = []
        for column, name in zip(batch.columns, batch.schema.names, strict=True):
            key = json.dumps(name, ensure_ascii=False)
            pieces += [f"{', ' if pieces else '{'}{key}: ", self.values(column, name)]
        return compute.binary_join_element_wise(*pieces, "}", "")

    def values(self, array: Any, column: str) -> Any:
        """A column as JSON."""
        arrow = load_pyarrow()
        from pyarrow import compute

        types = arrow.types
        if types.is_floating(array.type):
            finite = compute.is_finite(array)
            texts = compute.if_else(finite, spelt(array, column, "JSON"), "null")
        elif types.is_integer(array.type) or types.is_boolean(array.type) or types.is_decimal(array.type):
            texts = compute.cast(array, arrow.string())
        elif types.is_nested(array.type):
            texts = arrow.array([json.dumps(value, ensure_ascii=False, default=str) for value in array.to_pylist()])
        else:
            texts = quoted(spelt(array, column, "JSON"))
        return texts.fill_null("null")


def quoted(texts: Any) -> Any:
    r"""Texts as strings of JSON.

    >>> import pyarrow
    >>> quoted(pyarrow.array(["a", 'b"', None])).to_pylist()
    ['"a"', '"b\\""', None]
    """
    arrow = load_pyarrow()
    from pyarrow import compute

    if compute.any(compute.match_substring_regex(texts, r'["\\\x00-\x1f]')).as_py():
        values = texts.to_pylist()
        return arrow.array(
            [None if value is None else json.dumps(value, ensure_ascii=False) for value in values], arrow.string()
        )
    return compute.binary_join_element_wise('"', texts, '"', "")
