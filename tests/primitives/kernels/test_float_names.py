"""NumPy's names on floats give what NumPy's own functions give."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradcli.primitives.kernels.float_names import FLOATS

NAMES = ("abs", "floor", "ceil", "rint", "sqrt", "exp", "exp2", "log", "log1p", "arctan", "sinh")
PAIRS = ("divide", "power", "copysign", "maximum", "minimum", "hypot", "arctan2", "add")


@pytest.mark.parametrize("name", [*NAMES, *PAIRS])
def test_a_name_is_the_function_that_numpy_has_by_it(name: str) -> None:
    for x in (0.3, 2.5, 1.0, 0.0, math.inf):
        operands = (x, 0.7) if name in PAIRS else (x,)
        got, wanted = getattr(FLOATS, name)(*operands), getattr(np, name)(*operands)
        assert type(got) is float
        assert got == pytest.approx(float(wanted), rel=1e-15)


@pytest.mark.parametrize("x", [True, False])
@pytest.mark.parametrize("y", [True, False])
def test_truth_values_are_pythons(x: bool, y: bool) -> None:
    assert (FLOATS.logical_and(x, y), FLOATS.logical_or(x, y), FLOATS.logical_not(x)) == (x and y, x or y, not x)
    assert FLOATS.where(x, 1.0, 2.0) == (1.0 if x else 2.0)


def test_a_name_that_numpy_has_and_the_registry_lacks_is_an_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="'i0'"):
        FLOATS.i0(1.0)
