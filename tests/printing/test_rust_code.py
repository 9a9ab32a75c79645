"""Formulas in Rust."""

from __future__ import annotations

from gradcli.export.expression_program import export_expression


def test_a_function_of_rust() -> None:
    assert (
        export_expression("x1*sin(x1)", "rust").partition("\npub ")[2]
        == """\
fn value_and_gradient(x1: f64) -> (f64, [f64; 1]) {
    let t1: f64 = f64::sin(x1);
    let t2: f64 = x1 * t1;
    (t2, [if t2 != t2 { f64::NAN } else { t1 + x1 * f64::cos(x1) }])
}
"""
    )


def test_a_hessian_is_an_array_of_rows() -> None:
    text = export_expression("x^2*y", "rust", "hessian")
    assert "(x: f64, y: f64) -> (f64, [f64; 2], [[f64; 2]; 2]) {" in text
