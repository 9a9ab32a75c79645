"""`evaluate/array_point.py`: values, gradients, directions, Hessians of expressions on arrays, against PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gradcli import parse
from gradcli.errors import ExpressionError, UsageError
from gradcli.evaluate.array_point import evaluate, gradient, hessian, jvp

GENERATOR = np.random.default_rng(3)
POINT: dict[str, Any] = {
    "A": GENERATOR.normal(size=(3, 4)),
    "B": GENERATOR.normal(size=(4, 2)),
    "x": GENERATOR.normal(size=4),
    "b": GENERATOR.normal(size=3),
    "s": 0.7,
}

#: An expression of one number, and the same in PyTorch.
CASES: list[tuple[str, str]] = [
    ("sum((A@x - b)^2)", "((A @ x - b)**2).sum()"),
    ("b @ A @ x", "b @ A @ x"),
    ("logsumexp(A @ x) - s*b[0]", "torch.logsumexp(A @ x, 0) - s*b[0]"),
    ("sum(softmax(A, 0)*A)", "(torch.softmax(A, 0)*A).sum()"),
    ("mean(log_softmax(A @ B))", "torch.log_softmax(A @ B, -1).mean()"),
    ("norm(x)*std(b) + var(A)", "x.norm()*b.std() + A.var()"),
    ("prod(x)*s + max(A) - min(b)", "x.prod()*s + A.max() - b.min()"),
    ("sum(max(A, axis=0)*x)", "(A.amax(0)*x).sum()"),
    ("sum(A[1:, ::2]^2) + x[-1]*x[0]", "(A[1:, ::2]**2).sum() + x[-1]*x[0]"),
    ("sum([x[:3], b, b*s]^3)", "(torch.stack([x[:3], b, b*s])**3).sum()"),
    ("sum(cumsum(x)*cat(b, [s]))", "(x.cumsum(0)*torch.cat([b, s[None]])).sum()"),
    ("sum(reshape(A, [4, 3]) @ b)", "(A.reshape(4, 3) @ b).sum()"),
    ("sum(tanh(A*x + s)/(1 + exp(-b[0])))", "(torch.tanh(A*x + s)/(1 + torch.exp(-b[0]))).sum()"),
    ("sum(if(A > 0, A^2, s*A))", "torch.where(A > 0, A**2, s*A).sum()"),
    ("sum(transpose(A)[0] * b) + dot(x, x)", "(A.T[0]*b).sum() + x @ x"),
    ("norm(A - mean(A, 1, 1), 3)", "torch.linalg.vector_norm(A - A.mean(1, keepdim=True), 3)"),
]


def torch_point() -> tuple[Any, dict[str, Any]]:
    torch = pytest.importorskip("torch")
    return torch, {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in POINT.items()}


def relative(found: Any, expected: Any) -> float:
    scale = float(np.max(np.abs(expected), initial=0.0)) or 1.0
    return float(np.max(np.abs(np.asarray(found) - expected), initial=0.0)) / scale


@pytest.mark.parametrize(("text", "theirs"), CASES, ids=[text for text, _ in CASES])
def test_value_gradient_direction_and_hessian_are_those_of_pytorch(text: str, theirs: str) -> None:
    torch, point = torch_point()
    expression = parse(text)
    names = expression.variables
    at = {name: POINT[name] for name in names}

    def function(*tensors: Any) -> Any:
        return eval(theirs, {"torch": torch, **dict(zip(names, tensors, strict=True))})

    tensors = tuple(point[name] for name in names)
    value = function(*tensors)
    gradients = torch.autograd.grad(value, tensors)
    found = gradient(expression, at)
    assert relative(found.value, value.item()) < 1e-13
    assert relative(evaluate(expression, at).value, value.item()) < 1e-13
    for name, expected in zip(names, gradients, strict=True):
        assert np.shape(found.gradient[name]) == np.shape(at[name])
        assert relative(found.gradient[name], expected.numpy()) < 1e-12
    direction = {name: GENERATOR.normal(size=np.shape(at[name])) for name in names}
    along = sum(np.sum(one.detach().numpy() * direction[name]) for name, one in zip(names, gradients, strict=True))
    assert relative(jvp(expression, at, direction), along) < 1e-12
    blocks = torch.autograd.functional.hessian(function, tensors)
    ours = hessian(expression, at)
    largest = max(float(block.abs().max()) for row in blocks for block in row) or 1.0
    for row, theirs_row in zip(names, blocks, strict=True):
        for column, block in zip(names, theirs_row, strict=True):
            assert np.shape(ours[row][column]) == tuple(block.shape)
            assert np.max(np.abs(ours[row][column] - block.detach().numpy())) / largest < 1e-11


def test_a_direction_of_an_array_expression_has_the_shape_of_its_value() -> None:
    torch, point = torch_point()
    at = {name: POINT[name] for name in "Ax"}
    direction = {"x": GENERATOR.normal(size=4)}
    expected = point["A"] @ torch.tensor(direction["x"])
    assert relative(jvp(parse("A @ x"), at, direction), expected.detach().numpy()) < 1e-14
    assert jvp(parse("A @ x"), at, {}).tolist() == [0.0, 0.0, 0.0]
    assert jvp(parse("s*x"), {"s": 2.0, "x": [1.0, 2.0]}, {"s": 1.0, "x": 1.0}).tolist() == [3.0, 4.0]


def test_the_sweeps_see_only_what_is_asked_for() -> None:
    at = {"A": POINT["A"], "x": POINT["x"]}
    assert list(gradient(parse("sum(A @ x)"), at, ["x"]).gradient) == ["x"]
    assert list(hessian(parse("sum(A @ x)"), at, ["x"])["x"]) == ["x"]
    with pytest.raises(UsageError, match="no variable `y`"):
        gradient(parse("sum(A @ x)"), at, ["y"])


def test_no_value_no_derivative() -> None:
    expression = parse("sum(log(x))*s")
    at = {"x": [1.0, -1.0], "s": 0.0}
    found = gradient(expression, at)
    assert math.isnan(found.value)
    assert math.isnan(found.gradient["s"])
    assert np.isnan(found.gradient["x"]).all()
    assert all(np.isnan(block).all() for row in hessian(expression, at).values() for block in row.values())
    assert math.isnan(jvp(expression, at, {"s": 1.0}))


def test_a_branch_that_is_not_taken_contributes_nothing() -> None:
    found = gradient(parse("sum(if(x > 0, sqrt(x), 0))"), {"x": [0.0, 4.0]})
    assert found.gradient["x"].tolist() == [0.0, 0.25]
    assert [note.kind for note in found.notes] == ["kink"]


def test_a_variable_that_does_not_matter_has_zeros() -> None:
    found = gradient(parse("sum(floor(x)) + 0*s"), {"x": [0.5, 1.5], "s": 2.0})
    assert found.gradient["x"].tolist() == [0.0, 0.0]
    assert gradient(parse("argmax(x)"), {"x": [0.5, 1.5]}).gradient["x"].tolist() == [0.0, 0.0]
    assert hessian(parse("sum(x)"), {"x": [0.5, 1.5]})["x"]["x"].tolist() == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("text", "at", "span", "words"),
    [
        ("1 + A @ x", {"A": [[1, 2]], "x": [1, 2, 3]}, (4, 9), ["(1, 2)", "(3,)", "`A @ x`"]),
        ("sum(x + y)", {"x": [1, 2], "y": [1, 2, 3]}, (4, 9), ["(2,)", "(3,)", "`x + y`"]),
        ("f(v) = v @ v; f(A)", {"A": [[1, 2]]}, (7, 12), ["(1, 2)", "`A @ A`"]),
        ("[x, 1]", {"x": [1, 2]}, (0, 6), ["(2,)", "()", "`[x, 1]`"]),
        ("2*x[7]", {"x": [1, 2]}, (2, 6), ["(2,)", "7", "`x[7]`"]),
        ("max(x)", {"x": np.zeros((0, 2))}, (0, 6), ["(0, 2)", "`max(x)`"]),
        ("pad(x, 1e15)", {"x": [1, 2]}, (0, 12), ["too large for the memory"]),
        ("expand(x, [1e9, 1e9, 1e9, 2])", {"x": [1, 2]}, (0, 29), ["`expand(x"]),
        ("unknown", {"unknown": [[1], [1, 2]]}, None, ["isn't an array of numbers"]),
        ("x", {"x": ["a"]}, None, ["isn't an array of numbers"]),
    ],
)
def test_what_does_not_fit_names_the_shapes_the_operation_and_its_place(
    text: str, at: dict[str, Any], span: tuple[int, int] | None, words: list[str]
) -> None:
    with pytest.raises((ExpressionError, UsageError)) as caught:
        evaluate(parse(text), at)
    error = caught.value
    assert (None if error.span is None else tuple(error.span)) == span
    assert all(word in error.message for word in words), error.message
    if span is not None:
        assert error.kind == "shape"
        assert error.source is not None


def test_a_missing_value_is_named() -> None:
    with pytest.raises(UsageError, match="no value for `x`"):
        evaluate(parse("sum(x)"), {})


def test_the_executor_of_floats_says_that_it_takes_none() -> None:
    from gradcli.evaluate import point as execute

    with pytest.raises(UsageError, match="works on arrays"):
        execute.evaluate(parse("sum([x, 1])"), {"x": 2.0})
