"""`gradcli.evaluate.step_words`: the sentences of both sweeps, and local derivatives in names of steps."""

from __future__ import annotations

import string

import pytest

from gradcli.evaluate.expression import parse
from gradcli.evaluate.step_words import WORDS, local_formulas
from gradcli.graph import toposort


@pytest.mark.parametrize(
    ("text", "is_decided", "expected"),
    [
        ("x*y", False, {"w1": ["w2"], "w2": ["w1"]}),
        ("x*x", False, {"w1": ["w1", "w1"]}),
        ("3*x", False, {"": ["w1"], "w1": ["3"]}),
        # The formula may name the operation itself, and stands behind a `*`.
        ("exp(x)", False, {"w1": ["w2"]}),
        ("x/y", False, {"w1": ["1/w2"], "w2": ["(-w3/w2)"]}),
        # A condition is decided by values, and stays without them.
        (
            "hypot(x, y)",
            False,
            {"w1": ["where(w1 == 0, 0, w1/hypot(w1, w2))"], "w2": ["where(w2 == 0, 0, w2/hypot(w1, w2))"]},
        ),
        ("hypot(x, y)", True, {"w1": ["w1/hypot(w1, w2)"], "w2": ["w2/hypot(w1, w2)"]}),
    ],
)
def test_local_derivatives_are_factors_in_names_of_steps(
    text: str, is_decided: bool, expected: dict[str, list[str]]
) -> None:
    expression = parse(text)
    graph, root = expression.graph, expression.root
    nodes = [*[node for node in toposort([root]) if node.is_variable], root]
    labels = {node: f"w{place}" for place, node in enumerate(nodes, 1)}
    values = {graph.variable(name): 1.5 for name in labels.values()} if is_decided else None
    assert local_formulas(root, labels, values) == expected


def test_the_fields_of_the_sentences_are_plain_names() -> None:
    for sentence in WORDS.values():
        for _, field, form, conversion in string.Formatter().parse(sentence):
            assert field is None or (field.isidentifier() and not form and conversion is None)
