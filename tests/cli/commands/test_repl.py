"""`gradcli repl` as a command: in a pipe and on a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from gradcli.errors import ExitCode

Run = Callable[..., Any]


def test_in_a_pipe_the_values_are_printed_and_the_code_is_that_of_the_first_error(process: Run) -> None:
    assert process("repl", stdin="x = 2\nx^3\n") == (ExitCode.DONE, "8.0\n", "")
    found = process("repl", stdin="1\nx^\nA = @no.npy\n2\n")
    assert (found.code, found.out) == (ExitCode.EXPRESSION, "1.0\n2.0\n")
    assert found.err.count("error in line") == 2


def test_a_pipe_that_ends_on_a_terminal_prints_values_alone(inside: Run) -> None:
    from io import StringIO

    from gradcli.cli.app import run
    from gradcli.cli.context import Terminal

    out = StringIO()
    terminal = Terminal(StringIO("x = 2\nx + 1\n"), out, StringIO(), environment={}, stdout_is_terminal=True)
    assert run(["repl"], terminal) == ExitCode.DONE
    assert out.getvalue() == "3.0\n"


def test_json_is_kept_for_every_line(process: Run) -> None:
    assert json.loads(process("repl", "--json", stdin="2+3").out) == {"expression": "2 + 3", "value": 5.0}
