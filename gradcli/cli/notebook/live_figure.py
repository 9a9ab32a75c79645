"""A run in a notebook while it goes on: one picture, which is replaced from time to time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from gradcli.train.trainer import Step

if TYPE_CHECKING:
    from gradcli.cli.notebook.notebook_page import NotebookPage
    from gradcli.draw.film import Film

__all__ = ["LiveFigure"]

#: A notebook sends every picture through a network, so there are few.
_PER_SECOND: Final = 4
#: The share of the time that drawing may take.
_SHARE: Final = 0.15


class LiveFigure:
    """A display that lasts from ``with`` to the end of the block, and ends with the picture of the last state.

    Args:
        film: the recording of the run; only moments that are drawn are recorded.
        page: the notebook.
        clock: a function that returns the time in seconds.
    """

    def __init__(self, film: Film, page: NotebookPage, clock: Callable[[], float] = time.monotonic) -> None:
        self.film, self.page, self.clock = film, page, clock
        self.handle: Any = None
        self.began = self.last = clock()
        self.cost = 0.0

    def __enter__(self) -> LiveFigure:
        self.draw()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.film.finish()
            self.draw()

    def update(self, event: Any) -> None:
        """Draw the state after an event if it is one of the film's moments, and if there is time."""
        if not isinstance(event, Step) or event.update + 1 not in self.film.stops:
            return
        now = self.clock()
        if now - self.last >= 1 / _PER_SECOND and self.cost <= _SHARE * (now - self.began):
            self.film.record(event.state)
            self.draw(now)

    def draw(self, start: float | None = None) -> None:
        """Show the last moment of the film; ``start`` is the time at which its recording began."""
        from gradcli.draw.animation import still

        start = self.clock() if start is None else start
        svg, text = still(self.film)
        bundle = {"image/svg+xml": svg, "text/plain": text}
        if self.handle is None:
            self.handle = self.page.show(bundle, is_updated=True)
        else:
            self.handle.update(bundle, raw=True)
        self.last = self.clock()
        self.cost += self.last - start
