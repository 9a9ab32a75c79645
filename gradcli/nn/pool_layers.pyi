# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from typing import Any
from typing import ClassVar
from gradcli.nn.modules import Module
from gradcli.nn.windows import Sizes
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
from gradcli.stub_types import Lengths
__all__ = [
    'AdaptiveAvgPool1d',
    'AdaptiveAvgPool2d',
    'AdaptiveAvgPool3d',
    'AdaptiveMaxPool1d',
    'AdaptiveMaxPool2d',
    'AdaptiveMaxPool3d',
    'AvgPool1d',
    'AvgPool2d',
    'AvgPool3d',
    'FractionalMaxPool2d',
    'FractionalMaxPool3d',
    'LPPool1d',
    'LPPool2d',
    'LPPool3d',
    'MaxPool1d',
    'MaxPool2d',
    'MaxPool3d',
    'MaxUnpool1d',
    'MaxUnpool2d',
    'MaxUnpool3d',
]
class Pool(Module):
    axes: ClassVar[int]
class _MaxPool(Pool):
    def __init__(self, kernel_size: Sizes, stride: Sizes | None=None, padding: Sizes=0, dilation: Sizes=1, return_indices: bool=False, ceil_mode: bool=False) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...
    kernel_size: Sizes
    stride: Sizes | None
    padding: Sizes
    dilation: Sizes
    return_indices: bool
    ceil_mode: bool
class MaxPool1d(_MaxPool):
    ...
class MaxPool2d(_MaxPool):
    ...
class MaxPool3d(_MaxPool):
    ...
class _AvgPool(Pool):
    def __init__(self, kernel_size: Sizes, stride: Sizes | None=None, padding: Sizes=0, ceil_mode: bool=False, count_include_pad: bool=True, divisor_override: int | None=None) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...
    kernel_size: Sizes
    stride: Any
    padding: Sizes
    ceil_mode: bool
    count_include_pad: bool
    divisor_override: int | None
class AvgPool1d(_AvgPool):
    def __init__(self, kernel_size: Sizes, stride: Sizes | None=None, padding: Sizes=0, ceil_mode: bool=False, count_include_pad: bool=True) -> None: ...
class AvgPool2d(_AvgPool):
    ...
class AvgPool3d(_AvgPool):
    ...
class _LPPool(Pool):
    def __init__(self, norm_type: float, kernel_size: Sizes, stride: Sizes | None=None, ceil_mode: bool=False) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...
    norm_type: float
    kernel_size: Sizes
    stride: Sizes | None
    ceil_mode: bool
class LPPool1d(_LPPool):
    ...
class LPPool2d(_LPPool):
    ...
class LPPool3d(_LPPool):
    ...
class _AdaptiveAvgPool(Pool):
    def __init__(self, output_size: Lengths) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...
    output_size: Lengths
class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    ...
class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    ...
class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    ...
class _AdaptiveMaxPool(Pool):
    def __init__(self, output_size: Lengths, return_indices: bool=False) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...
    output_size: Lengths
    return_indices: bool
class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    ...
class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    ...
class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    ...
class _FractionalMaxPool(Pool):
    def __init__(self, kernel_size: Sizes, output_size: Lengths | None=None, output_ratio: Numbers | None=None, return_indices: bool=False, _random_samples: Numbers | None=None) -> None: ...
    def forward(self, input: Tensor) -> Tensor: ...
    kernel_size: Sizes
    output_size: Lengths | None
    output_ratio: Numbers | None
    return_indices: bool
class FractionalMaxPool2d(_FractionalMaxPool):
    ...
class FractionalMaxPool3d(_FractionalMaxPool):
    ...
class _MaxUnpool(Pool):
    def __init__(self, kernel_size: Sizes, stride: Sizes | None=None, padding: Sizes=0) -> None: ...
    def forward(self, input: Tensor, indices: Numbers, output_size: Lengths | None=None) -> Tensor: ...
    kernel_size: Sizes
    stride: Any
    padding: Sizes
class MaxUnpool1d(_MaxUnpool):
    ...
class MaxUnpool2d(_MaxUnpool):
    ...
class MaxUnpool3d(_MaxUnpool):
    ...
