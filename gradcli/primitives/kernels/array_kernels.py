"""Array kernels: the pointwise primitives on arrays, where that takes more than a function of NumPy.

A kernel is called as ``(xp, *operands)``: the namespace of an array library with NumPy's names, and arrays of any
shapes or numbers.  At each element it gives what the float kernel gives, to a few units in the last place, in the type
of the operands.  Functions that nets are trained with stay in that type and use `xp` alone.  The others (`in_double`)
are computed by NumPy in double precision, where the float kernel itself does the few elements beyond the reach of the
formula (`repaired`).  Conditions are 0.0 and 1.0, never truth values.  NumPy's warnings are not suppressed here.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.kernels import gamma_family
from gradcli.primitives.kernels.float_kernels import FLOATS

ArrayKernel = Callable[..., Any]


class Limits(NamedTuple):
    """What a type of floats allows.

    Attributes:
        tail: the operand below which exp(-x) is close to overflow.
        saturation: an operand from which 1 + exp(-2 x) is 1, and at which exp(x)^2 is far from overflow.
        least, most: the magnitudes between which a product with a number of moderate size loses nothing.
    """

    tail: float
    saturation: float
    least: float
    most: float


_DOUBLE: Final = Limits(-700.0, 20.0, 1e-290, 1e290)
_LIMITS: Final = {8: _DOUBLE, 4: Limits(-87.0, 20.0, 1e-30, 1e30), 2: Limits(-10.0, 5.0, 1.0, 1.0)}
#: exp(-x) and erfc(x) are 0 here in every type, and the operand is finite in every type.
BEYOND: Final = 2000.0
SQRT_TWO: Final = math.sqrt(2.0)


# Types


@functools.cache
def _float_type(xp: Any, *kinds: Any) -> Any:
    """The type of floats that arrays of these types have in common; integers count as NumPy's 64-bit floats."""
    kind = functools.reduce(xp.result_type, kinds)
    return kind if xp.issubdtype(kind, xp.floating) else functools.reduce(xp.result_type, (xp.float32, *kinds))


def float_type(xp: Any, *operands: Any) -> Any:
    """The type of floats of a result; numbers of Python have no say. None if all are."""
    kinds = [operand.dtype for operand in operands if hasattr(operand, "dtype")]
    return _float_type(xp, *kinds) if kinds else None


def limits(x: Any) -> Limits:
    """What the type of an array, or of a number of Python, allows."""
    return _LIMITS.get(getattr(x, "itemsize", 8), _DOUBLE)


def _computes_now(xp: Any) -> bool:
    """Whether it costs nothing to look at an element: a library other than NumPy may only have noted what to do."""
    return bool(xp.__name__ == "numpy")


def _emits(xp: Any) -> bool:
    """Whether the functions of a namespace write code: there are no elements to look at, and no NumPy to turn to."""
    return bool(xp.__name__ == "llvm")


def into(array: Any) -> dict[str, Any]:
    """Let a function of NumPy write its result into an array of floats of its shape that nothing else needs."""
    return {"out": array} if type(array).__name__ == "ndarray" and array.dtype.kind == "f" else {}


def _highest(xp: Any, x: Any) -> float:
    """The largest element, or 1; nan if one is nan; inf if it would have to be computed first."""
    highest: float = xp.maximum.reduce(x, axis=None, initial=1.0) if _computes_now(xp) else math.inf
    return highest


def _lowest(xp: Any, x: Any) -> float:
    """The smallest element, or 1; nan if one is nan; -inf if it would have to be computed first."""
    lowest: float = xp.minimum.reduce(x, axis=None, initial=1.0) if _computes_now(xp) else -math.inf
    return lowest


# Ways to make a kernel


def in_double(kernel: ArrayKernel, emitted: ArrayKernel | None = None) -> ArrayKernel:
    """Let NumPy compute in double precision, whatever library and type the operands are of.

    Args:
        kernel: what NumPy computes.
        emitted: the same in functions of `xp` alone, for a namespace that writes code; without it there is none.
    """

    def converting(xp: Any, *operands: Any) -> Any:
        if _emits(xp):
            if emitted is None:
                raise NotImplementedError
            wide = [x.astype(xp.float64) if hasattr(x, "dtype") else x for x in operands]
            return emitted(xp, *wide).astype(float_type(xp, *operands))
        import numpy as np

        arrays = [np.asarray(x, np.float64) if hasattr(x, "dtype") else float(x) for x in operands]
        return xp.asarray(kernel(np, *arrays), dtype=float_type(xp, *operands))

    return converting


