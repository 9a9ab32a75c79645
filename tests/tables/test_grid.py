"""A grid holds NumPy's numbers, bit for bit, in NumPy's order."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.tables import grid as module
from gradcli.tables.grid import Axis, Grid

AXES = [
    [Axis("x", -3.0, 3.0, 1000)],
    [Axis("x", 0.1, 0.7, 7), Axis("y", 5.0, -5.0, 11)],
    [Axis("x", 1.0, 1.0, 3), Axis("y", 0.0, 1.0, 1), Axis("z", -1e300, 1e300, 5)],
    [Axis("x", 0.0, 5e-324, 4)],
    [Axis("x", 0.1, 1e9, 4001)],
]


def columns(grid: Grid) -> dict[str, np.ndarray]:
    blocks = list(grid.blocks(grid.names))
    assert sum(map(len, blocks)) == grid.rows
    return {name: np.concatenate([block.column(name).numbers for block in blocks]) for name in grid.names}


@pytest.mark.parametrize("rows", [1 << 17, 64, 1])
@pytest.mark.parametrize("axes", AXES, ids=str)
def test_its_values_are_those_of_linspace_and_meshgrid(
    axes: list[Axis], rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS", rows)
    found = columns(Grid(axes))
    expected = np.meshgrid(*[np.linspace(axis.start, axis.stop, axis.points) for axis in axes], indexing="ij")
    for axis, values in zip(axes, expected, strict=True):
        assert found[axis.name].tobytes() == values.ravel().tobytes()


def test_a_grid_larger_than_memory_begins_at_once() -> None:
    grid = Grid([Axis("x", 0.0, 1.0, 10), Axis("y", 0.0, 1.0, 10**8)])
    assert grid.rows == 10**9
    first = next(grid.blocks(["y"]))
    assert first.column("y").numbers[1] == 1 / (10**8 - 1)


def test_a_grid_with_more_rows_than_can_be_counted_is_refused() -> None:
    with pytest.raises(UsageError, match="rows"):
        Grid([Axis(name, 0.0, 1.0, 10**10) for name in "xyz"])
