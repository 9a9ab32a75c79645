"""Text in columns: what is sniffed, the rules of cells and rows, and damaged tables."""

from __future__ import annotations

import csv
import io
import random
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli import limits
from gradcli.errors import GradcliError, UnavailableError
from gradcli.tables import delimited, table_bytes
from gradcli.tables.formats import ROWS as BLOCK
from gradcli.tables.formats import read_blocks, read_table
from gradcli.tables.table import Table
from gradcli.tables.table_bytes import Bytes
from gradcli.train.data.loading import load_data
from gradcli.train.data.selection import table_data
from tests.support.steps import steps


def rows_of(found: Table) -> list[list[str]]:
    return [[cells.text(row) for cells in found.cells] for row in range(len(found))]


def text_table(text: str) -> Table:
    return read_table(io.StringIO(text), "t.csv")


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        pytest.param("a,b\n1,2\n", ("a", "b"), [["1", "2"]], id="commas"),
        pytest.param("a\tb\n1\t2\n", ("a", "b"), [["1", "2"]], id="tabs"),
        pytest.param("a;b\n1;2\n", ("a", "b"), [["1", "2"]], id="semicolons"),
        pytest.param("a,b\r\n1,2\r\n", ("a", "b"), [["1", "2"]], id="line ends of Windows"),
        pytest.param("\ufeffa,b\n1,2", ("a", "b"), [["1", "2"]], id="a byte order mark and no last line end"),
        pytest.param('a,"b, c"\n1,"2"\n', ("a", "b, c"), [["1", "2"]], id="quotes"),
        pytest.param(" a , b \n\n 1 , 2 \n\n", ("a", "b"), [["1", "2"]], id="blanks and blank lines"),
        pytest.param("1,2\n3,4\n", ("x1", "x2"), [["1", "2"], ["3", "4"]], id="no header"),
        pytest.param("a,a\n1,2\n", ("a", "a.1"), [["1", "2"]], id="two names that are equal"),
        pytest.param("a,,\n1,2,3\n", ("a", "", ".1"), [["1", "2", "3"]], id="two columns without a name"),
        pytest.param("größe,π\n1,2\n", ("größe", "π"), [["1", "2"]], id="names that are not ASCII"),
    ],
)
def test_a_table_is_read(text: str, columns: tuple[str, ...], rows: list[list[str]]) -> None:
    found = text_table(text)
    assert (found.columns, rows_of(found)) == (columns, rows)


def test_a_file_is_read_by_its_suffix(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes("\ufeffa\tb,c\n1\t2\n".encode())
    found = read_table(str(path))
    assert (found.name, found.columns) == ("t.tsv", ("a", "b,c"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "`t.csv` is empty"),
        ("a,b\n", "`t.csv` has a header but no rows"),
        ("a,b\n1,2\n3\n", "`t.csv`, line 3: 1 cell, but the table has 2 columns"),
        ("a,b\n1,2,3\n", "`t.csv`, line 2: 3 cells, but the table has 2 columns"),
        ('a,b\n"1,2\n', "`t.csv`, line 2: unexpected end of data"),
    ],
)
def test_a_damaged_table_is_refused(text: str, message: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        text_table(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (b"a,b\n\xff\xfe,2\n", "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "t.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnavailableError) as caught:
        read_table(str(path))
    assert message in caught.value.message


ANY = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=6).map(str.strip)
#: Texts that are not numbers with a decimal comma, which would be read as such.
CELL = ANY.filter(lambda text: re.search(r"\d,\d|^,\d|\d,$", text) is None)


@given(
    st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1)),
    st.sampled_from([(",", "t.csv"), (";", "t.csv"), ("\t", "t.tsv")]),
)
@settings(max_examples=200, deadline=None)
def test_what_was_written_is_read(rows: list[list[str]], way: tuple[str, str]) -> None:
    delimiter, name = way
    columns = [f"c{number}" for number in range(len(rows[0]))]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([columns, *rows])
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / name)
        Path(path).write_text(text.getvalue(), encoding="utf-8", newline="")
        if not rows:
            with pytest.raises(UnavailableError, match="has a header but no rows"):
                read_table(path)
            return
        found = read_table(path)
    assert found.columns == tuple(columns)
    assert rows_of(found) == rows
    ends = [
        index + 2 + sum(cell.count("\n") for row in rows[: index + 1] for cell in row) for index in range(len(rows))
    ]
    assert found.lines is not None
    assert found.lines.tolist() == ends


