"""The rules of the registry on floats."""

from __future__ import annotations

import math

import pytest

from gradcli.execute.float_rules import float_rule
from gradcli.primitives import REGISTRY


@pytest.mark.parametrize(
    ("name", "operands", "output", "partials"),
    [
        ("mul", (3.0, 4.0), 12.0, [4.0, 3.0]),
        ("add", (3.0, 4.0), 7.0, [1.0, 1.0]),
        ("where", (1.0, 5.0, 6.0), 5.0, [None, 1.0, None]),
        ("where", (0.0, 5.0, 6.0), 6.0, [None, None, 1.0]),
        ("max", (1.0, 2.0), 2.0, [None, 1.0]),
        ("max", (2.0, 1.0, 2.0, 2.0), 2.0, [1 / 3, None, 1 / 3, 1 / 3]),
        ("abs", (0.0,), 0.0, [0.0]),
        ("abs", (-2.0,), 2.0, [-1.0]),
        ("sqrt", (0.0,), 0.0, [math.inf]),
        ("floor", (2.5,), 2.0, [None]),
        ("less", (1.0, 2.0), 1.0, [None, None]),
        ("hypot", (0.0, 0.0), 0.0, [0.0, 0.0]),
    ],
)
def test_a_rule_on_floats_gives_its_partials(
    name: str, operands: tuple[float, ...], output: float, partials: list[float | None]
) -> None:
    assert float_rule(REGISTRY[name], len(operands)).partials(operands, output) == partials


def test_a_rule_knows_the_edge_that_its_operands_lie_on() -> None:
    rule = float_rule(REGISTRY["abs"], 1)
    edge = rule.edge_at((0.0,), 0.0)
    assert edge is not None
    assert edge.kind == "kink"
    assert rule.edge_at((1.0,), 1.0) is None


def test_only_a_rule_without_edges_and_choices_is_plain() -> None:
    assert float_rule(REGISTRY["mul"], 2).plain is not None
    assert float_rule(REGISTRY["sin"], 1).plain is not None
    for name, count in (("abs", 1), ("where", 3), ("max", 2), ("floor", 1)):
        assert float_rule(REGISTRY[name], count).plain is None


def test_a_rule_is_traced_once() -> None:
    assert float_rule(REGISTRY["tanh"], 1) is float_rule(REGISTRY["tanh"], 1)


def test_a_condition_always_counts() -> None:
    assert float_rule(REGISTRY["where"], 3).selected((1.0, 5.0, 6.0), 5.0) == [True, True, False]
    assert float_rule(REGISTRY["mul"], 2).selected((1.0, 5.0), 5.0) == [True, True]
