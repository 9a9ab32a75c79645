"""`gradcli check`: the gradient and how many digits of it each other method confirms."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]
NO_COLOUR = {"NO_COLOR": "1"}


def test_rows_of_digits_in_a_pipe(inside: Run) -> None:
    lines = inside("check", "x1*x2+sin(x1)", "--x1", "2", "--x2", "3").out.splitlines()
    assert lines[:3] == [
        "expression\tx1*x2 + sin(x1)",
        "value\t6.909297426825682",
        "variable\tderivative\tforward\tcomplex_step\tfinite_difference",
    ]
    assert lines[3].startswith("x1\t2.5838531634528574\t17 digits\t")
    assert lines[-1] == "agree\tyes"


def test_the_keys_of_json(inside: Run) -> None:
    document = json.loads(inside("check", "tanh(x)", "x=2", "--json").out)
    assert list(document) == ["expression", "value", "gradient", "methods", "agree"]
    assert list(document["methods"]) == ["forward", "complex_step", "finite_difference"]
    assert document["agree"] is True


def test_a_choice_at_a_kink_is_no_disagreement(inside: Run) -> None:
    found = inside("check", "abs(x)", "x=0", terminal=True, environment=NO_COLOUR)
    assert found.code == 0
    assert "The derivative at this point is set by a convention" in found.out.replace("\n", " ")
    assert max(map(len, found.out.splitlines())) <= 80
