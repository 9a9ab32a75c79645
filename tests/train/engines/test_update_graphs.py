"""Methods, penalties and clipping as graphs of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.optim import OPTIMIZERS
from gradcli.optim.clipping import clipped
from gradcli.train.data.datasets import make
from gradcli.train.engines.update_graphs import clipping_graph, penalty_graph, update_graph
from gradcli.train.model.design import describe

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
