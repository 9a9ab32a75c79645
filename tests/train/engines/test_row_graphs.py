"""Nets and methods as graphs of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.optim import OPTIMIZERS
from gradcli.optim.clipping import clipped
from gradcli.train.data.datasets import make
from gradcli.train.engines.row_graphs import clipping_graph, penalty_graph, row_graph, sample_graphs, update_graph
from gradcli.train.engines.tensor_engine import TensorEngine
from gradcli.train.model.design import describe
from gradcli.train.run import initial_parameters
from gradcli.train.trainer import masks_of


@pytest.mark.parametrize("dataset", ["moons", "blobs", "bumps"])
@pytest.mark.parametrize("dropped", [False, True])
def test_the_sums_over_the_rows_are_loss_measure_and_gradient_of_the_engine_of_arrays(
    dataset: str, dropped: bool
) -> None:
    data = make(dataset, samples=9)
    model = describe(data, hidden=(3, 2), activation="tanh", dropout=0.4 if dropped else 0.0)
    parameters = initial_parameters(model, "xavier", 1)
    inputs, targets = model.scaled(data.inputs), model.scaled_targets(data.targets)
    masks = masks_of(model, 1, 0, len(data)) if dropped else []
    found = TensorEngine(model).loss_and_gradient(parameters, inputs, targets, masks)
    program = row_graph(model, dropped=dropped, derivatives=True)
    columns = np.concatenate([inputs, targets[:, None], *masks, np.full((len(data), 1), 1 / len(data))], axis=1)
    assert (program.columns, program.uniforms) == (columns.shape[1], model.count)
    sums = np.zeros(len(program.tape.outputs))
    for row in columns.tolist():
        values = program.tape.run([*row, *parameters.tolist()])
        sums += [values[slot] for slot in program.tape.outputs]
    assert sums[0] / len(data) == pytest.approx(found.loss, rel=1e-12)
    assert np.allclose(sums[2:], found.gradient, rtol=1e-11, atol=1e-14)
    if model.labels is None:
        assert sums[1] == pytest.approx(float(((found.scores[:, 0] - targets) ** 2).sum()))
    else:
        chosen = found.scores[:, 0] > 0 if model.outputs == 1 else found.scores.argmax(axis=1)
        assert sums[1] == (chosen == targets).sum()


def test_a_row_that_only_fills_a_vector_counts_nothing() -> None:
    model = describe(make("moons"), hidden=(2,))
    program = row_graph(model, dropped=False, derivatives=True)
    values = program.tape.run([0.3, 0.4, 1.0, 0.0, *initial_parameters(model, "he", 1).tolist()])
    assert {values[slot] for slot in program.tape.outputs} == {0.0}


OPTIONS: dict[str, dict[str, Any]] = {
    "nesterov": {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    "dampening": {"momentum": 0.9, "dampening": 0.3},
}
METHODS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name, method in OPTIMIZERS.items() if method.step is not None),
    *(("sgd", options) for options in OPTIONS.values()),
    ("rmsprop", {"momentum": 0.3, "weight_decay": 0.1}),
    ("adam", {"weight_decay": 0.1}),
]


@pytest.mark.parametrize(("name", "given"), METHODS)
def test_an_update_is_that_of_the_method(name: str, given: dict[str, Any]) -> None:
    method = OPTIMIZERS[name]
    assert method.step is not None
    options = method.configured(**given)
    update = update_graph(method, options)
    assert update is not None
    assert update.memory == tuple(method.memory(options))
    memory = {name: 0.01 * (place + 1) for place, name in enumerate(update.memory)}
    for number in (update.first, 7, 400):
        expected, kept = method.step(0.5, -0.25, memory, {**options, "lr": 0.1}, number)
        values = update.tape.run([0.5, -0.25, 0.1, float(number), *memory.values()])
        found = [values[slot] for slot in update.tape.outputs]
        assert found == pytest.approx([expected, *(kept[name] for name in update.memory)], rel=1e-14)


def test_a_method_without_a_formula_for_each_update_has_no_graph() -> None:
    from dataclasses import replace

    def impatient(parameters: Any, gradient: Any, memory: Any, options: Any, number: int) -> tuple[Any, Any]:
        return parameters - (options["lr"] if number > 100 else 1.0) * gradient, memory

    assert update_graph(OPTIMIZERS["lbfgs"], {}) is None
    assert update_graph(replace(OPTIMIZERS["sgd"], step=impatient), OPTIMIZERS["sgd"].configured()) is None


def test_penalties_and_clipping_are_those_of_the_loop() -> None:
    model = describe(make("moons"), hidden=(2,), l1=0.25, l2=0.5)
    tape = penalty_graph(model)
    assert tape is not None
    assert [tape.run([-3.0])[slot] for slot in tape.outputs] == [0.25 * 3 + 0.5 * 9, -0.25 - 3.0]
    assert penalty_graph(describe(make("moons"), hidden=(2,))) is None
    factor = clipping_graph(2.0)
    assert factor is not None
    for gradient in (np.array([3.0, 4.0]), np.array([0.3, 0.4])):
        (short,), norm = clipped([gradient], 2.0)
        assert factor.run([norm])[factor.outputs[0]] * gradient == pytest.approx(short, rel=1e-15)
    assert clipping_graph(None) is None


def test_the_sample_holds_every_function_of_the_row() -> None:
    for dataset, loss in (("moons", "hinge"), ("blobs", "cross_entropy"), ("bumps", "huber")):
        model = describe(make(dataset, samples=30), hidden=(3, 3), activation="gelu", loss=loss)
        row = row_graph(model, dropped=False, derivatives=True)
        names = {one.primitive.name for tape in sample_graphs(model) for one in tape.instructions}
        arithmetic = {"add", "sub", "mul", "neg", "square", "greater", "equal", "where"}
        assert {one.primitive.name for one in row.tape.instructions} <= names | arithmetic
