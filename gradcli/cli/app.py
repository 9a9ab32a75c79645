"""The run of a command line: from its words to an exit code.

`run` finds the command, imports only its file, splits the words by the options that its function declares, converts
them and calls the function.  Every exception becomes a message and an exit code.  Typer is imported only for a
word that the quick reader can't convert.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from gradcli.cli.catalogue import COMMANDS, COMMON_FLAGS, COMPLETE, HELP, VERSION, load
from gradcli.cli.command import Command, Context, Session
from gradcli.cli.context import Terminal
from gradcli.cli.reading.arguments import option_suggestion
from gradcli.cli.reading.invocation import read_words
from gradcli.cli.reading.parameters import Parameter, arguments_of, parameters_of
from gradcli.cli.showing.output import Output
from gradcli.errors import ExitCode, GradcliError, UnavailableError, UsageError, reason_of
from gradcli.source import suggestion

__all__ = ["dispatch", "guarded", "problem_of", "run"]

#: The exit code of a program that a signal has ended is this number and that of the signal.
_SIGNALLED = 128
#: The options by which a user installs completions.
_COMPLETION = ("--install-completion", "--show-completion")


def run(words: Sequence[str], terminal: Terminal) -> int:
    """Run a command line and return its exit code."""
    return guarded(lambda: dispatch(list(words), terminal), terminal, words)


def guarded(action: Callable[[], None], terminal: Terminal, words: Sequence[str]) -> int:
    """Run an action, and return the exit code; every exception becomes a message.

    Args:
        action: the action.
        terminal: its terminal.
        words: the words that decide the form of its results.
    """
    code = ExitCode.DONE
    try:
        terminal.decide_form(words)
        try:
            action()
        except SystemExit as end:  # Typer ends a completion in this way, and a signal a command
            ended = int(end.code or 0)
            if ended > _SIGNALLED:
                import signal

                terminal.stdout.flush()
                terminal.stderr.write(f"ended by {signal.Signals(ended - _SIGNALLED).name}\n")
            return ended
        except KeyboardInterrupt:
            code = ExitCode.INTERRUPTED
            terminal.stdout.flush()
            terminal.stderr.write("interrupted\n")
        except Exception as error:
            if isinstance(error, OSError) and error.filename is None:
                raise  # without a name the error is about a standard stream, not about a file
            problem = problem_of(error)
            code = problem.exit_code
            _show(problem, error, terminal)
        terminal.stdout.flush()
        terminal.stderr.flush()
    except BrokenPipeError:
        terminal.is_closed = True
        _discard(terminal.stdout, terminal.stderr)
    except OSError as error:
        # The output can't be written: a full disk, for example.
        _discard(terminal.stdout)
        problem = UnavailableError(f"can't write standard output: {reason_of(error)}", kind="unwritable_output")
        code = problem.exit_code
        terminal.answered = True
        with suppress(OSError):  # standard error may be the one that is full
            _show(problem, error, terminal)
    return code


def dispatch(words: list[str], terminal: Terminal) -> None:
    """Find the command and run it; the flags that every command knows may come before the name of the command.

    What goes wrong is raised.
    """
    if COMPLETE in terminal.environment:
        from gradcli.cli.completing.shells import answer

        answer(words, terminal)
        return
    if words and words[0] in _COMPLETION:
        from gradcli.cli.completing.shells import install

        install(words, terminal)
        return
    names = [name for group in COMMANDS.values() for name in group]
    place = next((place for place, word in enumerate(words) if word not in COMMON_FLAGS), len(words))
    if place == len(words) or words[place] in HELP or words[place:] == ["help"]:
        from gradcli.cli.showing.help import overview

        terminal.stdout.write(overview(terminal, long=place < len(words)))
        return
    first, leading, rest = words[place], words[:place], words[place + 1 :]
    if first in VERSION:
        from gradcli import __version__

        terminal.stdout.write(f"gradcli {__version__}\n")
        return
    if first == "help":
        first, *rest = *rest, HELP[0]
    if first not in names:
        raise _unknown_command(first, names)
    _run_command(first, leading + rest, terminal)


def _run_command(name: str, words: list[str], terminal: Terminal) -> None:
    command = load(name)
    before_operands = words[: words.index("--")] if "--" in words else words
    if any(word in HELP for word in before_operands):
        from gradcli.cli.showing.help import help_of

        terminal.stdout.write(help_of(name, command, terminal))
        return
    session, found = read_words(name, words, terminal)
    parameters = parameters_of(command.run)
    arguments = arguments_of(parameters, found.options, found.operands)
    try:
        if arguments is not None:
            command.run(Context(session), **arguments)
        else:
            _run_by_typer(session, command, dict(found.options))
    except GradcliError as error:
        from gradcli.cli.showing.error_text import name_options, options_of

        name_options(error, options_of(parameters))
        raise


def _run_by_typer(session: Session, command: Command, given: Mapping[str, str | None]) -> None:
    """Let Typer convert the words, or say what is wrong with them."""
    import typer

    from gradcli.cli.application import run_command

    try:
        run_command(session.command, list(session.arguments), session.terminal)
    except typer.BadParameter as error:
        raise _refused(error, session, command, given) from error


def _refused(error: Any, session: Session, command: Command, given: Mapping[str, str | None]) -> UsageError:
    """Return the error for words that Typer refuses, in gradcli's wording."""
    blamed = getattr(error.param, "name", None)
    parameter = next((one for one in parameters_of(command.run) if one.name == blamed), None)
    if parameter is None:
        return UsageError(error.format_message().rstrip("."), kind="usage")
    if not error.message:
        if parameter.shown == "EXPR":
            from gradcli.cli.reading.operands import no_expression

            return no_expression(session, command)
        example = f"for example: {command.examples[0][0]}"
        return UsageError(f"`{parameter.shown}` is missing", kind="missing_operand", hint=example)
    value = next((given[name] for name in parameter.spellings if name in given), None)
    expected = _expected(parameter)
    if value is None or expected is None:
        return UsageError(f"`{parameter.shown}`: {error.message.rstrip('.')}")
    hint = suggestion(value, parameter.choices)
    return UsageError(f"`{parameter.shown}` takes {expected}, not `{value}`", hint=hint)


