"""Views: what shares memory, and what a change through one of them means for the derivatives of the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli.torch as ours
from gradcli import Tensor
from gradcli.eager.tensor_views import RECORDED, links_of
from tests.support.loops import for_each

#: Functions of PyTorch and of an array of shape (2, 2, 3): views of it, and results with a memory of their own.
SHOWN: dict[str, Callable[[Any, Any], Any]] = {
    "x[0]": lambda t, x: x[0],
    "x[0, 1, 1]": lambda t, x: x[0, 1, 1],
    "x[0][1][2]": lambda t, x: x[0][1][2],
    "x[..., 1:]": lambda t, x: x[..., 1:],
    "x[None]": lambda t, x: x[None],
    "x[:, ::2]": lambda t, x: x[:, ::2],
    "x[[0]]": lambda t, x: x[[0]],
    "x[mask]": lambda t, x: x[x == x],
    "x[tensor(0)]": lambda t, x: x[t.tensor(0)],
    "elements": lambda t, x: list(x[0, 0])[1],
    "T": lambda t, x: x[0].T,
    "mT": lambda t, x: x.mT,
    "mH": lambda t, x: x.mH,
    "transpose": lambda t, x: x.transpose(0, 2),
    "permute": lambda t, x: x.permute(2, 0, 1),
    "movedim": lambda t, x: x.movedim(0, 2),
    "view": lambda t, x: x.view(-1),
    "reshape": lambda t, x: x.reshape(4, 3),
    "reshape of a transposed one": lambda t, x: x.transpose(0, 2).reshape(-1),
    "flatten": lambda t, x: x.flatten(1),
    "ravel": lambda t, x: x.ravel(),
    "unflatten": lambda t, x: x.unflatten(2, (3, 1)),
    "squeeze": lambda t, x: x[None].squeeze(),
    "unsqueeze": lambda t, x: x.unsqueeze(1),
    "contiguous": lambda t, x: x.contiguous(),
    "contiguous of a transposed one": lambda t, x: x.mT.contiguous(),
    "narrow": lambda t, x: x.narrow(2, 1, 2),
    "select": lambda t, x: x.select(1, 1),
    "split": lambda t, x: x.split([1, 2], 2)[1],
    "chunk": lambda t, x: x.chunk(2, 1)[1],
    "tensor_split": lambda t, x: x.tensor_split(2, 2)[0],
    "dsplit": lambda t, x: x.dsplit(3)[1],
    "unbind": lambda t, x: x.unbind(2)[1],
    "diagonal": lambda t, x: x.diagonal(1, 1, 2),
    "diag": lambda t, x: x[0].diag(),
    "linalg.diagonal": lambda t, x: t.linalg.diagonal(x),
    "unfold": lambda t, x: x.unfold(2, 1, 2),
    "unfold of a transposed one": lambda t, x: x.mT[1:].unfold(1, 1, 1),
    "expand_as": lambda t, x: x.expand_as(x),
    "atleast_1d": lambda t, x: t.atleast_1d(x[0, 0, 0]),
    "atleast_3d": lambda t, x: t.atleast_3d(x[0]),
    "detach": lambda t, x: x.detach(),
    "data": lambda t, x: x.data,
    "conj": lambda t, x: x.conj(),
    "clone": lambda t, x: x.clone(),
    "to": lambda t, x: x.to(t.float64),
    "to another type": lambda t, x: x.to(t.float32),
    "as_tensor": lambda t, x: t.as_tensor(x),
    "asarray": lambda t, x: t.asarray(x),
    "asarray, copied": lambda t, x: t.asarray(x, copy=True),
    "Parameter": lambda t, x: t.nn.Parameter(x, requires_grad=False),
    "Flatten": lambda t, x: t.nn.Flatten()(x),
    "flip": lambda t, x: x.flip(0),
    "roll": lambda t, x: x.roll(1),
    "index_select": lambda t, x: x.index_select(0, t.tensor([0])),
    "cat": lambda t, x: t.cat([x]),
    "repeat": lambda t, x: x.repeat(1, 1, 1),
    "clamp": lambda t, x: x.clamp(-1e9, 1e9),
    "a sum over one element": lambda t, x: x[:1].sum(0),
    "a largest element": lambda t, x: x[:1].max(0)[0],
}


def _changed(t: Any, name: str) -> list[Any]:
    x = (t.arange(12.0, dtype=t.float64) + 1).view(2, 2, 3)
    shown = SHOWN[name](t, x)
    shown.add_(100.0)
    return [x.tolist(), shown.tolist()]


@for_each("name", SHOWN)
def test_a_change_is_seen_where_pytorch_shows_it(name: str) -> None:
    torch = pytest.importorskip("torch")
    assert _changed(ours, name) == _changed(torch, name)


def _element(t: Any, a: Any, w: Any) -> Any:
    a[0, 1].add_(w[0])
    return a


def _row(t: Any, a: Any, w: Any) -> Any:
    row = a[0]
    row += w
    row *= w
    return a, row


def _two_rows(t: Any, a: Any, w: Any) -> Any:
    first = a[0]
    first.add_(w)
    second = a[1]
    second.mul_(w).add_(w)
    first.mul_(w)
    return a * a


def _rows_in_a_loop(t: Any, a: Any, w: Any) -> Any:
    for i in range(2):
        a[i].copy_(w * (i + 1))
    return a * a


def _expanded(t: Any, a: Any, w: Any) -> Any:
    c = (a[:1] * w).expand(3, 2)
    c[0].add_(w * w)
    return c * c


def _view_made_before(t: Any, a: Any, w: Any) -> Any:
    b = a.t()
    a[0] = w
    return b * b


def _view_of_a_view(t: Any, a: Any, w: Any) -> Any:
    b = a.t().unsqueeze(0)
    a.view(-1)[1:3].mul_(w)
    return b.squeeze(0) * w, a * 2


def _diagonal(t: Any, a: Any, w: Any) -> Any:
    a.diagonal().mul_(w)
    a.T[0].add_(w)
    return a * a


def _of_a_result(t: Any, a: Any, w: Any) -> Any:
    c = a + w
    c.t()[1].mul_(w)
    c.view(-1)[1:3].add_(w)
    c[1].zero_()
    c.diagonal()[1:].add_(w[1])
    return c * c


def _detached(t: Any, a: Any, w: Any) -> Any:
    b = a.detach()
    a[0].add_(w)
    return b * w, a.detach() * w


def _without_recording(t: Any, a: Any, w: Any) -> Any:
    with t.no_grad():
        a[0].add_(w)
        a.t()[0].mul_(w)
    return a * w


def _windows(t: Any, a: Any, w: Any) -> Any:
    a.unfold(1, 1, 1)[:, 1, 0].add_(w)
    return a * a


PROGRAMS = [
    _element, _row, _two_rows, _rows_in_a_loop, _expanded, _view_made_before, _view_of_a_view, _diagonal,
    _of_a_result, _detached, _without_recording, _windows,
]  # fmt: skip


def _outcome(t: Any, program: Callable[..., Any]) -> list[Any]:
    a = t.tensor([[1.0, 2.0], [3.0, 5.0]], dtype=t.float64)
    w = t.tensor([7.0, 11.0], dtype=t.float64, requires_grad=True)
    found = program(t, a, w)
    results = found if isinstance(found, tuple) else (found,)
    (sum([one.sum() * (i + 2) for i, one in enumerate(results)]) + (w * w).sum()).backward()
    return [a.tolist(), w.grad.tolist(), *[one.tolist() for one in results]]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_recorded_change_through_a_view_has_pytorchs_derivatives(program: Callable[..., Any]) -> None:
    torch = pytest.importorskip("torch")
    assert _outcome(ours, program) == _outcome(torch, program)


def test_a_constant_depends_on_what_a_view_of_it_was_changed_by() -> None:
    a, w = Tensor([[0.0, 0.0], [0.0, 0.0]]), Tensor([2.0, 3.0], requires_grad=True)
    column = a.T[0]
    a[0].add_(w)
    assert a.requires_grad
    (column * a[:, 1]).sum().backward()  # w[0] * w[1]
    assert w.grad is not None
    assert w.grad.tolist() == [3.0, 2.0]


def test_a_view_that_has_become_a_leaf_is_not_changed_in_place() -> None:
    a = Tensor([1.0, 2.0])
    leaf = a[:1].requires_grad_()
    for part in (leaf, leaf[:1]):
        with pytest.raises(RuntimeError, match="a leaf that requires a gradient"):
            part.add_(1.0)
    assert (a.tolist(), a.requires_grad, leaf.is_leaf) == ([1.0, 2.0], False, True)


def test_the_way_from_the_whole_to_a_part_has_no_depth() -> None:
    a, w = Tensor([1.0, 2.0]), Tensor(3.0, requires_grad=True)
    part = a
    for _ in range(3000):
        part = part[:]
    assert len(links_of(part)[1]) == 3000
    part.mul_(w)
    (a * a).sum().backward()
    assert w.grad is not None
    assert w.grad.item() == 2 * 3.0 * 5.0


def test_operations_look_for_views_only_while_a_changed_constant_lives() -> None:
    before = len(RECORDED)
    a, w = Tensor([0.0, 0.0]), Tensor(1.0, requires_grad=True)
    a[0] = w
    assert len(RECORDED) == before + 1
    del a
    assert len(RECORDED) == before


def test_a_tensor_of_an_array_shares_its_memory_and_leaves_it_writable() -> None:
    array = np.array([1.0, 2.0])
    for shared in (ours.from_numpy(array), ours.as_tensor(array), ours.asarray(array)):
        shared.add_(1.0)
        array[0] += 10.0
        assert shared.tolist() == array.tolist()
    assert array.tolist() == [34.0, 5.0]
    copied = ours.tensor(array)
    copied.add_(1.0)
    assert array.tolist() == [34.0, 5.0]
    with pytest.raises(ValueError, match="copied into another type"):
        ours.asarray(array, dtype=ours.float32, copy=False)
