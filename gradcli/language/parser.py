"""The parser: one loop over the tokens of a text that follows the table of the grammar.

Lark makes the table (`gradcli.language.grammar`).  Lark's own loop spends most of its time on rules that only pass a
symbol on to the next level of the grammar.  This parser finds the way through all levels once for each state and next
token, and remembers it.  A token is a match of the table's regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from gradcli.language.grammar import BLANK, UNKNOWN, ParseTable

__all__ = ["Parser", "Token", "Unexpected"]


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
    """A parser that follows a table.  It remembers ways through the table, and nothing about the texts."""

    def __init__(self, table: ParseTable) -> None:
        self.table = table
        self._tokens = re.compile(table.pattern)
        self._blank = table.symbols.index(BLANK)
        self._terminals = range(1, table.symbols.index(UNKNOWN))
        # (state, symbol that a rule made, next symbol), as one number -> the state to go to, and the action there.
        self._ways: dict[int, tuple[int, int]] = {}

    def parse(self, text: str, meanings: Any) -> Any:
        """Return the meaning of a text.

        Args:
            text: the text.
            meanings: an object with a method for each rule, whose arguments are the meanings of the rule's symbols.

        Raises:
            Unexpected: the grammar doesn't allow the text.
        """
        actions, ways, blank = self.table.actions, self._ways, self._blank
        width = len(self.table.symbols)
        rules: list[tuple[Any, int, int]] = [
            (rule.meaning and getattr(meanings, rule.meaning), -rule.length, rule.symbol * width)
            for rule in self.table.rules
        ]
        size = width * width
        state = 0
        states = [state]
        values: list[Any] = []
        for token in self._tokens.finditer(text):
            kind: int = token.lastindex  # type: ignore[assignment]
            if kind == blank:
                continue
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
                raise self._unexpected(text, token, states)
            state = action - 1
            states.append(state)
            values.append(token)
        return values[0]

    def _way(self, state: int, made: int, kind: int) -> tuple[int, int]:
        """Return the state and the action after a rule has made a symbol, without rules that only pass symbols on."""
        while True:
            target = self.table.actions[state][made] - 1
            action = self.table.actions[target][kind]
            if action >= 0 or self.table.rules[~action].meaning is not None:
                return target, action
            made = self.table.rules[~action].symbol

    def _unexpected(self, text: str, token: re.Match[str], states: Sequence[int]) -> Unexpected:
        previous = None
        for one in self._tokens.finditer(text):
            if one.start() >= token.start():
                break
            if one.lastindex != self._blank:
                previous = one
        accepted = frozenset(self.table.symbols[kind] for kind in self._terminals if self._accepts(states, kind))
        return Unexpected(self._named(token), previous and self._named(previous), accepted)

    def _named(self, token: re.Match[str]) -> Token:
        return Token(self.table.symbols[token.lastindex or 0], token.group(), *token.span())

    def _accepts(self, states: Sequence[int], kind: int) -> bool:
        """Whether the grammar allows a symbol next, after the rules that it completes."""
        stack = list(states)
        while (action := self.table.actions[stack[-1]][kind]) < 0:
            rule = self.table.rules[~action]
            del stack[len(stack) - rule.length :]
            stack.append(self.table.actions[stack[-1]][rule.symbol] - 1)
        return action > 0
