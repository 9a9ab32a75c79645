"""The meaning that a text would have on paper, where the language reads it differently or not at all.

On paper ``mgh`` is a product and ``sin x`` a call; in the language ``mgh`` is one name, and ``sin x`` an error.  This
module rewrites such a text in the language with its meaning on paper; notes and errors show the result.  It only looks
at words and signs, so a caller of `likely_text` must check that the result is an expression.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final, TypeAlias

from gradcli.language.dialects import CALLED, CONSTANTS_ELSEWHERE, MISREAD, rewritten
from gradcli.language.parsed import CONSTANTS
from gradcli.primitives import REGISTRY
from gradcli.source import Note, Span

__all__ = ["function_before", "leading_name", "likely_text", "meaning_of_name", "note_on_constant", "note_on_name"]

#: The names of the Greek letters are names of variables, even if a function (gamma, beta) has the same name.
_GREEK: Final = frozenset({
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
})  # fmt: skip
#: The names that nearly everyone gives to coordinates and time.
_USUAL: Final = frozenset("xyzt")
_LETTER: Final = r"[^\W\d_²³¹¼-¾ʰ-ʸˠ-ˤᴬ-ᵡ⁰-ⁿ₀-₉⅐-↋①-⓿❶-➓]"
#: A letter with its index: x, x1, x_1, x₁.
_SYMBOL: Final = rf"{_LETTER}(?:_?\d+|[₀-₉]+)?"
_MOST_SYMBOLS: Final = 3

_WORDS: Final = (
    rf"(?P<name>(?!(?:and|or|not)(?!\w))(?:{_LETTER}|_)(?:{_LETTER}|[\d_₀-₉̀-ͯ])*)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<fraction>[¼-¾⅐-⅞])|(?P<raised>[⁺⁻]?[⁰¹²³⁴-⁹]+)|(?P<power>(?:\^|\*\*)-?\d+)|(?P<blank>\s+)|(?P<sign>and|or|not|[\s\S])"
)
_Word: TypeAlias = tuple[str, str]


def leading_name(text: str) -> str:
    """Return the name that a text begins with.

    >>> leading_name("mv²"), leading_name("(x)")
    ('mv', '')
    """
    found = re.match(_WORDS, text)
    return found["name"] or "" if found else ""


def function_before(text: str) -> str | None:
    """Return the name at the end of a text, if it is the name of a function and not of a Greek letter.

    >>> function_before("2ln"), function_before("x"), function_before("gamma")
    ('ln', None, None)
    """
    found = re.search(rf"(?:{_LETTER})(?:{_LETTER}|[\d_₀-₉])*$", text)
    return found.group() if found and _is_function(found.group()) and found.group() not in _GREEK else None


def meaning_of_name(name: str, variables: Collection[str] = (), *, has_signs: bool = False) -> str | None:
    """Return the expression that a name would be on paper: a product or a call; None if it is just a name.

    Args:
        name: the name.
        variables: the other variables of the expression.
        has_signs: whether the text has products with a sign; then names are less likely to be products without a sign.

    >>> meaning_of_name("mgh"), meaning_of_name("sinx"), meaning_of_name("πr"), meaning_of_name("rate")
    ('m*g*h', 'sin(x)', 'π*r', None)
    """
    if name in _GREEK or name in CONSTANTS or name in MISREAD or len(name) == 1:
        return None
    return _call(name, variables) or _product(name, variables, has_signs=has_signs)


def _call(name: str, variables: Collection[str]) -> str | None:
    """Return ``sin(x)`` for ``sinx``."""
    for length in range(len(name) - 1, 1, -1):
        word, rest = name[:length], name[length:]
        if not _is_function(word) or word in _GREEK:
            continue
        factors = re.findall(rf"\d+|{_SYMBOL}", rest) if re.fullmatch(rf"\d*(?:{_SYMBOL})+", rest) else []
        is_argument = (
            rest in variables
            or rest in _GREEK
            or (len(factors) == 1 and rest != "s")
            or (len(factors) == 2 and (factors[0].isdecimal() or factors[1] in _USUAL or factors[1] in variables))
        )
        if is_argument:
            inside = rest if rest in variables or rest in _GREEK else "*".join(factors)
            return f"{word}({inside})"
    return None


def _product(name: str, variables: Collection[str], *, has_signs: bool) -> str | None:
    """Return ``m*g*h`` for ``mgh``."""
    for word in sorted(_GREEK, key=len, reverse=True):
        rest = name.removeprefix(word)
        if rest != name and (rest in variables or rest in _USUAL or (word == "pi" and re.fullmatch(_SYMBOL, rest))):
            return f"{word}*{rest}"
    if re.fullmatch(f"(?:{_SYMBOL})+", name) is None:
        return None
    symbols = re.findall(_SYMBOL, name)
    if len(symbols) == 1 or (len(symbols) == 2 and symbols[0] in ("d", "Δ", "δ", "∂")):
        return None  # x1, dt, Δx
    are_known = all(symbol in variables or symbol in _USUAL for symbol in symbols)
    is_short = len(symbols) <= _MOST_SYMBOLS
    has_inner_index = any(len(symbol) > 1 for symbol in symbols[:-1])
    has_greek = any("α" <= symbol[0] <= "ω" or "Α" <= symbol[0] <= "Ω" for symbol in symbols)
    is_plain = len(symbols[-1]) == 1 and (not has_signs or symbols[-1] in _USUAL)
    return "*".join(symbols) if are_known or (is_short and (has_inner_index or has_greek or is_plain)) else None


def _is_function(word: str) -> bool:
    return REGISTRY.find(word) is not None or word in CALLED


def note_on_name(name: str, variables: Collection[str], span: Span, *, has_signs: bool) -> Note | None:
    """Return the note on a variable whose name may have another meaning; None if it has none.

    Args:
        name: the name of the variable, which has no value.
        variables: the variables of the expression.
        span: its place.
        has_signs: whether there are products with a sign in the text.
    """
    if name not in CONSTANTS and len(name) > 1 and name.lower() in CONSTANTS:
        return Note("name", f"`{name}` is read as a variable", span, f"the constant is `{name.lower()}`")
    if name in CONSTANTS_ELSEWHERE:
        return Note("name", f"`{name}` is read as a variable", span, f"the constant is `{CONSTANTS_ELSEWHERE[name]}`")
    if _is_function(name) and name not in _GREEK:
        hint = f"a function needs parentheses around its argument: `{name}(x)`"
        return Note("name", f"`{name}` is read as a variable", span, hint)
    meaning = meaning_of_name(name, variables, has_signs=has_signs)
    if meaning is None:
        return None
    purpose = "for the function" if "(" in meaning else "for a product"
    return Note("name", f"`{name}` is read as one name", span, f"{purpose}, write `{meaning}`")


def note_on_constant(word: str, span: Span) -> Note:
    """Return the note on a name that is read as a constant, although many people use it for a variable."""
    message = f"`{word}` is read as the constant {CONSTANTS[word][1]!r}"
    return Note("constant", message, span, f"a variable without a value needs another name, such as `{word}_1`")


def likely_text(text: str) -> str:
    """Return a text rewritten in the language, with its most likely meaning on paper.

    >>> likely_text("½mv²"), likely_text("2 sin x cos 2x"), likely_text("m v^2 / r")
    ('1/2*m*v^2', '2*sin(x)*cos(2*x)', 'm*v^2 / r')
    """
    words = [
        ("sign" if found.lastgroup in ("sign", "other") else str(found.lastgroup), found.group())
        for found in re.finditer(_WORDS, rewritten(text).strip())
    ]
    return _written(words)


def _written(words: Sequence[_Word]) -> str:
    """Return words as a text, with missing signs of products and missing parentheses of calls added."""
    pieces: list[str] = []
    ends_operand = is_call = False
    position = 0
    while position < len(words):
        kind, text = words[position]
        position += 1
        if kind == "blank":
            following = words[position][0] if position < len(words) else "sign"
            if following == "sign" or not ends_operand:
                pieces.append(text)
            continue
        begins_operand = kind in ("name", "number", "fraction") or text in ("(", "√", "∛")
        if begins_operand and ends_operand and not is_call:
            pieces.append("*")
        is_call = False
        if kind == "name":
            argument_end = _argument_end(words, position)
            is_function = any(_is_function(one) or one in REGISTRY.offered for one in (text, text.lower()))
            raised = position < len(words) and words[position][0] in ("raised", "power")
            if is_function and _next(words, position + raised) == ("sign", "("):
                is_call = True
                if raised:
                    text += words[position][1]
                    position += 1
            elif is_function and argument_end > position:
                power = ""
                if raised:
                    power = _power(words[position])
                    position += 1
                argument = f"({_written(words[position:argument_end]).strip()})"
                # sin^-1 x is the inverse function, sin^2 x the square.
                text = f"{text}{power}{argument}" if power == "^-1" else f"{text}{argument}{power}"
                position = argument_end
            else:
                text = meaning_of_name(text) or text
        elif kind == "fraction":
            text = _plain(text)
        elif kind in ("raised", "power"):
            text = _power((kind, text))
        pieces.append(text)
        ends_operand = kind != "sign" or text in (")", "]", "!")
    return "".join(pieces)


def _next(words: Sequence[_Word], position: int) -> _Word:
    """Return the word at a position; if a blank is there, return the word after it."""
    rest = [word for word in words[position : position + 2] if word[0] != "blank"]
    return rest[0] if rest else ("sign", "")


def _power(word: _Word) -> str:
    return "^" + _plain(word[1]).lstrip("^*")


def _plain(text: str) -> str:
    """Return superscripts and fractions as usual characters: ``-2`` for ``⁻²``, ``1/2`` for ``½``."""
    from unicodedata import normalize

    return normalize("NFKC", text).replace("⁄", "/").replace("−", "-")


def _argument_end(words: Sequence[_Word], position: int) -> int:
    """Return where the argument of a function without parentheses ends: ``2x`` in ``sin 2x cos x``."""
    end = position
    for place in range(position, len(words)):
        kind, text = words[place]
        is_first = place == position
        if kind == "sign" or (kind == "name" and _is_function(text)):
            break
        if kind in ("name", "number", "fraction") or (kind in ("raised", "power") and not is_first):
            end = place + 1
    return end
