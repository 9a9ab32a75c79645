"""`gradcli.cli.reading.ranges`: the range of a variable, and the axes of a grid."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


def test_axes_may_be_given_in_any_of_the_ways_of_variables(inside: Run) -> None:
    ways = (
        ("--grid", "x=0:1:2", "y=0:2:3"), ("--grid", "x=0:1:2", "--grid", "y=0:2:3"), ("--grid", "x=0:1:2,y=0:2:3"),
        ("--grid", "x=0:1:2", "--y", "0:2:3"),
    )  # fmt: skip
    assert len({inside("map", "x+y", *words).out for words in ways}) == 1


@pytest.mark.parametrize(
    "words", [("x=-1:2",), ("x=2:-1",), ("--x", "-1:2"), ("--at", "x=-1:2"), ("x=-(1):sqrt(4)",), ("x = -1 : 2",)]
)
def test_a_range_has_two_ends_which_are_expressions(inside: Run, words: tuple[str, ...]) -> None:
    assert json.loads(inside("plot", "x", *words, "--json").out)["range"] == [-1.0, 2.0]


@pytest.mark.parametrize(
    ("word", "message", "hint"),
    [
        ("x=1:1", "the range `x=1:1` is a single point", "write x=START:STOP, for example x=-3:3"),
        ("x=1:1+1e-12", "the range `x=1:1+1e-12` is too narrow", "for example x=-3:3"),
        ("x=0:1e-300", "the range `x=0:1e-300` is too narrow", "for example x=-3:3"),
        ("x=1:", "`x=1:` is not a range", "write x=START:STOP, for example x=-3:3"),
        ("x=0:inf", "the ends of the range of `x` have to be finite numbers", "write x=START:STOP, for example x=-3:3"),
        ("x=0:1:50", "`x=0:1:50` has a number of points", "write x=0:1; --points 50 sets the number of points"),
        ("x=0:a", "the stop of `x` has to be a number", "numbers, constants"),
    ],
)
def test_a_text_that_is_no_range_is_refused(inside: Run, word: str, message: str, hint: str) -> None:
    found = inside("plot", "x", word)
    assert found.code == 2
    assert f"error: {message}" in found.err
    assert hint in found.err
