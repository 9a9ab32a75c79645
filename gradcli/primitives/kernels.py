"""Float kernels: the functions of IEEE 754 on Python floats, none of which ever raises.

Python raises where the standard returns infinity or nan (``1/0``, ``exp(1000)``, ``sqrt(-1)``) and leaves the reals for
``(-8)**(1/3)``; here poles give a signed infinity, overflow gives infinity and a missing value gives nan.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

INF = math.inf
NAN = math.nan
LN2 = math.log(2.0)


def _on_failure(function: Callable[[float], float], *, overflow: float = INF) -> Callable[[float], float]:
    """Wrap a function of the math module: its domain error becomes nan, its overflow the given infinity."""

    def kernel(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return NAN
        except OverflowError:
            return overflow

    kernel.__name__ = function.__name__
    return kernel


def _odd_overflow(function: Callable[[float], float]) -> Callable[[float], float]:
    def kernel(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return math.copysign(INF, x)

    kernel.__name__ = function.__name__
    return kernel


def _log_like(function: Callable[[float], float], pole: float) -> Callable[[float], float]:
    """A logarithm: -inf at its pole, nan below."""

    def kernel(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return -INF if x == pole else NAN

    kernel.__name__ = function.__name__
    return kernel


exp = _on_failure(math.exp)
expm1 = _on_failure(math.expm1)
sqrt = _on_failure(math.sqrt)
sin = _on_failure(math.sin)
cos = _on_failure(math.cos)
tan = _on_failure(math.tan)
asin = _on_failure(math.asin)
acos = _on_failure(math.acos)
acosh = _on_failure(math.acosh)
cosh = _on_failure(math.cosh)
sinh = _odd_overflow(math.sinh)
log = _log_like(math.log, 0.0)
log2 = _log_like(math.log2, 0.0)
log10 = _log_like(math.log10, 0.0)
log1p = _log_like(math.log1p, -1.0)


def div(x: float, y: float) -> float:
    """x / y with signed infinities at a pole and nan for 0/0."""
    try:
        return x / y
    except ZeroDivisionError:
        if x == 0.0 or x != x:
            return NAN
        return math.copysign(INF, x) * math.copysign(1.0, y)


def mod(x: float, y: float) -> float:
    """The floored remainder, which has the sign of y; nan for y = 0."""
    try:
        return x % y
    except ZeroDivisionError:
        return NAN


def power(x: float, y: float) -> float:
    """x to the y as IEEE 754's pow: pow(x, 0) = pow(1, y) = 1, nan for a negative base and a fractional exponent."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return -INF if x < 0.0 and y % 2.0 == 1.0 else INF
    except ValueError:
        if x == 0.0:
            return math.copysign(INF, x) if y % 2.0 == 1.0 else INF
        return NAN


def power_log(n: float, x: float, y: float) -> float:
    """x^y log(x)^n, which at x = 0 is its limit 0 for y > 0."""
    if x == 0.0 and y > 0.0:
        return 0.0
    return power(x, y) * power(log(x), n)


if sys.version_info >= (3, 11):
    exp2 = _on_failure(math.exp2)
    cbrt = math.cbrt
else:

    def exp2(x: float) -> float:
        """2 to the x."""
        return power(2.0, x)

    def cbrt(x: float) -> float:
        """The real cube root: a power, then one step of Newton's method, which leaves an error below 1 ulp."""
        if x == 0.0 or not math.isfinite(x):
            return x
        mantissa, exponent = math.frexp(x)
        shift = exponent % 3
        scaled = math.ldexp(mantissa, shift)
        root = math.copysign(abs(scaled) ** (1.0 / 3.0), scaled)
        root -= (root * root * root - scaled) / (3.0 * root * root)
        return math.ldexp(root, (exponent - shift) // 3)


def floor(x: float) -> float:
    """The largest integer not above x."""
    return math.copysign(float(math.floor(x)), x) if abs(x) < 2.0**52 else x


def ceil(x: float) -> float:
    """The smallest integer not below x."""
    return math.copysign(float(math.ceil(x)), x) if abs(x) < 2.0**52 else x


def nearest(x: float) -> float:
    """The nearest integer, halves to the even one."""
    return math.copysign(float(round(x)), x) if abs(x) < 2.0**52 else x


def sign(x: float) -> float:
    """-1, 0 or 1; nan for nan."""
    if x > 0.0:
        return 1.0
    return -1.0 if x < 0.0 else x


def maximum(*operands: float) -> float:
    """The largest operand; nan if one is nan."""
    best = operands[0]
    for x in operands:
        if x != x:
            return x
        best = x if x > best else best
    return best


def minimum(*operands: float) -> float:
    """The smallest operand; nan if one is nan."""
    best = operands[0]
    for x in operands:
        if x != x:
            return x
        best = x if x < best else best
    return best


def sinpi(x: float) -> float:
    """sin(pi x), reduced exactly, so that integers give 0."""
    if not math.isfinite(x):
        return NAN
    r = math.fmod(abs(x), 2.0)
    quarter = round(2.0 * r)
    angle = math.pi * (r - 0.5 * quarter)
    result = (math.sin, math.cos, lambda t: -math.sin(t), lambda t: -math.cos(t), math.sin)[quarter](angle)
    return math.copysign(1.0, x) * result


def cospi(x: float) -> float:
    """cos(pi x), reduced exactly, so that half-integers give 0."""
    if not math.isfinite(x):
        return NAN
    r = math.fmod(abs(x), 2.0)
    quarter = round(2.0 * r)
    angle = math.pi * (r - 0.5 * quarter)
    return (math.cos, lambda t: -math.sin(t), lambda t: -math.cos(t), math.sin, math.cos)[quarter](angle)
