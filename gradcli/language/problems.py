"""Syntax errors in words: what the parser reports, told to a person who never saw a grammar."""

from __future__ import annotations

from typing import Final

from gradcli.errors import ExpressionError
from gradcli.language.grammar import END, UNKNOWN
from gradcli.language.parser import Unexpected
from gradcli.primitives import REGISTRY
from gradcli.source import Source, Span

__all__ = ["syntax_error"]

#: The terminals of the grammar in English.
TERMINALS: Final = {
    "NUMBER": "a number",
    "NAME": "a name",
    "FUNCTION": "a function",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "SEMICOLON": "`;`",
    "BAR": "`|`",
    "ROOT": "`√`",
    "SIGN": "`+` or `-`",
    "TIMES": "`*` or `/`",
    "POWER": "`^`",
    "FACTORIAL": "`!`",
    "SUPERSCRIPT": "a superscript",
    "COMPARISON": "a comparison",
    "DEFINES": "`=`",
    "AND": "`and`",
    "OR": "`or`",
    "NOT": "`not`",
    "$END": "the end",
}

_OPERAND_STARTS: Final = frozenset({"NUMBER", "NAME", "FUNCTION", "LPAR"})
_OPERAND_ENDS: Final = frozenset({"NUMBER", "NAME", "RPAR", "FACTORIAL", "SUPERSCRIPT", "RSQB"})


def syntax_error(error: Unexpected, source: Source) -> ExpressionError:
    """The error of the language for an error of the parser."""
    if error.token.kind != UNKNOWN:
        return _unexpected_token(error, source)
    position = error.token.start
    character = source.text[position]
    is_transposed = source.text[position : position + 2] == ".T"
    hints = {
        '"': "names need no quotes",
        "'": "a prime belongs between a function and its parenthesis: `f'(x)`",
        "&": "write `and`",
        "$": "names need no `$`",
        "{": "group with `(` and `)`",
        "}": "group with `(` and `)`",
        ".": "to transpose, write `transpose(A)`" if is_transposed else "a number needs a digit beside its point",
    }
    return ExpressionError(
        f"the character `{character}` means nothing here",
        kind="character",
        span=Span(position, position + 1),
        source=source,
        hint=hints.get(character),
    )


def _unexpected_token(error: Unexpected, source: Source) -> ExpressionError:
    token, previous, expected, text = error.token, error.previous, error.accepted, source.text
    before, here = previous.text if previous is not None else "", token.text
    ends_operand = previous is not None and previous.kind in _OPERAND_ENDS
    if token.kind == END:
        end = len(text.rstrip()) or len(text)
        if previous is None:
            message, hint = "the expression is empty", "for example `x1*x2 + sin(x1)`"
        elif "RPAR" in expected and ends_operand:
            message, hint = "the expression ends, but a `(` is still open", "close it with `)`"
        elif "RSQB" in expected and ends_operand:
            message, hint = "the expression ends, but a `[` is still open", "close it with `]`"
        elif "BAR" in expected and ends_operand:
            message, hint = "the expression ends, but a `|` is still open", "close it with `|`"
        else:
            message, hint = f"the expression ends after `{before}`, where a value is missing", None
        return ExpressionError(message, span=Span(end, end), source=source, hint=hint)
    span = Span(token.start, token.end)
    message, kind, hint = f"`{here}` can't stand here", "syntax", None
    if previous is not None and ends_operand and token.kind in _OPERAND_STARTS:
        kind = "missing_operator"
        is_function = REGISTRY.find(before) is not None or before in REGISTRY.offered
        if previous.kind == "NAME" and is_function:
            message = f"a function needs parentheses around its argument: `{before} {here}`"
            hint = f"write `{before}({here})`, or `{before}*{here}` if `{before}` is a variable"
            span = Span(previous.start, span.end)
        else:
            message = f"an operator is missing between `{before}` and `{here}`"
            hint = f"to multiply, write `{before}*{here}`"
            if "RSQB" in expected and "COMMA" in expected:
                message = f"a `,` is missing between `{before}` and `{here}`"
                hint = "the elements of an array are separated by `,`"
    elif token.kind == "COLON":
        message, hint = "a `:` stands only in an index, as in `x[1:3]`", "to define a name, write `r = ...;`"
    elif token.kind == "SEMICOLON" and "RSQB" in expected:
        hint = "the rows of a matrix are arrays themselves: `[[1, 2], [3, 4]]`"
    elif token.kind == "RSQB" and ends_operand and "RPAR" not in expected:
        message = "this `]` closes nothing"
    elif token.kind == "RPAR":
        message = "this `)` closes nothing" if ends_operand else "a value is missing before `)`"
    elif previous is not None and not ends_operand:
        message = f"a value is missing between `{before}` and `{here}`"
        if before == here == "*":
            hint = "to raise to a power, write `^` or `**`"
        elif here == "=":
            hint = "to compare, write `==`"
    elif token.kind == "DEFINES":
        hint = "to compare, write `==`; definitions end with `;`"
    elif token.kind == "COMMA":
        message = "a `,` stands only between the arguments of a function"
        hint = "write decimals with a point: `1.5`" if previous is not None and previous.kind == "NUMBER" else None
    elif previous is None:
        message = f"an expression can't begin with `{here}`"
    return ExpressionError(message, kind=kind, span=span, source=source, hint=hint)
