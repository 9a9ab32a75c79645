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


def first_notebook(torch: Any) -> Any:
    """What a learner's first notebook does: a look at tensors, a gradient, a data set, a net, a loop, a check."""
    nn, optim = torch.nn, torch.optim
    f64 = torch.float64
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=f64)
    looks = [x.shape[0], x.sum().item(), (x @ x.T)[0], x.mean(dim=0), x[x > 1.5], x.reshape(-1)[::2]]
    w = torch.tensor(3.0, requires_grad=True, dtype=f64)
    y = w**2 + 2 * w
    y.backward()
    slope = f"{w.grad.item():.1f}"
    angle = torch.linspace(0, 3, 30, dtype=f64)
    inputs = torch.stack(
        [torch.cat([angle.cos(), 1 - angle.cos()]), torch.cat([angle.sin(), 0.5 - angle.sin()])], dim=1
    )
    classes = torch.cat([torch.zeros(30), torch.ones(30)]).long()
    data = torch.utils.data.TensorDataset(inputs, classes)
    loader = torch.utils.data.DataLoader(data, batch_size=20, shuffle=False)
    model = nn.Sequential(nn.Linear(2, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2)).double()
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.linspace(-0.7, 0.8, p.numel(), dtype=f64).reshape(p.shape))
    loss_fn = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)
    losses = []
    for _ in range(10):
        model.train()
        total = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item()
        scheduler.step()
        losses.append(total)
    model.eval()
    with torch.no_grad():
        scores = model(inputs)
        accuracy = (scores.argmax(dim=1) == classes).double().mean()
    confident = torch.softmax(scores, dim=1).max(dim=1).values
    assert losses[-1] < losses[0]
    assert slope == "8.0"
    return [
        *[one for one in looks if not isinstance(one, (int, float))],
        torch.tensor(losses),
        scores,
        accuracy,
        confident,
    ]


def differentiated(t: Any, x: Any, v: Any) -> Any:
    """Derivatives without ``backward``, parameters as a vector, and hooks of modules."""
    slope, other = t.autograd.grad((x * v).sum(), [x, v], create_graph=True)
    (again,) = t.autograd.grad([(slope * slope).sum(), other[0]], v, grad_outputs=None, allow_unused=True)
    net = t.nn.Sequential(t.nn.Linear(3, 2), t.nn.Tanh()).double()
    t.nn.utils.vector_to_parameters(t.linspace(-1.0, 1.0, 8).double(), net.parameters())
    seen = []
    handles = [
        net[0].register_forward_hook(lambda module, inputs, output: seen.append(output.detach())),
        net[1].register_forward_pre_hook(lambda module, inputs: (2 * inputs[0],)),
    ]
    first = net(x)
    for handle in handles:
        handle.remove()
    second = net(x)
    (first.sum() + second.sum()).backward()
    t.nn.utils.clip_grad_value_(net.parameters(), 0.5)
    vector = t.nn.utils.parameters_to_vector(net.parameters()).detach()
    slopes = [p.grad for p in net.parameters()]
    return [
        slope.detach(),
        other.detach(),
        again.detach(),
        first.detach(),
        second.detach(),
        *seen,
        vector,
        *slopes,
        net.get_parameter("0.bias").detach(),
    ]


PROGRAMS = [bigrams, trained, attended, first_notebook, differentiated]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
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
    assert isinstance(t.ones(2).shape, t.Size)
    assert (t.ones(1).cpu().element_size(), t.ones(2, 3).T.is_contiguous(), t.iinfo(t.int8).max) == (8, False, 127)
    assert t.Generator().manual_seed(t.seed()) is not None
    t.set_default_dtype(t.float64)
    for call, message in [
        (lambda: t.set_default_dtype(t.float32), "new tensors have float64"),
        (lambda: t.ones(1).cuda(), "not on cuda"),
        (lambda: t.take(x.detach(), t.tensor([0]), out=x.detach()), "shares its memory with an operand"),
        (lambda: t.cat([t.ones(2), t.ones(1)], out=t.ones(1).expand(3)), "or with itself"),
        (lambda: t.autograd.grad(x.detach(), x), "doesn't depend on a tensor"),
        (lambda: t.autograd.grad(x * t.ones(2), x), "needs grad_outputs"),
        (lambda: t.autograd.grad(x * 1.0, t.ones(1)), "an input has no effect"),
        (lambda: t.nn.utils.vector_to_parameters(t.ones(2), [t.ones(3)]), "doesn't hold the 3 elements"),
        (lambda: t.nn.Linear(1, 1).get_parameter("bios"), "there is no parameter 'bios'"),
    ]:
        with pytest.raises((RuntimeError, ValueError, AttributeError), match=message):
            call()
    assert t.polygamma(1, t.ones(1)).item() == pytest.approx(1.6449340668482264)
