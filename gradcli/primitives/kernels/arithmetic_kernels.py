"""Array kernels of arithmetic, of powers and of functions that select."""

from __future__ import annotations

import functools
import math
from typing import Any

from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.kernels.array_support import (
    ArrayKernel,
    computes_now,
    highest,
    in_double,
    in_double_everywhere,
    into,
    limits,
    lowest,
    map_floats,
    repaired,
    seldom,
    typed,
)


def power(xp: Any, x: Any, y: Any) -> Any:
    """x^y. For small constant exponents it is computed by products, which are about ten times as fast."""
    if type(y) is float or type(y) is int:
        if y == 2.0:
            return x * x
        if y == 3.0:
            return x * x * x
        if y == -1.0:
            return 1.0 / x
        if y == 0.5:
            root = xp.sqrt(x)
            return root if lowest(xp, x) > 0.0 else _half_power(xp, x, True, root)
        return xp.power(x, y)
    result, half = xp.power(x, y), y == 0.5
    return _half_power(xp, x, half, result) if computes_now(xp) and half.any() else result


def _half_power(xp: Any, x: Any, half: Any, result: Any) -> Any:
    """The result, corrected at -0 and -inf where y is 1/2: NumPy may compute the square root, which differs there."""
    return xp.where(xp.logical_and(half, x <= 0.0), xp.where(x == -math.inf, math.inf, result + 0.0), result)


def maximum(xp: Any, *operands: Any) -> Any:
    result = functools.reduce(xp.maximum, operands)
    return result if len(operands) == 2 else typed(xp, result, *operands)


def minimum(xp: Any, *operands: Any) -> Any:
    result = functools.reduce(xp.minimum, operands)
    return result if len(operands) == 2 else typed(xp, result, *operands)


def clip(xp: Any, x: Any, low: Any, high: Any) -> Any:
    if type(low) is float and type(high) is float:
        result = xp.maximum(x, low)
        return xp.minimum(result, high, **into(result))
    result = xp.minimum(xp.maximum(x, low), high)
    return result if hasattr(x, "dtype") else typed(xp, result, low, high)


def saturated(xp: Any, x: Any, bound: Any) -> Any:
    if type(bound) is float and bound >= 0.0:
        return clip(xp, x, -bound, bound)
    return xp.where(x < -bound, -bound, xp.where(x > bound, bound, x))


def sign(xp: Any, x: Any) -> Any:
    """The sign of x; NumPy's function drops the sign of zero, and MLX's may give 0 for nan."""
    if computes_now(xp):
        result = xp.sign(x)
        return xp.copysign(result, x, **into(result))
    return typed(xp, xp.where(x > 0.0, 1.0, xp.where(x < 0.0, -1.0, x)), x)


def step(xp: Any, x: Any) -> Any:
    return 0.5 * sign(xp, x) + 0.5


def where(xp: Any, condition: Any, x: Any, y: Any) -> Any:
    result = xp.where(condition != 0.0, x, y)
    unknown = condition != condition
    if hasattr(unknown, "shape") and (not computes_now(xp) or unknown.any()):
        result = xp.where(unknown, xp.nan, result)
    return typed(xp, result, *_chosen_from(condition, x, y))


def _chosen_from(condition: Any, *branches: Any) -> tuple[Any, ...]:
    """The operands that decide the type of a choice: the branches, or the condition if both branches are numbers."""
    return branches if any(hasattr(branch, "dtype") for branch in branches) else (condition,)


def guard(xp: Any, formula: Any, condition: Any, instead: Any) -> Any:
    result = xp.where(condition == 0.0, formula, instead)
    return typed(xp, result, *_chosen_from(condition, formula, instead))


def fraction(xp: Any, x: Any, y: Any) -> Any:
    return xp.where(xp.logical_and(xp.abs(x) == math.inf, xp.abs(y) < math.inf), 1.0, x / (x + y))


