"""Formulas as text in the expression language, which can be parsed to the same graph."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from gradcli.graph import Node, Slice, is_number, readable, toposort
from gradcli.primitives import REGISTRY, ArrayFunction
from gradcli.printing.printer import ATOM, LOOSEST, Piece, Printer

__all__ = ["TextPrinter", "index_text", "number_text", "operation_text", "option_texts", "text_length", "to_text"]

_PREFIX_LEVEL = 7
_POSTFIX_LEVEL = 9


def number_text(value: float) -> str:
    """Return the shortest text that is read as this number: ``2``, ``0.1``, ``1e+300``, ``inf``.

    >>> number_text(2.0), number_text(-0.5), number_text(-0.0)
    ('2', '-0.5', '-0')
    """
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


def _constant_text(value: Any) -> str:
    """Return the text of an option of a function of arrays: a number, or several in brackets."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_constant_text, value))}]"
    return number_text(value)


def index_text(key: Sequence[int | Slice]) -> str:
    """Return the text between the brackets of an index.

    >>> index_text((0, Slice(1, None, None), Slice(None, None, -1)))
    '0, 1:, ::-1'
    """
    texts = []
    for part in key:
        bounds = (part,) if isinstance(part, int) else part if part.step is not None else part[:2]
        texts.append(":".join("" if bound is None else str(bound) for bound in bounds))
    return ", ".join(texts)


def option_texts(node: Node) -> list[str]:
    """Return the texts of the options of an operation on arrays: ``0``, or ``axis=0`` after an omitted option."""
    primitive = node.primitive
    assert isinstance(primitive, ArrayFunction)
    texts = []
    for position, (name, value) in enumerate(node.options):
        # max(A, 0) would mean the larger of two numbers, and norm(3, 4) is refused: it might mean the norm of both.
        may_be_in_place = not (primitive.variadic or primitive.name in REGISTRY or is_number(node.operands[0]))
        in_place = may_be_in_place and list(primitive.options)[position] == name
        texts.append(_constant_text(value) if in_place else f"{name}={_constant_text(value)}")
    return texts


def separated(operands: Iterable[Node], separator: str) -> list[Piece]:
    """Return the pieces of a list, whose elements need no parentheses."""
    parts: list[Piece] = []
    for operand in operands:
        parts += [separator, (operand, LOOSEST)]
    return parts[1:]


def call_pieces(node: Node, opening: str, closing: str) -> list[Piece]:
    """Return the pieces of a call: the operands and options of a node between two brackets."""
    options = [f", {text}" for text in (option_texts(node) if node.options else ())]
    return [opening, *separated(node.operands, ", "), *options, closing]


class TextPrinter(Printer):
    """The printer of formulas in the expression language.

    Args:
        tight: the operators that have no blanks around them.
    """

    def __init__(self, tight: str = "*/^") -> None:
        self.tight = tight

    def pieces(self, node: Node) -> tuple[int, Sequence[Piece]]:
        if node.name is not None:
            return ATOM, [node.name]
        if node.constant is not None:
            negative = math.copysign(1.0, node.constant) < 0.0
            return (_PREFIX_LEVEL if negative else ATOM), [number_text(node.constant)]
        primitive, operands = node.primitive, node.operands
        assert primitive is not None
        if isinstance(primitive, ArrayFunction):
            if primitive.name == "stack" and not node.options:
                return ATOM, call_pieces(node, "[", "]")
            if primitive.name == "index":
                # The parser refuses 2[0], because it might be meant as a product.
                is_number = operands[0].constant is not None and operands[0].name is None
                lowest = ATOM + 1 if is_number else _POSTFIX_LEVEL
                return _POSTFIX_LEVEL, [(operands[0], lowest), f"[{index_text(dict(node.options)['key'])}]"]
        if primitive.infix is None:
            return ATOM, call_pieces(node, f"{primitive.name}(", ")")
        symbol, level, side = primitive.infix
        if side == "prefix":
            return level, [f"{symbol} " if symbol.isalpha() else symbol, (operands[0], level)]
        if side == "postfix":
            # The parser refuses 3!!, because it might be meant as the double factorial.
            return level, [(operands[0], level + 1), symbol]
        left, right = operands
        text = symbol if symbol in self.tight else f" {symbol} "
        lowest_left = level if side == "left" else level + 1
        # An exponent may begin with a minus sign: 2^-1.
        lowest_right = _PREFIX_LEVEL if side == "right" else level + 1
        return level, [(left, lowest_left), text, (right, lowest_right)]


_PRINTER, _SPACED = TextPrinter(), TextPrinter(tight="^")


def to_text(root: Node, definitions: Mapping[str, Node] = MappingProxyType({})) -> str:
    """Return a formula as text that parses to the same graph.

    Args:
        root: the formula.
        definitions: names for parts of the formula.  Names that make the text shorter are defined before the formula.

    >>> from gradcli.evaluate.expression import parse
    >>> to_text(parse("x1*x2+sin(x1)").root)
    'x1*x2 + sin(x1)'
    >>> parsed = parse("r = sqrt(x^2 + y^2); exp(-r)/r")
    >>> to_text(parsed.root, parsed.definitions)
    'r = sqrt(x^2 + y^2); exp(-r)/r'
    """
    formula = readable(root)
    text = _PRINTER.write_all(formula)
    return min(text, _with_definitions(formula, definitions), key=len) if definitions else text


def _with_definitions(formula: Node, definitions: Mapping[str, Node]) -> str:
    """Return the text of a formula after definitions of the parts that occur in it more than once."""
    order = toposort([formula])
    variables = {node.name for node in order}
    parts = {*order} - {formula}
    names = {
        node: name
        for name, node in sorted(definitions.items(), key=lambda pair: pair[1].index)
        if node in parts and node.primitive is not None and name not in variables
    }
    while True:
        texts = [f"{name} = {_PRINTER.write(node, names=names)}" for node, name in names.items()]
        text = "; ".join([*texts, _PRINTER.write(formula, names=names)])
        # Each name occurs once where it is defined.
        rare = [node for node, name in names.items() if len(re.findall(rf"\b{name}\b", text)) < 3]
        if not rare:
            return text
        for node in rare:
            del names[node]


def text_length(root: Node, definitions: Mapping[str, Node] = MappingProxyType({})) -> int:
    """Return the number of characters of the text of a formula; the arguments are those of `to_text`."""
    return len(to_text(root, definitions))


def operation_text(node: Node, names: dict[Node, str]) -> str:
    """Return the text of one operation on named operands, such as ``w1 * w2`` or ``sin(w1)``.

    Args:
        node: the operation.
        names: the names of its operands.
    """
    return _SPACED.write(node, names=names)
