"""`gradcli.errors`: each mistake raises what a Python user expects, and an error of gradcli at the same time."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

import gradcli
from gradcli import functions as f
from gradcli.errors import CallError, ExpressionError, GradcliError, ShapeError, UsageError

CASES: list[tuple[str, Callable[[], Any], type[GradcliError], type[Exception]]] = [
    ("a function without its operand", lambda: f.sin(), CallError, TypeError),
    ("a function with an option that it lacks", lambda: f.sin(1.0, axis=0), CallError, TypeError),
    ("a function of arrays without its operand", lambda: f.transpose(), CallError, TypeError),
    ("matrices that don't fit", lambda: f.matmul(gradcli.ones(2, 3), gradcli.ones(2)), ShapeError, ValueError),
    ("arrays that don't broadcast", lambda: gradcli.ones(2) + gradcli.ones(3), ShapeError, ValueError),
    ("a shape that another can't take", lambda: gradcli.ones(2).reshape(3), ShapeError, ValueError),
    ("an axis that isn't there", lambda: gradcli.ones(2).sum(axis=5), UsageError, ValueError),
    ("a choice that isn't there", lambda: gradcli.compile("x", executor="gpu"), UsageError, ValueError),
    (
        "a rate that an optimiser can't take",
        lambda: gradcli.optim.SGD([gradcli.Value(1.0)], lr=-1),
        UsageError,
        ValueError,
    ),
    ("a text without meaning", lambda: gradcli.parse("1 +"), ExpressionError, ValueError),
    ("shapes in a text", lambda: gradcli.parse("A @ x")(A=[[1.0]], x=[1.0, 2.0]), ShapeError, ValueError),
]


@pytest.mark.parametrize(("call", "own", "usual"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_mistake_is_an_error_of_gradcli_and_the_usual_one_of_python(
    call: Callable[[], Any], own: type[GradcliError], usual: type[Exception]
) -> None:
    with pytest.raises(own) as caught:
        call()
    assert isinstance(caught.value, usual)
    assert str(caught.value) == caught.value.message


def test_an_error_travels_between_processes_whole() -> None:
    error = UsageError("`split` is a share", kind="bad_value", hint="for example `split=0.2`", argument="split")
    again = pickle.loads(pickle.dumps(error))
    assert (again.message, again.kind, again.hint, again.arguments) == (
        error.message,
        "bad_value",
        error.hint,
        ("split",),
    )
