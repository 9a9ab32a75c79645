"""Formulas in C."""

from __future__ import annotations

from gradcli.export.expression_program import export_expression


def test_a_function_of_c() -> None:
    assert (
        export_expression("x1*x2 + sin(x1)", "c").partition("#include <math.h>")[2]
        == """

double value_and_gradient(const double *point, double *gradient) {
    const double x1 = point[0];
    const double x2 = point[1];
    const double t1 = x1 * x2 + sin(x1);
    const int t2 = t1 != t1;
    gradient[0] = t2 ? NAN : cos(x1) + x2;
    gradient[1] = t2 ? NAN : x1;
    return t1;
}
"""
    )


def test_a_jacobian_is_written_row_by_row() -> None:
    text = export_expression("[x*y, x + y]", "c")
    assert "void values_and_jacobian(const double *point, double *values, double *jacobian) {" in text
    assert "    jacobian[1] = t3 ? NAN : x;" in text
    assert "double point[2] = {...}, values[2], jacobian[4];" in text
