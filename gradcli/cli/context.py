"""The streams, the environment and the terminal of a run as one object, which a test can replace."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, TextIO, cast

if TYPE_CHECKING:
    from gradcli.cli.notebook.notebook_page import NotebookPage
    from gradcli.cli.repl.workspace import Workspace

__all__ = ["Form", "Terminal", "is_dumb", "is_unicode", "painted", "screen_size"]

Form = Literal["table", "plain", "json"]


class Terminal:
    """The streams of one run, and the abilities of its terminal.

    Args:
        stdin, stdout, stderr: text streams.
        environment: the variables of the environment.
        stdin_is_terminal, stdout_is_terminal, stderr_is_terminal: whether a person is at the other end.
        width: the number of columns of the screen; 80 if there is no screen.
    """

    def __init__(
        self,
        stdin: TextIO,
        stdout: TextIO,
        stderr: TextIO,
        *,
        environment: Mapping[str, str],
        stdin_is_terminal: bool = False,
        stdout_is_terminal: bool = False,
        stderr_is_terminal: bool = False,
        width: int = 80,
    ) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.environment = environment
        self.stdin_is_terminal = stdin_is_terminal
        self.stdout_is_terminal = stdout_is_terminal
        self.stderr_is_terminal = stderr_is_terminal
        self.width = width
        #: Whether the object of ``--json`` has been printed; a later error must not print a second object.
        self.answered = False
        #: Whether the reader of the results has gone.
        self.is_closed = False
        #: The names that a session of `gradcli repl` keeps, and the place of the present line, such as ``"line 3"``.
        self.workspace: Workspace | None = None
        #: The notebook that shows tables, formulas and pictures; None for text alone.
        self.page: NotebookPage | None = None
        self.place = ""
        self.decide_form(())

    @classmethod
    def of_process(cls) -> Terminal:
        """Return the terminal of this process; an empty stream replaces a stream that the caller has closed."""
        stdin, stdout, stderr = [
            # The null device replaces a standard stream, so it stays open until the process ends.
            stream or cast("TextIO", open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123
            for stream, mode in ((sys.stdin, "r"), (sys.stdout, "w"), (sys.stderr, "w"))
        ]
        for stream in (stdout, stderr):
            # The user's text may hold what the encoding of the output can't (bytes of another encoding in an argument).
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")
        return cls(
            stdin,
            stdout,
            stderr,
            environment=os.environ,
            stdin_is_terminal=stdin.isatty(),
            stdout_is_terminal=stdout.isatty(),
            stderr_is_terminal=stderr.isatty(),
            width=screen_size(stdout, os.environ)[0],
        )

    def ask(self, prompt: str) -> str | None:
        """Return the line that a person types after a prompt, without its end; None at the end of the input.

        In the terminal of the process, the line can be edited, and earlier lines come back with the arrow keys.
        """
        self.stdout.flush()
        if self.is_of_process:
            with suppress(ImportError):
                import readline  # noqa: F401 - input() edits lines once it is loaded
            try:
                return input(prompt)
            except EOFError:
                return None
        self.stdout.write(prompt)
        line = self.stdin.readline()
        return line.rstrip("\n") if line else None

    @property
    def is_of_process(self) -> bool:
        """Whether the streams are those of this process, which a library may read and write by itself."""
        return self.stdin is sys.stdin and self.stdout is sys.stdout

    @property
    def can_redraw(self) -> bool:
        """Whether standard error is a terminal whose cursor can be moved."""
        return self.stderr_is_terminal and not is_dumb(self.environment)

    @property
    def message_width(self) -> int | None:
        """The width of a line on standard error; None if lines should not be broken."""
        return self.width if self.stderr_is_terminal else None

    def decide_form(self, words: Sequence[str]) -> None:
        """Choose the form of results, and whether they have colours, by the common flags, the environment and the
        streams.

        This happens before any other word is read, so that an error in these words has the right form, too.
        """
        flags = set(words[: words.index("--")] if "--" in words else words)
        self.debug = "--debug" in flags
        forced = bool(self.environment.get("FORCE_COLOR"))
        self.form: Form = "table" if self.stdout_is_terminal or forced else "plain"
        if "--json" in flags:
            self.form = "json"
        elif "--plain" in flags:
            self.form = "plain"
        allowed = "--no-color" not in flags and not self.environment.get("NO_COLOR")
        able = forced or self.environment.get("TERM") != "dumb"
        self.colour = allowed and able and self.form == "table"
        self.message_colour = allowed and able and (self.stderr_is_terminal or forced)


def is_dumb(environment: Mapping[str, str]) -> bool:
    """Whether a terminal can only add lines at its end, as the variables of the environment tell.

    The output of ``!command`` in a notebook is such a terminal, although it has colours.  Jupyter gives it the name of
    a terminal that nobody uses any longer, and ``cat`` in place of a pager.

    >>> is_dumb({"TERM": "dumb"}), is_dumb({"TERM": "xterm-256color"})
    (True, False)
    """
    term = environment.get("TERM", "")
    is_notebook = term == "xterm-color" and environment.get("PAGER") == environment.get("GIT_PAGER") == "cat"
    # A terminal of Windows has no name.
    return is_notebook or term in ("dumb", "unknown") or (not term and os.name == "posix")


def screen_size(stream: TextIO, environment: Mapping[str, str]) -> tuple[int, int]:
    """Return the columns and rows of the screen: from the environment, else from the stream, else 80 and 25."""
    try:
        columns, rows = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        columns = rows = 0
    sizes = []
    for name, size, usual in (("COLUMNS", columns, 80), ("LINES", rows, 25)):
        text = environment.get(name, "")
        sizes.append(max(2, (int(text) if text.isdecimal() else 0) or size or usual))
    return sizes[0], sizes[1]


def is_unicode(stream: TextIO) -> bool:
    """Whether a stream can write every character."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


_STYLES = {"bold": "1", "dim": "2", "red": "1;31", "yellow": "1;33", "green": "32", "cyan": "1;36", "blue": "1;34"}


def painted(text: str, style: str, *, colour: bool) -> str:
    """Return a text in a style of the terminal; without colours it is unchanged."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if colour else text
