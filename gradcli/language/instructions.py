"""The meaning of each rule of the grammar: instructions for a stack machine.

The parser calls the method of `InstructionWriter` that has the name of a rule as soon as it has read the rule's text.
The method adds instructions to one flat list, operands before their operation, and returns a `Part`, which tells the
surrounding rules what they need to know about the text.  So nothing is nested, however deep the expression is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from sys import intern
from typing import Any, Final, TypeAlias

from gradcli.errors import ExpressionError
from gradcli.language.parser import parser_of
from gradcli.records import NamedTuple
from gradcli.source import Note, Span, split_arguments

__all__ = [
    "SUBSCRIPTS",
    "SUPERSCRIPTS",
    "Definition",
    "InstructionWriter",
    "Part",
    "Repetition",
    "Script",
    "StackInstruction",
    "flattened",
    "script_of",
]

#: A token of the parser.
Match: TypeAlias = "re.Match[str]"

#: Other spellings of operators.
SYMBOLS: Final = {
    "**": "^", "≠": "!=", "＋": "+", "∧": "and", "∨": "or", "¬": "not",
    **dict.fromkeys("·×⋅∙∗•✕", "*"), **dict.fromkeys("÷∕⁄", "/"), **dict.fromkeys("−–‐‑‒﹣－", "-"),
    **dict.fromkeys("≤⩽≦", "<="), **dict.fromkeys("≥⩾≧", ">="),
}  # fmt: skip
SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿˣʸᵏᵐᵖᵗᵃᵇ", "0123456789+-nxykmptab")
SUBSCRIPTS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₐₑₓₖₙ", "0123456789aexkn")
#: A number in another base, as many programming languages write it: 0x1F, 0b101, 0o17.
_OTHER_BASE: Final = r"0(?:[xX][0-9a-fA-F]+|[bB][01]+|[oO][0-7]+)(?!\w)"

#: The names of sums and products over an index.
REPETITIONS: Final = {"sum": "+", "Σ": "+", "∑": "+", "prod": "*", "product": "*", "Π": "*", "∏": "*"}

_LONGEST_FUNCTION: Final = 20

# The kinds of parts: some rules refuse parts of some kinds, or remark on them.
PLAIN, NUMBER, IMPLICIT, COMPARISON, OPTION = "", "number", "implicit product", "comparison", "option"
FACTORIAL, ABSOLUTE = "factorial", "absolute value"


class StackInstruction(NamedTuple):
    """One step of the stack machine.

    Attributes:
        code: ``"number"``, ``"name"``, ``"prefix"``, ``"binary"``, ``"postfix"``, ``"call"``, ``"array"``,
            ``"index"`` or ``"repeat"``.
        payload: the number, name or operator; for an index, which of start, stop and step each of its parts has; for
            a sum or a product over an index, a `Repetition`.
        operands: how many operands a call, an array or an index takes from the stack.
        start, end: the place in the source.
        options: the names of the options among the operands of a call; options are its last operands.
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

    def quoted(self, text: str) -> str:
        """Return the part of the whole text from which the instruction was made."""
        return text[self.start : self.end]

    def arguments_in(self, text: str) -> list[str]:
        """Return the texts of the arguments of a call; empty if there is no such call at the instruction's place.

        This is so for a command of LaTeX, and for a call in a definition that comes from another text.
        """
        if not text.startswith(self.payload, self.start):
            return []
        return split_arguments(text[text.index("(", self.start + len(self.payload)) + 1 : self.end - 1])

    def error(self, message: str, *, kind: str, hint: str | None = None) -> ExpressionError:
        """Return the error that refuses the instruction."""
        return ExpressionError(message, kind=kind, span=self.span, hint=hint)


