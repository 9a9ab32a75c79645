"""Functions that make tensors: from data, from one number, from ranges, and at random.

Random tensors come from one generator, NumPy's PCG64, which `manual_seed` restarts.  A call with a ``seed`` has a
generator of its own.  Numbers are drawn as 64-bit floats and then rounded, so they are the same for every type.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from gradcli.eager.promotion import rank_of
from gradcli.eager.pytorch_names import METHODS, one_or_several
from gradcli.eager.sparse import SparseTensor
from gradcli.eager.tensor import Tensor, np
from gradcli.eager.tensor_data import check_device
from gradcli.errors import CallError, NoSuchModeError, UsageError
from gradcli.primitives.backends import current_backend

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "arange", "bernoulli", "eye", "full", "full_like", "linspace", "logspace", "manual_seed", "multinomial", "normal",
    "ones", "ones_like", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like", "randperm",
    "sparse_coo_tensor", "tensor", "tril_indices", "triu_indices", "zeros", "zeros_like",
]  # fmt: skip

# ruff: noqa: A002  (PyTorch's names)

_generator: Generator | None = None


def manual_seed(seed: int) -> None:
    """Restart the generator of random tensors.

    >>> manual_seed(0)
    >>> first = randn(3)
    >>> manual_seed(0)
    >>> bool((first == randn(3)).all())
    True
    """
    global _generator
    _generator = np.random.default_rng(seed)


def generator(seed: int | None = None) -> Generator:
    """Return a generator that starts with a seed.

    Without a seed, return the generator that all random tensors share.
    """
    global _generator
    if seed is not None:
        return np.random.default_rng(seed)  # type: ignore[no-any-return]
    if _generator is None:
        _generator = np.random.default_rng()
    return _generator


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor with a copy of an array, or of numbers in nested lists.

    Whole numbers become 64-bit whole numbers, truth values stay truth values, and an array keeps its type.

    >>> tensor([[1.0, 2.0], [3.0, 4.0]])
    tensor([[1., 2.],
            [3., 4.]])
    >>> tensor([1, 2])
    tensor([1, 2], dtype=int64)
    """
    check_device(device)
    if dtype is None:
        dtype = _type_of(data)
    return Tensor(data, requires_grad, dtype)


def _type_of(data: Any) -> Any:
    """Return the type of the elements of a new tensor; None for floats, whose type `Tensor` finds."""
    if hasattr(data, "dtype"):
        return None if "float" in str(data.dtype) else str(data.dtype).rpartition(".")[2]
    if not isinstance(data, (list, tuple)):
        return {bool: "bool", int: "int64"}.get(type(data))
    kinds: set[Any] = set()
    stack = [data]
    while stack:
        for one in stack.pop():
            if isinstance(one, (list, tuple)):
                stack.append(one)
            else:
                kinds.add(_type_of(one))
    if kinds <= {"bool", "int64"} and kinds:
        return "bool" if kinds == {"bool"} else "int64"
    return kinds.pop() if len(kinds) == 1 else None


def _new(numbers: Any, options: dict[str, Any], dtype: Any = None) -> Tensor:
    """Return a tensor of these numbers, with the options that all functions of this file take.

    Args:
        numbers: an array.
        options: ``dtype``, ``device``, ``requires_grad``, and PyTorch's ``layout``, ``pin_memory`` and
            ``memory_format``, which have no meaning here.
        dtype: the type if the options have none; by default the floats of the backend.

    Raises:
        CallError: an option is unknown.
    """
    check_device(options.get("device"))
    for name in options:
        if name not in _OPTIONS:
            raise CallError(f"a new tensor has no option {name!r}")
    wanted = options.get("dtype")
    return Tensor(
        numbers,
        bool(options.get("requires_grad")),
        current_backend().default_dtype if wanted is None and dtype is None else dtype if wanted is None else wanted,
    )


def _sequence(numbers: Any, options: dict[str, Any], dtype: Any = None) -> Tensor:
    """Return a tensor of numbers that go up or down.

    Raises:
        NoSuchModeError: they are to be truth values.
    """
    wanted = options.get("dtype")
    if wanted is not None and not rank_of(current_backend().dtype(wanted)):
        raise NoSuchModeError("truth values don't go up or down; give another type")
    return _new(numbers, options, dtype)


