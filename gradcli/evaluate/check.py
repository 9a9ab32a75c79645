"""Checks of the gradient of an expression at a point, by other methods."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from gradcli import limits
from gradcli.evaluate.expression import Expression, parse
from gradcli.evaluate.finite_differences import (
    LARGEST_STEP,
    TOLERANCE,
    Entry,
    agreed_digits,
    along_entry,
    close,
    entries_of,
    finite_difference,
)
from gradcli.evaluate.point import jvp
from gradcli.evaluate.rule_checks import (
    RESOLVED,
    WrongRule,
    contradiction,
    rounding_of,
    wrong_rule,
)
from gradcli.execute.float_rules import float_rule
from gradcli.execute.tape import Tape
from gradcli.graph import differentiate
from gradcli.primitives.kernels.complex_kernels import complex_kernel
from gradcli.records import NamedTuple
from gradcli.source import Note, counted, joined, listed

if TYPE_CHECKING:
    from gradcli.evaluate.ball_checks import BallCheck

__all__ = ["METHODS", "Report", "check", "contribution_sizes"]

METHODS: Final = ("forward", "complex_step", "finite_difference")
_METHOD_WORDS: Final = {
    "forward": "the forward sweep",
    "complex_step": "the complex step",
    "finite_difference": "finite differences",
    "balls": "balls",
}
Verdict = Literal["agree", "sweeps agree", "a choice", "rules right", "digits lost", "no value", "disagree"]
_COMPLEX_STEP: Final = 1e-20
_SMALLEST_STEP: Final = 2.0**-1022
#: A derivative of which fewer digits are certain has a note.
_CERTAIN_DIGITS: Final = 10
_RUNS_ON_ARRAYS: Final = 4
_HIDDEN: Final = 1e-9
#: The share of a derivative that ordinary rounding may change.
_NEGLIGIBLE: Final = 1e-13
#: Edges at which the derivative that gradcli returns is one choice of several; difference quotients may give another.
_CHOICES: Final = frozenset({"kink", "jump", "branch cut", "pole", "end", "slope", "limit", "domain", "overflow"})


class Report(NamedTuple):
    """The findings of `check`.

    Attributes:
        value: the value of the function.
        gradient: a dictionary from variables to partial derivatives by the reverse sweep, floats or arrays.
        methods: for each method a dictionary from variables to its results, as nested lists for arrays; None where the
            method does not apply.
        digits: for each method a dictionary from variables to the number of decimal digits that agree in the worst
            entry, at most 17; None where the method does not apply.
        agree: false only if a rule of differentiation is wrong.
        notes: the notes on the point, and on the methods that do not apply there.
        comparable: false at a kink, jump or end, where only the forward sweep is compared with the reverse sweep.
        wrong: the operation whose rule is wrong, if it is known.
        balls: what balls say; None for arrays, and without the package python-flint.  Then the tables have a method
            ``"balls"``, too, whose digits are those that are right.
    """

    value: float
    gradient: dict[str, Any]
    methods: dict[str, dict[str, Any]]
    digits: dict[str, dict[str, float | None]]
    agree: bool
    notes: list[Note]
    comparable: bool
    wrong: WrongRule | None = None
    balls: BallCheck | None = None

    @property
    def value_digits(self) -> float | None:
        """The number of decimal digits of the value that are right; None if balls don't decide it."""
        return None if self.balls is None else self.balls.value_digits(self.value)

    @property
    def verdict(self) -> Verdict:
        """The outcome: whether the methods agree, or why this can't be decided."""
        if not self.agree:
            return "disagree"
        if not math.isfinite(self.value) or not all(_has_numbers(one) for one in self.gradient.values()):
            return "no value"
        if any(note.kind == "cancellation" for note in self.notes):
            is_decided = self.balls is not None and all(map(self.balls.is_confirmed, self.gradient))
            return "rules right" if is_decided else "digits lost"
        if not self.comparable:
            return "a choice"
        independent = [self.digits[method] for method in METHODS if method != "forward"]
        confirmed = all(
            any(found[name] is not None for found in independent)
            or (self.balls is not None and self.balls.is_confirmed(name))
            for name in self.gradient
        )
        return "agree" if confirmed else "sweeps agree"

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        def digits(method: str, name: str) -> str:
            found = self.digits[method][name]
            return "does not apply" if found is None else f"{found:.3g} digits agree"

        rows = [
            [name, str(value), *[digits(method, name) for method in self.methods]]
            for name, value in self.gradient.items()
        ]
        words = [_METHOD_WORDS[method].removeprefix("the ") for method in self.methods]
        return table(["variable", "derivative", *words], rows, f"value {self.value!r}; verdict: {self.verdict}")


