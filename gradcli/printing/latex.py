"""Formulas as LaTeX, made from the templates of the registry."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache

from gradcli.graph import Node, readable
from gradcli.primitives import ArrayFunction
from gradcli.printing.printer import ATOM, LOOSEST, Piece, Printer, filled
from gradcli.printing.text import call_pieces, index_text, number_text, separated

__all__ = ["to_latex"]

_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega"
    "|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
_PART = re.compile(r"\{\{|\}\}|\{(?P<field>\w+)\}|\\[A-Za-z]+|[\s\S]")
_OPENING = frozenset({"{{", "\\left", "\\lfloor", "\\lceil", "\\begin"})
_CLOSING = frozenset({"}}", "\\right", "\\rfloor", "\\rceil", "\\end"})
_SUM, _PRODUCT, _POWER = 5, 6, 8
_NAME = re.compile(r"([^\W\d_]+)_?(\w*)", re.UNICODE)
#: The functions whose names are commands of LaTeX.
_COMMANDS = frozenset({"sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "coth", "log"})
_CONSTANTS = {"inf": r"\infty", "nan": r"\mathrm{NaN}", "phi": r"\varphi"}


def _letters(word: str) -> str:
    if _GREEK.fullmatch(word):
        return f"\\{word}"
    return word if len(word) == 1 else rf"\mathrm{{{word}}}"


@cache
def _template_levels(template: str) -> tuple[int, dict[str, int]]:
    """Return the level of precedence of a template's text, and the lowest level that each operand needs.

    An operand between brackets may have any level, unless a power or a product follows it.
    """
    parts = [(match["field"], match.group()) for match in _PART.finditer(template)]
    depth, outside = 0, ""
    levels: dict[str, int] = {}
    for i, (field, text) in enumerate(parts):
        depth += (text in _OPENING) - (text in _CLOSING)
        if not depth and text not in _CLOSING:
            outside += text
        if field is not None:
            behind = "".join(part for _, part in parts[i + 1 : i + 4])
            if behind.startswith("^"):
                level = ATOM
            elif behind.startswith(" \\l"):  # a factor in front of a logarithm
                level = _PRODUCT
            else:
                level = LOOSEST
            levels[field] = max(levels.get(field, LOOSEST), level)
    if " + " in outside or " - " in outside:
        return _SUM, levels
    if re.match(r"\{\w+\} ", outside):
        return _PRODUCT, levels
    return (_POWER if "^" in outside and outside.endswith("^") else ATOM), levels


def _begins_with_digit(node: Node) -> bool:
    """Whether the text of a factor begins with a digit; then a space before it would not be read as a product."""
    for _ in range(8):
        infix = node.primitive.infix if node.primitive is not None else None
        if infix is None or infix.symbol not in "^!":
            break
        node = node.operands[0]
    return node.constant is not None and node.name is None


class LatexPrinter(Printer):
    """The notation of LaTeX."""

    opening = r"\left("
    closing = r"\right)"
    definition = r"{name} = {text};\quad "

    def name_text(self, name: str) -> str:
        match = _NAME.fullmatch(name)
        if match is None:
            return rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"
        stem, index = match.groups()
        subscript = index.replace("_", r"\_")
        return f"{_letters(stem)}_{{{subscript}}}" if index else _letters(stem)

    def pieces(self, node: Node) -> tuple[int, Sequence[Piece]]:
        if node.name is not None:
            known = _CONSTANTS.get(node.name) if node.constant is not None else None
            # A number that no float holds has its digits as a name.
            return ATOM, [node.name if node.name.isdigit() else known or self.name_text(node.name)]
        if node.constant is not None:
            text = number_text(node.constant)
            if "e" in text:
                mantissa, _, exponent = text.partition("e")
                text = rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
                return _PRODUCT, [re.sub(r"^(-?)1 \\cdot ", r"\1", text)]
            text = text.replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")
            return (7 if math.copysign(1.0, node.constant) < 0.0 else ATOM), [text]
        primitive, operands = node.primitive, node.operands
        assert primitive is not None
        if isinstance(primitive, ArrayFunction):
            return self._array(node, primitive.name)
        infix = primitive.infix
        template = primitive.latex
        if template is None or len(operands) > primitive.arity:
            return ATOM, self._call(node, primitive.name)
        level, levels = _template_levels(template)
        if infix is not None:
            level, levels = infix.level, {}
            if infix.symbol == "*" and _begins_with_digit(operands[1]):
                template = template.replace(r"\,", r"\cdot")
            if infix.symbol != "/":
                levels[primitive.operands[0]] = level + 1 if infix.side in ("right", "none") else level
            if infix.symbol not in "/^" and len(operands) == 2:
                # In mathematics, a sign after an operator needs parentheses.
                behind = operands[1].primitive
                is_signed = behind is not None and behind.infix is not None and behind.infix.side == "prefix"
                levels[primitive.operands[1]] = ATOM if is_signed else level + 1
            # In mathematics, mod binds less than a sum: a mod b + c is a mod (b + c).
            level = {"/": 8, "%": 4}.get(infix.symbol, level)
        return level, filled(template, dict(zip(primitive.operands, operands, strict=False)), levels)

    def _call(self, node: Node, name: str) -> list[Piece]:
        escaped = name.replace("_", r"\_")
        head = f"\\{name}" if name in _COMMANDS else rf"\operatorname{{{escaped}}}"
        return call_pieces(node, rf"{head}\left(", r"\right)")

    def _array(self, node: Node, name: str) -> tuple[int, Sequence[Piece]]:
        """Return the level of precedence and the pieces of an operation on arrays; a vector is written as a column."""
        operands = node.operands
        if name == "matmul":
            return _PRODUCT, [(operands[0], _PRODUCT), r" \, ", (operands[1], _PRODUCT + 1)]
        if name == "transpose" and not node.options:
            return _POWER, [(operands[0], ATOM), r"^{\top}"]
        if name == "index":
            return ATOM, [(operands[0], ATOM), f"_{{{index_text(dict(node.options)['key'])}}}"]
        if name == "stack" and not node.options:
            rows = [row.operands if _is_literal(row) else (row,) for row in operands]
            if any(_is_literal(cell) for row in rows for cell in row):  # more than two axes don't fit into a matrix
                return ATOM, call_pieces(node, r"\left[", r"\right]")
            lines = [piece for row in rows for piece in (r" \\ ", *separated(row, " & "))]
            return ATOM, [r"\begin{bmatrix} ", *lines[1:], r" \end{bmatrix}"]
        return ATOM, self._call(node, name)


def _is_literal(node: Node) -> bool:
    return isinstance(node.primitive, ArrayFunction) and node.primitive.name == "stack" and not node.options


def to_latex(root: Node) -> str:
    r"""Return a formula as LaTeX for math mode.

    >>> from gradcli.evaluate.expression import parse
    >>> to_latex(parse("x1*x2+sin(x1)/2").root)
    'x_{1} \\, x_{2} + \\frac{\\sin\\left(x_{1}\\right)}{2}'
    """
    return LatexPrinter().write_all(readable(root))
