"""`gradcli.cli.notebook.cell_words`: what the words of a magic are, and what $name stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli import Value, parse, tensor
from gradcli.cli.catalogue import load
from gradcli.cli.notebook.cell_words import cell_words, text_of
from gradcli.cli.reading.invocation import options_of
from gradcli.errors import UsageError

GRAD, TRAIN = options_of(load("grad")), options_of(load("train"))


@pytest.mark.parametrize(
    ("line", "cell", "expected"),
    [
        ("x1 * x2 + sin(x1) x1=2 --x2 3", "", ["x1 * x2 + sin(x1)", "x1=2", "--x2", "3"]),
        ("x=1", "# why\nsin(x)\n + x\n", ["x=1", "sin(x)\n + x"]),
        (r"\frac{1}{2}x x=$x", "", [r"\frac{1}{2}x", "x=0.1"]),
        ("$f x=$A --wrt x", "", ["x^2 + 1", "x=[[1.0, 2.0]]", "--wrt", "x"]),
        ("x x=$$x", "", ["x", "x=$x"]),
    ],
)
def test_an_expression_needs_no_quotes_and_names_have_their_values(line: str, cell: str, expected: list[str]) -> None:
    variables = {"x": 0.1, "f": "x^2 + 1", "A": np.array([[1, 2]])}
    assert cell_words(line, cell, GRAD, variables) == expected


def test_the_lines_of_a_cell_are_words_of_a_command_without_an_expression() -> None:
    words = cell_words("moons", '--epochs 20\n# comment\n--data "y > 3"', TRAIN, {})
    assert words == ["moons", "--epochs", "20", "--data", "y > 3"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, "3"),
        (10**400, "1" + 400 * "0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (float("nan"), "nan"),
        (np.float32(0.5), "0.5"),
        ([[1, 2], [3, 4]], "[[1.0, 2.0], [3.0, 4.0]]"),
        (np.arange(3), "[0.0, 1.0, 2.0]"),
        (tensor([1.0, 2.0], requires_grad=True) * 2, "[2.0, 4.0]"),
        (Value(2.0) * 3, "6.0"),
        (parse("x^2"), "x^2"),
    ],
)
def test_a_value_is_written_with_all_its_digits(value: Any, expected: str) -> None:
    assert text_of("x", value) == expected


@pytest.mark.parametrize("value", [None, True, {"a": 1}, [1, "b"], [[1], [1, 2]], 1j, print])
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(UsageError, match=r"`\$x` is a .*, not a number, an array or a text"):
        text_of("x", value)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match="the notebook has no variable `angel`") as caught:
        cell_words("x=$angel", "", GRAD, {"angle": 1.0, "_hidden": 2})
    assert caught.value.hint == "did you mean `angle`?"
