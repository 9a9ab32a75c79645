"""The parser's output: a program for a stack machine, in the order in which LALR reduces, so that nothing is nested.

Each method of `ProgramWriter` is what one rule of the grammar means.  It appends instructions and returns what the
rules above need to know of the text it stands for: `Part`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lark import Token

from gradcli.errors import ExpressionError
from gradcli.source import Span

__all__ = ["Definition", "Instruction", "Part", "Program", "ProgramWriter"]

#: Second spellings of operators.
SYMBOLS = {"·": "*", "×": "*", "÷": "/", "−": "-", "**": "^", "≤": "<=", "≥": ">=", "≠": "!="}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")

# What a part is, for the rules that refuse a neighbour.
PLAIN, NUMBER, IMPLICIT, COMPARISON = "", "number", "implicit product", "comparison"


class Instruction(NamedTuple):
    """One step of the stack machine.

    Attributes:
        code: ``"number"``, ``"name"``, ``"prefix"``, ``"binary"``, ``"postfix"``, ``"call"``, ``"array"`` or
            ``"index"``.
        payload: the number, name or operator; of an index, what each of its parts consists of.
        operands: how many operands a call, an array or an index takes from the stack.
        start, end: the place in the source.
        options: the names of the last operands of a call, which are options.
    """

    code: str
    payload: Any
    operands: int
    start: int
    end: int
    options: tuple[str, ...] = ()

    @property
    def span(self) -> Span:
        """The place in the source."""
        return Span(self.start, self.end)


class Part(NamedTuple):
    """The text from ``start`` to ``end``, whose instructions begin at ``first``."""

    start: int
    end: int
    first: int
    kind: str = PLAIN


class Option(NamedTuple):
    """``name=value`` among the arguments of a call."""

    name: str
    start: int
    end: int
    first: int


class Definition(NamedTuple):
    """``name = body`` (parameters is None) or ``name(parameters) = body``."""

    name: str
    parameters: tuple[str, ...] | None
    body: list[Instruction]
    span: Span


class Program(NamedTuple):
    """Definitions, and the instructions of the result."""

    definitions: list[Definition]
    result: list[Instruction]


class ProgramWriter:
    """The meaning of each rule of the grammar; see grammars/expression.lark."""

    def __init__(self) -> None:
        self.text = ""
        self.code: list[Instruction] = []
        self.definitions: list[Definition] = []
        self.results: list[Part] = []

    def begin(self, text: str) -> None:
        """Start on a new text."""
        self.text = text
        self.code = []
        self.definitions = []
        self.results = []

    def _refuse(self, message: str, start: int, end: int, hint: str, kind: str = "syntax") -> ExpressionError:
        return ExpressionError(message, kind=kind, span=Span(start, end), hint=hint)

    def _quote(self, part: Part) -> str:
        return self.text[part.start : part.end]

    # Operands

    def number(self, children: list[Token]) -> Part:
        token = children[0]
        return self._push("number", float(token), token)._replace(kind=NUMBER)

    def name(self, children: list[Token]) -> Part:
        token = children[0]
        return self._push("name", str(token), token)

    def _push(self, code: str, payload: Any, token: Token) -> Part:
        start, end = token.start_pos or 0, token.end_pos or 0
        self.code.append(Instruction(code, payload, 0, start, end))
        return Part(start, end, len(self.code) - 1)

    def group(self, children: Sequence[Any]) -> Part:
        opening, inside, closing = children
        return Part(opening.start_pos, closing.end_pos, inside.first)

    def absolute(self, children: Sequence[Any]) -> Part:
        opening, inside, closing = children
        return self._call("|", 1, opening.start_pos, closing.end_pos, inside.first)

    def root(self, children: Sequence[Any]) -> Part:
        sign, operand = children
        return self._call("√", 1, sign.start_pos, operand.end, operand.first)

    def root_of_number(self, children: Sequence[Any]) -> Part:
        sign, number = children
        return self.root([sign, self.number([number])])

    # Arrays

    def array(self, children: Sequence[Any]) -> Part:
        opening, elements, closing = children
        start, end = opening.start_pos, closing.end_pos
        if not elements:
            raise self._refuse("an array has at least one element", start, end, "for example `[1, 2]`", "array")
        for element in elements:
            if isinstance(element, Option):
                raise self._equals_sign(element)
        self.code.append(Instruction("array", None, len(elements), start, end))
        return Part(start, end, elements[0].first)

    def index(self, children: Sequence[Any]) -> Part:
        operand, opening, parts, closing = children
        start, end = operand.start, closing.end_pos
        if operand.kind is NUMBER:
            number, array = self._quote(operand), self.text[opening.start_pos : end]
            raise self._refuse(
                f"the number `{number}` has no elements", start, end, f"to multiply, write `{number}*{array}`", "array"
            )
        self.code.append(Instruction("index", tuple(parts), 1 + sum(map(sum, parts)), start, end))
        return Part(start, end, operand.first)

    def subscripts(self, children: Sequence[Any]) -> list[tuple[bool, ...]]:
        return [child for child in children if isinstance(child, tuple)]

    def position(self, _: Sequence[Any]) -> tuple[bool, ...]:
        return (True,)

    def slice(self, children: Sequence[Any]) -> tuple[bool, ...]:
        """Which of start, stop and step are given."""
        start, _, stop, *rest = children
        return (start, stop, rest[1] if rest else False)

    def bound(self, _: Sequence[Any]) -> bool:
        return True

    def no_bound(self, _: Sequence[Any]) -> bool:
        return False

    # Operators

    def prefix(self, children: Sequence[Any]) -> Part:
        sign, operand = children
        symbol = SYMBOLS.get(sign, str(sign))
        if symbol != "+":
            self.code.append(Instruction("prefix", symbol, 1, sign.start_pos, operand.end))
        return Part(sign.start_pos, operand.end, operand.first, operand.kind)

    def postfix(self, children: Sequence[Any]) -> Part:
        operand, sign = children
        self.code.append(Instruction("postfix", str(sign), 1, operand.start, sign.end_pos))
        return Part(operand.start, sign.end_pos, operand.first)

    def superscript(self, children: Sequence[Any]) -> Part:
        operand, sign = children
        self.code.append(Instruction("number", float(sign.translate(SUPERSCRIPTS)), 0, sign.start_pos, sign.end_pos))
        self.code.append(Instruction("binary", "^", 2, operand.start, sign.end_pos))
        return Part(operand.start, sign.end_pos, operand.first)

    def binary(self, children: Sequence[Any]) -> Part:
        left, sign, right = children
        symbol = SYMBOLS.get(sign, str(sign))
        if right.kind is IMPLICIT and symbol in ("/", "%", "^"):
            raise self._two_readings(left, symbol, right)
        self.code.append(Instruction("binary", symbol, 2, left.start, right.end))
        return Part(left.start, right.end, left.first)

    def _two_readings(self, left: Part, symbol: str, right: Part) -> ExpressionError:
        # The number that begins the implicit product is its first instruction.
        number_end = self.code[right.first].end
        number = self.text[right.start : number_end]
        rest = self.text[number_end : right.end].strip()
        base = self._quote(left)
        return self._refuse(
            f"`{base}{symbol}{self._quote(right)}` can be read in two ways",
            left.start,
            right.end,
            f"write `{base}{symbol}({number}*{rest})` or `{base}{symbol}{number}*{rest}`",
            "ambiguous",
        )

    def comparison(self, children: Sequence[Any]) -> Part:
        left, _, right = children
        if left.kind is COMPARISON:
            raise self._refuse(
                "comparisons do not chain", left.start, right.end, "join two of them: `a < b and b < c`", "chained"
            )
        return self.binary(children)._replace(kind=COMPARISON)

    def implicit_product(self, children: Sequence[Any]) -> Part:
        number, factor = children
        self.code.append(Instruction("binary", "*", 2, number.start, factor.end))
        return Part(number.start, factor.end, number.first, IMPLICIT)

    # Calls

    def arguments(self, children: Sequence[Any]) -> list[Part | Option]:
        return [child for child in children if isinstance(child, (Part, Option))]

    def no_arguments(self, _: Sequence[Any]) -> list[Part | Option]:
        return []

    def option(self, children: Sequence[Any]) -> Option:
        left, _, right = children
        name = self.code[left.first]
        if right.first != left.first + 1 or name.code != "name" or left.end - left.start != name.end - name.start:
            raise self._equals_sign(left)
        del self.code[left.first]  # what names an option is no variable
        return Option(name.payload, left.start, right.end, left.first)

    def call(self, children: Sequence[Any]) -> Part:
        name, _, arguments, closing = children
        first = arguments[0].first if arguments else len(self.code)
        options = [argument for argument in arguments if isinstance(argument, Option)]
        if options != arguments[len(arguments) - len(options) :]:
            raise self._equals_sign(options[0])
        names = tuple([option.name for option in options])
        return self._call(str(name), len(arguments), name.start_pos, closing.end_pos, first, names)

    def _call(self, name: str, count: int, start: int, end: int, first: int, options: tuple[str, ...] = ()) -> Part:
        self.code.append(Instruction("call", name, count, start, end, options))
        return Part(start, end, first)

    def _equals_sign(self, part: Part | Option) -> ExpressionError:
        return self._refuse(
            "a `=` can't stand here",
            part.start,
            part.end,
            "to compare, write `==`; options are last: `sum(A, axis=0)`",
        )

    # Statements

    def definition(self, children: Sequence[Any]) -> None:
        left, _, right = children
        if self.results:
            raise self._refuse(
                "definitions come before the result", left.start, right.end, "put the result last, behind a `;`"
            )
        head, body = self.code[left.first : right.first], self.code[right.first :]
        del self.code[left.first :]
        *parameters, last = head
        span = Span(left.start, left.end)
        if last.code == "name" and not parameters:
            self.definitions.append(Definition(last.payload, None, body, span))
            return
        are_names = all(one.code == "name" for one in parameters)
        if last.code == "call" and not last.options and last.operands == len(parameters) and are_names:
            names = tuple(one.payload for one in parameters)
            if last.payload.isidentifier() and len(set(names)) == len(names):
                self.definitions.append(Definition(last.payload, names, body, span))
                return
        raise self._refuse(
            f"`{self._quote(left)}` can't be defined",
            left.start,
            left.end,
            "define a name, `r = x + y`, or a function, `f(t) = t^2`; to compare, write `==`",
        )

    def result(self, children: Sequence[Any]) -> None:
        part = children[0]
        if self.results:
            raise self._refuse(
                "there are two results",
                part.start,
                part.end,
                "an expression has one result, its last statement; the others are definitions: `r = x + y; 2*r`",
            )
        self.results.append(part)

    def start(self, _: Sequence[Any]) -> Program:
        if not self.results:
            end = len(self.text)
            raise self._refuse(
                "there are definitions but no result", end, end, "write an expression behind the last `;`"
            )
        return Program(self.definitions, self.code)
