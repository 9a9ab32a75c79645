"""The symbols of a normal form: their meanings, and properties of the functions among them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from gradcli.graph.graph import Graph, Node, readable
from gradcli.graph.polynomials import Form
from gradcli.graph.rule import traced_rule
from gradcli.primitives import ArrayFunction, Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.exact_constants import EXACT_CONSTANTS

__all__ = [
    "BASE",
    "CONSTANT",
    "EXP",
    "FUNCTION",
    "PRIME",
    "VARIABLE",
    "Kernel",
    "Unfit",
    "exact_constant",
    "formula_in_powers",
    "is_smooth",
    "parity",
    "prime_powers",
    "readable_rule",
    "shortened",
]

VARIABLE, CONSTANT, PRIME, EXP, BASE, FUNCTION = range(6)

#: Larger numbers under a root are not factored.
_FACTORED: Final = 10**6
_SMOOTH_EDGES: Final = frozenset({"pole", "end", "slope"})


class Unfit(Exception):
    """The error for a formula that has no normal form, or whose normal form is larger than the bounds."""


class Kernel:
    """The meaning of a symbol.

    Attributes:
        kind: one of `VARIABLE`, `CONSTANT`, `PRIME`, `EXP`, `BASE` and `FUNCTION`.
        node: the node of a variable or a constant.
        primitive: the function.
        operands: the operands of a function; the argument of an exponential; the sum or product of a base.
        prime: the prime number.
        moves: whether it depends on the variable of the derivative.
        leads: whether it depends on the main variable, by which sums are ordered.
        is_positive: whether it is known to be positive everywhere.
        is_number: whether it depends on no variable.
    """

    __slots__ = ("is_number", "is_positive", "kind", "leads", "moves", "node", "operands", "prime", "primitive")

    def __init__(
        self,
        kind: int,
        *,
        node: Node | None = None,
        primitive: Primitive | None = None,
        operands: tuple[Form, ...] = (),
        prime: int = 0,
    ) -> None:
        self.kind = kind
        self.node = node
        self.primitive = primitive
        self.operands = operands
        self.prime = prime
        self.moves = self.leads = self.is_positive = self.is_number = False


def is_smooth(primitive: Primitive | ArrayFunction) -> bool:
    """Whether the formula of a function's derivative needs no condition."""
    if isinstance(primitive, ArrayFunction) or primitive.active is not None or primitive.condition:
        return False
    if primitive.is_truth or primitive.is_locally_constant:
        return False
    if primitive is f.pow:
        return True
    return all(
        edge.kind == "limit" or (edge.partials is None and edge.kind in _SMOOTH_EDGES) for edge in primitive.edges
    )


@cache
def parity(primitive: Primitive) -> int:
    """Return 1 for an even function of one number, -1 for an odd one, else 0; it is found by trying numbers.

    >>> from gradcli.primitives import REGISTRY
    >>> [parity(REGISTRY[name]) for name in ("cos", "tan", "exp")]
    [1, -1, 0]
    """
    if primitive.arity != 1 or primitive.variadic:
        return 0
    found = set()
    for point in (0.125, 0.375, 0.75, 1.25, 2.5, 7.0):
        one, other = primitive.value(point), primitive.value(-point)
        found.add(1 if one == other else -1 if one == -other else 0 if one == one or other == other else None)
    found.discard(None)
    return found.pop() or 0 if len(found) == 1 else 0


@cache
def exact_constant(size: float) -> Node:
    """Return the formula of a key of `EXACT_CONSTANTS`, on a graph of its own."""
    graph = Graph(folds=False)
    return graph.lift(EXACT_CONSTANTS[size](graph))


@cache
def formula_in_powers(primitive: Primitive) -> tuple[list[Node], Node] | None:
    """Return the formula in powers that a function declares, with its variables; None if there is no such formula."""
    if primitive.in_powers is None:
        return None
    graph = Graph()
    variables = [graph.variable(name) for name in primitive.operands]
    return variables, graph.lift(primitive.in_powers(*variables))


@cache
def readable_rule(primitive: Primitive, count: int) -> tuple[list[Node], list[Node]]:
    """Return the inputs of a rule, and the partials in functions that users know."""
    rule = traced_rule(primitive, count)
    return rule.inputs, [readable(partial, with_guards=True) for partial in rule.partials]


def shortened(primitive: Primitive, numbers: Sequence[float | None]) -> tuple[list[Node], Node] | None:
    """Return an equal function of another order, such as -J_1(x) for J_-1(x), or the integer 2 for gamma(3).

    Args:
        primitive: the function.
        numbers: the operands that are numbers, None for the others.

    Returns:
        the operands as nodes, and the formula; None if there is no such formula.
    """
    if primitive.exact is not None and None not in numbers:
        graph = Graph()
        nodes = [graph.constant(number or 0.0) for number in numbers]
        root = graph.lift(primitive.exact(*nodes))
        return (nodes, root) if root.constant is not None and root.constant.is_integer() else None
    if primitive.rewrite is None or not primitive.static:
        return None
    graph = Graph(folds=False)
    nodes = [graph.fresh_variable("operand") if one is None else graph.constant(one) for one in numbers]
    found = primitive.rewrite(*nodes)
    return None if found is None else (nodes, graph.lift(found))


def prime_powers(number: int) -> list[tuple[int, int]]:
    """Return the prime factors of a number and their exponents; a very large factor counts as a prime."""
    found, prime = [], 2
    while prime * prime <= min(number, _FACTORED):
        times = 0
        while number % prime == 0:
            number, times = number // prime, times + 1
        if times:
            found.append((prime, times))
        prime += 1 if prime == 2 else 2
    return [*found, (number, 1)] if number > 1 else found
