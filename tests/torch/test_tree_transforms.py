"""The functions of ``torch.func`` have PyTorch's results, and JAX's, in the same containers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli.torch as ours
from gradcli.eager.trees import mapped
from gradcli.errors import CallError, UsageError
from tests.support.containers import both, same

GENERATOR = np.random.default_rng(1)
X, Y, W = GENERATOR.normal(size=3), GENERATOR.normal(size=(2, 3)), GENERATOR.normal(size=(2,))
PARAMETERS = {"w": Y, "b": (W, [X])}


def net(p: Any, x: Any) -> Any:
    return ((p["w"] @ x + p["b"][0]).tanh() ** 2).sum() + (p["b"][1][0] * x).sum()


#: Functions of one number, and their arguments.
SCALARS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda x: (x**3).sum(), (X,)),
    (lambda x: (x.sin() * x.exp()).sum(), (X,)),
    (lambda x: x.prod(), (X,)),
    (lambda x, y: ((y @ x) ** 2).sum(), (X, Y)),
    (lambda x, y: (x * y).sigmoid().mean(), (X, Y)),
    (lambda x: (x.relu() ** 2).sum() + x[0] * x[1], (X,)),
    (lambda y: (y.T @ y).logsumexp(dim=0).sum(), (Y,)),
    (net, (PARAMETERS, X)),
]
#: Functions of arrays, and of several results.
ARRAYS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda x: x**2, (X,)),
    (lambda x, y: y @ x, (X, Y)),
    (lambda y: y.softmax(dim=1), (Y,)),
    (lambda x: x.cumsum(dim=0) * x[0], (X,)),
    (lambda x: (x.sum(), x * x), (X,)),
    (lambda x, y: {"a": y.sum(dim=1), "b": [x.exp()]}, (X, Y)),
    (lambda x: x[:, None] * x, (X,)),
]
EVERYTHING = [*SCALARS, *ARRAYS]


@pytest.mark.parametrize(("function", "arguments"), SCALARS)
def test_gradients_and_hessians_are_pytorchs(function: Callable[..., Any], arguments: Any) -> None:
    positions = tuple(range(len(arguments)))
    for argnums in (0, positions):
        same(*both(lambda torch, a: torch.func.grad(function, argnums)(*a), arguments))  # noqa: B023
        same(*both(lambda torch, a: torch.func.grad_and_value(function, argnums)(*a), arguments))  # noqa: B023
    same(*both(lambda torch, a: torch.func.hessian(function, positions)(*a), arguments))
    pair = lambda *a: (function(*a), {"aux": a[0]})  # noqa: E731
    same(*both(lambda torch, a: torch.func.grad(pair, has_aux=True)(*a), arguments))
    same(*both(lambda torch, a: torch.func.grad_and_value(pair, has_aux=True)(*a), arguments))


@pytest.mark.parametrize(("function", "arguments"), EVERYTHING)
def test_jacobians_and_products_are_pytorchs(function: Callable[..., Any], arguments: Any) -> None:
    positions = tuple(range(len(arguments)))
    for argnums in (0, positions):
        same(*both(lambda torch, a: torch.func.jacrev(function, argnums)(*a), arguments))  # noqa: B023
        same(*both(lambda torch, a: torch.func.jacfwd(function, argnums)(*a), arguments))  # noqa: B023
    same(*both(lambda torch, a: torch.func.jvp(function, a, mapped(lambda x: x * 0.5 + 1, a)), arguments))
    same(*both(lambda torch, a: torch.func.linearize(function, *a)[1](*mapped(lambda x: x - 2, a)), arguments))

    def pulled(torch: Any, a: Any) -> Any:
        value, pull = torch.func.vjp(function, *a)
        return value, pull(mapped(lambda x: x * 3, value))

    same(*both(pulled, arguments))


@pytest.mark.parametrize(("function", "arguments"), SCALARS[:2])
def test_derivatives_are_nested(function: Callable[..., Any], arguments: Any) -> None:
    same(*both(lambda torch, a: torch.func.grad(lambda x: torch.func.grad(function)(x).sum())(*a), arguments))
    batch = (np.stack([arguments[0]] * 3),)
    same(*both(lambda torch, a: torch.func.vmap(torch.func.hessian(function))(*a), batch))
    same(*both(lambda torch, a: torch.func.jacrev(torch.func.vmap(function))(*a), batch))


def test_results_are_jaxs() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    function = lambda x, y: (y @ x) ** 2  # noqa: E731
    arguments = (X, Y)
    tensors = mapped(ours.as_tensor, arguments)
    same(ours.func.jacrev(function, (0, 1))(*tensors), jax.jacrev(function, (0, 1))(*arguments))
    same(ours.func.jacfwd(function, 1)(*tensors), jax.jacfwd(function, 1)(*arguments))
    total = lambda x, y: function(x, y).sum()  # noqa: E731
    same(ours.func.hessian(total, (0, 1))(*tensors), jax.hessian(total, (0, 1))(*arguments))


def test_a_derivative_of_recorded_tensors_is_recorded() -> None:
    x = ours.tensor([2.0], requires_grad=True)
    ours.func.grad(lambda x: (x**3).sum())(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [12.0]


def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(UsageError, match="no argument 3 among 1"):
        ours.func.grad(lambda x: x, 3)(ours.ones(2))
    with pytest.raises(CallError, match="returns tensors, not str"):
        ours.func.jacrev(lambda x: "text")(ours.ones(2))
    _, pull = ours.func.vjp(lambda x: x * 2, ours.ones(2))
    with pytest.raises(UsageError, match="cotangent has the shapes of the result"):
        pull(ours.ones(3))
