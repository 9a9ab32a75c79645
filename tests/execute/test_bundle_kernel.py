"""Functions of vectors on NumPy, and the condition that says that a function has a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gradcli.execute.bundle_kernel import VectorFunction
from gradcli.primitives import functions as f
from tests.support.vector_programs import always, never, vector_program


def test_results_of_one_and_of_several_points():
    program = vector_program(lambda x: [x[0] * x[1], x[0] + 1.0, x[1]], [2])
    function = VectorFunction(program, always, "numpy")
    assert function(np.array([2.0, 3.0])).tolist() == [6.0, 3.0, 3.0]
    out = np.empty((2, 1, 3))
    assert function(np.array([[[2.0, 3.0]], [[4.0, 5.0]]]), out=out) is out
    assert out.tolist() == [[[6.0, 3.0, 3.0]], [[20.0, 5.0, 5.0]]]
    assert function.quick(np.array([2.0, 3.0])) is None


def test_vectors_broadcast():
    program = vector_program(lambda x: [x[0] * x[2], x[1] * x[3]], [2, 2])
    function = VectorFunction(program, always, "numpy")
    assert function([1.0, 10.0], [[2.0, 3.0], [4.0, 5.0]]).tolist() == [[2.0, 30.0], [4.0, 50.0]]


@pytest.mark.parametrize(("bound", "is_asked"), [(2.5, True), (3.0, False)])
def test_the_function_is_asked_for_its_value_only_where_the_condition_does_not_hold(bound: float, is_asked: bool):
    program = vector_program(lambda x: [x[0] + x[1]], [2], largest=bound)
    asked: list[Any] = []

    def has_value(point: Sequence[float]) -> bool:
        asked.append(point)
        return True

    assert VectorFunction(program, has_value, "numpy")(np.array([1.0, -3.0])).tolist() == [-2.0]
    assert asked == ([[1.0, -3.0]] if is_asked else [])


def test_without_a_value_all_results_are_nan():
    program = vector_program(lambda x: [x[0] * 2.0, x[1], f.log(x[0])], [2], terms=1)
    function = VectorFunction(program, never, "numpy")
    assert function(np.array([1.0, 1e200])).tolist() == [2.0, 1e200]  # the term log(1) is small
    assert np.isnan(function(np.array([-1.0, 5.0]))).all()


def test_no_results():
    program = vector_program(lambda _: [], [2])
    assert VectorFunction(program, always)(np.ones((3, 2))).shape == (3, 0)


def test_a_result_in_32_bits():
    program = vector_program(lambda x: [x[0] / 3.0], [1], dtype="float32")
    found = VectorFunction(program, always, "numpy")(np.float32([1.0]))
    assert found.dtype == np.float32
    assert found[0] == np.float32(1.0) / np.float32(3.0)
