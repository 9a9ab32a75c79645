"""Logarithms of doubles, log(x) and log(1 + x), on vectors that fill a register.

A positive number is 2^k m with m near 1.  With AVX-512, a table in registers has a number c near 1/m and log(c): then
c m - 1 is small, and its logarithm is a polynomial.  Other processors have no instruction that looks up a number for
each element; there, the logarithm of m is a polynomial in (m - 1)/(m + 1), which takes a division.
"""

from __future__ import annotations

import math
from typing import Final

from gradcli.execute.llvm import avx512
from gradcli.execute.llvm.emitter import Vector
from gradcli.execute.llvm.vector_formulas import fused, polynomial, with_zero
from gradcli.primitives.kernels import float_kernels as kernels

__all__ = ["log", "log1p"]

#: For each part of the interval from 3/4 to 3/2, the number c, and -log(c) in two parts: the first is a multiple of
#: 2^-42, so that its sum with k log(2) is exact.  The parts are in the order of the first four bits of the fraction of
#: a double: eight from 1 to 3/2, then eight from 3/4 to 1.  Near 1, c is 1, so that no digit of m - 1 is lost.
_TABLE: Final = (
    (1.0, 0.0, 0.0),
    (0.9140625, 0.08985632912185793, 3.1218748807418837e-15),
    (0.8671875, 0.14250006260726877, 1.4256439478199035e-14),
    (0.8203125, 0.19806991376208316, 1.0634128304268335e-14),
    (0.78125, 0.2468600779316148, -8.899851356560444e-14),
    (0.7421875, 0.29815337231912054, -4.4204083338755686e-14),
    (0.7109375, 0.3411707574027787, -1.156568624616423e-14),
    (0.6796875, 0.3861221452650625, -2.9052332860840534e-14),
    (1.3046875, -0.2659635484972114, 7.343591369867797e-14),
    (1.2578125, -0.22937410106487732, 3.149265065191484e-14),
    (1.2109375, -0.19139485299956505, -6.440856150696892e-14),
    (1.1640625, -0.15191604202573217, -1.0980754099855238e-13),
    (1.125, -0.11778303565643, 4.654729747598445e-14),
    (1.0859375, -0.08244366921098845, -8.614512936087814e-14),
    (1.046875, -0.0458095360313564, 6.219834199475792e-14),
    (1.0, 0.0, 0.0),
)
#: The coefficients of (log(1 + r) - r + r^2/2)/r^3 between -1/32 and 1/16, interpolated at Chebyshev's points; the
#: error is at most 3.3e-16, which is 1.1e-18 of the logarithm.
_NEAR_ONE: Final = (
    0.3333333333333333,
    -0.25000000000006367,
    0.20000000000085377,
    -0.16666666623882906,
    0.14285713556435542,
    -0.12500070605404237,
    0.11112796808946702,
    -0.09973268871285426,
    0.080317871749449,
)
#: The coefficients of (log((1 + s)/(1 - s)) - 2 s)/s^3 as a polynomial in s^2 <= (3 - sqrt(8))^2, likewise; the error
#: is at most 4.7e-18.
_OF_RATIO: Final = (
    0.666666666666667,
    0.39999999999899444,
    0.2857142862600327,
    0.22222211130259878,
    0.18182889455674947,
    0.15331710618210773,
    0.14616585424888623,
)
#: The bits of the square root of 1/2.
_ROOT_HALF: Final = 0x3FE6A09E667F3BCD
#: What a logarithm is for special operands (see `avx512.ended`): nan for nan and below 0, -inf for 0, inf for inf.
_ENDS: Final = 0x03530422


def log(x: Vector) -> tuple[Vector]:
    """Compute log(x)."""
    if avx512.has_avx512(x.block.module):
        return (avx512.ended(_by_table(x), x, _ENDS),)
    is_denormal = x < 2.0**-1022
    fraction, times, _ = _split(is_denormal.choose(x * 2.0**54, x, "float64"))
    result = _by_ratio(fraction - 1.0, is_denormal.choose(times - 54.0, times, "float64"))
    return (_with_ends(x, x, result),)


