"""NumPy's functions on recorded operands, such as ``numpy.sin(x)`` of an argument of a function in ``gradcli.grad``.

NumPy passes such a call on (``__array_ufunc__`` and ``__array_function__``).  The registry's function of the same name,
spelling or array kernel computes the result, so a new function of the registry needs no entry here.  `ADAPTERS` has the
functions that NumPy spells or defines differently.  An argument has the same meaning as in NumPy, or an error
names it.  A function that only looks at numbers or shapes, such as ``numpy.isnan``, runs on the numbers.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gradcli.errors import CallError
from gradcli.primitives.backends import backend_named
from gradcli.primitives.registry import REGISTRY, ArrayFunction, Primitive
from gradcli.primitives.registry import functions as f

__all__ = ["ADAPTERS", "array_of", "at_axis", "call_function", "call_ufunc"]

np: Final = backend_named("numpy").xp
Function = Callable[..., Any]

#: Functions that decide a branch, or depend on shapes alone: no derivative passes through them.
_ON_DATA: Final = """
    isnan isfinite isinf signbit any all array_equal array_equiv allclose isclose
    argmax argmin argsort searchsorted nonzero flatnonzero argwhere count_nonzero
    shape ndim size zeros_like ones_like empty_like result_type can_cast iscomplexobj isrealobj
    array_repr array_str array2string iscomplex isreal
