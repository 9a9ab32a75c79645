"""Logarithms are right to the bits that are promised, near 1 and at the borders between the parts of the table, too."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.logarithms import log, log1p
from tests.support.vector_code import WIDTHS, computed

FUNCTIONS = {"log": log, "log1p": log1p}
#: The most units in the last place, with AVX-512 and without.
BOUNDS = {"log": (0.8, 0.85), "log1p": (0.85, 1.5)}
RANGES = {
    "log": [(0.96, 1.07), (0.0, 1e-300), (0.5, 2.0), (0.99, 1.01), (0.69, 0.72), (1.4, 1.43), (1.0, 1e10)],
    "log1p": [(-0.04, 0.07), (-0.999, 1.0), (-0.3, -0.28), (0.4, 0.43), (-1e-9, 1e-9), (1.0, 1e5), (1e15, 1e17)],
}
#: The numbers next to the borders of the table, on both sides.
BORDERS = [
    near
    for place in [*(1.0 + i / 16.0 for i in range(16)), *(0.75 + i / 32.0 for i in range(8)), math.sqrt(0.5)]
    for near in (math.nextafter(place, 0.0), place, math.nextafter(place, math.inf))
]


@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_logarithm_is_right_to_the_bound(name: str, bits: int) -> None:
    generator, function = np.random.default_rng(0), getattr(mpmath, name)
    borders = [one - (name == "log1p") for one in BORDERS]
    column = [*borders, *(x for ends in RANGES[name] for x in generator.uniform(*ends, 700).tolist())]
    found = computed(lambda x: FUNCTIONS[name](x)[0], [column], bits).tolist()
    with mpmath.workdps(40):
        for x, y in zip(column, found, strict=True):
            exact = function(mpmath.mpf(x))
            assert abs(y - exact) <= BOUNDS[name][bits < 512] * math.ulp(float(exact)), x


@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_ends_of_the_domain(name: str, bits: int) -> None:
    zero = -1.0 if name == "log1p" else 0.0
    column = [zero, math.inf, math.nan, -math.inf, zero - 1.0, zero - 1e-9, zero + 1.0, -0.0]
    found = computed(lambda x: FUNCTIONS[name](x)[0], [column], bits)
    wanted = [-math.inf, math.inf, *[math.nan] * 4, 0.0, -math.inf if name == "log" else -0.0]
    assert np.array_equal(found, wanted, equal_nan=True)
    assert math.copysign(1.0, found[-1]) == -1.0
