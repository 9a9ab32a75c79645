"""The digits of derivatives through saturating functions, against mpmath: ``python -m tests.support.digits``.

Family A divides by complements or takes their logarithm, family B multiplies them, and family H was written when the
identities of `gradcli.graph.identities` were fixed.  Each expression is differentiated at 100 points, with tails.  A
derivative counts as off if its relative error is above 1e-12 times its condition, the relative change of the exact
derivative for a relative change of the point; a derivative that is nan or infinite is off too.

The shares are measured with the identities and without; ``--channel compiled`` measures compiled code and not `grad`.
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, NamedTuple

import mpmath
import pytest

import gradcli
from gradcli import parse
from gradcli.evaluate.expression import Expression
from gradcli.evaluate.point import gradient
from gradcli.execute.tape import Tape
from gradcli.graph import differentiate

__all__ = ["FAMILIES", "Share", "measure", "without_identities"]

POINTS: Final = 100
TOLERANCE: Final = 1e-12
#: The digits of exact values, and the step of their difference quotients; 1 - erf(27) is 1e-318.
DIGITS: Final = 400
DIGITS_OF_ERF: Final = 800
STEP: Final = "1e-90"

#: Divide by a complement, or take its logarithm.
A: Final = """\
log(1 - sigmoid(x))
-y*log(sigmoid(x)) - (1 - y)*log(1 - sigmoid(x))
log(1 - tanh(x)^2)
log(1 - tanh(x))
log(1 + tanh(x))
1/(exp(x) - 1)
x/(exp(x) - 1)
log(sigmoid(x)/(1 - sigmoid(x)))
atanh(tanh(x))
log1p(expm1(x))
-sigmoid(x)*log(sigmoid(x)) - (1 - sigmoid(x))*log(1 - sigmoid(x))
log(1 - erf(x))
log(erfc(x))
log(1/2 + erf(x/sqrt(2))/2)
log(1 - exp(-x))
log(1 + exp(x))
log(exp(x) + exp(y))
log(exp(x) + exp(y)) - x
1/(1 - sigmoid(x))
1/(1 - tanh(x))
sigmoid(x)/(1 - sigmoid(x))
(1 - tanh(x))/(1 + tanh(x))
sqrt(1 - tanh(x)^2)
log(2 - 2*sigmoid(x))
log(.5 - .5*tanh(x))
log(1 - 1/(1 + exp(-x)))
log(1/(1 + exp(-x)))
log(1 - sigmoid(x)^2)
(1 - sigmoid(x))^.5
log(1 - cos(x/10))
1/(1 - cos(x/10))
log(cosh(x))
log(1 - 1/cosh(x))
log2(1 - sigmoid(x))
log10(1 - tanh(x))
1/sqrt(1 - sigmoid(x))
log(exp(x)/(exp(x) + exp(y)))
-log(1 - exp(-exp(x/8)))
log(1 - sigmoid(2*x + 1)) - log(sigmoid(2*x + 1))
(1 - sigmoid(x))^y
""".splitlines()

#: Multiply complements.
B: Final = """\
sigmoid(x)*(1 - sigmoid(x))
x*(1 - sigmoid(x))
1 - tanh(x)^2
(1 - tanh(x))*(1 + tanh(x))
1 - sigmoid(x)
x*(1 - tanh(x))
.5*x*(1 + erf(x/sqrt(2)))
.5*x*(1 + tanh(sqrt(2/pi)*(x + .044715*x^3)))
1 - erf(x)
1 - 1/(1 + exp(-x))
1/(1 + exp(-x))
exp(x)/(1 + exp(x))
(exp(x) - exp(-x))/(exp(x) + exp(-x))
(exp(2*x) - 1)/(exp(2*x) + 1)
2*sigmoid(2*x) - 1
exp(x)/(exp(x) + exp(y))
exp(x)/(exp(x) + exp(y) + exp(2))
y*(1 - exp(-x))
10*exp(-x)/(1 + exp(-x))^2
x*tanh(log(1 + exp(x)))
log(1 + exp(x))
log(1 + exp(-x)) + x
sinh(x)/cosh(x)
1 - exp(-x^2)
exp(-x)*(1 - exp(-x))
(1 - sigmoid(x))*(1 - sigmoid(y))
sigmoid(x)*(1 - sigmoid(y))
y*sigmoid(x)^2*(1 - sigmoid(x))
1 - cos(x/10)
(1 - cos(x/10))*exp(x/10)
x^2*(1 - tanh(x)^2)
tanh(x)*(1 - tanh(x)^2)
sigmoid(x) - sigmoid(x)^2
3 - 3/(1 + exp(x))
y*x^2/(9 + x^2)
exp(-x)*tanh(x)
erfc(x)*exp(x)
tanh(x) - 1
sigmoid(x)*tanh(y)
x*sigmoid(1.702*x)
""".splitlines()

#: Written after the identities were fixed.
H: Final = """\
log(1 - exp(-2*x^2))
log(1 - sigmoid(x)*sigmoid(y))
1/(1 - exp(-x/y))
x^2*exp(x)/(exp(x) - 1)^2
log(1 - tanh(x)^4)
-log(1 - tanh(x/2))
sqrt(1 - sigmoid(x))
log((1 + tanh(x))/(1 - tanh(x)))/2
log(sigmoid(x)) - log(sigmoid(y))
y*log(y/sigmoid(x)) + (4 - y)*log((4 - y)/(1 - sigmoid(x)))
-(1 - sigmoid(x))^2*log(sigmoid(x))
1/(1 + exp(-2*x))^2
x*exp(-x)/(1 + exp(-x))
exp(-exp(-x/9))
1 - exp(-exp(x/9))
tanh(x)/(1 - tanh(x)^2)
erf(x)/(1 - erf(x))
exp(-x^2/2)/(1 - erf(x/sqrt(2)))
y/(y + exp(-x))
1 - (1 - sigmoid(x))*(1 - sigmoid(y))
log(2*cosh(x)) - x*tanh(x)
(1 + exp(x))*log(1 + exp(x)) - x*exp(x)
exp(x)/(1 + exp(x) + exp(2*x))
sigmoid(x)/(sigmoid(x) + sigmoid(y))
1/(exp(x) - 1) - 1/(exp(x) + 1)
coth(x) - 1/x
asin(tanh(x))
atan(sinh(x))
log(sqrt(1 + x^2) + x)
(1 - sigmoid(x)^y)*(1 - sigmoid(-x)^y)
""".splitlines()

FAMILIES: Final = {"A": A, "B": B, "H": H}


class Share(NamedTuple):
    """The derivatives that were measured, and those that are off: expression, number of the point, and variable."""

    measured: int
    off: set[tuple[str, int, str]]

    @property
    def percent(self) -> float:
        """The share in percent."""
        return 100.0 * len(self.off) / self.measured


def points(text: str, variables: Sequence[str]) -> Iterator[dict[str, float]]:
    """Yield the points of an expression, two of five in the tails."""
    chance = random.Random(text)
    for number in range(POINTS):
        far = number % 5 < 2
        point = {name: chance.uniform(0.2, 3.0) for name in variables}
        x = chance.choice((-1.0, 1.0)) * chance.uniform(8.0, 45.0) if far else chance.uniform(-8.0, 8.0)
        # erfc is 0 from 27 on.
        point["x"] = 0.6 * x if "erf" in text else x
        yield point


class Exact:
    """An expression in mpmath's numbers, by the oracles of the registry."""

    def __init__(self, expression: Expression) -> None:
        self.mp = mpmath.MPContext()
        self.mp.dps = DIGITS_OF_ERF if "erf" in str(expression) else DIGITS
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
            oracle = primitive.oracle
            values.append(oracle(self.mp, *given) if oracle else getattr(self.mp, primitive.name)(*given))
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


