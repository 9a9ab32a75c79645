"""PyTorch's functions that take elements at indices, or put elements there."""

from __future__ import annotations

import math
from typing import Any, Final

from gradcli.eager.promotion import rank_of
from gradcli.eager.pytorch_names import Histogram, pytorch, tensor_of
from gradcli.eager.record import Recorded
from gradcli.eager.tensor_data import depends_on_argument
from gradcli.eager.tensor_elements import to
from gradcli.errors import ShapeError
from gradcli.primitives import functions as f
from gradcli.primitives.families.shapes import canonical_key, one_axis

__all__ = ["assigned", "in_pytorchs_order"]

# ruff: noqa: A002, ARG001  (PyTorch's names, and options that have no effect here)


def _indices(index: Any, length: int, *, negative: bool = False) -> Any:
    """Return indices as an array of NumPy, checked.

    Raises:
        RuntimeError: they are no whole numbers, or beyond the end.
    """
    import numpy as np

    array = np.asarray(index._array if isinstance(index, Recorded) else index)
    if array.dtype.kind not in "iu":
        raise RuntimeError(f"indices are whole numbers, not {array.dtype}")
    if array.size and not (array.min() >= (-length if negative else 0) and array.max() < length):
        raise IndexOutOfRangeError(f"an index is outside an axis of length {length}")
    return array.astype(np.intp)


class IndexOutOfRangeError(IndexError, RuntimeError):
    """An index is beyond the end of its axis."""


def _key(input: Any, dim: int, index: Any, *, within: Any = None, negative: bool = False) -> tuple[Any, ...]:
    """The places of ``gather`` and ``scatter``: the index along one axis, the element's own place along the others."""
    import numpy as np

    if input.ndim != index.ndim:
        if not (input.ndim and index.ndim) and max(input.ndim, index.ndim) <= 1:
            return (_indices(index, 1).reshape(input.shape),) if input.ndim else ()
        raise RuntimeError(f"indices of shape {index.shape} don't have the axes of an array of shape {input.shape}")
    axis = one_axis(dim, input.ndim)
    for i, (have, want) in enumerate(zip(input.shape, index.shape, strict=True)):
        if i != axis and want > have:
            raise RuntimeError(f"indices of shape {index.shape} don't fit an array of shape {input.shape}")
    if within is not None and any(want > have for have, want in zip(within.shape, index.shape, strict=False)):
        raise RuntimeError(f"indices of shape {index.shape} don't fit elements of shape {within.shape}")
    if not input.ndim:
        _indices(index, 1)
        return ()
    places = list(np.indices(index.shape, sparse=True))
    places[axis] = _indices(index, input.shape[axis], negative=negative)
    return tuple(places)


@pytorch()
def gather(input: Any, dim: int, index: Any, *, sparse_grad: bool = False) -> Any:
    """The elements at indices along an axis."""
    if index._array.size or rank_of(index.dtype) == 2:
        _whole(index)
    one_axis(dim, input.ndim)
    if not index._array.size:
        return f.reshape(f.index(f.reshape(input, (-1,)), slice(0, 0)), index.shape)
    if input.ndim == 0 or index.ndim == 0:
        _key(input, dim, index)
        x = f.reshape(input, (-1,)) if not input.ndim else input
        return f.reshape(f.index(x, (index._array.reshape(-1),)), index.shape)
    return f.index(input, _key(input, dim, index))


def _whole(index: Any) -> None:
    if not isinstance(index, Recorded) or str(index.dtype).rpartition(".")[2] not in ("int64", "int32"):
        raise RuntimeError("indices are a tensor of whole numbers, of 64 or 32 bits")


@pytorch()
def take(input: Any, index: Any) -> Any:
    """The elements at indices of the flat tensor."""
    return f.index(f.reshape(input, (-1,)), (_indices(index, input._array.size, negative=True),))


@pytorch()
def take_along_dim(input: Any, indices: Any, dim: int | None = None) -> Any:
    """The elements at indices along an axis; the other axes broadcast."""
    import numpy as np

    if dim is None:
        return gather(f.reshape(input, (-1,)), 0, f.reshape(indices, (-1,)))
    axis = one_axis(dim, input.ndim)
    _whole(indices)
    if indices.ndim != input.ndim:
        raise RuntimeError("indices have the axes of the tensor")
    shapes = [[1 if i == axis else n for i, n in enumerate(one.shape)] for one in (input, indices)]
    wide = list(np.broadcast_shapes(*shapes))
    wide[axis] = indices.shape[axis]
    source = [*wide[:axis], input.shape[axis], *wide[axis + 1 :]]
    x = f.expand(input, tuple(source))
    return f.index(x, _key(x, axis, f.expand(indices, tuple(wide)), negative=True))