def _has_numbers(partial: Any) -> bool:
    """Whether a partial derivative, a float or an array, holds no nan."""
    return bool((partial == partial) if isinstance(partial, float) else (partial == partial).all())


def check(
    expression: Expression,
    at: Mapping[str, Any],
    typed: Mapping[str, str] = MappingProxyType({}),
) -> Report:
    """Compare the gradient at a point with other methods.

    Args:
        expression: a parsed expression.
        at: a number, or an array, for each variable.
        typed: texts of numbers, which are exact: 0.1 is 1/10.  By default they are those that Python prints.

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
    report = Report(result.value, result.gradient, methods, digits, True, list(result.notes), comparable)
    if result.sweep is None:
        return _check_arrays(expression, at, report)
    return _check_floats(expression, at, report, typed)


class _Comparison(NamedTuple):
    """One partial derivative, and the results of the methods for it.

    Attributes:
        name: the variable.
        expected: the derivative by the reverse sweep.
        scale: the size of the terms whose sum is the derivative.
        spread: an estimate of the effect of rounding on the derivative.
        error_of_formula: the largest difference that rounding errors in the typed formula can explain.
        found: a dictionary from methods to pairs: the derivative, and the largest difference that the error of the
            method can explain.
        counts: a dictionary from methods to the number of digits that agree.
        differing: the methods that contradict the derivative: their difference is not explained, no digit agrees, or
            their result has no meaning.
        right: how many digits are right, if balls tell.
    """

    name: str
    expected: float
    scale: float
    spread: float
    error_of_formula: float
    found: dict[str, tuple[float, float]]
    counts: dict[str, float]
    differing: list[str]
    right: float | None

    @property
    def is_outvoted(self) -> bool:
        """Whether the two methods that use no rules agree on a derivative, and the sweeps give another one."""
        if not {"complex_step", "finite_difference"} <= set(self.differing):
            return False
        (first, first_error), (second, second_error) = self.found["complex_step"], self.found["finite_difference"]
        error = first_error + second_error + self.error_of_formula
        return math.isfinite(first) and close(first, second, error) and not close(self.expected, first, 2.0 * error)

    @property
    def loses_digits(self) -> bool:
        """Whether rounding leaves few correct digits of the derivative; an exact 0 has lost no digits."""
        if self.right is not None:
            return self.right < _CERTAIN_DIGITS
        if self.expected == 0.0:
            return self.spread > _NEGLIGIBLE * self.scale
        return self.spread > 10.0**-_CERTAIN_DIGITS * abs(self.expected)


def _check_floats(expression: Expression, at: Mapping[str, Any], report: Report, typed: Mapping[str, str]) -> Report:
    """Return the report on a point without arrays.

    If a method disagrees, the gradient counts as wrong only in three cases: the rule of an operation is wrong by
    itself, or the two methods without rules agree with each other on another derivative, or balls refute it.

    Args:
        expression: the expression.
        at: the point.
        report: the report, whose tables are filled.
        typed: the exact numbers of the point as texts.
    """
    names = list(report.gradient)
    variables = [expression.root.graph.variable(name) for name in names]
    tape = Tape([expression.root], variables)
    differentiated = Tape([differentiate.keeping_digits(expression.root)], variables)
    inputs = [float(at[name]) for name in names]
    scales = contribution_sizes(tape, inputs)
    as_typed = rounding_of(tape, inputs)
    rounding = rounding_of(differentiated, inputs)
    leaves_range = as_typed.leaves_range or rounding.leaves_range
    wrong = wrong_rule(differentiated, inputs, limits.CHECKED_OPERATIONS)
    balls = _balls(expression, at, report, typed)
    comparisons = []
    for i, (name, expected) in enumerate(report.gradient.items()):
        scale = max(abs(expected), scales[i])
        difference, uncertainty = finite_difference(_along(tape, inputs, i), inputs[i])
        found = {
            "forward": (jvp(expression, at, {name: 1.0}), TOLERANCE["forward"] * scale),
            "complex_step": (_complex_step(tape, inputs, i), TOLERANCE["complex_step"] * scale),
            "finite_difference": (difference, TOLERANCE["finite_difference"] * scale + 100.0 * uncertainty),
        }
        applicable = {}
        if expected == expected and math.isfinite(report.value):
            applicable = {method: (one, error) for method, (one, error) in found.items() if one is not None}
        counts = {method: agreed_digits(expected, one) for method, (one, _) in applicable.items()}
        error_of_formula = 10.0 * (as_typed.spread[i] + rounding.spread[i])
        differing = [
            method
            for method, (one, error) in applicable.items()
            if counts[method] < 1.0
            or not close(expected, one, error + error_of_formula)
            or (method != "forward" and not _tells_something(expected, one, scale, error_of_formula))
        ]
        spread = rounding.spread[i]
        proved = None if balls is None else balls.gradient[name]
        right = None if proved is None else _right(proved, expected)
        comparisons.append(
            _Comparison(name, expected, scale, spread, error_of_formula, applicable, counts, differing, right)
        )
    are_resolved = all(abs(value) <= RESOLVED for value in tape.run(inputs))
    may_vote = report.comparable and are_resolved and not leaves_range
    refuted = [name for name in names if balls is not None and balls.is_refuted(name)]
    agree = wrong is None and not refuted and not (may_vote and any(one.is_outvoted for one in comparisons))
    for one in comparisons:
        for method in METHODS:
            applies = method in one.found and (method not in one.differing or not agree)
            report.methods[method][one.name] = one.found[method][0] if applies else None
            report.digits[method][one.name] = one.counts[method] if applies else None
    if balls is not None:
        truth = {name: balls.quotients[name] if name in refuted else balls.gradient[name] for name in names}
        numbers = report.methods["balls"] = {name: None if one is None else float(one) for name, one in truth.items()}
        report.digits["balls"] = {
            name: None if one is None else _right(str(one), report.gradient[name]) for name, one in numbers.items()
        }
    if agree:
        for i, one in enumerate(comparisons):
            report.notes.extend(_method_notes(one, report, _along(tape, inputs, i), inputs[i], leaves_range))
        if balls is not None:
            report.notes.extend(_ball_notes(balls, report))
    return report._replace(agree=agree, wrong=wrong, balls=balls)


def _balls(expression: Expression, at: Mapping[str, Any], report: Report, typed: Mapping[str, str]) -> BallCheck | None:
    """Return what balls say about a point; None without the package."""
    import importlib.util

    if importlib.util.find_spec("flint") is None:
        return None
    from gradcli.evaluate.ball_checks import ball_check

    point = {name: parse(typed.get(name, repr(float(at[name])))) for name in expression.variables}
    return ball_check(expression.unfolded(), point, list(report.gradient), has_slopes=report.comparable)


def _ball_notes(balls: BallCheck, report: Report) -> Iterator[Note]:
    """Yield the note on a value that has lost digits, and on what balls can't decide."""
    if not math.isfinite(report.value):
        return
    right = balls.value_digits(report.value)
    if right is not None and right < _CERTAIN_DIGITS:
        yield Note("value digits", f"rounding spoils the value: {_right_words(right)}")
    missing = [name for name in report.gradient if balls.gradient[name] is None]
    if missing and balls.problem is not None:
        names = listed([f"d/d{one}" for one in missing])
        yield Note("method", f"balls don't tell how many digits of {names} are right: {balls.problem}")