def in_double_everywhere(kernel: ArrayKernel) -> ArrayKernel:
    """The same for a kernel that looks at no element, so that it can also write code."""
    return in_double(kernel, kernel)


def mapped(function: Callable[..., float]) -> ArrayKernel:
    """A function of floats, called for each element."""
    return in_double(functools.partial(_map, function))


def _map(function: Callable[..., float], np: Any, *operands: Any) -> Any:
    if _emits(np):
        raise NotImplementedError
    arrays = np.broadcast_arrays(*operands)
    values = np.fromiter(map(function, *[array.ravel().tolist() for array in arrays]), np.float64, arrays[0].size)
    return values.reshape(arrays[0].shape)


def repaired(np: Any, result: Any, within: Any, function: Callable[..., float], *operands: Any) -> Any:
    """The result of a formula within its reach, with the values of the float kernel elsewhere."""
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
    """A function of NumPy with truth values as one with the values 0 and 1."""

    def kernel(xp: Any, *operands: Any) -> Any:
        return getattr(xp, name)(*operands).astype(float_type(xp, *operands))

    return kernel


# Arithmetic and selection


def power(xp: Any, x: Any, y: Any) -> Any:
    """Small constant exponents are products, which are an order of magnitude faster."""
    if type(y) is float or type(y) is int:
        if y == 2.0:
            return x * x
        if y == 3.0:
            return x * x * x
        if y == -1.0:
            return 1.0 / x
        if y == 0.5:
            root = xp.sqrt(x)
            return root if _lowest(xp, x) > 0.0 else _half_power(xp, x, True, root)
        return xp.power(x, y)
    result, half = xp.power(x, y), y == 0.5
    return _half_power(xp, x, half, result) if _computes_now(xp) and half.any() else result


def _half_power(xp: Any, x: Any, half: Any, result: Any) -> Any:
    """NumPy may take the square root, which differs from the power at -0 and -inf."""
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
    """NumPy's drops the sign of zero, and MLX's may give 0 for nan."""
    if _computes_now(xp):
        result = xp.sign(x)
        return xp.copysign(result, x, **into(result))
    return typed(xp, xp.where(x > 0.0, 1.0, xp.where(x < 0.0, -1.0, x)), x)


def step(xp: Any, x: Any) -> Any:
    return 0.5 * sign(xp, x) + 0.5


def where(xp: Any, condition: Any, x: Any, y: Any) -> Any:
    result = xp.where(condition != 0.0, x, y)
    unknown = condition != condition
    if hasattr(unknown, "shape") and (not _computes_now(xp) or unknown.any()):
        result = xp.where(unknown, xp.nan, result)
    return typed(xp, result, *_chosen_from(condition, x, y))


def _chosen_from(condition: Any, *branches: Any) -> tuple[Any, ...]:
    """What the type of a choice follows: the branches, or the condition if these are numbers."""
    return branches if any(hasattr(branch, "dtype") for branch in branches) else (condition,)


def guard(xp: Any, formula: Any, condition: Any, instead: Any) -> Any:
    result = xp.where(condition == 0.0, formula, instead)
    return typed(xp, result, *_chosen_from(condition, formula, instead))


def _scaled_length(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """A power of two, and it times the length of (x, y), which does not overflow."""
    size = xp.maximum(xp.abs(x), xp.abs(y))
    scale = xp.where(size > 1e300, 0.25, 1.0)
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
        xp.abs(y) == math.inf, xp.where(xp.abs(x) < math.inf, 0.0, xp.nan), sine * (scale * (sine / length))
    )


