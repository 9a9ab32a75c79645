"""NumPy's functions that move, combine and choose elements of tensors, for `gradcli.primitives.numpy_calls`.

NumPy hands such a call over, as ``numpy.einsum("ij,j", A, x)`` in a function that is differentiated.  Arguments have
NumPy's names and meaning; where PyTorch has the function, too, the one under its name computes the result.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Sequence
from typing import Any

from gradcli.eager.pytorch_names import FUNCTIONS, METHODS, tensor_of
from gradcli.eager.record import Recorded
from gradcli.errors import CallError, ShapeError
from gradcli.primitives import functions as f
from gradcli.primitives.numpy_calls import ADAPTERS, array_of, at_axis

__all__ = ["tensors_of"]

Function = Callable[..., Any]


def numpys(*names: str) -> Callable[[Function], Function]:
    """Return a decorator that enters a function under NumPy's names."""

    def enter(function: Function) -> Function:
        ADAPTERS.update(dict.fromkeys(names, function))
        return function

    return enter


def tensors_of(*operands: Any) -> list[Any]:
    """Return operands as tensors; at least one of them is recorded."""
    arrays = list(map(array_of, operands))
    like = next(one for one in arrays if isinstance(one, Recorded))
    return [tensor_of(one, like=like) for one in arrays]


# Order, triangles and diagonals


@numpys("flipud")
def _flipud(m: Any) -> Any:
    return at_axis(array_of(m), 0, slice(None, None, -1))


@numpys("fliplr")
def _fliplr(m: Any) -> Any:
    return at_axis(array_of(m), 1, slice(None, None, -1))


@numpys("rot90")
def _rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    return FUNCTIONS["rot90"](*tensors_of(m), k, axes)


@numpys("rollaxis")
def _rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    array = array_of(a)
    first = axis % array.ndim
    place = start + array.ndim if start < 0 else start
    return FUNCTIONS["movedim"](array, first, place - 1 if first < place else place)


@numpys("tril")
def _tril(m: Any, k: int = 0) -> Any:
    return FUNCTIONS["tril"](*tensors_of(m), k)


@numpys("triu")
def _triu(m: Any, k: int = 0) -> Any:
    return FUNCTIONS["triu"](*tensors_of(m), k)


@numpys("diagonal")
def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return FUNCTIONS["diagonal"](*tensors_of(a), offset, axis1, axis2)


@numpys("diag")
def _diag(v: Any, k: int = 0) -> Any:
    return FUNCTIONS["diag"](*tensors_of(v), k)


@numpys("diagflat")
def _diagflat(v: Any, k: int = 0) -> Any:
    return FUNCTIONS["diagflat"](*tensors_of(v), k)


@numpys("trace")
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return f.sum(_diagonal(a, offset, axis1, axis2), axis=-1)


# Copies


@numpys("repeat")
def _repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    import numpy as np

    (array,) = tensors_of(a)
    if axis is None:
        array, axis = f.reshape(array, (-1,)), 0
    length = array.shape[axis]
    return at_axis(array, axis, np.repeat(np.arange(length), repeats))


@numpys("tile")
def _tile(A: Any, reps: Any) -> Any:  # noqa: N803  (NumPy's name)
    (array,) = tensors_of(A)
    counts = tuple(reps) if isinstance(reps, (list, tuple)) else (int(reps),)
    return METHODS["repeat"](array, (1,) * (array.ndim - len(counts)) + counts)


@numpys("atleast_2d")
def _at_least_2d(*arys: Any) -> Any:
    found = [f.reshape(one, (1,) * (2 - one.ndim) + one.shape) for one in tensors_of(*arys)]
    return found[0] if len(found) == 1 else tuple(found)


@numpys("atleast_3d")
def _at_least_3d(*arys: Any) -> Any:
    shapes = {0: (1, 1, 1), 1: (1, -1, 1)}
    found = [f.reshape(one, shapes.get(one.ndim, (*one.shape, 1)) if one.ndim < 3 else one.shape)
             for one in tensors_of(*arys)]  # fmt: skip
    return found[0] if len(found) == 1 else tuple(found)


@numpys("pad")
def _pad(array: Any, pad_width: Any, mode: str = "constant") -> Any:
    import numpy as np

    if mode != "constant":
        raise CallError(f"numpy.pad isn't differentiated for mode={mode!r}; gradcli.nn.functional.pad has modes")
    (x,) = tensors_of(array)
    return f.pad(x, tuple([(int(a), int(b)) for a, b in np.broadcast_to(pad_width, (x.ndim, 2))]))


# Products


@numpys("dot")
def _dot(a: Any, b: Any) -> Any:
    first, second = tensors_of(a, b)
    if not first.ndim or not second.ndim:
        return first * second
    if second.ndim <= 2:
        return f.matmul(first, second)
    return FUNCTIONS["tensordot"](first, second, ([first.ndim - 1], [second.ndim - 2]))


