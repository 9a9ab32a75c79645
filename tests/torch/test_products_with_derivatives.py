"""The functions of ``torch.autograd.functional`` have PyTorch's results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli.torch as ours
from tests.support.containers import both, same

GENERATOR = np.random.default_rng(1)
X, Y = GENERATOR.normal(size=3), GENERATOR.normal(size=(2, 3))

SCALARS: list[tuple[Callable[..., Any], Any]] = [
    (lambda x: (x**3).sum(), X),
    (lambda x, y: ((y @ x) ** 2).sum(), (X, Y)),
    (lambda x, y: (x * y).sigmoid().mean() + x[0], (X, Y)),
    (lambda x: x.sum(), (X,)),
]
ARRAYS: list[tuple[Callable[..., Any], Any]] = [
    (lambda x: x**2, X),
    (lambda x, y: y @ x, (X, Y)),
    (lambda x: (x.sum(), x * x), X),
    (lambda x, y: (x * 2, (y * y).sum()), (X, Y)),
]


@pytest.mark.parametrize(("function", "inputs"), [*SCALARS, *ARRAYS])
def test_jacobians_and_products_are_pytorchs(function: Callable[..., Any], inputs: Any) -> None:
    single = isinstance(inputs, np.ndarray)

    def run(torch: Any, given: Any) -> Any:
        functional = torch.autograd.functional
        value = function(given) if single else function(*given)
        v = tuple(one * 2 for one in value) if isinstance(value, tuple) else value * 2
        u = given * 3 if single else tuple(one * 3 for one in given)
        return [
            functional.jacobian(function, given),
            functional.vjp(function, given, v),
            functional.jvp(function, given, u),
        ]

    same(*both(run, inputs))


@pytest.mark.parametrize(("function", "inputs"), SCALARS)
def test_hessians_and_products_are_pytorchs(function: Callable[..., Any], inputs: Any) -> None:
    single = isinstance(inputs, np.ndarray)

    def run(torch: Any, given: Any) -> Any:
        functional = torch.autograd.functional
        u = given * 3 if single else tuple(one * 3 for one in given)
        found = [functional.hessian(function, given), functional.vjp(function, given)]
        return [*found, functional.hvp(function, given, u), functional.vhp(function, given, u)]

    same(*both(run, inputs))


def test_create_graph_and_strict_are_pytorchs() -> None:
    functional = ours.autograd.functional
    x = ours.tensor([2.0, 3.0], requires_grad=True)
    assert not functional.jacobian(lambda x: x**2, x).requires_grad
    functional.jacobian(lambda x: x**3, x, create_graph=True).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [12.0, 18.0]
    y = ours.tensor([1.0])
    assert functional.jacobian(lambda x, y: x * 2, (x, y))[1].tolist() == [[0.0], [0.0]]
    with pytest.raises(RuntimeError, match="strict"):
        functional.jacobian(lambda x, y: x * 2, (x, y), strict=True)
    same(functional.jacobian(lambda x: x**2, x, strategy="forward-mode"), functional.jacobian(lambda x: x**2, x))


def test_errors_name_what_is_wrong() -> None:
    functional = ours.autograd.functional
    for call, message in (
        (lambda: functional.hessian(lambda x: x, ours.ones(2)), "must return one number"),
        (lambda: functional.vjp(lambda x: x, ours.ones(2)), "v is needed"),
        (lambda: functional.hvp(lambda x: x.sum(), ours.ones(2), ours.ones(3)), "v has the shapes"),
        (lambda: functional.jacobian(lambda x: x, 2.0), "inputs are tensors"),
        (lambda: functional.jacobian(lambda x: x, ours.ones(2), strategy="no"), "the strategy is"),
    ):
        with pytest.raises((RuntimeError, TypeError), match=message):
            call()
