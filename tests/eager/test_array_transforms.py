"""`grad`, `value_and_grad`, `hessian`, `jvp`, `vjp` of functions of arrays: against JAX, nested, in every form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import Tensor, grad, hessian, jvp, value_and_grad, vjp
from gradcli.primitives import functions as f

GENERATOR = np.random.default_rng(7)
A, B, X = GENERATOR.normal(size=(3, 4)), GENERATOR.normal(size=(4, 2)), GENERATOR.normal(size=4)


def jax_modules() -> tuple[Any, Any]:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    return jax, jax.numpy


#: A function on tensors, the same on JAX, and its arguments.
CASES: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = {
    "least squares": (
        lambda a, x: ((a @ x).tanh() ** 2).sum(),
        lambda np, a, x: (np.tanh(a @ x) ** 2).sum(),
        (A, X),
    ),
    "broadcast": (
        lambda a, x, s: (a * x + s).exp().mean(),
        lambda np, a, x, s: np.exp(a * x + s).mean(),
        (A, X, 0.3),
    ),
    "softmax": (
        lambda a: (f.softmax(a, axis=0) * a).sum(),
        lambda np, a: (np.exp(a) / np.exp(a).sum(0) * a).sum(),
        (A,),
    ),
    "norm": (lambda x: f.norm(x), lambda np, x: np.sqrt((x * x).sum()), (X,)),
    "index": (lambda a: (a[1:, 0] * a[:2, -1]).sum(), lambda np, a: (a[1:, 0] * a[:2, -1]).sum(), (A,)),
    "linear": (lambda x: x.sum() * 2.0, lambda np, x: x.sum() * 2.0, (X,)),
}


@pytest.mark.parametrize("name", CASES)
def test_value_gradient_and_hessian_are_those_of_jax(name: str) -> None:
    jax, jnp = jax_modules()
    ours, theirs, arguments = CASES[name]
    every = tuple(range(len(arguments)))
    value, gradients = value_and_grad(ours, every)(*arguments)
    # Compiled as a whole, which is quicker than each operation by itself.
    expected_value, expected = jax.jit(jax.value_and_grad(lambda *given: theirs(jnp, *given), every))(*arguments)
    np.testing.assert_allclose(value, expected_value, rtol=1e-13)
    for found, wanted in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)
    blocks = hessian(ours)(*arguments)
    blocks = ((blocks,),) if len(arguments) == 1 else blocks
    expected_blocks = jax.jit(jax.hessian(lambda *given: theirs(jnp, *given), every))(*arguments)
    for row, wanted_row in zip(blocks, expected_blocks, strict=True):
        for found, wanted in zip(row, wanted_row, strict=True):
            assert np.shape(found) == wanted.shape
            np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", CASES)
def test_forward_and_reverse_mode_are_transposes_of_each_other(name: str) -> None:
    ours, _, arguments = CASES[name]
    tangents = [GENERATOR.normal(size=np.shape(argument)) for argument in arguments]
    value, moved = jvp(ours, arguments, tangents)
    again, pull = vjp(ours, *arguments)
    assert value == again
    expected = sum(np.sum(one * tangent) for one, tangent in zip(pull(1.0), tangents, strict=True))
    np.testing.assert_allclose(moved, expected, rtol=1e-12)


def test_the_jvp_and_the_vjp_of_a_function_that_returns_an_array() -> None:
    jax, jnp = jax_modules()
    tangent, cotangent = GENERATOR.normal(size=A.shape), GENERATOR.normal(size=(3, 2))
    found = jvp(lambda a, b: (a @ b).sin(), (A, B), (tangent, 0.0))
    expected = jax.jvp(lambda a: jnp.sin(a @ B), (A,), (tangent,))
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-13)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)
    _, pull = vjp(lambda a, b: (a @ b).sin(), A, B)
    _, their_pull = jax.vjp(lambda a, b: jnp.sin(a @ b), A, B)
    for one, other in zip(pull(cotangent), their_pull(cotangent), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize(
    ("argument", "kind"),
    [(X, np.ndarray), (X.tolist(), np.ndarray), (Tensor(X), Tensor), (Tensor(X, requires_grad=True), Tensor)],
)
def test_results_have_the_form_of_the_arguments(argument: Any, kind: type) -> None:
    value, gradient = value_and_grad(lambda x: (x * x).sum())(argument)
    assert isinstance(gradient, kind)
    assert isinstance(value, Tensor if kind is Tensor else float)
    np.testing.assert_allclose(gradient.detach() if kind is Tensor else gradient, 2 * X)
    assert isinstance(jvp(lambda x: x * 2.0, [argument], [argument])[1], kind)
    assert isinstance(vjp(lambda x: x * 2.0, argument)[1](1.0)[0], kind)
    assert isinstance(hessian(lambda x: (x * x).sum())(argument), kind)


def test_a_number_among_arrays_has_a_number_for_its_derivative() -> None:
    gradient = grad(lambda x, s: (x * s).sum())([1.0, 2.0], 3)
    assert gradient[0].tolist() == [3.0, 3.0]
    assert gradient[1] == 3.0
    assert type(gradient[1]) is float


def test_argnums_chooses_and_whole_numbers_that_are_not_chosen_may_be_indices() -> None:
    chosen = grad(lambda x, indices: x[indices].sum(), 0)(X, np.array([0, 0, 2]))
    assert chosen.tolist() == [2.0, 0.0, 1.0, 0.0]
    assert len(grad(lambda a, x: (a @ x).sum(), (1,))(A, X)) == 1


def test_a_gradient_that_is_given_belongs_to_the_caller() -> None:
    gradient = grad(lambda x: (x * 1.0).sum())([1.0, 2.0])
    gradient += 1.0
    assert gradient.tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: (x * grad(lambda y: (x * y).sum())(np.ones(2))).sum(), lambda x: 2 * x),
        (lambda x: grad(lambda y: (x * y * y).sum())(x).sum(), lambda x: 4 * x),
        (lambda x: (grad(lambda y: (y**3).sum())(x) ** 2).sum(), lambda x: 36 * x**3),
        (lambda x: jvp(lambda y: (x * y**2).sum(), (x,), (np.ones(2),))[1], lambda x: 4 * x),
        (lambda x: (vjp(lambda y: x * y, np.ones(2))[1](x)[0]).sum(), lambda x: 2 * x),
        (lambda x: hessian(lambda y: (x * y**3).sum())(x).sum(), lambda x: 12 * x),
        (lambda x: grad(lambda y: grad(lambda z: (x * y * z**2).sum())(x).sum())(x).sum(), lambda x: 4 * x),
        (lambda x: value_and_grad(lambda y: (x * y).sum())(np.ones(2))[0], lambda x: np.ones(2)),
    ],
)
def test_an_inner_derivative_may_use_an_outer_argument(function: Any, expected: Any) -> None:
    x = np.array([0.5, -2.0])
    np.testing.assert_allclose(grad(function)(x), expected(x), rtol=1e-14)
    recorded = Tensor(x, requires_grad=True)
    np.testing.assert_allclose(grad(function)(recorded).detach().numpy(), expected(x), rtol=1e-14)


def test_what_a_function_captures_keeps_its_own_gradient() -> None:
    weight = Tensor([3.0, 4.0], requires_grad=True)
    assert grad(lambda x: (weight * x).sum())([1.0, 1.0]).tolist() == [3.0, 4.0]
    assert weight.grad is None


def test_an_argument_that_records_gives_results_that_record() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    slope = grad(lambda y: (y**3).sum())(x)
    slope.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [6.0, 12.0]


def test_a_function_that_does_not_depend_on_its_argument_has_zeros() -> None:
    assert grad(lambda x: 3.0)([1.0, 2.0]).tolist() == [0.0, 0.0]
    assert hessian(lambda x: 3.0)([1.0, 2.0]).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert jvp(lambda x: 3.0, ([1.0],), ([1.0],)) == (3.0, 0.0)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"one number, not an array of shape \(4,\)"):
        grad(lambda x: x * 2.0)(X)
    with pytest.raises(TypeError, match="returns a number or an array, not list"):
        grad(lambda x: [x])(X)
    with pytest.raises(ValueError, match="the number of tangents"):
        jvp(lambda x: x, (X,), ())
    with pytest.raises(ValueError, match=r"a tangent of shape \(3,\) doesn't fit an argument of shape \(4,\)"):
        jvp(lambda x: x, (X,), (X[:3],))
    with pytest.raises(ValueError, match=r"a cotangent of shape \(3,\) doesn't fit a result of shape \(4,\)"):
        vjp(lambda x: x, X)[1](X[:3])


def test_jvp_and_vjp_of_numbers() -> None:
    assert jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0)) == (6.0, 23.0)
    value, pull = vjp(lambda x, y: x * y, 2.0, 3.0)
    assert (value, pull(2.0)) == (6.0, (6.0, 4.0))
    assert grad(lambda t: jvp(lambda x: x**3, (t,), (t,))[1])(2.0) == 36.0
    assert grad(lambda t: vjp(lambda x: x**3 * t, 2.0)[1](t)[0])(3.0) == 72.0
