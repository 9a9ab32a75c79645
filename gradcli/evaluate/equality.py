"""Two formulas, compared by their values: at many points, with a bound on the rounding error of each value.

Two formulas are different if at some point their values differ by more than rounding can explain.  The points
lie in boxes of several sizes, near the numbers that the formulas contain, and on both sides of each place where an
operation changes its sign or has no value.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, Literal

from gradcli.execute.tape import Tape
from gradcli.graph import Node
from gradcli.records import NamedTuple

__all__ = ["Estimate", "Points", "compare", "estimates"]

#: A bound on the relative error of one operation, with a margin: the kernels are right to 4 units in the last place.
_ROUNDING: Final = 8 * 2.0**-53
#: The absolute error of a result that may have underflowed.
_UNDERFLOW: Final = 2.0**-1022
#: Numbers that take the place of an operand of which nothing is known.
_ANYTHING: Final = (-1e300, -1.0, 0.0, 1.0, 1e300)
#: A function with no pole is at most this much larger inside of an interval of errors than at its ends.
_PEAK: Final = 2.0**-20
#: Values agree if they differ by at most this many times the sum of their errors.
_MARGIN: Final = 4.0
#: An error of this share of the values, or of this size, is small enough for their agreement to mean something.
_TELLING, _TELLING_SIZE = 1e-9, 1e-12
#: The half-widths of the boxes.
_BOXES: Final = (1.0, 3.0, 0.1, 10.0, 1e-3, 100.0, 1e4, 1e-6, 1e8)
#: Numbers at which people would try a formula first.
_SIMPLE: Final = (1.0, 2.0, 0.5, -1.0, 3.0, -2.0)
#: Edges are looked for on a line through 0: its half-length, its points, and the most edges; points beside an edge
#: have these distances, relative to it.
_LINE: Final = 40.0
_LINE_POINTS: Final = 61
_EDGES: Final = 24
_BESIDE: Final = (3e-2, 1e-3, 1e-6)


class Estimate(NamedTuple):
    """A value, and a bound on its rounding error; the bound is infinite if nothing is known about the value."""

    value: float
    error: float

    @property
    def is_known(self) -> bool:
        """Whether the value is a number, and something is known about it."""
        return self.error < math.inf and self.value == self.value

    @property
    def is_undefined(self) -> bool:
        """Whether there is certainly no value."""
        return self.value != self.value and self.error < math.inf


def estimates(tape: Tape, inputs: Sequence[float]) -> list[Estimate]:
    """Return the estimate of every slot of a tape.

    The error of an operation is the sum of two parts: its own rounding, and the change of its result when its operands
    change by their errors.  At a pole or an end of the domain this change has no bound, and the result is not known.

    >>> from gradcli import parse
    >>> tape = Tape([parse("sin(x)^2 + cos(x)^2 - 1").root])
    >>> found = estimates(tape, [0.7])[tape.outputs[0]]
    >>> abs(found.value) <= found.error < 1e-13
    True
    """
    values = list(inputs)
    errors = [0.0] * len(values)
    for node, number in zip(tape.nodes[len(values) :], tape.constants, strict=False):
        values.append(number)
        is_exact = node.name is None and (number != number or float(number).is_integer())
        errors.append(0.0 if is_exact else abs(number) * 2.0**-52)
    for primitive, slots in tape.instructions:
        operands = [values[slot] for slot in slots]
        value = primitive.value(*operands)
        error = 0.0
        for slot in {*slots}:
            own, number = errors[slot], values[slot]
            if own == 0.0:
                continue
            ends = []
            for moved in (number - own, number + own) if own < math.inf else _ANYTHING:
                other = primitive.value(*[moved if one == slot else values[one] for one in slots])
                ends.append(other)
                if other != value and not (other != other and value != value):
                    change = abs(other - value)
                    error = max(error, 2.0 * change) if change == change else math.inf
            if _is_across_pole(value, min(ends), max(ends)):
                error = math.inf
        if not primitive.is_locally_constant and value == value:
            is_whole = all(one.is_integer() and abs(one) < 2.0**53 for one in (value, *operands))
            if not (is_whole and primitive.infix is not None):
                error += _ROUNDING * abs(value) + _UNDERFLOW
        values.append(value)
        errors.append(error if abs(value) < math.inf or value != value else math.inf)
    return [Estimate(value, error) for value, error in zip(values, errors, strict=True)]


def _is_across_pole(value: float, low: float, high: float) -> bool:
    """Whether a function has a pole in an interval, as far as its value inside and its values at both ends tell."""
    if low <= value <= high:
        return False
    return low * high < 0.0 or abs(value) > (1.0 + _PEAK) * max(abs(low), abs(high))


def compare(first: Estimate, second: Estimate) -> Literal["equal", "different", "unknown"]:
    """Return whether two values are equal up to rounding, or ``"unknown"`` if their errors are too large to tell.

    >>> one = Estimate(1.0, 1e-15)
    >>> compare(one, Estimate(1.0 + 2e-15, 1e-15)), compare(one, Estimate(1.000001, 1e-15)), compare(one, one)
    ('equal', 'different', 'equal')
    >>> compare(one, Estimate(3.0, 10.0)), compare(one, Estimate(math.nan, 0.0))
    ('unknown', 'different')
    """
    if first.is_undefined or second.is_undefined:
        if first.is_undefined and second.is_undefined:
            return "equal"
        return "different" if first.is_known or second.is_known else "unknown"
    if not (first.is_known and second.is_known):
        return "unknown"
    error = first.error + second.error
    if not abs(first.value - second.value) <= _MARGIN * error:
        return "different"
    size = max(abs(first.value), abs(second.value))
    return "equal" if error <= max(_TELLING * size, _TELLING_SIZE) else "unknown"


class Points:
    """The points at which formulas are compared.

    Args:
        roots: the formulas.
        names: the variables.
        along: the variable that is changed to find edges.
        fixed: the values of variables that are the same at all points.
    """

    def __init__(self, roots: Sequence[Node], names: Sequence[str], along: str, fixed: Mapping[str, float]) -> None:
        self.names = names
        self.along = along
        self.fixed = fixed
        self.tape = Tape(roots, [roots[0].graph.variable(name) for name in names])
        self._moving = [name for name in names if name not in fixed]

    def __iter__(self) -> Iterator[tuple[dict[str, float], bool]]:
        """Yield pairs of a point and a truth value: true if the coordinates are simple numbers.

        At simple numbers a formula may lack a value that the same function, written differently, has.
        """
        for point in self._simple():
            yield point, True
        for point in self._in_boxes(random.Random(1)):  # noqa: S311 - no secret depends on it
            yield point, False
        for point in self._beside_edges:
            yield point, False
        for point in self._near_numbers(random.Random(2)):  # noqa: S311
            yield point, False

    def more(self) -> Iterator[dict[str, float]]:
        """Yield many more points in boxes, for formulas that have values in few places."""
        return self._in_boxes(random.Random(3), rounds=60)  # noqa: S311

    def _in_boxes(self, generator: random.Random, rounds: int = 5) -> Iterator[dict[str, float]]:
        signs: list[tuple[float, ...]] = [(1.0,), (-1.0,), (1.0, -1.0)]
        for _ in range(rounds):
            for box, sign in itertools.product(_BOXES, signs):
                if box > 10.0 and len(sign) > 1:
                    continue
                yield self._point(
                    {name: generator.choice(sign) * box * generator.uniform(0.03, 1.0) for name in self._moving}
                )
            # A power of a negative number has a value only if its exponent is whole.
            for name in self._moving:
                point = {other: generator.uniform(-3.0, 3.0) for other in self._moving}
                others = [other for other in self._moving if other != name]
                yield self._point({**point, name: float(generator.randint(-4, 6))} if others else point)
                whole = {other: float(generator.randint(1, 6)) for other in others}
                yield self._point({**whole, name: generator.uniform(-3.0, 3.0)})
            yield self._point(
                {name: generator.choice((-1, 1)) * 10.0 ** generator.uniform(-6, 6) for name in self._moving}
            )

    def _point(self, moving: Mapping[str, float]) -> dict[str, float]:
        return {name: self.fixed[name] if name in self.fixed else moving[name] for name in self.names}

    @cached_property
    def _numbers(self) -> list[float]:
        """The absolute values of the constants in the formulas, and 1; the smallest first."""
        found = {abs(one) for one in self.tape.constants if math.isfinite(one) and one} | {1.0}
        return sorted(found)[:_EDGES]

    def _near_numbers(self, generator: random.Random) -> Iterator[dict[str, float]]:
        for number in self._numbers:
            for center, share in itertools.product((number, -number, 1.0 / number), (0.05, 1e-3, 1e-6)):
                if math.isfinite(center):
                    point = {name: generator.uniform(0.2, 2.0) for name in self._moving}
                    point[self.along] = center * (1.0 + generator.choice((-1, 1)) * share * generator.uniform(0.5, 1.0))
                    yield self._point(point)

    def _simple(self) -> Iterator[dict[str, float]]:
        """Yield points whose coordinates are simple numbers, such as 1 and 2, or constants of the formulas."""
        for number in dict.fromkeys([*_SIMPLE, *self._numbers, *[-one for one in self._numbers], 0.0]):
            others = itertools.cycle((2.0, 3.0, 0.5))
            yield self._point({name: number if name == self.along else next(others) for name in self._moving})

    @cached_property
    def _beside_edges(self) -> list[dict[str, float]]:
        """Points on both sides of edges along a line, and between neighbouring edges."""
        found: list[dict[str, float]] = []
        generator = random.Random(5)  # noqa: S311
        for _ in range(2 if len(self._moving) > 1 else 1):
            rest = {name: generator.uniform(-2.0, 2.0) for name in self._moving}
            at = [_LINE * (2.0 * i / (_LINE_POINTS - 1) - 1.0) ** 3 + 0.0123 for i in range(_LINE_POINTS)]
            at = sorted({*at, *[one * sign * 1.0001 for one in self._numbers for sign in (-1.0, 1.0)]})
            edges: list[float] = []
            signatures = [self._signature(rest, x) for x in at]
            for (x, before), (y, after) in itertools.pairwise(zip(at, signatures, strict=True)):
                if before != after and len(edges) < _EDGES:
                    edges.append(self._edge(rest, x, y, before))
            for edge in edges:
                size = abs(edge) or 1.0
                found += [self._point({**rest, self.along: edge + sign * size * step * generator.uniform(0.5, 1.0)})
                          for step in _BESIDE for sign in (-1.0, 1.0)]  # fmt: skip
            found += [self._point({**rest, self.along: (x + y) / 2.0}) for x, y in itertools.pairwise(edges) if x < y]
        return found

    def _signature(self, rest: Mapping[str, float], x: float) -> tuple[float, ...]:
        """Return the sign of each operation's value at a point: -1, 0 or 1, and 2 for an operation without a value."""
        point = self._point({**rest, self.along: x})
        values = self.tape.run([point[name] for name in self.names])[self.tape.first :]
        return tuple(2.0 if value != value else (value > 0.0) - (value < 0.0) for value in values)

    def _edge(self, rest: Mapping[str, float], x: float, y: float, before: tuple[float, ...]) -> float:
        """Return a place between two points where the sign of an operation's value changes, found by halving."""
        for _ in range(50):
            middle = (x + y) / 2.0
            if self._signature(rest, middle) == before:
                x = middle
            else:
                y = middle
        return y