class Repetition(NamedTuple):
    """A sum or a product over an index, whose bounds are operands.

    Attributes:
        symbol: ``"+"`` or ``"*"``.
        variable: the name of the index.
        term: the instructions of the term.
        bounds: the places of the bounds in the text.
        size: how many instructions the term has, including those of sums and products in the term.
        names: the names in these instructions, except the indices of sums and products in the term.
        renamed: a function of an index, its value and an instruction of the term.  It returns the instruction for this
            value: x_1 for x_k in LaTeX.  None if names have no indices.
        fixed: the indices of the sums around this one, each with its value.
    """

    symbol: str
    variable: str
    term: list[StackInstruction]
    bounds: tuple[Span, Span]
    size: int
    names: tuple[str, ...]
    renamed: Callable[[str, int, StackInstruction], StackInstruction] | None = None
    fixed: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, symbol: str, variable: str, term: list[StackInstruction], bounds: tuple[Span, Span]) -> Repetition:
        """Return a sum or a product."""
        names: dict[str, None] = {}
        size = len(term)
        for instruction in term:
            if instruction.code == "name":
                names[instruction.payload] = None
            elif instruction.code == "repeat":
                inner: Repetition = instruction.payload
                size += inner.size
                names.update(dict.fromkeys([name for name in inner.names if name != inner.variable]))
        return cls(symbol, variable, term, bounds, size, tuple(names))


def flattened(code: Iterable[StackInstruction]) -> Iterator[StackInstruction]:
    """Yield instructions, and behind each sum or product over an index the instructions of its term."""
    stack = [iter(code)]
    while stack:
        instruction = next(stack[-1], None)
        if instruction is None:
            stack.pop()
            continue
        yield instruction
        if instruction.code == "repeat":
            stack.append(iter(instruction.payload.term))


class Part(NamedTuple):
    """A part of the text, from ``start`` to ``end``.

    Attributes:
        start, end: its place in the text.
        first: the position of its first instruction.
        kind: `PLAIN`, `NUMBER`, `IMPLICIT` (a product such as 2x), `COMPARISON`, `OPTION` (``axis=0`` in a call),
            `FACTORIAL` or `ABSOLUTE`.
        name: the name of an option.
    """

    start: int
    end: int
    first: int
    kind: str = PLAIN
    name: str = ""


class Definition(NamedTuple):
    """The definition of a function, ``name(parameters) = body``; or of a name, if ``parameters`` is None."""

    name: str
    parameters: tuple[str, ...] | None
    body: list[StackInstruction]


class Script(NamedTuple):
    """A whole text: its definitions, and the instructions of its result.

    Attributes:
        definitions: its definitions.
        result: the instructions of its result.  If the text ends with a definition, these are the instructions of its
            left side.
        parameters: the names of the variables on the left side of this last definition, if it defines a function.
        notes: remarks on how the text was read.
    """

    definitions: list[Definition]
    result: list[StackInstruction]
    parameters: tuple[str, ...]
    notes: list[Note]


# These make an instruction and a part, in a third of the time that a call of their classes takes.
_instruction = partial(tuple.__new__, StackInstruction)
_part = partial(tuple.__new__, Part)


