"""The formats of tables; one entry of `FORMATS` is one format for `map`, `train`, `predict` and ``@FILE``."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any

from gradcli.errors import UsageError, choice
from gradcli.records import NamedTuple
from gradcli.tables.array_tables import IDX, ArrayReader, idx_table, npy_table, npz_table
from gradcli.tables.columnar import ArrowReader, ArrowWriter, ParquetReader, ParquetWriter
from gradcli.tables.delimited import LINE, MARK, DelimitedReader
from gradcli.tables.json_lines import ARRAY, JsonReader
from gradcli.tables.reader import Reader, Writer
from gradcli.tables.reading import Reading
from gradcli.tables.table import Table, damaged, join
from gradcli.tables.table_bytes import COMPRESSIONS, Bytes, bytes_of, bytes_of_lines, problems, split_compression
from gradcli.tables.text_writers import CsvWriter, JsonWriter

__all__ = [
    "FORMATS", "Format", "format_of_file", "format_of_table", "open_reader", "open_writer", "read_blocks",
    "read_table",
]  # fmt: skip

#: The most rows in one block of `read_blocks`: few, so that a slow stream gets its predictions soon.
ROWS = 2_000


class Format(NamedTuple):
    """A format of tables.

    Attributes:
        suffixes: the ends of the names of files in this format.
        reader: a function that returns a reader of some bytes.
        writer: a function that returns a writer into a file; None for a format that is only read.
        is_text: whether the cells of a column are written as texts, without a type.
        is_stream: whether a file is read from the beginning to the end, so that it may be compressed as a whole.
    """

    suffixes: tuple[str, ...]
    reader: Callable[[Bytes], Reader]
    writer: Callable[[IO[bytes]], Writer] | None = None
    is_text: bool = False
    is_stream: bool = True


def text_reader(source: Bytes, reading: Reading = Reading()) -> Reader:  # noqa: B008 - it never changes
    """Read JSON, if the first line that isn't blank begins with a brace or a bracket, or else text in columns."""
    with problems(source.name, path=source.path):
        head = source.head(LINE.match)
    start = head.removeprefix(MARK).lstrip()
    is_json = start.startswith(b"{") or ARRAY.match(start)
    return JsonReader(source) if is_json else DelimitedReader(source, reading)


def tab_reader(source: Bytes, reading: Reading = Reading()) -> Reader:  # noqa: B008 - it never changes
    """Read text with tabs between its cells, unless the reading says otherwise."""
    return DelimitedReader(source, reading._replace(delimiter=reading.delimiter or "\t"))


FORMATS = {
    "csv": Format((".csv", ".txt", ".data"), text_reader, CsvWriter, is_text=True),
    "tsv": Format((".tsv", ".tab"), tab_reader, partial(CsvWriter, delimiter="\t"), is_text=True),
    "jsonl": Format((".jsonl", ".ndjson"), JsonReader, JsonWriter),
    "json": Format((".json",), JsonReader),
    "parquet": Format((".parquet", ".pq"), ParquetReader, ParquetWriter, is_stream=False),
    "arrow": Format((".arrow", ".feather", ".ipc"), ArrowReader, ArrowWriter, is_stream=False),
    "arrows": Format((".arrows",), ArrowReader, partial(ArrowWriter, is_stream=True)),
    "npy": Format((".npy",), partial(ArrayReader, load=npy_table), is_stream=False),
    "npz": Format((".npz",), partial(ArrayReader, load=npz_table), is_stream=False),
    "idx": Format((), partial(ArrayReader, load=idx_table)),
}


def format_of_file(path: str) -> str | None:
    """Return the format of a file by its name; None if the name has no known suffix.

    Raises:
        UsageError: the name says that the file is compressed, but a file in this format can't be.

    >>> format_of_file("prices.csv.gz"), format_of_file("prices.xlsx")
    ('csv', None)
    """
    name, compression = split_compression(path)
    if re.fullmatch(IDX, Path(path).name.lower()):
        return "idx"
    for format_name, one in FORMATS.items():
        if one.suffixes and name.lower().endswith(one.suffixes):
            if compression and not one.is_stream:
                message = f"`{path}`: a file in this format is not compressed as a whole"
                raise UsageError(message, hint=f"the name of a file in this format is like {name}")
            return format_name
    return None


def format_of_table(path: str, option: str) -> str:
    """Return the format of a table to write by the name of its file.

    Args:
        path: the name.
        option: the option that chooses a format, for the message.

    Raises:
        UsageError: the name has no suffix of a format that can be written.
    """
    found = format_of_file(path)
    written = {name: one for name, one in FORMATS.items() if one.writer is not None}
    if found in written:
        return found
    suffixes = ", ".join(one.suffixes[0] for one in written.values())
    raise UsageError(
        f"can't tell the format of the table `{path}`",
        hint=f"end its name in {suffixes} (and {', '.join(COMPRESSIONS)} if it is compressed), or "
        f"choose it by {option} {'|'.join(written)}",
    )


