"""What `gradcli plot` prints of a function of two variables."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_a_terminal_shows_heights_and_critical_points(inside: Run) -> None:
    found = inside("plot", "x^3 - 3x + y^2", "x=-2:2", "y=-2:2", terminal=True, environment={"TERM": "xterm-256color"})
    assert (found.code, found.err) == (0, "")
    picture, words = re.sub(r"\x1b\[[0-9;]*m", "", found.out).split("\n\n")
    assert picture.startswith("x^3 - 3*x + y^2\n██ -2")
    assert {*"▀▼✕→"} <= {*picture}
    assert words.splitlines() == [
        "saddle point at x = -1.0, y = 0.0, value 2.0",
        "minimum at x = 1.0, y = 0.0, value -2.0",
    ]


def test_without_colours_heights_are_shades(inside: Run) -> None:
    found = inside("plot", "x*y", "x=-2:2", "y=-2:2", "--no-color", terminal=True)
    assert {*"░▒▓█✕"} <= {*found.out}
    assert "▀" not in found.out


def test_the_document(inside: Run) -> None:
    found = inside("plot", "a*x*y", "x=-1:1", "y=0:1", "a=2", "--points", "2", "--json")
    document = json.loads(found.out)
    assert list(document) == ["expressions", "variables", "ranges", "at", "points", "features", "complete", "file"]
    assert (document["variables"], document["ranges"]) == (["x", "y"], [[-1.0, 1.0], [0.0, 1.0]])
    assert document["points"][1] == {"x": -1.0, "y": 1.0, "value": -2.0, "gradient": {"x": 2.0, "y": -2.0}}
    assert document["features"] == [
        {"kind": "saddle point", "x": 0.0, "y": 0.0, "value": 0.0, "eigenvalues": [-2.0, 2.0]}
    ]
    assert document["complete"] is True


def test_a_curve_of_critical_points_is_told(inside: Run) -> None:
    found = inside("plot", "(x + y)^2", "x=-1:1", "y=-1:1", "--points", "2")
    assert found.err == "note: the gradient is 0 on a curve, or at more points than are listed\n"


def test_a_figure_is_written(inside: Run, own_folder: Path) -> None:
    pytest.importorskip("matplotlib")
    assert inside("plot", "x*y", "x=-1:1", "y=-1:1", "-o", "saddle.png").err.startswith("wrote saddle.png\n")
    assert Path("saddle.png").read_bytes().startswith(b"\x89PNG")


def test_a_rectangle_without_values_is_refused(inside: Run) -> None:
    found = inside("plot", "sqrt(x*y)", "x=-2:-1", "y=1:2")
    assert found.code == 2
    assert "`sqrt(x*y)` has no value for x = -2.0 to -1.0 and y = 1.0 to 2.0" in found.err
