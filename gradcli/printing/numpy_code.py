"""Formulas with NumPy, and the parts that printers for libraries with NumPy's names share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from gradcli.printing.code import OPERATORS, Template
from gradcli.printing.python_code import LGAMMA, POWER, PythonPrinter

__all__ = ["NUMPY", "alike", "array_functions"]

#: The functions of one number that have the same name in NumPy and in the registry.
_SAME: Final = (
    "abs", "sqrt", "square", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan",
    "sinh", "cosh", "tanh", "floor", "ceil", "round",
)  # fmt: skip
#: The functions that all these libraries write in the same way; ``xp`` is replaced by the name of the module.
_SHARED: Final[dict[str, str]] = {
    **{name: f"xp.{name}({{x}})" for name in _SAME},
    **{name: f"xp.arc{name[1:]}({{x}})" for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
    "hypot": "xp.hypot({x}, {y})",
    "logaddexp": "xp.logaddexp({x}, {y})",
    "atan2": "xp.arctan2({y}, {x})",
    "copysign": "xp.copysign({x}, {y})",
    "max": "xp.maximum({x}, {y})",
    "min": "xp.minimum({x}, {y})",
    "logical_and": "xp.logical_and({x}, {y})",
    "logical_or": "xp.logical_or({x}, {y})",
    "logical_not": "xp.logical_not({x})",
    "select": "xp.where({c}, {x}, {y})",
    "number": "xp.where({x}, 1.0, 0.0)",
}


def alike(texts: dict[str, str], module: str) -> dict[str, str]:
    """Return templates with the name of a module in place of ``xp``."""
    return {name: text.replace("xp.", f"{module}.") for name, text in texts.items()}


def array_functions(module: str) -> dict[str, Template]:
    """Return the functions of a module of arrays that has NumPy's names."""
    return {**OPERATORS, "pow": POWER, "mod": ("{x:6} % {y:7}", 6), **alike(_SHARED, module)}


class NumPyPrinter(PythonPrinter):
    """The printer of formulas and programs in Python with NumPy."""

    name = "NumPy"
    functions: ClassVar[Mapping[str, Template]] = array_functions("np")
    definitions: ClassVar[Mapping[str, str]] = {
        "erf": "erf = np.vectorize(math.erf, otypes=[float])",
        "erfc": "erfc = np.vectorize(math.erfc, otypes=[float])",
        "gamma": """
def gamma(x):
    def value(x):
        try:
            return math.gamma(x)
        except OverflowError:
            return math.copysign(math.inf, x)
        except ValueError:
            return math.copysign(math.inf, x) if x == 0.0 else math.nan

    return np.vectorize(value, otypes=[float])(x)
""",
        "lgamma": f"{LGAMMA}\n\nlgamma = np.vectorize(lgamma, otypes=[float])",
    }
    constants: ClassVar[Mapping[str, str]] = {"pi": "np.pi", "e": "np.e", "inf": "np.inf", "nan": "np.nan"}
    imports: ClassVar[Mapping[str, str]] = {
        line.split()[-1]: line for line in ("from pathlib import Path", "import math", "import numpy as np")
    }
    first = "np.asarray({}, dtype=float)"
    decorator = '@np.errstate(all="ignore")'


NUMPY: Final = NumPyPrinter()
