"""`gradcli.graph.coefficients`: values of formulas, of which only the branches that are taken matter."""

from __future__ import annotations

import math

import pytest

from gradcli.graph.coefficients import NoValue, Undecided, copied, evaluated
from gradcli.graph.float_numbers import FloatNumbers
from gradcli.graph.graph import Graph
from gradcli.primitives import functions as f
from gradcli.printing.text import to_text


def test_a_branch_that_is_not_taken_needs_no_value() -> None:
    graph = Graph(folds=False)
    x = graph.variable("x")
    formula = f.where(f.greater(x, 0.0), x + 1.0, f.log(x))
    numbers = FloatNumbers(graph)
    assert evaluated(numbers, formula, {x: 2.0}) == 3.0
    with pytest.raises(NoValue):
        evaluated(numbers, formula, {x: -1.0})


def test_one_known_operand_may_decide_a_condition() -> None:
    graph = Graph(folds=False)
    x, a = graph.variable("x"), graph.variable("a")
    numbers = FloatNumbers(graph)
    assert evaluated(numbers, f.logical_and(f.greater(x, 0.0), a), {x: -1.0}) == 0.0
    assert evaluated(numbers, f.logical_or(a, f.greater(x, 0.0)), {x: 1.0}) == 1.0
    with pytest.raises(Undecided):
        evaluated(numbers, f.logical_and(f.greater(x, 0.0), a), {x: 1.0})


def test_a_copy_has_closed_forms_in_place_of_the_numbers_of_a_rule() -> None:
    one, other = Graph(), Graph(folds=False)
    x, y = one.variable("x"), other.variable("y")
    assert to_text(copied(one.lift(x * math.pi - x * -1.1283791670955126), {x: y}, other)) == "y*pi - y*-(2/sqrt(pi))"