class Truth(NamedTuple):
    """A derivative in mpmath's numbers, and its relative condition."""

    value: Any
    condition: Any

    def is_missed_by(self, found: float) -> bool:
        """Whether a result is off; at the end of the doubles, only whether it isn't small, or large, itself."""
        size = abs(self.value)
        if size < 1e-290 or size > 1e290:
            return not (abs(found) < 1e-289 if size < 1 else abs(found) > 1e289)
        return not (math.isfinite(found) and abs(found - self.value) <= TOLERANCE * self.condition * size)


@cache
def _exact(text: str) -> Exact:
    return Exact(parse(text))


@cache
def truth(text: str, number: int, name: str) -> tuple[Truth, Truth] | None:
    """Return both derivatives at a point; None where the function has no real value."""
    exact = _exact(text)
    point = next(itertools.islice(points(text, exact.variables), number, None))
    try:
        if isinstance(exact(*[exact.mp.mpf(point[one]) for one in exact.variables]), exact.mp.mpc):
            return None
        first, second, *conditions = exact.derivatives(point, name)
    except (ValueError, ZeroDivisionError, TypeError):
        return None
    return Truth(first, conditions[0]), Truth(second, conditions[1])


Results = Callable[[dict[str, float], str], tuple[float, float]]


def _swept(expression: Expression) -> Results:
    # As `hessian` does, but the graphs are made once for all points.
    variables = [expression.graph.variable(name) for name in expression.variables]
    first = differentiate.vjp(expression.root, 1.0, variables)
    second = [differentiate.jvp(one, {variable: 1.0}) for one, variable in zip(first, variables, strict=True)]
    tape = Tape(second, variables)

    def results(point: dict[str, float], name: str) -> tuple[float, float]:
        found = gradient(expression, point)
        values = tape.run([point[one] for one in expression.variables])
        curvature = values[tape.outputs[expression.variables.index(name)]]
        return found.gradient[name], math.nan if math.isnan(found.value) else curvature

    return results


