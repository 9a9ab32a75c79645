"""`gradcli.cli.live.background`: what a terminal says of its page."""

from __future__ import annotations

import os
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from gradcli.cli.live import background
from gradcli.cli.live.background import answered, is_light, is_light_colour

pytestmark = pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")
DEVICE = b"\x1b[?62;22c"


@pytest.mark.parametrize(
    ("answer", "light"),
    [
        (b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", True),
        (b"typed before\x1b]11;rgb:fa/fa/fa\x07", True),
        (b"\x1b]11;rgba:f0f0/f0f0/f0f0/ffff\x1b\\", True),
        (b"\x1b]11;rgb:0/0/0\x1b\\", False),
        (b"\x1b]11;rgb:2e2e/3434/3636\x1b\\", False),
        (b"\x1b]11;rgb:zz/00/00\x1b\\", False),
        (DEVICE, False),
        (b"", False),
    ],
)
def test_a_colour_is_light_or_dark(answer: bytes, light: bool) -> None:
    assert is_light_colour(answer) is light


@pytest.mark.parametrize("reply", [b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\" + DEVICE, DEVICE, None])
def test_a_terminal_is_asked_and_left_as_it_was(reply: bytes | None) -> None:
    import termios

    master, slave = os.openpty()
    before = termios.tcgetattr(slave)
    heard: list[bytes] = []

    def terminal() -> None:
        heard.append(os.read(master, 100))
        if reply is not None:
            for i in range(0, len(reply), 5):
                os.write(master, reply[i : i + 5])

    thread = threading.Thread(target=terminal)
    thread.start()
    try:
        # A terminal that answers is not waited for: the test would take a minute.
        assert answered(slave, 60.0 if reply else 0.05) == (reply or b"")
        thread.join()
        assert heard == [b"\x1b]11;?\x1b\\\x1b[c"]
        assert termios.tcgetattr(slave) == before
    finally:
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize(
    "changes",
    [
        {"is_of_process": False},
        {"stdin_is_terminal": False},
        {"can_redraw": False},
        {"environment": {"TERM": "xterm", "COLORFGBG": "0;15"}},
        {"environment": {"TERM": "linux"}},
        {"environment": {}},
    ],
)
def test_nothing_but_a_real_terminal_is_asked(changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "answered", lambda *given: pytest.fail("it was asked"))
    usual = {"is_of_process": True, "stdin_is_terminal": True, "can_redraw": True, "environment": {"TERM": "xterm"}}
    terminal: Any = SimpleNamespace(**{**usual, **changes})
    assert not is_light(terminal)


def test_what_is_no_terminal_gives_no_answer() -> None:
    reader, writer = os.pipe()
    try:
        assert answered(reader, 1.0) == b""
    finally:
        os.close(reader)
        os.close(writer)
