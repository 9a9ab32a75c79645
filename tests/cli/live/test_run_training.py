"""`gradcli.cli.live.run_training`: one run to its end: models saved on the way, measures, and how the waiting ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.trainings import SMALL, TINY, trained

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("own_folder")


def test_the_end_of_waiting_is_said(inside: Run) -> None:
    done = inside("train", "moons", "--patience", "2", "--min-delta", "10")
    assert done.code == 0
    assert "stopped after epoch 3, 2 epochs after the best: the parameters are those of epoch 1, whose" in done.err
    assert trained(inside, "moons", "--patience", "2", "--min-delta", "10")["best_epoch"] == 1


def test_rows_kept_for_the_test_are_measured_at_the_end(inside: Run) -> None:
    found = trained(inside, "moons", *SMALL, "--test", "0.25")
    assert found["test"]["rows"] == 10
    assert set(found["test"]) == set(found["validation"])


@pytest.mark.parametrize("engine", ["tensor", "jit"])
def test_checkpoints_are_saved_on_the_way(engine: str, inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradcli.train import checkpoint

    if engine == "jit":
        pytest.importorskip("llvmlite")
    save, done = checkpoint.save, []

    def noted(path: Any, found: Any) -> None:
        done.append(len(found.state.history))
        save(path, found)

    monkeypatch.setattr(checkpoint, "save", noted)
    trained(inside, "moons", *TINY, "--epochs", "5", "--checkpoint-every", "2", "--engine", engine)
    assert done == [4, 8, 10]


def test_an_optimiser_of_all_rows_counts_iterations_and_cannot_go_on(inside: Run) -> None:
    pytest.importorskip("scipy")
    done = inside("train", "moons", *TINY[:4], "--optimizer", "lbfgs", "--epochs", "2")
    assert "lbfgs, at most 2 iterations; seed 1337" in done.err
    again = inside("train", "--resume", "moons.safetensors", "--epochs", "9")
    assert again.code == 2
    assert "a run with the optimiser `lbfgs` can't be continued" in again.err
