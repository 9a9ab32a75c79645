"""Formulas in Mathematica."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from gradcli.export.expression_program import export_expression


def test_a_function_of_mathematica() -> None:
    assert export_expression("x_1*x2 + sin(x_1)", "mathematica").partition("*)\n\n")[2] == (
        "valueAndGradient[x1_, x2_] := {x1 * x2 + Sin[x1], {x2 + Cos[x1], x1}}\n"
    )


def test_steps_are_local_and_numbers_are_exact() -> None:
    text = export_expression("gamma(x)*1e-20 + pi/3", "mathematica")
    assert "Module[{" in text
    assert "1*^-20" in text
    assert "Pi / 3" in text


def test_no_function_loses_the_digits_of_a_small_machine_number() -> None:
    """Each formula with its names in Python has the values that mpmath gives."""
    import mpmath

    class Calls:
        """``F[x]`` of the Wolfram Language, by a function of Python."""

        def __init__(self, function: Callable[..., Any]) -> None:
            self.function = function

        def __getitem__(self, operands: Any) -> Any:
            return self.function(*operands) if isinstance(operands, tuple) else self.function(operands)

    names = {
        "Exp": Calls(math.exp),
        "Log": Calls(math.log),
        "Sinh": Calls(math.sinh),
        "Tanh": Calls(math.tanh),
        "ArcTanh": Calls(math.atanh),
        "Abs": Calls(abs),
        "Max": Calls(max),
        "If": Calls(lambda condition, yes, no: yes if condition else no),
    }
    exact = {
        "expm1": mpmath.expm1,
        "log1p": mpmath.log1p,
        "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
        "mish": lambda x: x * mpmath.tanh(mpmath.log1p(mpmath.exp(x))),
        "elu": lambda x: x if x > 0 else mpmath.expm1(x),
    }
    for name, function in exact.items():
        text = export_expression(f"{name}(x)", "mathematica", "value").rpartition(":= ")[2]
        for x in (1e-300, -1e-17, 1e-9, 0.3, -0.7, -17.3, 20.0, -0.0001):
            if name == "log1p" and x <= -1.0:
                continue
            with mpmath.workdps(50):
                expected = float(function(mpmath.mpf(x)))
            assert eval(text, {**names, "x": x}) == pytest.approx(expected, rel=1e-14), (name, x)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("besselj(0.5, x)", "BesselJ[0.5, x]"),
        ("zeta(x)", "Derivative[1][Zeta][x]"),
        ("betainc(2, 3, x)", "Beta[2, 3]"),
        ("gammainc(2.5, x)", "GammaRegularized[2.5, 0, x]"),
        ("lambertwm1(x)", "ProductLog[-1, x]"),
    ],
)
def test_special_functions_have_their_names_in_mathematica(text: str, written: str) -> None:
    assert written in export_expression(text, "mathematica")
