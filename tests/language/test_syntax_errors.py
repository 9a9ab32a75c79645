"""Syntax errors in words: one case for each way to stumble."""

from __future__ import annotations

import pytest

from gradcli.errors import ExpressionError
from gradcli.evaluate.expression import parse
from tests.support.loops import for_each

CASES: list[tuple[str, tuple[int, int], str, str | None]] = [
    ("", (0, 0), "the expression is empty", "for example `x1*x2 + sin(x1)`"),
    ("   ", (3, 3), "the expression is empty", "for example `x1*x2 + sin(x1)`"),
    ("x +", (3, 3), "the expression ends after `+`, where a value is missing", None),
    ("x + ", (3, 3), "the expression ends after `+`, where a value is missing", None),
    ("sin(", (4, 4), "the expression ends after `(`, where a value is missing", None),
    ("(x", (2, 2), "the expression ends, but a `(` is still open", "close it with `)`"),
    ("sin(x", (5, 5), "the expression ends, but a `(` is still open", "close it with `)`"),
    ("((x)", (4, 4), "the expression ends, but a `(` is still open", "close it with `)`"),
    ("|x", (2, 2), "the expression ends, but a `|` is still open", "close it with `|`"),
    ("x)", (1, 2), "this `)` closes nothing", None),
    ("(x))", (3, 4), "this `)` closes nothing", None),
    ("(x + )", (5, 6), "a value is missing before `)`", None),
    ("()", (1, 2), "a value is missing before `)`", None),
    ("sin(x,)", (6, 7), "a value is missing before `)`", None),
    ("x*/2", (2, 3), "a value is missing between `*` and `/`", None),
    ("x* *2", (3, 4), "a value is missing between `*` and `*`", "to raise to a power, write `^` or `**`"),
    ("*x", (0, 1), "an expression can't begin with `*`", None),
    (";x", (0, 1), "an expression can't begin with `;`", None),
    ("x;;y", (2, 3), "a value is missing between `;` and `;`", None),
    ("a = b = c; a", (6, 7), "`=` isn't allowed here", "to compare, write `==`; definitions end with `;`"),
    ("1,5", (1, 2), "a `,` is allowed only between the arguments of a function", "write decimals with a point: `1.5`"),
    ("(x, y)", (2, 3), "a `,` is allowed only between the arguments of a function", None),
    ("$x", (0, 1), "the character `$` means nothing here", "names need no `$`"),
    ('"x"', (0, 1), 'the character `"` means nothing here', "names need no quotes"),
    ("x & y", (2, 3), "the character `&` means nothing here", "write `x and y`"),
    ("{x}", (0, 1), "the character `{` means nothing here", "group with `(` and `)`"),
    ("x := 2; x", (2, 3), "a `:` is allowed only in an index, as in `x[1:3]`", "write `x = 2; x`"),
    ("[1 2]", (3, 4), "a `,` is missing between `1` and `2`", "the elements of an array are separated by `,`"),
    (
        "[1, 2; 3, 4]",
        (5, 6),
        "`;` isn't allowed here",
        "the rows of a matrix are arrays themselves: `[[1, 2], [3, 4]]`",
    ),
    ("[1, 2", (5, 5), "the expression ends, but a `[` is still open", "close it with `]`"),
    ("x[1:2", (5, 5), "the expression ends, but a `[` is still open", "close it with `]`"),
    ("x]", (1, 2), "this `]` closes nothing", None),
    ("x[]", (2, 3), "a value is missing between `[` and `]`", None),
    ("A.T", (1, 2), "the character `.` means nothing here", "to transpose, write `transpose(A)`"),
    (
        "sum x",
        (0, 5),
        "a function needs parentheses around its argument: `sum x`",
        "write `sum(x)`, or `sum*x` if `sum` is a variable",
    ),
    ("x.y", (1, 2), "the character `.` means nothing here", "a number needs a digit next to its point"),
    (
        "x'",
        (1, 2),
        "the character `'` means nothing here",
        "a prime belongs between a function and its parenthesis: `f'(x)`",
    ),
    ("x # y", (2, 3), "the character `#` means nothing here", None),
    ("a +\nb c", (6, 7), "an operator is missing between `b` and `c`", "to multiply, write `b*c`"),
]


@for_each(("text", "span", "message", "hint"), CASES)
def test_a_syntax_error_is_told_in_these_words(
    text: str, span: tuple[int, int], message: str, hint: str | None
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    error = caught.value
    assert (error.message, error.span, error.hint) == (message, span, hint)
    assert error.exit_code == 3