_OPTIONS: Final = frozenset({"dtype", "device", "requires_grad", "layout", "pin_memory", "memory_format"})


def _shape(shape: tuple[Any, ...], options: dict[str, Any]) -> tuple[int, ...]:
    """Return the shape that a call was given: as numbers, as a tuple, or as the option ``size``.

    Raises:
        RuntimeError: a length is negative.
    """
    given = options.pop("size") if "size" in options and not shape else one_or_several(shape)
    lengths = (given,) if isinstance(given, int) else tuple([int(one) for one in given])
    if min(lengths, default=0) < 0:
        raise RuntimeError(f"a tensor has no negative length, as in {lengths}")
    return lengths


def full(size: Any, fill_value: Any, **options: Any) -> Tensor:
    """Return a tensor whose elements are all the same number.

    >>> full((2, 2), 7.0).tolist()
    [[7.0, 7.0], [7.0, 7.0]]
    """
    shape = _shape((size,), {})
    number = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    return _new(np.full(shape, number), options, _type_of(number))


def zeros(*size: Any, **options: Any) -> Tensor:
    """Return a tensor of zeros: ``zeros(2, 3)`` or ``zeros((2, 3))``."""
    return _new(np.zeros(_shape(size, options)), options)


def ones(*size: Any, **options: Any) -> Tensor:
    """Return a tensor of ones: ``ones(2, 3)`` or ``ones((2, 3))``."""
    return _new(np.ones(_shape(size, options)), options)


def full_like(input: Tensor, fill_value: Any, **options: Any) -> Tensor:
    """Return a tensor of one number, with the shape and type of another tensor."""
    return _new(np.full(input.shape, fill_value), options, input.dtype)


def zeros_like(input: Tensor, **options: Any) -> Tensor:
    """Return zeros with the shape and type of another tensor."""
    return full_like(input, 0.0, **options)


def ones_like(input: Tensor, **options: Any) -> Tensor:
    """Return ones with the shape and type of another tensor."""
    return full_like(input, 1.0, **options)


