r"""The meaning of the rules of LaTeX for numbers, names, operators and brackets.

In LaTeX each letter is a name, and neighbouring factors are multiplied.  An error is raised where TeX reads a text in
another way than people mean it, such as ``x^23``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from sys import intern
from typing import Any, Final, TypeAlias

from gradcli.errors import ExpressionError
from gradcli.language.instructions import COMPARISON, PLAIN, InstructionWriter, Match, Part, StackInstruction
from gradcli.language.latex_names import LatexName
from gradcli.language.repetitions import refuse_growth
from gradcli.primitives import REGISTRY
from gradcli.records import NamedTuple
from gradcli.source import Note, Span

__all__ = ["BOLD", "GROUP", "OPEN", "Head", "LatexOperands", "WrittenOut"]

#: Given instructions and a position, the function that those from there on are the formula of, as
#: `gradcli.language.latex_formulas.function_written_out` returns it.
WrittenOut: TypeAlias = Callable[[Sequence[StackInstruction], int], "tuple[str, list[StackInstruction], int] | None"]

#: The kinds of parts that only LaTeX has: e before its exponent, what is in parentheses, an array in bold letters, a
#: quotient with a slash, and a function without brackets.
EXPONENTIAL, GROUP, BOLD, QUOTIENT, OPEN = "exponential", "group", "array", "quotient", "open"

_OPERATORS: Final = {
    **dict.fromkeys(["\\cdot", "\\times", "\\ast", "\\odot", "·", "×", "⋅"], "*"), "\\div": "/", "÷": "/", "−": "-",
    **dict.fromkeys(["\\land", "\\wedge", "∧"], "and"), **dict.fromkeys(["\\lor", "\\vee", "∨"], "or"),
    **dict.fromkeys(["\\lnot", "\\neg", "¬"], "not"), **dict.fromkeys(["\\bmod", "\\mod"], "%"),
    **dict.fromkeys(["\\le", "\\leq", "\\leqslant", "≤"], "<="), "\\lt": "<", "\\gt": ">",
    **dict.fromkeys(["\\ge", "\\geq", "\\geqslant", "≥"], ">="), **dict.fromkeys(["\\ne", "\\neq", "≠"], "!="),
}  # fmt: skip
_WORDS: Final = {"and": "and", "or": "or", "mathrel": "==", "mathbin": "@"}


class Head(NamedTuple):
    """A function before its argument.

    Attributes:
        start, end: its place.
        word: its name in the language.
        power: the instructions of the power of the result, as in ``\\sin^2 x``; None if there is none.
    """

    start: int
    end: int
    word: str
    power: list[StackInstruction] | None


class LatexOperands(InstructionWriter):
    """The methods for the rules of numbers, names, operators and brackets.

    Args:
        text: the text.
        variables: the names that have a value.
        written_out: see `gradcli.language.latex_formulas.function_written_out`.
    """

    def __init__(
        self, text: str, variables: Collection[str] = (), written_out: WrittenOut = lambda _code, _first: None
    ) -> None:
        super().__init__(text)
        self._variables = variables
        self._written_out = written_out
        self._functions: set[str] = set()
        self._spellings: dict[str, str] = {}
        #: Names with an index -> the parts of which a sum over an index makes other names.
        self._indexed: dict[str, LatexName] = {}
        #: Calls of letters that may be products: the name, and the error to raise if nothing defines it.
        self._doubtful: list[tuple[str, ExpressionError]] = []
        #: The first instruction of a comparison -> where the instructions of its right side begin and end.
        self._right_sides: dict[int, tuple[int, int]] = {}

    def _ambiguous(self, start: int, end: int, hint: str) -> ExpressionError:
        message = f"`{self._text[start:end]}` can be read in two ways"
        return self._refuse(message, start, end, hint, kind="ambiguous")

    def _note(self, kind: str, message: str, start: int, end: int, hint: str) -> None:
        self._notes.append(Note(kind, message, Span(start, end), hint))

    def _taken(self, first: int) -> list[StackInstruction]:
        """Remove the instructions from a position on, and return them."""
        taken = self._code[first:]
        del self._code[first:]
        return taken

    def _call(self, word: str, count: int, start: int, end: int, first: int, kind: str = PLAIN) -> Part:
        return self._add("call", intern(word), count, start, end, first, kind)

    def _number(self, value: float, start: int, end: int) -> None:
        self._add("number", value, 0, start, end, len(self._code))

    # Numbers and names

    def scientific(self, token: Match) -> Part:
        start, end = token.span()
        mantissa, _, power = re.sub(r"[{}\s]|\\cdot|\\times", " ", token.group()).replace("−", "-").rpartition("^")
        digits = mantissa.strip().removesuffix("10").strip() or "1"
        number = f"{digits}e{power.replace(' ', '')}"
        return self._numeral(number, start, end)

    def name(self, token: Match) -> Part:
        start, end = token.span()
        if end - start == 1:
            self._refuse_word(start)
            if token.group() == "e" and "e" not in self._variables and re.compile(r"\s*\^").match(self._text, end):
                return Part(start, end, len(self._code), EXPONENTIAL)
        return self._named(token.group(), start, end)

    def _named(self, text: str, start: int, end: int) -> Part:
        """Add the instruction for a name."""
        found = self._name_in(text, start)
        if found.is_difference:
            message = f"`{text.strip()}` is read as one name, `{found.text}`"
            self._note("name", message, start, end, rf"for a product, write `\Delta \cdot {text[6:].strip()}`")
        return self._add("name", found.text, 0, start, end, len(self._code), BOLD if found.is_bold else PLAIN)

    def _name_in(self, text: str, start: int) -> LatexName:
        """Return a name; raise if it can't be one, or if another spelling has the same name."""
        try:
            found = LatexName.of(text, self._variables)
        except ValueError as error:
            message, hint = error.args
            raise self._refuse(message, start, start + len(text.rstrip()), hint, kind="name") from None
        spelling = self._spellings.setdefault(found.text, found.spelling)
        if spelling != found.spelling:
            message = f"`{spelling}` and `{found.spelling}` would be the same name, `{found.text}`"
            raise self._refuse(message, start, start + len(text), "give one of them an index", kind="name")
        if found.subscript:
            self._indexed[found.text] = found
        return found

    def _refuse_word(self, start: int) -> None:
        """Raise if letters that begin here spell a function: in LaTeX they are a product."""
        text = self._text
        if text[start - 1 : start].isalpha() or not text[start + 1 : start + 2].isalpha():
            return
        run = re.compile(r"[A-Za-z]+").match(text, start)
        word = run.group() if run is not None else ""
        for length in range(len(word), 1, -1):
            called = word[:length]
            is_long = length > 2 or called == "ln"  # th and sh are more often two letters
            if is_long and (REGISTRY.find(called) or called in REGISTRY.offered):
                message = f"`{called}` is a product of letters in LaTeX"
                hint = r"a function has a backslash, as in `\sin x`, or is in `\operatorname{...}`"
                raise self._refuse(message, start, start + length, hint, kind="name")

    # Operators

    def _symbol(self, sign: Match) -> str:
        text = sign.group().strip()
        word = re.match(r"\\(?:text\s*\{\s*)?([a-z]+)", text)
        found = _OPERATORS.get(text) or (_WORDS.get(word[1]) if word else None)
        return found or text

    def prefix(self, sign: Match, operand: Part) -> Part:
        symbol = self._symbol(sign)
        if symbol == "+":
            return operand._replace(start=sign.start())
        kind = BOLD if operand.kind is BOLD else PLAIN
        return self._add("prefix", symbol, 1, sign.start(), operand.end, operand.first, kind)

    def binary(self, left: Part, sign: Match, right: Part, kind: str = PLAIN) -> Part:
        symbol, start, end = self._symbol(sign), left.start, right.end
        if sign.group() == "\\cdot" and left.kind is BOLD is right.kind:
            return self._call("dot", 2, start, end, left.first)
        if symbol == "/":
            kind = QUOTIENT
        elif symbol == "@" or BOLD in (left.kind, right.kind):
            kind = BOLD
        elif symbol == "*" and right.kind is OPEN:
            kind = OPEN
        return self._add("binary", symbol, 2, start, end, left.first, kind)

    def comparison(self, left: Part, sign: Match, right: Part) -> Part:
        """Add a comparison; a < b < c means a < b and b < c."""
        first, start, end, symbol = left.first, left.start, right.end, self._symbol(sign)
        if left.kind is not COMPARISON:
            self._right_sides[first] = (right.first, len(self._code))
            return self._add("binary", symbol, 2, start, end, first, COMPARISON)
        operand = self._code[slice(*self._right_sides[first])]
        refuse_growth(len(operand), Span(start, end))
        last = self._taken(right.first)
        self._code += operand
        self._right_sides[first] = (len(self._code), len(self._code) + len(last))
        self._code += last
        self._add("binary", symbol, 2, start, end, first)
        return self._add("binary", "and", 2, start, end, first, COMPARISON)

    def juxtaposition(self, left: Part, *signed: Any) -> Part:
        right: Part = signed[-1]
        start, end = left.start, right.end
        if left.kind is QUOTIENT:
            above, _, below = self._quote(left).rpartition("/")
            factor = self._quote(right)
            hint = rf"write `\frac{{{above}}}{{{below}}} {factor}` or `\frac{{{above}}}{{{below} {factor}}}`"
            raise self._ambiguous(start, end, hint)
        if left.kind is OPEN and self._text[right.start] in "({[\\" and right.kind is not OPEN:
            self._remark_on_end(left, right)
        if left.kind is BOLD is right.kind:
            return self._add("binary", "@", 2, start, end, left.first, BOLD)
        kind = right.kind if right.kind is OPEN else BOLD if BOLD in (left.kind, right.kind) else PLAIN
        self._first_factors.setdefault(left.first, left.end)
        return self._add("binary", "*", 2, start, end, left.first, kind)

    def _remark_on_end(self, left: Part, right: Part) -> None:
        """Add the note that the argument of a function without brackets ends before a bracket."""
        if re.compile(r"(?:\\left\s*)?[(\[{]").match(self._text, right.start):
            argument, following = self._quote(left), self._quote(right)
            message = f"`{following}` is read as a factor and not as a part of the argument in `{argument}`"
            self._note("argument", message, right.start, right.end, "put the argument in parentheses")

    def power(self, base: Part, _: Match, exponent: Part) -> Part:
        start, end = base.start, exponent.end
        if exponent.kind is GROUP:
            inside = self._quote(exponent).strip("{}() ")
            hint = f"write `{self._quote(base)}^{{{inside}}}` for a power, or an index, `_{{{inside}}}`, for a name"
            raise self._ambiguous(start, end, hint)
        raised = self._code[exponent.first :] if len(self._code) - exponent.first <= 2 else []
        words = [one.payload for one in raised]
        if base.kind is EXPONENTIAL:
            if len(words) == 1 and raised[0].code == "number":
                message = f"`{self._text[start:end]}` is read as a power of the constant"
                self._note("constant", message, start, end, "a variable needs an index: `e_{1}`")
            return self._call("exp", 1, start, end, base.first)
        self._refuse_inverse(base, words, end)
        if words == [0.0]:
            message = f"`{self._text[start:end]}` is read as a power, which is 1"
            self._note("name", message, start, end, f"for a name, write an index: `{self._quote(base)}_{{0}}`")
        is_matrix = base.kind is BOLD and self._text[start] != "{"
        if words == ["T"]:
            if is_matrix:
                self._taken(exponent.first)
                return self._call("transpose", 1, start, end, base.first, BOLD)
            letter = self._quote(base)
            if letter.isupper() and "T" not in self._variables:
                message = f"`{self._text[start:end]}` is read as a power"
                self._note("transpose", message, start, end, rf"the transpose is `{letter}^{{\top}}`")
        if is_matrix and words == [1.0, "-"]:
            message = f"`{self._text[start:end]}` would be the inverse of a matrix, which gradcli does not compute"
            hint = rf"for the reciprocals of its elements, write `\frac{{1}}{{{self._quote(base)}}}`"
            raise self._refuse(message, start, end, hint, kind="array")
        return self._add("binary", "^", 2, start, end, base.first, BOLD if base.kind is BOLD else PLAIN)

    def _refuse_inverse(self, base: Part, exponent: Sequence[Any], end: int) -> None:
        """Raise for ``f^{-1}(x)`` of a function that the text defines: it may mean the inverse function or 1/f(x)."""
        is_called = exponent == [1.0, "-"] and re.compile(r"\s*(?:\\left\s*)?\(").match(self._text, end) is not None
        name = self._quote(base)
        if is_called and (name in self._functions or name in "fgh"):
            message = f"`{self._text[base.start : end]}` in front of a parenthesis can be read in two ways"
            hint = rf"for one over the value, write `\frac{{1}}{{{name}(x)}}`; an inverse function needs a definition"
            raise self._refuse(message, base.start, end, hint, kind="ambiguous")

    def power_of_indexed(self, base: Part, sign: Match, exponent: Part, index: Match) -> Part:
        """Add a power of a name whose index follows its exponent: x^2_1."""
        named = self._code[base.first] if base.first < len(self._code) else None
        is_name = named is not None and named.code == "name" and named.end == base.end
        if not is_name or base.kind is EXPONENTIAL or "_" in self._quote(base):
            message = "only a name can have an index"
            raise self._refuse(message, index.start(), index.end(), "put the index behind the name", kind="name")
        found = self._name_in(self._quote(base) + index.group(), base.start)
        self._code[base.first] = named._replace(payload=found.text)  # type: ignore[union-attr]
        return self.power(base, sign, exponent)._replace(end=index.end())

    def transposed(self, operand: Part, sign: Match) -> Part:
        if operand.kind is EXPONENTIAL:
            self._named("e", operand.start, operand.end)
        return self._call("transpose", 1, operand.start, sign.end(), operand.first, BOLD)

    # What TeX takes as one argument

    def braces(self, opening: Match, inside: Part, closing: Match) -> Part:
        return inside._replace(start=opening.start(), end=closing.end())

    def digit(self, token: Match) -> Part:
        if len(token.group()) > 1:
            raise self._one_digit(token)
        return self.number(token)

    def _one_digit(self, token: Match) -> ExpressionError:
        message = f"TeX takes only the first character of `{token.group()}`"
        hint = f"put braces around it: `{{{token.group()}}}`"
        return self._refuse(message, token.start(), token.end(), hint, kind="ambiguous")

    def letter(self, token: Match) -> Part:
        start, end = token.span()
        if "_" in token.group() and not token.group().startswith("\\"):
            message = f"TeX takes only the first character of `{token.group()}`"
            raise self._refuse(message, start, end, f"put braces around it: `{{{token.group()}}}`", kind="ambiguous")
        return self._named(token.group(), start, end)

    def short_fraction(self, token: Match) -> Part:
        (start, end), first = token.span(), len(self._code)
        for digit in re.findall(r"\d", token.group()):
            self._number(float(digit), start, end)
        return self._add("binary", "/", 2, start, end, first)

    def fraction(self, token: Match, above: Part, below: Part) -> Part:  # type: ignore[override]
        kind = BOLD if BOLD in (above.kind, below.kind) else PLAIN
        return self._add("binary", "/", 2, token.start(), below.end, above.first, kind)

    def binomial(self, token: Match, n: Part, k: Part) -> Part:
        return self._call("binomial", 2, token.start(), k.end, n.first)

    def root(self, token: Match, operand: Part) -> Part:
        return self._call("√", 1, token.start(), operand.end, operand.first)

    def root_head(self, token: Match, _opening: Match, degree: Part, _closing: Match) -> Head:
        return Head(token.start(), token.end(), "root", self._taken(degree.first))

    def root_of_degree(self, head: Head, operand: Part) -> Part:
        degree = head.power or []
        start, end, first = head.start, operand.end, operand.first
        known = {2.0: "√", 3.0: "∛"}.get(degree[0].payload) if len(degree) == 1 else None
        if known is not None:
            return self._call(known, 1, start, end, first)
        self._number(1.0, start, end)
        self._code += degree
        self._add("binary", "/", 2, start, end, first)
        return self._add("binary", "^", 2, start, end, first)

    # Brackets

    def group(self, opening: Match, inside: Part, closing: Match) -> Part:
        if opening.group() == "{":
            found = self._written_out(self._code, inside.first)
            if found is not None:
                word, operands, count = found
                self._code[inside.first :] = operands
                return self._call(word, count, opening.start(), closing.end(), inside.first)
        kind = BOLD if inside.kind is BOLD else GROUP if opening.group().endswith("(") else PLAIN
        return Part(opening.start(), closing.end(), inside.first, kind)

    def array(self, opening: Match, elements: list[Part], closing: Match) -> Part:
        if len(elements) == 1:
            return self.group(opening, elements[0], closing)
        return super().array(opening, elements, closing)

    def absolute(self, opening: Match, inside: Part, closing: Match) -> Part:
        return self._call("|", 1, opening.start(), closing.end(), inside.first)

    def norm(self, opening: Match, inside: Part, closing: Match, index: Match | None = None) -> Part:
        start, end = opening.start(), (index or closing).end()
        if index is None:
            return self._call("norm", 1, start, end, inside.first)
        order = index.group().lstrip("_ ").strip("{} ")
        if order == r"\infty":
            self._number(float("inf"), *index.span())
        elif order.isdecimal():
            self._number(float(order), *index.span())
        else:
            message = f"the norm `{self._text[start:end]}` isn't known"
            raise self._refuse(message, *index.span(), r"the index of a norm is a number or `\infty`", kind="array")
        return self._call("norm", 2, start, end, inside.first)

    def rounded(self, opening: Match, inside: Part, closing: Match) -> Part:
        sign = "⌊" if opening.group().endswith("r") else "⌈"
        return self._call(sign, 1, opening.start(), closing.end(), inside.first)

    def index(self, operand: Part, opening: Match, parts: list[tuple[bool, ...]], *closing: Match) -> Part:
        return super().index(operand, opening, parts, closing[-1])