@numpys("inner")
def _inner(a: Any, b: Any) -> Any:
    first, second = tensors_of(a, b)
    if not first.ndim or not second.ndim:
        return first * second
    return FUNCTIONS["tensordot"](first, second, ([first.ndim - 1], [second.ndim - 1]))


@numpys("vdot")
def _vdot(a: Any, b: Any) -> Any:
    return _dot(*[f.reshape(one, (-1,)) for one in tensors_of(a, b)])


@numpys("tensordot")
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    first, second = tensors_of(a, b)
    if isinstance(axes, int):
        return FUNCTIONS["tensordot"](first, second, axes)
    lists = [list(one) if isinstance(one, (list, tuple)) else [int(one)] for one in axes]
    return FUNCTIONS["tensordot"](first, second, [[one % x.ndim for one in had] for had, x in
                                                  zip(lists, (first, second), strict=True)])  # fmt: skip


@numpys("kron")
def _kron(a: Any, b: Any) -> Any:
    return FUNCTIONS["kron"](*tensors_of(a, b))


@numpys("einsum")
def _einsum(*operands: Any, optimize: Any = False) -> Any:  # noqa: ARG001  (the order of sums changes no result)
    if isinstance(operands[0], str):
        return FUNCTIONS["einsum"](operands[0], *tensors_of(*operands[1:]))
    terms = [_letters(one) for one in operands[1::2]]
    output = ["->", _letters(operands[-1])] if len(operands) % 2 else []
    given = operands[: 2 * len(terms) : 2]
    return FUNCTIONS["einsum"]("".join([",".join(terms), *output]), *tensors_of(*given))


def _letters(places: Sequence[Any]) -> str:
    """Return the letters for a list of numbers of axes, which may have dots."""
    return "".join(["..." if one is Ellipsis else string.ascii_letters[one] for one in places])


@numpys("cross")
def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    places = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    first, second = [FUNCTIONS["movedim"](one, place, -1)
                     for one, place in zip(tensors_of(a, b), places, strict=False)]  # fmt: skip
    if first.shape[-1] != 3 or second.shape[-1] != 3:
        raise ShapeError("numpy.cross is differentiated for vectors of three elements")
    (x, y, z), (u, v, w) = [[at_axis(one, -1, i) for i in range(3)] for one in (first, second)]
    return f.stack([y * w - z * v, z * u - x * w, x * v - y * u], axis=places[2])


# Choices and other numbers


@numpys("select")
def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = f.where(condition, choice, result)
    return result


@numpys("partition")
def _partition(a: Any, kth: Any, axis: int = -1) -> Any:
    import numpy as np

    (array,) = tensors_of(a)
    order = np.argpartition(np.asarray(array.detach()), kth, axis)
    return FUNCTIONS["take_along_dim"](array, tensor_of(order, like=array), axis)


@numpys("nan_to_num")
def _nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:  # noqa: ARG001
    return FUNCTIONS["nan_to_num"](*tensors_of(x), nan, posinf, neginf)


@numpys("imag")
def _imag(val: Any) -> Any:
    return 0.0 * f.sign(array_of(val))


@numpys("linspace")
def _linspace(start: Any, stop: Any, num: int = 50) -> Any:
    import numpy as np

    first, last = tensors_of(start, stop)
    places = np.linspace(0.0, 1.0, num).reshape(-1, *[1] * max(first.ndim, last.ndim))
    return first * (1.0 - places) + last * places


@numpys("gradient")
def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    (array,) = tensors_of(f)
    axes = list(range(array.ndim)) if axis is None else list(axis) if isinstance(axis, (list, tuple)) else [axis]
    steps = list(varargs) * len(axes) if len(varargs) == 1 else list(varargs) or [1.0] * len(axes)
    if len(steps) != len(axes) or edge_order != 1 or any(getattr(one, "shape", ()) for one in steps):
        raise CallError("numpy.gradient is differentiated for equal steps, one for each axis, and edge_order=1")
    found = [_slope(array, one, step) for one, step in zip(axes, steps, strict=True)]
    return found[0] if len(found) == 1 else tuple(found)


def _slope(array: Any, axis: int, step: Any) -> Any:
    """Return the difference quotients along an axis: of both neighbours inside, of one at the ends."""

    def part(start: int | None, stop: int | None) -> Any:
        return at_axis(array, axis, slice(start, stop))

    if array.shape[axis] < 2:
        raise ShapeError("a difference quotient takes at least two elements")
    inside = (part(2, None) - part(None, -2)) * 0.5
    return f.cat([part(1, 2) - part(0, 1), inside, part(-1, None) - part(-2, -1)], axis=axis % array.ndim) / step


def _turned(z: Any, deg: bool = False) -> Any:
    """The angle of real numbers in the complex plane: 0, or a half turn for those below 0."""
    half = 180.0 if deg else math.pi
    return f.where(f.less(array_of(z), 0.0), half, 0.0 * f.sign(array_of(z)))


ADAPTERS["angle"] = _turned
