"""Float kernels: functions of Python floats that follow IEEE 754 and never raise.

Python raises an error where the standard returns infinity or nan (``1/0``, ``exp(1000)``, ``sqrt(-1)``), and returns a
complex number for ``(-8)**(1/3)``.  Here a pole gives a signed infinity, an overflow gives infinity, and a missing
value gives nan.
"""

from __future__ import annotations

import functools
import math
import operator
import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, Final

INF = math.inf
NAN = math.nan
LN2 = math.log(2.0)
#: The highest order of the families of derivatives; a derivative beyond it is nan.
HIGHEST_ORDER = 100.0

# The constants of activation functions.
LEAK = 0.01
# Klambauer et al., "Self-Normalizing Neural Networks" (2017), to double precision.
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
SQRT_HALF = 0.7071067811865476
SQRT_TWO = 1.4142135623730951
# Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016): the approximation by tanh.
GELU_CUBE = 0.044715
SQRT_TWO_OVER_PI = 0.7978845608028654

#: Shorter lengths may be denormal numbers, which have few digits; their multiples by the second number are not.
FEW_DIGITS = 1e-290
LENGTHENED = 2.0**600

# Constants of formulas that give the same bits on floats, on arrays and in code.
#: log(2) in two parts, the first of so few bits that its products with exponents are exact.
LOG_TWO = (0.6931471803691238, 1.9082149292705877e-10)
#: (exp(r) - 1 - r)/r^2 between -log(2)/2 and log(2)/2, interpolated at Chebyshev's points: 1.4e-18 off.
EXPONENTIAL = (
    0.5,
    0.1666666666666667,
    0.04166666666666667,
    0.008333333333326136,
    0.0013888888888883748,
    0.00019841269874820627,
    2.4801587325547743e-05,
    2.7557255400206422e-06,
    2.75572736431103e-07,
    2.5105217004720745e-08,
    2.0914686968086876e-09,
)
#: (atanh(s)/s - 1)/s^2 in powers of s^2 up to 1/9, likewise: 4.5e-17 off.
ATANH = (
    0.3333333333333333,
    0.20000000000007292,
    0.1428571428355438,
    0.11111111358713932,
    0.09090894718066429,
    0.07692785032479312,
    0.06657072104827468,
    0.06000536404795356,
    0.04400369243072337,
    0.08082022805971766,
)


def polynomial(x: Any, coefficients: Sequence[float]) -> Any:
    """The value of the polynomial with these coefficients, lowest first, at a number, an array or a value in code."""
    total: Any = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = total * x + coefficient
    return total


def sum_error(x: Any, y: Any, total: Any) -> Any:
    """The exact rounding error of x + y (Knuth's two-sum); nan if the sum is not finite."""
    second = total - x
    return (x - (total - second)) + (y - second)


