"""Array kernels of activation functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.kernels.arithmetic_kernels import clip, sign
from gradcli.primitives.kernels.array_support import BEYOND, highest, into, limits, lowest, writes_code
from gradcli.primitives.kernels.elementary_kernels import _decay
from gradcli.primitives.kernels.special_kernels import erfc


def _in_tail(xp: Any, x: Any, result: Any, formula: Callable[[], Any]) -> Any:
    """The result, replaced by the formula where x is so small that exp(-x) is close to overflow."""
    limit = limits(result).tail
    if lowest(xp, x) >= limit:
        return result
    return xp.where(x < limit, formula(), result)


def elu(xp: Any, x: Any) -> Any:
    """elu by max and min, because a choice is slow; their order keeps the sign of zero."""
    result = xp.minimum(0.0, x)
    result = xp.expm1(result, **into(result))
    return xp.maximum(x, result, **into(result))


def selu(xp: Any, x: Any) -> Any:
    result = xp.minimum(0.0, x)
    result = xp.expm1(result, **into(result))
    result *= kernels.SELU_ALPHA
    result += xp.maximum(x, -0.0)
    result *= kernels.SELU_SCALE
    return result


def leaky_relu(xp: Any, x: Any) -> Any:
    result = kernels.LEAK * x
    return xp.maximum(x, result, **into(result))


def _one_and_decay(xp: Any, x: Any) -> Any:
    """1 + exp(-x)."""
    result = -x
    result = xp.exp(result, **into(result))
    result += 1.0
    return result


def _times_sigmoid(xp: Any, x: Any, inner: Any) -> Any:
    """x sigmoid(inner) with one exponential, which is scaled so that it isn't a denormal number with few digits."""
    limit, held = limits(inner).tail, xp.maximum(inner, -BEYOND)
    is_tail = held < limit
    power = xp.exp(xp.where(is_tail, 64.0, 0.0) - xp.abs(held))
    result = xp.where(held < 0.0, xp.maximum(x, -BEYOND) * power, x) / (1.0 + power)
    return xp.where(is_tail, result * math.exp(-64.0), result)


def sigmoid(xp: Any, x: Any) -> Any:
    if writes_code(xp):
        power = _decay(xp, x)
        return xp.where(x < 0.0, power, 1.0) / (1.0 + power)
    below = _one_and_decay(xp, x)
    return _in_tail(xp, x, xp.divide(1.0, below, **into(below)), lambda: xp.exp(x))


def sigmoid_complement(xp: Any, x: Any) -> Any:
    return sigmoid(xp, -x)


def tanh_complement(xp: Any, x: Any) -> Any:
    return 2.0 * sigmoid(xp, -2.0 * x)


def tanh_supplement(xp: Any, x: Any) -> Any:
    return 2.0 * sigmoid(xp, 2.0 * x)


def softplus(xp: Any, x: Any) -> Any:
    result = _decay(xp, x)
    result = xp.log1p(result, **into(result))
    result += xp.maximum(x, 0.0)
    return result


def softsign(xp: Any, x: Any) -> Any:
    below = xp.abs(x) + 1.0
    result = x / below
    if highest(xp, below) < math.inf:
        return result
    return xp.where(below == math.inf, sign(xp, x), result)


def _silu_tail(xp: Any, x: Any) -> Any:
    held = xp.maximum(x, -BEYOND)
    root = xp.exp(0.5 * held)
    return root * (held * root)


def silu(xp: Any, x: Any) -> Any:
    if writes_code(xp):
        return _times_sigmoid(xp, x, x)
    below = _one_and_decay(xp, x)
    return _in_tail(xp, x, xp.divide(x, below, **into(below)), lambda: _silu_tail(xp, x))


def gelu_tanh(xp: Any, x: Any) -> Any:
    inner = kernels.GELU_CUBE * x
    inner *= x
    inner *= x
    inner += x
    inner *= 2.0 * kernels.SQRT_TWO_OVER_PI
    if writes_code(xp):
        return _times_sigmoid(xp, x, inner)
    below = _one_and_decay(xp, inner)
    result = xp.divide(x, below, **into(below))
    return _in_tail(xp, inner, result, lambda: xp.maximum(x, -BEYOND) * xp.exp(inner))


def gelu(xp: Any, x: Any) -> Any:
    # At -BEYOND, erfc is 0; a lower x could give infinity times 0.
    held = xp.maximum(x, -BEYOND)
    return 0.5 * held * erfc(xp, -x / kernels.SQRT_TWO)


def mish(xp: Any, x: Any) -> Any:
    """x tanh(log(1 + e)) with e = exp(x), as x (e^2 + 2 e)/(e^2 + 2 e + 2)."""
    power = xp.minimum(x, limits(x).saturation)
    power = xp.exp(power, **into(power))
    result = power * power
    result += power + power
    below = xp.add(result, 2.0, **into(power))
    result /= below
    result *= x
    return _in_tail(xp, x, result, lambda: _silu_tail(xp, x))


def hard_tanh(xp: Any, x: Any) -> Any:
    return clip(xp, x, -1.0, 1.0)
