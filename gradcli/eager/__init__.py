"""Numbers and arrays that record the operations applied to them, and derivatives of Python functions.

`Value` is a number, `Tensor` an array.  `Tensor` needs NumPy and is imported when it is first used.
"""

from typing import TYPE_CHECKING, Any

from gradcli.eager.transforms import derivative, grad, hessian, jvp, value_and_grad, vjp
from gradcli.eager.value import Scalar, Value, weighted_sum

if TYPE_CHECKING:
    from gradcli.eager.tensor import Tensor as Tensor

__all__ = [
    "Scalar", "Tensor", "Value", "derivative", "grad", "hessian", "jvp", "value_and_grad", "vjp", "weighted_sum",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name != "Tensor":
        raise AttributeError(f"module 'gradcli.eager' has no attribute {name!r}")
    from gradcli.eager.tensor import Tensor

    return Tensor