def _never_raising(
    function: Callable[[float], float],
    poles: tuple[float, ...] = (),
    infinity: Callable[[float], float] = lambda x: INF,
) -> Callable[[float], float]:
    """Wrap a function of the math module: infinity where it overflows and at its poles, nan where it has no value."""

    def kernel(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return infinity(x)
        except ValueError:
            return infinity(x) if x in poles else NAN

    kernel.__name__ = function.__name__
    return kernel


exp = _never_raising(math.exp)
expm1 = _never_raising(math.expm1)
sqrt = _never_raising(math.sqrt)
sin = _never_raising(math.sin)
cos = _never_raising(math.cos)
tan = _never_raising(math.tan)
asin = _never_raising(math.asin)
acos = _never_raising(math.acos)
acosh = _never_raising(math.acosh)
cosh = _never_raising(math.cosh)
sinh = _never_raising(math.sinh, infinity=lambda x: math.copysign(INF, x))
atanh = _never_raising(math.atanh, (-1.0, 1.0), lambda x: math.copysign(INF, x))
log = _never_raising(math.log, (0.0,), lambda x: -INF)
log2 = _never_raising(math.log2, (0.0,), lambda x: -INF)
log10 = _never_raising(math.log10, (0.0,), lambda x: -INF)
log1p = _never_raising(math.log1p, (-1.0,), lambda x: -INF)


def sech(x: float) -> float:
    """1/cosh(x), also where cosh(x) is beyond the largest double and its reciprocal is a denormal."""
    if abs(x) < 20.0:
        return 1.0 / math.cosh(x)
    return 2.0 * math.exp(-abs(x)) if x == x else x


def csch(x: float) -> float:
    """1/sinh(x), also where sinh(x) is beyond the largest double and its reciprocal is a denormal."""
    if abs(x) < 20.0:
        return div(1.0, math.sinh(x))
    return math.copysign(2.0 * math.exp(-abs(x)), x) if x == x else x


def div(x: float, y: float) -> float:
    """x / y with signed infinities at a pole and nan for 0/0."""
    try:
        return x / y
    except ZeroDivisionError:
        if x == 0.0 or x != x:
            return NAN
        return math.copysign(INF, x) * math.copysign(1.0, y)


def logaddexp(xp: Any, x: Any, y: Any) -> Any:
    """The larger operand plus log(1 + exp(d)) for doubles, where d is the exact difference of the operands.

    If the larger operand is negative, the two terms cancel, and rounding errors of library functions would become
    visible.  So only arithmetic is used: exp(d) = 2^k exp(r) and log(1 + p) = 2 atanh(p/(2 + p)).
    """
    high, low = xp.maximum(x, y), xp.minimum(x, y)
    difference = low - high
    # The difference may be infinite or nan; then it fails the comparison below.
    lost = sum_error(low, -high, difference)
    is_power = difference > -746.0
    held, lost = xp.where(is_power, difference, 0.0), xp.where(is_power, lost, 0.0)
    times = xp.rint(held * (1.0 / LN2))
    near, beyond = held - times * LOG_TWO[0], times * LOG_TWO[1]
    rest = near - beyond
    lost = lost + ((near - rest) - beyond)
    power = 1.0 + (rest + (rest * rest * polynomial(rest, EXPONENTIAL) + lost))
    power = xp.where(is_power, xp.exp2(times) * power, 0.0)
    ratio = power / (2.0 + power)
    square = ratio * ratio
    return high + (2.0 * ratio + 2.0 * ratio * (square * polynomial(square, ATANH)))


def difference_error(x: float, y: float) -> float:
    """The rounding error of x - y; 0 if the difference is not finite."""
    lost: float = sum_error(x, -y, x - y)
    return lost if math.isfinite(lost) else 0.0


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


def power_derivative(m: float, n: float, x: float, y: float) -> float:
    """The derivative of x^y of order m in x and n in y: x^(y-m) times a polynomial in log(x).

    With the falling factorial F(y) = y (y-1) ... (y-m+1), the polynomial is the sum over j of
    n!/(n-j)! F_j log(x)^(n-j), where F_j is the j-th Taylor coefficient of F at y.
    """
    if not (0.0 <= m <= HIGHEST_ORDER and 0.0 <= n <= HIGHEST_ORDER and math.isfinite(y)):
        return NAN
    if x != x:  # x^0 is 1 there, too
        return 0.0 if m > 0.0 and n == y == 0.0 else NAN
    order, logs = int(m), int(n)
    weights: list[float] = power_weights(y, order, logs)
    if logs and (x < 0.0 or (x == 0.0 == y and not order)):  # 0^y jumps at y = 0
        return NAN
    if x == 0.0 or math.isinf(x):
        return _power_derivative_at_end(x, y, order, weights)
    logarithm = math.log(abs(x)) if logs else 0.0
    factor: float = polynomial(logarithm, weights)
    if factor == 0.0:
        return 0.0
    exponent = y - order
    magnitude = power(abs(x), exponent)
    if magnitude == 0.0 and math.isinf(factor):
        return 0.0
    if x < 0.0:
        if y != math.floor(y):
            return NAN
        # The parity of y - m decides the sign; the rounded exponent of a huge y has lost it.
        factor = factor if (math.fmod(y, 2.0) + order) % 2.0 == 0.0 else -factor
    if 1e-290 < magnitude < 1e290:
        result = magnitude * factor
    else:
        # The power alone may leave the range of doubles where its product with the factor is within it; for a denormal
        # base, its square root may do so, too.
        root = power(abs(x), 0.25 * exponent)
        result = factor * root * root * root * root
    # The rounding error of y - m counts log(x) times: 345 units in the last place at x = 1e300, y = 0.3.
    lost = difference_error(y, float(order))
    return result + result * (lost * math.log(abs(x))) if lost and math.isfinite(result) else result


def power_weights(y: Any, order: int, logs: int) -> list[Any]:
    """The coefficients of the polynomial in `power_derivative`, lowest power first, at a float or an array y."""
    falling: list[Any] = [1.0] + [0.0] * logs
    for i in range(order):
        falling = [falling[j] * (y - i) + (falling[j - 1] if j else 0.0) for j in range(logs + 1)]
    return [falling[j] * float(math.perm(logs, j)) for j in range(logs, -1, -1)]


def _power_derivative_at_end(x: float, y: float, order: int, weights: Sequence[float]) -> float:
    """The derivative at x = 0 or infinity: the term with the highest power of the logarithm, or 0 if x^(y-m) is 0."""
    leading = max((k for k, weight in enumerate(weights) if weight != 0.0), default=None)
    if leading is None:
        return 0.0
    result = weights[leading] * power(x, y - order)
    return result * power(log(abs(x)), float(leading)) if leading and result != 0.0 else result


def reciprocal_power(n: float, x: float, y: float) -> complex:
    """(x + iy)^-n for n >= 1, by powers of the unit vector, so that nothing overflows before the result does."""
    if not 1.0 <= n <= HIGHEST_ORDER:
        return complex(NAN, NAN)
    scale, length = scaled_length(x, y)
    cosine, sine = direction(x, y), -direction(y, x)
    real, imaginary = cosine, sine
    for _ in range(int(n) - 1):
        real, imaginary = real * cosine - imaginary * sine, real * sine + imaginary * cosine
    for _ in range(int(n)):
        real, imaginary = scale * div(real, length), scale * div(imaginary, length)
    return complex(real, imaginary)


def scaled_length(x: float, y: float) -> tuple[float, float]:
    """A power of two, and the length of (x, y) times this power, which neither overflows nor is a denormal number."""
    length = math.hypot(x, y)
    if FEW_DIGITS <= length < math.inf:
        return 1.0, length
    scale = LENGTHENED if length < FEW_DIGITS else 0.25
    return scale, math.hypot(scale * x, scale * y)


def direction_slope(x: float, y: float) -> float:
    """y^2/hypot(x, y)^3. The quotient is computed first, since a product of small numbers may underflow."""
    sine = direction(y, x)
    scale, length = scaled_length(x, y)
    return scale * (sine * div(sine, length))


def direction(x: float, y: float) -> float:
    """x/hypot(x, y), also where the length overflows; 0 at the origin, as the length has no slope there."""
    if math.isinf(x) and math.isfinite(y):
        return math.copysign(1.0, x)
    scale, length = scaled_length(x, y)
    return 0.0 if length == 0.0 else div(scale * x, length)


def cbrt(x: float) -> float:
    """The real cube root, within 1 ulp and exact for cubes: a power, then one step of Newton's method.

    The cube root of the C library is up to 3 ulp off, and returns 3.0000000000000004 for 27.
    """
    if x == 0.0 or not math.isfinite(x):
        return x
    mantissa, exponent = math.frexp(x)
    shift = exponent % 3
    scaled = math.ldexp(mantissa, shift)
    root = math.copysign(abs(scaled) ** (1.0 / 3.0), scaled)
    root -= (root * root * root - scaled) / (3.0 * root * root)
    return math.ldexp(root, (exponent - shift) // 3)


def power_of_two(x: float) -> float:
    """2 to the x."""
    return power(2.0, x)


if sys.version_info >= (3, 11):
    exp2 = _never_raising(math.exp2)
else:
    exp2 = power_of_two


def sigmoid(x: float) -> float:
    """1/(1 + exp(-x)), which overflows nowhere and keeps its digits in both tails."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    power = math.exp(x) if x == x else x
    return power / (1.0 + power)


@functools.cache
def sigmoid_polynomials(count: int) -> list[list[float]]:
    """The polynomials p for which the derivatives of the sigmoid, from the first on, are sech(x/2)^2 p(tanh(x/2))."""
    polynomials = [[0.25]]
    while len(polynomials) < count:
        # p -> -t p + (1 - t^2) p'/2.
        last = polynomials[-1]
        slope = [0.5 * i * c for i, c in enumerate(last)][1:]
        polynomials.append(
            [-a - b + c for a, b, c in zip([0.0, *last], [0.0, 0.0, *slope], [*slope, 0.0, 0.0], strict=True)]
        )
    return polynomials


def sigmoid_derivative(n: float, x: float, y: float) -> float:
    """The n-th derivative of the sigmoid at x - y, corrected to first order for the rounding error of x - y."""
    if not 0.0 <= n <= HIGHEST_ORDER:
        return NAN
    difference, lost = x - y, difference_error(x, y)
    order = int(n)
    square, tangent = sech(0.5 * difference) ** 2, math.tanh(0.5 * difference)
    polynomials = sigmoid_polynomials(order + 1)
    values: list[float] = [sigmoid(difference), *[square * polynomial(tangent, one) for one in polynomials]]
    return values[order] + lost * values[order + 1]


def floor(x: float) -> float:
    """The largest integer not above x."""
    return math.copysign(float(math.floor(x)), x) if abs(x) < 2.0**52 else x


def ceil(x: float) -> float:
    """The smallest integer not below x."""
    return math.copysign(float(math.ceil(x)), x) if abs(x) < 2.0**52 else x


def nearest(x: float) -> float:
    """The nearest integer; halves go to the even one."""
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
        best = x if x >= best else best  # of zeros with two signs the last one, as NumPy and compiled code do
    return best


def minimum(*operands: float) -> float:
    """The smallest operand; nan if one is nan."""
    best = operands[0]
    for x in operands:
        if x != x:
            return x
        best = x if x <= best else best
    return best


def sine_and_cosine_of_pi(x: float) -> tuple[float, float]:
    """sin(pi x) and cos(pi x) of a finite x.

    The reduction of x is exact, so that integers and half-integers give exactly 0.
    """
    r = math.fmod(abs(x), 2.0)
    quarter = round(2.0 * r)
    angle = math.pi * (r - 0.5 * quarter)
    sine, cosine = math.sin(angle), math.cos(angle)
    cycle = (sine, cosine, -sine, -cosine)
    return math.copysign(1.0, x) * (cycle[quarter % 4] or 0.0), cycle[(quarter + 1) % 4]


def bell_derivative(n: float, x: float) -> float:
    """The n-th derivative of exp(-x^2), which is 0 from 40 on.

    It is Hermite's polynomial times the exponential.  If the exponential underflows, the polynomial is multiplied by
    its square root twice.
    """
    if not 0.0 <= n <= HIGHEST_ORDER:
        return NAN
    if abs(x) > BELL_FAR:
        return 0.0
    is_far = abs(x) > BELL_HALVED
    power = math.exp((-0.5 if is_far else -1.0) * (x * x))
    result: float = hermite(int(n), x) * power
    return result * power if is_far else result


def hermite(n: int, x: Any) -> Any:
    """Hermite's polynomial p with the sign of the derivative: p exp(-x^2) is the n-th derivative of exp(-x^2)."""
    last, value = 0.0 * x, 0.0 * x + 1.0
    for k in range(n):
        last, value = value, -2.0 * (x * value + k * last)
    return value


#: Beyond the first, exp(-x^2) is computed as the square of exp(-x^2/2); beyond the second, this is 0.
BELL_HALVED: Final = 20.0
BELL_FAR: Final = 40.0


def sinc_derivative(n: float, x: float) -> float:
    """The n-th derivative of sin(pi x)/(pi x): a power series near 0, the recurrence of the product rule elsewhere.

    With g(t) = sin(t)/t, (t g)^(n) = t g^(n) + n g^(n-1) = sin(t + n pi/2).
    """
    if not 0.0 <= n <= HIGHEST_ORDER:
        return NAN
    order = int(n)
    if not math.isfinite(x):
        return 0.0 if x == x else x
    t = math.pi * x
    if abs(t) <= order + 1.0:
        # g^(n)(t) = sum over k of (-1)^k t^(2k-n) (2k)!/((2k-n)! (2k+1)!), from the first 2k that reaches n.
        k = (order + 1) // 2
        term = (-1.0) ** k * t ** (2 * k - order) / (math.factorial(2 * k - order) * (2 * k + 1))
        terms: list[float] = []
        while abs(term) > 1e-40 * abs(terms[0] if terms else term) or not terms:
            terms.append(term)
            low = 2 * k - order
            term *= -t * t * (2 * k + 1) / ((low + 1) * (low + 2) * (2 * k + 3))
            k += 1
            if term == 0.0:
                break
        return math.fsum(terms) * math.pi**order
    # The same recurrence divided by powers of pi: pi x would overflow before the result underflows.
    sine, cosine = sine_and_cosine_of_pi(x)
    cycle = (sine, cosine, -sine, -cosine)
    value = sine / math.pi / x
    for k in range(1, order + 1):
        value = (math.pi ** (k - 1) * cycle[k % 4] - k * value) / x
    return value


#: NumPy's names for Python floats, so that a formula written with a namespace runs on one number without NumPy.  Truth
#: values are Python's own, on which ``&`` and ``|`` work as on arrays.
FLOATS: Final = SimpleNamespace(
    nan=NAN,
    **{one.__name__: one for one in (abs, exp, expm1, log, log2, log10, log1p, sqrt, cbrt, floor, ceil, sign)},
    **{one.__name__: one for one in (sin, cos, tan, sinh, cosh, math.tanh, math.erf, math.erfc, math.hypot)},
    **{f"arc{name}": one for name, one in (("sin", asin), ("cos", acos), ("tan", math.atan), ("tan2", math.atan2))},
    arcsinh=math.asinh,
    arccosh=acosh,
    arctanh=atanh,
    add=operator.add,
    subtract=operator.sub,
    multiply=operator.mul,
    negative=operator.neg,
    exp2=exp2,
    divide=div,
    remainder=mod,
    power=power,
    copysign=math.copysign,
    rint=nearest,
    maximum=maximum,
    minimum=minimum,
    where=lambda condition, x, y: x if condition else y,
    logical_and=lambda x, y: bool(x) and bool(y),
    logical_or=lambda x, y: bool(x) or bool(y),
    logical_not=operator.not_,
)
