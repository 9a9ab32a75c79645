"""erf, erfc and erfcx by arithmetic and exponentials, for code in languages that lack these functions.

The rational approximations are those of FDLIBM's ``s_erf.c`` (Sun Microsystems, 1993), whose error is below one unit in
the last place.  Each function is written with a namespace `xp` of NumPy's names.
"""

from __future__ import annotations

import math
from typing import Any, Final

from gradcli.primitives.kernels.float_kernels import polynomial

__all__ = ["erf", "erfc", "erfcx"]

#: Up to 0.84375: erf(x) = x + x P(x^2)/Q(x^2).
_NEAR: Final = (
    (
        1.28379167095512558561e-01,
        -3.25042107247001499370e-01,
        -2.84817495755985104766e-02,
        -5.77027029648944159157e-03,
        -2.37630166566501626084e-05,
    ),
    (
        1.0,
        3.97917223959155352819e-01,
        6.50222499887672944485e-02,
        5.08130628187576562776e-03,
        1.32494738004321644526e-04,
        -3.96022827877536812320e-06,
    ),
)
#: Up to 1.25: erf(x) = erf(1), rounded to a few bits, + P(x - 1)/Q(x - 1).
_AT_ONE: Final = 8.45062911510467529297e-01
_MIDDLE: Final = (
    (
        -2.36211856075265944077e-03,
        4.14856118683748331666e-01,
        -3.72207876035701323847e-01,
        3.18346619901161753674e-01,
        -1.10894694282396677476e-01,
        3.54783043256182359371e-02,
        -2.16637559486879084300e-03,
    ),
    (
        1.0,
        1.06420880400844228286e-01,
        5.40397917702171048937e-01,
        7.18286544141962662868e-02,
        1.26171219808761642112e-01,
        1.36370839120290507362e-02,
        1.19844998467991074170e-02,
    ),
)
#: Up to 1/0.35, and beyond: x exp(x^2) erfc(x) = exp(-0.5625 + P(1/x^2)/Q(1/x^2)).
_FAR: Final = (
    (
        -9.86494403484714822705e-03,
        -6.93858572707181764372e-01,
        -1.05586262253232909814e01,
        -6.23753324503260060396e01,
        -1.62396669462573470355e02,
        -1.84605092906711035994e02,
        -8.12874355063065934246e01,
        -9.81432934416914548592e00,
    ),
    (
        1.0,
        1.96512716674392571292e01,
        1.37657754143519042600e02,
        4.34565877475229228821e02,
        6.45387271733267880336e02,
        4.29008140027567833386e02,
        1.08635005541779435134e02,
        6.57024977031928170135e00,
        -6.04244152148580987438e-02,
    ),
)
_FARTHEST: Final = (
    (
        -9.86494292470009928597e-03,
        -7.99283237680523006574e-01,
        -1.77579549177547519889e01,
        -1.60636384855821916062e02,
        -6.37566443368389627722e02,
        -1.02509513161107724954e03,
        -4.83519191608651397019e02,
    ),
    (
        1.0,
        3.03380607434824582924e01,
        3.25792512996573918826e02,
        1.53672958608443695994e03,
        3.19985821950859553908e03,
        2.55305040643316442583e03,
        4.74528541206955367215e02,
        -2.24409524465858183362e01,
    ),
)
#: From here on erfc(x) is 0.
_END: Final = 28.0
#: The factor that keeps the upper half of the bits of a float, so that the square of this half is exact.
_SPLITTER: Final = 2.0**27 + 1.0


def _ratio(x: Any, polynomials: tuple[tuple[float, ...], tuple[float, ...]]) -> Any:
    above, below = polynomials
    return polynomial(x, above) / polynomial(x, below)


def _tail(xp: Any, size: Any) -> Any:
    """erfc(|x|) for |x| from 1.25 on."""
    held = xp.minimum(xp.maximum(size, 1.25), _END)
    inverse = 1.0 / (held * held)
    ratio = xp.where(held < 1.0 / 0.35, _ratio(inverse, _FAR), _ratio(inverse, _FARTHEST))
    scaled = _SPLITTER * held
    high = scaled - (scaled - held)
    power = xp.exp(-(high * high) - 0.5625) * xp.exp((high - held) * (high + held) + ratio)
    return xp.where(size >= _END, 0.0, power / held)


def erf(xp: Any, x: Any) -> Any:
    """The error function."""
    size = xp.abs(x)
    near = x + x * _ratio(x * x, _NEAR)
    middle = _AT_ONE + _ratio(size - 1.0, _MIDDLE)
    beyond = xp.where(size < 1.25, middle, 1.0 - _tail(xp, size))
    return xp.where(size < 0.84375, near, xp.where(x != x, x, xp.where(x < 0.0, -beyond, beyond)))


def erfc(xp: Any, x: Any) -> Any:
    """The complement of the error function, 1 - erf(x), with its digits where it is small."""
    size = xp.abs(x)
    product = x * _ratio(x * x, _NEAR)
    near = xp.where(x < 0.25, 1.0 - (x + product), 0.5 - (product + (x - 0.5)))
    ratio = _ratio(size - 1.0, _MIDDLE)
    middle = xp.where(x < 0.0, 1.0 + (_AT_ONE + ratio), (1.0 - _AT_ONE) - ratio)
    tail = _tail(xp, size)
    beyond = xp.where(x < 0.0, 2.0 - tail, tail)
    found = xp.where(size < 0.84375, near, xp.where(size < 1.25, middle, beyond))
    return xp.where(x != x, x, found)


def erfcx(xp: Any, x: Any) -> Any:
    """exp(x^2) erfc(x), which overflows below -26.6 and is small for large x."""
    size = xp.abs(x)
    held = xp.maximum(size, 1.25)
    inverse = 1.0 / held
    square = inverse * inverse
    ratio = xp.where(held < 1.0 / 0.35, _ratio(square, _FAR), _ratio(square, _FARTHEST))
    tail = xp.exp(ratio - 0.5625) * inverse
    # exp(x^2) with the rounding error of the square, by halves whose products are exact.
    bounded = xp.minimum(size, _END)
    scaled = _SPLITTER * bounded
    high = scaled - (scaled - bounded)
    low = bounded - high
    square = bounded * bounded
    power = xp.exp(square) * (1.0 + (((high * high - square) + 2.0 * high * low) + low * low))
    near = power * erfc(xp, xp.minimum(x, 1.25))
    below = xp.where(x < -_END, math.inf, xp.where(x < -1.25, 2.0 * power - tail, near))
    return xp.where(x != x, x, xp.where(x < 1.25, below, tail))
