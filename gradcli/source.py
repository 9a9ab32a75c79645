"""Texts: places in a text, notes on it, and its width on a screen.

This module also makes phrases for messages: suggestions, counts and lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gradcli.records import NamedTuple

__all__ = [
    "Note",
    "Source",
    "Span",
    "columns",
    "counted",
    "did_you_mean",
    "edit_distance",
    "is_operand",
    "joined",
    "listed",
    "shortened",
    "split_arguments",
    "suggestion",
    "visible",
    "with_operands",
]

#: The characters that would change the screen instead of being shown on it, each with the text that is shown.
_SYMBOLS: dict[int, int | str] = {
    **{code: 0x2400 + code for code in range(0x20)},
    ord("\t"): "    ",
    0x7F: "\u2421",
    **dict.fromkeys([*range(0x80, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A)], "\ufffd"),
}


#: A word of more letters may have two typing errors.
_SHORT = 4


class Span(NamedTuple):
    """A half-open range of characters, counted in code points from 0."""

    start: int
    end: int


class Note(NamedTuple):
    """A remark about a text or a result.

    Attributes:
        kind: on a reading ``"notation"``, ``"constant"``, ``"name"``, ``"inverse"``, ``"base"``, ``"bars"``,
            ``"function"``, ``"argument"`` or ``"transpose"``; on a result ``"kink"``,
            ``"jump"``, ``"pole"``, ``"end"``, ``"slope"``, ``"branch cut"``, ``"limit"``, ``"domain"``, ``"overflow"``,
            ``"undefined"``, ``"infinite"`` or ``"digits"``.
        message: one sentence.
        span: the place in the source, if the text has one.
        hint: a better way to write the text, if there is one.
        details: what the sentence says, for programs: further keys of the note in ``--json``.
    """

    kind: str
    message: str
    span: Span | None = None
    hint: str | None = None
    details: Mapping[str, Any] | None = None


class Source(NamedTuple):
    """A text, to which places and notes refer.

    Attributes:
        text: the text.
        name: its origin: ``"expression"``, a file name, ``"standard input"``, or an argument in backticks.
        notation: the notation that the user chose for the text; None if gradcli is to find out.
        definitions: the definitions from outside that it may use (`gradcli.language.definitions`).
    """

    text: str
    name: str = "expression"
    notation: str | None = None
    definitions: tuple[Any, ...] = ()

    def line_at(self, position: int) -> tuple[int, int, str]:
        """Return the line of a position: its number from 1, the column from 0, and the text of the line.

        >>> Source("a = 1;\\na + b").line_at(9)
        (2, 2, 'a + b')
        """
        start = self.text.rfind("\n", 0, position) + 1
        line = self.text[start:].partition("\n")[0]
        return self.text.count("\n", 0, start) + 1, position - start, line


def edit_distance(first: str, second: str, limit: int = 2) -> int:
    """Return the number of edits between two words: insertions, deletions, substitutions and swaps of neighbours.

    This is the optimal string alignment distance.  A distance above ``limit`` is returned as ``limit + 1``.

    >>> edit_distance("sni", "sin"), edit_distance("tanh", "atan2"), edit_distance("exp", "expression")
    (1, 2, 3)
    """
    if abs(len(first) - len(second)) > limit:
        return limit + 1
    before_previous: list[int] = []
    previous = list(range(len(second) + 1))
    for i, left in enumerate(first, 1):
        current = [i]
        for j, right in enumerate(second, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (left != right))
            if i > 1 and j > 1 and left == second[j - 2] and first[i - 2] == right:
                cost = min(cost, before_previous[j - 2] + 1)
            current.append(cost)
        before_previous, previous = previous, current
    return min(previous[-1], limit + 1)


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most similar to ``word``.

    The result is None if every candidate differs by more than 2 edits, or in every letter.

    A short word, of at most 4 letters, may differ by 1 edit.  Among equally similar candidates, one with the same
    letters is preferred, then one with the same first letter, then the first in the alphabet.

    >>> did_you_mean("sni", ["cos", "sin", "sinh"])
    'sin'
    >>> did_you_mean("avg", ["abs"]) is did_you_mean("q", ["x", "y"]) is None
    True
    """
    most = 1 if len(word) <= _SHORT else 2
    ranked = [
        (edit_distance(word.lower(), one.lower(), most), sorted(one) != sorted(word), one[:1] != word[:1], one)
        for one in candidates
    ]
    distance, _, _, nearest = min(ranked, default=(most + 1, True, True, ""))
    return nearest if distance <= most and distance < len(word) else None


