"""Faults of long trainings: the rows of an epoch are shuffled once, however many calls of the engine it takes."""

from __future__ import annotations

import time
from typing import Any

import pytest

from gradcli.train import trainer
from gradcli.train.data.datasets import make
from gradcli.train.run import start
from gradcli.train.trainer import Step


@pytest.mark.parametrize("engine", ["jit", "tensor"])
@pytest.mark.parametrize(("rows", "batch", "epochs"), [(3000, 20, 2), (3001, 7, 3), (40, 20, 30), (20, 20, 5)])
def test_an_epoch_is_shuffled_once(
    engine: str, rows: int, batch: int, epochs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shuffled: list[int] = []
    order_of = trainer.order_of

    def counted(number: int, seed: int, epoch: int, size: int) -> Any:
        shuffled.append(epoch)
        return order_of(number, seed, epoch, size)

    monkeypatch.setattr(trainer, "order_of", counted)
    run = start(make("moons", samples=rows), hidden=(2,), epochs=epochs, batch=batch, split=0.0, engine=engine)
    for _ in run.events():
        pass
    assert len(shuffled) == len(set(shuffled))
    assert run.epochs_done == epochs


def test_slow_shuffles_do_not_make_the_calls_of_the_engine_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    order_of = trainer.order_of

    def slow(*args: int) -> Any:
        time.sleep(0.2)
        return order_of(*args)

    monkeypatch.setattr(trainer, "order_of", slow)
    # Of a call that should take this long, a shuffle would leave only one update.
    monkeypatch.setattr(trainer, "SECONDS", 1.0)
    run = start(make("moons", samples=4000), hidden=(2,), epochs=3, split=0.0, engine="jit")
    assert sum(isinstance(event, Step) for event in run.events()) <= 6
