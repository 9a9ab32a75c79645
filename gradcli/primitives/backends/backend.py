"""Array libraries: where the arrays of a `Tensor` live and what computes with them.

A backend is one entry of `BACKENDS`: a namespace ``xp`` with NumPy's names, and the few things that array libraries
disagree on.  Kernels are written with ``xp`` alone, so a further library that speaks NumPy's names is one more entry.
Nothing is imported before it is used.

>>> from gradcli.primitives import functions as f
>>> import numpy
>>> f.square(numpy.array([1.0, 2.0, 3.0]))
array([1., 4., 9.])
"""

from __future__ import annotations

import functools
import operator
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.errors import UsageError, missing_extra
from gradcli.primitives.backends.mlx_names import MLXNames
from gradcli.primitives.kernels.array_kernels import mapped

if TYPE_CHECKING:
    from gradcli.primitives.registry import Primitive

__all__ = ["BACKENDS", "Backend", "backend_named", "backend_of", "common_backend", "current_backend", "use_backend"]

# IEEE 754 says what an overflow and a pole are; NumPy's warnings about them would name lines of this package.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"gradcli\.")


class Backend:
    """One array library.

    Attributes:
        name: the name in `BACKENDS`.
        xp: the namespace of functions, with NumPy's names.
        array: the type of arrays.
        default_dtype: of tensors made of Python numbers.
    """

    name: str
    xp: Any
    array: type[Any]
    default_dtype: Any

    def __init__(self) -> None:
        self._kernels: dict[Any, Callable[..., Any]] = {}

    def kernel(self, primitive: Primitive) -> Callable[..., Any]:
        """The function of arrays (and numbers) that computes a pointwise primitive."""
        kernel = self._kernels.get(primitive)
        if kernel is None:
            declared = primitive.array
            if isinstance(declared, str):
                kernel = self.function(declared)
            else:
                kernel = functools.partial(declared or mapped(primitive.value), self.xp)
            self._kernels[primitive] = kernel
        return kernel

    def function(self, name: str) -> Callable[..., Any]:
        """The library's function of a name that is NumPy's."""
        found: Callable[..., Any] = getattr(self.xp, name)
        return found

    def truth(self, primitive: Primitive) -> Callable[..., Any] | None:
        """The function that gives the truth values of a comparison, or of logic on truth values; else None.

        The kernel of such a primitive gives them as numbers, which a condition can do without.
        """
        if primitive.group != "comparison" or not primitive.is_locally_constant:
            return None
        found: Callable[..., Any] = getattr(self.xp, primitive.name)
        return found

    def asarray(self, data: Any) -> Any:
        """An array of this library, of an array or of Python numbers in nested lists."""
        if isinstance(data, self.array):
            return data
        import numpy as np

        return self.from_numpy(np.asarray(data), None if hasattr(data, "dtype") else self.default_dtype)

    def dtype(self, name: Any) -> Any:
        """The type that a name such as ``"float32"``, or another library's type, stands for."""
        raise NotImplementedError

    def from_numpy(self, array: Any, dtype: Any = None) -> Any:
        """An array of this library with the numbers of a NumPy array, in the given type or the array's own."""
        raise NotImplementedError

    def to_numpy(self, array: Any) -> Any:
        """A NumPy array with the numbers of an array of this library."""
        raise NotImplementedError

    def types(self) -> list[type[Any]]:
        """The types of arrays, and of numbers, that belong to this library."""
        return [self.array]

    def astype(self, array: Any, dtype: Any) -> Any:
        """An array in another type."""
        return array.astype(dtype)

    def freeze(self, array: Any) -> Any:
        """The array, protected from being changed in place where the library can do that."""
        return array

    def key(self, key: Any) -> Any:
        """An index (slices, numbers, integer arrays of NumPy) as this library wants it."""
        return key

    def one(self, dtype: Any) -> Any:
        """The number 1 in a type."""
        return self.xp.array(1.0, dtype)

    def has_nan(self, arrays: Iterable[Any]) -> bool:
        """Whether an element of one of the arrays is no number."""
        return any(bool((array != array).any()) for array in arrays)

    def sum(self, array: Any, axis: Any, keepdims: bool) -> Any:
        """The sum of the elements along axes."""
        return array.sum(axis=axis, keepdims=keepdims)

    def product(self, array: Any, axis: Any, keepdims: bool) -> Any:
        """The product of the elements along axes."""
        return array.prod(axis=axis, keepdims=keepdims)

    def running_sum(self, array: Any, axis: int) -> Any:
        """The sums of the elements up to each along an axis."""
        return array.cumsum(axis=axis)

    def scatter_add(self, shape: Sequence[int], key: Any, values: Any) -> Any:
        """Zeros of a shape, to which values are added at an index; places that occur twice receive both."""
        raise NotImplementedError


# Between numbers, such as losses are, Python's operators take a tenth of the time of NumPy's functions.
_OPERATORS: dict[str, Any] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "negative": operator.neg,
}


# Of more numbers NumPy's pairwise sum is the more accurate one.
_FEW = 1000


