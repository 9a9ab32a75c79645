"""Standard output as a stream of bytes, and a clean end when a signal stops a program that writes."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from gradcli.cli.context import Terminal

__all__ = ["ENDING", "bytes_to", "tidied"]

#: The signals by which a system ends a program: a batch queue, or a terminal that closes.
ENDING = [one for one in (signal.SIGTERM, getattr(signal, "SIGHUP", None)) if one is not None]
#: The seconds after which a signal is sent again whose exception was ignored.
_SOON = 0.01


class _Ended(SystemExit):
    """The exception that a signal raises.

    Attributes:
        code: the exit code, a number above 128.
    """

    code: int


@contextmanager
def bytes_to(terminal: Terminal) -> Iterator[IO[bytes]]:
    """Return standard output as a stream of bytes."""
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
    """Let a block clean up after itself when a signal ends the program, as a batch queue ends its jobs."""

    def end(number: int, _frame: Any) -> None:
        for one in handled:  # a second signal must not interrupt the tidying
            signal.signal(one, signal.SIG_IGN)
        raise _Ended(128 + number)

    def again(ignored: sys.UnraisableHookArgs) -> None:
        # Python ignores an exception in a destructor, so that the program would run on, and ignore further signals.
        if not isinstance(ignored.exc_value, _Ended):
            before(ignored)
            return
        for one in handled:
            signal.signal(one, end)
        number = ignored.exc_value.code - 128
        threading.Timer(_SOON, os.kill, (os.getpid(), number)).start()

    if threading.current_thread() is not threading.main_thread():  # only the main thread may handle signals
        yield
        return
    handled = [one for one in ENDING if signal.getsignal(one) == signal.SIG_DFL]
    before = sys.unraisablehook
    sys.unraisablehook = again
    for one in handled:
        signal.signal(one, end)
    try:
        yield
    finally:
        for one in handled:
            signal.signal(one, signal.SIG_DFL)
        sys.unraisablehook = before
