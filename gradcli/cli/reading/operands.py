"""The expression of a command and the values of its variables, read from the words of a command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gradcli.cli.command import Command, Session
from gradcli.cli.reading.arguments import bindings_of, is_name, option_suggestion
from gradcli.cli.reading.values import first_span, read_file, value_of
from gradcli.errors import GradcliError, UnavailableError, UsageError, unreadable
from gradcli.source import Note, listed, suggestion

if TYPE_CHECKING:
    from gradcli.evaluate.expression import Expression

__all__ = [
    "direction_of",
    "explained",
    "expression_and_point",
    "missing_values",
    "names_among",
    "names_in",
    "no_expression",
    "orders_of",
    "read_expression",
    "refuse_unknown",
    "variable_of",
    "variables_of",
]


def read_expression(session: Session, operand: str, *, variables: Collection[str] = ()) -> Expression:
    """Parse the operand of a command: a text, ``-`` for standard input, or ``@FILE``.

    Args:
        session: the running command.
        operand: the operand as it was typed.
        variables: names that are variables even where the language has a constant of that name; the names of the
            command line's own values are added, and those of a session of `gradcli repl`.
    """
    from gradcli.evaluate.expression import parse

    text, name = _text_of(session, operand)
    known = {*variables, *(binding.name for binding in session.bindings)}
    workspace = session.terminal.workspace
    if workspace is None:
        return parse(text, variables=known, name=name, notation=session.notation)
    known |= workspace.values.keys()
    return parse(text, variables=known, name=name, notation=session.notation, definitions=workspace.definitions)


def no_expression(session: Session, command: Command) -> UsageError:
    """Return the error for words without an expression; a word such as ``x=2`` is a value and not an expression."""
    message = "no expression is given"
    if session.bindings:
        name, text = session.bindings[0]
        message += f": `{name}={text.strip()}` gives a value to `{name}`"
    return UsageError(message, kind="missing_operand", hint=f"for example: {command.examples[0][0]}")


def expression_and_point(
    session: Session, operand: str, *, complete: bool = True, variables: Collection[str] = ()
) -> tuple[Expression, dict[str, Any]]:
    """Return the expression and the values of its variables, in the order in which they first appear.

    Args:
        session: the running command.
        operand: the operand as it was typed.
        complete: whether a variable without a value is an error.
        variables: as for `read_expression`.

    Raises:
        UsageError: a value belongs to no variable of the expression, or is not a number; or variables have no value
        (the message names all of them).
    """
    expression = read_expression(session, operand, variables=variables)
    given = {binding.name: binding.text for binding in session.bindings}
    missing = [name for name in expression.variables if name not in given]
    with explained(session, expression):
        if operand == "-" and not missing:
            _note_unused(expression, given)
        else:
            refuse_unknown(session, expression.variables, "the expression")
        if missing and complete:
            raise missing_values(session, expression, missing)
    known = [name for name in expression.variables if name in given]
    return expression, {name: value_of(session, given[name], f"the value of `{name}`") for name in known}


@contextmanager
def explained(session: Session, expression: Expression) -> Iterator[None]:
    """Let a block use an expression; if this fails, print the notes on how the expression was read before the error.

    These notes may explain the error.
    A note that says the same as the hint of the error is left out.
    """
    try:
        yield
    except UsageError as error:
        hint = error.hint or ""
        quoted = [re.findall(r"`[^`]*`", note.hint or "")[-1:] for note in expression.notes]
        notes = [note for note, last in zip(expression.notes, quoted, strict=True) if not last or last[0] not in hint]
        session.output.notes(notes, expression.source, after_result=False)
        raise


def _note_unused(expression: Expression, given: Iterable[str]) -> None:
    """Add a note for each value that an expression from a pipe doesn't use.

    A derivative may be constant, so this is no error.
    """
    unused = [name for name in given if name not in expression.variables]
    expression.notes += tuple(
        Note("unused", f"the expression from standard input has no variable `{name}`, so its value isn't used")
        for name in unused
    )


def refuse_unknown(session: Session, known: Collection[str], owner: str) -> None:
    """Raise if a value is given for a name that ``owner`` (such as "the expression") does not have."""
    for binding in session.bindings:
        if binding.name not in known:
            given = {other.name for other in session.bindings}
            hint = (
                (_call_suggestion(binding.name, known) if owner == "the expression" else None)
                or suggestion(binding.name, [name for name in known if name not in given])
                or option_suggestion(binding.name, session.options)
                or (f"it has {listed(known)}" if known else "it has no variables at all")
            )
            raise UsageError(f"{owner} has no variable `{binding.name}`", kind="unknown_variable", hint=hint)


def _call_suggestion(name: str, known: Collection[str]) -> str | None:
    """Return a hint to write ``sin(x)`` if x has a value, but the expression has ``sinx`` or ``sin``; else None."""
    from gradcli.primitives import REGISTRY

    functions = {other.removesuffix(name) for other in known} & {*REGISTRY.words()} if known else set()
    return f"did you mean `{min(functions)}({name})`?" if functions else None


def names_in(text: str | None, option: str, known: Collection[str]) -> tuple[str, ...] | None:
    """Return the variables that an option such as ``--wrt x1,x2`` names, or None if it is not given.

    Raises:
        UsageError: a name is not among ``known``, is empty, or is given twice.
    """
    if text is None:
        return None

    def unknown(name: str) -> UsageError:
        hint = suggestion(name, known, f"it has {listed(known)}" if known else None)
        return UsageError(f"`{option}`: the expression has no variable `{name}`", kind="unknown_variable", hint=hint)

    return tuple(names_among([text], option, known, unknown))


def variable_of(wrt: str | None, variables: tuple[str, ...]) -> str:
    """Return the one variable to differentiate with respect to.

    Args:
        wrt: the value of ``--wrt``; it may be left out if there is only one variable.
        variables: the variables of the expression.

    Raises:
        UsageError: there is no such variable, or it is not clear which one is meant.
    """
    if wrt is not None and "," in wrt:
        raise UsageError("`--wrt` takes one variable here", hint="call the command once for each")
    name, *others = variables_of(wrt, variables)
    if not others:
        return name
    raise UsageError(
        f"the expression has {len(variables)} variables: {listed(variables)}",
        kind="several_variables",
        hint=f"name the variable to differentiate with respect to: --wrt {name}",
    )


def variables_of(wrt: str | None, variables: tuple[str, ...]) -> tuple[str, ...]:
    """Return the variables to differentiate with respect to, at least one.

    Args:
        wrt: the value of ``--wrt``, names separated by commas; without it all variables are taken.
        variables: the variables of the expression.  If there are none, ``wrt`` may name any.

    Raises:
        UsageError: there is no such variable, or no variable at all.
    """
    if wrt is not None and not variables:
        names = tuple([name.strip() for name in wrt.split(",")])
        if all(map(is_name, names)) and len({*names}) == len(names):
            return names
    found = names_in(wrt, "--wrt", variables)
    if found is None and not variables:
        raise UsageError(
            "the expression has no variable to differentiate with respect to",
            kind="missing_variable",
            hint="name one with --wrt x",
        )
    return variables if found is None else found


def names_among(
    texts: Iterable[str], option: str, known: Collection[str], unknown: Callable[[str], UsageError]
) -> list[str]:
    """Return the names in the values of an option such as ``--select a,b``.

    Args:
        texts: the values; a text that is a known name as a whole is not divided at its commas.
        option: the spelling of the option.
        known: the names that are allowed.
        unknown: the error for any other name.
    """
    found: list[str] = []
    for text in texts:
        for name in [text] if text in known else [part.strip() for part in text.split(",")]:
            if name not in known:
                if name:
                    raise unknown(name)
                raise UsageError(f"`{option} {text}` lacks a name", hint=f"write {option} NAME,NAME")
            if name in found:
                raise UsageError(f"`{option}` names `{name}` twice", hint="once is enough")
            found.append(name)
    return found


def direction_of(session: Session, text: str, option: str, known: Collection[str]) -> dict[str, Any]:
    """Read a vector such as ``x1=1,x2=0``; every other known variable has the component 0."""
    direction = dict.fromkeys(known, 0.0)
    for name, value in bindings_of(text, option):
        names_in(name, option, known)
        direction[name] = value_of(session, value, f"the component of `{name}`")
    return direction


def orders_of(text: str, option: str, known: Collection[str]) -> dict[str, int]:
    """Read the orders of a mixed derivative, such as ``x=2,y=1``; an order of 0 is left out.

    Raises:
        UsageError: a name is not known or is given twice, an order isn't a whole number, or all are 0.
    """
    found: dict[str, int] = {}
    for name, value in bindings_of(text, option):
        names_in(name, option, known)
        if name in found:
            raise UsageError(f"`{option}` names `{name}` twice", hint="once is enough")
        if not value.strip().isdecimal():
            raise UsageError(f"`{option}`: the order toward `{name}` is a whole number, not `{value.strip()}`")
        found[name] = int(value)
    if not any(found.values()):
        raise UsageError(f"`{option}` has at least one order of 1 or more", kind="order")
    return {name: order for name, order in found.items() if order}


def _text_of(session: Session, operand: str) -> tuple[str, str]:
    """Return the text of an operand, and the name of its source."""
    if operand == "-":
        return _read_stdin(session), "standard input"
    if operand.startswith("@"):
        path = operand[1:]
        if not path:
            raise UsageError("`@` has no file name after it", hint="write @FILE, for example @model.txt")
        return read_file(path), path
    return operand, "expression"


def _read_stdin(session: Session) -> str:
    if session.terminal.stdin_is_terminal:
        session.output.message("type the expression, then Ctrl-D on a line of its own")
    try:
        text = session.terminal.stdin.read()
        text.encode()  # in some locales Python lets wrong bytes through as lone surrogates
    except UnicodeError as error:
        raise UnavailableError("standard input is not text in UTF-8", kind="unreadable_file") from error
    except OSError as error:
        raise unreadable("standard input", error) from error
    if re.match(r"d\w*/d\S+\t", text):
        raise UsageError(
            "standard input holds several derivatives with their names, but only one expression can be read",
            hint="print only one derivative: gradcli diff ... --wrt x",
        )
    return text


def missing_values(session: Session, expression: Expression, missing: list[str]) -> GradcliError:
    """Return the error for variables without values; its hint is the command line with values, ready to paste."""
    from gradcli.evaluate.point import missing_variables

    example = "[1, 2]" if expression.has_arrays else "1"
    if session.terminal.workspace is not None:
        command = f"write {'; '.join(f'{name} = {example}' for name in missing)} first"
    else:
        words = [quoted(word) for word in ("gradcli", session.command, *session.arguments)]
        command = " ".join([*words, *(binding_of(session, name, example) for name in missing)])
    meant = [hint for name in missing if (hint := _meant_instead(expression, name)) is not None]
    error = missing_variables(missing, "\n".join([*meant, command]))
    error.source, error.span = expression.source, first_span(expression, missing[0])
    return error


def _meant_instead(expression: Expression, name: str) -> str | None:
    """Return the hint for a name that is not a variable in mathematics: the T of ``A^T``, or a constant in capitals."""
    from gradcli.language.parsed import CONSTANTS
    from gradcli.printing.text import to_text

    constant = {"infinity": "inf"}.get(name.lower(), name.lower())
    if constant in CONSTANTS and len(name) > 1:
        return f"the constant is `{constant}`"
    variable = expression.graph.variable(name)
    users = [node for node in expression.graph.nodes if variable in node.operands]
    powers = [node.operands[0] for node in users if node.primitive is not None and node.primitive.name == "pow"]
    if name == "T" and powers and len(powers) == len(users) and variable not in powers:
        return f"to transpose, write `transpose({to_text(powers[0])})`"
    return None


def binding_of(session: Session, name: str, text: str) -> str:
    """Return the words of the command line that give a variable its value, as they were typed."""
    is_only_name = "--" in session.arguments or f"--{name}" in session.options
    return f"{name}={quoted(text)}" if is_only_name else f"--{name} {quoted(text)}"


def quoted(word: str) -> str:
    """Return a word quoted for a shell, in double quotes where they are enough, as people usually write expressions.

    >>> print(quoted("x1"), quoted("x1*x2"), quoted("cost$"))
    x1 "x1*x2" 'cost$'
    """
    import shlex

    safe = shlex.quote(word)
    return f'"{word}"' if safe == f"'{word}'" and not set(word) & set('"$`\\!') else safe
