"""`gradcli.eager.recording`: what was computed on values is a graph, which gives the same at any point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradcli import Value
from gradcli.eager.recording import Recording, recording_of
from gradcli.eager.value import operation_order
from gradcli.primitives import functions as f
from gradcli.printing.text import to_text


def recorded(function: Callable[..., Value], *numbers: float) -> Recording:
    leaves = [Value(number) for number in numbers]
    return recording_of(operation_order(function(*leaves)), leaves)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "x1*x2 + sin(x1)": lambda x, y: x * y + f.sin(x),
    "x1 + x1 + x2": lambda x, y: x + x + y,
    "2*x1 - x2/4": lambda x, y: 2 * x - y / 4,
    "max(x1, x2, 3)": lambda x, y: f.max(x, y, 3.0),
    "(x1*x2)^2*exp(x1*x2)": lambda x, y: (z := x * y) ** 2 * f.exp(z),
}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_the_graph_is_the_formula_of_the_function_and_gives_the_same_at_another_point(text: str) -> None:
    function = FUNCTIONS[text]
    recording = recorded(function, 0.5, 2.0)
    assert to_text(recording.root) == text
    assert recording.captured == {}
    assert recording.evaluate([recording.root], [1.5, -0.25], records=False) == [function(1.5, -0.25)]


def test_a_number_that_is_captured_is_a_variable_with_its_value() -> None:
    scale = Value(5.0)
    recording = recorded(lambda x: scale * x + scale, 3.0)
    assert [*recording.captured.values()] == [scale]
    assert [node.name for node in recording.captured] == ["captured"]
    assert recording.evaluate([recording.root], [4.0], records=False) == [25.0]


def test_numbers_that_are_captured_stand_beside_their_variables() -> None:
    first, second = Value(5.0), Value(-7.0)
    recording = recorded(lambda x: first * x - second, 3.0)
    assert recording.evaluate([recording.root, *recording.captured], [4.0], records=False) == [27.0, 5.0, -7.0]
    assert [*recording.captured.values()] == [first, second]


def test_an_evaluation_that_records_can_be_differentiated_toward_arguments_and_what_is_captured() -> None:
    scale, argument = Value(5.0), Value(4.0)
    recording = recorded(lambda x: scale * x * x, 3.0)
    (result,) = recording.evaluate([recording.root], [argument], records=True)
    result.backward()
    assert (result.data, argument.grad, scale.grad) == (80.0, 40.0, 16.0)


def test_an_argument_that_does_not_matter_is_a_variable_too() -> None:
    recording = recorded(lambda x, y: x * 2.0, 1.0, 7.0)
    assert len(recording.variables) == 2
    assert recording.evaluate([recording.root, recording.variables[1]], [3.0, 8.0], records=False) == [6.0, 8.0]


def test_the_result_may_be_an_argument_itself() -> None:
    recording = recorded(lambda x: x, 1.0)
    assert recording.root is recording.variables[0]


def test_an_operation_that_was_computed_by_hand_is_refused_by_its_name() -> None:
    with pytest.raises(
        TypeError, match=r"^the operation 'mine' has no rule, so it can't be differentiated as a graph$"
    ):
        recorded(lambda x: Value(x.data + 1.0, (x,), "mine") * 2.0, 1.0)
