"""Jets against the general series, and against Arb's power series."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from gradcli import parse
from gradcli.execute.jets import Irregular, Jets
from gradcli.graph.float_numbers import FloatNumbers
from gradcli.graph.graph import toposort, unfolded
from gradcli.graph.rule import traced_rule
from gradcli.graph.series import Expansion
from gradcli.primitives import REGISTRY, Primitive
from tests.support.loops import for_each

ORDER = 8
FUNCTIONS = [
    (one, place)
    for one in REGISTRY.public()
    if not one.is_truth and one.samples and one.name != "where"
    for place in range(len(one.static), one.arity)
]
#: Functions whose rules lead to more and more functions, and one whose rule divides by its operand.
WITHOUT_RECURRENCE = {"gamma", "lgamma", "digamma", "polygamma", "factorial", "sinc"}


def jet_of(text: str, point: float, order: int = ORDER) -> list[float]:
    root = parse(text).root
    [found] = Jets([root], [root.graph.variable("x")]).run(FloatNumbers(root.graph), [[point, 1.0]], order)
    return found + [0.0] * (order + 1 - len(found))


def series_of(text: str, point: float, order: int = ORDER) -> list[float]:
    root = parse(text).root
    image = unfolded(toposort([root]))
    numbers = FloatNumbers(image[root].graph)
    return Expansion(numbers, image[root], image[root.graph.variable("x")], point, order).coefficients()


@for_each(("primitive", "place"), FUNCTIONS, ids=lambda one: getattr(one, "name", str(one)))
def test_the_jet_of_a_function_is_its_series(primitive: Primitive, place: int) -> None:
    shares = (0.577, 0.413, 0.281)
    numbers = [
        max(low, -3.0) + share * (min(high, 3.0) - max(low, -3.0))
        for (low, high), share in zip(primitive.samples[0], shares, strict=False)
    ]
    words = [repr(float(round(one)) if i < len(primitive.static) else one) for i, one in enumerate(numbers)]
    words[place] = "x"
    text = f"{primitive.name}({', '.join(words)})"
    try:
        found = jet_of(text, numbers[place])
    except Irregular:
        rule = traced_rule(primitive, primitive.arity)
        of_family = [node for node in toposort(rule.partials) if getattr(node.primitive, "static", ())]
        assert of_family or primitive.static or primitive.name in WITHOUT_RECURRENCE
        return
    expected = series_of(text, numbers[place])
    size = max(map(abs, expected))
    for order, (one, other) in enumerate(zip(found, expected, strict=True)):
        if math.isnan(one):  # the digits are lost
            assert primitive.system is not None
            assert order > 2
            break
        assert one == pytest.approx(other, rel=1e-9, abs=1e-14 * size)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("x^x", 1.5),
        ("2.5^x", 0.3),
        ("(1 + x)^2.5", 0.3),
        ("(x - 1)^3", 1.0),
        ("(1 + x)^-3", 0.3),
        ("(1 + x + x^2)^70", 0.01),
        ("where(x > 0, sin(x), cos(x))", 0.7),
        ("max(x, x^2)*min(x, 3)", 0.7),
        ("mod(x^2, 0.4)", 0.7),
        ("sin(x)*cos(x)*tan(x)/x", 0.7),
        ("floor(x)*x^2", 1.7),
        ("x - x", 0.7),
    ],
)
def test_the_jet_of_an_expression_is_its_series(text: str, point: float) -> None:
    assert jet_of(text, point) == pytest.approx(series_of(text, point), rel=1e-12, abs=1e-14)


def test_jets_of_random_expressions_are_their_derivatives_by_the_graph() -> None:
    pytest.importorskip("flint")
    from tests.support.jet_formulas import case, differences

    found = [differences(*case(number)) for number in range(100)]
    assert sum(one is not None for one in found) >= 40
    assert [line for one in found for line in one or ()] == []


@pytest.mark.parametrize(
    ("text", "point"),
    [
        *(("abs(x)", 0.0), ("max(x, 1)", 1.0), ("sqrt(x)", 0.0), ("1/x", 0.0), ("x^2.5", 0.0), ("log(x)", 0.0)),
        *(("where(x > 1, x, 2)", 1.0), ("sin(x)/x", 0.0), ("floor(x)", 2.0), ("log(x)", -1.0), ("hypot(x, 0)", 0.0)),
    ],
)
def test_a_point_that_is_not_smooth_is_refused(text: str, point: float) -> None:
    with pytest.raises(Irregular):
        jet_of(text, point)


def _arb(number: float) -> Any:
    return pytest.importorskip("flint").arb(number)


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("exp(sin(x))/(1 + x^2)", lambda x: x.sin().exp() / (1 + x * x)),
        ("log(1 + x)*atan(x)", lambda x: (1 + x).log() * x.atan()),
        ("sqrt(1 + x^2)*tan(x)", lambda x: (1 + x * x).sqrt() * x.tan()),
    ],
)
def test_order_100_has_the_digits_of_arb(text: str, function: Callable[[Any], Any]) -> None:
    flint = pytest.importorskip("flint")
    found = jet_of(text, 0.5, 100)
    flint.ctx.prec, before = 400, flint.ctx.cap
    flint.ctx.cap = 102
    try:
        expected = function(flint.arb_series([flint.arb(0.5), 1]))
        numbers = [float(expected[order].mid()) for order in range(102)]
    finally:
        flint.ctx.default()
        flint.ctx.cap = before
    for order, one in enumerate(found):
        # A coefficient that happens to be small has the error of its neighbours.
        scale = max(map(abs, numbers[max(order - 1, 0) : order + 2]))
        assert abs(one - numbers[order]) <= 1e-11 * scale, order
