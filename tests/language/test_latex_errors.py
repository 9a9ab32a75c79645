"""Syntax errors in LaTeX: the place, one sentence, and a hint."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.errors import ExpressionError
from gradcli.source import Span
from tests.support.loops import for_each

CASES = [
    ("", (0, 0), "the expression is empty", r"for example `\frac{1}{2} m v^2`"),
    (r"\frac{1}{2", (10, 10), "the expression ends, but a `{` is still open", "close it with `}`"),
    (r"\left(x + 1", (11, 11), "the expression ends, but a `(` is still open", "close it with `)`"),
    (r"\begin{cases} x & y", (19, 19), r"the expression ends, but a `\begin{cases}` is still open",
     r"close it with `\end{cases}`"),
    (r"\sin", (4, 4), r"the expression ends after `\sin`, where a value is missing", None),
    (r"\frac{1}", (8, 8), "the expression ends after `}`, where more is needed", None),
    (r"\foo x", (0, 4), r"`\foo` isn't known", None),
    (r"\frc{1}{2}", (0, 4), r"`\frc` isn't known", r"did you mean `\frac`?"),
    (r"x + \left. y", (4, 9), r"`\left` isn't allowed here", None),
    (r"\int x", (0, 4), "an integral isn't supported", None),
    (r"\sum_k x", (0, 4), "a sum or a product needs an index and bounds", r"for example `\sum_{k=1}^{5} k^2`"),
    (r"a \pm b", (2, 5), r"`\pm` means two expressions", "choose one of the two signs"),
    (r"30^\circ", (3, 8), "degrees aren't supported", r"multiply by `\frac{\pi}{180}`"),
    ("x#y", (1, 2), "the character `#` means nothing here", None),
    ("x'", (1, 2), "the character `'` means nothing here",
     "a prime belongs between a function and its parenthesis: `f(t) = t^2; f'(3)`"),
    ("x_", (1, 2), "an index is missing behind `_`", "write an index behind a letter: `x_{1}`"),
    ("(x)_1", (3, 5), "the index `_1` belongs to no name", "write an index behind a letter: `x_{1}`"),
    ("x^-1", (2, 3), "TeX takes only the `-` as the exponent", "put braces around it: `x^{-1}`"),
    ("2 3", (2, 3), "an operator is missing between `2` and `3`", "write `23` for one number"),
    ("x 3", (2, 3), "an operator is missing between `x` and `3`",
     r"write a number as the first factor, or behind `\cdot`"),
    ("x = y = z", (6, 7), "there is a second `=`", "an equation has one `=`, and its right side is read"),
    (r"\sin{x}^2", (7, 8), "the base of this power is itself a power, or the argument of a function in braces",
     r"put parentheses around the base: `\left(x^2\right)^3`, `\sin\left(x\right)^2`"),
    ("|2|x| - 1|", (4, 5), "nobody can tell whether this `|` opens or closes", r"write `\left|x\right|`"),
    ("x)", (1, 2), "this `)` closes nothing", None),
    ("(x +)", (4, 5), "a value is missing before `)`", None),
    ("x, y", (1, 2), "a `,` is allowed only between arguments", None),
    ("1,5 x", (1, 2), "a `,` is allowed only between arguments", "write decimals with a point: `1.5`"),
    ("x & y", (2, 3), "a `&` is allowed only in matrices and cases", None),
    ("/ x", (0, 1), "an expression can't begin with `/`", None),
    (r"x \cdot / y", (8, 9), r"a value is missing between `\cdot` and `/`", None),
    ("e^{x}!", (5, 6), "`!` isn't allowed here", None),
]  # fmt: skip


@for_each(("text", "span", "message", "hint"), CASES)
def test_a_syntax_error_is_told_in_these_words(
    text: str, span: tuple[int, int], message: str, hint: str | None
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, notation="latex")
    error = caught.value
    assert (error.message, error.span, error.hint) == (message, Span(*span), hint)
    assert error.source is not None
    assert error.source.text == text
