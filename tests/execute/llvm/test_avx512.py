"""The instructions of AVX-512 do what their functions say, for ordinary and for special numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm import avx512
from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import Host
from tests.support.vector_code import computed

NUMBERS = [1.0, 0.75, 0.7499999999999999, 1.4999999999999998, 1.5, 3.3, 1e300, 1e-300, 5e-324, 2.0**-1022]


def test_a_number_is_its_fraction_times_a_power_of_two() -> None:
    exponents = computed(avx512.exponent, [[-one for one in NUMBERS]])
    assert exponents.tolist() == [math.frexp(one)[1] - 1 for one in NUMBERS]
    fractions = computed(avx512.fraction, [NUMBERS])
    assert ((fractions >= 0.75) & (fractions < 1.5)).all()
    assert np.array_equal(np.frexp(fractions)[0], np.frexp(NUMBERS)[0])
    times = computed(lambda x: avx512.exponent(x) - avx512.exponent(avx512.fraction(x)), [NUMBERS])
    assert computed(avx512.scaled, [fractions, times]).tolist() == NUMBERS


def test_the_ends_of_what_has_a_fraction() -> None:
    ends = [0.0, math.inf, -1.0, math.nan]
    assert computed(avx512.exponent, [ends[:2]]).tolist() == [-math.inf, math.inf]
    assert np.array_equal(computed(avx512.fraction, [ends]), [1.0, 1.0, math.nan, math.nan], equal_nan=True)


def test_a_table_has_a_part_for_the_first_four_bits_of_a_fraction() -> None:
    table = [float(i * i) for i in range(16)]
    numbers = np.array([1.0 + (i + part) / 16.0 for i in range(16) for part in (0.0, 0.5, 0.99999)])
    assert computed(lambda x: avx512.looked_up(table, x), [numbers]).tolist() == np.repeat(table, 3).tolist()
    assert computed(lambda x: avx512.looked_up(table, x), [8.0 * numbers]).tolist() == np.repeat(table, 3).tolist()


@pytest.mark.parametrize(
    ("number", "place"),
    [(math.nan, 0), (0.0, 2), (-0.0, 2), (1.0, 3), (-math.inf, 4), (math.inf, 5), (-3.0, 6), (5e-324, 7), (3.0, 7)],
)
def test_each_kind_of_operand_has_its_result(number: float, place: int) -> None:
    for code, wanted in ((0, 8.0), (1, number), (4, -math.inf), (5, math.inf)):
        (found,) = computed(lambda x, code=code: avx512.ended(x + 8.0 - x, x, code << 4 * place), [[number]])
        usual = number + 8.0 - number
        assert found == pytest.approx(usual if code == 0 else wanted, nan_ok=True)


def test_an_estimated_root_has_fourteen_bits() -> None:
    numbers = np.geomspace(1e-300, 1e300, 1000)
    assert np.abs(computed(avx512.estimated_root, [numbers]) * np.sqrt(numbers) - 1.0).max() <= 2.0**-14


def test_only_wide_registers_of_x86_have_estimates() -> None:
    machines = (("x86_64", 512), ("x86_64", 256), ("arm64", 512))
    found = [avx512.has_avx512(LLVMModule(Host(triple, "", "", bits, False), "float64")) for triple, bits in machines]
    assert found == [True, False, False]
