"""NumPy's names for MLX: `mlx.core` with what it lacks, and in double precision where its own is not.

MLX computes some functions of 64-bit floats in 32 bits; for these, and for the functions that it does not have, the
numbers go to NumPy and back.  64-bit floats exist on the processor alone, where that is a copy in memory.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

__all__ = ["MLXNames"]

#: NumPy's name -> MLX's.
RENAMED: Final = {"rint": "round"}
#: Functions that MLX computes in 32 bits whatever it is given.
SINGLE: Final = frozenset({"exp", "sin", "cos", "logaddexp"})


class MLXNames:
    """The namespace of arrays of MLX, with what it lacks among NumPy's functions of single numbers.

    >>> import types
    >>> MLXNames(types.SimpleNamespace(round="MLX's own")).rint
    "MLX's own"
    """

    def __init__(self, core: Any) -> None:
        self._core = core

    def __getattr__(self, name: str) -> Any:
        own = getattr(self._core, RENAMED.get(name, name), None)
        if own is None:
            found = self._by_numpy(name)
        elif name in SINGLE:
            found = self._own_or_by_numpy(name, own)
        else:
            found = own
        setattr(self, name, found)
        return found

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """Of two Python numbers MLX would make 32-bit floats."""
        core = self._core
        if not isinstance(x, core.array) and not isinstance(y, core.array):
            is_processor = core.default_device() == core.Device(core.cpu)
            x = core.array(x, core.float64 if is_processor else core.float32)
        return core.where(condition, x, y)

    def _by_numpy(self, name: str) -> Callable[..., Any]:
        import numpy as np

        function, core = getattr(np, name, None), self._core
        if not isinstance(function, np.ufunc):
            raise AttributeError(f"MLX has no function {name!r}, and NumPy none of single numbers")

        def through_numpy(*operands: Any) -> Any:
            kinds = [operand.dtype for operand in operands if isinstance(operand, core.array)]
            numbers = [np.asarray(operand) if isinstance(operand, core.array) else operand for operand in operands]
            return core.array(function(*numbers), functools.reduce(core.result_type, kinds))

        return through_numpy

    def _own_or_by_numpy(self, name: str, own: Callable[..., Any]) -> Callable[..., Any]:
        double, exact = self._core.float64, self._by_numpy(name)

        def function(*operands: Any) -> Any:
            is_double = any(getattr(operand, "dtype", None) == double for operand in operands)
            return exact(*operands) if is_double else own(*operands)

        return function
