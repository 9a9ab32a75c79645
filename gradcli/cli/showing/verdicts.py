"""Verdicts on answers, in words and as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.cli.showing.output import number

if TYPE_CHECKING:
    from gradcli.evaluate.answers import Difference, Judgement
    from gradcli.evaluate.expression import Expression

__all__ = ["document_of", "explanation_of", "point_of", "sentence_of", "words_of"]


def document_of(expression: Expression, variable: str, order: int, found: Judgement) -> dict[str, Any]:
    """Return the document of a verdict for ``--json``."""
    difference = found.difference
    return {
        "expression": str(expression),
        "wrt": variable,
        "order": order,
        "answer": found.answer,
        "verdict": found.verdict,
        "right": found.is_right,
        "form": found.form,
        "mistake": found.mistake,
        "reason": found.reason,
        "place": found.place,
        "derivative": found.derivative,
        "at": None if difference is None else difference.at,
        "expected": None if difference is None else difference.expected,
        "found": None if difference is None else difference.found,
    }


def words_of(found: Judgement) -> str:
    """Return a verdict in a few words."""
    if found.verdict == "equal":
        return "right" if found.form == "same" else "right, in another form"
    return found.verdict


def point_of(difference: Difference) -> str:
    """Return the point at which an answer differs, and both values there."""
    place, expected, found = _texts(difference)
    return f"{place}: the derivative is {expected}, the answer is {found}"


def _texts(difference: Difference) -> tuple[str, str, str]:
    place = ", ".join(f"{name} = {number(value)}" for name, value in difference.at.items())
    return place, number(difference.expected), number(difference.found)


def explanation_of(found: Judgement) -> str:
    """Return the reason why an answer is not right: its mistake, or else a point; empty for a right answer."""
    if found.verdict == "undecided":
        return "there are too few points at which the values of both formulas are known"
    if found.reason is not None:
        return found.reason if found.place is None else f"{found.reason}, at `{found.place}`"
    if found.difference is None:
        return ""
    place, expected, wrong = _texts(found.difference)
    return f"at {place} the derivative is {expected}, and the answer is {wrong}"


def sentence_of(found: Judgement) -> str:
    """Return the message about an answer that is not right."""
    if found.verdict == "wrong" and found.reason is None:
        return "the answer is not the derivative"
    reason = explanation_of(found)
    return reason if found.verdict == "undecided" else f"the answer is not the derivative: {reason}"
