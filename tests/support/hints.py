"""The hints that tests see, each tried as a user would try it: what a hint tells to write can be read."""

from __future__ import annotations

import re
from collections import deque
from typing import Any

from gradcli import parse
from gradcli.errors import ExpressionError, GradcliError

__all__ = ["SeenHints", "untrue_parts"]

#: Parts of a formula, which a hint shows alone.
_SIGNS = frozenset({"==", "and", "^", "**", ",", "*", "(", ")", "[", "]", "|", "$"})
#: Words behind which a hint shows a formula.
_OFFER = re.compile(r"(?:\bwrite|\bor|\bexample|\bprecisely|\bread as|\bis) `([^`]+)`")
#: How many errors with one hint are remembered.
_FEW = 5


def untrue_parts(error: GradcliError) -> list[str]:
    """Return the formulas in the hint of an error that can't be read, alone or behind the definitions of its text."""
    text = error.source.text if error.source is not None else ""
    definitions = text.rpartition(";")[0] + ";" if ";" in text else ""
    offered = [part for part in _OFFER.findall(error.hint or "") if part not in _SIGNS]
    return [part for part in offered if not _is_readable_anywhere(part, definitions)]


def _is_readable_anywhere(part: str, definitions: str) -> bool:
    """Whether a formula can be read, with an ellipsis, or a result behind a definition, filled in."""
    filled = part.replace("...", "1")
    whole = [filled, f"{filled} 1"] if filled.endswith(";") else [filled]
    return any(_is_readable(text) or _is_readable(definitions + text, len(definitions)) for text in whole)


def _is_readable(text: str, begin: int = 0) -> bool:
    """Whether a text can be read; an error without a place, or before a position, is
    one of the whole text or of a definition, which the hint is not about."""
    try:
        parse(text)
    except ExpressionError as error:
        return error.span is None or error.span.end < begin
    return True


class SeenHints:
    """The errors about expressions that are made while it records, a few for each hint."""

    def __init__(self) -> None:
        self._errors: dict[str, deque[GradcliError]] = {}
        self._known: set[str] = set()

    def record(self) -> None:
        """Remember each error about an expression from now on."""
        make = ExpressionError.__init__

        def remember(error: ExpressionError, *given: Any, **options: Any) -> None:
            make(error, *given, **options)
            if error.hint is not None and error.hint not in self._known:
                self._errors.setdefault(error.hint, deque(maxlen=_FEW)).append(error)

        ExpressionError.__init__ = remember  # type: ignore[method-assign]

    def check(self) -> None:
        """Assert that the hints that are new can be read.

        An error that is shown has its text; one without a text was made to try a formula.
        """
        while self._errors:
            hint, errors = self._errors.popitem()
            self._known.add(hint)
            for error in errors:
                untrue = untrue_parts(error) if error.source is not None else []
                assert not untrue, f"the hint {error.hint!r} offers {untrue}, which can't be read"
