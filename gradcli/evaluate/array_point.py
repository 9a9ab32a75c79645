"""Values and derivatives of an expression on arrays: the tape is replayed on tensors.

The functions have the same names as in `point.py`, and work on arrays, too.  A gradient has the shape of its variable.
A shape that does not fit becomes an error that names the operation and its place in the text.  As on floats, there is
no derivative where there is no value: if the result is nan, so is every entry of a gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from gradcli import limits
from gradcli.eager.array_transforms import second_derivatives
from gradcli.eager.pullback import pullback, pushforward
from gradcli.eager.record import enable_grad, number_as_array
from gradcli.eager.tensor import Tensor
from gradcli.errors import CallError, ExpressionError, ShapeError, UsageError
from gradcli.evaluate.notes import Applied, excerpt, span_of
from gradcli.evaluate.point import (
    Evaluation,
    Executor,
    Gradient,
    dependent_slots,
    given_note,
    keeping_digits,
    limited_notes,
    target_nodes,
    values_at,
)
from gradcli.execute.array_rules import edge_conditions
from gradcli.execute.float_rules import float_rule
from gradcli.execute.tape import Tape
from gradcli.graph import Node, Slice, toposort
from gradcli.language.parsed import ParsedExpression
from gradcli.primitives import ArrayFunction, Operand
from gradcli.primitives.backends import backend_named
from gradcli.source import Note

__all__ = ["ON_ARRAYS", "Replay", "evaluate", "gradient", "hessian", "jvp", "recorded"]

np: Final = backend_named("numpy").xp
_Function = TypeVar("_Function", bound=Callable[..., Any])
_UNFIT: Final = (ValueError, IndexError, TypeError, ArithmeticError, MemoryError)


class Replay:
    """One run of an expression's tape on tensors.

    Attributes:
        tape: the tape.
        values: the value of each slot, a float or a tensor.
        result: the value of the expression.
    """

    __slots__ = ("expression", "result", "tape", "values")

    def __init__(
        self,
        expression: ParsedExpression,
        at: Mapping[str, Any],
        tracked: Sequence[Node] = (),
        given: Mapping[int, Any] | None = None,
    ) -> None:
        """Run the tape.

        Args:
            expression: a parsed expression.
            at: a number, an array or nested lists of numbers for each variable.
            tracked: the variables to differentiate with respect to.
            given: a dictionary from slots to values, which are used instead of the computed ones.

        Raises:
            UsageError: a variable has no value, or its value isn't an array of numbers.
            ExpressionError: shapes don't fit, or an index or an axis does not exist.
        """
        variables = target_nodes(expression)
        self.expression = expression
        self.tape = Tape([expression.root], variables)
        self.values: list[Any] = [
            _variable(node, value, node in tracked)
            for node, value in zip(variables, values_at(expression, at), strict=True)
        ]
        self.values += self.tape.constants
        with enable_grad():
            for slot, (primitive, slots) in enumerate(self.tape.instructions, self.tape.first):
                if given is not None and slot in given:
                    self.values.append(given[slot])
                else:
                    operands = [self.values[i] for i in slots]
                    self.values.append(self._value(self.tape.nodes[slot], primitive, operands))
        self.result: Any = self.values[self.tape.outputs[0]]

    def _value(self, node: Node, primitive: Any, operands: list[Any]) -> Any:
        try:
            if not isinstance(primitive, ArrayFunction):
                return primitive(*operands)
            if primitive.name == "stack" and not node.options and Tensor not in map(type, operands):
                return Tensor(operands)
            options = {name: _as_option(value) for name, value in node.options}
            return primitive(*[_as_tensor(operand) for operand in operands], **options)
        except _UNFIT as error:
            raise self._misfit(node, operands, error) from error

    def _misfit(self, node: Node, operands: Sequence[Any], error: Exception) -> ShapeError:
        shapes = [shape_text(operand) for operand in operands]
        if not isinstance(node.primitive, ArrayFunction):
            message = f"the shapes {' and '.join(dict.fromkeys(one for one in shapes if one != '()'))} don't fit"
        elif isinstance(error, (UsageError, ShapeError, IndexError)):
            message = str(error)
        elif isinstance(error, (ValueError, MemoryError)):
            # NumPy has a ValueError of its own for an array whose size is beyond what can be addressed.
            message = "the result is too large for the memory"
        else:
            message = f"the options don't fit an operand of shape {shapes[0]}"
        pairs = zip(node.operands, shapes, strict=True)
        named = dict.fromkeys(f"`{excerpt(one)}` has the shape {shape}" for one, shape in pairs if one.constant is None)
        return ShapeError(
            f"{message} in `{excerpt(node)}`",
            span=span_of(node, self.expression.spans),
            source=self.expression.source,
            hint=", ".join(list(named)[:3]) or None,
        )

    def one_number(self, purpose: str) -> Tensor:
        """The result as a tensor of one number.

        Raises:
            ExpressionError: the result is an array.
        """
        result = _as_tensor(self.result)
        if result.shape != ():
            root = self.expression.root
            raise ExpressionError(
                f"{purpose} needs a single number as the result, but `{excerpt(root)}` has the shape {result.shape}",
                kind="shape",
                span=span_of(root, self.expression.spans),
                source=self.expression.source,
                hint=f"reduce it to one number, for example `sum({excerpt(root)})`",
            )
        return result

    def keeping_digits(self, at: Mapping[str, Any], tracked: Sequence[Node]) -> Replay:
        """Return a run of the expression in the form that keeps the digits of derivatives.

        Return this run itself if the expression already has this form.
        """
        accurate = keeping_digits(self.expression)
        return self if accurate is self.expression else Replay(accurate, at, tracked)

    @property
    def is_undefined(self) -> bool:
        """Whether the result, which is one number, is nan."""
        return bool(_as_tensor(self.result).item() != _as_tensor(self.result).item())

    def leaves(self, targets: Sequence[Node]) -> list[Tensor]:
        """Return the tensors of tracked variables."""
        values = dict(zip(self.tape.variables, self.values, strict=False))
        return [values[target] for target in targets]

    def pullback(self) -> None:
        """Store the gradient of the result, which is one number, in each tensor that depends on a tracked variable."""
        passing = [value for value in self.values if _passes(value)]
        if _as_tensor(self.result).requires_grad:
            for tensor, cotangent in zip(passing, pullback(self.result, 1.0, passing), strict=True):
                tensor.grad = cotangent

    def _reached(self) -> list[bool]:
        """For each slot of the tape, whether the result depends on it; dependence through a condition doesn't count."""
        reached = [False] * len(self.values)
        reached[self.tape.outputs[0]] = True
        for slot, (primitive, slots) in reversed(list(enumerate(self.tape.instructions, self.tape.first))):
            conditions: frozenset[int] = frozenset()
            if not isinstance(primitive, ArrayFunction):
                conditions = float_rule(primitive, len(slots)).conditions
            for position, i in enumerate(slots):
                reached[i] = reached[i] or (reached[slot] and position not in conditions)
        return reached

    # Notes

    def value_notes(self, partials: Sequence[Any] = ()) -> list[Note]:
        """The notes on a value, or on derivatives, if an element is not finite.

        Each operation that causes such an element gets one note, about the first element that it causes.
        """
        if all(_is_finite(one) for one in (self.result, *partials)):
            return []
        return limited_notes(self._blamed()) or given_note(float(_worst(self.result)))

    def _blamed(self) -> Iterator[Note]:
        for slot, (primitive, slots) in enumerate(self.tape.instructions, self.tape.first):
            output = _as_array(self.values[slot])
            if _is_finite(output):
                continue
            node, operands = self.tape.nodes[slot], [_as_array(self.values[i]) for i in slots]
            if isinstance(primitive, ArrayFunction):
                if all(map(_is_finite, operands)):
                    message = f"`{excerpt(node)}` is {_worst(output)}, though its operands are finite"
                    yield Note("overflow", message, span_of(node, self.expression.spans))
                continue
            if primitive.transparent:
                continue
            shared = np.broadcast_arrays(output, *operands)
            known = np.isnan(shared[1:]).any(axis=0)
            infinite = np.isinf(shared[1:]).any(axis=0)
            guilty = np.where(np.isnan(output), ~known, np.isinf(output) & ~infinite)
            for applied, place in self._first(node, guilty, shared):
                note = applied.value_note()
                assert note is not None
                yield note._replace(message=note.message + place)

    def derivative_notes(self) -> Iterator[Note]:
        """The notes on operations that are not differentiable at an element through which a derivative passes."""
        tracked = [node for node, value in zip(self.tape.variables, self.values, strict=False) if _passes(value)]
        moving, reached = dependent_slots(self.tape, tracked), self._reached()
        for slot, (primitive, slots) in reversed(list(enumerate(self.tape.instructions, self.tape.first))):
            if not (moving[slot] and reached[slot] and primitive.edges):
                continue
            node = self.tape.nodes[slot]
            cotangent: Any = 1.0
            if _passes(self.values[slot]):
                cotangent = 0.0 if self.values[slot].grad is None else self.values[slot].grad.numpy()
            operands = [_as_array(self.values[i]) for i in slots]
            if isinstance(primitive, ArrayFunction):
                options = {**primitive.options, **{name: _as_option(value) for name, value in node.options}}
                for array_edge in primitive.edges:
                    if bool(((_as_array(array_edge.when(*operands, **options)) != 0.0) & (cotangent != 0.0)).any()):
                        message = f"`{excerpt(node)}` at {array_edge.at}: {array_edge.about}"
                        yield Note(array_edge.kind, message, span_of(node, self.expression.spans))
                continue
            shared = np.broadcast_arrays(_as_array(self.values[slot]), *operands)
            for edge, condition in edge_conditions(primitive, len(slots)):
                is_there = condition.on(backend_named("numpy"))(0.0, tuple(operands), shared[0])
                on_edge = np.broadcast_to((is_there != 0.0) & (cotangent != 0.0), shared[0].shape)
                for applied, place in self._first(node, on_edge, shared):
                    partials = float_rule(primitive, len(slots)).partials(applied.operands, applied.output)
                    for note in applied.derivative_notes(partials, edge, [moving[i] for i in slots]):
                        yield note._replace(message=note.message + place)

    def kinks(self) -> list[Node]:
        """The operations that may change second derivatives: those at a kink, and comparisons of equal numbers."""
        tracked = [node for node, value in zip(self.tape.variables, self.values, strict=False) if _passes(value)]
        moving, reached = dependent_slots(self.tape, tracked), self._reached()
        found = [self.tape.nodes[slot] for slot, *_ in self.at_switches()]
        users: dict[int, list[int]] = {}
        for slot, (_, slots) in enumerate(self.tape.instructions, self.tape.first):
            for i in slots:
                users.setdefault(i, []).append(slot)
        for slot, (primitive, slots) in enumerate(self.tape.instructions, self.tape.first):
            is_smooth = slot in users and all(self._joins(user, slot) for user in users[slot])
            if not (moving[slot] and reached[slot] and primitive.edges) or is_smooth:
                continue
            node, operands = self.tape.nodes[slot], [_as_array(self.values[i]) for i in slots]
            if isinstance(primitive, ArrayFunction):
                options = {**primitive.options, **{name: _as_option(value) for name, value in node.options}}
                conditions = [(edge, edge.when(*operands, **options)) for edge in primitive.edges]
            else:
                run = [(edge, one.on(backend_named("numpy"))) for edge, one in edge_conditions(primitive, len(slots))]
                conditions = [(edge, is_there(0.0, tuple(operands), self.values[slot])) for edge, is_there in run]
            if any(edge.kind == "kink" and bool((_as_array(is_there) != 0.0).any()) for edge, is_there in conditions):
                found.append(node)
        return found

    def _joins(self, user: int, slot: int) -> bool:
        """Whether an operation is a smooth power of one of its operands."""
        from gradcli.graph.kinks import joined

        primitive, slots = self.tape.instructions[user - self.tape.first]
        made_by = getattr(self.values[slot], "_made_by", None)
        operands = self.tape.nodes[user].operands
        return slots[0] == slot and made_by is not None and joined(primitive, operands, made_by[0]) is not None

    def at_switches(self) -> Iterator[tuple[int, Any, Any]]:
        """Yield each comparison of equal elements that depend on the variables, as its slot and two arrays.

        The first array says which elements are equal.  The second one holds the results of the comparison, replaced by
        the other truth value at these elements.
        """
        tracked = [node for node, value in zip(self.tape.variables, self.values, strict=False) if _passes(value)]
        moving = dependent_slots(self.tape, tracked)
        for slot, (primitive, slots) in enumerate(self.tape.instructions, self.tape.first):
            if isinstance(primitive, ArrayFunction) or not primitive.is_truth or primitive.condition:
                continue
            # Next to equal operands, == and != have the same result on both sides.
            if not any(moving[i] for i in slots) or primitive.value(0.0, 1.0) == primitive.value(1.0, 0.0):
                continue
            first, second = [_as_array(self.values[i]) for i in slots]
            is_equal, output = first == second, _as_array(self.values[slot])
            if bool(is_equal.any()):
                yield slot, is_equal, Tensor(np.where(is_equal, 1.0 - output, output))

    def switch_notes(self, at: Mapping[str, Any], targets: Sequence[Node]) -> Iterator[Note]:
        """The notes on comparisons of equal elements whose two sides have different values or slopes."""
        for slot, is_equal, other in self.at_switches():
            beyond = Replay(self.expression, at, targets, {slot: other})
            beyond.pullback()
            slots = self.tape.instructions[slot - self.tape.first].operands
            shared = np.broadcast_arrays(*[_as_array(self.values[i]) for i in (slot, *slots)])
            pairs = [(self.result, beyond.result)]
            pairs += [
                (one.grad, two.grad) for one, two in zip(self.leaves(targets), beyond.leaves(targets), strict=True)
            ]
            changes = [not _agree(one, two) for one, two in pairs]
            if any(changes):
                kind, change = ("jump", "the value jumps") if changes[0] else ("kink", "the slope changes")
                for applied, place in self._first(self.tape.nodes[slot], is_equal, shared):
                    note = applied.switch_note(kind, f"{change}; the derivative is that of the branch taken here")
                    yield note._replace(message=note.message + place)

    def _first(self, node: Node, chosen: Any, shared: Sequence[Any]) -> Iterator[tuple[Applied, str]]:
        """Yield an operation with the numbers of its first chosen element, and words for the place of this element.

        Yield nothing if no element is chosen.

        Args:
            node: the operation.
            chosen: a truth value for each element.
            shared: the output and the operands, in the same shape.
        """
        if bool(chosen.any()):
            place = tuple(int(i) for i in np.unravel_index(int(np.argmax(chosen)), chosen.shape))
            output, *operands = [float(array[place]) for array in shared]
            more = int(chosen.sum()) - 1
            others = f" and {more} more" if more else ""
            text = f" (element {list(place)}{others})" if place else ""

            def value_of(other: Node) -> float | None:
                value = np.asarray(getattr(known[other], "data", known[other]), dtype=np.float64)
                return float(value) if value.ndim == 0 else float(value[place]) if value.shape == chosen.shape else None

            known = dict(zip(self.tape.nodes, self.values, strict=True))
            yield Applied(node, operands, output, self.expression.spans, value_of), text


