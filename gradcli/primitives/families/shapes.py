"""Functions that move the elements of arrays without changing them: new shapes, parts, and joined arrays.

All of them are linear and come in pairs, in which each function is the derivative of the other: taking a part and
putting it into zeros, expanding an array and summing over the expanded axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from gradcli.errors import AxisError, ShapeError, UsageError
from gradcli.primitives.registry import compose, compose_for_expressions, define_array
from gradcli.primitives.registry import functions as f

Shape = Any
#: Declare a function that only moves elements; its vjp moves each of them back.
define_move = partial(define_array, reach="elements")


def whole_numbers(numbers: Any, what: str) -> tuple[int, ...]:
    """A shape, or a list of axes, from one number or several.

    Raises:
        UsageError: a member is not a whole number.

    >>> whole_numbers([2, 3.0], "shape"), whole_numbers(4, "shape")
    ((2, 3), (4,))
    """
    several = numbers if isinstance(numbers, (tuple, list)) else (numbers,)
    result = tuple([int(number) for number in several])
    if any(whole != number for whole, number in zip(result, several, strict=True)):
        raise UsageError(f"{what} {tuple(several)} contains a number that is not whole")
    return result


def canonical_axis(axis: Any, dimensions: int) -> Any:
    """An axis option in its canonical form: None, one number from 0, or several in a tuple.

    Raises:
        UsageError: an axis does not exist, or is named twice.

    >>> canonical_axis(-1, 3), canonical_axis((0, -1), 3), canonical_axis(None, 3)
    (2, (0, 2), None)
    """
    if axis is None:
        return None
    several = isinstance(axis, (tuple, list))
    axes = []
    for one in axis if several else (axis,):
        number = int(one)
        most = max(dimensions, 1)  # a number takes the axes 0 and -1, too
        if number != one or not -most <= number < most:
            raise AxisError(f"axis {one} does not exist in an array of {dimensions} dimensions")
        axes.append(number % most)
    if len(set(axes)) != len(axes):
        raise UsageError(f"axis={axis} names an axis twice")
    if not dimensions:
        return None
    return tuple(axes) if several else axes[0]


def one_axis(axis: Any, dimensions: int) -> int:
    """The number of one axis, counted from 0; an array without axes takes the axes 0 and -1, too.

    Raises:
        AxisError: the axis does not exist.
    """
    found = canonical_axis(whole_numbers(axis, "the axis"), dimensions)
    return found[0] if dimensions else 0


def _new_shape(x: Any, shape: Shape) -> dict[str, Any]:
    shape, size = whole_numbers(shape, "the shape"), math.prod(x.shape)
    known = math.prod([length for length in shape if length != -1])
    fits = known == size if -1 not in shape else shape.count(-1) == 1 and known and size % known == 0
    if not fits or min(shape, default=0) < -1:
        raise ShapeError(f"an array of shape {tuple(x.shape)} can't be reshaped to {shape}")
    return {"shape": tuple([size // known if length == -1 else length for length in shape])}


define_move(
    "reshape(x)",
    about="The same elements in another shape; one length may be -1 and is then computed from the others.",
    value=lambda backend, x, shape: x.reshape(shape),
    vjp=(lambda g, y, x, shape: g.reshape(x.shape),),
    prepare=_new_shape,
    options={"shape": (-1,)},
    example="reshape([1, 2, 3, 4], [2, 2])  # [[1.0, 2.0], [3.0, 4.0]]",
)


def _order_of_axes(x: Any, axes: Any) -> dict[str, Any]:
    dimensions = len(x.shape)
    if axes is None or axes == ():
        return {"axes": tuple(range(dimensions))[::-1]}
    order = tuple([axis % dimensions if dimensions else axis for axis in whole_numbers(axes, "the order of axes")])
    if sorted(order) != list(range(dimensions)):
        raise ShapeError(f"{tuple(axes)} isn't an order of the axes of an array of shape {tuple(x.shape)}")
    return {"axes": order}


define_move(
    "transpose(x)",
    about="The array with its axes in another order, by default reversed.",
    value=lambda backend, x, axes: backend.xp.transpose(x, axes),
    vjp=(lambda g, y, x, axes: f.transpose(g, sorted(range(len(axes)), key=axes.__getitem__)),),
    prepare=_order_of_axes,
    options={"axes": None},
    example="transpose([[1, 2], [3, 4]])  # [[1.0, 3.0], [2.0, 4.0]]",
)


define_move(
    "copy(x)",
    about="The same elements in an array of their own.",
    value=lambda backend, x: backend.xp.array(x),
    vjp=(lambda g, y, x: g,),
    internal=True,
)


def _expanded(x: Any, shape: Shape) -> dict[str, Any]:
    shape = whole_numbers(shape, "the shape")
    before = (1,) * (len(shape) - len(x.shape)) + tuple(x.shape)
    shape = tuple([old if new == -1 else new for old, new in zip(before, shape, strict=False)])
    if len(x.shape) > len(shape) or any(old not in (1, new) for old, new in zip(before, shape, strict=True)):
        raise ShapeError(f"an array of shape {tuple(x.shape)} can't be expanded to {shape}")
    return {"shape": shape}


define_move(
    "expand(x)",
    about="The array repeated, along axes of length 1 and along new axes in front, until it has the given shape.",
    value=lambda backend, x, shape: x if x.shape == shape else backend.xp.broadcast_to(x, shape),
    vjp=(lambda g, y, x, shape: f.sum_to(g, x.shape),),
    prepare=_expanded,
    options={"shape": ()},
    example="expand([1, 2], [2, 2])  # [[1.0, 2.0], [1.0, 2.0]]",
)


def _sum_to(backend: Any, x: Any, shape: Shape) -> Any:
    new = len(x.shape) - len(shape)
    axes = (*range(new), *(i for i, n in enumerate(shape, new) if n == 1 and x.shape[i] != 1))
    return backend.sum(x, axes, False).reshape(shape) if axes else x


define_move(
    "sum_to(x)",
    about="The sum of x over the axes along which broadcasting would repeat an array of the given shape.",
    value=_sum_to,
    vjp=(lambda g, y, x, shape: g,),
    internal=True,
    options={"shape": ()},
)


def _widths(x: Any, widths: Any, value: float) -> dict[str, Any]:
    dimensions = len(x.shape)
    if isinstance(widths, int):
        widths = ((widths, widths),) * dimensions
    pairs = tuple([(pair, pair) if isinstance(pair, int) else tuple(pair) for pair in widths])
    if len(pairs) != dimensions or any(len(pair) != 2 or min(pair) < 0 for pair in pairs):
        raise ShapeError(f"{widths} aren't widths before and after each axis of an array of shape {tuple(x.shape)}")
    return {"widths": pairs, "value": float(value)}


def _inside(x: Any, widths: Any) -> tuple[slice, ...]:
    return tuple([slice(before, before + length) for (before, _), length in zip(widths, x.shape, strict=True)])


define_move(
    "pad(x)",
    about="The array with a border of a constant value; its widths are (before, after) for each axis.",
    value=lambda backend, x, widths, value: backend.xp.pad(x, widths, constant_values=value),
    vjp=(lambda g, y, x, widths, value: f.index(g, _inside(x, widths)),),
    jvp=lambda tangents, y, x, widths, value: f.pad(tangents[0], widths),
    prepare=_widths,
    options={"widths": 0, "value": 0.0},
    example="pad([1, 2], 1)  # [0.0, 1.0, 2.0, 0.0]",
)


def canonical_key(x: Any, key: Any) -> dict[str, Any]:
    """The option ``key`` of an index in its canonical form: slices, numbers, arrays of whole numbers.

    Raises:
        IndexError: a mask doesn't fit the array, or a part of the index is something else.
        UsageError: a slice has steps of 0.
    """
    import numpy as np

    given = key if isinstance(key, tuple) else (key,)
    parts = [_canonical_part(part, np) for part in given]
    result: list[Any] = []
    axis = 0
    for i, part in enumerate(parts):
        if _is_mask(part):
            if tuple(x.shape[axis : axis + part.ndim]) != part.shape:
                raise IndexError(f"truth values of shape {part.shape} don't fit an array of shape {tuple(x.shape)}")
            result.extend(part.nonzero())
        elif _may_be_a_mask(given[i], part, x.shape[axis:]):
            raise IndexError(
                "these zeros and ones may be truth values, as a comparison gives them, or indices; write "
                "x[mask.detach().numpy() > 0], or give whole numbers as dtype='int64'"
            )
        else:
            result.append(part)
        axis = len(x.shape) - sum(map(_taken, parts[i + 1 :])) if part is Ellipsis else axis + _taken(part)
    if len(result) == len(x.shape) and all(part.__class__ is int for part in result):
        result.append(Ellipsis)  # so that NumPy gives a view of one element, not a copy of its number
    return {"key": tuple(result)}


def _canonical_part(part: Any, np: Any) -> Any:
    """A part of an index in canonical form: a slice, a number, or a NumPy array of whole numbers or truth values."""
    if isinstance(part, (slice, int)) or part is None or part is Ellipsis:
        if part.__class__ is slice and part.step.__class__ is int and not part.step:
            raise UsageError("a slice has no steps of 0")
        return part
    if getattr(part, "requires_grad", False):
        raise IndexError("an index has whole numbers, and no derivative; use detach() and a type of whole numbers")
    array = np.asarray(part.numpy() if hasattr(part, "numpy") else part)
    if array.dtype.kind == "f" and (array == np.floor(array)).all():
        array = array.astype(np.intp)
    if array.dtype.kind not in "iub":
        raise IndexError("an index is a whole number, a slice or an array of these")
    if not array.ndim:
        return array.item()
    return array if array.dtype == bool else array.astype(np.intp)


def _is_mask(part: Any) -> bool:
    """Whether this is an array of truth values."""
    return getattr(getattr(part, "dtype", None), "kind", "") == "b"


def _may_be_a_mask(given: Any, part: Any, lengths: tuple[int, ...]) -> bool:
    """Whether an index made of the floats 0 and 1 could be the result of a comparison with the array."""
    shape = getattr(part, "shape", ())
    if "float" not in str(getattr(given, "dtype", "")) or not shape or shape != tuple(lengths[: len(shape)]):
        return False
    return bool(((part == 0) | (part == 1)).all())


def _taken(part: Any) -> int:
    """The number of axes that a part of an index selects from."""
    if part is None or part is Ellipsis or isinstance(part, bool):
        return 0
    return int(part.ndim) if _is_mask(part) else 1


def _part(backend: Any, x: Any, key: Any) -> Any:
    try:
        return x[backend.key(key)]
    except (IndexError, ValueError) as error:
        raise IndexError(f"an array of shape {tuple(x.shape)}: {error}") from None


define_move(
    "index(x)",
    about="Elements or parts, given by numbers, slices, arrays of numbers, or arrays of truth values.",
    value=_part,
    vjp=(lambda g, y, x, key: f.scatter(g, x.shape, key),),
    prepare=canonical_key,
    options={"key": ()},
)

define_move(
    "scatter(x)",
    about="An array of zeros of a shape, with the elements added at an index.",
    value=lambda backend, x, shape, key: backend.scatter_add(shape, backend.key(key), x),
    vjp=(lambda g, y, x, shape, key: f.index(g, key),),
    internal=True,
    options={"shape": (), "key": ()},
)


def _axis_of_all(*arrays: Any, axis: int, stacking: bool = False) -> dict[str, Any]:
    dimensions = len(arrays[0].shape) + stacking
    if not dimensions:
        raise ShapeError("numbers are stacked, not joined")
    axis = one_axis(axis, dimensions)
    for array in arrays[1:]:
        first, other = list(arrays[0].shape), list(array.shape)
        if not stacking and len(first) == len(other):
            first[axis] = other[axis] = 0
        if first != other:
            doing = "stacked" if stacking else "joined"
            raise ShapeError(
                f"arrays of shapes {tuple(arrays[0].shape)} and {tuple(array.shape)} can't be {doing} along axis {axis}"
            )
    return {"axis": axis}


def _at(axis: int, part: Any) -> tuple[Any, ...]:
    return (*[slice(None)] * axis, part)


def _part_of_joined(position: int) -> Any:
    def vjp(g: Any, y: Any, *arrays: Any, axis: int) -> Any:
        start = sum([array.shape[axis] for array in arrays[:position]])
        return f.index(g, _at(axis, slice(start, start + arrays[position].shape[axis])))

    return vjp


def _tangents_or_zeros(tangents: Any, arrays: Any) -> list[Any]:
    return [0.0 * array if tangent is None else tangent for tangent, array in zip(tangents, arrays, strict=True)]


define_move(
    "cat(x, ...)",
    about="Arrays joined along an axis.",
    value=lambda backend, *arrays, axis: backend.xp.concatenate(arrays, axis=axis),
    vjp=_part_of_joined,
    jvp=lambda tangents, y, *arrays, axis: f.cat(_tangents_or_zeros(tangents, arrays), axis=axis),
    prepare=_axis_of_all,
    options={"axis": 0},
    example="cat([1, 2], [3])  # [1.0, 2.0, 3.0]",
)

define_move(
    "stack(x, ...)",
    about="Arrays of the same shape joined along a new axis.",
    value=lambda backend, *arrays, axis: backend.xp.stack(arrays, axis=axis),
    vjp=lambda position: lambda g, y, *arrays, axis: f.index(g, _at(axis, position)),
    jvp=lambda tangents, y, *arrays, axis: f.stack(_tangents_or_zeros(tangents, arrays), axis=axis),
    prepare=lambda *arrays, axis: _axis_of_all(*arrays, axis=axis, stacking=True),
    options={"axis": 0},
    example="stack([1, 2], [3, 4], axis=1)  # [[1.0, 3.0], [2.0, 4.0]]",
)


@compose
def split(x: Any, sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """The parts of an array along an axis, given the number of equal parts or their lengths.

    Raises:
        ValueError: the lengths don't add up to the length of the axis.

    >>> import numpy
    >>> [part.tolist() for part in split(numpy.array([1.0, 2.0, 3.0, 4.0]), 2)]
    [[1.0, 2.0], [3.0, 4.0]]
    """
    axis = one_axis(axis, len(x.shape))
    length = x.shape[axis]
    if isinstance(sections, int):
        if sections < 1 or length % sections:
            raise ShapeError(f"an axis of length {length} can't be split into {sections} equal parts")
        sections = [length // sections] * sections
    if sum(sections) != length or min(sections, default=0) < 0:
        raise ShapeError(f"parts of lengths {list(sections)} don't fill an axis of length {length}")
    starts = [sum(sections[:i]) for i in range(len(sections))]
    return [f.index(x, _at(axis, slice(start, start + n))) for start, n in zip(starts, sections, strict=True)]


@compose_for_expressions("squeeze([[1, 2]])  # [1.0, 2.0]")
def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """The array without its axes of length 1, or without some of them.

    Raises:
        ValueError: an axis to remove does not have the length 1.
    """
    dimensions = len(x.shape)
    axes = {i for i, length in enumerate(x.shape) if length == 1}
    if axis is not None:
        chosen = {one_axis(one, dimensions) for one in whole_numbers(axis, "the axis")}
        if not chosen <= axes:
            raise ShapeError(f"an array of shape {tuple(x.shape)} can't be squeezed along axis {axis}")
        axes = chosen
    return f.reshape(x, tuple([length for i, length in enumerate(x.shape) if i not in axes]))


@compose
def unsqueeze(x: Any, axis: int) -> Any:
    """The array with a new axis of length 1."""
    shape = list(x.shape)
    shape.insert(one_axis(axis, len(shape) + 1), 1)
    return f.reshape(x, tuple(shape))


@compose_for_expressions("flatten([[1, 2], [3, 4]])  # [1.0, 2.0, 3.0, 4.0]")
def flatten(x: Any, start: int = 0, end: int = -1) -> Any:
    """The array with the axes from ``start`` to ``end`` joined into one."""
    shape = tuple(x.shape) or (1,)
    start, end = one_axis(start, len(shape)), one_axis(end, len(shape))
    return f.reshape(x, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


@compose
def masked_fill(x: Any, mask: Any, value: Any) -> Any:
    """The array with a value wherever the mask is not 0; no derivative passes through these elements."""
    return f.where(mask, value, x)


@compose
def eye_like(x: Any, size: int) -> Any:
    """The identity matrix, in the library and type of an array."""
    from gradcli.primitives.backends import backend_of

    array = x.array if hasattr(x, "operand_rank") else x
    backend = backend_of(array)
    return backend.astype(backend.xp.eye(size), array.dtype)


def _cast(backend: Any, x: Any, dtype: Any) -> Any:
    kind = backend.dtype(dtype)
    if "float" not in str(kind):
        raise TypeError(f"a tensor can be cast to another type of floats, not to {kind}")
    return backend.astype(x, kind)


define_move(
    "cast(x)",
    about="The elements in another type of floats.",
    value=_cast,
    vjp=(lambda g, y, x, dtype: f.cast(g, x.dtype),),
    options={"dtype": "float64"},
)
