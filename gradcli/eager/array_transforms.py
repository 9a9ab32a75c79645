"""Derivatives of Python functions of arrays, on tensors: what `gradcli.eager.transforms` does when it is given arrays.

A function is called once with tensors and may branch and loop as it likes.  Results are what was given: NumPy arrays
for arrays and lists, floats for numbers, and tensors if there is a tensor among the arguments.  If an argument records,
or the function uses the argument of an outer derivative, the derivative records in its turn, so a derivative of a
derivative is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.eager.record import enable_grad, no_grad
from gradcli.eager.sweeps import ancestors
from gradcli.eager.tensor import Tensor, pullback, pushforward
from gradcli.primitives import functions as f

__all__ = ["Call", "hessian", "jvp", "second_derivatives", "value_and_grad", "vjp"]


class _Argument(Tensor):
    """What a function is called with while it is differentiated; an inner derivative that meets it must record."""

    __slots__ = ()


class Call:
    """One call of a function on tensors.

    Attributes:
        arguments: what was given.
        leaves: position -> the tensor that stands for an argument to differentiate toward.
        result: what the function returned, as a tensor.
        records: whether derivatives have to record.
        gives_tensors: whether results are tensors, because a tensor was given or because derivatives record.
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
        own = set(self.leaves.values())
        self.records = any(isinstance(one, Tensor) and one.requires_grad for one in arguments) or (
            result.requires_grad and any(isinstance(one, _Argument) and one not in own for one in ancestors(result))
        )
        self.gives_tensors = self.records or any(isinstance(argument, Tensor) for argument in arguments)

    def one_number(self) -> Tensor:
        """The result.

        Raises:
            ValueError: it is an array.
        """
        if self.result.shape != ():
            raise ValueError(
                f"a gradient needs a function that returns one number, not an array of shape {self.result.shape}; "
                f"reduce it with sum(), or use vjp"
            )
        return self.result

    def toward_arguments(self, cotangent: Any) -> list[Tensor]:
        """The derivative of the result toward each leaf."""
        leaves = list(self.leaves.values())
        if not self.result.requires_grad:
            return [Tensor(leaf.data * 0.0) for leaf in leaves]
        found = pullback(self.result, cotangent, leaves, create_graph=self.records)
        return [Tensor(leaf.data * 0.0) if one is None else one for one, leaf in zip(found, leaves, strict=True)]

    def given_back(self, tensor: Tensor) -> Any:
        """A result in the form of the arguments."""
        if self.gives_tensors:
            return tensor if self.records else tensor.detach()
        array = tensor.numpy()
        return float(array) if array.shape == () else array.copy()


def _leaf(argument: Any) -> Tensor:
    is_recorded = isinstance(argument, Tensor) and argument.requires_grad
    leaf = argument.clone() if is_recorded else Tensor(argument, requires_grad=True)
    leaf.__class__ = _Argument
    return leaf


def _passive(argument: Any) -> Any:
    """An argument that is not differentiated toward: whole numbers may be indices and stay what they are."""
    if isinstance(argument, Tensor) or getattr(getattr(argument, "dtype", None), "kind", "f") in "iub":
        return argument
    return Tensor(argument) if isinstance(argument, (list, tuple)) or hasattr(argument, "shape") else argument


def value_and_grad(function: Callable[..., Any], arguments: Sequence[Any], positions: Sequence[int]) -> tuple[Any, Any]:
    """The value and the gradients toward the arguments at some positions."""
    call = Call(function, arguments, positions)
    value = call.one_number()
    gradients = tuple([call.given_back(one) for one in call.toward_arguments(1.0)])
    return call.given_back(value), gradients


def hessian(function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """The blocks of second derivatives, a tuple of rows; of one argument, its block itself."""
    call = Call(function, arguments, range(len(arguments)))
    call.one_number()
    blocks = second_derivatives(call.result, list(call.leaves.values()), create_graph=call.records)
    rows = tuple([tuple([call.given_back(block) for block in row]) for row in blocks])
    return rows[0][0] if len(arguments) == 1 else rows


def second_derivatives(result: Tensor, leaves: Sequence[Tensor], *, create_graph: bool = False) -> list[list[Tensor]]:
    """The blocks of the Hessian of a tensor of one number: a reverse sweep for each entry of its gradient."""
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
    """The value, and its derivative along a direction, by one forward sweep."""
    call = Call(function, primals, range(len(primals)))
    if any(isinstance(tangent, Tensor) and tangent.requires_grad for tangent in tangents):
        call.records = call.gives_tensors = True
    for leaf, tangent in zip(call.leaves.values(), tangents, strict=True):
        shape = tangent.shape if isinstance(tangent, Tensor) else Tensor(tangent).shape
        if shape not in ((), leaf.shape):
            raise ValueError(f"a tangent of shape {shape} doesn't fit an argument of shape {leaf.shape}")
    if not call.result.requires_grad:
        return call.given_back(call.result), call.given_back(Tensor(call.result.data * 0.0))
    with enable_grad() if call.records else no_grad():
        moved = pushforward(call.result, dict(zip(call.leaves.values(), tangents, strict=True)))
    return call.given_back(call.result), call.given_back(moved)


def vjp(function: Callable[..., Any], primals: Sequence[Any]) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value, and the function that carries a cotangent back to the arguments."""
    call = Call(function, primals, range(len(primals)))

    def pull(cotangent: Any) -> tuple[Any, ...]:
        lifted = cotangent if isinstance(cotangent, Tensor) else Tensor(cotangent)
        if lifted.shape not in ((), call.result.shape):
            raise ValueError(f"a cotangent of shape {lifted.shape} doesn't fit a result of shape {call.result.shape}")
        return tuple([call.given_back(one) for one in call.toward_arguments(lifted)])

    return call.given_back(call.result), pull
