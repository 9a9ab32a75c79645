"""The one reader of rules: on nodes, the trace gives what calling the rule itself gives."""

from __future__ import annotations

import pytest

from gradcli.errors import CallError
from gradcli.graph import Graph
from gradcli.graph.rule import local_partials, traced_rule
from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives import functions as f
from tests.support.checking import heads
from tests.support.loops import for_each


@for_each("primitive", REGISTRY.values(), ids=lambda primitive: primitive.name)
@for_each("fast", [False, True], ids=["exact", "fast"])
def test_the_trace_on_nodes_is_the_rule_called_on_nodes(primitive: Primitive, fast: bool) -> None:
    for static in heads(primitive):
        graph = Graph()
        operands = [*map(graph.constant, static), *map(graph.variable, primitive.operands[len(static) :])]
        node = graph.add(primitive, operands)
        rule = primitive.fast_partials if fast and primitive.fast_partials is not None else primitive.partials
        expected = [graph.lift(partial) for partial in rule(*operands, node)]
        partials, conditions = local_partials(node, guarded=False, fast=fast)
        assert all(got is wanted for got, wanted in zip(partials, expected, strict=True))
        if primitive.active is not None:
            flags = [graph.lift(flag) for flag in primitive.active(*operands, node)]
            assert conditions == [None if flag.constant else flag for flag in flags]


def test_an_edge_with_a_derivative_of_its_own_guards_the_formula() -> None:
    graph = Graph()
    x, y = graph.variable("x"), graph.variable("y")
    partials, _ = local_partials(f.xlogy(x, y), guarded=True)
    at_origin = f.logical_and(f.equal(x, 0.0), f.equal(y, 0.0))
    assert partials == [f.log(y), f.guard(x / y, at_origin, 0.0)]


def test_a_rule_is_traced_once_for_each_number_of_operands() -> None:
    maximum = REGISTRY["max"]
    assert traced_rule(maximum, 2) is traced_rule(maximum, 2)
    assert len(traced_rule(maximum, 3).partials) == 3


def test_conditions_and_static_operands_are_never_differentiated() -> None:
    assert traced_rule(REGISTRY["where"], 3).conditions == {0}
    assert traced_rule(REGISTRY["guard"], 3).conditions == {1, 2}
    assert traced_rule(REGISTRY["polygamma"], 2).conditions == {0}
    assert traced_rule(REGISTRY["max"], 2).conditions == set()


def test_a_function_of_arrays_has_no_derivative_as_a_graph() -> None:
    graph = Graph()
    node = graph.add(REGISTRY.arrays["sum"], [graph.variable("x")], ())
    with pytest.raises(CallError, match="the function of arrays `sum`"):
        local_partials(node, guarded=True)