def _variable(node: Node, value: Any, tracked: bool) -> Any:
    if not tracked and isinstance(value, (int, float)):
        return float(value)
    if not tracked and isinstance(value, Tensor) and value.requires_grad:
        return value
    try:
        return Tensor(value, tracked, dtype="float64")
    except CallError:  # the value is being differentiated
        raise
    except (ValueError, TypeError):
        raise UsageError(f"the value of `{node.name}` isn't an array of numbers") from None


def _passes(value: Any) -> bool:
    """Whether derivatives pass through a value."""
    return isinstance(value, Tensor) and value.requires_grad


def _as_tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else Tensor(value)


def _as_array(value: Any) -> Any:
    return value.detach().numpy() if isinstance(value, Tensor) else np.asarray(value, dtype=np.float64)


def _as_value(value: Any) -> Any:
    """Return a float, or a copy of an array."""
    array = _as_array(value)
    return float(array) if array.shape == () else array.copy()


def _agree(first: Any, second: Any) -> bool:
    """Whether two results are equal up to rounding errors; an element that is nan in one of them counts as equal."""
    one, two = [np.asarray(0.0) if value is None else _as_array(value) for value in (first, second)]
    is_close = np.isclose(one, two, rtol=1e-9, atol=0.0, equal_nan=True)
    return bool((is_close | np.isnan(one) | np.isnan(two)).all())


