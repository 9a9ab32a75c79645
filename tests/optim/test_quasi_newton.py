"""`LBFGS`: PyTorch's points, and what becomes of the parameters when the loss raises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli import Value
from gradcli.eager.tensor import Tensor
from gradcli.errors import UsageError
from gradcli.optim import LBFGS


def valley(x: Any, y: Any) -> Any:
    """Rosenbrock's function."""
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def test_lbfgs_ends_at_the_loss_of_pytorch_s_or_below() -> None:
    torch = pytest.importorskip("torch")
    draw = np.random.RandomState(0)
    inputs, truth = draw.normal(size=(60, 4)), draw.normal(size=4)
    targets = inputs @ truth + 0.1 * draw.normal(size=60)
    w, peer_w = Tensor(np.zeros(4), requires_grad=True), torch.zeros(4, dtype=torch.float64, requires_grad=True)
    mine, peer = (
        LBFGS([w], max_iter=100, line_search_fn="strong_wolfe"),
        torch.optim.LBFGS([peer_w], max_iter=100, line_search_fn="strong_wolfe"),
    )
    columns, goal = torch.tensor(inputs), torch.tensor(targets)

    def closure() -> Tensor:
        mine.zero_grad()
        loss = ((Tensor(inputs) @ w - targets) ** 2).mean() + (w**4).sum()
        loss.backward()
        return loss

    def peer_closure() -> Any:
        peer.zero_grad()
        loss = ((columns @ peer_w - goal) ** 2).mean() + (peer_w**4).sum()
        loss.backward()
        return loss

    first, peer_first = mine.step(closure), peer.step(peer_closure)
    assert first.item() == pytest.approx(peer_first.item(), rel=1e-12)
    assert closure().item() <= peer_closure().item() + 1e-8


@pytest.mark.parametrize("make", [lambda: [Value(-1.0), Value(2.0)], lambda: [Tensor(-1.0, True), Tensor(2.0, True)]])
def test_lbfgs_walks_down_a_narrow_valley(make: Any) -> None:
    x, y = make()
    optimizer = LBFGS([x, y], max_iter=200, tolerance_change=0.0, line_search_fn="strong_wolfe")

    def closure() -> Any:
        optimizer.zero_grad()
        loss = valley(x, y)
        loss.backward()
        return loss

    optimizer.step(closure)
    assert float(x.data) == pytest.approx(1, abs=1e-5)
    assert float(y.data) == pytest.approx(1, abs=1e-5)


def test_lbfgs_keeps_the_last_good_point_when_the_loss_raises() -> None:
    x = Value(3.0)
    optimizer = LBFGS([x])
    calls = []

    def closure() -> Value:
        calls.append(x.data)
        if len(calls) == 3:
            raise ZeroDivisionError
        optimizer.zero_grad()
        loss = (x - 1) ** 4
        loss.backward()
        return loss

    with pytest.raises(ZeroDivisionError):
        optimizer.step(closure)
    assert x.data in calls[:2]


@pytest.mark.parametrize(
    "options", [{}, {"lr": 0.3, "max_iter": 5}, {"line_search_fn": "strong_wolfe", "history_size": 2}]
)
def test_points_and_state_are_those_of_pytorch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    start = np.array([-1.2, 1.0])
    x, peer_x = Tensor(start, requires_grad=True), torch.tensor(start, requires_grad=True)
    mine, peer = LBFGS([x], **options), torch.optim.LBFGS([peer_x], **options)

    def closing(optimizer: Any, point: Any) -> Any:
        def closure() -> Any:
            optimizer.zero_grad()
            loss = valley(point[0], point[1]) + point.sin().sum()
            loss.backward()
            return loss

        return closure

    for _ in range(3):
        mine.step(closing(mine, x))
        peer.step(closing(peer, peer_x))
        assert np.allclose(x.detach().numpy(), peer_x.detach().numpy(), rtol=1e-8)
    state, expected = mine.state_dict()["state"][0], peer.state_dict()["state"][0]
    assert state.keys() == expected.keys()
    assert (state["n_iter"], state["func_evals"]) == (expected["n_iter"], expected["func_evals"])
    again = LBFGS([x], **options)
    again.load_state_dict(mine.state_dict())
    mine.step(closing(mine, x))
    end = x.tolist()
    assert again.state_dict()["state"][0]["n_iter"] == expected["n_iter"]
    assert np.isfinite(end).all()


def test_what_does_not_fit_is_refused() -> None:
    for make, message in [
        (lambda: LBFGS([{"params": [Value(1.0)]}] * 2), "this optimiser takes one group of parameters"),
        (lambda: LBFGS([Value(1.0)]).step(), "this optimiser needs a closure that computes the loss again"),
        (lambda: LBFGS([Value(1.0)], line_search_fn="armijo"), "strong_wolfe or None, not armijo"),
    ]:
        with pytest.raises(UsageError, match=message):
            make()
