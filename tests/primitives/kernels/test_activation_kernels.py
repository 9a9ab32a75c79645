"""Array kernels of activations: in every type they keep the tail, have the limit and leave their operand alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.primitives import REGISTRY
from gradcli.primitives.backends import backend_named
from tests.support.loops import for_each

NAMES = [primitive.name for primitive in REGISTRY.public() if primitive.group == "activation"]
TYPES = ["float16", "float32", "float64"]
#: Type -> an operand at which exp(-x) overflows in it, and one that is as large as can be.
FAR = {"float16": (12.0, 6e4), "float32": (89.0, 3e38), "float64": (710.0, 1.7e308)}


def computed(name: str, numbers: Any) -> Any:
    return backend_named("numpy").kernel(REGISTRY[name])(numbers)


@for_each("dtype", TYPES)
@for_each("name", NAMES)
def test_numbers_as_large_as_can_be_have_the_limit_of_the_function(name: str, dtype: str) -> None:
    numbers = np.array([sign * x for x in (*FAR[dtype], np.inf) for sign in (1.0, -1.0)], dtype)
    with np.errstate(all="ignore"):
        found = computed(name, numbers)
    wanted = np.array([REGISTRY[name].value(x) for x in numbers.tolist()])
    with np.errstate(over="ignore"):
        assert np.allclose(found, wanted.astype(dtype), rtol=4 * np.finfo(dtype).eps, atol=np.finfo(dtype).tiny)
    assert found.dtype == dtype


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", ["sigmoid", "softplus", "silu", "gelu", "gelu_tanh", "mish"])
def test_the_tail_below_0_has_its_digits_until_it_underflows(name: str, dtype: str) -> None:
    end = {"float16": 4.0, "float32": 12.0, "float64": 36.0}[dtype] if "gelu" in name else FAR[dtype][0] * 0.95
    numbers = -np.linspace(0.1, end if name != "gelu_tanh" else 4.0, 50).astype(dtype)
    found = computed(name, numbers).astype(float)
    wanted = np.array([REGISTRY[name].value(x) for x in numbers.astype(float).tolist()])
    # Rounding an intermediate result of the size of the operand moves exp of it by that many units.
    allowed = (8.0 + 2.0 * np.abs(numbers.astype(float)) ** (2 if "gelu" in name else 1)) * np.finfo(dtype).eps
    normal = np.abs(wanted) > np.finfo(dtype).tiny
    assert normal.any()
    assert (np.abs(found - wanted) <= allowed * np.abs(wanted))[normal].all()


@pytest.mark.parametrize("name", NAMES)
def test_the_operand_is_left_as_it_is_and_nan_stays_nan(name: str) -> None:
    numbers = np.array([-3.0, -0.0, 0.5, np.nan, 7.0])
    before = numbers.copy()
    found = computed(name, numbers)
    assert np.array_equal(numbers, before, equal_nan=True)
    assert np.isnan(found).tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "selu", "hard_tanh", "softsign", "silu", "gelu", "mish"])
def test_zero_keeps_its_sign_as_on_floats(name: str) -> None:
    found = computed(name, np.array([0.0, -0.0]))
    wanted = [REGISTRY[name].value(0.0), REGISTRY[name].value(-0.0)]
    assert np.signbit(found).tolist() == np.signbit(wanted).tolist()