def _as_option(value: Any) -> Any:
    if isinstance(value, Slice):
        return slice(*value)
    return tuple([_as_option(one) for one in value]) if isinstance(value, tuple) else value


def _is_finite(value: Any) -> bool:
    return bool(np.isfinite(_as_array(value)).all())


def _worst(value: Any) -> str:
    """Return ``"nan"`` if an element is nan, else ``"inf"`` if one is infinite, else ``"0"``."""
    array = _as_array(value)
    return "nan" if bool(np.isnan(array).any()) else "inf" if bool(np.isinf(array).any()) else "0"


def shape_text(value: Any) -> str:
    """The shape of a float, an array or a tensor.

    >>> shape_text(2.0), shape_text(Tensor([[1.0, 2.0]]))
    ('()', '(1, 2)')
    """
    return str(tuple(getattr(value, "shape", ())))


def _quiet(function: _Function) -> _Function:
    """Return the function in a form that runs without NumPy's warnings.

    The warnings are not needed: the results follow IEEE 754, and notes report overflows and poles.
    """
    return cast("_Function", np.errstate(all="ignore")(function))


def recorded(expression: ParsedExpression, at: Mapping[str, Any]) -> Any:
    """Return the value at a point that has tensors, as a tensor that records how it was computed.

    Raises:
        CallError: a `Value` would have to become an array.
        UsageError: a variable has no value.
        ExpressionError: shapes don't fit.
    """
    if any(isinstance(value, Operand) and not isinstance(value, Tensor) for value in at.values()):
        raise number_as_array()
    return Replay(expression, at, ()).result


