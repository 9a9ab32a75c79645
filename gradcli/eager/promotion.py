"""The common type of operands, by PyTorch's rules.

There are three categories: truth values, whole numbers, floats.  Arrays with axes decide; a single number, be it an
array without axes or a number of Python, changes the type only if its category is higher.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradcli.primitives.backends import Backend, backend_of, current_backend

__all__ = ["common_dtype", "rank_of"]


def rank_of(dtype: Any) -> int:
    """The category of a type: 0 for truth values, 1 for whole numbers, 2 for floats.

    >>> import numpy
    >>> [rank_of(numpy.dtype(name)) for name in ("bool", "int8", "float16")]
    [0, 1, 2]
    """
    kind = getattr(dtype, "kind", None)  # NumPy's types have a letter for it
    if kind is not None:
        return 2 if kind == "f" else 0 if kind == "b" else 1
    name = str(dtype)
    return 2 if "float" in name else 0 if "bool" in name else 1


def common_dtype(operands: Iterable[Any]) -> Any:
    """Return the type of a result that is computed from arrays and numbers.

    >>> import numpy
    >>> print(common_dtype([numpy.ones(2, "int8"), 3]), common_dtype([numpy.ones(2, "float32"), numpy.float64(1.0)]))
    int8 float32
    """
    groups: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
    backend: Backend = current_backend()
    for one in operands:
        if hasattr(one, "dtype"):
            backend = backend_of(one)
            groups[0 if one.shape else 1].append(one.dtype)
        else:
            groups[2].append(backend.dtype({bool: "bool", int: "int64"}.get(type(one), backend.default_dtype)))
    found = None
    for group in groups:
        for dtype in group:
            if found is None or rank_of(dtype) > rank_of(found):
                found = dtype
            elif rank_of(dtype) == rank_of(found) and dtype in group and found in group and dtype != found:
                found = _wider(backend, dtype, found)
    return found


def _wider(backend: Backend, first: Any, second: Any) -> Any:
    """Return the type that holds the numbers of two types of one category."""
    import numpy as np

    names = [str(dtype).rpartition(".")[2] for dtype in (first, second)]
    return backend.dtype(str(np.promote_types(*names)))
