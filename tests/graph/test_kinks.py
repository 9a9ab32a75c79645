"""Kinks that a function does not have as a whole; `tests/faults/test_kink_faults.py` has the table of functions."""

from __future__ import annotations

import pytest

from gradcli import parse
from gradcli.graph import differentiate
from gradcli.graph.kinks import smooth_partials, without_kinks
from gradcli.printing.text import to_text


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("abs(x)*y*abs(x)", "abs(x)^2*y"),
        ("abs(x)/y*abs(x)", "abs(x)^2/y"),
        ("abs(x)^2*abs(x)", "abs(x)^3"),
        ("cos(abs(x))", "cos(x)"),
        ("abs(x^2 + y^2)", "x^2 + y^2"),
        ("sin(abs(x^2))", "sin(x^2)"),
        ("abs(x)*y", "abs(x)*y"),
        ("abs(x - y)", "abs(x - y)"),
        ("abs(x + y^2)", "abs(x + y^2)"),
        ("sin(abs(x))", "sin(abs(x))"),
    ],
)
def test_a_function_is_written_with_fewer_kinks(text: str, without: str) -> None:
    assert to_text(without_kinks(parse(text).root)) == without


def test_what_is_differentiated_stays_as_it_is() -> None:
    root = parse("cos(abs(x))").root
    (operand,) = root.operands
    assert without_kinks(root, [operand]) is root
    assert differentiate.without_kinks(parse("cos(x)*x").root) is not None


@pytest.mark.parametrize("text", ["abs(x)", "abs(x)^2.5", "abs(x)^1", "abs(x)^y", "x^2", "cbrt(x)^2"])
def test_only_powers_that_are_smooth_are_differentiated_with_their_base(text: str) -> None:
    assert smooth_partials(parse(text).root) is None
