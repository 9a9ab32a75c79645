"""From the columns of a table to the inputs of a net."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest

from gradcli import limits
from gradcli.errors import GradcliError, UnavailableError, UsageError
from gradcli.tables.formats import read_table
from gradcli.tables.table import Table
from gradcli.train.data.encoding import Encoding, Input
from tests.support.loops import for_each

MIXED = Encoding((Input("size"), Input("colour", ("blue", "red"))))
FILLED = Encoding((Input("size", None, 2.5), Input("colour", ("blue", "red"), "red")), "mean")


def table(text: str) -> Table:
    return read_table(io.StringIO(text), "t.csv")


def test_a_text_is_one_input_for_each_category() -> None:
    assert MIXED.names == ("size", "colour=blue", "colour=red")
    assert MIXED.encode(table("colour,size\nred,1\nblue,2\n")).tolist() == [[1, 0, 1], [2, 1, 0]]


def test_columns_are_found_by_name_and_others_are_not_looked_at() -> None:
    found = MIXED.encode(table("a,colour,b,size\n?,red,x,1\n"))
    assert found.tolist() == [[1, 0, 1]]


def test_what_is_missing_becomes_what_the_encoding_remembers() -> None:
    found = FILLED.encode(table("size,colour\n1,blue\n,blue\nNA,?\n"))
    assert found.tolist() == [[1, 1, 0], [2.5, 1, 0], [2.5, 0, 1]]


def test_a_column_that_is_numbers_in_the_file_may_be_categories() -> None:
    encoding = Encoding((Input("month", ("1", "2", "12")),))
    assert encoding.encode(table("month\n12\n1\n")).tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize(
    ("text", "kind", "message", "hint"),
    [
        (
            "size,colour\n1,red\n2,rde\n", UnavailableError,
            "`t.csv`, line 3, column `colour`: the model has no category `rde`", "did you mean `red`?",
        ),
        (
            "size,colour\n1,mauve\n", UnavailableError,
            "`t.csv`, line 2, column `colour`: the model has no category `mauve`",
            "its categories are `blue` and `red`",
        ),
        (
            "size,colour\n1,\n", UnavailableError,
            "`t.csv`, line 2, column `colour`: the value is missing", None,
        ),
        ("size,colour\n,red\n", UnavailableError, "`t.csv`, line 2, column `size`: the value is missing", None),
        (
            "size,colour\nbig,red\n", UnavailableError,
            "`t.csv`, line 2, column `size`: `big` is not a number", None,
        ),
        ("size\n1\n", UsageError, "`t.csv` lacks the column `colour` of the model", "its columns are `size`"),
        ("a\n1\n", UsageError, "`t.csv` lacks the columns `size` and `colour` of the model", "its columns are `a`"),
    ],
)  # fmt: skip
def test_a_cell_that_does_not_fit_is_named(text: str, kind: type[GradcliError], message: str, hint: str | None) -> None:
    with pytest.raises(kind) as caught:
        MIXED.encode(table(text))
    assert caught.value.message == message
    assert hint is None or caught.value.hint == hint


def test_an_unknown_category_is_refused_also_where_gaps_are_filled() -> None:
    with pytest.raises(UnavailableError, match="no category `rde`"):
        FILLED.encode(table("size,colour\n1,\n2,rde\n"))


@pytest.mark.parametrize(("method", "fill"), [("mean", 4.0), ("median", 2.0), ("zero", 0.0)])
def test_a_gap_is_filled_by_the_method(method: str, fill: float) -> None:
    encoding = Encoding((Input("size"), Input("colour", ("blue", "red"))), method)
    matrix = encoding.matrix(table("size,colour\n1,red\n,red\n2,blue\n9,\n"), keep_gaps=True)
    fitted = encoding.fit(matrix)
    assert [one.fill for one in fitted.inputs] == [fill, "red"]
    assert fitted.fill(matrix).tolist() == [[1, 0, 1], [fill, 0, 1], [2, 1, 0], [9, 0, 1]]
    assert np.isnan(matrix).sum() == 3


def test_the_mean_of_numbers_near_the_largest_does_not_overflow() -> None:
    encoding = Encoding((Input("x"),), "mean")
    assert encoding.fit(np.array([[1.7e308], [1.5e308]])).inputs[0].fill == pytest.approx(1.6e308)


def test_columns_of_bytes_stay_bytes() -> None:
    from gradcli.tables.cells import Numbers

    image = Table("t", ("a", "b"), (Numbers(np.array([1, 2], np.uint8)), Numbers(np.array([3, 255], np.uint8))))
    found = Encoding((Input("b"), Input("a"))).encode(image)
    assert (found.dtype, found.tolist()) == (np.uint8, [[3, 1], [255, 2]])


def test_one_point_is_given_by_its_values() -> None:
    assert MIXED.encode_point({"size": 1.5, "colour": "blue"}).tolist() == [[1.5, 1, 0]]
    with pytest.raises(UsageError) as caught:
        MIXED.encode_point({"size": 1.5, "colour": "bleu"})
    assert (caught.value.message, caught.value.hint) == ("`colour` has no category `bleu`", "did you mean `blue`?")


@pytest.mark.parametrize("encoding", [MIXED, FILLED, Encoding((Input("x"),))])
def test_an_encoding_survives_json(encoding: Encoding) -> None:
    assert Encoding.from_json(json.loads(json.dumps(encoding.to_json()))) == encoding


def changed(*path: Any, to: Any) -> Any:
    data: Any = FILLED.to_json()
    if not path:
        return to
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return data


@for_each(
    ("data", "clause"),
    [
        (changed(to=[]), "missing or unknown fields"),
        (changed("extra", to=1), "missing or unknown fields"),
        (changed("missing", to="mode"), "unknown method"),
        (changed("missing", to=["mean"]), "unknown method"),
        (changed("missing", to=None), "but the encoding refuses them"),
        (changed("inputs", to={}), "no sound list"),
        (changed("inputs", to=[]), "no sound list"),
        (changed("inputs", 0, to="size"), "an input of the encoding has missing or unknown fields"),
        (changed("inputs", 0, "name", to=""), "has no name"),
        (changed("inputs", 0, "name", to=3), "has no name"),
        (changed("inputs", 0, "name", to="colour"), "aren't all different"),
        (changed("inputs", 0, "name", to="colour=red"), "aren't all different"),
        (changed("inputs", 0, "fill", to=None), "not become a finite number"),
        (changed("inputs", 0, "fill", to=True), "not become a finite number"),
        (changed("inputs", 0, "fill", to=float("nan")), "not become a finite number"),
        (changed("inputs", 0, "fill", to=10**400), "not become a finite number"),
        (changed("inputs", 0, "fill", to="red"), "not become a finite number"),
        (changed("inputs", 1, "fill", to="green"), "an unknown category"),
        (changed("inputs", 1, "fill", to=1), "an unknown category"),
        (changed("inputs", 1, "fill", to=[]), "an unknown category"),
        (changed("inputs", 1, "categories", to=[]), "aren't all different"),
        (changed("inputs", 1, "categories", to=["red", "red"]), "aren't all different"),
        (changed("inputs", 1, "categories", to=["red", 3]), "aren't texts"),
        (changed("inputs", 1, "categories", to="red"), "aren't texts"),
        (changed("inputs", 1, "categories", to=["red", "NA"]), "means a missing value"),
        (changed("inputs", 1, "categories", to=[*map(str, range(limits.CATEGORIES)), "red"]), "aren't all different"),
    ],
)
def test_an_encoding_of_unknown_origin_is_checked(data: Any, clause: str) -> None:
    with pytest.raises(ValueError, match=clause):
        Encoding.from_json(data)
