"""A library of arrays: a namespace ``xp`` with NumPy's names, and the functions in which array libraries differ."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gradcli.primitives.declared import Pointwise
from gradcli.primitives.kernels.array_kernels import is_numpys, kernel_of

__all__ = ["Backend", "unknown_type"]


class Backend:
    """One array library.

    Attributes:
        name: the name in `BACKENDS`.
        xp: the namespace of functions, with NumPy's names.
        array: the type of arrays.
        default_dtype: the type of tensors made of Python numbers.
    """

    name: str
    xp: Any
    array: type[Any]
    default_dtype: Any

    def __init__(self) -> None:
        self._kernels: dict[Any, Callable[..., Any]] = {}

    def kernel(self, primitive: Pointwise) -> Callable[..., Any]:
        """The function of arrays (and numbers) that computes a pointwise primitive."""
        kernel = self._kernels.get(primitive)
        if kernel is None:
            own = kernel_of(primitive)
            kernel = self.function(str(primitive.array)) if own is None else functools.partial(own, self.xp)
            self._kernels[primitive] = kernel
        return kernel

    def function(self, name: str) -> Callable[..., Any]:
        """The library's function with this NumPy name."""
        found: Callable[..., Any] = getattr(self.xp, name)
        return found

    def truth(self, primitive: Pointwise) -> Callable[..., Any] | None:
        """The function that gives the truth values of a comparison, or of logic on truth values; else None.

        The kernel of such a primitive turns truth values into numbers; a condition doesn't need this step.
        """
        return self.function(str(primitive.array)) if primitive.is_truth and is_numpys(primitive) else None

    def asarray(self, data: Any) -> Any:
        """An array of this library, made from an array or from Python numbers in nested lists."""
        if isinstance(data, self.array):
            return data
        import numpy as np

        return self.from_numpy(np.asarray(data), None if hasattr(data, "dtype") else self.default_dtype)

    def dtype(self, name: Any) -> Any:
        """This library's type for a name such as ``"float32"``, or for a type of another library."""
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
        """An index (slices, numbers, integer arrays of NumPy) in the form that this library takes."""
        return key

    def one(self, dtype: Any) -> Any:
        """The number 1 in a type."""
        return self.xp.array(1.0, dtype)

    def has_nan(self, arrays: Iterable[Any]) -> bool:
        """Whether an element of one of the arrays is nan."""
        return any(bool((array != array).any()) for array in arrays)

    def sum(self, array: Any, axis: Any, keepdims: bool) -> Any:
        """The sum of the elements along axes."""
        return array.sum(axis=axis, keepdims=keepdims)

    def product(self, array: Any, axis: Any, keepdims: bool) -> Any:
        """The product of the elements along axes."""
        return array.prod(axis=axis, keepdims=keepdims)

    def running_sum(self, array: Any, axis: int) -> Any:
        """The running sums of the elements along an axis."""
        return array.cumsum(axis=axis)

    def assign(self, array: Any, key: Any, numbers: Any) -> None:
        """Change the elements of an array at an index, in place, although it is protected."""
        array[self.key(key)] = numbers

    def scatter_add(self, shape: Sequence[int], key: Any, values: Any) -> Any:
        """An array of zeros to which values are added at an index.

        If a place occurs twice, both values are added there.
        """
        raise NotImplementedError


def unknown_type(name: Any) -> TypeError:
    """The error for a word that isn't the name of a type of numbers, such as a device."""
    return TypeError(f"there is no type of numbers {name!r}; a tensor has float16, float32 or float64")
