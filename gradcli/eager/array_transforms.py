"""Derivatives of Python functions of arrays; `gradcli.eager.transforms` uses them when an argument is an array.

The function is called once with tensors, so it may branch and loop.  Results are NumPy arrays and floats, or tensors if
there is a tensor among the arguments.  If an argument requires a gradient, or the function uses the argument of an
outer derivative, the computation of the derivative is recorded too.  So derivatives of derivatives are right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.eager.creation import zeros
from gradcli.eager.pullback import pullback, pushforward
from gradcli.eager.record import ARGUMENTS, enable_grad, no_grad
from gradcli.eager.sweeps import ancestors, warn_if_undefined
from gradcli.eager.tensor import Tensor, lifted, np
from gradcli.errors import CallError, ShapeError
from gradcli.primitives import Operand
from gradcli.primitives import functions as f

__all__ = [
    "Call", "Tensor", "derivative", "directions", "hessian", "hvp", "jacobian", "jacobians", "jvp",
    "second_derivatives", "value_and_grad", "vjp",
]  # fmt: skip


class Call:
    """One call of a function on tensors.

    Attributes:
        leaves: the tensors that replace the arguments with respect to which to differentiate.
        result: the result of the function, as a tensor.
        records: whether derivatives must be recorded.
        gives_tensors: whether derivatives are returned as tensors.
    """

    __slots__ = ("gives_tensors", "leaves", "records", "result")

    def __init__(
        self, function: Callable[..., Any], arguments: Sequence[Any], positions: Sequence[int], *, stacks: bool = False
    ) -> None:
        with enable_grad():
            given = [_joined(argument) for argument in arguments]
            leaves = {position: _leaf(given[position]) for position in positions}
            ARGUMENTS.update(leaves.values())
            try:
                result = function(*[leaves.get(i, _passive(argument)) for i, argument in enumerate(given)])
            finally:
                ARGUMENTS.difference_update(leaves.values())
        self.leaves = [leaves[position] for position in positions]
        if not isinstance(result, Tensor):
            if stacks and isinstance(result, (list, tuple)) and result:
                with enable_grad():
                    result = f.stack([_joined(part) for part in result])
            elif isinstance(result, (list, tuple, str)) or result is None:
                raise CallError(
                    f"a function to differentiate returns a number or an array, not {type(result).__name__}; "
                    f"gradcli.functions.stack makes an array of several results"
                )
            else:
                result = Tensor(result)
        self.result: Tensor = result
        is_inner = not ARGUMENTS.isdisjoint(ancestors(result))
        self.records = is_inner or any(isinstance(one, Tensor) and one.requires_grad for one in given)
        self.gives_tensors = self.records or any(isinstance(one, Tensor) for one in given)

    def require_one_number(self) -> None:
        """Check that the result is one number.

        Raises:
            ShapeError: the result is an array.
        """
        if self.result.shape != ():
            raise ShapeError(
                f"a gradient needs a function that returns one number, not an array of shape {self.result.shape}; "
                f"reduce it with sum(), or use vjp"
            )

    def pulled_back(self, cotangent: Any) -> list[Tensor]:
        """Return the derivative of the result with respect to each leaf, multiplied by a cotangent."""
        found = pullback(self.result, cotangent, self.leaves, create_graph=self.records)
        return [Tensor(leaf.array * 0.0) if one is None else one for one, leaf in zip(found, self.leaves, strict=True)]

    def derivative(self, tensor: Tensor) -> Any:
        """Return a derivative in the form of the arguments, and warn if it contains nan but the result doesn't."""
        warn_if_undefined(self.result, [tensor])
        return self.in_form_of_arguments(tensor)

    def in_form_of_arguments(self, tensor: Tensor) -> Any:
        """Return a tensor as a float or an array of NumPy, unless there were tensors among the arguments."""
        if self.gives_tensors:
            return tensor if self.records else tensor.detach()
        array = tensor.detach().numpy()
        return float(array) if array.shape == () else array.copy()