def eye(n: int, m: int | None = None, **options: Any) -> Tensor:
    """Return a matrix with ones on the diagonal and zeros elsewhere.

    Raises:
        RuntimeError: a length is negative.

    >>> eye(2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return _new(np.eye(*_shape((n, n if m is None else m), {})), options)


def arange(start: float, end: float | None = None, step: float = 1, **options: Any) -> Tensor:
    """Return numbers from ``start`` (or 0) up to ``end``, without ``end`` itself; of whole numbers, whole numbers.

    Raises:
        RuntimeError: the numbers don't lead from the start to the end.

    >>> arange(4).tolist(), arange(1, 2, 0.5).tolist()
    ([0, 1, 2, 3], [1.0, 1.5])
    """
    start, end = (0, start) if end is None else (start, end)
    start, end, step = [one.item() if isinstance(one, Tensor) else one for one in (start, end, step)]
    if not step or (end - start) * step < 0 or not all(map(math.isfinite, (start, end, step))):
        raise RuntimeError(f"steps of {step} don't lead from {start} to {end}")
    is_whole = all(isinstance(one, int) for one in (start, end, step))
    count = -((start - end) // step) if is_whole else math.ceil((end - start) / step)
    return _sequence(start + step * np.arange(count), options, "int64" if is_whole else None)


def linspace(start: Any, end: Any, steps: int, **options: Any) -> Tensor:
    """Return ``steps`` numbers at equal distances, from ``start`` to ``end``.

    Raises:
        RuntimeError: the number of steps is negative.

    >>> linspace(0, 1, 3).tolist()
    [0.0, 0.5, 1.0]
    """
    if steps < 0:
        raise RuntimeError(f"there are no {steps} steps")
    first, last = _number(start), _number(end)
    return _sequence(np.linspace(first, last, steps), options)


def logspace(start: Any, end: Any, steps: int, base: float = 10.0, **options: Any) -> Tensor:
    """Return ``steps`` powers of a base, whose exponents go from ``start`` to ``end`` at equal distances.

    Raises:
        RuntimeError: the number of steps is negative.
    """
    if steps < 0:
        raise RuntimeError(f"there are no {steps} steps")
    return _sequence(np.power(float(base), np.linspace(_number(start), _number(end), steps)), options)


def _number(operand: Any) -> float:
    """Return a number, or that of a tensor without axes.

    Raises:
        RuntimeError: it has axes.
    """
    if getattr(operand, "shape", ()) != ():
        raise RuntimeError(f"an end is one number, not an array of shape {operand.shape}")
    return float(operand.detach().item() if isinstance(operand, Tensor) else operand)


def tril_indices(row: int, col: int, offset: int = 0, **options: Any) -> Tensor:
    """Return the indices of the lower triangle of a matrix, in two rows."""
    return _new(np.array(np.tril_indices(row, offset, col)), options, "int64")


def triu_indices(row: int, col: int, offset: int = 0, **options: Any) -> Tensor:
    """Return the indices of the upper triangle of a matrix, in two rows."""
    return _new(np.array(np.triu_indices(row, offset, col)), options, "int64")


# At random


def _source(options: dict[str, Any]) -> Generator:
    """Return the generator that a call asks for by ``generator`` or ``seed``."""
    given = options.pop("generator", None)
    seed = options.pop("seed", None)
    return generator(seed) if given is None else getattr(given, "source", given)


def randn(*size: Any, **options: Any) -> Tensor:
    """Return random numbers from the standard normal distribution.

    >>> randn(2, 3, seed=1).shape
    (2, 3)
    """
    return _new(_source(options).standard_normal(_shape(size, options)), options)


def rand(*size: Any, **options: Any) -> Tensor:
    """Return random numbers from the uniform distribution on [0, 1)."""
    return _new(_source(options).random(_shape(size, options)), options)


def randn_like(input: Tensor, **options: Any) -> Tensor:
    """Return normally distributed random numbers with the shape and type of another tensor."""
    return randn(*input.shape, **{"dtype": input.dtype, **options})


def rand_like(input: Tensor, **options: Any) -> Tensor:
    """Return uniformly distributed random numbers with the shape and type of another tensor."""
    return rand(*input.shape, **{"dtype": input.dtype, **options})


def randint(low: int, high: Any = None, size: Any = None, **options: Any) -> Tensor:
    """Return random whole numbers from ``low`` (or 0) up to ``high``, without ``high`` itself.

    Raises:
        RuntimeError: there is no such number.
    """
    if size is None and high is not None:
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    if not low < high:
        raise RuntimeError(f"there is no whole number from {low} up to {high}")
    return _new(_source(options).integers(low, high, _shape((size,), {})), options, "int64")


def randint_like(input: Tensor, low: int, high: int | None = None, **options: Any) -> Tensor:
    """Return random whole numbers with the shape and type of another tensor."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, input.shape, **{"dtype": input.dtype, **options})


def randperm(n: int, **options: Any) -> Tensor:
    """Return the whole numbers from 0 to n - 1 in random order."""
    return _new(_source(options).permutation(n), options, "int64")


def multinomial(input: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None) -> Tensor:
    """Return random indices, drawn with probabilities in proportion to the elements of each row.

    Raises:
        RuntimeError: a weight is negative, or all are 0, or they aren't floats in one row or in rows; or there are too
            few for draws without replacement.
    """
    if input.ndim not in (1, 2) or rank_of(input.dtype) < 2:
        raise RuntimeError(f"weights are floats in one or two axes, not {input.dtype} in {input.ndim}")
    source = _source({"generator": generator})
    weights = input.detach().numpy()
    rows = weights.reshape(-1, weights.shape[-1]).astype(float)
    if not ((rows >= 0).all() and np.isfinite(rows).all() and (rows.sum(1) > 0).all()):
        raise RuntimeError("probabilities are at least 0, finite, and not all 0")
    if num_samples < 1 or (not replacement and num_samples > rows.shape[1]):
        raise RuntimeError(f"{num_samples} draws from {rows.shape[1]} elements need replacement")
    found = [source.choice(len(row), num_samples, replace=replacement, p=row / row.sum()) for row in rows]
    return Tensor(np.array(found).reshape(*weights.shape[:-1], num_samples), dtype="int64")


