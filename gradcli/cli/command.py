"""The declaration of a command, and the objects that a running command gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gradcli.records import NamedTuple

if TYPE_CHECKING:
    import typer

    from gradcli.cli.context import Terminal
    from gradcli.cli.reading.arguments import Binding
    from gradcli.cli.showing.output import Output

__all__ = ["Command", "Context", "Session", "session_of"]


class Command(NamedTuple):
    """A command: its function, and what `gradcli.cli.app` needs to know about it.

    Args:
        run: the function, declared for Typer; its docstring is the help.
        examples: pairs of a command line and its purpose; the help begins with them.
        takes_expression: the operand is an expression, so it may begin with a minus.
        takes_variables: ``--x1 2``, ``x1=2`` and ``--at x1=2`` are values of variables.
        takes_ranges: a variable may have a range, ``x=-3:3``; if a single variable has no value, it has the usual
            range.
        point_option: the option without which the command takes no values of variables.
    """

    run: Callable[..., None]
    examples: tuple[tuple[str, str], ...]
    takes_expression: bool = False
    takes_variables: bool = False
    takes_ranges: bool = False
    point_option: str | None = None


class Session(NamedTuple):
    """One run of a command: its terminal, its output, and the words that Typer does not see.

    Args:
        terminal: the streams and the environment; nothing below the command line reads ``sys.stdin`` or ``os.environ``.
        output: the object that prints the results.
        command: the name of the command.
        arguments: the words after the name, exactly as typed, so that a message can repeat them for pasting.
        bindings: the values of variables, as text.
        options: every option that the command knows, for the suggestions "did you mean".
        notation: the notation of the expression, if ``--from`` gives it.
    """

    terminal: Terminal
    output: Output
    command: str
    arguments: tuple[str, ...]
    bindings: tuple[Binding, ...]
    options: tuple[str, ...]
    notation: str | None = None


class Context(NamedTuple):
    """A context for a command that runs without Typer."""

    obj: Session


def session_of(context: typer.Context | Context) -> Session:
    """Return the session of a running command."""
    assert isinstance(context.obj, Session)
    return context.obj
