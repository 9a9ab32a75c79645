"""The digits of functions of rarely used families against Arb: ``python -m tests.support.special_digits``.

For each box of a function's samples, the value and the first three derivatives are computed at random points.  An error
is given in units: the last place of the exact number, plus what rounding the operand changes.  The bounds are 4, 8, 32
and 128 units.
"""

from __future__ import annotations

import argparse

from gradcli.primitives import REGISTRY, Primitive
from tests.support.checking import FACTORS, draws, measurements

__all__ = ["rare_functions", "worst_units"]


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


def main() -> None:
    """Measure and print all functions."""
    parser = argparse.ArgumentParser(description="The digits of special functions.")
    parser.add_argument("--points", type=int, default=64)
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args()
    print(f"{'function':16} value  order 1  order 2  order 3   (units; bounds {FACTORS})")
    for primitive in rare_functions():
        if not chosen.names or primitive.name in chosen.names:
            units = worst_units(primitive, chosen.points)
            mark = "" if all(one <= bound for one, bound in zip(units, FACTORS, strict=True)) else "  OFF"
            print(f"{primitive.name:16} {units[0]:5.2f}  {units[1]:7.2f}  {units[2]:7.2f}  {units[3]:7.2f}{mark}")


if __name__ == "__main__":
    main()
