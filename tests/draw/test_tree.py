"""`gradcli.draw.tree`: the graph as lines of text."""

from __future__ import annotations

import pytest

from gradcli import Value
from gradcli.draw.picture import picture_of
from gradcli.draw.tree import tree
from gradcli.evaluate.expression import parse


def lines(text: str, *, ascii_only: bool = False, depth: int | None = None) -> list[str]:
    drawn = picture_of(parse(text), depth=depth)
    return [line.branch + line.text for line in tree(drawn, ascii_only=ascii_only)]


def test_shared_nodes_have_a_number_and_are_not_repeated() -> None:
    assert lines("sin(x*y) + exp(x*y)") == [
        "+",
        "├─ sin",
        "│  └─ * #1",
        "│     ├─ x",
        "│     └─ y",
        "└─ exp",
        "   └─ * #1, as above",
    ]


def test_both_uses_of_one_operand_are_shown() -> None:
    assert lines("a+a") == ["+", "├─ a #1", "└─ a #1"]


def test_a_tree_can_be_drawn_in_ascii_alone() -> None:
    assert lines("sin(x)*2+y", ascii_only=True) == ["+", "|- *", "|  |- sin", "|  |  `- x", "|  `- 2", "`- y"]


def test_what_is_left_out_is_counted() -> None:
    assert lines("atan2(sin(x), y)*z", depth=1) == ["*", "├─ atan2", "│  └─ ... 2 operands not shown", "└─ z"]


def test_each_use_has_its_own_local_derivative() -> None:
    drawn = picture_of(parse("x*x*x"), {"x": 2})
    assert [line.partial for line in tree(drawn)] == [None, 2.0, 2.0, 2.0, 4.0]


def test_labels_of_values_stand_beside_their_operation() -> None:
    a = Value(2.0)
    b = a * 3
    b.label = "b"
    assert [line.text for line in tree(picture_of(b))] == ["* b", "input", "3"]


@pytest.mark.parametrize("name", ["x1", "größe"])
def test_a_name_alone_is_one_line(name: str) -> None:
    assert lines(name) == [name]


def test_a_deep_tree_does_not_recurse() -> None:
    drawn = picture_of(parse("-" * 20_000 + "x"), most=1 << 60)
    assert sum(1 for _ in tree(drawn)) == 20_001
