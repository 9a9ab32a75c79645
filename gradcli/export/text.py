"""Formulas as text in the expression language itself: what is printed can be parsed to the same graph."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradcli.export.printer import ATOM, LOOSEST, Piece, Printer, readable
from gradcli.graph import Node

__all__ = ["number_text", "operation_text", "to_text"]

_TIGHT = frozenset("*/^")
_PREFIX_LEVEL = 7


def number_text(value: float) -> str:
    """The shortest text that reads back as this number: ``2``, ``0.1``, ``1e+300``, ``inf``.

    >>> number_text(2.0), number_text(-0.5), number_text(-0.0)
    ('2', '-0.5', '-0')
    """
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


class TextPrinter(Printer):
    """The notation of the expression language."""

    def pieces(self, node: Node) -> tuple[int, Sequence[Piece]]:
        if node.name is not None:
            return ATOM, [node.name]
        if node.constant is not None:
            negative = math.copysign(1.0, node.constant) < 0.0
            return (_PREFIX_LEVEL if negative else ATOM), [number_text(node.constant)]
        primitive, operands = node.primitive, node.operands
        assert primitive is not None
        if primitive.infix is None:
            parts: list[Piece] = [f"{primitive.name}("]
            for i, operand in enumerate(operands):
                if i:
                    parts.append(", ")
                parts.append((operand, LOOSEST))
            return ATOM, [*parts, ")"]
        symbol, level, side = primitive.infix
        if side == "prefix":
            return level, [f"{symbol} " if symbol.isalpha() else symbol, (operands[0], level)]
        if side == "postfix":
            return level, [(operands[0], level), symbol]
        left, right = operands
        text = symbol if symbol in _TIGHT else f" {symbol} "
        lowest_left = level if side == "left" else level + 1
        # An exponent may begin with a minus: 2^-1.
        lowest_right = _PREFIX_LEVEL if side == "right" else level + 1
        return level, [(left, lowest_left), text, (right, lowest_right)]


_PRINTER = TextPrinter()


def to_text(root: Node) -> str:
    """A formula as text that parses to the same graph.

    >>> from gradcli.language import parse
    >>> to_text(parse("x1*x2+sin(x1)").root)
    'x1*x2 + sin(x1)'
    """
    return _PRINTER.write_all(readable(root))


def operation_text(node: Node, names: dict[Node, str]) -> str:
    """One operation on named operands, such as ``w1 * w2`` or ``sin(w1)``.

    Args:
        node: the operation.
        names: what its operands are called.
    """
    text = _PRINTER.write(node, names=names)
    primitive = node.primitive
    if primitive is not None and primitive.infix is not None and primitive.infix.symbol in _TIGHT:
        symbol = primitive.infix.symbol
        if symbol in "*/" and len(node.operands) == 2:
            left, right = (names.get(o) or _PRINTER.write(o) for o in node.operands)
            return f"{left} {symbol} {right}"
    return text
