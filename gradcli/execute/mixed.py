"""Mixed derivatives of any order at a point: d3/dx^2dy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from gradcli.errors import LimitError, UsageError
from gradcli.execute.jets import Irregular
from gradcli.execute.nested_jets import mixed_derivative
from gradcli.execute.taylor_mode import derivatives_at
from gradcli.graph import Node, differentiate
from gradcli.graph.differentiate import keeping_digits, without_kinks
from gradcli.graph.float_numbers import FloatNumbers
from gradcli.graph.graph import toposort, values_at

__all__ = ["check_orders", "mixed_at", "mixed_node"]

#: Derivatives of this total order come from the graph, which knows edge points.
_BY_GRAPH: Final = 4
#: The relative difference of two computations beyond which digits are lost.
_SAME: Final = 1e-9


def check_orders(orders: Mapping[str, int]) -> dict[str, int]:
    """Return the orders of a mixed derivative that are not 0.

    Raises:
        UsageError: an order isn't a whole number of at least 0, or there is none.
        LimitError: the sum of the orders is too high.
    """
    for name, order in orders.items():
        if not isinstance(order, int) or isinstance(order, bool) or order < 0:
            message = f"the order of a derivative is a whole number of at least 0, not {order} for `{name}`"
            raise UsageError(message, kind="order")
    found = {name: order for name, order in orders.items() if order}
    if not found:
        raise UsageError("a mixed derivative has at least one order of 1 or more", kind="order")
    differentiate.check_order(sum(found.values()))
    return found


def mixed_node(root: Node, orders: Mapping[Node, int]) -> Node:
    """Return a mixed derivative as a graph, with the declared values at edge points.

    Raises:
        LimitError: it is too large.
    """
    found = root
    for target, order in orders.items():
        found = differentiate.derivative(found, target, order)
    return differentiate.no_value_no_derivative(found, root)


def mixed_at(root: Node, at: Mapping[Node, float], orders: Mapping[Node, int]) -> float:
    """Return a mixed derivative at a point.

    Args:
        root: the function.
        at: a number for each variable.
        orders: the order with respect to some variables, each at least 1.

    Raises:
        LimitError: floats lose its digits, or its graph is too large.

    >>> from gradcli import parse
    >>> root = parse("x^3*exp(2*y)").root
    >>> x, y = [root.graph.variable(name) for name in "xy"]
    >>> round(mixed_at(root, {x: 2.0, y: 0.0}, {x: 2, y: 10}), 9)
    12288.0
    """
    total = sum(orders.values())
    if total > _BY_GRAPH:
        found = _by_series(root, at, orders)
        if found is not None:
            return found
    node = mixed_node(root, orders)
    return values_at(toposort([node]), at)[node]


def _by_series(root: Node, at: Mapping[Node, float], orders: Mapping[Node, int]) -> float | None:
    """Return a mixed derivative by power series; None if there is none.

    The variables may be nested in two ways, which round differently.  So numbers that differ have lost their digits.
    """
    if len(orders) == 1:
        [(target, order)] = orders.items()
        series = derivatives_at(root, target, at, order)
        found = [series[-1]] * 2 if series else []
    else:
        smooth = keeping_digits(without_kinks(root, tuple(orders)))
        numbers = FloatNumbers(smooth.graph)
        ways = [orders, dict(reversed([*orders.items()]))]
        try:
            found = [mixed_derivative(numbers, smooth, at, way) for way in ways]
        except Irregular:
            found = []
    if not found or any(one is not None and math.isnan(one) for one in found):
        return None
    one, other = found
    if one is None or other is None or not math.isclose(one, other, rel_tol=_SAME, abs_tol=0.0):
        raise LimitError("in floats, this derivative loses its digits", hint="`digits` proves them", argument="digits")
    return float(one)
