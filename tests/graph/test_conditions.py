"""Conditions are shortened without a change of meaning, and what is known under a condition is found."""

from __future__ import annotations

import itertools

import pytest

from gradcli import parse
from gradcli.graph.conditions import (
    Facts,
    are_exclusive,
    decided,
    is_finite,
    is_zero,
    parts,
    shorter_comparison,
    truths,
)
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.printing.text import to_text

NUMBERS = (0.0, 1.0, -1.0, 2.0, 0.5)


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("x == x", "1"),
        ("x < x", "0"),
        ("x == max(x, y)", "x >= y"),
        ("x >= max(x, y)", "x >= y"),
        ("max(x, y) >= x", "1"),
        ("min(x, y) == y", "y <= x"),
        ("min(x, y) <= y", "1"),
        ("clip(x, 0, y) == y", "x >= y or 0 >= y"),
        ("x - y == 0", "x == y"),
        ("abs(-x) == 0", "x == 0"),
        ("x + 2 == 0", "x == -2"),
    ],
)
def test_a_comparison_is_shortened_to_one_that_holds_at_the_same_points(text: str, shorter: str) -> None:
    node = parse(text, variables=("x", "y")).root
    assert isinstance(node.primitive, Primitive)
    found = shorter_comparison(node.primitive, node.operands)
    assert found is not None
    assert to_text(found) == shorter
    for x, y in itertools.product(NUMBERS, repeat=2):
        values = [parse(one, variables=("x", "y"))(**here(one, x, y)) for one in (text, shorter)]
        assert values[0] == values[1], (x, y)


def here(text: str, x: float, y: float) -> dict[str, float]:
    at = {"x": x, "y": y}
    return {name: at[name] for name in parse(text, variables=("x", "y")).variables}


@pytest.mark.parametrize("text", ["x < y", "x == max(x, y, z)", "x == y", "x != 0"])
def test_a_short_comparison_stays(text: str) -> None:
    node = parse(text).root
    assert isinstance(node.primitive, Primitive)
    found = shorter_comparison(node.primitive, node.operands)
    assert found is None or found is node


@pytest.mark.parametrize(
    ("condition", "other", "expected"),
    [
        ("x >= y", "x >= y", "1"),
        ("x >= y", "y >= x", "y == x"),
        ("x >= y", "x <= y", "x == y"),
        ("y <= x and x <= z", "y <= z", "1"),
        ("y <= x and x <= z", "x <= y and y <= z", "x == y"),
        ("y <= x and x <= z", "x >= z or y >= z", "x == z or y == z"),
        ("x == max(x, y, z)", "y == max(x, y, z)", "x == y"),
        ("x > y", "y >= x", "y >= x"),
        ("x >= z or y >= z", "x >= z or y >= z", "1"),
    ],
)
def test_a_condition_is_read_where_another_one_holds(condition: str, other: str, expected: str) -> None:
    choice = parse(f"where({condition}, {other}, 0)").root
    assert to_text(Facts(choice.operands[0]).applied_to(choice.operands[1])) == expected


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("where(x == 0, 0, y/x)", {"x": 2.0}, "y/x"),
        ("where(x == 0, 0, y/x)", {"x": 0.0}, "0"),
        ("where(x == y, 0, y/x)", {"x": 2.0}, "where(x == y, 0, y/x)"),
        ("1/((x == y) + 1)", {"x": 2.0, "y": 2.0}, "0.5"),
    ],
)
def test_a_formula_at_a_point_has_no_conditions_that_are_decided_there(
    text: str, at: dict[str, float], expected: str
) -> None:
    root = parse(text).root
    assert to_text(decided(root, {root.graph.variable(name): value for name, value in at.items()})) == expected


def test_the_conditions_without_an_order_are_the_others() -> None:
    condition = parse("x >= y and x != y and z > 0").root
    assert list(map(to_text, parts(condition))) == ["x >= y", "x != y", "z > 0"]
    facts = Facts(condition)
    assert list(map(to_text, facts.without(facts.orders.keys()))) == ["x != y", "z > 0"]


def test_the_condition_that_a_formula_is_0_is_found_without_recursion() -> None:
    nested = parse("hypot(hypot(x, y), abs(z))").root
    assert to_text(is_zero(nested)) == "x == 0 and y == 0 and z == 0"
    for _ in range(5000):
        nested = f.abs(nested)
    assert to_text(is_zero(nested)) == "x == 0 and y == 0 and z == 0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("(x == y) + 1", ["x == y", "1"]), ("2*(x == y) + 1", ["x == y", "x == y", "1"]), ("x + 1", None), ("x", None)],
)
def test_a_count_of_ties_is_a_sum_of_truth_values(text: str, expected: list[str] | None) -> None:
    found = truths(parse(text).root)
    assert (None if found is None else list(map(to_text, found))) == expected


def test_pairs_are_exclusive_if_one_node_is_compared_with_different_numbers() -> None:
    graph = parse("x + y").graph
    x, y, zero, one = graph.variable("x"), graph.variable("y"), graph.constant(0.0), graph.constant(1.0)
    assert are_exclusive([frozenset((x, zero))])
    assert are_exclusive([frozenset((x, zero)), frozenset((x, one))])
    assert not are_exclusive([frozenset((x, zero)), frozenset((y, one))])
    assert not are_exclusive([frozenset((x, zero)), frozenset((x, y))])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[(text, True) for text in ("x", "x - y", "sin(x)", "tanh(exp(x))", "max(x, y, 0)", "step(1/x)", "3")],
        *[(text, False) for text in ("1/x", "log(x)", "sqrt(x)", "x*y", "exp(x)", "x^2", "inf")],
    ],
)
def test_a_formula_is_finite_if_it_has_no_pole_and_does_not_overflow(text: str, expected: bool) -> None:
    assert is_finite(parse(text).root) is expected
