"""Reductions of arrays: sums, moments, extremes and the functions built on the exponential.

``axis`` is None for all axes, a number or several; ``keepdims`` leaves the reduced axes with length 1.  A rule may
return a cotangent in a smaller shape that broadcasts to the operand's shape; it is expanded only if the whole array is
needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from gradcli.errors import ShapeError, UsageError
from gradcli.primitives.declared import Edge, Rule, SmoothPower, locally_constant
from gradcli.primitives.families.shapes import canonical_axis
from gradcli.primitives.registry import compose_for_expressions, define_array
from gradcli.primitives.registry import functions as f

Axis = Any


def canonical(x: Any, axis: Axis, keepdims: Any, **options: Any) -> dict[str, Any]:
    """The options of a reduction in their canonical form."""
    if axis is None and keepdims is False and not options:
        return WHOLE
    numbers = {name: float(value) for name, value in options.items()}
    return {"axis": canonical_axis(axis, len(x.shape)), "keepdims": bool(keepdims), **numbers}


#: The options for reducing a whole array.
WHOLE: Final[dict[str, Any]] = {"axis": None, "keepdims": False}
#: Declare a function of the elements along some axes, or of all elements.
define_over_axes = partial(define_array, prepare=canonical, options=WHOLE)


def canonical_of_some(x: Any, axis: Axis, keepdims: Any, **options: Any) -> dict[str, Any]:
    """The canonical options of a reduction that needs at least one element."""
    result = canonical(x, axis, keepdims, **options)
    if not count(x.shape, result["axis"]):
        raise ShapeError(f"an array of shape {tuple(x.shape)} has no elements")
    return result


def kept(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape with length 1 for each reduced axis."""
    if axis is None:
        return (1,) * len(shape)
    axes = axis if isinstance(axis, tuple) else (axis,)
    return tuple([1 if i in axes else length for i, length in enumerate(shape)])


def count(shape: tuple[int, ...], axis: Axis) -> int:
    """The number of elements that are reduced to one."""
    if axis is None:
        return math.prod(shape)
    return math.prod([shape[i] for i in (axis if isinstance(axis, tuple) else (axis,))])


