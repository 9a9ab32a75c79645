"""Derivatives of Python functions: any order, nested, with captured numbers, without confusion."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from gradcli import Value, derivative, functions, grad, hessian, hvp, value_and_grad
from gradcli.errors import UsageError


def test_one_argument_gives_a_number_and_several_a_tuple() -> None:
    assert grad(lambda x: x**3)(2.0) == 12.0
    assert grad(lambda x, y: x * y + x.sin())(2, 3) == (2.5838531634528574, 2.0)
    assert value_and_grad(lambda x, y: x * y + x.sin())(2, 3) == (6.909297426825682, (2.5838531634528574, 2.0))
    assert type(grad(lambda x: x * x)(3)) is float


def test_argnums_chooses_the_arguments() -> None:
    def function(x: Value, y: Value) -> Value:
        return x * y * y

    assert grad(function, 0)(2.0, 3.0) == 9.0
    assert grad(function, 1)(2.0, 3.0) == 12.0
    assert grad(function, -1)(2.0, 3.0) == 12.0
    assert grad(function, (1, 0))(2.0, 3.0) == (12.0, 9.0)
    assert grad(function, [1])(2.0, 3.0) == (12.0,)
    assert value_and_grad(function, 1)(2.0, 3.0) == (18.0, 12.0)
    with pytest.raises(UsageError, match="called with 2 arguments"):
        grad(function, 5)(2.0, 3.0)


@pytest.mark.parametrize(
    ("function", "at", "expected"),
    [
        (lambda x: x, 2.0, 1.0),
        (lambda x: 3.0, 2.0, 0.0),
        (lambda x: x - x, 3.0, 0.0),
        (lambda x: x / x, 3.0, 0.0),
        (lambda x: x + x, 3.0, 2.0),
        (lambda x: functions.max(x, 0.0), 0.0, 0.5),
        (lambda x: functions.where(x > 0, x.log(), 0.0), 0.0, 0.0),
        (lambda x: abs(x), 0.0, 0.0),
        (lambda x: x if x > 0 else -x, -2.0, -1.0),
        (lambda x: x.log(), -1.0, math.nan),
        (lambda x: sum(x * k for k in range(4)), 1.0, 6.0),
        (lambda x: functions.polygamma(1, x), 2.0, -0.40411380631918857),
    ],
)
def test_the_derivative_of_a_python_function_is_exact(
    function: Callable[[Any], Any], at: float, expected: float
) -> None:
    assert grad(function)(at) == pytest.approx(expected, rel=1e-14, nan_ok=True)


def test_a_gradient_of_a_gradient() -> None:
    assert grad(grad(lambda x: x**3))(2.0) == 12.0
    assert grad(grad(grad(lambda x: x.sin())))(2.0) == pytest.approx(-math.cos(2.0), rel=1e-15)
    assert grad(lambda x, y: grad(lambda a: a * a * y)(x))(2.0, 3.0) == (6.0, 4.0)


# The pitfall is described in Siskind and Pearlmutter, "Nesting forward-mode AD in a functional framework" (2008).
@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: x * grad(lambda y: x + y)(1.0), 1.0),
        (lambda x: grad(lambda y: x * y)(2.0), 1.0),
        (lambda x: x * grad(lambda y: x * y)(2.0), 6.0),
        (lambda x: grad(lambda y: (x * y).sin())(2.0), math.cos(6.0) - 6.0 * math.sin(6.0)),
        (lambda x: grad(lambda y: x * x * y)(2.0), 6.0),
        (lambda x: grad(lambda y: grad(lambda z: x * y * z)(1.0))(1.0), 1.0),
        (lambda x: grad(lambda y: grad(lambda z: x * y * z * z)(x))(2.0), 12.0),
        (lambda x: derivative(lambda y: x * y**3, 2)(2.0), 12.0),
        (lambda x: hessian(lambda y: x * y**3)(2.0)[0][0], 12.0),
        (lambda x: value_and_grad(lambda y: x * y)(2.0)[0], 2.0),
        (lambda x: grad(lambda y: 7.0 * y)(2.0) * x, 7.0),
    ],
)
def test_an_inner_derivative_may_use_an_outer_argument(function: Callable[[Any], Any], expected: float) -> None:
    assert grad(function)(3.0) == pytest.approx(expected, rel=1e-14)


def test_a_captured_value_is_a_number_to_the_derivative() -> None:
    weight = Value(3.0)
    found = grad(lambda x: weight * x * x)(2.0)
    assert found == 12.0
    assert type(found) is float
    assert weight.grad == 0.0


def test_an_argument_that_records_gives_results_that_record() -> None:
    x = Value(3.0)
    slope = grad(lambda y: y**3)(x)
    assert isinstance(slope, Value)
    slope.backward()
    assert (slope.data, x.grad) == (27.0, 18.0)


@pytest.mark.parametrize(("order", "expected"), [(0, 1.0), (1, 0.0), (2, -2.0), (3, 0.0), (4, 12.0), (8, 1680.0)])
def test_the_derivative_of_each_order(order: int, expected: float) -> None:
    assert derivative(lambda x: (-(x**2)).exp(), order)(0.0) == expected


def test_a_negative_order_is_refused() -> None:
    with pytest.raises(ValueError, match="a whole number of at least 0, not -1"):
        derivative(lambda x: x, -1)


def test_the_hessian_is_a_symmetric_matrix() -> None:
    found = hessian(lambda x, y, z: x * y * z + x**3)(1.0, 2.0, 3.0)
    assert found == ((6.0, 3.0, 2.0), (3.0, 0.0, 1.0), (2.0, 1.0, 0.0))
    assert hessian(lambda x: x**3)(2.0) == ((12.0,),)
    assert grad(lambda a: hessian(lambda x: x**3 * a)(a)[0][0])(2.0) == 24.0


def test_a_function_must_return_a_number() -> None:
    with pytest.raises(TypeError):
        grad(lambda x: [x])(2.0)
    with pytest.raises(TypeError):
        grad(lambda x: None)(2.0)


def test_an_operation_computed_by_hand_has_no_derivative_as_a_graph() -> None:
    with pytest.raises(TypeError, match="no rule"):
        grad(lambda x: Value(2 * x.data, (x,), "double"))(1.0)


def test_options_and_further_results_pass_through() -> None:
    assert grad(lambda x, p=1: x**p)(3.0, p=2) == 6.0
    assert value_and_grad(lambda x: (x * x, {"half": x / 2}), has_aux=True)(3.0) == ((9.0, {"half": 1.5}), 6.0)
    slope, further = grad(lambda x: ((x * x).sum(), [x * 2]), has_aux=True)([1.0, 2.0])
    assert (slope.tolist(), further[0].tolist(), further[0].requires_grad) == ([2.0, 4.0], [2.0, 4.0], False)
    assert hessian(lambda x, y: x**2 * y, 0)(2.0, 3.0) == 6.0
    assert hessian(lambda x, y: x**2 * y, (1, 0))(2.0, 3.0) == ((0.0, 4.0), (4.0, 6.0))


def test_products_with_the_hessian_are_those_of_the_matrix() -> None:
    function = lambda x, y: x**2 * y + y.sin()  # noqa: E731
    value, product = hvp(function, (2.0, 3.0), (1.0, 10.0))
    matrix = hessian(function)(2.0, 3.0)
    assert value == pytest.approx(12 + math.sin(3.0))
    assert product == pytest.approx([row[0] + 10 * row[1] for row in matrix])
    with pytest.raises(UsageError, match="number of tangents"):
        hvp(function, (2.0, 3.0), (1.0,))
