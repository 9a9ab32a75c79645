"""PyTorch's functions that join tensors, and that split them into parts."""

from __future__ import annotations

import itertools
from typing import Any

from gradcli.eager.promotion import rank_of
from gradcli.eager.pytorch_names import FUNCTIONS, one_or_several, pytorch
from gradcli.eager.record import Recorded
from gradcli.eager.storage import memory_of
from gradcli.eager.tensor_elements import same_type
from gradcli.eager.tensor_shapes import existing_axis, movedim, part_of
from gradcli.eager.tensor_views import indexed_view
from gradcli.errors import CallError, ShapeError, UsageError
from gradcli.primitives import functions as f
from gradcli.primitives.families.shapes import one_axis

__all__: list[str] = []

# ruff: noqa: A002  (PyTorch's names, and options that have no effect here)

# Joined


def _all_tensors(tensors: Any, name: str) -> list[Any]:
    several = list(tensors) if isinstance(tensors, (list, tuple)) else None
    if several is None or any(not isinstance(one, Recorded) for one in several):
        raise CallError(f"{name} takes a list of tensors")
    if not several:
        raise UsageError(f"{name} takes at least one tensor")
    return several


@pytorch("cat", "concat", "concatenate", method=False)
def cat(tensors: Any, dim: int = 0) -> Any:
    """Tensors joined along an axis; an empty vector joins anything."""
    several = same_type(*_all_tensors(tensors, "cat"))
    full = [one for one in several if one.shape != (0,)] or several[:1]
    return f.cat(full, axis=dim)


@pytorch(method=False)
def stack(tensors: Any, dim: int = 0) -> Any:
    """Tensors of the same shape joined along a new axis."""
    return f.stack(same_type(*_all_tensors(tensors, "stack")), axis=dim)


@pytorch(method=False)
def hstack(tensors: Any) -> Any:
    """Tensors joined along the second axis, vectors along the first."""
    several = _wider(tensors, 1, "hstack")
    return f.cat(several, axis=0 if several[0].ndim == 1 else 1)


@pytorch("vstack", "row_stack", method=False)
def vstack(tensors: Any) -> Any:
    """Tensors joined along the first axis, vectors as rows."""
    return f.cat(_wider(tensors, 2, "vstack"), axis=0)


@pytorch(method=False)
def dstack(tensors: Any) -> Any:
    """Tensors joined along the third axis."""
    return f.cat(_wider(tensors, 3, "dstack"), axis=2)


@pytorch(method=False)
def column_stack(tensors: Any) -> Any:
    """Vectors joined as the columns of a matrix, and matrices along the second axis."""
    several = _all_tensors(tensors, "column_stack")
    return f.cat([f.reshape(one, (-1, 1)) if one.ndim < 2 else one for one in several], axis=1)


def _wider(tensors: Any, count: int, name: str) -> list[Any]:
    return [FUNCTIONS[f"atleast_{count}d"](one) for one in same_type(*_all_tensors(tensors, name))]


@pytorch(method=False)
def block_diag(*tensors: Any) -> Any:
    """A matrix with matrices along its diagonal and zeros elsewhere."""
    several = [f.reshape(one, (1,) * (2 - one.ndim) + one.shape) for one in tensors]
    place, rows = 0, []
    width = sum([one.shape[1] for one in several])
    for one in several:
        after = width - place - one.shape[1]
        rows.append(f.pad(one, ((0, 0), (place, after))))
        place += one.shape[1]
    return f.cat(rows, axis=0)


@pytorch(method=False)
def meshgrid(*tensors: Any, indexing: str = "ij") -> Any:
    """The coordinates of a grid, one tensor for each vector.

    Raises:
        UsageError: the order is neither ``"ij"`` nor ``"xy"``.
    """
    several = [f.reshape(one, (-1,)) for one in _all_tensors(list(one_or_several(tensors)), "meshgrid")]
    if indexing not in ("ij", "xy"):
        raise UsageError(f"a grid is indexed by 'ij' or 'xy', not {indexing!r}")
    order = several
    if indexing == "xy" and len(several) > 1:
        order = [several[1], several[0], *several[2:]]
    shape = tuple([one.shape[0] for one in order])
    grids = [f.expand(f.reshape(one, (-1, *(1,) * (len(order) - 1 - i))), shape) for i, one in enumerate(order)]
    if order is not several:
        grids[0], grids[1] = grids[1], grids[0]
    return tuple(grids)


@pytorch(method=False)
def cartesian_prod(*tensors: Any) -> Any:
    """All combinations of the elements of several vectors, as rows."""
    if len(tensors) == 1:
        return tensors[0]
    return f.stack([f.reshape(one, (-1,)) for one in meshgrid(*tensors)], axis=1)


@pytorch(method=False)
def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """All combinations of r elements of a vector, as rows."""
    import numpy as np

    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = np.array(list(choose(range(input.shape[0]), r)), dtype=np.intp).reshape(-1, r)
    return f.index(input, rows) if r else f.reshape(f.index(input, slice(0, 0)), (0,))


# Split


@pytorch()
def split(tensor: Any, split_size_or_sections: Any, dim: int = 0) -> Any:
    """The parts of a tensor along an axis, of one size (the last may be smaller) or of the sizes in a list.

    Raises:
        ShapeError: the sizes don't add up to the length of the axis.
    """
    axis = existing_axis(dim, tensor.ndim) if tensor.ndim else _no_axes("split")
    length = tensor.shape[axis]
    if isinstance(split_size_or_sections, int):
        size = split_size_or_sections
        if size < 0 or (not size and length):
            raise ShapeError(f"an axis of length {length} can't be split into parts of length {size}")
        sizes = [min(size, length - start) for start in range(0, length, size)] if length else [0]
    else:
        sizes = [int(one) for one in split_size_or_sections]
    return tuple(f.split(tensor, sizes, axis=axis))


