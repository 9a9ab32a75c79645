"""PyTorch's functions of single elements: arithmetic with types, comparisons, logic, limits, rounding.

Floats are computed by the registry, whose functions have derivatives.  Whole numbers and truth values, which have
none, are computed by the array library.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from gradcli.eager.promotion import common_dtype, rank_of
from gradcli.eager.pytorch_names import METHODS, only_tensors, pytorch, tensor_of
from gradcli.eager.record import Recorded
from gradcli.eager.tensor_data import check_device, is_device
from gradcli.errors import CallError, ShapeError, UsageError
from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_of, common_backend

__all__ = ["arrays_of", "mixed", "of_whole_numbers", "same_type", "to"]

# ruff: noqa: A001, A002, A006, ARG001  (PyTorch's names, and options that have no effect here)

#: The functions of one whole number whose result is whole, too.
_WHOLE: Final = {"neg": "negative", "abs": "absolute", "sign": "sign", "square": "square"}
_UNCHANGED: Final = frozenset({"floor", "ceil", "round", "trunc"})
#: The operators of whole numbers.
_OPERATORS: Final = {"add": "add", "sub": "subtract", "mul": "multiply", "pow": "power", "mod": "remainder"}


def of_whole_numbers(primitive: Primitive, array: Any) -> Any:
    """Return the result of a function of one whole number if it is whole, too; else None.

    Raises:
        RuntimeError: a truth value has no sign.
    """
    if primitive.name in _UNCHANGED:
        return array
    if primitive.name == "relu":
        return backend_of(array).xp.maximum(array, 0)
    if primitive.name not in _WHOLE:
        return None
    if primitive.name == "neg" and rank_of(array.dtype) == 0:
        raise RuntimeError("truth values have no negative; use ~ or logical_not()")
    return backend_of(array).function(_WHOLE[primitive.name])(array)


def arrays_of(*operands: Any) -> list[Any]:
    """Return the arrays of tensors, and numbers and arrays as they are."""
    return [one._array if isinstance(one, Recorded) else one for one in operands]


def same_type(*operands: Any, dtype: Any = None) -> list[Any]:
    """Return operands as tensors and numbers of their common type."""
    arrays = arrays_of(*operands)
    wanted = common_dtype(arrays) if dtype is None else dtype
    return [
        to(one, wanted) if isinstance(one, Recorded) else one if isinstance(one, (int, float)) else one.astype(wanted)
        for one in operands
    ]


def mixed(primitive: Primitive, x: Any, y: Any) -> Any:
    """Apply an operator to operands of several types, or to whole numbers, by PyTorch's rules.

    Raises:
        RuntimeError: whole numbers are divided by 0, or truth values are subtracted.
    """
    if isinstance(x, Recorded) and isinstance(y, Recorded):  # the usual case: floats with axes, and whole numbers
        a, b = x._array, y._array
        ranks = rank_of(a.dtype), rank_of(b.dtype)
        if ranks == (2, 1) and a.shape:
            return x.apply(primitive, (x, _converted(y, a.dtype)))
        if ranks == (1, 2) and b.shape:
            return y.apply(primitive, (_converted(x, b.dtype), y))
    x, y = [one if isinstance(one, (Recorded, int, float)) else _as_array(one) for one in (x, y)]
    like = x if isinstance(x, Recorded) else y
    backend = common_backend(arrays_of(x, y))
    wanted = common_dtype(arrays_of(x, y))
    if primitive.name == "div" and rank_of(wanted) < 2:
        wanted = backend.default_dtype
    if rank_of(wanted) == 2:
        x, y = same_type(x, y, dtype=wanted)
        tensor = x if isinstance(x, Recorded) else y
        return tensor.apply(primitive, (float(x) if isinstance(x, int) else x, float(y) if isinstance(y, int) else y))
    a, b = [backend.astype(backend.xp.asarray(one), wanted) for one in arrays_of(x, y)]
    if primitive.name == "sub" and rank_of(wanted) == 0:
        raise RuntimeError("truth values can't be subtracted; use ^, logical_xor() or logical_not()")
    if primitive.name == "mod" and not bool((b != 0).all()):
        raise RuntimeError("whole numbers can't be divided by 0")
    if primitive.name == "pow" and not bool((b >= 0).all()):
        raise RuntimeError("a negative power of a whole number isn't whole; use floats")
    try:
        return tensor_of(backend.xp.asarray(getattr(backend.xp, _OPERATORS[primitive.name])(a, b)), like=like)
    except ValueError:
        raise misfit(primitive.name, a, b) from None


def _converted(whole: Any, dtype: Any) -> Any:
    array = whole._array
    backend = backend_of(array)
    return whole.of_array(backend.freeze(backend.astype(array, dtype)))


def misfit(name: str, *arrays: Any) -> ShapeError:
    """Return the error for arrays that don't broadcast."""
    shapes = " and ".join([str(tuple(array.shape)) for array in arrays if hasattr(array, "shape")])
    return ShapeError(f"shapes {shapes} don't broadcast in {name}")


