"""The record of an array: the operation that made it, and the switch that says whether operations are recorded.

`Tensor` is a `Recorded` with methods; the sweeps need no more of it than is here.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ContextDecorator
from typing import Any, Final, NamedTuple, TypeAlias

from gradcli.primitives import ArrayPrimitive, Operand, Primitive

__all__ = ["MODE", "Operation", "Record", "Recorded", "enable_grad", "is_grad_enabled", "no_grad"]


class _Mode(threading.local):
    """Whether operations are recorded in this thread, and whether they were before each block that is open."""

    recording = True

    def __init__(self) -> None:
        self.outside: list[bool] = []


MODE: Final = _Mode()


class no_grad(ContextDecorator):  # noqa: N801  (PyTorch's name)
    """Within the block, or the function that it decorates, nothing is recorded.

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
    """Within the block operations are recorded, also inside `no_grad`."""

    recording = True


def is_grad_enabled() -> bool:
    """Whether operations are recorded now, in this thread."""
    return MODE.recording


class Operation(NamedTuple):
    """The operation that made a tensor, as a reader of the graph sees it.

    Attributes:
        primitive: what was applied.
        operands: the tensors it was applied to; None for a plain number or array.
        inputs: the arrays and numbers that it met.
        options: of a primitive on arrays.
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


#: The primitive, the tensors that it was applied to (None for a plain number or array), the arrays and numbers that it
#: met, and its options.
Record: TypeAlias = "tuple[Primitive | ArrayPrimitive, tuple[Any, ...], tuple[Any, ...], Mapping[str, Any] | None]"


class Recorded(Operand):
    """An array in a recorded computation, and the operation that made it."""

    __slots__ = ("_array", "_cotangent", "_made_by", "_order")

    _array: Any
    # The operation's place in time; -1 for a leaf that a derivative is asked for, 0 where no derivative passes.
    _order: int
    # Of an operation: its primitive, the operands (None for a plain number or array), their arrays, and the options.
    _made_by: Record | None
    # A cotangent on its way, while a sweep runs.
    _cotangent: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self._array.shape  # type: ignore[no-any-return]
