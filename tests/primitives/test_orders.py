"""Derivatives of every order as one function."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.primitives import REGISTRY
from gradcli.primitives import functions as f
from gradcli.primitives.kernels.decimals import Rounded
from gradcli.primitives.orders import define_orders
from tests.support.declarations import forget


def test_the_derivative_of_an_order_is_the_next_order_and_parameters_have_none() -> None:
    define_orders(
        "wave_of_a_test(n, a, x)",
        about="The n-th derivative of sin(a x).",
        value=Rounded(lambda n, a, x: a**n * math.sin(a * x + n * math.pi / 2.0)),
        readers=lambda n, a, x: a ** float(n) * f.sin(a * x + float(n) * math.pi / 2.0),
        samples=(((0.0, 0.0), (2.0, 2.0), (-1.0, 1.0)),),
    )
    try:
        declared = REGISTRY["wave_of_a_test"]
        assert (declared.static, declared.internal, declared.keeps_digits) == (("n", "a"), True, True)
        x = parse("x").root
        first, second, third = declared.partials(3.0, 2.0, x, x)
        assert math.isnan(first)
        assert math.isnan(second)
        assert (third.primitive, third.operands[0].constant) == (declared, 4.0)
    finally:
        forget("wave_of_a_test")


@pytest.mark.parametrize("name", ["erfcx", "lambertw", "besselj", "ellipk", "fresnelc", "cosint"])
def test_printed_formulas_have_no_name_of_such_a_function(name: str) -> None:
    text = "besselj(2, x)" if name == "besselj" else f"{name}(x)"
    assert "derivative(" not in str(parse(text).derivative("x", 3))
