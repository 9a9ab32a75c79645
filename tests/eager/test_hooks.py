"""Hooks of tensors are called when, and with what, PyTorch's are."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli.torch
from gradcli import Tensor
from gradcli.errors import CallError, ShapeError


def packages() -> list[Any]:
    """Return gradcli's and PyTorch's namespaces."""
    torch = pytest.importorskip("torch")
    return [gradcli.torch, torch]


def told(package: Any, program: Callable[[Any, Any, list[Any]], Any]) -> list[Any]:
    """Run a program on a leaf, and return what its hooks saw, and the gradient."""
    x = package.tensor([1.0, -2.0, 3.0], dtype=package.float64, requires_grad=True)
    seen: list[Any] = []
    program(package, x, seen)
    return [[np.asarray(one.detach()).tolist() for one in seen], None if x.grad is None else x.grad.tolist()]


def see(seen: list[Any]) -> Callable[[Any], None]:
    """Return a hook that only looks."""
    return lambda gradient: seen.append(gradient)


def a_result(torch: Any, x: Any, seen: list[Any]) -> None:
    y = x * x
    y.register_hook(see(seen))
    (y * 3).sum().backward()


def replaced(torch: Any, x: Any, seen: list[Any]) -> None:
    y = x * x
    y.register_hook(lambda gradient: gradient * 10)
    y.register_hook(see(seen))
    y.sin().sum().backward()


def a_leaf_twice(torch: Any, x: Any, seen: list[Any]) -> None:
    x.register_hook(lambda gradient: gradient.clamp(max=2.0))
    x.register_hook(see(seen))
    (x * x).sum().backward()
    (x * x * x).sum().backward()


def used_several_times(torch: Any, x: Any, seen: list[Any]) -> None:
    y = x.exp()
    y.register_hook(see(seen))
    (y * y + y.sum() * x).sum().backward()


def removed(torch: Any, x: Any, seen: list[Any]) -> None:
    y = x * 2
    handle = y.register_hook(see(seen))
    y.sum().backward()
    handle.remove()
    handle.remove()
    y.sum().backward()


def retained(torch: Any, x: Any, seen: list[Any]) -> None:
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda gradient: gradient + 1)
    x.retain_grad()
    assert y.retains_grad
    assert not x.retains_grad
    (y * y).sum().backward()
    seen.append(y.grad)


def of_a_derivative(torch: Any, x: Any, seen: list[Any]) -> None:
    y = x * x
    y.register_hook(see(seen))
    x.register_hook(see(seen))
    (slope,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
    assert slope.requires_grad
    slope.sum().backward()


def of_one_operand(torch: Any, x: Any, seen: list[Any]) -> None:
    z = torch.ones(3, dtype=torch.float64, requires_grad=True)
    y = z * 2
    y.register_hook(see(seen))
    z.register_hook(see(seen))
    torch.autograd.grad((x * x + y).sum(), x)


def changed_in_place(torch: Any, x: Any, seen: list[Any]) -> None:
    y = x * 2
    y.register_hook(see(seen))
    y.mul_(3)
    y.sum().backward()


def after_all(torch: Any, x: Any, seen: list[Any]) -> None:
    def step(leaf: Any) -> None:
        seen.append(leaf.grad.clone())

    x.register_post_accumulate_grad_hook(step)
    (x * x).sum().backward()
    x.sum().backward()


def a_leaf_itself(torch: Any, x: Any, seen: list[Any]) -> None:
    x.register_hook(see(seen))
    x.backward(torch.ones(3, dtype=torch.float64))


def through_a_kink(torch: Any, x: Any, seen: list[Any]) -> None:
    y = x.relu()
    y.register_hook(see(seen))
    y.sqrt().sum().backward(retain_graph=True)


@pytest.mark.parametrize(
    "program",
    [
        a_result, replaced, a_leaf_twice, used_several_times, retained, of_a_derivative, of_one_operand,
        changed_in_place, after_all, a_leaf_itself,
    ],
    ids=lambda program: program.__name__,
)  # fmt: skip
def test_hooks_are_pytorchs(program: Callable[[Any, Any, list[Any]], Any]) -> None:
    ours, theirs = [told(package, program) for package in packages()]
    assert ours == theirs


def test_a_hook_is_removed() -> None:
    assert told(gradcli.torch, removed) == [[[1.0, 1.0, 1.0]], [4.0, 4.0, 4.0]]


def test_a_branch_that_is_not_taken_has_no_derivative_beneath_a_hook() -> None:
    seen, gradient = told(gradcli.torch, through_a_kink)
    assert seen[0][0] == 0.5
    assert gradient == [0.5, 0.0, pytest.approx(0.5 / 3**0.5)]


def test_what_a_hook_returns_is_checked() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    for wrong, error in ((lambda gradient: 1.0, CallError), (lambda gradient: gradient.sum(), ShapeError)):
        with x.register_hook(wrong), pytest.raises(error):
            (x * x).sum().backward()
    (x * x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 4.0]


def test_only_tensors_with_a_gradient_have_hooks() -> None:
    x, leaf = Tensor([1.0]), Tensor([1.0], requires_grad=True)
    for call in (x.register_hook, x.register_post_accumulate_grad_hook, (leaf * 2).register_post_accumulate_grad_hook):
        with pytest.raises(RuntimeError):
            call(lambda gradient: None)
    with pytest.raises(RuntimeError):
        x.retain_grad()


def test_a_tensor_is_freed_together_with_a_hook_that_knows_it() -> None:
    def one() -> Any:
        x = Tensor([1.0], requires_grad=True)
        x.register_hook(lambda gradient: gradient * x.detach())
        return weakref.ref(x)

    alive = one()
    gc.collect()
    assert alive() is None