def reciprocal_power(part: str) -> ArrayKernel:
    """The real (``"real"``) or imaginary (``"imag"``) part of (x + iy)^-n."""

    def value(n: float, x: float, y: float) -> float:
        number: float = getattr(kernels.reciprocal_power(n, x, y), part)
        return number

    def kernel(xp: Any, n: Any, x: Any, y: Any) -> Any:
        if not (isinstance(n, float) and 1.0 <= n <= kernels.HIGHEST_ORDER):
            return _map(value, xp, n, x, y)
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
    """The slope of a constant power is what one writes by hand, where that is exact; it is what training meets."""
    if m == 1.0 and n == 0.0 and type(y) is float:
        if y == 2.0:
            return 2.0 * x
        if y == 3.0:
            return 3.0 * (x * x)
        if y not in (0.0, 1.0) and kernels.sum_error(y, -1.0, y - 1.0) == 0.0:
            below = power(xp, x, y - 1.0)
            size, allowed = xp.abs(below), limits(below)
            if not _computes_now(xp) or (_lowest(xp, size) > allowed.least and _highest(xp, size) < allowed.most):
                below *= y
                return below
    return _power_derivative(xp, m, n, x, y)


def _falling_factorial(y: Any, order: int, count: int) -> list[Any]:
    """The Taylor coefficients at y of y (y - 1) ... (y - order + 1), of orders 0 to ``count``."""
    falling: list[Any] = [1.0] + [0.0] * count
    for i in range(order):
        falling = [falling[j] * (y - i) + (falling[j - 1] if j else 0.0) for j in range(count + 1)]
    return falling


def _is_odd(xp: Any, x: Any) -> Any:
    """Whether x is an odd integer; only an integer has a half that is none beside a whole."""
    half = 0.5 * x
    return xp.logical_and(x == xp.floor(x), half != xp.floor(half))


def _power_derivative_in_code(xp: Any, m: Any, n: Any, x: Any, y: Any) -> Any:
    """The float kernel with all of its cases, of which the right one is selected."""
    if not all(isinstance(order, float) and 0.0 <= order <= kernels.HIGHEST_ORDER for order in (m, n)):
        raise NotImplementedError
    order, logs = int(m), int(n)
    falling = _falling_factorial(y, order, logs)
    weights = [falling[j] * float(math.perm(logs, j)) for j in range(logs + 1)]
    size, exponent = xp.abs(x), y - order
    logarithm = xp.log(size)
    factor = weights[0]
    for weight in weights[1:]:
        factor = factor * logarithm + weight
    magnitude, root = xp.power(size, exponent), xp.power(size, 0.5 * exponent)
    ordinary = xp.logical_and(magnitude > 1e-290, magnitude < 1e290)
    result = xp.where(ordinary, magnitude * factor, (root * factor) * root)
    # A negative base has powers at integers alone, whose sign is that of the exponent's parity, and no logarithm.
    negative = xp.copysign(1.0, x) < 0.0
    changes = _is_odd(xp, y) if order % 2 == 0 else xp.logical_not(_is_odd(xp, y))
    result = xp.where(xp.logical_and(negative, changes), -result, result)
    lost = kernels.sum_error(y, -float(order), exponent)
    lost = xp.where(xp.abs(y) < math.inf, lost, 0.0)
    corrected = result + result * (lost * logarithm)
    result = xp.where(xp.logical_and(lost != 0.0, xp.abs(result) < math.inf), corrected, result)
    result = xp.where(xp.logical_and(magnitude == 0.0, xp.abs(factor) == math.inf), 0.0, result)
    # At 0 and infinity the power decides, and then the highest power of the logarithm that has a weight.
    end: Any = 0.0
    growth: Any = 1.0
    signed = xp.where(xp.logical_and(negative, _is_odd(xp, exponent)), -magnitude, magnitude)
    for weight in reversed(weights):
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
    return xp.where(xp.logical_or(has_none, x != x), xp.nan, result)


@functools.partial(in_double, emitted=_power_derivative_in_code)
def _power_derivative(np: Any, m: Any, n: Any, x: Any, y: Any) -> Any:
    """The formula of the float kernel where no power leaves the range of doubles and the base is positive."""
    if not (isinstance(m, float) and isinstance(n, float) and 0.0 <= m <= kernels.HIGHEST_ORDER):
        return _map(kernels.power_derivative, np, m, n, x, y)
    if not 0.0 <= n <= kernels.HIGHEST_ORDER:
        return _map(kernels.power_derivative, np, m, n, x, y)
    order, logs = int(m), int(n)
    falling = _falling_factorial(y, order, logs)
    exponent = y - order
    lost = kernels.sum_error(y, -order, exponent)
    corrects = bool(np.any(lost))
    logarithm = np.log(np.abs(x)) if logs or corrects else 0.0
    factor = falling[0]
    for j in range(1, logs + 1):
        factor = factor * logarithm + falling[j] * float(math.perm(logs, j))
    result = power(np, x, exponent)
    size = np.abs(result)
    within = (size > 1e-290) & (size < 1e290)
    result = result * factor
    if corrects:
        result += result * (lost * logarithm)
    # A negative base has powers at integers, with the sign of that power, and no logarithm.
    if logs or not isinstance(y, float) or y != math.floor(y) or abs(y) >= 2.0**52:
        within &= np.asarray(x > 0.0)
    if not logs and not corrects:
        within |= np.asarray((x == 0.0) | (np.abs(x) == math.inf)) & np.isfinite(y)
    # A zero or an infinity may come of a factor that the float kernel looks at more closely.
    within &= (factor != 0.0) & (np.abs(factor) < math.inf) & (x == x) & (result == result)
    return repaired(np, result, within, kernels.power_derivative, m, n, x, y)