def _no_axes(name: str) -> int:
    raise RuntimeError(f"{name} takes a tensor with axes")


@pytorch("split_with_sizes")
def split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> Any:
    """The parts of a tensor along an axis, of the given sizes."""
    return split(input, list(split_sizes), dim)


pytorch("unsafe_split")(split)


@pytorch("chunk", "unsafe_chunk")
def chunk(input: Any, chunks: int, dim: int = 0) -> Any:
    """At most so many parts of a tensor along an axis, of equal size; the last may be smaller.

    Raises:
        RuntimeError: there is no such number of parts.
    """
    if chunks < 1:
        raise RuntimeError(f"a tensor is cut into at least one part, not {chunks}")
    axis = existing_axis(dim, input.ndim) if input.ndim else _no_axes("chunk")
    return split(input, max(1, -(-input.shape[axis] // chunks)), axis)


@pytorch()
def tensor_split(input: Any, indices_or_sections: Any, dim: int = 0) -> Any:
    """The parts of a tensor along an axis: so many of nearly equal size, or those between indices."""
    axis = existing_axis(dim, input.ndim) if input.ndim else _no_axes("tensor_split")
    length = input.shape[axis]
    if isinstance(indices_or_sections, Recorded):
        indices_or_sections = indices_or_sections.array.tolist()
    if isinstance(indices_or_sections, int):
        if indices_or_sections < 1:
            raise RuntimeError("a tensor is split into at least one part")
        size, larger = divmod(length, indices_or_sections)
        sizes = [size + (i < larger) for i in range(indices_or_sections)]
        ends = list(itertools.accumulate(sizes))[:-1]
    else:
        ends = list(indices_or_sections)
    starts = [0, *ends]
    return tuple([part_of(input, axis, slice(a, b)) for a, b in zip(starts, [*ends, None], strict=True)])


def _split_along(name: str, axis: int) -> None:
    def along(input: Any, indices_or_sections: Any) -> Any:
        place = 0 if name == "hsplit" and input.ndim == 1 else axis
        if input.ndim <= place or not input.ndim:
            raise RuntimeError(f"{name} takes a tensor with more axes than one of shape {input.shape} has")
        if isinstance(indices_or_sections, int) and (
            indices_or_sections < 1 or input.shape[place] % indices_or_sections
        ):
            raise RuntimeError(f"an axis of length {input.shape[place]} can't be cut into {indices_or_sections} parts")
        return tensor_split(input, indices_or_sections, place)

    along.__name__ = name
    along.__doc__ = "The parts of a tensor along an axis: so many of equal size, or those between indices."
    pytorch()(along)


_split_along("vsplit", 0)
_split_along("hsplit", 1)
_split_along("dsplit", 2)


@pytorch()
def unbind(input: Any, dim: int = 0) -> Any:
    """The parts of a tensor along an axis, without this axis."""
    axis = existing_axis(dim, input.ndim)
    return tuple([part_of(input, axis, i) for i in range(input.shape[axis])])


@pytorch()
def narrow(input: Any, dim: int, start: Any, length: int) -> Any:
    """The part of a tensor along an axis from ``start``, of a length.

    Raises:
        IndexError: the part isn't inside the tensor.
    """
    if not input.ndim:
        raise RuntimeError("narrow takes a tensor with axes")
    axis = one_axis(dim, input.ndim)
    if isinstance(start, Recorded) and (start.ndim or rank_of(start.dtype) != 1):
        raise RuntimeError("a part starts at one whole number")
    start, size = int(start), input.shape[axis]
    if length < 0:
        raise RuntimeError("narrow takes a length of at least 0")
    if not -size <= start <= size:
        raise IndexError(f"an axis of length {size} has no element {start}")
    start = start + size if start < 0 else start
    if start + length > size:
        raise RuntimeError(f"an axis of length {size} has no part of length {length} from {start}")
    return part_of(input, axis, slice(start, start + length))


@pytorch()
def select(input: Any, dim: int, index: int) -> Any:
    """The part of a tensor at an index of an axis, without this axis.

    Raises:
        IndexError: there is no such axis, or no such index.
    """
    axis = existing_axis(dim, input.ndim)
    if not -input.shape[axis] <= index < input.shape[axis]:
        raise IndexError(f"an axis of length {input.shape[axis]} has no element {index}")
    return part_of(input, axis, int(index))


@pytorch(function=False)
def unfold(input: Any, dimension: int, size: int, step: int) -> Any:
    """The windows of a tensor along an axis; their elements are a new last axis."""
    import numpy as np

    if not input.ndim:
        return f.reshape(input, (1,))[:size]
    axis = one_axis(dimension, input.ndim)
    length = input.shape[axis]
    if size < 0 or size > length or step < 1:
        raise RuntimeError(f"an axis of length {length} has no windows of length {size} with steps of {step}")
    places = np.arange(0, length - size + 1, step)[:, None] + np.arange(size)

    def windows(array: Any) -> Any:
        memory = memory_of(array)
        offset = array.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
        shape, strides = list(array.shape), list(array.strides)
        shape[axis : axis + 1], strides[axis : axis + 1] = places.shape, [strides[axis] * step, strides[axis]]
        return np.ndarray(shape, array.dtype, memory.ravel("K"), offset, strides)

    return movedim(indexed_view(input, (*[slice(None)] * axis, places), windows), axis + 1, -1)
