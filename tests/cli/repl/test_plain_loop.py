"""`gradcli.cli.repl.plain_loop`: lines from a pipe, with their numbers and open brackets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

from gradcli.errors import ExitCode

Run = Callable[..., Any]


def test_a_line_with_an_open_bracket_goes_on_and_an_error_names_the_first_line(inside: Run) -> None:
    found = inside("repl", stdin="1\nf(\n2,\n3)\n\n[1,\n2]\n(1 + 1")
    assert found.out == "1.0\n[1.0, 2.0]\n"
    errors = [line for line in found.err.splitlines() if line.startswith("error")]
    assert errors == [
        "error in line 2: `f` is not a function",
        "error in line 8: the expression ends, but a `(` is still open",
    ]


def test_an_empty_line_ends_a_line_that_nobody_closes(inside: Run) -> None:
    assert inside("repl", stdin="(1 +\n\n2 + 3\n").out == "5.0\n"


def test_bytes_that_are_no_text_are_one_error(process: Run) -> None:
    found = process("repl", stdin=b"1\n\xff\xfe\n")
    assert found.code == ExitCode.UNAVAILABLE
    assert found.err == "error: standard input is not text in UTF-8\n"


def test_a_closed_pipe_ends_a_session_without_end_quietly(environment: Run) -> None:
    done = subprocess.run(
        ["bash", "-c", f"yes '[1, 2, 3]*1' | {sys.executable} -m gradcli repl | head -1"],
 capture_output=True, text=True, env=environment(), check=False, timeout=120,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("[1.0, 2.0, 3.0]\n", "")
