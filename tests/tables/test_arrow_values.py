"""The values of Arrow as texts and as JSON: nothing of a value is lost, and a type without a text has none."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import Any

import pytest

from gradcli.tables.arrow_values import decoded, holds_any, infinities, literals_of, strings_of, texts_of

arrow = pytest.importorskip("pyarrow")

LISTS = [[1, 2], None, [], [None, -3]]
# What holds the values -> the array, and its values as JSON.
NESTED: dict[str, tuple[Any, list[str]]] = {
    "lists": (arrow.array(LISTS), ["[1, 2]", "null", "[]", "[null, -3]"]),
    "large lists": (arrow.array(LISTS, arrow.large_list(arrow.int8())), ["[1, 2]", "null", "[]", "[null, -3]"]),
    "lists of one length": (arrow.array([[1, 2], None, [3, 4]], arrow.list_(arrow.int64(), 2)),
                            ["[1, 2]", "null", "[3, 4]"]),
    "lists of durations": (arrow.array([[1], None], arrow.list_(arrow.duration("ns"))), ['["PT0.000000001S"]', "null"]),
    "lists of moments": (arrow.array([[1]], arrow.list_(arrow.timestamp("ns"))), ['["1970-01-01 00:00:00.000000001"]']),
    "lists of decimals": (arrow.array([[Decimal("1.50")], []]), ["[1.50]", "[]"]),
    "lists of single floats": (arrow.array([[0.1, float("nan")]], arrow.list_(arrow.float32())), ["[0.1, null]"]),
    "objects": (arrow.array([{"a": 1, "b c": ["x"]}, None, {"a": None}]),
                ['{"a": 1, "b c": ["x"]}', "null", '{"a": null, "b c": null}']),
    "maps": (arrow.array([[("a", 1), ("a", 2)], None, []], arrow.map_(arrow.string(), arrow.int64())),
             ['[["a", 1], ["a", 2]]', "null", "[]"]),
    "categories of lists": (arrow.DictionaryArray.from_arrays(arrow.array([1, None, 0]), arrow.array([[1], [2]])),
                            ["[2]", "null", "[1]"]),
    "truth values": (arrow.array([True, None]), ["true", "null"]),
    "unsigned": (arrow.array([2**64 - 1], arrow.uint64()), ["18446744073709551615"]),
    "texts": (arrow.array(['a"\n', None]), ['"a\\"\\n"', "null"]),
}  # fmt: skip


@pytest.mark.parametrize("name", NESTED)
def test_json_has_every_part_of_a_value(name: str) -> None:
    array, expected = NESTED[name]
    for first in range(len(array)):
        literals = literals_of(array[first:])
        assert literals is not None
        assert literals.to_pylist() == expected[first:]
        assert all(json.loads(literal) is not ... for literal in expected)


@pytest.mark.parametrize("array", [arrow.array([b"a"]), arrow.array([b"ab"], arrow.binary(2)), arrow.array([[b"a"]])])
def test_bytes_have_no_text(array: Any) -> None:
    assert texts_of(array) is None
    assert literals_of(array) is None


def test_the_text_of_a_duration_says_its_unit() -> None:
    for unit, texts in (
        ("s", ["PT90000S", None, "-PT1S", "PT0S"]),
        ("ms", ["PT90S", None, "-PT0.001S", "PT0S"]),
        ("us", ["PT0.09S", None, "-PT0.000001S", "PT0S"]),
        ("ns", ["PT0.00009S", None, "-PT0.000000001S", "PT0S"]),
    ):
        assert texts_of(arrow.array([90000, None, -1, 0], arrow.duration(unit))).to_pylist() == texts


def test_a_zone_by_its_offset_is_written_by_every_release() -> None:
    for zone, texts in (
        ("+02:00", ["1970-01-01 02:00:00.000", None, "1970-01-01 01:59:59.999"]),
        ("-03:30", ["1969-12-31 20:30:00.000", None, "1969-12-31 20:29:59.999"]),
    ):
        found = texts_of(arrow.array([0, None, -1], arrow.timestamp("ms", zone))).to_pylist()
        assert found == [text and text + zone.replace(":", "") for text in texts]


def test_pandas_reads_these_durations() -> None:
    pandas = pytest.importorskip("pandas")
    counts = [0, 1, -1, 93784005006007, -93784005006007, 10**18]
    texts = texts_of(arrow.array(counts, arrow.duration("ns"))).to_pylist()
    assert [pandas.Timedelta(text).value for text in texts] == counts


def test_codes_become_their_values() -> None:
    kind = arrow.run_end_encoded(arrow.int32(), arrow.string())
    runs = arrow.RunEndEncodedArray.from_arrays([2, 3], ["a", "b"], kind)
    assert decoded(runs).to_pylist() == ["a", "a", "b"]
    if hasattr(arrow, "list_view"):  # the releases from this one on make such arrays
        values = arrow.array(["b", "a"], arrow.string_view())
        assert decoded(arrow.DictionaryArray.from_arrays(arrow.array([1, 0, None]), values)).to_pylist() == [
            "a", "b", None,
        ]  # fmt: skip


def test_types_of_extensions_are_read() -> None:
    if not hasattr(arrow, "uuid"):
        pytest.skip("this release of pyarrow has no such types")
    one = uuid.UUID(int=7)
    array = arrow.ExtensionArray.from_storage(arrow.uuid(), arrow.array([one.bytes, None], arrow.binary(16)))
    assert texts_of(array).to_pylist() == [str(one), None]
    truth = arrow.ExtensionArray.from_storage(arrow.bool8(), arrow.array([1, 0, None], arrow.int8()))
    assert literals_of(truth).to_pylist() == ["true", "false", "null"]


def test_infinite_numbers_are_counted_in_every_part() -> None:
    infinite = float("inf")
    assert infinities(arrow.array([1.0, infinite, None, -infinite, float("nan")])) == 2
    assert infinities(arrow.array([{"a": [infinite], "b": 1}, None])) == 1
    assert infinities(arrow.array(["inf"])) == 0


def test_characters_are_found_in_the_texts_that_a_slice_has() -> None:
    texts = strings_of(["a,b", "", "é", None, 'c"'])
    assert [holds_any(texts[row : row + 1], ',"') for row in range(5)] == [True, False, False, False, True]
    assert not holds_any(texts[:0], ",")
    assert holds_any(texts, '"')


def test_texts_without_escapes_are_the_same_json() -> None:
    for texts in (["a", None, "é\u2028\x7f", ""], ["a\\", "b"], ['"', "b"], ["\x00", "\x1f", "\t"]):
        expected = ["null" if text is None else json.dumps(text, ensure_ascii=False) for text in texts]
        assert literals_of(strings_of(texts)).to_pylist() == expected
