"""Changes in place under PyTorch's names: the update lines of the lectures, ``x[key] = value``, names that end in _."""

from __future__ import annotations

from typing import Any

import pytest

import gradcli.torch
from tests.support.torch_names import assert_same, error_of


def learned(t: Any, x: Any, update: Any) -> Any:
    """A parameter after three steps."""
    p = t.tensor([[1.0, 2.0, -1.0]], requires_grad=True)
    for _ in range(3):
        p.grad = None
        ((x.detach() * p).sum() ** 2).backward()
        update(t, p)
    return [p.detach(), p.requires_grad, p.is_leaf]


def under_no_grad(t: Any, p: Any) -> None:
    with t.no_grad():
        p -= 0.01 * p.grad


def on_data(t: Any, p: Any) -> None:
    p.data += -0.01 * p.grad


def by_methods(t: Any, p: Any) -> None:
    with t.no_grad():
        p.add_(p.grad, alpha=-0.01)
    p.grad.zero_()


def counted(t: Any) -> Any:
    n = t.zeros((3, 3), dtype=t.int32)
    for first, second in ((0, 1), (0, 1), (2, 2)):
        n[first, second] += 1
    return n


def with_items(t: Any, x: Any, v: Any, b: Any) -> Any:
    y = x * 1.0
    y[0] = v
    y[1, 1:] = 7.0
    z = x.detach().clone()
    z[b] = 0.0
    z[:, 0] += 1.0
    z[z > 2.0] = -1.0
    return [y, z]


def seen_through_views(t: Any, x: Any) -> Any:
    y = x.detach().clone()
    y[0].fill_(3.0)
    y.view(-1)[5] = 9.0
    y.T[1].mul_(2.0)
    return y


def recorded(t: Any, x: Any, v: Any) -> Any:
    y = x * 2.0
    y *= v
    y += 1.0
    y.tanh_()
    return y


def filled(t: Any, x: Any) -> Any:
    y = x.detach().clone()
    return [y.clone().zero_(), y.clone().fill_(2), y.clone().clamp_(0, 1), y.clone().copy_(t.ones(3)), y.exp_()]


def parts_of_results(t: Any, x: Any, v: Any) -> Any:
    """Parts of a recorded tensor are changed, as in ``dC[ix] += demb[k, j]``."""
    y = x * 2.0
    for i in (0, 1, 0):
        y[i] += v * (i + 1.0)
    y[:, 1] *= v[0]
    part = y[1]
    part -= v
    return [y, part, y[1].tanh(), t.zeros(2, 3) + y]


def parts_twice(t: Any, x: Any, v: Any) -> Any:
    """A part, and a part of a part, are changed several times."""
    y = x * 2.0
    part = y[0]
    part.mul_(2.0)
    part.add_(v * 3.0)
    inner = part[1:]
    inner *= v[:2]
    inner += 1.0
    return [y, part * part, inner.tanh()]


CASES: dict[str, Any] = {
    "parts twice": parts_twice,
    "p -= under no_grad": lambda t, x: learned(t, x, under_no_grad),
    "p.data +=": lambda t, x: learned(t, x, on_data),
    "add_ and zero_": lambda t, x: learned(t, x, by_methods),
    "counts": counted,
    "items": with_items,
    "views": seen_through_views,
    "results": recorded,
    "fills": filled,
    "parts of results": parts_of_results,
}


@pytest.mark.parametrize("name", CASES)
def test_a_change_in_place_is_pytorchs(name: str) -> None:
    assert_same(CASES[name])


def changed_leaf(t: Any, x: Any) -> None:
    x += 1.0


def changed_item_of_a_leaf(t: Any, x: Any) -> None:
    x[0] = 1.0


def changed_view_of_a_leaf(t: Any, x: Any) -> None:
    x[0].mul_(2.0)


def changed_shape(t: Any, v: Any) -> None:
    w = v.detach()
    w += t.ones(2, 3)


def changed_type(t: Any, i: Any) -> None:
    i += 0.5


def changed_operand(t: Any, x: Any) -> None:
    y = x * 2.0
    z = y * y
    y += 1.0
    z.sum().backward()


REFUSED = [changed_leaf, changed_item_of_a_leaf, changed_view_of_a_leaf, changed_shape, changed_type, changed_operand]


@pytest.mark.parametrize("call", REFUSED, ids=lambda call: call.__name__)
def test_what_pytorch_refuses_is_refused_with_the_same_class_of_error(call: Any) -> None:
    theirs = error_of(pytest.importorskip("torch"), call)
    ours = error_of(gradcli.torch, call)
    assert isinstance(theirs, RuntimeError)
    assert isinstance(ours, RuntimeError)


def test_a_gradient_shares_its_memory_with_nothing() -> None:
    x, y = (gradcli.torch.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    (x + y).sum().backward()
    x.grad.zero_()
    assert (x.grad.tolist(), y.grad.tolist()) == ([0.0, 0.0], [1.0, 1.0])
