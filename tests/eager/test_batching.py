"""`vmap` has the results of JAX's and PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli import Tensor, functions, grad, vmap
from gradcli.errors import ShapeError, UsageError
from tests.support.containers import same

GENERATOR = np.random.default_rng(0)
X, Y, M = GENERATOR.normal(size=(4, 3)), GENERATOR.normal(size=(3, 4)), GENERATOR.normal(size=(4, 3, 2))


@pytest.mark.parametrize(
    ("function", "arguments", "in_dims", "out_dims"),
    [
        (lambda x: (x * x).sum(), (X,), 0, 0),
        (lambda x: (x * x).sum(), (X,), 1, 0),
        (lambda x: x * 2, (X,), -1, -1),
        (lambda x, y: x @ y, (X, Y), (0, 1), 0),
        (lambda x, y: x * y, (X, Y), (0, 1), 1),
        (lambda x, y: x @ y, (X, Y), (0, None), 0),
        (lambda x, y: x * y, (X, 2.0), (0, None), 0),
        (lambda x: (x.sum(), x * 2), (X,), 0, (0, 1)),
        (lambda x: {"a": x, "b": (x.sum(), x @ x)}, (X,), 1, 0),
        (lambda p: p["x"] @ p["w"], ({"w": M, "x": X},), ({"w": 0, "x": 0},), 0),
        (lambda p, q: p["w"].sum() * q[0], ({"w": M}, (X, 3.0)), (0, (0, None)), 0),
        (lambda x: 1.0 * x, (X[:, 0],), 0, 0),
        (lambda m: m.T @ m, (M,), 0, 2),
    ],
)
def test_results_are_jaxs_and_pytorchs(
    function: Callable[..., Any], arguments: Any, in_dims: Any, out_dims: Any
) -> None:
    jax, torch = pytest.importorskip("jax"), pytest.importorskip("torch")
    jax.config.update("jax_enable_x64", True)
    found = vmap(function, in_dims, out_dims)(*arguments)
    same(found, jax.vmap(function, in_dims, out_dims)(*arguments))
    as_torch = gradcli.eager.trees.mapped(torch.as_tensor, arguments)
    theirs = torch.func.vmap(function, in_dims, out_dims)(*as_torch)
    same(gradcli.torch.func.vmap(function, in_dims, out_dims)(*gradcli.eager.trees.mapped(Tensor, arguments)), theirs)


def test_a_derivative_goes_through_a_batch_and_a_batch_through_a_derivative() -> None:
    f = lambda x, w: (functions.sin(x) * w).sum()  # noqa: E731
    same(vmap(grad(f, 0), (0, None))(X, 2.0), 2.0 * np.cos(X))
    same(grad(lambda w: vmap(lambda x: (x * w).sum())(X).sum())(2.0), X.sum())
    same(vmap(vmap(lambda x: x * x))(X), X * X)
    leaf = Tensor(X, requires_grad=True)
    vmap(lambda x: (x**3).sum())(leaf).sum().backward()
    assert leaf.grad is not None
    same(leaf.grad, 3 * X**2)


def test_a_branch_may_depend_on_the_example() -> None:
    same(vmap(lambda x: x if x > 0 else -10 * x)([1.0, -2.0]), [1.0, 20.0])


def test_random_numbers_are_an_error_the_same_or_different() -> None:
    def noisy(x: Any) -> Any:
        return x + gradcli.rand(2)

    with pytest.raises(UsageError, match="draws random numbers"):
        vmap(noisy, randomness="error")(X[:, 0])
    first, second, *_ = vmap(noisy, randomness="same")(np.zeros(4)).tolist()
    assert first == second
    first, second, *_ = vmap(noisy, randomness="different")(np.zeros(4)).tolist()
    assert first != second


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: vmap(lambda x, y: x)(X, Y), ShapeError, r"different numbers of examples: \[3, 4\]"),
        (lambda: vmap(lambda x: x, None)(X), UsageError, "needs an argument with a batch"),
        (lambda: vmap(lambda x: x, 2)(X), ShapeError, "has no axis 2"),
        (lambda: vmap(lambda x: x, (0, 0))(X), UsageError, "`in_dims` must have the form"),
        (lambda: vmap(lambda x: x, out_dims=(0, 0))(X), UsageError, "`out_dims` must have the form"),
        (lambda: vmap(lambda x: x)(X[:0]), ShapeError, "at least one example"),
        (lambda: vmap(lambda x: x, randomness="no"), UsageError, "'different', 'same' or 'error'"),
        (lambda: vmap(lambda x: (x,) if x > 0 else (x, x))([1.0, -1.0]), UsageError, "same containers"),
    ],
)
def test_what_cannot_be_mapped_is_an_error(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
