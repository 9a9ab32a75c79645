# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from gradcli.errors import CallError
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
from gradcli.stub_types import X
__all__ = [
    'embedding',
    'embedding_bag',
    'one_hot',
]
def embedding(input: X, weight: Numbers, padding_idx: int | None=None, max_norm: float | None=None, norm_type: float=2.0, scale_grad_by_freq: bool=False, sparse: bool=False) -> X: ...
class NotWhole(CallError, RuntimeError, IndexError):
    ...
def embedding_bag(input: X, weight: Numbers, offsets: Numbers | None=None, max_norm: float | None=None, norm_type: float=2.0, scale_grad_by_freq: bool=False, mode: str='mean', sparse: bool=False, per_sample_weights: Numbers | None=None, include_last_offset: bool=False, padding_idx: int | None=None) -> X: ...
def one_hot(tensor: Tensor, num_classes: int=...) -> Tensor: ...
