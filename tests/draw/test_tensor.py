"""The picture of a recorded tensor."""

from __future__ import annotations

import gradcli
from gradcli.draw.dot import to_dot
from gradcli.draw.picture import of_tensor
from gradcli.primitives import functions as f


def loss() -> gradcli.Tensor:
    x = gradcli.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    weight = gradcli.tensor([[0.5, -0.5]], requires_grad=True)
    x.label, weight.label = "x", "weight"
    result = (x @ weight.T).relu().mean() + 0.25
    result.backward()
    return result


def test_arrays_have_a_shape_and_the_norm_of_their_gradient_and_numbers_a_value() -> None:
    vertices = {vertex.label or vertex.name: vertex for vertex in of_tensor(loss()).vertices}
    assert vertices["x"].shape == "3 × 2"
    assert vertices["weight"].shape == "1 × 2"
    assert vertices["weight"].gradient == 0.0
    assert vertices["relu"].shape == "3 × 1"
    assert (vertices["mean"].shape, vertices["mean"].value) == ("", 0.0)
    assert (vertices["0.25"].kind, vertices["0.25"].value) == ("constant", 0.25)


def test_an_edge_is_passive_where_nothing_flows_back() -> None:
    picture = of_tensor(loss())
    passive = {
        picture.vertices[e.operand].label or picture.vertices[e.operand].name for e in picture.edges if e.is_passive
    }
    assert passive == {"x", "0.25"}


def test_an_operand_that_is_used_twice_has_two_edges() -> None:
    x = gradcli.tensor([1.0, 2.0], requires_grad=True)
    assert [(e.operand, e.operation) for e in of_tensor(x * x).edges] == [(0, 1), (0, 1)]


def test_a_plain_array_is_drawn_for_each_of_its_uses() -> None:
    x = gradcli.tensor([1.0, 2.0], requires_grad=True)
    picture = of_tensor(f.cat([x * [1.0, 2.0], x * [1.0, 2.0]]))
    assert [vertex.name for vertex in picture.vertices if vertex.kind == "constant"] == ["array 2", "array 2"]


def test_the_three_styles_draw_a_tensor() -> None:
    for style in ("full", "micrograd", "minigrad"):
        source = to_dot(of_tensor(loss()), style=style).source
        assert "3 × 2" in source
        assert "weight" in source
    assert "shape 1 × 2" in gradcli.draw_dot(loss()).source
    assert "shape = 1 × 2" in gradcli.draw_graph(loss()).source
