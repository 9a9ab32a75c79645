"""`gradcli.cli.live.progress`: how far `map` is, in as many words as there is room for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, NamedTuple

import pytest

import tests.support.job_functions as functions
from gradcli.cli.live.progress import JobsView, ProgressView, run_shown
from gradcli.jobs import Crew, Job

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("own_folder")


def test_progress_says_rows_rate_and_time_left() -> None:
    times = iter([0.0, 0.1, 4.0, 8.0, 9.0])
    view = ProgressView(None, lambda: 0.25, lambda: next(times))
    view.note(1000)
    assert view.frame(80, 25) == []  # too early to say anything
    ((line),) = view.frame(80, 25)
    assert "".join(text for text, _ in line) == "25 %  1,000 rows  250 rows/s  12 s left"
    view.note(None)
    assert view.frame(80, 25) == []


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (80, "25 %  2,500,000 of 10,000,000 rows  1.2 million rows/s  6.0 s left"),
        (60, "25 %  2,500,000 rows  1.2 million rows/s  6.0 s left"),
        (39, "25 %  2,500,000 rows  6.0 s left"),
        (20, "25 %  6.0 s left"),
    ],
)
def test_progress_leaves_parts_out_where_it_is_narrow(width: int, expected: str) -> None:
    times = iter([0.0, 2.0])
    view = ProgressView(10_000_000, lambda: None, lambda: next(times))
    view.note(2_500_000)
    ((line),) = view.frame(width, 25)
    assert "".join(text for text, _ in line) == expected


@pytest.mark.parametrize(
    ("event", "width", "expected"),
    [
        ((0, 0.0, 0), 80, "0 of 10 tables"),
        ((0, 0.5, 0), 80, "0 of 10 tables  5 %  38 s left"),
        ((5, 0.0, 1000), 80, "5 of 10 tables  50 %  1,000 rows  500 rows/s  2.0 s left"),
        ((4, 1.0, 1000), 80, "4 of 10 tables  50 %  1,000 rows  625 rows/s  2.0 s left"),
        ((5, 0.0, 1000), 50, "5 of 10 tables  50 %  1,000 rows  500 rows/s"),
        ((5, 1.0, 1000), 12, "5 of 10 tables"),
        ((1, 1.5, None), 80, "1 of 10 tables  25 %  6.0 s left"),
        ((10, 0.0, 1000), 80, None),
    ],
)
def test_jobs_are_counted(event: tuple[int, float, int | None], width: int, expected: str | None) -> None:
    times = iter([0.0, 2.0])
    view = JobsView(10, "table", lambda: next(times))
    view.note(event)
    lines = ["".join(text for text, _ in line) for line in view.frame(width, 25)]
    assert lines == ([] if expected is None else [expected])
    view.note(None)
    assert view.frame(width, 25) == []


def test_too_early_nothing_is_said_about_the_time() -> None:
    times = iter([0.0, 0.1])
    view = JobsView(2, "run", lambda: next(times))
    view.note((0, 0.01, None))
    assert view.frame(80, 25) == [[("0 of 2 runs", "bold")]]


@pytest.mark.parametrize("crew", [Crew(), Crew(2)], ids=["here", "two"])
def test_running_jobs_are_part_of_the_share(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[int, float, int | None]] = []
    monkeypatch.setattr("gradcli.cli.live.progress.progress_display", lambda session, view: nullcontext(Heard(heard)))
    jobs = [Job(f"job {number}", (0.5, number)) for number in range(2)]
    assert run_shown(None, functions.tell_often, jobs, crew, "run") == [0, 1]  # type: ignore[arg-type]
    assert {0.5} <= {share for _, share, _ in heard} <= {0.0, 0.5, 1.0}
    assert heard[-1] == (2, 0.0, None)


class Heard(NamedTuple):
    """A display that notes its events."""

    events: list[Any]

    def update(self, event: Any) -> None:
        self.events.append(event)


def test_progress_is_shown_on_a_terminal_alone(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setattr("gradcli.cli.live.progress.PATIENCE", 0.0)
    words = ("map", "sin(x)*y", "--grid", "x=0:1:1000", "y=0:1:1000", "-o", "g.arrow")
    shown = inside(*words, terminal=True, environment={"TERM": "xterm"}).err
    assert " of 1,000,000 rows" in shown
    assert "rows/s" in shown
    last = shown.rpartition("\x1b[?25h")
    assert last[0].endswith("\x1b[J\x1b[?2026l")  # the line is gone before the summary comes
    assert last[2].startswith("wrote g.arrow: 1,000,000 rows with value, d_x, d_y in ")
    for options in ({}, {"terminal": True, "environment": {"TERM": "dumb"}}):
        assert inside(*words, **options).err.startswith("wrote")