def _compiled(expression: Expression) -> Results:
    kernel = gradcli.compile(str(expression), derivatives="hessian")

    def results(point: dict[str, float], name: str) -> tuple[float, float]:
        _, first, second = kernel(**point)
        return float(first[name]), float(second[name][name])

    return results


#: A way to compute -> the function that makes one of an expression, from a point and a variable to two derivatives.
CHANNELS: Final[dict[str, Callable[[Expression], Results]]] = {"grad": _swept, "compiled": _compiled}


@contextmanager
def without_identities() -> Iterator[None]:
    """Differentiate what was typed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(differentiate, "keeping_digits", lambda root: root)
        yield


def measure(texts: Sequence[str], channel: str = "grad", count: int = POINTS) -> tuple[Share, Share]:
    """Return the shares of first and of second derivatives that are off.

    Args:
        texts: the expressions.
        channel: ``"grad"`` or ``"compiled"``.
        count: the number of points of each expression, at most 100.
    """
    measured = 0
    off: tuple[set[tuple[str, int, str]], ...] = (set(), set())
    for text in texts:
        expression = parse(text)
        found = CHANNELS[channel](expression)
        chosen = list(points(text, expression.variables))
        for number in [37 * place % POINTS for place in range(count)]:
            point = chosen[number]
            for name in expression.variables:
                exact = truth(text, number, name)
                if exact is None:
                    continue
                measured += 1
                for order, (result, true) in enumerate(zip(found(point, name), exact, strict=True)):
                    if true.is_missed_by(result):
                        off[order].add((text, number, name))
    return Share(measured, off[0]), Share(measured, off[1])


def main() -> None:
    """Measure and print all families, with the identities and without."""
    parser = argparse.ArgumentParser(description="The digits of derivatives through saturating functions.")
    parser.add_argument("--channel", choices=CHANNELS, default="grad")
    parser.add_argument("--points", type=int, default=POINTS)
    parser.add_argument("--families", default="ABH")
    parser.add_argument("--list", action="store_true", help="list the expressions that are off")
    chosen = parser.parse_args()
    for family in chosen.families:
        after = measure(FAMILIES[family], chosen.channel, chosen.points)
        with without_identities():
            before = measure(FAMILIES[family], chosen.channel, chosen.points)
        for order, (old, new) in enumerate(zip(before, after, strict=True), 1):
            worse = len(new.off - old.off)
            print(
                f"{family}, order {order}: {old.percent:.2f} % -> {new.percent:.2f} % of {new.measured}; {worse} worse"
            )
            for text in FAMILIES[family] if chosen.list else ():
                places = sorted(number for one, number, _ in new.off if one == text)
                if places:
                    at = list(points(text, parse(text).variables))
                    print(f"    {text}: {len(places)}, at x = {[round(at[place]['x'], 1) for place in places[:8]]}")


if __name__ == "__main__":
    main()
