"""Building blocks of formulas on vectors that fill a register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradcli.execute.llvm import avx512
from gradcli.execute.llvm.emitter import Vector

__all__ = ["exactly", "fused", "polynomial", "with_zero"]


def exactly(x: Vector, y: Any, z: Any) -> Vector:
    """Return x y + z, rounded once; this is slow where the processor has no such instruction."""
    return x.block.intrinsic("fma", x, y, z)


def fused(x: Vector, y: Any, z: Any) -> Vector:
    """Return x y + z, rounded once where the processor can do so."""
    return x.block.intrinsic("fmuladd", x, y, z)


def polynomial(x: Vector, coefficients: Sequence[float]) -> Any:
    """Return the value of a polynomial; the lowest coefficient is first.

    Even and odd powers are summed apart, so that the processor can work on both at once.
    """
    if len(coefficients) < 4:
        return _horner(x, coefficients)
    square = x * x
    even, odd = _horner(square, coefficients[::2]), _horner(square, coefficients[1::2])
    return fused(x, odd, even)


def with_zero(result: Vector, x: Vector) -> Vector:
    """Return the results of a function that is x near 0, so that it keeps the sign of 0."""
    if avx512.has_avx512(x.block.module):
        return avx512.ended(result, x, 0x00000100)
    return (x == 0.0).choose(x, result, "float64")


def _horner(x: Vector, coefficients: Sequence[float]) -> Any:
    total: Any = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = fused(x, total, coefficient)
    return total
