"""Tables in Parquet, and in Arrow's format for files or for streams."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import IO, Any

from gradcli.tables.cells import ArrowCells, load_pyarrow
from gradcli.tables.reader import BYTES, ROWS, Reader, Writer, not_held
from gradcli.tables.table import Table, check_names
from gradcli.tables.table_bytes import Bytes, problems

__all__ = ["ArrowReader", "ArrowWriter", "ParquetReader", "ParquetWriter"]

MAGIC = b"ARROW1\0\0"
FEWEST_ROWS = 1024
# The sizes in bytes of the buffer that each column of Parquet has, and of all these buffers.
LARGEST_BUFFER, SMALLEST_BUFFER, BUFFERS = 1 << 20, 1 << 16, 64 << 20


def blocks_of(batches: Iterator[Any], schema: Any, name: str) -> Iterator[Table]:
    """Yield batches of Arrow as blocks of a table; without batches, yield one empty block."""
    columns, first = tuple(schema.names), 0
    for batch in batches:
        yield Table(name, columns, tuple(ArrowCells(batch.column(one)) for one in columns), None, first)
        first += batch.num_rows
    if not first:
        yield Table(name, columns, tuple(ArrowCells(load_pyarrow().array([], field.type)) for field in schema))


class ParquetReader(Reader):
    """The reader of a Parquet file; it reads page by page, so a group of rows may be larger than memory.

    Args:
        source: the bytes of a file.
    """

    def __init__(self, source: Bytes) -> None:
        super().__init__(source)
        arrow = load_pyarrow()
        from pyarrow import parquet

        with problems(self.name, "Parquet", source.path):
            self.bytes = (
                arrow.OSFile(str(source.path)) if source.path else arrow.PythonFile(source.file("Parquet"), "r")
            )
            self.metadata = parquet.read_metadata(self.bytes)
            self.bytes.seek(0)
            self.names = check_names(self.metadata.schema.to_arrow_schema().names, self.name)
        self.rows: int | None = self.metadata.num_rows

    def blocks(self, columns: Sequence[str] | None = None, *, patient: bool = False) -> Iterator[Table]:  # noqa: ARG002
        """See `Reader`."""
        from pyarrow import parquet

        names = list(self.chosen(columns))
        with problems(self.name, "Parquet", self.source.path):
            buffer = max(SMALLEST_BUFFER, min(LARGEST_BUFFER, BUFFERS // max(1, len(names))))
            file = parquet.ParquetFile(self.bytes, metadata=self.metadata, pre_buffer=False, buffer_size=buffer)
            rows = ROWS
            if self.metadata.num_row_groups and self.rows:
                group = self.metadata.row_group(0)
                width = group.total_byte_size / max(1, group.num_rows) * len(names) / max(1, len(self.names))
                rows = int(max(FEWEST_ROWS, min(ROWS, BYTES / max(1.0, width))))
            schema = load_pyarrow().schema([file.schema_arrow.field(name) for name in names])
            yield from blocks_of(file.iter_batches(batch_size=rows, columns=names), schema, self.name)


class ArrowReader(Reader):
    """The reader of Arrow as a file or as a stream.

    Args:
        source: the bytes; a stream may come through a pipe.
    """

    def __init__(self, source: Bytes) -> None:
        super().__init__(source)
        arrow = load_pyarrow()
        self.done = 0.0
        with problems(self.name, "Arrow", source.path):
            self.is_file = source.head(lambda head: len(head) >= len(MAGIC)).startswith(MAGIC)
            if self.is_file and source.path is None:
                # The part of a file between its magic number and its index is a stream.
                source.read(len(MAGIC))
                self.is_file = False
            # Arrow needs exactly as many bytes as it asks for, but a pipe may give fewer.
            self.bytes = arrow.OSFile(str(source.path)) if self.is_file else io.BufferedReader(source)
            self.open = arrow.ipc.open_file if self.is_file else arrow.ipc.open_stream
            self.reader = self.open(self.bytes)
            self.names = check_names(self.reader.schema.names, self.name)

    def fraction(self) -> float | None:
        """The share that has been read, from 0 to 1: of the batches of a file, or of the bytes of a stream."""
        return self.done if self.is_file else self.source.fraction()

    def blocks(self, columns: Sequence[str] | None = None, *, patient: bool = False) -> Iterator[Table]:  # noqa: ARG002
        """See `Reader`; a large batch is cut into blocks."""
        arrow = load_pyarrow()
        names = list(self.chosen(columns))
        schema = arrow.schema([self.reader.schema.field(name) for name in names])
        if self.is_file:
            places = sorted(self.names.index(name) for name in names)
            self.reader = self.open(self.bytes, options=arrow.ipc.IpcReadOptions(included_fields=places))
        with problems(self.name, "Arrow", self.source.path):
            cut = (batch.slice(first, ROWS) for batch in self.stored() for first in range(0, batch.num_rows, ROWS))
            yield from blocks_of(cut, schema, self.name)

    def stored(self) -> Iterator[Any]:
        """Yield the batches as they were written."""
        if not self.is_file:
            yield from self.reader
            return
        count = self.reader.num_record_batches
        for number in range(count):
            yield self.reader.get_batch(number)
            self.done = (number + 1) / count


class ArrowWriter(Writer):
    """The writer of Arrow's format.

    Args:
        sink: the file to write to.
        is_stream: whether the format for streams, which can go through a pipe, is written, and not the format for
            files.
    """

    def __init__(self, sink: IO[bytes], *, is_stream: bool = False) -> None:
        super().__init__(sink)
        ipc = load_pyarrow().ipc
        self.open = ipc.new_stream if is_stream else ipc.new_file
        self.writer: Any = None
        self.schema: Any = None

    def write(self, table: Table) -> None:
        """Write rows; the first block decides on the types of the columns."""
        arrow = load_pyarrow()
        arrays = [cells.arrow() for cells in table.cells]
        if self.schema is None:
            self.schema = arrow.schema(list(zip(table.columns, (array.type for array in arrays), strict=True)))
            self.writer = self.opened(self.sink, self.schema)
        if len(table):
            self.take(arrow.RecordBatch.from_arrays(arrays, schema=self.schema))

    def opened(self, sink: Any, schema: Any) -> Any:
        """Return the writer of pyarrow for this format."""
        return self.open(sink, schema)

    def take(self, batch: Any) -> None:
        """Write a batch."""
        self.writer.write_batch(batch)

    def close(self) -> None:
        """Write the end of the file."""
        self.writer.close()


class ParquetWriter(ArrowWriter):
    """The writer of a Parquet file, compressed with Snappy, in groups of `ROWS` rows or about `BYTES` bytes."""

    def write(self, table: Table) -> None:
        """See `ArrowWriter`.

        Raises:
            UnavailableError: Parquet lacks the type of a column.
        """
        if self.schema is None:
            self.waiting: list[Any] = []
            self.rows = self.bytes = 0
            refuse_types(self, table)
        super().write(table)

    def opened(self, sink: Any, schema: Any) -> Any:
        """Return the writer of pyarrow for this format."""
        arrow = load_pyarrow()
        from pyarrow import parquet

        # Floats hardly repeat, so a dictionary is useless for them, and to build it takes half of the time.
        repeating = [field.name for field in schema if not arrow.types.is_floating(field.type)]
        return parquet.ParquetWriter(sink, schema, compression="snappy", use_dictionary=repeating or False)

    def take(self, batch: Any) -> None:
        """Keep a batch, and write a group of rows if enough rows are kept."""
        self.waiting.append(batch)
        self.rows += batch.num_rows
        self.bytes += batch.nbytes
        if self.rows >= ROWS or self.bytes >= BYTES:
            self.flush()

    def flush(self) -> None:
        """Write the batches that are kept as a group of rows."""
        if self.waiting:
            table = load_pyarrow().Table.from_batches(self.waiting, schema=self.schema)
            self.writer.write_table(table, row_group_size=max(ROWS, len(table)))
        self.waiting = []
        self.rows = self.bytes = 0

    def close(self) -> None:
        """Write the last rows and the end of the file."""
        self.flush()
        super().close()

    def abandon(self) -> None:
        """Write no more. pyarrow's writer is marked as closed, because an open writer writes when it is deleted."""
        if self.writer is not None:
            self.writer.is_open = False


def refuse_types(writer: ParquetWriter, table: Table) -> None:
    """Refuse a table that has a column of a type that Parquet lacks, such as an interval of months."""
    arrow = load_pyarrow()
    for name, cells in zip(table.columns, table.cells, strict=True):
        kind = cells.arrow().type if isinstance(cells, ArrowCells) else None
        # Every format has the plain types, which most columns are of.
        if kind is None or (arrow.types.is_primitive(kind) and not arrow.types.is_interval(kind)):
            continue
        try:
            writer.opened(io.BytesIO(), arrow.schema([(name, kind)])).close()
        except (arrow.ArrowException, OSError):
            raise not_held(name, kind, "Parquet") from None
