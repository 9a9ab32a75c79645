"""Instructions of AVX-512 that take doubles apart, look numbers up, and estimate roots; other processors lack these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gradcli.execute.llvm.emitter import LLVMModule, Vector, literal

__all__ = ["ended", "estimated_root", "exponent", "fraction", "has_avx512", "looked_up", "scaled"]

_NUMBERS: Final = "<8 x double>"
_INTEGERS: Final = "<8 x i64>"
#: The end of an instruction: what takes the place of rows left out, that none is, and rounding as usual.
_ALL: Final = "i8 -1, i32 4"
_NONE: Final = f"{_NUMBERS} zeroinitializer"


def has_avx512(module: LLVMModule) -> bool:
    """Whether code for the machine of a module may contain these instructions."""
    return module.host.bits == 512 and module.host.triple.startswith("x86")


def _instruction(x: Vector, name: str, kinds: str, operands: str) -> Vector:
    x.block.module.declare(name, f"declare {_NUMBERS} @{name}({kinds})")
    return Vector(x.block, x.block.emit(f"call {_NUMBERS} @{name}({operands})"), "float64")


def exponent(x: Vector) -> Vector:
    """Return the integer k for which abs(x) 2^-k is from 1 to below 2; -inf for 0, and inf for infinity."""
    name, kinds = "llvm.x86.avx512.mask.getexp.pd.512", f"{_NUMBERS}, {_NUMBERS}, i8, i32"
    return _instruction(x, name, kinds, f"{_NUMBERS} {x.name}, {_NONE}, {_ALL}")


def fraction(x: Vector) -> Vector:
    """Return the number from 3/4 to below 3/2 that is x 2^k for an integer k; 1 for 0 and inf, nan below 0."""
    name, kinds = "llvm.x86.avx512.mask.getmant.pd.512", f"{_NUMBERS}, i32, {_NUMBERS}, i8, i32"
    # The lowest two bits choose the interval; the next two ask for nan if the number is negative.
    return _instruction(x, name, kinds, f"{_NUMBERS} {x.name}, i32 {0b1011}, {_NONE}, {_ALL}")


def scaled(x: Vector, times: Vector) -> Vector:
    """Return x 2^k for integers k, rounded once."""
    name, kinds = "llvm.x86.avx512.mask.scalef.pd.512", f"{_NUMBERS}, {_NUMBERS}, {_NUMBERS}, i8, i32"
    return _instruction(x, name, kinds, f"{_NUMBERS} {x.name}, {_NUMBERS} {times.name}, {_NONE}, {_ALL}")


def ended(result: Vector, x: Vector, table: int) -> Vector:
    """Return the results of a function, or what they are for special operands.

    Args:
        result: the computed results.
        x: the operands of the function.
        table: four bits for each kind of operand, from the lowest bits on: nan, nan that signals, 0, 1, -inf, inf, any
            other negative number, any other positive number.  0 stands for the computed result, 1 for the operand, 2
            for nan with the bits of the operand, 3 for nan, 4 for -inf, 5 for inf.
    """
    name = "llvm.x86.avx512.mask.fixupimm.pd.512"
    kinds = f"{_NUMBERS}, {_NUMBERS}, {_INTEGERS}, i32, i8, i32"
    operands = f"{_NUMBERS} {result.name}, {_NUMBERS} {x.name}, {_INTEGERS} splat (i64 {table}), i32 0, {_ALL}"
    return _instruction(x, name, kinds, operands)


def looked_up(table: Sequence[float], x: Vector) -> Vector:
    """Return the numbers of a table of 16 at the places that the first four bits of the fractions of x give."""
    bits = x.block.emit(f"bitcast {_NUMBERS} {x.name} to {_INTEGERS}")
    # The instruction reads only the lowest four bits.
    places = x.block.emit(f"lshr {_INTEGERS} {bits}, splat (i64 48)")
    halves = [", ".join(f"double {literal(number, 'float64')}" for number in half) for half in (table[:8], table[8:])]
    operands = f"{_NUMBERS} <{halves[0]}>, {_INTEGERS} {places}, {_NUMBERS} <{halves[1]}>"
    return _instruction(x, "llvm.x86.avx512.vpermi2var.pd.512", f"{_NUMBERS}, {_INTEGERS}, {_NUMBERS}", operands)


def estimated_root(x: Vector) -> Vector:
    """Return 1/sqrt(x) for positive x, to 14 bits."""
    name, kinds = "llvm.x86.avx512.rsqrt14.pd.512", f"{_NUMBERS}, {_NUMBERS}, i8"
    return _instruction(x, name, kinds, f"{_NUMBERS} {x.name}, {_NONE}, i8 -1")
