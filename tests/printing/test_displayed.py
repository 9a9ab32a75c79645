"""`gradcli.printing.displayed`: formulas as notebooks show them."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from gradcli import parse
from gradcli.printing.displayed import derivative_of, displayed


@pytest.mark.parametrize("text", ["x1^2*sin(alpha_2)/3", "if(x > 0, x, -x)", "nan + inf", "x!", "exp(-x^2)"])
def test_a_formula_is_well_formed_mathml_and_latex(text: str) -> None:
    made = displayed(parse(text).root)
    assert made.html is not None
    ElementTree.fromstring(made.html.replace("&#x2062;", "").replace("&#x2061;", ""))
    assert made.math == rf"$\displaystyle {made.latex}$"
    assert made.html.plain == made.latex


def test_arrays_have_latex_alone_and_so_has_what_they_are_put_into() -> None:
    x, product = displayed(parse("x").root), displayed(parse("A @ x").root)
    assert product.html is x.equals(product).html is derivative_of(product, "x").html is None
    assert x.equals(product).latex == rf"x = {product.latex}"


def test_equations_and_remainders_are_put_together() -> None:
    x, square = displayed(parse("x").root), displayed(parse("x^2").root)
    assert x.equals(square).latex == "x = x^{2}"
    assert x.plus_remainder(square).latex == r"x + O\left(x^{2}\right)"
    assert "<mi>O</mi>" in str(x.plus_remainder(square).mathml)


@pytest.mark.parametrize(
    ("order", "latex", "mathml"),
    [
        (1, r"\frac{d}{d x_{1}}\left[x_{1}\right]", "<mi>d</mi><msub><mi>x</mi><mn>1</mn></msub>"),
        (3, r"\frac{d^{3}}{d x_{1}^{3}}\left[x_{1}\right]", "<msup><mi>d</mi><mn>3</mn></msup>"),
    ],
)
def test_a_derivative_to_be_taken_has_its_variable_and_order(order: int, latex: str, mathml: str) -> None:
    made = derivative_of(displayed(parse("x1").root), "x1", order)
    assert made.latex == latex
    assert mathml in str(made.mathml)
