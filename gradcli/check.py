"""The gradient of an expression against methods that share none of its rules.

* forward: tangents instead of adjoints (the same partials, the other sweep).
* complex step: Im f(x + ih)/h with h = 1e-20 |x| on complex kernels; it uses no rule of differentiation and cancels
  nothing (Squire and Trapp, 1998).
* finite differences: central differences extrapolated by Ridders' method (1982), which also estimates its own error;
  where two runs of different steps disagree, as beside a jump or a pole, the method does not apply.

A difference counts in relation to the largest sum of contributions that meet in a partial derivative, so that a partial
in which large terms cancel is not held to digits that no method can have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from gradcli.execute.notes import Note
from gradcli.execute.point import Expression, gradient, jvp
from gradcli.execute.rules import float_rule
from gradcli.execute.tape import Tape
from gradcli.primitives.complex_kernels import COMPLEX_KERNELS

__all__ = ["METHODS", "Report", "check", "contribution_sizes"]

METHODS: Final = ("forward", "complex_step", "finite_difference")

_TOLERANCE: Final = {"forward": 1e-12, "complex_step": 1e-9}
_COMPLEX_STEP: Final = 1e-20
_LARGEST_STEP: Final = 2e-3
_SHRINK: Final = 1.4
_ROWS: Final = 10
#: Edges at which the derivative that gradcli returns is a choice, which difference quotients need not share.
_CHOICES: Final = frozenset({"kink", "jump", "branch cut", "pole", "end", "slope", "domain", "overflow"})


class Report(NamedTuple):
    """What `check` found.

    Attributes:
        value: the value of the function.
        gradient: variable -> the partial derivative by the reverse sweep.
        methods: method -> variable -> its result; None where the method does not apply.
        digits: method -> variable -> how many decimal digits agree, at most 17; None where it does not apply.
        agree: whether all methods that apply agree.
        notes: what there is to know about the point.
        comparable: false at a kink, jump or end, where only the forward sweep is held against the reverse sweep.
    """

    value: float
    gradient: dict[str, float]
    methods: dict[str, dict[str, float | None]]
    digits: dict[str, dict[str, float | None]]
    agree: bool
    notes: list[Note]
    comparable: bool


def check(expression: Expression, at: Mapping[str, float]) -> Report:
    """Compare the gradient at a point with three other methods.

    Args:
        expression: a parsed expression.
        at: a number for each variable.

    Raises:
        UsageError: a variable has no value.

    >>> from gradcli.language import parse
    >>> report = check(parse("x1*x2 + sin(x1)"), {"x1": 2, "x2": 3})
    >>> report.agree, report.digits["complex_step"]["x2"]
    (True, 17.0)
    """
    result = gradient(expression, at)
    names = list(result.gradient)
    tape = Tape([expression.root], [expression.root.graph.variable(name) for name in names])
    inputs = [float(at[name]) for name in names]
    comparable = not any(note.kind in _CHOICES for note in result.notes)
    scales = contribution_sizes(tape, inputs)
    methods: dict[str, dict[str, float | None]] = {method: {} for method in METHODS}
    digits: dict[str, dict[str, float | None]] = {method: {} for method in METHODS}
    agree = True
    for i, name in enumerate(names):
        expected = result.gradient[name]
        scale = max(abs(expected), scales[i])
        difference, uncertainty = _finite_difference(tape, inputs, i)
        found: dict[str, tuple[float | None, float]] = {
            "forward": (jvp(expression, at, {name: 1.0}), _TOLERANCE["forward"] * scale),
            "complex_step": (_complex_step(tape, inputs, i), _TOLERANCE["complex_step"] * scale),
            "finite_difference": (difference, 1e-6 * scale + 100.0 * uncertainty),
        }
        for method, (derivative, tolerance) in found.items():
            methods[method][name] = derivative
            digits[method][name] = None if derivative is None else agreed_digits(expected, derivative, scale)
            if derivative is not None and (comparable or method == "forward"):
                agree = agree and _close(expected, derivative, tolerance)
    return Report(result.value, result.gradient, methods, digits, agree, result.notes, comparable)


def agreed_digits(expected: float, found: float, scale: float) -> float:
    """How many decimal digits of two numbers agree, relative to ``scale``.

    >>> agreed_digits(1.0, 1.001, 1.0)
    3.0
    """
    if expected == found or (expected != expected and found != found):
        return 17.0
    if not (math.isfinite(expected) and math.isfinite(found)) or scale == 0.0:
        return 0.0
    return round(min(17.0, max(0.0, -math.log10(abs(expected - found) / scale))), 1)


def _close(expected: float, found: float, tolerance: float) -> bool:
    if not (math.isfinite(expected) and math.isfinite(found)):
        return expected == found or (expected != expected and found != found)
    return abs(expected - found) <= tolerance


def contribution_sizes(tape: Tape, inputs: Sequence[float]) -> list[float]:
    """For each variable, the sum of the sizes of all contributions to its derivative."""
    values = tape.run(inputs)
    sizes = [0.0] * len(values)
    sizes[tape.outputs[0]] = 1.0
    first = len(values) - len(tape.instructions)
    for slot in range(len(values) - 1, first - 1, -1):
        if sizes[slot] == 0.0:
            continue
        primitive, slots = tape.instructions[slot - first]
        partials = float_rule(primitive, len(slots)).partials([values[i] for i in slots], values[slot])
        for i, partial in zip(slots, partials, strict=True):
            if partial is not None and math.isfinite(partial):
                sizes[i] += sizes[slot] * abs(partial)
    return [size if math.isfinite(size) else 0.0 for size in sizes[: len(inputs)]]


def _complex_step(tape: Tape, inputs: Sequence[float], position: int) -> float | None:
    values: list[complex] = [complex(x) for x in inputs]
    step = _COMPLEX_STEP * (abs(inputs[position]) or 1.0)
    values[position] += 1j * step
    values.extend(map(complex, tape.constants))
    try:
        for primitive, operands in tape.instructions:
            values.append(COMPLEX_KERNELS[primitive.name](*[values[i] for i in operands]))
    except (KeyError, ArithmeticError, ValueError):
        return None
    derivative = values[tape.outputs[0]].imag / step
    return derivative if math.isfinite(derivative) else None


def _finite_difference(tape: Tape, inputs: Sequence[float], position: int) -> tuple[float | None, float]:
    """The derivative and an estimate of its error; None where two runs of different steps have no digit in common."""
    x = inputs[position]
    output = tape.outputs[0]

    def function(moved: float) -> float:
        point = list(inputs)
        point[position] = moved
        return float(tape.run(point)[output])

    step = _LARGEST_STEP * (abs(x) or 1.0)
    derivative, error = _ridders(function, x, step)
    other, other_error = _ridders(function, x, step / 16.0)
    error = max(error, abs(derivative - other))
    if not math.isfinite(error + other_error) or error > 0.1 * max(abs(derivative), abs(other)):
        return (derivative, error) if derivative == other == 0.0 else (None, math.inf)
    return derivative, error


def _ridders(function: Callable[[float], float], x: float, step: float) -> tuple[float, float]:
    """Central differences of shrinking steps, extrapolated to 0; the entry with the smallest estimate of its error."""
    previous: list[float] = []
    best, error = math.nan, math.inf
    for _ in range(_ROWS):
        above, below = x + step, x - step
        high, low = function(above), function(below)
        row = [(high - low) / (above - below)]
        rounding = 2.0**-52 * max(abs(high), abs(low)) / step
        factor = _SHRINK * _SHRINK
        for coarse in previous:
            row.append((row[-1] * factor - coarse) / (factor - 1.0))
            factor *= _SHRINK * _SHRINK
            estimate = max(abs(row[-1] - row[-2]), abs(row[-1] - coarse)) + rounding
            if estimate <= error:
                error, best = estimate, row[-1]
        previous = row
        step /= _SHRINK
    return best, error
