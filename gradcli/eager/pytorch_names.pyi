# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Callable
from typing import Any
from typing import Final
from typing import NamedTuple
from typing import TypeVar
from gradcli.eager.tensor import Tensor
Function = TypeVar("Function", bound=Callable[..., Any])
FUNCTIONS: Final[dict[str, Callable[..., Any]]]
METHODS: Final[dict[str, Callable[..., Any]]]
class ValuesAndIndices(NamedTuple):
    values: Tensor
    indices: Tensor
class MinMax(NamedTuple):
    min: Tensor
    max: Tensor
class Histogram(NamedTuple):
    hist: Tensor
    bin_edges: Tensor
def pytorch(*names: str, method: bool=True, function: bool=True) -> Callable[[Function], Function]: ...
def tensor_of(operand: Any, *, like: Any) -> Any: ...
def one_or_several(numbers: tuple[Any, ...]) -> Any: ...
def only_tensors(*operands: Any, name: str) -> None: ...