class TestBlocks:
    TEXT = "x,y\n" + "".join(f"{number}.5,{'ab'[number % 2]}\n" for number in range(2 * BLOCK + 5))

    def test_a_long_text_comes_in_blocks_that_know_their_place(self) -> None:
        blocks = list(read_blocks(Bytes(io.BytesIO(self.TEXT.encode()), "t.csv")))
        assert [(len(one), one.first) for one in blocks] == [(BLOCK, 0), (BLOCK, BLOCK), (5, 2 * BLOCK)]
        assert blocks[2].wrong(0, 1, "no").message == f"`t.csv`, line {2 * BLOCK + 2}, column `y`: no"

    def test_a_stream_is_read_no_further_than_asked(self) -> None:
        taken = []
        lines = (taken.append(line) or line for line in self.TEXT.splitlines(keepends=True))
        next(read_blocks(lines, "t.csv"))
        assert len(taken) < BLOCK + 10

    def test_the_place_of_a_late_misprint_is_right(self) -> None:
        lines = self.TEXT.splitlines(keepends=True)
        lines[10] = '"1\n",a\n'
        lines[20] = "\n"
        lines[BLOCK + 50] = "red,a\n"
        with pytest.raises(UnavailableError) as caught:
            table_data(read_table(io.StringIO("".join(lines)), "t.csv"), "y")
        assert caught.value.message == (f"`t.csv`, line {BLOCK + 52}, column `x`: `red` is not a number")

    def test_a_late_ragged_row_is_named(self) -> None:
        lines = self.TEXT.splitlines(keepends=True)
        lines[BLOCK + 50] = "1,a,2\n"
        with pytest.raises(UnavailableError) as caught:
            read_table(io.StringIO("".join(lines)), "t.csv")
        assert caught.value.message == f"`t.csv`, line {BLOCK + 51}: 3 cells, but the table has 2 columns"


@pytest.mark.parametrize("has_pyarrow", [True, False])
def test_a_long_table_is_read_by_columns_and_not_row_by_row(
    has_pyarrow: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_pyarrow:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    values = np.random.RandomState(0).normal(size=(100_000, 5))
    path = tmp_path / "t.csv"
    path.write_text("a,b,c,d,y\n" + "\n".join(",".join(map(repr, row)) for row in values.tolist()))
    data = load_data(str(path), target="y")  # the first time, packages are imported
    assert steps(lambda: load_data(str(path), target="y")) < len(values) / 2
    assert np.array_equal(data.inputs, values[:, :4])


def test_a_long_row_is_refused_and_a_long_cell_is_not() -> None:
    found = text_table("a,b\n1," + "x" * 200_000 + "\n")
    assert len(found.cells[1].text(0)) == 200_000
    with pytest.raises(GradcliError) as caught:
        text_table('a,b\n1,"' + "x" * (limits.ROW_BYTES + 2 * table_bytes.BLOCK) + '"\n')
    assert caught.value.message == f"`t.csv`, line 2: a row takes more than {limits.ROW_BYTES:,} bytes"


PIECES = [
    *["1", "2.5", "a", '"', '""', ",", "\n", "\r\n", "\r", " ", "\t", ";", "NA", "inf", "nan", "é", "x", "-", "_"],
    *['"a"', '"b\nc"', "1,2\n", "3,4\n"],
]


def outcome(content: bytes) -> Any:
    """Everything that is read from a text, or what is said of it."""
    try:
        found = read_table(Bytes(io.BytesIO(content), "t.csv"))
    except GradcliError as error:
        return error.message, error.hint
    assert found.lines is not None
    numbers = [repr(cells.numbers.tolist()) for cells in found.cells]
    return found.columns, rows_of(found), found.lines.tolist(), numbers


def test_any_text_is_the_same_table_by_python_by_pyarrow_and_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    generator = random.Random(0)
    for _ in range(800):
        content = "".join(generator.choices(PIECES, k=generator.randint(1, 40))).encode()
        if generator.random() < 0.5:
            content = b"a,b\n1,2\n" + content
        by_python = outcome(content)
        with monkeypatch.context() as patched:
            patched.setattr(delimited, "LARGE", 0)
            assert outcome(content) == by_python, content
            patched.setattr(table_bytes, "BLOCK", 5)
            assert outcome(content) == by_python, content
