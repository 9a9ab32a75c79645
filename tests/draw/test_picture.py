"""`gradcli.draw.picture`: which vertices and edges a drawing has."""

from __future__ import annotations

import math

import pytest

from gradcli import Value
from gradcli.draw.picture import MOST_VERTICES, USEFUL_VERTICES, Picture, of_expression, of_value
from gradcli.errors import UsageError
from gradcli.evaluate.expression import parse
from tests.support.steps import steps


def picture(text: str, **at: float) -> Picture:
    return of_expression(parse(text), at or None)


def numbers(drawn: Picture) -> dict[str, tuple[float | None, float | None]]:
    return {vertex.expression: (vertex.value, vertex.gradient) for vertex in drawn.vertices}


def edges(drawn: Picture) -> list[tuple[str, str, float | None]]:
    names = [vertex.expression for vertex in drawn.vertices]
    return [(names[edge.operand], names[edge.operation], edge.partial) for edge in drawn.edges]


def test_the_worked_example_has_the_textbooks_numbers() -> None:
    drawn = picture("x1*x2+sin(x1)", x1=2, x2=3)
    assert numbers(drawn) == {
        "x1": (2.0, 2.5838531634528574),
        "x2": (3.0, 2.0),
        "x1*x2": (6.0, 1.0),
        "sin(x1)": (0.9092974268256817, 1.0),
        "x1*x2 + sin(x1)": (6.909297426825682, 1.0),
    }
    assert edges(drawn) == [
        ("x1", "x1*x2", 3.0),
        ("x2", "x1*x2", 2.0),
        ("x1", "sin(x1)", math.cos(2)),
        ("x1*x2", "x1*x2 + sin(x1)", 1.0),
        ("sin(x1)", "x1*x2 + sin(x1)", 1.0),
    ]
    assert [edge.formula for edge in drawn.edges] == ["x2", "x1", "cos(x1)", "1", "1"]


@pytest.mark.parametrize("text", ["a+a", "a*a", "a-a", "a/a", "max(a, a)"])
def test_an_operand_that_is_used_twice_has_two_edges(text: str) -> None:
    assert [(edge.operand, edge.operation) for edge in picture(text, a=3).edges] == [(0, 1), (0, 1)]


def test_the_same_drawing_of_a_value_has_two_edges_too() -> None:
    a = Value(3.0)
    drawn = of_value(a + a)
    assert [(edge.operand, edge.operation, edge.partial) for edge in drawn.edges] == [(0, 1, 1.0), (0, 1, 1.0)]


def test_without_a_point_there_are_no_numbers() -> None:
    drawn = picture("2*x")
    assert not drawn.has_values
    assert {(vertex.value, vertex.gradient) for vertex in drawn.vertices} == {(None, None)}
    assert {edge.partial for edge in drawn.edges} == {None}


def test_an_expression_without_variables_is_known_at_once() -> None:
    drawn = of_expression(parse("2*3"), {})
    assert drawn.vertices[-1].value == 6.0


def test_a_constant_is_drawn_for_each_use_and_has_no_gradient() -> None:
    drawn = picture("2*x + 2*pi", x=1)
    constants = [vertex for vertex in drawn.vertices if vertex.kind == "constant"]
    assert [(vertex.name, vertex.value, vertex.gradient) for vertex in constants] == [
        ("2", 2.0, None),
        ("2", 2.0, None),
        ("pi", math.pi, None),
    ]
    assert [edge.partial for edge in drawn.edges if drawn.vertices[edge.operand].kind == "constant"] == [None] * 3


def test_what_no_derivative_reaches_has_gradient_zero() -> None:
    drawn = picture("x*0 + floor(x)", x=1.5)
    assert numbers(drawn)["x"] == (1.5, 0.0)


def test_where_the_value_is_nan_all_gradients_are() -> None:
    found = numbers(picture("log(x) + y", x=-1, y=2))
    assert math.isnan(found["x"][1] or 0.0)
    assert math.isnan(found["y"][1] or 0.0)


def test_a_branch_that_is_not_taken_has_no_local_derivative() -> None:
    drawn = picture("where(x > 0, x, y)", x=1, y=2)
    assert ("y", "where(x > 0, x, y)", None) in edges(drawn)


