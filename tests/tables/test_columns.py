"""The cells of a column."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.tables.columns import FEW, Cells, Numbers, Words, cells_of, is_gap, joined, number_of

MANY = [f"{number}.5" for number in range(FEW + 1)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0), ("-1.5", -1.5), ("+.5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("2E-3", 0.002), ("007", 7.0),
        ("1_000", None), ("nan", None), ("inf", None), ("Infinity", None), ("1e999", None), ("0x1", None),
        ("1,5", None), ("\u0661", None), ("1 2", None), ("", None), ("e5", None), ("1d3", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("others", [[], MANY], ids=["few", "many"])
def test_a_number_is_what_the_strict_rule_allows(text: str, value: float | None, others: list[str]) -> None:
    found = cells_of([*others, text]).numbers
    assert len(found) == len(others) + 1
    if value is None:
        assert math.isnan(number_of(text))
        assert math.isnan(found[-1])
    else:
        assert number_of(text) == value == found[-1]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=200))
def test_a_number_survives_its_spelling(values: list[float]) -> None:
    assert cells_of([repr(value) for value in values]).numbers.tolist() == values


@given(st.lists(st.text(max_size=4) | st.sampled_from(["1", "2.5", "NA", "-", "1e999", " 7 "]), max_size=150))
def test_cells_say_what_their_texts_say(texts: list[str]) -> None:
    cells = cells_of(texts)
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
    together: Cells = joined([cells_of(part) for part in parts])
    texts = [text for part in parts for text in part]
    assert together.gaps.tolist() == [is_gap(text) for text in texts]
    assert np.array_equal(together.numbers, [number_of(text) for text in texts], equal_nan=True)
    assert [together.text(row) for row in range(len(texts)) if math.isnan(number_of(texts[row]))] == [
        text for text in texts if math.isnan(number_of(text))
    ]


def test_few_values_keep_their_spelling_and_many_become_numbers() -> None:
    few, many = cells_of(["1.0", "01", "1"]), cells_of(MANY)
    assert [few.text(row) for row in range(3)] == ["1.0", "01", "1"]
    assert isinstance(few, Words)
    assert isinstance(many, Numbers)
    assert many.text(3) == "3.5"


def test_many_texts_stay_texts_and_a_misprint_among_numbers_is_remembered() -> None:
    names = cells_of([f"name {number}" for number in range(1000)])
    assert isinstance(names, Words)
    assert names.is_text
    figures = cells_of([*MANY, "red", ""])
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
    assert cells_of(texts).is_text is is_text


def test_whole_numbers_of_an_array_are_spelt_without_a_point() -> None:
    assert Numbers(np.array([3, 1, 3])).words().spellings == ("1", "3")
    assert Numbers(np.array([3.0, np.nan])).words().spellings == ("3.0", "")
    assert Numbers(np.array([3, 1])).text(0) == "3"
