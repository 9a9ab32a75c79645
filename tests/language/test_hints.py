"""What a hint offers can be read: the hints of texts that have been found to offer what can't."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.errors import ExpressionError
from gradcli.language.hints import readable_hint


@pytest.mark.parametrize(
    ("hint", "kept"),
    [
        (None, None),
        ("names need no quotes, or `(`", "names need no quotes, or `(`"),
        ("write `x+`", None),
        ("write `x+` or `+y(`", None),
        ("write `x+` or `y` for both", "write `y` for both"),
        ("write `x`, or `y+` if `y` is a variable, or `z`", "write `x`, or `z`"),
        ("write `^` or `**`", "write `^` or `**`"),
        ("write `f(t) = ...;`", "write `f(t) = ...;`"),
    ],
)
def test_only_what_can_be_read_is_kept(hint: str | None, kept: str | None) -> None:
    assert readable_hint(hint, lambda formula: formula in ("x", "y", "z")) == kept


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("sofsin^-1([0, log(3)])", "`gradcli functions` lists them all"),
        ("x^-1(y)", "write `x^-1*(y)` for a product, or `x^(-1*(y))`"),
        ("2^-1x(y)", "write `2^-1*x*(y)`"),
        ("sin^-1 x", "write `sin^-1(x)` or `sin^(-1*x)`"),
        ("sin⁻¹ 2x", "to multiply, write `sin^-1(2*x)`"),
        ("f(t) = t^2; f^-1(x)", "write `1/f(x)`, or the name of the inverse function"),
        ("norm^-1(x)", "write `1/norm(x)`, or the name of the inverse function"),
        ("log_2^-1(x)", "write `1/log_2(x)`, or the name of the inverse function"),
    ],
)
def test_a_text_of_two_meanings_is_answered_with_what_can_be_typed(text: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.hint == hint
