"""The building blocks of formulas on vectors."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.vector_formulas import exactly, polynomial, with_zero
from tests.support.vector_code import WIDTHS, computed

NUMBERS = np.linspace(-2.0, 2.0, 41)


@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("count", range(1, 12))
def test_a_polynomial_has_its_lowest_coefficient_first(bits: int, count: int) -> None:
    coefficients = [1.0 / math.factorial(i) for i in range(count)]
    found = computed(lambda x: polynomial(x, coefficients) + 0.0 * x, [NUMBERS], bits)
    assert np.allclose(found, np.polynomial.Polynomial(coefficients)(NUMBERS), rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("bits", WIDTHS)
def test_the_error_of_a_product_is_exact(bits: int) -> None:
    found = computed(lambda x: exactly(x, x, -(x * x)), [[1.0 + 2.0**-30, 3.0, 0.1]], bits)
    assert found.tolist() == [2.0**-60, 0.0, float(Fraction(0.1) ** 2 - Fraction(0.1 * 0.1))]


@pytest.mark.parametrize("bits", WIDTHS)
def test_zero_keeps_its_sign(bits: int) -> None:
    found = computed(lambda x: with_zero(x + 1.0, x), [[0.0, -0.0, 1.0, 5e-324]], bits)
    assert found.tolist() == [0.0, 0.0, 2.0, 1.0]
    assert np.signbit(found).tolist() == [False, True, False, False]
