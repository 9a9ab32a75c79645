"""Python functions of numbers as expressions: each is called once, and what has no such form is refused with a hint."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import functions as f
from gradcli.errors import UsageError
from gradcli.evaluate.compiled import compile  # noqa: A004


def test_a_python_function_is_traced_once() -> None:
    calls = []

    def distance(x: Any, y: Any, power: int = 2) -> Any:
        calls.append(1)
        return f.sqrt(x**power + y**power)

    function = compile(distance)
    assert function.variables == ("x", "y")
    value, partials = function([3, 5], [4, 12])
    assert value.tolist() == [5.0, 13.0]
    assert partials["x"] == pytest.approx([0.6, 5 / 13])
    assert compile(lambda e, pi: np.sin(e) * pi.exp() + abs(e)).variables == ("e", "pi")
    assert len(calls) == 1


def test_a_parameter_that_is_not_used_has_a_derivative_of_0() -> None:
    assert compile(lambda x, y: x * 2)(np.arange(2.0), 1.0)[1]["y"].tolist() == [0.0, 0.0]


REFUSED: list[tuple[Callable[..., Any], str, str]] = [
    (lambda x: x if x > 0 else -x, "branches on a value", "where"),
    (lambda x, y: max(x, y), "branches on a value", "where"),
    (lambda x: x.sum(), "as an array", "each parameter stands for a number"),
    (lambda x: x[0] * x[1], "as an array", ""),
    (lambda x: sum(x), "as an array", ""),
    (lambda x: x @ x, "as an array", ""),
    (lambda *x: x[0], r"parameter `\*x`", ""),
    (lambda *, x: x, "parameter `x`", ""),
    (lambda x: math.sin(x), "can't be called with symbols", "gradcli.functions"),
    (lambda x: 3.0, "returned float", ""),
    (lambda x: (x, x), "returned tuple", ""),
    (lambda x: x == 1, "returned True or False", ""),
    (max, "Python can't list the parameters of the function `max`", ""),
    (5, "not int", ""),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("function", "message", "hint"), REFUSED)
def test_what_can_not_be_traced_is_refused(function: Callable[..., Any], message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        compile(function)
    assert hint in f"{caught.value.message} {caught.value.hint}"
