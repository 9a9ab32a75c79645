"""Ranges are each worked on once, by as many threads as were asked for, and what goes wrong reaches the caller."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from gradcli.execute.threads import for_each_range, meanwhile

RANGES = [(i, i + 1) for i in range(100)]


@pytest.mark.parametrize("threads", [1, 2, 3, 20])
def test_each_range_is_worked_on_once(threads: int) -> None:
    found: list[tuple[int, int]] = []
    for_each_range(lambda start, stop: found.append((start, stop)), RANGES, threads)
    assert sorted(found) == RANGES


@pytest.mark.parametrize("threads", [1, 3])
def test_so_many_threads_work_at_once(threads: int) -> None:
    meeting = threading.Barrier(threads)
    names = set()

    def work(start: int, stop: int) -> None:
        names.add(threading.current_thread().name)
        meeting.wait(timeout=30.0)

    for_each_range(work, RANGES[:threads], threads)
    assert len(names) == min(threads, 2)  # helpers have one name
    assert threading.current_thread().name in names


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_raised_reaches_the_caller_and_ends_the_work(threads: int) -> None:
    found = []

    def work(start: int, stop: int) -> None:
        found.append(start)
        if start == 3:
            raise KeyError("three")

    with pytest.raises(KeyError, match="three"):
        for_each_range(work, RANGES, threads)
    assert len(found) < len(RANGES)


def test_work_may_itself_be_shared() -> None:
    found: list[int] = []

    def work(start: int, stop: int) -> None:
        for_each_range(lambda low, high: found.append(100 * start + low), RANGES[:5], 3)

    for_each_range(work, RANGES[:4], 3)
    assert sorted(found) == sorted(100 * i + j for i in range(4) for j in range(5))


def test_a_helper_works_while_a_block_runs_and_not_after_it() -> None:
    found: list[int] = []
    begun = threading.Event()

    def work(start: int, stop: int) -> None:
        assert threading.current_thread().name == "gradcli"
        found.append(start)
        begun.set()
        time.sleep(0.01)

    with meanwhile(work, RANGES):
        assert begun.wait(timeout=30.0)
    count = len(found)
    assert 0 < count < len(RANGES)
    assert found == list(range(count))
    time.sleep(0.05)
    assert len(found) == count


def test_work_that_fails_beside_a_block_does_not_disturb_it() -> None:
    begun = threading.Event()

    def work(start: int, stop: int) -> None:
        begun.set()
        raise MemoryError

    with meanwhile(work, RANGES):
        assert begun.wait(timeout=30.0)
    found: list[int] = []
    for_each_range(lambda start, stop: found.append(start), RANGES, 2)
    assert len(found) == len(RANGES)


def test_a_block_that_fails_ends_the_work_beside_it() -> None:
    with pytest.raises(KeyError), meanwhile(lambda start, stop: time.sleep(0.001), [(0, 1)] * 100_000):
        raise KeyError


def test_many_callers_at_once() -> None:
    totals = []

    def caller() -> None:
        found: list[int] = []
        for_each_range(lambda start, stop: found.append(start), RANGES, 4)
        totals.append(sum(found))

    callers = [threading.Thread(target=caller) for _ in range(8)]
    for one in callers:
        one.start()
    for one in callers:
        one.join(timeout=30.0)
    assert totals == [sum(range(100))] * 8


FORKING = """
import os, threading
from gradcli.execute.threads import for_each_range

ranges = [(i, i + 1) for i in range(100)]
for_each_range(lambda start, stop: None, ranges, 3)
child = os.fork()
if child == 0:
    meeting, places = threading.Barrier(3), []
    for_each_range(lambda start, stop: places.append(meeting.wait(timeout=20.0)), ranges[:3], 3)
    os._exit(sum(places) + 4)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_has_helpers_of_its_own() -> None:
    # In a process of its own: other libraries that tests load have threads that no fork survives.
    done = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "7\n"
