"""One command line, split into options, operands and values of variables; all of them are still texts."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.cli.catalogue import COMMON_FLAGS, FROM, HELP, load
from gradcli.cli.command import Command, Session
from gradcli.cli.context import Terminal
from gradcli.cli.reading.arguments import ANY, Options, Split, split
from gradcli.cli.reading.parameters import parameters_of
from gradcli.cli.showing.output import Output
from gradcli.errors import UsageError, choice

__all__ = ["declares_from", "options_of", "read_words"]


def read_words(name: str, words: Sequence[str], terminal: Terminal) -> tuple[Session, Split]:
    """Read the words after a command's name.

    Returns:
        The session, which holds the values of variables and the notation of the expression; and the split command
        line, without the options that no command declares.

    Raises:
        UsageError: a word has no meaning, a value is missing, or something is given twice.
    """
    known = options_of(load(name))
    found = split(words, known)
    if {"--json", "--plain"} <= {spelling for spelling, _ in found.options}:
        raise UsageError(
            "`--json` and `--plain` can't be given together", kind="conflicting_options", hint="keep only one of them"
        )
    spellings = tuple(sorted(known.spellings))
    notation = dict(found.options).get(FROM)
    if notation is not None:
        from gradcli.language.grammar import GRAMMARS

        if notation not in GRAMMARS and declares_from(load(name)):
            notation = None  # the word is the format of a table
        else:
            choice(notation, GRAMMARS, "notation")
    session = Session(terminal, Output(terminal), name, tuple(words), found.bindings, spellings, notation)
    others = {*COMMON_FLAGS} if notation is None else {*COMMON_FLAGS, FROM}
    own = tuple((spelling, word) for spelling, word in found.options if spelling not in others)
    return session, found._replace(options=own)


def declares_from(command: Command) -> bool:
    """Whether a command declares ``--from`` itself; its value is then the format of a table, or the notation."""
    return any(FROM in parameter.spellings for parameter in parameters_of(command.run))


def options_of(command: Command) -> Options:
    """Return the options of a command as `split` takes them, with the flags that every command knows."""
    parameters = parameters_of(command.run)
    options = [one for one in parameters if one.spellings or one.negations]
    flags = [spelling for one in options if one.kind is bool for spelling in (*one.spellings, *one.negations)]
    valued = [one for one in options if one.kind is not bool]
    operands = [one for one in parameters if one not in options]
    return Options(
        frozenset((*COMMON_FLAGS, *HELP, *flags)),
        {
            **({FROM: FROM} if command.takes_expression else {}),
            **{spelling: one.name for one in valued for spelling in one.spellings},
        },
        frozenset(spelling for one in valued if one.is_list for spelling in one.spellings),
        ANY if any(one.is_list for one in operands) else len(operands),
        command.takes_expression,
        command.takes_variables,
        len(operands) > 1,
    )