def spread(reduced: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """The reduced array in a shape that broadcasts against the operand."""
    if keepdims or axis is None:
        return reduced
    return reduced.reshape(kept(x.shape, axis))


def define_reduction(
    name: str,
    about: str,
    value: Any,
    slope: Any,
    *,
    chooses: bool = False,
    example: str | None = None,
    edges: Sequence[Edge] = (),
    smooth_slope: Any = None,
    **options: Any,
) -> None:
    """Declare a reduction whose derivative is ``slope(output, operand, axis)``.

    The output is first broadcast to the shape of the operand.  If a reduction chooses elements, the others receive
    exactly 0, even where 0 times infinity would be nan.
    A reduction whose square is smooth has a ``smooth_slope``: the slope times the output, in a form without the kink.
    """

    def rules(slope: Any) -> tuple[Rule, Rule]:
        def times_slope(moved: Any, y: Any, x: Any, axis: Axis, keepdims: bool, **options: Any) -> Any:
            factor = slope(spread(y, x, axis, keepdims), x, axis, **options)
            return f.where(f.equal(factor, 0.0), 0.0, moved * factor) if chooses else moved * factor

        def vjp(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool, **options: Any) -> Any:
            return times_slope(spread(g, x, axis, keepdims), y, x, axis, keepdims, **options)

        def jvp(tangents: Any, y: Any, x: Any, axis: Axis, keepdims: bool, **options: Any) -> Any:
            return f.sum(times_slope(tangents[0], y, x, axis, keepdims, **options), axis=axis, keepdims=keepdims)

        return vjp, jvp

    vjp, jvp = rules(slope)
    define_over_axes(
        f"{name}(x)",
        about=about,
        value=value,
        vjp=(vjp,),
        jvp=jvp,
        reach="chosen" if chooses else "reduced",
        prepare=canonical_of_some if chooses else canonical,
        options={**WHOLE, **options},
        example=example,
        edges=edges,
        smooth_power=None if smooth_slope is None else SmoothPower(2, *rules(smooth_slope)),
    )


define_over_axes(
    "sum(x)",
    about="The sum of the elements.",
    value=lambda backend, x, axis, keepdims: backend.sum(x, axis, keepdims),
    vjp=(lambda g, y, x, axis, keepdims: spread(g, x, axis, keepdims),),
    reach="reduced",
    example="sum([[1, 2], [3, 4]], 0)  # [4.0, 6.0]",
)


def _bytes(x: Any) -> int:
    """The number of bytes of one element."""
    return getattr(x.dtype, "itemsize", None) or x.dtype.size  # type: ignore[no-any-return]


def in_single(value: Any) -> Any:
    """Compute in 32 bits if the elements have 16, since a sum of many 16-bit numbers overflows or loses its digits."""

    def widened(backend: Any, x: Any, *options: Any, **named: Any) -> Any:
        if _bytes(x) != 2:
            return value(backend, x, *options, **named)
        result = value(backend, backend.astype(x, backend.dtype("float32")), *options, **named)
        return backend.astype(result, x.dtype)

    return widened


@in_single
def _mean(backend: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    size = x.size if axis is None else count(x.shape, axis)
    return backend.sum(x, axis, keepdims) * (1.0 / size if size else math.nan)


define_over_axes(
    "mean(x)",
    about="The arithmetic mean of the elements.",
    value=_mean,
    vjp=(lambda g, y, x, axis, keepdims: spread(g, x, axis, keepdims) * (1.0 / max(1, count(x.shape, axis))),),
    reach="reduced",
    example="mean([1, 2, 6])  # 3.0",
)


def _weight(x: Any, axis: Axis, correction: float) -> float:
    """1/(n - correction) as in PyTorch; infinite if n isn't above the correction."""
    left = max(0.0, count(x.shape, axis) - correction)
    return 1.0 / left if left else math.inf


def _deviation(x: Any, axis: Axis) -> Any:
    return x - f.mean(x, axis=axis, keepdims=True)


@in_single
def _var(backend: Any, x: Any, axis: Axis, keepdims: bool, correction: float) -> Any:
    if not count(x.shape, axis):
        return _mean(backend, x, axis, keepdims)
    centred = x - _mean(backend, x, axis, True)
    return backend.sum(centred * centred, axis, keepdims) * _weight(x, axis, correction)


@in_single
def _std(backend: Any, x: Any, axis: Axis, keepdims: bool, correction: float) -> Any:
    """The standard deviation, computed by the norm, which neither overflows nor underflows."""
    if not count(x.shape, axis):
        return _mean(backend, x, axis, keepdims)
    length = _euclidean(backend, x - _mean(backend, x, axis, True), axis, keepdims)
    return length * math.sqrt(_weight(x, axis, correction))


define_reduction(
    "var",
    "The variance of the elements; ``correction=1`` divides by n - 1, ``correction=0`` by n.",
    _var,
    lambda y, x, axis, correction: _deviation(x, axis) * (2.0 * _weight(x, axis, correction)),
    correction=1,
    example="var([1, 2, 3])  # 1.0",
)

define_reduction(
    "std",
    "The standard deviation of the elements; its derivative is 0 where all are equal.",
    _std,
    lambda y, x, axis, correction: _ratio(_deviation(x, axis) * _weight(x, axis, correction), y),
    smooth_slope=lambda y, x, axis, correction: _deviation(x, axis) * _weight(x, axis, correction),
    correction=1,
    example="std([1, 1, 4, 4], correction=0)  # 1.5",
    edges=[
        Edge(
            "equal elements",
            "kink",
            lambda x, **options: f.equal(f.std(x, **options), 0.0),
            "the standard deviation has a kink where all elements are equal; 0 is its subgradient of least norm",
        )
    ],
)


def _ratio(x: Any, y: Any) -> Any:
    """x/y, but exactly 0 where y is 0."""
    return f.where(f.equal(y, 0.0), 0.0, x / y)


#: Bytes of a float -> the lengths between which no square that matters leaves the range of such floats.
_SQUARES: Final = {8: (1e-140, 1e140), 4: (1e-15, 1e15)}


@in_single
def _euclidean(backend: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    xp = backend.xp
    plain = xp.sqrt(backend.sum(x * x, axis, keepdims))
    low, high = _SQUARES[_bytes(x)]
    if not x.size or bool(((plain > low) & (plain < high)).all()):
        return plain
    # Some squares leave the range of the type, so divide by the largest element first.
    largest = xp.max(xp.abs(x), axis=axis, keepdims=True)
    scale = xp.where((largest > 0.0) & (largest < math.inf), largest, 1.0)
    ratio = x / scale
    length = xp.sqrt(backend.sum(ratio * ratio, axis, True)) * scale
    return length if keepdims else length.reshape(plain.shape)


define_reduction(
    "euclidean_norm",
    "The square root of the sum of the squares; its derivative at 0 is 0, the subgradient of least norm.",
    _euclidean,
    lambda y, x, axis: _ratio(x, y),
    smooth_slope=lambda y, x, axis: x,
)


@in_single
def _power_norm(backend: Any, x: Any, axis: Axis, keepdims: bool, order: float) -> Any:
    xp = backend.xp
    size = xp.abs(x)
    if not x.size:
        return backend.sum(size, axis, keepdims)
    # Powers leave the range of the type long before the norm does, so divide by the largest element first.
    largest = xp.max(size, axis=axis, keepdims=True)
    scale = xp.where((largest > 0.0) & (largest < math.inf), largest, 1.0)
    length = backend.sum((size / scale) ** order, axis, True) ** (1.0 / order) * scale
    return length if keepdims else length.reshape(backend.sum(size, axis, False).shape)


def _power_slope(y: Any, x: Any, axis: Axis, order: float) -> Any:
    """The slope of |x|^p, but 0 for x = 0, where the power may have an infinite slope."""
    is_zero = f.equal(x, 0.0)
    size = f.where(is_zero, 1.0, f.abs(x))
    return f.where(is_zero, 0.0, f.sign(x) * _ratio(size, y) ** (order - 1.0))


define_reduction(
    "power_norm",
    "The p-th root of the sum of the p-th powers of absolute values; its derivative at 0 is 0.",
    _power_norm,
    _power_slope,
    order=3.0,
)


@compose_for_expressions(
    "norm([3, -4])  # 5.0",
    [
        Edge(
            "x = 0",
            "kink",
            lambda x, **options: f.equal(f.norm(x, **options), 0.0),
            "a norm has a kink at 0; 0 is its subgradient of least norm",
        )
    ],
)
def norm(x: Any, ord: float = 2, axis: Axis = None, keepdims: bool = False) -> Any:  # noqa: A002  (NumPy's name)
    """The p-norm of the elements, by default the Euclidean one; ``ord`` may be any p > 0, or infinity.

    >>> import numpy
    >>> norm(numpy.array([3.0, -4.0])), norm(numpy.array([3.0, -4.0]), ord=1), norm(numpy.array([3.0, -4.0]), math.inf)
    (np.float64(5.0), np.float64(7.0), np.float64(4.0))
    """
    if ord == 2:
        return f.euclidean_norm(x, axis=axis, keepdims=keepdims)
    if ord == math.inf:
        return f.max(f.abs(x), axis=axis, keepdims=keepdims)
    if not ord > 0:
        raise UsageError(f"a norm has an order above 0, not {ord}")
    if ord == 1:
        return f.sum(f.abs(x), axis=axis, keepdims=keepdims)
    return f.power_norm(x, axis=axis, keepdims=keepdims, order=ord)


def _others(y: Any, x: Any, axis: Axis) -> Any:
    """For each element, the product of the other elements."""
    if _is_divisible(y):
        return y / x
    dimensions = len(x.shape)
    axes = tuple(range(dimensions)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    order = [*(i for i in range(dimensions) if i not in axes), *axes]
    lengths = [x.shape[i] for i in order]
    flat = f.transpose(x, order).reshape(*lengths[: dimensions - len(axes)], count(x.shape, axes))
    back = sorted(range(dimensions), key=order.__getitem__)
    return f.transpose(_products_of_others(flat).reshape(tuple(lengths)), back)


#: Bytes of a float -> a number that is still far above the smallest one with all digits.
_SMALLEST: Final = {8: 1e-280, 4: 1e-30, 2: 1e-2}


def _is_divisible(y: Any) -> bool:
    """Whether products may be divided by their factors: none is 0, infinite, or so small that it has lost digits.

    If this is true of the products, it is true of their factors, too.
    """
    size = abs(y.array if hasattr(y, "operand_rank") else y)
    return not size.size or bool(((size > _SMALLEST[_bytes(size)]) & (size < math.inf)).all())


def _products_of_others(x: Any) -> Any:
    """For each element, the product of the others along the last axis, computed by a tree of products."""
    *rest, size = x.shape
    if size == 1:
        return f.expand(f.eye_like(x, 1).reshape(1), x.shape)
    if size % 2:
        x = f.pad(x, (*[(0, 0)] * len(rest), (0, 1)), 1.0)
    pairs = x.reshape(*rest, (size + 1) // 2, 2)
    other, one = f.index(pairs, (..., 0)), f.index(pairs, (..., 1))
    beyond = _products_of_others(other * one)
    both = f.stack([one * beyond, other * beyond], axis=-1)
    return f.index(both.reshape(*x.shape), (..., slice(0, size)))


define_reduction(
    "prod",
    "The product of the elements.",
    lambda backend, x, axis, keepdims: backend.product(x, axis, keepdims),
    _others,
    example="prod([2, 3, 4])  # 24.0",
)


def _chosen(y: Any, x: Any, axis: Axis) -> Any:
    """The weight of each element in the derivative of an extreme.

    Equal extremes share the weight; a nan takes all of it.
    """
    is_it = f.equal(x, y)
    share = f.where(f.equal(y, y), 1.0 / f.sum(is_it, axis=axis, keepdims=True), y)
    return f.where(f.logical_or(is_it, f.not_equal(y, y)), share, 0.0)


def _define_extreme(name: str, about: str, example: str) -> None:
    def is_shared(x: Any, axis: Axis, keepdims: bool) -> Any:
        extreme = getattr(f, name)(x, axis=axis, keepdims=True)
        return f.greater(f.sum(f.equal(x, extreme), axis=axis, keepdims=keepdims), 1.0)

    define_reduction(
        name,
        about,
        lambda backend, x, axis, keepdims: getattr(backend.xp, name)(x, axis=axis, keepdims=keepdims),
        _chosen,
        chooses=True,
        example=example,
        edges=[
            Edge(
                "equal elements",
                "kink",
                is_shared,
                f"{name} has a kink where several elements are equal to it: these elements share the derivative, which "
                f"is the choice of least norm",
            )
        ],
    )


_define_extreme(
    "max",
    "The largest element; equal largest elements share the derivative.",
    "max([[1, 2], [3, 0]], axis=0)  # [3.0, 2.0]",
)
_define_extreme("min", "The smallest element; equal smallest elements share the derivative.", "min([3, 1, 2])  # 1.0")


def _define_position(name: str, about: str, example: str) -> None:
    define_over_axes(
        f"{name}(x)",
        about=about,
        value=lambda backend, x, axis, keepdims: getattr(backend.xp, name)(x, axis=axis, keepdims=keepdims),
        vjp=locally_constant,
        prepare=canonical_of_some,
        example=example,
    )


_define_position("argmax", "The index of the first largest element.", "argmax([3, 1, 2])  # 0.0")
_define_position("argmin", "The index of the first smallest element.", "argmin([3, 1, 2])  # 1.0")


@in_single
def _logsumexp(backend: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    xp = backend.xp
    if not count(x.shape, axis):  # the logarithm of an empty sum
        return xp.log(backend.sum(x, axis, keepdims))
    held = _held(backend, x, axis)
    total = xp.log(backend.sum(xp.exp(x - held), axis, True)) + held
    return total if keepdims else xp.squeeze(total, axis)


def _held(backend: Any, x: Any, axis: Axis) -> Any:
    """The largest element if it is finite, else 0."""
    largest = backend.xp.max(x, axis=axis, keepdims=True)
    return backend.xp.where(backend.xp.abs(largest) < math.inf, largest, 0.0)


def _shares(y: Any, x: Any, axis: Axis) -> Any:
    """The derivative of y = logsumexp(x), computed as softmax(x): the formula exp(x - y) loses digits.

    Infinite elements have equal shares; if all are -inf, all shares are 0.
    """
    is_infinite = f.equal(x, math.inf)
    share = is_infinite / f.max(f.sum(is_infinite, axis=axis, keepdims=True), 1.0)
    return f.where(f.equal(f.abs(y), math.inf), share, f.softmax(x, axis=axis))


define_reduction(
    "logsumexp",
    "log(sum(exp(x))), without overflow.",
    _logsumexp,
    _shares,
    example="logsumexp([1000, 1000])  # 1000.6931471805599",
)


@in_single
def _softmax(backend: Any, x: Any, axis: Axis) -> Any:
    if not count(x.shape, axis):
        return x
    powers = backend.xp.exp(x - backend.xp.max(x, axis=axis, keepdims=True))
    return powers / backend.sum(powers, axis, True)


def _one_axis(x: Any, axis: Axis) -> dict[str, Any]:
    return {"axis": canonical_axis(axis, len(x.shape))}


#: Declare a function that mixes the elements along one axis.
define_along_axis = partial(define_array, reach="axis", prepare=_one_axis, options={"axis": -1})


def _softmax_rule(g: Any, y: Any, x: Any, axis: Axis) -> Any:
    return y * (g - f.sum(g * y, axis=axis, keepdims=True))


define_along_axis(
    "softmax(x)",
    about="exp(x) divided by its sum along an axis.",
    value=_softmax,
    vjp=(_softmax_rule,),
    jvp=lambda tangents, y, x, axis: _softmax_rule(tangents[0], y, x, axis),
    example="softmax([0, log(3)])  # [0.25, 0.75]",
)


@in_single
def _log_softmax(backend: Any, x: Any, axis: Axis) -> Any:
    if not count(x.shape, axis):
        return x
    shifted = x - _held(backend, x, axis)
    return shifted - backend.xp.log(backend.sum(backend.xp.exp(shifted), axis, True))


define_along_axis(
    "log_softmax(x)",
    about="The logarithm of softmax, without overflow.",
    value=_log_softmax,
    vjp=(lambda g, y, x, axis: g - f.exp(y) * f.sum(g, axis=axis, keepdims=True),),
    jvp=lambda tangents, y, x, axis: tangents[0] - f.sum(f.exp(y) * tangents[0], axis=axis, keepdims=True),
    example="log_softmax([1000, 1000])  # [-0.6931471805599453, -0.6931471805599453]",
)


def _direction(x: Any, axis: Axis, reverse: Any) -> dict[str, Any]:
    if isinstance(axis, (tuple, list)) or (axis is None and len(x.shape)):
        raise UsageError(f"a running sum goes along one axis, not {axis}")
    return {**_one_axis(x, axis), "reverse": bool(reverse)}


def _running_sum(backend: Any, x: Any, axis: int | None, reverse: bool) -> Any:
    if axis is None:
        return x
    flip = tuple([slice(None)] * axis + [slice(None, None, -1)])
    return backend.running_sum(x[flip], axis)[flip] if reverse else backend.running_sum(x, axis)


define_array(
    "cumsum(x)",
    about="The running sum along an axis, from the end if ``reverse``.",
    value=_running_sum,
    vjp=(lambda g, y, x, axis, reverse: f.cumsum(g, axis=axis, reverse=not reverse),),
    reach="elements",
    prepare=_direction,
    options={"axis": -1, "reverse": False},
    example="cumsum([1, 2, 3])  # [1.0, 3.0, 6.0]",
)
