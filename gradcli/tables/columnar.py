"""Tables of Arrow's own formats: Parquet, and Arrow as a file or a stream."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from typing import IO, Any

from gradcli.tables.protocols import BYTES, ROWS, Rows, check_names, load_pyarrow, problems
from gradcli.tables.sources import Bytes

__all__ = ["ArrowFileWriter", "ArrowReader", "ArrowStreamWriter", "ParquetReader", "ParquetWriter"]

MAGIC = b"ARROW1\0\0"
FEWEST_ROWS = 1024
# Of Parquet, each column has a buffer of its own.
LARGEST_BUFFER, SMALLEST_BUFFER, BUFFERS = 1 << 20, 1 << 16, 64 << 20


class ParquetReader:
    """A Parquet file, read page by page, so that a group of rows may be larger than memory.

    Args:
        source: the bytes of a file.
    """

    def __init__(self, source: Bytes) -> None:
        from pyarrow import parquet

        self.source = source
        self.name = source.name
        with problems(self.name, "Parquet"):
            self.bytes = source.whole("Parquet")
            self.metadata = parquet.read_metadata(self.bytes)
            self.bytes.seek(0)
            self.names = check_names(self.metadata.schema.to_arrow_schema().names, self.name)
        self.rows: int | None = self.metadata.num_rows

    def fraction(self) -> float | None:
        """Unknown but by rows."""
        return None

    def stop(self) -> None:
        """See `Bytes.stop`."""
        self.source.stop()

    def read(self, columns: Sequence[str], numbers: Collection[str], *, verbatim: bool) -> Rows:  # noqa: ARG002
        """See `gradcli.tables.protocols.Reader`."""
        from pyarrow import parquet

        with problems(self.name, "Parquet"):
            buffer = max(SMALLEST_BUFFER, min(LARGEST_BUFFER, BUFFERS // max(1, len(columns))))
            file = parquet.ParquetFile(self.bytes, metadata=self.metadata, pre_buffer=False, buffer_size=buffer)
            schema = without_indices(load_pyarrow().schema([file.schema_arrow.field(name) for name in columns]))
        return Rows(schema, self.batches(file, schema))

    def batches(self, file: Any, schema: Any) -> Iterator[Any]:
        """The rows."""
        rows = ROWS
        if self.metadata.num_row_groups and self.rows:
            group = self.metadata.row_group(0)
            width = group.total_byte_size / max(1, group.num_rows) * len(schema) / max(1, len(self.names))
            rows = int(max(FEWEST_ROWS, min(ROWS, BYTES / max(1.0, width))))
        with problems(self.name, "Parquet"):
            for batch in file.iter_batches(batch_size=rows, columns=schema.names):
                yield plain(batch, schema)


class ArrowReader:
    """Arrow, as a file or as a stream.

    Args:
        source: the bytes; those of a stream may come through a pipe.
    """

    def __init__(self, source: Bytes) -> None:
        arrow = load_pyarrow()
        self.source = source
        self.name = source.name
        self.rows: int | None = None
        self.done = 0.0
        with problems(self.name, "Arrow"):
            is_file = source.head(lambda head: len(head) >= len(MAGIC)).startswith(MAGIC)
            if is_file and source.path is None:
                # Between its magic number and its index, a file is a stream.
                source.read(len(MAGIC))
                is_file = False
            # Arrow wants as many bytes as it asks for, and a pipe may have fewer at a time.
            self.bytes = source.whole("Arrow") if is_file else io.BufferedReader(source)
            self.open = arrow.ipc.open_file if is_file else arrow.ipc.open_stream
            self.reader = self.open(self.bytes)
            self.names = check_names(self.reader.schema.names, self.name)
        self.is_file = is_file

    def fraction(self) -> float | None:
        """By batches or bytes."""
        return self.done if self.is_file else self.source.fraction(len(self.source.places))

    def stop(self) -> None:
        """See `Bytes.stop`."""
        self.source.stop()

    def read(self, columns: Sequence[str], numbers: Collection[str], *, verbatim: bool) -> Rows:  # noqa: ARG002
        """See `gradcli.tables.protocols.Reader`."""
        arrow = load_pyarrow()
        schema = arrow.schema([self.reader.schema.field(name) for name in columns])
        if self.is_file and columns:
            places = sorted(self.names.index(name) for name in columns)
            self.reader = self.open(self.bytes, options=arrow.ipc.IpcReadOptions(included_fields=places))
        return Rows(without_indices(schema), self.batches(schema))

    def batches(self, schema: Any) -> Iterator[Any]:
        """The rows; a batch of any size is cut."""
        with problems(self.name, "Arrow"):
            for batch in self.stored():
                for first in range(0, batch.num_rows, ROWS):
                    yield plain(batch.slice(first, ROWS), schema)

    def stored(self) -> Iterator[Any]:
        """The batches as they were written."""
        if not self.is_file:
            yield from self.reader
            return
        count = self.reader.num_record_batches
        for number in range(count):
            yield self.reader.get_batch(number)
            self.done = (number + 1) / count


def without_indices(schema: Any) -> Any:
    """A schema whose categories are their values, and without what pandas notes of its index."""
    arrow = load_pyarrow()
    fields = [
        field.with_type(field.type.value_type) if arrow.types.is_dictionary(field.type) else field for field in schema
    ]
    return arrow.schema(fields)


def plain(batch: Any, schema: Any) -> Any:
    """The columns of a schema; categories as their values."""
    arrow = load_pyarrow()
    if not len(schema):
        return batch.select([])
    columns = [
        array.dictionary_decode() if arrow.types.is_dictionary(array.type) else array
        for array in map(batch.column, schema.names)
    ]
    return arrow.RecordBatch.from_arrays(columns, schema=without_indices(schema))


class ParquetWriter:
    """A Parquet file, compressed with Snappy, in groups of `ROWS` rows or about `BYTES` bytes.

    Args:
        sink: where to write.
        schema: of the batches.
    """

    def __init__(self, sink: IO[bytes], schema: Any) -> None:
        arrow = load_pyarrow()
        from pyarrow import parquet

        self.schema = schema
        self.waiting: list[Any] = []
        self.rows = self.bytes = 0
        # Numbers that hardly repeat gain nothing by a dictionary, and building one takes half of the time.
        repeating = [field.name for field in schema if not arrow.types.is_floating(field.type)]
        self.writer = parquet.ParquetWriter(sink, schema, compression="snappy", use_dictionary=repeating or False)

    def write(self, batch: Any) -> None:
        """Take rows, and write a group if there are enough."""
        self.waiting.append(batch)
        self.rows += batch.num_rows
        self.bytes += batch.nbytes
        if self.rows >= ROWS or self.bytes >= BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what has been taken as a group of rows."""
        table = load_pyarrow().Table.from_batches(self.waiting, schema=self.schema)
        self.waiting = []
        self.rows = self.bytes = 0
        if len(table):
            self.writer.write_table(table, row_group_size=max(ROWS, len(table)))

    def close(self) -> None:
        """Write the last rows and the end of the file."""
        self.flush()
        self.writer.close()

    def abandon(self) -> None:
        """Write no more; pyarrow's writer would, when it is deleted."""
        self.writer.is_open = False


class ArrowFileWriter:
    """Arrow as a file, which is read at any place.

    Args:
        sink: where to write.
        schema: of the batches.
    """

    def __init__(self, sink: IO[bytes], schema: Any) -> None:
        self.writer = load_pyarrow().ipc.new_file(sink, schema)

    def write(self, batch: Any) -> None:
        """Write rows."""
        self.writer.write_batch(batch)

    def close(self) -> None:
        """Write the end of the file."""
        self.writer.close()

    def abandon(self) -> None:
        """Write no more."""


class ArrowStreamWriter(ArrowFileWriter):
    """Arrow as a stream, which can go through a pipe.

    Args:
        sink: where to write.
        schema: of the batches.
    """

    def __init__(self, sink: IO[bytes], schema: Any) -> None:
        self.writer = load_pyarrow().ipc.new_stream(sink, schema)
