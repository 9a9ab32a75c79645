"""Formulas in Mathematica."""

from __future__ import annotations

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
