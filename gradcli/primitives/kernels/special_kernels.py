"""Array kernels of the error functions and the gamma family."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from gradcli.primitives.kernels.array_support import (
    ArrayKernel,
    in_double,
    in_double_everywhere,
    map_floats,
    repaired,
    writes_code,
)
from gradcli.primitives.kernels.float_kernels import FLOATS
from gradcli.primitives.kernels.gamma_family import ErrorFunctions

if TYPE_CHECKING:
    from gradcli.primitives.kernels.decimals import Rounded
    from gradcli.primitives.kernels.piecewise import Tabulated


@functools.cache
def _scipy(name: str) -> Any:
    try:
        import scipy.special
    except ImportError:
        return None
    return getattr(scipy.special, name)


@functools.partial(in_double, emitted=lambda xp, x: xp.erf(x))
def erf(np: Any, x: Any) -> Any:
    compiled = _scipy("erf")
    return map_floats(math.erf, np, x) if compiled is None else np.asarray(compiled(x))


@functools.partial(in_double, emitted=lambda xp, x: xp.erfc(x))
def erfc(np: Any, x: Any) -> Any:
    """erfc by SciPy, except from 0.3 to 28, where SciPy loses digits: at 26, about 500 units in the last place."""
    compiled = _scipy("erfc")
    if compiled is None:
        return map_floats(math.erfc, np, x)
    return repaired(np, np.asarray(compiled(x)), (x <= 0.3) | (x >= 28.0), math.erfc, x)


def of_erfc(formula: Callable[..., Any]) -> ArrayKernel:
    """The array kernel of a formula whose arguments are the kernels of erf and erfc."""
    return in_double_everywhere(lambda xp, x: formula(xp, ErrorFunctions(erf, erfc), x))


def by_digits(kernel: Rounded, *constants: float, ends: Sequence[float] = ()) -> dict[str, Any]:
    """The fields ``value`` and ``array`` of a function with a kernel in decimal arithmetic.

    Floats, arrays and machine code give the same bits: those of the kernel.

    Args:
        kernel: the decimal kernel.
        constants: its first operands.
        ends: numbers at which it is singular, as a function of its last operand.
    """
    from gradcli.primitives.kernels.piecewise import Tabulated

    exact = functools.partial(kernel.exact, *constants) if constants else kernel.exact
    table = Tabulated(exact, ".".join([kernel.__name__, *map(str, constants)]), ends)
    emitted = functools.partial(_emitted, table)
    return {"value": table, "array": in_double(table.of_array, emitted)}


def _emitted(table: Tabulated, xp: Any, *operands: Any) -> Any:
    return xp.by_pieces(table, *operands)


#: Orders of derivatives up to this are written as code.
_HIGHEST_EMITTED: Final = 8.0


#: The number of elements for which the intermediate arrays stay in the cache.
_BLOCK: Final = 8192


def of_gamma_family(function: Callable[..., Any]) -> ArrayKernel:
    """The array kernel of a function of the gamma family; its order, if it has one, is the first operand."""

    def kernel(xp: Any, *operands: Any) -> Any:
        *orders, x = operands
        is_constant = all(isinstance(order, float) for order in orders)
        if writes_code(xp):
            if not is_constant or any(not 0.0 <= order <= _HIGHEST_EMITTED for order in orders):
                raise NotImplementedError
            return function(xp, *operands)
        if not is_constant:
            return map_floats(functools.partial(function, FLOATS), xp, *operands)
        result = xp.empty(xp.shape(x))
        flat, out = xp.ravel(x), result.ravel()
        for start in range(0, flat.size, _BLOCK):
            out[start : start + _BLOCK] = function(xp, *orders, flat[start : start + _BLOCK])
        return result

    return in_double_everywhere(kernel)
