"""The error that refuses the text of an expression."""

from __future__ import annotations

import pytest

from gradcli.errors import ExpressionError
from gradcli.evaluate.expression import parse

__all__ = ["check_refusal", "refusal"]


def refusal(text: str) -> ExpressionError:
    """Return the error of a text that can't be parsed, which knows its text."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.source is not None
    assert caught.value.source.text == text
    return caught.value


def check_refusal(text: str, kind: str, span: tuple[int, int], hint: str | None) -> None:
    """Assert that a text is refused by an error of this kind, at this place and with this hint, if there is one."""
    error = refusal(text)
    assert (error.kind, error.span) == (kind, span)
    if hint is not None:
        assert error.hint == hint
