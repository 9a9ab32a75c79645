"""What all formats of tables share: the protocols of readers and writers, sizes, and errors in words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from gradcli.errors import UnavailableError, missing_extra, unreadable

__all__ = [
    "BYTES",
    "ROWS",
    "STANDARD_INPUT",
    "Reader",
    "Rows",
    "Writer",
    "check_names",
    "damaged",
    "load_pyarrow",
    "problems",
    "shortened",
]

#: The rows of a batch, and of a group of rows in Parquet, at most; and the bytes, about.
ROWS = 131_072
BYTES = 32 << 20
LONGEST = 60
#: What messages call the table that is no file.
STANDARD_INPUT = "standard input"


class Rows(NamedTuple):
    """The rows of a table.

    Attributes:
        schema: of Arrow.
        batches: of this schema.
        is_spelt: whether all columns are texts, spelt as in the file, of which some may be numbers.
    """

    schema: Any
    batches: Iterator[Any]
    is_spelt: bool = False


class Reader(Protocol):
    """A table to be read once, from the beginning to the end.

    Attributes:
        name: what messages call it.
        names: its columns.
        rows: how many there are, if that is known.
    """

    name: str
    names: tuple[str, ...]
    rows: int | None

    def fraction(self) -> float | None:
        """How much of it has been read, from 0 to 1, if that is known."""

    def stop(self) -> None:
        """Let whoever is reading, in another thread, come to an end."""

    def read(self, columns: Sequence[str], numbers: Collection[str], *, verbatim: bool) -> Rows:
        """Begin to read.

        Args:
            columns: those that are needed, in the order of the table.
            numbers: those among them that something is computed with.
            verbatim: columns of a text format may stay texts, spelt as they are.

        Raises:
            UnavailableError: the file is damaged; also later, in the batches.
        """


class Writer(Protocol):
    """A table to be written batch by batch."""

    def write(self, batch: Any) -> None:
        """Write rows."""

    def close(self) -> None:
        """Write what is left; what lies below stays open."""

    def abandon(self) -> None:
        """Write no more."""


def load_pyarrow() -> Any:
    """The package.

    Raises:
        UnavailableError: it is not installed.
    """
    try:
        import pyarrow
    except ImportError:
        raise missing_extra("pyarrow", "data", "mapping a table or a grid") from None
    return pyarrow


def damaged(name: str, reason: str, hint: str | None = None) -> UnavailableError:
    """The error for a table whose content is not what it should be.

    >>> damaged("a.csv", " is empty").message, damaged(STANDARD_INPUT, " is empty").message
    ('`a.csv` is empty', 'standard input is empty')
    """
    subject = name if name == STANDARD_INPUT else f"`{name}`"
    return UnavailableError(f"{subject}{reason}", kind="bad_table", hint=hint)


@contextmanager
def problems(name: str, format_name: str) -> Iterator[None]:
    """Whatever keeps a table from being read becomes one sentence."""
    arrow = load_pyarrow()
    try:
        yield
    except UnicodeDecodeError:
        raise damaged(name, " is not UTF-8 text", "save the table with UTF-8 encoding") from None
    except (arrow.ArrowException, OSError, EOFError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise unreadable(name, error) from None
        reason = next(iter(str(error).splitlines()), "")
        if "UTF8" in reason:
            raise damaged(name, " is not UTF-8 text", "save the table with UTF-8 encoding") from None
        reason = re.sub(r"\.? *Detail:.*", "", reason)[:200].rstrip(" .:")
        raise damaged(name, f" can't be read as {format_name}: {reason[:1].lower()}{reason[1:]}") from None
    except MemoryError:
        raise damaged(name, " does not fit into the memory batch by batch") from None


def check_names(names: Sequence[str], name: str) -> tuple[str, ...]:
    """Names that can tell columns apart; one of them may be empty, as that of an index often is.

    Raises:
        UnavailableError: they can't.
    """
    seen: set[str] = set()
    for column in names:
        if column in seen:
            raise damaged(name, f": two columns {f'are called `{shortened(column)}`' if column else 'have no name'}")
        seen.add(column)
    return tuple(names)


def shortened(text: str) -> str:
    """A cell or a name for a message.

    >>> len(shortened("x" * 1000))
    63
    """
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
