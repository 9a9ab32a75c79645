"""The cells of a column: what a number and what a gap is, in every form in which cells come."""

from __future__ import annotations

import decimal
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.errors import GradcliError
from gradcli.tables.cells import FEW, ArrowCells, JsonCells, Numbers, Stack, Texts, Words, is_gap, number_of
from gradcli.tables.table import Table
from tests.support.loops import for_each

arrow = pytest.importorskip("pyarrow")
NAN, INFINITY = float("nan"), float("inf")
MANY = [f"{number}.5" for number in range(FEW + 1)]


def settled(texts: Sequence[str]) -> Numbers | Words:
    """The cells of texts; the same by Python and by pyarrow."""
    found = Texts(texts).settled
    by_arrow = ArrowCells(arrow.array(texts, arrow.string()), is_spelt=True).settled
    assert type(by_arrow) is type(found)
    assert np.array_equal(by_arrow.numbers, found.numbers, equal_nan=True)
    assert by_arrow.gaps.tolist() == found.gaps.tolist()
    return found


@for_each(
    ("text", "value"),
    [
        ("1", 1.0), ("-1.5", -1.5), ("+.5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("2E-3", 0.002), ("007", 7.0),
        ("1_000", None), ("nan", None), ("inf", INFINITY), ("-Infinity", -INFINITY), ("1e999", INFINITY), ("0x1", None),
        ("infinite", None), ("nan(1)", None),
        ("1,5", None), ("\u0661", None), ("1 2", None), ("", None), ("e5", None), ("1d3", None),
    ],
)  # fmt: skip
@for_each("others", [[], MANY], ids=["few", "many"])
def test_a_number_is_what_the_strict_rule_allows(text: str, value: float | None, others: list[str]) -> None:
    found = settled([*others, text]).numbers
    assert len(found) == len(others) + 1
    if value is None:
        assert math.isnan(number_of(text))
        assert math.isnan(found[-1])
    else:
        assert number_of(text) == value == found[-1]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=200))
def test_a_number_survives_its_spelling(values: list[float]) -> None:
    assert settled([repr(value) for value in values]).numbers.tolist() == values


@given(st.lists(st.text(max_size=4) | st.sampled_from(["1", "2.5", "NA", "-", "1e999", " 7 "]), max_size=150))
def test_cells_say_what_their_texts_say(texts: list[str]) -> None:
    cells = settled(texts)
    words = [text.strip() for text in texts]
    assert len(cells) == len(cells.numbers) == len(cells.gaps) == len(words)
    assert cells.gaps.tolist() == [is_gap(word) for word in words]
    for row, word in enumerate(words):
        value = number_of(word)
        assert cells.numbers[row] == value or (math.isnan(value) and math.isnan(cells.numbers[row]))
        if isinstance(cells, Words) or math.isnan(value):
            assert cells.text(row) == word or is_gap(word)
    assert cells.words().numbers.tolist() == pytest.approx(cells.numbers.tolist(), nan_ok=True)


@given(st.lists(st.lists(st.sampled_from(["a", "b", "", "1", "2.5", *MANY]), max_size=90), min_size=1, max_size=4))
def test_joined_cells_are_the_cells_of_all_texts(parts: list[list[str]]) -> None:
    stack = Stack()
    for part in parts:
        stack.add(settled(part))
    together = stack.cells()
    texts = [text for part in parts for text in part]
    assert together.gaps.tolist() == [is_gap(text) for text in texts]
    assert np.array_equal(together.numbers, [number_of(text) for text in texts], equal_nan=True)
    assert [together.text(row) for row in range(len(texts)) if math.isnan(number_of(texts[row]))] == [
        text for text in texts if math.isnan(number_of(text))
    ]


def test_few_values_keep_their_spelling_and_many_become_numbers() -> None:
    few, many = settled(["1.0", "01", "1"]), settled(MANY)
    assert [few.text(row) for row in range(3)] == ["1.0", "01", "1"]
    assert isinstance(few, Words)
    assert isinstance(many, Numbers)
    assert many.text(3) == "3.5"


def test_many_texts_stay_texts_and_a_misprint_among_numbers_is_remembered() -> None:
    names = settled([f"name {number}" for number in range(1000)])
    assert isinstance(names, Words)
    assert names.is_text
    figures = settled([*MANY, "red", ""])
    assert isinstance(figures, Numbers)
    assert not figures.is_text
    assert (figures.text(FEW + 1), figures.text(FEW + 2)) == ("red", "")
    assert figures.gaps.tolist() == [False] * (FEW + 2) + [True]
    assert figures.words().text(FEW + 1) == "red"


