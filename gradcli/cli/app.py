"""From the words of a command line to an exit code.

`run` finds the command, imports only its file, splits the words by the options that its function declares, converts
them and calls the function, and turns whatever is raised into a message and an exit code.  Typer is imported only where
a word is not plainly right.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from gradcli.cli.catalogue import COMMANDS, COMMON_FLAGS, load
from gradcli.cli.command import Command, Context, Session
from gradcli.cli.context import Terminal
from gradcli.cli.reading.arguments import Options, option_meant, split
from gradcli.cli.reading.parameters import arguments_of, parameters_of, registered
from gradcli.cli.showing.output import Output
from gradcli.errors import ExitCode, GradcliError, UnavailableError, UsageError
from gradcli.source import did_you_mean

__all__ = ["options_of", "run"]

_HELP = ("-h", "--help")


def run(words: Sequence[str] | None, terminal: Terminal) -> int:
    """Run one command line (by default that of the process) and return its exit code."""
    words = sys.argv[1:] if words is None else words
    code = ExitCode.DONE
    try:
        terminal.decide_form(words)
        try:
            _dispatch(list(words), terminal)
        except KeyboardInterrupt:
            code = ExitCode.INTERRUPTED
            terminal.stdout.flush()
            terminal.stderr.write("interrupted\n")
        except Exception as error:
            if isinstance(error, OSError) and error.filename is None:
                raise  # not a file that a command names, but one of the standard streams
            problem = _problem(error)
            code = problem.exit_code
            _show(problem, error, terminal)
        terminal.stdout.flush()
        terminal.stderr.flush()
    except BrokenPipeError:
        _discard(terminal.stdout, terminal.stderr)
    except OSError as error:
        # The output can't be written: a full disk, for example.
        _discard(terminal.stdout)
        reason = (error.strerror or str(error)).lower()
        problem = UnavailableError(f"can't write standard output: {reason}", kind="unwritable_output")
        code = problem.exit_code
        terminal.answered = True
        with suppress(OSError):  # standard error may be the one that is full
            _show(problem, error, terminal)
    return code


def options_of(command: Command) -> Options:
    """The options of a command as the splitter wants them, with the common flags."""
    parameters = parameters_of(command.run)
    flags: set[str] = {*COMMON_FLAGS, *_HELP}
    valued: dict[str, str] = {}
    repeatable: set[str] = set()
    for parameter in parameters:
        if parameter.kind is bool:
            flags.update(parameter.spellings)
        else:
            valued.update(dict.fromkeys(parameter.spellings, parameter.name))
            if parameter.is_list:
                repeatable.update(parameter.spellings)
    operands = sum(not parameter.spellings for parameter in parameters)
    return Options(
        frozenset(flags),
        valued,
        frozenset(repeatable),
        operands,
        command.takes_expression,
        command.takes_variables,
    )


def _dispatch(words: list[str], terminal: Terminal) -> None:
    """Find the command and run it; flags that are common to all may stand before its name."""
    names = [name for group in COMMANDS.values() for name in group]
    place = next((place for place, word in enumerate(words) if word not in COMMON_FLAGS or word in _HELP), len(words))
    if place == len(words) or words[place] in _HELP:
        from gradcli.cli.showing.help import overview

        terminal.stdout.write(overview(terminal, long=place < len(words)))
        return
    first, leading, rest = words[place], words[:place], words[place + 1 :]
    if first == "--version":
        from gradcli import __version__

        terminal.stdout.write(f"gradcli {__version__}\n")
        return
    if first not in names:
        raise _unknown_command(first, names)
    _run_command(first, leading + rest, terminal)


def _run_command(name: str, words: list[str], terminal: Terminal) -> None:
    command = load(name)
    options = options_of(command)
    before_operands = words[: words.index("--")] if "--" in words else words
    if any(word in _HELP for word in before_operands):
        from gradcli.cli.showing.help import help_of

        terminal.stdout.write(help_of(name, command, terminal))
        return
    found = split(words, options)
    if any(flag == "--json" for flag, _ in found.options) and any(flag == "--plain" for flag, _ in found.options):
        raise UsageError(
            "`--json` and `--plain` exclude each other", kind="conflicting_options", hint="keep one of them"
        )
    given = [(spelling, value) for spelling, value in found.options if spelling not in COMMON_FLAGS]
    session = Session(
        terminal=terminal,
        output=Output(terminal),
        command=name,
        arguments=tuple(words),
        bindings=found.bindings,
        options=tuple(sorted(options.spellings)),
    )
    parameters = parameters_of(command.run)
    arguments = arguments_of(parameters, given, found.operands)
    try:
        if arguments is not None:
            command.run(Context(session), **arguments)
        else:
            _run_by_typer(command, given, found.operands, session)
    except GradcliError as error:
        if error.arguments:
            from gradcli.cli.showing.error_text import name_options

            name_options(error, {one.name: max(one.spellings, key=len) for one in parameters if one.spellings})
        raise


def _run_by_typer(
    command: Command, given: list[tuple[str, str | None]], operands: Sequence[str], session: Session
) -> None:
    """Let Typer convert the words, or say what is wrong with them."""
    import typer

    options = [word for pair in given for word in pair if word is not None]
    click_error: Any = typer.BadParameter.__mro__[1]  # click's UsageError, which typer 0.28 has in a private place
    name = f"gradcli {session.command}"
    registered_command = registered(session.command, command.run)
    try:
        with registered_command.make_context(name, [*options, "--", *operands], obj=session) as context:
            registered_command.invoke(context)
    except click_error as error:
        raise _refused(error, command, dict(given)) from error


def _refused(error: Any, command: Command, given: Mapping[str, str | None]) -> UsageError:
    """A refusal of Typer's, in gradcli's words."""
    parameter: Any = getattr(error, "param", None)
    if parameter is None:
        return UsageError(error.format_message().rstrip("."))
    is_operand = parameter.param_type_name == "argument"
    spelling = (parameter.metavar or parameter.name.upper()) if is_operand else max(parameter.opts, key=len)
    if not error.message:
        missing = "no expression is given" if spelling == "EXPR" else f"`{spelling}` is missing"
        return UsageError(missing, kind="missing_operand", hint=f"for example: {command.examples[0][0]}")
    value = next((given[name] for name in parameter.opts if name in given), None)
    kind, choices = _expected(parameter.type)
    if value is None or kind is None:
        return UsageError(f"`{spelling}`: {error.message.rstrip('.')}", kind="bad_value")
    meant = did_you_mean(value, choices)
    hint = f"did you mean `{meant}`?" if meant else None
    return UsageError(f"`{spelling}` takes {kind}, not `{value}`", kind="bad_value", hint=hint)


def _expected(kind: Any) -> tuple[str | None, tuple[str, ...]]:
    """What a type of Typer's accepts, in words, and its choices if it has some."""
    choices = tuple(str(getattr(choice, "value", choice)) for choice in getattr(kind, "choices", ()))
    if choices:
        return f"one of {', '.join(choices)}", choices
    # The names differ between versions of Typer: "int", "integer", "int range", "integer range".
    words = {"int": "a whole number", "flo": "a number"}.get(kind.name[:3])
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    if words is None or (low is None and high is None):
        return words, ()
    above, below = (" above" if kind.min_open else " from"), (" below" if kind.max_open else " to")
    if high is None:
        return f"{words}{above} {low}" + ("" if kind.min_open else " on"), ()
    return words + ("" if low is None else f"{above} {low}") + f"{below} {high}", ()


