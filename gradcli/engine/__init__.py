"""The eager engine: numbers that record what is done with them, and derivatives of Python functions."""

from gradcli.engine.functional import derivative, grad, hessian, value_and_grad
from gradcli.engine.value import Scalar, Value, weighted_sum

__all__ = ["Scalar", "Value", "derivative", "grad", "hessian", "value_and_grad", "weighted_sum"]
