"""Formulas as MathML Core, which browsers show without any script."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from html.entities import name2codepoint
from typing import Final

from gradcli.graph import Node, readable, toposort
from gradcli.graph.derivation import DIFF
from gradcli.primitives import ArrayFunction
from gradcli.printing.printer import ATOM, LOOSEST, Piece, Printer, filled
from gradcli.printing.text import number_text, separated, to_text

__all__ = ["MathmlPrinter", "to_mathml"]

_MODULO, _PRODUCT, _PREFIX, _POWER = 4, 6, 7, 8
_GREEK: Final = range(0x370, 0x400)
_NAME: Final = re.compile(r"([^\W\d_]+)_?(\w+)")
#: The signs of operators that are not written as in the expression language.
_SIGNS: Final = {"-": "−", "<=": "≤", ">=": "≥", "!=": "≠", "==": "=", "%": "mod", "and": "∧", "or": "∨", "not": "¬"}
#: The names of functions that are not written as in the expression language.
_NAMES: Final = {
    **{name: f"<mi>arc{name[1:]}</mi>" for name in ("asin", "acos", "atan")},
    **{name: f"<mi>ar{name[1:]}</mi>" for name in ("asinh", "acosh", "atanh")},
    **{f"log{base}": f"<msub><mi>log</mi><mn>{base}</mn></msub>" for base in (2, 10)},
}
#: The functions with a notation of their own: a template as for `filled`, and its level of precedence.
_NOTATIONS: Final = {
    "div": ("<mfrac><mrow>{x}</mrow><mrow>{y}</mrow></mfrac>", _POWER),
    "pow": ("<msup><mrow>{x:10}</mrow><mrow>{y}</mrow></msup>", _POWER),
    "square": ("<msup><mrow>{x:10}</mrow><mn>2</mn></msup>", _POWER),
    "exp": ("<msup><mi>e</mi><mrow>{x}</mrow></msup>", _POWER),
    "sqrt": ("<msqrt><mrow>{x}</mrow></msqrt>", ATOM),
    "cbrt": ("<mroot><mrow>{x}</mrow><mn>3</mn></mroot>", ATOM),
    "abs": ("<mrow><mo>|</mo>{x}<mo>|</mo></mrow>", ATOM),
    "floor": ("<mrow><mo>⌊</mo>{x}<mo>⌋</mo></mrow>", ATOM),
    "ceil": ("<mrow><mo>⌈</mo>{x}<mo>⌉</mo></mrow>", ATOM),
    "where": (
        "<mrow><mo>{{</mo><mtable><mtr><mtd>{x}</mtd><mtd>{c}</mtd></mtr>"
        "<mtr><mtd>{y}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>",
        ATOM,
    ),
}
#: Between factors: a small gap, or a dot before a digit.
_TIMES, _DOT = '<mo lspace="0" rspace="0.17em">&#x2062;</mo>', "<mo>·</mo>"
_APPLIED = "<mo>&#x2061;</mo>"


class MathmlPrinter(Printer):
    """The notation of MathML."""

    opening = '<mrow><mo stretchy="false">(</mo>'
    closing = '<mo stretchy="false">)</mo></mrow>'
    definition = "{name}<mo>=</mo>{text}<mo>;</mo>"

    #: The nodes that are higher than a line, whose parentheses are high, too.
    tall: frozenset[Node] = frozenset()

    def brackets(self, operands: Sequence[Node]) -> tuple[str, str]:
        if self.tall.isdisjoint(operands):
            return self.opening, self.closing
        return "<mrow><mo>(</mo>", "<mo>)</mo></mrow>"

    def name_text(self, name: str) -> str:
        match = _NAME.fullmatch(name)
        letters, index = match.groups() if match is not None and match[2].isdigit() else (name, "")
        code = name2codepoint.get(letters, 0)
        text = f"<mi>{chr(code) if code in _GREEK else escape(letters)}</mi>"
        return f"<msub>{text}<mn>{index}</mn></msub>" if index else text

    def pieces(self, node: Node) -> tuple[int, Sequence[Piece]]:
        if node.name is not None:
            is_infinite = node.name == "inf" and node.constant is not None
            text = f"<mn>{node.name}</mn>" if node.name.isdigit() else self.name_text(node.name)
            return ATOM, ["<mi>∞</mi>" if is_infinite else text]
        if node.constant is not None:
            return _number(node.constant)
        primitive, operands = node.primitive, node.operands
        assert primitive is not None
        if primitive is DIFF:
            formula, variable = operands
            fraction = f"<mfrac><mi>d</mi><mrow><mi>d</mi>{self.name_text(variable.name or '')}</mrow></mfrac>"
            opening, closing = self.brackets((formula,))
            return ATOM, [fraction, opening.replace("(", "["), (formula, LOOSEST), closing.replace(")", "]")]
        if isinstance(primitive, ArrayFunction):
            return ATOM, [f"<mtext>{escape(to_text(node))}</mtext>"]
        if primitive.name in _NOTATIONS:
            template, level = _NOTATIONS[primitive.name]
            return level, filled(template, dict(zip(primitive.operands, operands, strict=True)), {})
        if primitive.infix is None:
            name = _NAMES.get(primitive.name) or f"<mi>{primitive.name}</mi>"
            opening, closing = self.brackets(operands)
            arguments = [opening, *separated(operands, "<mo>,</mo>"), closing]
            return ATOM, ["<mrow>", name, _APPLIED, *arguments, "</mrow>"]
        symbol, level, side = primitive.infix
        sign = f"<mo>{escape(_SIGNS.get(symbol, symbol))}</mo>"
        if side == "prefix":
            return level, [sign, (operands[0], level)]
        if side == "postfix":
            return level, [(operands[0], level + 1), sign]
        left, right = operands
        level = _MODULO if symbol == "%" else level  # a mod b + c is a mod (b + c)
        if symbol == "*":
            sign = _DOT if _begins_with_digit(right) else _TIMES
        return level, [
            (left, level if side == "left" else level + 1),
            sign,
            (right, ATOM if _begins_with_sign(right) else level + 1),
        ]


def _number(value: float) -> tuple[int, list[Piece]]:
    """Return the level and the pieces of a number; a large or small one has a power of ten."""
    digits, _, exponent = number_text(abs(value)).partition("e")
    digits = digits.replace("inf", "∞")
    pieces: list[Piece] = [f"<mn>{digits}</mn>"]
    if exponent:
        power = f"<msup><mn>10</mn><mn>{str(int(exponent)).replace('-', '−')}</mn></msup>"
        pieces = [power] if digits == "1" else [*pieces, _DOT, power]
    if number_text(value).startswith("-"):
        return _PREFIX, ["<mo>−</mo>", *pieces]
    return (_PRODUCT if exponent else ATOM), pieces


def _begins_with_sign(node: Node) -> bool:
    if node.constant is not None and node.name is None:
        return number_text(node.constant).startswith("-")
    infix = None if node.primitive is None else node.primitive.infix
    return infix is not None and infix.side == "prefix"


def _begins_with_digit(node: Node) -> bool:
    """Whether a factor, written down, begins with a digit or a fraction."""
    while node.primitive is not None and node.primitive.name in ("pow", "square", "mul", "factorial"):
        node = node.operands[0]
    return node.constant is not None and (node.name is None or node.name.isdigit())


def to_mathml(root: Node, printer: MathmlPrinter | None = None, names: Mapping[Node, str] | None = None) -> str:
    """Return a formula as MathML, to be put into a ``math`` element; operations on arrays are text in it.

    Args:
        root: the formula.
        printer: a printer with a notation of its own.
        names: the names of the nodes that are written as a name.

    >>> from gradcli.evaluate.expression import parse
    >>> to_mathml(parse("x1 + 2^x").root)
    '<msub><mi>x</mi><mn>1</mn></msub><mo>+</mo><msup><mrow><mn>2</mn></mrow><mrow><mi>x</mi></mrow></msup>'
    """
    formula, printer = readable(root), printer or MathmlPrinter()
    tall: set[Node] = set()
    for node in toposort([formula]):
        name = None if node.primitive is None else node.primitive.name
        if name in ("div", "where", "diff") or not tall.isdisjoint(node.operands):
            tall.add(node)
    printer.tall = frozenset(tall)
    return printer.write(formula, names=names) if names else printer.write_all(formula)
