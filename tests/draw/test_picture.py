"""`gradcli.draw.picture`: which vertices and edges a drawing has."""

from __future__ import annotations

import math

import pytest

from gradcli import Tensor, Value, draw_dot, draw_graph, limits, tensor
from gradcli.draw.dot import to_dot
from gradcli.draw.picture import Picture, picture_of
from gradcli.errors import UsageError
from gradcli.evaluate.expression import parse
from gradcli.primitives import functions as f
from tests.support.steps import steps


def picture(text: str, **at: float) -> Picture:
    return picture_of(parse(text), at or None)


def numbers(drawn: Picture) -> dict[str, tuple[float | None, float | None]]:
    return {vertex.expression: (vertex.value, vertex.gradient) for vertex in drawn.vertices}


def edges(drawn: Picture) -> list[tuple[str, str, float | None]]:
    names = [vertex.expression for vertex in drawn.vertices]
    return [(names[edge.operand], names[edge.operation], edge.partial) for edge in drawn.arrows]


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
    assert [edge.formula for edge in drawn.arrows] == ["x2", "x1", "cos(x1)", "1", "1"]


@pytest.mark.parametrize("text", ["a+a", "a*a", "a-a", "a/a", "max(a, a)"])
def test_an_operand_that_is_used_twice_has_two_edges(text: str) -> None:
    assert [(edge.operand, edge.operation) for edge in picture(text, a=3).arrows] == [(0, 1), (0, 1)]


def test_the_same_drawing_of_a_value_has_two_edges_too() -> None:
    a = Value(3.0)
    drawn = picture_of(a + a)
    assert [(edge.operand, edge.operation, edge.partial) for edge in drawn.arrows] == [(0, 1, 1.0), (0, 1, 1.0)]


def test_without_a_point_there_are_no_numbers() -> None:
    drawn = picture("2*x")
    assert not drawn.has_values
    assert {(vertex.value, vertex.gradient) for vertex in drawn.vertices} == {(None, None)}
    assert {edge.partial for edge in drawn.arrows} == {None}


def test_an_expression_without_variables_is_known_at_once() -> None:
    drawn = picture_of(parse("2*3"), {})
    assert drawn.vertices[-1].value == 6.0


def test_a_constant_is_drawn_for_each_use_and_has_no_gradient() -> None:
    drawn = picture("2*x + 2*pi", x=1)
    constants = [vertex for vertex in drawn.vertices if vertex.kind == "constant"]
    assert [(vertex.name, vertex.value, vertex.gradient) for vertex in constants] == [
        ("2", 2.0, None),
        ("2", 2.0, None),
        ("pi", math.pi, None),
    ]
    assert [edge.partial for edge in drawn.arrows if drawn.vertices[edge.operand].kind == "constant"] == [None] * 3


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
        picture_of(parse("x*y"), depth=-1)


def test_a_depth_keeps_what_is_near_the_result_and_counts_the_rest() -> None:
    drawn = picture_of(parse("sin(x)*exp(y) + z"), depth=1)
    assert [(vertex.expression, vertex.hidden) for vertex in drawn.vertices] == [
        ("sin(x)*exp(y)", 2),
        ("z", 0),
        ("sin(x)*exp(y) + z", 0),
    ]
    assert (drawn.depth, drawn.total) == (1, 7)
    assert picture_of(parse("sin(x)*exp(y) + z"), depth=0).vertices[0].hidden == 2


def test_a_depth_that_reaches_everything_leaves_nothing_out() -> None:
    drawn = picture_of(parse("sin(x)*y"), depth=9)
    assert drawn.depth is None


def test_whole_levels_are_kept() -> None:
    drawn = picture_of(parse("+".join(f"sin(x{i})" for i in range(500))))
    assert drawn.depth is not None
    assert len(drawn.vertices) <= limits.USEFUL_VERTICES


def test_of_a_level_that_is_too_wide_the_beginning_is_kept() -> None:
    drawn = picture_of(parse(f"max({', '.join(f'x{i}' for i in range(1000))})"))
    assert len(drawn.vertices) == limits.USEFUL_VERTICES
    assert drawn.vertices[0].name == "x0"
    assert drawn.vertices[-1].hidden == 1000 - limits.USEFUL_VERTICES + 1


