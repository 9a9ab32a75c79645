"""The pace of a run: pauses between updates make a run slow enough to be watched."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from gradcli.draw.film import moments
from gradcli.errors import UsageError
from gradcli.train.trainer import Step

if TYPE_CHECKING:
    from gradcli.train.run import Run

__all__ = ["Pace", "seconds_of"]

#: How often the run waits in a second, and how soon it notices that it should end.
_PER_SECOND: Final = 15
_SLICE: Final = 0.05
_LONGEST: Final = 3600.0


def seconds_of(text: str) -> float:
    """Return the seconds in a text such as ``5s``, ``2.5`` or ``1min``.

    Raises:
        UsageError: the text is not a time between 0 and an hour.

    >>> seconds_of("5s"), seconds_of("1.5 min")
    (5.0, 90.0)
    """
    found = re.fullmatch(r"(\d+\.?\d*|\.\d+) ?(s|min)?", text.strip())
    seconds = float(found[1]) * (60 if found[2] == "min" else 1) if found else math.nan
    if not 0 < seconds <= _LONGEST:
        raise UsageError(
            f"`{text}` is not a time of at most an hour", hint="for example 5s, 2.5s or 1min", argument="pace"
        )
    return seconds


class Pace:
    """The pace of a run: with pauses between updates, the run lasts for a given time at least.

    Args:
        run: the run, in the state in which it begins.
        seconds: the least duration of the run.
        last: the update with which the run ends; by default the last one of the run.
        clock: a function that returns the time in seconds.
        sleep: a function that waits for some seconds.
    """

    def __init__(
        self,
        run: Run,
        seconds: float,
        last: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.clock, self.sleep = clock, sleep
        self.began: float | None = None
        steps = moments(len(run.state.history), last or run.updates, math.ceil(seconds * _PER_SECOND) + 1)
        #: Number of updates done -> the time after the start at which the run goes on.
        self.stops = {update: seconds * i / max(1, len(steps) - 1) for i, update in enumerate(steps)}

    def wait(self, event: Any, is_stopped: Callable[[], object] = lambda: False) -> None:
        """Wait after an event until the time of its update, or until the given function returns something true."""
        if self.began is None:
            self.began = self.clock()
        if not isinstance(event, Step) or event.update + 1 not in self.stops:
            return
        end = self.began + self.stops[event.update + 1]
        while (left := end - self.clock()) > 0 and not is_stopped():
            self.sleep(min(left, _SLICE))
