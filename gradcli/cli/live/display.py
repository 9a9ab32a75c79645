"""A live display on standard error: it redraws in place, takes little time, and leaves its last frame.

`Live.update` is called after every update of a net and draws only if the drawing so far has cost a small share of the
run.  A frame is written at once, and only its lines that differ from those on the screen.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Collection
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from gradcli.draw.canvas import Line, Painter, width_of

if TYPE_CHECKING:
    from gradcli.cli.context import Terminal

__all__ = ["Live", "View", "duration", "size_of"]

SHARE = 0.15
FRAMES_PER_SECOND = 15
# Between these, some terminals wait until the frame is complete; others ignore them.
BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
USUAL_HEIGHT = 25
STOP: Any = getattr(signal, "SIGTSTP", None)  # Windows has none.


class View(Protocol):
    """The content of a display."""

    @property
    def stops(self) -> Collection[int]:
        """The numbers of updates after which the view needs the state of the run."""

    def note(self, event: Any) -> None:
        """Note an event; this is called very often."""

    def frame(self, width: int, height: int) -> list[Line]:
        """Draw a frame: at most ``height`` lines of ``width`` columns."""


class Live:
    """A display that lasts from ``with`` to the end of the block.

    Args:
        view: draws a frame whenever there is time.
        terminal: shows it.
        painter: writes its colours.
    """

    def __init__(self, view: View, terminal: Terminal, painter: Painter) -> None:
        self.view = view
        self.terminal = terminal
        self.painter = painter
        self.began = self.last = time.monotonic()
        self.cost = 0.0
        # What is on the screen: the lines as they were written, their widths, and the size of the screen then.
        self.shown: list[str] = []
        self.widths: list[int] = []
        self.size = 0, 0
        self.before: Any = None

    def __enter__(self) -> Live:
        self.terminal.stdout.flush()
        # Only the main thread may handle signals.  A job in the background ignores this one, and must go on to do so.
        if STOP is not None and threading.current_thread() is threading.main_thread():
            self.before = signal.getsignal(STOP)
            if self.before is not signal.SIG_IGN:
                signal.signal(STOP, self.pause)
        self.write(HIDE_CURSOR)
        self.draw()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.draw()
        finally:
            self.write(SHOW_CURSOR)
            if STOP is not None and self.before is not None:
                signal.signal(STOP, self.before)

    @property
    def stops(self) -> Collection[int]:
        """The numbers of updates after which the view needs the state."""
        return self.view.stops

    def pause(self, _signal: int, _frame: FrameType | None) -> None:
        """Handle Ctrl-Z: give the cursor back, stop, and later draw below what has been written meanwhile."""
        self.write(SHOW_CURSOR)
        os.kill(os.getpid(), signal.SIGSTOP)
        self.shown, self.widths, self.size = [], [], (0, 0)
        self.write(HIDE_CURSOR)

    def update(self, event: Any) -> None:
        """Note an event, and draw if there is time."""
        self.view.note(event)
        now = time.monotonic()
        if now - self.last >= 1 / FRAMES_PER_SECOND and self.cost <= SHARE * (now - self.began):
            self.draw()

    def draw(self) -> None:
        """Draw one frame."""
        import numpy as np

        start = time.monotonic()
        width, height = size_of(self.terminal)
        # A line that ends before the last column is never wrapped, and the last row is for the cursor.  Warnings of
        # NumPy would be printed into the picture.
        with np.errstate(all="ignore"):
            lines = self.view.frame(width - 1, height - 1)[: max(1, height - 1)]
        self.write(self.change(lines, (width, height)))
        self.last = time.monotonic()
        self.cost += self.last - start

    def change(self, lines: list[Line], size: tuple[int, int]) -> str:
        """Return the text that turns the frame on the screen into the next; ``size`` is in columns and rows."""
        width = size[0]
        texts = [self.painter.text(line, width - 1) for line in lines]
        same = self.size == size
        # A terminal that has become narrower has broken the lines that are longer than it is wide.
        up = len(self.shown) if same else sum(max(1, -(-one // width)) for one in self.widths)
        parts = [BEGIN, f"\x1b[{up}A\r" if up else "\r"]
        if not same:
            parts.append("\x1b[J")
        for number, text in enumerate(texts):
            if not same or number >= len(self.shown) or self.shown[number] != text:
                parts.append(f"{text}\x1b[K")
            parts.append("\r\n")
        parts.append("\x1b[J" if len(texts) < len(self.shown) else "")
        self.shown, self.size = texts, size
        self.widths = [min(width - 1, width_of(line)) for line in lines]
        return "".join([*parts, END])

    def write(self, text: str) -> None:
        """Write to the terminal at once."""
        self.terminal.stderr.write(text)
        self.terminal.stderr.flush()


def size_of(terminal: Terminal) -> tuple[int, int]:
    """Return the number of columns and of rows that the screen has at this moment."""
    try:
        columns, rows = os.get_terminal_size(terminal.stderr.fileno())
    except (OSError, ValueError):
        columns, rows = terminal.width, USUAL_HEIGHT
    given = [terminal.environment.get(name, "") for name in ("COLUMNS", "LINES")]
    sizes = [
        int(text) if text.isdecimal() and int(text) else size for text, size in zip(given, (columns, rows), strict=True)
    ]
    return max(2, sizes[0] or 80), max(2, sizes[1] or USUAL_HEIGHT)


def duration(seconds: float) -> str:
    """Return a time as a short text.

    >>> duration(0.213), duration(7.42), duration(75), duration(7265)
    ('0.21 s', '7.4 s', '1:15', '2:01:05')
    """
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
