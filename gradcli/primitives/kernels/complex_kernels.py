"""The primitives on complex numbers, for the complex-step method of `gradcli check`.

The complex step uses no rule of differentiation, so it can check the rules: f(x + ih) = f(x) + ih f'(x) + O(h^2).
Functions that select decide by the real part.  A primitive without a complex kernel has no complex continuation here,
and the method does not apply to expressions that use it.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping
from typing import Final

from gradcli.primitives.declared import Pointwise
from gradcli.primitives.kernels.float_kernels import GELU_CUBE, LEAK, SELU_ALPHA, SELU_SCALE, SQRT_TWO_OVER_PI

__all__ = ["complex_kernel"]


def _power(x: complex, y: complex) -> complex:
    if y.imag == 0.0 and y.real.is_integer() and abs(y.real) <= 100.0:
        return x ** int(y.real)
    if x == 0.0:
        return 0.0j if y.real > 0.0 else complex(math.nan)
    if x.real < 0.0:
        return complex(math.nan)
    return cmath.exp(y * cmath.log(x))


def _sigmoid(x: complex) -> complex:
    return 1.0 / (1.0 + cmath.exp(-x)) if x.real >= 0.0 else cmath.exp(x) / (1.0 + cmath.exp(x))


def _log1p(x: complex) -> complex:
    # The imaginary part is far below the rounding error of 1 + x, so the real part can be computed by itself.
    return complex(math.log1p(x.real), x.imag / (1.0 + x.real))


def _expm1(x: complex) -> complex:
    return complex(math.expm1(x.real), math.exp(x.real) * x.imag)


def _cbrt(x: complex) -> complex:
    return -_cbrt(-x) if x.real < 0.0 else cmath.exp(cmath.log(x) / 3.0)


def _softplus(x: complex) -> complex:
    return x + _log1p(cmath.exp(-x)) if x.real > 0.0 else _log1p(cmath.exp(x))


def _largest(*operands: complex) -> complex:
    return max(operands, key=lambda z: z.real)


def _smallest(*operands: complex) -> complex:
    return min(operands, key=lambda z: z.real)


def _sinc(x: complex) -> complex:
    t = math.pi * x
    if abs(t) < 0.1:
        square = t * t
        terms = (1.0, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800)
        return sum((c * square**k for k, c in enumerate(terms)), 0.0j)
    return cmath.sin(t) / t


def _atan2(y: complex, x: complex) -> complex:
    length = x.real * x.real + y.real * y.real
    return complex(math.atan2(y.real, x.real), (x.real * y.imag - y.real * x.imag) / length)


COMPLEX_KERNELS: Final[Mapping[str, Callable[..., complex]]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "pow": _power,
    "mod": lambda x, y: x - y * math.floor(x.real / y.real),
    "square": lambda x: x * x,
    "cbrt": _cbrt,
    "hypot": lambda x, y: cmath.sqrt(x * x + y * y),
    "where": lambda condition, x, y: x if condition.real != 0.0 else y,
    "exp2": lambda x: cmath.exp(x * math.log(2.0)),
    "expm1": _expm1,
    "log2": lambda x: cmath.log(x) / math.log(2.0),
    "log1p": _log1p,
    "logaddexp": lambda x, y: x + _softplus(y - x) if x.real > y.real else y + _softplus(x - y),
    "xlogy": lambda x, y: x * cmath.log(y),
    "sec": lambda x: 1.0 / cmath.cos(x),
    "csc": lambda x: 1.0 / cmath.sin(x),
    "cot": lambda x: cmath.cos(x) / cmath.sin(x),
    "atan2": _atan2,
    "sinc": _sinc,
    "sech": lambda x: 1.0 / cmath.cosh(x),
    "csch": lambda x: 1.0 / cmath.sinh(x),
    "coth": lambda x: 1.0 / cmath.tanh(x),
    "abs": lambda x: x if x.real >= 0.0 else -x,
    "max": _largest,
    "min": _smallest,
    "clip": lambda x, low, high: _smallest(_largest(x, low), high),
    "relu": lambda x: x if x.real > 0.0 else 0.0j,
    "leaky_relu": lambda x: x if x.real > 0.0 else LEAK * x,
    "elu": lambda x: x if x.real > 0.0 else _expm1(x),
    "selu": lambda x: SELU_SCALE * (x if x.real > 0.0 else SELU_ALPHA * _expm1(x)),
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "softsign": lambda x: x / (1.0 + (x if x.real >= 0.0 else -x)),
    "silu": lambda x: x * _sigmoid(x),
    "gelu_tanh": lambda x: x * _sigmoid(2.0 * SQRT_TWO_OVER_PI * (x + GELU_CUBE * x * x * x)),
    "mish": lambda x: x * cmath.tanh(_softplus(x)),
    "hard_tanh": lambda x: _smallest(_largest(x, -1.0 + 0.0j), 1.0 + 0.0j),
}


def complex_kernel(primitive: Pointwise) -> Callable[..., complex] | None:
    """The function on complex numbers: from the table, or Python's own.

    A locally constant function is applied to real parts.
    """
    if primitive.is_locally_constant:
        return lambda *operands: complex(primitive.value(*[operand.real for operand in operands]))
    return COMPLEX_KERNELS.get(primitive.name) or getattr(cmath, primitive.name, None)