"""
ON_DATA: Final = frozenset(_ON_DATA.split())
#: The name of an option in NumPy -> its name in the registry.
_RENAMED: Final = {"ddof": "correction", "newshape": "shape", "pad_width": "widths"}
#: A ufunc -> the reduction that its method ``reduce`` is.
_REDUCTIONS: Final = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min", "logaddexp": "logsumexp"}
#: The arguments of all ufuncs, with the contents that change nothing.
_USUAL: Final = {"where": True, "casting": "same_kind", "order": "K", "subok": True, "initial": np._NoValue}


def refusal(function: Any, reason: str = " has no derivative here") -> CallError:
    """Return the error for a function of NumPy, or for one of its arguments, through which no derivative passes."""
    name = f"{(getattr(function, '__module__', None) or 'numpy').partition('._')[0]}.{function.__name__}"
    return CallError(
        f"{name}{reason}; write it with operators, other functions of NumPy, or those of gradcli.functions",
        kind="derivative_lost",
    )


def _is_operand(thing: Any) -> bool:
    """Whether operations on this operand are recorded, as they are on a `Value`, a `Tensor` or the node of a graph."""
    return hasattr(thing, "operand_rank")


# Universal functions

_known_ufuncs: Final[dict[Any, Function]] = {}


def call_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """Return the result of a universal function, or of one of its methods, for operands.

    Raises:
        CallError: the registry has no such function, or an argument isn't supported.
    """
    if any(isinstance(one, np.ndarray) and one.dtype == object for one in inputs):
        return getattr(ufunc, method)(*[_boxed(one) for one in inputs], **options)
    is_in_place = "out" in options and options["out"][0] is inputs[0] and not _is_operand(inputs[0])
    for name, content in options.items():
        is_usual = content is None or content is _USUAL.get(name, content is None) or (name == "out" and is_in_place)
        if not is_usual and not (method == "reduce" and name in ("axis", "keepdims")):
            raise refusal(ufunc, f" takes no `{name}` in a computation that is differentiated")
    if method == "__call__":
        if ufunc.__name__ in ON_DATA:
            return ufunc(*[_data(one) for one in inputs])
        function = _function_of(ufunc)
        if function is not None:
            return function(*inputs)
    elif method == "reduce" and ufunc.__name__ in _REDUCTIONS:
        axis, keepdims = options.get("axis", 0), bool(options.get("keepdims", False))
        return getattr(f, _REDUCTIONS[ufunc.__name__])(array_of(inputs[0]), axis=axis, keepdims=keepdims)
    elif method == "outer" and _function_of(ufunc) is not None:
        first, second = map(array_of, inputs)
        return ufunc(f.reshape(first, (*first.shape, *[1] * len(second.shape))), second)
    raise refusal(ufunc, f"{'' if method == '__call__' else f'.{method}'} has no derivative here")


def _boxed(operand: Any) -> Any:
    """Return an operand as one element, so that NumPy combines it with each element of an array of objects."""
    if not _is_operand(operand):
        return operand
    box = np.empty((), object)
    box[()] = operand
    return box


def _function_of(ufunc: Any) -> Function | None:
    """Return the function of the registry that computes a universal function, if there is one."""
    found = _known_ufuncs.get(ufunc)
    if found is None:
        name = ufunc.__name__
        by_array = {str(one.array): one for one in reversed(REGISTRY.declared()) if not one.internal}
        found = ADAPTERS.get(name) or REGISTRY.find(name) or by_array.get(name) or REGISTRY.arrays.get(name)
        if found is None or getattr(found, "arity", ufunc.nin) != ufunc.nin:
            return None
        _known_ufuncs[ufunc] = found
    return found


# Other functions


def call_function(function: Any, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """Return the result of a function of NumPy that isn't universal.

    If the registry lacks a function, NumPy's own function runs; if a derivative would be lost, an error is raised.

    Raises:
        CallError: a derivative would be lost, or an argument isn't supported.
    """
    place = (function.__module__ or "numpy").removeprefix("numpy").removeprefix(".")
    name = f"{place}.{function.__name__}" if place else function.__name__
    if name in ON_DATA or (name == "where" and len(arguments) == 1):
        return function(*map(_data, arguments), **{key: _data(one) for key, one in options.items()})
    adapter = ADAPTERS.get(name)
    if adapter is not None:
        bound = _bound(function, adapter, arguments, options)
        return adapter(*bound.args, **bound.kwargs)
    found = None if place else REGISTRY.offered.get(name) or REGISTRY.find(name)
    if found is not None:
        return _registered(function, found, arguments, options)
    try:
        return function._implementation(*arguments, **options)
    except CallError as error:
        raise refusal(function) if error.kind == "derivative_lost" else error from None


def _bound(
    function: Any, adapter: Function, arguments: Sequence[Any], options: Mapping[str, Any]
) -> inspect.BoundArguments:
    """Return the arguments of an adapter; an argument that only NumPy has must have its default.

    Raises:
        CallError: such an argument has another value.
    """
    parameters = inspect.signature(adapter).parameters
    for name, content in options.items():
        if name not in parameters and name != "casting" and content is not None and content is not np._NoValue:
            raise refusal(function, f" takes no `{name}` in a computation that is differentiated")
    try:
        bound = inspect.signature(adapter).bind(
            *arguments, **{name: content for name, content in options.items() if name in parameters}
        )
    except TypeError as error:
        raise refusal(function, f": {error}") from None
    bound.apply_defaults()
    return bound


def _registered(
    function: Any, found: Primitive | ArrayFunction, arguments: Sequence[Any], options: Mapping[str, Any]
) -> Any:
    """Call a function of the registry with the arguments of NumPy's function of the same name.

    Raises:
        CallError: an argument isn't at its default, and the registry's function has no such option.
    """
    parameters = inspect.signature(function).parameters
    try:
        bound = inspect.signature(function).bind(*arguments, **options)
    except TypeError as error:
        raise refusal(function, f": {error}") from None
    bound.apply_defaults()
    given: dict[str, Any] = {}
    for name, content in bound.arguments.items():
        given.update(content if parameters[name].kind is inspect.Parameter.VAR_KEYWORD else {name: content})
    known = found.options if isinstance(found, ArrayFunction) else {}
    operands: list[Any] = []
    chosen: dict[str, Any] = {}
    for name, content in given.items():
        renamed = _RENAMED.get(name, name)
        if len(operands) < found.arity:
            operands.append(content)
        elif renamed in known and content is not np._NoValue:
            chosen[renamed] = content
        elif name not in parameters or content is not parameters[name].default:
            raise refusal(function, f" takes no `{name}` in a computation that is differentiated")
    return found(*operands, **chosen)


def _data(operand: Any) -> Any:
    """Return the numbers of operands, including operands in lists."""
    if _is_operand(operand):
        return operand.array if hasattr(operand, "array") else operand.data
    return type(operand)(map(_data, operand)) if type(operand) in (list, tuple) else operand


def array_of(operand: Any) -> Any:
    """Return an operand as a recorded array, or as a plain array if nothing in it is recorded.

    Raises:
        CallError: the operand records numbers or symbols, not arrays.
    """
    if _is_operand(operand):
        return operand if hasattr(operand, "shape") else operand.apply_array(None, (operand,), {})
    if isinstance(operand, (list, tuple)) and any(
        _is_operand(one) or isinstance(one, (list, tuple)) for one in operand
    ):
        parts = [array_of(one) for one in operand]
        if any(_is_operand(part) for part in parts):
            return f.stack(parts)
    return np.asarray(operand)


# The functions that NumPy spells or means differently, with NumPy's arguments; `gradcli.eager.numpy_functions` has more


def _scaled(factor: float) -> Function:
    return lambda x: x * factor


def _clip(a: Any, a_min: Any = None, a_max: Any = None, min: Any = None, max: Any = None) -> Any:  # noqa: A002
    low = min if a_min is None or a_min is np._NoValue else a_min
    high = max if a_max is None or a_max is np._NoValue else a_max
    return f.clip(a, -math.inf if low is None else low, math.inf if high is None else high)


def _round(a: Any, decimals: int = 0) -> Any:
    return f.round(a) if not decimals else f.round(a * 10.0**decimals) / 10.0**decimals


def _concatenate(arrays: Any, axis: int | None = 0) -> Any:
    parts = list(map(array_of, arrays))
    return f.cat(list(map(_ravel, parts)), axis=0) if axis is None else f.cat(parts, axis=axis)


def _stack(arrays: Any, axis: int = 0) -> Any:
    return f.stack(list(map(array_of, arrays)), axis=axis)


def _at_least_1d(a: Any) -> Any:
    array = array_of(a)
    return array if array.shape else f.reshape(array, (1,))


def _hstack(tup: Any) -> Any:
    parts = list(map(_at_least_1d, tup))
    return f.cat(parts, axis=0 if len(parts[0].shape) == 1 else 1)


def _vstack(tup: Any) -> Any:
    parts = list(map(_at_least_1d, tup))
    return f.cat([part if len(part.shape) > 1 else f.reshape(part, (1, -1)) for part in parts], axis=0)


def _column_stack(tup: Any) -> Any:
    parts = list(map(_at_least_1d, tup))
    return f.cat([part if len(part.shape) > 1 else f.reshape(part, (-1, 1)) for part in parts], axis=1)


def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    return _concatenate([arr, values], axis)


def _ravel(a: Any) -> Any:
    return f.reshape(array_of(a), (-1,))


def _expand_dims(a: Any, axis: Any) -> Any:
    array = array_of(a)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    total = len(array.shape) + len(axes)
    for one in sorted(one % total for one in axes):
        array = f.unsqueeze(array, one)
    return array


def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    array = array_of(a)
    places = np.moveaxis(np.empty([1] * len(array.shape)), source, destination).ndim  # NumPy checks the axes
    sources, targets = [
        [one % places for one in (axes if isinstance(axes, (tuple, list)) else (axes,))]
        for axes in (source, destination)
    ]
    order = [axis for axis in range(places) if axis not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, axis)
    return f.transpose(array, order)


def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    array = array_of(a)
    order = list(range(len(array.shape)))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return f.transpose(array, order)


def at_axis(array: Any, axis: int, key: Any) -> Any:
    """Return the part of an array at an index of one axis."""
    return f.index(array, (*[slice(None)] * (axis % len(array.shape)), key))


def _flip(m: Any, axis: Any = None) -> Any:
    array = array_of(m)
    axes = range(len(array.shape)) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    for one in axes:
        array = at_axis(array, one, slice(None, None, -1))
    return array


def _roll(a: Any, shift: int, axis: int | None = None) -> Any:
    array = array_of(a)
    if axis is None:
        return f.reshape(_roll(_ravel(array), shift, 0), array.shape)
    length = array.shape[axis]
    return at_axis(array, axis, (np.arange(length) - shift) % length)


def _diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    array = array_of(a)
    for _ in range(n):
        array = at_axis(array, axis, slice(1, None)) - at_axis(array, axis, slice(None, -1))
    return array


def _take(a: Any, indices: Any, axis: int | None = None) -> Any:
    return f.index(_ravel(a), (indices,)) if axis is None else at_axis(array_of(a), axis, indices)


def _sort(a: Any, axis: int | None = -1) -> Any:
    if axis is None:
        return _sort(_ravel(a))
    array = array_of(a)
    order = np.argsort(_data(array), axis)
    key: list[Any] = list(np.indices(order.shape, sparse=True))
    key[axis] = order
    return f.index(array, tuple(key))


def _outer(a: Any, b: Any) -> Any:
    return f.reshape(_ravel(a), (-1, 1)) * _ravel(b)


def _average(a: Any, axis: Any = None, weights: Any = None) -> Any:
    if weights is None:
        return f.mean(array_of(a), axis=axis)
    factors = array_of(weights)
    array = array_of(a)
    if factors.shape != array.shape and axis is not None:
        length = [1] * len(array.shape)
        length[axis] = -1
        factors = f.reshape(factors, length)
    return f.sum(array * factors, axis=axis) / f.sum(factors + 0.0 * array, axis=axis)


def _ptp(a: Any, axis: Any = None) -> Any:
    array = array_of(a)
    return f.max(array, axis=axis) - f.min(array, axis=axis)


def _cumsum(a: Any, axis: int | None = None) -> Any:
    return f.cumsum(_ravel(a), axis=0) if axis is None else f.cumsum(array_of(a), axis=axis)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    array = array_of(x)
    reduced = len(array.shape) if axis is None else len(axis) if isinstance(axis, (tuple, list)) else 1
    if reduced > 1 and ord not in (None, "fro"):
        raise CallError("numpy.linalg.norm of a matrix is differentiated for ord=None and ord='fro'")
    if isinstance(ord, str) and ord != "fro":
        raise CallError(f"numpy.linalg.norm isn't differentiated for ord={ord!r}")
    return f.norm(array, 2 if ord in (None, "fro") else ord, axis=axis, keepdims=keepdims)


def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    array = array_of(ary)
    if isinstance(indices_or_sections, int):
        return f.split(array, indices_or_sections, axis)
    ends = [*indices_or_sections, array.shape[axis]]
    return [at_axis(array, axis, slice(start, end)) for start, end in zip([0, *ends], ends, strict=False)]


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    array = array_of(y)
    both = at_axis(array, axis, slice(1, None)) + at_axis(array, axis, slice(None, -1))
    if x is None:
        return f.sum(both, axis=axis) * (dx * 0.5)
    steps = _diff(x)
    if len(steps.shape) == 1:
        length = [1] * len(array.shape)
        length[axis] = -1
        steps = f.reshape(steps, length)
    return f.sum(both * steps, axis=axis) * 0.5


ADAPTERS: Final[dict[str, Function]] = {
    # universal functions, some of them SciPy's
    "absolute": f.abs,
    "positive": lambda x: +x,
    "conjugate": lambda x: +x,
    "reciprocal": lambda x: 1.0 / x,
    "float_power": f.pow,
    "deg2rad": _scaled(math.pi / 180.0),
    "radians": _scaled(math.pi / 180.0),
    "rad2deg": _scaled(180.0 / math.pi),
    "degrees": _scaled(180.0 / math.pi),
    "vecdot": lambda x, y: f.sum(array_of(x) * y, axis=-1),
    "exp10": lambda x: f.pow(10.0, x),
    "logaddexp2": lambda x, y: f.logaddexp(x * math.log(2.0), y * math.log(2.0)) / math.log(2.0),
    "logit": lambda x: f.log(x) - f.log1p(-x),
    "j0": lambda x: f.besselj(0, x),
    "j1": lambda x: f.besselj(1, x),
    "y0": lambda x: f.bessely(0, x),
    "y1": lambda x: f.bessely(1, x),
    "i0": lambda x: f.besseli(0, x),
    "i1": lambda x: f.besseli(1, x),
    # the other functions
    "amax": lambda a, axis=None, keepdims=False: f.max(array_of(a), axis=axis, keepdims=keepdims),
    "amin": lambda a, axis=None, keepdims=False: f.min(array_of(a), axis=axis, keepdims=keepdims),
    "append": _append,
    "around": _round,
    "atleast_1d": _at_least_1d,
    "average": _average,
    "broadcast_to": lambda array, shape: f.expand(array_of(array), shape),
    "clip": _clip,
    "column_stack": _column_stack,
    "concatenate": _concatenate,
    "copy": lambda a: +a,
    "cumsum": _cumsum,
    "diff": _diff,
    "expand_dims": _expand_dims,
    "flip": _flip,
    "hstack": _hstack,
    "linalg.norm": _norm,
    "moveaxis": _moveaxis,
    "outer": _outer,
    "ptp": _ptp,
    "ravel": _ravel,
    "real": lambda val: +val,
    "real_if_close": lambda a: +a,
    "roll": _roll,
    "round": _round,
    "sort": _sort,
    "split": _split,
    "stack": _stack,
    "swapaxes": _swapaxes,
    "take": _take,
    "trapezoid": _trapezoid,
    "vstack": _vstack,
    "where": lambda condition, x, y: f.where(condition, x, y),
}
