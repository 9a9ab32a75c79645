"""Errors about several columns are one error, which names each."""

from __future__ import annotations

import pytest

from gradcli.errors import UnavailableError, UsageError
from gradcli.tables.column_problems import ColumnProblems, told_together
from gradcli.tables.table import damaged


def missing(column: str, hint: str | None = "fill the gap") -> UnavailableError:
    return damaged("t.csv", f", line 2, column `{column}`: the value is missing", hint)


def test_one_error_stays_itself() -> None:
    error = missing("a")
    assert told_together([error]) is error


def test_the_table_and_equal_hints_are_told_once() -> None:
    found = told_together([missing("a"), missing("b"), missing("c", "drop it")])
    assert found.message == (
        "`t.csv`, line 2, column `a`: the value is missing; line 2, column `b`: the value is missing; "
        "line 2, column `c`: the value is missing"
    )
    assert found.hint == "fill the gap\ndrop it"


@pytest.mark.parametrize(("count", "end"), [(5, "missing"), (6, "; and 1 more column"), (12, "; and 7 more columns")])
def test_more_than_five_are_counted(count: int, end: str) -> None:
    found = told_together([missing(f"c{number}") for number in range(count)])
    assert found.message.endswith(end)
    assert found.message.count("the value is missing") == 5


def test_the_first_error_decides_on_class_kind_and_exit_code() -> None:
    first = UsageError("the column `a` is text", kind="bad_column", argument="one_hot")
    found = told_together([first, missing("b").naming("missing")])
    assert (type(found), found.kind, found.arguments) == (UsageError, "bad_column", ("one_hot", "missing"))
    assert found.message == "the column `a` is text; `t.csv`, line 2, column `b`: the value is missing"


def test_errors_that_tell_several_are_joined_flat() -> None:
    inner, outer = ColumnProblems(), ColumnProblems()
    for column in "ab":
        with inner.noted():
            raise missing(column)
    with outer.noted():
        inner.tell()
    with outer.noted():
        raise missing("c")
    with outer.noted():
        pass
    with pytest.raises(UnavailableError) as caught:
        outer.tell()
    assert [part.message for part in caught.value.parts] == [missing(column).message for column in "abc"]


def test_without_errors_nothing_is_raised_and_other_exceptions_pass() -> None:
    problems = ColumnProblems()
    problems.tell()
    with pytest.raises(ZeroDivisionError), problems.noted():
        raise ZeroDivisionError
