"""PyTorch's functions that move elements: new shapes, orders of axes, turns, repetitions, diagonals, triangles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gradcli.eager.promotion import rank_of
from gradcli.eager.pytorch_names import one_or_several, pytorch, tensor_of
from gradcli.eager.record import Recorded
from gradcli.eager.tensor_data import check_device, keep_derivative
from gradcli.eager.tensor_views import indexed_view
from gradcli.errors import ShapeError, UsageError
from gradcli.primitives import functions as f
from gradcli.primitives.families.shapes import canonical_axis, one_axis

__all__ = ["existing_axis", "movedim", "part_of", "swapped"]

# ruff: noqa: A002, ARG001  (PyTorch's names, and options that have no effect here)


def part_of(x: Any, axis: int, part: Any) -> Any:
    """A part of an array along an axis."""
    return f.index(x, (*[slice(None)] * axis, part))


# Shapes


@pytorch("size", function=False)
def size(input: Any, dim: int | None = None) -> Any:
    """The lengths of the axes, or of one axis."""
    return input.shape if dim is None else input.shape[existing_axis(dim, input.ndim)]


def existing_axis(dim: int, dimensions: int) -> int:
    """An axis that exists, counted from 0; a number has none.

    Raises:
        IndexError: there is no such axis.
    """
    if not dimensions:
        raise IndexError("a tensor without axes has no lengths")
    return one_axis(dim, dimensions)


@pytorch("dim", "ndimension", function=False)
def dim_(input: Any) -> int:
    """The number of axes."""
    return len(input.shape)


@pytorch("nelement", function=False)
@pytorch()
def numel(input: Any) -> int:
    """The number of elements."""
    return math.prod(input.shape)


@pytorch("reshape", function=False)
def reshape(input: Any, *lengths: Any, shape: Any = None) -> Any:
    """The elements in another shape, as in ``x.reshape(3, -1)``; one length may be -1."""
    return f.reshape(input, one_or_several(lengths) if shape is None else shape)


@pytorch("reshape", method=False)
def _reshape(input: Any, shape: Any) -> Any:
    """The elements in another shape."""
    return f.reshape(input, shape)


@pytorch("view", function=False)
def view(input: Any, *shape: Any, dtype: Any = None) -> Any:
    """The elements in another shape, in the same memory; or, with a type, the memory read as numbers of that type.

    Numbers that are read from memory have no derivative.

    Raises:
        RuntimeError: the elements lie in memory in another order; then use ``reshape``, which copies them.
        ShapeError: the last axis doesn't hold whole numbers of bytes of the other type.

    >>> from gradcli import tensor
    >>> tensor([1.0, -2.0]).view("int64").tolist()
    [4607182418800017408, -4611686018427387904]
    """
    if dtype is None and len(shape) == 1 and not isinstance(shape[0], (int, list, tuple)):
        (dtype,), shape = shape, ()
    if dtype is not None:
        return _of_type(input, dtype)
    result = f.reshape(input, one_or_several(shape))
    array, other = input._array, result._array
    is_copy = hasattr(other, "base") and other.base is None  # NumPy copies what isn't in order
    if is_copy and other.ndim and array.ndim and array.size > 1:
        raise RuntimeError("view needs elements that lie in memory in their order; use reshape")
    return result


def _of_type(input: Any, dtype: Any) -> Any:
    """The memory of a tensor, read as numbers of another type."""
    import numpy as np

    array, wanted = np.asarray(input._array), np.dtype(str(dtype).rpartition(".")[2])
    keep_derivative(input, "view() with a type", "use to() for numbers of another type, or detach() for a constant")
    if wanted.itemsize != array.itemsize:
        if not array.ndim or array.strides[-1] != array.itemsize:
            raise ShapeError("numbers of another size need a last axis that lies in memory without gaps")
        if array.shape[-1] * array.itemsize % wanted.itemsize:
            raise ShapeError(f"{array.shape[-1]} numbers of {array.itemsize} bytes aren't numbers of {wanted.itemsize}")
    return tensor_of(array.view(wanted), like=input)


@pytorch(function=False)
def view_as(input: Any, other: Any) -> Any:
    """The elements in the shape of another tensor."""
    return view(input, other.shape)


@pytorch(function=False)
def reshape_as(input: Any, other: Any) -> Any:
    """The elements in the shape of another tensor."""
    return f.reshape(input, other.shape)


@pytorch()
def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The tensor with the axes from ``start_dim`` to ``end_dim`` joined into one.

    Raises:
        RuntimeError: the first axis is behind the last one.
    """
    first, last = one_axis(start_dim, input.ndim), one_axis(end_dim, input.ndim)
    if first > last:
        raise RuntimeError("flatten joins the axes from start_dim to end_dim, which must not come before it")
    return f.flatten(input, first, last)


