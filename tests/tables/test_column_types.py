"""Types of columns of text: told by the first block, kept by the others, and a cell that does not fit has its place."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

from gradcli.errors import UnavailableError
from gradcli.tables.cells import JsonCells, Numbers, Texts, without_gaps
from gradcli.tables.column_types import DOUBLE, TRUE_OR_FALSE, WHOLE_NUMBER, is_double, typed_blocks
from gradcli.tables.table import Table
from tests.support.loops import for_each

arrow = pytest.importorskip("pyarrow")


def blocks(*columns: Any) -> list[Table]:
    made, first = [], 0
    for cells in columns:
        made.append(Table("t.csv", ("x",), (Texts(cells) if isinstance(cells, list) else cells,), first=first))
        first += len(made[-1])
    return made


TYPES: list[tuple[list[str], str, list[Any]]] = [
    (["1", " -2 ", ""], "int64", [1, -2, None]),
    (["1", "2.5", ""], "double", [1.0, 2.5, None]),
    (["9223372036854775807"], "int64", [2**63 - 1]),
    (["9223372036854775808"], "string", ["9223372036854775808"]),
    (["3", "12345678901234567890"], "string", ["3", "12345678901234567890"]),
    (["007", "12"], "string", ["007", "12"]),
    (["007", "12.5"], "double", [7.0, 12.5]),
    (["+4930123456"], "string", ["+4930123456"]),
    (["0.1234567890123456789"], "string", ["0.1234567890123456789"]),
    (["1.000000000000000056e-01", "0.30000000000000004"], "double", [0.1, 0.30000000000000004]),
    (["1e400"], "string", ["1e400"]),
    (["1e3", "inf"], "double", [1000.0, float("inf")]),
    (["true", "FALSE", ""], "bool", [True, False, None]),
    (["2024-01-02", ""], "date32[day]", [datetime.date(2024, 1, 2), None]),
    (["2024-01-02 03:04:05"], "timestamp[s]", [datetime.datetime(2024, 1, 2, 3, 4, 5)]),
    (["1", "two"], "string", ["1", "two"]),
    (["1_000"], "string", ["1_000"]),
    (["", ""], "string", ["", ""]),
]


@pytest.mark.parametrize(("texts", "kind", "values"), TYPES)
def test_the_type_is_the_narrowest_that_all_cells_fit(texts: list[str], kind: str, values: list[Any]) -> None:
    (found,) = typed_blocks(blocks(texts), (), is_json=False)
    array = found.cells[0].arrow()
    assert str(array.type) == kind
    assert array.to_pylist() == values


def test_json_has_no_dates_and_keeps_the_digits_of_numbers() -> None:
    for texts, literals in (
        (["2024-01-02", ""], ['"2024-01-02"', '""']),
        (["2.50", "7", "inf"], ["2.50", "7", "null"]),
        ([".5", "-7.", "1e400"], ["0.5", "-7.0", "1e400"]),
        (["12345678901234567890", ""], ["12345678901234567890", "null"]),
        (["+7", ""], ['"+7"', '""']),
        (["007", ""], ['"007"', '""']),
        (["true", ""], ["true", "null"]),
    ):
        (found,) = typed_blocks(blocks(texts), (), is_json=True)
        cells = found.cells[0]
        if isinstance(cells, JsonCells):
            assert cells.literals() == literals
        else:
            assert [f'"{cells.text(row)}"' for row in range(len(cells))] == literals


@pytest.mark.parametrize(
    ("first", "later", "said"),
    [
        (["1"], ["2", "2.5"], "row 3, column `x`: `2.5` is not a whole number, as in the rows before"),
        (["1"], ["007"], "row 2, column `x`: `007` is not a whole number, as in the rows before"),
        (["1"], ["0x1F"], "row 2, column `x`: `0x1F` is not a whole number, as in the rows before"),
        (["true"], ["1"], "row 2, column `x`: `1` is not true or false, as in the rows before"),
        (["1"], ["9" * 20], f"row 2, column `x`: `{'9' * 20}` does not fit the type int64 of the rows before"),
        (["1.5"], ["many"], "row 2, column `x`: `many` is not a number, as in the rows before"),
        (["true"], ["yes"], "row 2, column `x`: `yes` is not true or false, as in the rows before"),
        (["2024-01-02"], ["soon"], "row 2, column `x`: `soon` is not of the type date32, as in the rows before"),
    ],
)
def test_a_cell_further_down_that_does_not_fit_is_named_with_its_place(
    first: list[str], later: list[str], said: str
) -> None:
    with pytest.raises(UnavailableError) as caught:
        list(typed_blocks(blocks(first, later), (), is_json=False))
    assert caught.value.message == f"`t.csv`, {said}"


def test_the_first_block_decides_and_gaps_fit_everything() -> None:
    found = list(typed_blocks(blocks(["1", "2"], ["", "3"]), (), is_json=False))
    assert [one.cells[0].arrow().to_pylist() for one in found] == [[1, 2], [None, 3]]
    assert {str(one.cells[0].arrow().type) for one in found} == {"int64"}
    found = list(typed_blocks(blocks(["a"], ["1"]), (), is_json=False))
    assert {str(one.cells[0].arrow().type) for one in found} == {"string"}


def test_a_column_that_is_computed_with_is_numbers_whatever_its_texts_look_like() -> None:
    (found,) = typed_blocks(blocks(["1", "2"]), ("x",), is_json=False)
    assert isinstance(found.cells[0], Numbers)
    assert found.cells[0].numbers.tolist() == [1.0, 2.0]


def test_a_column_that_has_a_type_already_is_left_alone() -> None:
    (made,) = blocks(Numbers(np.array([1.5])))
    (found,) = typed_blocks([made], (), is_json=False)
    assert found.cells[0] is made.cells[0]


@for_each("long", [0, 1, 5, 9, 10])
@for_each("last", ["0.12345678901234567", "0.1234567890123456789", "1e999", "2.50", ""])
def test_numbers_of_many_digits_are_checked_however_many_there_are(long: int, last: str) -> None:
    texts = ["0.30000000000000004"] * long + ["1.5"] * (10 - long) + [last]
    is_kept = is_double(last)
    found = DOUBLE.at_once(without_gaps(arrow.array(texts)))
    assert (found is not None) == (is_kept or not last)
    if found is not None:
        assert found.array.to_pylist() == [float(text) if text else None for text in texts]


def test_a_block_of_gaps_fits_every_kind() -> None:
    gaps = without_gaps(arrow.array(["", "NA"]))
    for kind in (DOUBLE, WHOLE_NUMBER, TRUE_OR_FALSE):
        found = kind.at_once(gaps)
        assert found is not None
        assert found.array.to_pylist() == [None, None]
