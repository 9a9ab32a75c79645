"""Nested derivatives: the ten cases of perturbation confusion that the literature and trackers of other tools report.

The inner derivative takes a perturbation of the outer one for its own, if both have the same mark.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

import gradcli
from gradcli import functions as f

#: The derivative of a function at a number.
Operator = Callable[[Callable[[Any], Any], Any], Any]


def _forward(function: Callable[[Any], Any], x: Any) -> Any:
    return gradcli.jvp(function, (x,), (1.0,))[1]


def _pulled(function: Callable[[Any], Any], x: Any) -> Any:
    [found] = gradcli.vjp(function, x)[1](1.0)
    return found


OPERATORS: dict[str, Operator] = {
    "derivative": lambda function, x: gradcli.derivative(function)(x),
    "grad": lambda function, x: gradcli.grad(function)(x),
    "jvp": _forward,
    "vjp": _pulled,
}


def first_case(outer: Operator, inner: Operator) -> tuple[Any, float]:
    """J. M. Siskind and B. A. Pearlmutter, Perturbation confusion and referential transparency, IFL 2005: not 2."""
    return outer(lambda x: x * inner(lambda y: x + y, 1.0), 1.0), 1.0


def product(outer: Operator, inner: Operator) -> tuple[Any, float]:
    """Siskind and Pearlmutter, Nesting forward-mode AD in a functional framework, HOSC 21, 2008: not 3."""
    return outer(lambda x: x * inner(lambda y: x * y, 2.0), 1.0), 2.0


def constant(outer: Operator, inner: Operator) -> tuple[Any, float]:
    """A. Radul's tests of DysVunctional Language, 2011, "Nested constant function": not 1."""
    return outer(lambda x: inner(lambda y: x + y, 3.0), 7.0), 0.0


def higher_order(outer: Operator, inner: Operator) -> tuple[Any, float]:
    """O. Manzyuk and others, Perturbation confusion in forward AD of higher-order functions, JFP 29, 2019: not 0.

    The derivative of u -> (f -> (x -> f(x + u))) at 0 is an operator, and this operator is applied twice.
    """

    def shifted(operator: Operator, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda x: operator(lambda u: function(x + u), 0.0)

    return shifted(outer, shifted(inner, lambda x: x**3 + f.exp(2 * x)))(0.5), 3.0 + 4.0 * 2.718281828459045


def scaled_norm(outer: Operator, inner: Operator) -> tuple[Any, float]:
    """JuliaDiff/ForwardDiff.jl, issue 83, 2015, the second example with one component: the slope of v*abs(v)."""
    return outer(lambda v: v * inner(lambda y: y * abs(v), 1.0), 1.0), 2.0


def reverse(outer: Operator, inner: Operator) -> tuple[Any, float]:
    """JuliaDiff/ReverseDiff.jl, issue 45, 2017: the slope of x^2 at 4, and not 4."""
    return outer(lambda x: x * inner(lambda y: x * y, 1.0), 4.0), 8.0


def one_type(outer: Operator, inner: Operator) -> tuple[Any, float]:
    """JuliaDiff/ForwardDiff.jl, issue 313, 2018, "The Tag Wars": both functions have one type. Not 2."""

    class Confuse:
        def __init__(self, is_outer: bool, x: Any) -> None:
            self.is_outer = is_outer
            self.x = x

        def __call__(self, y: Any) -> Any:
            return y * inner(Confuse(False, y), 1.0) if self.is_outer else self.x + y

    return outer(Confuse(True, 0.0), 1.0), 1.0


def lagrangian(outer: Operator, inner: Operator) -> tuple[Any, float]:
    """JuliaDiff/ForwardDiff.jl, issue 238, 2017: d/dq of dL/dv for L = v^2 q/2 - 9.8 q, so that it is not 0 either."""
    return outer(lambda q: inner(lambda v: v * v * q / 2 - 9.8 * q, 3.0), 2.0), 3.0


def legendre(outer: Operator, inner: Operator) -> tuple[Any, float]:
    """The same issue: the gradient of a Hamiltonian that is made of a Lagrangian by two inner derivatives."""

    def hamiltonian(q: Any) -> Any:
        def energy(v: Any) -> Any:
            return v * v / 2 - 9.8 * q

        def momentum(v: Any) -> Any:
            return inner(energy, v)

        speed = (6.0 - momentum(0.0)) / inner(momentum, 0.0)
        return speed * 6.0 - energy(speed)

    return outer(hamiltonian, 2.0), 9.8


def outer_point(outer: Operator, inner: Operator) -> tuple[Any, float]:
    """tsotchke/eshkol, pull request 75, 2026: the inner derivative is taken at the variable of the outer one."""
    return outer(lambda x: x * inner(lambda y: y * y, x), 1.0), 4.0


CASES = (first_case, product, constant, higher_order, scaled_norm, reverse, one_type, lagrangian, legendre, outer_point)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_inner_derivative_leaves_the_outer_perturbation_alone(
    case: Callable[[Operator, Operator], tuple[Any, float]],
) -> None:
    for outer, inner in itertools.product(OPERATORS, repeat=2):
        found, expected = case(OPERATORS[outer], OPERATORS[inner])
        assert found == pytest.approx(expected, rel=1e-14), (outer, inner)


@pytest.mark.parametrize("order", [1, 2, 5, 8])
def test_an_inner_jet_leaves_the_outer_perturbation_alone(order: int) -> None:
    # x^2 exp(x) is x times the derivative of any order of exp(x*y)/x^(order - 1) at y = 1.
    def inner(x: Any) -> Any:
        return x * gradcli.derivative(lambda y: f.exp(x * y) / x ** (order - 1), order)(1.0)

    assert gradcli.derivative(inner)(0.5) == pytest.approx(1.25 * 2.718281828459045**0.5, rel=1e-12)
    assert gradcli.derivative(inner, 4)(0.5) == pytest.approx((0.25 + 4.0 + 12.0) * 2.718281828459045**0.5, rel=1e-12)
