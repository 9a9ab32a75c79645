"""Mixed derivatives by jets of jets, against repeated differentiation."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.execute.jets import Irregular
from gradcli.execute.nested_jets import mixed_derivative
from gradcli.graph import Node, differentiate
from gradcli.graph.float_numbers import FloatNumbers
from gradcli.graph.graph import toposort, values_at

POINT = {"x": 1.3, "y": 0.7, "z": 0.4}


def by_graph(root: Node, at: dict[Node, float], orders: dict[Node, int]) -> float:
    for node, order in orders.items():
        for _ in range(order):
            root = differentiate.jvp(root, {node: 1.0})
    return values_at(toposort([root]), at)[root]


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("exp(x*y)*sin(x + z^2)/(1 + y^2)", {"x": 2, "y": 1, "z": 2}),
        ("x^y", {"y": 2, "x": 2}),
        ("tanh(x*y)*erf(x - y)", {"x": 3, "y": 2}),
        ("sqrt(x^2 + y^2) + log(x*y + z)", {"x": 2, "y": 2, "z": 1}),
        ("where(x > y, x*y^3, 2)", {"x": 1, "y": 1}),
        ("hypot(x, y)^3*max(x, z)", {"x": 2, "y": 3}),
        ("atan2(x, y)", {"x": 2, "y": 2}),
        ("sigmoid(x*y)", {"x": 1, "y": 4}),
        ("x", {"x": 1, "y": 1}),
        ("5*z", {"x": 1}),
    ],
)
def test_a_mixed_derivative_is_that_of_the_graph(text: str, orders: dict[str, int]) -> None:
    root = parse(text).root
    at = {root.graph.variable(name): number for name, number in POINT.items()}
    wanted = {root.graph.variable(name): order for name, order in orders.items()}
    found = mixed_derivative(FloatNumbers(root.graph), root, at, wanted)
    assert found == pytest.approx(by_graph(root, at, wanted), rel=1e-11, abs=1e-14)


def test_a_point_that_is_not_smooth_is_refused() -> None:
    root = parse("max(x, y)^2").root
    x, y = [root.graph.variable(name) for name in "xy"]
    with pytest.raises(Irregular):
        mixed_derivative(FloatNumbers(root.graph), root, {x: 1.0, y: 1.0}, {x: 1, y: 1})
