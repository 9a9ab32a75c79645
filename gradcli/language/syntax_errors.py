"""Syntax errors in words that people who don't know grammars understand."""

from __future__ import annotations

import re
from typing import Final

from gradcli.errors import ExpressionError
from gradcli.language.dialects import ABSENT, rewritten
from gradcli.language.grammar import END, UNKNOWN
from gradcli.language.parser import Unexpected
from gradcli.primitives import REGISTRY, ArrayFunction
from gradcli.source import Source, Span

__all__ = ["syntax_error"]

_OPERAND_STARTS: Final = frozenset({"NUMBER", "FRACTION", "NAME", "FUNCTION", "LPAR"})
_OPERAND_ENDS: Final = frozenset({"NUMBER", "FRACTION", "NAME", "RPAR", "FACTORIAL", "SUPERSCRIPT", "RSQB"})
#: The terminals that are operands by themselves.
_WORDS: Final = frozenset({"NUMBER", "NAME"})
#: The terminal that closes a bracket -> the opening and the closing sign.
_CLOSING: Final = {"RPAR": "()", "RSQB": "[]", "BAR": "||"}
#: A number as it is written in much of Europe: 1.000,5.
_DECIMAL_COMMA: Final = r"\d[\d.]*,\d+"


def syntax_error(error: Unexpected, source: Source, reading: str | None = None) -> ExpressionError:
    """Return the error to report to a user for an error of the parser.

    Args:
        error: the error of the parser.
        source: the text.
        reading: the most likely meaning of the text, if it is an expression.
    """
    if error.token.kind != UNKNOWN:
        return _unexpected_token(error, source, reading)
    position = error.token.start
    character = source.text[position]
    is_transposed = source.text[position : position + 2] == ".T"
    is_range = ".." in source.text[max(position - 1, 0) : position + 2]
    hints = {
        '"': "names need no quotes",
        "'": "a prime belongs between a function and its parenthesis: `f'(x)`",
        "&": "write `and`",
        "$": "names need no `$`",
        "{": "group with `(` and `)`",
        "}": "group with `(` and `)`",
        ".": (
            "to transpose, write `transpose(A)`"
            if is_transposed
            else "a sum over an index is `sum(k^2, k, 1, 10)`"
            if is_range
            else "a number needs a digit next to its point"
        ),
    }
    return ExpressionError(
        f"the character `{character}` means nothing here",
        kind="character",
        span=Span(position, position + 1),
        source=source,
        hint=ABSENT.get(character) or (hints.get(character) if reading is None else f"write `{reading}`"),
    )


def _unexpected_token(error: Unexpected, source: Source, reading: str | None) -> ExpressionError:
    token, previous, expected, text = error.token, error.previous, error.accepted, source.text
    before, word = previous.text if previous is not None else "", token.text
    ends_operand = previous is not None and previous.kind in _OPERAND_ENDS
    if token.kind == END:
        end = len(text.rstrip()) or len(text)
        opened = next((sign for sign in _CLOSING if sign in expected), None) if ends_operand else None
        hint: str | None
        if previous is None:
            message, hint = "the expression is empty", "for example `x1*x2 + sin(x1)`"
        elif opened is not None:
            message = f"the expression ends, but a `{_CLOSING[opened][0]}` is still open"
            hint = f"close it with `{_CLOSING[opened][1]}`"
        else:
            message = f"the expression ends after `{before}`, where a value is missing"
            hint = f"write `{reading}`" if reading else None
        return ExpressionError(message, span=Span(end, end), source=source, hint=hint)
    span = Span(token.start, token.end)
    message, kind, hint = f"`{word}` isn't allowed here", "syntax", None
    is_foreign = reading is not None and rewritten(text) != text
    if previous is not None and ends_operand and token.kind in _OPERAND_STARTS:
        kind = "missing_operator"
        is_function = REGISTRY.find(before) is not None or before in REGISTRY.offered
        if previous.kind == "NAME" and is_function:
            message = f"a function needs parentheses around its argument: `{before} {word}`"
            function = REGISTRY.find(before) or REGISTRY.offered[before]
            takes_one = isinstance(function, ArrayFunction) or function.takes(1)
            called = reading or (f"{before}({word})" if takes_one else function.signature)
            hint = f"write `{called}`, or `{before}*{word}` if `{before}` is a variable"
            span = Span(previous.start, span.end)
        else:
            message = f"an operator is missing between `{before}` and `{word}`"
            purpose = "for a choice" if word == "if" else "to multiply"
            is_pair = previous.kind in _WORDS and token.kind in _WORDS
            product = reading or (f"{before}*{word}" if is_pair else None)
            hint = f"{purpose}, write `{product}`" if product else "to multiply, put `*` between them"
            if {previous.kind, token.kind} == {"NUMBER"} and word.startswith(".") and previous.end == token.start:
                message, hint = f"`{before}{word}` is not a number", "a number has one decimal point"
            elif before in ABSENT:
                message, hint = f"`{before}` means nothing here", ABSENT[before]
            elif "RSQB" in expected and "COMMA" in expected:
                message = f"a `,` is missing between `{before}` and `{word}`"
                hint = "the elements of an array are separated by `,`"
    elif token.kind == "COLON":
        message, hint = "a `:` is allowed only in an index, as in `x[1:3]`", "to define a name, write `r = ...;`"
    elif token.kind == "SEMICOLON" and "RSQB" in expected:
        hint = "the rows of a matrix are arrays themselves: `[[1, 2], [3, 4]]`"
    elif token.kind == "RSQB" and ends_operand and "RPAR" not in expected:
        message = "this `]` closes nothing"
    elif token.kind == "RPAR":
        message = "this `)` closes nothing" if ends_operand else "a value is missing before `)`"
    elif previous is not None and not ends_operand:
        message = f"a value is missing between `{before}` and `{word}`"
        if before == word == "*":
            hint = "to raise to a power, write `^` or `**`"
        elif word == "=":
            hint = "to compare, write `==`"
    elif token.kind == "DEFINES":
        hint = "to compare, write `==`; definitions end with `;`"
    elif token.kind == "COMMA":
        message = "a `,` is allowed only between the arguments of a function"
        # The decimals stand at this comma; another comma of the text may be between arguments.
        begin = previous.start if previous is not None and previous.kind == "NUMBER" else token.start
        if decimal := re.compile(_DECIMAL_COMMA).match(text, begin):
            number = decimal.group().replace(".", "").replace(",", ".")
            hint = f"write decimals with a point: `{number}`"
    elif previous is None:
        message = f"an expression can't begin with `{word}`"
    if reading is not None and (hint is None or is_foreign):
        hint = f"write `{reading}`"
    return ExpressionError(message, kind=kind, span=span, source=source, hint=hint)