def _as_array(operand: Any) -> Any:
    import numpy as np

    return operand if hasattr(operand, "dtype") else np.asarray(operand)


# Types


@pytorch("to", function=False)
def to(input: Any, *wanted: Any, dtype: Any = None, device: Any = None, copy: bool = False, **_: Any) -> Any:
    """Return the numbers in another type, given as ``"float32"``, as a type, or as a tensor of this type.

    A float that becomes a whole number passes no derivative on.  The only device is the processor.

    Raises:
        UsageError: there is no such device.
    """
    for one in wanted:
        if isinstance(one, Recorded):
            dtype = one._array.dtype
        elif is_device(one):
            device = one
        elif not isinstance(one, bool) and one is not None:
            dtype = one
    check_device(device)
    array = input._array
    backend = backend_of(array)
    kind = array.dtype if dtype is None else backend.dtype(dtype)
    if kind == array.dtype:
        return clone(input) if copy else input
    if rank_of(kind) == 2 and rank_of(array.dtype) == 2:
        return f.cast(input, kind)
    return tensor_of(backend.astype(array, kind), like=input)


def _conversion(name: str, dtype: str) -> None:
    def convert(input: Any, memory_format: Any = None) -> Any:
        return to(input, dtype)

    convert.__name__ = name
    convert.__doc__ = f"Return the numbers as {dtype}."
    pytorch(name, function=False)(convert)


for _name, _dtype in {
    "half": "float16", "float": "float32", "double": "float64", "bool": "bool", "byte": "uint8", "char": "int8",
    "short": "int16", "int": "int32", "long": "int64",
}.items():  # fmt: skip
    _conversion(_name, _dtype)


@pytorch("type", function=False)
def type_(input: Any, dtype: Any = None) -> Any:
    """Return the numbers in another type."""
    return str(input.dtype) if dtype is None else to(input, dtype)


@pytorch("type_as", function=False)
def type_as(input: Any, other: Any) -> Any:
    """Return the numbers in the type of another tensor."""
    return to(input, other)


@pytorch()
def clone(input: Any, *, memory_format: Any = None) -> Any:
    """Return a copy; the operation is recorded."""
    return f.copy(input)


@pytorch("conj", "resolve_conj", "resolve_neg")
def conj(input: Any) -> Any:
    """Return the tensor itself, because floats are their own conjugates."""
    return input


@pytorch("contiguous", function=False)
def contiguous(input: Any, memory_format: Any = None) -> Any:
    """Return the tensor in the usual order in memory."""
    array = input._array
    return input if getattr(array, "flags", None) is None or array.flags.c_contiguous else f.copy(input)


@pytorch("is_floating_point")
def is_floating_point(input: Any) -> bool:
    """Whether the elements are floats."""
    return rank_of(input.dtype) == 2


# Arithmetic


def _scaled(other: Any, alpha: Any) -> Any:
    return other if alpha == 1 else other * alpha


def _tensor_first(input: Any, other: Any) -> None:
    if not isinstance(input, Recorded) and not isinstance(other, Recorded):
        raise CallError("this function takes a tensor")


