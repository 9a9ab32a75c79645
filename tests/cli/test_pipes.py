"""`gradcli.cli.pipes`: standard output as bytes, and a program that cleans up when the system ends it."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import time
from typing import Any

import pytest

from gradcli.cli.context import Terminal
from gradcli.cli.pipes import bytes_to, tidied

needs_posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def test_bytes_follow_the_text_that_was_written_before_them() -> None:
    below = io.BytesIO()
    out = io.TextIOWrapper(below, encoding="utf-8", newline="")
    out.write("é\n")
    with bytes_to(Terminal(io.StringIO(), out, io.StringIO(), environment={})) as stream:
        stream.write(b"\xff\x00")
    assert below.getvalue() == "é\n".encode() + b"\xff\x00"


def test_a_stream_of_text_alone_gets_the_bytes_as_text_when_all_are_there() -> None:
    out = io.StringIO()
    with bytes_to(Terminal(io.StringIO(), out, io.StringIO(), environment={})) as stream:
        stream.write("é".encode())
        assert out.getvalue() == ""
    assert out.getvalue() == "é"


@needs_posix
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_the_program_lets_a_block_clean_up_and_has_its_exit_code(name: str) -> None:
    number, cleaned = getattr(signal, name), []

    def work() -> None:
        with tidied():
            try:
                signal.raise_signal(number)
            finally:
                cleaned.append(name)

    with pytest.raises(SystemExit) as caught:
        work()
    assert caught.value.code == 128 + number
    assert cleaned == [name]
    assert signal.getsignal(number) == signal.SIG_DFL


class Ending:
    """An object during whose destruction the system ends the program."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


@needs_posix
def test_a_signal_whose_exception_python_ignores_ends_the_program_soon() -> None:
    before = sys.unraisablehook

    def work() -> None:
        with tidied():
            Ending()
            for _ in range(1000):
                time.sleep(0.01)

    with pytest.raises(SystemExit) as caught:
        work()
    assert caught.value.code == 128 + signal.SIGTERM
    assert sys.unraisablehook is before
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@needs_posix
@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda number, frame: None], ids=["ignored", "handled"])
def test_a_signal_that_somebody_ignores_or_handles_is_left_alone(handler: Any) -> None:
    before = signal.signal(signal.SIGTERM, handler)
    try:
        with tidied():
            assert signal.getsignal(signal.SIGTERM) is handler
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, before)


def test_outside_the_main_thread_nothing_changes() -> None:
    found: list[Any] = []

    def work() -> None:
        with tidied():
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGTERM)]
