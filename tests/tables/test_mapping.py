"""Computed columns are the compiled function's, row by row, whatever the blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.errors import NotFiniteError, UsageError
from gradcli.tables.cells import ArrowCells
from gradcli.tables.mapping import Counts, RowFunction, mapped
from gradcli.tables.table import Table

arrow = pytest.importorskip("pyarrow")

X = np.linspace(-2.0, 2.0, 1000)
Y = np.cos(np.arange(1000.0))
TABLE = arrow.table({"x": X, "label": [str(i) for i in range(1000)], "y": Y})


def row_function(text: str, inputs: dict[str, Any], **options: Any) -> RowFunction:
    where = options.pop("where", None)
    function = gradcli.compile(text, [name for name, given in inputs.items() if isinstance(given, str)])
    kept = options.pop("kept", TABLE.column_names)
    results = {name: name for name in function.names}
    condition = gradcli.compile(where, derivatives="value") if where else None
    return RowFunction(function, inputs, kept, results, [*kept, *results], condition, **options)


def run(made: RowFunction, size: int = 64, table: Any = TABLE) -> tuple[Any, Counts]:
    counts = Counts()
    blocks = []
    for batch in table.to_batches(max_chunksize=size):
        first = sum(map(len, blocks))
        blocks.append(Table("t", tuple(table.column_names), tuple(map(ArrowCells, batch.columns)), None, first))
    found = list(mapped(blocks, made, counts))
    columns = {name: [block.column(name).arrow() for block in found] for name in found[0].columns}
    return arrow.table({name: arrow.chunked_array(arrays) for name, arrays in columns.items()}), counts


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_values_and_partials_do_not_depend_on_the_blocks(size: int) -> None:
    found, counts = run(row_function("x*y + sin(x)", {"x": "x", "y": "y"}), size)
    assert found.column_names == ["x", "label", "y", "value", "d_x", "d_y"]
    np.testing.assert_allclose(found["value"].to_numpy(), X * Y + np.sin(X), rtol=1e-15, atol=1e-15)
    np.testing.assert_allclose(found["d_x"].to_numpy(), Y + np.cos(X), rtol=1e-15, atol=1e-15)
    assert found["d_y"].to_numpy().tolist() == X.tolist()
    assert found.select(["x", "label", "y"]).equals(TABLE)
    assert (counts.rows, counts.written, counts.not_finite, counts.first) == (1000, 1000, 0, None)


def test_a_number_is_the_same_in_all_rows_and_a_column_may_serve_two_variables() -> None:
    found, _ = run(row_function("a*b + c", {"a": "x", "b": "x", "c": 0.5}))
    assert found.column_names[3:] == ["value", "d_a", "d_b"]
    np.testing.assert_allclose(found["value"].to_numpy(), X * X + 0.5, rtol=1e-15)


@pytest.mark.parametrize("text", ["c^2", "3"])
def test_an_expression_without_columns_has_one_value_in_all_rows(text: str) -> None:
    found, _ = run(row_function(text, {"c": 3.0} if "c" in text else {}))
    assert set(found["value"].to_pylist()) == {9.0 if "c" in text else 3.0}
    assert len(found) == 1000


def test_rows_are_kept_where_the_condition_is_true_and_nan_is_not_true() -> None:
    found, counts = run(row_function("x", {"x": "x"}, where="sqrt(x)"))
    assert found["x"].to_numpy().tolist() == X[X > 0].tolist()
    assert found["label"].to_pylist() == [str(i) for i in np.flatnonzero(X > 0)]
    assert (counts.rows, counts.written) == (1000, int((X > 0).sum()))


def test_a_condition_that_nothing_meets_leaves_no_rows() -> None:
    found, counts = run(row_function("x", {"x": "x"}, where="x > 5"))
    assert (len(found), counts.rows, counts.written) == (0, 1000, 0)


def test_rows_that_are_not_finite_are_counted_and_the_first_is_named() -> None:
    _, counts = run(row_function("log(x)", {"x": "x"}))
    assert counts.not_finite == int((X <= 0).sum())
    assert counts.first == "row 1: value is nan"
    _, counts = run(row_function("1/(x - c)", {"x": "x", "c": float(X[200])}))
    assert (counts.not_finite, counts.first) == (1, "row 201: value is inf")
    # The value is finite there, the partial is not; rows that are dropped don't count.
    inputs = {"x": "x", "c": float(X[900])}
    _, counts = run(row_function("sqrt(abs(x - c))", inputs, where="x > 1"))
    assert (counts.not_finite, counts.first) == (1, "row 901: d_x is nan")
    _, counts = run(row_function("sqrt(abs(x - c))", inputs, where="x < 1"))
    assert (counts.not_finite, counts.first) == (0, None)


def test_numbers_whose_sum_is_too_large_are_finite() -> None:
    table = arrow.table({"x": [1e308] * 10})
    _, counts = run(row_function("x", {"x": "x"}, kept=["x"]), table=table)
    assert counts.not_finite == 0


def test_strict_stops_at_the_first_row_that_is_not_finite() -> None:
    with pytest.raises(NotFiniteError, match=r"^row 201: value is inf$"):
        run(row_function("1/(x - c)", {"x": "x", "c": float(X[200])}, strict=True))


def test_a_column_of_text_is_refused_before_a_row_is_read() -> None:
    with pytest.raises(UsageError, match=r"the column `label` is text \(string\)"):
        run(row_function("a", {"a": "label"}))
