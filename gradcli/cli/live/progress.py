"""The progress of a command that reads a table or runs jobs: one line, which disappears at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from gradcli.cli.live.display import duration
from gradcli.jobs import Crew, Job, run_jobs
from gradcli.source import counted

if TYPE_CHECKING:
    from gradcli.cli.command import Session
    from gradcli.cli.live.display import View
    from gradcli.draw.canvas import Line

__all__ = ["JobsView", "ProgressView", "progress_display", "rate", "run_shown"]

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


class JobsView:
    """The view of jobs; its events have how many jobs are done, and what `note` takes besides.

    Args:
        count: the number of jobs.
        noun: the word for a job.
        clock: a function that returns the time in seconds.

    >>> times = iter([0.0, 4.0])
    >>> view = JobsView(8, "table", lambda: next(times))
    >>> view.note((2, 0.5, 6_000_000))
    >>> "".join(text for text, _ in view.frame(80, 25)[0])
    '2 of 8 tables  31 %  6,000,000 rows  1.9 million rows/s  8.8 s left'
    """

    def __init__(self, count: int, noun: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.count = count
        self.noun = noun
        self.clock = clock
        self.began = clock()
        self.done = 0
        self.running = 0.0
        self.rows: int | None = None
        self.is_over = False

    def note(self, event: Any) -> None:
        """Take note of how the jobs stand.

        Args:
            event: how many jobs are done; the sum of the shares of the running jobs that are done; and how many rows
                the jobs that are done had, or None for no rows.  None instead means that no job runs any longer.
        """
        self.is_over = event is None
        if event is not None:
            self.done, self.running, self.rows = event

    def frame(self, width: int, height: int) -> list[Line]:  # noqa: ARG002
        """Draw one line, but none at the end. On a narrow screen some parts are left out."""
        if self.is_over or self.done == self.count:
            return []
        seconds = self.clock() - self.began
        parts: Line = [(f"{self.done} of {counted(self.count, self.noun)}", "bold")]
        share = (self.done + self.running) / self.count
        if share and seconds >= PATIENCE:
            parts.append((f"  {int(100 * share)} %", ""))
            if self.done and self.rows is not None:
                # As if the running jobs had as many rows as those that are done.
                speed = self.rows * share * self.count / self.done / seconds
                parts += [(f"  {self.rows:,} rows", ""), (f"  {rate(speed)}", "")]
            parts.append((f"  {duration(seconds * (1 - share) / share)} left", "dim"))
        while len(parts) > 1 and sum(len(text) for text, _ in parts) > width:
            del parts[-1]
        return [parts]


def progress_display(session: Session, view: View) -> AbstractContextManager[Any]:
    """Return the display of a view, which shows nothing if standard error isn't a terminal, or under ``--json``."""
    terminal = session.terminal
    if not terminal.can_redraw or session.output.form == "json":
        return nullcontext()
    from gradcli.cli.live.display import Live
    from gradcli.draw.canvas import Painter

    return Live(view, terminal, Painter.of(terminal.environment, colour=terminal.message_colour), vanishes=True)


def run_shown(
    session: Session,
    function: Callable[..., Any],
    jobs: Sequence[Job],
    crew: Crew,
    noun: str,
    done: Callable[[int, Any], None] = lambda number, result: None,
    rows: Callable[[Any], int] | None = None,
) -> list[Any]:
    """Run jobs as `gradcli.jobs.run_jobs` does, and show how many are done, and how far the others are.

    Args:
        session: the running command.
        function, jobs, crew, done: as for `run_jobs`.
        noun: the word for a job.
        rows: a function that returns the number of rows of a result; None if the results have no rows.
    """
    count, total, shares = 0, None if rows is None else 0, dict[int, float]()

    with progress_display(session, JobsView(len(jobs), noun)) as display:

        def show() -> None:
            if display is not None:
                display.update((count, sum(shares.values()), total))

        def told(number: int, share: float) -> None:
            shares[number] = share
            show()

        def ended(number: int, result: Any) -> None:
            nonlocal count, total
            count += 1
            shares.pop(number, None)
            if rows is not None and total is not None:
                total += rows(result)
            done(number, result)
            show()

        # Where there is a display, it shows that nothing is done yet.
        say = session.output.message if display is None else lambda sentence: None
        return run_jobs(function, jobs, crew, ended, say, told)


def rate(rows: float) -> str:
    """Return the number of rows in a second as a short text.

    >>> rate(1_234_567), rate(850)
    ('1.2 million rows/s', '850 rows/s')
    """
    return f"{rows / 1e6:.1f} million rows/s" if rows >= 1e6 else f"{round(rows):,} rows/s"
