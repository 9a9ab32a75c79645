"""`gradcli.graph.series`: power series in floats, against the oracle of every function, and where there are none."""

from __future__ import annotations

import math

import pytest

from gradcli import parse
from gradcli.graph.coefficients import Undecided, copied
from gradcli.graph.float_numbers import FloatNumbers
from gradcli.graph.graph import Graph, Node
from gradcli.graph.series import Expansion, Singular
from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives import functions as f
from tests.support.loops import for_each
from tests.support.oracle import derivatives

SMOOTH = [
    primitive
    for primitive in REGISTRY.public()
    if primitive.arity == 1 and not primitive.variadic and not primitive.is_locally_constant
]


def coefficients(text: str, point: float, order: int) -> list[float]:
    root = parse(text).root
    graph = Graph(folds=False)
    x = graph.variable("x")
    image: dict[Node, Node] = {root.graph.variable("x"): x}
    return Expansion(FloatNumbers(graph), copied(root, image, graph), x, point, order).coefficients()


@for_each("primitive", SMOOTH, ids=lambda primitive: primitive.name)
def test_the_series_of_a_function_follows_from_its_rule(primitive: Primitive) -> None:
    for [(low, high)] in primitive.samples:
        point = float(f"{0.6281 * low + 0.3719 * high:.3g}")
        if primitive.name == "acosh":
            point = max(point, 1.0005)
        expected = [one / math.factorial(k) for k, one in enumerate(derivatives(primitive.name, [point], 0))]
        for found, right in zip(coefficients(f"{primitive.name}(x)", point, 4), expected, strict=True):
            assert abs(found - right) <= 1e-12 * abs(right), (point, found, right)


def test_a_function_that_is_declared_at_run_time_has_a_series() -> None:
    from gradcli.primitives.registry import define

    primitive = define(
        "lambert_like(x)",
        about="A function that is known by its differential equation alone.",
        group="special",
        value=lambda x: 1.0 / (2.0 - x),
        partials=lambda x, y: (y * y,),
    )
    try:
        graph = Graph(folds=False)
        x = graph.variable("x")
        found = Expansion(FloatNumbers(graph), primitive(f.sin(x)), x, 0.0, 4).coefficients()
        # 1/(2 - s) = 1/2 + s/4 + s^2/8 + s^3/16 + s^4/32 with s = x - x^3/6
        assert found == pytest.approx([1 / 2, 1 / 4, 1 / 8, 1 / 16 - 1 / 24, 1 / 32 - 1 / 24])
    finally:
        del REGISTRY[primitive.name], REGISTRY.spelled[primitive.name]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sin(x)/x", [1, 0, -1 / 6, 0, 1 / 120]),
        ("1/sin(x) - 1/x", [0, 1 / 6, 0, 7 / 360, 0]),
        ("x^2*csc(x)^2", [1, 0, 1 / 3, 0, 1 / 15]),
        ("x*cot(x)", [1, 0, -1 / 3, 0, -1 / 45]),
        ("exp(sin(x)/x)/e", [1, 0, -1 / 6, 0, 1 / 45]),
        ("abs(sin(x))^4", [0, 0, 0, 0, 1]),
        ("sqrt(x^2)^2 + hypot(x, 2*x)^2", [0, 0, 6, 0, 0]),
        ("(1 + x)^2.5", [1, 2.5, 1.875, 0.3125, -0.0390625]),
        ("x^1000 + x", [0, 1, 0, 0, 0]),
        ("2^x/log(2)", [1 / math.log(2), 1, math.log(2) / 2, math.log(2) ** 2 / 6, math.log(2) ** 3 / 24]),
        ("where(x < 1, 1/(1 - x), log(x))", [1, 1, 1, 1, 1]),
        ("max(x, 2*x + 1, 3*x)", [1, 2, 0, 0, 0]),
        ("clip(x + 1, -2, 7) + relu(x - 1)", [1, 1, 0, 0, 0]),
        ("floor(x + 1/2)*x + (x + 1) % 7", [1, 1, 0, 0, 0]),
    ],
)
def test_series_at_0(text: str, expected: list[float]) -> None:
    assert coefficients(text, 0.0, 4) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("text", "point", "kind"),
    [
        ("1/x", 0.0, "pole"),
        ("exp(1/x)", 0.0, "pole"),
        ("csc(x)", 0.0, "pole"),
        ("gamma(x)", -2.0, "pole"),
        ("abs(x)", 0.0, "kink"),
        ("max(x, 2*x)", 0.0, "kink"),
        ("sqrt(x)", 0.0, "end"),
        ("x^1.5", 0.0, "end"),
        ("cbrt(x)", 0.0, "slope"),
        ("floor(x)", 1.0, "jump"),
        ("where(x > 0, x, x)*1 + where(x > 0, 1, 2)", 0.0, "jump"),
        ("where(x > 0 and x < 3, 1, 2)", 0.0, "jump"),
        ("where(x, 1, 2)", 0.0, "jump"),
        ("elu(x)", 0.0, "jump"),
        ("softsign(x)", 0.0, "kink"),
        ("atan2(x, -1)", 0.0, "branch cut"),
        ("log(x)", -1.0, "no_value"),
        ("x/0", 1.0, "no_value"),
        ("1/(x - x)", 1.0, "no_value"),
    ],
)
def test_a_point_without_a_series_is_named(text: str, point: float, kind: str) -> None:
    with pytest.raises(Singular) as found:
        coefficients(text, point, 3)
    assert found.value.kind == kind


def test_a_point_is_singular_only_if_it_matters() -> None:
    assert coefficients("where(x < 1, x, abs(x))", 0.0, 2) == [0.0, 1.0, 0.0]
    assert coefficients("abs(3)*x + abs(0)", 0.0, 2) == [0.0, 3.0, 0.0]


def test_a_small_divisor_is_not_taken_for_a_number_that_is_not_0() -> None:
    with pytest.raises(Undecided):
        coefficients("(x - pi)/sin(x)", math.pi, 3)


def test_long_chains_and_high_orders_need_no_recursion() -> None:
    text = "x"
    for _ in range(400):
        text = f"sin({text})"
    assert coefficients(text, 0.0, 3)[1:] == pytest.approx([1, 0, -400 / 6])
    assert coefficients("lgamma(x)", 1.5, 150)[150] == pytest.approx(1.5**-150 / 150, rel=1e-12)
