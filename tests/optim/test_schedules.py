"""Schedules: the table against its formulas, the classes against PyTorch's."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

import gradcli.optim
from gradcli import Value
from gradcli.errors import UsageError
from gradcli.optim import SCHEDULES, SGD, warmed_up


@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("constant", {0: 1.0, 50: 1.0, 99: 1.0}),
        ("linear", {0: 1.0, 50: 0.55, 99: 0.109}),
        ("cosine", {0: 1.0, 50: 0.5, 99: 0.0002467198171342}),
        ("step", {0: 1.0, 33: 1.0, 34: 0.1, 66: 0.1, 67: 0.01, 99: 0.01}),
    ],
)
def test_a_schedule_has_the_factors_of_its_formula(name: str, factors: dict[int, float]) -> None:
    for update, factor in factors.items():
        assert SCHEDULES[name](update, 100) == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_starts_at_one_and_never_rises(name: str) -> None:
    factors = [SCHEDULES[name](update, 37) for update in range(37)]
    assert factors[0] == 1
    assert all(later <= earlier for earlier, later in itertools.pairwise(factors))
    assert factors[-1] > 0


def test_the_linear_schedule_is_micrograd_s_to_the_last_bit() -> None:
    assert all(SCHEDULES["linear"](k, 100) == 1.0 - 0.9 * k / 100 for k in range(100))


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_warm_up_rises_in_a_straight_line_and_then_the_schedule_begins(name: str) -> None:
    factors = [warmed_up(SCHEDULES[name], 4)(update, 24) for update in range(24)]
    assert factors[:4] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert factors[4:] == [SCHEDULES[name](update, 20) for update in range(20)]


def test_without_a_warm_up_a_schedule_is_as_it_was() -> None:
    assert warmed_up(SCHEDULES["cosine"], 0) is SCHEDULES["cosine"]


Make = Callable[[Any, Any], Any]

CASES: dict[str, Make] = {
    "constant": lambda library, optimizer: library.ConstantLR(optimizer, factor=0.25, total_iters=7),
    "constant by default": lambda library, optimizer: library.ConstantLR(optimizer),
    "linear": lambda library, optimizer: library.LinearLR(optimizer, 0.1, 0.9, 20),
    "linear by default": lambda library, optimizer: library.LinearLR(optimizer),
    "cosine": lambda library, optimizer: library.CosineAnnealingLR(optimizer, T_max=50),
    "cosine to a floor": lambda library, optimizer: library.CosineAnnealingLR(optimizer, 30, eta_min=0.01),
    "cosine up again": lambda library, optimizer: library.CosineAnnealingLR(optimizer, T_max=10, eta_min=0.02),
    "step": lambda library, optimizer: library.StepLR(optimizer, step_size=9),
    "step by half": lambda library, optimizer: library.StepLR(optimizer, 4, 0.5),
    "milestones": lambda library, optimizer: library.MultiStepLR(optimizer, [30, 5, 5], 0.5),
    "exponential": lambda library, optimizer: library.ExponentialLR(optimizer, 0.9),
    "polynomial": lambda library, optimizer: library.PolynomialLR(optimizer, 30, 2.0),
    "restarts": lambda library, optimizer: library.CosineAnnealingWarmRestarts(optimizer, 7, eta_min=0.01),
    "longer restarts": lambda library, optimizer: library.CosineAnnealingWarmRestarts(optimizer, 4, 2),
    "one cycle": lambda library, optimizer: library.OneCycleLR(optimizer, 0.5, total_steps=60),
    "one cycle in three lines": lambda library, optimizer: library.OneCycleLR(
        optimizer, 0.5, epochs=6, steps_per_epoch=10, anneal_strategy="linear", three_phase=True, cycle_momentum=False
    ),
    "function": lambda library, optimizer: library.LambdaLR(optimizer, lambda update: 1 / (1 + update)),
    "warm-up and cosine": lambda library, optimizer: library.SequentialLR(
        optimizer,
        [library.LinearLR(optimizer, 0.1, 1.0, 5), library.CosineAnnealingLR(optimizer, T_max=45)],
        milestones=[5],
    ),
    "three in a row": lambda library, optimizer: library.SequentialLR(
        optimizer,
        [library.ConstantLR(optimizer, 0.5, 3), library.StepLR(optimizer, 4, 0.5), library.LinearLR(optimizer, 1, 0)],
        milestones=[10, 30],
    ),
}


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_fifty_rates_of_two_groups_are_those_of_pytorch(make: Make) -> None:
    torch = pytest.importorskip("torch")
    x, y = Value(1.0), Value(1.0)
    mine = SGD([{"params": [x]}, {"params": [y], "lr": 0.7}], lr=0.1)
    a, b = torch.nn.Parameter(torch.ones(1)), torch.nn.Parameter(torch.ones(1))
    peer = torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.7}], lr=0.1)
    schedule, expected = make(gradcli.optim, mine), make(torch.optim.lr_scheduler, peer)
    for _ in range(50):
        assert schedule.get_last_lr() == pytest.approx(expected.get_last_lr(), rel=1e-10, abs=1e-15)
        assert [group["lr"] for group in mine.param_groups] == schedule.get_last_lr()
        momenta = [[group["momentum"] for group in one.param_groups] for one in (mine, peer)]
        assert momenta[0] == pytest.approx(momenta[1], rel=1e-12)
        mine.step()
        peer.step()
        schedule.step()
        expected.step()


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
def test_a_schedule_that_was_saved_goes_on(make: Make) -> None:
    whole = make(gradcli.optim, SGD([Value(1.0)], lr=0.3))
    for _ in range(12):
        whole.step()
    again = make(gradcli.optim, SGD([Value(1.0)], lr=0.1))
    again.load_state_dict(whole.state_dict())
    for _ in range(20):
        assert again.get_last_lr() == whole.get_last_lr()
        again.step()
        whole.step()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"mode": "max", "patience": 1, "factor": 0.5, "cooldown": 2, "min_lr": [0.02, 0.2]},
        {"threshold": 0.3, "threshold_mode": "abs", "patience": 0, "eps": 1e-3},
    ],
    ids=str,
)
def test_rates_on_a_plateau_are_those_of_pytorch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    mine = SGD([{"params": [Value(1.0)]}, {"params": [Value(1.0)], "lr": 0.7}], lr=0.1)
    parts = [torch.nn.Parameter(torch.ones(1)) for _ in range(2)]
    peer = torch.optim.SGD([{"params": parts[:1]}, {"params": parts[1:], "lr": 0.7}], lr=0.1)
    schedule = gradcli.optim.ReduceLROnPlateau(mine, **options)
    expected = torch.optim.lr_scheduler.ReduceLROnPlateau(peer, **options)
    for update in range(60):
        loss = 2.0 / (1 + update) + 0.1 * (update % 7) if update < 20 else 0.3
        schedule.step(loss)
        expected.step(loss)
        assert schedule.get_last_lr() == pytest.approx([group["lr"] for group in peer.param_groups], rel=1e-12)
        if update == 30:
            again = gradcli.optim.ReduceLROnPlateau(mine, **options)
            again.load_state_dict(schedule.state_dict())
            schedule = again
    with pytest.raises(TypeError, match="takes the number that is to improve"):
        schedule.step()


def test_a_cycle_that_cannot_be_is_refused() -> None:
    optimizer = SGD([Value(1.0)], momentum=0.5)
    for options, message in [
        ({}, "a cycle needs total_steps"),
        ({"total_steps": 5, "anneal_strategy": "square"}, "a strategy is 'cos' or 'linear'"),
    ]:
        with pytest.raises(UsageError, match=message):
            gradcli.optim.OneCycleLR(optimizer, 0.1, **options)
    cycle = gradcli.optim.OneCycleLR(optimizer, 0.1, total_steps=3)
    cycle.step()
    cycle.step()
    with pytest.raises(ValueError, match="the cycle has 3 steps, and they are over"):
        cycle.step()
    for options in ({"mode": "least"}, {"factor": 1.0}):
        with pytest.raises(UsageError, match="a factor is below 1"):
            gradcli.optim.ReduceLROnPlateau(optimizer, **options)
    with pytest.raises(UsageError, match="T_0 and T_mult"):
        gradcli.optim.CosineAnnealingWarmRestarts(optimizer, 0)


@pytest.mark.parametrize(("count", "milestones"), [(2, []), (2, [3, 4]), (3, [5, 2])])
def test_milestones_that_do_not_fit_are_refused(count: int, milestones: list[int]) -> None:
    optimizer = SGD([Value(1.0)])
    parts = [gradcli.optim.ConstantLR(optimizer) for _ in range(count)]
    with pytest.raises(UsageError, match="one milestone"):
        gradcli.optim.SequentialLR(optimizer, parts, milestones)
