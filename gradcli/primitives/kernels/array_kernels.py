"""Array kernels: pointwise primitives on arrays, for which a single function of NumPy isn't enough.

A kernel is called as ``(xp, *operands)``: the namespace of an array library with NumPy's names, and arrays of any
shapes or numbers.  At each element, the result differs from the float kernel by a few units in the last place at most;
it has the type of the operands.  Functions for training nets compute in this type and use only `xp`.  The others
(`in_double`) are computed by NumPy in double precision, and the float kernel itself computes the few elements for which
the formula is not accurate (`repaired`).  Conditions are 0.0 and 1.0, never truth values.  NumPy's warnings are not
suppressed here.
"""

from __future__ import annotations

import functools
from typing import Final

from gradcli.primitives.declared import Pointwise
from gradcli.primitives.kernels import (
    activation_kernels,
    arithmetic_kernels,
    elementary_kernels,
    gamma_family,
    special_kernels,
)
from gradcli.primitives.kernels.array_support import ArrayKernel, in_double, in_double_everywhere, map_floats, truth

__all__ = ["KERNELS", "kernel_of"]

_NAMES: Final = {
    arithmetic_kernels: "power maximum minimum clip saturated sign step where guard fraction direction direction_slope "
    "power_derivative",
    elementary_kernels: "logaddexp xlogy bell bell_derivative sigmoid_derivative witch sinc sinc_derivative sech csch",
    activation_kernels: "elu selu leaky_relu sigmoid sigmoid_complement tanh_complement tanh_supplement softplus "
    "softsign silu gelu_tanh gelu mish hard_tanh",
    special_kernels: "erf erfc",
}
#: The name given to `define` as ``array`` -> the kernel; any other name is one of NumPy's functions.
KERNELS: Final[dict[str, ArrayKernel]] = {
    **{name: getattr(part, name) for part, names in _NAMES.items() for name in names.split()},
    **{
        name: special_kernels.of_gamma_family(getattr(gamma_family, name))
        for name in ("gamma", "lgamma", "digamma", "polygamma", "gamma_derivative", "factorial")
    },
    **{name: special_kernels.of_erfc(getattr(gamma_family, name)) for name in ("log_erfc", "erfc_rate", "erfc_excess")},
    "reciprocal_real": arithmetic_kernels.reciprocal_power("real"),
    "reciprocal_imaginary": arithmetic_kernels.reciprocal_power("imag"),
}


def is_numpys(primitive: Pointwise) -> bool:
    """Whether the kernel of a primitive is an elementwise function of NumPy."""
    import numpy as np

    declared = primitive.array
    return declared not in KERNELS and isinstance(getattr(np, str(declared), None), np.ufunc)


def kernel_of(primitive: Pointwise) -> ArrayKernel | None:
    """The kernel of a primitive, or None if the library's own function of that name is the kernel.

    If neither exists, the kernel calls the float kernel for each element.
    """
    declared = primitive.array
    if not isinstance(declared, str):
        # In double precision a number beside an array of small floats doesn't change the type of the result.
        return declared if primitive.arity == 1 else in_double_everywhere(declared)
    if is_numpys(primitive):
        return truth(declared) if primitive.is_truth else None
    return KERNELS.get(declared) or in_double(functools.partial(map_floats, primitive.value))