@pytest.mark.parametrize(
    ("texts", "is_text"),
    [
        (["a", "b"], True),
        (["a", ""], True),
        (["", "NA"], False),
        (["a", "1"], False),
        (["1", "2"], False),
        ([], False),
        (["1,5", "2,5"], False),
        (["1'000"], False),
        (["5 %", "5%"], False),
        (["$ 3"], False),
        (["1.2.3"], False),
        (["2020-01-02"], True),
        (["3 pigs"], True),
        (["x1"], True),
        (["-"], False),
        (["a%"], True),
    ],
)
def test_a_column_is_text_if_no_cell_is_a_number(texts: list[str], is_text: bool) -> None:
    assert settled(texts).is_text is is_text


def test_whole_numbers_of_an_array_are_spelt_without_a_point() -> None:
    assert Numbers(np.array([3, 1, 3])).words().spellings == ("1", "3")
    assert Numbers(np.array([3.0, np.nan])).words().spellings == ("3.0", "")
    assert Numbers(np.array([3, 1])).text(0) == "3"


NUMBERS = [
    (arrow.array([1.5, None]), [1.5, NAN]),
    (arrow.array([1.5, -0.0, float("inf")]), [1.5, -0.0, float("inf")]),
    (arrow.array([0.1], arrow.float32()), [float(np.float32(0.1))]),
    (arrow.array([1, None, -3], arrow.int8()), [1.0, NAN, -3.0]),
    (arrow.array([2**63 + 1], arrow.uint64()), [2.0**63]),
    (arrow.array([2**53 + 1]), [2.0**53]),
    (arrow.array([True, False, None]), [1.0, 0.0, NAN]),
    (arrow.array([decimal.Decimal("1.25")]), [1.25]),
    (arrow.nulls(2), [NAN, NAN]),
    (arrow.array([3, 4, 3]).dictionary_encode(), [3.0, 4.0, 3.0]),
    (arrow.array([0.0, 1.0, 2.0, 3.0]).slice(1, 2), [1.0, 2.0]),
    (arrow.array([0, None, 2]).slice(1), [NAN, 2.0]),
    (arrow.array([np.float16(0.5)], arrow.float16()), [0.5]),
]


@pytest.mark.parametrize(("array", "expected"), NUMBERS, ids=lambda value: str(getattr(value, "type", "")))
def test_a_column_of_arrow_becomes_doubles(array: Any, expected: list[float]) -> None:
    found = block(ArrowCells(array)).doubles("x")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)


TEXTS = [
    ([" 1", "2 ", "+3", "1e-3", ".5"], [1.0, 2.0, 3.0, 1e-3, 0.5]),
    (["", "NA", "n/a", "null", "None", "?", "-", "NaN"], [NAN] * 8),
    (["inf", "-inf", "1e400"], [INFINITY, -INFINITY, INFINITY]),
    (["true", "False", ""], [1.0, 0.0, NAN]),
    ([], []),
]


def forms(texts: list[str]) -> list[Texts | JsonCells | ArrowCells]:
    """Texts in every form in which a reader gives them."""
    return [Texts(texts), JsonCells([b"1", *texts]), ArrowCells(arrow.array(texts, arrow.string()), is_spelt=True)]


def block(cells: Any, first: int = 0) -> Table:
    """A block of one column."""
    return Table("t.csv", ("x",), (cells,), lambda: first + 2 + np.arange(len(cells)), first)


@pytest.mark.parametrize(("texts", "expected"), TEXTS, ids=lambda value: str(value)[:40])
def test_a_column_of_text_becomes_doubles(texts: list[str], expected: list[float]) -> None:
    texts_alone, with_a_number, by_arrow = forms(texts)
    np.testing.assert_array_equal(block(texts_alone).doubles("x"), expected)
    np.testing.assert_array_equal(block(by_arrow).doubles("x"), expected)
    np.testing.assert_array_equal(block(with_a_number).doubles("x"), [1.0, *expected])


def test_doubles_are_not_copied_either_way() -> None:
    values = np.arange(5.0)
    assert np.shares_memory(ArrowCells(Numbers(values).arrow()).numbers, values)
    assert np.shares_memory(Numbers(values).numbers, values)


ERRORS = [
    (["1", "2", "oops", "4"], "`t.csv`, line 14, column `x`: `oops` is not a number"),
    (["1", "", "1,5"], "`t.csv`, line 14, column `x`: `1,5` is not a number"),
    (["1_000"], "`t.csv`, line 12, column `x`: `1_000` is not a number"),
    (["0x10"], "`t.csv`, line 12, column `x`: `0x10` is not a number"),
    (["", "red", "blue"], "`t.csv`, line 13, column `x`: `red` is not a number"),
    (["2024-01-02"], "`t.csv`, line 12, column `x`: `2024-01-02` is not a number"),
    (["true", "2", "maybe"], "`t.csv`, line 14, column `x`: `maybe` is not a number"),
]


