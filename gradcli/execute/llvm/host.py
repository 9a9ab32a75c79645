"""The processor that kernels are compiled for: its vector registers, and its libraries of mathematical functions.

The width of a register comes from LLVM's list of the processor's features.  Functions of vectors are those of glibc's
libmvec, found at run time under the names of the vector function ABI (``_ZGVeN8v_exp``: AVX-512, 8 lanes, one operand);
if libmvec lacks a function, the function of the C library is called for each lane.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from contextlib import suppress
from typing import Any, Final

from gradcli.records import NamedTuple

__all__ = ["FUNCTIONS", "Host", "host"]

#: The name of a function of the C library that kernels call -> its number of operands.
FUNCTIONS: Final = {
    **dict.fromkeys(
        ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"), 1
    ),
    **dict.fromkeys(("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "cbrt", "erf", "erfc"), 1),
    **dict.fromkeys(("atan2", "pow", "hypot", "fmod"), 2),
}
#: The bits of a register -> the letter of the vector function ABI, and a processor with such registers for tests.
_X86: Final = {512: ("e", "skylake-avx512"), 256: ("d", "haswell"), 128: ("b", "x86-64")}


class Host(NamedTuple):
    """The machine that code is compiled for.

    Attributes:
        triple: LLVM's name of the platform.
        cpu, features: LLVM's names of the processor and of its features.
        bits: the width of a vector register.
        vector_math: whether libmvec is used.
    """

    triple: str
    cpu: str
    features: str
    bits: int
    vector_math: bool

    def lanes(self, dtype: str) -> int:
        """Return how many numbers of a type a register holds."""
        return self.bits // (64 if dtype == "float64" else 32)

    def vector_symbol(self, function: str, dtype: str) -> tuple[str, str] | None:
        """Return the symbol and the calling convention of libmvec's function; None if there is no such function."""
        if not self.vector_math:
            return None
        is_arm = self.triple.startswith(("aarch64", "arm64"))
        letter, convention = ("n", "aarch64_vector_pcs ") if is_arm else (_X86[self.bits][0], "")
        name = c_name(function, dtype)
        symbol = f"_ZGV{letter}N{self.lanes(dtype)}{'v' * FUNCTIONS[function]}_{name}"
        return (symbol, convention) if address_of(symbol) else None


def c_name(function: str, dtype: str) -> str:
    """Return the C library's name of a function for a type."""
    return function if dtype == "float64" else function + "f"


@functools.cache
def load() -> Any:
    """Return the module of LLVM, ready to compile for this machine.

    Raises:
        ImportError: llvmlite is not installed.
    """
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@functools.cache
def host(bits: int | None = None, vector_math: bool = True) -> Host:
    """Return this machine, or the same machine with narrower registers; code for the latter runs here, too.

    Args:
        bits: the width of the registers, 512, 256 or 128; by default the largest that the processor has.
        vector_math: whether libmvec is used if it is available.
    """
    llvm = load()
    triple = llvm.get_process_triple()
    try:
        features = llvm.get_host_cpu_features()
    except RuntimeError:  # LLVM doesn't know the features on this system
        features = llvm.FeatureMap()
    is_x86 = triple.startswith(("x86_64", "amd64"))
    widest = 128
    if is_x86 and features.get("avx2") and features.get("fma"):
        widest = 512 if all(features.get(f"avx512{part}") for part in ("f", "dq", "vl", "bw")) else 256
    if bits is None or bits == widest:
        return Host(triple, llvm.get_host_cpu_name(), features.flatten(), widest, vector_math)
    return Host(triple, _X86[bits][1], "", bits, vector_math)


#: The libraries in which the C library's functions are searched; None is the process itself.
_LIBRARIES: Final = ({"win32": "ucrtbase", "darwin": "libSystem.dylib"}.get(sys.platform, "libm.so.6"), None)
_VECTOR_LIBRARY: Final = "libmvec.so.1"


@functools.cache
def address_of(symbol: str) -> int | None:
    """Return the address of a function of libmvec or of the C library; None if there is no such function."""
    for library in (_VECTOR_LIBRARY, *_LIBRARIES) if symbol.startswith("_ZGV") else _LIBRARIES:
        with suppress(OSError, TypeError, AttributeError):  # there is no such library, or it has no such function
            return ctypes.cast(getattr(ctypes.CDLL(library), symbol), ctypes.c_void_p).value
    return None


@functools.cache
def provide(symbol: str) -> None:
    """Tell LLVM the address of a function that code calls."""
    address = address_of(symbol)
    if address is not None:
        load().add_symbol(symbol, address)
