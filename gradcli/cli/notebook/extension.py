"""The magics of IPython: ``%grad``, ``%diff``, ``%%train`` and the others, one for each command of the catalogue.

A magic runs its command in the process of the notebook, and what the command shows becomes rich: tables, formulas,
pictures, and a training that can be watched.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any

from gradcli.cli.app import dispatch, problem_of
from gradcli.cli.catalogue import COMMANDS, load
from gradcli.cli.context import Terminal
from gradcli.cli.notebook.cell_words import cell_words
from gradcli.cli.notebook.notebook_page import NotebookPage
from gradcli.cli.reading.invocation import options_of
from gradcli.cli.showing.error_text import render_error
from gradcli.errors import ExitCode, GradcliError

__all__ = ["CommandFailed", "load_ipython_extension"]

#: The command that a notebook takes the place of.
_WITHOUT = ("repl",)
_WIDTH = 100
#: The variable in which IPython keeps the exit code of ``!command``.
_EXIT_CODE = "_exit_code"


class CommandFailed(Exception):
    """The failure of a magic: it stops the cell, and is shown without a traceback.

    Attributes:
        code: the exit code that the command line has for it.
    """

    def __init__(self, message: str, code: int, shown: str = "") -> None:
        super().__init__(message)
        self.code = code
        self._shown = shown or message

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows in place of a traceback."""
        return self._shown.rstrip("\n").split("\n")


def load_ipython_extension(ipython: Any) -> None:
    """Register a magic for each command; IPython calls this for ``%load_ext gradcli``.

    Args:
        ipython: the shell of the notebook.
    """
    for names in COMMANDS.values():
        for name in names:
            if name not in _WITHOUT:
                ipython.register_magic_function(_magic(ipython, name), "line_cell", name)


def _magic(ipython: Any, name: str) -> Any:
    """Return the magic of a command."""
    from IPython.core.magic import no_var_expand
    from IPython.display import display

    # IPython's own expansion would take the braces of LaTeX for expressions of Python.
    @no_var_expand
    def magic(line: str, cell: str = "") -> None:
        page = NotebookPage(display)
        ipython.user_ns[_EXIT_CODE] = int(ExitCode.DONE)
        try:
            _run(name, line, cell, ipython.user_ns, page)
        except CommandFailed as failure:
            ipython.user_ns[_EXIT_CODE] = failure.code
            raise

    magic.__name__ = name
    magic.__doc__ = f"Run ``gradcli {name}``, and show its results in the notebook; ``%{name} -h`` prints its help."
    return magic


def _run(name: str, line: str, cell: str, variables: dict[str, Any], page: NotebookPage) -> None:
    terminal = notebook_terminal(page)
    try:
        words = cell_words(line, cell, options_of(load(name)), variables)
        terminal.decide_form(words)
        dispatch([name, *words], terminal)
    except KeyboardInterrupt:
        raise CommandFailed("interrupted", int(ExitCode.INTERRUPTED)) from None
    except SystemExit as end:
        if end.code:
            raise CommandFailed(f"ended with the exit code {end.code}", int(end.code)) from None
    except Exception as error:
        if terminal.debug:
            raise
        raise failure_of(problem_of(error)) from None
    finally:
        terminal.stdout.flush()


def failure_of(problem: GradcliError) -> CommandFailed:
    """Return an error as the failure of a magic: its sentence, the place with a caret, and the hint."""
    plain, shown = (render_error(problem, colour=colour) for colour in (False, True))
    return CommandFailed(plain.removeprefix("error: ").rstrip("\n"), int(problem.exit_code), shown)


def notebook_terminal(page: NotebookPage) -> Terminal:
    """Return the terminal of a cell: it takes tables, and what is not a result goes to the same place.

    Jupyter paints standard error as if it were an error, and notes are none.
    """
    environment = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    terminal = Terminal(
        io.StringIO(),
        sys.stdout,
        sys.stdout,
        environment={**environment, "TERM": "dumb"},
        stdout_is_terminal=True,
        width=_WIDTH,
    )
    terminal.page = page
    return terminal
