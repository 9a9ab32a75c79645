"""Losses: values and derivatives are PyTorch's, for every reduction, and nothing of the caller's changes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from gradcli import nn, randn
from gradcli.eager.tensor import Tensor
from gradcli.nn import LOSSES, losses
from gradcli.optim import SGD
from tests.support.loops import for_each

DRAW = np.random.RandomState(4)
SCORES = DRAW.normal(size=(6, 4)) * 3
TARGETS = DRAW.normal(size=(6, 4)) * 3
SHARES = DRAW.uniform(size=(6, 4))
PARTS = SHARES / SHARES.sum(axis=1, keepdims=True)
CLASSES = DRAW.randint(4, size=6)
PIXELS, PIXEL_CLASSES = DRAW.normal(size=(2, 3, 4, 5)), DRAW.randint(3, size=(2, 4, 5))
PIXEL_PARTS = np.exp(PIXELS[::-1]) / np.exp(PIXELS[::-1]).sum(axis=1, keepdims=True)
HARD = (SHARES > 0.5) * 1.0
LARGE = np.array([-800.0, -40.0, -1e-9, 0.0, 30.0, 800.0])


class Case(NamedTuple):
    name: str
    input: Any
    target: Any
    options: dict[str, Any] = {}  # noqa: RUF012


CASES = {
    "mse": Case("mse", SCORES, TARGETS),
    "mse of one number": Case("mse", np.array(3.0), np.array(1.0)),
    "l1": Case("l1", SCORES, TARGETS),
    "l1 where both are equal": Case("l1", TARGETS, TARGETS),
    "huber": Case("huber", SCORES, TARGETS),
    "huber with another delta": Case("huber", SCORES, TARGETS, {"delta": 2.5}),
    "huber at the joint": Case("huber", np.array([-1.0, 0.0, 1.0, 3.0]), np.zeros(4)),
    "bce": Case("bce", SHARES, PARTS),
    "bce of yes and no": Case("bce", SHARES, HARD),
    "bce near the ends": Case("bce", np.array([1e-9, 1 - 1e-9, 1e-9, 0.5]), np.array([0.0, 1.0, 1.0, 0.0])),
    "bce with logits": Case("bce_with_logits", SCORES, PARTS),
    "bce with logits of yes and no": Case("bce_with_logits", SCORES, HARD),
    "bce with large logits": Case("bce_with_logits", LARGE, np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0])),
    "cross entropy": Case("cross_entropy", SCORES, CLASSES),
    "cross entropy with large scores": Case("cross_entropy", SCORES * 300, CLASSES),
    "cross entropy of probabilities": Case("cross_entropy", SCORES, PARTS),
    "cross entropy of one row": Case("cross_entropy", SCORES[0], np.array(2)),
    "cross entropy of one row of probabilities": Case("cross_entropy", SCORES[0], PARTS[0]),
    "cross entropy of pixels": Case("cross_entropy", PIXELS, PIXEL_CLASSES),
    "cross entropy of probabilities of pixels": Case("cross_entropy", PIXELS, PIXEL_PARTS),
    "cross entropy of one class": Case("cross_entropy", SCORES[:, :1], np.zeros(6, int)),
    "nll": Case("nll", np.log(PARTS), CLASSES),
    "nll of pixels": Case("nll", np.log(PIXEL_PARTS), PIXEL_CLASSES),
    "multi margin": Case("multi_margin", SCORES, CLASSES),
    "multi margin with another margin": Case("multi_margin", SCORES, CLASSES, {"margin": 0.3}),
    "multi margin of one row": Case("multi_margin", SCORES[0], np.array(3)),
}


def module(case: Case, reduction: str) -> Any:
    return LOSSES[case.name](reduction=reduction, **case.options)


@for_each("case", CASES.values(), ids=CASES)
@for_each("reduction", ["mean", "sum", "none"])
def test_values_and_gradients_are_pytorch_s(case: Case, reduction: str) -> None:
    torch = pytest.importorskip("torch")
    x, peer_x = Tensor(case.input, requires_grad=True), torch.tensor(case.input, requires_grad=True)
    found = module(case, reduction)(x, case.target)
    peer = getattr(torch.nn, LOSSES[case.name].__name__)(reduction=reduction, **case.options)
    expected = peer(peer_x, torch.tensor(case.target))
    assert found.shape == tuple(expected.shape)
    assert np.allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-12, atol=1e-15)
    weights = np.random.RandomState(0).normal(size=found.shape)
    found.backward(Tensor(weights))
    expected.backward(torch.tensor(weights))
    assert x.grad is not None
    scale = max(1e-300, np.abs(peer_x.grad.numpy()).max())
    assert np.abs(x.grad.numpy() - peer_x.grad.numpy()).max() <= 1e-12 * scale


SMOOTH = ["mse", "huber", "bce with logits", "cross entropy", "cross entropy of probabilities"]


@pytest.mark.parametrize("name", SMOOTH)
def test_second_derivatives_are_pytorch_s(name: str) -> None:
    torch = pytest.importorskip("torch")
    case = CASES[name]
    direction = np.random.RandomState(0).normal(size=case.input.shape)
    x = Tensor(case.input, requires_grad=True)
    module(case, "mean")(x, case.target).backward(create_graph=True)
    slope, x.grad = x.grad, None
    (slope * direction).sum().backward()
    peer_x = torch.tensor(case.input, requires_grad=True)
    loss = getattr(torch.nn, LOSSES[case.name].__name__)(**case.options)(peer_x, torch.tensor(case.target))
    (peer_slope,) = torch.autograd.grad(loss, peer_x, create_graph=True)
    (expected,) = torch.autograd.grad((peer_slope * torch.tensor(direction)).sum(), peer_x)
    assert x.grad is not None
    assert np.abs(x.grad.numpy() - expected.numpy()).max() <= 1e-12 * np.abs(expected.numpy()).max()


def test_the_second_derivative_of_binary_cross_entropy_is_that_of_its_formula() -> None:
    # PyTorch's adds 1e-12 to a divisor and loses digits.
    x = Tensor(SHARES, requires_grad=True)
    nn.BCELoss(reduction="sum")(x, PARTS).backward(create_graph=True)
    slope, x.grad = x.grad, None
    slope.sum().backward()
    assert np.allclose(x.grad.numpy(), PARTS / SHARES**2 + (1 - PARTS) / (1 - SHARES) ** 2, rtol=1e-13, atol=0)


@pytest.mark.parametrize("name", LOSSES)
def test_fifty_steps_with_a_loss_are_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    draw = np.random.RandomState(1)
    inputs, start = draw.normal(size=(20, 3)), draw.normal(size=(3, 4))
    target = {"bce": np.round(draw.uniform(size=(20, 4))), "bce_with_logits": draw.uniform(size=(20, 4))}.get(
        name, draw.normal(size=(20, 4))
    )
    if name in {"cross_entropy", "nll", "multi_margin"}:
        target = draw.randint(4, size=20)
    if name == "kl_div":
        target = draw.uniform(size=(20, 4))
    if name == "hinge_embedding":
        target = np.sign(target)
    if name == "hinge":  # PyTorch has no such module
        target, peer_compute = np.sign(target), lambda scores, target: torch.relu(1 - target * scores).mean()
    else:
        peer_compute = getattr(torch.nn, LOSSES[name].__name__)()
    w, peer_w = Tensor(start, requires_grad=True), torch.tensor(start, requires_grad=True)
    optimizer, peer = SGD([w], lr=0.1, momentum=0.9), torch.optim.SGD([peer_w], lr=0.1, momentum=0.9)
    compute = LOSSES[name]()
    squash = {"bce": "sigmoid", "nll": "log_softmax"}.get(name)
    for _ in range(50):
        optimizer.zero_grad()
        peer.zero_grad()
        scores, peer_scores = Tensor(inputs) @ w, torch.tensor(inputs) @ peer_w
        if squash:
            scores = getattr(scores, squash)(*([1] if name == "nll" else []))
            peer_scores = getattr(torch, squash)(peer_scores, *([1] if name == "nll" else []))
        loss, peer_loss = compute(scores, target), peer_compute(peer_scores, torch.tensor(target))
        loss.backward()
        peer_loss.backward()
        optimizer.step()
        peer.step()
        assert loss.item() == pytest.approx(peer_loss.item(), rel=1e-10)
    assert np.abs(w.detach().numpy() - peer_w.detach().numpy()).max() <= 1e-10


def test_a_probability_of_nothing_costs_a_hundred_with_pytorch_s_slope() -> None:
    torch = pytest.importorskip("torch")
    p, target = np.array([0.0, 1.0, 0.0, 1.0, 1e-50]), np.array([1.0, 0.0, 0.0, 1.0, 1.0])
    x, peer_x = Tensor(p, requires_grad=True), torch.tensor(p, requires_grad=True)
    found = nn.BCELoss(reduction="none")(x, target)
    expected = torch.nn.BCELoss(reduction="none")(peer_x, torch.tensor(target))
    assert found.tolist() == expected.tolist() == [100, 100, 0, 0, 100]
    found.sum().backward()
    expected.sum().backward()
    assert x.grad is not None
    # PyTorch's 1e12 has 32 bits.  Where the target agrees it takes 0, and the slope of the formula is 1 and -1.
    assert x.grad.tolist()[:2] == pytest.approx(peer_x.grad.tolist()[:2], rel=1e-8)
    assert x.grad.tolist()[2:4] == [1.0, -1.0]


def test_binary_cross_entropy_tells_prediction_from_target_and_leaves_both_as_they_were() -> None:
    p, target = np.array([0.9, 0.0]), np.array([1.0, 0.0])
    assert losses.binary_cross_entropy(p, target, reduction="none").tolist() == pytest.approx(
        [0.1053605156578263, 0.0], rel=1e-15
    )
    assert p.tolist() == [0.9, 0.0]
    assert target.tolist() == [1.0, 0.0]
    swapped = losses.binary_cross_entropy(np.array([1.0]), np.array([0.9])).item()
    assert swapped == pytest.approx(10.0)


def test_logits_keep_the_digits_of_small_losses() -> None:
    found = nn.BCEWithLogitsLoss(reduction="none")(Tensor([50.0, -50.0]), np.array([1.0, 0.0]))
    assert found.tolist() == pytest.approx([1.9287498479639178e-22] * 2, rel=1e-14)


def test_hinge_is_micrograd_s() -> None:
    score = Tensor([[0.3], [-2.0], [1.0]], requires_grad=True)
    target = np.array([[1.0], [1.0], [1.0]])
    assert nn.HingeLoss(reduction="none")(score, target).tolist() == [[0.7], [3.0], [0.0]]
    nn.HingeLoss()(score, target).backward()
    assert score.grad is not None
    assert score.grad.tolist() == pytest.approx(np.array([[-1 / 3], [-1 / 3], [0.0]]))


@for_each("dtype", ["float16", "float32"])
@for_each("name", LOSSES)
def test_short_floats_stay_short_and_finite(name: str, dtype: str) -> None:
    x = Tensor(np.full((2, 3), 0.25), requires_grad=True, dtype=dtype)
    target = np.array([0, 2]) if name in {"cross_entropy", "nll", "multi_margin"} else np.ones((2, 3), dtype)
    found = LOSSES[name]()(x, target)
    found.backward()
    assert x.grad is not None
    assert found.dtype == x.grad.dtype == dtype
    assert np.isfinite(x.grad.numpy()).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_probability_of_nothing_is_finite_in_every_type(dtype: str) -> None:
    x = Tensor([0.0, 1.0], requires_grad=True, dtype=dtype)
    found = nn.BCELoss()(x, np.array([1.0, 0.0], dtype))
    found.backward()
    assert found.item() == 100
    assert x.grad is not None
    assert np.isfinite(x.grad.numpy()).all()


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "a probability above 1": (
        lambda: losses.binary_cross_entropy(np.array([0.5, 1.5]), np.ones(2)),
        "a probability lies between 0 and 1; for scores, use binary_cross_entropy_with_logits",
    ),
    "another shape": (
        lambda: losses.mse_loss(np.zeros((4, 1)), np.zeros(4)),
        r"predictions of shape \(4, 1\) don't fit targets of shape \(4,\)",
    ),
    "classes of another shape": (
        lambda: losses.cross_entropy(SCORES, CLASSES[:5]),
        r"classes of shape \(5,\) don't fit scores of shape \(6, 4\); give classes of shape \(6,\), or probabilities",
    ),
    "a class that is none": (
        lambda: losses.cross_entropy(SCORES, np.array([0, 1, 2, 3, 4, 0])),
        "class 4 does not exist: there are 4 classes",
    ),
    "a class below 0": (
        lambda: losses.nll_loss(SCORES, CLASSES * 0 - 1),
        "class -1 does not exist: there are 4 classes",
    ),
    "a class between two": (
        lambda: losses.nll_loss(SCORES, CLASSES + 0.5),
        r"class \d\.5 does not exist: there are 4 classes",
    ),
    "scores that are one number": (
        lambda: losses.cross_entropy(np.array(1.0), np.array(0)),
        "the scores of classes are an array",
    ),
    "classes with a derivative": (
        lambda: losses.cross_entropy(randn(2, 3), randn(2, 1, requires_grad=True)),
        r"classes of rows are whole numbers, not floats of shape \(2, 1\)",
    ),
    "an unknown reduction": (
        lambda: nn.MSELoss(reduction="median"),
        "unknown reduction 'median'; choose one of none, mean, sum",
    ),
    "an unknown reduction of a function": (
        lambda: losses.mse_loss(SCORES, SCORES, reduction="median"),
        "unknown reduction 'median'; choose one of none, mean, sum",
    ),
    "a delta of nothing": (lambda: losses.huber_loss(SCORES, SCORES, delta=0), "delta is a number above 0, not 0"),
}


@pytest.mark.parametrize(("call", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_an_option_that_a_loss_has_not_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match="delta"):
        nn.MSELoss(delta=1.0)


def test_every_loss_has_a_function_and_a_module_that_help_can_read() -> None:
    for name, found in LOSSES.items():
        assert getattr(nn, found.__name__) is found, name
        assert inspect.getdoc(found)
        parameters = list(inspect.signature(found.function).parameters)
        assert parameters[:2] == ["input", "target"]
        assert "reduction" in parameters
    assert str(inspect.signature(losses.huber_loss)).startswith(
        "(input: 'Any', target: 'Any', *, reduction: 'str' = 'mean', delta: 'float' = 1.0"
    )
    assert repr(nn.MultiMarginLoss(margin=0.5)) == "MultiMarginLoss(reduction='mean', margin=0.5)"
