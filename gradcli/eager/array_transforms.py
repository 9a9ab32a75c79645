"""Derivatives of Python functions of arrays; `gradcli.eager.transforms` uses them when an argument is an array.

The function is called once with tensors, so it may branch and loop.  Results are NumPy arrays and floats, or tensors if
there is a tensor among the arguments.  If an argument requires a gradient, or the function uses the argument of an
outer derivative, the computation of the derivative is recorded too, so derivatives of derivatives are right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.eager.record import enable_grad, no_grad
from gradcli.eager.sweeps import ancestors
from gradcli.eager.tensor import Tensor, pullback, pushforward
from gradcli.primitives import functions as f

__all__ = ["Call", "hessian", "jvp", "second_derivatives", "value_and_grad", "vjp"]


class _ArrayArgument(Tensor):
    """An argument of a function that is being differentiated; an inner derivative that uses it must be recorded."""

    __slots__ = ()


class Call:
    """One call of a function on tensors.

    Attributes:
        arguments: the arguments, as they were given.
        leaves: the positions of the arguments to differentiate with respect to -> the tensors used in their places.
        result: the result of the function, as a tensor.
        records: whether derivatives must be recorded.
        gives_tensors: whether derivatives are returned as tensors.
    """

    __slots__ = ("arguments", "gives_tensors", "leaves", "records", "result")

    def __init__(self, function: Callable[..., Any], arguments: Sequence[Any], positions: Sequence[int]) -> None:
        self.arguments = arguments
        with enable_grad():
            self.leaves = {position: _leaf(arguments[position]) for position in positions}
            given = [self.leaves.get(i, _passive(argument)) for i, argument in enumerate(arguments)]
            result = function(*given)
        if not isinstance(result, Tensor):
            if isinstance(result, (list, tuple)) or result is None:
                raise TypeError(
                    f"a function to differentiate returns a number or an array, not {type(result).__name__}"
                )
            result = Tensor(result)
        self.result: Tensor = result
        used = set(ancestors(result)) - set(self.leaves.values()) if result.requires_grad else set()
        self.records = any(isinstance(one, _ArrayArgument) for one in used) or any(
            isinstance(one, Tensor) and one.requires_grad for one in arguments
        )
        self.gives_tensors = self.records or any(isinstance(argument, Tensor) for argument in arguments)

    def require_one_number(self) -> Tensor:
        """Return the result.

        Raises:
            ValueError: the result is an array.
        """
        if self.result.shape != ():
            raise ValueError(
                f"a gradient needs a function that returns one number, not an array of shape {self.result.shape}; "
                f"reduce it with sum(), or use vjp"
            )
        return self.result

    def pulled_back(self, cotangent: Any) -> list[Tensor]:
        """Return the derivative of the result with respect to each leaf, multiplied by a cotangent."""
        leaves = list(self.leaves.values())
        if not self.result.requires_grad:
            return [Tensor(leaf.data * 0.0) for leaf in leaves]
        found = pullback(self.result, cotangent, leaves, create_graph=self.records)
        return [Tensor(leaf.data * 0.0) if one is None else one for one, leaf in zip(found, leaves, strict=True)]

    def in_form_of_arguments(self, tensor: Tensor) -> Any:
        """Return a tensor as a float or an array of NumPy, unless there were tensors among the arguments."""
        if self.gives_tensors:
            return tensor if self.records else tensor.detach()
        array = tensor.numpy()
        return float(array) if array.shape == () else array.copy()


def _leaf(argument: Any) -> Tensor:
    is_recorded = isinstance(argument, Tensor) and argument.requires_grad
    leaf = argument.clone() if is_recorded else Tensor(argument, requires_grad=True)
    leaf.__class__ = _ArrayArgument
    return leaf


def _passive(argument: Any) -> Any:
    """Return an argument that isn't differentiated, as a tensor if it is a list or an array of floats.

    Arrays of whole numbers may be indices, so they stay as they are.
    """
    if isinstance(argument, Tensor) or getattr(getattr(argument, "dtype", None), "kind", "f") in "iub":
        return argument
    return Tensor(argument) if isinstance(argument, (list, tuple)) or hasattr(argument, "shape") else argument


def value_and_grad(function: Callable[..., Any], arguments: Sequence[Any], positions: Sequence[int]) -> tuple[Any, Any]:
    """Return the value, and the gradients with respect to the arguments at some positions."""
    call = Call(function, arguments, positions)
    value = call.require_one_number()
    gradients = tuple([call.in_form_of_arguments(one) for one in call.pulled_back(1.0)])
    return call.in_form_of_arguments(value), gradients


def hessian(function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """Return the blocks of second derivatives as a tuple of rows; for one argument, return the only block."""
    call = Call(function, arguments, range(len(arguments)))
    call.require_one_number()
    blocks = second_derivatives(call.result, list(call.leaves.values()), create_graph=call.records)
    rows = tuple([tuple([call.in_form_of_arguments(block) for block in row]) for row in blocks])
    return rows[0][0] if len(arguments) == 1 else rows


def second_derivatives(result: Tensor, leaves: Sequence[Tensor], *, create_graph: bool = False) -> list[list[Tensor]]:
    """Return the blocks of the Hessian of a tensor of one number, by a reverse sweep for each entry of its gradient."""
    first = pullback(result, 1.0, leaves, create_graph=True) if result.requires_grad else [None] * len(leaves)
    rows = []
    for leaf, partial in zip(leaves, first, strict=True):
        entries: list[list[Any]] = [[] for _ in leaves]
        with enable_grad():
            flat = None if partial is None else partial.reshape(-1)
            for i in range(leaf.size if flat is not None and flat.requires_grad else 0):
                assert flat is not None
                for found, one in zip(entries, pullback(flat[i], 1.0, leaves, create_graph=create_graph), strict=True):
                    found.append(one)
        row = []
        for found, other in zip(entries, leaves, strict=True):
            zeros = Tensor(other.data * 0.0)
            parts = [zeros if one is None else one for one in found] or [zeros] * leaf.size
            row.append(f.reshape(f.stack(parts), leaf.shape + other.shape) if parts else Tensor(leaf.data))
        rows.append(row)
    return rows


def jvp(function: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return the value, and its derivative along a direction by one forward sweep."""
    call = Call(function, primals, range(len(primals)))
    if any(isinstance(tangent, Tensor) and tangent.requires_grad for tangent in tangents):
        call.records = call.gives_tensors = True
    for leaf, tangent in zip(call.leaves.values(), tangents, strict=True):
        shape = tangent.shape if isinstance(tangent, Tensor) else Tensor(tangent).shape
        if shape not in ((), leaf.shape):
            raise ValueError(f"a tangent of shape {shape} doesn't fit an argument of shape {leaf.shape}")
    if not call.result.requires_grad:
        return call.in_form_of_arguments(call.result), call.in_form_of_arguments(Tensor(call.result.data * 0.0))
    with enable_grad() if call.records else no_grad():
        moved = pushforward(call.result, dict(zip(call.leaves.values(), tangents, strict=True)))
    return call.in_form_of_arguments(call.result), call.in_form_of_arguments(moved)


def vjp(function: Callable[..., Any], primals: Sequence[Any]) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return the value, and a function that multiplies a cotangent by the derivatives."""
    call = Call(function, primals, range(len(primals)))

    def pull(cotangent: Any) -> tuple[Any, ...]:
        lifted = cotangent if isinstance(cotangent, Tensor) else Tensor(cotangent)
        if lifted.shape not in ((), call.result.shape):
            raise ValueError(f"a cotangent of shape {lifted.shape} doesn't fit a result of shape {call.result.shape}")
        return tuple([call.in_form_of_arguments(one) for one in call.pulled_back(lifted)])

    return call.in_form_of_arguments(call.result), pull
