"""JSON lines as tables, sound and damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcli.errors import UnavailableError
from gradcli.tables.formats import read_table
from gradcli.tables.table import Table
from gradcli.train.data.selection import table_data


def rows_of(found: Table) -> list[list[str]]:
    return [[cells.text(row) for cells in found.cells] for row in range(len(found))]


def test_a_key_that_comes_late_or_not_is_a_gap() -> None:
    found = read_table(['{"a": 1}', '{"b": 2}'], "t.jsonl")
    assert (found.columns, rows_of(found)) == (("a", "b"), [["1", ""], ["", "2"]])


def test_truth_values_are_words_and_the_spelling_of_numbers_stays() -> None:
    found = read_table(['{"a": true, "b": 1.0}', '{"a": false, "b": 1}'], "t.jsonl")
    assert rows_of(found) == [["true", "1.0"], ["false", "1"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}\n{"a": 1', "`t.jsonl`, line 2: not JSON (expecting ',' delimiter, character 8)"),
        ('{"a": 1}\n[1]\n', "`t.jsonl`, line 2: not an object with columns as keys"),
        ('{"a": 1}\n{}\n', "`t.jsonl`, line 2: not an object with columns as keys"),
        ('{"a": 1}\n\n{"a": [1]}\n', "`t.jsonl`, line 3, column `a`: a list or an object, but a cell is one value"),
        ('{"a": {"b": 1}}\n', "`t.jsonl`, line 1, column `a`: a list or an object, but a cell is one value"),
        ("", "`t.jsonl` is empty"),
        ('{"a": ' + "[" * 100_000, "`t.jsonl`, line 1: nested too deeply"),
    ],
    ids=lambda value: value[:20],
)
def test_a_line_that_is_no_row_is_named(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(text)
    with pytest.raises(UnavailableError) as caught:
        read_table(str(tmp_path / "t.jsonl"))
    assert caught.value.message == message


def test_a_cell_that_is_no_number_is_named() -> None:
    for value, reason in (("Infinity", "`Infinity` is not a finite number"), ("NaN", "the value is missing")):
        with pytest.raises(UnavailableError) as caught:
            table_data(read_table(['{"x": 1, "y": "a"}', f'{{"x": {value}, "y": "b"}}'], "t.jsonl"), "y")
        assert caught.value.message == f"`t.jsonl`, line 2, column `x`: {reason}"
