"""`gradcli.cli.live.pace`: a run that lasts as long as it should."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from gradcli.cli.live.pace import Pace, seconds_of
from gradcli.errors import UsageError

Small = Callable[..., Any]


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_run_lasts_as_long_as_it_should_whatever_the_engine(small: Small) -> None:
    run, clock = small(epochs=20), Clock()
    pace = Pace(run, 3.0, clock=clock.time, sleep=clock.sleep)
    times = []
    for event in run.events(pace.stops):
        pace.wait(event)
        times.append(clock.now - 100)
    assert times[-1] == pytest.approx(3.0)
    assert max(later - before for before, later in pairwise(times)) < 0.5


def test_a_slow_run_does_not_wait(small: Small) -> None:
    run, clock, waited = small(epochs=2), Clock(), []
    pace = Pace(run, 1.0, clock=clock.time, sleep=waited.append)
    pace.wait(None)
    for event in run.events(pace.stops):
        clock.now += 10
        pace.wait(event)
    assert waited == []


def test_waiting_ends_when_the_run_should_stop(small: Small) -> None:
    run, clock = small(epochs=2), Clock()
    pace = Pace(run, 1000.0, clock=clock.time, sleep=clock.sleep)
    for event in run.events(pace.stops):
        pace.wait(event, lambda: clock.now > 101)
    assert clock.now < 102


@pytest.mark.parametrize("text", ["", "0", "0s", "-1s", "5 hours", "3601", "nan", "s"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a time of at most an hour"):
        seconds_of(text)
