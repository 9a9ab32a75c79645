"""Array kernels of exponentials, trigonometric and hyperbolic functions, and of their derivatives of any order."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradcli.primitives import REGISTRY
from gradcli.primitives.backends import backend_named
from tests.support.loops import for_each

INF, NAN = math.inf, math.nan
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@for_each("order", [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 20.0, 0.5, -1.0, 101.0, 102.0])
@for_each(
    "name",
    ["polygamma", "gamma_derivative", "sinc_derivative", "sigmoid_derivative", "reciprocal_real", "power_derivative"],
)
def test_every_order_of_a_family_of_derivatives(name: str, order: float) -> None:
    primitive = REGISTRY[name]
    x = np.array([-INF, -1e300, -2.5, -2.0, -0.0, 1e-300, 0.3, 1.0, 1.46, 2.0, 7.5, 170.5, 1e8, INF, NAN])
    operands = {1: (order, x), 2: (order, x, 0.7)}[primitive.arity - 1] if name != "power_derivative" else None
    operands = operands or (order, 1.0, x, 2.5)
    columns = np.broadcast_arrays(*operands)
    wanted = [primitive.value(*point) for point in zip(*[column.tolist() for column in columns], strict=True)]
    got = backend_named("numpy").kernel(primitive)(*operands)
    assert np.allclose(got, wanted, rtol=1e-12, atol=0.0, equal_nan=True)
