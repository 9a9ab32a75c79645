"""Syntax errors in words: what Lark reports, told to a person who never saw a grammar."""

from __future__ import annotations

from typing import Final

import lark

from gradcli.errors import ExpressionError
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


def syntax_error(error: lark.UnexpectedInput, source: Source, parser: lark.Lark) -> ExpressionError:
    """The error of the language for an error of the parser."""
    if isinstance(error, lark.UnexpectedToken):
        position = len(source.text) if error.token.type == "$END" else error.token.start_pos or 0
        previous = None
        for previous in parser.lex(source.text[:position]):  # noqa: B007 (only the last one is wanted)
            pass
        return _unexpected_token(error, previous, source)
    position = error.pos_in_stream or 0
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


def _unexpected_token(error: lark.UnexpectedToken, previous: lark.Token | None, source: Source) -> ExpressionError:
    token = error.token
    expected = set(error.accepts or error.expected)
    text = source.text
    if token.type == "$END":
        end = len(text.rstrip()) or len(text)
        if previous is None:
            message, hint = "the expression is empty", "for example `x1*x2 + sin(x1)`"
        elif "RPAR" in expected and previous.type in _OPERAND_ENDS:
            message, hint = "the expression ends, but a `(` is still open", "close it with `)`"
        elif "RSQB" in expected and previous.type in _OPERAND_ENDS:
            message, hint = "the expression ends, but a `[` is still open", "close it with `]`"
        elif "BAR" in expected and previous.type in _OPERAND_ENDS:
            message, hint = "the expression ends, but a `|` is still open", "close it with `|`"
        else:
            message, hint = f"the expression ends after `{previous}`, where a value is missing", None
        return ExpressionError(message, span=Span(end, end), source=source, hint=hint)
    span = Span(token.start_pos or 0, token.end_pos or 0)
    message, kind, hint = f"`{token}` can't stand here", "syntax", None
    if previous is not None and previous.type in _OPERAND_ENDS and token.type in _OPERAND_STARTS:
        kind = "missing_operator"
        is_function = REGISTRY.find(str(previous)) is not None or str(previous) in REGISTRY.offered
        if previous.type == "NAME" and is_function:
            message = f"a function needs parentheses around its argument: `{previous} {token}`"
            hint = f"write `{previous}({token})`, or `{previous}*{token}` if `{previous}` is a variable"
            span = Span(previous.start_pos or 0, span.end)
        else:
            message = f"an operator is missing between `{previous}` and `{token}`"
            hint = f"to multiply, write `{previous}*{token}`"
            if "RSQB" in expected and "COMMA" in expected:
                message = f"a `,` is missing between `{previous}` and `{token}`"
                hint = "the elements of an array are separated by `,`"
    elif token.type == "COLON":
        message, hint = "a `:` stands only in an index, as in `x[1:3]`", "to define a name, write `r = ...;`"
    elif token.type == "SEMICOLON" and "RSQB" in expected:
        hint = "the rows of a matrix are arrays themselves: `[[1, 2], [3, 4]]`"
    elif token.type == "RSQB" and previous is not None and previous.type in _OPERAND_ENDS and "RPAR" not in expected:
        message = "this `]` closes nothing"
    elif token.type == "RPAR":
        message = (
            "this `)` closes nothing"
            if previous is not None and previous.type in _OPERAND_ENDS
            else ("a value is missing before `)`")
        )
    elif previous is not None and previous.type not in _OPERAND_ENDS:
        message = f"a value is missing between `{previous}` and `{token}`"
        if str(previous) == str(token) == "*":
            hint = "to raise to a power, write `^` or `**`"
        elif str(token) == "=":
            hint = "to compare, write `==`"
    elif token.type == "DEFINES":
        hint = "to compare, write `==`; definitions end with `;`"
    elif token.type == "COMMA":
        message = "a `,` stands only between the arguments of a function"
        hint = "write decimals with a point: `1.5`" if previous is not None and previous.type == "NUMBER" else None
    elif previous is None:
        message = f"an expression can't begin with `{token}`"
    return ExpressionError(message, kind=kind, span=span, source=source, hint=hint)
