"""The digits of functions of rarely used families against Arb: ``python -m tests.support.special_digits``.

For each box of a function's samples, the value and the first three derivatives are computed at random points.  An error
is given in units: the last place of the exact number, plus what rounding the operand changes.  The bounds are 4, 8, 32
and 128 units.

``--sweep 10000`` computes values on arrays instead, at this many points: in the boxes, at all scales from 1e-300 to
1e300, and near the ends of pieces and singularities.  It counts those that aren't the float next to Arb's number, and
prints the largest error in units in the last place.  Where Arb takes long, it stops after two minutes.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence

import numpy as np

from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives.backends import backend_named
from gradcli.primitives.kernels.piecewise import Tabulated
from tests.support.checking import FACTORS, draws, heads, measurements

__all__ = ["rare_functions", "sweep_points", "swept", "worst_units"]


def rare_functions() -> list[Primitive]:
    """The public functions of the families that are declared when one of their words is met."""
    early = {primitive.name for primitive in REGISTRY.declared()}
    return [primitive for primitive in REGISTRY.public() if primitive.name not in early]


def worst_units(primitive: Primitive, count: int) -> list[float]:
    """The largest errors of the value and the derivatives of order 1 to 3, at this many points of each box."""
    worst = [0.0, 0.0, 0.0, 0.0]
    for found in measurements(primitive, draws(primitive, count)):
        worst[found.order] = max(worst[found.order], found.ratio * FACTORS[found.order])
    return worst


#: The most seconds for a function and its static operands.
_SECONDS = 120.0


def sweep_points(primitive: Primitive, static: tuple[float, ...], count: int) -> list[np.ndarray]:
    """Columns of operands: in the boxes, at all scales, and near what is special."""
    generator, free = np.random.default_rng(len(primitive.name)), primitive.arity - len(static)
    boxes = [box[len(static) :] for box in primitive.samples if tuple(low for low, _ in box[: len(static)]) == static]
    ends = primitive.value.ends if isinstance(primitive.value, Tabulated) else ()
    columns = []
    for place in range(free):
        parts = [generator.uniform(*box[place], count // (2 * len(boxes))) for box in boxes]
        scales = 10.0 ** generator.uniform(-300.0, 300.0, count // 8) * generator.choice([-1.0, 1.0], count // 8)
        middle = 10.0 ** generator.uniform(-4.0, 3.0, count // 8) * generator.choice([-1.0, 1.0], count // 8)
        # Pieces end at multiples of 2^-10 of a power of two, the widest ones at multiples of 1/8.
        edges = np.ldexp(1.0 + generator.integers(0, 8, count // 8) / 8.0, generator.integers(-6, 6, count // 8))
        edges = (
            edges * generator.choice([-1.0, 1.0], len(edges)) * (1.0 + generator.integers(-2, 3, len(edges)) * 2.0**-52)
        )
        near = [
            end + 10.0 ** generator.uniform(-16.0, -0.5, count // 16) * side for end in ends for side in (-1.0, 1.0)
        ]
        columns.append(np.concatenate([*parts, scales, middle, edges, *near]))
    for column in columns:
        generator.shuffle(column)
    return columns


def swept(primitive: Primitive, static: tuple[float, ...], columns: Sequence[np.ndarray]) -> tuple[int, int, float]:
    """The number of points with a value, of those that aren't rounded correctly, and their largest error in units."""
    from tests.support.ball_oracle import ball_derivatives
    from tests.support.oracle import Undefined

    with np.errstate(all="ignore"):
        found = backend_named("numpy").kernel(primitive)(*static, *columns).tolist()
    order = 1 if primitive.inverse else 0  # the oracle of an inverse needs the derivative
    total, wrong, worst, end = 0, 0, 0.0, time.monotonic() + _SECONDS
    for got, *rest in zip(found, *[column.tolist() for column in columns], strict=True):
        if time.monotonic() > end:
            break
        if not math.isfinite(got):
            continue
        try:
            exact = ball_derivatives(primitive.name, (*static, *rest), len(static), order)
        except Undefined:
            continue
        if exact is None:
            continue
        total += 1
        wanted = float(exact[0].mid())
        if got != wanted:
            wrong += 1
            worst = max(worst, float(abs(exact[0] - got) / math.ulp(wanted)))
    return total, wrong, worst


def sweep(chosen: Sequence[str], count: int) -> None:
    """Sweep all functions, and print a line for each."""
    print(f"{'function':16} static operands          points   not rounded correctly   largest error (units)")
    for primitive in rare_functions():
        if not chosen or primitive.name in chosen:
            for static in heads(primitive):
                total, wrong, worst = swept(primitive, static, sweep_points(primitive, static, count))
                print(f"{primitive.name:16} {static!s:24} {total:6}   {wrong:21}   {worst:.3f}", flush=True)


def main() -> None:
    """Measure and print all functions."""
    parser = argparse.ArgumentParser(description="The digits of special functions.")
    parser.add_argument("--points", type=int, default=64)
    parser.add_argument("--sweep", type=int, default=0)
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args()
    if chosen.sweep:
        sweep(chosen.names, chosen.sweep)
        return
    print(f"{'function':16} value  order 1  order 2  order 3   (units; bounds {FACTORS})")
    for primitive in rare_functions():
        if not chosen.names or primitive.name in chosen.names:
            units = worst_units(primitive, chosen.points)
            mark = "" if all(one <= bound for one, bound in zip(units, FACTORS, strict=True)) else "  OFF"
            print(f"{primitive.name:16} {units[0]:5.2f}  {units[1]:7.2f}  {units[2]:7.2f}  {units[3]:7.2f}{mark}")


if __name__ == "__main__":
    main()
