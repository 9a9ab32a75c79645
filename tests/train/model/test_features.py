"""`gradcli.train.model.features`: columns, or expressions of columns by their own names or by x1, x2, ..."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.errors import GradcliError, UsageError
from gradcli.train.model.features import check_features, feature_named, featured, finite_features, places_of

ROWS = np.array([[2.0, 3.0], [-1.0, 0.5]])


@pytest.mark.parametrize(
    ("columns", "places"),
    [
        (("a", "b"), {"a": 0, "b": 1, "x1": 0, "x2": 1}),
        (("x2", "x1"), {"x2": 0, "x1": 1}),
        (("x2", "b"), {"x2": 0, "b": 1, "x1": 0}),
        (("petal length", "pi"), {"petal length": 0, "pi": 1, "x1": 0, "x2": 1}),
    ],
)
def test_a_column_may_be_called_by_its_place_unless_another_has_that_name(
    columns: tuple[str, ...], places: dict[str, int]
) -> None:
    assert places_of(columns) == places


@pytest.mark.parametrize(
    ("columns", "features", "expected"),
    [
        (("a", "b"), ("a*b",), [[6.0], [-0.5]]),
        (("a", "b"), ("x1^2", "b"), [[4.0, 3.0], [1.0, 0.5]]),
        (("x2", "x1"), ("x1 - x2",), [[1.0], [1.5]]),
        (("a + b", "b"), ("a + b",), [[2.0], [-1.0]]),
        (("pi", "e"), ("pi*e",), [[6.0], [-0.5]]),
        (("a", "b"), ("abs(a)", "max(a, b)", "a"), [[2.0, 3.0, 2.0], [1.0, 0.5, -1.0]]),
    ],
)
def test_a_feature_is_the_column_of_its_name_or_else_an_expression(
    columns: tuple[str, ...], features: tuple[str, ...], expected: list[list[float]]
) -> None:
    assert featured(columns, features, ROWS).tolist() == expected
    assert finite_features(columns, features, ROWS).tolist() == expected


def test_the_columns_of_pictures_are_bytes_whose_products_do_not_fit_into_a_byte() -> None:
    pixels = np.array([[200, 100]], dtype=np.uint8)
    assert featured(("a", "b"), ("a*b", "a"), pixels).tolist() == [[20_000.0, 200.0]]


def test_a_feature_without_a_finite_value_names_the_first_row_where_it_has_none() -> None:
    with pytest.raises(UsageError) as caught:
        finite_features(("a", "b"), ("a", "log(a)"), ROWS)
    assert caught.value.message == "the feature `log(a)` has no finite value where a = -1, b = 0.5"
    wide = tuple(f"c{number}" for number in range(9))
    with pytest.raises(UsageError, match=r"where c0 = 0, .*, c5 = 0, \.\.\.$"):
        finite_features(wide, ("1/c0",), np.zeros((1, 9)))
    assert featured(("a", "b"), ("log(a)",), ROWS)[1].tolist() == pytest.approx([np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("columns", "features", "message"),
    [
        (("a", "b"), ("a*b", "a", "a*b"), "the feature `a*b` is given twice"),
        (("a", "b"), ("x3",), "the feature `x3` has the unknown variable `x3`"),
        (("a", "b"), ("2",), "the feature `2` has no variable"),
        (("a", "b"), ("a +",), "the expression ends"),
        (
            ("a",),
            tuple(f"a*{k}" for k in range(101)),
            "a net has at most 100 features, with at most 5000 characters in total",
        ),
        (("a",), ("a" + "+a" * 2500,), "a net has at most 100 features, with at most 5000 characters in total"),
        (
            tuple(f"c{k}" for k in range(1001)),
            ("c1",),
            "`features` is for tables of at most 1000 columns, not 1001",
        ),
    ],
)
def test_features_that_say_nothing_or_too_much_are_refused(
    columns: tuple[str, ...], features: tuple[str, ...], message: str
) -> None:
    with pytest.raises(GradcliError) as caught:
        check_features(columns, features)
    assert message in caught.value.message


def test_no_features_are_the_columns_themselves_of_a_table_of_any_width() -> None:
    check_features(tuple(f"c{k}" for k in range(5000)), ())
    found: Any = feature_named("b", ("a", "b"))
    assert found == 1