def _expected(parameter: Parameter) -> str | None:
    """Describe the words that a parameter accepts; return None if Typer's own message is better."""
    if parameter.choices:
        return f"one of {', '.join(parameter.choices)}"
    words = {int: "a whole number", float: "a number"}.get(parameter.kind)
    least, most = parameter.min, parameter.max
    if least is None:
        bounds = "" if most is None else f" of at most {most}"
    else:
        bounds = f" of at least {least}" if most is None else f" from {least} to {most}"
    return words and words + bounds


def _unknown_command(word: str, names: list[str]) -> UsageError:
    if word.startswith("-"):
        otherwise = "options of a command come after its name; see gradcli -h"
        hint = option_suggestion(word, [*COMMON_FLAGS, *HELP, *VERSION, *_COMPLETION]) or otherwise
        return UsageError(f"unknown option `{word}`", kind="unknown_option", hint=hint)
    if word == "version":
        hint = "write gradcli --version"
    elif word.isidentifier():
        hint = suggestion(word, names) or f"commands: {', '.join(names)}"
    else:
        otherwise = "to compute an expression, name a command first: eval, grad, diff, draw or check"
        hint = suggestion(word, names) or otherwise
    return UsageError(f"unknown command `{word}`", kind="unknown_command", hint=hint)


def problem_of(error: Exception) -> GradcliError:
    """Return the error to print: an error of gradcli itself, or an internal error in place of any other exception."""
    if isinstance(error, GradcliError):
        return error
    if isinstance(error, OSError):
        return UnavailableError(f"`{error.filename}` can't be used: {error.strerror}", kind="unusable_file")
    cause = f"{type(error).__name__}: {error}".splitlines()[0].rstrip(": ")
    return GradcliError(
        f"internal error: {cause}"[:300],
        kind="internal",
        hint="this is a fault of gradcli; --debug shows where it happened",
    )


def _show(problem: GradcliError, error: Exception, terminal: Terminal) -> None:
    """Print an error on standard error, and under ``--json`` on standard output, too."""
    from gradcli.cli.showing.error_text import as_document, render_error

    if terminal.debug:
        import traceback

        traceback.print_exception(error, file=terminal.stderr)
    place = problem.place or terminal.place
    if terminal.form == "json" and not terminal.answered:
        Output(terminal).json({**as_document(problem), **({"place": place} if place else {})})
    terminal.stdout.flush()
    terminal.stderr.write(
        render_error(problem, colour=terminal.message_colour, width=terminal.message_width, place=place)
    )


def _discard(*streams: Any) -> None:
    """Connect streams to the null device, so that the interpreter can flush them without an error when it ends."""
    import os

    for stream in streams:
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)
        except (OSError, ValueError, AttributeError):
            continue
