# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Sequence
from typing import Any
from typing import ClassVar
from gradcli.nn.modules import Module
from gradcli.nn.windows import Sizes
from gradcli.nn.layers import Parameter
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import TypeLike
__all__ = [
    'Conv1d',
    'Conv2d',
    'Conv3d',
    'ConvTranspose1d',
    'ConvTranspose2d',
    'ConvTranspose3d',
    'Fold',
    'Unfold',
]
class Convolution(Module):
    axes: ClassVar[int]
    def extra_repr(self) -> str: ...
    in_channels: int
    out_channels: int
    groups: int
    kernel_size: Any
    stride: Any
    dilation: Any
    padding: Any
    padding_mode: str
    weight: Parameter
    bias: Parameter | None
class _Conv(Convolution):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: Sizes, stride: Sizes=1, padding: Sizes | str=0, dilation: Sizes=1, groups: int=1, bias: bool=True, padding_mode: str='zeros', *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...
class Conv1d(_Conv):
    ...
class Conv2d(_Conv):
    ...
class Conv3d(_Conv):
    ...
class _ConvTranspose(Convolution):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: Sizes, stride: Sizes=1, padding: Sizes=0, output_padding: Sizes=0, groups: int=1, bias: bool=True, dilation: Sizes=1, padding_mode: str='zeros', *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, input: Tensor, output_size: Sequence[int] | None=None) -> Tensor: ...
    output_padding: Any
class ConvTranspose1d(_ConvTranspose):
    ...
class ConvTranspose2d(_ConvTranspose):
    ...
class ConvTranspose3d(_ConvTranspose):
    ...
class Unfold(Module):
    def __init__(self, kernel_size: Sizes, dilation: Sizes=1, padding: Sizes=0, stride: Sizes=1) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...
    kernel_size: Sizes
    dilation: Sizes
    padding: Sizes
    stride: Sizes
class Fold(Module):
    def __init__(self, output_size: Sizes, kernel_size: Sizes, dilation: Sizes=1, padding: Sizes=0, stride: Sizes=1) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...
    output_size: Sizes
    kernel_size: Sizes
    dilation: Sizes
    padding: Sizes
    stride: Sizes
