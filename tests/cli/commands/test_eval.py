"""`gradcli eval`: the value, in each form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]
NO_COLOUR = {"NO_COLOR": "1"}


def test_the_value_alone_in_a_pipe(inside: Run) -> None:
    assert inside("eval", "x1*x2+sin(x1)", "--x1", "2", "--x2", "3") == (0, "6.909297426825682\n", "")


def test_how_it_was_read_on_a_terminal(inside: Run) -> None:
    assert inside("eval", "1/2*x", "x=3", terminal=True, environment=NO_COLOUR).out == "1/2*x = 1.5\n"


def test_json_has_two_keys_and_the_notes(inside: Run) -> None:
    assert inside("eval", "1/2", "--json").out == '{"expression": "1/2", "value": 0.5}\n'
    found = json.loads(inside("eval", "1/0", "--json").out)
    assert (found["value"], [note["kind"] for note in found["notes"]]) == ("Infinity", ["pole"])


def test_under_strict_what_is_not_finite_ends_with_4(inside: Run) -> None:
    assert inside("eval", "1/x", "x=0", "--strict").code == 4
    assert inside("eval", "1/x", "x=2", "--strict").out == "0.5\n"


def test_a_very_long_expression_is_echoed_in_part_on_a_terminal_only(inside: Run) -> None:
    text = "+".join(["x"] * 2000)
    assert len(inside("eval", text, "x=1", terminal=True).out) < 1200
    assert len(json.loads(inside("eval", text, "x=1", "--json").out)["expression"]) > 3000
