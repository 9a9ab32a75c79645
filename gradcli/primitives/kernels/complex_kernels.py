"""The primitives on complex numbers, for the complex-step method of `gradcli check`.

The complex step needs nothing of the rules of derivatives, so it checks them: f(x + ih) = f(x) + ih f'(x) + O(h^2).
Functions that select decide by the real part.  A primitive without an entry has no complex continuation here, and the
method does not apply to expressions that use it.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping
from typing import Final

from gradcli.primitives.kernels.float_kernels import GELU_CUBE, LEAK, SELU_ALPHA, SELU_SCALE, SQRT_TWO_OVER_PI

__all__ = ["COMPLEX_KERNELS"]


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
    # The imaginary part is far below the rounding of 1 + x, so the real part can be corrected by itself.
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


def _logaddexp(x: complex, y: complex) -> complex:
    return x + _softplus(y - x) if x.real > y.real else y + _softplus(x - y)


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


def _mod(x: complex, y: complex) -> complex:
    return x - y * math.floor(x.real / y.real)


def _elu(x: complex) -> complex:
    return x if x.real > 0.0 else _expm1(x)


COMPLEX_KERNELS: Final[Mapping[str, Callable[..., complex]]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "pow": _power,
    "mod": _mod,
    "square": lambda x: x * x,
    "sqrt": cmath.sqrt,
    "cbrt": _cbrt,
    "hypot": lambda x, y: cmath.sqrt(x * x + y * y),
    "less": lambda x, y: complex(x.real < y.real),
    "less_equal": lambda x, y: complex(x.real <= y.real),
    "greater": lambda x, y: complex(x.real > y.real),
    "greater_equal": lambda x, y: complex(x.real >= y.real),
    "equal": lambda x, y: complex(x.real == y.real),
    "not_equal": lambda x, y: complex(x.real != y.real),
    "logical_and": lambda x, y: complex(x.real != 0.0 and y.real != 0.0),
    "logical_or": lambda x, y: complex(x.real != 0.0 or y.real != 0.0),
    "logical_not": lambda x: complex(x.real == 0.0),
    "where": lambda condition, x, y: x if condition.real != 0.0 else y,
    "exp": cmath.exp,
    "exp2": lambda x: cmath.exp(x * math.log(2.0)),
    "expm1": _expm1,
    "log": cmath.log,
    "log2": lambda x: cmath.log(x) / math.log(2.0),
    "log10": cmath.log10,
    "log1p": _log1p,
    "logaddexp": _logaddexp,
    "xlogy": lambda x, y: x * cmath.log(y),
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tan": cmath.tan,
    "sec": lambda x: 1.0 / cmath.cos(x),
    "csc": lambda x: 1.0 / cmath.sin(x),
    "cot": lambda x: cmath.cos(x) / cmath.sin(x),
    "asin": cmath.asin,
    "acos": cmath.acos,
    "atan": cmath.atan,
    "atan2": _atan2,
    "sinc": _sinc,
    "sinh": cmath.sinh,
    "cosh": cmath.cosh,
    "tanh": cmath.tanh,
    "sech": lambda x: 1.0 / cmath.cosh(x),
    "csch": lambda x: 1.0 / cmath.sinh(x),
    "coth": lambda x: 1.0 / cmath.tanh(x),
    "asinh": cmath.asinh,
    "acosh": cmath.acosh,
    "atanh": cmath.atanh,
    "floor": lambda x: complex(math.floor(x.real)),
    "ceil": lambda x: complex(math.ceil(x.real)),
    "round": lambda x: complex(round(x.real)),
    "sign": lambda x: complex((x.real > 0.0) - (x.real < 0.0)),
    "step": lambda x: complex(0.5 + 0.5 * ((x.real > 0.0) - (x.real < 0.0))),
    "abs": lambda x: x if x.real >= 0.0 else -x,
    "max": _largest,
    "min": _smallest,
    "clip": lambda x, low, high: _smallest(_largest(x, low), high),
    "relu": lambda x: x if x.real > 0.0 else 0.0j,
    "leaky_relu": lambda x: x if x.real > 0.0 else LEAK * x,
    "elu": _elu,
    "selu": lambda x: SELU_SCALE * (x if x.real > 0.0 else SELU_ALPHA * _expm1(x)),
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "softsign": lambda x: x / (1.0 + (x if x.real >= 0.0 else -x)),
    "silu": lambda x: x * _sigmoid(x),
    "gelu_tanh": lambda x: x * _sigmoid(2.0 * SQRT_TWO_OVER_PI * (x + GELU_CUBE * x * x * x)),
    "mish": lambda x: x * cmath.tanh(_softplus(x)),
    "hard_tanh": lambda x: _smallest(_largest(x, -1.0 + 0.0j), 1.0 + 0.0j),
}
