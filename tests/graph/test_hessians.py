"""Second derivatives as graphs: which entries there are, and the graphs of these."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.execute.tape import Tape
from gradcli.graph import differentiate
from gradcli.graph.hessians import hessian_product, second_derivatives, second_partials
from tests.support.functions_of_three import TEXTS


def _targets(root):
    return [root.graph.variable(name) for name in "xyz"]


@pytest.mark.parametrize("text", TEXTS)
def test_every_entry_is_the_graph_of_a_sweep_of_its_own(text):
    root = parse(text).root
    targets = _targets(root)
    partials = differentiate.vjp(root, 1.0, targets)
    rows = second_partials(partials, targets)
    for partial, row in zip(partials, rows, strict=True):
        for j, target in enumerate(targets):
            expected = differentiate.jvp(partial, {target: 1.0})
            assert row.get(j, root.graph.constant(0.0)) is expected


@pytest.mark.parametrize("text", TEXTS)
def test_the_upper_half(text):
    root = parse(text).root
    targets = _targets(root)
    partials = differentiate.vjp(root, 1.0, targets)
    whole = second_partials(partials, targets)
    upper = second_partials(partials, targets, is_upper=True)
    assert upper == [{j: one for j, one in row.items() if j >= i} for i, row in enumerate(whole)]
    assert [len(row) for row in second_derivatives(root, targets)] == [3, 2, 1]


@pytest.mark.parametrize("text", TEXTS)
def test_the_product_with_a_vector_is_the_one_with_the_matrix(text):
    root = parse(text).root
    targets, direction = _targets(root), [root.graph.fresh_variable(f"v{i}") for i in range(3)]
    partials = differentiate.vjp(root, 1.0, targets)
    product = hessian_product(partials, dict(zip(targets, direction, strict=True)))
    tape = Tape(product, [*targets, *direction])
    point, vector = [0.4, 0.7, 1.3], [1.5, -2.0, 0.25]
    values = tape.run([*point, *vector])
    rows = second_partials(partials, targets)
    entries = Tape([row.get(j, root.graph.constant(0.0)) for row in rows for j in range(3)], targets)
    numbers = entries.run(point)
    matrix = [[numbers[entries.outputs[3 * i + j]] for j in range(3)] for i in range(3)]
    for i, slot in enumerate(tape.outputs):
        assert values[slot] == pytest.approx(
            sum(a * b for a, b in zip(matrix[i], vector, strict=True)), rel=1e-13, abs=1e-15
        )


def test_only_dependences_cost_anything():
    count = 300
    root = parse(" + ".join(f"(x{i + 1} - x{i}^2)^2" for i in range(count))).root
    targets = [root.graph.variable(f"x{i}") for i in range(count + 1)]
    partials = differentiate.vjp(root, 1.0, targets)
    before = len(root.graph.nodes)
    rows = second_partials(partials, targets)
    assert [list(row) for row in rows[1:-1]] == [[i - 1, i, i + 1] for i in range(1, count)]
    assert len(root.graph.nodes) - before < 40 * count
