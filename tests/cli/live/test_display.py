"""The live display: what it writes, and when."""

from __future__ import annotations

import io
import os
import re
import signal
from contextlib import suppress
from typing import Any

import pytest

from gradcli.cli.context import Terminal
from gradcli.cli.live import display as live
from gradcli.cli.live.display import HIDE_CURSOR, SHOW_CURSOR, Live, duration
from gradcli.draw.canvas import Line, Painter


class Pages:
    """A view that shows what it is told."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.events: list[Any] = []

    def note(self, event: Any) -> None:
        self.events.append(event)

    def frame(self, _width: int, _height: int) -> list[Line]:
        return [[(text, "")] for text in self.texts]


def terminal(columns: int = 40, lines: int = 10) -> Terminal:
    environment = {"COLUMNS": str(columns), "LINES": str(lines)}
    return Terminal(io.StringIO(), io.StringIO(), io.StringIO(), environment=environment, stderr_is_terminal=True)


def screen(written: str, columns: int, lines: int) -> list[str]:
    """What a terminal shows after all this was written to it, which breaks no line."""
    cells = [""] * lines
    row = 0
    for code, text in re.findall(r"(\x1b\[[?0-9;]*[A-Za-z]|\r\n|\r)|([^\x1b\r]+)", written):
        if code == "\r\n":
            row += 1
        elif code.endswith("A"):
            row -= int(code[2:-1])
        elif code == "\x1b[J":
            cells[row:] = [""] * (lines - row)
        elif text:
            assert len(text) < columns
            cells[row] = text
    return cells


def test_a_frame_stands_where_the_last_one_stood() -> None:
    view, place = Pages("one", "two"), terminal()
    shown = Live(view, place, Painter(0))
    with shown:
        view.texts = ["one", "other", "third"]
        shown.draw()
        view.texts = ["last"]
    assert screen(place.stderr.getvalue(), 40, 10) == ["last", *[""] * 9]  # type: ignore[attr-defined]


def test_only_lines_that_differ_are_written() -> None:
    view, place = Pages("same", "old"), terminal()
    shown = Live(view, place, Painter(0))
    shown.draw()
    view.texts[1] = "new"
    before = len(place.stderr.getvalue())  # type: ignore[attr-defined]
    shown.draw()
    written = place.stderr.getvalue()[before:]  # type: ignore[attr-defined]
    assert "new" in written
    assert "same" not in written


def test_a_frame_is_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    place = terminal()
    shown = Live(Pages("a", "b", "c"), place, Painter(0))
    writes: list[str] = []
    monkeypatch.setattr(shown, "write", writes.append)
    shown.draw()
    assert len(writes) == 1


def test_the_cursor_comes_back_whatever_happens() -> None:
    place = terminal()
    with pytest.raises(KeyboardInterrupt), Live(Pages("a"), place, Painter(0)):
        raise KeyboardInterrupt
    written = place.stderr.getvalue()  # type: ignore[attr-defined]
    assert written.startswith(HIDE_CURSOR)
    assert written.endswith(SHOW_CURSOR)


@pytest.mark.skipif(os.name != "posix", reason="job control of POSIX")
def test_ctrl_z_gives_the_cursor_back_and_later_draws_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    place = terminal()
    before = signal.getsignal(signal.SIGTSTP)
    stopped: list[str] = []
    with Live(Pages("a", "b"), place, Painter(0)) as shown:
        monkeypatch.setattr(live.os, "kill", lambda *_: stopped.append(place.stderr.getvalue()))  # type: ignore[attr-defined]
        signal.raise_signal(signal.SIGTSTP)
        assert stopped[0].endswith(SHOW_CURSOR)
        shown.draw()
        drawn = place.stderr.getvalue()[len(stopped[0]) :]  # type: ignore[attr-defined]
        assert drawn.startswith(HIDE_CURSOR)
        assert "\x1b[2A" not in drawn
    assert signal.getsignal(signal.SIGTSTP) is before


def test_after_the_screen_became_narrower_the_broken_lines_are_taken_into_account() -> None:
    view = Pages("x" * 35, "y" * 15, "z")
    shown = Live(view, terminal(40), Painter(0))
    shown.draw()
    shown.terminal.environment = {"COLUMNS": "20", "LINES": "10"}
    shown.draw()
    # 35 columns take two lines of 20, the others one each.
    assert "\x1b[4A\r\x1b[J" in shown.terminal.stderr.getvalue()  # type: ignore[attr-defined]


def test_after_the_screen_became_lower_everything_is_drawn_again() -> None:
    shown = Live(Pages("a", "b", "c"), terminal(lines=10), Painter(0))
    shown.draw()
    before = len(shown.terminal.stderr.getvalue())  # type: ignore[attr-defined]
    shown.terminal.environment = {"COLUMNS": "40", "LINES": "3"}
    shown.draw()
    written = shown.terminal.stderr.getvalue()[before:]  # type: ignore[attr-defined]
    assert written.index("\x1b[J") < written.index("a") < written.index("b")


def test_a_frame_is_never_higher_than_the_screen() -> None:
    place = terminal(lines=5)
    Live(Pages(*"abcdefgh"), place, Painter(0)).draw()
    assert place.stderr.getvalue().count("\r\n") == 4  # type: ignore[attr-defined]


@pytest.mark.parametrize(("cost", "share", "least", "most"), [(0.0, 0.15, 8, 16), (0.1, 0.15, 1, 3), (0.1, 1.0, 5, 10)])
def test_drawing_takes_its_share_of_the_time(
    cost: float, share: float, least: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    drawn: list[float] = []

    class Slow(Pages):
        def frame(self, width: int, height: int) -> list[Line]:
            drawn.append(now[0])
            now[0] += cost
            return super().frame(width, height)

    shown = Live(Slow("a"), terminal(), Painter(0), share)
    while now[0] < 1:
        now[0] += 0.001
        shown.update(None)
    assert least <= len(drawn) <= most
    assert len(shown.view.events) >= 1000 * (1 - max(share, 0.4))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.00 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.6, "1:00"), (61, "1:01"), (3600, "1:00:00")],
)
def test_a_time_takes_few_columns(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize("error", [None, KeyboardInterrupt()], ids=["complete", "interrupted"])
def test_a_display_that_vanishes_leaves_nothing_on_the_screen(error: BaseException | None) -> None:
    class Brief(Pages):
        def note(self, event: Any) -> None:
            self.texts = [] if event is None else [event]

    place = terminal()
    with suppress(KeyboardInterrupt), Live(Brief("0 of 2"), place, Painter(0), vanishes=True):
        if error is not None:
            raise error
    written = place.stderr.getvalue()  # type: ignore[attr-defined]
    assert "0 of 2" in written
    assert screen(written, 40, 10) == [""] * 10
