"""The options that say how a table is written: their values, and numbers in other notations."""

from __future__ import annotations

import pytest

from gradcli.errors import UsageError
from gradcli.tables.reading import Notation, Reading


@pytest.mark.parametrize(
    ("decimal", "text", "plain"),
    [
        (",", "1,5", "1.5"),
        (",", "-1.234,5", "-1234.5"),
        (",", " 1 234,5e3 ", "1234.5e3"),
        (",", ",5", ".5"),
        (",", "1,2,3", "1,2,3"),
        (",", "a,b", "a,b"),
        (".", "1,234.5", "1234.5"),
        (".", "1'234", "1234"),
        (".", "12,34", "12,34"),
        (".", ",", ","),
        (None, "1,5", "1,5"),
    ],
)
def test_a_number_is_written_as_usual_if_it_is_one(decimal: str | None, text: str, plain: str) -> None:
    assert Notation(decimal).plain(text) == plain


def test_a_text_for_a_gap_becomes_nothing() -> None:
    assert Notation(None, frozenset({"-999"})).plain(" -999 ") == ""


@pytest.mark.parametrize(
    ("word", "delimiter"), [("tab", "\t"), ("\\t", "\t"), ("space", " "), ("Pipe", "|"), (";", ";")]
)
def test_a_delimiter_may_be_a_word(word: str, delimiter: str) -> None:
    assert Reading.of(delimiter=word).delimiter == delimiter


@pytest.mark.parametrize(
    "given",
    [
        {"delimiter": "ab"}, {"delimiter": '"'}, {"delimiter": "§"}, {"decimal": ";"}, {"encoding": "rot13"},
        {"encoding": ""}, {"comment": ""}, {"delimiter": ",", "decimal": ","},
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_by_its_name(given: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        Reading.of(**given)
    assert set(given) == set(caught.value.arguments)


def test_what_is_given_is_known_by_name() -> None:
    assert Reading.of(header=False, na=["x"], comment=None).given == ["header", "na"]