@_quiet
def evaluate(expression: ParsedExpression, at: Mapping[str, Any]) -> Evaluation:
    """The value at a point.

    Args:
        expression: a parsed expression.
        at: a number, an array or nested lists of numbers for each variable.

    Raises:
        UsageError: a variable has no value.
        ExpressionError: shapes don't fit.

    >>> from gradcli.evaluate.expression import parse
    >>> evaluate(parse("A @ x"), {"A": [[1, 2], [3, 4]], "x": [1, 1]}).value.tolist()
    [3.0, 7.0]
    """
    replay = Replay(expression, at)
    return Evaluation(_as_value(replay.result), replay.value_notes())


@_quiet
def gradient(expression: ParsedExpression, at: Mapping[str, Any], wrt: Sequence[str] | None = None) -> Gradient:
    """The value and the partial derivatives at a point.

    Args:
        expression: a parsed expression whose value is one number.
        at: a number, an array or nested lists of numbers for each variable.
        wrt: the variables to differentiate with respect to; all of them by default.

    Raises:
        UsageError: a variable has no value, or ``wrt`` names one that the expression lacks.
        ExpressionError: shapes don't fit, or the value is not one number.

    >>> from gradcli.evaluate.expression import parse
    >>> gradient(parse("sum(x^2)"), {"x": [1, 2, 3]}).gradient["x"].tolist()
    [2.0, 4.0, 6.0]
    """
    targets = target_nodes(expression, wrt)
    replay = Replay(expression, at, targets)
    result = replay.one_number("a gradient")
    replay.pullback()
    accurate = replay.keeping_digits(at, targets)
    if accurate is not replay:
        accurate.pullback()
    leaves = accurate.leaves(targets)
    partials: dict[str, Any] = {}
    for target, leaf in zip(targets, leaves, strict=True):
        found = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.numpy()
        partials[str(target.name)] = _as_value(np.full(leaf.shape, math.nan) if replay.is_undefined else found)
    notes = [*replay.value_notes(list(partials.values())), *replay.derivative_notes()]
    notes += replay.switch_notes(at, targets)
    return Gradient(result.item(), partials, limited_notes(notes))


