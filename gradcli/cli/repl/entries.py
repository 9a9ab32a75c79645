"""Values and definitions in a session: ``x = 2``, ``y = a*x`` and ``f(t) = t^2``.

A right side without variables is a value, as in ``x = 2*pi``.  So is a right side that uses the name itself, as in
``x = x + 1``.  Any other right side is a definition.  In both, ``ans`` is replaced by the present last result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.cli.reading.arguments import Binding, is_name
from gradcli.cli.reading.operands import read_expression
from gradcli.cli.reading.values import value_of
from gradcli.cli.repl.workspace import ANSWER, Workspace
from gradcli.cli.showing.output import value_text
from gradcli.errors import ExpressionError, UsageError
from gradcli.language.builder import read
from gradcli.language.definitions import definition_of, names_of
from gradcli.language.instructions import StackInstruction, flattened
from gradcli.source import Source

if TYPE_CHECKING:
    from gradcli.cli.command import Session
    from gradcli.evaluate.expression import Expression
    from gradcli.language.instructions import Definition

__all__ = ["enter"]


def enter(session: Session, workspace: Workspace, text: str) -> None:
    """Enter a value or a definition, and print it on a terminal as it was read.

    Args:
        session: the running command; its terminal has the workspace.
        workspace: the workspace that keeps the value or the definition.
        text: the text, with a ``=``.

    Raises:
        ExpressionError: the right side can't be read.
        UsageError: the left side can't be defined, or the definition would need itself.
        UnavailableError: the right side is a file that is missing, or holds no array of numbers.
    """
    name, _, right = (part.strip() for part in text.partition("="))
    if right.startswith("@") and is_name(name):
        _set(session, workspace, name, right, value_of(session, right, f"the value of `{name}`"))
        return
    definition = definition_of(text)
    if definition is None:
        parsed = read_expression(session, text)  # raises if the right side is wrong; otherwise it is LaTeX
        text = f"{name} = {parsed}"
        definition = definition_of(text)
    if definition is None:
        raise UsageError(f"`{name}` can't be defined", hint="define a name, `r = x + y`, or a function, `f(t) = t^2`")
    if definition.name == ANSWER:
        raise UsageError(f"`{ANSWER}` is the last result; it can't be given a value", hint="choose another name")
    if definition.parameters is None:
        _enter_name(session, workspace, definition, text.partition("=")[2].strip())
    else:
        _enter_function(session, workspace, definition, text)


def _enter_name(session: Session, workspace: Workspace, definition: Definition, right: str) -> None:
    name = definition.name
    parsed = read_expression(session, right)
    used = {*parsed.variables}
    if used <= workspace.values.keys() and (name in used or used <= {ANSWER}):
        value = _value(session, workspace, parsed)
        # The text is exact, but it must not name anything else.
        is_alone = not used and workspace.texts.keys().isdisjoint(names_of(definition))
        _set(session, workspace, name, right if is_alone else value_text(value), value)
    else:
        workspace.define(_with_answer(workspace, definition), f"{name} = {right}")
        if session.output.form == "table" and used <= workspace.values.keys():
            session.output.equation(f"{name} = {parsed}", _value(session, workspace, parsed))
        elif session.output.form == "table":
            session.output.line(f"{name} = {parsed}")
    session.output.notes(parsed.notes, parsed.source)


def _enter_function(session: Session, workspace: Workspace, definition: Definition, text: str) -> None:
    try:
        # The body is run when the function is called; here its functions are looked up.
        read(f"{text}; 0", variables=workspace.values, definitions=workspace.definitions)
    except ExpressionError as error:
        error.source = Source(text)
        raise
    head = f"{definition.name}({', '.join(definition.parameters or ())})"
    workspace.define(_with_answer(workspace, definition), f"{head} = {text.partition('=')[2].strip()}")
    if session.output.form == "table":
        session.output.line(workspace.texts[definition.name])


def _set(session: Session, workspace: Workspace, name: str, text: str, value: Any) -> None:
    workspace.set(name, text)
    if session.output.form == "table":
        session.output.equation(name, value)


def _value(session: Session, workspace: Workspace, parsed: Expression) -> Any:
    at = {name: value_of(session, workspace.values[name], f"the value of `{name}`") for name in parsed.variables}
    result = parsed.executor(at).evaluate(parsed, at)
    notes = [*result.notes]
    if result.may_lose_digits:
        from gradcli.cli.showing.proven_digits import lost_digits_notes

        typed = tuple([Binding(name, workspace.values[name]) for name in parsed.variables])
        notes += lost_digits_notes(session._replace(bindings=typed), parsed, at, {"value": result.value})
    session.output.notes(notes, parsed.source)
    return result.value


def _with_answer(workspace: Workspace, definition: Definition) -> Definition:
    """Return a definition in which the present value of ``ans`` replaces the name."""
    if all(one.payload != ANSWER for one in flattened(definition.body) if one.code == "name"):
        return definition
    if not isinstance(workspace.answer, float):
        problem = "has no value yet" if workspace.answer is None else "is an array"
        hint = None if workspace.answer is None else f"give it a name of its own first: A = {ANSWER}"
        raise UsageError(f"`{ANSWER}` {problem}", hint=hint)
    return definition._replace(body=_with_number(definition.body, ANSWER, workspace.answer))


def _with_number(code: list[StackInstruction], name: str, value: float) -> list[StackInstruction]:
    """Return instructions in which a number replaces a name."""
    found = []
    for one in code:
        if one.code == "name" and one.payload == name:
            one = one._replace(code="number", payload=value)
        elif one.code == "repeat":
            one = one._replace(payload=one.payload._replace(term=_with_number(one.payload.term, name, value)))
        found.append(one)
    return found