@pytorch()
def ravel(input: Any) -> Any:
    """The elements in one axis."""
    return f.reshape(input, (-1,))


@pytorch()
def unflatten(input: Any, dim: int, sizes: Sequence[int]) -> Any:
    """The tensor with one axis split into several."""
    if not input.ndim:
        raise IndexError("a tensor without axes can't be unflattened")
    axis = one_axis(dim, input.ndim)
    if not sizes:
        raise RuntimeError("an axis is unflattened into at least one axis")
    return f.reshape(input, (*input.shape[:axis], *_completed(sizes, input.shape[axis]), *input.shape[axis + 1 :]))


def _completed(sizes: Sequence[int], length: int) -> tuple[int, ...]:
    known = math.prod([one for one in sizes if one != -1])
    found = tuple([length // known if one == -1 and known else one for one in sizes])
    if math.prod(found) != length:
        raise ShapeError(f"lengths {tuple(sizes)} don't fill an axis of length {length}")
    return found


@pytorch("expand", function=False)
def expand(input: Any, *shape: Any, implicit: bool = False) -> Any:
    """The tensor in a larger shape, repeated along axes of length 1; -1 keeps the length of an axis."""
    return f.expand(input, one_or_several(shape))


@pytorch(function=False)
def expand_as(input: Any, other: Any) -> Any:
    """The tensor in the shape of another one."""
    return f.expand(input, other.shape)


@pytorch()
def broadcast_to(input: Any, size: Any) -> Any:
    """The tensor in a larger shape."""
    return f.expand(input, size)


@pytorch(method=False)
def broadcast_tensors(*tensors: Any) -> Any:
    """Tensors in the shape that all broadcast to."""
    several = one_or_several(tensors)
    shape = broadcast_shapes(*[one.shape for one in several])
    return tuple([f.expand(one, shape) for one in several])


@pytorch(method=False)
def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape that all shapes broadcast to.

    Raises:
        ShapeError: there is none.
    """
    import numpy as np

    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise ShapeError(f"shapes {', '.join(map(str, shapes))} don't broadcast") from None


@pytorch(function=False)
def sum_to_size(input: Any, *size: Any) -> Any:
    """The sum over the axes along which a shape would be broadcast to the tensor's.

    Raises:
        ShapeError: the shape doesn't broadcast.
    """
    shape = tuple(one_or_several(size))
    if broadcast_shapes(shape, input.shape) != input.shape:
        raise ShapeError(f"an array of shape {input.shape} can't be summed to {shape}")
    return f.sum_to(input, shape=shape)


@pytorch()
def squeeze(input: Any, dim: Any = None) -> Any:
    """The tensor without its axes of length 1, or without those of them that are named."""
    if dim is None:
        return f.squeeze(input)
    axes = canonical_axis(tuple(dim) if isinstance(dim, (list, tuple)) else (dim,), input.ndim) or ()
    return f.reshape(input, tuple([n for i, n in enumerate(input.shape) if i not in axes or n != 1]))


@pytorch()
def unsqueeze(input: Any, dim: int) -> Any:
    """The tensor with a new axis of length 1."""
    return f.unsqueeze(input, dim)


def _at_least(count: int) -> None:
    def extended(*tensors: Any) -> Any:
        several = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
        results = []
        for one in several:
            shape = {
                1: (1,) * (1 - one.ndim) + one.shape,
                2: (1,) * (2 - one.ndim) + one.shape,
                3: {0: (1, 1, 1), 1: (1, *one.shape, 1), 2: (*one.shape, 1)}.get(one.ndim, one.shape),
            }[count]
            results.append(f.reshape(one, shape) if shape != one.shape else one)
        return results[0] if several is tensors and len(tensors) == 1 else tuple(results)

    extended.__name__ = f"atleast_{count}d"
    extended.__doc__ = f"The tensor, or each of several, with at least {count} axes."
    pytorch(method=False)(extended)


for _count in (1, 2, 3):
    _at_least(_count)

# Orders of axes


def swapped(x: Any, first: int, second: int) -> Any:
    """An array with two axes exchanged."""
    if not x.ndim:
        one_axis(first, 0), one_axis(second, 0)
        return f.transpose(x)
    order = list(range(x.ndim))
    first, second = one_axis(first, x.ndim), one_axis(second, x.ndim)
    order[first], order[second] = order[second], order[first]
    return f.transpose(x, order)


@pytorch("transpose", "swapaxes", "swapdims")
def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """The tensor with two axes exchanged."""
    return swapped(input, dim0, dim1)


@pytorch()
def t(input: Any) -> Any:
    """A matrix transposed, or a vector as it is.

    Raises:
        ShapeError: there are more than two axes.
    """
    if input.ndim > 2:
        raise ShapeError(f"t() is for matrices, not for a tensor of shape {input.shape}; use permute")
    return f.transpose(input)


@pytorch("permute", function=False)
def permute(input: Any, *axes: Any, dims: Any = None) -> Any:
    """The tensor with its axes in another order."""
    return f.transpose(input, _every(one_or_several(axes) if dims is None else dims, input))


@pytorch("permute", method=False)
def permute_function(input: Any, dims: Any) -> Any:
    """The tensor with its axes in another order."""
    return f.transpose(input, _every(dims, input))


def _every(axes: Any, input: Any) -> tuple[int, ...]:
    """The axes of a whole order; the registry's function would take none for the reversed order."""
    several = (axes,) if isinstance(axes, int) else tuple(axes)
    if len(several) != input.ndim:
        raise ShapeError(f"{several} isn't an order of the axes of a tensor of shape {input.shape}")
    return several


@pytorch("movedim", "moveaxis")
def movedim(input: Any, source: Any, destination: Any) -> Any:
    """The tensor with axes moved to other places."""
    sources, places = [
        canonical_axis((one,) if isinstance(one, int) else tuple(one), input.ndim) or ()
        for one in (source, destination)
    ]
    if len(sources) != len(places):
        raise UsageError(f"{len(sources)} axes can't be moved to {len(places)} places")
    order: list[Any] = [None] * input.ndim
    for one, place in zip(sources, places, strict=True):
        order[place] = one
    rest = iter([i for i in range(input.ndim) if i not in sources])
    return f.transpose(input, [next(rest) if one is None else one for one in order]) if input.ndim else input


def _adjoint(input: Any) -> Any:
    """A stack of matrices, each transposed."""
    if input.ndim < 2:
        raise ShapeError(f"mT is for matrices, not for a tensor of shape {input.shape}")
    return swapped(input, -2, -1)


pytorch("adjoint")(_adjoint)

# Turned and repeated


@pytorch("flip", function=False)
def _flip_method(input: Any, *axes: Any, dims: Any = None) -> Any:
    """The tensor with the order of elements reversed along some axes."""
    return flip(input, one_or_several(axes) if dims is None else dims)


@pytorch("flip", method=False)
def flip(input: Any, dims: Any) -> Any:
    """The tensor with the order of elements reversed along some axes."""
    axes = canonical_axis((dims,) if isinstance(dims, int) else tuple(dims), input.ndim) or ()
    turned = slice(None, None, -1)
    return f.copy(f.index(input, tuple([turned if i in axes else slice(None) for i in range(input.ndim)])))


@pytorch()
def fliplr(input: Any) -> Any:
    """The tensor with its columns in reverse order."""
    if input.ndim < 2:
        raise RuntimeError("fliplr takes at least two axes")
    return flip(input, 1)


@pytorch()
def flipud(input: Any) -> Any:
    """The tensor with its rows in reverse order."""
    if input.ndim < 1:
        raise RuntimeError("flipud takes at least one axis")
    return flip(input, 0)


@pytorch()
def roll(input: Any, shifts: Any, dims: Any = None) -> Any:
    """The tensor with its elements moved along axes; what leaves at one end comes in at the other."""
    if dims is None or (isinstance(dims, (tuple, list)) and not dims):
        if isinstance(shifts, (tuple, list)) and len(shifts) != 1:
            raise RuntimeError("roll takes one shift for each of its axes")
        return f.reshape(roll(f.reshape(input, (-1,)), shifts, 0), input.shape)
    moves = [shifts] if isinstance(shifts, int) else list(shifts)
    axes = [dims] if isinstance(dims, int) else list(dims)
    if len(moves) != len(axes):
        raise RuntimeError(f"roll takes one shift for each axis, not {len(moves)} for {len(axes)}")
    x = input
    for move, dim in zip(moves, axes, strict=True):
        axis = existing_axis(dim, x.ndim)
        if x.shape[axis]:
            cut = -move % x.shape[axis]
            x = f.cat([part_of(x, axis, slice(cut, None)), part_of(x, axis, slice(0, cut))], axis=axis)
    return x


@pytorch()
def rot90(input: Any, k: int = 1, dims: Any = (0, 1)) -> Any:
    """The tensor turned by k right angles in a plane of two axes."""
    if len(dims) != 2:
        raise RuntimeError("a rotation has two axes")
    first, second = [existing_axis(one, input.ndim) for one in dims]
    if first == second:
        raise RuntimeError("a rotation has two different axes")
    turn = k % 4
    if turn == 0:
        return f.copy(input)
    if turn == 2:
        return flip(input, (first, second))
    return flip(swapped(input, first, second), first if turn == 1 else second)


@pytorch("repeat", function=False)
def repeat(input: Any, *counts: Any, repeats: Any = None) -> Any:
    """The tensor repeated along its axes, and along new axes in front.

    Raises:
        RuntimeError: there are fewer numbers than axes.
    """
    counts = tuple([int(one) for one in (one_or_several(counts) if repeats is None else repeats)])
    if len(counts) < input.ndim:
        raise RuntimeError(f"repeat takes at least {input.ndim} numbers for a tensor of shape {input.shape}")
    shape = (1,) * (len(counts) - input.ndim) + input.shape
    doubled = [length for one in shape for length in (1, one)]
    wide = [length for count, one in zip(counts, shape, strict=True) for length in (count, one)]
    whole = tuple([count * one for count, one in zip(counts, shape, strict=True)])
    return f.copy(f.reshape(f.expand(f.reshape(input, tuple(doubled)), tuple(wide)), whole))


@pytorch("tile", function=False)
def _tile_method(input: Any, *counts: Any, dims: Any = None) -> Any:
    """The tensor repeated along its last axes."""
    return tile(input, one_or_several(counts) if dims is None else dims)


@pytorch("tile", method=False)
def tile(input: Any, dims: Any) -> Any:
    """The tensor repeated along its last axes."""
    return repeat(input, (1,) * (input.ndim - len(dims)) + tuple(dims))


@pytorch()
def repeat_interleave(input: Any, repeats: Any, dim: int | None = None, *, output_size: int | None = None) -> Any:
    """Each element, or each part along an axis, repeated a number of times."""
    import numpy as np

    x, axis = (f.reshape(input, (-1,)), 0) if dim is None else (input, one_axis(dim, input.ndim))
    if not x.ndim:
        x = f.reshape(x, (1,))
    counts = np.asarray(repeats._array if isinstance(repeats, Recorded) else repeats)
    if counts.ndim > 1 or (counts.ndim and counts.size not in (1, x.shape[axis])):
        raise RuntimeError("repeats are one number, or one for each element of the axis")
    return part_of(x, axis, np.repeat(np.arange(x.shape[axis]), counts.reshape(-1) if counts.size == 1 else counts))


# Diagonals and triangles


@pytorch("diagonal")
def diagonals(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """The diagonals of matrices; their elements are a new last axis."""
    import numpy as np

    first, second = existing_axis(dim1, input.ndim), existing_axis(dim2, input.ndim)
    if first == second:
        raise RuntimeError("a diagonal lies in two different axes")
    x = movedim(input, (first, second), (-2, -1))
    rows, columns = x.shape[-2:]
    length = max(0, min(rows + min(0, offset), columns - max(0, offset)))
    places = np.arange(length)
    key = (..., places - min(0, offset), places + max(0, offset))
    return indexed_view(x, key, lambda array: np.diagonal(array, offset, -2, -1))


@pytorch()
def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """Matrices with the elements of the last axis along a diagonal, and zeros elsewhere."""
    import numpy as np

    size = input.shape[-1] + abs(offset)
    first, second = existing_axis(dim1, input.ndim + 1), existing_axis(dim2, input.ndim + 1)
    if first == second:
        raise RuntimeError("a diagonal lies in two different axes")
    places = np.arange(input.shape[-1])
    key = (..., places - min(0, offset), places + max(0, offset))
    x = f.scatter(input, shape=(*input.shape[:-1], size, size), key=key)
    return movedim(x, (-2, -1), (first, second))


@pytorch()
def diag(input: Any, diagonal: int = 0) -> Any:
    """A matrix with a vector along a diagonal, or the diagonal of a matrix.

    Raises:
        RuntimeError: there are more than two axes.
    """
    if input.ndim not in (1, 2):
        raise RuntimeError("diag takes a vector or a matrix")
    return diag_embed(input, diagonal) if input.ndim == 1 else f.copy(diagonals(input, diagonal))


@pytorch()
def diagflat(input: Any, offset: int = 0) -> Any:
    """A matrix with all elements along a diagonal."""
    return diag_embed(f.reshape(input, (-1,)), offset)


@pytorch()
def trace(input: Any) -> Any:
    """The sum of the diagonal of a matrix."""
    if input.ndim != 2:
        raise RuntimeError("a trace is of a matrix")
    return f.sum(diagonals(input))


def _triangle(name: str) -> None:
    def triangle(input: Any, diagonal: int = 0) -> Any:
        import numpy as np

        if input.ndim < 2:
            raise RuntimeError(f"{name} takes at least two axes")
        rows, columns = input.shape[-2:]
        mask = np.tri(rows, columns, diagonal if name == "tril" else diagonal - 1, dtype=bool)
        mask = mask if name == "tril" else ~mask
        if rank_of(input.dtype) < 2:
            return tensor_of(np.where(mask, input._array, np.zeros((), input.dtype)), like=input)
        return f.where(mask, input, 0.0)

    triangle.__name__ = name
    triangle.__doc__ = f"The {'lower' if name == 'tril' else 'upper'} triangle of matrices, with zeros elsewhere."
    pytorch()(triangle)


_triangle("tril")
_triangle("triu")


@pytorch(function=False)
def cpu(input: Any) -> Any:
    """The tensor, which is on the processor already."""
    return input


@pytorch(function=False)
def cuda(input: Any, device: Any = "cuda") -> Any:
    """Refuse to move to a graphics processor, of which there are none here.

    Raises:
        UsageError: always.
    """
    check_device("cuda" if device is None else f"cuda:{device}" if isinstance(device, int) else device)
    return input


@pytorch(function=False)
def is_contiguous(input: Any, memory_format: Any = None) -> bool:
    """Whether the elements lie one after the other in memory, in the order of the axes."""
    flags = getattr(input._array, "flags", None)
    return True if flags is None else bool(flags.c_contiguous)


@pytorch(function=False)
def element_size(input: Any) -> int:
    """The number of bytes of an element."""
    return int(input._array.itemsize)
