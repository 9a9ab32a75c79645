"""Formulas as LaTeX, made from the templates of the registry."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from gradcli.graph import Node, readable, toposort
from gradcli.primitives import ArrayFunction, Primitive
from gradcli.printing.printer import ATOM, LOOSEST, Piece, Printer, filled
from gradcli.printing.text import call_pieces, index_text, number_text, separated
from gradcli.printing.typesetting import typeset

__all__ = ["LatexPrinter", "to_latex"]

_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega"
    "|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
_PART = re.compile(r"\{\{|\}\}|\{(?P<field>\w+)\}|\\[A-Za-z]+|[\s\S]")
_OPENING = frozenset({"{{", "\\left", "\\lfloor", "\\lceil", "\\begin"})
_CLOSING = frozenset({"}}", "\\right", "\\rfloor", "\\rceil", "\\end"})
_SUM, _PRODUCT, _POWER = 5, 6, 8
#: An operand that is a superscript as a whole.
_SUPERSCRIPT = re.compile(r"\^\{\{\{(\w+)\}\}\}")
_NAME = re.compile(r"([^\W\d_]+)(_?)(\w*)")
#: The functions whose names are commands of LaTeX.
_COMMANDS = frozenset({"sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "coth", "exp", "log"})
_CONSTANTS = {"inf": r"\infty", "nan": r"\mathrm{NaN}", "phi": r"\varphi"}


def _letters(word: str) -> str:
    if _GREEK.fullmatch(word):
        return f"\\{word}"
    return word if len(word) == 1 else rf"\mathrm{{{word}}}"


def _bold(word: str) -> str:
    return (
        rf"\mathbf{{{word}}}" if word.isascii() and not _GREEK.fullmatch(word) else rf"\boldsymbol{{{_letters(word)}}}"
    )


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
    # A power of a root needs parentheses, so that its exponent isn't taken for one below the root.
    is_power = ("^" in outside and outside.endswith("^")) or outside.startswith(r"\sqrt")
    return (_POWER if is_power else ATOM), levels


def _inline(piece: Piece, raised: Collection[Node]) -> list[Piece]:
    """Return a piece as it is, but write a quotient in a superscript with a slash."""
    if isinstance(piece, str) or piece[0] not in raised or _name_of(piece[0]) != "div":
        return [piece]
    above, below = piece[0].operands
    return [(above, _PRODUCT), "/", (below, _POWER)]


def _begins_with_digit(node: Node) -> bool:
    """Whether the text of a factor begins with a digit; then the factor needs a sign before it, not only a space."""
    for _ in range(8):
        primitive = node.primitive
        if isinstance(primitive, Primitive) and (primitive.latex or "").lstrip("{")[:1].isdigit():
            return True  # 2^x as one function
        infix = primitive.infix if primitive is not None else None
        if infix is None or infix.symbol not in "^!":
            break
        node = node.operands[0]
    return node.constant is not None and node.name is None


class LatexPrinter(Printer):
    """The printer of formulas in LaTeX."""

    opening = r"\left("
    closing = r"\right)"
    definition = r"{name} = {text};\quad "

    #: The variables of the formula: a function whose notation has such a letter is written by its name.
    variables: frozenset[str] = frozenset()
    #: The nodes that are plainly arrays: next to each other they would be multiplied as matrices.
    arrays: frozenset[Node] = frozenset()
    #: The variables among them, which are bold.
    bold: frozenset[str] = frozenset()

    def name_text(self, name: str) -> str:
        letters = _bold if name in self.bold else _letters
        match = _NAME.fullmatch(name)
        if match is None or not _has_letters(name):
            return rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"
        stem, underscore, index = match.groups()
        if not index:
            return letters(stem)
        # x1 and x_1 look alike: an empty group is before the less usual one of both.
        is_usual = bool(underscore) != (len(stem) == 1 and index[0].isdigit())
        subscript = index.replace("_", r"\_")
        if index.isalpha() and len(index) > 1 and not _GREEK.fullmatch(index):
            subscript = rf"\mathrm{{{index}}}"
        return f"{letters(stem)}{'' if is_usual else '{}'}_{{{subscript}}}"

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
        is_mistakable = primitive.latex_formula is not None and any(one.constant in (2.0, math.e) for one in operands)
        if is_mistakable or self.variables.intersection(_letters_in(template)):
            return ATOM, self._call(node, primitive.name)
        if primitive.name == "pow" and (_is_told_apart(operands[0], operands[1]) or operands[0] in self.arrays):
            template = "{{{x}}}^{{{y}}}"
        level, levels = _template_levels(primitive.latex_formula or template)
        if infix is not None:
            level, levels = infix.level, {}
            if infix.symbol == "*" and _begins_with_digit(operands[1]):
                template = template.replace(r"\,", r"\cdot")
            elif infix.symbol == "*" and self.arrays.issuperset(operands):
                template = template.replace(r"\,", r"\odot")
            if infix.side == "postfix":  # x!! would be the double factorial
                levels[primitive.operands[0]] = level + 1
            elif infix.symbol != "/":
                levels[primitive.operands[0]] = level + 1 if infix.side in ("right", "none") else level
            if infix.symbol not in "/^" and len(operands) == 2:
                # In mathematics, a sign after an operator needs parentheses.
                behind = operands[1].primitive
                is_signed = behind is not None and behind.infix is not None and behind.infix.side == "prefix"
                levels[primitive.operands[1]] = ATOM if is_signed else level + 1
            if infix.side == "prefix" and infix.symbol.isalpha():  # on paper, not x > 0 would be (not x) > 0
                levels[primitive.operands[0]] = _SUM
            # In mathematics, mod binds less than a sum: a mod b + c is a mod (b + c).
            level = {"/": 8, "%": 4}.get(infix.symbol, level)
        parts = filled(template, dict(zip(primitive.operands, operands, strict=False)), levels)
        raised = {operands[primitive.operands.index(name)] for name in _SUPERSCRIPT.findall(template)}
        return level, [part for piece in parts for part in _inline(piece, raised)]

    def _call(self, node: Node, name: str) -> list[Piece]:
        escaped = name.replace("_", r"\_")
        head = f"\\{name}" if name in _COMMANDS else rf"\operatorname{{{escaped}}}"
        return call_pieces(node, rf"{head}\left(", r"\right)")

    def _array(self, node: Node, name: str) -> tuple[int, Sequence[Piece]]:
        """Return the level of precedence and the pieces of an operation on arrays; a vector is written as a column."""
        operands = node.operands
        if name == "matmul":
            sign = r" \, " if self.arrays.issuperset(operands) else r" \mathbin{@} "
            return _PRODUCT, [(operands[0], _PRODUCT), sign, (operands[1], _PRODUCT + 1)]
        if _is_transposed(node):
            return _POWER, [(operands[0], ATOM), r"^{\top}"]
        if name == "index":
            # x_{0} is a name, and an index behind the index of a name would be an error of TeX.
            return ATOM, ["{", (operands[0], ATOM), f"}}_{{[{index_text(dict(node.options)['key'])}]}}"]
        if name == "stack" and not node.options:
            # Rows of at least two numbers are a matrix; otherwise the operands are the elements of a vector.
            lengths = {len(row.operands) if _is_literal(row) else 1 for row in operands}
            is_matrix = len(lengths) == 1 and lengths != {1}
            rows = [row.operands if is_matrix else (row,) for row in operands]
            lines = [piece for row in rows for piece in (r" \\ ", *separated(row, " & "))]
            return ATOM, [r"\begin{bmatrix} ", *lines[1:], r" \end{bmatrix}"]
        return ATOM, self._call(node, name)


@cache
def _letters_in(template: str) -> frozenset[str]:
    """Return the letters of a template that could be variables: e, and the Greek letters that are functions."""
    return frozenset(re.findall(r"(?<![\\A-Za-z])e(?=\^)|(?<=\\)(?:Gamma|psi|sigma)(?![A-Za-z])", template))


def _is_told_apart(base: Node, exponent: Node) -> bool:
    """Whether a power needs braces around its base: without them it would be read as the function e^x, or as 1e-5."""
    is_ten = base.constant == 10.0 and base.name is None and exponent.constant is not None
    return is_ten or (base.constant is not None and base.name == "e")


def _plain_arrays(order: Sequence[Node]) -> frozenset[Node]:
    """Return the nodes that are plainly arrays, whose neighbours in LaTeX are multiplied as matrices.

    These are the variables of products of matrices, literals, transposed arrays, and results of operators on these.
    """
    matrices = [node.operands for node in order if _name_of(node) == "matmul" or _is_transposed(node)]
    found = {one for operands in matrices for one in operands if one.is_variable and _has_letters(str(one.name))}
    for node in order:
        infix = node.primitive.infix if node.primitive is not None else None
        if isinstance(node.primitive, ArrayFunction):
            is_array = _is_literal(node) or _is_transposed(node) or node.primitive.name == "matmul"
        elif infix is None or infix.side in ("none", "postfix"):
            is_array = False
        else:
            is_array = not found.isdisjoint(node.operands[:1] if infix.side == "right" else node.operands)
        if is_array:
            found.add(node)
    return frozenset(found)


def _has_letters(name: str) -> bool:
    """Whether a name begins with letters, which can be bold."""
    match = _NAME.fullmatch(name)
    return match is not None and not (match[2] and not match[3])


def _name_of(node: Node) -> str | None:
    return node.primitive.name if node.primitive is not None else None


def _is_transposed(node: Node) -> bool:
    return isinstance(node.primitive, ArrayFunction) and node.primitive.name == "transpose" and not node.options


def _is_literal(node: Node) -> bool:
    return isinstance(node.primitive, ArrayFunction) and node.primitive.name == "stack" and not node.options


def to_latex(root: Node, printer: LatexPrinter | None = None, names: Mapping[Node, str] | None = None) -> str:
    r"""Return a formula as LaTeX for math mode.

    Args:
        root: the formula.
        printer: another notation than the usual one.
        names: the names of the nodes that are written as a name.

    >>> from gradcli.evaluate.expression import parse
    >>> to_latex(parse("x1*x2+sin(x1)/2").root)
    'x_{1} \\, x_{2} + \\frac{\\sin(x_{1})}{2}'
    """
    formula = readable(root)
    printer = LatexPrinter() if printer is None else printer
    order = toposort([formula])
    printer.variables = frozenset(node.name for node in order if node.is_variable and node.name)
    printer.arrays = _plain_arrays(order)
    printer.bold = frozenset(node.name for node in printer.arrays if node.is_variable and node.name)
    return typeset(printer.write(formula, names=names) if names else printer.write_all(formula))
