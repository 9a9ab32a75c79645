"""`gradcli.evaluate.expression`: an expression is a function, its derivative is one, and it knows about arrays."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.evaluate.expression import parse


def test_the_derivative_of_an_expression_is_an_expression() -> None:
    slope = parse("x^2*y").derivative("x")
    assert slope(x=3, y=5) == 30.0
    assert slope.derivative("y")(x=3, y=5) == 6.0
    with pytest.raises(ValueError, match="a whole number of at least 0"):
        parse("x").derivative("x", -1)
    assert repr(parse("x+1")) == "<expression x + 1>"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("x + y", False),
        ("max(x, y)", False),
        ("sum(x)", True),
        ("x[0]", True),
        ("[x]", True),
        ("x @ y", True),
        ("r = sum(x); 2*y", False),
        ("f(t) = norm(t); f(x)", True),
        ("f(t) = norm(t); 2*x", False),
    ],
)
def test_an_expression_knows_whether_it_needs_arrays(text: str, is_one: bool) -> None:
    assert parse(text).has_arrays is is_one


def test_a_value_may_be_lists_or_arrays_and_a_result_is_the_callers_own() -> None:
    expression = parse("A @ x")
    lists = expression(A=[[1, 2], [3, 4]], x=(1, 1))
    assert lists.tolist() == expression(A=np.array([[1, 2], [3, 4]]), x=np.ones(2, "float32")).tolist() == [3.0, 7.0]
    lists += 1.0
    gradient = parse("sum(A @ x)*s").gradient(A=[[1, 2], [3, 4]], x=[1, 1], s=2)
    assert {name: np.shape(one) for name, one in gradient.items()} == {"A": (2, 2), "x": (2,), "s": ()}
    assert isinstance(gradient["s"], float)
