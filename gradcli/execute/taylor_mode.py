"""Derivatives of high order at a point, in Taylor mode: the order-th coefficient of the power series times order!.

The graph of a derivative grows exponentially with the order, but the work for a series only with its square (Griewank
and Walther, Evaluating Derivatives, 2nd ed., chapter 13).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Final

from gradcli.errors import LimitError
from gradcli.execute.jets import Irregular, Jets
from gradcli.graph.coefficients import NoValue, Undecided
from gradcli.graph.differentiate import keeping_digits, without_kinks
from gradcli.graph.float_numbers import FloatNumbers
from gradcli.graph.graph import Node, substitute, toposort, unfolded
from gradcli.graph.series import Expansion, Singular
from gradcli.primitives import ArrayFunction

__all__ = ["SMALLEST", "STEP", "TERMS", "continued", "derivatives_at", "differences", "series_in_floats"]

#: Where all further coefficients are smaller, they lose their digits as denormal numbers, or are 0 for this reason.
SMALLEST: Final = 2.0**-992
#: The distance of the point at which a series is computed again, and the terms that count there.
STEP: Final = 2.0**-24
TERMS: Final = 5


def continued(lower: Sequence[float], root: Node, target: Node, at: Mapping[Node, float], order: int) -> list[float]:
    """Return derivatives of which the lower ones are known, up to an order.

    Args:
        lower: the derivatives of orders 1, 2 ..., with which the series must agree.
        root: the function.
        target: the variable.
        at: a number for each variable.
        order: the highest order.

    Returns:
        the derivatives from order 1 on, fewer than ``order`` if the others don't follow from a series.

    Raises:
        LimitError: from some order on, the derivatives have lost their digits.

    >>> from gradcli import parse
    >>> root = parse("1/x").root
    >>> x = root.graph.variable("x")
    >>> continued([-1.0, 2.0], root, x, {x: 1.0}, 5)
    [-1.0, 2.0, -6.0, 24.0, -120.0]
    """
    series = derivatives_at(root, target, at, order)[1:]
    allowed = 1e-13 * max(map(abs, lower))
    for one, expected in zip(series, lower, strict=False):
        if one is None or not abs(one - expected) <= 1e-8 * abs(expected) + allowed:
            # One of both has lost its digits, or the point is an edge; balls know.
            return [one for one in _in_balls(root, target, at, order)[1:] if one is not None]
    known = [one for one in itertools.takewhile(lambda one: one is not None, series) if one is not None]
    if len(lower) <= len(known) < order:
        raise LimitError(
            f"in floats, the derivatives with respect to `{target.name}` lose their digits from order "
            f"{len(known) + 1} on",
            hint=f"ask for a lower `order`, such as {len(known)}; `digits` proves the others",
            argument="order",
        )
    return [*lower, *known[len(lower) :]]


def derivatives_at(root: Node, target: Node, at: Mapping[Node, float], order: int) -> list[float | None]:
    """Return the derivatives of order 0 to ``order`` with respect to one variable at a point.

    Args:
        root: the function.
        target: the variable.
        at: a number for each variable.
        order: the highest order.

    Returns:
        the derivatives, None for one that has lost its digits; an empty list if the function has no power series there.
        With python-flint, those that lose their digits in floats are computed in balls.

    >>> from gradcli import parse
    >>> root = parse("exp(2*x) + y").root
    >>> x, y = root.graph.variable("x"), root.graph.variable("y")
    >>> derivatives_at(root, x, {x: 0.0, y: 1.0}, 5)
    [2.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    """
    nodes = toposort([keeping_digits(without_kinks(root, (target,)))])
    if target not in nodes or any(isinstance(node.primitive, ArrayFunction) for node in nodes):
        return []
    others = [node for node in nodes if node in at and node is not target]
    found = _by_jets(nodes[-1], target, at[target], order, {node: at[node] for node in others})
    derivatives = [] if found is None else _times_factorials(found)
    if None in derivatives:
        derivatives = _completed(derivatives, _in_balls(root, target, at, order))
    if found is None or _knows_better(nodes, derivatives):
        image = unfolded(nodes)
        function, variable = image[nodes[-1]], image[target]
        given = {image[node]: function.graph.constant(at[node]) for node in others}
        slowly = _by_expansion(substitute(function, given, exactly=True), variable, at[target], order)
        derivatives = _completed(derivatives, _times_factorials(slowly))
        if found is None and None in derivatives:
            derivatives = _completed(derivatives, _in_balls(root, target, at, order))
    return derivatives


def _in_balls(root: Node, target: Node, at: Mapping[Node, float], order: int) -> list[float | None]:
    """Return the derivatives that balls prove; an empty list without python-flint, or where they know none."""
    if find_spec("flint") is None:
        return []
    from gradcli.execute.ball_jets import derivatives_in_balls

    smooth = without_kinks(root, (target,))
    given = {node: at[node] for node in toposort([smooth]) if node in at}
    return derivatives_in_balls(smooth, target, given, order) if target in given else []


def _times_factorials(coefficients: Sequence[float | None]) -> list[float | None]:
    return [None if one is None else _times_factorial(one, order) for order, one in enumerate(coefficients)]


def _times_factorial(coefficient: float, order: int) -> float:
    try:
        return float(Fraction(coefficient) * math.factorial(order))
    except OverflowError:
        return math.copysign(math.inf, coefficient)


def series_in_floats(root: Node, variable: Node, point: float, order: int) -> list[float | None]:
    """Return the coefficients of a power series from 0 up to an order, as floats.

    For comparison, the series is computed around a second point nearby, and also found by shifting the first series to
    this point.  Both ways round differently, so coefficients that differ have lost their digits.

    Args:
        root: the function, on a graph that doesn't fold constants.
        variable: the variable of the series; there is no other one.
        point: the point around which the series is.
        order: the highest order.

    Returns:
        the coefficients, None for one that has lost its digits; an empty list if there is no power series.
    """
    found = _by_jets(root, variable, point, order)
    if found is None or _knows_better(toposort([root]), found):
        found = _completed(found or [], _by_expansion(root, variable, point, order))
    return found


def _knows_better(nodes: Sequence[Node], found: Sequence[float | None]) -> bool:
    """Whether the slower series has digits that jets have lost: its special functions have kernels for every order."""
    return None in found and any(getattr(node.primitive, "system", None) is not None for node in nodes)


def _completed(found: Sequence[float | None], others: Sequence[float | None]) -> list[float | None]:
    """Return numbers with others in place of missing ones; either list may be empty."""
    if not found or not others:
        return [*(found or others)]
    return [other if one is None else one for one, other in zip(found, others, strict=True)]


def _by_jets(
    root: Node, variable: Node, point: float, order: int, given: Mapping[Node, float] = MappingProxyType({})
) -> list[float | None] | None:
    """Return the coefficients by recurrences; None if an operation has none, or is not smooth at the point."""
    numbers = FloatNumbers(root.graph)
    others = [[number] for number in given.values()]
    try:
        program = Jets([root], [variable, *given])
        at, nearby = [program.run(numbers, [[one, 1.0], *others], order + TERMS)[0] for one in (point, point + STEP)]
    except Irregular:
        return None
    for jet in (at, nearby):
        jet += [0.0] * (order + TERMS + 1 - len(jet))
    return _confirmed(at, nearby, point, order)


def _by_expansion(root: Node, variable: Node, point: float, order: int) -> list[float | None]:
    """Return the coefficients by the series that knows all points; an empty list if there is none."""
    numbers = FloatNumbers(root.graph)
    try:
        at, nearby = [
            Expansion(numbers, root, variable, one, order + TERMS).coefficients() for one in (point, point + STEP)
        ]
    except (Singular, NoValue, Undecided, OverflowError, ZeroDivisionError):
        return []
    return _confirmed(at, nearby, point, order)


def _confirmed(at: Sequence[float], nearby: Sequence[float], point: float, order: int) -> list[float | None]:
    step = (point + STEP) - point  # which is rounded where the point is large
    found: list[float | None] = [None] * (order + 1)
    largest = largest_from(at)
    for number in range(order + 1):
        if 0.0 < largest[number] < SMALLEST:
            break
        difference, noise = differences(at, nearby, point, step, number, largest)
        if difference[0] <= difference[1] and (not point or noise[0] <= noise[1]):
            found[number] = at[number]
    return found


def largest_from(
    at: Sequence[Any], size: Callable[[Any], Any] = abs, larger: Callable[[Any, Any], Any] = max
) -> list[Any]:
    """Return, for each coefficient of a series, the size of the largest one from there on.

    >>> largest_from([1.0, -3.0, 2.0])
    [3.0, 3.0, 2.0]
    """
    return [*itertools.accumulate(map(size, reversed(at)), larger)][::-1]


def differences(
    at: Sequence[Any],
    nearby: Sequence[Any],
    point: Any,
    step: Any,
    order: int,
    largest: Sequence[Any],
    size: Callable[[Any], Any] = abs,
    larger: Callable[[Any, Any], Any] = max,
    root: Callable[[Any], Any] = math.sqrt,
) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Return two numbers that are small, each with its bound, unless a coefficient of a series has lost its digits.

    The first one is the difference of both series. The second one, which counts at other points than 0, is what the
    neighbours' rounding errors may add to a coefficient that is small between them. At 0 it may be small because the
    function is even or odd. What a rounding of the point itself changes counts as right.

    Args:
        at: the coefficients at a point, `TERMS` more than the order.
        nearby: those at a second point.
        point: the point.
        step: how far the second point is from it.
        order: the order of the coefficient.
        largest: what `largest_from` returns for ``at``.
        size, larger, root: the functions abs, max and sqrt of these numbers.
    """
    before, own, after = [size(at[place]) for place in (max(order - 1, 0), order, order + 1)]
    moved = at[order + TERMS - 1] * float(math.comb(order + TERMS - 1, TERMS - 1))
    for j in reversed(range(TERMS - 1)):
        moved = moved * step + at[order + j] * float(math.comb(order + j, j))
    tolerance = larger(own * 3e-11, larger(before, after) * 1e-14)
    # The terms that don't count: all others may be 0, as those of x^12.
    rest = largest[order + TERMS] * (2.0 * math.comb(order + TERMS, TERMS) * STEP**TERMS)
    tolerance = larger(tolerance, rest)
    noise = root(before) * root(after) * 2.0**-52 if order else own * 0.0
    return (size(nearby[order] - moved), tolerance), (noise, (own + size(point * after * float(order + 1))) * 1e-10)
