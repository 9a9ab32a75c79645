"""The graph: interning, exact identities, order and substitution."""

from __future__ import annotations

import copy
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli import parse
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, substitute, toposort
from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives import functions as f


@pytest.fixture
def graph() -> Graph:
    return Graph()


def test_equal_expressions_are_one_node(graph: Graph) -> None:
    x, y = graph.variable("x"), graph.variable("y")
    assert graph.variable("x") is x
    assert f.sin(x * y) is f.sin(x * y)
    assert x * y is not y * x
    assert graph.constant(2.0) is graph.lift(2)


def test_constants_are_told_apart_by_their_bits_and_names(graph: Graph) -> None:
    assert graph.constant(0.0) is not graph.constant(-0.0)
    assert graph.constant(math.nan) is graph.constant(math.nan)
    assert graph.constant(math.pi, "pi") is not graph.constant(math.pi)
    assert graph.constant(math.pi, "pi") is graph.constant(math.pi, "pi")


def test_a_fresh_variable_is_equal_to_no_other(graph: Graph) -> None:
    assert graph.fresh_variable("x") is not graph.fresh_variable("x")
    assert graph.fresh_variable("x") is not graph.variable("x")
    assert graph.fresh_variable("x").is_variable


def test_nodes_of_two_graphs_do_not_mix(graph: Graph) -> None:
    with pytest.raises(ValueError, match="two graphs"):
        graph.variable("x") + Graph().variable("x")


def test_an_operand_stands_before_its_operation(graph: Graph) -> None:
    x = graph.variable("x")
    root = f.sin(x) * (x + f.exp(x))
    order = toposort([root])
    assert order[-1] is root
    for node in order:
        assert all(order.index(operand) < order.index(node) for operand in node.operands)
    assert len(order) == len(set(order)) == 5
    assert toposort([]) == []
    assert toposort([x, x]) == [x]


def test_a_walk_may_be_told_where_to_go(graph: Graph) -> None:
    x, y = graph.variable("x"), graph.variable("y")
    root = x / y
    assert toposort([root], lambda node: node.operands[:1]) == [x, root]


def test_adding_keeps_what_applying_simplifies(graph: Graph) -> None:
    x, one, zero = graph.variable("x"), graph.constant(1.0), graph.constant(0.0)
    assert graph.add(REGISTRY["mul"], [x, one]) is not x
    assert graph.apply(REGISTRY["mul"], [x, one]) is graph.add(REGISTRY["mul"], [x, one])  # it exists already
    assert x + 0.0 is x
    assert 0.0 + x is x
    assert x - 0.0 is x
    assert x / 1.0 is x
    assert (-x) * -1.0 is x
    assert x**1.0 is x
    assert (x**0.0).constant == 1.0
    assert graph.lift(2.0) * 3.0 is graph.constant(6.0)
    assert f.where(one, x, zero) is x
    assert f.where(zero, x, one) is one


def test_identities_that_lose_a_value_are_not_applied(graph: Graph) -> None:
    x = graph.variable("x")
    for kept in (x - x, x / x, x * 0.0, 0.0 / x, f.log(f.exp(x)), f.sqrt(x * x)):
        assert kept.primitive is not None
        assert x in toposort([kept])


def test_a_named_constant_is_not_folded(graph: Graph) -> None:
    half_pi = graph.constant(math.pi, "pi") / 2.0
    assert half_pi.primitive is REGISTRY["div"]


SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, math.inf, -math.inf, math.nan, 5e-324, 1e308]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([p for p in REGISTRY.public() if p.arity <= 3 and not p.static]),
    st.lists(st.one_of(st.sampled_from(SPECIAL), st.none()), min_size=3, max_size=3),
    st.lists(st.one_of(st.sampled_from(SPECIAL), st.floats()), min_size=3, max_size=3),
)
def test_every_identity_is_exact_up_to_the_sign_of_zero(
    primitive: Primitive, constants: list[float | None], point: list[float]
) -> None:
    graph = Graph()
    variables = [graph.fresh_variable(name) for name in "xyz"]
    operands = [
        variable if constant is None else graph.constant(constant)
        for variable, constant in zip(variables, constants, strict=True)
    ][: primitive.arity]
    numbers = [at if constant is None else constant for at, constant in zip(point, constants, strict=True)]
    tape = Tape([graph.apply(primitive, operands)], variables)
    found = tape.run(point)[tape.outputs[0]]
    exact = primitive.value(*numbers[: primitive.arity])
    assert found == exact or (found != found and exact != exact)


def test_substitution_replaces_nodes_and_keeps_the_rest(graph: Graph) -> None:
    x, y = graph.variable("x"), graph.variable("y")
    untouched = f.sin(y)
    root = x * untouched + x
    assert substitute(root, {x: y}) is y * untouched + y
    assert substitute(root, {}) is root
    assert substitute(root, {root: x}) is x
    assert substitute(untouched, {x: y}) is untouched
    assert substitute(root, {x: y, y: x}) is y * f.sin(x) + y  # at once and not one after the other


def test_substitution_may_apply_identities_or_not(graph: Graph) -> None:
    x = graph.variable("x")
    root = x * f.exp(x)
    one = graph.constant(1.0)
    assert substitute(root, {x: one}).constant == math.e
    exact = substitute(root, {x: one}, exactly=True)
    assert exact.primitive is REGISTRY["mul"]
    assert exact.operands[0] is one


def test_a_node_shows_what_it_is(graph: Graph) -> None:
    x = graph.variable("x")
    assert repr(x) == "<node 0: 'x'>"
    assert repr(x + 2.0) == "<node 2: add(0, 1)>"
    assert repr(graph.constant(2.0)) == "<node 1: 2.0>"


def test_a_deep_copy_shares_what_never_changes() -> None:
    expression = parse("+".join(f"sin({i}x)" for i in range(3000)))
    twin = copy.deepcopy(expression)
    assert twin.root is expression.root
    assert twin(x=1.0) == expression(x=1.0)