class InstructionWriter:
    """The writer of the instructions of a text, with a method for each rule of ``expression.lark``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._code: list[StackInstruction] = []
        self._definitions: list[Definition] = []
        self._results: list[Part] = []
        self._notes: list[Note] = []
        #: The first instruction of a product without a sign -> where its first factor ends.
        self._first_factors: dict[int, int] = {}
        self._last_head: list[StackInstruction] = []

    def _refuse(self, message: str, start: int, end: int, hint: str, *, kind: str = "syntax") -> ExpressionError:
        return ExpressionError(message, kind=kind, span=Span(start, end), hint=hint)

    def _quote(self, part: Part) -> str:
        return self._text[part.start : part.end]

    def _add(
        self, code: str, payload: Any, count: int, start: int, end: int, first: int,
        kind: str = PLAIN, options: tuple[str, ...] = (),
    ) -> Part:  # fmt: skip
        """Add an instruction, and return the part of the text that ends with this instruction."""
        self._code.append(_instruction((code, payload, count, start, end, options)))
        return _part((start, end, first, kind, ""))

    # Operands

    def number(self, token: Match) -> Part:
        start, end = token.span()
        return self._numeral(token.group(), start, end)

    def _numeral(self, text: str, start: int, end: int) -> Part:
        """Add the instruction for a number; a number beyond the range of doubles gets a note."""
        value = float(text)
        if value in (0.0, math.inf) and any(digit in "123456789" for digit in text.lower().partition("e")[0]):
            reason = "the smallest double is 4.94e-324" if value == 0.0 else "the largest double is 1.798e+308"
            self._notes.append(Note("number", f"`{text}` is read as {value!r}: {reason}", Span(start, end)))
        return self._add("number", value, 0, start, end, len(self._code), NUMBER)

    def fraction(self, token: Match) -> Part:
        """Add the instructions for ½, which is read as 1/2."""
        from unicodedata import normalize

        (start, end), first = token.span(), len(self._code)
        for number in normalize("NFKC", token.group()).split("⁄"):
            self._add("number", float(number), 0, start, end, first)
        return self._add("binary", "/", 2, start, end, first, NUMBER)

    def name(self, token: Match) -> Part:
        start, end = token.span()
        return self._add("name", intern(token.group()), 0, start, end, len(self._code))

    def group(self, opening: Match, inside: Part, closing: Match) -> Part:
        return Part(opening.start(), closing.end(), inside.first)

    def absolute(self, opening: Match, inside: Part, closing: Match) -> Part:
        start, end = opening.start(), closing.end()
        # Of many bars in a row, the innermost two are noted.
        is_double = inside.kind is ABSOLUTE and (inside.start, inside.end) == (start + 1, end - 1)
        if is_double and self._text[inside.start + 1] != "|":
            argument = self._text[inside.start + 1 : inside.end - 1]
            message = f"`{self._text[start:end]}` is read as `abs(abs({argument}))`"
            self._notes.append(Note("bars", message, Span(start, end), f"the norm is `norm({argument})`"))
        return self._add("call", "|", 1, start, end, inside.first, ABSOLUTE)

    def norm(self, opening: Match, inside: Part, closing: Match) -> Part:
        return self._add("call", "norm", 1, opening.start(), closing.end(), inside.first)

    def rounded(self, opening: Match, inside: Part, closing: Match) -> Part:
        return self._add("call", opening.group(), 1, opening.start(), closing.end(), inside.first)

    def root(self, sign: Match, operand: Part) -> Part:
        if sign.group() == "∜":
            self._add("number", 0.25, 0, sign.start(), sign.end(), operand.first)
            return self._add("binary", "^", 2, sign.start(), operand.end, operand.first)
        return self._add("call", sign.group(), 1, sign.start(), operand.end, operand.first)

    def root_of_number(self, sign: Match, number: Match) -> Part:
        return self.root(sign, self.number(number))

    # Arrays

    def array(self, opening: Match, elements: list[Part], closing: Match) -> Part:
        start, end = opening.start(), closing.end()
        if not elements:
            raise self._refuse("an array has at least one element", start, end, "for example `[1, 2]`", kind="array")
        for element in elements:
            if element.kind is OPTION:
                raise self._equals_sign(element)
        return self._add("array", None, len(elements), start, end, elements[0].first)

    def index(self, operand: Part, opening: Match, parts: list[tuple[bool, ...]], closing: Match) -> Part:
        start, end = operand.start, closing.end()
        if operand.kind is NUMBER:
            number, array = self._quote(operand), self._text[opening.start() : end]
            hint = f"to multiply, write `{number}*{array}`"
            raise self._refuse(f"the number `{number}` has no elements", start, end, hint, kind="array")
        return self._add("index", tuple(parts), 1 + sum(map(sum, parts)), start, end, operand.first)

    def position(self, _: Part) -> tuple[bool, ...]:
        return (True,)

    def slice(self, start: bool, _: Match, stop: bool, *rest: Any) -> tuple[bool, ...]:
        """Return whether start, stop and step are given."""
        return (start, stop, rest[1] if rest else False)

    def bound(self, _: Part) -> bool:
        return True

    def no_bound(self) -> bool:
        return False

    # Operators

    def prefix(self, sign: Match, operand: Part) -> Part:
        symbol = sign.group()
        symbol = SYMBOLS.get(symbol, symbol)
        if symbol == "+":
            return operand._replace(start=sign.start())
        return self._add("prefix", symbol, 1, sign.start(), operand.end, operand.first, operand.kind)

    def postfix(self, operand: Part, sign: Match) -> Part:
        start, end = operand.start, sign.end()
        if operand.kind is FACTORIAL:
            inside = self._text[start : operand.end - 1]
            n = inside if inside.isalnum() else f"({inside})"
            double = f"2^({n}/2)*gamma({inside}/2 + 1)*(2/pi)^((1 - cos(pi*{inside}))/4)"
            hint = f"write `({inside}!)!` for the factorial of the factorial, or `{double}` for the double factorial"
            raise self._refuse(f"`{self._text[start:end]}` can be read in two ways", start, end, hint, kind="ambiguous")
        return self._add("postfix", sign.group(), 1, start, end, operand.first, FACTORIAL)

    def superscript(self, operand: Part, sign: Match) -> Part:
        """Add the instructions for a power with a raised exponent: x², x⁻¹, e⁻ˣ, xⁿ⁻¹."""
        (start, end), first = sign.span(), operand.first
        terms = re.findall(r"([+-]?)([\da-z]+)", sign.group().translate(SUPERSCRIPTS))
        for place, (before, term) in enumerate(terms):
            for position, factor in enumerate(re.findall(r"\d+|[a-z]", term)):
                if factor.isdecimal():
                    self._add("number", float(factor), 0, start, end, first)
                else:
                    self._add("name", intern(factor), 0, start, end, first)
                if position:
                    self._add("binary", "*", 2, start, end, first)
            if place:
                self._add("binary", before, 2, start, end, first)
            elif before == "-":
                self._add("prefix", "-", 1, start, end, first)
        return self._add("binary", "^", 2, operand.start, end, first)

    def binary(self, left: Part, sign: Match, right: Part, kind: str = PLAIN) -> Part:
        symbol = sign.group()
        symbol = SYMBOLS.get(symbol, symbol)
        if right.kind is IMPLICIT and symbol in ("/", "%", "^"):
            raise self._two_readings(left, symbol, right)
        return self._add("binary", symbol, 2, left.start, right.end, left.first, kind)

    def _two_readings(self, left: Part, symbol: str, right: Part) -> ExpressionError:
        """Return the error for a sign that is followed by a product without a sign, such as 1/2x.

        The hint has the usual reading first.
        """
        # A number that begins the product is its first instruction.
        factor_end = self._first_factors.get(right.first, self._code[right.first].end)
        base, first = self._quote(left), self._text[right.start : factor_end]
        rest = self._text[factor_end : right.end].strip()
        together, apart = f"{base}{symbol}({first}*{rest})", f"{base}{symbol}{first}*{rest}"
        if symbol == "^":
            # 2^3x is 2^(3*x), but x^2y is x^2*y.
            is_apart = not (left.kind is NUMBER or base == "e")
            from gradcli.language.readings import function_before, likely_text

            if function_before(base) is not None:
                apart = likely_text(f"{base}^{first} {rest}")
        else:
            # 1/2x is 1/(2*x), but 1/2(a + b) and 1/2x^2 begin with the fraction.
            is_fraction = symbol == "/" and base.isdecimal() and first.isdecimal()
            is_apart = is_fraction and not rest.isidentifier()
        if is_apart and symbol == "/":
            from gradcli.language.readings import likely_text

            apart = f"{base}/{first}*{likely_text(rest)}"
        hint = "write `{}` or `{}`".format(*((apart, together) if is_apart else (together, apart)))
        from gradcli.language.dialects import rewritten

        meant = rewritten(self._text)
        if meant != self._text:
            hint = f"write `{meant}`"
        message = f"`{base}{symbol}{self._quote(right)}` can be read in two ways"
        return self._refuse(message, left.start, right.end, hint, kind="ambiguous")

    def comparison(self, left: Part, sign: Match, right: Part) -> Part:
        if left.kind is COMPARISON:
            hint = "join two of them: `a < b and b < c`"
            raise self._refuse("comparisons can't be chained", left.start, right.end, hint, kind="chained")
        return self.binary(left, sign, right, COMPARISON)

    def implicit_product(self, number: Part, factor: Part) -> Part:
        if number.end == factor.start:
            text, sign = self._text[number.start : number.end], self._text[number.end]
            if sign != "(" and (text == "0" or sign == "_" or not text.isdecimal()):
                self._refuse_glued(number, factor)
        return self._add("binary", "*", 2, number.start, factor.end, number.first, IMPLICIT)

    def _refuse_glued(self, number: Part, factor: Part) -> None:
        """Raise if a number directly followed by a name may have another meaning: 0x1F, 1__0, 1e3x, ½mv²."""
        text, name = self._quote(number), self._quote(factor)
        product = f"`{text}*{name}` for a product"
        other = re.compile(_OTHER_BASE).match(self._text, number.start)
        if other is not None:
            hint = f"write `{int(other.group(), 0)}` for the number in another base, or {product}"
        elif name[0] == "_":
            hint = f"write {product}; inside a number, a single `_` may stand between digits: `1_000`"
        elif "e" in text.lower():
            hint = f"write {product}"
        elif not text.isascii():
            from gradcli.language.readings import leading_name, likely_text, meaning_of_name

            if meaning_of_name(leading_name(name)) is None:
                return
            hint = f"write `{likely_text(text + name)}`"
        else:
            return
        message = f"`{text}{name}` can be read in two ways"
        raise self._refuse(message, number.start, factor.end, hint, kind="ambiguous")

    def juxtaposition(self, left: Part, sign: Match, right: Part) -> Part:
        before = self._text[max(0, sign.start() - _LONGEST_FUNCTION) : sign.start()].rstrip()
        if before[-1].isalpha():
            from gradcli.language.readings import function_before

            called = function_before(before)
            if called is not None:
                start, argument = sign.start() - len(called), self._quote(right)
                message = f"a function needs parentheses around its argument: `{called}{argument}`"
                hint = f"write `{called}({argument})`, or `{called}*{argument}` if `{called}` is a variable"
                raise self._refuse(message, start, right.end, hint, kind="missing_operator")
        if left.kind is not IMPLICIT:
            self._first_factors[left.first] = left.end
        return self._add("binary", "*", 2, left.start, right.end, left.first, IMPLICIT)

    # Calls and lists

    def first_of_list(self, element: Any) -> list[Any]:
        return [element]

    def next_of_list(self, elements: list[Any], _: Match, element: Any) -> list[Any]:
        elements.append(element)
        return elements

    def no_arguments(self) -> list[Part]:
        return []

    def option(self, left: Part, _: Match, right: Part) -> Part:
        name = self._code[left.first]
        if right.first != left.first + 1 or name.code != "name" or left.end - left.start != name.end - name.start:
            raise self._equals_sign(left)
        del self._code[left.first]  # the name of an option isn't a variable
        return Part(left.start, right.end, left.first, OPTION, name.payload)

    def call(self, name: Match, _: Match, arguments: list[Part], closing: Match) -> Part:
        first = arguments[0].first if arguments else len(self._code)
        options = [argument for argument in arguments if argument.kind is OPTION]
        if options != arguments[len(arguments) - len(options) :]:
            raise self._equals_sign(options[0])
        names = tuple([option.name for option in options])
        word, count = intern(name.group()), len(arguments)
        if (count in (3, 4) and not options) or word in "∑∏":
            repetition = self._repetition(word, arguments, name.start(), closing.end())
            if repetition is not None:
                return repetition
        return self._add("call", word, count, name.start(), closing.end(), first, PLAIN, names)

    def _repetition(self, word: str, arguments: list[Part], start: int, end: int) -> Part | None:
        """Add a sum or a product over an index, ``sum(k^2, k, 1, 10)``; return None for all other calls.

        Raises:
            ExpressionError: the call is a sum or a product over an index as another language writes it.
        """
        symbol = REPETITIONS.get(word.lower() if word.isascii() else word)
        if symbol is None or any(one.name == word for one in self._definitions):
            return None
        ends = [*[one.first for one in arguments[1:]], len(self._code)]
        code = [self._code[one.first : end] for one, end in zip(arguments, ends, strict=True)]
        texts = [self._quote(one) for one in arguments]
        names = {place for place, one in enumerate(code) if len(one) == 1 and one[0].code == "name"}
        if len(arguments) != 4 or 1 not in names:
            if len(arguments) == 4 and 0 in names and any(one.payload == code[0][0].payload for one in code[3]):
                texts = [texts[3], *texts[:3]]  # sum(k, 1, 10, k^2)
            elif len(arguments) == 3 and 1 in names and not any(one.name == texts[1] for one in self._definitions):
                texts.insert(2, "1")
            elif word in "∑∏":
                texts = ["k^2", "k", "1", "10"]
            else:
                return None
            message = f"a {'sum' if symbol == '+' else 'product'} over an index has a term, the index and two bounds"
            raise self._refuse(message, start, end, f"write `{word}({', '.join(texts)})`", kind="bounds")
        index = code[1][0].payload
        places = (Span(arguments[2].start, arguments[2].end), Span(arguments[3].start, arguments[3].end))
        repetition = Repetition.of(symbol, index, code[0], places)
        # sum(t, u, v, w) = ... defines a function.
        if index not in repetition.names and len(names) < 4:
            message = f"the index `{index}` is not in the term `{texts[0]}`"
            hint = f"the elements of an array are `{texts[0].partition('_')[0]}[{index}]`, counted from 0"
            has_subscript = re.fullmatch(rf"[^\W_]+_{index}", texts[0]) is not None
            span = Span(arguments[0].start, arguments[0].end)
            self._notes.append(Note("index", message, span, hint if has_subscript else None))
        first, bounds = arguments[0].first, self._code[arguments[2].first :]
        del self._code[first:]
        self._code += bounds
        return self._add("repeat", repetition, 2, start, end, first)

    def _equals_sign(self, part: Part) -> ExpressionError:
        from gradcli.language.dialects import rewritten

        meant = rewritten(self._text)
        hint = "to compare, write `==`; options are last: `sum(A, axis=0)`"
        hint = hint if meant == self._text else f"write `{meant}`"
        return self._refuse("a `=` isn't allowed here", part.start, part.end, hint)

    # Statements

    def definition(self, left: Part, _: Match, right: Part) -> None:
        if self._results:
            hint = "put the result last, after a `;`"
            raise self._refuse("definitions come before the result", left.start, right.end, hint)
        head, body = self._head(self._code[left.first : right.first]), self._code[right.first :]
        del self._code[left.first :]
        *parameters, last = head
        is_name = last.code == "name" and not parameters
        names = tuple(one.payload for one in parameters if one.code == "name")
        has_names = last.operands == len(parameters) == len(set(names))
        is_function = last.code == "call" and not last.options and has_names and last.payload.isidentifier()
        if not (is_name or is_function):
            hint = "define a name, `r = x + y`, or a function, `f(t) = t^2`; to compare, write `==`"
            raise self._refuse(f"`{self._quote(left)}` can't be defined", left.start, left.end, hint)
        self._definitions.append(Definition(last.payload, None if is_name else names, body))
        self._last_head = head

    def _head(self, code: list[StackInstruction]) -> list[StackInstruction]:
        """Return the left side of a definition; in it, ``sum(t, u, v, w)`` is a call and no sum over an index."""
        *bounds, last = code
        if last.code != "repeat":
            return code
        repetition: Repetition = last.payload
        word = self._text[last.start : last.end].partition("(")[0].strip()
        index = last._replace(code="name", payload=repetition.variable)
        call = last._replace(code="call", payload=intern(word), operands=len(repetition.term) + 1 + len(bounds))
        return [*repetition.term, index, *bounds, call]

    def result(self, part: Part) -> None:
        if self._results:
            hint = "an expression has one result, its last statement; the others are definitions: `r = x + y; 2*r`"
            raise self._refuse("there are two results", part.start, part.end, hint)
        self._results.append(part)

    def start(self, *_: Any) -> Script:
        if self._results:
            return Script(self._definitions, self._code, (), self._notes)
        # y = x^2 alone means x^2, and f(x) = x^2 alone means f(x).
        return Script(self._definitions, self._last_head, self._definitions[-1].parameters or (), self._notes)


def script_of(text: str) -> Script:
    """Return the instructions that a text stands for.

    Raises:
        Unexpected: the grammar doesn't allow the text.
        ExpressionError: the text can be read in two ways.

    >>> [instruction.code for instruction in script_of("2*x").result]
    ['number', 'name', 'binary']
    """
    script: Script = parser_of("expression").parse(text, InstructionWriter(text))
    return script
