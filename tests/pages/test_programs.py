"""`gradcli.pages.programs`: exported programs as functions of a page."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli.evaluate.expression import parse
from gradcli.graph import differentiate
from gradcli.pages.programs import as_function, gradient_program, values_program


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("x1*x2 + sin(x1)", [2.0, 3.0]),
        ("digamma(x)*erf(y) + lgamma(x)", [0.7, -0.3]),
        ("compute*2 + value", [1.5, 2.5]),
        ("log(1 - sigmoid(x))", [30.0]),
    ],
)
def test_the_program_of_a_page_computes_the_gradient(blank_page: Any, text: str, at: list[float]) -> None:
    expression = parse(text)
    value, gradient = blank_page.evaluate(f"() => {as_function(gradient_program(expression))}(...{at!r})")
    assert value == pytest.approx(expression(*at), rel=1e-14)
    assert gradient == pytest.approx([*expression.gradient(*at).values()], rel=1e-13)


def test_several_values_are_one_program(blank_page: Any) -> None:
    root = parse("exp(sin(x))").root
    x = root.graph.variable("x")
    roots = [root, *differentiate.derivatives(root, x, 2)]
    found = blank_page.evaluate(f"() => {as_function(values_program('f', [x], roots))}(0.0)")
    assert found == [1.0, 1.0, 1.0]
