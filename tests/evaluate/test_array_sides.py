"""`gradcli.evaluate.array_sides`: results next to a point; `tests/faults/test_kink_faults.py` has formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import parse
from gradcli.evaluate.array_sides import sides_differ, slant
from gradcli.graph import Node


def variables(*names: str) -> list[Node]:
    return [parse("+".join(names)).graph.variable(name) for name in names]


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_no_two_elements_of_a_slant_move_together(turn: int) -> None:
    found = slant((20, 50), turn)
    assert found.shape == (20, 50)
    assert len(np.unique(found)) == found.size
    assert (np.abs(found) >= 0.5).all()
    assert (np.abs(found) < 1.0).all()
    assert (found > 0.0).sum() == (1000 if turn == 0 else 500)


@pytest.mark.parametrize(
    ("function", "differs"),
    [
        (lambda x: np.sign(x), True),
        (lambda x: np.where(x == 0.0, 0.0, 1.0), True),
        (lambda x: np.where(x < 0.0, 1.0, 0.0), True),
        (lambda x: np.where(x == 0.0, np.nan, 1.0), True),
        (lambda x: np.where(x == 0.0, 0.0, 1.0 / np.where(x == 0.0, 1.0, x)), True),
        (lambda x: np.abs(x), False),
        (lambda x: np.sqrt(np.abs(x)), False),
        (lambda x: np.exp(1000.0 * x), False),
        (lambda x: np.where(x < 0.0, np.nan, 1.0), False),
        (lambda x: np.where(x == 0.0, np.nan, np.nan), False),
    ],
)
def test_a_difference_is_one_only_if_it_stays(function: Callable[[Any], Any], differs: bool) -> None:
    nodes = variables("x", "y")
    assert sides_differ(lambda at: function(at["x"]), {"x": np.zeros(3), "y": 0.0}, nodes) is differs
    assert not sides_differ(lambda at: function(at["x"]), {"x": np.zeros(3), "y": 0.0}, nodes[1:])
