r"""The meaning of each rule of the grammar of LaTeX: the same instructions that the expression language has.

A function needs no brackets, and a sum or a product over an index is written out.  What may be a product or a call,
such as ``x(t)``, is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern
from typing import Any, Final

from gradcli.errors import ExpressionError
from gradcli.language.function_names import LOGARITHM, known_name
from gradcli.language.instructions import PLAIN, Match, Part, Repetition, Script, StackInstruction
from gradcli.language.latex_names import LatexName, joined
from gradcli.language.latex_operands import BOLD, GROUP, OPEN, Head, LatexOperands
from gradcli.primitives import REGISTRY
from gradcli.records import NamedTuple
from gradcli.source import Span, counted, did_you_mean

__all__ = ["LatexWriter"]

#: Letters that are hardly ever multiplied by a parenthesis.
_USUAL_FUNCTIONS: Final = frozenset("fghF")
#: What is in the parentheses of a call rather than of a product: one name or number, or several arguments.
_SHORT_ARGUMENT: Final = re.compile(
    r"\s*(?:\\left\s*|\\[bB]igg?l?\s*)?\(\s*"
    r"(?:(?:\\[A-Za-z]+|[^\W\d_]|[\d.]+)(?:\s*_\s*(?:\{[^{}]*\}|\w))?\s*(?:\\right\s*|\\[bB]igg?r?\s*)?\)|[^(){};]*,)"
)
_VARIABLE: Final = re.compile(
    r"(?:d|\\mathrm\s*\{\s*d\s*\}|\\partial)\s*"
    r"((?:\\[A-Za-z]+\s*(?:\{(?:[^{}]|\{[^{}]*\})*\})?|[^\W\d])(?:(?:\{\})?\s*_\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\?\w))?)"
    r"\s*(?:\^\s*\{?\s*(\d+)\s*\}?)?\s*"
)
_ORDER: Final = re.compile(r"\\[dt]?frac\s*\{?\s*(?:d|\\mathrm\s*\{\s*d\s*\}|\\partial)\s*(?:\^\s*\{?\s*(\d+)\s*\}?)?")


class _Case(NamedTuple):
    """A case of a choice: its value and its condition, which is None for the last one."""

    value: list[StackInstruction]
    condition: list[StackInstruction] | None
    start: int
    end: int


@lru_cache(maxsize=1)
def _letter_functions() -> dict[str, str]:
    """Return the letters that are functions in front of a parenthesis, as their templates say: Gamma, psi and sigma."""
    found = {}
    for primitive in REGISTRY.public():
        letter = re.fullmatch(r"\\([A-Za-z]+)\\left\(\{\w+\}\\right\)", primitive.latex or "")
        if letter is not None:
            found[letter[1]] = primitive.name
    return found


class LatexWriter(LatexOperands):
    """The writer of the instructions of a text in LaTeX, with a method for each rule of ``latex.lark``."""

    # Functions

    def head(self, token: Match, *raised: Any) -> Head:
        power = self._taken(raised[1].first) if raised else None
        return Head(token.start(), raised[1].end if raised else token.end(), self._function(token), power)

    def _function(self, token: Match) -> str:
        """Return the name of a function in the language."""
        command, text = token.group(), token.group()[1:]
        if not text.startswith(("operatorname", "mathrm", "text", "mathsf")):
            word, sign, base = text.partition("_")
            if sign:
                return f"{LOGARITHM}_{self._name_in('x_' + base, token.start()).subscript}"
        else:
            word = text[text.index("{") + 1 : -1].replace("\\_", "_").replace(" ", "")
        if word == "lg":
            word = f"{LOGARITHM}10"
        if word in self._functions:
            return word
        found = known_name(word) or known_name(word.lower())
        if found is not None:
            return found
        guess = did_you_mean(word, [*REGISTRY.words(), *REGISTRY.offered])
        hint = rf"did you mean `\operatorname{{{guess}}}`?" if guess else "`gradcli functions` lists them all"
        message = f"unknown function `{command}`"
        raise self._refuse(message, token.start(), token.end(), hint, kind="unknown_function")

    def applied(self, head: Head, operand: Part) -> Part:
        r"""Add a function without brackets: ``\sin 2x``, ``\ln \cos x``, ``\log |x|``."""
        kind = PLAIN if self._text[operand.end - 1] in ")|" else OPEN
        return self._applied(head, 1, operand.end, operand.first, kind)

    def applied_to_braces(self, head: Head, _opening: Match, operand: Part, closing: Match) -> Part:
        return self._applied(head, 1, closing.end(), operand.first)

    def applied_to_bars(self, head: Head, opening: Match, operand: Part, closing: Match) -> Part:
        return self.applied(head, self.absolute(opening, operand, closing))

    def call(self, head: Head, _: Match, arguments: list[Part], closing: Match) -> Part:  # type: ignore[override]
        options = [argument for argument in arguments if argument.name]
        if options != arguments[len(arguments) - len(options) :]:
            raise self._equals_sign(options[0])
        if head.word == LOGARITHM and len(arguments) > 1:
            message = r"`\log` takes one argument"
            raise self._refuse(message, head.start, closing.end(), r"the base is an index: `\log_{2} x`", kind="arity")
        names = tuple(option.name for option in options)
        return self._applied(head, len(arguments), closing.end(), arguments[0].first, options=names)

    def _applied(
        self, head: Head, count: int, end: int, first: int, kind: str = PLAIN, options: tuple[str, ...] = ()
    ) -> Part:
        start, word, power = head.start, head.word, head.power
        if power is not None and [one.payload for one in power] == [1.0, "-"]:
            inverse = REGISTRY.find(f"arc{word}")
            plain = self._text[start:end].replace(self._text[start : head.end], f"\\{word}", 1)
            reciprocal = rf"\frac{{1}}{{{plain}}}"
            if inverse is None:
                raise self._ambiguous(start, end, f"write `{reciprocal}`")
            message = f"`{self._text[start:end]}` is read as the inverse function, `{inverse.name}`"
            self._note("inverse", message, start, end, f"for one over the value, write `{reciprocal}`")
            word, power = inverse.name, None
        part = self._add("call", intern(word), count, start, end, first, kind, options)
        if power is None:
            return part
        self._code += power
        return self._add("binary", "^", 2, start, end, first, kind)

    def order(self, token: Match) -> Match:
        digits = re.search(r"-?\d+(?:\.\d+)?", token.group())
        assert digits is not None
        self._number(float(digits.group()), *token.span())
        return token

    def polygamma(self, token: Match, _: Match, operand: Part, closing: Match) -> Part:
        name = "zeta_derivative" if token.group().startswith(r"\zeta") else "polygamma"
        return self._call(name, 2, token.start(), closing.end(), operand.first - 1)

    def bessel(self, token: Match, _: Match, operand: Part, closing: Match) -> Part:
        """Add a Bessel function of an order, such as ``J_{0}(x)``, which may also be meant as a product."""
        name, letter = f"bessel{token.group()[0].lower()}", token.group()
        message = f"`{letter}` is read as the Bessel function `{name}`"
        product = rf"{letter} \cdot {self._text[token.end() : closing.end()].strip()}"
        self._note("function", message, token.start(), closing.end(), f"for a product, write `{product}`")
        return self._call(name, 2, token.start(), closing.end(), operand.first - 1)

    def multiplies(self, token: Match, previous: Any) -> bool:
        """Whether a name in front of a parenthesis multiplies it, as in ``k(x + 1)``, or is called, as in ``f(x)``.

        A letter that the text doesn't define is read as a function if it is usually one, or if its parenthesis holds a
        single name or number, or several arguments.  If it is not defined at all, `start` raises an error.
        """
        text = token.group()
        if isinstance(previous, re.Match) and previous.group() == "^":
            return True  # in p^k(1 - p) the exponent is k
        found = self._name_in(text.rstrip("'"), token.start())
        if text.endswith("'") or found.text in self._functions or self._is_letter_function(found):
            return False
        if found.text in self._variables:
            return True
        inside = _SHORT_ARGUMENT.match(self._text, token.end())
        is_usual = found.text in _USUAL_FUNCTIONS
        return found.is_bold or not (is_usual or inside is not None)

    def called(self, token: Match, opening: Match, arguments: list[Part], closing: Match) -> Part:
        """Add a call of a letter: ``f(x)``, ``f'(x)``, ``\\Gamma(x)``."""
        start, end = token.start(), closing.end()
        text = token.group().rstrip("'")
        primes = token.group()[len(text) :]
        if len(text) == 1:
            self._refuse_word(start)
        found = self._name_in(text, start)
        name, count, first = found.text, len(arguments), arguments[0].first
        product = rf"{text} \cdot {self._text[opening.start() : end]}"
        if name in self._functions:
            pass
        elif count == 1 and self._is_letter_function(found):
            name = _letter_functions()[name]
            if found.text.islower():  # Γ is a function to everyone, but σ and ψ are names, too
                message = f"`{self._text[start:end]}` is read as the function `{name}`"
                self._note("function", message, start, end, f"for a product, write `{product}`")
        else:
            message = f"`{text}` is not a function, so `{self._text[start:end]}` can be read in two ways"
            hint = f"write `{product}` for a product, or define the function: `{text}(t) = ...;`"
            if count > 1 or primes:
                message, hint = f"`{text}` is not a function", f"define the function: `{text}(t) = ...;`"
            self._doubtful.append((name, self._refuse(message, start, end, hint, kind="not_a_function")))
        return self._call(name + primes, count, start, end, first)

    def _is_letter_function(self, name: LatexName) -> bool:
        return name.text in _letter_functions() and name.text not in self._variables

    def option(self, left: Part, _: Match, right: Part) -> Part:
        name = self._quote(left).strip()
        if not name.isalpha():
            raise self._equals_sign(left)
        del self._code[left.first : right.first]
        return Part(left.start, right.end, left.first, PLAIN, name)

    # Derivatives, sums and products

    def derivative(self, token: Match, operand: Part) -> Part:
        factor_end = self._first_factors.get(operand.first, operand.end)
        if operand.kind is not GROUP and self._text[operand.start] in "([" and factor_end < operand.end:
            whole, first = self._quote(operand), self._text[operand.start : factor_end]
            rest = self._text[factor_end : operand.end]
            hint = rf"write `{token.group()} \left[{whole}\right]` or `\left[{token.group()} {first}\right] {rest}`"
            raise self._ambiguous(token.start(), operand.end, hint)
        return self._differentiated(token, token.group(), operand, operand.end)

    def differential(self, token: Match, operand: Part, closing: Match) -> Part:
        named = self._code[operand.first :]
        defined = {definition.name for definition in self._definitions}
        if len(named) == 1 and named[0].code == "name" and named[0].payload not in defined:
            name, whole = named[0].payload, self._text[token.start() : closing.end()]
            hint = rf"define it first: `{self._quote(operand)} = x^2; {whole}`"
            raise self._refuse(f"`{name}` has no formula to differentiate", *named[0].span, hint, kind="diff")
        return self._differentiated(token, token.group() + closing.group(), operand, closing.end())

    def _differentiated(self, token: Match, text: str, operand: Part, end: int) -> Part:
        """Add the derivatives of an operand: \\frac{\\partial^3}{\\partial x^2 \\partial y}."""
        opened = _ORDER.match(text)
        assert opened is not None
        order = int(opened[1] or 1)
        below = re.sub(r"^\s*\}?\s*\{\s*", "", text[opened.end() :])
        found = [(match[1], int(match[2] or 1)) for match in _VARIABLE.finditer(below)]
        start = token.start()
        if sum(times for _, times in found) != order:
            message = f"the orders in `{self._text[start : token.end()]}` differ"
            raise self._refuse(message, start, token.end(), r"for example `\frac{d^2}{dx^2} x^3`", kind="diff")
        for variable, times in reversed(found):
            self._named(variable, start, token.end())
            self._number(float(times), start, token.end())
            self._call("diff", 3, start, end, operand.first)
        return Part(start, end, operand.first)

    def repeated(self, token: Match, lower: Part, _closing: Match, _power: Match, upper: Part, body: Part) -> Part:
        r"""Add a sum or a product over an index: ``\sum_{k=1}^{5} k^2``."""
        symbol = "*" if "prod" in token.group()[:5] else "+"
        index = intern(token.group().rstrip("= ")[-1])
        bounds = (Span(lower.start, lower.end), Span(upper.start, upper.end))
        repetition = Repetition.of(symbol, index, self._taken(body.first), bounds)
        return self._add("repeat", repetition._replace(renamed=self._at), 2, token.start(), body.end, lower.first)

    def _at(self, variable: str, number: int, instruction: StackInstruction) -> StackInstruction:
        """Return an instruction with a number in place of the index of a sum in an index: x_k becomes x_2."""
        if instruction.code != "name":
            return instruction
        name = instruction.payload
        found = self._indexed.get(name)
        index = None if found is None else found.index_at(variable, number)
        if found is None or index is None:
            return instruction
        made = found._replace(subscript=index, text=joined(found.stem, index, found.is_apart, self._variables))
        self._indexed[made.text] = made
        return instruction._replace(payload=intern(made.text))

    # Cases and matrices

    def case(self, value: Part, *rest: Any) -> _Case:
        condition: Part = rest[-1]
        conditions = self._taken(condition.first)
        return _Case(self._taken(value.first), conditions, value.start, condition.end)

    def last_case(self, value: Part, *_: Any) -> _Case:
        return _Case(self._taken(value.first), None, value.start, value.end)

    def equation(self, left: Part, _: Match, right: Part) -> Part:
        return self._add("binary", "==", 2, left.start, right.end, left.first)

    def cases(self, opening: Match, cases: list[_Case], closing: Match) -> Part:
        start, end, first = opening.start(), closing.end(), len(self._code)
        choices = 0
        for position, one in enumerate(cases):
            if one.condition is None and position < len(cases) - 1:
                raise self._refuse(
                    "a case without a condition hides the cases after it",
                    one.start,
                    one.end,
                    "put this case last",
                    kind="cases",
                )
            if one.condition is not None:
                self._code += one.condition
                choices += 1
            self._code += one.value
        if cases[-1].condition is not None:
            self._add("name", "nan", 0, start, end, first)  # where no condition holds, there is no value
        for _ in range(choices):
            self._call("where", 3, start, end, first)
        return Part(start, end, first)

    def first_row(self, cells: list[Part]) -> list[Part]:
        return [self._row(cells)]

    def next_row(self, rows: list[Part], _: Match, cells: list[Part]) -> list[Part]:
        rows.append(self._row(cells))
        return rows

    def _row(self, cells: list[Part]) -> Part:
        """Add a row of several cells as an array; its name tells how many there are."""
        start, end, first = cells[0].start, cells[-1].end, cells[0].first
        if len(cells) > 1:
            self._add("array", None, len(cells), start, end, first)
        return Part(start, end, first, PLAIN, str(len(cells)))

    def matrix(self, opening: Match, rows: list[Part], closing: Match) -> Part:
        """Add a matrix; one column is a vector."""
        start, end = opening.start(), closing.end()
        for row in rows:
            if row.name != rows[0].name:
                message = f"this row has {counted(int(row.name), 'cell')}, and the first row has {rows[0].name}"
                raise self._refuse(message, row.start, row.end, "all rows have the same length", kind="array")
        return self._add("array", None, len(rows), start, end, rows[0].first, BOLD)

    # Statements

    def definition(self, left: Part, sign: Match, right: Part) -> None:
        heads = {one.payload.rstrip("'") for one in self._code[left.first : right.first] if one.code == "call"}
        self._notes = [note for note in self._notes if note.span is None or note.span.start >= left.end]
        try:
            super().definition(left, sign, right)
        except ExpressionError as error:
            error.hint = f"write `{self._quote(right)}`" if error.kind == "syntax" else error.hint
            raise
        self._functions |= heads
        for letter, word in _letter_functions().items():
            if word in heads:
                self._functions.discard(letter)

    def start(self, *_: Any) -> Script:
        defined = {one.name for one in self._definitions if one.parameters is not None}
        for name, error in self._doubtful:
            if name not in defined:
                raise error
        return super().start()
