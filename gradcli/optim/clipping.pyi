# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from collections.abc import Sequence
from typing import Any
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
from gradcli.stub_types import Parameters
__all__ = [
    'clip_grad_norm_',
    'clip_grad_value_',
    'clipped',
    'clipping_factor',
]
def clipping_factor(norm: Numbers, max_norm: float) -> Tensor: ...
def clipped(gradients: Sequence[Any], max_norm: float) -> tuple[list[Tensor], float]: ...
def clip_grad_norm_(parameters: Parameters, max_norm: float) -> float: ...
def clip_grad_value_(parameters: Parameters, clip_value: float) -> None: ...
