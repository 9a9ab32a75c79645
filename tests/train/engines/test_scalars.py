"""Arrays whose elements are computed one by one give the numbers of arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import Value
from gradcli.errors import UsageError
from gradcli.graph import Graph
from gradcli.primitives import functions as f
from gradcli.train.engines.scalars import Columns, Scalars, weights_of
from gradcli.train.engines.value_engine import Values
from tests.support.nets import made, prepared

ROWS = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -0.125]])
WEIGHT, BIAS = np.array([[1.0, 2.0, -1.0], [0.5, -0.5, 4.0]]), np.array([0.25, -3.0])

FORMULAS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "a layer of neurons": lambda x, weight, bias: f.linear(x, weight, bias),
    "functions of numbers": lambda x, weight, bias: f.tanh(2.0 * x) + x * x - 1.0 / f.exp(x),
    "neurons and an activation": lambda x, weight, bias: f.relu(f.linear(x, weight, bias)) ** 2,
    "another shape": lambda x, weight, bias: f.flatten(x, 1),
}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_a_formula_of_arrays_gives_the_same_number_by_number(formula: Callable[[Any, Any, Any], Any]) -> None:
    expected = formula(ROWS, WEIGHT, BIAS)
    pair = Scalars(WEIGHT.ravel().tolist(), (2, 3)), Scalars(BIAS.tolist(), (2,))
    columns = formula(Columns(list(ROWS.T), (1, 3)), *pair)
    assert np.allclose(np.stack(columns.elements, axis=1), expected, rtol=1e-14)
    for row, wanted in zip(ROWS.tolist(), expected, strict=True):
        recorded = [Scalars(list(map(Value, one.elements)), one.shape) for one in pair]
        for found in (formula(Scalars(row), *pair), formula(Values(row), *recorded)):
            assert found.shape == (1, len(wanted))
            assert [float(one) for one in found.elements] == pytest.approx(wanted.tolist(), rel=1e-14)


def test_columns_are_computed_by_the_kernels_of_floats() -> None:
    column = np.linspace(-3.0, 3.0, 50)
    (found,) = f.tanh(Columns([column])).elements
    assert found.tolist() == [math.tanh(number) for number in column]


def test_nodes_become_a_graph_of_numbers() -> None:
    graph = Graph()
    x, y = graph.variable("x"), graph.variable("y")
    (root,) = (Scalars([x]) * Scalars([y]) + 1.0).elements
    assert root == x * y + 1.0


def test_a_function_of_arrays_without_a_form_for_numbers_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="`softmax` can't be computed number by number"):
        f.softmax(Scalars([1.0, 2.0]))


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="add was given arrays of different sizes"):
        Scalars([1.0, 2.0]) + Scalars([1.0])
    with pytest.raises(TypeError, match="mul was given an array"):
        Columns([np.ones(4), np.ones(4)]) * Scalars([1.0, 2.0]) * np.ones(2)
    with pytest.raises(ValueError, match="shape"):
        f.linear(Scalars([1.0]), Scalars([1.0, 2.0], (1, 2)), Scalars([0.0], (1,)))
    with pytest.raises(ValueError, match="one row"):
        f.linear(Scalars([1.0, 2.0], (2, 1)), Scalars([1.0], (1, 1)), Scalars([0.0], (1,)))


def test_weights_are_cut_from_the_flat_vector_as_the_model_cuts_it() -> None:
    data, model = made("two classes, bce")
    parameters, *_ = prepared(model, data)
    for pair, arrays in zip(weights_of(model, parameters.tolist()), model.pairs(parameters), strict=True):
        for scalars, array in zip(pair, arrays, strict=True):
            assert (scalars.shape, scalars.elements) == (array.shape, array.ravel().tolist())
