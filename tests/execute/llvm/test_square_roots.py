"""`gradcli.execute.llvm.square_roots`: the roots have the bits of the processor's instruction."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.avx512 import has_avx512
from gradcli.execute.llvm.emitter import LLVMModule, Vector
from gradcli.execute.llvm.host import host
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.execute.llvm.square_roots import roots
from gradcli.execute.llvm.tiles import Body
from gradcli.execute.llvm.vector_names import apply
from gradcli.execute.memory import aligned_empty
from gradcli.primitives import functions as f


def computed(numbers: np.ndarray, *, is_power: bool = False) -> np.ndarray:
    """The roots of an array, two vectors at a time."""
    module = LLVMModule(host(), str(numbers.dtype))
    if not has_avx512(module):
        pytest.skip("the processor has no estimates")
    body, lanes = Body(module), module.lanes

    def plain(number: str) -> str:
        with body.block() as block:
            operands = [Vector(block, number, module.dtype), *([0.5] if is_power else [])]
            found = apply(f.pow if is_power else f.sqrt, operands)
        assert isinstance(found, Vector)
        return found.name

    with body.loop(0, "%count", 2 * lanes) as loop:
        places = [body.address("%x", body.sum(loop.counter, i * lanes)) for i in range(2)]
        for one, place in zip(
            roots(body, list(map(body.load, places)), plain, 0.0 if is_power else -0.0), places, strict=True
        ):
            body.store(one, place)
    module.define("void @run(ptr %x, i64 %count)", [*body.lines, "ret void"])
    count = -(-numbers.size // (2 * lanes)) * 2 * lanes
    array = aligned_empty((count,), str(numbers.dtype))
    array[:] = 1.0
    array[: numbers.size] = numbers
    MachineCode(module).function("run", None, ctypes.c_void_p, ctypes.c_int64)(array.ctypes.data, count)
    return array[: numbers.size]


def assert_same_bits(numbers: np.ndarray) -> None:
    with np.errstate(invalid="ignore"):
        expected = np.sqrt(numbers)
    kind = f"int{8 * numbers.itemsize}"
    for found in (computed(numbers), computed(numbers, is_power=True)):
        agrees = (found.view(kind) == expected.view(kind)) | (np.isnan(found) & np.isnan(expected))
        assert agrees.all(), numbers[~agrees][:5]


def square_roots(square: int, bits: int) -> Iterator[int]:
    """The odd numbers below 2^bits whose squares are a number, which is 1 modulo 8, modulo 2^bits."""
    root = 1
    for known in range(3, bits):
        if (root * root - square) >> known & 1:
            root += 1 << known - 1
    for one in (root, root + (1 << bits - 1)):
        yield one % (1 << bits)
        yield -one % (1 << bits)


def near_midpoints(most: int) -> list[float]:
    """Numbers whose roots are nearest to a midpoint between doubles.

    For a midpoint n / 2^53 between 1 and 2, a number of 53 bits is k / 2^52 or k / 2^51, and its distance from the
    square of the midpoint is (2^54 k - n^2) / 2^106 or (2^55 k - n^2) / 2^106.  So n^2 is near 0 modulo 2^54 or 2^55.
    """
    found = []
    for square in range(1 - most // 8 * 8, most, 8):
        for bits in (54, 55):
            for n in square_roots(square, bits):
                k = (n * n - square) >> bits
                if 1 << 53 <= n < 1 << 54 and 1 << 52 <= k < 1 << 53:
                    found.append(math.ldexp(k, bits - 106))
    return found


def test_doubles_nearest_to_a_midpoint_and_many_others_have_the_bits_of_the_instruction() -> None:
    hard = np.array(near_midpoints(4000))
    assert len(hard) > 1000
    for power in (-900, 0, 1000):
        assert_same_bits(np.ldexp(hard, power))
    random = np.random.default_rng(0)
    bits = random.integers(0x0380_0000_0000_0000, 0x7FF0_0000_0000_0000, 400_000)
    assert_same_bits(bits.view(np.float64))
    squares = random.integers(1, 1 << 26, 50_000).astype(float) ** 2
    assert_same_bits(np.concatenate([squares, np.nextafter(squares, 0.0), np.nextafter(squares, np.inf)]))


def test_all_floats_of_two_powers_of_two_have_the_bits_of_the_instruction() -> None:
    # A factor of 4 changes no digit of a root.
    assert_same_bits(np.arange(0x3F80_0000, 0x4080_0000, dtype=np.int32).view(np.float32))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_zeros_and_numbers_that_need_the_instruction(dtype: str) -> None:
    about = np.finfo(dtype)
    some = [0.0, 1.0, about.max, about.tiny, about.smallest_subnormal, about.tiny * 1e3, math.inf, math.nan, -1.0]
    numbers = np.array([*some, *[0.0] * 40, *some[:2], *[4.0] * 40, -math.inf][: 32 * 3], dtype)
    assert_same_bits(numbers[:-1])
    for is_power, zero in ((False, -0.0), (True, 0.0)):
        found = computed(np.array([-0.0, 1.0], dtype), is_power=is_power)
        assert math.copysign(1.0, found[0]) == math.copysign(1.0, zero)
    assert math.isnan(computed(np.array([-math.inf], dtype))[0])
    assert computed(np.array([-math.inf], dtype), is_power=True)[0] == math.inf