def bernoulli(input: Tensor, p: Any = None, *, generator: Any = None) -> Tensor:
    """Return 1 with the probability that each element is, else 0.

    Raises:
        RuntimeError: an element isn't a probability.
    """
    chances = input.detach().numpy() if p is None else np.broadcast_to(np.asarray(p), input.shape)
    if ((chances < 0) | (chances > 1)).any():
        raise RuntimeError("a probability lies between 0 and 1")
    return Tensor(_source({"generator": generator}).random(input.shape) < chances, dtype=input.dtype)


def normal(mean: Any, std: Any = 1.0, size: Any = None, **options: Any) -> Tensor:
    """Return normally distributed random numbers with means and standard deviations."""
    one, other = [x.detach().numpy() if isinstance(x, Tensor) else x for x in (mean, std)]
    if (np.asarray(other) < 0).any():
        raise RuntimeError("a standard deviation is at least 0")
    shape = np.broadcast_shapes(np.shape(one), np.shape(other)) if size is None else _shape((size,), {})
    of_operands = next((x.dtype for x in (mean, std) if isinstance(x, Tensor)), None)
    return _new(one + other * _source(options).standard_normal(shape), options, of_operands)


# Methods that fill a tensor at random, or make one of its type


def _fill(name: str, draw: Callable[..., Any]) -> None:
    def filled(input: Tensor, *arguments: Any, generator: Any = None, **options: Any) -> Tensor:
        numbers = draw(_source({"generator": generator}), input.shape, *arguments, **options)
        return METHODS["copy_"](input, Tensor(numbers, dtype=input.dtype))  # type: ignore[no-any-return]

    filled.__name__ = name
    filled.__doc__ = f"Change all elements to random numbers ({name[:-1]})."
    setattr(Tensor, name, filled)


_fill("normal_", lambda source, shape, mean=0.0, std=1.0: source.normal(mean, std, shape))
_fill("uniform_", lambda source, shape, a=0.0, b=1.0: source.uniform(a, b, shape))
_fill("exponential_", lambda source, shape, lambd=1.0: source.exponential(1.0 / lambd, shape))
_fill("bernoulli_", lambda source, shape, p=0.5: source.random(shape) < (p.numpy() if isinstance(p, Tensor) else p))
_fill("random_", lambda source, shape, start=0, to=2**53: source.integers(start, to, shape))


def _made_like(name: str, make: Callable[..., Tensor]) -> None:
    def method(input: Tensor, *arguments: Any, **options: Any) -> Tensor:
        return make(*arguments, **{"dtype": input.dtype, **options})

    method.__name__ = name
    method.__doc__ = f"Return a new tensor of the type of this one ({name})."
    setattr(Tensor, name, method)


_MAKERS: Final[dict[str, Callable[..., Tensor]]] = {
    "new_zeros": zeros, "new_ones": ones, "new_full": full, "new_empty": zeros, "new_tensor": tensor,
}  # fmt: skip
for _name, _make in _MAKERS.items():
    _made_like(_name, _make)
for _function in (multinomial, bernoulli):
    setattr(Tensor, _function.__name__, _function)


def sparse_coo_tensor(indices: Any, values: Any, size: Sequence[int] | None = None) -> SparseTensor:
    """Return a sparse array from places and elements.

    Args:
        indices: the places, shape (axes, elements).
        values: the elements, shape (elements, ...); they have no derivative.
        size: the lengths of all axes, by default the least that fit.

    Raises:
        ShapeError: the shapes don't fit.
        UsageError: a place is outside, or the values require a gradient.
    """
    places: Any = indices if isinstance(indices, Tensor) else tensor(indices)
    elements: Any = values if isinstance(values, Tensor) else tensor(values)
    if elements.requires_grad:
        raise UsageError("a sparse array has no derivative; detach() its values")
    if size is None:
        size = (*(int(one) + 1 for one in places.max(1).values), *elements.shape[1:])
    return SparseTensor(places, elements, size)
