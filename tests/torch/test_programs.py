"""`gradcli.torch`: a program of PyTorch runs with only its import changed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

import gradcli.torch
from tests.support.torch_names import assert_same


def bigrams(t: Any) -> Any:
    """Counts, smoothed probabilities and a loss, as in the first part of makemore."""
    n = t.zeros((3, 3), dtype=t.int32)
    text = [0, 1, 2, 1, 1, 0, 2, 0]
    for first, second in pairwise(text):
        n[first, second] += 1
    p = (n + 1).float()
    p /= p.sum(1, keepdim=True)
    loss = sum([-t.log(p[first, second]) for first, second in pairwise(text)])
    return [n, p.double(), loss.double()]


def trained(t: Any) -> Any:
    """A net of one hidden layer on characters, trained by hand."""
    xs, ys = t.tensor([0, 1, 2, 1, 0]), t.tensor([1, 2, 1, 0, 2])
    c = t.linspace(-1.0, 1.0, 6).view(3, 2)
    w1, b1 = t.linspace(-0.5, 0.7, 8).view(2, 4), t.zeros(4)
    w2 = t.linspace(0.3, -0.4, 12).view(4, 3)
    parameters = [c, w1, b1, w2]
    for p in parameters:
        p.requires_grad = True
    for _ in range(20):
        h = t.tanh(c[xs] @ w1 + b1)
        logits = h @ w2
        loss = t.nn.functional.cross_entropy(logits, ys)
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data += -0.5 * p.grad
    return [loss.detach(), *[p.detach() for p in parameters]]


def attended(t: Any, x: Any) -> Any:
    """Causal attention by hand."""
    q = x @ x.T
    mask = t.tril(t.ones(2, 2))
    q = q.masked_fill(mask == 0, float("-inf"))
    return t.softmax(q, dim=-1) @ x


@pytest.mark.parametrize("program", [bigrams, trained, attended], ids=lambda program: program.__name__)
def test_a_program_gives_the_numbers_of_pytorch(program: Any) -> None:
    assert_same(program)


def test_results_go_into_out_and_blocks_switch_recording() -> None:
    t = gradcli.torch
    place = t.zeros(2)
    assert t.add(t.ones(2), t.ones(2), out=place) is place
    assert place.tolist() == [2.0, 2.0]
    x = t.tensor(2.0, requires_grad=True)
    with t.set_grad_enabled(False):
        assert not (x * x).requires_grad
    with t.inference_mode(False):
        assert (x * x).requires_grad
    assert t.device("cpu").type == "cpu"
    assert not t.cuda.is_available()
    with pytest.raises(RuntimeError, match="not on cuda"):
        t.zeros(2, device="cuda")
    generator = t.Generator().manual_seed(3)
    assert t.rand(2, generator=generator).tolist() == t.rand(2, seed=3).tolist()
    assert sorted(t.randperm(4).tolist()) == [0, 1, 2, 3]
    assert t.as_tensor(x) is x
    assert t.zeros(1, device=x.device).device == t.device("cpu", 0).type == "cpu"
    assert (t.device("cpu:1").index, x.device.index) == (1, None)
    assert t.special.expit(t.zeros(1)).item() == 0.5
    assert t.polygamma(1, t.ones(1)).item() == pytest.approx(1.6449340668482264)
