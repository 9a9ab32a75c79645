"""The checkers of the registry: where to look, and how far a derivative may be from the exact one.

The bound on a derivative of order n is ``N * (ulp(exact) + |x * f^(n+1)(x)| * 2^-53)``: N units in the last place, plus
what rounding the operand itself would change.  Values beyond the largest double are to be infinite, and below the
smallest normal one the unit is that of the denormals.
"""

from __future__ import annotations

import itertools
import math
import random
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from mpmath import mpf

from gradcli.evaluate.point import gradient, jvp
from gradcli.execute.array_rules import contributions, edge_conditions
from gradcli.execute.float_rules import float_rule
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node
from gradcli.graph.differentiate import derivative
from gradcli.graph.rule import traced_rule
from gradcli.language.parsed import ParsedExpression
from gradcli.primitives import Primitive
from gradcli.source import Source
from tests.support.oracle import Undefined, derivatives

ORDERS = (0, 1, 2, 3)
FACTORS = (4.0, 8.0, 32.0, 128.0)
DRAWS = 24

_LADDER = (1e-300, 1e-200, 1e-160, 1e-100, 1e-50, 1e-20, 1e-8, 1e-4, 1e-2)
_SCALES = (*_LADDER, 1.0, 1e2, 1e4, 1e8, 1e16, 1e20, 1e50, 1e100, 1e160, 1e200, 1e300)
_MANTISSAS = (1.0, 1.7, 2.3, 3.1, 5.9)
# Ends of domains, tails, and where switches of formulas are likely.
_SINGLES = (
    0.0,
    1 - 1e-12,
    1 - 1e-9,
    1 - 1e-3,
    1 + 1e-12,
    1 + 1e-9,
    1 + 1e-3,
    0.5,
    1.0,
    2.0,
    math.pi / 2,
    math.pi,
    6.0,
    20.0,
    36.7,
    40.0,
    200.0,
    350.0,
    600.0,
    700.0,
    709.5,
    720.0,
    1.2e308,
)
_PAIRS = (
    (1e200, 1e200),
    (1e-200, 1e-200),
    (1e16, 1e16),
    (1e-160, 1e-160),
    (1.5e308, 1.5e308),
    (1e-200, 1e-170),
    (1e-170, 1e-200),
    (1e300, 1.0),
    (1.0, 1e300),
    (1e-300, 1.0),
    (1.0, 1e-300),
    (700.0, 0.1),
    (0.1, 700.0),
    (1.0, 2.0),
    (2.0, 3.0),
    (1e300, 1.03),
    (1e-300, 0.97),
    (1e300, 0.3),
    (1e150, 2.0),
    (0.999999, 1e5),
    (1 + 1e-9, 0.3),
    (0.0, 1.0),
    (0.0, 2.5),
    (0.0, 5.0),
    (1.0, 0.0),
    (2.5, 0.0),
    (0.0, 0.0),
)

#: Numbers below the smallest normal one, which have fewer digits the smaller they are.
_DENORMALS = (5e-324, 1e-320, 1.7e-310, 2.2e-308, math.nextafter(sys.float_info.min, 0.0))
_BESIDE_DENORMALS = (
    0.0, 5e-324, 3e-322, 1e-310, 2.1e-308, 1e-300, 1e-160, 1e-100, 1e-20, 1e-8, 0.5, 1.0, 2.3, 1e8, 1e20, 1e160, 1e300,
)  # fmt: skip

#: Numbers at which a kernel may go wrong, and a few of them for functions of several operands.
_LARGEST = 1.7976931348623157e308
_MAGNITUDES = (0.0, 5e-324, 1e-300, 1e-8, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 20.0, 171.0, 709.0, 709.5, 720.0, 745.0, 1e16)
EDGES = (*_MAGNITUDES, 1e300, _LARGEST, math.inf, *(-x for x in _MAGNITUDES), -1e300, -_LARGEST, -math.inf, math.nan)
_FEW = (0.0, -0.0, 0.5, 1.0, -1.5, 2.0, 1e300, math.inf, -math.inf, math.nan)


