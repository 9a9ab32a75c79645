"""Identities between functions are those that the registry declares, and hold."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.graph.layout import Layout
from gradcli.graph.normal_form import Ring
from gradcli.graph.relations import by_double_angles, by_quotients, by_squares
from gradcli.primitives import REGISTRY, Primitive
from gradcli.printing.text import to_text

DECLARED = [
    (primitive, field)
    for primitive in REGISTRY.public()
    for field in ("squared", "doubled", "quotient")
    if getattr(primitive, field) is not None
]


@pytest.mark.parametrize(("primitive", "field"), DECLARED, ids=lambda one: getattr(one, "name", one))
def test_a_declared_identity_holds(primitive: Primitive, field: str) -> None:
    for point in (0.3, -0.7, 1.2, 2.9):
        expected = {
            "squared": primitive.value(point) ** 2,
            "doubled": primitive.value(2.0 * point),
            "quotient": primitive.value(point),
        }
        assert getattr(primitive, field)(point) == pytest.approx(expected[field], rel=1e-12)


def test_there_are_identities() -> None:
    assert len(DECLARED) > 15


def forms(text: str) -> tuple[Ring, Layout, dict]:  # type: ignore[type-arg]
    root = parse(text).root
    ring = Ring(root.graph.variable("x"))
    return ring, Layout(ring, root.graph), ring.read(root)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sin(x)^2 + cos(x)^2", "1"),
        ("1 - sin(2*x)^2", "cos(2*x)^2"),
        ("sec(x)^2 + 2*tan(x)^2", "3*tan(x)^2 + 1"),
        ("coth(x)^2 - csch(x)^2", "1"),
        ("sin(x)^2 + cos(y)^2", "sin(x)^2 + cos(y)^2"),
    ],
)
def test_squares_are_replaced_where_that_is_shorter(text: str, expected: str) -> None:
    ring, layout, form = forms(text)
    assert to_text(layout.node(by_squares(ring, form))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2*sin(x)*cos(x)", "sin(2*x)"),
        ("cos(x)^2 - sin(x)^2", "cos(2*x)"),
        ("sinh(x)*cosh(x)", "sinh(2*x)/2"),
        ("sinh(x)^2 + cosh(x)^2", "cosh(2*x)"),
        ("sin(x)^2*cos(x)^2", "sin(2*x)^2/4"),
        ("sin(x)*cos(x)^2", None),
        ("x*exp(x)", None),
    ],
)
def test_products_have_double_angles(text: str, expected: str | None) -> None:
    ring, layout, form = forms(text)
    found = by_double_angles(ring, form)
    assert (None if found is None else to_text(layout.node(found))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sin(x)/cos(x)", "tan(x)"),
        ("1/cosh(x)^2", "sech(x)^2"),
        ("x*cos(x)/sin(x)", "x*cot(x)"),
        ("sec(x)", "1/cos(x)"),
    ],
)
def test_a_quotient_has_another_name(text: str, expected: str) -> None:
    ring, layout, form = forms(text)
    assert expected in [to_text(layout.node(found)) for found in by_quotients(ring, form)]