def _right(proved: str, found: float) -> float:
    from gradcli.evaluate.ball_checks import right_digits

    return right_digits(proved, found)


def _right_words(right: float) -> str:
    count = math.floor(right)
    return f"only {counted(count, 'digit')} {'is' if count == 1 else 'are'} right" if count else "no digit is right"


def _tells_something(expected: float, found: float, scale: float, error_of_formula: float) -> bool:
    """Whether a derivative found without the rules is larger than the rounding errors of the formula."""
    size = abs(found) if math.isfinite(found) else abs(expected)
    return error_of_formula <= (_HIDDEN * scale if expected == found == 0.0 else 0.1 * size)


def _method_notes(
    one: _Comparison, report: Report, function: Callable[[float], float], x: float, leaves_range: bool
) -> Iterator[Note]:
    """Yield the notes on a derivative that has lost digits, and on the methods that do not apply to it.

    Args:
        one: the derivative and the methods.
        report: the report so far.
        function: the function of the variable.
        x: the value of the variable.
        leaves_range: whether a product in the computation of the derivative overflows or underflows.
    """
    if not one.counts or not math.isfinite(one.expected):
        return
    if one.loses_digits:
        if one.right is None:
            yield _cancellation_note(one.name, one.expected, one.spread)
        else:
            yield Note("cancellation", f"rounding spoils d/d{one.name}: {_right_words(one.right)}")
        return
    failing = [*one.differing, *(method for method in METHODS[1:] if method not in one.found)]
    is_confirmed = any(method in one.found and method not in one.differing for method in METHODS[1:])
    if not report.comparable or (is_confirmed and not one.differing):
        return
    step = LARGEST_STEP * (abs(x) or 1.0)
    if one.error_of_formula > _HIDDEN * abs(one.expected):
        reason = "rounding errors of the formula are larger than the derivative"
    elif not (math.isfinite(function(x - step)) and math.isfinite(function(x + step))):
        reason = "the function has no finite value at a point close by"
    elif leaves_range:
        reason = "a product in its computation is beyond the range of doubles"
    else:
        reason = "the function is not smooth enough within their steps"
    methods = joined([_METHOD_WORDS[method] for method in METHODS if method in failing])
    yield Note("method", f"{methods} can't confirm d/d{one.name} here: {reason}")