def forget_rules() -> None:
    """Forget the rules that are traced, so that a declaration that has been changed is read again."""
    for known in (traced_rule, float_rule, contributions, edge_conditions):
        known.cache_clear()


def is_smooth_target(primitive: Primitive, operand: int) -> bool:
    """Whether a derivative passes through this operand."""
    if primitive.is_locally_constant or operand < len(primitive.static):
        return False
    return operand not in primitive.condition


def is_defined(primitive: Primitive, point: Sequence[float]) -> bool:
    value = primitive.value(*point)
    return value == value and all(x == x for x in point)


def draws(primitive: Primitive, count: int = DRAWS) -> list[tuple[float, ...]]:
    """Random points of the boxes that the primitive declares, the same in every run."""
    generator = random.Random(primitive.name)
    points = []
    for box in primitive.samples:
        points += [tuple(generator.uniform(low, high) for low, high in box) for _ in range(count)]
    return points


def ladder(primitive: Primitive) -> list[tuple[float, ...]]:
    """Points of all magnitudes in the domain, tails and ends included."""
    if primitive.cancels is not None:
        return draws(primitive)
    generator = random.Random(f"ladder of {primitive.name}")
    free = primitive.arity - len(primitive.static)
    found: list[tuple[float, ...]] = []
    if free == 1:
        numbers = [scale * generator.choice(_MANTISSAS) for scale in _SCALES] + list(_SINGLES)
        found = [(sign * x,) for x in numbers for sign in (1.0, -1.0)]
    else:
        pairs = [*_PAIRS]
        for x in _SCALES[1:-1:2]:
            pairs += [(x * generator.choice(_MANTISSAS), generator.choice(_SCALES) * generator.choice(_MANTISSAS))]
            pairs += [(x * generator.choice(_MANTISSAS), x * generator.choice(_MANTISSAS))]
        signs = [generator.choice(((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0))) for _ in pairs]
        found = [*pairs, *((a * x, b * y) for (x, y), (a, b) in zip(pairs, signs, strict=True))]
        if free == 3:
            found = _of_three(primitive, found)
    return _defined(primitive, found)


def denormals(primitive: Primitive) -> list[tuple[float, ...]]:
    """Points in the domain of which an operand is a denormal number."""
    if primitive.cancels is not None:
        return []
    generator = random.Random(f"denormals of {primitive.name}")

    def signed(x: float) -> float:
        return x * generator.choice((1.0, -1.0))

    found: list[tuple[float, ...]] = [(sign * x,) for x in _DENORMALS for sign in (1.0, -1.0)]
    if primitive.arity - len(primitive.static) > 1:
        found = []
        for other in _BESIDE_DENORMALS:
            small, large = signed(generator.choice(_DENORMALS)), signed(other)
            found += [(small, large), (large, -small)]
        if primitive.arity == 3:
            found = _of_three(primitive, found)
    return _defined(primitive, found)


