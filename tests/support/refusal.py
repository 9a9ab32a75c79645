"""The error that refuses the text of an expression."""

from __future__ import annotations

import pytest

from gradcli.errors import ExpressionError
from gradcli.evaluate.expression import parse

__all__ = ["refusal"]


def refusal(text: str) -> ExpressionError:
    """Return the error of a text that can't be parsed, which knows its text."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.source is not None
    assert caught.value.source.text == text
    return caught.value
