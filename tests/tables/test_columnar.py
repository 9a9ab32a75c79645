"""Tables of Arrow's own formats: types, sizes of blocks, and damaged files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.errors import UnavailableError
from gradcli.tables.formats import read_blocks, read_table
from gradcli.tables.reader import ROWS
from gradcli.tables.table import Table
from gradcli.train.data.selection import table_data

arrow = pytest.importorskip("pyarrow")


def write_parquet(path: Path, **columns: Any) -> str:
    from pyarrow import parquet

    parquet.write_table(arrow.table(columns), path)
    return str(path)


def rows_of(found: Table) -> list[list[str]]:
    return [[cells.text(row) for cells in found.cells] for row in range(len(found))]


def test_types_become_numbers_and_words(tmp_path: Path) -> None:
    import datetime
    import decimal

    found = read_table(
        write_parquet(
            tmp_path / "t.parquet",
            whole=[1, None],
            truth=[True, None],
            money=[decimal.Decimal("1.50"), decimal.Decimal("2.00")],
            day=[datetime.date(2020, 1, 2), None],
            nothing=[None, None],
            text=[" a ", None],
            few=pytest.importorskip("pyarrow").array(["x", "y"]).dictionary_encode(),
        )
    )
    assert rows_of(found) == [["1", "true", "1.50", "2020-01-02", "", "a", "x"], ["", "", "2.00", "", "", "", "y"]]


def test_many_numbers_over_several_blocks(tmp_path: Path) -> None:
    values = np.random.RandomState(0).normal(size=2 * ROWS + 7)
    path = write_parquet(tmp_path / "t.parquet", x=values, k=np.arange(len(values)) % 3)
    found = read_table(path)
    assert np.array_equal(found.cells[0].numbers, values)
    assert np.array_equal(found.cells[1].numbers, np.arange(len(values)) % 3)
    assert [block.first for block in read_blocks(path, rows=2 * ROWS)] == [0, ROWS, 2 * ROWS]


def test_what_is_no_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"column `x`: values of type list"):
        read_table(write_parquet(tmp_path / "t.parquet", x=[[1], [2]]))
    numbers = [0.1 * row for row in range(99)]
    table = read_table(write_parquet(tmp_path / "i.parquet", x=[*numbers, float("inf")], y=[*range(100)]))
    with pytest.raises(UnavailableError) as caught:
        table_data(table, "y")
    assert caught.value.message == "`i.parquet`, row 100, column `x`: `inf` is not a finite number"


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 100, b"no parquet at all"])
def test_a_damaged_file_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(content)
    with pytest.raises(UnavailableError, match=r"`t.parquet` can't be read as Parquet"):
        read_table(str(path))


def test_without_pyarrow_one_sentence_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "t.parquet").write_bytes(b"")
    with pytest.raises(UnavailableError) as caught:
        read_table(str(tmp_path / "t.parquet"))
    assert caught.value.hint == 'pip install "gradcli[data]"'
