"""The parser's output: instructions for a stack machine, in the order in which LALR reduces, so that nothing is nested.

Each method of `InstructionWriter` is what one rule of the grammar means.  It appends instructions and returns what the
rules above need to know of the text it stands for: `Part`.
"""

from __future__ import annotations

import re
from functools import partial
from sys import intern
from typing import Any, NamedTuple, TypeAlias

from gradcli.errors import ExpressionError
from gradcli.source import Span

__all__ = ["Definition", "InstructionWriter", "Part", "Script", "StackInstruction"]

#: A token.
Match: TypeAlias = "re.Match[str]"

#: Second spellings of operators.
SYMBOLS = {"·": "*", "×": "*", "÷": "/", "−": "-", "**": "^", "≤": "<=", "≥": ">=", "≠": "!="}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")

# What a part is, for the rules that refuse a neighbour.
PLAIN, NUMBER, IMPLICIT, COMPARISON = "", "number", "implicit product", "comparison"


class StackInstruction(NamedTuple):
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
    body: list[StackInstruction]
    span: Span


class Script(NamedTuple):
    """Definitions, and the instructions of the result."""

    definitions: list[Definition]
    result: list[StackInstruction]


#: The same as calling the class, in a third of the time.
_instruction = partial(tuple.__new__, StackInstruction)
_part = partial(tuple.__new__, Part)


