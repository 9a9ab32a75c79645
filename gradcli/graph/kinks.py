"""Kinks that disappear in the whole function: |x|^2, cos(|x|) and |x^2| are smooth at 0, although |x| has a kink.

By the chain rule, a derivative is multiplied by the slope of |x|, and at 0 this slope is a convention.  In a first
derivative the other factor is 0, so the convention has no effect.  But the second derivative of |x|^2 would be 0
instead of 2.

Before a function is differentiated, `without_kinks` writes cos(x) for cos(|x|), x^2 for |x^2|, and |x|^2*y for
|x|*y*|x|.  A power such as |x|^2 is then differentiated together with its base (`smooth_partials`): the product of the
derivatives of the power and of the base is written without the kink, by the ``smooth_power`` of the base.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from gradcli.graph.graph import Node, has_kink, rebuilt, toposort
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f

__all__ = ["is_even_power", "joined", "smooth_partials", "without_kinks"]

#: The most operations that are looked at to find out whether a number is negative.
_MOST = 32


def exponent_of(primitive: Any, operands: Sequence[Any]) -> float | None:
    """Return the exponent if an operation is a power of its first operand with a fixed exponent; None for others."""
    rule = getattr(primitive, "exponent", None)
    found = None if rule is None else rule(*operands)
    return found if isinstance(found, float) else None


def is_even_power(primitive: Any, operands: Sequence[Any]) -> bool:
    """Whether an operation is an even power of its first operand."""
    exponent = exponent_of(primitive, operands)
    return exponent is not None and exponent % 2.0 == 0.0


def joined(outer: Any, operands: Sequence[Any], inner: Any) -> float | None:
    """Return the exponent of an operation that is a smooth power of a function with a kink; None for all others.

    Args:
        outer: the primitive of the operation.
        operands: its operands.
        inner: the primitive of its first operand.
    """
    smooth, exponent = getattr(inner, "smooth_power", None), exponent_of(outer, operands)
    if smooth is None or exponent is None:
        return None
    return exponent if exponent >= smooth.exponent and exponent.is_integer() else None


def smooth_partials(node: Node) -> tuple[Sequence[Node], Sequence[Node]] | None:
    """Return the operands of the base of a smooth power, and the partials with respect to them; None for other nodes.

    >>> from gradcli.graph import Graph
    >>> x = Graph().variable("x")
    >>> smooth_partials(f.square(f.abs(x)))
    ((<node 0: 'x'>,), [<node 6: mul(5, 0)>])
    """
    base = node.operands[0] if node.operands else None
    if base is None or not isinstance(base.primitive, Primitive) or base.primitive.smooth_power is None:
        return None
    exponent = joined(node.primitive, node.operands, base.primitive)
    if exponent is None:
        return None
    smooth = base.primitive.smooth_power
    factor = exponent * base ** (exponent - smooth.exponent)
    return base.operands, [node.graph.lift(factor * one) for one in smooth.partials(*base.operands, base)]


def _is_never_negative(root: Node) -> bool:
    """Whether the value of a node is certainly at least 0, as for even powers, absolute values, and their sums."""
    stack, count = [root], 0
    while stack:
        node = stack.pop()
        count += 1
        if count > _MOST:
            return False
        if node.constant is not None:
            if not node.constant >= 0.0:
                return False
        elif is_even_power(node.primitive, node.operands):
            continue
        elif node.primitive in (f.add, f.mul, f.div, f.max):
            stack += node.operands
        elif node.primitive not in (f.abs, f.hypot, f.sqrt, f.exp):
            return False
    return True


def without_kinks(root: Node, leaves: Collection[Node] = ()) -> Node:
    """Return the same function with fewer kinks: cos(x) for cos(|x|), x^2 for |x^2|, and |x|^2*y for |x|*y*|x|.

    Args:
        root: the function.
        leaves: the nodes with respect to which the function will be differentiated.  If some of them are not variables,
            the function is returned unchanged, because these nodes might disappear.
    """
    if not all(leaf.is_variable for leaf in leaves):
        return root
    graph = root.graph
    image: dict[Node, Node] = {}
    order = toposort([root])
    products = {root}
    for node in order:
        products.update(node.operands[1:] if node.primitive is f.div else () if _is_product(node) else node.operands)
    for node in order:
        first = len(graph.nodes)
        found = rebuilt(node, tuple([image[operand] for operand in node.operands]), exactly=True)
        primitive, operands = found.primitive, found.operands
        if primitive is f.abs and _is_never_negative(operands[0]):
            found = operands[0]
        elif isinstance(primitive, Primitive) and primitive.is_even and operands[0].primitive is f.abs:
            found = graph.add(primitive, operands[0].operands)
        elif _is_product(found) and node in products:
            found = _collected(found)
        image[node] = found
        graph.trace_back(first, node)
    return image[root]


def _is_product(node: Node) -> bool:
    return node.primitive in (f.mul, f.div, f.neg)


def _factors(node: Node) -> Sequence[Node]:
    """Return the factors of a product, or the numerator of a quotient."""
    if not _is_product(node):
        return ()
    return node.operands if node.primitive is f.mul else node.operands[:1]


def _collected(product: Node) -> Node:
    """Return a product in which a repeated factor with a kink is written as a power; else the node itself."""
    times: dict[Node, float] = {product: 1.0}
    factors: list[tuple[Node, float]] = []
    denominators: list[tuple[Node, float]] = []
    sign = 1.0
    for node in reversed(toposort([product], _factors)):
        count = times[node]
        if count > _MOST:
            return product
        for operand in _factors(node):
            times[operand] = times.get(operand, 0.0) + count
        if node.primitive is f.div:
            denominators.append((node.operands[1], count))
        elif node.primitive is f.neg:
            sign = -sign if count % 2.0 else sign
        elif node.primitive is not f.mul:
            factors.append(_kinked_power(node, count))
    powers: dict[Node, float] = {}
    repeated = {base for base, exponent in factors if base in times and times[base] > 1.0}
    for base, exponent in reversed(factors):
        if base in powers:
            repeated.add(base)
        powers[base] = powers.get(base, 0.0) + exponent
    if not any(powers[base] >= 2.0 and has_kink(base.primitive) for base in repeated):
        return product
    result: Any = sign
    for base, exponent in powers.items():
        result = result * (base if exponent == 1.0 else base**exponent)
    for denominator, exponent in denominators:
        result = result / (denominator if exponent == 1.0 else denominator**exponent)
    return product.graph.lift(result)


def _kinked_power(factor: Node, count: float) -> tuple[Node, float]:
    """Return the base and the exponent of a factor if the base is a function with a kink; else the factor itself."""
    exponent = exponent_of(factor.primitive, factor.operands)
    if exponent is not None and exponent > 0.0 and has_kink(factor.operands[0].primitive):
        return factor.operands[0], exponent * count
    return factor, count
