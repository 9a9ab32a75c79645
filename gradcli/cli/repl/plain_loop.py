"""A session without prompt_toolkit: lines from a pipe, or lines that a person edits with the system's readline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from gradcli.cli.repl.history import History
from gradcli.cli.repl.statements import Ended, Statements, is_open
from gradcli.errors import UnavailableError

if TYPE_CHECKING:
    from gradcli.cli.context import Terminal

__all__ = ["ask_lines", "run_lines"]

_PROMPT, _CONTINUED = "> ", "... "


def run_lines(statements: Statements) -> None:
    """Run the lines of standard input; an error names its line, and the next line is run.

    Raises:
        UnavailableError: standard input is not text in UTF-8.
    """
    try:
        for number, text in _whole_lines(statements.session.terminal):
            statements.run(text, f"line {number}")
    except Ended:
        return
    except UnicodeError as error:
        raise UnavailableError("standard input is not text in UTF-8", kind="unreadable_file") from error


def _whole_lines(terminal: Terminal) -> Iterator[tuple[int, str]]:
    """Yield the lines of standard input with their numbers; a line with an open bracket goes on in the next one."""
    text, first = "", 0
    for number, line in enumerate(terminal.stdin, 1):
        line.encode()  # in some locales Python lets wrong bytes through as lone surrogates
        line = line.rstrip("\r\n")
        text, first = (f"{text}\n{line}", first) if text else (line, number)
        if is_open(text) and line.strip() and not text.lstrip().startswith("#"):
            continue
        yield first, text
        text = ""
    if text:
        yield first, text


def ask_lines(statements: Statements, history: History) -> None:
    """Ask for lines on a terminal until the user leaves."""
    terminal = statements.session.terminal
    with suppress(ImportError):
        import readline

        for line in history.lines():
            readline.add_history(line)
    while True:
        try:
            text = terminal.ask(_PROMPT)
            while text is not None and is_open(text) and (more := terminal.ask(_CONTINUED)):
                text = f"{text}\n{more}"
        except KeyboardInterrupt:
            terminal.stdout.write("\n")
            continue
        if text is None:
            terminal.stdout.write("\n")
            return
        history.add(text)
        if not statements.take(text):
            return
