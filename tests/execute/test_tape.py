"""The tape: variables, constants, operations; on floats and on operands that record."""

from __future__ import annotations

import pytest

from gradcli import Value, parse
from gradcli.execute.tape import SHAKE, Tape
from gradcli.graph import Graph
from gradcli.primitives import functions as f


def test_slots_hold_variables_then_constants_then_operations() -> None:
    expression = parse("3*x + sin(y*x)")
    tape = Tape([expression.root])
    assert [node.name for node in tape.variables] == ["x", "y"]
    assert tape.constants == [3.0]
    assert [(one.primitive.name, one.operands) for one in tape.instructions] == [
        ("mul", (2, 0)),
        ("mul", (1, 0)),
        ("sin", (4,)),
        ("add", (3, 5)),
    ]
    assert tape.outputs == [6]


def test_inputs_stand_in_the_order_that_is_asked_for() -> None:
    expression = parse("x - y")
    x, y = (expression.graph.variable(name) for name in "xy")
    assert Tape([expression.root], [y, x]).run([1.0, 10.0])[-1] == 9.0


def test_a_variable_that_does_not_occur_has_a_slot_all_the_same() -> None:
    graph = Graph()
    x, y = graph.variable("x"), graph.variable("y")
    tape = Tape([x * 2.0], [y, x])
    assert tape.run([7.0, 3.0])[tape.outputs[0]] == 6.0


def test_several_roots_share_their_operations() -> None:
    x = Graph().variable("x")
    shared = f.exp(x)
    tape = Tape([shared + 1.0, shared * 2.0, x, shared])
    assert len(tape.instructions) == 3
    values = tape.run([0.0])
    assert [values[slot] for slot in tape.outputs] == [2.0, 2.0, 0.0, 1.0]


def test_an_output_may_be_a_constant_or_a_variable() -> None:
    graph = Graph()
    x = graph.variable("x")
    tape = Tape([graph.constant(5.0), x], [x])
    values = tape.run([2.0])
    assert [values[slot] for slot in tape.outputs] == [5.0, 2.0]


def test_a_replay_on_values_records_them() -> None:
    expression = parse("x*max(x, y, 2)")
    tape = Tape([expression.root])
    x = Value(3.0)
    out = tape.replay([x, 1.0])[tape.outputs[0]]
    out.backward()
    assert (out.data, x.grad) == (9.0, 6.0)


def test_a_shaken_run_leaves_exact_numbers_and_moves_the_others() -> None:
    tape = Tape([parse("(x + 2)^3 - 0.1*x").root])
    values = tape.run([5.0])
    found = tape.shaken([5.0])
    moved = [abs(new / old - 1.0) if old else 0.0 for new, old in zip(found, values, strict=True)]
    names = [node.primitive.name if node.primitive else str(node.name or node.constant) for node in tape.nodes]
    assert [name for name, one in zip(names, moved, strict=True) if one] == ["0.1", "mul", "sub"]
    assert max(moved) < 3.0 * SHAKE


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("floor((0.1 + 0.7)*10)", {7.0, 8.0}),
        ("0.1 + 0.2 == 0.3", {0.0, 1.0}),
        ("if(0.1*3 <= 0.3, 1, 2)", {1.0, 2.0}),
        ("0.1 + 0.2 != 0.3 or 1 < 2", {1.0}),
        ("floor(6/2)", {3.0}),
        ("1 + 2 == 3", {1.0}),
    ],
)
def test_two_shaken_runs_are_on_both_sides_of_a_jump_that_rounding_may_cross(text: str, sides: set[float]) -> None:
    tape = Tape([parse(text).root])
    assert tape.has_jumps
    assert {tape.shaken([], sign)[tape.outputs[0]] for sign in (1.0, -1.0)} == sides
    assert not Tape([parse("sin(x)/x").root]).has_jumps
