"""A node as a product, and as a sum of products."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.graph import Graph, toposort
from gradcli.graph.graph import on_graph
from gradcli.graph.shortest import value_at
from gradcli.graph.terms import MOST, Terms
from gradcli.printing.text import to_text


@pytest.mark.parametrize(
    ("text", "coefficient", "powers"),
    [
        ("-2*x*y^2/(3*z)", -2.0 / 3.0, {"x": 1.0, "y": 2.0, "z": -1.0}),
        ("x*y/x", 1.0, {"x*y/x": 1.0}),
        ("exp(-2*x)*exp(x)", 1.0, {"exp(x)": -1.0}),
        ("e^(x/4)", 1.0, {"exp(x)": 0.25}),
        ("(x + 1)^-2", 1.0, {"x + 1": -2.0}),
        ("x^y", 1.0, {"x^y": 1.0}),
        ("x*0", 1.0, {"x": 1.0, "0": 1.0}),
    ],
)
def test_a_node_is_a_product_of_powers(text: str, coefficient: float, powers: dict[str, float]) -> None:
    root = parse(text).root
    found = Terms(root.graph).product(root)
    assert found.coefficient == pytest.approx(coefficient)
    assert {to_text(base): exponent for base, exponent in found.powers.items()} == powers


def test_where_numbers_are_not_folded_no_coefficient_is_rounded() -> None:
    root = on_graph(toposort([parse("2*exp(-x/3)/(-3*y)").root]), Graph(folds=False)).popitem()[1]
    found = Terms(root.graph).product(root)
    assert found.coefficient == 2.0
    assert {to_text(base): exponent for base, exponent in found.powers.items()} == {
        "exp(x/3)": -1.0,
        "-3": -1.0,
        "y": -1.0,
    }


@pytest.mark.parametrize("text", ["x - 2*y*z", "x/y/z - (y - 3)", "-(x + y)", "2 - exp(-x)"])
def test_a_sum_is_built_again(text: str) -> None:
    expression = parse(text)
    terms = Terms(expression.graph)
    again = terms.total([one._replace(origin=None) for one in terms.terms(expression.root) or ()])
    point = {name: 0.5 + place for place, name in enumerate(expression.variables)}
    at = {expression.graph.variable(name): value for name, value in point.items()}
    assert value_at(again, at) == pytest.approx(expression(**point), rel=1e-15)


def test_long_sums_and_products_are_left_alone() -> None:
    many = [f"x{number}" for number in range(3 * MOST)]
    total, product = parse(" + ".join(many)).root, parse("*".join(many)).root
    assert Terms(total.graph).terms(total) is None
    assert Terms(product.graph).product(product).powers == {product: 1.0}
