"""Text is the same, whether pyarrow writes it or Python, and is read again as it was."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
import pytest

from gradcli.tables import text_writers
from gradcli.tables.arrow_values import texts_of
from gradcli.tables.cells import ArrowCells, Cells, JsonCells, Numbers, Texts, Words
from gradcli.tables.formats import open_writer
from gradcli.tables.table import Table
from gradcli.tables.text_writers import spelt_number

arrow = pytest.importorskip("pyarrow")


def doubles() -> np.ndarray:
    """Doubles of all sizes."""
    generator = np.random.default_rng(0)
    bits = generator.integers(0, 2**64, 4000, dtype=np.uint64).view(np.float64)
    sizes = generator.standard_normal(4000) * 10.0 ** generator.integers(-12, 20, 4000)
    whole = np.round(generator.standard_normal(500) * 10.0 ** generator.integers(0, 18, 500))
    edges = [0.0, -0.0, 1e-4, 1e-6, 9.999e-7, 1e10, 9999999999.0, 1e16, 5e-324, 1.7976931348623157e308, np.nan, np.inf]
    return np.concatenate([bits[~np.isnan(bits)], sizes, whole, edges])


def test_python_spells_every_number_as_pyarrow_does() -> None:
    values = doubles()
    by_arrow = texts_of(arrow.array(values)).to_pylist()
    assert [spelt_number(value) for value in values.tolist()] == by_arrow
    assert all(math.isnan(value) or float(text) == value for value, text in zip(values.tolist(), by_arrow, strict=True))


CELLS: dict[str, Cells] = {
    "numbers": Numbers(doubles()[-14:]),
    "whole numbers": Numbers(np.arange(14)),
    "texts": Texts(["a", "", 'b"', "c,d", "e\nf", "\tg", "é", "\\", "\x01", "null", " 1 ", "h;i", '""', "%s"]),
    "words": Words(np.array([0, 1] * 7, np.int32), ("a,b", "")),
    "numbers of JSON": JsonCells([b"1", b"1.50", None, b"NaN", b"-Infinity", b"1e400", b"-0"] * 2),
    "values of JSON": JsonCells([b"1", "a", True, None, [1, "b"], {"c": 2.5}, 'd"'] * 2),
}


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl"])
@pytest.mark.parametrize("columns", [*[[name] for name in CELLS], list(CELLS)], ids=lambda names: "+".join(names)[:30])
def test_a_table_is_the_same_text(columns: list[str], form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for limit in (10**9, 0):
        monkeypatch.setattr(text_writers, "LARGE", limit)
        sink = io.BytesIO()
        with open_writer(sink, form) as writer:
            writer.write(Table("t", tuple(columns), tuple(CELLS[name] for name in columns)))
        found.append(sink.getvalue().decode())
    assert found[0] == found[1]
    if form == "jsonl":
        lines = [json.loads(line, parse_constant=pytest.fail) for line in found[0].splitlines()]
        assert [list(line) for line in lines] == [columns] * 14


def test_columns_of_arrow_are_written_by_pyarrow_even_if_they_are_short() -> None:
    sink = io.BytesIO()
    with open_writer(sink, "jsonl") as writer:
        cells = (ArrowCells(arrow.array([1, None])), ArrowCells(arrow.array(['a"', None])))
        writer.write(Table("t", ("x", "y"), cells))
    assert sink.getvalue() == b'{"x": 1, "y": "a\\""}\n{"x": null, "y": null}\n'


def written(form: str, *tables: Table) -> str:
    sink = io.BytesIO()
    with open_writer(sink, form) as writer:
        for table in tables:
            writer.write(table)
    return sink.getvalue().decode()


@pytest.mark.parametrize(("form", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_text_in_columns_is_read_again_as_it_was_by_a_reader_of_python(form: str, delimiter: str) -> None:
    texts = list(CELLS["texts"].texts)  # type: ignore[union-attr]
    text = written(form, Table("t", ("a,b", "100 %"), (Texts(texts), Texts(texts[::-1]))))
    found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert found == [["a,b", "100 %"], *[list(row) for row in zip(texts, texts[::-1], strict=True)]]


def test_an_empty_cell_alone_in_its_row_is_no_empty_line() -> None:
    assert written("csv", Table("t", ("x",), (Texts(["a", "", "b"]),))) == 'x\na\n""\nb\n'
    assert written("csv", Table("t", ("x", "y"), (Texts(["a", ""]), Texts(["", ""])))) == "x,y\na,\n,\n"


def test_names_come_once_before_the_first_rows_and_also_without_any() -> None:
    block = Table("t", ("x", "y"), (Texts(["1"]), Texts(["2"])))
    assert written("csv", block, block) == "x,y\n1,2\n1,2\n"
    assert written("csv", block.taken(slice(0, 0))) == "x,y\n"
    assert written("jsonl", block.taken(slice(0, 0))) == ""
