"""Bundles: the operations of a tape by their forms."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from gradcli import parse
from gradcli.execute.bundle_kernel import VectorFunction
from gradcli.execute.bundles import ALIGNED, Bundles, VectorProgram
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.primitives import functions as f


def _values(bundles: Bundles, point):
    program = VectorProgram(bundles, (len(point),), len(bundles.outputs), float("inf"))
    return VectorFunction(program, lambda _: True, "numpy")(np.array(point))


def test_a_form_is_one_bundle_however_often_it_occurs():
    for count in (10, 1000):
        graph = Graph()
        x = [graph.variable(f"x{i}") for i in range(count)]
        bundles = Bundles(Tape([f.sin(one) * other - 2.0 for one, other in itertools.pairwise(x)], x))
        assert [part.expressions for part in bundles.parts] == [count - 1]
        assert bundles.operations == 3


def test_constants_of_operators_may_differ():
    graph = Graph()
    x = [graph.variable(f"x{i}") for i in range(50)]
    bundles = Bundles(Tape([one * (i + 0.5) + one**3 for i, one in enumerate(x)], x))
    assert len(bundles.parts) == 1
    assert len(bundles.constants) == 50  # the exponent, which all expressions have, is a part of the form
    point = np.linspace(-1.0, 2.0, 50)
    assert _values(bundles, point).tolist() == [p * (i + 0.5) + p * p * p for i, p in enumerate(point.tolist())]


def test_results_that_several_expressions_need_are_computed_once():
    graph = Graph()
    x = [graph.variable(f"x{i}") for i in range(20)]
    total = x[0]
    for one in x[1:]:
        total = total + f.exp(one)
    bundles = Bundles(Tape([f.cos(total) * one for one in x], x))
    assert sum(instruction.primitive is f.exp for part in bundles.parts for instruction in part.instructions) == 19
    assert [part.expressions for part in bundles.parts] == [1, 1, 20] or bundles.operations < 60


def test_the_memory_has_room_for_a_vector_behind_each_result():
    bundles = Bundles(Tape([parse("x*y + sin(x)").root]))
    for part in bundles.parts:
        assert part.start % ALIGNED == 0
        assert part.start + part.expressions + ALIGNED <= bundles.size


@pytest.mark.parametrize("seed", range(5))
def test_random_graphs_have_the_values_of_their_tapes(seed):
    generator = random.Random(seed)
    graph = Graph()
    nodes = [graph.variable(f"x{i}") for i in range(8)] + [graph.constant(0.5), graph.constant(-2.0)]
    variables = nodes[:8]
    for _ in range(300):
        one, other = generator.choice(nodes[-60:]), generator.choice(nodes)
        nodes.append(
            generator.choice(
                [
                    lambda a, b: graph.lift(a + b),
                    lambda a, b: graph.lift(a * 0.25 - b),
                    lambda a, b: f.min(f.max(a * b, -3.0), 3.0),
                    lambda a, b: f.where(f.less(a, b), a, 1.5),
                    lambda a, b: f.abs(a) ** 0.5,
                ]
            )(one, other)
        )
    tape = Tape([*nodes[-40:], nodes[0], nodes[8]], variables)
    point = [generator.uniform(-1.0, 1.0) for _ in range(8)]
    slots = tape.run(point)
    assert _values(Bundles(tape), point).tolist() == [slots[place] for place in tape.outputs]


def test_a_long_chain():
    graph = Graph()
    x = graph.variable("x")
    node = x
    for _ in range(20_000):
        node = node * 0.5 + x
    bundles = Bundles(Tape([node], [x]))
    assert max(len(part.instructions) for part in bundles.parts) <= 64
    assert _values(bundles, [1.0]).tolist() == [2.0]
