"""Checks of the gradient of an expression at a point, by methods that share none of its rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

from gradcli import limits
from gradcli.evaluate.expression import Expression
from gradcli.evaluate.finite_differences import TOLERANCE, agreed_digits, close, entries_of, finite_difference
from gradcli.evaluate.notes import Note
from gradcli.evaluate.point import jvp
from gradcli.execute.float_rules import float_rule
from gradcli.execute.tape import Tape
from gradcli.primitives.kernels.complex_kernels import complex_kernel

__all__ = ["METHODS", "Report", "check", "contribution_sizes"]

METHODS: Final = ("forward", "complex_step", "finite_difference")
_COMPLEX_STEP: Final = 1e-20
#: Edges at which the derivative that gradcli returns is one choice of several; difference quotients may give another.
_CHOICES: Final = frozenset({"kink", "jump", "branch cut", "pole", "end", "slope", "domain", "overflow"})


class Report(NamedTuple):
    """The findings of `check`.

    Attributes:
        value: the value of the function.
        gradient: variable -> the partial derivative by the reverse sweep, a float or an array.
        methods: method -> variable -> its result, as nested lists for an array; None where the method does not apply.
        digits: method -> variable -> the number of decimal digits that agree in the worst entry, at most 17; None
            where the method does not apply.
        agree: whether all methods that apply agree.
        notes: the notes on the point.
        comparable: false at a kink, jump or end, where only the forward sweep is compared with the reverse sweep.
    """

    value: float
    gradient: dict[str, Any]
    methods: dict[str, dict[str, Any]]
    digits: dict[str, dict[str, float | None]]
    agree: bool
    notes: list[Note]
    comparable: bool


def check(expression: Expression, at: Mapping[str, Any]) -> Report:
    """Compare the gradient at a point with three other methods.

    Args:
        expression: a parsed expression.
        at: a number, or an array, for each variable.

    Raises:
        UsageError: a variable has no value.
        ExpressionError: shapes don't fit, or the value is not one number.

    >>> from gradcli.evaluate.expression import parse
    >>> report = check(parse("x1*x2 + sin(x1)"), {"x1": 2, "x2": 3})
    >>> report.agree, report.digits["complex_step"]["x2"]
    (True, 17.0)
    """
    executor = expression.executor(at)
    result = executor.gradient(expression, at)
    comparable = not any(note.kind in _CHOICES for note in result.notes)
    methods: dict[str, dict[str, Any]] = {method: {} for method in METHODS}
    digits: dict[str, dict[str, float | None]] = {method: {} for method in METHODS}
    report = Report(result.value, result.gradient, methods, digits, True, result.notes, comparable)
    compare = _arrays_agree if executor.name == "arrays" else _floats_agree
    return report._replace(agree=compare(expression, at, report))


def _floats_agree(expression: Expression, at: Mapping[str, Any], report: Report) -> bool:
    """Whether all methods agree at a point without arrays; what they give is entered into the report."""
    names = list(report.gradient)
    tape = Tape([expression.root], [expression.root.graph.variable(name) for name in names])
    inputs = [float(at[name]) for name in names]
    scales = contribution_sizes(tape, inputs)
    agree = True
    for i, name in enumerate(names):
        expected = report.gradient[name]
        scale = max(abs(expected), scales[i])
        difference, uncertainty = finite_difference(_along(tape, inputs, i), inputs[i])
        found: dict[str, tuple[float | None, float]] = {
            "forward": (jvp(expression, at, {name: 1.0}), TOLERANCE["forward"] * scale),
            "complex_step": (_complex_step(tape, inputs, i), TOLERANCE["complex_step"] * scale),
            "finite_difference": (difference, TOLERANCE["finite_difference"] * scale + 100.0 * uncertainty),
        }
        for method, (derivative, tolerance) in found.items():
            report.methods[method][name] = derivative
            report.digits[method][name] = None if derivative is None else agreed_digits(expected, derivative, scale)
            if derivative is not None and (report.comparable or method == "forward"):
                agree = agree and close(expected, derivative, tolerance)
    return agree


def contribution_sizes(tape: Tape, inputs: Sequence[float]) -> list[float]:
    """For each variable, the sum of the absolute values of all contributions to its derivative."""
    values = tape.run(inputs)
    sizes = [0.0] * len(values)
    sizes[tape.outputs[0]] = 1.0
    for slot, (primitive, slots) in reversed(list(enumerate(tape.instructions, tape.first))):
        if sizes[slot] == 0.0:
            continue
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
            kernel = complex_kernel(primitive)
            if kernel is None:
                return None
            values.append(kernel(*[values[i] for i in operands]))
    except (ArithmeticError, ValueError):
        return None
    derivative = values[tape.outputs[0]].imag / step
    return derivative if math.isfinite(derivative) else None


def _along(tape: Tape, inputs: Sequence[float], position: int) -> Callable[[float], float]:
    """Return the function of one variable, with the others held fixed."""

    def function(moved: float) -> float:
        values = tape.run([*inputs[:position], moved, *inputs[position + 1 :]])
        return float(values[tape.outputs[0]])

    return function


def _arrays_agree(expression: Expression, at: Mapping[str, Any], report: Report) -> bool:
    """Whether all methods agree at a point with arrays; what they give is entered into the report."""
    import numpy as np

    from gradcli.evaluate import array_point as arrays

    agree = True
    replay = arrays.Replay(expression, at, [expression.root.graph.variable(name) for name in report.gradient])
    replay.pullback()
    contributions = [
        _largest(value.data * value.grad.data) for value in replay.values if getattr(value, "grad", None) is not None
    ]
    for name, partial in report.gradient.items():

        def forward(direction: Any, name: str = name) -> float:
            return float(arrays.jvp(expression, at, {name: direction}))

        def value(array: Any, name: str = name) -> float:
            return float(arrays.evaluate(expression, {**at, name: array}).value)

        array = np.asarray(at[name], dtype=np.float64)
        # Terms as large as the largest contribution, per unit of the variable, may cancel.
        scale = max(_largest(partial), max(contributions, default=0.0) / (_largest(array) or 1.0))
        most = max(1, limits.CHECKED_ENTRIES // len(report.gradient))
        entries = entries_of(array, np.asarray(partial), forward, value, most)
        for method, choose in (("forward", attrgetter("forward")), ("finite_difference", attrgetter("difference"))):
            table = np.full(array.shape, None, dtype=object)
            for entry in entries:
                table[entry.place] = choose(entry)
            report.methods[method][name] = table.tolist()
            counts = [agreed_digits(one.reverse, found, scale) for one in entries if (found := choose(one)) is not None]
            report.digits[method][name] = min(counts, default=None)
        report.methods["complex_step"][name] = report.digits["complex_step"][name] = None
        for entry in entries:
            wrong = entry.disagreements(scale, TOLERANCE["finite_difference"])
            if not report.comparable:
                # A tangent of 0 times an infinite slope is nan, although no adjoint arrives there in the reverse sweep.
                wrong = [method for method in wrong if method == "forward" and entry.forward == entry.forward]
            agree = agree and not wrong
    return agree


def _largest(array: Any) -> float:
    """The largest absolute value of a finite entry."""
    import numpy as np

    sizes = np.abs(array)
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))
