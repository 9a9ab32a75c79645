"""Derivatives of order 1 to 100: their digits against balls and mpmath, and what they cost.

    python -m tests.support.jet_digits [ORDER]

For 20 functions, derivatives by jets in floats are compared with balls; those that floats lose are counted.  Then all
derivatives of `grad --order 100`, which computes the lost ones in balls, are compared, too.  The error allowed is 1e-10
times the condition with respect to the point, which is |x f^(k+1)(x)/f^(k)(x)| and at least 1.  The digits of
`--digits 20` are compared with mpmath, which differentiates numerically with many more digits.  Times are those of one
pass over the graph on jets of floats, the best of some.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from fractions import Fraction
from typing import Any, Final
from unittest.mock import patch

import mpmath

from gradcli import parse
from gradcli.evaluate.proven import Proven
from gradcli.execute.jets import Jets
from gradcli.execute.taylor_mode import derivatives_at
from gradcli.graph.float_numbers import FloatNumbers

__all__ = ["FUNCTIONS", "errors", "wrong_digits"]

#: A text, the same function in mpmath, and a point.
FUNCTIONS: Final[list[tuple[str, Callable[[Any], Any], float]]] = [
    ("exp(sin(x))/(1 + x^2)", lambda x: mpmath.exp(mpmath.sin(x)) / (1 + x * x), 0.75),
    ("sqrt(1 + x^2)", lambda x: mpmath.sqrt(1 + x * x), 0.4375),
    ("log(1 + x)*tanh(x)", lambda x: mpmath.log(1 + x) * mpmath.tanh(x), 0.375),
    ("exp(-x^2)", lambda x: mpmath.exp(-x * x), 0.75),
    ("1/(1 + x^2)", lambda x: 1 / (1 + x * x), 0.25),
    ("x^x", lambda x: x**x, 1.25),
    ("sin(x)/x", lambda x: mpmath.sin(x) / x, 1.5),
    ("tan(x)", mpmath.tan, 0.625),
    ("atan(x)", mpmath.atan, 0.875),
    ("asin(x/2)", lambda x: mpmath.asin(x / 2), 0.75),
    ("log(cos(x))", lambda x: mpmath.log(mpmath.cos(x)), 0.5),
    ("exp(-1/x)", lambda x: mpmath.exp(-1 / x), 1.25),
    ("erf(x)", mpmath.erf, 0.625),
    ("sigmoid(x)*(1 - sigmoid(x))", lambda x: 1 / (2 * mpmath.cosh(x / 2)) ** 2, 1.125),
    ("cosh(x)^2.5", lambda x: mpmath.cosh(x) ** mpmath.mpf(2.5), 0.75),
    ("x^2.5*log(x)", lambda x: x ** mpmath.mpf(2.5) * mpmath.log(x), 2.25),
    ("cbrt(1 + x^3)", lambda x: mpmath.cbrt(1 + x**3), 0.625),
    ("softplus(3*x)", lambda x: mpmath.log1p(mpmath.exp(3 * x)), 0.375),
    ("(1 + x)^(1/x)", lambda x: (1 + x) ** (1 / x), 0.875),
    ("sin(cos(sin(x)))", lambda x: mpmath.sin(mpmath.cos(mpmath.sin(x))), 0.75),
]


def _proven(text: str, point: float, order: int) -> list[str]:
    """Return the value and derivatives with 20 digits."""
    proven = Proven(parse(text), {"x": parse(repr(point))}, 20)
    return [proven.value(), *proven.derivatives(order)["x"]]


def errors(text: str, point: float, order: int, *, has_balls: bool = True) -> Iterator[tuple[int, float | None]]:
    """Yield each order, and the relative error of the derivative over its condition; None if `grad` refuses it.

    Args:
        text: the function.
        point: the point.
        order: the highest order.
        has_balls: whether derivatives that floats lose are computed in balls.
    """
    root = parse(text).root
    x = root.graph.variable("x")
    with nullcontext() if has_balls else patch("gradcli.execute.taylor_mode.find_spec", return_value=None):
        found = derivatives_at(root, x, {x: point}, order)
    exact = [Fraction(one) for one in _proven(text, point, order + 1)]
    for number in range(1, order + 1):
        one = found[number]
        if one is None:
            yield number, None
            continue
        condition = max(1, abs(Fraction(point) * exact[number + 1] / exact[number]))
        yield number, float(abs(Fraction(one) / exact[number] - 1) / condition)


def wrong_digits(text: str, function: Callable[[Any], Any], point: float, order: int) -> list[str]:
    """Return a line for each derivative whose 20 digits are not those of mpmath."""
    with mpmath.workdps(40):
        coefficients = mpmath.taylor(function, mpmath.mpf(point), order)
        expected = [mpmath.nstr(one * math.factorial(k), 20, strip_zeros=False) for k, one in enumerate(coefficients)]
    found = _proven(text, point, order)
    return [
        f"{text}, order {k}: {one} and {other} by mpmath"
        for k, (one, other) in enumerate(zip(found, expected, strict=True))
        if Fraction(one) != Fraction(other)
    ]


def milliseconds(text: str, point: float, orders: tuple[int, ...]) -> list[float]:
    """Return the time of one pass for each order."""
    root = parse(text).root
    program, numbers = Jets([root], [root.graph.variable("x")]), FloatNumbers(root.graph)
    found = []
    for order in orders:
        best = math.inf
        for _ in range(15):
            start = time.perf_counter()
            program.run(numbers, [[point, 1.0]], order)
            best = min(best, time.perf_counter() - start)
        found.append(1e3 * best)
    return found


def main() -> None:
    """Print a line for each function, and the worst figures."""
    order = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    orders = (20, 50, 100, 200)
    faults: list[str] = []
    rows = []
    print("function                          error/condition     lost  ms: " + "  ".join(map(str, orders)))
    for text, function, point in FUNCTIONS:
        found = [*errors(text, point, order, has_balls=False)]
        worst = max((error for _, error in found if error is not None), default=0.0)
        refused = sum(error is None for _, error in found)
        times = milliseconds(text, point, orders)
        rows.append((worst, refused, times))
        print(f"{text:32s}  {worst:15.1e}  {refused:7d}      {'  '.join([f'{one:.3f}' for one in times])}")
        faults += wrong_digits(text, function, point, order)
        worst = max([worst, *[1.0 if error is None else error for _, error in errors(text, point, order)]])
        faults += [f"{text}: the error is {worst:.1e} times the condition"] if worst > 1e-10 else []
    print(*faults, sep="\n", end="\n" if faults else "")
    growth = max(max(times[2] / times[1], times[3] / times[2]) for *_, times in rows)
    print(
        f"floats: {max(worst for worst, *_ in rows):.1e} times the condition at most, {sum(row[1] for row in rows)} of "
        f"{order * len(rows)} derivatives are lost\nwith balls, and with 20 digits: {len(faults)} faults\n"
        f"order 20 in {max(times[0] for *_, times in rows):.3f} ms at most, order 100 in "
        f"{max(times[2] for *_, times in rows):.3f}; twice the order takes {growth:.1f} times as long at most"
    )
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