DEEP = {
    "chain": lambda count: "+".join(["x"] * count),
    "nested": lambda count: "sin(" * count + "x" + ")" * count,
    "tower": lambda count: "^".join("x" * count),
}


@pytest.mark.parametrize("form", DEEP)
def test_a_picture_takes_steps_in_proportion_to_the_graph(form: str) -> None:
    small, large = [parse(DEEP[form](count)) for count in (2_000, 4_000)]
    picture_of(small, {"x": 1.0})
    once = steps(lambda: picture_of(small, {"x": 1.0}))
    assert steps(lambda: picture_of(large, {"x": 1.0})) < 2.2 * once


@pytest.mark.parametrize("form", DEEP)
def test_a_graph_of_30000_vertices_is_cut_without_recursion(form: str) -> None:
    count = 30_000
    expression = parse(DEEP[form](count))
    drawn = picture_of(expression, {"x": 1.0})
    assert drawn.total >= count
    assert len(drawn.vertices) <= limits.USEFUL_VERTICES
    assert len(picture_of(expression, depth=10**6).vertices) <= limits.DRAWN_VERTICES


def test_a_deep_value_is_cut_without_recursion() -> None:
    total = Value(0.0)
    for _ in range(30_000):
        total = total + 1.0
    drawn = picture_of(total)
    assert drawn.total == 60_001
    assert len(drawn.vertices) <= limits.USEFUL_VERTICES


def test_a_value_shows_labels_operations_and_plain_numbers() -> None:
    a, b = Value(2.0), Value(-3.0)
    a.label = "a"
    c = (a * b + 10).tanh()
    c.label = "c"
    c.backward()
    drawn = picture_of(c)
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
    drawn = picture_of(Value(4.0, (a,), "square"))
    assert drawn.vertices[-1].name == "square"
    assert drawn.arrows[0].partial is None


def test_where_a_function_has_no_value_it_has_no_local_derivative() -> None:
    [edge] = picture("log(x)", x=-1).arrows
    assert math.isnan(edge.partial or 0.0)
    [edge] = picture_of(Value(-1.0).log()).arrows
    assert math.isnan(edge.partial or 0.0)


def tensor_loss() -> Tensor:
    x = tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    weight = tensor([[0.5, -0.5]], requires_grad=True)
    x.label, weight.label = "x", "weight"
    result = (x @ weight.T).relu().mean() + 0.25
    result.backward()
    return result


def test_arrays_have_a_shape_and_the_norm_of_their_gradient_and_numbers_a_value() -> None:
    vertices = {vertex.label or vertex.name: vertex for vertex in picture_of(tensor_loss()).vertices}
    assert vertices["x"].shape == "3 × 2"
    assert vertices["weight"].shape == "1 × 2"
    assert vertices["weight"].gradient == 0.0
    assert vertices["relu"].shape == "3 × 1"
    assert (vertices["mean"].shape, vertices["mean"].value) == ("", 0.0)
    assert (vertices["0.25"].kind, vertices["0.25"].value) == ("constant", 0.25)


def test_an_edge_is_passive_where_nothing_flows_back() -> None:
    drawn = picture_of(tensor_loss())
    passive = {drawn.vertices[e.operand].label or drawn.vertices[e.operand].name for e in drawn.arrows if e.is_passive}
    assert passive == {"x", "0.25"}


def test_a_tensor_that_is_used_twice_has_two_edges() -> None:
    x = tensor([1.0, 2.0], requires_grad=True)
    assert [(e.operand, e.operation) for e in picture_of(x * x).arrows] == [(0, 1), (0, 1)]


def test_a_plain_array_is_drawn_for_each_of_its_uses() -> None:
    x = tensor([1.0, 2.0], requires_grad=True)
    drawn = picture_of(f.cat([x * [1.0, 2.0], x * [1.0, 2.0]]))
    assert [vertex.name for vertex in drawn.vertices if vertex.kind == "constant"] == ["array 2", "array 2"]


def test_the_three_styles_draw_a_tensor() -> None:
    for style in ("full", "micrograd", "minigrad"):
        source = to_dot(picture_of(tensor_loss()), style=style).source
        assert "3 × 2" in source
        assert "weight" in source
    assert "shape 1 × 2" in draw_dot(tensor_loss()).source
    assert "shape = 1 × 2" in draw_graph(tensor_loss()).source
