"""Hints to write an operation in another way, which has a value or a derivative where the operation has none.

The registry declares these ways (``instead_of``).  A user sees one only if it works: it must have a value at the point,
and agree with the operation close by.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Final

from gradcli.errors import ExpressionError
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node, differentiate, toposort
from gradcli.language.builder import read
from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives.declared import Rewrite
from gradcli.printing.text import to_text
from gradcli.records import NamedTuple
from gradcli.source import with_operands

__all__ = ["Pattern", "matches", "patterns", "prepared", "way_out", "works"]

_LONGEST: Final = 120
_LONGEST_CONSTANT: Final = 5  # nodes of a constant such as -1/3
_COMMUTATIVE: Final = frozenset({"add", "mul"})
#: Numbers by which operands are multiplied to find points next to a point; where an operand is 0, they are added to it.
_NEARBY: Final = (1.001, 0.99, 0.9, 1.1, 1.3, 0.7)
_ORDINARY: Final = (0.3, 1.7, 0.8, 2.3, 1.2)
_TOLERANCE: Final = 1e-9


class Form(NamedTuple):
    """A formula as a function of numbers.

    Attributes:
        root: the node of the formula.
        tape: the program of the formula.
        slopes: the program of the formula and its derivatives.
    """

    root: Node
    tape: Tape
    slopes: Tape

    def value(self, point: Sequence[float]) -> float:
        """Return the value at a point."""
        return float(self.tape.run(point)[self.tape.outputs[0]])

    def derivatives(self, point: Sequence[float]) -> list[float]:
        """Return the derivative with respect to each operand."""
        values = self.slopes.run(point)
        return [values[slot] for slot in self.slopes.outputs]

    def is_smooth(self, point: Sequence[float]) -> bool:
        """Whether every number in the computation of the value, and every derivative, is finite."""
        numbers = [*self.tape.run(point), *self.derivatives(point)]
        return all(map(math.isfinite, numbers))


class Pattern(NamedTuple):
    """The pattern of a rewrite, as a graph whose variables are its operands."""

    rewrite: Rewrite
    names: tuple[str, ...]
    root: Node


class WayOut(NamedTuple):
    """A rewrite of the registry, ready to be evaluated: the expression that fails, and its replacement."""

    failing: Form
    instead: Form


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return the patterns of all rewrites that the registry declares."""
    found = []
    for rewrite in [one for primitive in REGISTRY.public() for one in primitive.instead_of]:
        code = rewrite.pattern.__code__
        names = code.co_varnames[: code.co_argcount]
        graph = Graph()
        root = graph.lift(rewrite.pattern(*[graph.variable(name) for name in names]))
        found.append(Pattern(rewrite, names, root))
    return tuple(found)


@cache
def prepared(pattern: Pattern) -> WayOut:
    """Return a rewrite that can be evaluated."""
    instead = read(pattern.rewrite.instead, variables=pattern.names).root
    return WayOut(_form(pattern.root, pattern.names), _form(instead, pattern.names))


def _form(root: Node, names: Sequence[str]) -> Form:
    variables = [root.graph.variable(name) for name in names]
    return Form(root, Tape([root], variables), Tape(differentiate.vjp(root, 1.0, variables), variables))


def way_out(node: Node, value_of: Callable[[Node], float | None]) -> str | None:
    """Return the hint to write a node with other functions; None if no declared rewrite works here.

    Args:
        node: an operation without a value or a derivative.
        value_of: a function that returns the value of a node below this operation, or None if the value is unknown.
    """
    for pattern in patterns():
        for found in matches(pattern.root, node, {}):
            operands = [found[name] for name in pattern.names]
            point = [x for x in map(value_of, operands) if x is not None]
            if len(point) < len(operands) or not works(prepared(pattern), point):
                continue
            texts = dict(zip(pattern.names, map(to_text, operands), strict=True))
            text = with_operands(pattern.rewrite.instead, texts)
            if len(text) <= _LONGEST and _is_readable(text):
                return f"write `{text}`, which has a value and a derivative here"
    return None


def works(rewrite: WayOut, point: Sequence[float]) -> bool:
    """Whether a rewrite has the value or the derivatives that the expression lacks, and the same values close by."""
    if rewrite.failing.is_smooth(point) or not math.isfinite(rewrite.instead.value(point)):
        return False
    slopes = rewrite.instead.derivatives(point)
    if any(map(math.isnan, slopes)) or (math.isfinite(rewrite.failing.value(point)) and any(map(math.isinf, slopes))):
        return False
    compared = 0
    for moved in _points_nearby(point):
        expected = rewrite.failing.value(moved)
        if not math.isfinite(expected):
            continue
        compared += 1
        found = rewrite.instead.value(moved)
        if not abs(found - expected) <= _TOLERANCE * max(1.0, abs(expected)):
            return False
    return compared > 0


def _points_nearby(point: Sequence[float]) -> Iterator[list[float]]:
    """Yield points close to a point, then points of usual size with the same signs, then positive points."""
    for shift in range(len(_NEARBY)):
        factors = itertools.islice(itertools.cycle(_NEARBY), shift, None)
        yield [x * factor if x else factor - 1.0 for x, factor in zip(point, factors, strict=False)]
    for shift in range(len(_ORDINARY)):
        sizes = list(itertools.islice(itertools.cycle(_ORDINARY), shift, shift + len(point)))
        yield [math.copysign(size, x) for x, size in zip(point, sizes, strict=True)]
        yield sizes


def _is_readable(text: str) -> bool:
    try:
        read(text)
    except ExpressionError:
        return False
    return True


def matches(part: Node, node: Node, found: dict[str, Node]) -> Iterator[dict[str, Node]]:
    """Yield the nodes that match the operands of a pattern, if a node has the form of the pattern.

    The recursion is as deep as the pattern.
    """
    if part.is_variable:
        name = str(part.name)
        if found.get(name, node) is node:
            yield {**found, name: node}
        return
    if part.primitive is None:
        if _constant(node) == part.constant:
            yield found
        return
    for primitive, operands in _equal_forms(node):
        if primitive is not part.primitive or len(operands) != len(part.operands):
            continue
        orders = [operands, operands[::-1]] if primitive.name in _COMMUTATIVE else [operands]
        for order in orders:
            bindings = [found]
            for inner, operand in zip(part.operands, order, strict=True):
                bindings = [more for one in bindings for more in matches(inner, operand, one)]
            yield from bindings


def _equal_forms(node: Node) -> Iterator[tuple[Primitive, tuple[Node, ...]]]:
    """Yield an operation, and the same operation as patterns write it: a square as a power, a power of e as exp."""
    primitive = node.primitive
    if not isinstance(primitive, Primitive):
        return
    yield primitive, node.operands
    first, *others = node.operands
    if primitive.name == "square" or (primitive.name == "mul" and first is others[0]):
        yield REGISTRY["pow"], (first, first.graph.constant(2.0))
    elif primitive.name == "pow":
        if _constant(others[0]) == 0.5:
            yield REGISTRY["sqrt"], (first,)
        if first.constant == math.e:
            yield REGISTRY["exp"], (others[0],)


def _constant(node: Node) -> float | None:
    """Return the value of a node without variables; None if it depends on a variable, or is a large formula."""
    if node.constant is not None or node.is_variable:
        return node.constant
    order = toposort([node])
    if len(order) > 5 or any(
        one.is_variable or not isinstance(one.primitive, (Primitive, type(None))) for one in order
    ):
        return None
    tape = Tape([node])
    return float(tape.run([])[tape.outputs[0]])
