"""The engines: a loss, its gradient, and predictions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.train import engines
from gradcli.train.data import Data
from gradcli.train.datasets import make
from gradcli.train.engines import ValueEngine, engine_for
from gradcli.train.model import Model, activations, describe
from gradcli.train.run import initial_parameters


def three_classes() -> Data:
    generator = np.random.RandomState(0)
    targets = np.arange(30) % 3
    return Data("t", ("a", "b", "c"), generator.normal(size=(30, 3)), "y", targets.astype(float), ("p", "q", "r"))


def numbers() -> Data:
    generator = np.random.RandomState(1)
    return Data("t", ("a",), generator.normal(size=(20, 1)), "y", generator.normal(size=20), None)


def prepared(model: Model, data: Data) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return initial_parameters(model, "he", 3), model.scaled(data.inputs), model.scaled_targets(data.targets)


MODELS: dict[str, Callable[[], tuple[Data, Model]]] = {
    "two classes, bce": lambda: (make("moons", 30), describe(make("moons", 30), (4, 3))),
    "two classes, hinge and penalties": lambda: (
        make("moons", 30),
        describe(make("moons", 30), (4,), "tanh", "hinge", l1=0.01, l2=0.02),
    ),
    "a linear net": lambda: (make("gauss", 30), describe(make("gauss", 30), ())),
    "three classes": lambda: (three_classes(), describe(three_classes(), (5,), "sin")),
    "three classes, hinge": lambda: (three_classes(), describe(three_classes(), (5,), "gelu", "hinge")),
    "a number": lambda: (numbers(), describe(numbers(), (5,), "softplus")),
    "a number, mae": lambda: (numbers(), describe(numbers(), (5,), "atan", "mae", l2=0.1)),
}


@pytest.mark.parametrize("name", MODELS)
class TestEveryModel:
    def test_the_gradient_is_that_of_finite_differences(self, name: str) -> None:
        data, model = MODELS[name]()
        engine = engine_for(model, "value")
        parameters, inputs, targets = prepared(model, data)
        gradient = engine.loss_and_gradient(parameters, inputs, targets).gradient
        step = 1e-6
        for index in range(model.count):
            ends = []
            for sign in (1, -1):
                moved = parameters.copy()
                moved[index] += sign * step
                ends.append(engine.loss_and_gradient(moved, inputs, targets).loss)
            assert gradient[index] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=2e-5, abs=2e-8)

    def test_predictions_are_the_scores_of_the_graph_bit_for_bit(self, name: str) -> None:
        data, model = MODELS[name]()
        engine = engine_for(model, "value")
        parameters, inputs, targets = prepared(model, data)
        scores = engine.loss_and_gradient(parameters, inputs, targets).scores
        assert np.array_equal(engine.predict(parameters, inputs), scores)

    def test_a_batch_in_pieces_gives_the_same(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        data, model = MODELS[name]()
        parameters, inputs, targets = prepared(model, data)
        whole = engine_for(model, "value").loss_and_gradient(parameters, inputs, targets)
        monkeypatch.setattr(engines, "PIECE", 7 * model.count)
        pieces = engine_for(model, "value").loss_and_gradient(parameters, inputs, targets)
        assert pieces.loss == pytest.approx(whole.loss, rel=1e-13)
        assert np.allclose(pieces.gradient, whole.gradient, rtol=1e-11, atol=1e-14)
        assert np.array_equal(pieces.scores, whole.scores)

    def test_a_second_pass_gives_the_same(self, name: str) -> None:
        data, model = MODELS[name]()
        engine = engine_for(model, "value")
        parameters, inputs, targets = prepared(model, data)
        first = engine.loss_and_gradient(parameters, inputs, targets)
        engine.loss_and_gradient(parameters + 1, inputs[:3], targets[:3])
        again = engine.loss_and_gradient(parameters, inputs, targets)
        assert first.loss == again.loss
        assert np.array_equal(first.gradient, again.gradient)


def test_predictions_need_no_net_of_values() -> None:
    data, model = MODELS["two classes, bce"]()
    engine = ValueEngine(model)
    parameters, inputs, _ = prepared(model, data)
    assert engine.predict(parameters, inputs).shape == (30, 1)
    assert "net" not in vars(engine)


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        engine_for(describe(make("moons")), "valu")
    assert (caught.value.message, caught.value.hint) == ("unknown engine `valu`", "did you mean `value`?")


@pytest.mark.parametrize("activation", activations())
def test_every_function_of_one_number_can_stand_behind_a_neuron(activation: str) -> None:
    data = make("moons", 6)
    model = describe(data, (2,), activation)
    engine = engine_for(model, "value")
    parameters, inputs, targets = prepared(model, data)
    found = engine.loss_and_gradient(parameters, inputs, targets)
    assert found.gradient.shape == (model.count,)
    assert np.array_equal(engine.predict(parameters, inputs), found.scores, equal_nan=True)