@pytorch()
def index_select(input: Any, dim: int, index: Any) -> Any:
    """The parts of a tensor at indices of an axis.

    Raises:
        IndexError: the indices have several axes.
    """
    if index.ndim > 1:
        raise IndexError("the indices of parts are a vector")
    if not input.ndim:
        return f.reshape(f.index(f.reshape(input, (1,)), (index._array.reshape(-1),)), ())
    axis = one_axis(dim, input.ndim)
    places = _indices(index, input.shape[axis]).reshape(-1)
    return f.index(input, (*[slice(None)] * axis, places))


@pytorch()
def masked_select(input: Any, mask: Any) -> Any:
    """The elements where a mask is true, in one axis."""
    import numpy as np

    if rank_of(mask.dtype):
        raise RuntimeError("a mask holds truth values")
    shape = np.broadcast_shapes(input.shape, mask.shape)
    return f.index(f.reshape(f.expand(input, shape), (-1,)), np.broadcast_to(mask._array, shape).reshape(-1).nonzero())


@pytorch()
def nonzero(input: Any, *, as_tuple: bool = False) -> Any:
    """The indices of the elements that are not 0, as rows, or as one vector for each axis."""
    import numpy as np

    found = np.atleast_1d(input._array).nonzero() if as_tuple else input._array.reshape(input.shape or (1,)).nonzero()
    if as_tuple:
        return tuple([tensor_of(one, like=input) for one in found])
    rows = np.stack(found, axis=1) if input.ndim else np.zeros((len(found[0]), 0), np.int64)
    return tensor_of(rows, like=input)


@pytorch()
def argwhere(input: Any) -> Any:
    """The indices of the elements that are not 0, as rows."""
    return nonzero(input)


#: The types of the parts of an index that take no axis.
_TAKING_NO_AXIS: Final = frozenset([type(None), type(Ellipsis), bool])


def in_pytorchs_order(input: Any, key: Any) -> Any:
    """Return an index with which NumPy gives the axes of a part the order that PyTorch gives them.

    Both put the axes of arrays of indices first if slices separate them.  A number is such an array for NumPy; PyTorch
    takes it before, so that it separates nothing.  In a function that is being differentiated the index may be meant
    as NumPy's, and is refused.

    Raises:
        IndexError: the order isn't that of NumPy, and the tensor depends on an argument that is differentiated.

    >>> from gradcli import tensor
    >>> import numpy as np
    >>> x = tensor(np.zeros((2, 5, 3)))
    >>> x[1, :, [0, 2]].shape, x.numpy()[1, :, [0, 2]].shape
    ((5, 2), (2, 5))
    """
    if key.__class__ is not tuple or all(_is_basic(part) for part in key):
        return key
    import numpy as np

    parts = list(canonical_key(input, key)["key"])
    dots = [i for i, part in enumerate(parts) if part is Ellipsis]
    if len(dots) == 1:  # written out, because for NumPy even dots for no axis separate
        taken = len([part for part in parts if part.__class__ not in _TAKING_NO_AXIS])
        parts[dots[0] : dots[0] + 1] = [slice(None)] * (input.ndim - taken)
    arrays = [i for i, part in enumerate(parts) if not _is_basic(part)]
    numbers = [i for i, part in enumerate(parts) if part.__class__ is int]
    advanced = sorted(arrays + numbers)
    if not (arrays and numbers) or advanced[-1] - advanced[0] == len(advanced) - 1:
        return tuple(parts)
    if depends_on_argument(input):
        raise IndexError(
            "NumPy and PyTorch give the axes of this part another order, because a slice separates a number and an "
            "array of indices; take the number first, as in x[1][:, [0, 2]] for x[1, :, [0, 2]]"
        )
    before = tuple([part if _is_basic(part) else slice(None) for part in parts if part.__class__ is not bool])
    after = [slice(None) if _is_basic(part) else part for part in parts]
    places = np.arange(math.prod(input.shape)).reshape(input.shape)[before]
    return np.unravel_index(places[tuple([part for i, part in enumerate(after) if i not in numbers])], input.shape)


def _is_basic(part: Any) -> bool:
    """Whether a part of an index is a number, a slice, a new axis or dots."""
    return part is None or part is Ellipsis or part.__class__ in (int, slice)


# Elements put at indices


