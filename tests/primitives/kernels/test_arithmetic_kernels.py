"""Array kernels of arithmetic: powers with constant exponents, and extremes of many operands."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import numpy as np
import pytest

from gradcli.primitives import REGISTRY
from gradcli.primitives.backends import backend_named
from tests.support.checking import EDGES
from tests.support.loops import for_each

INF, NAN = math.inf, math.nan
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@for_each("exponent", [-1.0, -1e-5, 0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.5, -2.0, -0.5, 2])
@for_each("name", ["pow", "slope"])
@for_each("numbers", [EDGES, np.linspace(-3.0, 3.0, 100).tolist(), np.linspace(0.1, 9.0, 100).tolist()])
def test_a_constant_exponent_takes_a_shorter_way_to_the_same_values(
    name: str, numbers: Sequence[float], exponent: float
) -> None:
    x = np.array(numbers)
    primitive = REGISTRY["pow" if name == "pow" else "power_derivative"]
    orders = () if name == "pow" else (1.0, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        got = backend_named("numpy").kernel(primitive)(*orders, x, exponent)
    for at, value in zip(x.tolist(), got.tolist(), strict=True):
        wanted = primitive.value(*orders, at, float(exponent))
        if math.isfinite(wanted) and wanted != 0.0:
            assert abs(value - wanted) <= 4.0 * math.ulp(wanted), at
        else:
            assert np.array_equal(value, wanted, equal_nan=True), at
            assert wanted != wanted or math.copysign(1.0, value) == math.copysign(1.0, wanted), at


@pytest.mark.parametrize("shape", [(2, 1), (1,), ()])
def test_a_square_root_as_a_power_is_a_power(shape: tuple[int, ...]) -> None:
    got = backend_named("numpy").kernel(REGISTRY["pow"])(np.array([-INF, -0.0, -4.0, 4.0]), np.full(shape, 0.5))
    assert np.array_equal(got.reshape(-1, 4)[0], [INF, 0.0, NAN, 2.0], equal_nan=True)
    assert not np.signbit(got.reshape(-1, 4)[0][:2]).any()


def test_extremes_of_many_operands() -> None:
    columns = [np.array([1.0, 5.0, NAN]), np.array([4.0, 2.0, 1.0]), np.array([3.0, 3.0, 3.0])]
    assert np.array_equal(REGISTRY["max"](*columns), [4.0, 5.0, NAN], equal_nan=True)
    assert np.array_equal(REGISTRY["min"](*columns), [1.0, 2.0, NAN], equal_nan=True)
