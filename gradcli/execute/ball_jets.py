"""Derivatives of high order at a point as floats that balls prove, for functions that lose their digits in floats."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import flint

from gradcli.execute.jets import Irregular, Jets
from gradcli.graph import Node
from gradcli.graph.ball_numbers import BallNumbers

__all__ = ["derivatives_in_balls"]

#: The bits of the first attempt and of the last one, and those of a number whose float is certain.
_FIRST: Final = 256
_LAST: Final = 8192
_CERTAIN: Final = 60


def derivatives_in_balls(root: Node, target: Node, at: Mapping[Node, float], order: int) -> list[float | None]:
    """Return the derivatives of order 0 to ``order`` with respect to one variable.

    Args:
        root: the function.
        target: the variable.
        at: a number for each variable of the function.
        order: the highest order.

    Returns:
        the derivatives, None for one that balls don't prove; an empty list if an operation is not smooth at the point.

    >>> from gradcli import parse
    >>> root = parse("sin(x)/x").root
    >>> x = root.graph.variable("x")
    >>> derivatives_in_balls(root, x, {x: 0.5}, 12)[12]
    0.06874179228760105
    """
    others = [node for node in at if node is not target]
    found: list[float | None] = []
    bits, before = _FIRST, flint.ctx.prec
    try:
        program = Jets([root], [target, *others])
        while bits <= _LAST:
            flint.ctx.prec = bits
            inputs = [[flint.arb(at[target]), flint.arb(1)], *[[flint.arb(at[node])] for node in others]]
            [jet] = program.run(BallNumbers(), inputs, order)
            jet += [flint.arb(0)] * (order + 1 - len(jet))
            found = [_float(one * math.factorial(number)) for number, one in enumerate(jet)]
            if None not in found:
                break
            bits *= 2
    except Irregular:
        return []
    finally:
        flint.ctx.prec = before
    return found


def _float(ball: Any) -> float | None:
    """Return the float of a ball; None if the ball is too wide to tell it."""
    if ball.is_zero():
        return 0.0
    return float(ball) if ball.rel_accuracy_bits() >= _CERTAIN else None
