"""The gradient of an expression, or of a function of tensors, against methods that share none of its rules.

* forward: tangents instead of adjoints (the same partials, the other sweep).
* complex step: Im f(x + ih)/h with h = 1e-20 |x| on complex kernels; it uses no rule of differentiation and cancels
  nothing (Squire and Trapp, 1998).
* finite differences: central differences extrapolated by Ridders' method (1982), which also estimates its own error;
  where two runs of different steps disagree, as beside a jump or a pole, the method does not apply.

A difference counts in relation to the largest sum of contributions that meet in a partial derivative, so that a partial
in which large terms cancel is not held to digits that no method can have.  On arrays, which have no complex kernels, it
counts in relation to the largest entry of the gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gradcli.execute.notes import Note
from gradcli.execute.point import Expression, gradient, jvp
from gradcli.execute.rules import float_rule
from gradcli.execute.tape import Tape
from gradcli.primitives.complex_kernels import COMPLEX_KERNELS

if TYPE_CHECKING:
    from gradcli.engine.tensor import Tensor

__all__ = ["METHODS", "GradcheckReport", "Report", "check", "contribution_sizes", "gradcheck"]

METHODS: Final = ("forward", "complex_step", "finite_difference")

_TOLERANCE: Final = {"forward": 1e-12, "complex_step": 1e-9, "finite_difference": 1e-6}
#: On arrays, whose sums run in another order forward and backward.
_FORWARD_ON_ARRAYS: Final = 1e-10
#: Of more numbers, so many are checked, at equal distances.
_MOST_ENTRIES: Final = 256
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
        gradient: variable -> the partial derivative by the reverse sweep, a float or an array.
        methods: method -> variable -> its result; None where the method does not apply.  Of an array, nested lists.
        digits: method -> variable -> how many decimal digits agree, at most 17, in the worst entry; None where the
            method does not apply.
        agree: whether all methods that apply agree.
        notes: what there is to know about the point.
        comparable: false at a kink, jump or end, where only the forward sweep is held against the reverse sweep.
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

    >>> from gradcli.language import parse
    >>> report = check(parse("x1*x2 + sin(x1)"), {"x1": 2, "x2": 3})
    >>> report.agree, report.digits["complex_step"]["x2"]
    (True, 17.0)
    """
    executor = getattr(expression, "executor", None)
    if executor is not None and executor(at).__name__ == "gradcli.engine.arrays":
        return _check_arrays(expression, at)
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
        difference, uncertainty = _finite_difference(_along(tape, inputs, i), inputs[i])
        found: dict[str, tuple[float | None, float]] = {
            "forward": (jvp(expression, at, {name: 1.0}), _TOLERANCE["forward"] * scale),
            "complex_step": (_complex_step(tape, inputs, i), _TOLERANCE["complex_step"] * scale),
            "finite_difference": (difference, _TOLERANCE["finite_difference"] * scale + 100.0 * uncertainty),
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


def _along(tape: Tape, inputs: Sequence[float], position: int) -> Callable[[float], float]:
    """The function of one of its variables."""
    output = tape.outputs[0]

    def function(moved: float) -> float:
        point = list(inputs)
        point[position] = moved
        return float(tape.run(point)[output])

    return function


def _finite_difference(function: Callable[[float], float], x: float) -> tuple[float | None, float]:
    """The derivative and an estimate of its error; None where two runs of different steps have no digit in common."""
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


# Arrays


class _Entry(NamedTuple):
    """One entry of a gradient by the three methods that arrays have."""

    place: tuple[int, ...]
    reverse: float
    forward: float
    difference: float | None
    uncertainty: float

    def disagreements(self, scale: float, tolerance: float) -> list[str]:
        """The methods that differ from the reverse sweep."""
        forward = _FORWARD_ON_ARRAYS * scale
        found = [] if _close(self.reverse, self.forward, forward) else ["forward"]
        allowed = tolerance * scale + 100.0 * self.uncertainty
        is_finite = math.isfinite(self.reverse) or math.isfinite(self.forward)
        if is_finite and self.difference is not None and not _close(self.reverse, self.difference, allowed):
            found.append("finite_difference")
        return found


def _entries(
    array: Any,
    reverse: Any,
    forward: Callable[[Any], float],
    value: Callable[[Any], float],
    most: int = _MOST_ENTRIES,
) -> list[_Entry]:
    """The entries of the gradient toward one array.

    Args:
        array: the point.
        reverse: the gradient by the reverse sweep.
        forward: the derivative along a direction.
        value: the function of the array.
        most: check so many entries at most.
    """
    import numpy as np

    places = list(np.ndindex(array.shape))
    found = []
    for place in places[:: max(1, -(-len(places) // most))]:
        direction = np.zeros(array.shape)
        direction[place] = 1.0

        def moved(x: float, place: tuple[int, ...] = place) -> float:
            other = array.copy()
            other[place] = x
            return value(other)

        difference, uncertainty = _finite_difference(moved, float(array[place]))
        found.append(_Entry(place, float(reverse[place]), forward(direction), difference, uncertainty))
    return found


def _check_arrays(expression: Expression, at: Mapping[str, Any]) -> Report:
    import numpy as np

    from gradcli.engine import arrays

    result = arrays.gradient(expression, at)
    comparable = not any(note.kind in _CHOICES for note in result.notes)
    methods: dict[str, dict[str, Any]] = {method: {} for method in METHODS}
    digits: dict[str, dict[str, float | None]] = {method: {} for method in METHODS}
    agree = True
    replay = arrays.Replay(expression, at, [expression.root.graph.variable(name) for name in result.gradient])
    replay.pull_back()
    flows = [
        _largest(value.data * value.grad.data) for value in replay.values if getattr(value, "grad", None) is not None
    ]
    for name, partial in result.gradient.items():

        def forward(direction: Any, name: str = name) -> float:
            return float(arrays.jvp(expression, at, {name: direction}))

        def value(array: Any, name: str = name) -> float:
            return float(arrays.evaluate(expression, {**at, name: array}).value)

        array = np.asarray(at[name], dtype=np.float64)
        # What flows through an operation, per unit of the variable: as large as the terms that may cancel.
        scale = max(_largest(partial), max(flows, default=0.0) / (_largest(array) or 1.0))
        most = max(1, _MOST_ENTRIES // len(result.gradient))
        entries = _entries(array, np.asarray(partial), forward, value, most)
        for method, choose in (("forward", _forward), ("finite_difference", _difference)):
            table = np.full(array.shape, None, dtype=object)
            for entry in entries:
                table[entry.place] = choose(entry)
            methods[method][name] = table.tolist()
            counts = [agreed_digits(one.reverse, found, scale) for one in entries if (found := choose(one)) is not None]
            digits[method][name] = min(counts, default=None)
        methods["complex_step"][name] = digits["complex_step"][name] = None
        for entry in entries:
            wrong = entry.disagreements(scale, _TOLERANCE["finite_difference"])
            if not comparable:
                # A tangent of 0 times an infinite slope is nan, where no adjoint flows at all.
                wrong = [method for method in wrong if method == "forward" and entry.forward == entry.forward]
            agree = agree and not wrong
    return Report(result.value, result.gradient, methods, digits, agree, result.notes, comparable)


def _largest(array: Any) -> float:
    """The size of the largest entry that is finite."""
    import numpy as np

    sizes = np.abs(array)
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))


def _forward(entry: _Entry) -> float | None:
    return entry.forward


def _difference(entry: _Entry) -> float | None:
    return entry.difference


class GradcheckReport(NamedTuple):
    """What `gradcheck` found; it is true if all methods agree.

    Attributes:
        agree: whether all methods agree.
        problems: what is wrong, one sentence each.
        checked: how many entries of gradients were compared.
    """

    agree: bool
    problems: list[str]
    checked: int

    def __bool__(self) -> bool:
        return self.agree

    def __str__(self) -> str:
        return "\n".join(self.problems) or f"reverse, forward and finite differences agree in {self.checked} entries"


def gradcheck(
    function: Callable[..., Any],
    inputs: Sequence[Any],
    *,
    order: int = 1,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> GradcheckReport:
    """Compare the derivatives of a function of tensors: reverse mode, forward mode and central differences.

    What is compared is the gradient of a random combination of all that the function returns; it is off if one of the
    derivatives is.  Differences count in relation to the largest entry.

    Args:
        function: of tensors, returns a tensor or several; smooth around the inputs.
        inputs: tensors, arrays, nested lists or numbers, differentiated in 64-bit floats.
        order: 2 checks the derivatives of the gradient, too.
        tolerance: how far finite differences may be off, relative to the largest entry.
        seed: of the random combination.

    >>> report = gradcheck(lambda a, x: (a @ x).tanh(), ([[1.0, 2.0], [3.0, 4.0]], [0.1, -0.2]), order=2)
    >>> bool(report), str(report)
    (True, 'reverse, forward and finite differences agree in 12 entries')
    """
    import numpy as np

    from gradcli.engine.tensor import Tensor

    arrays = [
        np.array(getattr(one, "data", one) if hasattr(one, "operand_rank") else one, dtype=np.float64) for one in inputs
    ]
    problems: list[str] = []
    checked = 0
    current = function
    with np.errstate(all="ignore"):
        for number in range(1, order + 1):
            combined = _Combined(current, arrays, np.random.default_rng(seed + number))
            if number == 1:
                combined(*map(Tensor, arrays))  # what the function itself raises is no matter of derivatives
            try:
                found = combined.compare(tolerance)
            except (ValueError, TypeError, IndexError, AttributeError, RuntimeError) as error:
                problems.append(f"order {number}: a sweep fails: {type(error).__name__}: {error}")
                break
            checked += found[0]
            problems += [f"order {number}: {problem}" for problem in found[1]]
            if problems:
                break
            current = combined.gradient
    return GradcheckReport(not problems, problems, checked)


class _Combined:
    """A function of arrays as one number: the sum of all entries of its results, each with a random weight."""

    def __init__(self, function: Callable[..., Any], arrays: list[Any], generator: Any) -> None:
        self.function = function
        self.arrays = arrays
        self.generator = generator
        self.weights: list[Any] = []

    def __call__(self, *tensors: Tensor) -> Tensor:
        from gradcli.engine.tensor import Tensor

        results = self.function(*tensors)
        parts = [results] if isinstance(results, Tensor) else list(results)
        while len(self.weights) < len(parts):
            shape = parts[len(self.weights)].shape
            signs = self.generator.choice([-1.0, 1.0], shape)
            self.weights.append(self.generator.uniform(0.5, 1.5, shape) * signs)
        total = Tensor(0.0)
        for part, weight in zip(parts, self.weights, strict=True):
            total = total + (part * weight).sum()
        return total

    def gradient(self, *tensors: Tensor) -> list[Tensor]:
        """The gradient toward each argument, recorded, in the shape of the argument."""
        from gradcli.engine.tensor import Tensor, enable_grad, pull_back

        with enable_grad():
            leaves = [one if one.requires_grad else Tensor(one, requires_grad=True) for one in tensors]
            total = self(*leaves)
            found = pull_back(total, 1.0, leaves, create_graph=True) if total.requires_grad else [None] * len(leaves)
            return [Tensor(leaf.data * 0.0) if one is None else one for one, leaf in zip(found, leaves, strict=True)]

    def compare(self, tolerance: float) -> tuple[int, list[str]]:
        """How many entries were compared, and what is wrong with them."""
        import numpy as np

        from gradcli.engine.tensor import Tensor, pull_back, push_forward

        leaves = [Tensor(array, requires_grad=True) for array in self.arrays]
        total = self(*leaves)
        flows = pull_back(total, 1.0, leaves) if total.requires_grad else [None] * len(leaves)
        entries = []
        for position, (leaf, flow) in enumerate(zip(leaves, flows, strict=True)):

            def forward(direction: Any, leaf: Tensor = leaf) -> float:
                return push_forward(total, {leaf: Tensor(direction)}).item() if total.requires_grad else 0.0

            def value(array: Any, position: int = position) -> float:
                moved = [array if i == position else other for i, other in enumerate(self.arrays)]
                return self(*map(Tensor, moved)).item()

            array = self.arrays[position]
            entries.append(_entries(array, np.zeros(array.shape) if flow is None else flow.numpy(), forward, value))
        scale = max([abs(one.reverse) for several in entries for one in several], default=0.0)
        scale = max([scale, *[abs(one.forward) for several in entries for one in several]])
        problems = []
        for position, several in enumerate(entries):
            for one in several:
                wrong = one.disagreements(scale, tolerance)
                if wrong:
                    problems.append(
                        f"the derivative toward element {list(one.place)} of input {position} is {one.reverse} by the "
                        f"reverse sweep, {one.forward} by the forward sweep, {one.difference} by finite differences"
                    )
        return sum(map(len, entries)), problems
