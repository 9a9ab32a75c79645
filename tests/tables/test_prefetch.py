"""A generator that runs ahead gives the same items, the same errors, and stops when nobody wants more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from gradcli.tables.prefetch import ahead


def test_the_items_are_the_same_in_the_same_order() -> None:
    assert list(ahead(ahead(range(1000)))) == list(range(1000))


def test_an_error_comes_where_its_item_would_have_come() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    found = ahead(items())
    assert next(found) == 1
    with pytest.raises(ValueError, match="no more"):
        next(found)


def test_a_consumer_that_stops_ends_the_thread_and_closes_the_items() -> None:
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    found = ahead(ahead(items()))
    next(found)
    before = threading.active_count()
    found.close()
    assert closed.is_set()
    assert threading.active_count() == before - 2


def test_at_most_as_many_items_wait_as_were_asked_for() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    found = ahead(items())
    next(found)
    time.sleep(0.05)
    assert len(made) <= 3  # one was taken, one waits, one is in the hand
    found.close()


def test_a_thread_that_is_stuck_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcli.tables.prefetch.PATIENCE", 0.05)
    forever = threading.Event()
    ended: list[bool] = []

    def items() -> Iterator[int]:
        yield 1
        forever.wait(60)
        ended.append(True)

    found = ahead(items())
    next(found)
    found.close()
    assert not ended
    forever.set()
