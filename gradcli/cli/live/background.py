"""Whether the background of the terminal is light, as the terminal itself answers.

The question is xterm's OSC 11.  After it comes one that every terminal answers (DA1), so a terminal that doesn't know
the first is not waited for.
"""

from __future__ import annotations

import os
import re
import select
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gradcli.cli.context import Terminal

__all__ = ["answered", "is_light", "is_light_colour"]

#: The answers of a terminal on this machine take a few milliseconds, those through a network longer.
_SECONDS: Final = 0.25
_QUESTION: Final = b"\x1b]11;?\x1b\\\x1b[c"
_LAST: Final = re.compile(rb"\x1b\[\?[\d;]*c")
_COLOUR: Final = re.compile(rb"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})")


def is_light(terminal: Terminal) -> bool:
    """Ask whether the background is light; false if there is no real terminal, or no answer.

    Nothing is asked if ``COLORFGBG`` tells it, or in the background of a shell, where a question would stop the job.
    """
    environment = terminal.environment
    is_real = terminal.is_of_process and terminal.stdin_is_terminal and terminal.can_redraw
    if not is_real or "COLORFGBG" in environment or environment.get("TERM", "") in ("", "linux"):
        return False
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | getattr(os, "O_NOCTTY", 0))
    except OSError:  # Windows, or no terminal at all
        return False
    try:
        if os.tcgetpgrp(descriptor) != os.getpgrp():
            return False
        return is_light_colour(answered(descriptor, _SECONDS))
    except OSError:
        return False
    finally:
        os.close(descriptor)


def answered(descriptor: int, seconds: float) -> bytes:
    """Ask a terminal for its background, and return what it says within some seconds."""
    import termios
    import tty

    try:
        before = termios.tcgetattr(descriptor)
    except termios.error:
        return b""
    said = b""
    try:
        # Without this, the answer would be shown, and kept back until a line is complete.
        tty.setcbreak(descriptor, termios.TCSANOW)
        os.write(descriptor, _QUESTION)
        end = time.monotonic() + seconds
        while not _LAST.search(said) and (left := end - time.monotonic()) > 0:
            if select.select([descriptor], [], [], left)[0]:
                said += os.read(descriptor, 1024) or b"\x1b[?c"
    finally:
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
    return said


def is_light_colour(answer: bytes) -> bool:
    """Whether an answer names a colour that is nearer to white than to black.

    >>> is_light_colour(b"\\x1b]11;rgb:fdfd/f6f6/e3e3\\x1b\\\\"), is_light_colour(b"\\x1b]11;rgb:00/2b/36\\x07")
    (True, False)
    """
    found = _COLOUR.search(answer)
    if found is None:
        return False
    red, green, blue = (int(part, 16) / int("f" * len(part), 16) for part in found.groups())
    return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
