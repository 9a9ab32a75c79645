"""The base of all readers of tables, the base of all writers, and the sizes of blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING

from gradcli.errors import UnavailableError
from gradcli.source import shortened
from gradcli.tables.table import Table, damaged

if TYPE_CHECKING:
    from gradcli.tables.table_bytes import Bytes

__all__ = ["BYTES", "ROWS", "Reader", "Writer", "not_held"]

#: The most rows, and the approximate most bytes, in a block and in a group of rows of Parquet.
ROWS = 131_072
BYTES = 32 << 20


class Reader:
    """The reader of a table, which is read once, from the beginning to the end.

    Args:
        source: the bytes.

    Attributes:
        name: the name of the table in messages.
        names: the names of its columns.
        rows: the number of its rows, if that is known.
        notes: sentences about how the table is read, for cases in which another reading is possible.
    """

    names: tuple[str, ...]
    rows: int | None = None

    def __init__(self, source: Bytes) -> None:
        self.source = source
        self.name = source.name
        self.notes: list[str] = []

    def fraction(self) -> float | None:
        """The share of the bytes that has been read, from 0 to 1; None if it is unknown, or if the rows are counted."""
        return None if self.rows is not None else self.source.fraction()

    def chosen(self, columns: Sequence[str] | None) -> tuple[str, ...]:
        """Return the columns to read: all columns for None.

        If no column is needed, return the first one, because the rows must be counted.
        """
        return self.names if columns is None else tuple(columns or self.names[:1])

    def carry(self) -> bool:
        """Let blocks carry the text of each row, so that it is written unchanged; return whether this is possible."""
        return False

    def stop(self) -> None:
        """Let a thread that waits for bytes stop reading."""
        self.source.stop()

    def blocks(self, columns: Sequence[str] | None = None, *, patient: bool = False) -> Iterator[Table]:
        """Yield the rows in one block or more; the first block may have no rows.

        Args:
            columns: the columns that are needed, in the order of the table; None means all columns, including columns
                that first occur in later JSON lines.
            patient: whether to wait for a large first block, which shows the types of the columns.

        Raises:
            UnavailableError: the file is damaged.
        """
        raise NotImplementedError


def not_held(column: str, kind: object, format_name: str) -> UnavailableError:
    """Return the error for a column that a format can't hold.

    Args:
        column: the name of the column.
        kind: its type.
        format_name: the words for the format.
    """
    other = "Arrow" if format_name == "Parquet" else "Parquet or Arrow"
    return damaged(
        shortened(column),
        f" is a column of the type {kind}, which {format_name} can't hold",
        f"write {other}, or leave the column out",
    )


class Writer:
    """The writer of a table, which is written block by block.

    Args:
        sink: the file to write to, which stays open.

    Attributes:
        infinite: a dictionary from columns to how many infinite numbers in each became null, because the format lacks
            them.
    """

    def __init__(self, sink: IO[bytes]) -> None:
        self.sink = sink
        self.infinite: Counter[str] = Counter()

    def write(self, table: Table) -> None:
        """Write a block of rows; the first block, which may have no rows, decides on the columns and their types."""
        raise NotImplementedError

    def close(self) -> None:
        """Write the rest of the table."""
        raise NotImplementedError

    def abandon(self) -> None:
        """Write no more."""