def _unknown_command(word: str, names: list[str]) -> UsageError:
    if word.startswith("-"):
        meant = option_meant(word, [*COMMON_FLAGS, "--version"])
        hint = f"did you mean `{meant}`?" if meant else "options of a command stand behind its name; see gradcli -h"
        return UsageError(f"unknown option `{word}`", kind="unknown_option", hint=hint)
    meant = did_you_mean(word, names)
    if word in ("help", "version"):
        hint = f"write gradcli --{word}"
    elif meant:
        hint = f"did you mean `{meant}`?"
    elif word.isidentifier():
        hint = f"commands: {', '.join(names)}"
    else:
        hint = "to compute an expression, name a command first: eval, grad, diff, draw or check"
    return UsageError(f"unknown command `{word}`", kind="unknown_command", hint=hint)


def _problem(error: Exception) -> GradcliError:
    """What is told of an error: itself, if it was raised on purpose."""
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
    if terminal.form == "json" and not terminal.answered:
        Output(terminal).json(as_document(problem))
    terminal.stdout.flush()
    terminal.stderr.write(render_error(problem, colour=terminal.message_colour, width=terminal.message_width))


def _discard(*streams: Any) -> None:
    """Give the interpreter, which flushes the standard streams at its end, something that can be flushed."""
    import os

    for stream in streams:
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)
        except (OSError, ValueError, AttributeError):
            continue
