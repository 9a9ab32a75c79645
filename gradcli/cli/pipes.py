"""Standard input and output as streams of bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from gradcli.cli.context import Terminal

__all__ = ["bytes_from", "bytes_to"]


def bytes_from(terminal: Terminal) -> Any:
    """Standard input.

    It does not go through Python's buffer: a thread that waits for more would hold its lock when the program ends.
    """
    from gradcli.tabulate.sources import Pipe

    try:
        return Pipe(terminal.stdin.fileno(), closefd=False)
    except (OSError, ValueError):
        return io.BytesIO(terminal.stdin.read().encode())


@contextmanager
def bytes_to(terminal: Terminal) -> Iterator[IO[bytes]]:
    """Standard output."""
    stream: Any = getattr(terminal.stdout, "buffer", None)
    if stream is not None:
        terminal.stdout.flush()
        yield stream
        return
    held = io.BytesIO()
    yield held
    terminal.stdout.write(held.getvalue().decode())
