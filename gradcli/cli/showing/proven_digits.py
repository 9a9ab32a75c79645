"""Values and derivatives with proved digits (``--digits``), and the note on numbers that have lost their digits.

Proved digits stay texts: a float would lose them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.cli.showing.derivatives import derivatives_by_name
from gradcli.cli.showing.output import notes_of
from gradcli.errors import UsageError

if TYPE_CHECKING:
    from gradcli.cli.command import Session
    from gradcli.evaluate.expression import Expression
    from gradcli.evaluate.proven import Proven
    from gradcli.source import Note

__all__ = ["exact_texts", "lost_digits_notes", "proven_at", "proven_derivatives", "show_proven"]

#: The kinds of notes on floats that are true of the exact numbers, too.
_OF_EDGES = frozenset({"kink", "jump", "branch cut", "end", "slope", "limit"})


def exact_texts(session: Session, at: Mapping[str, Any]) -> dict[str, str]:
    """Return the numbers of a point as they were typed; of one from a file, the decimal that Python prints."""
    texts = {binding.name: binding.text.strip() for binding in session.bindings}
    return {
        name: text if (text := texts.get(name, "@")) and not text.startswith("@") else repr(value)
        for name, value in at.items()
    }


def proven_at(session: Session, parsed: Expression, at: Mapping[str, Any], digits: int) -> Proven:
    """Return an expression at a point, with proved digits.

    Raises:
        UnavailableError: the package python-flint is missing.
        UsageError: the expression has operations on arrays, or a value is an array.
        LimitError: the digits are beyond a bound.
    """
    from gradcli.evaluate.expression import check_digits, parse

    check_digits(digits)
    from gradcli.evaluate.proven import Proven

    if parsed.is_on_arrays(at):
        raise UsageError("digits are proved for numbers, and this expression has arrays", kind="array")
    point = {name: parse(text) for name, text in exact_texts(session, at).items()}
    return Proven(parsed.unfolded(), point, digits)


def proven_derivatives(
    session: Session, parsed: Expression, at: Mapping[str, Any], digits: int, names: Sequence[str], order: int
) -> list[dict[str, str]]:
    """Return the derivatives of one order with proved digits; of a vector, those of each component.

    Raises:
        LimitError, NotFiniteError: the digits are beyond a bound, or are not proved; there is no finite value.
    """
    from gradcli.evaluate.expression import Expression
    from gradcli.language.parsed import ParsedExpression

    components = parsed.components
    rows = []
    for root in [parsed.root] if components is None else components:
        one = Expression(ParsedExpression(parsed.source, root, parsed.variables, parsed.spans))
        proven = proven_at(session, one if components is not None else parsed, at, digits)
        rows.append({name: found[-1] for name, found in proven.derivatives(order, names).items()})
    return rows


def show_proven(
    session: Session,
    parsed: Expression,
    at: Mapping[str, Any],
    digits: int,
    notes: Sequence[Note] = (),
    *,
    gradient: bool = False,
    wrt: Sequence[str] | None = None,
    order: int | None = None,
    hessian: bool = False,
    direction: Mapping[str, float] | None = None,
    partial: Mapping[str, int] | None = None,
) -> None:
    """Print the value of an expression, and its derivatives.

    Args:
        session: the running command.
        parsed: the expression.
        at: the values of its variables; their texts in the command line are exact.
        digits: the number of significant digits.
        notes: the notes on the same point in floats.
        gradient: whether derivatives are printed, too.
        wrt: the variables to differentiate with respect to; all of them by default.
        order: the highest order of the derivatives with respect to each variable by itself.
        hessian: whether all second derivatives are printed.
        direction: a direction for a derivative along it.
        partial: the orders of a mixed derivative.

    Raises:
        UnavailableError: the package python-flint is missing.
        UsageError: the expression has operations on arrays, or a value is an array.
        NotFiniteError: there is no finite value.
        LimitError: the digits are beyond a bound, or are not proved.
    """
    proven = proven_at(session, parsed, at, digits)
    document: dict[str, Any] = {"expression": str(parsed), "digits": digits, "value": proven.value()}
    if gradient:
        document["gradient"] = proven.gradient(wrt)
    if order is not None:
        document["derivatives"] = proven.derivatives(order, wrt)
    if hessian:
        document["hessian"] = proven.hessian(wrt)
    if partial is not None:
        document["partial"] = {"orders": partial, "value": proven.partial(partial)}
    if direction is not None:
        document["jvp"] = proven.jvp(direction)
    shown = [*parsed.notes, *[note for note in notes if note.kind in _OF_EDGES]]
    if session.output.form == "json":
        session.output.json({**document, **notes_of(shown)})
        return
    if gradient:
        rows = [[name, document[name]] for name in ("expression", "value")]
        session.output.table([], rows + [[name, text] for name, text in derivatives_by_name(document).items()])
    else:
        session.output.line(document["value"])
    session.output.notes(shown, parsed.source)


def lost_digits_notes(
    session: Session,
    parsed: Expression,
    at: Mapping[str, Any],
    document: Mapping[str, Any],
    direction: Mapping[str, float] | None = None,
) -> list[Note]:
    """Return the note on numbers of a result that have lost their digits, if there are any.

    Args:
        session: the running command.
        parsed: the expression, without operations on arrays.
        at: the values of its variables; their texts in the command line are exact.
        document: the result.
        direction: the direction of the derivative ``jvp``.
    """
    from gradcli.evaluate.digits_left import Derived, digits_note, has_balls
    from gradcli.evaluate.expression import parse

    gradient = document.get("gradient", {})
    order = max(map(len, document.get("derivatives", {}).values()), default=1)
    mixed = document["partial"]["orders"] if "partial" in document else None
    derived = Derived([*gradient], order, "hessian" in document, direction, mixed)
    numbers = {"value": document["value"], **derivatives_by_name({**document, "gradient": gradient})}
    point = {name: parse(text) for name, text in exact_texts(session, at).items()}
    hint = "--digits 15 proves every digit" + ("" if has_balls() else ', with pip install "gradcli[digits]"')
    note = digits_note(parsed, at, point, derived, numbers, otherwise=hint)
    return [] if note is None else [note]
