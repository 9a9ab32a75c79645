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

# What a part is, for the rules that refuse an ambiguous neighbour.
PLAIN, IMPLICIT, COMPARISON = "", "implicit product", "comparison"


class Instruction(NamedTuple):
    """One step of the stack machine.

    Attributes:
        code: ``"number"``, ``"name"``, ``"prefix"``, ``"binary"``, ``"postfix"`` or ``"call"``.
        payload: the number, name or operator.
        operands: how many operands a call takes from the stack.
        start, end: the place in the source.
    """

    code: str
    payload: Any
    operands: int
    start: int
    end: int

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
        return self._push("number", float(token), token)

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

    def array(self, children: Sequence[Any]) -> Part:
        raise self._not_yet(children[0].start_pos, children[-1].end_pos)

    def index(self, children: Sequence[Any]) -> Part:
        raise self._not_yet(children[1].start_pos, children[-1].end_pos)

    def _not_yet(self, start: int, end: int) -> ExpressionError:
        return self._refuse(
            "arrays are not yet supported by this command", start, end, "write the expression in numbers", "array"
        )

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
        if symbol == "@":
            raise self._not_yet(sign.start_pos, sign.end_pos)
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

    def arguments(self, children: Sequence[Any]) -> list[Part]:
        return [child for child in children if isinstance(child, Part)]

    def no_arguments(self, _: Sequence[Any]) -> list[Part]:
        return []

    def call(self, children: Sequence[Any]) -> Part:
        name, _, arguments, closing = children
        first = arguments[0].first if arguments else len(self.code)
        return self._call(str(name), len(arguments), name.start_pos, closing.end_pos, first)

    def _call(self, name: str, count: int, start: int, end: int, first: int) -> Part:
        self.code.append(Instruction("call", name, count, start, end))
        return Part(start, end, first)

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
        if last.code == "call" and last.operands == len(parameters) and all(one.code == "name" for one in parameters):
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