def _cancellation_note(name: str, derivative: float, spread: float) -> Note:
    """Return the note on a derivative that has lost digits; ``spread`` is how much rounding changes the derivative."""
    size = abs(derivative)
    count = 0 if spread >= size else math.floor(-math.log10(spread / size))
    cause = "it is a subnormal number" if 0.0 < size < sys.float_info.min else "terms cancel here"
    left = f"only {counted(count, 'digit')} can be trusted" if count else "none of its digits can be trusted"
    return Note("cancellation", f"rounding spoils d/d{name}: {cause}, and {left}")


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
    if step < _SMALLEST_STEP:
        return None
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


def _check_arrays(expression: Expression, at: Mapping[str, Any], report: Report) -> Report:
    """Return the report on a point with arrays, which has no complex step.

    Args:
        expression: the expression.
        at: the point.
        report: the report, whose tables are filled.
    """
    import numpy as np

    from gradcli.evaluate import array_point as arrays

    agree = True
    replay = arrays.Replay(expression, at, [expression.root.graph.variable(name) for name in report.gradient])
    replay.pullback()
    contributions = [
        _largest(value.array * value.grad.array) for value in replay.values if getattr(value, "grad", None) is not None
    ]
    are_resolved = all(_largest(getattr(value, "array", value)) <= RESOLVED for value in replay.values)
    spreads = _spreads_on_arrays(expression, at, report)
    for name, partial in report.gradient.items():

        def forward(direction: Any, name: str = name) -> float:
            return float(arrays.jvp(expression, at, {name: direction}))

        def value(array: Any, name: str = name) -> float:
            return float(arrays.evaluate(expression, {**at, name: array}).value)

        array = np.asarray(at[name], dtype=np.float64)
        # Terms as large as the largest contribution, per unit of the variable, may cancel.
        scale = max(_largest(partial), max(contributions, default=0.0) / (_largest(array) or 1.0))
        most = max(1, limits.CHECKED_ENTRIES // len(report.gradient))
        has_value = math.isfinite(report.value) and _has_numbers(partial)
        entries = entries_of(array, np.asarray(partial), forward, value, most) if has_value else []
        allowed = 10.0 * spreads[name]
        differing = {one.place: one.disagreements(scale, TOLERANCE["finite_difference"], allowed) for one in entries}
        is_wrong = (report.comparable and are_resolved) and any(
            _is_refuted(one, along_entry(array, one.place, value), float(array[one.place]))
            for one in entries
            if differing[one.place]
        )
        agree = agree and not is_wrong
        for method, choose in (("forward", attrgetter("forward")), ("finite_difference", attrgetter("difference"))):
            found = {
                one: other
                for one in entries
                if (other := choose(one)) is not None
                and (
                    is_wrong or (method not in differing[one.place] and agreed_digits(one.reverse, other, scale) >= 1.0)
                )
            }
            table = np.full(array.shape, None, dtype=object)
            for entry, derivative in found.items():
                table[entry.place] = derivative
            counts = [agreed_digits(one.reverse, other, scale) for one, other in found.items()]
            report.methods[method][name] = table.tolist() if has_value else None
            report.digits[method][name] = min(counts, default=None)
        report.methods["complex_step"][name] = report.digits["complex_step"][name] = None
        failing = [method for method in METHODS if any(method in methods for methods in differing.values())]
        if failing and report.comparable and not is_wrong:
            reason = "the function is not smooth enough within their steps, or a number leaves the range of doubles"
            methods = joined([_METHOD_WORDS[one] for one in failing])
            report.notes.append(Note("method", f"{methods} can't confirm every entry of d/d{name} here: {reason}"))
        size = _largest(partial)
        if has_value and spreads[name] > 10.0**-_CERTAIN_DIGITS * size:
            report.notes.append(_cancellation_note(name, size, spreads[name]))
    return report._replace(agree=agree)


def _is_refuted(entry: Entry, function: Callable[[float], float], x: float) -> bool:
    """Whether difference quotients agree on a derivative that differs from one of the sweeps."""
    sweeps = {entry.reverse, entry.forward}
    return any(contradiction(one, function, x) is not None for one in sweeps)


def _spreads_on_arrays(expression: Expression, at: Mapping[str, Any], report: Report) -> dict[str, float]:
    """Return how much each partial derivative changes if the last digits of the point change."""
    import numpy as np

    generator = np.random.default_rng(0)
    spreads = dict.fromkeys(report.gradient, 0.0)
    for _ in range(_RUNS_ON_ARRAYS):
        moved = {
            name: np.nextafter(array, array + generator.choice((-1.0, 1.0), array.shape) * abs(array))
            for name, array in ((name, np.asarray(at[name], dtype=np.float64)) for name in report.gradient)
        }
        found = expression.executor(moved).gradient(expression, {**at, **moved}).gradient
        for name, partial in report.gradient.items():
            with np.errstate(invalid="ignore"):
                spreads[name] = max(spreads[name], _largest(np.asarray(found[name]) - np.asarray(partial)))
    return spreads


def _largest(array: Any) -> float:
    """The largest absolute value of a finite entry."""
    import numpy as np

    sizes = np.abs(array)
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))
