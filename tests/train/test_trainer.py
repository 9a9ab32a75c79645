"""The training loop."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from gradcli.errors import Diverged
from gradcli.train import trainer
from gradcli.train.data.datasets import make
from gradcli.train.engines.base import Pass
from gradcli.train.engines.engine_choice import ENGINES
from gradcli.train.model.design import describe
from gradcli.train.model.presets import PRESETS
from gradcli.train.run import Run, start
from gradcli.train.trainer import Epoch, Step, bits, epoch_means, masks_of, order_of
from gradcli.train.updates import History

# karpathy/micrograd, demo.ipynb: the loss and the accuracy that it prints for these steps.
MICROGRAD = {
    0: (0.8958441028683222, 0.50),
    1: (1.7235905336972022, 0.81),
    10: (0.24507023853658053, 0.91),
}


# numpy.random.Philox(key=[1337, 1]).random_raw(2)
PHILOX = [9561986537356867994, 14513243746841457093]


def test_the_preset_begins_with_the_published_losses_of_micrograd() -> None:
    """The first steps; the whole demo runs as a process, in tests/cli/test_train.py."""
    choices = dict(PRESETS["micrograd"].choices)
    run = start(make("moons", choices["samples"], choices["noise"], choices["seed"]), **choices)
    trained(run, updates=11)
    for step, (loss, accuracy) in MICROGRAD.items():
        assert abs(run.state.history[step].loss - loss) <= 1e-12
        assert run.state.history[step].measure == accuracy
        assert run.state.history[step].learning_rate == 1.0 - 0.9 * step / 100


def losses(run: Run) -> list[float]:
    return [record.loss for record in run.state.history]


def trained(run: Run, updates: int | None = None) -> Run:
    for event in run.events():
        if isinstance(event, Step) and event.update + 1 == updates:
            break
    return run


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adam"])
@pytest.mark.parametrize("stop", [1, 4, 5, 11])
def test_a_run_that_stopped_goes_on_as_if_it_had_not(optimizer: str, stop: int, small: Callable[..., Run]) -> None:
    whole = trained(small(optimizer=optimizer))
    parts = trained(small(optimizer=optimizer), stop)
    assert len(parts.state.history) == stop
    trained(parts)
    assert losses(parts) == losses(whole)
    assert np.array_equal(parts.state.parameters, whole.state.parameters)
    assert [entry[0] for entry in parts.state.validation] == [entry[0] for entry in whole.state.validation]


RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "two classes": ("moons", {}),
    "two classes, hinge, features": ("moons", {"loss": "hinge", "features": ("x1^2", "x2")}),
    "two classes, two outputs": ("moons", {"loss": "cross_entropy", "optimizer": "adamw"}),
    "three classes, dropout": ("blobs", {"dropout": 0.3, "optimizer": "rmsprop"}),
    "three classes, margins": ("blobs", {"loss": "hinge", "optimizer": "sgd", "options": {"momentum": 0.9}}),
    "three classes, a loss that is an expression": ("blobs", {"loss": "abs(p-y)^1.5", "clip": 0.2, "warmup": 4}),
    "a number": ("sine", {"activation": "x*tanh(x)"}),
    "a number, huber": ("sine", {"loss": "huber", "l1": 0.001, "schedule": "step"}),
    "a number, early stopping": ("sine", {"patience": 1, "learning_rate": 0.3}),
    "all rows at once": ("xor", {"batch": 0, "activation": "sin"}),
    "a method that finds its own steps": ("xor", {"optimizer": "lbfgs", "batch": None, "activation": "tanh"}),
}


@pytest.mark.parametrize("name", RUNS)
def test_all_engines_give_the_same_losses_to_nine_digits(name: str) -> None:
    dataset, choices = RUNS[name]
    if choices.get("optimizer") == "lbfgs":
        pytest.importorskip("scipy")
    given = {"hidden": (5, 4), "epochs": 4, "batch": 12} | choices
    installed = [name for name in ENGINES if name != "jit" or find_spec("llvmlite") is not None]
    one, *others = [trained(start(make(dataset, samples=60), engine=engine, **given)) for engine in installed]
    for other in others:
        assert len(losses(one)) == len(losses(other)) > 3
        assert np.allclose(losses(one), losses(other), rtol=1e-9, atol=1e-12)
        assert np.allclose(one.state.parameters, other.state.parameters, rtol=1e-7, atol=1e-10)
        assert np.allclose(np.array(one.state.validation), np.array(other.state.validation), rtol=1e-8)


def test_equal_seeds_give_equal_runs_and_other_seeds_others(small: Callable[..., Run]) -> None:
    assert losses(trained(small(seed=5))) == losses(trained(small(seed=5))) != losses(trained(small(seed=6)))


def test_events_come_in_order(small: Callable[..., Run]) -> None:
    run = small()
    events = list(run.events())
    assert [type(event) for event in events] == [Step, Step, Step, Step, Epoch] * 3
    assert [event.update for event in events if isinstance(event, Step)] == list(range(12))
    assert all(event.validation is not None for event in events if isinstance(event, Epoch))


def test_without_validation_there_is_none(small: Callable[..., Run]) -> None:
    run = small(split=0.0)
    assert all(event.validation is None for event in run.events() if isinstance(event, Epoch))
    assert run.state.validation == []


def test_a_batch_of_all_rows_keeps_their_order() -> None:
    assert order_of(5, seed=1, epoch=0, batch=5).tolist() == [0, 1, 2, 3, 4]


def test_rows_with_equal_random_bits_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = np.random.default_rng(0).integers(0, 40, 200).astype(np.uint64)
    monkeypatch.setattr(trainer, "bits", lambda *_: drawn)
    monkeypatch.setattr(trainer, "BLOCK", 9)
    assert order_of(200, 1, 0, 10).tolist() == sorted(range(200), key=lambda row: (drawn[row], row))


def test_each_epoch_visits_every_row_in_an_order_of_its_own() -> None:
    first, second, other = (order_of(50, seed, epoch, 10).tolist() for seed, epoch in ((1, 0), (1, 1), (2, 0)))
    assert sorted(first) == sorted(second) == sorted(other) == list(range(50))
    assert first != second != other != first
    assert first == order_of(50, 1, 0, 10).tolist()


@pytest.mark.parametrize("activation", ["exp", "cosh"])
def test_a_loss_that_is_not_finite_stops_the_run_at_the_last_good_parameters(
    activation: str, small: Callable[..., Run]
) -> None:
    run = small(activation=activation, optimizer="sgd", learning_rate=1e6, epochs=5, batch=0)
    with pytest.raises(Diverged) as caught:
        trained(run)
    assert "is no longer finite at update" in caught.value.message
    assert caught.value.exit_code == 7
    assert all(map(math.isfinite, losses(run)))
    assert np.isfinite(run.state.parameters).all()
    assert math.isfinite(run.measures(run.training).loss)


class Broken:
    """An engine whose results go bad at a certain call."""

    name = "broken"

    def __init__(self, call: int, bad: Pass) -> None:
        self.calls, self.call, self.bad = 0, call, bad

    def loss_and_gradient(
        self,
        parameters: np.ndarray,
        inputs: np.ndarray,
        targets: np.ndarray,
        masks: object = (),
        weights: object = None,
    ) -> Pass:
        self.calls += 1
        scores = np.zeros((len(inputs), 1))
        return self.bad if self.calls > self.call else Pass(1.0, np.ones(len(parameters)), scores)

    def predict(self, parameters: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        return np.zeros((len(inputs), 1))

    def runner_for(self, *settings: object, weighted: bool = False) -> None:
        return None


@pytest.mark.parametrize(
    ("bad", "good", "what"),
    [
        pytest.param((math.nan, 1.0), 1, "loss", id="a loss of nan takes the update before it back"),
        pytest.param((math.inf, 1.0), 1, "loss", id="an infinite loss takes the update before it back"),
        pytest.param((1.0, math.nan), 2, "gradient", id="a gradient of nan leaves the parameters that gave it"),
    ],
)
def test_what_is_kept_of_a_run_that_diverged(
    bad: tuple[float, float], good: int, what: str, small: Callable[..., Run]
) -> None:
    run = small(optimizer="sgd", batch=0)
    before = run.state.parameters
    loss, slope = bad
    broken: Any = Broken(2, Pass(loss, np.full(run.model.count, slope), np.zeros((32, 1))))
    run.engine = broken
    with pytest.raises(Diverged) as caught:
        trained(run)
    assert caught.value.message.startswith(f"the {what} is no longer finite at update 2")
    assert len(run.state.history) == good
    moved = sum(record.learning_rate for record in run.state.history)
    assert np.allclose(run.state.parameters, before - moved)


def test_a_run_that_starts_with_no_loss_keeps_nothing(small: Callable[..., Run]) -> None:
    run = small(batch=0)
    broken: Any = Broken(0, Pass(math.nan, np.zeros(run.model.count), np.zeros((32, 1))))
    run.engine = broken
    with pytest.raises(Diverged, match="the loss is not finite from the start") as caught:
        trained(run)
    assert "learning rate" not in str(caught.value.hint)
    assert not run.state.history


def test_the_means_of_an_epoch_weigh_batches_by_their_rows() -> None:
    history = History([(1.0, 0.5, 0.1), (4.0, 1.0, 0.1)])
    assert epoch_means(history, rows=30, batch=20, squared=False) == pytest.approx((2.0, 2 / 3))
    assert epoch_means(history, rows=30, batch=20, squared=True)[1] == pytest.approx(math.sqrt(0.5))


def test_dropout_is_a_function_of_seed_and_update_with_mean_one() -> None:
    model = describe(make("moons"), hidden=(30, 20), dropout=0.25)
    first, second = masks_of(model, 3, 7, 400)
    assert (first.shape, second.shape) == ((400, 30), (400, 20))
    assert set(np.unique(first)) == {0.0, 1 / 0.75}
    assert first.mean() == pytest.approx(1, abs=0.02)
    assert not np.array_equal(first[:, :20], second)
    assert np.array_equal(first, masks_of(model, 3, 7, 400)[0])
    assert not np.array_equal(first, masks_of(model, 3, 8, 400)[0])
    assert not np.array_equal(first, masks_of(model, 4, 7, 400)[0])


def test_random_bits_are_those_of_numpy_s_philox_for_ever() -> None:
    assert bits(1, 1337, 0, 2).tolist() == PHILOX
