# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Generic
from typing import Literal
from typing import NamedTuple
from typing import TypeVar
from typing import overload
from gradcli.evaluate.expression import Expression
from gradcli.execute.program import Program
from gradcli.records import NamedTuple
from gradcli.evaluate.scipy_functions import ScipyFunctions
from gradcli.stub_types import Array
from gradcli.stub_types import TypeLike
__all__ = [
    'DERIVATIVES',
    'Compiled',
    'compile',
]
np: Any
DERIVATIVES: Any
@overload
def compile(function: str | Expression | Callable[..., Any], wrt: str | Sequence[str] | None = ..., *, derivatives: Literal["value"], dtype: TypeLike = ..., executor: str = ..., threads: int | None = ..., order: int = ..., variables: Sequence[str] | None = ...) -> Compiled[Array]: ...
@overload
def compile(function: str | Expression | Callable[..., Any], wrt: str | Sequence[str] | None = ..., *, derivatives: Literal["gradient"], dtype: TypeLike = ..., executor: str = ..., threads: int | None = ..., order: int = ..., variables: Sequence[str] | None = ...) -> Compiled[dict[str, Array]]: ...
@overload
def compile(function: str | Expression | Callable[..., Any], wrt: str | Sequence[str] | None = ..., *, derivatives: Literal["value+gradient"] = ..., dtype: TypeLike = ..., executor: str = ..., threads: int | None = ..., order: int = ..., variables: Sequence[str] | None = ...) -> Compiled[tuple[Array, dict[str, Array]]]: ...
@overload
def compile(function: str | Expression | Callable[..., Any], wrt: str | Sequence[str] | None = ..., *, derivatives: Literal["hessian"], dtype: TypeLike = ..., executor: str = ..., threads: int | None = ..., order: int = ..., variables: Sequence[str] | None = ...) -> Compiled[tuple[Array, dict[str, Array], dict[str, dict[str, Array]]]]: ...
@overload
def compile(function: str | Expression | Callable[..., Any], wrt: str | Sequence[str] | None = ..., *, derivatives: Literal["jvp"], dtype: TypeLike = ..., executor: str = ..., threads: int | None = ..., order: int = ..., variables: Sequence[str] | None = ...) -> Compiled[tuple[Array, Array]]: ...
@overload
def compile(function: str | Expression | Callable[..., Any], wrt: str | Sequence[str] | None = ..., derivatives: str = ..., *, dtype: TypeLike = ..., executor: str = ..., threads: int | None = ..., order: int = ..., variables: Sequence[str] | None = ...) -> Compiled[Any]: ...
class _Options(NamedTuple):
    wrt: tuple[str, ...] | None
    derivatives: str
    dtype: str
    executor: str
    threads: int | None
    order: int
    variables: tuple[str, ...] | None
Result = TypeVar("Result")
class Compiled(Generic[Result]):
    def __init__(self, expression: Expression, options: _Options) -> None: ...
    @property
    def text(self) -> str: ...
    @property
    def executor(self) -> str: ...
    @property
    def note(self) -> str | None: ...
    def program(self, uniforms: Sequence[int]=...) -> Program: ...
    def __call__(self, /, *arrays: object, out: Array | Sequence[Array] | None = ..., **named: object) -> Result: ...
    def columns(self, matrix: Any, out: Any=None) -> Array: ...
    def point(self, /, *numbers: float) -> list[float]: ...
    @property
    def ufunc(self) -> Callable[..., Array]: ...
    def as_scipy(self) -> ScipyFunctions: ...
    def with_derivatives(self, derivatives: str) -> Compiled[Any]: ...
    def integrand(self) -> Any: ...
    def run(self, columns: Mapping[str, Any], out: Sequence[Any] | None=None) -> list[Array]: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    def __repr__(self) -> str: ...
    variables: tuple[str, ...]
    wrt: tuple[str, ...]
    derivatives: Any
    dtype: Any
    inputs: Any
    names: tuple[str, ...]
