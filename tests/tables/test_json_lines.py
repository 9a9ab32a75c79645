"""JSON lines as tables, sound and damaged."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gradcli.errors import GradcliError, UnavailableError
from gradcli.tables import delimited, text_writers
from gradcli.tables.cells import Numbers, SpeltNumbers
from gradcli.tables.formats import open_reader, read_table
from gradcli.tables.table import Table
from gradcli.tables.table_bytes import bytes_of_lines
from gradcli.tables.text_writers import JsonWriter
from gradcli.train.data.selection import table_data


def rows_of(found: Table) -> list[list[str]]:
    return [[cells.text(row) for cells in found.cells] for row in range(len(found))]


def lines_of(found: Table) -> list[int]:
    assert found.lines is not None
    return list(found.lines)


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
        ('{"a": 1}\n\n{"a": [1]}\n', "`t.jsonl`, line 3, column `a`: a list or an object, where one value is expected"),
        ('{"a": {"b": 1}}\n', "`t.jsonl`, line 1, column `a`: a list or an object, where one value is expected"),
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


@pytest.mark.parametrize(
    "lines",
    [
        ['{"x": 1.50, "é": "a}"}', '{"x": -1E+05, "é": ""}', '{"x": 1e999, "é": "b:é"}'],
        ['{"x": 123456789012345678901}', '{"x": -0}'],
        ['{"x":1,"y":2}', '{"x":3,"y":4}'],
        *[
            ['{"x": 1, "y": "a"}', line]
            for line in (
                '{"x": 01, "y": "a"}',
                '{"x": 1., "y": "a"}',
                '{"x": NaN, "y": "a"}',
                '{"x": null, "y": "a"}',
                '{"x": "1", "y": "a"}',
                '{"x": 1, "y": "a,b"}',
                '{"x": 1, "y": "\\u0041"}',
                '{"x": 1, "y": "a\tb"}',
                '{"x": 1, "y": ["a"]}',
                '{"y": "a", "x": 1}',
                '{"x": 1, "y": "a", "x": 2}',
                '{"x": 1, "y": "a", "z": 2}',
                '{"x": 1}',
                "",
                "1",
                '{"x": 1, "y": "a"',
            )
        ],
        ['{"x": 1, "x": 2}', '{"x": 1, "x": 2}'],
        ['{"a,b": 1, "q\\"": 2}', '{"a,b": 1, "q\\"": 2}'],
    ],
    ids=lambda lines: lines[-1],
)
def test_pyarrow_reads_the_cells_that_python_reads(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")

    def found() -> list[object] | str:
        try:
            with open_reader(bytes_of_lines(lines, "t.jsonl"), "jsonl") as reader:
                tables = list(reader.blocks(reader.names))
        except UnavailableError as error:
            return error.message
        held = io.BytesIO()
        for table in tables:
            JsonWriter(held).write(table)
        return [held.getvalue(), *(text for table in tables for text in rows_of(table)), *map(lines_of, tables)]

    by_python = found()
    monkeypatch.setattr(delimited, "LARGE", 0)
    assert found() == by_python


def test_pyarrow_leaves_the_digits_of_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(delimited, "LARGE", 0)
    with open_reader(bytes_of_lines(['{"x": 1.50}', '{"x": 1e999}', '{"x": -0}'], "t.jsonl"), "jsonl") as reader:
        table = next(iter(reader.blocks(["x"])))
    assert isinstance(table.cells[0], SpeltNumbers)
    assert table.doubles("x").tolist() == [1.5, float("inf"), 0]
    written = io.BytesIO()
    JsonWriter(written).write(table.taken(np.array([True, False, True])))
    assert written.getvalue() == b'{"x": 1.50}\n{"x": -0}\n'


def carried(lines: list[str]) -> bytes | str:
    """What is written if each row is carried and gets the key `n`; or what is wrong."""
    held = io.BytesIO()
    writer = JsonWriter(held)
    try:
        with open_reader(bytes_of_lines(lines, "t.jsonl"), "jsonl") as reader:
            assert reader.carry()
            for table in reader.blocks(["x"]):
                writer.write(replace(table, columns=("n",), cells=(Numbers(table.doubles("x")),)))
    except GradcliError as error:
        return error.message
    return held.getvalue()


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ('{"x":1.50}', '{"x":1.50, "n": 1.5}'),
        ('{ "y" : "\\u0041, \\n}{" , "x": -0 }', '{ "y" : "\\u0041, \\n}{" , "x": -0 , "n": -0.0}'),
        ('{"x": null, "y": [true, {"x": 1}]}', '{"x": null, "y": [true, {"x": 1}], "n": null}'),
        ('{"y": "\\ud800", "x": 1}', '{"y": "\\ud800", "x": 1, "n": 1.0}'),
        ('{"y": "é, NaN"}', '{"y": "é, NaN", "n": null}'),
        ('{"x":NaN,"y":{"x":Infinity}}', '{"x": null, "y": {"x": null}, "n": null}'),
        ('{"x": 1e999, "y": 1e999}', '{"x": 1e999, "y": 1e999, "n": null}'),
        ('{"x": true, "y": {}}', '{"x": true, "y": {}, "n": 1.0}'),
        ('{"x": 1, "x": 2}', '{"x": 1, "x": 2, "n": 2.0}'),
        ('{"x": 1, "y": ' + "[" * 200 + "]" * 200 + "}", None),
        ("", ""),
        ('{"x": 1, "z": 2}', '{"x": 1, "z": 2, "n": 1.0}'),
        ('{"x": 1} {"x": 2}', "`t.jsonl`, line 2: not JSON (extra data, character 10)"),
        ("{}", "`t.jsonl`, line 2: not an object with columns as keys"),
        ('{"x": "a"}', "`t.jsonl`, line 2, column `x`: `a` is not a number"),
        ('{"x": 1,}', None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_row_is_carried_as_it_is_or_told_to_be_wrong(
    line: str, written: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ['{"x": 0, "y": "a"}', line]
    by_python = carried(lines)
    if written is not None and written.startswith("`"):
        assert by_python == written
    elif written is not None:
        assert by_python == "".join(f"{one}\n" for one in ('{"x": 0, "y": "a", "n": 0.0}', written) if one).encode()
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(delimited, "LARGE", 0)
    assert carried(lines) == by_python
    assert carried(["\r\n".join(lines)]) == by_python


@pytest.mark.parametrize("is_large", [False, True])
def test_infinite_numbers_of_carried_rows_are_counted_by_their_keys(
    is_large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_large:
        pytest.importorskip("pyarrow")
        monkeypatch.setattr(delimited, "LARGE", 0)
        monkeypatch.setattr(text_writers, "LARGE", 0)
    lines = [
        '{"x": 1, "y": [Infinity, NaN]}',
        '{"x": -Infinity, "y": {"a": [1, -Infinity], "b": "Infinity"}}',
        '{"x": 2, "y": Infinity}',
        '{"x": 3, "y": "NaN"}',
    ]
    writer = JsonWriter(held := io.BytesIO())
    with open_reader(bytes_of_lines(lines, "t.jsonl"), "jsonl") as reader:
        assert reader.carry()
        for table in reader.blocks(["x"]):
            kept = table.taken(np.array([True, True, False, True]))
            writer.write(replace(kept, columns=("n",), cells=(Numbers(np.arange(3.0)),)))
    assert held.getvalue().decode().splitlines() == [
        '{"x": 1, "y": [null, null], "n": 0.0}',
        '{"x": null, "y": {"a": [1, null], "b": "Infinity"}, "n": 1.0}',
        '{"x": 3, "y": "NaN", "n": 2.0}',
    ]
    assert {name: count for name, count in writer.infinite.items() if count} == {"x": 1, "y": 2}


def test_infinite_numbers_in_lists_are_counted_where_rows_are_not_carried() -> None:
    lines = ['{"x": 1, "y": [Infinity, 2]}', '{"x": 2, "y": {"a": -Infinity}}']
    writer = JsonWriter(held := io.BytesIO())
    with open_reader(bytes_of_lines(lines, "t.jsonl"), "jsonl") as reader:
        for table in reader.blocks():
            writer.write(table)
    assert held.getvalue().decode().splitlines() == ['{"x": 1, "y": [null, 2]}', '{"x": 2, "y": {"a": null}}']
    assert writer.infinite["y"] == 2