def _of_three(primitive: Primitive, pairs: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Points with a third operand beside two: a condition in front, or a limit above both."""
    return [(1.0, x, y) if primitive.name == "where" else (x, y, 2.0 * (abs(x) + abs(y))) for x, y in pairs]


def _defined(primitive: Primitive, found: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """The points at which there is a value, with all static operands in front."""
    points = [(*head, *tail) for head in heads(primitive) for tail in found]
    return [point for point in points if is_defined(primitive, point) and all(map(math.isfinite, point))]


def rounding(primitive: Primitive, value: float, units: float) -> float:
    """How far two computations of a value may be apart: some units in the last place, or the last six digits of a
    function whose terms cancel."""
    return units * math.ulp(value) if primitive.cancels is None else 1e-10 * abs(value)


def heads(primitive: Primitive) -> list[tuple[float, ...]]:
    """The static operands to test with."""
    return sorted({tuple(low for low, _ in box[: len(primitive.static)]) for box in primitive.samples}) or [()]


def points(primitive: Primitive, static: tuple[float, ...]) -> Iterator[tuple[float, ...]]:
    """Edges, random points of the declared boxes and the ladder of magnitudes, with these static operands.

    A function whose terms cancel promises digits only in its boxes, so it has no points at edges.
    """
    free = primitive.arity - len(static)
    if primitive.cancels is None:
        yield from ((*static, *rest) for rest in itertools.product(EDGES if free < 3 else _FEW, repeat=free))
    candidates = draws(primitive, 100) + (ladder(primitive) if primitive.samples else [])
    for point in candidates:
        if len(point) == primitive.arity and point[: len(static)] == static:
            yield point


@cache
def exact_derivatives(name: str, point: tuple[float, ...], operand: int) -> tuple[mpf, ...] | None:
    try:
        return tuple(derivatives(name, point, operand))
    except Undefined:
        return None


def applied(primitive: Primitive) -> tuple[Node, list[Node]]:
    """A fresh graph of one application, with a variable for each operand but the static ones."""
    graph = Graph()
    variables = [graph.variable(name) for name in primitive.operands]
    return graph.add(primitive, variables), variables


class Measurement(NamedTuple):
    """An error at one point, as a multiple of what is allowed there."""

    ratio: float
    order: int
    operand: int
    point: tuple[float, ...]
    got: float
    exact: float

    def __str__(self) -> str:
        return (
            f"order {self.order} toward operand {self.operand} at {self.point}: "
            f"{self.got!r} but exactly {self.exact!r}, {self.ratio:.3g} times the bound"
        )


def ratio_to_bound(primitive: Primitive, got: float, exact: mpf, conditioning: mpf, order: int) -> float:
    """The error divided by the bound; inf for a wrong infinity or a nan."""
    nearest = float(exact)
    if got == nearest:
        return 0.0
    unit = math.ulp(nearest) if math.isfinite(nearest) else math.ulp(1.7e308)
    factor = FACTORS[order] if primitive.cancels is None else 1e5
    bound = factor * (unit + abs(conditioning) * mpf(2) ** -53)
    if got != got:
        return math.inf
    if math.isinf(got):
        return 0.0 if abs(exact) + bound > 1.7976931348623157e308 and (got > 0) == (exact > 0) else math.inf
    return float(abs(got - exact) / bound)


def measurements(primitive: Primitive, points: Sequence[tuple[float, ...]]) -> Iterator[Measurement]:
    """The errors of the value and the derivatives up to order three, by the graph transform."""
    root, variables = applied(primitive)
    for i in range(len(variables)):
        if i and not is_smooth_target(primitive, i):
            continue
        static = {variables[k]: k for k in range(len(primitive.static))}
        smooth = is_smooth_target(primitive, i)
        if static and not smooth:
            continue
        orders = ORDERS if smooth else (0,)
        tape = Tape([derivative(root, variables[i], n) for n in orders], variables)
        for point in points:
            exact = exact_derivatives(primitive.name, point, i)
            if exact is None:
                continue
            values = tape.run(point)
            for n, slot in zip(orders, tape.outputs, strict=True):
                conditioning = point[i] * exact[n + 1]
                ratio = ratio_to_bound(primitive, values[slot], exact[n], conditioning, n)
                yield Measurement(ratio, n, i, point, values[slot], float(exact[n]))


def sweep_measurements(primitive: Primitive, points: Sequence[tuple[float, ...]]) -> Iterator[Measurement]:
    """The errors of the first derivatives by the numeric sweeps: reverse mode, then forward mode."""
    expression = ParsedExpression(Source(""), applied(primitive)[0], primitive.operands, {})
    targets = [i for i in range(primitive.arity) if is_smooth_target(primitive, i)]
    names = [primitive.operands[i] for i in targets]
    for point in points:
        at = dict(zip(primitive.operands, point, strict=True))
        reverse = gradient(expression, at, names).gradient
        for i, name in zip(targets, names, strict=True):
            exact = exact_derivatives(primitive.name, point, i)
            if exact is None:
                continue
            for got in (reverse[name], jvp(expression, at, {name: 1.0})):
                ratio = ratio_to_bound(primitive, got, exact[1], point[i] * exact[2], 1)
                yield Measurement(ratio, 1, i, point, got, float(exact[1]))
