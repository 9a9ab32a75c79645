"""Checks of single operations: the partials of a rule are compared with difference quotients of the function itself.

A derivative of a whole formula can differ from a difference quotient although every rule is right: terms cancel, a step
crosses a kink, a product overflows.  A wrong rule is wrong at its own operation, where none of this happens.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from gradcli.evaluate.finite_differences import extrapolated_difference
from gradcli.execute.float_rules import float_rule
from gradcli.execute.tape import Tape
from gradcli.graph import Node
from gradcli.primitives import Primitive
from gradcli.primitives.kernels.complex_kernels import complex_kernel
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    import random

__all__ = ["RESOLVED", "Rounding", "WrongRule", "contradiction", "rounding_of", "wrong_rule"]

#: The first steps of difference quotients, relative to the operand: kinks, jumps and waves have a scale of their own.
_STEPS: Final = tuple([2e-3 / 16.0**k for k in range(10)])
_SIDE_STEPS: Final = (1e-4, 1e-6, 1e-8, 1e-9, 1e-10)
#: How far slopes to both sides may differ, as a share of what is in question.
_SIDES: Final = 0.1
#: Above it, doubles are too far apart for difference quotients to see waves.
RESOLVED: Final = 1e15
_COMPLEX_STEPS: Final = (1e-20, 1e-12)
#: An estimate is trusted if its own error is at most this share of it.
_TRUSTED: Final = 1e-7
#: A rule is confirmed by an estimate this near, and refuted by estimates that differ from it by more than `_WRONG`.
_CONFIRMED: Final = 1e-9
_WRONG: Final = 1e-7
#: Between the inverse of this number and the number itself, complex kernels don't lose the imaginary part.
_MODERATE: Final = 1e100
_RUNS: Final = 8
#: Below it, the product of two doubles may lose digits.
_SMALLEST: Final = 1e-292


class WrongRule(NamedTuple):
    """An operation whose rule contradicts its values.

    Attributes:
        node: the operation.
        operand: the position of the operand.
        partial: the partial derivative by the rule.
        measured: the partial derivative by difference quotients.
    """

    node: Node
    operand: int
    partial: float
    measured: float


def wrong_rule(tape: Tape, inputs: Sequence[float], most: int) -> WrongRule | None:
    """Return an operation whose rule is wrong at this point; None if no rule is refuted.

    Args:
        tape: the function.
        inputs: the point.
        most: the largest number of operations to check, the last ones first.
    """
    values = tape.run(inputs)
    checked: set[tuple[Primitive, tuple[float, ...]]] = set()
    for slot in reversed(range(tape.first, len(values))):
        primitive, slots = tape.instructions[slot - tape.first]
        operands = [values[i] for i in slots]
        if (
            primitive.is_locally_constant
            or (primitive, tuple(operands)) in checked
            or not all(map(math.isfinite, [*operands, values[slot]]))
        ):
            continue
        checked.add((primitive, tuple(operands)))
        rule = float_rule(primitive, len(operands))
        partials, edge = rule.at(operands, values[slot])
        if edge is not None:
            continue
        for i, partial in enumerate(partials):
            if i in rule.conditions or tape.nodes[slots[i]].constant is not None:
                continue
            along = _along(primitive, operands, i)
            known = _complex_estimates(primitive, operands, i)
            measured = contradiction(partial or 0.0, along, operands[i], known)
            if measured is not None:
                return WrongRule(tape.nodes[slot], i, partial or 0.0, measured)
        if len(checked) == most:
            break
    return None


def contradiction(
    derivative: float, function: Callable[[float], float], x: float, known: Iterable[tuple[float, float]] = ()
) -> float | None:
    """Return a derivative on which two estimates agree and which differs from the given derivative.

    The result is None if the given derivative is not refuted.

    Args:
        derivative: the derivative to check.
        function: the function.
        x: the point.
        known: further estimates of the derivative, each with an estimate of its error.
    """
    if 0.0 < abs(derivative) < _SMALLEST:
        return None
    trusted: list[float] = []
    for estimate, error in itertools.chain(known, _difference_estimates(function, x)):
        size = max(abs(estimate), abs(derivative)) if math.isfinite(derivative) else abs(estimate)
        if estimate == derivative:
            return None
        if not (math.isfinite(estimate) and error <= _TRUSTED * size):
            continue
        if abs(estimate - derivative) <= _CONFIRMED * size + 10.0 * error:
            return None
        trusted.append(estimate)
    for first, second in itertools.pairwise(trusted):
        agree = _differ(first, second) <= _WRONG and not _differ(first, derivative) <= 10.0 * _WRONG
        if agree and _is_smooth(function, x, first, derivative):
            return first
    return None


def _differ(first: float, second: float) -> float:
    """Return the difference of two numbers, relative to the larger one."""
    return abs(first - second) / (max(abs(first), abs(second)) or 1.0)


def _is_smooth(function: Callable[[float], float], x: float, slope: float, other: float) -> bool:
    """Whether the slopes on both sides are nearly the same, so that no kink or jump is close by.

    Args:
        function: the function.
        x: the point.
        slope: its slope there.
        other: another derivative; the difference of the slopes must be small compared with ``other``.
    """
    middle = function(x)
    allowed = _SIDES * (min(abs(slope - other), max(abs(slope), abs(other))) if math.isfinite(other) else abs(slope))
    for relative_step in _SIDE_STEPS:
        step = relative_step * (abs(x) or 1.0)
        sides = [(function(x + one) - middle) / ((x + one) - x) for one in (step, -step) if x + one != x]
        if len(sides) == 2 and all(abs(side - slope) <= allowed for side in sides):
            return True
    return False


def _difference_estimates(function: Callable[[float], float], x: float) -> Iterator[tuple[float, float]]:
    """Yield estimates of a derivative by difference quotients with smaller and smaller steps, each with its error."""
    if abs(x) > RESOLVED:
        return
    for step in _STEPS:
        yield extrapolated_difference(function, x, step * (abs(x) or 1.0))


def _complex_estimates(primitive: Primitive, operands: Sequence[float], position: int) -> Iterator[tuple[float, float]]:
    """Yield estimates of a partial derivative by complex steps, if no part of a number can overflow or underflow."""
    kernel = complex_kernel(primitive)
    if kernel is None or not all(one == 0.0 or 1.0 / _MODERATE < abs(one) < _MODERATE for one in operands):
        return
    for relative_step in _COMPLEX_STEPS:
        step = relative_step * (abs(operands[position]) or 1.0)
        moved: list[complex] = [complex(one) for one in operands]
        moved[position] += 1j * step
        try:
            result = kernel(*moved)
        except (ArithmeticError, ValueError):
            continue
        estimate = result.imag / step
        yield estimate, 1e-12 * abs(estimate) + 2.0**-52 * abs(result.real) / (abs(operands[position]) or 1.0)


def _along(primitive: Primitive, operands: Sequence[float], position: int) -> Callable[[float], float]:
    """Return the primitive as a function of one operand."""
    before, after = operands[:position], operands[position + 1 :]
    return lambda x: float(primitive.value(*before, x, *after))


class Rounding(NamedTuple):
    """The effect of rounding on a gradient.

    Attributes:
        spread: for each variable, how much its derivative changes if every operation is rounded differently.
        leaves_range: for each variable, whether a product in the computation of its derivative overflows or underflows.
    """

    spread: list[float]
    leaves_range: bool


def rounding_of(tape: Tape, inputs: Sequence[float]) -> Rounding:
    """Return the effect of rounding on a gradient, found by runs that change each result by a unit in its last place.

    This is the discrete stochastic arithmetic of J. Vignes, "A stochastic arithmetic for reliable scientific
    computation", Mathematics and Computers in Simulation 35 (1993).
    """
    import random

    generator = random.Random(0)  # noqa: S311  (no secret depends on it)
    runs = [_rounded_gradient(tape, inputs, generator) for _ in range(_RUNS)]
    gradients = [
        [one for one in partials if math.isfinite(one)] for partials in zip(*[run[0] for run in runs], strict=True)
    ]
    spread = [max(partials, default=0.0) - min(partials, default=0.0) for partials in gradients]
    return Rounding(spread, any(leaves_range for _, leaves_range in runs))


def _rounded_gradient(tape: Tape, inputs: Sequence[float], generator: random.Random) -> tuple[list[float], bool]:
    """Return a gradient whose operations are rounded at random, and whether a product leaves the range of floats."""

    def rounded(x: float, *operands: float) -> float:
        # The choice of an operand, its sign, and operations on small whole numbers are exact.
        is_whole = all(one.is_integer() and abs(one) < 2.0**53 for one in (x, *operands))
        if not math.isfinite(x) or x in operands or -x in operands or is_whole:
            return x
        return math.nextafter(x, generator.choice((-math.inf, x, math.inf)))

    values = [*inputs, *tape.constants]
    for primitive, slots in tape.instructions:
        operands = [values[i] for i in slots]
        values.append(rounded(primitive.value(*operands), *operands))
    adjoints = [0.0] * len(values)
    adjoints[tape.outputs[0]] = 1.0
    leaves_range = False
    for slot in reversed(range(tape.first, len(values))):
        adjoint = adjoints[slot]
        if adjoint == 0.0:
            continue
        primitive, slots = tape.instructions[slot - tape.first]
        partials = float_rule(primitive, len(slots)).partials([values[i] for i in slots], values[slot])
        for i, partial in zip(slots, partials, strict=True):
            if partial is None or partial == 0.0:
                continue
            product = adjoint * partial
            leaves_range = leaves_range or not _SMALLEST < abs(product) < math.inf
            adjoints[i] += rounded(product, adjoint, partial)
    return adjoints[: len(inputs)], leaves_range
