"""Values and derivatives with proved digits (``--digits``), which stay texts: a float would lose them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.cli.showing.derivatives import derivatives_by_name
from gradcli.cli.showing.output import notes_of

if TYPE_CHECKING:
    from gradcli.cli.command import Session
    from gradcli.evaluate.expression import Expression
    from gradcli.source import Note

__all__ = ["show_proven"]

#: The kinds of notes on floats that are true of the exact numbers, too.
_OF_EDGES = frozenset({"kink", "jump", "branch cut", "end", "slope"})


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

    Raises:
        UnavailableError: the package python-flint is missing.
        UsageError: the expression has operations on arrays, or a value is an array.
        NotFiniteError: there is no finite value.
        LimitError: the digits are beyond a bound, or are not proved.
    """
    from gradcli.evaluate.expression import check_digits, parse

    check_digits(digits)
    from gradcli.evaluate.proven import Proven

    texts = {binding.name: binding.text for binding in session.bindings}
    point = {name: parse(texts.get(name, repr(value))) for name, value in at.items()}
    proven = Proven(parsed.unfolded(), point, digits)
    document: dict[str, Any] = {"expression": str(parsed), "digits": digits, "value": proven.value()}
    if gradient:
        document["gradient"] = proven.gradient(wrt)
    if order is not None:
        document["derivatives"] = proven.derivatives(order, wrt)
    if hessian:
        document["hessian"] = proven.hessian(wrt)
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
