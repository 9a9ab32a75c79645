"""Formulas as code: the base of the printers of all programming languages.

A language is one file with one `CodePrinter`: its table of functions, its literals, and how it writes an assignment and
a function.  The graph is lowered first (`lowering.py`), so the table needs only the functions that the language has.
"""

from __future__ import annotations

import math
import re
import textwrap
from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import ClassVar, Final, TypeAlias

from gradcli.graph import Node, toposort
from gradcli.printing.lowering import CodeFunction, Helper, Lowering, is_truth
from gradcli.printing.printer import ATOM, LOOSEST, Piece, Printer, filled
from gradcli.records import NamedTuple

__all__ = ["COMPARISONS", "OPERATORS", "WIDTH", "CodePrinter", "Results", "Template", "identifier", "unused"]

#: A text with the operands in braces, as `filled` takes it; with its level of precedence, if it isn't a call or a name.
Template: TypeAlias = str | tuple[str, int]

#: Lines of comments are at most this long.
WIDTH: Final = 100
#: A step with more operations, or with more levels of parentheses, gets a name: Python refuses 200 levels.
_LONGEST: Final = 16
_DEEPEST: Final = 20
_SUM, _PRODUCT, _PREFIX = 5, 6, 7
_DEFINED: Final = re.compile(r"^(?:@.*\n)?(?:def |function )?(\w+)(?:\(| =)", re.MULTILINE)

COMPARISONS: Final[dict[str, tuple[str, int]]] = {
    name: (f"{{x:5}} {symbol} {{y:5}}", 4)
    for name, symbol in {
        "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==", "not_equal": "!=",
    }.items()
}  # fmt: skip
#: The operators that all these languages write in the same way.
OPERATORS: Final[dict[str, tuple[str, int]]] = {
    "add": ("{x:5} + {y:6}", _SUM),
    "sub": ("{x:5} - {y:6}", _SUM),
    "mul": ("{x:6} * {y:7}", _PRODUCT),
    "div": ("{x:6} / {y:7}", _PRODUCT),
    "neg": ("-{x:8}", _PREFIX),
    **COMPARISONS,
}


#: One result of a function: the text of a number, of a list of numbers, or of the rows of a matrix.
Part: TypeAlias = str | list[str] | list[list[str]]


class Results(NamedTuple):
    """The values that a function of a program returns, as texts of expressions.

    Attributes:
        values: the values; a function of one value has one.
        gradient: the partial derivatives of the one value; None if they are not asked for.
        matrix: the rows of the Hessian, or of the Jacobian of several values; None if it is not asked for.
    """

    values: list[str]
    gradient: list[str] | None
    matrix: list[list[str]] | None

    @property
    def parts(self) -> dict[str, Part]:
        """The results by their names, in the order in which they are returned."""
        several = len(self.values) > 1 or (self.gradient is None and self.matrix is not None)
        found: dict[str, Part] = {}
        found["values" if several else "value"] = self.values if several else self.values[0]
        if self.gradient is not None:
            found["gradient"] = self.gradient
        if self.matrix is not None:
            found["jacobian" if several else "hessian"] = self.matrix
        return found


def unused(stem: str, place: int, taken: Collection[str]) -> str:
    """Return a name that isn't taken yet."""
    name = f"{stem}{place}"
    while name in taken:
        name += "_"
    return name


def identifier(name: str, taken: Collection[str]) -> str:
    """Return a name that all languages read as the name of a variable, and that isn't taken.

    >>> identifier("x1", ()), identifier("θ_0", ()), identifier("double", {"double"})
    ('x1', 'theta_0', 'double_')
    """
    import unicodedata

    letters = []
    for letter in unicodedata.normalize("NFKD", name):
        word = unicodedata.name(letter, "").lower().split()
        is_plain = letter.isascii() and (letter.isalnum() or letter == "_")
        letters.append(letter if is_plain else word[3] if word[:1] == ["greek"] and len(word) == 4 else "_")
    found = "".join(letters)
    if not found or found[0].isdigit() or not found.strip("_"):
        found = f"v{found.strip('_')}"
    while found in taken:
        found += "_"
    return found


