"""The progress of a command that reads a table: one line, which disappears at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.cli.live.display import duration

if TYPE_CHECKING:
    from gradcli.draw.canvas import Line

__all__ = ["ProgressView"]

# Nothing is shown in the first part of a second, so a short run shows nothing at all.
PATIENCE = 0.3


class ProgressView:
    """The view for `gradcli.cli.live.display.Live`; its events are the rows that have been read.

    Args:
        rows: the number of rows, if that is known.
        fraction: a function that returns the share that has been read, from 0 to 1, or None if the share is unknown.
        clock: a function that returns the time in seconds.

    >>> times = iter([0.0, 2.0])
    >>> view = ProgressView(10_000_000, lambda: None, lambda: next(times))
    >>> view.note(2_500_000)
    >>> "".join(text for text, _ in view.frame(80, 25)[0])
    '25 %  2,500,000 of 10,000,000 rows  1.2 million rows/s  6.0 s left'
    """

    def __init__(
        self, rows: int | None, fraction: Callable[[], float | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.rows = rows
        self.fraction = fraction
        self.clock = clock
        self.began = clock()
        self.read = 0
        self.is_over = False

    def note(self, event: Any) -> None:
        """Take note of how many rows have been read; None means that all rows have been read."""
        self.is_over = event is None
        self.read = event or self.read

    def frame(self, width: int, height: int) -> list[Line]:  # noqa: ARG002
        """Draw one line, but none at the very beginning and at the end. On a narrow screen some parts are left out."""
        seconds = self.clock() - self.began
        if self.is_over or seconds < PATIENCE:
            return []
        fraction = self.read / self.rows if self.rows else self.fraction()
        share = ("" if fraction is None else f"{int(100 * fraction)} %", "bold")
        count = (f"{self.read:,} rows", "")
        full = (f"{self.read:,} of {self.rows:,} rows", "") if self.rows else count
        speed = (rate(self.read / seconds), "")
        left = (f"{duration(seconds * (1 - fraction) / fraction)} left" if fraction else "", "dim")
        line: Line = []
        for parts in ((share, full, speed, left), (share, count, speed, left), (share, count, left), (share, left)):
            said = [part for part in parts if part[0]]
            line = [(f"{'  ' if place else ''}{text}", key) for place, (text, key) in enumerate(said)]
            if sum(len(text) for text, _ in line) <= width:
                break
        return [line]


def rate(rows: float) -> str:
    """Return the number of rows in a second as a short text.

    >>> rate(1_234_567), rate(850)
    ('1.2 million rows/s', '850 rows/s')
    """
    return f"{rows / 1e6:.1f} million rows/s" if rows >= 1e6 else f"{round(rows):,} rows/s"
