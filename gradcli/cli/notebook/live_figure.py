"""A run in a notebook while it goes on: one picture, which is replaced from time to time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gradcli.cli.notebook.notebook_page import NotebookPage
    from gradcli.draw.film import Film

__all__ = ["LiveFigure"]

#: A notebook sends every picture through a network, so there are few.
_PER_SECOND: Final = 4
#: The share of the time that drawing may take.
_SHARE: Final = 0.25


class LiveFigure:
    """A display that lasts from ``with`` to the end of the block, and ends with the picture of the last state.

    Args:
        film: the recording of the run, which the training goes on with.
        page: the notebook.
        clock: a function that returns the time in seconds.
    """

    def __init__(self, film: Film, page: NotebookPage, clock: Callable[[], float] = time.monotonic) -> None:
        self.film, self.page, self.clock = film, page, clock
        self.handle: Any = None
        self.began = self.last = clock()
        self.cost = 0.0
        self.drawn = 0

    def __enter__(self) -> LiveFigure:
        self.draw()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.film.finish()
            self.draw()

    def update(self, _event: Any) -> None:
        """Draw if the film has a new moment and there is time."""
        now = self.clock()
        is_new = len(self.film.moments) > self.drawn
        if is_new and now - self.last >= 1 / _PER_SECOND and self.cost <= _SHARE * (now - self.began):
            self.draw()

    def draw(self) -> None:
        """Show the last moment of the film."""
        from gradcli.draw.animation import still

        start = self.clock()
        svg, text = still(self.film)
        bundle = {"image/svg+xml": svg, "text/plain": text}
        if self.handle is None:
            self.handle = self.page.show(bundle, is_updated=True)
        else:
            self.handle.update(bundle, raw=True)
        self.drawn = len(self.film.moments)
        self.last = self.clock()
        self.cost += self.last - start
