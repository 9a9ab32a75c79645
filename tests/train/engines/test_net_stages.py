"""`gradcli.train.engines.net_stages`: layers become stages, whatever their kinds, and compute what arrays compute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.execute.llvm import NoCompiledForm
from gradcli.execute.staged import Link, Window
from gradcli.primitives import functions as f
from gradcli.train.data.datasets import make
from gradcli.train.data.rows import Data
from gradcli.train.engines.engine_choice import engine_for
from gradcli.train.engines.net_stages import staged_net
from gradcli.train.engines.tensor_engine import TensorEngine
from gradcli.train.model.design import describe
from gradcli.train.model.kinds import KINDS, LayerKind
from gradcli.train.run import initial_parameters


def pictures(channels: int, height: int, width: int, rows: int = 20) -> Data:
    """Random pictures of three classes, some of a single brightness, so that all numbers of a window are equal."""
    generator = np.random.RandomState(height)
    inputs = generator.normal(size=(rows, channels * height * width))
    inputs[:3] = inputs[:3, :1]
    names = tuple(f"p{i}" for i in range(inputs.shape[1]))
    image = (channels, height, width)
    return Data("pictures", names, inputs, "y", generator.randint(0, 3, rows) * 1.0, ("a", "b", "c"), image)


NETS: dict[str, tuple[Data, dict[str, Any]]] = {
    "a linear net": (make("blobs", samples=30), {"hidden": ()}),
    "a convolution": (pictures(1, 8, 8), {"conv": (3,), "hidden": (), "activation": "tanh"}),
    "two convolutions and a hidden layer": (pictures(2, 9, 6), {"conv": (5, 2), "hidden": (4,), "activation": "gelu"}),
    "dropped channels": (pictures(1, 4, 7, 150), {"conv": (7,), "hidden": (3,), "dropout": 0.4, "loss": "mse"}),
    "a long activation": (make("moons", samples=90), {"hidden": (9, 7), "activation": "x*tanh(log(1+exp(x)))"}),
    "penalties": (make("bumps", samples=40), {"hidden": (5,), "l1": 0.01, "l2": 0.1}),
}


@pytest.mark.parametrize("name", NETS)
def test_losses_and_gradients_are_those_of_the_engine_of_arrays(name: str) -> None:
    pytest.importorskip("llvmlite")
    from gradcli.train.trainer import masks_of

    data, choices = NETS[name]
    model = describe(data, **choices)
    parameters = initial_parameters(model, "he", 1)
    inputs, targets = model.scaled(data.inputs), model.scaled_targets(data.targets)
    masks = masks_of(model, 1, 0, len(data)) if model.random else []
    weights = np.linspace(0.0, 2.0, len(data))
    for more in ((), (weights,)):
        one, other = (
            engine.loss_and_gradient(parameters, inputs, targets, masks, *more)
            for engine in (engine_for(model, "jit"), TensorEngine(model))
        )
        assert one.loss == pytest.approx(other.loss, rel=1e-12)
        assert np.allclose(one.gradient, other.gradient, rtol=1e-10, atol=1e-13 * np.abs(other.gradient).max())


def test_a_convolution_is_one_link_and_a_pool_one_window() -> None:
    data, choices = NETS["two convolutions and a hidden layer"]
    net = staged_net(describe(data, **choices))
    assert [type(stage.source) for stage in net.stages] == [Link, Window, Link, Window, Link, Link]
    first, pool = net.stages[0].source, net.stages[1].source
    assert isinstance(first, Link)
    assert isinstance(pool, Window)
    assert (first.outputs, first.inputs, first.places, first.sites, first.taps) == (5, 2, 54, 54, 9)
    # A pixel inside the picture meets nine weights, one at a corner four.
    assert len([pair for pair in first.pairs if pair.place == 6 + 1]) == 9
    assert len([pair for pair in first.pairs if pair.place == 0]) == 4
    assert pool.members[:2] == ((0, 1, 6, 7), (2, 3, 8, 9))
    assert (len(pool.members), net.stages[0].value is None, net.stages[1].value) == (5 * 4 * 3, False, None)


def test_a_linear_net_is_a_single_stage() -> None:
    (stage,) = staged_net(describe(make("moons"), hidden=())).stages
    assert (stage.source, stage.value) == (Link(1, 1, 2, 1, 1, ((0, 0, 0),), 0), None)  # type: ignore[arg-type]


BACKWARDS = (slice(None), slice(None, None, -1))
REFUSED: dict[str, tuple[Any, str]] = {
    "a sum of other numbers": (lambda layer, x: x + f.index(x, BACKWARDS), "`add` of different numbers"),
    "a change of order": (lambda layer, x: f.index(x, BACKWARDS), "a change of the order of numbers"),
    "a softmax": (lambda layer, x: f.softmax(x, axis=1), "`softmax`"),
    "a largest of all": (lambda layer, x: x - f.max(x, axis=1, keepdims=True), "`max` of all numbers"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_form_is_refused_by_its_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradcli.train.model.kinds import LayerSpec

    apply, message = REFUSED[name]
    monkeypatch.setitem(KINDS, "other", LayerKind("other", apply=apply))
    model = describe(make("moons", samples=30), hidden=(4,))
    spec = (*model.layers[:2], LayerSpec("other"), *model.layers[2:])
    object.__setattr__(model, "layers", spec)
    model.__dict__.pop("plan", None)
    with pytest.raises(NoCompiledForm, match=message):
        staged_net(model)
