"""Standard input and output as streams of bytes, and the signals that end a program which writes."""

from __future__ import annotations

import io
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from gradcli.cli.context import Terminal

__all__ = ["bytes_from", "bytes_to", "tidied"]


def bytes_from(terminal: Terminal) -> Any:
    """Standard input.

    It does not go through Python's buffer: a thread that waits for more would hold its lock when the program ends.
    """
    from gradcli.tables.sources import Pipe

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


@contextmanager
def tidied() -> Iterator[None]:
    """A block that ends by its own cleaning up when the system ends the program, as a batch queue does."""
    ending = [one for one in (signal.SIGTERM, getattr(signal, "SIGHUP", None)) if one is not None]

    def end(number: int, _frame: Any) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():  # which alone may say what a signal does
        yield
        return
    before = {one: signal.signal(one, end) for one in ending if signal.getsignal(one) == signal.SIG_DFL}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
