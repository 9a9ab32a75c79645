"""Formulas in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.export.expression_program import export_expression


def test_a_function_of_numpy() -> None:
    assert (
        export_expression("x*y", "numpy", "value").partition("import numpy as np\n")[2]
        == """

@np.errstate(all="ignore")
def evaluate(x, y):
    x = np.asarray(x, dtype=float)
    y = np.asarray(y, dtype=float)
    return x * y
"""
    )


def test_a_function_takes_arrays() -> None:
    space: dict[str, Any] = {}
    exec(export_expression("where(x > 1, x^2, gamma(x))", "numpy"), space)
    value, (slope,) = space["value_and_gradient"](np.array([0.5, 1.0, 3.0]))
    np.testing.assert_allclose(value, [1.772453850905516, 1.0, 9.0], rtol=1e-15)
    np.testing.assert_allclose(slope, [-3.480230906913262, -0.5772156649015329, 6.0], rtol=1e-14)


def test_gamma_beyond_the_largest_double_has_the_sign_of_its_operand() -> None:
    space: dict[str, Any] = {}
    exec(export_expression("gamma(x)", "numpy", "value"), space)
    assert space["evaluate"](np.array([5e-324, -1e-310, 200.0])).tolist() == [np.inf, -np.inf, np.inf]
