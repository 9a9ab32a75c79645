"""PyTorch's functions that reduce tensors, or run along an axis: sums, moments, extremes, norms, order, running sums.

A function takes ``dim``, one axis or several, and ``keepdim``, whether the reduced axes stay with length 1.
"""

from __future__ import annotations

import math
from typing import Any, Final

from gradcli.eager.promotion import rank_of
from gradcli.eager.pytorch_names import MinMax, ValuesAndIndices, pytorch, tensor_of
from gradcli.eager.record import Recorded
from gradcli.eager.tensor_elements import maximum_of, to
from gradcli.eager.tensor_shapes import swapped
from gradcli.errors import ShapeError, UsageError
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_of
from gradcli.primitives.families.reductions import WHOLE
from gradcli.primitives.families.shapes import canonical_axis, one_axis

__all__ = ["along", "chosen", "require_floats"]

# ruff: noqa: A001, A002, ARG001  (PyTorch's names, and options that have no effect here)

_SUM, _MEAN = f.sum, f.mean


def require_floats(input: Any, name: str) -> None:
    """Check that a tensor holds floats.

    Raises:
        RuntimeError: it doesn't.
    """
    if rank_of(input._array.dtype) < 2:
        raise RuntimeError(f"{name} takes floats, not {input.dtype}; use float()")


def _axes(dim: Any) -> Any:
    """An option ``dim`` as an axis, where no axis at all means all of them."""
    return None if isinstance(dim, (tuple, list)) and not dim else dim


@pytorch()
def sum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The sum of the elements."""
    if dim is None and dtype is None:
        return input.apply_one(_SUM, WHOLE if not keepdim else {"axis": None, "keepdims": True})
    if dtype is not None:
        input = to(input, dtype)
    return input.apply_one(_SUM, {"axis": _axes(dim), "keepdims": keepdim})


@pytorch()
def mean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The arithmetic mean of the elements.

    Raises:
        RuntimeError: the elements aren't floats.
    """
    if dtype is not None:
        input = to(input, dtype)
    if getattr(input._array.dtype, "kind", "") != "f":
        require_floats(input, "mean")
    return input.apply_one(_MEAN, WHOLE if dim is None and not keepdim else {"axis": _axes(dim), "keepdims": keepdim})


