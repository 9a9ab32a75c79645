"""Formulas with PyTorch, on tensors of doubles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from gradcli.printing.code import OPERATORS, Template
from gradcli.printing.python_code import POWER, PythonPrinter

__all__ = ["PYTORCH"]


def _binary(name: str, call: str) -> str:
    """Return the definition of a function of tensors and numbers that calls a function of PyTorch for tensors only."""
    return f"""
def {name}(x, y):
    return {call}(torch.as_tensor(x, dtype=torch.float64), torch.as_tensor(y, dtype=torch.float64))
"""


#: The functions that have the same name in PyTorch and in the registry.
_SAME: Final = (
    "abs", "sqrt", "square", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "floor", "ceil", "round",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "relu", "sigmoid", "selu", "erf", "erfc", "lgamma", "digamma",
)  # fmt: skip


class PyTorchPrinter(PythonPrinter):
    """The printer of formulas and programs in Python with PyTorch."""

    name = "PyTorch"
    #: Without PyTorch's silu, gelu, mish, softsign and xlogy, which have other values at infinity and at (0, -1).
    functions: ClassVar[Mapping[str, Template]] = {
        **OPERATORS,
        "pow": POWER,
        "mod": ("{x:6} % {y:7}", 6),
        **{name: f"torch.{name}({{x}})" for name in _SAME},
        **{name: f"torch.nn.functional.{name}({{x}})" for name in ("leaky_relu", "elu")},
        "hard_tanh": "torch.nn.functional.hardtanh({x})",
        # A condition of constants alone is no tensor.
        "logical_not": "torch.logical_not(torch.as_tensor({x}))",
        "number": "torch.as_tensor({x}, dtype=torch.float64)",
    }
    definitions: ClassVar[Mapping[str, str]] = {
        "max": _binary("maximum", "torch.maximum"),
        "min": _binary("minimum", "torch.minimum"),
        **{name: _binary(name, f"torch.{name}") for name in ("hypot", "logaddexp", "atan2", "copysign")},
        **{
            name: f"""
def {name}(x, y):
    return torch.{name}(torch.as_tensor(x), torch.as_tensor(y))
"""
            for name in ("logical_and", "logical_or")
        },
        "select": """
def select(condition, x, y):
    x, y = (torch.as_tensor(one, dtype=torch.float64) for one in (x, y))
    return torch.where(torch.as_tensor(condition), x, y)
""",
    }
    constants: ClassVar[Mapping[str, str]] = {"pi": "math.pi", "e": "math.e", "inf": "math.inf", "nan": "math.nan"}
    imports: ClassVar[Mapping[str, str]] = {
        "math": "import math",
        "Path": "from pathlib import Path",
        "np": "import numpy as np",
        "torch": "import torch",
        "nn": "from torch import nn",
    }
    first = "torch.as_tensor({}, dtype=torch.float64)"


PYTORCH: Final = PyTorchPrinter()
