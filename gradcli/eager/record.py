"""A recorded array, the operation that made it, and the switch for recording.

`Tensor` is a `Recorded` with methods; the sweeps use only the attributes of a `Recorded`.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping
from contextlib import ContextDecorator
from typing import Any, Final, TypeAlias

from gradcli.errors import CallError
from gradcli.primitives import ArrayPrimitive, Operand, Primitive
from gradcli.records import NamedTuple

__all__ = [
    "ARGUMENTS",
    "CLOCK",
    "MODE",
    "Operation",
    "Record",
    "Recorded",
    "derivative_lost",
    "enable_grad",
    "is_grad_enabled",
    "no_grad",
    "number_as_array",
]

#: The numbers and arrays with respect to which a function is being differentiated at the moment, by `gradcli.grad` and
#: the like.  What was computed from them gives its numbers away only where no derivative is lost.
ARGUMENTS: Final[set[Any]] = set()


#: The clock that numbers recorded operations and changes of arrays in their order in time.
CLOCK: Final = itertools.count(1)


def derivative_lost(call: str, instead: str) -> CallError:
    """Return the error for a call that would turn a value that is being differentiated into a plain number.

    Args:
        call: the call, such as ``"item()"``.
        instead: the end of the message, which says what to do instead.
    """
    return CallError(
        f"{call} would lose the derivative of what is being differentiated; {instead}", kind="derivative_lost"
    )


def number_as_array(operand: Any = None) -> CallError:
    """Return the error for an operation on a `Value` and an array.

    If a function is being differentiated, it is then called again with tensors.

    Args:
        operand: the array.
    """
    other = "an array" if operand is None else f"a {type(operand).__name__}"
    return CallError(
        f"a Value is one number and can't be combined with {other}: the derivatives would be lost; use a Tensor",
        kind="number_as_array",
    )


class _Mode(threading.local):
    """The switch for recording in this thread, and its setting before each `no_grad` block that is still open."""

    recording = True

    def __init__(self) -> None:
        self.outside: list[bool] = []


MODE: Final = _Mode()


class no_grad(ContextDecorator):  # noqa: N801  (PyTorch's name)
    """Record no operations within a block or, used as a decorator, within a function.

    >>> from gradcli import Tensor
    >>> x = Tensor(2.0, requires_grad=True)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """

    recording = False

    def __enter__(self) -> None:
        MODE.outside.append(MODE.recording)
        MODE.recording = self.recording

    def __exit__(self, *exception: object) -> None:
        MODE.recording = MODE.outside.pop()


class enable_grad(no_grad):  # noqa: N801  (PyTorch's name)
    """Record operations within a block, even inside `no_grad`."""

    recording = True


def is_grad_enabled() -> bool:
    """Return whether operations are recorded in this thread at the moment."""
    return MODE.recording


class Operation(NamedTuple):
    """The operation that made a tensor, for users who look at the graph.

    Attributes:
        primitive: the primitive that was applied.
        operands: the tensors that it was applied to; None in place of a plain number or array.
        inputs: the arrays and numbers of all operands.
        options: the options of a primitive on arrays.
    """

    primitive: Primitive | ArrayPrimitive
    operands: tuple[Any, ...]
    inputs: tuple[Any, ...]
    options: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the primitive."""
        return self.primitive.name

    def __repr__(self) -> str:
        return f"<{self.name}>"


#: The attributes of an `Operation` as a plain tuple; the options are None for a primitive that has none.
Record: TypeAlias = "tuple[Primitive | ArrayPrimitive, tuple[Any, ...], tuple[Any, ...], Mapping[str, Any] | None]"


class Recorded(Operand):
    """An array in a recorded computation, and the operation that made it."""

    __slots__ = ("_array", "_cotangent", "_made_by", "_order")

    _array: Any
    # The number of the operation, which grows with time; -1 for a leaf that gets a gradient, 0 for a constant.
    _order: int
    # The operation that made it; None for a leaf.
    _made_by: Record | None
    # The cotangent of the result of an operation, while a reverse sweep runs.
    _cotangent: Any

    @property
    def array(self) -> Any:
        """The numbers, as a read-only array of the array library."""
        return self._array

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self._array.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._array.shape)

    @property
    def dtype(self) -> Any:
        """The type of the elements, an object of the array library."""
        return self._array.dtype
