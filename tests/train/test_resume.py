"""A run that was interrupted goes on to the same file, byte for byte, whatever its choices and wherever it stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.train import trainer
from gradcli.train.checkpoint import load, save
from gradcli.train.data import rows
from gradcli.train.data.datasets import make
from gradcli.train.data.rows import Data
from gradcli.train.run import Run, resume, start
from gradcli.train.trainer import Epoch, Step
from tests.support.nets import INSTALLED


def moons() -> Data:
    return make("moons", samples=40)


def three() -> Data:
    generator = np.random.RandomState(0)
    targets = (np.arange(45) % 3).astype(float)
    return Data("t", ("a", "b"), generator.normal(size=(45, 2)), "y", targets, ("p", "q", "r"))


def numbers() -> Data:
    generator = np.random.RandomState(1)
    return Data("t", ("a", "b"), generator.normal(size=(45, 2)), "y", generator.normal(size=45), None)


def pictures() -> Data:
    generator = np.random.RandomState(2)
    columns = tuple(f"p{number}" for number in range(36))
    inputs = generator.randint(255, size=(40, 36)).astype(np.uint8)
    return Data("t", columns, inputs, "y", (np.arange(40) % 2).astype(float), ("p", "q"), (1, 6, 6))


CONFIGURATIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "adam": (moons, {}),
    "gradient descent with momentum of Nesterov's": (
        three,
        {"optimizer": "sgd", "options": {"momentum": 0.9, "nesterov": True}, "schedule": "step"},
    ),
    "rmsprop with a momentum, and a warm-up": (
        numbers,
        {"optimizer": "rmsprop", "options": {"momentum": 0.5}, "warmup": 5, "schedule": "linear"},
    ),
    "adamw with short gradients": (three, {"optimizer": "adamw", "clip": 0.1, "schedule": "constant"}),
    "dropout": (moons, {"dropout": 0.3, "hidden": (6, 5)}),
    "convolutions and dropout": (pictures, {"conv": (2,), "hidden": (4,), "dropout": 0.2}),
    "waiting for a better epoch": (three, {"patience": 50, "min_delta": 0.001}),
    "waiting that comes to an end": (numbers, {"patience": 1, "learning_rate": 0.5}),
    "expressions, and rows kept for the test": (
        moons,
        {"features": ("x1^2", "x2"), "activation": "x*tanh(x)", "loss": "(p-y)^2", "test": 0.2},
    ),
    "the scalar engine": (moons, {"engine": "value", "l1": 0.01, "optimizer": "momentum"}),
    "all rows at once": (numbers, {"batch": 0, "epochs": 9}),
}


def begun(name: str, **more: Any) -> Run:
    source, choices = CONFIGURATIONS[name]
    return start(source(), **({"hidden": (4,), "epochs": 3, "batch": 9} | more | choices))


def content(run: Run, path: Path) -> bytes:
    save(path, run.checkpoint())
    return path.read_bytes()


BOTH = [(name, "tensor") for name in CONFIGURATIONS]
BOTH += [(name, "jit") for name, (_, choices) in CONFIGURATIONS.items() if "conv" not in choices]


@pytest.mark.parametrize(("name", "engine"), BOTH)
def test_an_interrupted_run_ends_in_the_same_bytes(name: str, engine: str, tmp_path: Path) -> None:
    if engine == "jit":
        pytest.importorskip("llvmlite")
    whole = begun(name, engine=engine)
    events = list(whole.events())
    expected = content(whole, tmp_path / "whole")
    steps = len(whole.state.history)
    assert whole.is_over
    # Within an epoch, at its end, after the first update and before the last, and twice in one run.
    for stops in ({1}, {whole.updates_per_epoch}, {whole.updates_per_epoch + 2}, {steps - 1}, {2, steps // 2}):
        run = begun(name, engine=engine)
        for stop in sorted(stops):
            for event in run.events(stops):
                if isinstance(event, Step) and len(run.state.history) == stop:
                    break
            if not run.is_over:
                save(tmp_path / "part", run.checkpoint())
                run = resume(load(tmp_path / "part"), CONFIGURATIONS[name][0]())
        rest = list(run.events())
        assert content(run, tmp_path / "part") == expected
        assert run.report() == whole.report()
        told, again = ([event[:3] for event in some if isinstance(event, Epoch)] for some in (events, rest))
        assert again == told[len(told) - len(again) :]


def test_many_pictures_are_scaled_batch_by_batch_to_the_same_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [begun("convolutions and dropout") for _ in range(2)]
    assert runs[0].training.inputs.dtype == np.uint8
    list(runs[0].events())
    monkeypatch.setattr(trainer, "NUMBERS", 10)
    list(runs[1].events())
    assert runs[0].state.history == runs[1].state.history


@pytest.mark.parametrize("batch", [0, 7])
@pytest.mark.parametrize("engine", INSTALLED)
def test_many_rows_set_aside_are_measured_part_by_part_to_the_same_bits(
    engine: str, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = {"engine": engine, "batch": batch, "split": 0.6, "epochs": 4, "patience": 2, "hidden": (3,)}
    runs = [start(make("moons", 600), **choices) for _ in range(2)]
    list(runs[0].events())
    monkeypatch.setattr(trainer, "NUMBERS", 10)
    monkeypatch.setattr(trainer, "GATHERED", 1)
    monkeypatch.setattr(rows, "BLOCK", 64)
    list(runs[1].events())
    first, second = (run.state for run in runs)
    assert len(first.validation) == 4
    assert (first.history, first.validation) == (second.history, second.validation)
    assert np.array_equal(first.parameters, second.parameters)
    assert runs[0].report() == runs[1].report()


def waiting(patience: int, **choices: Any) -> tuple[Run, list[float]]:
    """A run on noise, and its validation losses."""
    run = start(numbers(), **({"hidden": (8,), "epochs": 30, "patience": patience, "learning_rate": 0.05} | choices))
    seen = [event.validation.loss for event in run.events() if isinstance(event, Epoch) and event.validation]
    return run, seen


def test_a_run_waits_so_many_epochs_for_a_better_loss_and_goes_back_to_the_best() -> None:
    run, seen = waiting(4)
    assert run.state.best is not None
    best = int(np.argmin(seen))
    assert (run.state.best.epoch, run.state.best.loss) == (best, seen[best])
    assert len(seen) == best + 1 + 4 < 30
    assert run.state.parameters is run.state.best.parameters
    assert run.measures(run.validation).loss == pytest.approx(seen[best], rel=1e-12)
    assert run.report()["best_epoch"] == best + 1
    with pytest.raises(UsageError) as caught:
        resume(run.checkpoint(), numbers(), epochs=60)
    assert caught.value.message == f"the run is complete: it waited for a better epoch until epoch {len(seen)}"


def test_what_is_not_better_by_so_much_does_not_count() -> None:
    run, seen = waiting(3, min_delta=1000.0)
    assert (run.state.best and run.state.best.epoch, len(seen)) == (0, 4)


def test_at_the_end_of_the_run_the_best_epoch_is_kept_too() -> None:
    run, seen = waiting(1000)
    assert len(seen) == 30
    assert run.measures(run.validation).loss == pytest.approx(min(seen), rel=1e-12)


def test_a_run_whose_last_epoch_is_the_best_can_go_on() -> None:
    run = start(moons(), epochs=3, patience=2)
    for _ in run.events():
        pass
    assert run.state.best is not None
    assert run.state.best.epoch == 2
    more = resume(run.checkpoint(), moons(), epochs=5)
    for _ in more.events():
        pass
    assert more.epochs_done == 5


def test_waiting_without_rows_to_validate_with_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        start(numbers(), patience=3, split=0.0)
    assert (
        caught.value.message
        == "`patience` waits for a better validation loss, but no rows are set aside for validation"
    )


class TestAnOptimiserThatTakesAllRows:
    def test_finds_the_least_squares(self) -> None:
        scipy = pytest.importorskip("scipy")
        assert scipy
        data = numbers()
        run = start(data, hidden=(), l2=0.0, optimizer="lbfgs", epochs=50, split=0.0)
        losses = [event.loss for event in run.events() if isinstance(event, Epoch)]
        design = np.column_stack([run.model.scaled(data.inputs), np.ones(len(data))])
        _, residual, *_ = np.linalg.lstsq(design, run.model.scaled_targets(data.targets), rcond=None)
        assert run.measures(data).loss == pytest.approx(residual[0] / len(data), rel=1e-6)
        assert run.is_over
        assert losses == sorted(losses, reverse=True)
        assert len(losses) == len(run.state.history) == run.report()["epochs"] < 50

    @pytest.mark.parametrize(
        "choice",
        [
            {"batch": 5},
            {"learning_rate": 0.1},
            {"schedule": "linear"},
            {"clip": 1.0},
            {"warmup": 3},
            {"dropout": 0.5},
        ],
    )
    def test_refuses_what_is_for_batches(self, choice: dict[str, Any]) -> None:
        with pytest.raises(UsageError) as caught:
            start(numbers(), optimizer="lbfgs", **choice)
        assert "can't be combined with the optimiser `lbfgs`" in caught.value.message

    def test_can_wait_for_a_better_epoch_but_not_go_on(self) -> None:
        pytest.importorskip("scipy")
        run, seen = waiting(2, optimizer="lbfgs", learning_rate=None)
        assert run.measures(run.validation).loss == pytest.approx(min(seen), rel=1e-12)
        with pytest.raises(UsageError) as caught:
            resume(run.checkpoint(), numbers())
        assert caught.value.message == (
            "a run with the optimiser `lbfgs` can't be continued: SciPy doesn't give out its memory"
        )
