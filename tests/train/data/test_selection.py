"""What of a user's table is learnt from what."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from gradcli import limits
from gradcli.errors import GradcliError, UnavailableError, UsageError
from gradcli.tables.formats import read_table
from gradcli.tables.table import Table
from gradcli.train.choices import DataChoices, checked
from gradcli.train.data.rows import Data, split
from gradcli.train.data.selection import table_data, targets_of


def table(text: str) -> Table:
    return read_table(io.StringIO(text), "t.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,y\n1,a\n,b\n", "`t.csv`, line 3, column `x`: the value is missing"),
        ("x,y\n1,a\nNA,b\n", "`t.csv`, line 3, column `x`: the value is missing"),
        ("x,y\n1,a\nnan,b\n", "`t.csv`, line 3, column `x`: the value is missing"),
        ("x,y\n1,a\nred,b\n", "`t.csv`, line 3, column `x`: `red` is not a number"),
        ("x,y\n1,a\n1_000,b\n", "`t.csv`, line 3, column `x`: `1_000` is not a number"),
        ("x,y\n1,a\n1e999,b\n", "`t.csv`, line 3, column `x`: `1e999` is not a finite number"),
        ("x,y\n1,a\n2,\n", "`t.csv`, line 3, column `y`: the value is missing"),
        ("x,y\n1,1.5\n2,?\n", "`t.csv`, line 3, column `y`: the value is missing"),
    ],
)
def test_a_cell_that_is_no_number_is_named_by_file_row_and_column(text: str, message: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        table_data(table(text), "y")
    assert caught.value.message == message


def column(values: list[object]) -> str:
    return "x,y\n" + "".join(f"{number},{value}\n" for number, value in enumerate(values))


@pytest.mark.parametrize(
    ("values", "task", "labels"),
    [
        pytest.param(["b", "a", "b"], None, ("a", "b"), id="text is a class"),
        pytest.param([10, 9, 10], None, ("9", "10"), id="whole numbers are classes in the order of their size"),
        pytest.param(
            list(range(limits.GUESSED_CLASSES)), None, tuple(map(str, range(20))), id="20 whole numbers are classes"
        ),
        pytest.param(list(range(limits.GUESSED_CLASSES + 1)), None, None, id="21 whole numbers are numbers"),
        pytest.param([0.5, 1, 2], None, None, id="fractions are numbers"),
        pytest.param(["1.0", "2.0"], None, ("1.0", "2.0"), id="floats that are whole are classes"),
        pytest.param([1, 2, 3], "numbers", None, id="--task numbers makes whole numbers numbers"),
        pytest.param([0.5, 1.5, 0.5], "classes", ("0.5", "1.5"), id="--task classes makes fractions classes"),
    ],
)
def test_the_values_of_the_target_decide(
    values: list[object], task: str | None, labels: tuple[str, ...] | None
) -> None:
    assert table_data(table(column(values)), "y", task).labels == labels


@pytest.mark.parametrize(
    ("target", "task", "text", "message"),
    [
        (None, None, "a,b\n1,2\n", "which column of `t.csv` is to be predicted?"),
        ("c", None, "a,b\n1,2\n", "`t.csv` has no column `c`"),
        ("9", None, "a,b\n1,2\n", "`t.csv` has no column `9`"),
        ("0", None, "a,b\n1,2\n", "`t.csv` has no column `0`"),
        ("a", None, "a\n1\n", "`t.csv` has no column other than the target"),
        ("b", None, "a,b\n1,q\n2,q\n", "the target `b` has the same value in every row, so there is nothing to learn"),
        (
            "y",
            None,
            column([f"v{number}" for number in range(21)]),
            "the target `y` has 21 different values, but at most 20 classes are possible",
        ),
        ("y", "guess", column([1, 2]), "unknown task `guess`"),
    ],
)
def test_a_target_that_cannot_be_learnt_is_refused(
    target: str | None, task: str | None, text: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        table_data(table(text), target, **checked({"task": task}, DataChoices))
    assert caught.value.message == message


def learnt(text: str, **choices: Any) -> Data:
    return table_data(table(text), "y", **choices)


PEOPLE = "id,size,colour,month,y\n1,10,red,1,a\n2,20,blue,2,b\n3,30,red,12,a\n"


@pytest.mark.parametrize(
    ("choices", "columns"),
    [
        ({}, ("id", "size", "colour=blue", "colour=red", "month")),
        ({"drop": ["id"]}, ("size", "colour=blue", "colour=red", "month")),
        ({"drop": ["id, colour"]}, ("size", "month")),
        ({"drop": ["1", "-2"]}, ("size", "colour=blue", "colour=red")),
        ({"columns": ["month,size"]}, ("month", "size")),
        ({"columns": ["month", "size", "month"]}, ("month", "size")),
        ({"columns": ["size,id"], "drop": ["id"]}, ("size",)),
        ({"columns": ["month"], "one_hot": ["month"]}, ("month=1", "month=2", "month=12")),
    ],
)
def test_the_inputs_are_the_columns_that_were_chosen(choices: dict[str, Any], columns: tuple[str, ...]) -> None:
    data = learnt(PEOPLE, **choices)
    assert data.columns == columns
    assert data.encoding is not None
    assert data.encoding.names == columns
    assert np.array_equal(data.encoding.encode(table(PEOPLE)), data.inputs)


def test_a_column_whose_name_has_a_comma_is_chosen_by_its_name() -> None:
    found = read_table(io.StringIO('"a,b",c,y\n1,2,0.5\n3,4,1.5\n'), "t.csv")
    assert table_data(found, "y", columns=["a,b"]).columns == ("a,b",)


def test_text_becomes_one_input_for_each_category_and_says_so() -> None:
    data = learnt(PEOPLE)
    assert data.inputs[:, 2:4].tolist() == [[0, 1], [1, 0], [0, 1]]
    assert data.notes == ("one input for each category of `colour` (2)",)


@pytest.mark.parametrize(
    ("missing", "inputs", "notes"),
    [
        ("drop", [[1, 1, 0], [5, 0, 1]], ("left out 2 of 4 rows, in which a value is missing",)),
        ("mean", [[1, 1, 0], [3, 0, 1], [3, 0, 1], [5, 0, 1]], ()),
        ("median", [[1, 1, 0], [3, 0, 1], [3, 0, 1], [5, 0, 1]], ()),
        ("zero", [[1, 1, 0], [0, 0, 1], [3, 0, 1], [5, 0, 1]], ()),
    ],
)
def test_missing_values_are_treated_as_asked(missing: str, inputs: list[list[float]], notes: tuple[str, ...]) -> None:
    data = learnt("x,c,y\n1,p,0\n,q,1\n3,NA,0\n5,q,1\n", missing=missing)
    training = split(data, 0.0, None, 0).training
    assert training.inputs.tolist() == inputs
    assert training.notes == ("one input for each category of `c` (2)", *notes)


def test_rows_without_a_target_are_left_out_only_if_rows_may_be() -> None:
    text = "x,y\n1,a\n2,\n3,b\n"
    assert learnt(text, missing="drop").targets.tolist() == [0, 1]
    with pytest.raises(UnavailableError, match=r"line 3, column `y`: the value is missing"):
        learnt(text, missing="mean")


@pytest.mark.parametrize(
    ("text", "choices", "message"),
    [
        (PEOPLE, {"drop": ["ids"]}, "`t.csv` has no column `ids`"),
        (PEOPLE, {"columns": ["id", "y"]}, "the target `y` can't also be an input"),
        (PEOPLE, {"drop": ["y"]}, "the target `y` can't be dropped"),
        (PEOPLE, {"columns": ["id"], "drop": ["id"]}, "`t.csv` has no column other than the target"),
        (PEOPLE, {"drop": ["month"], "one_hot": ["month"]}, "`one_hot` is for inputs, and `month` isn't one of them"),
        (PEOPLE, {"missing": "mode"}, "unknown way to treat missing values `mode`"),
        ("x,z,y\n1,,a\n2,NA,b\n", {"missing": "mean"}, "the column `z` of `t.csv` has no value"),
        ("x,z,y\n1,,a\n,2,b\n", {"missing": "drop"}, "`t.csv` has no row without a missing value"),
        ("c,c=p,y\np,1,a\nq,2,b\n", {}, "two inputs would be called `c=p`"),
        (
            "name,y\n" + "".join(f"n{row},{row % 2}\n" for row in range(101)),
            {},
            "the column `name` of `t.csv` has 101 different values, but at most 100 categories become inputs",
        ),
    ],
)
def test_choices_that_do_not_fit_the_table_are_refused(text: str, choices: dict[str, Any], message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        learnt(text, **checked(choices, DataChoices))
    assert caught.value.message == message


def test_a_column_with_one_misprint_is_not_taken_for_text() -> None:
    rows = "".join(f"{row},{row % 2}\n" for row in range(200))
    with pytest.raises(UnavailableError) as caught:
        learnt(f"x,y\n{rows}2O1,1\n")
    assert caught.value.message == "`t.csv`, line 202, column `x`: `2O1` is not a number"


def test_numbers_with_a_decimal_comma_are_neither_text_nor_classes() -> None:
    rows = "".join(f"{row},5;{row % 2}.5\n" for row in range(30))
    for target, option in (("y", "`one_hot=x`"), ("x", "`task=classes`")):
        with pytest.raises(UnavailableError) as caught:
            table_data(table(f"x;y\n{rows}"), target)
        assert caught.value.message == "`t.csv`, line 2, column `x`: `0,5` is not a number"
        assert caught.value.hint == (
            f"`decimal=,` reads it as 0.5; a number is written like 1234.5; if these are categories, say {option}"
        )


def test_more_classes_than_usual_are_learnt_if_the_user_says_that_they_are_classes() -> None:
    text = column([f"v{number:03}" for number in range(300)])
    labels = learnt(text, task="classes").labels
    assert labels is not None
    assert len(labels) == 300
    with pytest.raises(UsageError, match="has 1001 different values, but at most 1000 classes are possible"):
        learnt(column(list(range(1001))), task="classes")


def test_a_class_that_the_model_does_not_know_is_named() -> None:
    with pytest.raises(UnavailableError) as caught:
        targets_of(table("x,y\n1,a\n2,c\n"), 1, ("a", "b"))
    assert caught.value.message == "`t.csv`, line 3, column `y`: the model has no class `c`"
    assert np.array_equal(targets_of(table("x,y\n1,b\n2,\n"), 1, ("a", "b")), [1, np.nan], equal_nan=True)


def test_a_misspelt_target_gets_a_suggestion() -> None:
    with pytest.raises(UsageError) as caught:
        table_data(table("size,colour\n1,red\n"), "color")
    assert caught.value.hint == "did you mean `colour`?"


def test_the_target_may_be_named_by_its_place() -> None:
    data = table_data(table("1,2,7.5\n3,4,8.5\n"), "-1")
    assert (data.columns, data.target, data.targets.tolist()) == (("x1", "x2"), "x3", [7.5, 8.5])
    assert np.array_equal(data.inputs, [[1, 2], [3, 4]])


def test_a_number_that_is_extreme_survives() -> None:
    data = table_data(table("x,y\n1.7976931348623157e308,a\n-5e-324,b\n"), "y")
    assert data.inputs[:, 0].tolist() == [1.7976931348623157e308, -5e-324]