@_quiet
def jvp(expression: ParsedExpression, at: Mapping[str, Any], direction: Mapping[str, Any]) -> Any:
    """The derivative along a direction, in the shape of the value.

    Args:
        expression: a parsed expression.
        at: a number, an array or nested lists of numbers for each variable.
        direction: the tangent of each variable, in its shape or one number; variables that are left out do not move.

    Raises:
        UsageError: a tangent does not fit its variable.

    >>> from gradcli.evaluate.expression import parse
    >>> jvp(parse("x*y"), {"x": [2, 3], "y": 10}, {"x": [1, 0], "y": 1}).tolist()
    [12.0, 3.0]
    """
    targets = target_nodes(expression, list(direction))
    typed = Replay(expression, at, targets)
    replay = typed.keeping_digits(at, targets)
    tangents: dict[Tensor, Tensor] = {}
    for leaf, (name, tangent) in zip(replay.leaves(targets), direction.items(), strict=True):
        array = np.asarray(tangent, dtype=np.float64)
        if array.shape not in ((), leaf.shape):
            raise UsageError(
                f"the direction of `{name}` has the shape {array.shape}, but `{name}` has {leaf.shape}",
                kind="shape",
                hint="a direction has the shape of its variable, or is one number",
            )
        tangents[leaf] = Tensor(np.broadcast_to(array, leaf.shape))
    result = _as_tensor(replay.result)
    moved = pushforward(result, tangents) if result.requires_grad else Tensor(np.zeros(result.shape))
    return _as_value(np.where(np.isnan(_as_array(typed.result)), math.nan, moved.detach().numpy()))


