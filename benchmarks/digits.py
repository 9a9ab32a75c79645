"""The digits of derivatives through saturating functions, against mpmath: ``python -m benchmarks.digits``.

Family A divides by complements or takes their logarithm, family B multiplies them, and family H was written when the
identities of `gradcli.graph.identities` were fixed.  Each expression is differentiated at 100 points, with tails.  A
derivative counts as off if its relative error is above 1e-12 times its condition, the relative change of the exact
derivative for a relative change of the point; a derivative that is nan or infinite is off too.

``--plain`` measures without the identities, ``--channel compiled`` compiled code instead of `grad`.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

__all__ = ["FAMILIES", "Share", "measure"]

POINTS: Final = 100
TOLERANCE: Final = 1e-12
#: The exact values have this many digits, and their difference quotients this step.
DIGITS: Final = 1000
STEP: Final = "1e-220"

#: Divide by a complement, or take its logarithm.
A: Final = [
    "",
    "log(1 - sigmoid(x))",
    "-y*log(sigmoid(x)) - (1 - y)*log(1 - sigmoid(x))",
    "log(1 - tanh(x)^2)",
    "log(1 - tanh(x))",
    "log(1 + tanh(x))",
    "1/(exp(x) - 1)",
    "x/(exp(x) - 1)",
    "log(sigmoid(x)/(1 - sigmoid(x)))",
    "atanh(tanh(x))",
    "log1p(expm1(x))",
    "-sigmoid(x)*log(sigmoid(x)) - (1 - sigmoid(x))*log(1 - sigmoid(x))",
    "log(1 - erf(x))",
    "log(erfc(x))",
    "log(1/2 + erf(x/sqrt(2))/2)",
    "log(1 - exp(-x))",
    "log(1 + exp(x))",
    "log(exp(x) + exp(y))",
    "log(exp(x) + exp(y)) - x",
    "1/(1 - sigmoid(x))",
    "1/(1 - tanh(x))",
    "sigmoid(x)/(1 - sigmoid(x))",
    "(1 - tanh(x))/(1 + tanh(x))",
    "sqrt(1 - tanh(x)^2)",
    "log(2 - 2*sigmoid(x))",
    "log(.5 - .5*tanh(x))",
    "log(1 - 1/(1 + exp(-x)))",
    "log(1/(1 + exp(-x)))",
    "log(1 - sigmoid(x)^2)",
    "(1 - sigmoid(x))^.5",
    "log(1 - cos(x/10))",
    "1/(1 - cos(x/10))",
    "log(cosh(x))",
    "log(1 - 1/cosh(x))",
    "log2(1 - sigmoid(x))",
    "log10(1 - tanh(x))",
    "1/sqrt(1 - sigmoid(x))",
    "log(exp(x)/(exp(x) + exp(y)))",
    "-log(1 - exp(-exp(x/8)))",
    "log(1 - sigmoid(2*x + 1)) - log(sigmoid(2*x + 1))",
    "(1 - sigmoid(x))^y",
    "",
][1:-1]

#: Multiply complements.
B: Final = [
    "",
    "sigmoid(x)*(1 - sigmoid(x))",
    "x*(1 - sigmoid(x))",
    "1 - tanh(x)^2",
    "(1 - tanh(x))*(1 + tanh(x))",
    "1 - sigmoid(x)",
    "x*(1 - tanh(x))",
    ".5*x*(1 + erf(x/sqrt(2)))",
    ".5*x*(1 + tanh(sqrt(2/pi)*(x + .044715*x^3)))",
    "1 - erf(x)",
    "1 - 1/(1 + exp(-x))",
    "1/(1 + exp(-x))",
    "exp(x)/(1 + exp(x))",
    "(exp(x) - exp(-x))/(exp(x) + exp(-x))",
    "(exp(2*x) - 1)/(exp(2*x) + 1)",
    "2*sigmoid(2*x) - 1",
    "exp(x)/(exp(x) + exp(y))",
    "exp(x)/(exp(x) + exp(y) + exp(2))",
    "y*(1 - exp(-x))",
    "10*exp(-x)/(1 + exp(-x))^2",
    "x*tanh(log(1 + exp(x)))",
    "log(1 + exp(x))",
    "log(1 + exp(-x)) + x",
    "sinh(x)/cosh(x)",
    "1 - exp(-x^2)",
    "exp(-x)*(1 - exp(-x))",
    "(1 - sigmoid(x))*(1 - sigmoid(y))",
    "sigmoid(x)*(1 - sigmoid(y))",
    "y*sigmoid(x)^2*(1 - sigmoid(x))",
    "1 - cos(x/10)",
    "(1 - cos(x/10))*exp(x/10)",
    "x^2*(1 - tanh(x)^2)",
    "tanh(x)*(1 - tanh(x)^2)",
    "sigmoid(x) - sigmoid(x)^2",
    "3 - 3/(1 + exp(x))",
    "y*x^2/(9 + x^2)",
    "exp(-x)*tanh(x)",
    "erfc(x)*exp(x)",
    "tanh(x) - 1",
    "sigmoid(x)*tanh(y)",
    "x*sigmoid(1.702*x)",
    "",
][1:-1]

#: Written after the identities were fixed.
H: Final[list[str]] = []

FAMILIES: Final = {"A": A, "B": B, "H": H}


class Share(NamedTuple):
    """How many derivatives were measured, how many of them are off, and which expressions they belong to."""

    measured: int
    off: int
    by_expression: dict[str, list[float]]

    @property
    def percent(self) -> float:
        """The share in percent."""
        return 100.0 * self.off / self.measured


def points(text: str, variables: Sequence[str]) -> Iterator[dict[str, float]]:
    """Yield the points of an expression, two of five in the tails."""
    chance = random.Random(text)
    for number in range(POINTS):
        far = number % 5 < 2
        point = {name: chance.uniform(0.2, 3.0) for name in variables}
        point["x"] = chance.choice((-1.0, 1.0)) * chance.uniform(8.0, 45.0) if far else chance.uniform(-8.0, 8.0)
        yield point


class Exact:
    """An expression in mpmath's numbers, by the oracles of the registry."""

    def __init__(self, expression: Any) -> None:
        import mpmath

        from gradcli.execute.tape import Tape

        self.mp = mpmath.MPContext()
        self.mp.dps = DIGITS
        self.step = self.mp.mpf(STEP)
        self.variables = expression.variables
        self.tape = Tape([expression.root], [expression.graph.variable(name) for name in expression.variables])
        named = {"pi": self.mp.pi, "e": self.mp.e}
        constants = self.tape.nodes[len(self.variables) : self.tape.first]
        self.constants = [+named[node.name] if node.name in named else self.mp.mpf(node.constant) for node in constants]

    def __call__(self, *inputs: Any) -> Any:
        """Return the value, or None where the function has none."""
        values = [*inputs, *self.constants]
        for primitive, operands in self.tape.instructions:
            oracle = primitive.oracle
            given = [values[i] for i in operands]
            values.append(
                oracle(self.mp, *given)
                if oracle
                else getattr(self.mp, _MPMATH.get(primitive.name, primitive.name))(*given)
            )
        return values[self.tape.outputs[0]]

    def derivatives(self, point: dict[str, float], name: str) -> tuple[Any, Any, Any, Any]:
        """Return the first and the second derivative toward a variable, and the relative condition of each."""
        mp, h = self.mp, self.step
        at = [mp.mpf(point[one]) for one in self.variables]
        place = self.variables.index(name)
        known: dict[tuple[int, ...], Any] = {}

        def value(shifts: tuple[int, ...]) -> Any:
            if shifts not in known:
                known[shifts] = self(*[x + h * shift for x, shift in zip(at, shifts, strict=True)])
            return known[shifts]

        def moved(base: dict[int, int]) -> Any:
            return value(tuple(base.get(i, 0) for i in range(len(at))))

        def first(base: dict[int, int]) -> Any:
            up, down = ({**base, place: base.get(place, 0) + one} for one in (1, -1))
            return (moved(up) - moved(down)) / (2 * h)

        def second(base: dict[int, int]) -> Any:
            up, down = ({**base, place: base.get(place, 0) + one} for one in (1, -1))
            return (moved(up) - 2 * moved(base) + moved(down)) / (h * h)

        def condition(function: Any, result: Any) -> Any:
            if result == 0:
                return mp.mpf(1)
            changes = [abs(x * (function({i: 1}) - function({i: -1})) / (2 * h)) for i, x in enumerate(at)]
            return 1 + sum(changes) / abs(result)

        one, two = first({}), second({})
        return one, two, condition(first, one), condition(second, two)


