"""The protocol of readers and writers of tables, and sizes that all formats share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from gradcli.tables.table import Table

if TYPE_CHECKING:
    from gradcli.tables.table_bytes import Bytes

__all__ = ["BYTES", "ROWS", "Reader", "Writer"]

#: The rows of a block, and of a group of rows in Parquet, at most; and the bytes, about.
ROWS = 131_072
BYTES = 32 << 20


class Reader:
    """A table to be read once, from the beginning to the end.

    Args:
        source: the bytes.

    Attributes:
        name: what messages call it.
        names: its columns.
        rows: how many there are, if that is known.
    """

    names: tuple[str, ...]
    rows: int | None = None

    def __init__(self, source: Bytes) -> None:
        self.source = source
        self.name = source.name

    def fraction(self) -> float | None:
        """How much of it has been read, from 0 to 1, if that is known."""
        return self.source.fraction()

    def stop(self) -> None:
        """Let a thread that is reading come to an end."""
        self.source.stop()

    def blocks(self, columns: Sequence[str] | None = None, *, patient: bool = False) -> Iterator[Table]:
        """The rows, in blocks; at least one block, which may have no rows.

        Args:
            columns: those that are needed, in the order of the table; None is all of them, later ones of JSON too.
            patient: wait for a large first block, by which types can be told.

        Raises:
            UnavailableError: the file is damaged.
        """
        raise NotImplementedError


class Writer(Protocol):
    """A table to be written block by block."""

    def write(self, table: Table) -> None:
        """Write rows; the first block, which may have none, has the columns and their types."""

    def close(self) -> None:
        """Write what is left, and leave the file below open."""

    def abandon(self) -> None:
        """Write no more."""
