"""Functions for all array kernels: types of floats and their limits, double precision, calls of the float kernel."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.primitives.kernels.piecewise import Tabulated

ArrayKernel = Callable[..., Any]


class Limits(NamedTuple):
    """The limits of a type of floats.

    Attributes:
        tail: the operand below which exp(-x) is close to overflow.
        saturation: an operand above which 1 + exp(-2 x) is rounded to 1, and at which exp(x)^2 is far from overflow.
        least, most: bounds for absolute values.  The product of a number between them and a number of moderate size
            neither overflows nor loses digits.
    """

    tail: float
    saturation: float
    least: float
    most: float


DOUBLE: Final = Limits(-700.0, 20.0, 1e-290, 1e290)
_LIMITS: Final = {8: DOUBLE, 4: Limits(-87.0, 20.0, 1e-30, 1e30), 2: Limits(-10.0, 5.0, 1.0, 1.0)}
#: An operand that is finite in every type, and at which exp(-x) and erfc(x) are 0 in every type.
BEYOND: Final = 2000.0


@functools.cache
def _float_type(xp: Any, *kinds: Any) -> Any:
    """The common type of floats of arrays of these types; integers count as NumPy's 64-bit floats."""
    kind = functools.reduce(xp.result_type, kinds)
    return kind if xp.issubdtype(kind, xp.floating) else functools.reduce(xp.result_type, (xp.float32, *kinds))


def float_type(xp: Any, *operands: Any) -> Any:
    """The type of floats of a result, by the arrays among the operands; None if all operands are Python numbers."""
    kinds = [operand.dtype for operand in operands if hasattr(operand, "dtype")]
    return _float_type(xp, *kinds) if kinds else None


def limits(x: Any) -> Limits:
    """The limits of the type of an array, or of a Python number."""
    return _LIMITS.get(getattr(x, "itemsize", 8), DOUBLE)


class Namespace:
    """A namespace with NumPy's names that may delay its computations, so that looking at an element may take long.

    Attributes:
        writes_code: whether its functions write code; then arrays have no elements, and NumPy can't be used.
    """

    writes_code: bool = False

    def seldom(
        self, condition: Any, usual: tuple[Any, ...], compute: Callable[..., tuple[Any, ...]], *operands: Any
    ) -> tuple[Any, ...]:
        """The results of the function `seldom` of this file."""
        return _chosen(self, condition, usual, compute(self, *operands))

    def by_pieces(self, table: Tabulated, *operands: Any) -> Any:
        """The values of a function with a kernel in decimal arithmetic.

        Raises:
            NotImplementedError: the code can't have the table of the function.
        """
        raise NotImplementedError(table.name)


def computes_now(xp: Any) -> bool:
    """Whether elements are computed immediately, so that looking at one is fast."""
    return not isinstance(xp, Namespace)


def writes_code(xp: Any) -> bool:
    """Whether the functions of a namespace write code."""
    return isinstance(xp, Namespace) and xp.writes_code


def seldom(
    xp: Any, condition: Any, usual: tuple[Any, ...], compute: Callable[..., tuple[Any, ...]], *operands: Any
) -> tuple[Any, ...]:
    """The usual results, or where a condition holds, which is seldom, those of ``compute(xp, *operands)``."""
    if isinstance(xp, Namespace):
        return xp.seldom(condition, usual, compute, *operands)
    return _chosen(xp, condition, usual, compute(xp, *operands)) if xp.any(condition) else usual


def _chosen(xp: Any, condition: Any, usual: tuple[Any, ...], others: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(xp.where(condition, other, one) for other, one in zip(others, usual, strict=True))


def into(array: Any) -> dict[str, Any]:
    """The argument that lets a function of NumPy write into an array of floats that nothing else needs."""
    return {"out": array} if type(array).__name__ == "ndarray" and array.dtype.kind == "f" else {}


def highest(xp: Any, x: Any) -> float:
    """The largest of 1 and all elements; nan if one is nan; inf if the elements aren't computed yet."""
    largest: float = xp.maximum.reduce(x, axis=None, initial=1.0) if computes_now(xp) else math.inf
    return largest


def lowest(xp: Any, x: Any) -> float:
    """The smallest of 1 and all elements; nan if one is nan; -inf if the elements aren't computed yet."""
    smallest: float = xp.minimum.reduce(x, axis=None, initial=1.0) if computes_now(xp) else -math.inf
    return smallest


def in_double(kernel: ArrayKernel, emitted: ArrayKernel | None = None) -> ArrayKernel:
    """Let NumPy compute in double precision, for operands of any library and type.

    Args:
        kernel: the function that NumPy computes.
        emitted: the same function with only `xp`, for a namespace that writes code; without it, no code can be written.
    """

    def converting(xp: Any, *operands: Any) -> Any:
        if writes_code(xp):
            if emitted is None:
                raise NotImplementedError
            wide = [x.astype(xp.float64) if hasattr(x, "dtype") else x for x in operands]
            return emitted(xp, *wide).astype(float_type(xp, *operands))
        import numpy as np

        arrays = [np.asarray(x, np.float64) if hasattr(x, "dtype") else float(x) for x in operands]
        return xp.asarray(kernel(np, *arrays), dtype=float_type(xp, *operands))

    converting.writes_code = emitted is not None  # type: ignore[attr-defined]
    return converting


def in_double_everywhere(kernel: ArrayKernel) -> ArrayKernel:
    """Let NumPy compute in double precision by a kernel that looks at no element, so that it can also write code."""
    return in_double(kernel, kernel)


def map_floats(function: Callable[..., float], np: Any, *operands: Any) -> Any:
    """The values of a function of floats, which is called for each element."""
    if writes_code(np):
        raise NotImplementedError
    arrays = np.broadcast_arrays(*operands)
    values = np.fromiter(map(function, *[array.ravel().tolist() for array in arrays]), np.float64, arrays[0].size)
    return values.reshape(arrays[0].shape)


def repaired(np: Any, result: Any, within: Any, function: Callable[..., float], *operands: Any) -> Any:
    """The result of a formula, with the values of the float kernel where ``within`` is false."""
    beyond = np.logical_not(within)
    if beyond.any():
        result = np.array(result)
        columns = [np.broadcast_to(operand, result.shape)[beyond].tolist() for operand in operands]
        result[beyond] = list(map(function, *columns))
    return result


def typed(xp: Any, result: Any, *operands: Any) -> Any:
    """The result in the type of the operands."""
    kind = float_type(xp, *operands)
    return result if kind is None or result.dtype == kind else result.astype(kind)


def truth(name: str) -> ArrayKernel:
    """An array kernel that gives the truth values of a function of NumPy as 0 and 1."""

    def kernel(xp: Any, *operands: Any) -> Any:
        return getattr(xp, name)(*operands).astype(float_type(xp, *operands))

    return kernel