def _joined(argument: Any) -> Any:
    """Return one tensor made of a list with tensors in it, such as arguments of an outer derivative."""
    if isinstance(argument, (list, tuple)):
        parts = [_joined(one) for one in argument]
        if any(isinstance(part, Operand) for part in parts):
            return f.stack(parts)
    return argument


def _leaf(argument: Any) -> Tensor:
    is_recorded = isinstance(argument, Tensor) and argument.requires_grad
    return argument.clone() if is_recorded else Tensor(argument, requires_grad=True)


def _passive(argument: Any) -> Any:
    """Return an argument that isn't differentiated, as a tensor if it is a list or an array of floats.

    Arrays of whole numbers may be indices, so they stay as they are.
    """
    if isinstance(argument, Tensor) or getattr(getattr(argument, "dtype", None), "kind", "f") in "iub":
        return argument
    return Tensor(argument) if isinstance(argument, (list, tuple)) or hasattr(argument, "shape") else argument


def derivative(function: Callable[..., Any], argument: Any, order: int) -> Any:
    """Return a derivative of a function of one number, by a forward sweep for each order."""
    call = Call(function, [argument], [0])
    leaf, result = call.leaves[0], call.result
    if leaf.shape != ():
        raise ShapeError(
            f"derivative takes a function of one number, not of an array of shape {leaf.shape}; "
            f"use grad, hessian or jvp, or gradcli.compile with an order for a derivative at each number"
        )
    with enable_grad():
        for _ in range(order):
            result = pushforward(result, {leaf: Tensor(1.0)})
    return call.derivative(result)


def value_and_grad(function: Callable[..., Any], arguments: Sequence[Any], positions: Sequence[int]) -> tuple[Any, Any]:
    """Return the value, and the gradients with respect to the arguments at some positions."""
    call = Call(function, arguments, positions)
    call.require_one_number()
    gradients = tuple([call.derivative(one) for one in call.pulled_back(1.0)])
    return call.in_form_of_arguments(call.result), gradients


def hessian(function: Callable[..., Any], arguments: Sequence[Any], positions: Sequence[int]) -> Any:
    """Return the blocks of second derivatives as a tuple of rows."""
    call = Call(function, arguments, positions)
    call.require_one_number()
    blocks = second_derivatives(call.result, call.leaves, create_graph=call.records)
    return tuple([tuple([call.derivative(block) for block in row]) for row in blocks])


def jacobian(function: Callable[..., Any], arguments: Sequence[Any], positions: Sequence[int]) -> tuple[Any, ...]:
    """Return the Jacobians of a result with respect to the arguments at some positions."""
    call = Call(function, arguments, positions, stacks=True)
    return tuple([call.derivative(one) for one in jacobians(call)])


def jacobians(call: Call, *, forward: bool | None = None) -> list[Tensor]:
    """Return the Jacobian of the result of a call with respect to each leaf.

    Args:
        call: the call.
        forward: whether to use forward sweeps, one for each element of the leaves, and not reverse sweeps, one for each
            element of the result; by default what needs fewer sweeps.
    """
    result, leaves = call.result, call.leaves
    if forward is None:
        forward = sum([leaf.array.size for leaf in leaves]) < result.array.size
    if not forward:
        flat = f.reshape(result, (-1,)) if result.shape else [result]
        with enable_grad() if call.records else no_grad():
            rows = []
            for place in range(result.array.size):
                with enable_grad():
                    one = flat[place]
                rows.append(pullback(one, 1.0, leaves, create_graph=call.records) if one.requires_grad else None)
            return [
                _blocks([None if row is None else row[place] for row in rows], leaf, result.shape, leaf.shape)
                for place, leaf in enumerate(leaves)
            ]
    found = []
    with enable_grad() if call.records else no_grad():
        for leaf in leaves:
            columns = []
            for place in range(leaf.array.size):
                direction = np.zeros(leaf.array.size, dtype=str(leaf.dtype))
                direction[place] = 1.0
                columns.append(pushforward(result, {leaf: Tensor(direction.reshape(leaf.shape))}))
            turned = _blocks(columns, result, leaf.shape, result.shape)
            axes = (*range(len(leaf.shape), len(turned.shape)), *range(len(leaf.shape)))
            found.append(f.transpose(turned, axes))
    return found