@contextmanager
def open_reader(
    source: str | Bytes,
    format_name: str | None = None,
    name: str | None = None,
    reading: Reading = Reading(),  # noqa: B008 - it never changes
) -> Iterator[Reader]:
    """Open a file or a stream, and close it at the end.

    Args:
        source: a path, or bytes.
        format_name: a key of `FORMATS`; by default the format of the name's suffix; text if the suffix is unknown.
        name: the name of the table in messages; by default the path.
        reading: the user's choices about the format of the text.

    Raises:
        UnavailableError: the table can't be read, or a package that reads it is not installed.
        UsageError: the format is unknown.
    """
    if isinstance(source, str):
        is_folder = "\0" not in source and Path(source).is_dir() and format_name is None
        found = "idx" if is_folder else format_name or format_of_file(source)
        stream = Bytes(io.BytesIO(), name or source, None, Path(source)) if is_folder else bytes_of(source, name)
    else:
        found, stream = format_name, source
    with stream:
        chosen = choice(found or "csv", FORMATS, "format of tables")
        reader: Callable[..., Reader] = FORMATS[chosen].reader
        is_text, is_json = chosen in {"csv", "tsv"}, chosen in {"json", "jsonl"}
        if reading.given and not is_text and (not is_json or reading.given != ["encoding"]):
            option = next(one for one in reading.given if one != "encoding" or not is_json)
            message = f"`{option}` is for text in columns, but `{stream.name}` is {chosen}"
            raise UsageError(message, kind="conflicting_options", argument=option)
        marked = None
        if is_text or is_json:
            with problems(stream.name, path=stream.path):
                marked = stream.recode(reading.encoding)
        found_reader = reader(stream, reading) if is_text else reader(stream)
        if marked:
            found_reader.notes.insert(0, f"the text is read as {marked.upper()}, because of the mark at its beginning")
        yield found_reader


@contextmanager
def open_writer(sink: IO[bytes], format_name: str, compression: str | None = None) -> Iterator[Writer]:
    """Open a writer that writes into an open file; the end of the table is written only if no exception occurs.

    Args:
        sink: the file, which stays open.
        format_name: a key of `FORMATS`.
        compression: a key of `gradcli.tables.table_bytes.COMPRESSIONS`.
    """
    make = FORMATS[format_name].writer
    if make is None:
        raise UsageError(f"`{format_name}` is read, but not written")
    with ExitStack() as stack:
        target: Any = sink
        if compression is not None:
            target = stack.enter_context(COMPRESSIONS[compression](sink, "wb"))
        writer = make(target)
        try:
            yield writer
            writer.close()
        except BaseException:
            writer.abandon()
            raise


def read_blocks(
    source: str | Iterable[str] | Bytes,
    name: str | None = None,
    rows: int = ROWS,
    reading: Reading = Reading(),  # noqa: B008 - it never changes
    notes: list[str] | None = None,
) -> Iterator[Table]:
    """Yield a table in blocks of rows.

    Args:
        source: a path, bytes, or the lines of an open text stream.
        name: the name of the table in messages; by default the name of the file.
        rows: the largest number of rows in one block.
        reading: the user's choices about the format of the text.
        notes: a list to which the notes of the reader are added, before the first block.

    Raises:
        UnavailableError: the table is missing, unreadable, of another format than its name says, empty or ragged; or a
            package that reads it is not installed.
    """
    with open_table(source, name, reading) as reader:
        if notes is not None:
            notes += reader.notes
        for block in whole_blocks(reader):
            for first in range(0, len(block), rows):
                yield block.taken(slice(first, first + rows))


def read_table(
    source: str | Iterable[str] | Bytes,
    name: str | None = None,
    reading: Reading = Reading(),  # noqa: B008 - it never changes
    together: Callable[[Table], Sequence[str]] = lambda table: table.columns,
) -> Table:
    """Return a whole table, with the notes of the reader; see `read_blocks`.

    Args:
        source, name, reading: see `read_blocks`.
        together: see `gradcli.tables.table.join`.

    >>> read_table(["a;b", "1;2"], "t.csv").columns
    ('a', 'b')
    """
    with open_table(source, name, reading) as reader:
        notes = tuple(reader.notes)
        table = join((block.settled() for block in whole_blocks(reader)), reader.rows, together)
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:  # it keeps the memory of its arrays, of which there is none left
        arrow.default_memory_pool().release_unused()
    return replace(table, notes=notes)


@contextmanager
def open_table(source: str | Iterable[str] | Bytes, name: str | None, reading: Reading) -> Iterator[Reader]:
    """Open the reader of a path, of bytes, or of the lines of a text stream."""
    if isinstance(source, str):
        name = name or Path(source).name
    elif not isinstance(source, Bytes):
        source = bytes_of_lines(source, name or "table")
    with open_reader(source, name=name, reading=reading) as reader:
        yield reader


def whole_blocks(reader: Reader) -> Iterator[Table]:
    """Yield a table in blocks of any size, without empty blocks."""
    count = 0
    for block in reader.blocks():
        if len(block):
            yield block
        count += len(block)
    if not count:
        raise damaged(reader.name, " has a header but no rows")
