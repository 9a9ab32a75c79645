"""Kinks that a function does not have, and notes on those that it has, in derivatives of every order."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli import Tensor, Value, parse
from gradcli.eager.pullback import pushforward
from gradcli.evaluate import array_point, point
from gradcli.primitives import functions as f
from tests.support.loops import for_each

#: A function with a kink on the way, and the smooth function that it is.
SMOOTH: list[tuple[str, str]] = [
    # Even powers of the absolute value.
    ("abs(x)^2", "x^2"),
    ("abs(x)^4", "x^4"),
    ("square(abs(x))", "x^2"),
    ("abs(x)*abs(x)", "x^2"),
    ("abs(x)*3*abs(x)", "3*x^2"),
    ("abs(x)*exp(x)*abs(x)", "x^2*exp(x)"),
    ("abs(x)/(1 + exp(x))*abs(x)", "x^2/(1 + exp(x))"),
    ("-abs(x)*-abs(x)", "x^2"),
    ("(2*abs(x))*(abs(x)*5)", "10*x^2"),
    ("abs(x)^3*abs(x)", "x^4"),
    ("(abs(x)^2)^2", "x^4"),
    ("exp(-abs(x)^2)", "exp(-x^2)"),
    ("1/(1 + abs(x)^2)", "1/(1 + x^2)"),
    ("log(1 + abs(x)*abs(x))", "log(1 + x^2)"),
    ("abs(sin(x))^2", "sin(x)^2"),
    ("abs(x - y)^2", "(x - y)^2"),
    ("abs(x)^2*abs(y)^2", "x^2*y^2"),
    ("sin(abs(x)^2) + abs(y)^4*x", "sin(x^2) + y^4*x"),
    # The absolute value of what is never negative, and even functions of it.
    ("abs(x^2)", "x^2"),
    ("abs(x^2 + y^2)", "x^2 + y^2"),
    ("abs(x*x)", "x^2"),
    ("abs(abs(x)^2)", "x^2"),
    ("abs(x^2*exp(y))", "x^2*exp(y)"),
    ("cos(abs(x))", "cos(x)"),
    ("cosh(abs(x))", "cosh(x)"),
    ("sech(abs(x - y))", "sech(x - y)"),
    ("sinc(abs(x))", "sinc(x)"),
    ("log(cosh(abs(x)))", "log(cosh(x))"),
    # Lengths.
    ("hypot(x, y)^2", "x^2 + y^2"),
    ("hypot(x, y)^4", "(x^2 + y^2)^2"),
    ("hypot(x, y)*hypot(x, y)", "x^2 + y^2"),
    ("hypot(x, y)*x*hypot(x, y)", "x*(x^2 + y^2)"),
    ("exp(-hypot(x, y)^2)", "exp(-x^2 - y^2)"),
    ("exp(-hypot(x - y, 0)^2)", "exp(-(x - y)^2)"),
    # Powers of roots.
    ("sqrt(x^2 + y^2)^2", "x^2 + y^2"),
    ("sqrt(x^2 + y^2)^4", "(x^2 + y^2)^2"),
    ("sqrt(x^2)*sqrt(x^2)", "x^2"),
    ("exp(-sqrt(x^2 + y^2)^2)", "exp(-x^2 - y^2)"),
    ("cbrt(x)^3", "x"),
    ("cbrt(x)^6", "x^2"),
]
POINTS = ({"x": 0.0, "y": 0.0}, {"x": -0.0, "y": 0.0}, {"x": 0.75, "y": 0.75}, {"x": -0.5, "y": 0.25})


def _point(expression: Any, at: dict[str, float]) -> dict[str, float]:
    return {name: at[name] for name in expression.variables}


@for_each(("text", "smooth"), SMOOTH)
@for_each("at", POINTS, ids=str)
def test_a_function_without_a_kink_has_its_derivatives(text: str, smooth: str, at: dict[str, float]) -> None:
    found, right = parse(text), parse(smooth)
    at = _point(found, at)
    close = {"rtol": 1e-12, "atol": 1e-13}
    np.testing.assert_allclose(list(found.gradient(**at).values()), list(right.gradient(**at).values()), **close)
    for name, values in point.derivatives(found, at, 4).items():
        np.testing.assert_allclose(values, point.derivatives(right, at, 4, [name])[name], **close)
    matrix, wanted = point.hessian(found, at), point.hessian(right, at)
    for one, other in itertools.product(at, repeat=2):
        np.testing.assert_allclose(matrix[one][other], wanted[one][other], **close)


@for_each(("text", "smooth"), SMOOTH)
@for_each("executor", ["llvm", "numpy"])
def test_executors_agree_about_it(text: str, smooth: str, executor: str) -> None:
    found, right = [gradcli.compile(one, derivatives="hessian", executor=executor) for one in (text, smooth)]
    columns = {name: np.array([at[name] for at in POINTS]) for name in found.wrt}
    (_, gradient, matrix), (_, slopes, wanted) = (
        found(**columns),
        right(**{name: columns[name] for name in right.wrt}),
    )
    for name, slope in slopes.items():
        np.testing.assert_allclose(gradient[name], slope, rtol=1e-12, atol=1e-13)
        for other, second in wanted[name].items():
            np.testing.assert_allclose(matrix[name][other], second, rtol=1e-12, atol=1e-13)


#: expression, the smooth function that it is, the values of the variables.
ARRAYS: list[tuple[str, str, dict[str, Any]]] = [
    ("norm(x)^2", "sum(x^2)", {"x": [0.0, 0.0]}),
    ("norm(x)^4", "sum(x^2)^2", {"x": [0.0, 0.0]}),
    ("norm(x)*norm(x)", "sum(x^2)", {"x": [0.0, 0.0, 0.0]}),
    ("norm(x)*y*norm(x)", "y*sum(x^2)", {"x": [0.0, 0.0], "y": 3.0}),
    ("exp(-norm(x - y)^2)", "exp(-sum((x - y)^2))", {"x": [1.0, 2.0], "y": [1.0, 2.0]}),
    ("sum(norm(A, axis=1)^2)", "sum(A^2)", {"A": [[0.0, 0.0], [1.0, 2.0]]}),
    ("norm(A @ x)^2", "sum((A @ x)^2)", {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [0.0, 0.0]}),
    ("square(norm(x))", "sum(x^2)", {"x": [0.0, 0.0]}),
    ("std(x)^2", "var(x)", {"x": [2.0, 2.0, 2.0]}),
    ("std(x, correction=0)^2", "var(x, correction=0)", {"x": [2.0, 2.0, 2.0]}),
    ("std(x)*std(x)", "var(x)", {"x": [0.0, 0.0]}),
    ("sum(std(A, axis=0)^2)", "sum(var(A, axis=0))", {"A": [[1.0, 2.0], [1.0, 3.0]]}),
    ("sum(abs(x)^2)", "sum(x^2)", {"x": [0.0, 1.0, -2.0]}),
    ("sum(abs(x^2))", "sum(x^2)", {"x": [0.0, 1.0]}),
    ("sum(cos(abs(x)))", "sum(cos(x))", {"x": [0.0, 1.0]}),
    ("sum(hypot(x, y)^2)", "sum(x^2 + y^2)", {"x": [0.0, 1.0], "y": [0.0, 2.0]}),
    ("sqrt(sum(x^2))^2", "sum(x^2)", {"x": [0.0, 0.0]}),
    ("sum(abs(x)*exp(x)*abs(x))", "sum(x^2*exp(x))", {"x": [0.0, 1.0]}),
]


@pytest.mark.parametrize(("text", "smooth", "at"), ARRAYS, ids=[row[0] for row in ARRAYS])
def test_arrays_have_no_kink_either(text: str, smooth: str, at: dict[str, Any]) -> None:
    found, right = parse(text), parse(smooth)
    for name, partial in found.gradient(**at).items():
        np.testing.assert_allclose(partial, right.gradient(**at)[name], rtol=1e-12)
    matrix, wanted = array_point.hessian(found, at), array_point.hessian(right, at)
    for one, other in itertools.product(at, repeat=2):
        np.testing.assert_allclose(matrix[one][other], wanted[one][other], rtol=1e-12, atol=1e-14)


def test_python_functions_have_no_kink_either() -> None:
    assert gradcli.hessian(lambda x: abs(x) ** 2)(0.0) == ((2.0,),)
    assert gradcli.derivative(lambda x: abs(x) * abs(x), order=2)(0.0) == 2.0
    np.testing.assert_array_equal(gradcli.hessian(lambda x: f.norm(x) ** 2)([0.0, 0.0]), 2.0 * np.eye(2))
    np.testing.assert_array_equal(gradcli.hessian(lambda x: (abs(x) ** 2).sum())([0.0, 0.0]), 2.0 * np.eye(2))
    slope = gradcli.grad(lambda x: f.norm(x) ** 2)
    moved = gradcli.jvp(lambda x: gradcli.vjp(lambda y: f.norm(y) ** 2, x)[1](1.0)[0], ([0.0, 0.0],), ([1.0, 3.0],))
    np.testing.assert_array_equal(moved[1], [2.0, 6.0])
    np.testing.assert_array_equal(slope([0.0, 0.0]), [0.0, 0.0])


@for_each(("text", "smooth"), SMOOTH)
@for_each("at", POINTS, ids=str)
def test_a_sweep_over_what_was_recorded_has_its_gradient_too(text: str, smooth: str, at: dict[str, float]) -> None:
    found = parse(text)
    at = _point(found, at)
    right = parse(smooth).gradient(**at)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "a derivative is nan")
        values = {name: Value(number) for name, number in at.items()}
        found(**values).backward()
        tensors = {name: Tensor(number, requires_grad=True) for name, number in at.items()}
        found(**tensors).backward()
        moved = {name: pushforward(found(**tensors), {tensor: 1.0}).item() for name, tensor in tensors.items()}
    for name, slope in right.items():
        slopes = [values[name].grad, tensors[name].grad.item(), moved[name]]
        np.testing.assert_allclose(slopes, [slope] * 3, rtol=1e-12, atol=1e-13)


@for_each(("text", "smooth"), SMOOTH)
@for_each("at", POINTS, ids=str)
def test_a_derivative_along_a_direction_is_that_of_the_smooth_function(
    text: str, smooth: str, at: dict[str, float]
) -> None:
    found, right = parse(text), parse(smooth)
    at = _point(found, at)
    for direction in ({"x": 1.0}, {"x": -2.0, "y": 1.0}):
        along = {name: tangent for name, tangent in direction.items() if name in at}
        slope = point.jvp(right, at, along)
        np.testing.assert_allclose(point.jvp(found, at, along), slope, rtol=1e-12, atol=1e-13)


def test_a_derivative_that_stays_nan_leaves_the_others_alone() -> None:
    found = point.gradient(parse("sqrt(x)^2 + cos(sqrt(y^2)) + x*z"), {"x": 0.0, "y": 0.0, "z": 3.0})
    assert [found.gradient["x"], found.gradient["z"]] == [4.0, 0.0]
    assert np.isnan(found.gradient["y"])
    assert any("sqrt(y^2)" in note.message for note in found.notes)


#: Functions of Python that record every call anew, the smooth function that each is, and a point on the kink.
RECORDED: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], list[float]]] = {
    "roots": (lambda x: f.sum(f.sqrt(x * x) * 3.0 * f.sqrt(x * x)), lambda x: f.sum(3.0 * x * x), [0.0, 1.0]),
    "norms": (lambda x: f.norm(x) * f.norm(x), lambda x: f.sum(x * x), [0.0, 0.0]),
    "a factor": (lambda x: f.norm(x) * f.exp(x[0]) * f.norm(x), lambda x: f.sum(x * x) * f.exp(x[0]), [0.0, 0.0]),
    "deviations": (lambda x: f.std(x) * f.std(x), f.var, [2.0, 2.0, 2.0]),
    "rows": (lambda x: f.sum(f.norm(f.stack([x, 2 * x]), axis=1) ** 2), lambda x: f.sum(5.0 * x * x), [0.0, 0.0]),
    "even functions": (lambda x: f.sum(f.cos(abs(x)) + abs(x**2)), lambda x: f.sum(f.cos(x) + x**2), [0.0, -0.0]),
    "a part": (lambda x: f.sum(f.sqrt(x[:2] ** 2) ** 2), lambda x: f.sum(x[:2] ** 2), [0.0, 1.0, 2.0]),
    "a part twice": (lambda x: abs(x[0]) * f.exp(x[1]) * abs(x[0]), lambda x: x[0] ** 2 * f.exp(x[1]), [0.0, 1.0]),
    "a range twice": (lambda x: f.norm(x[1:]) * f.norm(x[1:]), lambda x: f.sum(x[1:] ** 2), [1.0, 0.0, 0.0]),
}


@pytest.mark.parametrize("name", RECORDED)
def test_functions_of_arrays_that_record_a_kink_twice(name: str) -> None:
    function, smooth, at = RECORDED[name]
    x = Tensor(at, requires_grad=True)
    function(x).backward()
    assert x.grad is not None
    slope, second = gradcli.grad(smooth)(at), gradcli.hessian(smooth)(at)
    direction = [1.0] * len(at)
    np.testing.assert_allclose(x.grad.tolist(), slope, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(gradcli.grad(function)(at), slope, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(gradcli.jvp(function, (at,), (direction,))[1], slope.sum(), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(gradcli.hessian(function)(at), second, rtol=1e-12, atol=1e-13)


def test_numbers_on_the_way_to_a_kink_have_their_gradient_as_well() -> None:
    x, y = Value(0.0), Value(0.0)
    u = x * x + y * y
    root = f.sqrt(u)
    (root**2 + y).backward()
    assert [x.grad, y.grad, u.grad, root.grad] == [0.0, 1.0, 1.0, 0.0]
    for create_graph in (False, True):
        t = Tensor([0.0, 3.0], requires_grad=True)
        lengths = f.sqrt(t * t).retain_grad()
        (lengths**2).sum().backward(create_graph=create_graph)
        assert lengths.grad is not None
        assert lengths.grad.tolist() == [0.0, 6.0]


@pytest.mark.parametrize(
    ("function", "at", "words"),
    [
        (lambda x: f.cos(f.sqrt(x * x)), 0.0, "see sqrt(0.0): the square root has an infinite slope at 0"),
        (lambda x: f.sqrt(x) * f.cbrt(x), 0.0, "see cbrt(0.0): the cube root has an infinite slope at 0"),
        (lambda x: f.atan2(x, 0.0 * x), 0.0, "see atan2(0.0, 0.0)"),
    ],
)
def test_a_derivative_that_stays_nan_is_told(function: Callable[[Any], Any], at: float, words: str) -> None:
    value, tensor = Value(at), Tensor([at, at], requires_grad=True)
    actions: list[Callable[[], Any]] = [
        lambda: function(value).backward(),
        lambda: function(tensor).sum().backward(),
        lambda: gradcli.grad(function)(at),
        lambda: gradcli.grad(lambda x: f.sum(function(x)))([at, 1.0]),
        lambda: gradcli.jvp(function, (at,), (1.0,)),
        lambda: gradcli.derivative(function, 2)(at),
    ]
    for action in actions:
        with pytest.warns(RuntimeWarning, match="a derivative is nan, though") as told:
            action()
        ours = [one for one in told if "encountered in" not in str(one.message)]
        assert words in str(ours[0].message)
        assert {one.filename for one in ours} == {__file__}
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "a derivative is nan")
        function(Value(4.0)).backward()
        gradcli.grad(f.log)(-1.0)  # where there is no value, there is no derivative


#: expression of an array x, its values, and the operations with a note on second derivatives.
SIDES_OF_ARRAYS: list[tuple[str, list[float], list[str]]] = [
    ("sum(x*abs(x))", [0.0, 1.0], ["`abs(x)` has a kink here, where second derivatives are conventions"]),
    ("sum(relu(x)^2)", [0.0, 1.0], ["`relu(x)` has a kink here"]),
    ("norm(x)", [0.0, 0.0], ["`norm(x)` has a kink here"]),
    ("norm(x)^1.5", [0.0, 0.0], ["`norm(x)` has a kink here"]),
    ("max(x)^2", [0.0, 0.0], ["`max(x)` has a kink here"]),
    ("sum(max(x, 2*x)^2)", [0.0, 1.0], ["`max(x, 2*x)` has a kink here"]),
    ("sum(where(x > 0, x^2, -x^2))", [0.0, 1.0], ["`x > 0` switches here"]),
    ("sum(clip(x, 0, 1)^2)", [1.0, 0.5], ["`clip(x, 0, 1)` has a kink here"]),
    ("std(x)", [2.0, 2.0, 2.0], ["`std(x)` has a kink here"]),
    # Both sides agree.
    ("sum(abs(x)^3)", [0.0, 1.0], []),
    ("norm(x)^3", [0.0, 0.0], []),
    ("norm(x)*exp(sum(x))*norm(x)", [0.0, 0.0], []),
    ("sum(relu(x)^3)", [0.0, 1.0], []),
    ("sum(cos(abs(x)))", [0.0, 1.0], []),
    ("sum(abs(x))", [0.0, 0.0], []),
    ("sum(max(x, x))", [1.0, 2.0], []),
    ("std(x)^3", [2.0, 2.0, 2.0], []),
    ("sum(where(x > 0, x^3, 0))", [0.0, 1.0], []),
    ("sum(where(x != 0, x^2, 0))", [0.0, 1.0], []),
    ("sum(exp(x)*x)", [0.0, 1.0], []),
    ("sum(abs(x)^3*exp(100*x))", [0.0, 1.0], []),
]


@pytest.mark.parametrize(("text", "x", "words"), SIDES_OF_ARRAYS, ids=[row[0] for row in SIDES_OF_ARRAYS])
def test_on_arrays_there_is_a_note_only_where_the_sides_differ(text: str, x: list[float], words: list[str]) -> None:
    messages = [note.message for note in array_point.higher_notes(parse(text), {"x": x})]
    assert len(messages) == len(words), messages
    assert all(word in message for word, message in zip(words, messages, strict=True))


def test_only_the_operation_whose_variables_make_the_difference_has_the_note() -> None:
    notes = array_point.higher_notes(parse("sum(relu(x)^2) + norm(y)^3"), {"x": [0.0, 1.0], "y": [0.0, 0.0]})
    assert [note.message.split(" has ")[0] for note in notes] == ["`relu(x)`"]


#: expression, point, order, words of the notes; no words for no note.
NOTES: list[tuple[str, dict[str, float], int, list[str]]] = [
    # The result has no kink, or its first derivative has none.
    ("abs(x)^2", {"x": 0.0}, 4, []),
    ("cos(abs(x))", {"x": 0.0}, 3, []),
    ("x*abs(x)", {"x": 0.0}, 1, []),
    ("abs(x)^3", {"x": 0.0}, 2, []),
    ("relu(x)^2", {"x": 0.0}, 1, []),
    ("max(x, x)", {"x": 2.0}, 1, []),
    ("max(x, 2*x - x)", {"x": 2.0}, 2, []),
    ("step(x)*x^2", {"x": 0.0}, 1, []),
    ("abs(cos(x) - 1)", {"x": 0.0}, 1, []),
    # A derivative of order 2 or more is a convention.
    ("x*abs(x)", {"x": 0.0}, 2, ["d2/dx^2 = 0 is a convention, and next to the point it is -2 and 2"]),
    ("abs(x)^3", {"x": 0.0}, 3, ["d3/dx^3 = 0 is a convention, and next to the point it is -6 and 6"]),
    ("relu(x)^2", {"x": 0.0}, 2, ["`relu(x)` has a kink here: d2/dx^2 = 0 is a convention"]),
    ("max(x, 0)^2", {"x": 0.0}, 2, ["`max(x, 0)` has a kink here"]),
    ("relu(x^2)", {"x": 0.0}, 2, ["next to the point it is 2"]),
    ("abs(cos(x) - 1)", {"x": 0.0}, 2, ["next to the point it is 1"]),
    ("max(x, x^3)", {"x": 0.0}, 2, ["kink"]),
    ("clip(x, 0, 1)^2", {"x": 0.0}, 2, ["kink"]),
    ("abs(x)^2 + x*abs(x)", {"x": 0.0}, 2, ["d2/dx^2 = 2 is a convention, and next to the point it is 0 and 4"]),
    ("where(x > 0, x^2, -x^2)", {"x": 0.0}, 2, ["d2/dx^2 = -2 is a convention, and next to the point it is 2"]),
    # The sides of a comparison have different values or slopes.
    ("where(x > 0, x, -x)", {"x": 0.0}, 1, ["`x > 0` switches at x = 0: the slope changes, d/dx from -1 to 1"]),
    ("if(x < 1, x, 2 - x)", {"x": 1.0}, 1, ["`x < 1` switches at x = 1: the slope changes"]),
    ("(x > 0)*x", {"x": 0.0}, 1, ["the slope changes, d/dx from 0 to 1"]),
    ("(x >= 0)*x", {"x": 0.0}, 1, ["the slope changes, d/dx from 0 to 1"]),
    ("(x < y)*(y - x)", {"x": 2.0, "y": 2.0}, 1, ["the slope changes"]),
    ("where(x > 0, 1, 2)", {"x": 0.0}, 1, ["the value jumps between 2 and 1"]),
    ("where(x > 0, x + 1, x)", {"x": 0.0}, 1, ["the value jumps between 0 and 1"]),
    ("where(x > 0, sqrt(x), 0)", {"x": 0.0}, 1, ["the slope changes, d/dx from 0 to inf"]),
    ("where(x^2 <= 1, x, 1)", {"x": 1.0}, 1, ["the slope changes"]),
    ("where(x > 0 and y > 0, x, 0)", {"x": 0.0, "y": 1.0}, 1, ["`x > 0` switches"]),
    ("step(x)*x", {"x": 0.0}, 1, ["the unit step jumps at 0"]),
    ("floor(x)^2", {"x": 0.0}, 1, ["floor jumps at every integer"]),
    ("sign(x)*x", {"x": 0.0}, 1, ["sign jumps at 0"]),
    # They agree, or the point is not at a switch.
    ("where(x > 0, x^2, 0)", {"x": 0.0}, 1, []),
    ("where(x > 1, 2*x - 1, x^2)", {"x": 1.0}, 1, []),
    ("(x > 0)*x^2", {"x": 0.0}, 1, []),
    ("where(x > 0, x, x)", {"x": 0.0}, 1, []),
    ("where(x != 0, sin(x)/x, 1)", {"x": 0.0}, 1, []),
    ("where(x > 0 and y > 0, x, 0)", {"x": 0.0, "y": -1.0}, 1, []),
    ("where(x > 0, x, -x)", {"x": 1.0}, 2, []),
    ("where(y > 0, x, -x)", {"x": 0.0, "y": 1.0}, 2, []),
    ("where(x >= x, x, -x)", {"x": 1.0}, 1, []),
    ("where(x^2 >= 0, x, -x)", {"x": 0.0}, 1, []),
]


@for_each(("text", "at", "order", "words"), NOTES, ids=[f"{row[0]} {row[2]}" for row in NOTES])
def test_a_note_says_where_the_sides_of_a_point_differ(
    text: str, at: dict[str, float], order: int, words: list[str]
) -> None:
    expression = parse(text)
    notes = [*point.gradient(expression, at).notes, *point.higher_notes(expression, at, order)]
    messages = [note.message for note in notes]
    assert bool(messages) == bool(words), messages
    for word in words:
        assert any(word in message for message in messages), messages
    assert all(note.span is not None for note in notes)


#: expression, values, words of the notes on its gradient and its Hessian.
ARRAY_NOTES: list[tuple[str, dict[str, Any], str]] = [
    ("norm(x)^2", {"x": [0.0, 0.0]}, ""),
    ("exp(-norm(x))", {"x": [0.0, 0.0]}, "second derivatives are conventions"),
    ("sum(relu(x)^2)", {"x": [0.0, 1.0]}, "second derivatives are conventions"),
    ("sum(abs(x)^2)", {"x": [0.0, 1.0]}, ""),
    ("sum(where(x > 0, x, -x))", {"x": [0.0, 1.0, 0.0]}, "switches at x = 0: the slope changes"),
    ("sum(where(x > 0, x^2, 0))", {"x": [0.0, 1.0]}, "`x > 0` switches here, where second derivatives are"),
    ("sum((x > 0)*2)", {"x": [0.0, 1.0]}, "the value jumps"),
]


@pytest.mark.parametrize(("text", "at", "words"), ARRAY_NOTES, ids=[row[0] for row in ARRAY_NOTES])
def test_notes_on_arrays(text: str, at: dict[str, Any], words: str) -> None:
    expression = parse(text)
    messages = [note.message for note in array_point.gradient(expression, at).notes]
    messages += [note.message for note in array_point.higher_notes(expression, at)]
    assert any(words in message for message in messages) if words else messages == []
