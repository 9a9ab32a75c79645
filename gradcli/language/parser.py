"""The parser: one loop over the tokens of a text that follows the table of a grammar.

Lark makes the table (`gradcli.language.grammar`).  Lark's own loop spends most of its time on rules that only rename a
symbol for the next level of the grammar.  This parser skips these levels: for each state and next token it finds the
way through all levels once, and remembers it.  A token is a match of the table's regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from gradcli.language.grammar import BLANK, JUXTAPOSED, UNKNOWN, ParseTable, load_table
from gradcli.records import NamedTuple

__all__ = ["Parser", "Token", "Unexpected", "parser_of"]

# Where one of these ends and an operand begins, the two are multiplied: (x + 1)(x + 2), x²y, n!(n - k)!, |x|y.
_CLOSING: Final = (
    *("RPAR", "RSQB", "BAR", "NORM", "RFLOOR", "RCEIL", "SUPERSCRIPT", "FACTORIAL"),
    *("RBRACE", "RCURLY", "RBAR", "RNORM", "TRANSPOSED", "INDEX", "END_CASES", "END_MATRIX"),
)
_WORDS: Final = ("NAME", "NUMBER", "FRACTION", "SCIENTIFIC", "SHORT_FRACTION")
_STARTING: Final = ("NAME", "FUNCTION", "LPAR")
#: Signs that begin an operand and stand between no two: they multiply what is before them, too: 2|x|, 2π√(l/g).
_OPENING: Final = ("ROOT", "BAR", "NORM", "LFLOOR", "LCEIL")


class Token(NamedTuple):
    """A word of the text: the name of its symbol, the word, and its place."""

    kind: str
    text: str
    start: int
    end: int


class Unexpected(Exception):
    """A token that the grammar doesn't allow at its place.

    Attributes:
        token: the token.
        previous: the token before it, if there is one.
        accepted: the names of the symbols that the grammar allows there.
    """

    def __init__(self, token: Token, previous: Token | None, accepted: frozenset[str]) -> None:
        super().__init__(token.text)
        self.token = token
        self.previous = previous
        self.accepted = accepted


class Parser:
    """A parser that follows a table.  It remembers ways through the table, but nothing about the texts."""

    def __init__(self, table: ParseTable) -> None:
        self.table = table
        #: Whether a text is of ASCII alone -> the pattern for it, compiled when the first such text is read.
        self._patterns: dict[bool, re.Pattern[str]] = {}
        number = {name: place for place, name in enumerate(table.symbols)}
        self._blank, self._juxtaposed = number[BLANK], number[JUXTAPOSED]
        self._terminals = range(1, number[UNKNOWN])
        pairs = {(one, other) for one in _CLOSING for other in (*_STARTING, *_OPENING)}
        pairs |= {(one, other) for one in _WORDS for other in _OPENING}
        pairs.remove(("RSQB", "LPAR"))  # x[0](t) looks like a call
        #: The pairs of symbols between which a product needs no sign.  A grammar need not have all of these symbols.
        self._products = {(number[one], number[other]) for one, other in pairs if one in number and other in number}
        self._bars = {number["BAR"], number["NORM"]}
        self._separators = (number["COMMA"], number["RSQB"])
        #: A name in front of a parenthesis, which may multiply it; and any other name.
        self._called, self._name = number.get("CALLED", 0), number["NAME"]
        # White space, the signs that both open and close, and such names: such a token isn't simply the next symbol.
        self._special = {self._blank, *self._bars, self._called}
        # (state, symbol that a rule made, next symbol), as one number -> the state to go to, and the action there.
        self._ways: dict[int, tuple[int, int]] = {}

    def parse(self, text: str, meanings: Any) -> Any:
        """Return the meaning of a text.

        Args:
            text: the text.
            meanings: an object with a method for each rule, whose arguments are the meanings of the rule's symbols; and
                with ``multiplies(token, previous)`` if the grammar has names that may be products or calls.

        Raises:
            Unexpected: the grammar doesn't allow the text.
        """
        actions, ways, blank, special = self.table.actions, self._ways, self._blank, self._special
        juxtaposed = self._juxtaposed
        width = len(self.table.symbols)
        rules: list[tuple[Any, int, int]] = [
            (rule.meaning and getattr(meanings, rule.meaning), -rule.length, rule.symbol * width)
            for rule in self.table.rules
        ]
        size = width * width
        state = 0
        states = [state]
        values: list[Any] = []
        for token in self._tokens(text):
            kind: int = token.lastindex  # type: ignore[assignment]
            if kind in special:
                if kind == blank:
                    continue
                if kind == self._called:
                    if meanings.multiplies(token, values[-1] if values else None):
                        kind = self._name
                elif values and self._opens_a_factor(states, values[-1], token):
                    kind = juxtaposed
            while True:
                action = actions[state][kind]
                while action < 0:
                    meaning, length, made = rules[~action]
                    if length:
                        children = values[length:]
                        del values[length:], states[length:]
                        values.append(meaning(*children) if meaning else children[0])
                    else:
                        values.append(meaning())
                    way = states[-1] * size + made + kind
                    if way in ways:
                        state, action = ways[way]
                    else:
                        state, action = ways[way] = self._way(states[-1], made // width, kind)
                    states.append(state)
                if not action:
                    if kind == juxtaposed or not (values and self._multiplies(states, values[-1], token)):
                        raise self._unexpected(text, token, states)
                    kind = juxtaposed
                    continue
                state = action - 1
                states.append(state)
                values.append(token)
                if kind != juxtaposed:
                    break
                kind = token.lastindex  # type: ignore[assignment]
        return values[0]

    def tokens(self, text: str) -> Iterator[Token]:
        """Yield the words of any text, whether the grammar allows it or not; white space is left out.

        >>> [(token.kind, token.text) for token in parser_of("expression").tokens("2 sin(x")]
        [('NUMBER', '2'), ('FUNCTION', 'sin'), ('LPAR', '('), ('NAME', 'x')]
        """
        for token in self._tokens(text):
            if token.group() and token.lastindex != self._blank:
                yield self._named(token)

    def _tokens(self, text: str) -> Iterator[re.Match[str]]:
        is_ascii = text.isascii()
        pattern = self._patterns.get(is_ascii)
        if pattern is None:
            pattern = re.compile(self.table.ascii_pattern if is_ascii else self.table.pattern)
            self._patterns[is_ascii] = pattern
        return pattern.finditer(text)

    def _way(self, state: int, made: int, kind: int) -> tuple[int, int]:
        """Return the state and the action after a rule has made a symbol.

        Rules that only rename symbols are skipped.
        """
        while True:
            target = self.table.actions[state][made] - 1
            action = self.table.actions[target][kind]
            if action >= 0 or self.table.rules[~action].meaning is not None:
                return target, action
            made = self.table.rules[~action].symbol

    def _multiplies(self, states: Sequence[int], previous: Any, token: re.Match[str]) -> bool:
        """Whether a token that the grammar doesn't allow begins the second factor of a product without a sign.

        Args:
            states: the states after the previous token.
            previous: the previous token.
            token: the token.
        """
        if not isinstance(previous, re.Match) or (previous.lastindex, token.lastindex) not in self._products:
            return False
        # In |2|x| - 1| nobody can tell which bars belong together.
        is_first_bar = token.lastindex in self._bars and previous.lastindex != token.lastindex
        if is_first_bar and token.group() in token.string[: token.start()]:
            return False
        # In [sin(x) cos(x)] a comma is more probably missing.
        is_in_array = all(self._accepts(states, kind) for kind in self._separators)
        return self._accepts(states, self._juxtaposed) and (previous.end() == token.start() or not is_in_array)

    def _opens_a_factor(self, states: Sequence[int], previous: Any, token: re.Match[str]) -> bool:
        """Whether a sign that both opens and closes begins a factor, as the third bar in |x||y| does."""
        kind: int = token.lastindex  # type: ignore[assignment]
        return not self._accepts(states, kind) and self._multiplies(states, previous, token)

    def _unexpected(self, text: str, token: re.Match[str], states: Sequence[int]) -> Unexpected:
        previous = None
        for one in self._tokens(text):
            if one.start() >= token.start():
                break
            if one.lastindex != self._blank:
                previous = one
        accepted = frozenset(self.table.symbols[kind] for kind in self._terminals if self._accepts(states, kind))
        return Unexpected(self._named(token), previous and self._named(previous), accepted)

    def _named(self, token: re.Match[str]) -> Token:
        return Token(self.table.symbols[token.lastindex or 0], token.group(), *token.span())

    def _accepts(self, states: Sequence[int], kind: int) -> bool:
        """Whether the grammar allows a symbol next, after all rules that are complete before it."""
        kept = len(states)
        made: list[int] = []  # the states that the rules lead to, which follow the first ones that are kept
        width = len(self.table.symbols)
        action = self.table.actions[states[-1]][kind]
        while action < 0:
            rule = self.table.rules[~action]
            kept -= max(0, rule.length - len(made))
            del made[max(0, len(made) - rule.length) :]
            before = made[-1] if made else states[kept - 1]
            way = (before * width + rule.symbol) * width + kind
            if way not in self._ways:
                self._ways[way] = self._way(before, rule.symbol, kind)
            state, action = self._ways[way]
            made.append(state)
        return action > 0


@lru_cache(maxsize=2)
def parser_of(grammar: str) -> Parser:
    """Return the parser of a grammar, which is made at its first use."""
    return Parser(load_table(grammar))
