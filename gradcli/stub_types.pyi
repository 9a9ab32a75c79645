# mypy: disable-error-code="overload-overlap"
"""The types that the generated stubs share; only type checkers read this file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gradcli.eager.tensor import Tensor
from gradcli.eager.value import Value
from gradcli.graph import Node

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)
#: An operand of a formula that runs on whatever it is given.
X = TypeVar("X", Tensor, Value, Node, NDArray[Any], float)

Array: TypeAlias = NDArray[Any]
#: What a function of arrays takes for an array.
Arrays: TypeAlias = Array | float | list[Any]
#: What a function of tensors takes for a tensor.
Numbers: TypeAlias = Tensor | float | Array | list[Any]
Axes: TypeAlias = int | Sequence[int]
#: Lengths or axes, as several arguments or as one sequence.
Lengths: TypeAlias = int | Sequence[int]
Key: TypeAlias = Any
DType: TypeAlias = np.dtype[Any]
TypeLike: TypeAlias = DTypeLike
Parameters: TypeAlias = Iterable[Tensor] | Iterable[Value] | Iterable[Tensor | Value] | Iterable[Mapping[str, Any]]

class _HasForward(Protocol[P, R_co]):
    def forward(self, *arguments: P.args, **options: P.kwargs) -> R_co: ...

class Forward:
    """The type of ``__call__`` of a module: that of its ``forward``."""

    @overload
    def __get__(self, instance: None, owner: Any) -> Forward: ...
    @overload
    def __get__(self, instance: _HasForward[P, R_co], owner: Any) -> Callable[P, R_co]: ...

class Function1(Protocol):
    """A function of one operand, on numbers, arrays and what records."""

    def __call__(self, x: X, /) -> X: ...

class Function2(Protocol):
    """A function of two operands; the richest decides what the result is."""

    @overload
    def __call__(self, x: float, y: float, /) -> float: ...
    @overload
    def __call__(self, x: Value | float, y: Value | float, /) -> Value: ...
    @overload
    def __call__(self, x: Node | float, y: Node | float, /) -> Node: ...
    @overload
    def __call__(self, x: Array | float, y: Array | float, /) -> Array: ...
    @overload
    def __call__(self, x: Numbers, y: Numbers, /) -> Tensor: ...

class Function3(Protocol):
    """A function of three operands."""

    @overload
    def __call__(self, x: float, y: float, z: float, /) -> float: ...
    @overload
    def __call__(self, x: Value | float, y: Value | float, z: Value | float, /) -> Value: ...
    @overload
    def __call__(self, x: Node | float, y: Node | float, z: Node | float, /) -> Node: ...
    @overload
    def __call__(self, x: Array | float, y: Array | float, z: Array | float, /) -> Array: ...
    @overload
    def __call__(self, x: Numbers, y: Numbers, z: Numbers, /) -> Tensor: ...

class FunctionN(Protocol):
    """A function of any number of operands."""

    @overload
    def __call__(self, *operands: float) -> float: ...
    @overload
    def __call__(self, *operands: Value | float) -> Value: ...
    @overload
    def __call__(self, *operands: Node | float) -> Node: ...
    @overload
    def __call__(self, *operands: Array | float) -> Array: ...
    @overload
    def __call__(self, *operands: Numbers) -> Tensor: ...

# Derivatives of Python functions: numbers give numbers, arrays arrays, and tensors tensors.

class Derivative(Protocol):
    """A function of one argument, whose result has the form of the argument."""

    @overload
    def __call__(self, argument: float, /, **options: Any) -> float: ...
    @overload
    def __call__(self, argument: Value, /, **options: Any) -> Value: ...
    @overload
    def __call__(self, argument: Tensor, /, **options: Any) -> Tensor: ...
    @overload
    def __call__(self, argument: Array | list[Any], /, **options: Any) -> Array: ...

class PartialDerivative(Protocol):
    """The derivative with respect to one of several arguments."""

    @overload
    def __call__(self, *arguments: float, **options: Any) -> float: ...
    @overload
    def __call__(self, *arguments: Value | float, **options: Any) -> Value: ...
    @overload
    def __call__(self, *arguments: Arrays, **options: Any) -> Array: ...
    @overload
    def __call__(self, *arguments: Numbers, **options: Any) -> Tensor: ...

class Gradients(Protocol):
    """The derivatives with respect to several arguments."""

    @overload
    def __call__(self, *arguments: float, **options: Any) -> tuple[float, ...]: ...
    @overload
    def __call__(self, *arguments: Value | float, **options: Any) -> tuple[Value, ...]: ...
    @overload
    def __call__(self, *arguments: Arrays, **options: Any) -> tuple[Array, ...]: ...
    @overload
    def __call__(self, *arguments: Numbers, **options: Any) -> tuple[Tensor, ...]: ...

class Gradient(Protocol):
    """The derivative by the only argument, or the derivatives by all arguments."""

    @overload
    def __call__(self, argument: float, /, **options: Any) -> float: ...
    @overload
    def __call__(self, argument: Value, /, **options: Any) -> Value: ...
    @overload
    def __call__(self, argument: Tensor, /, **options: Any) -> Tensor: ...
    @overload
    def __call__(self, argument: Array | list[Any], /, **options: Any) -> Array: ...
    @overload
    def __call__(self, *arguments: float, **options: Any) -> tuple[float, ...]: ...
    @overload
    def __call__(self, *arguments: Value | float, **options: Any) -> tuple[Value, ...]: ...
    @overload
    def __call__(self, *arguments: Arrays, **options: Any) -> tuple[Array, ...]: ...
    @overload
    def __call__(self, *arguments: Numbers, **options: Any) -> tuple[Tensor, ...]: ...

class ValueAndPartialDerivative(Protocol):
    @overload
    def __call__(self, *arguments: float, **options: Any) -> tuple[float, float]: ...
    @overload
    def __call__(self, *arguments: Value | float, **options: Any) -> tuple[Value, Value]: ...
    @overload
    def __call__(self, *arguments: Arrays, **options: Any) -> tuple[float, Array]: ...
    @overload
    def __call__(self, *arguments: Numbers, **options: Any) -> tuple[Tensor, Tensor]: ...

class ValueAndGradients(Protocol):
    @overload
    def __call__(self, *arguments: float, **options: Any) -> tuple[float, tuple[float, ...]]: ...
    @overload
    def __call__(self, *arguments: Value | float, **options: Any) -> tuple[Value, tuple[Value, ...]]: ...
    @overload
    def __call__(self, *arguments: Arrays, **options: Any) -> tuple[float, tuple[Array, ...]]: ...
    @overload
    def __call__(self, *arguments: Numbers, **options: Any) -> tuple[Tensor, tuple[Tensor, ...]]: ...

class ValueAndGradient(Protocol):
    @overload
    def __call__(self, argument: float, /, **options: Any) -> tuple[float, float]: ...
    @overload
    def __call__(self, argument: Value, /, **options: Any) -> tuple[Value, Value]: ...
    @overload
    def __call__(self, argument: Tensor, /, **options: Any) -> tuple[Tensor, Tensor]: ...
    @overload
    def __call__(self, argument: Array | list[Any], /, **options: Any) -> tuple[float, Array]: ...
    @overload
    def __call__(self, *arguments: float, **options: Any) -> tuple[float, tuple[float, ...]]: ...
    @overload
    def __call__(self, *arguments: Value | float, **options: Any) -> tuple[Value, tuple[Value, ...]]: ...
    @overload
    def __call__(self, *arguments: Arrays, **options: Any) -> tuple[float, tuple[Array, ...]]: ...
    @overload
    def __call__(self, *arguments: Numbers, **options: Any) -> tuple[Tensor, tuple[Tensor, ...]]: ...