# Exponentials and logarithms


def logaddexp(xp: Any, x: Any, y: Any) -> Any:
    """The larger operand, and the logarithm of 1 + exp(the exact difference).

    Where the larger is negative these cancel, and what functions of libraries differ in would remain: doubles are
    computed by arithmetic alone, with exp(d) = 2^k exp(r) and log(1 + p) = 2 atanh(p/(2 + p)).
    """
    high, low = xp.maximum(x, y), xp.minimum(x, y)
    difference = low - high
    # Infinities have no difference, or an infinite one.
    lost = kernels.sum_error(low, -high, difference)
    if limits(difference) is not _DOUBLE:
        power = xp.exp(difference)
        return high + xp.log1p(xp.where(difference > -math.inf, power + power * lost, 0.0))
    is_power = difference > -746.0
    held, lost = xp.where(is_power, difference, 0.0), xp.where(is_power, lost, 0.0)
    times = xp.rint(held * (1.0 / kernels.LN2))
    near, beyond = held - times * kernels.LOG_TWO[0], times * kernels.LOG_TWO[1]
    rest = near - beyond
    lost = lost + ((near - rest) - beyond)
    power = 1.0 + (rest + (rest * rest * kernels.polynomial(rest, kernels.EXPONENTIAL) + lost))
    power = xp.where(is_power, xp.exp2(times) * power, 0.0)
    ratio = power / (2.0 + power)
    square = ratio * ratio
    return high + (2.0 * ratio + 2.0 * ratio * (square * kernels.polynomial(square, kernels.ATANH)))


def xlogy(xp: Any, x: Any, y: Any) -> Any:
    logarithm = xp.log(y) if hasattr(y, "dtype") else kernels.log(y)
    return xp.where(xp.logical_and(x == 0.0, y >= 0.0), 0.0, x * logarithm)


@in_double_everywhere
def bell(xp: Any, x: Any) -> Any:
    return xp.exp(-(x * x))


@in_double_everywhere
def sigmoid_derivative(xp: Any, n: Any, x: Any, y: Any) -> Any:
    """One exponential for the sigmoid and its slope; the float kernel's polynomials for the higher derivatives."""
    if not (isinstance(n, float) and 0.0 <= n <= kernels.HIGHEST_ORDER):
        return _map(kernels.sigmoid_derivative, xp, n, x, y)
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
    values = []
    for polynomial in kernels.sigmoid_polynomials(order + 1)[-2:]:
        total: Any = 0.0
        for coefficient in reversed(polynomial):
            total = total * tangent + coefficient
        values.append(square * total)
    return values[0] + lost * values[1]


# Trigonometric and hyperbolic functions


def sec(xp: Any, x: Any) -> Any:
    return 1.0 / xp.cos(x)


def csc(xp: Any, x: Any) -> Any:
    return 1.0 / xp.sin(x)


def cot(xp: Any, x: Any) -> Any:
    return 1.0 / xp.tan(x)


def witch(xp: Any, x: Any) -> Any:
    below = x * x + 1.0
    result = 1.0 / below
    if _highest(xp, below) < math.inf:
        return result
    return xp.where(below == math.inf, (1.0 / x) * (1.0 / x), result)


def _about_nearest(xp: Any, x: Any) -> tuple[Any, Any, Any]:
    """|x|, its exact distance to the nearest integer, and 1 where that is even, else -1."""
    size = xp.abs(x)
    nearest = xp.rint(size)
    half = 0.5 * nearest
    return size, size - nearest, 1.0 - 4.0 * xp.abs(half - xp.rint(half))


