# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from typing import Any
from typing import ClassVar
from gradcli.nn.layers import Parameter
from gradcli.nn.modules import Module
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
from gradcli.stub_types import TypeLike
__all__ = [
    'GRU',
    'LSTM',
    'RNN',
    'GRUCell',
    'LSTMCell',
    'RNNCell',
]
class _Cell(Module):
    kind: ClassVar[str]
    def __init__(self, input_size: int, hidden_size: int, bias: bool=True, nonlinearity: str='tanh') -> None: ...
    def forward(self, input: Tensor, hx: Numbers | None=None) -> Tensor: ...
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
    def __init__(self, input_size: int, hidden_size: int, bias: bool=True, nonlinearity: str='tanh', *, device: object=..., dtype: TypeLike | None=...) -> None: ...
class GRUCell(_Cell):
    def __init__(self, input_size: int, hidden_size: int, bias: bool=True, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
class LSTMCell(_Cell):
    def __init__(self, input_size: int, hidden_size: int, bias: bool=True, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
class _Recurrent(Module):
    kind: ClassVar[str]
    def __init__(self, input_size: int, hidden_size: int, num_layers: int=1, bias: bool=True, batch_first: bool=False, dropout: float=0.0, bidirectional: bool=False, proj_size: int=0) -> None: ...
    def flatten_parameters(self) -> None: ...
    def forward(self, input: Tensor, hx: Numbers | None=None) -> tuple[Tensor, Tensor]: ...
    def extra_repr(self) -> str: ...
    input_size: int
    hidden_size: int
    num_layers: int
    bias: Parameter | None
    batch_first: bool
    dropout: float
    bidirectional: bool
    proj_size: int
    nonlinearity: Any
class RNN(_Recurrent):
    def __init__(self, input_size: int, hidden_size: int, num_layers: int=1, nonlinearity: str='tanh', bias: bool=True, batch_first: bool=False, dropout: float=0.0, bidirectional: bool=False, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    nonlinearity: str
class GRU(_Recurrent):
    def __init__(self, input_size: int, hidden_size: int, num_layers: int=1, bias: bool=True, batch_first: bool=False, dropout: float=0.0, bidirectional: bool=False, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
class LSTM(_Recurrent):
    def __init__(self, input_size: int, hidden_size: int, num_layers: int=1, bias: bool=True, batch_first: bool=False, dropout: float=0.0, bidirectional: bool=False, proj_size: int=0, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
