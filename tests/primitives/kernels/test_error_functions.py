"""erf and erfc by arithmetic and one exponential."""

from __future__ import annotations

import math
import random

import pytest

from gradcli.primitives.kernels.error_functions import erf, erfc
from gradcli.primitives.kernels.float_kernels import FLOATS


def test_both_are_those_of_the_c_library_to_a_few_units_in_the_last_place() -> None:
    generator = random.Random(3)
    points = [generator.uniform(-7.0, 27.0) for _ in range(2000)]
    points += [sign * 10.0 ** generator.uniform(-300.0, 0.0) for sign in (-1.0, 1.0) for _ in range(500)]
    for x in [*points, 0.84375, 1.25, 1.0 / 0.35, 0.25, -0.84375, -1.25]:
        assert erf(FLOATS, x) == pytest.approx(math.erf(x), rel=5e-16, abs=0.0)
        assert erfc(FLOATS, x) == pytest.approx(math.erfc(x), rel=1e-15, abs=5e-324)


def test_both_have_their_limits() -> None:
    assert [erf(FLOATS, x) for x in (-math.inf, 0.0, math.inf)] == [-1.0, 0.0, 1.0]
    assert [erfc(FLOATS, x) for x in (-math.inf, 0.0, math.inf)] == [2.0, 1.0, 0.0]
    assert math.isnan(erf(FLOATS, math.nan))
    assert math.isnan(erfc(FLOATS, math.nan))