def _blocks(parts: Sequence[Tensor | None], like: Tensor, outer: tuple[int, ...], inner: tuple[int, ...]) -> Tensor:
    """Return derivatives as one tensor; one that is missing is 0."""
    nothing = Tensor(like.array * 0.0)
    if not parts:
        return zeros((*outer, *inner), dtype=like.dtype)
    return f.reshape(f.stack([nothing if one is None else one for one in parts]), (*outer, *inner))  # type: ignore[no-any-return]


def hvp(function: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
    """Return the value, and the product of the Hessian and a vector, by a forward sweep over the gradient."""
    call = Call(function, primals, range(len(primals)))
    call.require_one_number()
    direction = directions(call, tangents)
    found = []
    for leaf, partial in zip(call.leaves, pullback(call.result, 1.0, call.leaves, create_graph=True), strict=True):
        moved = None
        if partial is not None and partial.requires_grad:
            with enable_grad() if call.records else no_grad():
                moved = pushforward(partial, direction)
        found.append(call.derivative(Tensor(leaf.array * 0.0) if moved is None else moved))
    return call.in_form_of_arguments(call.result), tuple(found)


def directions(call: Call, tangents: Sequence[Any]) -> dict[Tensor, Tensor]:
    """Return the tangent of each leaf.

    Raises:
        ShapeError: a tangent doesn't have the shape of its leaf.
    """
    direction = dict(zip(call.leaves, map(lifted, tangents), strict=True))
    if any(tangent.requires_grad for tangent in direction.values()):
        call.records = call.gives_tensors = True
    for leaf, tangent in direction.items():
        if tangent.shape not in ((), leaf.shape):
            raise ShapeError(f"a tangent of shape {tangent.shape} doesn't fit an argument of shape {leaf.shape}")
    return direction


def second_derivatives(result: Tensor, leaves: Sequence[Tensor], *, create_graph: bool = False) -> list[list[Tensor]]:
    """Return the blocks of the Hessian of a tensor of one number, by a reverse sweep for each entry of its gradient."""
    rows = []
    for leaf, partial in zip(leaves, pullback(result, 1.0, leaves, create_graph=True), strict=True):
        # For each entry of the gradient, its derivatives with respect to the leaves.
        entries: list[list[Tensor | None]] = []
        if partial is not None and partial.requires_grad:
            with enable_grad():
                entries = [pullback(one, 1.0, leaves, create_graph=create_graph) for one in f.reshape(partial, (-1,))]
        row = []
        for place, other in enumerate(leaves):
            nothing = Tensor(other.array * 0.0)
            parts = [nothing if entry[place] is None else entry[place] for entry in entries]
            shape = leaf.shape + other.shape
            row.append(f.reshape(f.stack(parts), shape) if parts else zeros(shape, dtype=other.dtype))
        rows.append(row)
    return rows


def jvp(function: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return the value, and its derivative along a direction by one forward sweep."""
    call = Call(function, primals, range(len(primals)))
    direction = directions(call, tangents)
    with enable_grad() if call.records else no_grad():
        moved = pushforward(call.result, direction)
    return call.in_form_of_arguments(call.result), call.derivative(moved)


def vjp(function: Callable[..., Any], primals: Sequence[Any]) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return the value, and a function that multiplies a cotangent by the derivatives."""
    call = Call(function, primals, range(len(primals)))

    def pull(cotangent: Any) -> tuple[Any, ...]:
        shape = lifted(cotangent).shape
        if shape not in ((), call.result.shape):
            raise ShapeError(f"a cotangent of shape {shape} doesn't fit a result of shape {call.result.shape}")
        return tuple([call.derivative(one) for one in call.pulled_back(cotangent)])

    return call.in_form_of_arguments(call.result), pull
