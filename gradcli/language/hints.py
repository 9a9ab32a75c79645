"""Hints with formulas that can be typed as they are: each formula in a hint is parsed before the hint is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from gradcli.errors import ExpressionError
from gradcli.source import Span

__all__ = ["likely_reading", "readable_hint", "with_true_hint"]

_WRITE: Final = "write `"
_FORMULA: Final = re.compile(r"`([^`]+)`")
_OPERATORS: Final = ("and", "or", "not")
#: A longer text is not searched for what it may be meant as.
_LONGEST: Final = 100
_BETWEEN_OFFERS: Final = re.compile(r"(,? or (?=`))")


def readable_hint(hint: str | None, is_readable: Callable[[str], bool]) -> str | None:
    """Return a hint without the formulas that can't be read; None if nothing is left.

    Args:
        hint: a hint; behind ``write`` it offers a formula, and others may follow behind ``or``.
        is_readable: whether a formula can be read.

    >>> readable_hint("write `2*x` or `2x(`, or `x*2` if `x` is a variable", lambda formula: "(" not in formula)
    'write `2*x`, or `x*2` if `x` is a variable'
    """
    begin = hint.find(_WRITE) if hint is not None else -1
    if hint is None or begin < 0:
        return hint
    purpose, offered = hint[:begin], hint[begin + len(_WRITE) :]
    first, *others = _BETWEEN_OFFERS.split("`" + offered)
    offers = [("", first), *zip(others[::2], others[1::2], strict=True)]
    kept = [(joint, offer) for joint, offer in offers if _is_true(offer, is_readable)]
    return purpose + "write " + kept[0][1] + "".join(joint + offer for joint, offer in kept[1:]) if kept else None


def _is_true(offer: str, is_readable: Callable[[str], bool]) -> bool:
    """Whether an offer can be read, or is only a part of a formula: an operator, or a pattern with an ellipsis."""
    formula = _FORMULA.match(offer)
    is_operator = formula is not None and (formula[1] in _OPERATORS or not any(map(str.isalnum, formula[1])))
    if formula is None or is_operator or "..." in formula[1]:
        return True
    return is_readable(formula[1])


def with_true_hint(
    error: ExpressionError, is_readable: Callable[[str, Span], bool], *, is_typed: bool = True
) -> ExpressionError:
    """Return an error whose hint offers only formulas that can be read, by themselves or after the text's definitions.

    Args:
        error: the error.
        is_readable: whether a part of a text can be read.
        is_typed: whether the text is in the expression language.  Then, if the hint offers nothing that can be read,
            the most likely meaning of the whole text becomes the hint, provided that this can be read.
    """
    assert error.source is not None
    text = error.source.text
    definitions = text[: text.rfind(";") + 1]

    def is_true(formula: str) -> bool:
        return any(is_readable(one, Span(0, len(one))) for one in (formula, definitions + formula))

    offered, error.hint = error.hint, readable_hint(error.hint, is_true)
    if offered != error.hint is None and is_typed:
        reading = likely_reading(text, is_readable)
        error.hint = f"write `{reading}`" if reading is not None else None
    return error


def likely_reading(text: str, is_readable: Callable[[str, Span], bool]) -> str | None:
    """Return the expression that a short text most likely means; None if no expression is found."""
    if len(text) > _LONGEST or "\n" in text:
        return None
    from gradcli.language.readings import likely_text

    reading = likely_text(text)
    return reading if is_readable(reading, Span(0, len(reading))) else None
