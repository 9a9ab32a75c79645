"""`gradcli.train.engines.base`: what an engine has by itself, and outputs for more rows than fit into memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gradcli.train.data.datasets import make
from gradcli.train.engines import base
from gradcli.train.engines.base import Engine, Pass, outputs_of
from gradcli.train.model.design import describe


class Doubling(Engine):
    """An engine whose net has one hidden layer that says what it was given, and outputs twice the first column."""

    name, note = "doubling", "by heart"

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.rows: list[int] = []

    def loss_and_gradient(self, parameters: Any, inputs: Any, targets: Any, masks: Sequence[Any] = ()) -> Pass:
        raise NotImplementedError

    def graph_of(self, parameters: Any, inputs: Any, targets: Any) -> Any:
        raise NotImplementedError

    def activations(self, parameters: Any, inputs: Any) -> list[Any]:
        self.rows.append(len(inputs))
        return [inputs, 2.0 * inputs[:, :1]]


@pytest.fixture
def engine() -> Doubling:
    return Doubling(describe(make("moons", 30), hidden=(4,), standardise=False))


def test_what_an_engine_predicts_is_what_its_last_layer_gives(engine: Doubling) -> None:
    assert engine.predict(np.zeros(3), np.array([[1.0, 5.0], [2.0, 6.0]])).tolist() == [[2.0], [4.0]]


def test_an_engine_runs_every_model_one_update_at_a_time_unless_it_says_otherwise(engine: Doubling) -> None:
    assert Doubling.obstacle(engine.model) is None
    assert engine.runner_for("adam", {}, None) is None
    assert engine.loss is engine.model.loss_function


@pytest.mark.parametrize(("numbers", "pieces"), [(1000, [7]), (14, [7]), (13, [6, 1]), (4, [2, 2, 2, 1]), (1, [1] * 7)])
def test_rows_are_computed_some_at_a_time_in_their_order(
    numbers: int, pieces: list[int], engine: Doubling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "NUMBERS", numbers)
    inputs = np.arange(14.0).reshape(7, 2)
    assert outputs_of(engine, engine.model, np.zeros(3), inputs).tolist() == (2.0 * inputs[:, :1]).tolist()
    assert engine.rows == pieces


def test_no_row_gives_no_output_in_the_right_shape(engine: Doubling) -> None:
    assert outputs_of(engine, engine.model, np.zeros(3), np.zeros((0, 2))).shape == (0, 1)


def test_inputs_are_in_the_units_of_the_table() -> None:
    data = make("moons", 30)
    engine = Doubling(describe(data, hidden=(4,)))
    expected = 2.0 * (data.inputs[:, :1] - data.inputs[:, :1].mean()) / data.inputs[:, :1].std()
    assert np.allclose(outputs_of(engine, engine.model, np.zeros(3), data.inputs), expected, rtol=1e-12)


def test_an_engine_must_compute_losses_graphs_and_activations() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Engine(describe(make("moons", 30)))  # type: ignore[abstract]