class CodePrinter(Printer):
    """The base class of the printers of programming languages.

    Attributes:
        name: its name.
        functions: a dictionary from the functions of the registry, or of `lowering`, to how they are written.
        definitions: a dictionary from functions that a short expression can't compute to their definitions.
        constants: the names of constants: ``pi``, ``e``, ``inf`` and ``nan``.
        reserved: words that can't be names of variables.
        comment: the text at the beginning of a line of a comment.
        notes: a paragraph of the comment of each program.
        gap: the text between two definitions.
        computes: whether its programs compute as gradcli does, with the declared derivatives at edge points; else they
            hold the short formulas that `gradcli diff` prints.
        has_underscores: whether names may have underscores.
        returns_one_by_one: whether each result is a statement of its own; else long ones get names before they are
            returned together.
    """

    name: ClassVar[str]
    functions: ClassVar[Mapping[str, Template]]
    definitions: ClassVar[Mapping[str, str]] = {}
    constants: ClassVar[Mapping[str, str]]
    reserved: ClassVar[frozenset[str]] = frozenset()
    comment: ClassVar[str] = "//"
    notes: ClassVar[str] = ""
    gap: ClassVar[str] = "\n\n"
    computes: ClassVar[bool] = True
    has_underscores: ClassVar[bool] = True
    returns_one_by_one: ClassVar[bool] = False

    @property
    def known(self) -> frozenset[str]:
        """The names of the functions that the language can write."""
        return frozenset({*self.functions, *self.definitions})

    @property
    def taken(self) -> set[str]:
        """All words with a meaning in the code of the language, so that variables can't have these names."""
        templates = [one if isinstance(one, str) else one[0] for one in self.functions.values()]
        code = [re.sub(r"\{[^{}]*\}", "", one) for one in templates] + [*self.constants.values()]
        # The operands of a definition are local names, but the functions that it calls are names of the program.
        inside = re.findall(r"\w+(?=[.(])", " ".join(self.definitions.values()))
        return {*re.findall(r"\w+", " ".join(code)), *inside, *self.reserved, *map(self.called, self.definitions)}

    def lowering(self) -> Lowering:
        """Return a new lowering for this language."""
        return Lowering(self.name, self.known, self.taken, folds=self.computes)

    # Expressions

    def literal(self, value: float) -> str:
        """Return a finite number as a literal with exactly this value."""
        return repr(float(value))

    def constant(self, node: Node) -> tuple[int, str]:
        """Return the level of precedence and the text of a constant."""
        value = node.constant
        assert value is not None
        if node.name is not None and node.name in self.constants:
            return ATOM, self.constants[node.name]
        negative = math.copysign(1.0, value) < 0.0
        size = abs(value)
        text = self.literal(size) if size < math.inf else self.constants["inf" if size == math.inf else "nan"]
        return (_PREFIX, f"-{text}") if negative else (ATOM, text)

    def called(self, name: str) -> str:
        """Return the name in the program of a function that has a definition."""
        definition = _DEFINED.search(self.definitions.get(name, ""))
        return name if definition is None else definition[1]

    def pieces(self, node: Node) -> tuple[int, Sequence[Piece]]:
        primitive, operands = node.primitive, node.operands
        if node.constant is not None:
            level, text = self.constant(node)
            return level, [text]
        if primitive is None:
            return ATOM, [str(node.name)]
        template = self.functions.get(primitive.name)
        if template is None or (isinstance(primitive, CodeFunction) and primitive.name not in self.known):
            inside: list[Piece] = []
            for operand in operands:
                inside += [", ", (operand, LOOSEST)]
            return ATOM, [f"{self.called(primitive.name)}(", *inside[1:], ")"]
        text, level = (template, ATOM) if isinstance(template, str) else template
        return level, filled(text, dict(zip(primitive.operands, operands, strict=True)), {})

    def needed(self, roots: Iterable[Node]) -> list[str]:
        """Return the definitions that some lowered formulas need."""
        nodes = [node for root in roots for node in toposort([root])]
        found = {node.primitive.name for node in nodes if node.primitive is not None}
        return [text.strip("\n") for name, text in self.definitions.items() if name in found]

    def statements(self, roots: Sequence[Node], taken: Collection[str]) -> tuple[list[str], list[str]]:
        """Return the assignments of shared and of long steps, and the expressions for the roots.

        Args:
            roots: lowered formulas.
            taken: the names that have a meaning already.
        """
        uses = Counter(operand for node in toposort(roots) for operand in node.operands)
        uses.update(roots)
        names: dict[Node, str] = {}
        size: dict[Node, int] = {}
        depth: dict[Node, int] = {}
        lines = []
        for node in toposort(roots):
            if node.primitive is None:
                # A number with many digits is as wide as an operation.
                size[node], depth[node] = int(node.constant is not None and len(repr(node.constant)) > 6), 0
                continue
            size[node] = 1 + sum(size[operand] for operand in node.operands)
            depth[node] = 1 + max((depth[operand] for operand in node.operands), default=0)
            is_long = (size[node] > _LONGEST or depth[node] > _DEEPEST) and node not in roots
            if uses[node] > 1 or is_long:
                names[node] = unused("t", len(names) + 1, taken)
                text = self.write(node, names={one: name for one, name in names.items() if one is not node})
                lines.append(self.assignment(names[node], text, truth=is_truth(node)))
                size[node] = depth[node] = 0
        return lines, [names[root] if root in names else self.write(root, names=names) for root in roots]

    # Statements and functions

    @abstractmethod
    def assignment(self, name: str, text: str, *, truth: bool = False) -> str:
        """Return the statement that gives a step its name; ``truth`` says whether the step is a truth value."""

    @abstractmethod
    def helper(self, name: str, operands: Sequence[str], lines: Sequence[str], result: str) -> str:
        """Return the definition of a function of numbers."""

    @abstractmethod
    def program(self, name: str, arguments: Sequence[str], lines: Sequence[str], results: Results) -> str:
        """Return the definition of the function that a program is about."""

    def head(self, about: Sequence[str]) -> str:
        """Return the comment of a program."""
        return "\n".join(f"{self.comment} {line}".rstrip() for line in about)

    @abstractmethod
    def usage(self, name: str, arguments: Sequence[str], results: Results) -> list[str]:
        """Return the lines of the comment that say how the function is called."""

    def imported(self, body: str) -> list[str]:  # noqa: ARG002
        """Return the lines that a program with this text needs before its functions."""
        return []

    def helper_texts(self, helpers: Iterable[Helper]) -> list[str]:
        """Return the definitions of helpers."""
        texts = []
        for one in helpers:
            lines, [result] = self.statements([one.root], {*self.taken, *one.operands})
            texts.append(self.helper(one.name, one.operands, lines, result))
        return texts


def indented(lines: Iterable[str]) -> str:
    """Return lines of a body, indented by four blanks."""
    return textwrap.indent("\n".join(lines), "    ")


def nested(part: Part, opening: str, closing: str, single: str = "") -> str:
    """Return a result as nested lists between brackets; ``single`` is written after the only element of a list."""
    if isinstance(part, str):
        return part
    return bracketed([nested(one, opening, closing, single) for one in part], opening, closing, single)


def bracketed(texts: Sequence[str], opening: str, closing: str, single: str = "") -> str:
    """Return texts as a list between brackets; ``single`` is written after the only element, as in ``(x,)``."""
    return f"{opening}{', '.join(texts)}{single if len(texts) == 1 else ''}{closing}"


def returned(results: Results, opening: str, closing: str, single: str = "") -> str:
    """Return the text of all results: the only one, or a list of them."""
    texts = [nested(one, opening, closing, single) for one in results.parts.values()]
    return texts[0] if len(texts) == 1 else bracketed(texts, opening, closing)