class NumPy(Backend):
    """NumPy, on the processor."""

    name = "numpy"

    def __init__(self) -> None:
        super().__init__()
        import numpy

        self.xp = numpy
        self.array = numpy.ndarray
        self.default_dtype = numpy.dtype("float64")

    def function(self, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] | None = _OPERATORS.get(name)
        return super().function(name) if found is None else found

    def types(self) -> list[type[Any]]:
        return [self.array, *{self.xp.dtype(code).type for code in "?efdbhilqBHILQ"}]

    def dtype(self, name: Any) -> Any:
        try:
            return self.xp.dtype(str(name).rsplit(".", 1)[-1] if not isinstance(name, type) else name)
        except TypeError:
            raise unknown_type(name) from None

    def from_numpy(self, array: Any, dtype: Any = None) -> Any:
        return array if dtype is None else array.astype(dtype, copy=False)

    def to_numpy(self, array: Any) -> Any:
        return self.xp.asarray(array)

    def freeze(self, array: Any) -> Any:
        array.setflags(False)
        return array

    def one(self, dtype: Any) -> Any:
        return dtype.type(1.0)

    def has_nan(self, arrays: Iterable[Any]) -> bool:
        product, total = self.xp.vdot, 0.0
        for array in arrays:
            total += product(array, array)  # nan if an element is, and only then: no two infinities are subtracted
        return bool(total != total)

    def sum(self, array: Any, axis: Any, keepdims: bool) -> Any:
        code = array.dtype.char
        if not keepdims and code in "fd":
            # A product with ones begins sooner, and of rows takes a quarter of the time.
            if axis is None and array.size <= _FEW:
                return self.ones(array.size, code).dot(array.ravel())
            if axis == 0 and array.ndim == 2:
                return self.ones(len(array), code).dot(array)
        return self.xp.add.reduce(array, axis, None, None, keepdims)

    @functools.lru_cache(maxsize=16)  # noqa: B019  (there is one backend of this kind, for ever)
    def ones(self, count: int, code: str) -> Any:
        """A vector of ones of a type."""
        return self.xp.ones(count, code)

    def product(self, array: Any, axis: Any, keepdims: bool) -> Any:
        return self.xp.multiply.reduce(array, axis, None, None, keepdims)

    def running_sum(self, array: Any, axis: int) -> Any:
        return self.xp.add.accumulate(array, axis)

    def scatter_add(self, shape: Sequence[int], key: Any, values: Any) -> Any:
        result = self.xp.zeros(shape, values.dtype)
        parts = key if isinstance(key, tuple) else (key,)
        if any(isinstance(part, self.array) for part in parts):
            self.xp.add.at(result, key, values)
        else:
            result[key] = values
        return result


class MLX(Backend):
    """Apple's MLX: its graphics processor, or the processor, where alone it has 64-bit floats."""

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

    def kernel(self, primitive: Primitive) -> Callable[..., Any]:
        """Of Python numbers alone MLX would make 32-bit floats; the float kernel keeps them what they are."""
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

        # MLX does not read arrays backwards.
        return self.xp.array(np.asarray(array, order="C"), self.dtype(array.dtype) if dtype is None else dtype)

    def to_numpy(self, array: Any) -> Any:
        import numpy as np

        return np.array(array, copy=False) if isinstance(array, self.array) else np.asarray(array)

    def key(self, key: Any) -> Any:
        import numpy as np

        if isinstance(key, tuple):
            return tuple(self.key(part) for part in key)
        return self.xp.array(key) if isinstance(key, np.ndarray) else key

    # MLX does not always come back from reducing an empty array.

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


def unknown_type(name: Any) -> TypeError:
    """The error for what names no type of numbers, such as a device."""
    return TypeError(f"there is no type of numbers {name!r}; a tensor has float16, float32 or float64")


#: Name -> backend.
BACKENDS: dict[str, type[Backend]] = {"numpy": NumPy, "mlx": MLX}

_loaded: dict[str, Backend] = {}
# The type of an array (or of one number, as NumPy has them) -> the backend that it belongs to.
_homes: dict[type[Any], Backend] = {}
_chosen: Backend | None = None


def current_backend() -> Backend:
    """The backend of new tensors: NumPy unless `use_backend` has chosen another."""
    global _chosen
    if _chosen is None:
        _chosen = backend_named("numpy")
    return _chosen


def backend_of(array: Any) -> Backend:
    """The backend of an array; the chosen one for a plain number."""
    return _homes.get(array.__class__) or current_backend()


def common_backend(arrays: Iterable[Any]) -> Backend:
    """The backend that all these arrays live on, and the chosen one if all are plain numbers, which live on any.

    Raises:
        TypeError: there are two.
    """
    common: Backend | None = None
    for array in arrays:
        backend = _homes.get(array.__class__)
        if backend is not common and backend is not None:
            if common is not None:
                raise TypeError(
                    f"arrays of {common.name} and {backend.name} meet in one operation; tensors and layers stay where "
                    "they were made, and tensor(x.numpy()) copies to the chosen backend"
                )
            common = backend
    return common or current_backend()


def backend_named(name: str) -> Backend:
    """The backend of this name, made when it is first asked for."""
    if name not in _loaded:
        backend = _loaded[name] = BACKENDS[name]()
        _homes.update(dict.fromkeys(backend.types(), backend))
    return _loaded[name]


def use_backend(name: str) -> Backend:
    """Choose where the arrays of tensors live from now on; tensors that exist stay where they are.

    Raises:
        UsageError: there is no such backend.
        UnavailableError: its package is not installed.

    >>> use_backend("numpy").name
    'numpy'
    """
    global _chosen
    if name not in BACKENDS:
        raise UsageError(f"unknown backend `{name}`", kind="bad_value", hint=f"there are {', '.join(BACKENDS)}")
    _chosen = backend_named(name)
    return _chosen
