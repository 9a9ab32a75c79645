"""NumPy's names for Python floats, so that a formula written with a namespace runs on one number without NumPy.

The functions are the float kernels of the registry, which never raise; truth values are Python's own, on which ``&``
and ``|`` work as on arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.registry import REGISTRY

__all__ = ["FLOATS", "FloatNames"]


class FloatNames:
    """The namespace: a name that the registry uses for arrays is the function on floats of that entry.

    >>> FLOATS.where(True, FLOATS.exp(1000.0), 0.0), FLOATS.divide(-1.0, 0.0)
    (inf, -inf)
    """

    __name__ = "floats"
    nan: Final = math.nan
    copysign = staticmethod(math.copysign)
    power = staticmethod(kernels.power)
    maximum = staticmethod(kernels.maximum)
    minimum = staticmethod(kernels.minimum)

    def __getattr__(self, name: str) -> Callable[..., float]:
        for primitive in REGISTRY.values():
            if name == (primitive.array if isinstance(primitive.array, str) else primitive.name):
                setattr(self, name, primitive.value)
                return primitive.value
        raise AttributeError(f"no function of floats has NumPy's name {name!r}")

    @staticmethod
    def where(condition: bool, x: float, y: float) -> float:
        """x where the condition holds, else y."""
        return x if condition else y

    @staticmethod
    def logical_and(x: Any, y: Any) -> bool:
        """Whether both are true."""
        return bool(x) and bool(y)

    @staticmethod
    def logical_or(x: Any, y: Any) -> bool:
        """Whether one of the two is true."""
        return bool(x) or bool(y)

    @staticmethod
    def logical_not(x: Any) -> bool:
        """Whether x is false."""
        return not x


FLOATS: Final = FloatNames()
