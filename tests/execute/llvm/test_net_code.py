"""`gradcli.execute.llvm.net_code`: windows, functions and random factors, against NumPy; equal functions are shared."""

from __future__ import annotations

import re

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import host
from gradcli.execute.llvm.net_layout import PIECE
from gradcli.execute.llvm.training_code import Recipe, TrainingCode
from gradcli.execute.llvm.training_loop import Descent
from gradcli.execute.staged import Stage, StagedNet, Window
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.graph.differentiate import vjp
from gradcli.primitives import functions as f
from tests.support.recipes import dense, function_stage, net_of

WIDTHS = [bits for bits in (128, 256, 512) if bits <= host().bits]


def largest(members: tuple[tuple[int, ...], ...]) -> Window:
    graph = Graph()
    nodes = [graph.fresh_variable(f"member {number}") for number in range(len(members[0]))]
    value = f.max(*nodes)
    return Window(members, Tape([value], nodes), Tape(vjp(value, 1.0, nodes, fast=True), nodes))


def gradient(net: StagedNet, parameters: np.ndarray, x: np.ndarray, y: np.ndarray, bits: int, *more: np.ndarray):  # type: ignore[no-untyped-def]
    descent = Descent(Recipe(net, None, None, None), host(bits))
    every = np.arange(len(y))[None]
    columns = [y[None, :, None], *[one[None] for one in more]]
    batch = descent.pack(descent.table(x), every, columns, np.array([len(y)]))
    loss, count, slope = descent.gradient(descent.fill(parameters), batch)
    assert count == len(y)
    return loss, slope, descent.evaluate(descent.fill(parameters), batch)[0]


@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("rows", [1, 30, 8 * PIECE * 2 + 3])
def test_the_cotangent_of_a_window_goes_to_its_largest_member_and_equal_members_share_it(rows: int, bits: int) -> None:
    # Feature 4 is in no window, and the second row has three equal members in the first.
    net = net_of(2, [function_stage(dense(2, 7), 7, 0), Stage(largest(((0, 2, 5), (1, 3, 6))), 2, None)])
    random = np.random.RandomState(rows)
    x, y, weights = random.normal(size=(rows, 2)), random.normal(size=rows), random.normal(size=(7, 3))
    x[-1] = 0.0
    weights[[0, 2, 5], 2] = 0.25
    loss, found, after = gradient(net, weights.ravel(), x, y, bits)
    hidden = np.concatenate([x, np.ones((rows, 1))], axis=1) @ weights.T
    groups = hidden[:, [[0, 2, 5], [1, 3, 6]]]
    out = groups.max(axis=2)
    error = out.sum(axis=1) - y
    share = (groups == out[..., None]) / (groups == out[..., None]).sum(axis=2, keepdims=True)
    back = np.zeros_like(hidden)
    back[:, [[0, 2, 5], [1, 3, 6]]] = share * (2 * error / rows)[:, None, None]
    assert loss == after == pytest.approx(np.mean(error**2), rel=1e-13)
    assert np.allclose(found.reshape(7, 3), back.T @ np.concatenate([x, np.ones((rows, 1))], axis=1), atol=1e-13)


@pytest.mark.parametrize("power", [1, 20])
@pytest.mark.parametrize("bits", WIDTHS)
def test_a_random_stage_multiplies_by_its_factors_in_training_alone(bits: int, power: int) -> None:
    number, factor = (graph := Graph()).variable("number"), graph.variable("factor")
    value = number
    for _ in range(power):
        value = f.tanh(value)
    plain = Tape([value, *vjp(value, 1.0, [number])], [number])
    product = value * factor
    moved = Tape([product, *vjp(product, 1.0, [number])], [number, factor])
    net = net_of(3, [Stage(dense(3, 4), 4, moved, (0,), plain)])._replace(factors=4)
    random = np.random.RandomState(1)
    x, y, weights = random.normal(size=(21, 3)), random.normal(size=21), random.normal(size=(4, 4))
    factors = random.randint(0, 2, (21, 4)) / 0.5
    loss, found, after = gradient(net, weights.ravel(), x, y, bits, factors)
    base = np.concatenate([x, np.ones((21, 1))], axis=1)
    signal, slope = base @ weights.T, 1.0
    for _ in range(power):
        signal = np.tanh(signal)
        slope = slope * (1 - signal**2)
    error = (signal * factors).sum(axis=1) - y
    assert loss == pytest.approx(np.mean(error**2), rel=1e-12)
    assert after == pytest.approx(np.mean((signal.sum(axis=1) - y) ** 2), rel=1e-12)
    back = slope * factors * (2 * error / 21)[:, None]
    assert np.allclose(found.reshape(4, 4), back.T @ base, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("bits", WIDTHS)
def test_a_function_may_come_before_the_first_layer(bits: int) -> None:
    net = net_of(2, [function_stage(None, 2, 1), function_stage(dense(2, 1), 1, 0)])
    random = np.random.RandomState(2)
    x, y, weights = random.normal(size=(10, 2)), random.normal(size=10), random.normal(size=3)
    loss, found, _ = gradient(net, weights, x, y, bits)
    base = np.concatenate([np.tanh(x), np.ones((10, 1))], axis=1)
    error = base @ weights - y
    assert loss == pytest.approx(np.mean(error**2), rel=1e-13)
    assert np.allclose(found, base.T @ (2 * error / 10), rtol=1e-12)


def test_layers_of_one_shape_share_their_code() -> None:
    stages = [function_stage(dense(8, 8, 72 * number), 8, 1) for number in range(4)]
    module = LLVMModule(host(), "float64", contract=True)
    TrainingCode(module, Recipe(net_of(8, stages), None, None, None)).write_passes()
    names = re.findall(r"define internal void @([a-z]+)\.\d", module.text())
    # The first layer reads the rows of its inputs in their table, and the others read buffers.
    assert sorted(names) == ["back", "forward", "rows", "slope", "slope"]


@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("count", [128, 140])
def test_long_rows_of_inputs_are_copied_and_short_ones_are_read_in_their_table(count: int, bits: int) -> None:
    random = np.random.RandomState(count)
    x, y, weights = random.normal(size=(19, count)), random.normal(size=19), 0.1 * random.normal(size=(3, count + 1))
    net = net_of(count, [function_stage(dense(count, 3), 3, 0)])
    loss, found, _ = gradient(net, weights.ravel(), x, y, bits)
    base = np.concatenate([x, np.ones((19, 1))], axis=1)
    error = (base @ weights.T).sum(axis=1) - y
    assert loss == pytest.approx(np.mean(error**2), rel=1e-12)
    assert np.allclose(found.reshape(3, -1), base.T @ (2 * error / 19), rtol=1e-10)