_MPMATH = {"abs": "fabs", "lgamma": "loggamma"}


def _is_off(mp: Any, found: float, exact: Any, condition: Any) -> bool:
    if abs(exact) < 1e-290 or abs(exact) > 1e290:
        # A result at the end of the doubles has no relative error; what counts is that it is as small, or as large.
        return not (abs(found) < 1e-289 if abs(exact) < 1 else abs(found) > 1e289)
    return not (math.isfinite(found) and abs(mp.mpf(found) - exact) <= TOLERANCE * condition * abs(exact))


def results(expression: Any, channel: str) -> Any:
    """Return a function of a point and a variable that gives the first and the second derivative."""
    from gradcli.evaluate.point import gradient, hessian

    if channel == "compiled":
        import gradcli

        kernel = gradcli.compile(str(expression), variables=expression.variables, derivatives="hessian")

        def compiled(point: dict[str, float], name: str) -> tuple[float, float]:
            found = kernel(**point)
            return float(found[1][name]), float(found[2][name][name])

        return compiled

    def swept(point: dict[str, float], name: str) -> tuple[float, float]:
        return gradient(expression, point).gradient[name], hessian(expression, point)[name][name]

    return swept


def measure(texts: Sequence[str], channel: str = "grad", count: int = POINTS) -> tuple[Share, Share]:
    """Return the shares of first and of second derivatives that are off.

    Args:
        texts: the expressions.
        channel: ``"grad"`` or ``"compiled"``.
        count: the number of points of each expression, at most 100.
    """
    from gradcli import parse

    totals = [[0, 0, {}] for _ in range(2)]
    for text in texts:
        expression = parse(text)
        exact, found = Exact(expression), results(expression, channel)
        for number, point in enumerate(points(text, expression.variables)):
            if number == count:
                break
            for name in expression.variables:
                try:
                    *truths, condition, other = exact.derivatives(point, name)
                except (ValueError, ZeroDivisionError, TypeError):
                    continue
                if isinstance(exact(*[exact.mp.mpf(point[one]) for one in expression.variables]), exact.mp.mpc):
                    continue
                for total, result, truth, known in zip(
                    totals, found(point, name), truths, (condition, other), strict=True
                ):
                    total[0] += 1
                    if _is_off(exact.mp, result, truth, known):
                        total[1] += 1
                        total[2].setdefault(text, []).append(point["x"])
    return Share(*totals[0]), Share(*totals[1])


def main() -> None:
    """Measure and print all families."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plain", action="store_true", help="without the identities")
    parser.add_argument("--channel", choices=("grad", "compiled"), default="grad")
    parser.add_argument("--points", type=int, default=POINTS)
    parser.add_argument("--family", default="ABH")
    parser.add_argument("--list", action="store_true", help="list the expressions that are off")
    chosen = parser.parse_args()
    for family in chosen.family:
        shares = measure(FAMILIES[family], chosen.channel, chosen.points)
        print(
            family,
            *(f"order {order}: {share.percent:.1f} % of {share.measured}" for order, share in enumerate(shares, 1)),
        )
        if chosen.list:
            for order, share in enumerate(shares, 1):
                for text, places in share.by_expression.items():
                    print(f"  {order} {len(places):4} {text}  {min(places):.3g} ... {max(places):.3g}")


if __name__ == "__main__":
    main()
