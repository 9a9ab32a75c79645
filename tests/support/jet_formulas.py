"""Jets of random expressions against their derivatives by repeated differentiation of the graph, up to order 6.

    python -m tests.support.jet_formulas 5000

compares both in balls of 300 bits, where numbers that differ have balls without a common point, and then jets in floats
with these balls.  A float may miss by 1e-9 of its neighbours in the series, unless the expression loses digits at the
point, so that its own values do.  A few cases are a test in `tests/execute/test_jets.py`.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator
from typing import Any, Final

import flint

from gradcli import parse
from gradcli.errors import GradcliError
from gradcli.execute.jets import Irregular, Jets
from gradcli.graph import Graph, Node, differentiate, toposort
from gradcli.graph.ball_numbers import BallNumbers
from gradcli.graph.coefficients import results
from gradcli.graph.float_numbers import FloatNumbers
from gradcli.graph.graph import on_graph
from tests.support.fuzz_check import expression

__all__ = ["case", "differences"]

ORDER: Final = 6
_BITS: Final = 300
#: Balls that are wider than this, relative to the number, decide nothing.
_WIDE: Final = 1e-20
#: Larger graphs of derivatives are left out.
_MOST: Final = 20_000


def case(number: int) -> tuple[str, dict[str, float]]:
    """Return an expression in x and y, and a point; the same in every run."""
    generator = random.Random(number)
    text = expression(generator, generator.choice((1, 2, 2, 3, 3)), ("x", "x", "y"))
    kind = generator.random()
    low, high = (0.1, 3.0) if kind < 0.6 else (-3.0, 3.0)
    return text, {name: round(generator.uniform(low, high), 3) for name in "xy"}


def _jet(program: Jets, numbers: Any, at: list[Any], one: Any) -> list[Any]:
    [found] = program.run(numbers, [[at[0], one], *[[number] for number in at[1:]]], ORDER)
    return [*found, *[0 * one] * (ORDER + 1 - len(found))]


def differences(text: str, at: dict[str, float]) -> list[str] | None:
    """Return a line for each derivative that differs; None if there is no jet at the point."""
    parsed = parse(text)
    if parsed.has_arrays or "x" not in parsed.variables:
        return None
    graph = Graph(folds=False)
    root = on_graph(toposort([parsed.root]), graph)[parsed.root]
    x = graph.variable("x")
    inputs = [x, *[graph.variable(name) for name in parsed.variables if name != "x"]]
    given = [at[node.name or ""] for node in inputs]
    smooth = differentiate.without_kinks(root, (x,))
    if x not in toposort([smooth]):
        return None
    try:
        program = Jets([smooth], inputs)
        flint.ctx.prec = _BITS
        balls = [flint.arb(one) for one in given]
        jet = _jet(program, BallNumbers(), balls, flint.arb(1))
    except Irregular:
        return None
    nodes: list[Node] = []
    for one in differentiate.derivatives(root, x, ORDER):
        if len(graph.nodes) > _MOST:
            break
        nodes.append(one)
    expected = results(BallNumbers(), [root, *nodes], dict(zip(inputs, balls, strict=True)))
    lines = []
    for order, number in enumerate(expected):
        if isinstance(number, Exception):
            lines += [f"{text} at {at}: order {order} has no value by the graph, {jet[order]} by jets"]
        elif not number.overlaps(jet[order] * math.factorial(order)):
            lines += [f"{text} at {at}: order {order} is {number}, by jets {jet[order] * math.factorial(order)}"]
    return [*lines, *_float_faults(text, program, graph, given, jet)]


def _float_faults(text: str, program: Jets, graph: Graph, at: list[float], jet: list[Any]) -> Iterator[str]:
    """Yield a line for each coefficient in floats that is wrong beside a jet in balls."""
    try:
        floats, near = [
            _jet(program, FloatNumbers(graph), [at[0] * factor, *at[1:]], 1.0) for factor in (1.0, 1.0 + 2.0**-50)
        ]
    except Irregular:
        return
    if not all(map(math.isfinite, floats)):
        return  # a value beyond the range of floats, which `grad` refuses
    if any(float(one.rad()) > _WIDE * abs(float(one.mid())) for one in jet if one):
        return
    exact = [float(one.mid()) for one in jet]
    size = max(map(abs, exact))
    for order, (one, other, number) in enumerate(zip(floats, near, exact, strict=True)):
        scale = max(map(abs, exact[max(0, order - 1) : order + 2]))
        noise = 1e3 * abs(other - one)  # what rounding the point does
        if math.isfinite(size) and not abs(one - number) <= 1e-9 * scale + 1e-14 * size + noise:
            yield f"{text} at {at}: the coefficient {order} is {number}, in floats {one}"


def main() -> None:
    """Compare cases until so many were compared."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    number = compared = faults = refused = 0
    while compared < wanted:
        text, at = case(number)
        number += 1
        try:
            lines = differences(text, at)
        except GradcliError as error:
            refused += 1
            print(f"refused: {text} at {at}: {error}")
            continue
        compared += lines is not None
        faults += bool(lines)
        if lines:
            print(number - 1, *lines, sep="\n")
    print(f"{compared} of {number} expressions compared, {refused} refused, {faults} differ")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
