# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from typing import Any
from gradcli.nn.modules import Module
from gradcli.nn.windows import Pair
from gradcli.nn.layers import Parameter
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
from gradcli.stub_types import Lengths
__all__ = [
    'AdaptiveAvgPool1d',
    'AdaptiveAvgPool2d',
    'AvgPool1d',
    'AvgPool2d',
    'Conv1d',
    'MaxPool1d',
]
class Conv1d(Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: Lengths | str | None, stride: Lengths | str | None=1, padding: Lengths | str | None=0, dilation: Lengths | str | None=1, groups: int=1, bias: bool=True) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    def extra_repr(self) -> str: ...
    in_channels: int
    out_channels: int
    groups: int
    kernel_size: Any
    stride: Any
    dilation: Any
    padding: Any
    weight: Parameter
    bias: Parameter | None
class MaxPool1d(Module):
    def __init__(self, kernel_size: Lengths | str | None, stride: Lengths | str | None=None, padding: Lengths | str | None=0, dilation: Lengths | str | None=1, return_indices: bool=False, ceil_mode: bool=False) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    kernel_size: Lengths | str | None
    stride: Any
    padding: Lengths | str | None
    dilation: Lengths | str | None
    return_indices: bool
    ceil_mode: bool
class AvgPool1d(Module):
    def __init__(self, kernel_size: Lengths | str | None, stride: Lengths | str | None=None, padding: Lengths | str | None=0, ceil_mode: bool=False, count_include_pad: bool=True) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    kernel_size: Any
    stride: Any
    padding: Any
    ceil_mode: bool
    count_include_pad: bool
class AvgPool2d(Module):
    def __init__(self, kernel_size: Pair, stride: Pair | None=None, padding: Pair=0, ceil_mode: bool=False, count_include_pad: bool=True, divisor_override: int | None=None) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    kernel_size: Pair
    stride: Any
    padding: Pair
    ceil_mode: bool
    count_include_pad: bool
    divisor_override: int | None
class AdaptiveAvgPool1d(Module):
    def __init__(self, output_size: Lengths) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    output_size: Lengths
class AdaptiveAvgPool2d(AdaptiveAvgPool1d):
    def forward(self, x: Numbers) -> Tensor: ...