def _scaled_length(xp: Any, x: Any, y: Any) -> tuple[Any, ...]:
    """A power of two, and the length of (x, y) times this power, which neither overflows nor is a denormal number."""
    length = xp.hypot(x, y)
    is_extreme = xp.logical_or(length < kernels.FEW_DIGITS, length == math.inf)
    return seldom(xp, is_extreme, (1.0, length), _lengthened, x, y, length)


def _lengthened(xp: Any, x: Any, y: Any, length: Any) -> tuple[Any, Any]:
    scale = xp.where(length < 1.0, kernels.LENGTHENED, 0.25)
    return scale, xp.hypot(scale * x, scale * y)


@in_double_everywhere
def direction(xp: Any, x: Any, y: Any) -> Any:
    scale, length = _scaled_length(xp, x, y)
    along = xp.logical_and(xp.abs(x) == math.inf, xp.abs(y) < math.inf)
    return xp.where(along, xp.copysign(1.0, x), xp.where(length == 0.0, 0.0, scale * x / length))


@in_double_everywhere
def direction_slope(xp: Any, x: Any, y: Any) -> Any:
    scale, length = _scaled_length(xp, x, y)
    sine = scale * y / length
    return xp.where(
        xp.abs(y) == math.inf, xp.where(xp.abs(x) < math.inf, 0.0, xp.nan), scale * (sine * (sine / length))
    )


def reciprocal_power(part: str) -> ArrayKernel:
    """The real (``"real"``) or imaginary (``"imag"``) part of (x + iy)^-n."""

    def value(n: float, x: float, y: float) -> float:
        number: float = getattr(kernels.reciprocal_power(n, x, y), part)
        return number

    def kernel(xp: Any, n: Any, x: Any, y: Any) -> Any:
        if not (isinstance(n, float) and 1.0 <= n <= kernels.HIGHEST_ORDER):
            return map_floats(value, xp, n, x, y)
        scale, length = _scaled_length(xp, x, y)
        cosine, sine = direction(xp, x, y), -direction(xp, y, x)
        real, imaginary = cosine, sine
        for _ in range(int(n) - 1):
            real, imaginary = real * cosine - imaginary * sine, real * sine + imaginary * cosine
        result = real if part == "real" else imaginary
        for _ in range(int(n)):
            result = scale * (result / length)
        return result

    return in_double_everywhere(kernel)


def power_derivative(xp: Any, m: Any, n: Any, x: Any, y: Any) -> Any:
    """The derivative of a power.

    For a constant exponent, which is common in training, the usual formula is used if it is exact.
    """
    if m == 1.0 and n == 0.0 and type(y) is float:
        if y == 2.0:
            return 2.0 * x
        if y == 3.0:
            return 3.0 * (x * x)
        if y not in (0.0, 1.0) and kernels.sum_error(y, -1.0, y - 1.0) == 0.0:
            below = power(xp, x, y - 1.0)
            size, allowed = xp.abs(below), limits(below)
            if not computes_now(xp) or (lowest(xp, size) > allowed.least and highest(xp, size) < allowed.most):
                below *= y
                return below
    return _power_derivative(xp, m, n, x, y)


def _is_odd(xp: Any, x: Any) -> Any:
    """Whether x is an odd integer; the half of an odd integer is not an integer."""
    half = 0.5 * x
    return xp.logical_and(x == xp.floor(x), half != xp.floor(half))


