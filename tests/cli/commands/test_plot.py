"""`gradcli plot`: the picture, the table, the document, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def uncoloured(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_a_terminal_shows_the_curve_and_its_special_points(inside: Run) -> None:
    found = inside("plot", "x^3 - 3x", "x=-3:3", terminal=True)
    assert (found.code, found.err) == (0, "")
    picture, words = uncoloured(found.out).split("\n\n")
    assert "x^3 - 3*x" in picture.splitlines()[0]
    assert any(0x2801 <= ord(character) <= 0x28FF for character in picture)
    assert max(map(len, picture.splitlines())) <= 80
    first, *others, last = words.splitlines()
    assert [float(text.removeprefix("zero at x = ")) for text in (first, last)] == pytest.approx([-sqrt(3), sqrt(3)])
    assert others == [
        "maximum at x = -1.0, value 2.0",
        "zero at x = 0.0",
        "inflection at x = 0.0, value 0.0, slope -3.0",
        "minimum at x = 1.0, value -2.0",
    ]


def test_a_pipe_gets_a_table_and_the_points_as_notes(inside: Run) -> None:
    found = inside("plot", "x^2 - 1", "x=0:2", "--points", "3", "--derivatives", "2")
    assert found.out.splitlines() == [
        "x\tvalue\td1\td2",
        "0.0\t-1.0\t0.0\t2.0",
        "1.0\t0.0\t2.0\t2.0",
        "2.0\t3.0\t4.0\t2.0",
    ]
    assert found.err.splitlines() == ["note: minimum at x = 0.0, value -1.0", "note: zero at x = 1.0"]


def test_several_expressions_have_columns_of_their_own(inside: Run) -> None:
    found = inside("plot", "x", "-x", "x=0:1", "--points", "2", "--derivatives", "1")
    assert found.out.splitlines()[0] == "x\tvalue1\td1_1\tvalue2\td1_2"
    assert found.err.splitlines() == ["note: x: zero at x = 0.0", "note: -x: zero at x = 0.0"]


def test_the_document(inside: Run) -> None:
    found = inside("plot", "a/x", "x=-1:1", "a=2", "--points", "3", "--derivatives", "1", "--tangent", "0.5", "--json")
    document = json.loads(found.out)
    assert list(document) == [
        "expressions", "variable", "range", "at", "points", "features", "incomplete", "file", "tangents",
    ]  # fmt: skip
    assert document["expressions"] == ["a/x"]
    assert (document["variable"], document["range"], document["at"]) == ("x", [-1.0, 1.0], {"a": 2.0})
    assert document["points"][0] == {"x": -1.0, "values": [-2.0], "derivatives": [[-2.0]]}
    assert document["points"][1]["values"] == ["Infinity"]
    (pole,) = document["features"]
    assert pole == {
        "expression": 0, "kind": "pole", "x": 0.0, "value": None,
        "left": "-Infinity", "right": "Infinity", "slope": None,
    }  # fmt: skip
    assert document["incomplete"] == [[]]
    assert document["tangents"] == [{"x": 0.5, "value": 4.0, "slope": -8.0}]


def test_an_interval_of_zeros_has_another_end_in_the_document(inside: Run) -> None:
    document = json.loads(inside("plot", "relu(x)", "x=-1:1", "--json").out)
    assert document["features"][0] == {
        "expression": 0, "kind": "zero", "x": -1.0, "value": 0.0, "left": None, "right": None, "slope": None, "to": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "words", [("values^2", "values=0:1"), ("gradient*x", "gradient=0:1", "x=0:1"), ("kind - x", "x=0:1", "kind=0:1")]
)
def test_a_variable_never_takes_the_place_of_another_key_in_the_document(inside: Run, words: tuple[str, ...]) -> None:
    found = inside("plot", *words, "--json")
    assert found.code == 2
    assert json.loads(found.out)["error"]["kind"] == "conflicting_names"
    assert inside("plot", *words, "--plain").code == 0


def test_a_figure_is_written(inside: Run, own_folder: Path) -> None:
    pytest.importorskip("matplotlib")
    found = inside("plot", "tan(x)", "x=-3:3", "-o", "tan.svg", "--tangent", "x=0.5")
    assert found.out == ""
    assert found.err.startswith("wrote tan.svg\n")
    assert Path("tan.svg").read_text(encoding="utf-8").count("<svg") == 1
    assert inside("plot", "x", "-o", "x.doc").code == 2


def test_without_a_range_a_usual_one_is_taken_and_said(inside: Run) -> None:
    found = inside("plot", "t^2", "--points", "2")
    assert found.out.splitlines()[1:] == ["-5.0\t25.0", "5.0\t25.0"]
    assert found.err.splitlines()[0] == "note: t goes from -5.0 to 5.0; t=-1:1 sets another range"


def test_an_equation_is_its_right_side(inside: Run) -> None:
    assert json.loads(inside("plot", "y = x^2", "x=0:1", "--json").out)["expressions"] == ["x^2"]


def test_many_points_are_shortened_on_a_terminal(inside: Run) -> None:
    found = inside("plot", "sin(20x)", "x=-3:3", terminal=True)
    assert uncoloured(found.out).splitlines()[-1].endswith("more; --json has all of them")


def test_poles_without_end_are_told(inside: Run) -> None:
    found = inside("plot", "tan(1/x)", "x=-1:1", "--points", "2")
    assert "than could be told apart; they are not listed" in found.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("sqrt(x)", "x=-2:-1"), "`sqrt(x)` has no value between x = -2.0 and -1.0"),
        (("a*x", "x=0:1"), "no value for `a`"),
        (("x*y",), "no variable has a range: `x` and `y`"),
        (("x*y*z", "x=0:1", "y=0:1", "z=0:1"), "3 variables have ranges, `x`, `y` and `z`, but at most two may"),
        (("x*y", "x=0:1", "y=0:1", "--tangent", "1"), "--tangent is for curves of one variable"),
        (("x*y", "x", "x=0:1", "y=0:1"), "a second expression is for curves of one variable"),
        (("x", "x=0:1", "y=0:1"), "the expression has no variable `y`"),
        (("x*y", "x=0:1", "x=1"), "`x` has two values"),
        (("x", "t=0:1"), "the expression has no variable `t`"),
        (("x", "x=0:1", "b=2"), "the expression has no variable `b`"),
        (("x", "x=0:1", "--tangent", "t=1"), "`--tangent`: `t` is not the variable of the curve"),
        (("abs(x)", "x=-1:1", "--tangent", "0"), "`abs(x)` has a kink at x = 0.0, so there is no tangent"),
        (("1/x", "x=-1:1", "--tangent", "0"), "`1/x` has no finite value and slope at x = 0.0"),
        (("2",), "there is no variable to plot over"),
        ((), "no expression is given"),
    ],
)
def test_what_can_t_be_drawn_is_refused(inside: Run, words: tuple[str, ...], message: str) -> None:
    found = inside("plot", *words)
    assert found.code == 2
    assert message in found.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x", "x=0:1", "--points", "1000001"), "at most 1,000,000 rows, not 1,000,001"),
        (("x*y", "x=0:1", "y=0:1", "--points", "1001"), "at most 1,000,000 rows, not 1,002,001"),
        (("x", "x=0:1", "--derivatives", "9"), "at most 8 derivatives are drawn, not 9"),
    ],
)
def test_there_are_bounds(inside: Run, words: tuple[str, ...], message: str) -> None:
    found = inside("plot", *words)
    assert found.code == 2
    assert message in found.err
    assert "the environment variable GRADCLI_CURVE_" in found.err


def test_arrays_have_no_curve(inside: Run) -> None:
    assert inside("plot", "sum([x, 1])", "x=0:1").code == 3


def test_two_variables_have_a_table_and_critical_points(inside: Run) -> None:
    found = inside("plot", "x^2 - a*y^2", "x=-1:1", "y=0:1", "a=1", "--points", "2")
    assert found.out.splitlines() == [
        "x\ty\tvalue\td_x\td_y",
        "-1.0\t0.0\t1.0\t-2.0\t-0.0",
        "-1.0\t1.0\t0.0\t-2.0\t-2.0",
        "1.0\t0.0\t1.0\t2.0\t-0.0",
        "1.0\t1.0\t0.0\t2.0\t-2.0",
    ]
    assert found.err == "note: saddle point at x = 0.0, y = 0.0, value 0.0\n"