def assigned(input: Any, key: Any, value: Any, *, accumulate: bool = False) -> Any:
    """A tensor with elements at an index replaced, or increased; ``value`` broadcasts to the shape of the part.

    Of several elements for one place, the last one counts.
    """
    import numpy as np

    shape = input.shape
    places = np.arange(math.prod(shape)).reshape(shape)[key]
    if isinstance(value, Recorded):
        value = to(value, input.dtype)
        wanted = value.shape
        while len(wanted) > places.ndim and wanted[0] == 1:
            wanted = wanted[1:]
        elements = f.expand(f.reshape(value, wanted), places.shape)
        flat = f.reshape(elements, (-1,))
    else:
        flat = np.broadcast_to(np.asarray(value, input.dtype), places.shape).reshape(-1)
    places = places.reshape(-1)
    if accumulate:
        added = f.scatter(flat, shape=(math.prod(shape),), key=(places,))
        return input + f.reshape(added, shape)
    winner = np.full(math.prod(shape), -1)
    winner[places] = np.arange(len(places))
    if not len(places):
        return f.copy(input)
    chosen = f.reshape(f.index(flat, (np.maximum(winner, 0),)), shape)
    if rank_of(input.dtype) < 2:
        mask = (winner >= 0).reshape(shape)
        numbers = chosen._array if isinstance(chosen, Recorded) else chosen
        return tensor_of(np.where(mask, numbers, input._array).astype(input.dtype), like=input)
    return f.where((winner >= 0).reshape(shape), chosen, input)


@pytorch()
def scatter(input: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Any:
    """A tensor with elements put at indices along an axis, added to (``reduce="add"``) or multiplied (``"multiply"``).

    Raises:
        UsageError: the way to combine is unknown.
    """
    if reduce not in (None, "add", "multiply"):
        raise RuntimeError(f"elements are combined by 'add' or 'multiply', not {reduce!r}")
    source = value if src is None else src
    _whole(index)
    key = _key(input, dim, index, within=source if isinstance(source, Recorded) else None)
    if isinstance(source, Recorded):
        if source.dtype != input.dtype:
            raise RuntimeError(f"elements of type {source.dtype} don't fit a tensor of type {input.dtype}")
        if source.ndim and source.ndim == index.ndim:
            source = f.index(source, tuple([slice(0, n) for n in index.shape]))
    if reduce == "add":
        return assigned(input, key, source, accumulate=True)
    if reduce == "multiply":
        return scatter_reduce(input, dim, index, _filled(source, index, input), "prod")
    return assigned(input, key, source)


def _filled(source: Any, index: Any, input: Any) -> Any:
    import numpy as np

    return source if isinstance(source, Recorded) else tensor_of(np.full(index.shape, source, input.dtype), like=input)


@pytorch()
def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Any:
    """A tensor with elements added at indices along an axis."""
    return scatter(input, dim, index, src, reduce="add")


@pytorch()
def scatter_reduce(input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True) -> Any:
    """A tensor with elements combined at indices along an axis: by sum, prod, mean, amax or amin.

    Raises:
        UsageError: the way to combine is unknown.
    """
    import numpy as np

    if reduce not in ("sum", "prod", "mean", "amax", "amin"):
        raise RuntimeError(f"elements are combined by sum, prod, mean, amax or amin, not {reduce!r}")
    _whole(index)
    key = _key(input, dim, index, within=src)
    if src.dtype != input.dtype:
        raise RuntimeError(f"elements of type {src.dtype} don't fit a tensor of type {input.dtype}")
    size = math.prod(input.shape)
    source = f.index(src, tuple([slice(0, n) for n in index.shape])) if src.ndim else src
    flat = f.reshape(source, (-1,))
    places = np.arange(size).reshape(input.shape)[key].reshape(-1)
    counts = np.bincount(places, minlength=size).reshape(input.shape)
    if not len(places):
        return f.copy(input)
    if reduce in ("sum", "mean"):
        added = f.reshape(f.scatter(flat, shape=(size,), key=(places,)), input.shape)
        total = (input if include_self else f.where(counts > 0, 0.0, input)) + added
        if reduce == "sum":
            return total
        return total / np.maximum(counts + include_self, 1).astype(total.dtype)
    # Each place gets a row of its elements, filled up with what changes nothing.
    order = np.argsort(places, kind="stable")
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order)) - np.searchsorted(places[order], places[order])
    rest = {"prod": 1.0, "amax": -math.inf, "amin": math.inf}[reduce]
    table = np.full((size, counts.max()), -1)
    table[places, ranks] = np.arange(len(places))
    rows = f.where(table >= 0, f.index(flat, (np.maximum(table, 0),)), rest)
    own = f.reshape(input, (-1, 1))
    if not include_self:
        own = f.where((counts > 0).reshape(-1, 1), rest, own)
    both = f.cat([own, rows], axis=1)
    combine = {"prod": f.prod, "amax": f.max, "amin": f.min}[reduce]
    return f.reshape(combine(both, axis=1), input.shape)


