"""Exponential, logarithms, sine, cosine and hyperbolic tangent of doubles, on vectors that fill a register.

The exponential and the logarithm are right to one unit in the last place, the others to two; the functions of the
vector library have errors of up to 3 units.  A function and its derivative often need both the sine and the cosine of
one operand; one call computes both.  In short programs, the code of a function takes the place of its calls: values
that are needed later then stay in registers, and tanh(x) and sech(x) share an exponential.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from gradcli.execute.llvm.emitter import LLVMModule, Mask, Vector
from gradcli.primitives.kernels import float_kernels as kernels

__all__ = ["OWN"]

#: Adding this number to a double rounds the double to an integer, which is then in the last bits of the sum.
_TO_INTEGER: Final = 1.5 * 2.0**52
#: pi/2 in three parts: products of the first two with integers below 2^20 are exact.
_HALF_PI: Final = (1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21)
#: For larger numbers, the three parts of pi/2 have too few digits.
_FAR: Final = 32768.0
#: The coefficients of (sin(r)/r - 1)/r^2 as a polynomial in r^2 <= (pi/4)^2, interpolated at Chebyshev's points; the
#: error is at most 2.1e-17.
_SINE: Final = (
    -0.16666666666666666,
    0.008333333333330901,
    -0.00019841269836686008,
    2.7557316064986773e-06,
    -2.505112403138208e-08,
    1.59175674789068e-10,
)
#: The coefficients of (cos(r) - 1 + r^2/2)/r^4, likewise; the error is at most 1.3e-18.
_COSINE: Final = (
    0.041666666666666664,
    -0.0013888888888887367,
    2.480158729872029e-05,
    -2.7557317248229367e-07,
    2.0876141380294955e-09,
    -1.1382280957702634e-11,
)
#: Below this number, tanh(x) is x + x^3 p(x^2)/q(x^2); the coefficients of p and q, interpolated likewise.  The error
#: is at most 5.6e-18.
_TANH_NEAR: Final = 0.625
_TANH_ABOVE: Final = (-0.3333333333333333, -0.020498798305180966, -0.00019917798141494333)
_TANH_BELOW: Final = (1.0, 0.4614963949155394, 0.023291330005803856, 0.00020653367090069864)
#: The coefficients of (log((1 + s)/(1 - s)) - 2 s)/s^3 as a polynomial in s^2 <= (3 - sqrt(8))^2, likewise; the error
#: is at most 4.7e-18.
_LOG: Final = (
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


def _call(name: str, write: Callable[[Vector], tuple[Vector, ...]], count: int, part: int, x: Vector) -> Vector:
    """Call a function of this file, or write its code in place of the call.

    At its first call in a module, its definition is added to the module.

    Args:
        name: the name of the function.
        write: a function from the operand, a vector that fills a register, to the results.
        count: the number of results, 1 or 2.
        part: the position of the result to return.
        x: the operand.
    """
    module = x.block.module
    if module.inlines and module.dtype == "float64":
        return x.block.written(name, write, x)[part]
    inside = LLVMModule(module.host, "float64")
    kind = inside.vector if count == 1 else f"{{{inside.vector}, {inside.vector}}}"
    if not module.has(name):
        operand = Vector(inside.block(), "%0", "float64")
        found = write(operand)
        lines = ["entry:", *operand.block.lines]
        if count == 1:
            lines.append(f"ret {kind} {found[0].name}")
        else:
            lines.append(f"%one = insertvalue {kind} poison, {inside.vector} {found[0].name}, 0")
            lines += [f"%both = insertvalue {kind} %one, {inside.vector} {found[1].name}, 1", f"ret {kind} %both"]
        module.include(inside)
        body = "\n".join(lines)
        module.declare(name, f"define internal {kind} @{name}({inside.vector} %0) #0 {{\n{body}\n}}")
    return x.block.call_registers(f"{kind} @{name}", x, part=None if count == 1 else part)


def _fused(x: Vector, y: Any, z: Any) -> Vector:
    """Return x y + z, rounded once where the processor can do so."""
    return x.block.intrinsic("fmuladd", x, y, z)


def _polynomial(x: Vector, coefficients: Sequence[float]) -> Any:
    """Return the value of a polynomial; the lowest coefficient is first."""
    total: Any = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = _fused(x, total, coefficient)
    return total


def _exponential(x: Vector) -> tuple[Vector]:
    """Compute exp(x) as 2^k exp(r), where k is the integer nearest to x/log(2)."""
    held = (x < -760.0).choose(-760.0, x, "float64")
    held = (held > 710.0).choose(710.0, held, "float64")
    shifted = _fused(held, 1.0 / math.log(2.0), _TO_INTEGER)
    times = shifted - _TO_INTEGER
    rest = _fused(times, -kernels.LOG_TWO[1], _fused(times, -kernels.LOG_TWO[0], held))
    power = 1.0 + _fused(rest * rest, _polynomial(rest, kernels.EXPONENTIAL), rest)
    return (_scaled(power, times, shifted),)


def _scaled(x: Vector, times: Vector, shifted: Vector) -> Vector:
    """Return x 2^k, given k (``times``) and k + 1.5 2^52 (``shifted``)."""
    block, lanes, kind = x.block, x.block.module.lanes, x.block.module.vector
    if block.module.host.bits == 512:
        name = "llvm.x86.avx512.mask.scalef.pd.512"
        block.module.declare(name, f"declare {kind} @{name}({kind}, {kind}, {kind}, i8, i32)")
        operands = f"{kind} {x.name}, {kind} {times.name}, {kind} zeroinitializer, i8 -1, i32 4"
        return Vector(block, block.emit(f"call {kind} @{name}({operands})"), "float64")
    # In two steps, because 2^k itself may be too small, or too large, for a normal number.
    integers, half = f"<{lanes} x i64>", _fused(times, 0.5, _TO_INTEGER)
    both, first = (block.emit(f"bitcast {kind} {one.name} to {integers}") for one in (shifted, half))
    for count in (first, block.emit(f"sub {integers} {both}, {first}")):
        exponent = block.emit(f"shl {integers} {count}, splat (i64 52)")
        bits = block.emit(f"add {integers} {exponent}, splat (i64 {1023 << 52})")
        x = x * Vector(block, block.emit(f"bitcast {integers} {bits} to {kind}"), "float64")
    return x


def _sine_and_cosine(x: Vector) -> tuple[Vector, Vector]:
    """Compute sine and cosine by polynomials in x minus the nearest multiple of pi/2.

    In rows where x is far from 0, the C library computes them.  It doesn't change the results of the other rows.
    """
    block, module = x.block, x.block.module
    kind, lanes = module.vector, module.lanes
    size = block.intrinsic("fabs", x)
    is_near = size < _FAR
    held = is_near.choose(x, 0.0, "float64")
    shifted = _fused(held, 2.0 / math.pi, _TO_INTEGER)
    times, rest = shifted - _TO_INTEGER, held
    for part in _HALF_PI:
        rest = _fused(times, -part, rest)
    square = rest * rest
    half = square * 0.5
    whole = 1.0 - half
    odd = _fused(rest * square, _polynomial(square, _SINE), rest)
    even = whole + _fused(square * square, _polynomial(square, _COSINE), (1.0 - whole) - half)
    # The last bits of the shifted number are the multiple's: they say which polynomial to take, and the sign.
    integers = f"<{lanes} x i64>"
    count = block.emit(f"bitcast {kind} {shifted.name} to {integers}")
    is_odd = Mask(block, block.emit(f"trunc {integers} {count} to <{lanes} x i1>"), "float64")
    following = block.emit(f"add {integers} {count}, splat (i64 1)")
    sines = _signed(is_odd.choose(even, odd, "float64"), count)
    sines = (size < 2.0**-28).choose(x, sines, "float64")
    cosines = _signed(is_odd.choose(odd, even, "float64"), following)
    bits = block.emit(f"bitcast {is_near.kind} {is_near.name} to i{lanes}")
    is_all = block.emit(f"icmp eq i{lanes} {bits}, -1")

    def far(name: str) -> list[str]:
        before = is_all[1:]
        return [
            f"%{before}.{name} = call {module.function(name, 'float64')}({kind} {x.name})",
            f"%{before}.mixed.{name} = select {is_near.kind} {is_near.name}, {kind} "
            f"{(sines if name == 'sin' else cosines).name}, {kind} %{before}.{name}",
        ]

    found = block.unless(is_all, [*far("sin"), *far("cos")], [
        (sines.name, f"%{is_all[1:]}.mixed.sin"), (cosines.name, f"%{is_all[1:]}.mixed.cos"),
    ])  # fmt: skip
    return Vector(block, found[0], "float64"), Vector(block, found[1], "float64")


def _signed(x: Vector, quadrant: str) -> Vector:
    """Return x, with its sign changed where the second bit of an integer is set."""
    block, kind, integers = x.block, x.block.module.vector, f"<{x.block.module.lanes} x i64>"
    bit = block.emit(f"and {integers} {quadrant}, splat (i64 2)")
    sign = block.emit(f"shl {integers} {bit}, splat (i64 62)")
    bits = block.emit(f"bitcast {kind} {x.name} to {integers}")
    changed = block.emit(f"xor {integers} {bits}, {sign}")
    return Vector(block, block.emit(f"bitcast {integers} {changed} to {kind}"), "float64")


def _tanh(x: Vector) -> tuple[Vector]:
    """Compute tanh(x) as (1 - e^2)/(1 + e^2) with e = exp(-|x|), near 0 by a rational function."""
    size = x.block.intrinsic("fabs", x)
    power, square = OWN["exp"](-size), size * size
    is_small = size < _TANH_NEAR
    above = is_small.choose(size * square * _polynomial(square, _TANH_ABOVE), _fused(-power, power, 1.0), "float64")
    below = is_small.choose(_polynomial(square, _TANH_BELOW), _fused(power, power, 1.0), "float64")
    quotient = above / below
    return (x.block.intrinsic("copysign", is_small.choose(size + quotient, quotient, "float64"), x),)


def _log(x: Vector) -> tuple[Vector]:
    """Compute log(x) as k log(2) + log(m), where x is 2^k m."""
    if x.block.module.host.bits == 512:
        fraction, times, _ = _taken_apart(x)
        return (_log_of(fraction - 1.0, times),)
    is_denormal = x < 2.0**-1022
    fraction, times, _ = _split(is_denormal.choose(x * 2.0**54, x, "float64"))
    result = _log_of(fraction - 1.0, is_denormal.choose(times - 54.0, times, "float64"))
    return (_log_ends(x, x, result),)


def _log1p(x: Vector) -> tuple[Vector]:
    """Compute log(1 + x); what is lost when 1 + x is rounded is added to the fraction."""
    is_wide = x.block.module.host.bits == 512
    whole = 1.0 + x
    rounded = whole - 1.0
    lost = (1.0 - (whole - rounded)) + (x - rounded)
    fraction, times, scale = _taken_apart(whole) if is_wide else _split(whole)
    lost = (x < 2.0**60).choose(lost * scale, 0.0, "float64")
    result = _log_of((fraction - 1.0) + lost, times)
    result = (x == 0.0).choose(x, result, "float64")
    return ((x == math.inf).choose(x, result, "float64") if is_wide else _log_ends(x, whole, result),)


def _taken_apart(x: Vector) -> tuple[Vector, Vector, Vector]:
    """Return m, k and 2^-k for a number x = 2^k m, with m between sqrt(1/2) and sqrt(2), by instructions of AVX-512.

    For 0 and infinity, k is infinite, and m is 1; for a negative number and nan, m is nan.
    """
    block, kind, integers = x.block, x.block.module.vector, f"<{x.block.module.lanes} x i64>"
    for name, operands in (("getexp", kind), ("getmant", f"{kind}, i32")):
        full = f"llvm.x86.avx512.mask.{name}.pd.512"
        block.module.declare(full, f"declare {kind} @{full}({operands}, {kind}, i8, i32)")
    ends = f"{kind} zeroinitializer, i8 -1, i32 4"
    call = f"call {kind} @llvm.x86.avx512.mask"
    times = Vector(block, block.emit(f"{call}.getexp.pd.512({kind} {x.name}, {ends})"), "float64")
    # 12 asks for a fraction from 1 to below 2 without a sign, and for nan if the number is negative.
    fraction = Vector(block, block.emit(f"{call}.getmant.pd.512({kind} {x.name}, i32 12, {ends})"), "float64")
    is_large = fraction > math.sqrt(2.0)
    bits = block.emit(f"bitcast {kind} {x.name} to {integers}")
    power = block.emit(f"and {integers} {bits}, splat (i64 {2047 << 52})")
    doubled = block.emit(f"select {is_large.kind} {is_large.name}, {integers} splat (i64 {2045 << 52}), "
                         f"{integers} splat (i64 {2046 << 52})")  # fmt: skip
    scale = block.emit(f"bitcast {integers} {block.emit(f'sub {integers} {doubled}, {power}')} to {kind}")
    return (
        is_large.choose(0.5 * fraction, fraction, "float64"),
        is_large.choose(times + 1.0, times, "float64"),
        Vector(block, scale, "float64"),
    )


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


def _log_of(x: Vector, times: Vector) -> Vector:
    """Return k log(2) + log(1 + x), where 1 + x is between sqrt(1/2) and sqrt(2), and k is ``times``.

    With s = x/(2 + x), log(1 + x) is x - x^2/2 + s (x^2/2 + s^2 p(s^2)).
    """
    ratio, half = x / (2.0 + x), 0.5 * x * x
    square = ratio * ratio
    rest = _fused(ratio, _fused(square, _polynomial(square, _LOG), half), times * kernels.LOG_TWO[1])
    return _fused(times, kernels.LOG_TWO[0], x - (half - rest))


def _log_ends(x: Vector, whole: Vector, result: Vector) -> Vector:
    """Return a logarithm, or what it is at the ends of its domain and beyond.

    Args:
        x: the operand; infinity and nan are their own logarithms.
        whole: the number whose logarithm it is.
        result: the logarithm of a positive, finite number.
    """
    result = (whole > 0.0).choose(result, (whole == 0.0).choose(-math.inf, math.nan, "float64"), "float64")
    return (whole < math.inf).choose(result, (x == math.inf).choose(x, result, "float64"), "float64")


#: The C library's name of a function -> the function that replaces it for doubles.
OWN: Final[dict[str, Callable[[Vector], Vector]]] = {
    "tanh": partial(_call, "hyperbolic_tangent", _tanh, 1, 0),
    "log": partial(_call, "logarithm", _log, 1, 0),
    "log1p": partial(_call, "logarithm_of_sum", _log1p, 1, 0),
    "exp": partial(_call, "exponential", _exponential, 1, 0),
    "sin": partial(_call, "sine_and_cosine", _sine_and_cosine, 2, 0),
    "cos": partial(_call, "sine_and_cosine", _sine_and_cosine, 2, 1),
}
