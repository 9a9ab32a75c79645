"""A live display on standard error: it redraws in place, takes little time, and leaves its last frame.

`Live.update` is called after every update of a net and draws only if drawing has taken a small share of the time so
far.  A frame is written in one piece, and lines that are on the screen already are not written again.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from gradcli.cli.context import screen_size
from gradcli.draw.canvas import Line, Painter, width_of

if TYPE_CHECKING:
    from gradcli.cli.context import Terminal

__all__ = ["SHARE", "Live", "View", "duration"]

SHARE = 0.15
FRAMES_PER_SECOND = 15
# Between these, some terminals wait until the frame is complete; others ignore them.
BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
STOP: Any = getattr(signal, "SIGTSTP", None)  # Windows has none.


class View(Protocol):
    """The object that draws the frames of a display."""

    def note(self, event: Any) -> None:
        """Take note of an event; this is called very often."""

    def frame(self, width: int, height: int) -> list[Line]:
        """Draw a frame: at most ``height`` lines of ``width`` columns."""


class Live:
    """A display that lasts from ``with`` to the end of the block.

    Args:
        view: the object that draws a frame whenever there is time.
        terminal: the terminal that shows the frame.
        painter: the painter that writes the colours of the frame.
        share: how much of the time drawing may take.
        vanishes: whether nothing of the display stays on the screen, however the block ends; then the last event of the
            view is None, and its frame is empty.
    """

    def __init__(
        self, view: View, terminal: Terminal, painter: Painter, share: float = SHARE, *, vanishes: bool = False
    ) -> None:
        self.view, self.share, self.vanishes = view, share, vanishes
        self.terminal = terminal
        self.painter = painter
        self.began = self.last = time.monotonic()
        self.cost = 0.0
        # The lines on the screen, and the columns and rows that the screen had when they were written.
        self.shown: list[Line] = []
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

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if self.vanishes:
                self.view.note(None)
            if kind is None or self.vanishes:
                self.draw()
        finally:
            if STOP is not None and self.before is not None:
                signal.signal(STOP, self.before)
            self.write(SHOW_CURSOR)

    def pause(self, _signal: int, _frame: FrameType | None) -> None:
        """Handle Ctrl-Z: show the cursor and stop the process. Afterwards, draw below the lines written meanwhile."""
        self.write(SHOW_CURSOR)
        os.kill(os.getpid(), signal.SIGSTOP)
        self.shown, self.size = [], (0, 0)
        self.write(HIDE_CURSOR)

    def update(self, event: Any) -> None:
        """Take note of an event, and draw if there is time."""
        self.view.note(event)
        now = time.monotonic()
        if now - self.last >= 1 / FRAMES_PER_SECOND and self.cost <= self.share * (now - self.began):
            self.draw()

    def draw(self) -> None:
        """Draw one frame."""
        import numpy as np

        start = time.monotonic()
        width, height = screen_size(self.terminal.stderr, self.terminal.environment)
        # A line that ends before the last column is never wrapped, and the last row is for the cursor.  Warnings of
        # NumPy would be printed into the picture.
        with np.errstate(all="ignore"):
            lines = self.view.frame(width - 1, height - 1)[: max(1, height - 1)]
        self.write(self.change(lines, (width, height)))
        self.last = time.monotonic()
        self.cost += self.last - start

    def change(self, lines: list[Line], size: tuple[int, int]) -> str:
        """Return the text that turns the frame on the screen into the next one; ``size`` is (columns, rows)."""
        width, same = size[0], self.size == size
        # A terminal that has become narrower has broken the lines that are longer than it is wide.
        widths = [min(width_of(line), self.size[0] - 1) for line in self.shown]
        up = len(self.shown) if same else sum(max(1, -(-one // width)) for one in widths)
        parts = [BEGIN, f"\x1b[{up}A\r" if up else "\r"]
        if not same:
            parts.append("\x1b[J")
        for number, line in enumerate(lines):
            if not same or number >= len(self.shown) or self.shown[number] != line:
                parts.append(f"{self.painter.text(line, width - 1)}\x1b[K")
            parts.append("\r\n")
        parts.append("\x1b[J" if len(lines) < len(self.shown) else "")
        self.shown, self.size = lines, size
        return "".join([*parts, END])

    def write(self, text: str) -> None:
        """Write to the terminal at once."""
        self.terminal.stderr.write(text)
        self.terminal.stderr.flush()


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