def _parts_key(input: Any, dim: int, index: Any) -> tuple[Any, ...]:
    if index.ndim > 1:
        raise IndexError("the indices of parts are a vector")
    axis = one_axis(dim, input.ndim)
    return (*[slice(None)] * axis, _indices(index, (input.shape or (1,))[axis], negative=True).reshape(-1))


def _as_vector(input: Any, change: Any) -> Any:
    return f.reshape(change(f.reshape(input, (1,))), ())


@pytorch()
def index_fill(input: Any, dim: int, index: Any, value: Any) -> Any:
    """A tensor with one number put into the parts at indices of an axis."""
    if getattr(value, "shape", ()) != ():
        raise RuntimeError("index_fill puts one number")
    if not input.ndim:
        return _as_vector(input, lambda x: index_fill(x, dim, index, value))
    return assigned(input, _parts_key(input, dim, index), value)


@pytorch()
def index_copy(input: Any, dim: int, index: Any, source: Any) -> Any:
    """A tensor with parts put at indices of an axis."""
    if not input.ndim:
        return _as_vector(input, lambda x: index_copy(x, dim, index, f.reshape(source, (1,))))
    return assigned(input, _parts_key(input, dim, index), source)


@pytorch()
def index_add(input: Any, dim: int, index: Any, source: Any, *, alpha: Any = 1) -> Any:
    """A tensor with parts added at indices of an axis."""
    if not input.ndim:
        return _as_vector(input, lambda x: index_add(x, dim, index, f.reshape(source, (1,)), alpha=alpha))
    key = _parts_key(input, dim, index)
    axis, count = one_axis(dim, input.ndim), index._array.size
    if source.ndim and source.shape != (*input.shape[:axis], count, *input.shape[axis + 1 :]):
        raise ShapeError(f"parts of shape {source.shape} don't fit {count} indices of a tensor of shape {input.shape}")
    return assigned(input, key, source if alpha == 1 else source * alpha, accumulate=True)


