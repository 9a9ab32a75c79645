# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from typing import Any
from gradcli.nn.functional import Shape
from gradcli.nn.layers import Parameter
from gradcli.nn.modules import Module
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
from gradcli.stub_types import TypeLike
__all__ = [
    'BatchNorm1d',
    'BatchNorm2d',
    'BatchNorm3d',
    'GroupNorm',
    'InstanceNorm1d',
    'InstanceNorm2d',
    'InstanceNorm3d',
    'RMSNorm',
]
class _Norm(Module):
    axes: tuple[int, ...]
    def __init__(self, num_features: int, eps: float, momentum: float | None, affine: bool, track_running_stats: bool, bias: bool) -> None: ...
    def extra_repr(self) -> str: ...
    num_features: int
    eps: float
    momentum: float | None
    affine: bool
    track_running_stats: bool
    weight: Parameter
    bias: Parameter | None
class BatchNorm1d(_Norm):
    def __init__(self, num_features: int, eps: float=1e-05, momentum: float | None=0.1, affine: bool=True, track_running_stats: bool=True, *, bias: bool=True, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
class BatchNorm2d(BatchNorm1d):
    ...
class BatchNorm3d(BatchNorm1d):
    ...
class InstanceNorm1d(_Norm):
    def __init__(self, num_features: int, eps: float=1e-05, momentum: float | None=0.1, affine: bool=False, track_running_stats: bool=False, *, bias: bool=True, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
class InstanceNorm2d(InstanceNorm1d):
    ...
class InstanceNorm3d(InstanceNorm1d):
    ...
class GroupNorm(Module):
    def __init__(self, num_groups: int, num_channels: int, eps: float=1e-05, affine: bool=True, *, bias: bool=True, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    def extra_repr(self) -> str: ...
    num_groups: int
    num_channels: int
    eps: float
    affine: bool
    weight: Parameter
    bias: Parameter | None
class RMSNorm(Module):
    def __init__(self, normalized_shape: Shape, eps: float | None=None, elementwise_affine: bool=True, *, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, x: Numbers) -> Tensor: ...
    def extra_repr(self) -> str: ...
    normalized_shape: Any
    eps: float | None
    elementwise_affine: bool
    weight: Parameter