def log1p(x: Vector) -> tuple[Vector]:
    """Compute log(1 + x); what is lost when 1 + x is rounded is added to the fraction."""
    whole = 1.0 + x
    rounded = whole - 1.0
    lost = (1.0 - (whole - rounded)) + (x - rounded)
    if avx512.has_avx512(x.block.module):
        result = avx512.ended(_by_table(whole, lost), whole, _ENDS)
        return (with_zero(result, x),)
    fraction, times, scale = _split(whole)
    result = _by_ratio((fraction - 1.0) + (x < 2.0**60).choose(lost * scale, 0.0, "float64"), times)
    return (_with_ends(x, whole, with_zero(result, x)),)


def _by_table(x: Vector, lost: Vector | None = None) -> Vector:
    """Return log(x + lost) for positive, finite x, where ``lost`` is smaller than the last bit of x.

    With x = 2^k m, the logarithm is k log(2) - log(c) + log(c m).  The first two terms, and the error of adding the
    largest part of the third, are summed without rounding, so that the result is right to .8 units in the last place.
    """
    fraction = avx512.fraction(x)
    times = avx512.exponent(x) - avx512.exponent(fraction)
    near, high, low = (avx512.looked_up(column, fraction) for column in zip(*_TABLE, strict=True))
    rest = fused(fraction, near, -1.0)
    if lost is not None:
        rest = fused(avx512.scaled(lost, -times), near, rest)
    high, low = fused(times, kernels.LOG_TWO[0], high), fused(times, kernels.LOG_TWO[1], low)
    total = high + rest
    square = rest * rest
    error = (high - total) + rest
    return total + (error + fused(square, fused(rest, polynomial(rest, _NEAR_ONE), -0.5), low))


def _split(x: Vector) -> tuple[Vector, Vector, Vector]:
    """Return m, k and 2^-k for a normal number x = 2^k m, with m between sqrt(1/2) and sqrt(2)."""
    block, kind, integers = x.block, x.block.module.vector, f"<{x.block.module.lanes} x i64>"

    def number(bits: str) -> Vector:
        return Vector(block, block.emit(f"bitcast {integers} {bits} to {kind}"), "float64")

    # Adding the distance from sqrt(1/2) to 1 moves the border between two exponents from 1 to sqrt(1/2).
    bits = block.emit(f"bitcast {kind} {x.name} to {integers}")
    moved = block.emit(f"add {integers} {bits}, splat (i64 {(1023 << 52) - _ROOT_HALF})")
    exponent = block.emit(f"lshr {integers} {moved}, splat (i64 52)")
    # A small integer in the last bits of 2^52 is a double that is larger by this integer.
    times = number(block.emit(f"or {integers} {exponent}, splat (i64 {1075 << 52})")) - (2.0**52 + 1023.0)
    rest = block.emit(f"and {integers} {moved}, splat (i64 {(1 << 52) - 1})")
    fraction = number(block.emit(f"add {integers} {rest}, splat (i64 {_ROOT_HALF})"))
    scaled = block.emit(f"shl {integers} {exponent}, splat (i64 52)")
    return fraction, times, number(block.emit(f"sub {integers} splat (i64 {2046 << 52}), {scaled}"))


def _by_ratio(x: Vector, times: Vector) -> Vector:
    """Return k log(2) + log(1 + x), where 1 + x is between sqrt(1/2) and sqrt(2), and k is ``times``.

    With s = x/(2 + x), log(1 + x) is x - x^2/2 + s (x^2/2 + s^2 p(s^2)).
    """
    ratio, half = x / (2.0 + x), 0.5 * x * x
    square = ratio * ratio
    rest = fused(ratio, fused(square, polynomial(square, _OF_RATIO), half), times * kernels.LOG_TWO[1])
    return fused(times, kernels.LOG_TWO[0], x - (half - rest))


def _with_ends(x: Vector, whole: Vector, result: Vector) -> Vector:
    """Return a logarithm, or what it is at the ends of its domain and beyond.

    Args:
        x: the operand; infinity and nan are their own logarithms.
        whole: the number whose logarithm it is.
        result: the logarithm of a positive, finite number.
    """
    result = (whole > 0.0).choose(result, (whole == 0.0).choose(-math.inf, math.nan, "float64"), "float64")
    return (whole < math.inf).choose(result, (x == math.inf).choose(x, result, "float64"), "float64")
