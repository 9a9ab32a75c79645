"""Threads that share the ranges of rows of one call.

The calling thread does a part of the work; the other threads are called helpers.  After a call, helpers wait for the
next one.  `concurrent.futures` is not used, because importing it takes longer than compiling a kernel.  A forked child
process starts its own helpers.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Final

from gradcli.jobs import cores

__all__ = ["for_each_range", "meanwhile", "threads_for"]

#: The fewest numbers for which a thread saves more time than it takes to wake.
_WORTH_A_THREAD: Final = 200_000


def threads_for(numbers: int, threads: int | None = None) -> int:
    """The number of threads to use: the requested number, or else a number that depends on the work.

    Args:
        numbers: how many numbers will be computed.
        threads: the requested number of threads; None if no number was requested.

    >>> threads_for(10), threads_for(10, 3)
    (1, 3)
    """
    if threads is not None:
        return max(1, threads)
    if numbers < 2 * _WORTH_A_THREAD:
        return 1
    return max(1, min(cores(), numbers // _WORTH_A_THREAD))


class _Call:
    """The ranges of a call that are still to be done, and the error of a range that failed.

    A helper thread does nothing if it starts late, when no range is left or even after the end of the call.
    """

    def __init__(self, work: Callable[[int, int], None], ranges: Iterable[tuple[int, int]]) -> None:
        self._work = work
        self._left = deque(ranges)
        self._at_work = 0
        self._changed = threading.Condition()
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Take one range after the other until none is left."""
        while True:
            with self._changed:
                if not self._left:
                    return
                start, stop = self._left.popleft()
                self._at_work += 1
            try:
                self._work(start, stop)
            except BaseException as failure:
                self.failure = failure
                self.drop()
            with self._changed:
                self._at_work -= 1
                self._changed.notify()

    def drop(self) -> None:
        """Drop the ranges that no thread has begun."""
        with self._changed:
            self._left.clear()

    def wait(self) -> None:
        """Wait until no range is being worked on."""
        with self._changed:
            self._changed.wait_for(lambda: not self._at_work)


class _Helpers:
    """The threads that wait for calls."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[_Call] = SimpleQueue()
        self._count = 0
        self._lock = threading.Lock()

    def ask(self, call: _Call, wanted: int) -> None:
        """Let ``wanted`` helpers work on a call; start helpers until there are this many."""
        with self._lock:
            while self._count < wanted:
                threading.Thread(target=self._serve, name="gradcli", daemon=True).start()
                self._count += 1
        for _ in range(wanted):
            self._calls.put(call)

    def _serve(self) -> None:
        while True:
            self._calls.get().run()


_helpers = _Helpers()


def _forget() -> None:
    global _helpers
    _helpers = _Helpers()


if hasattr(os, "register_at_fork"):  # a child process has none of its parent's threads
    os.register_at_fork(after_in_child=_forget)


def for_each_range(work: Callable[[int, int], None], ranges: Iterable[tuple[int, int]], threads: int) -> None:
    """Call a function for each range, in several threads at once; if a call fails, raise its error.

    >>> found = []
    >>> for_each_range(lambda start, stop: found.append((start, stop)), [(0, 3), (3, 5)], 2)
    >>> sorted(found)
    [(0, 3), (3, 5)]
    """
    call = _Call(work, ranges)
    _helpers.ask(call, threads - 1)
    call.run()
    call.wait()
    if call.failure is not None:
        raise call.failure


@contextmanager
def meanwhile(work: Callable[[int, int], None], ranges: Iterable[tuple[int, int]]) -> Iterator[None]:
    """Let a helper thread work on ranges while a block runs. Ranges that are not begun when the block ends are dropped.

    This is for work that only saves time later.  So nothing is wrong if it fails or is not done.
    """
    call = _Call(work, ranges)
    _helpers.ask(call, 1)
    try:
        yield
    finally:
        call.drop()
        call.wait()
