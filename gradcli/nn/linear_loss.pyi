# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Sequence
from typing import Any
from gradcli.nn.modules import Module
from gradcli.nn.sequence_losses import LinearCrossEntropyOptions as Options
from gradcli.nn.layers import Parameter
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
from gradcli.stub_types import TypeLike
__all__ = [
    'LinearCrossEntropyLoss',
]
class LinearCrossEntropyLoss(Module):
    def __init__(self, in_features: int, num_classes: int, *, out_features: int | Sequence[int]=..., bias: bool=False, reduction: str='mean', weight: Numbers | None=None, ignore_index: int | None=None, label_smoothing: float=0.0, options: Options | None=None, device: object=..., dtype: TypeLike | None=...) -> None: ...
    def forward(self, input: Tensor, target: Numbers) -> Tensor: ...
    def extra_repr(self) -> str: ...
    num_classes: int
    out_features: Any
    reduction: str
    ignore_index: int | None
    label_smoothing: float
    options: Options | None
    weight: Parameter
    linear: Any
