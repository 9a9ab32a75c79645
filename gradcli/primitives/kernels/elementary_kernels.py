"""Array kernels of exponentials, logarithms, trigonometric and hyperbolic functions."""

from __future__ import annotations

import functools
import math
from typing import Any, Final

from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.kernels.arithmetic_kernels import clip
from gradcli.primitives.kernels.array_support import DOUBLE, highest, in_double_everywhere, into, limits, map_floats
from gradcli.primitives.kernels.float_kernels import polynomial


def logaddexp(xp: Any, x: Any, y: Any) -> Any:
    """log(exp(x) + exp(y)). For doubles it uses only arithmetic, so that every executor returns the same bits."""
    high, low = xp.maximum(x, y), xp.minimum(x, y)
    difference = low - high
    if limits(difference) is DOUBLE:
        return kernels.logaddexp(xp, x, y)
    lost = kernels.sum_error(low, -high, difference)
    power = xp.exp(difference)
    return high + xp.log1p(xp.where(difference > -math.inf, power + power * lost, 0.0))


def xlogy(xp: Any, x: Any, y: Any) -> Any:
    logarithm = xp.log(y) if hasattr(y, "dtype") else kernels.log(y)
    return xp.where(xp.logical_and(x == 0.0, y >= 0.0), 0.0, x * logarithm)


@in_double_everywhere
def bell(xp: Any, x: Any) -> Any:
    return xp.exp(-(x * x))


@in_double_everywhere
def bell_derivative(xp: Any, n: Any, x: Any) -> Any:
    if not (isinstance(n, float) and 0.0 <= n <= kernels.HIGHEST_ORDER):
        return map_floats(kernels.bell_derivative, xp, n, x)
    size, held = xp.abs(x), clip(xp, x, -kernels.BELL_FAR, kernels.BELL_FAR)
    is_far = size > kernels.BELL_HALVED
    power = xp.exp(xp.where(is_far, -0.5, -1.0) * (held * held))
    result = kernels.hermite(int(n), held) * power
    result = result * xp.where(is_far, power, 1.0)
    return xp.where(size > kernels.BELL_FAR, 0.0, result)


@in_double_everywhere
def sigmoid_derivative(xp: Any, n: Any, x: Any, y: Any) -> Any:
    """Derivatives of the sigmoid: orders 0 and 1 by one exponential, higher orders as in the float kernel."""
    if not (isinstance(n, float) and 0.0 <= n <= kernels.HIGHEST_ORDER):
        return map_floats(kernels.sigmoid_derivative, xp, n, x, y)
    difference = x - y
    lost = kernels.sum_error(x, -y, difference)
    lost = xp.where(xp.abs(lost) < math.inf, lost, 0.0)
    order = int(n)
    if order < 2:
        power = xp.exp(-xp.abs(difference))
        above = 1.0 + power
        slope = power / (above * above)
        if order == 0:
            return xp.where(difference < 0.0, power, 1.0) / above + lost * slope
        return slope - lost * xp.copysign(slope * ((1.0 - power) / above), difference)
    square, tangent = xp.square(sech(xp, 0.5 * difference)), xp.tanh(0.5 * difference)
    first, second = [square * polynomial(tangent, one) for one in kernels.sigmoid_polynomials(order + 1)[-2:]]
    return first + lost * second


def witch(xp: Any, x: Any) -> Any:
    below = x * x + 1.0
    result = 1.0 / below
    if highest(xp, below) < math.inf:
        return result
    return xp.where(below == math.inf, (1.0 / x) * (1.0 / x), result)


def _about_nearest(xp: Any, x: Any) -> tuple[Any, Any, Any]:
    """Return |x|, its exact distance to the nearest integer, and 1 if this integer is even, else -1."""
    size = xp.abs(x)
    nearest = xp.rint(size)
    half = 0.5 * nearest
    return size, size - nearest, 1.0 - 4.0 * xp.abs(half - xp.rint(half))


def sinc(xp: Any, x: Any) -> Any:
    """sinc by the distance to the nearest integer, so that it is exactly 0 at integers."""
    size, distance, parity = _about_nearest(xp, x)
    sine = parity * xp.sin(math.pi * distance) + 0.0
    result = sine / math.pi / size
    return xp.where(size == math.inf, 0.0, xp.where(size == 0.0, 1.0, result))


#: The highest derivative of sinc whose power series keeps its digits as far as it is needed.
_HIGHEST_SINC: Final = 4


@functools.cache
def _sinc_series(order: int) -> list[float]:
    """The Taylor coefficients of a derivative of sin(t)/t, for every second power, starting with t^0 or t^1."""
    first = (order + 1) // 2
    return [(-1.0) ** k / (math.factorial(2 * k - order) * (2 * k + 1)) for k in range(first, first + 13 + 2 * order)]


@in_double_everywhere
def sinc_derivative(xp: Any, n: Any, x: Any) -> Any:
    """The derivatives of sinc, as in the float kernel: by a power series near 0, else by the product rule."""
    if not (isinstance(n, float) and 1.0 <= n <= _HIGHEST_SINC):
        return map_floats(kernels.sinc_derivative, xp, n, x)
    order = int(n)
    size, distance, parity = _about_nearest(xp, x)
    sine, cosine = parity * xp.sin(math.pi * distance), parity * xp.sin(math.pi * (0.5 - xp.abs(distance)))
    cycle = (sine, cosine, -sine, -cosine)
    result = sine / math.pi / size
    for k in range(1, order + 1):
        result = (math.pi ** (k - 1) * cycle[k % 4] - float(k) * result) / size
    limit = order + 1.0
    held = math.pi * clip(xp, x, -limit / math.pi, limit / math.pi)
    total = polynomial(held * held, _sinc_series(order))
    if order % 2:
        result, total = xp.copysign(1.0, x) * result, total * held
    result = xp.where(math.pi * size <= limit, math.pi**order * total + 0.0, result)
    return xp.where(size == math.inf, 0.0, result)


def sech(xp: Any, x: Any) -> Any:
    """2 e/(1 + e^2) with e = exp(-|x|), which is accurate even where cosh(x) overflows."""
    power = _decay(xp, x)
    above = power * power
    above += 1.0
    power += power
    return xp.divide(power, above, **into(above))


def _decay(xp: Any, x: Any) -> Any:
    """exp(-|x|)."""
    power = xp.abs(x)
    power = xp.negative(power, **into(power))
    return xp.exp(power, **into(power))


def csch(xp: Any, x: Any) -> Any:
    result, distance, limit = 1.0 / xp.sinh(x), xp.abs(x), limits(x).saturation
    if highest(xp, distance) < limit:
        return result
    tail = 2.0 * xp.exp(-distance)
    return xp.where(distance < limit, result, xp.where(x < 0.0, -tail, tail))