def test_a_value_is_missing() -> None:
    with pytest.raises(UsageError, match="no value for `y`"):
        picture("x*y", x=1)


def test_a_negative_depth_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 0"):
        of_expression(parse("x*y"), depth=-1)


def test_a_depth_keeps_what_is_near_the_result_and_counts_the_rest() -> None:
    drawn = of_expression(parse("sin(x)*exp(y) + z"), depth=1)
    assert [(vertex.expression, vertex.hidden) for vertex in drawn.vertices] == [
        ("sin(x)*exp(y)", 2),
        ("z", 0),
        ("sin(x)*exp(y) + z", 0),
    ]
    assert (drawn.depth, drawn.total) == (1, 7)
    assert of_expression(parse("sin(x)*exp(y) + z"), depth=0).vertices[0].hidden == 2


def test_a_depth_that_reaches_everything_leaves_nothing_out() -> None:
    drawn = of_expression(parse("sin(x)*y"), depth=9)
    assert drawn.depth is None


def test_whole_levels_are_kept() -> None:
    drawn = of_expression(parse("+".join(f"sin(x{i})" for i in range(500))))
    assert drawn.depth is not None
    assert len(drawn.vertices) <= USEFUL_VERTICES


def test_of_a_level_that_is_too_wide_the_beginning_is_kept() -> None:
    drawn = of_expression(parse(f"max({', '.join(f'x{i}' for i in range(1000))})"))
    assert len(drawn.vertices) == USEFUL_VERTICES
    assert drawn.vertices[0].name == "x0"
    assert drawn.vertices[-1].hidden == 1000 - USEFUL_VERTICES + 1


DEEP = {
    "chain": lambda count: "+".join(["x"] * count),
    "nested": lambda count: "sin(" * count + "x" + ")" * count,
    "tower": lambda count: "^".join("x" * count),
}


@pytest.mark.parametrize("form", DEEP)
def test_a_picture_takes_steps_in_proportion_to_the_graph(form: str) -> None:
    small, large = [parse(DEEP[form](count)) for count in (2_000, 4_000)]
    of_expression(small, {"x": 1.0})
    once = steps(lambda: of_expression(small, {"x": 1.0}))
    assert steps(lambda: of_expression(large, {"x": 1.0})) < 2.2 * once


@pytest.mark.parametrize("form", DEEP)
def test_a_graph_of_100000_vertices_is_cut_without_recursion(form: str) -> None:
    count = 100_000
    expression = parse(DEEP[form](count))
    drawn = of_expression(expression, {"x": 1.0})
    assert drawn.total >= count
    assert len(drawn.vertices) <= USEFUL_VERTICES
    assert len(of_expression(expression, depth=10**6).vertices) <= MOST_VERTICES


def test_a_deep_value_is_cut_without_recursion() -> None:
    total = Value(0.0)
    for _ in range(100_000):
        total = total + 1.0
    drawn = of_value(total)
    assert drawn.total == 200_001
    assert len(drawn.vertices) <= USEFUL_VERTICES


def test_a_value_shows_labels_operations_and_plain_numbers() -> None:
    a, b = Value(2.0), Value(-3.0)
    a.label = "a"
    c = (a * b + 10).tanh()
    c.label = "c"
    c.backward()
    drawn = of_value(c)
    assert [(vertex.name, vertex.kind, vertex.label) for vertex in drawn.vertices] == [
        ("a", "variable", "a"),
        ("", "variable", ""),
        ("*", "operation", ""),
        ("10", "constant", ""),
        ("+", "operation", ""),
        ("tanh", "operation", "c"),
    ]
    assert [vertex.gradient for vertex in drawn.vertices] == [
        a.grad,
        b.grad,
        c._prev[0].grad,
        None,
        c._prev[0].grad,
        1.0,
    ]


def test_an_operation_of_a_users_own_has_no_local_derivative() -> None:
    a = Value(2.0)
    drawn = of_value(Value(4.0, (a,), "square"))
    assert drawn.vertices[-1].name == "square"
    assert drawn.edges[0].partial is None


def test_where_a_function_has_no_value_it_has_no_local_derivative() -> None:
    [edge] = picture("log(x)", x=-1).edges
    assert math.isnan(edge.partial or 0.0)
    [edge] = of_value(Value(-1.0).log()).edges
    assert math.isnan(edge.partial or 0.0)
