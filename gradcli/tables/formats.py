"""The formats of tables: one entry of `FORMATS` each, found by the end of a file's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import IO, Any, NamedTuple

from gradcli.errors import UsageError, choice
from gradcli.tables.columnar import ArrowFileWriter, ArrowReader, ArrowStreamWriter, ParquetReader, ParquetWriter
from gradcli.tables.protocols import Reader, Writer, load_pyarrow
from gradcli.tables.sources import COMPRESSIONS, Bytes, bytes_of, split_compression
from gradcli.tables.text_tables import CsvReader, CsvWriter, JsonReader, JsonWriter

__all__ = ["FORMATS", "Format", "format_of_table", "open_reader", "open_writer"]


class Format(NamedTuple):
    """A format of tables.

    Attributes:
        suffixes: ends of names of files.
        reader: makes a reader of bytes.
        writer: makes a writer of a sink for bytes and a schema.
        is_text: whether a column can be written as it was spelt.
        is_stream: whether it is read from the beginning to the end, so that it may be compressed as a whole.
    """

    suffixes: tuple[str, ...]
    reader: Callable[[Bytes], Reader]
    writer: Callable[[IO[bytes], Any], Writer]
    is_text: bool = False
    is_stream: bool = True


FORMATS = {
    "csv": Format((".csv", ".txt"), CsvReader, CsvWriter, is_text=True),
    "tsv": Format(
        (".tsv", ".tab"), partial(CsvReader, delimiter="\t"), partial(CsvWriter, delimiter="\t"), is_text=True
    ),
    "jsonl": Format((".jsonl", ".ndjson"), JsonReader, JsonWriter),
    "parquet": Format((".parquet", ".pq"), ParquetReader, ParquetWriter, is_stream=False),
    "arrow": Format((".arrow", ".feather", ".ipc"), ArrowReader, ArrowFileWriter, is_stream=False),
    "arrows": Format((".arrows",), ArrowReader, ArrowStreamWriter),
}


def format_of_table(path: str, option: str) -> str:
    """The format that a file's name asks for.

    Args:
        path: the name.
        option: the one that names a format, for the message.

    Raises:
        UsageError: the name says nothing.

    >>> format_of_table("prices.csv.gz", "--from")
    'csv'
    """
    name, compression = split_compression(path)
    for format_name, one in FORMATS.items():
        if name.lower().endswith(one.suffixes):
            if compression and not one.is_stream:
                message = f"`{path}`: this format is not compressed as a whole"
                raise UsageError(message, kind="bad_value", hint=f"{name} is the name of such a file")
            return format_name
    suffixes = ", ".join(one.suffixes[0] for one in FORMATS.values())
    raise UsageError(
        f"can't tell the format of the table `{path}`",
        kind="bad_value",
        hint=f"its name ends in {suffixes} (behind it {', '.join(COMPRESSIONS)} if it is compressed), or "
        f"{option} {'|'.join(FORMATS)} says it",
    )


@contextmanager
def open_reader(source: str | Bytes, format_name: str | None = None) -> Iterator[Reader]:
    """A reader of a file or of a stream, closed at the end.

    Args:
        source: a path, or bytes.
        format_name: a key of `FORMATS`; by default the one that the name asks for.

    Raises:
        UnavailableError: the table can't be read, or pyarrow is not installed.
        UsageError: there is no such format, or the name says nothing.
    """
    load_pyarrow()
    with bytes_of(source) if isinstance(source, str) else source as stream:
        chosen = choice(format_name or format_of_table(stream.name, "--from"), FORMATS, "format of tables")
        yield FORMATS[chosen].reader(stream)


@contextmanager
def open_writer(sink: IO[bytes], schema: Any, format_name: str, compression: str | None = None) -> Iterator[Writer]:
    """A writer into a file that is open; the file's end is written if the block succeeds.

    Args:
        sink: stays open.
        schema: of Arrow, of the batches to come.
        format_name: a key of `FORMATS`.
        compression: a value of `gradcli.tables.sources.COMPRESSIONS`.
    """
    one = FORMATS[choice(format_name, FORMATS, "format of tables")]
    with ExitStack() as stack:
        target: Any = sink
        if compression is not None:
            target = stack.enter_context(load_pyarrow().CompressedOutputStream(Unclosed(sink), compression))
        writer = one.writer(target, schema)
        try:
            yield writer
            writer.close()
        except BaseException:
            writer.abandon()
            raise


class Unclosed:
    """A file that what lies above can't close."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self.write = file.write
        self.flush = file.flush

    def close(self) -> None:
        """Leave the file open."""
