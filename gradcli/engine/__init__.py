"""The engines that record as they run: `Value` for numbers, `Tensor` for arrays, and derivatives of Python functions.

`Tensor` needs NumPy, and is loaded when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

from gradcli.engine.functional import derivative, grad, hessian, jvp, value_and_grad, vjp
from gradcli.engine.value import Scalar, Value, weighted_sum

if TYPE_CHECKING:
    from gradcli.engine.tensor import Tensor as Tensor
    from gradcli.engine.tensor import no_grad as no_grad

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
        raise AttributeError(f"module 'gradcli.engine' has no attribute {name!r}")
    from gradcli.engine import tensor

    return getattr(tensor, name)