@_quiet
def higher_notes(
    expression: ParsedExpression,
    at: Mapping[str, Any],
    order: int = 2,
    wrt: Sequence[str] | None = None,
    *,
    is_hessian: bool = True,
) -> list[Note]:
    """The notes on second derivatives that are set by a convention, because the point is a kink."""
    assert order == 2
    assert is_hessian
    targets = target_nodes(expression, wrt)
    kinks = Replay(expression, at, targets).kinks()
    if not kinks:
        return []
    from gradcli.evaluate.array_sides import sides_differ

    notes = []
    for node in kinks:
        reaching = [target for target in targets if target in toposort([node])]
        if sides_differ(lambda moved: _second_along(expression, moved, targets), at, reaching):
            changes = "switches" if getattr(node.primitive, "is_truth", False) else "has a kink"
            message = f"`{excerpt(node)}` {changes} here, where second derivatives are conventions and not limits"
            notes.append(Note("kink", message, span_of(node, expression.spans)))
    return notes


def _second_along(expression: ParsedExpression, at: Mapping[str, Any], targets: Sequence[Node]) -> Any:
    """Return the Hessian times a vector without zeros, in one row; it is found by two sweeps."""
    from gradcli.evaluate.array_sides import slant

    replay = Replay(expression, at, targets).keeping_digits(at, targets)
    leaves = replay.leaves(targets)
    moved = Tensor(0.0)
    with enable_grad():
        for leaf, partial in zip(leaves, pullback(replay.result, 1.0, leaves, create_graph=True), strict=True):
            if partial is not None:
                moved = moved + (partial * slant(leaf.shape)).sum()
    rows = [None] * len(leaves) if not moved.requires_grad else pullback(moved, 1.0, leaves)
    parts = [np.zeros(leaf.shape) if row is None else row.numpy() for leaf, row in zip(leaves, rows, strict=True)]
    return np.concatenate([part.reshape(-1) for part in parts])


@_quiet
def hessian(
    expression: ParsedExpression, at: Mapping[str, Any], wrt: Sequence[str] | None = None
) -> dict[str, dict[str, Any]]:
    """The second derivatives: a block for each pair of variables, with the first one's shape followed by the second's.

    Raises:
        UsageError: a variable has no value, ``wrt`` names one that the expression lacks, or there are too many numbers.
        ExpressionError: shapes don't fit, or the value is not one number.

    >>> from gradcli.evaluate.expression import parse
    >>> hessian(parse("sum(x^2)*y"), {"x": [1, 2], "y": 3})["x"]["x"].tolist()
    [[6.0, 0.0], [0.0, 6.0]]
    """
    targets = target_nodes(expression, wrt)
    typed = Replay(expression, at, targets)
    typed.one_number("a Hessian")
    replay = typed.keeping_digits(at, targets)
    result = _as_tensor(replay.result)
    leaves = replay.leaves(targets)
    size = sum(leaf.array.size for leaf in leaves)
    if size > limits.HESSIAN_ENTRIES:
        raise UsageError(
            f"the second derivatives of {size} numbers are a matrix of {size * size} entries",
            kind="too_large",
            hint=f"at most {limits.HESSIAN_ENTRIES} entries are possible; choose fewer variables with `wrt`",
            argument="wrt",
        )
    blocks: dict[str, dict[str, Any]] = {str(target.name): {} for target in targets}
    for row, found in zip(blocks.values(), second_derivatives(result, leaves), strict=True):
        for target, block in zip(targets, found, strict=True):
            row[str(target.name)] = _as_value(np.full(block.shape, math.nan) if typed.is_undefined else block)
    return blocks


ON_ARRAYS: Final = Executor("arrays", evaluate, gradient, jvp, hessian, higher_notes)
