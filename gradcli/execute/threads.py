"""Threads that share the ranges of rows of one call.

The calling thread is always one of them; its helpers wait for the next call.  They are made here and not by
`concurrent.futures`, whose import takes longer than a kernel does to compile, and a forked child makes its own.
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

#: The numbers that a thread should at least compute, or it takes longer to wake than it saves.
_WORTH_A_THREAD: Final = 200_000


def threads_for(numbers: int, threads: int | None = None) -> int:
    """The number of threads to use: as many as were asked for, or as the process may use if the work is worth it.

    Args:
        numbers: how many numbers will be computed.
        threads: what was asked for.

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
    """Ranges that are left, and what became of those that were taken."""

    def __init__(self, work: Callable[[int, int], None], ranges: Iterable[tuple[int, int]]) -> None:
        self._work = work
        self._left = deque(ranges)
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Take one range after the other until none is left."""
        while self._left:
            try:
                start, stop = self._left.popleft()
            except IndexError:
                return
            try:
                self._work(start, stop)
            except BaseException as failure:
                self.failure = failure
                self.drop()

    def drop(self) -> None:
        """Leave out what has not been begun."""
        self._left.clear()


class _Share:
    """The part of one helper in a call; it is not begun once the caller has found nothing left to do."""

    def __init__(self, call: _Call) -> None:
        self._call = call
        self._is_taken = threading.Lock()
        self._is_running = threading.Lock()
        self._is_running.acquire()

    def run(self) -> None:
        """Do it, if the caller still waits for it."""
        if self._is_taken.acquire(blocking=False):
            try:
                self._call.run()
            finally:
                self._is_running.release()

    def end(self) -> None:
        """Wait until it is done, or see to it that it is never begun."""
        if not self._is_taken.acquire(blocking=False):
            self._is_running.acquire()


class _Helpers:
    """Threads that wait for shares."""

    def __init__(self) -> None:
        self._shares: SimpleQueue[_Share] = SimpleQueue()
        self._count = 0
        self._lock = threading.Lock()

    def give(self, share: _Share, wanted: int) -> None:
        """Let one of at least this many helpers run a share."""
        with self._lock:
            while self._count < wanted:
                threading.Thread(target=self._serve, name="gradcli", daemon=True).start()
                self._count += 1
        self._shares.put(share)

    def _serve(self) -> None:
        while True:
            self._shares.get().run()


_helpers = _Helpers()


def _forget() -> None:
    global _helpers
    _helpers = _Helpers()


if hasattr(os, "register_at_fork"):  # a child has none of the threads of its parent
    os.register_at_fork(after_in_child=_forget)


def for_each_range(work: Callable[[int, int], None], ranges: Iterable[tuple[int, int]], threads: int) -> None:
    """Call a function for each of some ranges, in this many threads at once; what it raises is raised.

    >>> found = []
    >>> for_each_range(lambda start, stop: found.append((start, stop)), [(0, 3), (3, 5)], 2)
    >>> sorted(found)
    [(0, 3), (3, 5)]
    """
    call = _Call(work, ranges)
    shares = [_Share(call) for _ in range(threads - 1)]
    for share in shares:
        _helpers.give(share, len(shares))
    call.run()
    for share in shares:
        share.end()
    if call.failure is not None:
        raise call.failure


@contextmanager
def meanwhile(work: Callable[[int, int], None], ranges: Iterable[tuple[int, int]]) -> Iterator[None]:
    """Let a helper work on ranges while a block runs; what it has not begun when the block ends is left out.

    This is for work that spares others time, and that may fail or be missing.
    """
    call = _Call(work, ranges)
    share = _Share(call)
    _helpers.give(share, 1)
    try:
        yield
    finally:
        call.drop()
        share.end()
