"""Square roots of vectors without the processor's instruction, for code that also divides.

A processor with AVX-512 has one unit for square roots and divisions, which is busy for many cycles with each.  It also
has an instruction for a reciprocal square root with 14 bits.  Newton's iteration doubles these bits, and the last step
adds the exact remainder.  So the root has the same bits as that of the instruction, and the division of the next
numbers goes on meanwhile.  (Markstein, "Computation of elementary functions on the IBM RISC System/6000 processor",
1990, has the last step.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from gradcli.execute.llvm.tiles import Body

__all__ = ["roots"]

#: The type of numbers -> the letters of the instruction, the steps that double 14 bits up to those of the type, and the
#: least number whose remainder is exact: 2^(p + 1) times the least normal number, for p bits.
_FORMS: Final = {"float64": ("pd", 2, 2.0**-968), "float32": ("ps", 1, 2.0**-101)}


def roots(body: Body, numbers: Sequence[str], plain: Callable[[str], str], zero: float = -0.0) -> list[str]:
    """Return the square roots of vectors.

    Args:
        numbers: the names of the vectors.
        plain: returns the name of the roots of one vector, by the instruction.  It serves vectors with a number that is
            negative, infinite, nan, or nearly 0.
        zero: added to products, so that it decides whether the root of -0.0 is -0.0 or 0.0.
    """
    module = body.module
    lanes, kind = module.lanes, module.vector
    letters, steps, least = _FORMS[module.dtype]
    name = f"llvm.x86.avx512.rsqrt14.{letters}.512"
    module.declare(name, f"declare {kind} @{name}({kind}, {kind}, i{lanes})")
    fma = module.intrinsic("fma", 3, module.dtype)

    def fused(x: str, y: str, z: str) -> str:
        return body.emit(f"call {fma}({kind} {x}, {kind} {y}, {kind} {z})")

    found, unsure = [], []
    for one in numbers:
        is_nonzero = body.emit(f"fcmp une {kind} {one}, {body.text(0.0)}")
        mask = body.emit(f"bitcast <{lanes} x i1> {is_nonzero} to i{lanes}")
        # The estimate is 0 where the number is 0; otherwise it would be infinite.
        estimate = body.emit(f"call {kind} @{name}({kind} {one}, {kind} zeroinitializer, i{lanes} {mask})")
        root = fused(one, estimate, body.text(zero))
        half = body.emit(f"fmul {kind} {estimate}, {body.text(0.5)}")
        for _ in range(steps):
            error = fused(body.emit(f"fneg {kind} {root}"), half, body.text(0.5))
            root, half = fused(root, error, root), fused(half, error, half)
        rest = fused(body.emit(f"fneg {kind} {root}"), root, one)
        found.append(fused(rest, half, root))
        is_small = body.emit(f"fcmp olt {kind} {one}, {body.text(least)}")
        unsure.append(body.emit(f"and <{lanes} x i1> {is_small}, {is_nonzero}"))
        unsure.append(body.emit(f"fcmp uno {kind} {found[-1]}, {found[-1]}"))
    together = unsure[0]
    for more in unsure[1:]:
        together = body.emit(f"or <{lanes} x i1> {together}, {more}")
    flags = body.emit(f"bitcast <{lanes} x i1> {together} to i{lanes}")
    return body.replaced(body.emit(f"icmp ne i{lanes} {flags}, 0"), found, lambda: [plain(one) for one in numbers])