@pytorch()
def index_put(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """A tensor with elements put at indices, one tensor of indices for each axis."""
    key = tuple([slice(None) if one is None else one._array for one in indices])
    return assigned(input, key, values, accumulate=accumulate)


@pytorch()
def put(input: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """A tensor with elements put at indices of the flat tensor."""
    if index._array.size != source._array.size:
        raise IndexError("put takes one element for each index")
    places = _indices(index, input._array.size, negative=True).reshape(-1)
    flat = assigned(f.reshape(input, (-1,)), (places,), f.reshape(source, (-1,)), accumulate=accumulate)
    return f.reshape(flat, input.shape)


@pytorch()
def masked_scatter(input: Any, mask: Any, source: Any) -> Any:
    """A tensor with the elements of another one put, in order, where a mask is true.

    Raises:
        ShapeError: there are too few elements.
        RuntimeError: the mask doesn't hold truth values, or the elements have another type.
    """
    import numpy as np

    if rank_of(mask.dtype) or input.dtype != source.dtype:
        raise RuntimeError("masked_scatter takes a mask of truth values, and elements of the type of the tensor")

    shape = np.broadcast_shapes(input.shape, mask.shape)
    wide = np.broadcast_to(mask._array, shape)
    count = int(wide.sum())
    if count > source._array.size:
        raise ShapeError(f"{count} places need more than {source._array.size} elements")
    flat = f.index(f.reshape(source, (-1,)), slice(0, count))
    return assigned(f.expand(input, shape), wide.nonzero(), flat)


def _part_key(input: Any, dim: int, part: Any) -> tuple[Any, ...]:
    return (*[slice(None)] * one_axis(dim, input.ndim), part)


@pytorch()
def select_scatter(input: Any, src: Any, dim: int, index: int) -> Any:
    """A tensor with a part put at an index of an axis."""
    return assigned(input, _part_key(input, dim, int(index)), src)


@pytorch()
def slice_scatter(
    input: Any, src: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Any:
    """A tensor with a part put at a slice of an axis."""
    return assigned(input, _part_key(input, dim, slice(start, end, step)), src)


@pytorch()
def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """A tensor with elements put on a diagonal."""
    import numpy as np

    from gradcli.eager.pytorch_names import METHODS

    places = METHODS["diagonal"](
        tensor_of(np.arange(input._array.size).reshape(input.shape), like=input), offset, dim1, dim2
    )
    return f.reshape(put(f.reshape(input, (-1,)), places, src), input.shape)


# Counting and finding


@pytorch(method=False)
def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each whole number occurs, or the sum of its weights."""
    import numpy as np

    return tensor_of(np.bincount(input._array, None if weights is None else weights._array, minlength), like=input)


pytorch("bincount", function=False)(bincount)


def _sorted_places(sorted_sequence: Any, numbers: Any, right: bool) -> Any:
    import numpy as np

    side: Any = "right" if right else "left"
    sequence = sorted_sequence._array
    array = numbers._array if isinstance(numbers, Recorded) else np.asarray(numbers)
    if sequence.ndim == 1:
        return np.searchsorted(sequence, array, side)
    if not array.size or not sequence.size:
        return np.zeros(array.shape, np.int64)
    lines = zip(sequence.reshape(-1, sequence.shape[-1]), array.reshape(-1, array.shape[-1]), strict=True)
    return np.array([np.searchsorted(one, other, side) for one, other in lines], np.int64).reshape(array.shape)


@pytorch(method=False)
def searchsorted(
    sorted_sequence: Any, input: Any, *, out_int32: bool = False, right: bool = False, side: str | None = None,
    sorter: Any = None,
) -> Any:  # fmt: skip
    """The places at which numbers would go into a sorted sequence."""
    if sorter is not None:
        sorted_sequence = gather(sorted_sequence, -1, sorter)
    if side is not None and side not in ("left", "right"):
        raise RuntimeError(f"a side is 'left' or 'right', not {side!r}")
    if side == "left" and right:
        raise RuntimeError("the side is left, but `right` is true")
    if sorted_sequence.ndim > 1 and sorted_sequence.shape[:-1] != getattr(input, "shape", ())[:-1]:
        raise RuntimeError("sequences and numbers have the same axes but for the last one")
    found = _sorted_places(sorted_sequence, input, right or side == "right")
    return tensor_of(found.astype("int32" if out_int32 else "int64"), like=sorted_sequence)


@pytorch(method=False)
def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Any:
    """The places at which numbers would go into sorted boundaries."""
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


@pytorch(method=False)
def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Any:
    """Whether each element is among others."""
    import numpy as np

    like = elements if isinstance(elements, Recorded) else test_elements
    one, other = [x._array if isinstance(x, Recorded) else x for x in (elements, test_elements)]
    return tensor_of(np.isin(one, other, invert=invert), like=like)


@pytorch()
def unique(
    input: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The different elements in order; also the place of each element among them, and how often each occurs."""
    import numpy as np

    axis = None if dim is None else one_axis(dim, input.ndim)
    numbers, places, counts = np.unique(input._array, return_inverse=True, return_counts=True, axis=axis)
    places = places.reshape(input.shape if dim is None else -1)
    results = [tensor_of(numbers, like=input)]
    results += [tensor_of(places.astype(np.int64), like=input)] if return_inverse else []
    results += [tensor_of(counts.astype(np.int64), like=input)] if return_counts else []
    return results[0] if len(results) == 1 else tuple(results)


@pytorch()
def histc(input: Any, bins: int = 100, min: float = 0, max: float = 0) -> Any:
    """The numbers of elements in bins of equal width."""
    import numpy as np

    array = input._array.reshape(-1)
    if bins < 1:
        raise RuntimeError("a histogram has at least one bin")
    low, high = (float(array.min()), float(array.max())) if min == max and array.size else (float(min), float(max))
    if low > high:
        raise RuntimeError("the range of a histogram ends before it begins")
    if low == high:
        low, high = low - 1.0, high + 1.0
    inside = array[(array >= low) & (array <= high)]
    place = np.minimum(((inside - low) / (high - low) * bins).astype(int), bins - 1)
    return tensor_of(np.bincount(place, minlength=bins).astype(input.dtype), like=input)


@pytorch()
def histogram(
    input: Any, bins: Any = 100, *, range: Any = None, weight: Any = None, density: bool = False
) -> Histogram:
    """How many elements lie in intervals, and the edges of the intervals.

    Args:
        bins: the number of intervals of one width, or their edges.
        range: the first and the last edge, by default the smallest and the largest element.
        weight: how much each element counts.
        density: whether to divide by the sum and the width, so that the area is 1.
    """
    import numpy as np

    numbers = np.asarray(input._array).reshape(-1)
    wanted = np.asarray(bins._array) if isinstance(bins, Recorded) else bins
    parts = None if weight is None else np.asarray(weight._array).reshape(-1)
    counts, edges = np.histogram(numbers, wanted, range=range, weights=parts, density=density)
    return Histogram(*[tensor_of(one.astype(numbers.dtype), like=input) for one in (counts, edges)])
