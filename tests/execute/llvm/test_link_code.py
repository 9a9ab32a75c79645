"""`gradcli.execute.llvm.link_code`: sums of products and both their derivatives, against NumPy."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.host import host
from gradcli.execute.llvm.training_code import Recipe
from gradcli.execute.llvm.training_loop import Descent
from gradcli.execute.staged import Link, Pair
from tests.support.loops import for_each
from tests.support.recipes import dense, function_stage, net_of

WIDTHS = [bits for bits in (128, 256, 512) if bits <= host().bits]
#: Sums over places: with a stride of two, with a place that no sum reads, and with more channels than a tile has rows.
LINKS = {
    "a stride": Link(3, 3, 2, 7, 3, tuple(Pair(p, t, 2 * p + t) for p in range(3) for t in range(3)), 0),
    "a gap": Link(1, 2, 1, 5, 2, tuple(Pair(p, t, 3 * p + t) for p in range(2) for t in range(2)), 0),
    "many channels": Link(13, 2, 9, 2, 1, (Pair(0, 0, 1), Pair(1, 0, 0)), 0),
    "one pair for all": Link(2, 1, 3, 4, 4, tuple(Pair(0, t, t) for t in range(4)), 0),
    "dense": dense(11, 7),
    "dense, one input": dense(1, 33),
    "dense, sums in parts": dense(300, 5),
    "dense, sums of cotangents in parts": dense(5, 260),
    "dense, long sums without a divisor": dense(131, 2),
}


def by_numpy(link: Link, block: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The matrix of a link, applied to rows of inputs."""
    matrix = np.zeros((link.outputs, link.places, link.inputs, link.sites))
    weights = block[:, :-1].reshape(link.outputs, link.inputs, link.taps)
    for place, tap, site in link.pairs:
        matrix[:, place, :, site] += weights[:, :, tap]
    bias = np.repeat(block[:, -1], link.places)
    return x @ matrix.reshape(link.features, -1).T + bias


def loss(links: list[Link], parameters: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    for link in links:
        stop = link.start + link.outputs * (link.weights + 1)
        x = np.tanh(by_numpy(link, parameters[link.start : stop].reshape(link.outputs, -1), x))
    return float(np.mean((x.sum(axis=1) - y) ** 2))


@functools.lru_cache(maxsize=4)
def two_links(name: str, bits: int) -> tuple[Link, Link, Any, Descent]:
    """A net of a dense link and one behind it, so that the cotangents of its inputs are needed; and its loop."""
    before = dense(4, LINKS[name].inputs * LINKS[name].sites)
    second = LINKS[name]._replace(start=before.outputs * 5)
    net = net_of(4, [function_stage(before, before.outputs, 1), function_stage(second, second.features, 1)])
    return before, second, net, Descent(Recipe(net, None, None, None), host(bits))


@for_each("bits", WIDTHS)
@for_each("rows", [3, 41])
@for_each("name", LINKS)
def test_gradients_of_two_links_are_those_of_differences(name: str, rows: int, bits: int) -> None:
    before, second, net, descent = two_links(name, bits)
    random = np.random.RandomState(rows)
    x, y, parameters = random.normal(size=(rows, 4)), random.normal(size=rows), 0.5 * random.normal(size=net.parameters)
    every = np.arange(rows)[None]
    batch = descent.pack(descent.table(x), every, [y[None, :, None]], np.array([rows]))
    found, _, gradient = descent.gradient(descent.fill(parameters), batch)
    assert found == pytest.approx(loss([before, second], parameters, x, y), rel=1e-13)
    assert descent.evaluate(descent.fill(parameters), batch)[0] == found
    step = 1e-6
    for place in random.choice(net.parameters, min(40, net.parameters), replace=False):
        moved = np.zeros(net.parameters)
        moved[place] = step
        up, down = (loss([before, second], parameters + sign * moved, x, y) for sign in (1, -1))
        assert gradient[place] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-7 * np.abs(gradient).max())
