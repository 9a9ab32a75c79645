"""Exponential, sine, cosine, hyperbolic functions, length and quotient of doubles, on vectors that fill a register.

The exponential and hypot(x, y), like the logarithms of `logarithms`, are right to one unit in the last place, the
others to two; the functions of the vector library have errors of up to 3 units.  A function and its derivative often
need two functions of one operand, such as its sine and cosine; one call computes both.  In short programs, the code of
a function takes the place of its calls: values that are needed later then stay in registers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from gradcli.execute.llvm import avx512
from gradcli.execute.llvm.emitter import LLVMModule, Mask, Vector, home_of
from gradcli.execute.llvm.logarithms import log, log1p
from gradcli.execute.llvm.vector_formulas import exactly, fused, polynomial, with_zero
from gradcli.primitives.kernels import float_kernels as kernels

__all__ = ["OWN", "quotient"]

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
#: The square of a number between these has all its digits, and so has its error.
_SHORTEST: Final = 2.0**-450
_LONGEST: Final = 2.0**500
#: With such divisors and quotients, the remainder of a division is a normal number, or 0.
_SMALLEST_DIVISOR: Final = 2.0**-500
_LARGEST_DIVISOR: Final = 2.0**500
_SMALLEST_QUOTIENT: Final = 2.0**-460


def _call(name: str, write: Callable[..., tuple[Vector, ...]], count: int, part: int, *operands: Any) -> Vector:
    """Call a function of this file, or write its code in place of the call.

    At its first call in a module, its definition is added to the module.

    Args:
        name: the name of the function.
        write: a function from the operands, vectors that fill a register, to the results.
        count: the number of results, 1 or 2.
        part: the position of the result to return.
        operands: vectors, and numbers.
    """
    block = home_of(*operands)
    module = block.module
    if module.inlines and module.dtype == "float64":
        return block.written(name, write, operands)[part]
    inside = LLVMModule(module.host, "float64")
    kind = inside.vector if count == 1 else f"{{{inside.vector}, {inside.vector}}}"
    if not module.has(name):
        body = inside.block()
        found = write(*[Vector(body, f"%{i}", "float64") for i in range(len(operands))])
        lines = ["entry:", *body.lines]
        if count == 1:
            lines.append(f"ret {kind} {found[0].name}")
        else:
            lines.append(f"%one = insertvalue {kind} poison, {inside.vector} {found[0].name}, 0")
            lines += [f"%both = insertvalue {kind} %one, {inside.vector} {found[1].name}, 1", f"ret {kind} %both"]
        module.include(inside)
        text = "\n".join(lines)
        parameters = ", ".join(f"{inside.vector} %{i}" for i in range(len(operands)))
        module.declare(name, f"define internal {kind} @{name}({parameters}) #0 {{\n{text}\n}}")
    return block.call_registers(f"{kind} @{name}", *operands, part=None if count == 1 else part)


def _exponential(x: Vector) -> tuple[Vector]:
    """Compute exp(x) as 2^k exp(r), where k is the integer nearest to x/log(2)."""
    times, shifted, rest = _power_of_two(x)
    return (_scaled(1.0 + rest, times, shifted),)


def _power_of_two(x: Vector) -> tuple[Vector, Vector, Vector]:
    """Return k, k + 1.5 2^52 and exp(r) - 1, where exp(x) is 2^k exp(r)."""
    held = (x < -760.0).choose(-760.0, x, "float64")
    held = (held > 710.0).choose(710.0, held, "float64")
    shifted = fused(held, 1.0 / math.log(2.0), _TO_INTEGER)
    times = shifted - _TO_INTEGER
    rest = fused(times, -kernels.LOG_TWO[1], fused(times, -kernels.LOG_TWO[0], held))
    return times, shifted, fused(rest * rest, polynomial(rest, kernels.EXPONENTIAL), rest)


def _scaled(x: Vector, times: Vector, shifted: Vector) -> Vector:
    """Return x 2^k, given k (``times``) and k + 1.5 2^52 (``shifted``)."""
    if avx512.has_avx512(x.block.module):
        return avx512.scaled(x, times)
    block, lanes, kind = x.block, x.block.module.lanes, x.block.module.vector
    # In two steps, because 2^k itself may be too small, or too large, for a normal number.
    integers, half = f"<{lanes} x i64>", fused(times, 0.5, _TO_INTEGER)
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
    shifted = fused(x, 2.0 / math.pi, _TO_INTEGER)
    times, rest = shifted - _TO_INTEGER, x
    for part in _HALF_PI:
        rest = fused(times, -part, rest)
    square = rest * rest
    half = square * 0.5
    whole = 1.0 - half
    odd = fused(rest * square, polynomial(square, _SINE), rest)
    even = whole + fused(square * square, polynomial(square, _COSINE), (1.0 - whole) - half)
    # The last bits of the shifted number are the multiple's: they say which polynomial to take, and the sign.
    integers = f"<{lanes} x i64>"
    count = block.emit(f"bitcast {kind} {shifted.name} to {integers}")
    is_odd = Mask(block, block.emit(f"trunc {integers} {count} to <{lanes} x i1>"), "float64")
    following = block.emit(f"add {integers} {count}, splat (i64 1)")
    sines = _signed(is_odd.choose(even, odd, "float64"), count)
    sines = with_zero(sines, x)
    cosines = _signed(is_odd.choose(odd, even, "float64"), following)
    found = block.seldom(~is_near, (sines, cosines), lambda x: (x.block.call("sin", x), x.block.call("cos", x)), x)
    return found[0], found[1]


def _signed(x: Vector, quadrant: str) -> Vector:
    """Return x, with its sign changed where the second bit of an integer is set."""
    block, kind, integers = x.block, x.block.module.vector, f"<{x.block.module.lanes} x i64>"
    bit = block.emit(f"and {integers} {quadrant}, splat (i64 2)")
    sign = block.emit(f"shl {integers} {bit}, splat (i64 62)")
    bits = block.emit(f"bitcast {kind} {x.name} to {integers}")
    changed = block.emit(f"xor {integers} {bits}, {sign}")
    return Vector(block, block.emit(f"bitcast {integers} {changed} to {kind}"), "float64")


def _tanh_and_sech(x: Vector) -> tuple[Vector, Vector]:
    """Compute tanh(x) as -d/(2 + d), and sech(x) as 2 e/(2 + d), with e = exp(-|x|) and d = e^2 - 1.

    With e = 2^k (1 + r), d is 4^k (2 r + r^2) + (4^k - 1), which loses no digits near 0.
    """
    block = x.block
    times, shifted, rest = _power_of_two(-block.intrinsic("fabs", x))
    scale = _scaled(block.constant(1.0), times, shifted)
    power = (1.0 + rest) * scale
    square = scale * scale
    rise, least = fused(rest, rest, rest + rest), 1.0 - square
    below = fused(-square, rise, least)
    error = fused(-square, rise, least - below)
    total = 2.0 - below
    lost = ((2.0 - total) - below) - error
    twice = power + power
    if avx512.has_avx512(x.block.module):
        # One division serves both: the remainders of products with the reciprocal correct the quotients.
        reciprocal = 1.0 / total
        tangent, secant = below * reciprocal, twice * reciprocal
        remainder = exactly(-lost, tangent, exactly(-total, tangent, below) + error)
        tangent = exactly(remainder, reciprocal, tangent)
        secant = exactly(exactly(-lost, secant, exactly(-total, secant, twice)), reciprocal, secant)
    else:
        tangent, secant = below / total, twice / total
        # For a correction, a line is close enough to 1/total between 1 and 2.
        reciprocal = fused(total, -0.4714, 1.457)
        tangent = fused(fused(-tangent, lost, error), reciprocal, tangent)
        secant = fused(-secant, lost * reciprocal, secant)
    return block.intrinsic("copysign", tangent, x), secant


def _hypot(x: Any, y: Any) -> Vector:
    """Compute hypot(x, y); without AVX-512, the vector library does."""
    block = home_of(x, y)
    if not avx512.has_avx512(block.module):
        return block.call("hypot", x, y)
    # The order doesn't matter for the result; with one order, hypot(x, y) and hypot(y, x) are computed once.
    return _call("length", _length, 1, 0, *sorted((x, y), key=lambda operand: block.operand(operand, "float64")))


def _length(x: Vector, y: Vector) -> tuple[Vector]:
    """Compute sqrt(x^2 + y^2) from the sum of squares in double length, without an instruction for roots or divisions.

    Where a square might overflow, or lose digits, the vector library computes it.
    """
    one, other = x.block.intrinsic("fabs", x), x.block.intrinsic("fabs", y)
    is_larger = one > other
    large, small = is_larger.choose(one, other, "float64"), is_larger.choose(other, one, "float64")
    second, first = small * small, large * large
    total = first + second
    error = (exactly(small, small, -second) + exactly(large, large, -first)) + ((first - total) + second)
    # The estimate has 14 bits; a step of Newton's method makes 28 of them, and the last step twice as many again.
    estimate = avx512.estimated_root(total)
    root, half = total * estimate, 0.5 * estimate
    rest = exactly(-root, half, 0.5)
    root, half = exactly(root, rest, root), exactly(half, rest, half)
    found = exactly(exactly(-root, root, total) + error, half, root)
    is_moderate = (large >= _SHORTEST) & (large <= _LONGEST)
    return (x.block.seldom(~is_moderate, (found,), lambda x, y: (x.block.call("hypot", x, y),), x, y)[0],)


def quotient(x: Vector | float, y: Vector) -> Vector:
    """Return x/y, with the same bits as the instruction, from 1/y, which other quotients with this divisor share.

    The remainder of x and y times the product x (1/y) has no rounding error unless numbers are very large or small, and
    corrects the last bit (Markstein, "Computation of elementary functions on the IBM RISC System/6000 processor",
    1990).  Where it may have one, and where the quotient is 0, so that its sign might be lost, the instruction divides.
    """
    block = y.block
    x = x if isinstance(x, Vector) else block.constant(x)
    reciprocal = 1.0 / y
    near = x * reciprocal
    found = exactly(exactly(-y, near, x), reciprocal, near)
    size, result = block.intrinsic("fabs", y), block.intrinsic("fabs", found)
    is_usual = (size >= _SMALLEST_DIVISOR) & (size <= _LARGEST_DIVISOR) & (result >= _SMALLEST_QUOTIENT)
    return block.seldom(~is_usual, (found,), lambda x, y: (x / y,), x, y)[0]


#: The name of a function, here and in the C library -> the function that computes it for doubles.
OWN: Final[dict[str, Callable[..., Vector]]] = {
    "tanh": partial(_call, "tanh_and_sech", _tanh_and_sech, 2, 0),
    "sech": partial(_call, "tanh_and_sech", _tanh_and_sech, 2, 1),
    "log": partial(_call, "logarithm", log, 1, 0),
    "log1p": partial(_call, "logarithm_of_sum", log1p, 1, 0),
    "hypot": _hypot,
    "exp": partial(_call, "exponential", _exponential, 1, 0),
    "sin": partial(_call, "sine_and_cosine", _sine_and_cosine, 2, 0),
    "cos": partial(_call, "sine_and_cosine", _sine_and_cosine, 2, 1),
}
