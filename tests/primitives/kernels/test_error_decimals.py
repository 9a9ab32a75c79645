"""Kernels of relatives of the error function: high orders, and where one formula takes over from another."""

from __future__ import annotations

import math

import pytest

from gradcli.primitives.kernels import error_decimals as kernels

KERNELS = {"erfcx": kernels.scaled_derivative, "dawsn": kernels.dawson_derivative}


@pytest.mark.parametrize("x", [-3.0, 0.3, 7.999, 8.0, 13.4, 40.0])
@pytest.mark.parametrize("rare", KERNELS)
def test_derivatives_of_high_order_have_all_digits(rare: str, x: float) -> None:
    pytest.importorskip("flint")
    from tests.support.ball_oracle import units_off

    found = [KERNELS[rare](order, x) for order in range(13)]
    assert max(units_off(found, rare, (x,), 0)) <= 1.0


def test_inverses_give_back_what_they_invert() -> None:
    for x in (1e-300, 1e-9, 0.25, 0.5, 0.75, 0.9999):
        assert math.erf(kernels.erfinv(x)) == pytest.approx(x, rel=1e-15)
        assert math.erfc(kernels.erfcinv(x)) == pytest.approx(x, rel=3e-13)
    assert kernels.erfinv(1.0) == math.inf
    assert kernels.erfcinv(2.0) == -math.inf
