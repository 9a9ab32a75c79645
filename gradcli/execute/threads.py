"""Threads that share the ranges of rows of one call.

The calling thread is one of them; the others, its helpers, then wait for the next call.  They aren't made by
`concurrent.futures`, because importing it takes longer than compiling a kernel.  A forked child makes its own.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Final

__all__ = ["for_each_range", "meanwhile", "threads_for"]

#: The fewest numbers for which a thread saves more time than it takes to wake.
_WORTH_A_THREAD: Final = 200_000


def threads_for(numbers: int, threads: int | None = None) -> int:
    """The number of threads to use: the number asked for, or else one or more, depending on the work.

    Args:
        numbers: how many numbers will be computed.
        threads: the number of threads that was asked for, if any.

    >>> threads_for(10), threads_for(10, 3)
    (1, 3)
    """
    if threads is not None:
        return max(1, threads)
    if numbers < 2 * _WORTH_A_THREAD:
        return 1
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(available, numbers // _WORTH_A_THREAD))


class _Call:
    """The ranges of a call that are left to do, and the error of one that failed.

    A helper that comes when no range is left, perhaps after the end of the call, does nothing.
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
        """Leave out the ranges that have not been begun."""
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
    """Call a function for each range, in several threads at once, and raise the error that it raises.

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
    """Let a helper work on ranges while a block runs; ranges that it hasn't begun when the block ends are left out.

    This is for work that only saves time later, and may fail or be left undone.
    """
    call = _Call(work, ranges)
    _helpers.ask(call, 1)
    try:
        yield
    finally:
        call.drop()
        call.wait()
