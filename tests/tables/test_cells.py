"""Every column of numbers becomes doubles; what is no number is named with its place."""

from __future__ import annotations

import decimal
from typing import Any

import numpy as np
import pytest

from gradcli.errors import GradcliError
from gradcli.tables.cells import Place, array_of, mask_of, numbers_of, refuse_type, typed

arrow = pytest.importorskip("pyarrow")

PLACE = Place("t.csv", "x", 10)
NAN = float("nan")
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
    (arrow.array([" 1", "2 ", "+3", "1e-3", ".5"]), [1.0, 2.0, 3.0, 1e-3, 0.5]),
    (arrow.array(["", "NA", "n/a", "null", "None", "?", "-", "NaN"]), [NAN] * 8),
    (arrow.array(["inf", "-inf", "1e400"]), [float("inf"), float("-inf"), float("inf")]),
    (arrow.array(["true", "False", ""]), [1.0, 0.0, NAN]),
    (arrow.array([], arrow.string()), []),
]


@pytest.mark.parametrize(("array", "expected"), NUMBERS, ids=lambda value: str(getattr(value, "type", "")))
def test_a_column_becomes_doubles(array: Any, expected: list[float]) -> None:
    found = numbers_of(array, PLACE)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)


def test_doubles_are_not_copied_either_way() -> None:
    values = np.arange(5.0)
    array = array_of(values)
    assert np.shares_memory(numbers_of(array, PLACE), values)


def test_a_mask_keeps_what_it_keeps() -> None:
    kept = np.arange(19) % 3 == 0
    assert mask_of(kept).to_pylist() == kept.tolist()


ERRORS = [
    (["1", "2", "oops", "4"], "`t.csv`, row 13, column `x`: `oops` is not a number"),
    (["1", "", "1,5"], "`t.csv`, row 13, column `x`: `1,5` is not a number"),
    (["1_000"], "`t.csv`, row 11, column `x`: `1_000` is not a number"),
    (["0x10"], "`t.csv`, row 11, column `x`: `0x10` is not a number"),
    (["", "red", "blue"], "`t.csv`, row 12, column `x`: `red` is not a number"),
    (["2024-01-02"], "`t.csv`, row 11, column `x`: `2024-01-02` is not a number"),
]


@pytest.mark.parametrize(("texts", "message"), ERRORS, ids=lambda value: str(value)[:40])
def test_a_text_that_is_no_number_is_named_with_its_place(texts: list[str], message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        numbers_of(arrow.array(texts), PLACE)
    assert caught.value.message == message


def test_a_column_that_begins_with_words_is_text() -> None:
    with pytest.raises(
        GradcliError, match="the column `x` is text, such as `red`, but the expression computes with it"
    ):
        numbers_of(arrow.array(["", "red", "blue"]), Place("t.csv", "x"))


def test_the_first_wrong_cell_of_many_is_found() -> None:
    for wrong in (0, 1, 4999, 9999):
        texts = ["1"] * 10_000
        texts[wrong] = "1.2.3"
        with pytest.raises(GradcliError, match=f"row {wrong + 11},"):
            numbers_of(arrow.array(texts), PLACE)


def test_a_whole_number_is_expected_where_the_rows_before_have_some() -> None:
    assert typed(arrow.array(["1", "NA"]), arrow.int64(), PLACE).to_pylist() == [1, None]
    with pytest.raises(GradcliError, match=r"`0\.5` is not a whole number, as in the rows before"):
        typed(arrow.array(["1", "0.5"]), arrow.int64(), PLACE)


TYPES = [
    (arrow.string(), "text (string)"),
    (arrow.large_string(), "text (large_string)"),
    (arrow.date32(), "of the type date32[day]"),
    (arrow.timestamp("us"), "of the type timestamp[us]"),
    (arrow.list_(arrow.float64()), "of the type list<"),
    (arrow.dictionary(arrow.int32(), arrow.string()), "of the type dictionary<"),
]


@pytest.mark.parametrize(("kind", "words"), TYPES, ids=lambda value: str(value))
def test_a_type_without_numbers_is_refused_by_column_and_type(kind: Any, words: str) -> None:
    with pytest.raises(GradcliError) as caught:
        refuse_type(kind, "x")
    assert f"the column `x` is {words}" in caught.value.message


@pytest.mark.parametrize(
    "array", [array for array, _ in NUMBERS if array.type != arrow.string()], ids=lambda a: str(a.type)
)
def test_every_type_with_numbers_is_accepted(array: Any) -> None:
    refuse_type(array.type, "x")
