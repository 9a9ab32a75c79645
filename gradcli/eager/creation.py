"""Functions that make tensors: from data, from one number, from ranges, and at random.

Random tensors come from one generator, NumPy's PCG64, which `manual_seed` restarts.  A call with a ``seed`` has a
generator of its own.  Numbers are drawn as 64-bit floats and then rounded, so they are the same for every type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.eager.tensor import Tensor, np, one_or_several
from gradcli.primitives.backends import current_backend

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "arange", "eye", "full", "full_like", "linspace", "manual_seed", "ones", "ones_like", "rand", "rand_like",
    "randn", "randn_like", "tensor", "zeros", "zeros_like",
]  # fmt: skip

_generator: Generator | None = None


def manual_seed(seed: int) -> None:
    """Restart the generator of random tensors.

    >>> manual_seed(0)
    >>> first = randn(3)
    >>> manual_seed(0)
    >>> bool((first.data == randn(3).data).all())
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


def tensor(data: Any, *, requires_grad: bool = False, dtype: Any = None) -> Tensor:
    """Return a tensor with a copy of an array, or of numbers in nested lists.

    >>> tensor([[1, 2], [3, 4]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    return Tensor(data, requires_grad, dtype)


def _of_floats(numbers: Any, requires_grad: bool, dtype: Any) -> Tensor:
    return Tensor(numbers, requires_grad, dtype or current_backend().default_dtype)


def full(shape: Any, value: float, *, requires_grad: bool = False, dtype: Any = None) -> Tensor:
    """Return a tensor whose elements are all the same number.

    >>> full((2, 2), 7.0).tolist()
    [[7.0, 7.0], [7.0, 7.0]]
    """
    return _of_floats(np.full(shape, float(value)), requires_grad, dtype)


def zeros(*shape: Any, requires_grad: bool = False, dtype: Any = None) -> Tensor:
    """Return a tensor of zeros: ``zeros(2, 3)`` or ``zeros((2, 3))``."""
    return full(one_or_several(shape), 0.0, requires_grad=requires_grad, dtype=dtype)


def ones(*shape: Any, requires_grad: bool = False, dtype: Any = None) -> Tensor:
    """Return a tensor of ones: ``ones(2, 3)`` or ``ones((2, 3))``."""
    return full(one_or_several(shape), 1.0, requires_grad=requires_grad, dtype=dtype)


def full_like(x: Tensor, value: float, *, requires_grad: bool = False) -> Tensor:
    """Return a tensor of one number, with the shape and type of another tensor."""
    return full(x.shape, value, requires_grad=requires_grad, dtype=x.dtype)


def zeros_like(x: Tensor, *, requires_grad: bool = False) -> Tensor:
    """Return zeros with the shape and type of another tensor."""
    return full_like(x, 0.0, requires_grad=requires_grad)


def ones_like(x: Tensor, *, requires_grad: bool = False) -> Tensor:
    """Return ones with the shape and type of another tensor."""
    return full_like(x, 1.0, requires_grad=requires_grad)


def eye(rows: int, columns: int | None = None, *, requires_grad: bool = False, dtype: Any = None) -> Tensor:
    """Return a matrix with ones on the diagonal and zeros elsewhere.

    >>> eye(2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return _of_floats(np.eye(rows, columns), requires_grad, dtype)


def arange(
    start: float, end: float | None = None, step: float = 1, *, requires_grad: bool = False, dtype: Any = None
) -> Tensor:
    """Return numbers from ``start`` (or 0) up to ``end``, without ``end`` itself.

    >>> arange(4).tolist(), arange(1, 2, 0.5).tolist()
    ([0.0, 1.0, 2.0, 3.0], [1.0, 1.5])
    """
    numbers = np.arange(start) if end is None else np.arange(start, end, step)
    return _of_floats(numbers, requires_grad, dtype)


def linspace(start: float, end: float, steps: int, *, requires_grad: bool = False, dtype: Any = None) -> Tensor:
    """Return ``steps`` numbers at equal distances, from ``start`` to ``end``.

    >>> linspace(0, 1, 3).tolist()
    [0.0, 0.5, 1.0]
    """
    return _of_floats(np.linspace(start, end, steps), requires_grad, dtype)


def randn(*shape: Any, seed: int | None = None, requires_grad: bool = False, dtype: Any = None) -> Tensor:
    """Return random numbers from the standard normal distribution.

    >>> randn(2, 3, seed=1).shape
    (2, 3)
    """
    return _of_floats(generator(seed).standard_normal(one_or_several(shape)), requires_grad, dtype)


def rand(*shape: Any, seed: int | None = None, requires_grad: bool = False, dtype: Any = None) -> Tensor:
    """Return random numbers from the uniform distribution on [0, 1)."""
    return _of_floats(generator(seed).random(one_or_several(shape)), requires_grad, dtype)


def randn_like(x: Tensor, *, seed: int | None = None, requires_grad: bool = False) -> Tensor:
    """Return normally distributed random numbers with the shape and type of another tensor."""
    return randn(*x.shape, seed=seed, requires_grad=requires_grad, dtype=x.dtype)


def rand_like(x: Tensor, *, seed: int | None = None, requires_grad: bool = False) -> Tensor:
    """Return uniformly distributed random numbers with the shape and type of another tensor."""
    return rand(*x.shape, seed=seed, requires_grad=requires_grad, dtype=x.dtype)