def _power_derivative_in_code(xp: Any, m: Any, n: Any, x: Any, y: Any) -> Any:
    """The float kernel as code, which computes all cases and selects the right one."""
    if not all(isinstance(order, float) and 0.0 <= order <= kernels.HIGHEST_ORDER for order in (m, n)):
        raise NotImplementedError
    order, logs = int(m), int(n)
    weights = kernels.power_weights(y, order, logs)
    size, exponent = xp.abs(x), y - order
    logarithm = xp.log(size)
    factor = kernels.polynomial(logarithm, weights)
    magnitude, root = xp.power(size, exponent), xp.power(size, 0.25 * exponent)
    ordinary = xp.logical_and(magnitude > 1e-290, magnitude < 1e290)
    result = xp.where(ordinary, magnitude * factor, factor * root * root * root * root)
    # A negative base has no logarithm, and powers only at integers, with a sign by the parity of the exponent.
    negative = xp.copysign(1.0, x) < 0.0
    changes = _is_odd(xp, y) if order % 2 == 0 else xp.logical_not(_is_odd(xp, y))
    result = xp.where(xp.logical_and(negative, changes), -result, result)
    lost = kernels.sum_error(y, -float(order), exponent)
    lost = xp.where(xp.abs(y) < math.inf, lost, 0.0)
    corrected = result + result * (lost * logarithm)
    result = xp.where(xp.logical_and(lost != 0.0, xp.abs(result) < math.inf), corrected, result)
    result = xp.where(xp.logical_and(magnitude == 0.0, xp.abs(factor) == math.inf), 0.0, result)
    # At 0 and infinity, the result is the term with the highest power of the logarithm, or 0 if its power of x is 0.
    end: Any = 0.0
    growth: Any = 1.0
    signed = xp.where(xp.logical_and(negative, _is_odd(xp, exponent)), -magnitude, magnitude)
    for weight in weights:
        leading = weight * signed
        end = xp.where(weight != 0.0, xp.where(leading == 0.0, leading, leading * growth), end)
        growth = growth * logarithm
    is_end = xp.logical_or(x == 0.0, size == math.inf)
    result = xp.where(is_end, end, xp.where(factor == 0.0, 0.0, result))
    fractional = xp.logical_and(xp.not_equal(y, xp.floor(y)), factor != 0.0)
    has_none = x < 0.0 if logs else xp.logical_and(xp.logical_and(x < 0.0, size < math.inf), fractional)
    has_none = xp.logical_or(has_none, xp.logical_not(xp.abs(y) < math.inf))
    if logs and not order:  # 0^y jumps at y = 0
        has_none = xp.logical_or(has_none, xp.logical_and(x == 0.0, y == 0.0))
    result = xp.where(xp.logical_or(has_none, x != x), xp.nan, result)
    return xp.where(y == 0.0, 0.0, result) if order and not logs else result


@functools.partial(in_double, emitted=_power_derivative_in_code)
def _power_derivative(np: Any, m: Any, n: Any, x: Any, y: Any) -> Any:
    """The formula of the float kernel, valid if the base is positive and no power overflows or underflows."""
    if not all(isinstance(order, float) and 0.0 <= order <= kernels.HIGHEST_ORDER for order in (m, n)):
        return map_floats(kernels.power_derivative, np, m, n, x, y)
    order, logs = int(m), int(n)
    weights = kernels.power_weights(y, order, logs)
    exponent = y - order
    lost = kernels.sum_error(y, -order, exponent)
    corrects = bool(np.any(lost))
    logarithm = np.log(np.abs(x)) if logs or corrects else 0.0
    factor = kernels.polynomial(logarithm, weights)
    result = power(np, x, exponent)
    size = np.abs(result)
    within = (size > 1e-290) & (size < 1e290)
    result = result * factor
    if corrects:
        result += result * (lost * logarithm)
    # A negative base has no logarithm, and powers only at integers, with a sign of their own.
    if logs or not isinstance(y, float) or not abs(y) < 2.0**52 or y != math.floor(y):
        within &= np.asarray(x > 0.0)
    if not logs and not corrects:
        within |= np.asarray((x == 0.0) | (np.abs(x) == math.inf)) & np.isfinite(y)
    # A zero or an infinity may come from a factor; the float kernel tells such cases apart.
    within &= (factor != 0.0) & (np.abs(factor) < math.inf) & (x == x) & (result == result)
    return repaired(np, result, within, kernels.power_derivative, m, n, x, y)
