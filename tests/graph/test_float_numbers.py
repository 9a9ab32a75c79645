"""`gradcli.graph.float_numbers`: floats as coefficients."""

from __future__ import annotations

import pytest

from gradcli.graph.coefficients import NoValue, Undecided
from gradcli.graph.float_numbers import FloatNumbers
from gradcli.graph.graph import Graph
from gradcli.primitives import functions as f

NUMBERS = FloatNumbers(Graph())


def test_a_number_near_0_is_not_decided() -> None:
    assert NUMBERS.is_zero(0.0)
    assert not NUMBERS.is_zero(1e-3)
    with pytest.raises(Undecided):
        NUMBERS.is_zero(1e-17)


def test_functions_without_a_value_and_symbols_are_refused() -> None:
    with pytest.raises(NoValue):
        NUMBERS.apply(f.log, [-1.0])
    with pytest.raises(Undecided):
        NUMBERS.leaf(NUMBERS.graph.variable("a"))


def test_sums_of_products_conditions_and_nodes() -> None:
    assert NUMBERS.dot([(2.0, 3.0), (1.0, -1.0)]) == 5.0
    assert NUMBERS.is_true(-0.5)
    assert not NUMBERS.is_true(0.0)
    assert NUMBERS.node(2.0).constant == 2.0