def sinc(xp: Any, x: Any) -> Any:
    """By the distance to the nearest integer, so that it is 0 at integers."""
    size, distance, parity = _about_nearest(xp, x)
    sine = parity * xp.sin(math.pi * distance) + 0.0
    result = sine / math.pi / size
    return xp.where(size == math.inf, 0.0, xp.where(size == 0.0, 1.0, result))


#: The highest derivative of sinc whose power series keeps its digits as far as it is needed.
_HIGHEST_SINC: Final = 4


@functools.cache
def _sinc_series(order: int) -> list[float]:
    """The Taylor coefficients of a derivative of sin(t)/t, of every second power from t^0 or t^1 on."""
    first = (order + 1) // 2
    return [(-1.0) ** k / (math.factorial(2 * k - order) * (2 * k + 1)) for k in range(first, first + 13 + 2 * order)]


@in_double_everywhere
def sinc_derivative(xp: Any, n: Any, x: Any) -> Any:
    """The low derivatives as the float kernel computes them: a power series near 0, else the product rule."""
    if not (isinstance(n, float) and 1.0 <= n <= _HIGHEST_SINC):
        return _map(kernels.sinc_derivative, xp, n, x)
    order = int(n)
    size, distance, parity = _about_nearest(xp, x)
    sine, cosine = parity * xp.sin(math.pi * distance), parity * xp.sin(math.pi * (0.5 - xp.abs(distance)))
    cycle = (sine, cosine, -sine, -cosine)
    result = sine / math.pi / size
    for k in range(1, order + 1):
        result = (math.pi ** (k - 1) * cycle[k % 4] - float(k) * result) / size
    limit = order + 1.0
    held = math.pi * clip(xp, x, -limit / math.pi, limit / math.pi)
    square = held * held
    total: Any = 0.0
    for coefficient in reversed(_sinc_series(order)):
        total = total * square + coefficient
    if order % 2:
        result, total = xp.copysign(1.0, x) * result, total * held
    result = xp.where(math.pi * size <= limit, math.pi**order * total + 0.0, result)
    return xp.where(size == math.inf, 0.0, result)


def sech(xp: Any, x: Any) -> Any:
    """2 e/(1 + e^2) with e = exp(-|x|), which is a number also where the cosine overflows."""
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
    if _highest(xp, distance) < limit:
        return result
    tail = 2.0 * xp.exp(-distance)
    return xp.where(distance < limit, result, xp.where(x < 0.0, -tail, tail))


def coth(xp: Any, x: Any) -> Any:
    return 1.0 / xp.tanh(x)


# Activations


def _in_tail(xp: Any, x: Any, result: Any, formula: Callable[[], Any]) -> Any:
    """The result, but of the formula where x is below the limit of its type, or nan."""
    limit = limits(result).tail
    if _lowest(xp, x) >= limit:
        return result
    return xp.where(x < limit, formula(), result)


def relu(xp: Any, x: Any) -> Any:
    return xp.maximum(x, 0.0)


def elu(xp: Any, x: Any) -> Any:
    """Extremes instead of a choice, which is slow; their order keeps the sign of zero."""
    result = xp.minimum(0.0, x)
    result = xp.expm1(result, **into(result))
    return xp.maximum(x, result, **into(result))


def selu(xp: Any, x: Any, alpha: float, scale: float) -> Any:
    result = xp.minimum(0.0, x)
    result = xp.expm1(result, **into(result))
    result *= alpha
    result += xp.maximum(x, -0.0)
    result *= scale
    return result


def leaky_relu(xp: Any, x: Any, leak: float) -> Any:
    result = leak * x
    return xp.maximum(x, result, **into(result))


def _one_and_decay(xp: Any, x: Any) -> Any:
    """1 + exp(-x)."""
    result = -x
    result = xp.exp(result, **into(result))
    result += 1.0
    return result


def _times_sigmoid(xp: Any, x: Any, inner: Any) -> Any:
    """x sigmoid(inner) by one exponential, which is kept from being a denormal that has lost digits."""
    limit, held = limits(inner).tail, xp.maximum(inner, -BEYOND)
    is_tail = held < limit
    power = xp.exp(xp.where(is_tail, 64.0, 0.0) - xp.abs(held))
    result = xp.where(held < 0.0, xp.maximum(x, -BEYOND) * power, x) / (1.0 + power)
    return xp.where(is_tail, result * math.exp(-64.0), result)


