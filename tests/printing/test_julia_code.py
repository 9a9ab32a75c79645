"""Formulas in Julia."""

from __future__ import annotations

from gradcli.export.expression_program import export_expression


def test_a_function_of_julia() -> None:
    assert (
        export_expression("x*log(x)", "julia").partition("nan.\n\n")[2]
        == """\
log_or_nan(x::Float64) = x >= 0 ? log(x) : NaN

function value_and_gradient(x::Float64)
    t1 = log_or_nan(x)
    t2 = x * t1
    return (t2, (t2 != t2 ? NaN : t1 + x / abs(x),))
end
"""
    )


def test_what_raises_an_error_in_julia_is_nan() -> None:
    text = export_expression("sqrt(x) + sin(y) + x^y", "julia")
    assert "sqrt_or_nan(x::Float64) = x >= 0 ? sqrt(x) : NaN" in text
    assert "sin_or_nan(x::Float64) = isfinite(x) ? sin(x) : NaN" in text
    assert "power(x::Float64, y::Float64) = " in text