@pytorch()
def add(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """input + alpha other."""
    return input + _scaled(other, alpha)


@pytorch("sub", "subtract")
def sub(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """input - alpha other."""
    return input - _scaled(other, alpha)


@pytorch(method=False)
def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """other - alpha input."""
    only_tensors(input, name="rsub")
    return other - _scaled(input, alpha)


@pytorch("mul", "multiply")
def mul(input: Any, other: Any) -> Any:
    """The product."""
    return input * other


@pytorch("div", "divide", "true_divide")
def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """The quotient; rounded toward 0 with ``rounding_mode="trunc"``, down with ``"floor"``.

    Raises:
        UsageError: the rounding mode is unknown.
    """
    if rounding_mode is None:
        return input / other
    if rounding_mode == "floor":
        return _without_slope(floor_divide(input, other)._array, input, other)
    if rounding_mode != "trunc":
        raise UsageError(f"a quotient is rounded by 'floor' or 'trunc', not {rounding_mode!r}")
    a, b = arrays_of(input, other)
    if rank_of(common_dtype([a, b])) == 2:
        return trunc(input / other)
    down, xp = floor_divide(input, other), backend_of(a).xp
    is_rounded = (down._array * b != a) & ((a < 0) != (b < 0))  # exact for large numbers, which floats don't hold
    return tensor_of(xp.where(is_rounded, down._array + 1, down._array), like=down)


def _without_slope(array: Any, *operands: Any) -> Any:
    """A tensor with these numbers, whose derivative with respect to the operands is 0."""
    recorded = [one for one in operands if isinstance(one, Recorded) and one._order]
    like = next(one for one in operands if isinstance(one, Recorded))
    result = tensor_of(array, like=like)
    for one in recorded:
        result = f.where(backend_of(array).xp.ones(array.shape, dtype=bool), result, f.floor(one))
    return result


@pytorch("floor_divide", "__floordiv__")
def floor_divide(input: Any, other: Any) -> Any:
    """The quotient rounded down."""
    a, b = arrays_of(input, other)
    like = input if isinstance(input, Recorded) else other
    xp = backend_of(like._array).xp
    rank = rank_of(common_dtype([a, b]))
    if not rank:
        raise RuntimeError("truth values have no rounded quotient")
    if rank < 2 and bool((xp.asarray(b) == 0).any()):
        raise RuntimeError("whole numbers can't be divided by 0")
    return tensor_of(xp.floor_divide(a, b), like=like)


@pytorch("__rfloordiv__", function=False)
def _rfloordiv(input: Any, other: Any) -> Any:
    """The number divided by the tensor, rounded down."""
    return floor_divide(other, input)


@pytorch()
def remainder(input: Any, other: Any) -> Any:
    """The remainder, with the sign of ``other``."""
    if not isinstance(input, Recorded):
        only_tensors(other, name="remainder")
    return input % other


@pytorch()
def fmod(input: Any, other: Any) -> Any:
    """The remainder, with the sign of ``input``."""
    only_tensors(input, name="fmod")
    a, b = arrays_of(input, other)
    xp = backend_of(input._array).xp
    if rank_of(common_dtype([a, b])) < 2:
        if bool((xp.asarray(b) == 0).any()):
            raise RuntimeError("whole numbers can't be divided by 0")
        return tensor_of(xp.fmod(a, b), like=input)
    x, size = same_type(input, abs(other))
    return f.where(f.greater_equal(x, 0.0), f.mod(x, size), -f.mod(-x, size))


@pytorch()
def pow(input: Any, exponent: Any) -> Any:
    """The power."""
    _tensor_first(input, exponent)
    return input**exponent


@pytorch()
def float_power(input: Any, exponent: Any) -> Any:
    """The power of 64-bit floats."""
    return pow(*[to(one, "float64") if isinstance(one, Recorded) else one for one in (input, exponent)])


@pytorch("neg", "negative")
def neg(input: Any) -> Any:
    """The number with the other sign."""
    return -input


@pytorch()
def positive(input: Any) -> Any:
    """The tensor itself.

    Raises:
        RuntimeError: it holds truth values.
    """
    if rank_of(input.dtype) == 0:
        raise RuntimeError("truth values have no sign")
    return input


@pytorch()
def reciprocal(input: Any) -> Any:
    """1/x."""
    return 1.0 / input


@pytorch()
def rsqrt(input: Any) -> Any:
    """1/sqrt(x)."""
    return 1.0 / input.sqrt()


@pytorch("abs", "absolute")
def abs_(input: Any) -> Any:
    """The absolute value."""
    return abs(input)


@pytorch()
def lerp(input: Any, end: Any, weight: Any) -> Any:
    """input + weight (end - input)."""
    return input + weight * (end - input)


@pytorch()
def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Any:
    """input + value tensor1 tensor2."""
    return input + _scaled(tensor1 * tensor2, value)


@pytorch()
def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Any:
    """input + value tensor1 / tensor2."""
    return input + _scaled(tensor1 / tensor2, value)


@pytorch()
def deg2rad(input: Any) -> Any:
    """The angle in radians."""
    return input * (math.pi / 180.0)


@pytorch()
def rad2deg(input: Any) -> Any:
    """The angle in degrees."""
    return input * (180.0 / math.pi)


@pytorch()
def logit(input: Any, eps: float | None = None) -> Any:
    """log(x/(1 - x)), of x limited to [eps, 1 - eps]."""
    x = input if eps is None else clamp(input, eps, 1.0 - eps)
    return f.log(x) - f.log1p(-x)


@pytorch()
def ldexp(input: Any, other: Any) -> Any:
    """input 2^other."""
    only_tensors(input, other, name="ldexp")
    return input * 2.0**other


@pytorch("igamma", "special.gammainc")
def igamma(input: Any, other: Any) -> Any:
    """The regularised lower incomplete gamma function of a parameter and a number; it has a derivative by the number.

    >>> from gradcli import Tensor
    >>> Tensor(2.0).igamma(Tensor(1.0))
    tensor(0.26424112)
    """
    only_tensors(input, other, name="igamma")
    return f.gammainc(*same_type(input, other))


@pytorch("igammac", "special.gammaincc")
def igammac(input: Any, other: Any) -> Any:
    """The regularised upper incomplete gamma function, 1 - `igamma`."""
    only_tensors(input, other, name="igammac")
    return f.gammaincc(*same_type(input, other))


@pytorch()
def logaddexp2(input: Any, other: Any) -> Any:
    """log2(2^input + 2^other)."""
    return f.logaddexp(input * math.log(2.0), other * math.log(2.0)) / math.log(2.0)


@pytorch()
def copysign(input: Any, other: Any) -> Any:
    """The absolute value with the sign of ``other``."""
    (sign,) = arrays_of(other)
    xp = backend_of(input._array).xp
    signs = xp.copysign(xp.ones(input.shape, dtype=input.dtype if rank_of(input.dtype) == 2 else "float64"), sign)
    return abs(input) * _without_slope(signs, input, other)


# Rounding


@pytorch()
def round(input: Any, *, decimals: int = 0) -> Any:
    """The nearest whole number, or the nearest number with so many decimals; halves go to the even one."""
    if not decimals or rank_of(input.dtype) < 2:
        return REGISTRY["round"](input) if rank_of(input.dtype) == 2 else input
    scale = 10.0 ** abs(decimals)
    if decimals < 0:
        return REGISTRY["round"](input / scale) * scale
    return REGISTRY["round"](input * scale) / scale


@pytorch("trunc", "fix")
def trunc(input: Any) -> Any:
    """The whole part."""
    if rank_of(input.dtype) < 2:
        return input
    return f.where(input._array >= 0, f.floor(input), f.ceil(input))


@pytorch()
def frac(input: Any) -> Any:
    """The number without its whole part."""
    return input - trunc(input)


@pytorch("sign", "sgn")
def sign(input: Any) -> Any:
    """-1, 0 or 1."""
    return REGISTRY["sign"](input) if rank_of(input.dtype) == 2 else of_whole(REGISTRY["sign"], input)


def of_whole(primitive: Primitive, input: Any) -> Any:
    """Apply a function to whole numbers."""
    return tensor_of(of_whole_numbers(primitive, input._array), like=input)


# Limits


@pytorch("clamp", "clip")
def clamp(input: Any, min: Any = None, max: Any = None) -> Any:
    """The elements limited to a range.

    Raises:
        UsageError: neither limit is given.
    """
    if min is None and max is None:
        raise UsageError("clamp needs a least or a largest number")
    arrays = [one for one in arrays_of(input, min, max) if one is not None]
    wanted = common_dtype(arrays)
    if rank_of(wanted) < 2:
        xp = backend_of(input._array).xp
        array = arrays[0].astype(wanted)
        low, high = arrays_of(min, max)
        array = array if low is None else xp.maximum(array, low)
        return tensor_of(array if high is None else xp.minimum(array, high), like=input)
    input, *limits = same_type(input, -math.inf if min is None else min, math.inf if max is None else max, dtype=wanted)
    return REGISTRY["clip"](input, *limits)


@pytorch()
def clamp_min(input: Any, min: Any) -> Any:
    """The elements, but at least ``min``."""
    only_tensors(input, name="clamp_min")
    return clamp(input, min)


@pytorch()
def clamp_max(input: Any, max: Any) -> Any:
    """The elements, but at most ``max``."""
    only_tensors(input, name="clamp_max")
    return clamp(input, None, max)


def _extreme(name: str, word: str, array_name: str, *, skips_nan: bool = False) -> None:
    def extreme(input: Any, other: Any) -> Any:
        if not isinstance(other, Recorded):
            raise CallError(f"{word} takes two tensors")
        x, y = same_type(input, other)
        if rank_of(x.dtype) < 2:
            return tensor_of(getattr(backend_of(x._array).xp, array_name)(x._array, y._array), like=input)
        if skips_nan:
            a, b = x._array, y._array
            x, y = f.where(a == a, x, y), f.where(b == b, y, x)
        return REGISTRY[name](x, y)

    extreme.__name__ = word
    extreme.__doc__ = f"The {'larger' if name == 'max' else 'smaller'} element of each pair."
    pytorch(word)(extreme)


def maximum_of(name: str, input: Any, other: Any) -> Any:
    """The larger element of each pair (``"max"``), or the smaller (``"min"``)."""
    return METHODS["maximum" if name == "max" else "minimum"](input, other)


_extreme("max", "maximum", "maximum")
_extreme("min", "minimum", "minimum")
_extreme("max", "fmax", "fmax", skips_nan=True)
_extreme("min", "fmin", "fmin", skips_nan=True)


@pytorch()
def heaviside(input: Any, values: Any) -> Any:
    """0 below 0, 1 above, and ``values`` at 0.

    Raises:
        RuntimeError: the types differ.
    """
    if not isinstance(values, Recorded) or input.dtype != values.dtype:
        raise RuntimeError("heaviside takes two tensors of one type")
    return tensor_of(backend_of(input._array).xp.heaviside(input._array, values._array).astype(input.dtype), like=input)


@pytorch()
def nan_to_num(input: Any, nan: float | None = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    """The numbers, with other numbers in place of nan and infinities."""
    array = input._array
    xp = backend_of(array).xp
    if rank_of(input.dtype) < 2:
        return clone(input)
    limits = xp.finfo(array.dtype)
    result = f.where(array == array, input, 0.0 if nan is None else nan)
    result = f.where(array == math.inf, float(limits.max) if posinf is None else posinf, result)
    return f.where(array == -math.inf, float(limits.min) if neginf is None else neginf, result)


# Comparisons, and what is true of numbers


def _truth(name: str, array_name: str, about: str, *names: str) -> None:
    def compare(input: Any, other: Any) -> Any:
        if name.startswith("logical"):
            only_tensors(input, other, name=name)
        a, b = arrays_of(input, other)
        function = getattr(backend_of(a).xp, array_name)
        try:
            return tensor_of(function(a, b), like=input)
        except ValueError:
            raise misfit(name, a, b) from None

    compare.__name__ = name
    compare.__doc__ = about
    pytorch(name, *names)(compare)


for _name, _array_name, _also in (
    ("eq", "equal", ()), ("ne", "not_equal", ("not_equal",)), ("lt", "less", ("less",)),
    ("le", "less_equal", ("less_equal",)), ("gt", "greater", ("greater",)), ("ge", "greater_equal", ("greater_equal",)),
    ("logical_and", "logical_and", ()), ("logical_or", "logical_or", ()), ("logical_xor", "logical_xor", ()),
):  # fmt: skip
    _truth(_name, _array_name, f"Whether it is true of each pair: {_array_name.replace('_', ' ')}.", *_also)


@pytorch()
def equal(input: Any, other: Any) -> bool:
    """Whether two tensors have the same shape and equal elements."""
    return input.shape == other.shape and bool((input._array == other._array).all())


@pytorch()
def allclose(input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    """Whether all elements are nearly equal."""
    return bool(isclose(input, other, rtol, atol, equal_nan)._array.all())


@pytorch()
def isclose(input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether elements differ by at most ``atol + rtol |other|``.

    Raises:
        RuntimeError: the types differ, or a tolerance is negative.
    """
    if input.dtype != other.dtype:
        raise RuntimeError(f"tensors of types {input.dtype} and {other.dtype} can't be compared closely")
    if rtol < 0 or atol < 0:
        raise RuntimeError("a tolerance is at least 0")
    xp = backend_of(input._array).xp
    return tensor_of(xp.isclose(input._array, other._array, rtol, atol, equal_nan), like=input)


def _property(name: str, test: Callable[[Any, Any], Any], about: str) -> None:
    def has_property(input: Any) -> Any:
        array = input._array
        return tensor_of(test(backend_of(array).xp, array), like=input)

    has_property.__name__ = name
    has_property.__doc__ = about
    pytorch(name)(has_property)


for _name, _test in {
    "isnan": lambda xp, x: x != x,
    "isinf": lambda xp, x: xp.isinf(x),
    "isfinite": lambda xp, x: xp.isfinite(x),
    "isposinf": lambda xp, x: x == math.inf,
    "isneginf": lambda xp, x: x == -math.inf,
    "isreal": lambda xp, x: xp.ones(x.shape, dtype=bool),
    "signbit": lambda xp, x: xp.signbit(x) if rank_of(x.dtype) else xp.zeros(x.shape, dtype=bool),
    "logical_not": lambda xp, x: xp.logical_not(x),
}.items():
    _property(_name, _test, f"Whether it is true of each element: {_name}.")


def _bitwise(name: str, array_name: str, operator: str) -> None:
    def combine(input: Any, other: Any) -> Any:
        a, b = arrays_of(input, other)
        like = input if isinstance(input, Recorded) else other
        if rank_of(common_dtype([a, b])) == 2:
            raise RuntimeError(f"{name} takes whole numbers or truth values, not floats")
        try:
            return tensor_of(getattr(backend_of(like._array).xp, array_name)(a, b), like=like)
        except ValueError:
            raise misfit(name, a, b) from None

    combine.__name__ = name
    combine.__doc__ = f"The bits of two whole numbers combined: {operator}."
    pytorch(name)(combine)
    pytorch(f"__{operator}__", function=False)(combine)
    pytorch(f"__r{operator}__", function=False)(lambda input, other: combine(other, input))


_bitwise("bitwise_and", "bitwise_and", "and")
_bitwise("bitwise_or", "bitwise_or", "or")
_bitwise("bitwise_xor", "bitwise_xor", "xor")
_bitwise("bitwise_left_shift", "left_shift", "lshift")
_bitwise("bitwise_right_shift", "right_shift", "rshift")


@pytorch("bitwise_not", "__invert__")
def bitwise_not(input: Any) -> Any:
    """The bits of a whole number turned over; of a truth value, its opposite."""
    if rank_of(input.dtype) == 2:
        raise RuntimeError("bitwise_not takes whole numbers or truth values, not floats")
    return tensor_of(~input._array, like=input)


@pytorch()
def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """``input`` where the condition is true, else ``other``; of a condition alone, the indices where it is true."""
    if input is None and other is None:
        return tuple(tensor_of(one, like=condition) for one in condition._array.nonzero())
    if not isinstance(condition, Recorded):
        raise CallError("a condition is a tensor of truth values")
    x, y = same_type(input, other)
    if rank_of(common_dtype(arrays_of(x, y))) < 2:
        return tensor_of(backend_of(condition._array).xp.where(condition._array, *arrays_of(x, y)), like=condition)
    return f.where(condition, x, y)


@pytorch("where", function=False)
def _where_method(input: Any, condition: Any, other: Any) -> Any:
    """The elements where the condition is true, else ``other``."""
    return where(condition, input, other)


@pytorch()
def masked_fill(input: Any, mask: Any, value: Any) -> Any:
    """The elements, but a value where the mask is true; no derivative passes through these elements.

    Raises:
        RuntimeError: the value has axes, or the mask doesn't hold truth values.
    """
    if getattr(value, "shape", ()) != ():
        raise RuntimeError(f"masked_fill takes one number, not an array of shape {value.shape}")
    if rank_of(mask.dtype) != 0:
        raise RuntimeError("a mask holds truth values")
    if rank_of(input.dtype) < 2:
        xp = backend_of(input._array).xp
        return tensor_of(xp.where(mask._array, *arrays_of(value, input)).astype(input.dtype), like=input)
    return f.where(mask, to(value, input.dtype) if isinstance(value, Recorded) else value, input)