def sigmoid(xp: Any, x: Any) -> Any:
    if _emits(xp):
        power = _decay(xp, x)
        return xp.where(x < 0.0, power, 1.0) / (1.0 + power)
    below = _one_and_decay(xp, x)
    return _in_tail(xp, x, xp.divide(1.0, below, **into(below)), lambda: xp.exp(x))


def softplus(xp: Any, x: Any) -> Any:
    result = _decay(xp, x)
    result = xp.log1p(result, **into(result))
    result += xp.maximum(x, 0.0)
    return result


def softsign(xp: Any, x: Any) -> Any:
    below = xp.abs(x) + 1.0
    result = x / below
    if _highest(xp, below) < math.inf:
        return result
    return xp.where(below == math.inf, sign(xp, x), result)


def _silu_tail(xp: Any, x: Any) -> Any:
    held = xp.maximum(x, -BEYOND)
    root = xp.exp(0.5 * held)
    return root * (held * root)


def silu(xp: Any, x: Any) -> Any:
    if _emits(xp):
        return _times_sigmoid(xp, x, x)
    below = _one_and_decay(xp, x)
    return _in_tail(xp, x, xp.divide(x, below, **into(below)), lambda: _silu_tail(xp, x))


def gelu_tanh(xp: Any, x: Any, cube: float, scale: float) -> Any:
    inner = cube * x
    inner *= x
    inner *= x
    inner += x
    inner *= scale
    if _emits(xp):
        return _times_sigmoid(xp, x, inner)
    below = _one_and_decay(xp, inner)
    result = xp.divide(x, below, **into(below))
    return _in_tail(xp, inner, result, lambda: xp.maximum(x, -BEYOND) * xp.exp(inner))


def gelu(xp: Any, x: Any) -> Any:
    # Infinity times 0 is avoided by a number at which erfc is 0.
    held = xp.maximum(x, -BEYOND)
    return 0.5 * held * erfc(xp, -x / SQRT_TWO)


def mish(xp: Any, x: Any) -> Any:
    """With e = exp(x), tanh(log(1 + e)) = (e^2 + 2 e)/(e^2 + 2 e + 2)."""
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


# Special functions


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
    return _map(math.erf, np, x) if compiled is None else np.asarray(compiled(x))


@functools.partial(in_double, emitted=lambda xp, x: xp.erfc(x))
def erfc(np: Any, x: Any) -> Any:
    """SciPy's up to 0.3; from there on it loses digits, 500 units at 26, since it takes 1 - erf(x) and squares x."""
    compiled = _scipy("erfc")
    if compiled is None:
        return _map(math.erfc, np, x)
    return repaired(np, np.asarray(compiled(x)), (x <= 0.3) | (x >= 28.0), math.erfc, x)


#: Orders of derivatives up to this are written as code.
_HIGHEST_EMITTED: Final = 8.0


#: Elements whose intermediate arrays stay in the cache.
_BLOCK: Final = 8192


def of_gamma_family(function: Callable[..., Any]) -> ArrayKernel:
    """A function of the gamma family, in double precision; its order, if it has one, is the first operand."""

    def kernel(xp: Any, *operands: Any) -> Any:
        *orders, x = operands
        is_constant = all(isinstance(order, float) for order in orders)
        if _emits(xp):
            if not is_constant or any(not 0.0 <= order <= _HIGHEST_EMITTED for order in orders):
                raise NotImplementedError
            return function(xp, *operands)
        if not is_constant:
            return _map(functools.partial(function, FLOATS), xp, *operands)
        result = xp.empty(xp.shape(x))
        flat, out = xp.ravel(x), result.ravel()
        for start in range(0, flat.size, _BLOCK):
            out[start : start + _BLOCK] = function(xp, *orders, flat[start : start + _BLOCK])
        return result

    return in_double_everywhere(kernel)


gamma = of_gamma_family(gamma_family.gamma)
lgamma = of_gamma_family(gamma_family.lgamma)
digamma = of_gamma_family(gamma_family.digamma)
polygamma = of_gamma_family(gamma_family.polygamma)
gamma_derivative = of_gamma_family(gamma_family.gamma_derivative)
factorial = of_gamma_family(gamma_family.factorial)
