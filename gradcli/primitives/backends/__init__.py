"""Array libraries, which hold the arrays of a `Tensor` and compute with them.

A library is one entry of `BACKENDS`.  Kernels are written with its namespace ``xp`` alone, so another library whose
functions have NumPy's names needs only one more entry.  Nothing is imported before it is used.

>>> from gradcli.primitives import functions as f
>>> import numpy
>>> f.square(numpy.array([1.0, 2.0, 3.0]))
array([1., 4., 9.])
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from gradcli.errors import UsageError
from gradcli.primitives.backends.backend import Backend
from gradcli.primitives.backends.mlx_backend import MLX
from gradcli.primitives.backends.numpy_backend import NumPy

__all__ = ["BACKENDS", "Backend", "backend_named", "backend_of", "common_backend", "current_backend", "use_backend"]

# IEEE 754 says what an overflow and a pole are; NumPy's warnings about them would name lines of this package.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"gradcli\.")

#: The name of a library -> its class.
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
    """The backend of an array; for a plain number, the chosen backend."""
    return _homes.get(array.__class__) or current_backend()


def common_backend(arrays: Iterable[Any]) -> Backend:
    """The backend of all these arrays, or the chosen backend if all are plain numbers.

    Raises:
        TypeError: the arrays belong to two backends.
    """
    common: Backend | None = None
    for array in arrays:
        backend = _homes.get(array.__class__)
        if backend is not common and backend is not None:
            if common is not None:
                raise TypeError(
                    f"arrays of {common.name} and {backend.name} can't be combined in one operation; a tensor or a "
                    f"layer keeps the backend with which it was made, and tensor(x.numpy()) makes a copy with the "
                    f"chosen backend"
                )
            common = backend
    return common or current_backend()


def backend_named(name: str) -> Backend:
    """The backend of this name, made at the first call."""
    if name not in _loaded:
        backend = _loaded[name] = BACKENDS[name]()
        _homes.update(dict.fromkeys(backend.types(), backend))
    return _loaded[name]


def use_backend(name: str) -> Backend:
    """Choose the array library of all new tensors; existing tensors don't change.

    Raises:
        UsageError: no backend has this name.
        UnavailableError: the package of the backend is not installed.

    >>> use_backend("numpy").name
    'numpy'
    """
    global _chosen
    if name not in BACKENDS:
        raise UsageError(f"unknown backend `{name}`", hint=f"there are {', '.join(BACKENDS)}")
    _chosen = backend_named(name)
    return _chosen
