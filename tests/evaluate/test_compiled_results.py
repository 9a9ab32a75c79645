"""The results of a compiled function, and their names."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.errors import UsageError
from gradcli.evaluate.compiled_results import refuse_same_names, results_of


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("value", ["value"]),
        ("gradient", ["d_x", "d_y"]),
        ("value+gradient", ["value", "d_x", "d_y"]),
        ("hessian", ["value", "d_x", "d_y", "d_x_x", "d_x_y", "d_y_y"]),
        ("jvp", ["value", "jvp"]),
    ],
)
def test_names(kind: str, names: list[str]):
    root = parse("x^2*sin(y)").root
    targets = [root.graph.variable(name) for name in "xy"]
    directions = [root.graph.variable(f"d_{name}") for name in "xy"] if kind == "jvp" else []
    assert [name for name, _ in results_of(root, targets, kind, directions)] == names


def test_names_that_occur_twice():
    refuse_same_names(["a", "b"], "two derivatives")
    with pytest.raises(UsageError, match="`b` is the name of two derivatives"):
        refuse_same_names(["b", "a", "b"], "two derivatives")