class InstructionWriter:
    """The meaning of each rule of the grammar; see grammars/expression.lark."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._code: list[StackInstruction] = []
        self._definitions: list[Definition] = []
        self._results: list[Part] = []

    def _refuse(self, message: str, start: int, end: int, hint: str, kind: str = "syntax") -> ExpressionError:
        return ExpressionError(message, kind=kind, span=Span(start, end), hint=hint)

    def _quote(self, part: Part) -> str:
        return self._text[part.start : part.end]

    # Operands

    def number(self, token: Match) -> Part:
        start, end = token.span()
        self._code.append(_instruction(("number", float(token.group()), 0, start, end, ())))
        return _part((start, end, len(self._code) - 1, NUMBER))

    def name(self, token: Match) -> Part:
        start, end = token.span()
        self._code.append(_instruction(("name", intern(token.group()), 0, start, end, ())))
        return _part((start, end, len(self._code) - 1, PLAIN))

    def group(self, opening: Match, inside: Part, closing: Match) -> Part:
        return Part(opening.start(), closing.end(), inside.first)

    def absolute(self, opening: Match, inside: Part, closing: Match) -> Part:
        return self._call("|", 1, opening.start(), closing.end(), inside.first)

    def root(self, sign: Match, operand: Part) -> Part:
        return self._call("√", 1, sign.start(), operand.end, operand.first)

    def root_of_number(self, sign: Match, number: Match) -> Part:
        return self.root(sign, self.number(number))

    # Arrays

    def array(self, opening: Match, elements: list[Part | Option], closing: Match) -> Part:
        start, end = opening.start(), closing.end()
        if not elements:
            raise self._refuse("an array has at least one element", start, end, "for example `[1, 2]`", "array")
        for element in elements:
            if isinstance(element, Option):
                raise self._equals_sign(element)
        self._code.append(StackInstruction("array", None, len(elements), start, end))
        return Part(start, end, elements[0].first)

    def index(self, operand: Part, opening: Match, parts: list[tuple[bool, ...]], closing: Match) -> Part:
        start, end = operand.start, closing.end()
        if operand.kind is NUMBER:
            number, array = self._quote(operand), self._text[opening.start() : end]
            raise self._refuse(
                f"the number `{number}` has no elements", start, end, f"to multiply, write `{number}*{array}`", "array"
            )
        self._code.append(StackInstruction("index", tuple(parts), 1 + sum(map(sum, parts)), start, end))
        return Part(start, end, operand.first)

    def position(self, _: Part) -> tuple[bool, ...]:
        return (True,)

    def slice(self, start: bool, _: Match, stop: bool, *rest: Any) -> tuple[bool, ...]:
        """Which of start, stop and step are given."""
        return (start, stop, rest[1] if rest else False)

    def bound(self, _: Part) -> bool:
        return True

    def no_bound(self) -> bool:
        return False

    # Operators

    def prefix(self, sign: Match, operand: Part) -> Part:
        symbol = sign.group()
        symbol = SYMBOLS.get(symbol, symbol)
        start, end = sign.start(), operand.end
        if symbol != "+":
            self._code.append(StackInstruction("prefix", symbol, 1, start, end))
        return Part(start, end, operand.first, operand.kind)

    def postfix(self, operand: Part, sign: Match) -> Part:
        self._code.append(StackInstruction("postfix", sign.group(), 1, operand.start, sign.end()))
        return Part(operand.start, sign.end(), operand.first)

    def superscript(self, operand: Part, sign: Match) -> Part:
        power = float(sign.group().translate(SUPERSCRIPTS))
        self._code.append(StackInstruction("number", power, 0, *sign.span()))
        self._code.append(StackInstruction("binary", "^", 2, operand.start, sign.end()))
        return Part(operand.start, sign.end(), operand.first)

    def binary(self, left: Part, sign: Match, right: Part) -> Part:
        symbol = sign.group()
        symbol = SYMBOLS.get(symbol, symbol)
        start, _, first, _ = left
        _, end, _, kind = right
        if kind is IMPLICIT and symbol in ("/", "%", "^"):
            raise self._two_readings(left, symbol, right)
        self._code.append(_instruction(("binary", symbol, 2, start, end, ())))
        return _part((start, end, first, PLAIN))

    def _two_readings(self, left: Part, symbol: str, right: Part) -> ExpressionError:
        # The number that begins the implicit product is its first instruction.
        number_end = self._code[right.first].end
        number = self._text[right.start : number_end]
        rest = self._text[number_end : right.end].strip()
        base = self._quote(left)
        return self._refuse(
            f"`{base}{symbol}{self._quote(right)}` can be read in two ways",
            left.start,
            right.end,
            f"write `{base}{symbol}({number}*{rest})` or `{base}{symbol}{number}*{rest}`",
            "ambiguous",
        )

    def comparison(self, left: Part, sign: Match, right: Part) -> Part:
        if left.kind is COMPARISON:
            raise self._refuse(
                "comparisons do not chain", left.start, right.end, "join two of them: `a < b and b < c`", "chained"
            )
        return self.binary(left, sign, right)._replace(kind=COMPARISON)

    def implicit_product(self, number: Part, factor: Part) -> Part:
        self._code.append(StackInstruction("binary", "*", 2, number.start, factor.end))
        return Part(number.start, factor.end, number.first, IMPLICIT)

    # Calls and lists

    def first_of_list(self, element: Any) -> list[Any]:
        return [element]

    def next_of_list(self, elements: list[Any], _: Match, element: Any) -> list[Any]:
        elements.append(element)
        return elements

    def no_arguments(self) -> list[Part | Option]:
        return []

    def option(self, left: Part, _: Match, right: Part) -> Option:
        name = self._code[left.first]
        if right.first != left.first + 1 or name.code != "name" or left.end - left.start != name.end - name.start:
            raise self._equals_sign(left)
        del self._code[left.first]  # what names an option is no variable
        return Option(name.payload, left.start, right.end, left.first)

    def call(self, name: Match, _: Match, arguments: list[Part | Option], closing: Match) -> Part:
        first = arguments[0].first if arguments else len(self._code)
        options = [argument for argument in arguments if isinstance(argument, Option)]
        if options != arguments[len(arguments) - len(options) :]:
            raise self._equals_sign(options[0])
        names = tuple([option.name for option in options])
        return self._call(name.group(), len(arguments), name.start(), closing.end(), first, names)

    def _call(self, name: str, count: int, start: int, end: int, first: int, options: tuple[str, ...] = ()) -> Part:
        self._code.append(_instruction(("call", intern(name), count, start, end, options)))
        return _part((start, end, first, PLAIN))

    def _equals_sign(self, part: Part | Option) -> ExpressionError:
        return self._refuse(
            "a `=` can't stand here",
            part.start,
            part.end,
            "to compare, write `==`; options are last: `sum(A, axis=0)`",
        )

    # Statements

    def definition(self, left: Part, _: Match, right: Part) -> None:
        if self._results:
            raise self._refuse(
                "definitions come before the result", left.start, right.end, "put the result last, behind a `;`"
            )
        head, body = self._code[left.first : right.first], self._code[right.first :]
        del self._code[left.first :]
        *parameters, last = head
        span = Span(left.start, left.end)
        if last.code == "name" and not parameters:
            self._definitions.append(Definition(last.payload, None, body, span))
            return
        are_names = all(one.code == "name" for one in parameters)
        if last.code == "call" and not last.options and last.operands == len(parameters) and are_names:
            names = tuple(one.payload for one in parameters)
            if last.payload.isidentifier() and len(set(names)) == len(names):
                self._definitions.append(Definition(last.payload, names, body, span))
                return
        raise self._refuse(
            f"`{self._quote(left)}` can't be defined",
            left.start,
            left.end,
            "define a name, `r = x + y`, or a function, `f(t) = t^2`; to compare, write `==`",
        )

    def result(self, part: Part) -> None:
        if self._results:
            raise self._refuse(
                "there are two results",
                part.start,
                part.end,
                "an expression has one result, its last statement; the others are definitions: `r = x + y; 2*r`",
            )
        self._results.append(part)

    def first_statement(self, _: None) -> None:
        """A statement has entered what it says."""

    def next_statement(self, *_: Any) -> None:
        """The same."""

    def start(self, *_: Any) -> Script:
        if not self._results:
            end = len(self._text)
            raise self._refuse(
                "there are definitions but no result", end, end, "write an expression behind the last `;`"
            )
        return Script(self._definitions, self._code)