def visible(text: str) -> str:
    r"""Return the user's text in a form that can be printed: tabs become blanks, control characters become symbols.

    Without this, an expression in a file could move the cursor or change the window's title.

    >>> visible("a\tb\x1b[2J")
    'a    b␛[2J'
    """
    return text if text.isprintable() else text.translate(_SYMBOLS)


def columns(text: str) -> int:
    """Return the number of columns that a visible text takes on a terminal.

    >>> columns("x1"), columns("变量"), columns("e\u0301")
    (2, 4, 1)
    """
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(character) in ("Mn", "Me", "Cf") else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the singular or the plural."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def joined(words: Iterable[str], conjunction: str = "and") -> str:
    """Return words as a list in a sentence, such as "a, b and c"; without words, an empty text.

    >>> joined(["a", "b", "c"]), joined(["a", "b"], "or"), joined(["a"])
    ('a, b and c', 'a or b', 'a')
    """
    *others, last = list(words) or [""]
    return f"{', '.join(others)} {conjunction} {last}" if others else last


def listed(names: Iterable[str], most: int = 12) -> str:
    """Return names in backticks, as a list in a sentence; if there are many names, only the first ones.

    >>> listed(["x", "y"]), listed(["a", "", "b", "c"], most=2)
    ('`x` and `y`', '`a`, one without a name and 2 more')
    """
    words = [f"`{shortened(name)}`" if name else "one without a name" for name in names]
    return joined([*words[:most], *([f"{len(words) - most} more"] if len(words) > most else [])])


def shortened(text: str, most: int = 40) -> str:
    """Return a text, cut if it is too long for a sentence."""
    return text if len(text) <= most else text[: most - 3] + "..."


def split_arguments(text: str) -> list[str]:
    """Return the texts between commas, without blanks around them; commas inside brackets don't count.

    >>> split_arguments("x, f(y, z), [1, 2]")
    ['x', 'f(y, z)', '[1, 2]']
    """
    depth, start, parts = 0, 0, []
    for i, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return [*parts, text[start:].strip()] if text.strip() else []


def is_operand(text: str) -> bool:
    """Whether a formula needs no parentheses as an operand: it is a number, a name, a call, or in parentheses already.

    >>> is_operand("sin(x)"), is_operand("1/x")
    (True, False)
    """
    return re.fullmatch(r"\d+(?:\.\d*)?|\w*(?:\([^()]*\))?", text) is not None


def with_operands(formula: str, operands: Mapping[str, str]) -> str:
    """Return a formula with its operands replaced; a new operand is in parentheses if it needs them.

    >>> with_operands("x^2 + f(x)", {"x": "a + b"})
    '(a + b)^2 + f(a + b)'
    """

    def operand(found: re.Match[str]) -> str:
        is_whole = found[1] is not None and found[3] is not None
        text = operands[found[2]]
        return f"{found[1] or ''}{text if is_whole or is_operand(text) else f'({text})'}"

    names = "|".join(map(re.escape, operands))
    # What follows an operand is only looked at, since it may precede the next one.
    return re.sub(rf"([(\[]|, )?(?<!\w)({names})(?!\w)(?=([),\]]))?", operand, formula)


def suggestion(word: str, candidates: Iterable[str], otherwise: str | None = None) -> str | None:
    """Return the hint for an unknown word: the candidate that was probably meant, or ``otherwise``.

    >>> suggestion("adma", ["adam", "sgd"]), suggestion("lion", ["adam", "sgd"], "choose one of adam, sgd")
    ('did you mean `adam`?', 'choose one of adam, sgd')
    """
    meant = did_you_mean(word, candidates)
    return f"did you mean `{meant}`?" if meant else otherwise
