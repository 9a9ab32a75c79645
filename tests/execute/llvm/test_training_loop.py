"""The compiled loop of training, against the same loop written with NumPy."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest

from gradcli.execute.llvm import NoCompiledForm
from gradcli.execute.staged import Stage, StagedNet
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.primitives import functions as f

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.host import host
from gradcli.execute.llvm.training_loop import Descent, Pace, Packed, check_forms
from tests.support.loops import for_each
from tests.support.recipes import dense, function_stage, net_of, regression

WIDTHS = [bits for bits in (128, 256, 512) if bits <= host().bits]


def by_hand(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, power: int, penalty: bool, clip: float | None, rates: np.ndarray
) -> tuple[np.ndarray, list[float]]:
    """The same descent; the last of the weights is the bias."""
    base = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    memory, losses = np.zeros_like(weights), []
    for rate in rates:
        signals = [base @ weights]
        for _ in range(power):
            signals.append(np.tanh(signals[-1]))
        slope = 2 * (signals[-1] - y) / len(x)
        for signal in signals[:0:-1]:
            slope = slope * (1 - signal**2)
        gradient = base.T @ slope + (0.2 * weights if penalty else 0.0)
        losses.append(float(np.mean((signals[-1] - y) ** 2) + (0.1 * np.sum(weights**2) if penalty else 0.0)))
        norm = math.sqrt(float(gradient @ gradient))
        if clip is not None and norm >= clip:
            gradient = gradient * (clip / norm)
        memory = 0.5 * memory + gradient
        weights = weights - rate * memory
    return weights, losses


def packed(descent: Descent, x: np.ndarray, y: np.ndarray) -> Packed:
    """All rows as one batch."""
    every = np.arange(len(y))[None]
    return descent.pack(descent.table(x), every, [y[None, :, None]], np.array([len(y)]))


@functools.lru_cache(maxsize=4)
def descent_of(count: int, power: int, clip: float | None, bits: int) -> Descent:
    """A loop, which is compiled once for all numbers of rows."""
    return Descent(regression(count, power, penalty=True, clip=clip), host(bits))


@for_each("bits", WIDTHS)
@for_each("rows", [1, 7, 8, 9, 40, 300])
@for_each(("count", "power"), [(1, 0), (9, 1), (3, 14), (20, 3)])
@for_each("clip", [0.3, None])
def test_it_is_the_descent_of_numpy_at_every_width(
    bits: int, rows: int, count: int, power: int, clip: float | None
) -> None:
    generator = np.random.RandomState(rows + count)
    x, y = generator.normal(size=(rows, count)), generator.normal(size=rows)
    weights, rates = 0.3 * generator.normal(size=count + 1), np.linspace(0.2, 0.05, 6)
    descent = descent_of(count, power, clip, bits)
    assert descent.lanes == bits // 64
    batch = packed(descent, x, y)
    sizes = np.full(6, batch.batches.shape[1])
    done, found, memory, past, seen = descent.train(weights, [np.zeros(count + 1)], batch, sizes, rates, 0, batch, 2)
    expected, losses = by_hand(x, y, weights, power, True, clip, rates)
    assert done == 6
    assert len(memory) == 1
    assert np.allclose(past[0], losses, rtol=1e-12)
    assert past[1].tolist() == [rows] * 6
    assert np.allclose(found, expected, rtol=1e-11, atol=1e-14)
    penalties = [0.1 * np.sum(by_hand(x, y, weights, power, True, clip, rates[:n])[0] ** 2) for n in (2, 4)]
    assert np.allclose(seen[0, :2] + penalties, [losses[2], losses[4]], rtol=1e-12)


def test_each_update_has_its_own_batch_and_a_short_one_counts_its_rows_alone() -> None:
    generator = np.random.RandomState(0)
    x, y, weights = generator.normal(size=(50, 4)), generator.normal(size=50), generator.normal(size=5)
    chosen, counts = generator.randint(0, 50, (3, 20)), np.array([20, 20, 5])
    descent = Descent(regression(4))
    batches = descent.pack(descent.table(x), chosen, [y[chosen][..., None]], counts)
    rates = np.full(3, 0.0)
    sizes = -(-counts // descent.lanes)
    done, found, _, past, _ = descent.train(weights, [np.zeros(5)], batches, sizes, rates, 0, None, 3)
    losses = [
        by_hand(x[rows[:n]], y[rows[:n]], weights, 1, False, None, rates[:1])[1][0]
        for rows, n in zip(chosen, counts, strict=True)
    ]
    assert done == 3
    assert np.allclose(past[0], losses, rtol=1e-12)
    assert past[1].tolist() == counts.tolist()
    assert np.array_equal(found, weights)


@pytest.mark.parametrize("clip", [1e9, None])
@pytest.mark.parametrize("bad", [0, 2, 3])
def test_it_stops_before_an_update_that_is_not_finite(clip: float | None, bad: int) -> None:
    targets = np.full(4, 2.0)
    targets[bad] = math.inf
    descent, start = Descent(regression(1, clip=clip)), np.array([0.1, 0.2])
    table, chosen = descent.table(np.ones((4, 1))), np.arange(4)[:, None]
    batches = descent.pack(table, chosen, [targets[:, None, None]], np.ones(4, int))
    done, found, (memory,), past, _ = descent.train(
        start, [np.zeros(2)], batches, np.ones(4, int), np.full(4, 0.1), 0, None, 4
    )
    expected, losses = by_hand(np.ones((1, 1)), np.full(1, 2.0), start, 1, False, None, np.full(bad, 0.1))
    assert done == bad
    assert np.allclose(past[0, :done], losses)
    assert np.allclose(found, expected)
    assert np.isfinite(memory).all()
    assert start.tolist() == [0.1, 0.2]
    assert np.isfinite(descent.gradient(descent.fill(found), batches)[2]).all() == (bad > 0)


def wide_net(random: np.random.RandomState) -> tuple[StagedNet, np.ndarray]:
    """Two layers with several tiles in both shares, and parameters."""
    first = dense(20, 33)
    net = net_of(20, [function_stage(first, 33, 1), function_stage(dense(33, 13, 33 * 21), 13, 0)])
    return net, 0.2 * random.normal(size=net.parameters)


@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("rows", [1, 40, 300])
def test_two_threads_change_no_bit(bits: int, rows: int) -> None:
    random = np.random.RandomState(rows)
    net, weights = wide_net(random)
    descent = Descent(regression(1, penalty=True)._replace(net=net), host(bits))
    x, y = random.normal(size=(rows, 20)), random.normal(size=rows)
    batch = packed(descent, x, y)
    sizes, rates = np.full(9, batch.batches.shape[1]), np.full(9, 0.01)
    rates[7] = math.inf
    given = weights, [0.1 * weights], batch, sizes, rates, 0, batch, 2
    one = descent.train(*given, threads=1)
    assert not np.array_equal(one.parameters, weights)
    # Several times, since one thread may be ahead of the other one by luck.
    for _ in range(20):
        two = descent.train(*given, threads=2)
        assert one.done == two.done == 8
        assert np.array_equal(one.parameters, two.parameters)
        assert np.array_equal(one.memory, two.memory)
        assert np.array_equal(one.before[:, :8], two.before[:, :8])
        assert np.array_equal(one.after[:, :3], two.after[:, :3])


def test_the_number_of_threads_is_the_quicker_one_and_the_other_one_is_tried_again() -> None:
    pace, found = Pace(2), []
    for call in range(100):
        threads = pace.threads(10**8, 20)
        found.append(threads)
        pace.note(threads, (1.0 if call < 30 else 3.0) if threads == 2 else 2.0)
    # Two threads are quicker up to the thirtieth call, which is seen at once.
    trials = [call for call, threads in enumerate(found) if threads == 1]
    assert trials[:2] == [0, 18]
    assert found[1:18] == [2] * 17
    assert trials[2] == 31
    # One thread lost the trial at call 18, so the next trial comes after 32 more calls, and another one after 64.
    assert [call for call, threads in enumerate(found) if threads == 2 and call > 31] == [51]
    assert pace.threads(10**8, 1) == pace.threads(10**4, 20) == Pace(1).threads(10**8, 20) == 1


def test_a_gradient_is_that_of_numpy_and_leaves_no_trace() -> None:
    x, y, weights = np.linspace(-1, 1, 11)[:, None], np.linspace(0, 2, 11), np.array([0.5, -0.25])
    descent = Descent(regression(1)._replace(update=None))
    batch = packed(descent, x, y)
    first = descent.gradient(descent.fill(weights), batch)
    again = descent.gradient(descent.fill(weights), batch)
    moved, losses = by_hand(x, y, weights, 1, False, None, np.ones(1))
    assert first[0] == again[0] == pytest.approx(losses[0], rel=1e-14)
    assert np.array_equal(first[2], again[2])
    assert np.allclose(weights - first[2], moved, rtol=1e-13)
    assert descent.evaluate(descent.fill(weights), batch)[0] == first[0]


def test_parameters_come_back_from_their_places() -> None:
    descent = Descent(regression(9))
    numbers = np.arange(10.0)
    filled = descent.fill(numbers)
    assert len(filled) > len(numbers)
    assert filled.sum() == numbers.sum()
    assert np.array_equal(descent.taken(filled), numbers)


def test_what_has_no_compiled_form_is_told() -> None:
    x = Graph().variable("x")
    tape = Tape([f.polygamma(20.0, x), x], [x])
    net = net_of(1, [Stage(dense(1, 1), 1, tape, (), tape)])
    with pytest.raises(NoCompiledForm, match="polygamma"):
        check_forms(net)
    with pytest.raises(NoCompiledForm, match="polygamma"):
        Descent(regression(1)._replace(net=net))
    check_forms(regression(2).net)