@pytest.mark.parametrize(("texts", "message"), ERRORS, ids=lambda value: str(value)[:40])
def test_a_text_that_is_no_number_is_named_with_its_place(texts: list[str], message: str) -> None:
    by_python, _, by_arrow = forms(texts)
    for cells in (by_python, by_arrow):
        with pytest.raises(GradcliError) as caught:
            block(cells, 10).doubles("x")
        assert caught.value.message == message


def test_a_column_that_begins_with_words_is_text() -> None:
    for cells in (forms(["", "red", "blue"])[place] for place in (0, 2)):
        with pytest.raises(
            GradcliError, match="the column `x` is text, such as `red`, but the expression computes with it"
        ):
            block(cells).doubles("x")


def test_the_first_wrong_cell_of_many_is_found() -> None:
    for wrong in (0, 1, 4999, 9999):
        texts = [f"{row}.5" for row in range(10_000)]
        texts[wrong] = "1.2.3"
        for cells in (forms(texts)[place] for place in (0, 2)):
            with pytest.raises(GradcliError, match=f"line {wrong + 12},"):
                block(cells, 10).doubles("x")


TYPES = [
    (arrow.array(["a"]), "text (string)"),
    (arrow.array(["1"]), "text (string)"),
    (arrow.array(["a"], arrow.large_string()), "text (large_string)"),
    (arrow.array([0], arrow.date32()), "of the type date32[day]"),
    (arrow.array([0], arrow.timestamp("us")), "of the type timestamp[us]"),
    (arrow.array([[1.0]]), "of the type list<"),
    (arrow.array(["a"]).dictionary_encode(), "text (string)"),
]


@pytest.mark.parametrize(("array", "words"), TYPES, ids=lambda value: str(getattr(value, "type", "")))
def test_a_type_without_numbers_is_refused_by_column_and_type(array: Any, words: str) -> None:
    with pytest.raises(GradcliError) as caught:
        block(ArrowCells(array)).doubles("x")
    assert f"the column `x` is {words}" in caught.value.message


def test_texts_of_json_are_refused_as_those_of_parquet_are() -> None:
    with pytest.raises(GradcliError, match=r"the column `x` is text \(string\)"):
        block(JsonCells(["1", None])).doubles("x")


@pytest.mark.parametrize("rows", [slice(1, 3), np.array([False, True, True, False])], ids=["slice", "mask"])
@pytest.mark.parametrize(
    "cells",
    [
        Numbers(np.array([0.5, np.nan, 2.0, 3.0])),
        Words(np.array([0, 1, 1, 0], np.int32), ("a", "b")),
        Texts(["a", "b", "", "d"]),
        JsonCells([b"1", None, [1], True]),
        ArrowCells(arrow.array([1, None, 3, 4])),
    ],
    ids=lambda cells: type(cells).__name__,
)
def test_some_rows_of_cells_are_the_cells_of_these_rows(cells: Any, rows: Any) -> None:
    taken = cells.taken(rows)
    assert type(taken) is type(cells)
    assert [taken.text(row) for row in range(len(taken))] == [cells.text(row) for row in (1, 2)]


PROGRAM = """
import sys
from gradcli.cli import main
code = main()
sys.exit(code or int("pandas" in sys.modules))
"""


@pytest.mark.parametrize("target", ["csv", "jsonl", "parquet"])
def test_pandas_is_not_imported_by_pyarrow(target: str, tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    rows = "".join(f"{row if row % 7 else ''},{row / 7},a{row},{row}\n" for row in range(20_000))
    (tmp_path / "t.csv").write_text(f"x,y,z,w\n{rows}")
    words = ["map", "x/2", str(tmp_path / "t.csv"), "-o", str(tmp_path / f"u.{target}")]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], check=False, capture_output=True)
    assert done.returncode == 0
    assert (tmp_path / f"u.{target}").exists()


def test_gaps_among_numbers_are_found_by_pyarrow_as_by_python() -> None:
    for texts in (["1", "", "2.5"], ["1", "Na", "-1.#IND"], [" 1 ", "\tN/A", "+2"], ["nan", ""], ["null", "None"]):
        found = ArrowCells(arrow.array(texts), is_spelt=True).doubles
        assert found is not None
        assert np.array_equal(found, [number_of(text.strip()) for text in texts], equal_nan=True)
    for texts in (["1", "", "nan(1)"], ["1", "", "1_0"], ["true", ""], ["", "1 2"]):
        assert ArrowCells(arrow.array(texts), is_spelt=True).doubles is None
