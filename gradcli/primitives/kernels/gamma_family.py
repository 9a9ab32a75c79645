"""The gamma family: one algorithm for each function, used for floats, arrays and compiled code.

Each is written once with a namespace `xp` of NumPy's names: `FLOATS`, NumPy, or a namespace that writes code.  Sums,
products and quotients have the same bits in all namespaces.  So the functions use only these operations and, if |x| is
large, a power or a logarithm of equal operands.  A computation that is for some operands only is skipped if there are
no such operands (`_some`).  It gets harmless values in place of all other operands, so that nothing is divided by zero.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from typing import Any, Final

from gradcli.primitives.kernels.float_kernels import ATANH, HIGHEST_ORDER, LN2, SQRT_HALF, polynomial, sum_error
from gradcli.records import NamedTuple

__all__ = ["digamma", "factorial", "gamma", "gamma_derivative", "lgamma", "polygamma"]

#: B_2, B_4, ... B_24, the Bernoulli numbers of the asymptotic series (DLMF 5.11.1, 5.11.2, 5.15.8).
BERNOULLI: Final = (
    1 / 6,
    -1 / 30,
    1 / 42,
    -1 / 30,
    5 / 66,
    -691 / 2730,
    7 / 6,
    -3617 / 510,
    43867 / 798,
    -174611 / 330,
    854513 / 138,
    -236364091 / 2730,
)
#: The coefficients of the series of log(Gamma) and of digamma in 1/x^2.
_LOG_GAMMA: Final = tuple([bernoulli / (2 * k * (2 * k - 1)) for k, bernoulli in enumerate(BERNOULLI[:8], 1)])
_DIGAMMA: Final = tuple([bernoulli / (2 * k) for k, bernoulli in enumerate(BERNOULLI, 1)])
#: Q of 1/Gamma(1 + t) = 1 + t (1 - t) Q(t) for t from 0 to 1, in powers of t - 1/2: interpolated at Chebyshev's
#: points; the error is 3e-17 if the rounding error of the first coefficient is added.
_RECIPROCAL_LOW: Final = -4.336588233773627e-17
_RECIPROCAL: Final = (
    0.5135166683820503,
    -0.1646981057811324,
    -0.05255106857397921,
    0.04161568105120782,
    -0.006336833304923994,
    -0.002157953269256171,
    0.0011042580831499755,
    -0.000148887308180788,
    -2.588862672911073e-05,
    1.3881269473509407e-05,
    -2.1341211068273184e-06,
    -6.22845254166883e-08,
    9.01276868758033e-08,
    -1.6796002705931017e-08,
)
#: 1 - Q(1/2)/2 as the sum of two floats.
_ONE_LESS_HALF: Final = (0.7432416658089749, -3.382821006238969e-17)
#: Between these, Gamma is a product; lgamma has no zeros below.  From the second on, Stirling's series takes 8 terms.
_LOWEST: Final = -19.0
_FAR: Final = 13.0
#: The zeros of digamma, as sums of two floats: the positive one, and those above -1, -2, ... -12.
ZEROS: Final = (
    (1.4616321449683622, 9.549995429965697e-17),
    (-0.5040830082644554, -8.15428206243813e-18),
    (-1.5734984731623904, -1.574185691077347e-17),
    (-2.6107208684441447, 9.881960746978353e-17),
    (-3.635293366436901, 5.454396163173039e-17),
    (-4.653237761743142, -2.5492686201468193e-16),
    (-5.6671624415568855, -3.2153051074948335e-18),
    (-6.678418213073427, 3.470798723495241e-16),
    (-7.687788325031626, -1.351562494643672e-16),
    (-8.695764163816401, -3.2859903716289447e-16),
    (-9.702672540001863, -3.2563178405401477e-16),
    (-10.708740838254144, -6.287211750540301e-16),
    (-11.714133061228955, 8.598250154343834e-16),
)
#: The pole below the last of these zeros: above it digamma is computed by its distance to a zero.
_LAST_POLE: Final = 1.0 - len(ZEROS)
#: From these operands on, the series of digamma is precise enough: for the value, and for a divided difference.
_VALUE: Final = 7.0
_SLOPE: Final = 10
#: Numbers as sums of two floats: 1/e, sqrt(2 pi/e), pi.
_INVERSE_E: Final = (0.36787944117144233, -1.2428753672788363e-17)
_SQRT_TAU_BY_E: Final = (1.520346901066281, -9.239528122039697e-17)
_PI_LOW: Final = 1.2246467991473532e-16
#: (log(2 pi) - 1)/2.
_LOG_SHIFT: Final = 0.4189385332046727
#: The Taylor coefficients of sin(pi d)/d and cos(pi d) in d^2: (-1)^k pi^(2k+1)/(2k+1)! and (-1)^k pi^(2k)/(2k)!.
_SINE: Final = (
    3.141592653589793,
    -5.16771278004997,
    2.5501640398773455,
    -0.5992645293207921,
    0.08214588661112823,
    -0.0073704309457143504,
    0.00046630280576761255,
    -2.1915353447830217e-05,
    7.952054001475513e-07,
)
_COSINE: Final = (
    1.0,
    -4.934802200544679,
    4.058712126416768,
    -1.3352627688545895,
    0.23533063035889312,
    -0.02580689139001406,
    0.0019295743094039231,
    -0.00010463810492484571,
    4.303069587032947e-06,
    -1.3878952462213771e-07,
)
#: The highest order of polygamma whose reflection is computed from the cotangent.
_HIGHEST_REFLECTED: Final = 150
#: The factor that splits a float into halves whose products are exact.
_SPLITTER: Final = 2.0**27 + 1.0


def _some(condition: Any) -> bool:
    """Whether a condition holds for some operand.

    Always True if code is written, because operands then have no values.
    """
    if isinstance(condition, bool):
        return condition
    return bool(condition.any()) if hasattr(condition, "any") else True


def _is_pole(xp: Any, x: Any) -> Any:
    return (x <= 0.0) & (x == xp.floor(x))


def _at_pole(xp: Any, x: Any, value: Any, at_zero: Any, elsewhere: Any) -> Any:
    """The value, replaced at 0 and at the negative integers, which are poles."""
    is_pole = _is_pole(xp, x)
    return xp.where(is_pole, xp.where(x == 0.0, at_zero, elsewhere), value) if _some(is_pole) else value


def _product_error(x: Any, y: Any, product: Any) -> Any:
    """The rounding error of the product x y (Dekker's product)."""
    scaled, other = _SPLITTER * x, _SPLITTER * y
    high, upper = scaled - (scaled - x), other - (other - y)
    low, lower = x - high, y - upper
    return ((high * upper - product) + (high * lower + low * upper)) + low * lower


def _sine_and_cosine(xp: Any, distance: Any) -> tuple[Any, Any]:
    """sin(pi d) and cos(pi d) for d from -1/2 to 1/2, by power series up to 1/4."""
    size = xp.abs(distance)
    is_small = size <= 0.25
    angle = xp.where(is_small, size, 0.5 - size)
    square = angle * angle
    change = _PI_LOW + square * polynomial(square, _SINE[1:])
    ratio = math.pi + change
    sine = angle * ratio
    sine = sine + (_product_error(angle, ratio, sine) + angle * ((math.pi - ratio) + change))
    cosine = polynomial(square, _COSINE)
    return xp.copysign(xp.where(is_small, sine, cosine), distance), xp.where(is_small, cosine, sine)


def _from_integer(xp: Any, x: Any, condition: Any) -> Any:
    """The exact distance to the nearest integer where a condition holds; 1/4 elsewhere, and at integers."""
    distance = x - xp.rint(x)
    return xp.where(condition & (distance != 0.0), distance, 0.25)


def _stirling(x: Any) -> Any:
    """log(Gamma(x)) - (x - 1/2) log(x) + x - log(2 pi)/2 for x from 13 on, to 1e-18 (DLMF 5.11.1)."""
    inverse = 1.0 / x
    return polynomial(inverse * inverse, _LOG_GAMMA) * inverse


class _Near(NamedTuple):
    """Gamma between the lowest operand and 13.

    Attributes:
        above, below: products whose quotient is Gamma, except for rounding errors.
        lost: the correction: Gamma is above/below * (1 + lost).
        fraction: t = x - floor(x).
        slope: (Q(t) - Q(1/2))/(t - 1/2), where 1/Gamma(1 + t) = 1 + t (1 - t) Q(t).
    """

    above: Any
    below: Any
    lost: Any
    fraction: Any
    slope: Any


def _near(xp: Any, x: Any) -> _Near:
    """Gamma by its recurrence (DLMF 5.5.1), with the rounding error of the product."""
    fraction = x - xp.floor(x)
    centred = fraction - 0.5
    slope = polynomial(centred, _RECIPROCAL[1:])
    reciprocal = 1.0 + (fraction * (1.0 - fraction)) * (_RECIPROCAL[0] + centred * slope)
    # Upward from x to 1, or downward from x - 1: factors that are exact differences.
    is_low = x < 1.0
    factor, step = xp.where(is_low, x, x - 1.0), xp.where(is_low, 1.0, -1.0)
    product, lost = xp.where(is_low, factor, 1.0), 0.0
    factor = xp.where(is_low, factor + 1.0, factor)
    for _ in range(int(-_LOWEST)):
        is_factor = (factor - 1.0) * step < 0.0
        if not _some(is_factor):
            break
        longer = product * factor
        lost = xp.where(is_factor, lost * factor + _product_error(product, factor, longer), lost)
        product = xp.where(is_factor, longer, product)
        factor = factor + step
    lost = lost / product
    return _Near(
        xp.where(is_low, 1.0, product),
        xp.where(is_low, product * reciprocal, reciprocal),
        xp.where(is_low, -lost, lost),
        fraction,
        slope,
    )


def _is_near(x: Any) -> Any:
    return (x > _LOWEST) & (x < _FAR)


def gamma(xp: Any, x: Any) -> Any:
    """Gamma(x): a signed infinity at 0, nan at the negative integers, and exact for whole numbers below 2^53."""
    is_near, value = _is_near(x), xp.nan
    is_far = xp.logical_not(is_near)
    if _some(is_near):
        near = _near(xp, xp.where(is_near & xp.logical_not(_is_pole(xp, x)), x, 1.0))
        value = near.above / near.below
        value = xp.where(xp.abs(value) < math.inf, value + value * near.lost, value)
    if _some(is_far):
        value = xp.where(is_near, value, _far_gamma(xp, x))
    value = xp.where((x > 0.0) & (x == xp.floor(x)) & (value < 2.0**53), xp.rint(value), value)
    return _at_pole(xp, x, value, xp.copysign(math.inf, x), xp.nan)


def _far_gamma(xp: Any, x: Any) -> Any:
    """sqrt(2 pi/e) (x/e)^(x - 1/2) (1 + ...) for |x| from 13 on, by one power; reflected below 0 (DLMF 5.5.3)."""
    size = xp.minimum(xp.maximum(xp.abs(x), _FAR), 200.0)
    base = size * _INVERSE_E[0]
    lost = (_product_error(size, _INVERSE_E[0], base) + size * _INVERSE_E[1]) / base
    # Below -171.65 the power would overflow, and its reciprocal is needed: it is taken twice by halves.
    exponent, is_large = size - 0.5, size > 171.65
    power = xp.power(base, xp.where(is_large, 0.5 * exponent, exponent))
    again = xp.where(is_large, power, 1.0)
    series, growth = _stirling(size), 0.0
    for k in range(6, 0, -1):
        growth = (1.0 + growth) * (series * (1.0 / k))
    growth = growth + (1.0 + growth) * (exponent * lost)
    high, low = _SQRT_TAU_BY_E
    once = power * (high + (low + high * growth))
    value, is_below = once * again, x < 0.0
    if _some(is_below):
        sine, _ = _sine_and_cosine(xp, _from_integer(xp, x, is_below))
        half = 0.5 * xp.rint(x)
        parity = 1.0 - 4.0 * xp.abs(half - xp.rint(half))
        value = xp.where(is_below, parity * math.pi / (size * sine) / once / again, value)
    return value


def lgamma(xp: Any, x: Any) -> Any:
    """log|Gamma(x)|, with all digits next to its zeros at 1 and 2; inf at the poles."""
    is_near, is_pole = _is_near(x), _is_pole(xp, x)
    is_far, is_unit = xp.logical_not(is_near), (x >= 0.5) & (x < 3.0)
    size = xp.maximum(xp.abs(x), _FAR)
    operand, value = size, xp.nan
    if _some(is_near):
        near = _near(xp, xp.where(is_near & xp.logical_not(is_pole), x, 1.0))
        # 1/Gamma does not overflow at tiny operands.
        is_low = x < 1.0
        operand = xp.where(is_near, xp.abs(xp.where(is_low, near.below, near.above / near.below)), size)
    logarithm = xp.log(operand)
    if _some(is_near):
        value = xp.where(is_low, -logarithm, logarithm) + near.lost
    if _some(is_unit):
        # 1/Gamma - 1 as a product, over 1 + t above 2, with a factor that isn't a difference of almost equal numbers.
        fraction, rest, centred = near.fraction, 1.0 - near.fraction, near.fraction - 0.5
        centre, slope = _RECIPROCAL[0], near.slope
        mixed = centre - rest * slope
        middle = centre + (centred * slope + _RECIPROCAL_LOW)
        factor = xp.where(fraction < 0.5, 0.5 * centre - (centred * mixed - 0.5 * _RECIPROCAL_LOW), rest * middle)
        factor = xp.where(x < 2.0, factor, -(_ONE_LESS_HALF[0] + (centred * mixed + _ONE_LESS_HALF[1])))
        low = (1.0 - 0.25 * centre) - centred * (centre * fraction + (centre * 0.5 + fraction * fraction * slope))
        first, factor = xp.where(x < 1.0, -rest, fraction), xp.where(x < 1.0, low, factor)
        product, below = xp.where(is_unit, first * factor, 0.0), xp.where(x < 2.0, 1.0, 1.0 + fraction)
        lost = _product_error(first, factor, product) / (below + product)
        value = xp.where(is_unit, 0.0 - (xp.log1p(product / below) + lost), value)  # never -0
    if _some(is_far):
        far = (size - 0.5) * (logarithm - 1.0) + (_LOG_SHIFT + _stirling(size))
        is_below = x < 0.0
        if _some(is_below):
            sine, _ = _sine_and_cosine(xp, _from_integer(xp, x, is_below))
            far = xp.where(is_below, xp.log(math.pi / (size * xp.abs(sine))) - far, far)
        value = xp.where(is_near, value, far)
    return xp.where(is_pole, math.inf, value)


def digamma(xp: Any, x: Any) -> Any:
    """The derivative of lgamma, with all digits near its zeros down to -12; infinite at 0, nan at the other poles."""
    held = xp.where(_is_pole(xp, x), 0.5, x)
    is_near, value = (x > _LAST_POLE) & (x < _VALUE), xp.nan
    is_far = xp.logical_not(is_near)
    if _some(is_near):
        value = _from_zero(xp, xp.where(is_near, held, 1.0))
    if _some(is_far):
        # psi(x) = psi(1 - x) - pi cot(pi x) (DLMF 5.5.4).
        is_below = x < 0.0
        at = xp.maximum(xp.where(is_below, 1.0 - x, x), _VALUE)
        inverse = 1.0 / at
        square = inverse * inverse
        far = xp.log(at) - (0.5 * inverse + polynomial(square, _DIGAMMA) * square)
        if _some(is_below):
            far = xp.where(is_below, far - math.pi * _cotangent(xp, x, is_below), far)
        value = xp.where(is_near, value, far)
    value = xp.where(xp.abs(x) < 1e-17, xp.divide(-1.0, x), value)
    return _at_pole(xp, x, value, -xp.copysign(math.inf, x), xp.nan)


def _from_zero(xp: Any, x: Any) -> Any:
    """digamma(x) for x from the lowest supported pole to 7, computed as digamma(x) - digamma(z), where z is the zero
    between the same poles.

    It is x - z times a sum of terms of one sign, so that no term cancels another: 1/((x + k) (z + k)) for each step of
    the recurrence (DLMF 5.5.2), and the divided differences of the asymptotic series (DLMF 5.11.2) where the steps end.

    The error is below 2 units in the last place, even next to the zeros: the distance, the two largest terms and the
    product are kept as sums of two floats, and only small terms are rounded.  At 6000 random points on each side of 0,
    the largest error was 0.8 units for x < 0 and 1.7 units for x > 0.
    """
    whole = xp.minimum(xp.floor(x), 0.0)
    high, low = ZEROS[0]
    for i, (first, second) in enumerate(ZEROS[1:], 1):
        is_here = whole == -float(i)
        if _some(is_here):
            high, low = xp.where(is_here, first, high), xp.where(is_here, second, low)
    steps, middle = _SLOPE - whole, xp.maximum(-whole, 1.0)
    rest: Any = 0.0
    for k in reversed(range(0, _SLOPE - int(_LAST_POLE), 2)):
        # The terms of the two steps next to 0 are large, and are added after this loop in twice the precision.
        after = k + 1
        is_step = (steps > float(k)) & (xp.abs((k + 0.5) - middle) > 1.0)
        is_next = (steps > float(after)) & (xp.abs((after + 0.5) - middle) > 1.0)
        if _some(is_step | is_next):
            product, following = (x + k) * ((high + k) + low), (x + after) * ((high + after) + low)
            rest = rest + (xp.where(is_step, following, 0.0) + xp.where(is_next, product, 0.0)) / (product * following)
    slope, slope_low = 0.0, 0.0
    for step in (middle, middle - 1.0):
        z = high + step
        term, term_low = _reciprocal(x + step, z, sum_error(high, step, z) + low)
        total = slope + term
        slope_low = slope_low + (sum_error(slope, term, total) + term_low)
        slope = total
    rest = rest + _tail(x + steps, (high + steps) + low, (x - high) - low)
    total = slope + rest
    slope_low = slope_low + sum_error(slope, rest, total)
    difference = x - high
    difference_low = sum_error(x, -high, difference) - low
    distance = difference + difference_low
    distance_low = sum_error(difference, difference_low, distance)
    result = distance * total
    return result + (_product_error(distance, total, result) + (distance * slope_low + distance_low * total))


def _reciprocal(x: Any, y: Any, y_low: Any) -> tuple[Any, Any]:
    """1/(x (y + y_low)) as the sum of two numbers."""
    product = x * y
    result = 1.0 / product
    one = result * product
    lost = _product_error(x, y, product) + x * y_low
    return result, result * (((1.0 - one) - _product_error(result, product, one)) - result * lost)


def _tail(x: Any, z: Any, distance: Any) -> Any:
    """The divided difference of the asymptotic series of digamma at x and z, computed without a subtraction."""
    inverse_sum, inverse_product = 1.0 / (x + z), 1.0 / (x * z)
    ratio = distance * inverse_sum
    square = ratio * ratio
    logarithm = square * polynomial(square, ATANH)  # log(x/z) = 2 atanh((x - z)/(x + z))
    u, w = (inverse_product * z) * (inverse_product * z), (inverse_product * x) * (inverse_product * x)
    difference: Any = _DIGAMMA[-1]
    series: Any = difference
    for coefficient in _DIGAMMA[-2::-1]:
        series = series * w + coefficient
        difference = difference * u + series
    small = 0.5 * inverse_product + ((x + z) * u) * (w * difference)
    return 2.0 * inverse_sum + (2.0 * inverse_sum * logarithm + small)


def _cotangent(xp: Any, x: Any, condition: Any) -> Any:
    """cot(pi x) where a condition holds, except at integers."""
    sine, cosine = _sine_and_cosine(xp, _from_integer(xp, x, condition))
    return cosine / sine


def polygamma(xp: Any, n: float, x: Any) -> Any:
    """The n-th derivative of digamma; nan if n isn't an integer from 0 to 300.

    It is computed by upward recurrence until the asymptotic series is accurate to double precision (DLMF 5.15.5,
    5.15.8), and by reflection for x < 0 (DLMF 5.15.6).  At 0 and the negative integers it is inf if n is odd; if n is
    even, it is a signed infinity at 0 and nan at the negative integers.
    """
    if n == 0.0:
        return digamma(xp, x)
    if not (0.0 <= n <= 3.0 * HIGHEST_ORDER and n == math.floor(n)):
        return xp.nan * x
    order, is_below = int(n), x < 0.0
    held = xp.where(_is_pole(xp, x), 0.5, x)
    start, threshold = xp.where(is_below, 1.0 - held, held), 12 + order
    steps = xp.maximum(xp.ceil(threshold - start), 0.0)
    at = start + steps
    # (n-1)!/x^n (1 + n/(2x) + sum over k of B_2k (2k+n-1)!/((2k)! (n-1)!) x^-2k)
    inverse_square, weights, weight = 1.0 / at / at, [], order * (order + 1) / 2.0
    for k, bernoulli in enumerate(BERNOULLI, 1):
        weights.append(bernoulli * weight)
        weight *= (2 * k + order) * (2 * k + order + 1) / ((2 * k + 1) * (2 * k + 2))
    series = polynomial(inverse_square, weights) * inverse_square
    total = _factorial_over_power(order - 1, at)
    total, lost = total + total * (0.5 * (order / at) + series), 0.0
    for k in range(threshold - 1, -1, -1):
        is_step = steps > float(k)
        if _some(is_step):
            term = xp.where(is_step, _factorial_over_power(order, start + k), 0.0)
            longer = total + term
            total, lost = longer, lost + xp.where(longer < math.inf, sum_error(total, term, longer), 0.0)
    total = total + lost
    total = total if order % 2 else -total
    if order > _HIGHEST_REFLECTED:
        total = xp.where(is_below, math.inf if order % 2 else _between_poles(xp, order, x, total), total)
    elif _some(is_below):
        reflected = polynomial(_cotangent(xp, x, is_below), cotangent_polynomial(order))
        reflected = math.pi ** (order + 1) * reflected
        total = xp.where(is_below, (-total if order % 2 else total) - reflected, total)
    total = xp.where(x == math.inf, 0.0, total)
    if order % 2:
        return _at_pole(xp, x, total, math.inf, xp.where(x == -math.inf, xp.nan, math.inf))
    return _at_pole(xp, x, total, -xp.copysign(math.inf, x), xp.nan)


def _between_poles(xp: Any, n: int, x: Any, reflected: Any) -> Any:
    """polygamma(n, x) for n even and above 150 and x < 0, given polygamma(n, 1 - x).

    The nearest poles are at the distances d and 1 - d from x, and their terms have different signs.  If the distances
    are nearly equal, the difference of the terms is finite; else the result overflows.  At d = 1/2, only one term of
    the reflection formula isn't 0.  Elsewhere the terms of all other poles are smaller than this difference by a factor
    of more than 1e50.
    """
    signed = x - xp.rint(x)
    distance = xp.where(signed == 0.0, 0.25, xp.abs(signed))
    # 1 - (d/(1 - d))^(n+1), which is 0 at 1/2
    part = -xp.expm1(-(n + 1.0) * xp.log1p((1.0 - 2.0 * distance) / distance))
    return xp.where(distance == 0.5, reflected, -xp.copysign(_factorial_over_power(n, distance, part), signed))


def _factorial_over_power(n: int, x: Any, part: Any = 1.0) -> Any:
    """n!/x^(n+1) times a part, as a product that overflows or underflows only if the result does."""
    product = part / x
    for i in range(1, n + 1):
        product = product * (i / x)
    return product


@functools.cache
def cotangent_polynomial(n: int) -> list[float]:
    """The n-th derivative of cot as a polynomial in the cotangent, lowest power first: cot' = -(1 + cot^2)."""
    coefficients = [0.0, 1.0]
    for _ in range(n):
        derived = [0.0] * (len(coefficients) + 1)
        for power, coefficient in enumerate(coefficients):
            if power:
                derived[power - 1] -= power * coefficient
                derived[power + 1] -= power * coefficient
        coefficients = derived
    return coefficients


def gamma_derivative(xp: Any, n: float, x: Any) -> Any:
    """The n-th derivative of Gamma: Gamma times the complete Bell polynomial of the polygammas."""
    if not 0.0 <= n <= HIGHEST_ORDER:
        return xp.nan * x
    slopes = [polygamma(xp, float(k), x) for k in range(int(n))]
    bell: list[Any] = [1.0]
    for k in range(int(n)):
        terms = [math.comb(k, i) * bell[k - i] * slopes[i] for i in range(k + 1)]
        bell.append(functools.reduce(operator.add, terms))
    return xp.where(x == math.inf, x, gamma(xp, x) * bell[-1])


def factorial(xp: Any, x: Any) -> Any:
    """x! = Gamma(x + 1)."""
    return gamma(xp, x + 1.0)


# erfc(x) is the incomplete gamma function of 1/2 and x^2, divided by the square root of pi.


class ErrorFunctions(NamedTuple):
    """The kernels of erf and erfc, which are functions ``(xp, x)``."""

    erf: Callable[[Any, Any], Any]
    erfc: Callable[[Any, Any], Any]


_TWO_OVER_SQRT_PI = 1.1283791670955126
#: Beyond this a continued fraction of 32 levels is right to 1e-16 (Abramowitz and Stegun, 7.1.14).
_ERFC_FAR = 3.0
_ERFC_LEVELS = 32


def _excess_beyond(xp: Any, x: Any) -> Any:
    """The value of `erfc_excess` for x > 3."""
    held = xp.maximum(x, _ERFC_FAR)
    level = held
    for number in range(_ERFC_LEVELS, 1, -1):
        level = held + 0.5 * number / level
    return 1.0 / level


def _rate_below(xp: Any, erfc: Callable[[Any, Any], Any], x: Any) -> Any:
    """The value of `erfc_rate` for x <= 3."""
    held = xp.minimum(x, _ERFC_FAR)
    return _TWO_OVER_SQRT_PI * xp.exp(-(held * held)) / erfc(xp, held)


def erfc_rate(xp: Any, error: ErrorFunctions, x: Any) -> Any:
    """``-erfc'(x)/erfc(x)``, also where both underflow."""
    return xp.where(x > _ERFC_FAR, 2.0 * x + _excess_beyond(xp, x), _rate_below(xp, error.erfc, x))


def erfc_excess(xp: Any, error: ErrorFunctions, x: Any) -> Any:
    """``erfc_rate(x) - 2 x``."""
    return xp.where(x > _ERFC_FAR, _excess_beyond(xp, x), _rate_below(xp, error.erfc, x) - 2.0 * x)


def log_erfc(xp: Any, error: ErrorFunctions, x: Any) -> Any:
    """``log(erfc(x))``, also where erfc underflows, and with all digits near 0."""
    beyond = xp.log(_TWO_OVER_SQRT_PI / (2.0 * x + _excess_beyond(xp, x))) - x * x
    near = xp.log1p(-error.erf(xp, xp.minimum(x, 0.5)))
    return xp.where(x > _ERFC_FAR, beyond, xp.where(x < 0.5, near, xp.log(error.erfc(xp, xp.minimum(x, _ERFC_FAR)))))


def log_normal(xp: Any, error: ErrorFunctions, x: Any) -> Any:
    """The logarithm of the standard normal distribution function."""
    scaled = x * SQRT_HALF
    above = xp.log1p(-0.5 * error.erfc(xp, xp.maximum(scaled, 0.0)))
    return xp.where(x > 0.0, above, log_erfc(xp, error, xp.maximum(-scaled, 0.0)) - LN2)
