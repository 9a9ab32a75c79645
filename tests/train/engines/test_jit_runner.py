"""`gradcli.train.engines.jit_runner`: many updates in one call are the updates one by one, to where they end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.training_loop import Packed
from gradcli.optim.optimizers import OPTIMIZERS
from gradcli.train.data.datasets import make
from gradcli.train.engines.engine_choice import engine_for
from gradcli.train.engines.jit_runner import Runner, columns_of
from gradcli.train.model.design import describe
from gradcli.train.model.model import Model
from gradcli.train.run import initial_parameters

DATA = make("moons", 24)
RATE = 0.1
OPTIONS = OPTIMIZERS["sgd"].configured(momentum=0.5)
BATCH = 8


def prepared(**choices: Any) -> tuple[Model, Any, Runner]:
    """A net of tanh units, its engine, and plain descent with a momentum of a half."""
    model = describe(DATA, hidden=(3,), activation="tanh", **choices)
    engine = engine_for(model, "jit")
    runner = engine.runner_for("sgd", OPTIONS, None)
    assert runner is not None
    return model, engine, runner


def batches(model: Model, updates: int) -> tuple[Any, Any]:
    inputs, targets = model.scaled(DATA.inputs), model.scaled_targets(DATA.targets)
    rows = np.arange(updates * BATCH).reshape(updates, BATCH) % len(DATA)
    return inputs[rows], targets[rows]


def run(runner: Runner, model: Model, updates: int, first: int = 0, start: Any = None, **more: Any) -> Any:
    rows = np.arange(first * BATCH, (first + updates) * BATCH).reshape(updates, BATCH) % len(DATA)
    counts = [BATCH] * updates
    packed = runner.pack(runner.table(model.scaled(DATA.inputs)), rows, DATA.targets[rows], (), counts)
    parameters = initial_parameters(model, "xavier", 3) if start is None else start.parameters
    memory = dict.fromkeys(runner.names, np.zeros(model.count)) if start is None else start.memory
    given = {"unseen": None, "in_epoch": 3, "rates": [RATE] * updates} | more
    return runner.run(parameters, memory, packed, counts, given["rates"], first, given["unseen"], given["in_epoch"])


def test_many_updates_are_those_of_the_engine_one_by_one() -> None:
    model, engine, runner = prepared()
    found = run(runner, model, 6)
    parameters, memory = initial_parameters(model, "xavier", 3), np.zeros(model.count)
    for update, (inputs, targets) in enumerate(zip(*batches(model, 6), strict=True)):
        one = engine.loss_and_gradient(parameters, inputs, targets)
        assert found.losses[update] == pytest.approx(one.loss, rel=1e-12)
        assert found.measures[update] == ((one.scores[:, 0] > 0) == targets).sum()
        memory = 0.5 * memory + one.gradient
        parameters = parameters - RATE * memory
    assert found.done == 6
    assert np.allclose(found.parameters, parameters, rtol=1e-11)
    assert np.allclose(*found.memory.values(), memory, rtol=1e-11)


def test_a_call_goes_on_where_another_ended_to_the_bit() -> None:
    model, _, runner = prepared()
    whole = run(runner, model, 7)
    first = run(runner, model, 3)
    rest = run(runner, model, 4, first=3, start=first)
    assert np.array_equal(rest.parameters, whole.parameters)
    assert [*first.losses, *rest.losses] == whole.losses


def test_it_stops_before_the_first_update_that_is_not_finite() -> None:
    model, _, runner = prepared()
    good = run(runner, model, 2)
    bad = run(runner, model, 6, rates=[RATE, RATE, float("inf"), RATE, RATE, RATE])
    assert bad.done == 3
    assert len(bad.losses) == len(bad.measures) == 3
    assert bad.losses[:2] == good.losses


def test_rows_set_aside_are_seen_after_each_epoch_that_ends_without_penalties() -> None:
    model, _, runner = prepared(l2=0.01)
    _, engine, _ = prepared()
    inputs, targets = model.scaled(DATA.inputs)[:5], model.scaled_targets(DATA.targets)[:5]
    unseen = runner.pack(runner.table(inputs), np.arange(5)[None], targets[None], (), [5])
    for first, updates, epochs in ((0, 2, 0), (0, 3, 1), (0, 7, 2), (2, 1, 1), (2, 4, 2)):
        assert len(run(runner, model, updates, first=first, unseen=unseen).seen) == epochs
    found = run(runner, model, 3, unseen=unseen)
    after = engine.loss_and_gradient(found.parameters, inputs, targets)
    right = int(((after.scores[:, 0] > 0) == targets).sum())
    assert found.seen == [(pytest.approx(after.loss, rel=1e-12), right)]


@pytest.mark.parametrize("count", [1, 5])
def test_rows_set_aside_are_evaluated_part_by_part_to_the_bit(count: int) -> None:
    model, _, runner = prepared()
    data = make("moons", 5 * runner.piece - 3)
    inputs, targets, rows = model.scaled(data.inputs), model.scaled_targets(data.targets), len(data)
    unseen = runner.pack(runner.table(inputs), np.arange(rows)[None], targets[None], (), [rows])
    found = run(runner, model, 3, unseen=unseen)

    def parts() -> Iterator[Packed]:
        for start in range(0, rows, count * runner.piece):
            part = slice(start, start + count * runner.piece)
            places = np.arange(len(targets[part]))[None]
            yield runner.pack(runner.table(inputs[part]), places, targets[None, part], (), [places.size], rows)

    assert runner.evaluate(found.parameters, parts()) == runner.evaluate(found.parameters, [unseen]) == found.seen[0]


def test_no_update_changes_nothing() -> None:
    model, _, runner = prepared()
    found = run(runner, model, 0, rates=[])
    assert found.done == 0
    assert np.array_equal(found.parameters, initial_parameters(model, "xavier", 3))


def test_a_runner_is_made_once_for_an_optimiser_its_options_and_its_clipping() -> None:
    _, engine, runner = prepared()
    assert engine.runner_for("sgd", OPTIONS, None) is runner
    assert engine.runner_for("sgd", OPTIONS, 1.0) is not runner
    assert engine.runner_for("lbfgs", {}, None) is None


@pytest.mark.parametrize(
    ("masks", "expected"),
    [
        ((), [[9.0], [8.0]]),
        ((np.array([7.0, 5.0]),), [[9.0, 7.0], [8.0, 5.0]]),
        ((np.array([[0.0, 5.0], [6.0, 0.0]]),), [[9.0, 0.0, 5.0], [8.0, 6.0, 0.0]]),
    ],
)
def test_the_columns_of_a_row_are_its_target_and_the_factors_of_its_random_layers(
    masks: Any, expected: list[list[float]]
) -> None:
    found = columns_of(np.array([[9.0, 8.0]]), masks)
    assert np.concatenate(found, axis=-1).tolist() == [expected]


def test_a_packed_batch_is_whole_vectors_of_rows_of_the_table() -> None:
    model, _, runner = prepared()
    table = runner.table(model.scaled(DATA.inputs))
    rows = np.array([[4, 0, 7, 2, 1], [3, 3, 3, 5, 6]])
    packed = runner.pack(table, rows, DATA.targets[rows], (), [5, 4])
    lanes, width = runner.descent.lanes, runner.descent.width
    assert packed.batches[0].size == runner.numbers(5)
    assert runner.numbers(5) % lanes == 0
    assert runner.numbers(1) <= runner.numbers(5)
    vectors = packed.batches.reshape(2, -1, 3, lanes)
    starts = vectors[:, :, 0].copy().view(np.int64).reshape(2, -1)
    assert np.array_equal(starts[:, :5], rows * width)
    assert np.array_equal(starts[:, 5:], np.repeat(rows[:, :1] * width, starts.shape[1] - 5, axis=1))
    assert np.array_equal(vectors[:, :, 1].reshape(2, -1)[:, :5], DATA.targets[rows])
    shares = vectors[:, :, 2].reshape(2, -1)
    assert [shares[0, :6].tolist(), shares[1, :5].tolist()] == [[0.2] * 5 + [0.0], [0.25] * 4 + [0.0]]


def test_a_row_of_the_table_ends_with_zeros() -> None:
    model, _, runner = prepared()
    inputs = model.scaled(DATA.inputs)
    table = runner.table(inputs)
    assert np.array_equal(table[:, :2], inputs)
    assert not table[:, 2:].any()
