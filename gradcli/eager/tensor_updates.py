"""PyTorch's methods that change a tensor in place: the operators ``+=``, ``x[key] = value``, and names that end in _.

A leaf that requires a gradient is changed under `no_grad` or through its ``data``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from gradcli.eager.hooks import HOOKED
from gradcli.eager.promotion import rank_of
from gradcli.eager.pytorch_names import METHODS, pytorch, tensor_of
from gradcli.eager.record import CLOCK, MODE, Recorded
from gradcli.eager.storage import memory_of, shares_memory, write
from gradcli.eager.tensor_elements import to
from gradcli.eager.tensor_indexing import assigned, in_pytorchs_order
from gradcli.eager.tensor_views import RECORDED, changed_part, links_of, recall, refresh
from gradcli.errors import ShapeError, UsageError
from gradcli.primitives import functions as f
from gradcli.primitives.backends import backend_of
from gradcli.primitives.families.shapes import canonical_key

__all__ = ["change", "updates_of"]

# ruff: noqa: A002, ARG001  (PyTorch's names, and options that have no effect here)

#: The methods that have a twin whose name ends in _.
_IN_PLACE: Final = [
    "abs", "absolute", "acos", "acosh", "add", "addcdiv", "addcmul", "addmm", "addmv", "addbmm", "addr", "baddbmm",
    "asin", "asinh", "atan", "atan2", "atanh", "bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or",
    "bitwise_right_shift", "bitwise_xor", "ceil", "clamp", "clamp_max", "clamp_min", "clip", "copysign", "cos",
    "cosh", "cumprod", "cumsum", "deg2rad", "digamma", "div", "divide", "eq", "erf", "erfc",
    "exp", "exp2", "expm1", "fix", "float_power", "floor", "floor_divide", "fmod", "frac", "ge", "greater",
    "greater_equal", "gt", "heaviside", "hypot", "index_add", "index_copy", "index_fill", "index_put", "ldexp",
    "le", "lerp", "less", "less_equal", "lgamma", "log", "log10", "log1p", "log2", "logical_and", "logical_not",
    "logical_or", "logical_xor", "logit", "lt", "masked_fill", "masked_scatter", "mul", "multiply", "nan_to_num",
    "ne", "neg", "negative", "not_equal", "polygamma", "pow", "put", "rad2deg", "reciprocal", "relu", "remainder",
    "renorm", "round", "rsqrt", "scatter", "scatter_add", "scatter_reduce", "sgn", "sigmoid", "sign", "sin", "sinc",
    "sinh", "sqrt", "square", "sub", "subtract", "tan", "tanh", "tril", "triu", "true_divide", "trunc", "xlogy",
]  # fmt: skip
_OPERATORS: Final = {
    "__iadd__": "add", "__isub__": "sub", "__imul__": "mul", "__itruediv__": "div", "__ipow__": "pow",
    "__imod__": "remainder", "__ifloordiv__": "floor_divide", "__iand__": "bitwise_and", "__ior__": "bitwise_or",
    "__ixor__": "bitwise_xor", "__ilshift__": "bitwise_left_shift", "__irshift__": "bitwise_right_shift",
}  # fmt: skip


def change(tensor: Any, result_of: Callable[[Any], Any]) -> Any:
    """Change a tensor in place, and return it.

    Args:
        tensor: the tensor.
        result_of: a function of the tensor as it was that returns the new numbers; while operations are recorded, the
            tensor becomes the result of the operation.

    Raises:
        RuntimeError: the tensor is a leaf that requires a gradient, or a view of a recorded tensor that isn't a part of
            it; the result has another shape, or a type that doesn't fit.
    """
    if not MODE.recording:
        return _written(tensor, result_of(tensor))
    whole, links = links_of(tensor)
    if whole._order < 0:
        raise RuntimeError(
            "a leaf that requires a gradient can't be changed in place; do it under no_grad() or on its data"
        )
    if whole._order and any(one is not None and shares_memory(one._array, whole._array) for one in whole._made_by[1]):
        raise RuntimeError("this view of a recorded tensor can't be changed in place; change a clone() of it")
    if not whole._order:  # then all its parts are constants, too, until a recorded operation changes one of them
        result = result_of(_as_it_was(tensor))
        if not links or not result._order:
            return _written(tensor, result)
        result_of = _constantly(result)
    if not links:
        return _written(tensor, result_of(_as_it_was(tensor)))
    before = _as_it_was(whole)
    part, places = changed_part(before, links, result_of)
    flat = assigned(f.reshape(before, (-1,)), (places.reshape(-1),), f.reshape(_fitting(part, tensor), (-1,)))
    _written(whole, f.reshape(flat, whole.shape))
    recall(links)
    return tensor


def _constantly(result: Any) -> Callable[[Any], Any]:
    return lambda _: result


def _as_it_was(tensor: Any) -> Any:
    """Return a tensor with a copy of the numbers and the same record, in place of one that is about to change."""
    backend = backend_of(tensor._array)
    before = tensor.of_array(backend.freeze(backend.xp.array(tensor._array)))
    before._order, before._made_by = tensor._order, tensor._made_by
    if HOOKED.known and tensor in HOOKED:  # the hooks are about the tensor as it was
        before._hooks, tensor._hooks = tensor._hooks, {}
        HOOKED.add(before)
        HOOKED.discard(tensor)
    return before


def _fitting(result: Any, tensor: Any) -> Any:
    """Return a result in the type of the tensor whose place it takes.

    Raises:
        ShapeError: it has another shape.
        RuntimeError: its type doesn't fit.
    """
    if result.shape != tensor.shape:
        raise ShapeError(f"a result of shape {result.shape} doesn't fit a tensor of shape {tensor.shape} in place")
    if result.dtype == tensor.dtype:
        return result
    if rank_of(result.dtype) > rank_of(tensor.dtype):
        raise RuntimeError(f"numbers of type {result.dtype} don't fit a tensor of type {tensor.dtype} in place")
    return f.cast(result, tensor.dtype) if result._order else to(result, tensor.dtype)


def _written(tensor: Any, result: Any) -> Any:
    """Return a tensor whose numbers, and whose record if there is one, have become those of a result."""
    result = _fitting(result, tensor)
    tensor._array = write(tensor._array, result._array)
    if result._order:
        if not tensor._order:
            RECORDED.add(memory_of(tensor._array))
        tensor._order, tensor._made_by = next(CLOCK), result._made_by
    return tensor


def _updating(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def update(input: Any, *arguments: Any, **options: Any) -> Any:
        return change(input, lambda before: method(before, *arguments, **options))

    update.__name__ = name
    update.__doc__ = f"Change the tensor in place; see {method.__name__}."
    return update


def updates_of(kind: type[Any]) -> dict[str, Callable[..., Any]]:
    """Return the methods that change a tensor in place, by their names.

    Args:
        kind: the class of tensors, which has the methods that return a new tensor.
    """
    twins = {f"{name}_": name for name in _IN_PLACE} | _OPERATORS
    return {name: _updating(name, getattr(kind, twin)) for name, twin in twins.items()}


def _is_part(value: Any, whole: Any, key: Any) -> bool:
    """Whether a value is the part of a recorded tensor at a key of whole numbers and slices, and shares its memory."""
    made_by = value._made_by if isinstance(value, Recorded) else None
    if made_by is None or made_by[0] is not f.index or made_by[1][0] is not whole:
        return False
    own = (made_by[3] or {})["key"]
    plain = (int, slice, type(None), type(Ellipsis))
    if not all(isinstance(one, plain) for one in (*own, *key)):
        return False
    return bool(own == key) and shares_memory(value._array, whole._array)


@pytorch("__setitem__", function=False)
def _set_item(input: Any, key: Any, value: Any) -> None:
    """Change the elements at an index.

    Raises:
        ShapeError: the value doesn't fit the part.
    """
    if RECORDED.known:
        refresh(input, value)
    key = canonical_key(input._array, in_pytorchs_order(input, key))["key"]
    numbers = value._array if isinstance(value, Recorded) else value
    if _is_part(value, input, key):
        return  # ``x[key] += 1`` ends in an assignment of the changed part to its own place
    if MODE.recording and (input._order or getattr(value, "_order", 0)):
        if isinstance(value, Recorded) and shares_memory(numbers, input._array):
            value = f.copy(value)
        change(input, lambda before: assigned(before, key, value))
        return
    if isinstance(value, Recorded) and shares_memory(numbers, input._array):
        numbers = backend_of(numbers).xp.array(numbers)
    shape = getattr(numbers, "shape", None)
    while shape and shape[0] == 1 and isinstance(numbers, backend_of(numbers).array):
        numbers = numbers.reshape(shape := shape[1:])  # PyTorch drops axes of length 1 in front
    try:
        input._array = write(input._array, numbers, key)
    except ValueError:
        raise ShapeError(f"numbers of shape {shape} don't fit the chosen part of shape {input.shape}") from None


@pytorch("copy_", function=False)
def copy_(input: Any, src: Any, non_blocking: bool = False) -> Any:
    """Change all elements to those of another tensor."""
    return change(input, lambda before: to(_whole(before, src), input.dtype))


def _whole(before: Any, src: Any) -> Any:
    return tensor_of(src, like=before).expand(before.shape)


@pytorch("set_", "resize_", "resize_as_", function=False)
def set_(input: Any, *_: Any, **__: Any) -> Any:
    """Refuse to change the shape of a tensor in place.

    Raises:
        UsageError: always.
    """
    raise UsageError("the shape of a tensor can't be changed in place; assign to data")


@pytorch("fill_", function=False)
def fill_(input: Any, value: Any) -> Any:
    """Change all elements to one number."""
    if getattr(value, "shape", ()) != ():
        raise RuntimeError(f"fill_ takes one number, not an array of shape {value.shape}")
    return change(input, lambda before: to(_whole(before, value), input.dtype))


@pytorch("zero_", function=False)
def zero_(input: Any) -> Any:
    """Change all elements to 0."""
    return fill_(input, 0.0)


@pytorch("fill", method=False)
def fill(input: Any, value: Any) -> Any:
    """A tensor of the same shape and type, of one number."""
    if getattr(value, "shape", ()) != ():
        raise RuntimeError(f"fill takes one number, not an array of shape {value.shape}")
    return METHODS["clone"](to(_whole(input, value), input.dtype))


@pytorch("fill_diagonal_", function=False)
def fill_diagonal_(input: Any, fill_value: float) -> Any:
    """Change the elements of the diagonal of a matrix to one number."""
    places = tuple([range(min(input.shape))] * input.ndim)
    return change(input, lambda before: assigned(before, tuple(map(list, places)), fill_value))
