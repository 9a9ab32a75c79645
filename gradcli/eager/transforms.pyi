# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from typing import overload
from gradcli.eager.value import Value
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Array
from gradcli.stub_types import Arrays
from gradcli.stub_types import Numbers
from gradcli.stub_types import Derivative
from gradcli.stub_types import PartialDerivative
from gradcli.stub_types import Gradients
from gradcli.stub_types import Gradient
from gradcli.stub_types import ValueAndPartialDerivative
from gradcli.stub_types import ValueAndGradients
from gradcli.stub_types import ValueAndGradient
__all__ = [
    'derivative',
    'grad',
    'hessian',
    'jvp',
    'value_and_grad',
    'vjp',
]
Function = Callable[..., Any]
@overload
def value_and_grad(function: Callable[..., Any], argnums: None = ...) -> ValueAndGradient: ...
@overload
def value_and_grad(function: Callable[..., Any], argnums: int) -> ValueAndPartialDerivative: ...
@overload
def value_and_grad(function: Callable[..., Any], argnums: Sequence[int]) -> ValueAndGradients: ...
@overload
def grad(function: Callable[..., Any], argnums: None = ...) -> Gradient: ...
@overload
def grad(function: Callable[..., Any], argnums: int) -> PartialDerivative: ...
@overload
def grad(function: Callable[..., Any], argnums: Sequence[int]) -> Gradients: ...
@overload
def derivative(function: Callable[..., Any], order: int = ...) -> Derivative: ...
@overload
def derivative(function: Callable[..., Any], order: Sequence[int]) -> Callable[..., float]: ...
def hessian(function: Function) -> Function: ...
@overload
def jvp(function: Callable[..., Any], primals: Sequence[float], tangents: Sequence[float]) -> tuple[float, float]: ...
@overload
def jvp(function: Callable[..., Any], primals: Sequence[Value | float], tangents: Sequence[Value | float]) -> tuple[Value, Value]: ...
@overload
def jvp(function: Callable[..., Any], primals: Sequence[Arrays], tangents: Sequence[Arrays]) -> tuple[Array, Array]: ...
@overload
def jvp(function: Callable[..., Any], primals: Sequence[Numbers], tangents: Sequence[Numbers]) -> tuple[Tensor, Tensor]: ...
@overload
def vjp(function: Callable[..., Any], *primals: float) -> tuple[float, Callable[[float], tuple[float, ...]]]: ...
@overload
def vjp(function: Callable[..., Any], *primals: Value | float) -> tuple[Value, Callable[[Value | float], tuple[Value, ...]]]: ...
@overload
def vjp(function: Callable[..., Any], *primals: Arrays) -> tuple[Array, Callable[[Arrays], tuple[Array, ...]]]: ...
@overload
def vjp(function: Callable[..., Any], *primals: Numbers) -> tuple[Tensor, Callable[[Numbers], tuple[Tensor, ...]]]: ...
