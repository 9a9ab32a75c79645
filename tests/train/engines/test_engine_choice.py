"""The engines: a loss, its gradient, and predictions, the same from each of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.primitives import functions as f
from gradcli.train.data.datasets import make
from gradcli.train.data.rows import Data
from gradcli.train.engines import value_engine
from gradcli.train.engines.engine_choice import ENGINES, engine_for
from gradcli.train.engines.tensor_engine import TensorEngine
from gradcli.train.model.design import describe
from gradcli.train.model.kinds import KINDS, LayerKind, LayerSpec
from gradcli.train.model.model import Model
from gradcli.train.model.neuron_functions import activations
from gradcli.train.run import initial_parameters
from tests.support.loops import for_each
from tests.support.nets import (
    ALL,
    INSTALLED,
    MODELS,
    made,
    moons,
    named,
    prepared,
)

CASES = [(name, engine) for name in ALL for engine in INSTALLED if name in MODELS or engine != "value"]


@pytest.mark.parametrize(("name", "kind"), CASES)
class TestEveryModelOnEveryEngine:
    def test_the_gradient_is_that_of_finite_differences(self, name: str, kind: str) -> None:
        data, model = made(name)
        engine = engine_for(model, kind)
        parameters, *batch = prepared(model, data)
        gradient = engine.loss_and_gradient(parameters, *batch).gradient
        step = 1e-6
        for index in range(0, model.count, 1 + model.count // 60):
            ends = []
            for sign in (1, -1):
                moved = parameters.copy()
                moved[index] += sign * step
                ends.append(engine.loss_and_gradient(moved, *batch).loss)
            assert gradient[index] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=2e-5, abs=2e-8)

    def test_predictions_are_the_scores_of_the_graph(self, name: str, kind: str) -> None:
        data, model = made(name)
        engine = engine_for(model, kind)
        parameters, inputs, targets, _ = prepared(model, data)
        scores = engine.loss_and_gradient(parameters, inputs, targets).scores
        found = engine.predict(parameters, inputs)
        assert np.array_equal(found, scores) if kind == "value" else np.allclose(found, scores, rtol=1e-12, atol=1e-13)
        assert found.shape == (len(data), model.outputs)

    def test_a_batch_in_pieces_gives_the_same(self, name: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        data, model = made(name)
        parameters, *batch = prepared(model, data)
        whole = engine_for(model, kind).loss_and_gradient(parameters, *batch)
        monkeypatch.setattr(value_engine, "VALUES", 7 * model.count)
        engine = engine_for(model, kind)
        if isinstance(engine, TensorEngine):
            engine.piece = 7
        pieces = engine.loss_and_gradient(parameters, *batch)
        assert pieces.loss == pytest.approx(whole.loss, rel=1e-12)
        assert np.allclose(pieces.gradient, whole.gradient, rtol=1e-11, atol=1e-13)
        assert np.allclose(pieces.scores, whole.scores, rtol=1e-12, atol=1e-13)
        assert np.allclose(engine.predict(parameters, batch[0]), engine_for(model, kind).predict(parameters, batch[0]))

    def test_a_second_pass_gives_the_same(self, name: str, kind: str) -> None:
        data, model = made(name)
        engine = engine_for(model, kind)
        parameters, inputs, targets, masks = prepared(model, data)
        first = engine.loss_and_gradient(parameters, inputs, targets, masks)
        engine.loss_and_gradient(parameters + 1, inputs[:3], targets[:3], [mask[:3] for mask in masks])
        again = engine.loss_and_gradient(parameters, inputs, targets, masks)
        assert again.loss == first.loss
        assert np.array_equal(again.gradient, first.gradient)

    def test_activations_are_what_every_layer_gives(self, name: str, kind: str) -> None:
        data, model = made(name)
        engine = engine_for(model, kind)
        parameters, inputs, *_ = prepared(model, data)
        found = engine.activations(parameters, inputs)
        assert [array.shape for array in found] == [(len(data), *placed.outputs) for placed in model.plan]
        assert np.allclose(found[-1], engine.predict(parameters, inputs), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", MODELS)
def test_all_engines_give_the_same_losses_gradients_and_activations(name: str) -> None:
    data, model = made(name)
    parameters, *batch = prepared(model, data)
    first, *others = [engine_for(model, kind).loss_and_gradient(parameters, *batch) for kind in INSTALLED]
    for other in others:
        assert first.loss == pytest.approx(other.loss, rel=1e-13)
        assert np.allclose(first.gradient, other.gradient, rtol=1e-11, atol=1e-14)
    for layer in zip(*[engine_for(model, kind).activations(parameters, batch[0]) for kind in INSTALLED], strict=True):
        for one in layer[1:]:
            assert np.allclose(one, layer[0], rtol=1e-11, atol=1e-13)


@for_each("activation", activations())
def test_every_function_of_one_number_can_stand_behind_a_neuron(activation: str) -> None:
    data = make("moons", 6)
    model = describe(data, hidden=(2,), activation=activation)
    parameters, inputs, targets, _ = prepared(model, data)
    found = []
    for kind in [name for name in INSTALLED if ENGINES[name].obstacle(model) is None]:
        engine = engine_for(model, kind)
        found.append(engine.loss_and_gradient(parameters, inputs, targets))
        assert found[-1].gradient.shape == (model.count,)
        assert np.allclose(engine.predict(parameters, inputs), found[-1].scores, rtol=1e-13, equal_nan=True)
    for other in found[1:]:
        assert np.allclose(found[0].gradient, other.gradient, rtol=1e-9, atol=1e-12, equal_nan=True)


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        engine_for(describe(make("moons")), "tensr")
    assert caught.value.message == "unknown engine `tensr`"
    assert caught.value.hint == "did you mean `tensor`?"


@pytest.mark.parametrize("engine", INSTALLED)
@pytest.mark.parametrize("name", ["two classes, bce", "features", "three classes", "a number"])
def test_the_graph_of_a_step_has_the_loss_and_the_gradients_of_the_step(name: str, engine: str) -> None:
    make_data, arguments, more = MODELS[name]
    data = make_data()
    model = describe(data, **named(arguments), **more)
    rows = 1 if engine == "value" else 7
    inputs, targets = model.scaled(data.inputs)[:rows], model.scaled_targets(data.targets)[:rows]
    parameters = initial_parameters(model, "he", 3)
    machine = engine_for(model, engine)
    found = machine.loss_and_gradient(parameters, inputs, targets)
    loss = machine.graph_of(parameters, inputs, targets)
    assert float(loss.data) == pytest.approx(found.loss, rel=1e-12)
    gradients: dict[str, Any] = {}
    seen, stack = {loss}, [loss]
    while stack:
        one = stack.pop()
        gradients[getattr(one, "label", "")] = one.grad if engine == "value" else one.grad.numpy()
        operands = one._prev if engine == "value" else (one.grad_fn.operands if one.grad_fn else ())
        # Inputs have no gradient.
        fresh = {other for other in operands if other is not None and other.grad is not None} - seen
        seen |= fresh
        stack += fresh
    for label, array in model.matrices(found.gradient).items():
        if engine != "value":
            np.testing.assert_allclose(gradients[label], array, rtol=1e-12, atol=1e-15)
        else:
            for place, number in np.ndenumerate(array):
                assert gradients[f"{label}[{','.join(map(str, place))}]"] == pytest.approx(number, rel=1e-12)


def with_layer(kind: str, *names: str) -> tuple[Data, Model]:
    """A net of moons with further layers behind its hidden one."""
    data = moons()
    model = describe(data, hidden=(4,), activation="tanh")
    layers = [*model.layers[:2], *map(LayerSpec, (kind, *names)), model.layers[2]]
    return data, replace(model, layers=tuple(layers))


#: Kinds of layers that are entered while the program runs, each in one place alone.
DOUBLE = LayerKind("double", apply=lambda layer, x: 2.0 * x, pointwise=True)


FIRST = LayerKind(
    "first",
    apply=lambda layer, x, weight, bias: f.linear(x, weight, bias) + 0.5,
    outputs=lambda shape, _: shape,
    weights=lambda shape, _: (shape[0], shape[0]),
    by_numbers=True,
)


SHARES = LayerKind("shares", apply=lambda layer, x: f.softmax(x, axis=1))


@pytest.mark.parametrize("kind", [DOUBLE, FIRST], ids=lambda kind: kind.title)
def test_a_kind_of_layer_that_is_entered_at_run_time_is_computed_by_every_engine(
    kind: LayerKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, kind.title, kind)
    data, model = with_layer(kind.title)
    parameters, *batch = prepared(model, data)
    first, *others = [engine_for(model, name).loss_and_gradient(parameters, *batch) for name in INSTALLED]
    assert all(np.allclose(first.gradient, other.gradient, rtol=1e-11, atol=1e-14) for other in others)
    given = [engine_for(model, name).activations(parameters, batch[0]) for name in INSTALLED]
    hidden, outputs = (np.stack([one[place] for one in given]) for place in (1, 2))
    weights, biases = model.pairs(parameters)[1]
    expected = 2.0 * hidden if kind is DOUBLE else hidden @ weights.T + biases + 0.5
    assert np.allclose(outputs, expected, rtol=1e-12)
    assert model.summary()[2] == (kind.title, "4", 20 * (kind is FIRST))
    assert Model.from_json(model.to_json()) == model


def test_a_kind_that_needs_whole_arrays_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "shares", SHARES)
    data, model = with_layer("shares")
    parameters, *batch = prepared(model, data)
    assert np.allclose(TensorEngine(model).activations(parameters, batch[0])[2].sum(axis=1), 1.0)
    with pytest.raises(UsageError, match="and this one has `shares` layers"):
        engine_for(model, "value")
    if "jit" in INSTALLED:
        with pytest.raises(UsageError, match="and here `softmax` has no compiled form"):
            engine_for(model, "jit")


def test_a_kind_that_says_wrongly_that_it_runs_on_numbers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "shares", replace(SHARES, by_numbers=True))
    data, model = with_layer("shares")
    with pytest.raises(UsageError, match="`softmax` can't be computed number by number"):
        engine_for(model, "value").loss_and_gradient(*prepared(model, data))


def test_a_random_kind_takes_factors_in_training_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "half", replace(KINDS["dropout"], title="half", number=None))
    monkeypatch.setitem(KINDS, "double", DOUBLE)
    data, model = with_layer("half", "double")
    parameters, *batch = prepared(model, data)
    assert batch[-1][0].shape == (len(data), 4)
    batch[-1][0][:] = 0.0
    for name in INSTALLED:
        found = engine_for(model, name).loss_and_gradient(parameters, *batch)
        assert np.allclose(found.scores, parameters[-1], rtol=1e-12)
        assert not np.allclose(engine_for(model, name).predict(parameters, batch[0]), parameters[-1], rtol=1e-3)
