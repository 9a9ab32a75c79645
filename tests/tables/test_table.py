"""A table by columns: which column a word means, where a wrong cell stands, and rows that are taken or joined."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gradcli.errors import UnavailableError, UsageError
from gradcli.tables.cells import JsonCells, Nested, Numbers, Texts
from gradcli.tables.table import STANDARD_INPUT, Table, check_names, damaged, join


def table(first: int = 0, lines: list[int] | None = None, **columns: Any) -> Table:
    cells = tuple(Texts(one) if isinstance(one[0], str) else Numbers(np.array(one)) for one in columns.values())
    return Table("t.csv", tuple(columns), cells, None if lines is None else lambda: np.array(lines), first)


def texts(found: Table) -> dict[str, list[str]]:
    return {name: [found.column(name).text(row) for row in range(len(found))] for name in found.columns}


@pytest.mark.parametrize(
    ("columns", "word", "place"),
    [
        ("abc", "a", 0), ("abc", "b", 1), ("abc", "1", 0), ("abc", "3", 2), ("abc", "-1", 2), ("abc", "-3", 0),
        ("abc", "01", 0), ("ab2", "2", 2), ("ab2", "1", 0),
    ],
)  # fmt: skip
def test_a_column_is_meant_by_its_name_or_else_by_its_number_from_either_end(
    columns: str, word: str, place: int
) -> None:
    assert Table("t.csv", tuple(columns), ()).index(word) == place


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("pirce", "did you mean `price`?"),
        ("0", "its columns are `price` and `size`"),
        ("3", "its columns are `price` and `size`"),
        ("-3", "its columns are `price` and `size`"),
        ("1.0", "its columns are `price` and `size`"),
        ("99999999999", "its columns are `price` and `size`"),
    ],
)
def test_a_column_that_there_is_not_is_named_with_those_that_there_are(word: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        Table("t.csv", ("price", "size"), ()).index(word)
    assert caught.value.message == f"`t.csv` has no column `{word}`"
    assert caught.value.hint == hint


def test_names_have_to_tell_columns_apart_and_one_may_be_empty() -> None:
    assert check_names(["", "a"], "t.csv") == ("", "a")
    for names, said in ((["a", "b", "a"], "two columns are called `a`"), (["", "a", ""], "two columns have no name")):
        with pytest.raises(UnavailableError) as caught:
            check_names(names, "t.csv")
        assert caught.value.message == f"`t.csv`: {said}"


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (table(x=["1", "no"], lines=[2, 5]), "`t.csv`, line 5, column `x`"),
        (table(x=["1", "no"]), "`t.csv`, row 2, column `x`"),
        (table(first=100, x=["1", "no"]), "`t.csv`, row 102, column `x`"),
        (Table(STANDARD_INPUT, ("x",), (Texts(["1", "no"]),)), "standard input, row 2, column `x`"),
    ],
)
def test_a_wrong_cell_has_its_line_or_else_its_row_and_its_column(made: Table, place: str) -> None:
    assert made.wrong(1, 0, "it is wrong").message == f"{place}: it is wrong"
    assert made.not_a_number(1, 0).message == f"{place}: `no` is not a number"
    with pytest.raises(UnavailableError) as caught:
        made.doubles("x")
    assert caught.value.message == f"{place}: `no` is not a number"


def test_an_infinite_number_is_not_a_finite_one_and_a_gap_is_missing() -> None:
    made = table(x=["inf", ""])
    assert made.not_a_number(0, 0).message.endswith("`inf` is not a finite number")
    assert made.missing(1, 0, " with --drop").hint == "fill the gap or remove the row with --drop"
    assert damaged("t.csv", " is empty", "x").kind == "bad_table"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (Texts(["1.5", "", "-2"]), [1.5, math.nan, -2.0]),
        (Texts(["true", "", "FALSE"]), [1.0, math.nan, 0.0]),
        (JsonCells([True, None, False]), [1.0, math.nan, 0.0]),
        (JsonCells([b"1e3", None, b"-0"]), [1000.0, math.nan, 0.0]),
        (Numbers(np.array([1, 2, 3])), [1.0, 2.0, 3.0]),
        (Texts(["nan", "inf", "-inf"]), [math.nan, math.inf, -math.inf]),
    ],
)
def test_a_column_to_compute_with_is_doubles_in_which_a_gap_is_nan(cells: Any, expected: list[float]) -> None:
    found = Table("t.csv", ("x",), (cells,)).doubles("x")
    assert found.dtype == np.float64
    assert np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize(
    ("cells", "said"),
    [(Texts(["red", "blue"]), "text, such as `red`"), (JsonCells(["red", None]), "text (string)")],
)
def test_a_column_of_words_is_refused_as_a_whole(cells: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Table("t.csv", ("colour",), (cells,)).doubles("colour")
    assert caught.value.message == f"the column `colour` is {said}, but the expression computes with it"


def test_rows_that_are_taken_keep_their_lines_and_a_slice_its_count() -> None:
    made = table(x=["a", "b", "c", "d"], lines=[2, 3, 7, 8], first=10)
    tail = made.taken(slice(2, None))
    assert (texts(tail), tail.first) == ({"x": ["c", "d"]}, 12)
    some = made.taken(np.array([True, False, False, True]))
    assert (texts(some), some.first) == ({"x": ["a", "d"]}, 10)
    assert tail.lines is not None
    assert some.lines is not None
    assert [tail.lines.tolist(), some.lines.tolist()] == [[7, 8], [2, 8]]


def test_tables_one_below_the_other_have_all_columns_and_gaps_where_one_lacks_them() -> None:
    first, second = table(x=["1", "2"], y=["a", "b"], lines=[2, 3]), table(z=["c"], x=["3"], lines=[4])
    found = join([first.settled(), second.settled()])
    assert texts(found) == {"x": ["1", "2", "3"], "y": ["a", "b", ""], "z": ["", "", "c"]}
    assert found.lines is not None
    assert found.lines.tolist() == [2, 3, 4]
    assert join([first.settled(), table(x=["9"]).settled()]).lines is None


def test_a_list_is_no_cell() -> None:
    with pytest.raises(UnavailableError) as caught:
        Table("t.jsonl", ("x",), (JsonCells([b"1", Nested("[2]")]),)).settled()
    assert caught.value.message == "`t.jsonl`, row 2, column `x`: a list or an object, where one value is expected"


def numbers_from(first: int, count: int) -> list[float]:
    return [float(number) for number in range(first, first + count)]


def test_columns_of_numbers_lie_side_by_side_in_one_array_once_they_are_joined() -> None:
    blocks = [table(a=numbers_from(0, 3), b=numbers_from(10, 3)), table(a=numbers_from(3, 2), b=numbers_from(13, 2))]
    for rows in (None, 1, 5, 9, 10**18):
        found = join([block.settled() for block in blocks], rows)
        assert found.held is not None
        assert found.held.numbers.tolist() == [[number, number + 10] for number in numbers_from(0, 5)]
        for place, cells in enumerate(found.cells):
            assert cells.numbers.tolist() == numbers_from(10 * place, 5)
            assert np.shares_memory(cells.numbers, found.held.numbers)
        assert found.taken(slice(2)).held is None


def test_the_columns_that_lie_side_by_side_are_those_that_are_asked_for_in_that_order() -> None:
    blocks = [table(a=[1.0], b=[2.0], c=["red"], d=[4.0]), table(a=[5.0], b=[6.0], c=["blue"], d=[8.0])]
    found = join((block.settled() for block in blocks), None, lambda table: ["d", "c", "a"])
    assert found.held is not None
    assert found.held.columns == (3, 0)
    assert found.held.numbers.tolist() == [[4, 1], [8, 5]]
    (whole,) = [found.held.of(columns) for columns in [[3, 0]]]
    assert whole is not None
    assert whole.tolist() == found.held.numbers.tolist()
    assert [found.held.of(columns) for columns in ([0, 3], [1], [3, 1], [0, 3, 1])] == [None] * 4
    assert found.column("b").numbers.tolist() == [2, 6]


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_column_that_is_not_numbers_in_every_block_leaves_the_shared_array(place: int) -> None:
    plain = [str(number / 7) for number in range(70)]
    blocks = [[*plain] for _ in range(4)]
    blocks[place][5] = "red"
    tables = [table(a=numbers_from(70 * number, 70), b=block).settled() for number, block in enumerate(blocks)]
    found, apart = join(tables), join(tables, None, lambda _: [])
    assert found.held is not None
    assert apart.held is None
    assert found.held.numbers[:, 0].tolist() == numbers_from(0, 280)
    assert texts(found) == texts(apart)
    assert not np.shares_memory(found.column("b").numbers, found.held.numbers)


def test_a_column_that_later_tables_lack_leaves_the_shared_array() -> None:
    found = join([table(a=[1.0], b=[2.0]).settled(), table(a=[3.0], b=[4.0]).settled(), table(a=[5.0]).settled()])
    assert texts(found) == {"a": ["1.0", "3.0", "5.0"], "b": ["2.0", "4.0", ""]}
