"""Formulas in JavaScript."""

from __future__ import annotations

from gradcli.export.expression_program import export_expression


def test_a_function_of_javascript() -> None:
    assert (
        export_expression("x1*x2 + sin(x1)", "javascript").partition("\nexport ")[2]
        == """\
function value_and_gradient(x1, x2) {
    const t1 = x1 * x2 + Math.sin(x1);
    const t2 = t1 !== t1;
    return [t1, [t2 ? NaN : Math.cos(x1) + x2, t2 ? NaN : x1]];
}
"""
    )


def test_functions_that_the_language_lacks_are_written_out_once() -> None:
    text = export_expression("erf(x)*erf(y) + digamma(x)", "javascript")
    assert [text.count(f"function {name}(") for name in ("erf", "digamma")] == [1, 1]
