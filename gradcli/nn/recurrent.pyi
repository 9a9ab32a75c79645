# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar, overload

from typing_extensions import Self

import math
from typing import Any, ClassVar
from gradcli.eager.creation import generator, zeros
from gradcli.errors import ShapeError, UsageError
from gradcli.nn import functional
from gradcli.nn.layers import Parameter
from gradcli.nn.modules import Module
from gradcli.primitives import functions as f
from gradcli.primitives.backends import current_backend
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
__all__ = ['GRU', 'LSTM', 'RNN', 'GRUCell', 'LSTMCell', 'RNNCell']
class _Cell(Module):
    kind: ClassVar[str]
    def __init__(self, input_size: int, hidden_size: int, bias: bool=True, nonlinearity: str='tanh') -> None: ...
    def forward(self, x: Numbers, state: Tensor | None=None) -> Tensor: ...
    def extra_repr(self) -> str: ...
    input_size: int
    hidden_size: int
    bias: Parameter | None
    nonlinearity: str
    weight_ih: Any
    weight_hh: Any
    bias_ih: Any
    bias_hh: Any
class RNNCell(_Cell):
    ...
class GRUCell(_Cell):
    def __init__(self, input_size: int, hidden_size: int, bias: bool=True) -> None: ...
class LSTMCell(_Cell):
    def __init__(self, input_size: int, hidden_size: int, bias: bool=True) -> None: ...
class _Recurrent(Module):
    kind: ClassVar[str]
    def __init__(self, input_size: int, hidden_size: int, num_layers: int=1, bias: bool=True, batch_first: bool=False, dropout: float=0.0, bidirectional: bool=False) -> None: ...
    def forward(self, x: Numbers, state: Tensor | None=None) -> tuple[Tensor, Tensor]: ...
    def extra_repr(self) -> str: ...
    input_size: int
    hidden_size: int
    num_layers: int
    bias: Parameter | None
    batch_first: bool
    dropout: float
    bidirectional: bool
    nonlinearity: Any
class RNN(_Recurrent):
    def __init__(self, input_size: int, hidden_size: int, num_layers: int=1, nonlinearity: str='tanh', bias: bool=True, batch_first: bool=False, dropout: float=0.0, bidirectional: bool=False) -> None: ...
    nonlinearity: str
class GRU(_Recurrent):
    ...
class LSTM(_Recurrent):
    ...
