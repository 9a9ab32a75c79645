r"""The names that variables have in LaTeX, and the names in the expression language that they become.

``x_{1}`` is ``x1``, ``x_{max}`` is ``x_max``, ``\theta_0`` is ``theta_0``, ``\hat{y}`` is ``y_hat``, and
``\mathrm{rate}`` is ``rate``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from sys import intern
from typing import Final

from gradcli.records import NamedTuple

__all__ = ["FONTS", "LatexName", "argument_of", "index_name", "joined"]

#: Commands by what they do to their argument.
FONTS: Final = {
    "bold": frozenset({"mathbf", "boldsymbol", "bm", "vec"}),
    "plain": frozenset({"mathcal", "mathbb", "mathfrak", "mathscr", "mathit"}),
    "word": frozenset({"mathrm", "mathsf", "mathtt", "text", "textrm", "textit", "textsf", "textbf"}),
    "accent": frozenset({"hat", "widehat", "bar", "overline", "tilde", "widetilde", "dot", "ddot"}),
}
_ACCENTS: Final = {"widehat": "hat", "overline": "bar", "widetilde": "tilde"}
_COMMAND: Final = re.compile(r"\\([A-Za-z]+)\s*")
_INDEX_WORD: Final = re.compile(r"\\(?:mathrm|mathit|mathsf|text|textrm|mathbf|operatorname)\s*\{([^{}]*)\}")
#: What becomes of signs in an index.
_SIGNS: Final = {",": "_", "-": "_minus_", "−": "_minus_", "+": "_plus_", "/": "_over_"}
#: A difference is one name: \\Delta x.
_DIFFERENCE: Final = re.compile(r"(\\Delta)\s*(\\[A-Za-z]+|[^\W\d_])")
#: A letter with another letter as its second form: they are the same letter.
_VARIANTS: Final = {"infty": "inf", "NaN": "nan"}


class LatexName(NamedTuple):
    """A name in LaTeX, and the name in the expression language that it becomes.

    Attributes:
        text: the name in the expression language.
        spelling: its letter in LaTeX; two different letters that would become the same name are an error.
        stem: the name without its index.
        subscript: the index as a word, or an empty text.
        is_apart: whether an empty group is before the index: ``x{}_1`` is x_1, and ``x_1`` is x1.
        is_bold: whether the letter is bold or has an arrow: an array.
        is_difference: whether it is Delta followed by a letter.
    """

    text: str
    spelling: str
    stem: str
    subscript: str
    is_apart: bool
    is_bold: bool
    is_difference: bool = False

    @classmethod
    def of(cls, text: str, variables: Collection[str] = ()) -> LatexName:
        r"""Return the name that a text in LaTeX stands for.

        Args:
            text: a letter, a command or a word, perhaps with an index.
            variables: the variables that have a value; if ``x1`` or ``x_1`` is among them, an index is written in that
                way.

        Raises:
            ValueError: the text is no name; the arguments of the exception are a sentence and a hint.

        >>> LatexName.of(r"\hat{y}_{12}").text, LatexName.of(r"\mathbf{W}_1").is_bold, LatexName.of("x{}_{1}").text
        ('y_hat_12', True, 'x_1')
        """
        end = _base_end(text)
        spelling, rest = text[:end].strip(), text[end:].strip()
        difference = _DIFFERENCE.fullmatch(spelling)
        if difference is not None:
            spelling, quantity = difference.groups()
            rest = f"_{{{quantity}{rest}}}"
        stem, is_bold = _stem(spelling)
        is_apart = rest.startswith("{}")
        index = index_name(rest.removeprefix("{}").strip()[1:]) if rest.removeprefix("{}").strip() else ""
        name = joined(stem, index, is_apart, variables)
        if not name.isidentifier() and not re.fullmatch(r"[^\W\d]\w*(?:[\u0300-\u036f]+\w*)*", name):
            raise ValueError(f"`{text}` can't be a name", "a name has letters, digits and underscores")
        return cls(
            intern(name), re.sub(r"[\s{}]", "", spelling), stem, index, is_apart, is_bold, difference is not None
        )

    def index_at(self, variable: str, number: int) -> str | None:
        """Return the index for a value of the variable of a sum; None if it isn't in the index.

        >>> LatexName.of("x_{k+1}").index_at("k", 2), LatexName.of("a_{ij}").index_at("j", 3)
        ('3', 'i3')
        """
        parts = self.subscript.split("_")
        if len(parts) == 3 and parts[0] == variable and parts[1] in ("plus", "minus") and parts[2].isdecimal():
            return str(number + int(parts[2]) if parts[1] == "plus" else number - int(parts[2]))
        if any(len(part) > 2 and not part.isdecimal() for part in parts):
            return None
        replaced = "_".join(part.replace(variable, str(number)) for part in parts)
        return replaced if replaced != self.subscript else None


def joined(stem: str, index: str, is_apart: bool, variables: Collection[str] = ()) -> str:
    """Return a name with an index: ``x1`` for a letter and a number, ``theta_0`` in all other cases.

    Args:
        stem: the name without the index.
        index: the index, or an empty text.
        is_apart: whether the rule for the underscore is turned around, which gives ``x_1`` and ``theta0``.
        variables: the names that have a value; if one of them differs from the result only by the underscore, it
            is returned.

    >>> joined("x", "1", False), joined("theta", "0", False), joined("x", "max", False), joined("x", "1", True)
    ('x1', 'theta_0', 'x_max', 'x_1')
    """
    if not index:
        return stem
    is_close = (len(stem) == 1 and index[0].isdigit()) != is_apart
    names = (stem + index, f"{stem}_{index}") if is_close else (f"{stem}_{index}", stem + index)
    return names[1] if names[0] not in variables and names[1] in variables else names[0]


def index_name(text: str) -> str:
    r"""Return an index as a word.

    >>> index_name("{12}"), index_name(r"\text{max}"), index_name("{i,j}"), index_name("{t-1}"), index_name(r"\alpha")
    ('12', 'max', 'i_j', 't_minus_1', 'alpha')

    Raises:
        ValueError: the text is no index; the arguments of the exception are a sentence and a hint.
    """
    word = _INDEX_WORD.sub(r"\1", text)
    word = re.sub(r"\\[,;:! ]|[{}\s]", "", word.replace("\\_", "_"))
    word = _COMMAND.sub(r"\1", word)
    word = (
        word.replace(",", "_")
        .replace("-", "_minus_")
        .replace("−", "_minus_")
        .replace("+", "_plus_")
        .replace("/", "_over_")
    )
    if re.fullmatch(r"\w+", word) is None:
        raise ValueError(f"the index `{text.strip()}` can't be a part of a name", "for example `x_{1}` or `x_{max}`")
    return word


def argument_of(text: str) -> str:
    r"""Return the text in the braces of a command, or the letter behind it.

    >>> argument_of(r"\mathbf{x}"), argument_of(r"\vec v")
    ('x', 'v')
    """
    inside = _COMMAND.sub("", text, count=1).strip()
    return inside[1:-1].strip() if inside.startswith("{") else inside


def _base_end(text: str) -> int:
    """Return where the name without its index ends."""
    command = _DIFFERENCE.match(text) or _COMMAND.match(text)
    if command is None:
        return 1
    if command.re is _DIFFERENCE:
        return command.end()
    if not any(command[1] in group for group in FONTS.values()):
        return command.end()
    end = command.end()
    if text[end : end + 1] != "{":
        inner = _COMMAND.match(text, end)
        return inner.end() if inner is not None else end + 1
    depth = 0
    for position in range(end, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth == 0:
            return position + 1
    return len(text)


def _stem(spelling: str) -> tuple[str, bool]:
    """Return a letter, command or word as a name, and whether it is bold."""
    accents: list[str] = []
    is_bold = False
    while True:
        command = _COMMAND.match(spelling)
        if command is None:
            break
        word = command[1]
        if word in FONTS["word"]:
            spelling = argument_of(spelling).replace("\\_", "_").strip()
            spelling = re.sub(r"\s+", "_", _VARIANTS.get(spelling, spelling))
            break
        if word in FONTS["accent"]:
            accents.append(_ACCENTS.get(word, word))
        elif word in FONTS["bold"]:
            is_bold = True
        elif word not in FONTS["plain"]:
            name = word.removeprefix("var")
            spelling = _VARIANTS.get(name, name)
            break
        spelling = argument_of(spelling)
    if accents and len(spelling) > 1 and not spelling.isalpha():
        raise ValueError("an accent belongs to one letter", r"put the index behind it: `\hat{y}_{i}`")
    return "_".join([spelling, *reversed(accents)]), is_bold
