"""Apple's MLX as a library of arrays: `mlx.core`, with NumPy's functions where its own are missing or less precise.

MLX computes some functions of 64-bit floats in 32 bits; these functions, and functions that MLX lacks, are computed by
NumPy.  MLX has 64-bit floats only on the processor, where this takes no more than a copy in memory.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from gradcli.errors import missing_extra
from gradcli.primitives.backends.backend import Backend, unknown_type
from gradcli.primitives.declared import Pointwise
from gradcli.primitives.kernels.array_support import Namespace

__all__ = ["MLX", "MLXNames"]

#: NumPy's name -> MLX's.
RENAMED: Final = {"rint": "round"}
#: Functions that MLX computes in 32 bits whatever it is given.
SINGLE: Final = frozenset({"exp", "sin", "cos", "logaddexp"})


class MLXNames(Namespace):
    """The functions of MLX, and the elementwise functions of NumPy that it lacks.

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
        """Choose between x and y; MLX itself would turn two Python numbers into 32-bit floats."""
        core = self._core
        if not isinstance(x, core.array) and not isinstance(y, core.array):
            is_processor = core.default_device() == core.Device(core.cpu)
            x = core.array(x, core.float64 if is_processor else core.float32)
        return core.where(condition, x, y)

    def _by_numpy(self, name: str) -> Callable[..., Any]:
        import numpy as np

        function, core = getattr(np, name, None), self._core
        if not isinstance(function, np.ufunc):
            raise AttributeError(f"MLX has no function {name!r}, and NumPy has no elementwise function of this name")

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


class MLX(Backend):
    """Apple's MLX on the graphics processor or on the processor; only the latter has 64-bit floats."""

    name = "mlx"

    def __init__(self) -> None:
        super().__init__()
        try:
            import mlx.core
        except ImportError:
            raise missing_extra("mlx", "mlx", "this backend") from None
        self.xp = MLXNames(mlx.core)
        self.array = mlx.core.array
        on_processor = mlx.core.default_device() == mlx.core.Device(mlx.core.cpu)
        self.default_dtype = mlx.core.float64 if on_processor else mlx.core.float32

    def kernel(self, primitive: Pointwise) -> Callable[..., Any]:
        """The kernel of a primitive.

        If all operands are Python numbers, it calls the float kernel, because MLX would turn them into 32-bit floats.
        """
        kernel = self._kernels.get(primitive)
        if kernel is None:
            of_arrays = super().kernel(primitive)

            def kernel(*operands: Any) -> Any:
                if any(hasattr(operand, "shape") for operand in operands):
                    return of_arrays(*operands)
                return primitive.value(*operands)

            self._kernels[primitive] = kernel
        return kernel

    def dtype(self, name: Any) -> Any:
        found = getattr(self.xp, str(name).rsplit(".", 1)[-1], None)
        if not isinstance(found, self.xp.Dtype):
            raise unknown_type(name)
        return found

    def from_numpy(self, array: Any, dtype: Any = None) -> Any:
        import numpy as np

        # MLX can't read arrays with negative strides.
        return self.xp.array(np.asarray(array, order="C"), self.dtype(array.dtype) if dtype is None else dtype)

    def to_numpy(self, array: Any) -> Any:
        import numpy as np

        return np.array(array, copy=False) if isinstance(array, self.array) else np.asarray(array)

    def key(self, key: Any) -> Any:
        import numpy as np

        if isinstance(key, tuple):
            return tuple(self.key(part) for part in key)
        return self.xp.array(key) if isinstance(key, np.ndarray) else key

    # MLX sometimes hangs when it reduces an empty array.

    def has_nan(self, arrays: Iterable[Any]) -> bool:
        return super().has_nan([array for array in arrays if array.size])

    def sum(self, array: Any, axis: Any, keepdims: bool) -> Any:
        return super().sum(array, axis, keepdims) if array.size else self._of_nothing("add", array, axis, keepdims)

    def product(self, array: Any, axis: Any, keepdims: bool) -> Any:
        if array.size:
            return super().product(array, axis, keepdims)
        return self._of_nothing("multiply", array, axis, keepdims)

    def running_sum(self, array: Any, axis: int) -> Any:
        return super().running_sum(array, axis) if array.size else array

    def _of_nothing(self, name: str, array: Any, axis: Any, keepdims: bool) -> Any:
        import numpy as np

        empty = np.zeros(array.shape)
        return self.from_numpy(np.asarray(getattr(np, name).reduce(empty, axis=axis, keepdims=keepdims)), array.dtype)

    def scatter_add(self, shape: Sequence[int], key: Any, values: Any) -> Any:
        return self.xp.zeros(shape, values.dtype).at[key].add(values)
