"""Formulas in Python."""

from __future__ import annotations

import math
from typing import Any

from gradcli.export.expression_program import export_expression


def test_a_function_of_python() -> None:
    assert (
        export_expression("x^3/y", "python").partition("import math\n")[2]
        == """

def divide(x, y):
    try:
        return x / y
    except ZeroDivisionError:
        return math.nan if x == 0.0 or x != x else math.copysign(math.inf, x) * math.copysign(1.0, y)


def value_and_gradient(x: float, y: float) -> tuple[float, tuple[float, float]]:
    t1 = x * x
    t2 = divide(t1 * x, y)
    d_x = math.nan if t2 != t2 else divide(3.0 * t1, y)
    d_y = -divide(t2, y)
    return t2, (d_x, d_y)
"""
    )


def test_a_gradient_of_one_number_is_a_tuple() -> None:
    text = export_expression("2*x", "python")
    assert "-> tuple[float, tuple[float]]:" in text
    assert text.endswith("    return t1, (math.nan if t1 != t1 else 2.0,)\n")


def test_gamma_beyond_the_largest_double_has_the_sign_of_its_operand() -> None:
    space: dict[str, Any] = {}
    exec(export_expression("gamma(x)", "python", "value"), space)
    assert [space["evaluate"](x) for x in (5e-324, -1e-310, 200.0)] == [math.inf, -math.inf, math.inf]
