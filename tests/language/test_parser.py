"""The parser's loop agrees with Lark's own, on what is read and on what could stand in place of an error."""

from __future__ import annotations

import random
import re
import string
from typing import Any

import lark
import pytest

from gradcli.language import grammar
from gradcli.language.parser import Parser, Unexpected
from tests.support.loops import for_each

PARSER = Parser(grammar.load_table())
LARK = lark.Lark(grammar.grammar_text(), **grammar.OPTIONS)

TEXTS = (
    "x",
    " 2x1 + sin^2(y/3)*-z! ",
    "f(a, b) = a*b; r = f(1, 2); r² + |x|^-2",
    "[[1, 2], [3, 4]] @ x[1:, -1, ::2]",
    "sum(A, axis=0) + c() + √2 + √(x)",
    "not x < 1 and y >= 2 or z != 3;",
)
WRONG = (
    "", " ", "x +", "x y", "(", "(x", "((x)", "x)", "f(x,)", "1 2", "[1, 2; 3]", "x[", "x[1", "x[1:", "x[]", "|x",
    "a = b = c", "x;;y", "and", "x and", "2^", "f(x = 1, ", "-", "√", "x # y", "x .5", "2.5.5", "(x, y)", "x * * y",
)  # fmt: skip


class Meanings:
    """Writes down each rule with what it stands for, as brackets."""

    def __getattr__(self, name: str) -> Any:
        return lambda *children: f"{name}({' '.join(one if isinstance(one, str) else one[0] for one in children)})"


def bracketed(tree: Any) -> str:
    """The same of a tree of Lark's."""
    if isinstance(tree, lark.Token):
        return str(tree)
    return f"{tree.data}({' '.join(map(bracketed, tree.children))})"


def test_the_pattern_for_ascii_finds_the_same_tokens() -> None:
    table = grammar.load_table()
    patterns = [re.compile(table.pattern), re.compile(table.ascii_pattern)]
    assert table.ascii_pattern.isascii()
    generator = random.Random(0)
    texts = [*TEXTS, *WRONG, *("".join(generator.choices(string.printable, k=40)) for _ in range(2_000))]
    for text in filter(str.isascii, texts):
        one, other = ([(token.lastindex, token.span()) for token in each.finditer(text)] for each in patterns)
        assert one == other


@pytest.mark.parametrize("text", TEXTS)
def test_the_rules_are_those_of_lark(text: str) -> None:
    assert PARSER.parse(text, Meanings()) == bracketed(LARK.parse(text))


@for_each("text", [*WRONG, *(text[:length] + ")]" for text in TEXTS for length in range(0, len(text), 3))])
def test_an_error_is_where_lark_has_it_and_accepts_what_lark_accepts(text: str) -> None:
    with pytest.raises(lark.UnexpectedInput) as expected:
        LARK.parse(text)
    with pytest.raises(Unexpected) as found:
        PARSER.parse(text, Meanings())
    error = expected.value
    if isinstance(error, lark.UnexpectedCharacters):
        assert (found.value.token.kind, found.value.token.start) == (grammar.UNKNOWN, error.pos_in_stream)
        return
    assert isinstance(error, lark.UnexpectedToken)
    assert (found.value.token.kind, found.value.token.text) == (error.token.type, str(error.token))
    assert found.value.token.start == (len(text) if error.token.type == grammar.END else error.token.start_pos)
    assert found.value.accepted == error.accepts - {grammar.JUXTAPOSED}
    tokens = list(LARK.lex(text[: found.value.token.start]))
    previous = found.value.previous
    assert (previous and (previous.text, previous.start)) == (
        (str(tokens[-1]), tokens[-1].start_pos) if tokens else None
    )
