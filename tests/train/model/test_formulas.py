"""Formulas of a user's: what they compute, and what they may not hold."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradcli import Tensor, Value
from gradcli.errors import GradcliError
from gradcli.train.model.formulas import formula
from tests.support.steps import steps

TEXTS = ["x*tanh(x)", "x^2", "max(x, 0.1*x)", "if(x > 0, x, exp(x)-1)", "2*sin(3x)+1", "|x|"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_formula_means_the_same_on_floats_arrays_values_and_tensors(text: str) -> None:
    found = formula(text, ("x",), "activation")
    points = [-1.5, 0.25, 2.0]
    floats = [found.value(x) for x in points]
    assert np.allclose(found(np.array(points)), floats, rtol=1e-15)
    values = [Value(x) for x in points]
    outputs = [found(x) for x in values]
    assert [y.data for y in outputs] == pytest.approx(floats, rel=1e-15)
    tensor = Tensor(points, requires_grad=True)
    result = found(tensor)
    assert np.allclose(result.detach().numpy(), floats, rtol=1e-15)
    result.sum().backward()
    for y in outputs:
        y.backward()
    assert np.allclose(tensor.grad.numpy(), [x.grad for x in values], rtol=1e-13)


def test_operands_come_in_the_order_of_the_names_whether_they_occur_or_not() -> None:
    assert formula("y-p", ("p", "y"), "loss")(1.0, 3.0) == 2.0
    assert formula("p^2", ("p", "y"), "loss")(3.0, math.nan) == 9.0


def test_a_column_may_have_the_name_of_a_constant() -> None:
    assert formula("e*pi", ("e", "x"), "feature")(2.0, 0.0) == 2 * math.pi


WRONG = {
    "an empty text": "",
    "a text without meaning": "x +",
    "a function that does not exist": "tahn(x)*x",
    "another variable": "x*z",
    "no variable": "pi + 1",
    "a definition": "f(t) = t; f(x)",
    "a derivative": "diff(x^3, x)",
    "a derivative by a prime": "sin'(x)",
    "several numbers of an array": "sum(x)",
    "an array": "[x, 1]",
    "a text that is too long": "x" + "+1" * 250,
    "Python": "__import__('os').system('true')",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_formula_may_not_be(name: str) -> None:
    def refused() -> None:
        with pytest.raises(GradcliError):
            formula(WRONG[name], ("x",), "activation")

    refused()
    assert steps(refused) < 60_000
