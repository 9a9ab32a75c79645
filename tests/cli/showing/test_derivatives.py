"""Second derivatives are a matrix where there is room, and a list where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]


def test_a_hessian_is_a_matrix_where_it_fits(inside: Run) -> None:
    found = inside("diff", "x^2*sin(y)", "--hessian", terminal=True, environment={"NO_COLOR": "1"}).out
    assert [line.split() for line in found.splitlines()[-4:] if "─" not in line] == [
        ["Hessian", "x", "y"],
        ["x", "2*sin(y)", "2*x*cos(y)"],
        ["y", "2*x*cos(y)", "-x^2*sin(y)"],
    ]


def test_a_wide_matrix_is_a_list_of_its_entries(inside: Run) -> None:
    text = "exp(x*y*z)*sin(x + y)*cos(y + z)"
    found = inside("diff", text, "--hessian", terminal=True, environment={"NO_COLOR": "1"}).out
    names = [line.split()[0] for line in found.splitlines() if line.strip().startswith("d2/")]
    assert names == ["d2/dx^2", "d2/dxdy", "d2/dxdz", "d2/dy^2", "d2/dydz", "d2/dz^2"]