@pytorch()
def prod(input: Any, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The product of the elements."""
    if dtype is not None:
        input = to(input, dtype)
    return f.prod(input, axis=dim, keepdims=keepdim)


@pytorch()
def nansum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The sum of the elements that are not nan."""
    array = input._array
    return sum(f.where(array == array, input, 0.0), dim, keepdim, dtype=dtype)


@pytorch()
def nanmean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The mean of the elements that are not nan."""
    total = nansum(input, dim, keepdim, dtype=dtype)
    counted = f.sum(input._array == input._array, axis=_axes(dim), keepdims=keepdim)
    return total / backend_of(total._array).astype(counted, total.dtype)


def _correction(dim: Any, unbiased: bool | None, correction: float | None) -> tuple[Any, float]:
    if isinstance(dim, bool):  # var(unbiased)
        dim, unbiased = None, dim
    return _axes(dim), (1 if unbiased is None else int(unbiased)) if correction is None else correction


def _moment(name: str, about: str) -> Any:
    def moment(
        input: Any,
        dim: Any = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Any:
        require_floats(input, name)
        axis, less = _correction(dim, unbiased, correction)
        return getattr(f, name)(input, axis=axis, keepdims=keepdim, correction=less)

    def with_mean(
        input: Any,
        dim: Any = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Any:
        axis, _ = _correction(dim, unbiased, correction)
        return moment(input, dim, unbiased, keepdim, correction=correction), mean(input, axis, keepdim)

    moment.__name__, with_mean.__name__ = name, f"{name}_mean"
    moment.__doc__ = f"{about}; it divides by n - 1 unless ``unbiased`` is false, or by n - ``correction``."
    with_mean.__doc__ = f"{about}, and the mean."
    pytorch(name)(moment)
    pytorch(f"{name}_mean", method=False)(with_mean)


_moment("var", "The variance")
_moment("std", "The standard deviation")


@pytorch()
def logsumexp(input: Any, dim: Any, keepdim: bool = False) -> Any:
    """log(sum(exp(x))), without overflow."""
    return f.logsumexp(_floats(input), axis=_axes(dim), keepdims=keepdim)


def _floats(input: Any) -> Any:
    return input if rank_of(input.dtype) == 2 else to(input, backend_of(input._array).default_dtype)


@pytorch()
def softmax(input: Any, dim: int, dtype: Any = None) -> Any:
    """exp(x) divided by its sum along an axis."""
    return f.softmax(input if dtype is None else to(input, dtype), axis=dim)


@pytorch()
def log_softmax(input: Any, dim: int, dtype: Any = None) -> Any:
    """The logarithm of softmax, without overflow."""
    return f.log_softmax(input if dtype is None else to(input, dtype), axis=dim)


# Truth


def _test(name: str) -> None:
    def test(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
        axis = canonical_axis(_axes(dim), input.ndim)
        found = getattr(backend_of(input._array).xp, name)(input._array, axis=axis, keepdims=keepdim)
        return tensor_of(found, like=input)

    test.__name__ = name
    test.__doc__ = f"Whether {name} of the elements are not 0."
    pytorch(name)(test)


_test("all")
_test("any")


@pytorch()
def count_nonzero(input: Any, dim: Any = None) -> Any:
    """The number of elements that are not 0."""
    return tensor_of((input._array != 0).sum(axis=canonical_axis(_axes(dim), input.ndim)), like=input)


# Extremes


def chosen(input: Any, indices: Any, dim: int) -> Any:
    """The elements of an array at indices along an axis; a number is itself."""
    import numpy as np

    if not input.ndim:
        return f.reshape(f.index(f.reshape(input, (1,)), np.zeros(1, int)), ())
    places = [
        np.expand_dims(place, dim) for place in np.indices(indices.shape[:dim] + indices.shape[dim + 1 :], sparse=True)
    ]
    places.insert(dim, indices)
    return f.index(input, tuple(places))


def along(input: Any, indices: Any, dim: int, keepdim: bool) -> ValuesAndIndices:
    """The elements at one index for each line along an axis, with the indices."""
    import numpy as np

    if not input.ndim:
        return ValuesAndIndices(chosen(input, indices, dim), tensor_of(np.zeros((), np.int64), like=input))
    values = chosen(input, np.expand_dims(indices, dim), dim)
    if not keepdim:
        values = f.squeeze(values, axis=dim)
        return ValuesAndIndices(values, tensor_of(indices, like=input))
    return ValuesAndIndices(values, tensor_of(np.expand_dims(indices, dim), like=input))


def _require_elements(input: Any, dim: Any) -> None:
    if not input._array.size if dim is None else not (input.shape or (1,))[dim]:
        kind = ShapeError if dim is None else EmptyAxisError
        raise kind(f"an array of shape {input.shape} has no elements")


class EmptyAxisError(ShapeError, IndexError):
    """An axis has no element to choose."""


def _extreme(name: str) -> None:
    whole, position = getattr(f, name), f"arg{name}"

    def extreme(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
        if isinstance(dim, Recorded):
            return maximum_of(name, input, dim)
        if dim is None:
            _require_elements(input, None)
            return whole(input) if rank_of(input.dtype) == 2 else tensor_of(getattr(input._array, name)(), like=input)
        dim = one_axis(dim, input.ndim)
        _require_elements(input, dim)
        if not input.ndim:
            return along(input, None, 0, keepdim)
        indices = getattr(input._array, position)(axis=dim)
        found = along(input, indices, dim, keepdim)
        if rank_of(input.dtype) == 2:  # ties share the derivative
            return ValuesAndIndices(whole(input, axis=dim, keepdims=keepdim), found.indices)
        return found

    def over_axes(input: Any, dim: Any = (), keepdim: bool = False) -> Any:
        axis = canonical_axis(_axes(dim), input.ndim)
        for one in axis if isinstance(axis, tuple) else (axis,):
            _require_elements(input, one)
        if rank_of(input.dtype) == 2:
            return whole(input, axis=axis, keepdims=keepdim)
        return tensor_of(getattr(input._array, name)(axis=axis, keepdims=keepdim), like=input)

    def place(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
        axis = canonical_axis(dim, input.ndim)
        _require_elements(input, axis)
        array = input._array
        found = backend_of(array).xp.asarray(getattr(array, position)(axis=axis))
        if keepdim:
            found = found.reshape(tuple(1 if axis in (None, i) else n for i, n in enumerate(input.shape)))
        backend = backend_of(array)
        return tensor_of(backend.astype(found, backend.dtype("int64")), like=input)

    extreme.__name__, over_axes.__name__, place.__name__ = name, f"a{name}", position
    kind = "largest" if name == "max" else "smallest"
    extreme.__doc__ = f"The {kind} element; along an axis, with its index; of two tensors, of each pair."
    over_axes.__doc__ = f"The {kind} element along axes; equal ones share the derivative."
    place.__doc__ = f"The index of the first {kind} element."
    for known in (extreme, over_axes, place):
        pytorch()(known)


_extreme("max")
_extreme("min")


@pytorch()
def aminmax(input: Any, *, dim: int | None = None, keepdim: bool = False) -> MinMax:
    """The smallest and the largest element."""
    axis = canonical_axis(dim, input.ndim)
    _require_elements(input, axis)
    return MinMax(*[f_extreme(input, axis=axis, keepdims=keepdim) for f_extreme in (f.min, f.max)])


# Order


@pytorch()
def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """The elements in order along an axis, and their indices; equal elements keep their order."""
    indices = _order(input, dim, descending)
    return ValuesAndIndices(chosen(input, indices, one_axis(dim, input.ndim)), tensor_of(indices, like=input))


@pytorch()
def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """The indices that put the elements in order along an axis."""
    return tensor_of(_order(input, dim, descending), like=input)


@pytorch()
def msort(input: Any) -> Any:
    """The elements in order along the first axis."""
    return sort(input, 0).values


def _order(input: Any, dim: int, descending: bool) -> Any:
    import numpy as np

    array, axis = input._array, one_axis(dim, input.ndim)
    if not array.ndim:
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(array, axis=axis, kind="stable")
    backwards = np.argsort(np.flip(array, axis), axis=axis, kind="stable")
    return array.shape[axis] - 1 - np.flip(backwards, axis)


@pytorch()
def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The k largest elements along an axis, and their indices.

    Raises:
        UsageError: there are fewer elements.
    """
    axis = one_axis(dim, input.ndim)
    length = (input.shape or (1,))[axis]
    if not 0 <= k <= length:
        raise UsageError(f"topk can't choose {k} of {length} elements")
    if not input.ndim:
        return along(input, None, 0, True)
    indices = _order(input, axis, largest)[(slice(None),) * axis + (slice(0, int(k)),)]
    return ValuesAndIndices(chosen(input, indices, axis), tensor_of(indices, like=input))


@pytorch()
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The k-th smallest element along an axis, counted from 1, and its index.

    Raises:
        RuntimeError: there are fewer elements.
    """
    axis = one_axis(dim, input.ndim)
    if not 1 <= k <= (input.shape or (1,))[axis]:
        raise RuntimeError(f"there is no element {k} along an axis of length {(input.shape or (1,))[axis]}")
    if not input.ndim:
        return along(input, None, 0, keepdim)
    return along(input, _order(input, axis, False).take(int(k) - 1, axis), axis, keepdim)


def _middle(name: str, skips_nan: bool) -> None:
    def middle(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
        import numpy as np

        if dim is None:
            return middle(f.reshape(input, (-1,)), 0).values if input._array.size else f.sum(input) * math.nan
        axis = one_axis(dim, input.ndim)
        _require_elements(input, axis)
        if not input.ndim:
            return along(input, None, 0, keepdim)
        array = input._array
        order = np.argsort(array, axis=axis, kind="stable")
        missing = (array != array).sum(axis=axis, keepdims=True)
        place = np.maximum(array.shape[axis] - 1 - missing * skips_nan, 0) // 2
        if not skips_nan:
            place = np.where(missing > 0, array.shape[axis] - missing, place)
        return along(input, np.take_along_axis(order, place, axis).squeeze(axis), axis, keepdim)

    middle.__name__ = name
    middle.__doc__ = "The middle element in order, the lower one of two; along an axis, with its index."
    pytorch(name)(middle)


_middle("median", False)
_middle("nanmedian", True)


@pytorch()
def mode(input: Any, dim: int = -1, keepdim: bool = False) -> Any:
    """The most frequent element along an axis, the smallest one of several, and the index where it is last."""
    import numpy as np

    axis = one_axis(dim, input.ndim)
    _require_elements(input, axis)
    if not input.ndim:
        return along(input, None, 0, keepdim)

    def of_line(line: Any) -> int:
        numbers, counts = np.unique(line, return_counts=True)
        return int(np.flatnonzero(line == numbers[counts.argmax()])[-1])

    return along(input, np.apply_along_axis(of_line, axis, input._array), axis, keepdim)


_WAYS: Final = ("linear", "lower", "higher", "midpoint", "nearest")


def _quantile(name: str, skips_nan: bool) -> None:
    def quantile(
        input: Any, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
    ) -> Any:
        import numpy as np

        require_floats(input, name)
        if interpolation not in _WAYS:
            raise RuntimeError(f"a quantile is found by {', '.join(_WAYS)}, not {interpolation!r}")
        shares = np.asarray(q._array if isinstance(q, Recorded) else q, float)
        if shares.ndim > 1 or ((shares < 0) | (shares > 1)).any():
            raise RuntimeError("a quantile is asked for by numbers from 0 to 1, in at most one axis")
        x = f.reshape(input, (-1,)) if dim is None or not input.ndim else input
        axis = 0 if dim is None or not input.ndim else one_axis(dim, input.ndim)
        if not x.shape[axis]:
            raise RuntimeError("a quantile needs at least one element")
        array = x._array
        order = np.argsort(array, axis=axis, kind="stable")
        missing = (array != array).sum(axis=axis, keepdims=True)
        last = np.maximum(array.shape[axis] - 1 - (missing if skips_nan else 0), 0)
        place = np.expand_dims(shares.reshape(-1), tuple(range(1, array.ndim + 1))) * last
        if not skips_nan:
            place = np.where(missing > 0, last, place)
        low, high = np.floor(place), np.ceil(place)
        weight = {"linear": place - low, "lower": low * 0, "higher": low * 0 + 1, "midpoint": low * 0 + 0.5}.get(
            interpolation, np.rint(place) - low
        )
        parts = []
        for i in range(shares.size):
            ends = [np.take_along_axis(order, one[i].astype(int), axis) for one in (low, high)]
            below, above = [chosen(x, end, axis) for end in ends]
            between = tensor_of(weight[i].astype(array.dtype), like=x)
            if interpolation == "linear" and getattr(q, "_order", False):  # a derivative by the share
                share = f.index(f.reshape(q, (-1,)), i)
                between = share * tensor_of(np.asarray(last, array.dtype), like=x)
                between = between - tensor_of(low[i].astype(array.dtype), like=x)
            part = below + (above - below) * between
            parts.append(part if keepdim and dim is not None and input.ndim else f.squeeze(part, axis=axis))
        result = f.stack(parts) if shares.ndim else parts[0]
        return f.reshape(result, (*shares.shape, *(1,) * input.ndim)) if keepdim and dim is None else result

    quantile.__name__ = name
    quantile.__doc__ = "The number below which a share of the elements lies, for one share or several."
    pytorch(name)(quantile)


_quantile("quantile", False)
_quantile("nanquantile", True)

# Norms


@pytorch()
def norm(input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    """The p-norm of the elements.

    Raises:
        UsageError: the order is unknown.
    """
    x = input if dtype is None else to(input, dtype)
    require_floats(x, "norm")
    if p == "nuc":
        raise UsageError("the nuclear norm needs singular values, which gradcli does not have")
    if isinstance(p, str) and p != "fro":
        raise UsageError(f"unknown norm {p!r}")
    return vector_norm(x, 2 if p is None or p == "fro" else p, dim, keepdim)


@pytorch("linalg.vector_norm", method=False)
def vector_norm(x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The p-norm of the elements, for any order p."""
    x = x if dtype is None else to(x, dtype)
    require_floats(x, "norm")
    axis = _axes(dim)
    if ord == 0:
        counted = f.sum((x._array != 0).astype(x.dtype), axis=canonical_axis(axis, x.ndim), keepdims=keepdim)
        return f.sum(x * 0.0, axis=axis, keepdims=keepdim) + tensor_of(counted, like=x)
    if ord == -math.inf:
        return f.min(f.abs(x), axis=axis, keepdims=keepdim)
    if ord < 0:
        return f.sum(f.abs(x) ** float(ord), axis=axis, keepdims=keepdim) ** (1.0 / ord)
    return f.norm(x, ord=ord, axis=axis, keepdims=keepdim)


@pytorch()
def dist(input: Any, other: Any, p: float = 2) -> Any:
    """The p-norm of the difference."""
    return vector_norm(input - other, p)


# Along an axis


@pytorch()
def cumsum(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """The running sum along an axis."""
    x = input if dtype is None else to(input, dtype)
    if rank_of(x.dtype) < 2:
        x = to(x, "int64")
    axis = one_axis(dim, input.ndim)
    return f.cumsum(x, axis=axis) if input.ndim else x


@pytorch()
def cumprod(input: Any, dim: int, *, dtype: Any = None) -> Any:
    """The running product along an axis."""
    x = input if dtype is None else to(input, dtype)
    axis = one_axis(dim, input.ndim)
    if rank_of(x.dtype) < 2:
        return tensor_of(x._array.cumprod(axis=axis) if input.ndim else x._array.astype("int64"), like=x)
    if not input.ndim:
        return f.copy(x)
    length = x.shape[axis]
    if not length:
        return x
    # Row k of a triangle has the first k factors and then ones; its products have derivatives at 0, too.
    import numpy as np

    moved = swapped(x, axis, x.ndim - 1)
    rows = f.where(np.tri(length, dtype=bool), f.unsqueeze(moved, -2), 1.0)
    return swapped(f.prod(rows, axis=-1), axis, x.ndim - 1)


@pytorch()
def logcumsumexp(input: Any, dim: int) -> Any:
    """The logarithm of the running sum of exp(x), without overflow."""
    import numpy as np

    axis = one_axis(dim, input.ndim)
    if not input.ndim or not input._array.size:
        return f.copy(input)
    moved = swapped(input, axis, input.ndim - 1)
    rows = f.where(np.tri(moved.shape[-1], dtype=bool), f.unsqueeze(moved, -2), -math.inf)
    return swapped(f.logsumexp(rows, axis=-1), axis, input.ndim - 1)


def _running(name: str, is_better: Any) -> None:
    def running(input: Any, dim: int) -> Any:
        import numpy as np

        axis = one_axis(dim, input.ndim)
        if not input.ndim:
            return along(input, None, 0, True)
        lines = np.moveaxis(input._array, axis, 0)
        best = np.zeros(lines.shape, np.int64)
        held = lines[:1].copy()
        for i in range(1, len(lines)):
            wins = is_better(lines[i], held[0]) | (lines[i] != lines[i])
            held[0] = np.where(wins, lines[i], held[0])
            best[i] = np.where(wins, i, best[i - 1])
        indices = np.moveaxis(best, 0, axis)
        return ValuesAndIndices(chosen(input, indices, axis), tensor_of(indices, like=input))

    running.__name__ = name
    running.__doc__ = "The best element so far along an axis, and its index."
    pytorch(name)(running)


_running("cummax", lambda new, held: new >= held)
_running("cummin", lambda new, held: new <= held)


@pytorch()
def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """The differences of neighbours along an axis, n times.

    Raises:
        RuntimeError: the tensor has no axes, or n is negative.
    """
    if n < 0:
        raise RuntimeError(f"differences are taken at least 0 times, not {n}")
    if not input.ndim:
        raise RuntimeError("diff takes an array, not one number")
    axis = one_axis(dim, input.ndim)
    x = input
    if prepend is not None or append is not None:
        x = f.cat([one for one in (prepend, input, append) if one is not None], axis=axis)
    if not n:  # as in PyTorch, what would be put in front is left out, too
        return f.copy(input)
    for _ in range(min(n, x.shape[axis])):
        before, after = [f.index(x, (*[slice(None)] * axis, part)) for part in (slice(0, -1), slice(1, None))]
        x = after != before if rank_of(x.dtype) == 0 else after - before
    return x


@pytorch(method=False)
def trapezoid(y: Any, x: Any = None, *, dx: Any = 1.0, dim: int = -1) -> Any:
    """The area under a curve by the trapezoidal rule."""
    return f.sum(_trapezoids(y, x, dx, dim), axis=dim)


@pytorch(method=False)
def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = 1.0, dim: int = -1) -> Any:
    """The running area under a curve by the trapezoidal rule."""
    return f.cumsum(_trapezoids(y, x, dx, dim), axis=one_axis(dim, y.ndim))


pytorch("trapz", method=False)(trapezoid)


def _trapezoids(y: Any, x: Any, dx: Any, dim: int) -> Any:
    axis = one_axis(dim, y.ndim)
    before, after = [f.index(y, (*[slice(None)] * axis, part)) for part in (slice(0, -1), slice(1, None))]
    if x is None:
        return (before + after) * (0.5 * dx)
    steps = diff(x, dim=-1 if x.ndim == 1 else axis)
    if x.ndim == 1:
        steps = f.reshape(steps, (-1, *(1,) * (y.ndim - 1 - axis)))
    return (before + after) * steps * 0.5
