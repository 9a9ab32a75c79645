"""A constant in a rule is the nearest float of its formula."""

from __future__ import annotations

import pytest

from gradcli.graph import Graph, Node
from gradcli.graph.shortest import value_at
from gradcli.primitives.exact_constants import EXACT_CONSTANTS


@pytest.mark.parametrize("value", EXACT_CONSTANTS)
def test_an_exact_constant_has_the_value_of_its_formula(value: float) -> None:
    formula: Node = EXACT_CONSTANTS[value](Graph(folds=False))
    assert value_at(formula, {}) == pytest.approx(value, rel=4e-16)
    assert formula.constant is None or formula.name is not None
