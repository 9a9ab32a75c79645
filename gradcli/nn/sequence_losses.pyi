# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from gradcli.eager.tensor import Tensor
from gradcli.stub_types import Numbers
from gradcli.stub_types import X
__all__ = [
    'LinearCrossEntropyOptions',
    'ctc_loss',
    'linear_cross_entropy',
]
def ctc_loss(log_probs: Numbers, targets: Numbers, input_lengths: Numbers, target_lengths: Numbers, blank: int=0, reduction: str='mean', zero_infinity: bool=False) -> Tensor: ...
class LinearCrossEntropyOptions:
    def __init__(self, allow_retain_graph: bool=False, batch_chunk_size: int | None=None, chunking_method: str | None='auto', acc_policy: str='auto', acc_dtype: Numbers | None=None) -> None: ...
    allow_retain_graph: bool
    batch_chunk_size: int | None
    chunking_method: str | None
    acc_policy: str
    acc_dtype: Numbers | None
def linear_cross_entropy(input: X, linear_weight: Numbers, target: Numbers, *, linear_bias: Numbers | None=None, weight: Numbers | None=None, reduction: str='mean', ignore_index: int | None=None, label_smoothing: float=0.0, options: LinearCrossEntropyOptions | None=None) -> X: ...
