"""The engines that record as they run: `Value` for numbers, `Tensor` for arrays, and derivatives of Python functions.

`Tensor` needs NumPy, and is loaded when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

from gradcli.eager.transforms import derivative, grad, hessian, jvp, value_and_grad, vjp
from gradcli.eager.value import Scalar, Value, weighted_sum

if TYPE_CHECKING:
    from gradcli.eager.tensor import Tensor as Tensor
    from gradcli.eager.tensor import no_grad as no_grad

__all__ = [
    "Scalar",
    "Tensor",
    "Value",
    "derivative",
    "grad",
    "hessian",
    "jvp",
    "no_grad",
    "value_and_grad",
    "vjp",
    "weighted_sum",
]


def __getattr__(name: str) -> Any:
    if name not in ("Tensor", "no_grad"):
        raise AttributeError(f"module 'gradcli.eager' has no attribute {name!r}")
    from gradcli.eager import tensor

    return getattr(tensor, name)
