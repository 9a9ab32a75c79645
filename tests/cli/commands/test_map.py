"""`gradcli map`: tables and grids, every option, every error, streams, and runs that end early."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli import compile  # noqa: A004
from gradcli.tables import delimited, text_writers
from gradcli.tables.formats import FORMATS
from tests.support.paths import ROOT

arrow = pytest.importorskip("pyarrow")

Run = Callable[..., Any]
WRITTEN = [name for name, one in FORMATS.items() if one.writer is not None]

PRICES = 'price,rate,unit price,name,day\n1,0.5,3,a,2024-01-01\n4,,6.50,"b,c",2024-01-02\n0,2,007,d,2024-01-03\n'
needs_posix = pytest.mark.skipif(os.name != "posix", reason="signals and devices of POSIX")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test is in a folder with a table in it."""
    monkeypatch.chdir(tmp_path)
    Path("p.csv").write_text(PRICES)
    return tmp_path


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def files() -> list[str]:
    return [path.name for path in Path().iterdir()]


def table_of(path: str) -> Any:
    from pyarrow import parquet

    return parquet.read_table(path)


def test_value_and_partials_stand_beside_the_cells_as_they_were_spelt(inside: Run) -> None:
    found = inside("map", "price*rate + sin(price)", "p.csv")
    assert found.code == 0
    assert found.out.splitlines()[0] == "price,rate,unit price,name,day,value,d_price,d_rate"
    assert found.out.splitlines()[1] == f"1,0.5,3,a,2024-01-01,{0.5 + math.sin(1)!r},{0.5 + math.cos(1)!r},1.0"
    assert found.out.splitlines()[2] == '4,,6.50,"b,c",2024-01-02,nan,nan,nan'
    assert found.err == "warning: 1 row is not finite; the first is row 2: value is nan\n"


@pytest.mark.parametrize("source", WRITTEN)
def test_a_column_without_a_name_goes_through(source: str, inside: Run) -> None:
    Path("t.csv").write_text(",x,y\n0,1,2\n1,3,4\n")
    assert inside("map", "k", "t.csv", "--k", "1", "--value-only", "-o", "t", "--to", source).code == 0
    words = ["map", "x*y", "t", "--from", source, "--prefix", "f_", "--value-only", "--to", "csv"]
    header, *numbers = rows(inside(*words).out)
    assert header == ["", "x", "y", "value", "f_value"]
    assert [list(map(float, row)) for row in numbers] == [[0, 1, 2, 1, 2], [1, 3, 4, 1, 12]]
    assert rows(inside(*words, "--select", "y,,f_value").out)[0] == ["y", "", "f_value"]
    assert inside("map", "i", "t", "--from", source, "--i", "", "--select", "value").code == 2
    assert "its columns: one without a name, `x`" in inside("map", "k", "t", "--from", source).err


SELECTED = [
    ([], "price,rate,unit price,name,day,value,d_price"),
    (["--value-only"], "price,rate,unit price,name,day,value"),
    (["--select", "name,price"], "name,price,value,d_price"),
    (["--select", "name", "--select", "unit price"], "name,unit price,value,d_price"),
    (["--select", "d_price,name"], "d_price,name"),
    (["--prefix", "f_"], "price,rate,unit price,name,day,f_value,f_d_price"),
    (["--prefix", "f_", "--select", "f_value"], "f_value"),
    (["--hessian", "--select", "name"], "name,value,d_price,d_price_price"),
    (["--wrt", "k", "--select", "name"], "name,value,d_k"),
    (["--wrt", "k,price", "--hessian", "--select", "name"], "name,value,d_k,d_price,d_k_k,d_k_price,d_price_price"),
]


@pytest.mark.parametrize(
    ("words", "header"), SELECTED, ids=lambda case: " ".join(case) if isinstance(case, list) else ""
)
def test_the_columns_are_those_that_were_asked_for(words: list[str], header: str, inside: Run) -> None:
    found = inside("map", "k*price^2", "p.csv", "--k", "3", *words)
    assert found.out.splitlines()[0] == header


def test_second_partials_are_those_of_grad(inside: Run) -> None:
    found = rows(inside("map", "x^3*y + exp(x*y)", "--grid", "x=1:2:2", "y=0.5:0.5:1", "--hessian").out)
    at = dict(zip(found[0], map(float, found[2]), strict=True))
    document = json.loads(inside("grad", "x^3*y + exp(x*y)", "x=2", "y=0.5", "--hessian", "--json").out)
    assert at["value"] == pytest.approx(document["value"], rel=1e-15)
    for name in "xy":
        assert at[f"d_{name}"] == pytest.approx(document["gradient"][name], rel=1e-15)
    for name in ("x_x", "x_y", "y_y"):
        assert at[f"d_{name}"] == pytest.approx(document["hessian"][name[0]][name[2]], rel=1e-15)


def test_derivatives_up_to_an_order_are_those_of_grad(inside: Run) -> None:
    found = rows(inside("map", "x^3*y*exp(x)", "--grid", "x=1:2:2", "y=0.5:0.5:1", "--order", "6", "--wrt", "x").out)
    assert found[0] == ["x", "y", "value", "d_x", *[f"d{order}_x" for order in range(2, 7)]]
    document = json.loads(inside("grad", "x^3*y*exp(x)", "x=2", "y=0.5", "--order", "6", "--json").out)
    assert list(map(float, found[2][3:])) == pytest.approx(document["derivatives"]["x"], rel=1e-13)


def test_a_derivative_that_has_lost_its_digits_counts_as_not_finite(inside: Run) -> None:
    found = inside("map", "sin(x)/x", "--grid", "x=0.5:0.5:1", "--order", "9", "--select", "d9_x")
    assert found.out.splitlines()[1] == "nan"
    assert "warning: 1 row is not finite; the first is row 1: d7_x is nan" in found.err


def test_where_keeps_the_rows_for_which_it_is_true(inside: Run) -> None:
    found = inside("map", "price", "p.csv", "--where", "rate > k and price >= 0", "--k", "0.6", "--select", "name")
    assert (found.out, found.err) == ("name,value,d_price\nd,0.0,1.0\n", "kept 1 of 3 rows\n")


@pytest.mark.parametrize("target", WRITTEN)
@pytest.mark.parametrize("source", WRITTEN)
def test_a_table_goes_from_every_format_to_every_format(source: str, target: str, inside: Run) -> None:
    first, second = f"a{FORMATS[source].suffixes[0]}", f"b{FORMATS[target].suffixes[0]}"
    assert inside("map", "price", "p.csv", "--value-only", "-o", first).code == 0
    assert inside("map", "x^2", first, "--x", "unit price", "--prefix", "f_", "-o", second).code == 0
    found = rows(inside("map", "f_d_x", second, "--prefix", "g_", "--select", "name,f_value,g_value").out)
    assert found == [
        ["name", "f_value", "g_value"],
        ["a", "9.0", "6.0"],
        ["b,c", "42.25", "13.0"],
        ["d", "49.0", "14.0"],
    ]


@pytest.mark.parametrize("source", WRITTEN)
def test_no_column_of_the_table_need_be_read(source: str, inside: Run) -> None:
    path = f"a{FORMATS[source].suffixes[0]}"
    assert inside("map", "price", "p.csv", "-o", path).code == 0
    assert inside("map", "3", path, "--prefix", "f_", "--select", "f_value").out == "f_value\n3.0\n3.0\n3.0\n"


def test_a_typed_format_gets_types(inside: Run) -> None:
    assert inside("map", "price", "p.csv", "-o", "p.parquet").code == 0
    kinds = {field.name: str(field.type) for field in table_of("p.parquet").schema}
    assert kinds == {
        "price": "double", "rate": "double", "unit price": "double", "name": "string", "day": "date32[day]",
        "value": "double", "d_price": "double",
    }  # fmt: skip


def test_columns_of_every_numeric_type_are_computed_with(inside: Run) -> None:
    from pyarrow import parquet

    columns = {
        "i": arrow.array([1, None, 3], arrow.int16()),
        "f": arrow.array([0.5, 1.5, None], arrow.float32()),
        "b": arrow.array([True, False, True]),
        "d": arrow.array([Decimal("1.25"), Decimal(2), Decimal(3)]),
    }
    parquet.write_table(arrow.table(columns), "t.parquet")
    found = inside("map", "i + 10f + 100b + 1000d", "t.parquet", "--value-only", "-o", "u.parquet")
    assert "2 rows are not finite; the first is row 2: value is nan" in found.err
    made = table_of("u.parquet")
    assert made["value"].to_pylist()[0] == 1 + 5 + 100 + 1250
    assert np.isnan(made["value"].to_numpy()[1:]).all()
    assert made.select(list(columns)).equals(arrow.table(columns))


def test_a_grid_has_numpys_values_in_numpys_order(inside: Run) -> None:
    assert inside("map", "x*y", "--grid", "x=-3:3:50", "y=0:pi:2^5", "-o", "g.parquet").code == 0
    made = table_of("g.parquet")
    x, y = np.meshgrid(np.linspace(-3, 3, 50), np.linspace(0, np.pi, 32), indexing="ij")
    for name, expected in (("x", x), ("y", y), ("value", x * y), ("d_x", y), ("d_y", x)):
        assert made[name].to_numpy().tobytes() == expected.ravel().tobytes()


def test_a_table_without_rows_and_one_with_one_row(inside: Run) -> None:
    Path("t.csv").write_text("x\n")
    assert inside("map", "x", "t.csv").out == "x,value,d_x\n"
    assert inside("map", "x", "t.csv", "-o", "t.parquet").err.startswith("wrote t.parquet: 0 rows with value, d_x in ")
    assert table_of("t.parquet").column_names == ["x", "value", "d_x"]
    Path("t.csv").write_text("x\n2")
    assert inside("map", "x", "t.csv").out == "x,value,d_x\n2,2.0,1.0\n"


def test_the_table_may_be_overwritten(inside: Run) -> None:
    assert inside("map", "price", "p.csv", "--value-only", "--select", "name", "-o", "p.csv").code == 0
    assert Path("p.csv").read_text() == 'name,value\na,1.0\n"b,c",4.0\nd,0.0\n'
    assert files() == ["p.csv"]


def test_json_is_one_object_with_what_was_done(inside: Run) -> None:
    found = inside("map", "log(x)*r", "p.csv", "--x", "price", "--r", "0.05", "-o", "q.csv", "--where", "1", "--json")
    document = json.loads(found.out)
    assert document.pop("seconds") > 0
    assert document.pop("executor") in ("llvm", "numpy")
    assert document == {
        "expression": "log(x)*r", "table": "p.csv", "output": "q.csv", "inputs": {"x": "price", "r": 0.05},
        "computed": ["value", "d_x"], "rows": 3, "written": 3, "not_finite": 1,
    }  # fmt: skip
    assert found.err == ""


def test_verbose_names_the_executor_and_the_reason(inside: Run) -> None:
    found = inside("map", "polygamma(2, x)*r", "p.csv", "--x", "price", "--r", "2", "--verbose")
    executor, x, r, *_ = found.err.splitlines()
    function = compile("polygamma(2, x)*r")
    assert executor == f"executor: {function.executor}" + (f" ({function.note})" if function.note else "")
    assert (x, r) == ("x = the column `price`", "r = 2.0")


def test_the_result_does_not_depend_on_the_number_of_threads(inside: Run) -> None:
    for threads in ("1", "2", "5"):
        words = ("--threads", threads, "--select", "value,d_x,d_y", "-o", f"{threads}.arrow")
        assert inside("map", "sin(x)^y*tanh(x - y)", "--grid", "x=0:2:700", "y=-3:3:700", *words).code == 0
    assert Path("1.arrow").read_bytes() == Path("2.arrow").read_bytes() == Path("5.arrow").read_bytes()


def test_strict_stops_and_leaves_no_file(inside: Run) -> None:
    found = inside("map", "1/price", "p.csv", "--strict", "-o", "q.parquet")
    assert (found.code, found.err) == (
        4,
        "error: row 3: value is inf\n  without --strict such rows are written and counted\n",
    )
    assert files() == ["p.csv"]


ERRORS = [
    (["prce*rte", "p.csv"], 2, "the table has no columns `prce` and `rte`", "--prce price"),
    (["a*b", "p.csv"], 2, "the table has no columns `a` and `b`", "its columns: `price`, `rate`, `unit price`"),
    (["order", "p.csv", "--wrt", "order"], 2, "the table has no column `order`", "order=COLUMN"),
    (["x", "p.csv", "--x", "prise"], 2, "`prise`, which is neither a column of the table nor a number", "`price`"),
    (["x", "p.csv", "--x", "unt price"], 2, "`unt price`, which is neither", "did you mean `unit price`?"),
    (["x", "p.csv", "--x", "[1, 2]"], 2, "has to be a number, not an array", ""),
    (["price", "p.csv", "--quantity", "1"], 2, "the expression has no variable `quantity`", "it has `price`"),
    (["price*name", "p.csv"], 2, "the column `name` is text, such as `a`", "NAME=COLUMN"),
    (["price*day", "p.csv", "-o", "q.parquet"], 5, "line 2, column `day`: `2024-01-01` is not a number", ""),
    (["k*price", "p.csv", "--k", "2", "--select", "d_k"], 2, "there is no column `d_k`", "--wrt price,k computes it"),
    (["price", "p.csv", "--value-only", "--select", "d_price"], 2, "no column `d_price`", "--value-only leaves"),
    (["price", "p.csv", "--select", "nme"], 2, "there is no column `nme`", "did you mean `name`?"),
    (["price", "p.csv", "--select", "name,,day"], 2, "`--select name,,day` lacks a name", ""),
    (["price", "p.csv", "--select", "name,name"], 2, "`--select` names `name` twice", ""),
    (["price", "p.csv", "--wrt", "rate"], 2, "the expression has no variable `rate`", ""),
    (["price", "p.csv", "--value-only", "--hessian"], 2, "`--value-only` and `--hessian` can't be given together", ""),
    (["price", "p.csv", "--value-only", "--wrt", "price"], 2, "`--value-only` and `--wrt` can't be given together", ""),
    (["price", "p.csv", "--order", "2", "--hessian"], 2, "`--hessian` and `--order` can't be given together", ""),
    (["price", "p.csv", "--order", "0"], 2, "`--order` takes a whole number of at least 1, not `0`", ""),
    (["price", "p.csv", "--order", "999"], 2, "the order of a derivative is at most 200, not 999", ""),
    (["price", "p.csv", "--order", "2", "--select", "d3_price"], 2, "no column `d3_price`", "--order 3 computes it"),
    (["price", "p.csv", "--json"], 2, "standard output can't hold both the table and the object", "-o FILE"),
    (["price", "p.csv", "--prefix", "", "-o", "q.csv"], 2, "`--prefix` has no value", ""),
    (["price"], 2, "neither a table nor a grid is given", "gradcli map"),
    (["p.csv", "price*2"], 2, "but the first word should be the expression", 'gradcli map "price*2" p.csv'),
    (["price", "p.csv", "more"], 5, "can't read `more`: no such file", 'one word in quotes: "x1 * x2"'),
    (["price", "p.csv", "p.csv"], 2, "the table `p.csv` is given twice", ""),
    (["price", "p.csv", "./p.csv", "-o", "out"], 2, "the table `p.csv` is given twice", ""),
    (["price", "p.csv", "-", "-o", "out"], 2, "standard input can't be one of several tables", ""),
    (["price", "p.*"], 2, "several tables go into a folder, and none is named", "name a folder: -o FOLDER/"),
    (["price", "*.parquet", "-o", "out"], 5, "no file matches `*.parquet`", ""),
    (["price", "p.csv", "--workers", "2"], 2, "`--workers` shares out several tables, and one is given", "--threads"),
    (["x", "--grid", "x=0:1:3", "--dask", "h:1"], 2, "`--dask` shares out several tables, not a grid", "--threads"),
    (["price", "p.csv", "--workers", "0"], 2, "`--workers` takes a whole number of at least 1, not `0`", ""),
    (["price", "p.*", "--workers", "2", "--dask", "tcp://h:1"], 2, "can't be given together", "has its own workers"),
    (["-", "-"], 2, "the expression and the table can't both come from standard input", ""),
    (["x", "--grid", "x=0:1:3", "p.csv"], 2, "a table and a grid are given", ""),
    (["x*y", "--grid", "x=0:1:3"], 2, "the grid has no axis `y`", "--grid y=-3:3:1000"),
    (["x", "--grid", "x=0:1:3", "z=0:1:3"], 2, "the expression has no variable `z`", "it has `x`"),
    (["x", "--grid", "x=0:1:3", "x=0:1:3"], 2, "`x` has two values", ""),
    (["x", "--grid", "x=0:1"], 2, "`--grid x=0:1` is not NAME=START:STOP:POINTS", "--grid x=-3:3:1000"),
    (["x", "--grid", "x=0::3"], 2, "is not NAME=START:STOP:POINTS", ""),
    (["x", "--grid", "x=0:1:0"], 2, "a whole number of at least 1, not 0", ""),
    (["x", "--grid", "x=0:1:2.5"], 2, "a whole number of at least 1, not 2.5", ""),
    (["x", "--grid", "x=0:inf:3"], 2, "an end of the axis `x` is not finite", ""),
    (["x", "--grid", "x=0:y:3"], 2, "contains the variable `y`", ""),
    (["price", "p.csv", "--threads", "0"], 2, "`--threads` takes a whole number of at least 1, not `0`", ""),
    (["price", "p.csv", "-o", "q.xlsx"], 2, "can't tell the format of the table `q.xlsx`", "--to csv|tsv|"),
    (["price", "p.csv", "--from", "xml"], 2, "unknown format of tables `xml`", "csv, tsv, jsonl"),
    (["price", "p.csv", "--to", "prquet"], 2, "unknown format of tables `prquet`", "did you mean `parquet`?"),
    (["price**", "p.csv"], 3, "the expression ends after `**`", "^"),
    (["sni(price)", "p.csv"], 3, "unknown function `sni`", "did you mean `sin`?"),
    (["sum([price, 2])", "p.csv"], 3, "map takes numbers, but `[...]` works on arrays", "^^^"),
    (["price", "p.csv", "--where", "sum([price])"], 3, "--where takes numbers", "in --where"),
    (["price", "p.csv", "--where", "prce > 1"], 2, "the table has no column `prce`", ""),
    (["price", "none.csv"], 5, "can't read `none.csv`: no such file or directory", ""),
    (["price", "."], 5, "`.` is a folder with no file of images such as train-images-idx3-ubyte", ""),
    (["price", "p.csv", "--from", "parquet"], 5, "`p.csv` can't be read as Parquet", ""),
    (["price", "p.csv", "--from", "jsonl"], 5, "`p.csv`, line 1: not JSON (expecting value, character 1)", ""),
    (["price", "p.csv", "-o", "missing/q.csv"], 5, "can't write `missing/q.csv`: no such file or directory", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"), ERRORS, ids=lambda case: " ".join(case) if isinstance(case, list) else ""
)
def test_an_error_names_what_is_wrong_and_what_to_do(
    words: list[str], code: int, message: str, hint: str, inside: Run
) -> None:
    found = inside("map", *words)
    assert found.code == code
    assert found.err.startswith("error: ")
    assert message in found.err.splitlines()[0]
    assert hint in found.err
    assert files() == ["p.csv"]


@pytest.mark.parametrize("source", ["csv", "tsv", "jsonl"])
@pytest.mark.parametrize("target", ["csv", "tsv", "jsonl"])
def test_text_is_mapped_without_pyarrow_and_is_the_same(
    source: str, target: str, inside: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["map", "price*rate", "-", "--from", source, "--to", target]
    text = inside("map", "price", "p.csv", "--value-only", "--prefix", "f_", "--to", source).out
    for threshold in (delimited, text_writers):
        monkeypatch.setattr(threshold, "LARGE", 0)
    by_arrow = inside(*words, stdin=text)
    grid = inside("map", "x/7e5 + 1e12", "--grid", "x=-1:1:9", "--to", target).out
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    by_python = inside(*words, stdin=text)
    assert (by_python.code, by_python.out, by_python.err) == (0, by_arrow.out, by_arrow.err)
    assert inside("map", "x/7e5 + 1e12", "--grid", "x=-1:1:9", "--to", target).out == grid


def test_without_pyarrow_one_sentence_names_the_fix_where_it_is_needed(
    inside: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for words in (
        ("price", "p.csv", "-o", "q.parquet"),
        ("x", "--grid", "x=0:1:3", "-o", "q.arrow"),
        ("x", "p.feather"),
    ):
        Path("p.feather").write_bytes(b"ARROW1")
        found = inside("map", *words)
        assert (found.code, found.out) == (5, "")
        assert found.err.endswith('which is not installed\n  pip install "gradcli[data]"\n')


def test_two_columns_of_one_name_are_refused(inside: Run) -> None:
    Path("t.csv").write_text("x,value\n1,2\n")
    found = inside("map", "x", "t.csv")
    assert found.code == 2
    assert "there would be two columns `value`" in found.err
    assert "--prefix" in found.err
    assert inside("map", "x", "t.csv", "--select", "x").out == "x,value,d_x\n1,1.0,1.0\n"
    Path("t.csv").write_text("x,y,x_y\n1,2,3\n")
    assert inside("map", "x*y*x_y", "t.csv").code == 0
    found = inside("map", "x*y*x_y", "t.csv", "--hessian")
    assert found.code == 2
    assert "`d_x_y`" in found.err


CELLS = [
    ("a,b\n1,2\n3,oops\n", "line 3, column `b`: `oops` is not a number"),
    ("a,b\n1,2\n\n3,4,5\n", "line 4: 3 cells, but the table has 2 columns"),
    ("a,b\n1,2\n3\n", "line 3: 1 cell, but the table has 2 columns"),
    ("a;b\n1;2\noops;3\n", "line 3, column `a`: `oops` is not a number"),
]


@pytest.mark.parametrize("words", [(), ("-o", "q.parquet")], ids=["to standard output", "to a file"])
@pytest.mark.parametrize(("content", "message"), CELLS, ids=lambda text: repr(text))
def test_a_wrong_cell_is_named_with_its_place(content: str, message: str, words: tuple[str, ...], inside: Run) -> None:
    Path("t.csv").write_text(content)
    found = inside("map", "a*b", "t.csv", *words)
    assert (found.code, found.out) == (5, "")
    assert found.err.splitlines()[0] == f"error: `t.csv`, {message}"
    assert not Path("q.parquet").exists()


def test_a_wrong_cell_far_down_is_found(inside: Run) -> None:
    Path("t.csv").write_text("a,b\n" + "1.25,2\n" * 700_000 + "1,zwei\n")
    for words in ((), ("-o", "q.parquet")):
        found = inside("map", "a", "t.csv", *words)
        assert found.code == (5 if words else 0)  # as text a column may hold anything, in Parquet it has a type
    assert "line 700002, column `b`: `zwei` is not a whole number, as in the rows before" in found.err


# Processes


def test_streams_of_text_and_arrow_go_through_pipes(process: Run) -> None:
    first = subprocess.run(
        [sys.executable, "-m", "gradcli", "map", "price*k", "-", "--k", "2", "--to", "arrows"],
        input=PRICES.encode(), capture_output=True, check=True, cwd=ROOT,
    ).stdout  # fmt: skip
    for source in ("arrows", "arrow"):
        found = process("map", "value", "-", "--from", source, "--select", "name", "--prefix", "g_", stdin=first)
        assert found.out == 'name,g_value,g_d_value\na,2.0,1.0\n"b,c",8.0,1.0\nd,0.0,1.0\n'
    assert process("map", "x", "-", "--to", "jsonl", stdin="x\n2\n").out == '{"x": 2.0, "value": 2.0, "d_x": 1.0}\n'
    assert process("map", "x", "-", "--from", "parquet", stdin=b"PAR1").code == 5
    assert process("map", "x", "-").err == "error: standard input is empty\n"


def test_parquet_goes_into_a_pipe_and_comes_from_a_file_as_standard_input(folder: Path) -> None:
    root = ROOT
    command = [sys.executable, "-m", "gradcli", "map"]
    content = subprocess.run(
        [*command, "x", "--grid", "x=0:1:5", "--to", "parquet"], capture_output=True, check=True, cwd=root
    ).stdout
    (folder / "t.parquet").write_bytes(content)
    with (folder / "t.parquet").open("rb") as stdin:
        words = [*command, "value", "-", "--from", "parquet", "--select", "x"]
        found = subprocess.run(words, stdin=stdin, capture_output=True, check=True, cwd=root, text=True).stdout
    assert found.splitlines()[-1] == "1.0,1.0,1.0"


@needs_posix
def test_a_reader_that_has_enough_ends_the_run_quietly(begun: Run) -> None:
    child = begun("map", "x", "--grid", "x=0:1:100000000")
    assert child.stdout.readline() == "x,value,d_x\n"
    child.stdout.close()
    assert child.wait(timeout=30) == 0
    assert child.stderr.read() == ""
    child.stderr.close()


def temporary(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(".out")]


def begin_a_long_run(begun: Run, folder: Path) -> Any:
    """A process that is writing."""
    child = begun("map", "sin(x)*y", "--grid", "x=0:1:100000", "y=0:1:10000", "-o", str(folder / "out.arrow"))
    until = time.monotonic() + 30
    while time.monotonic() < until and not any(path.stat().st_size for path in temporary(folder)):
        time.sleep(0.005)
    return child


@needs_posix
def test_a_killed_run_leaves_no_file_under_the_final_name(begun: Run, folder: Path) -> None:
    generator = random.Random(0)
    (folder / "out.arrow").write_bytes(b"old")
    for _ in range(8):
        child = begin_a_long_run(begun, folder)
        time.sleep(generator.uniform(0, 0.05))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        (left,) = temporary(folder)
        left.unlink()
        assert (folder / "out.arrow").read_bytes() == b"old"


@needs_posix
def test_ctrl_c_ends_with_130_and_leaves_nothing(begun: Run, folder: Path) -> None:
    child = begin_a_long_run(begun, folder)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert (child.returncode, out, err) == (130, "", "interrupted\n")
    assert files() == ["p.csv"]


@needs_posix
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_run_that_the_system_ends_leaves_nothing(begun: Run, folder: Path, name: str) -> None:
    child = begin_a_long_run(begun, folder)
    number = getattr(signal, name)
    child.send_signal(number)
    assert (*child.communicate(timeout=30), child.returncode) == ("", f"ended by {name}\n", 128 + number)
    assert files() == ["p.csv"]


@needs_posix
def test_ctrl_c_while_a_pipe_gives_nothing_ends_at_once(folder: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "gradcli", "map", "x", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=ROOT,
    )  # fmt: skip
    assert child.stdin is not None
    child.stdin.write(b"x\n1\n")
    child.stdin.flush()
    time.sleep(1.5)
    child.send_signal(signal.SIGINT)
    assert child.wait(timeout=10) == 130
    assert child.stderr is not None
    assert child.stderr.read() == b"interrupted\n"
    for stream in (child.stdin, child.stdout, child.stderr):
        stream.close()


LONG = "\n".join(["1,2.5,3.25,4.125"] * 300_000)
EARLY = {
    "a huge cell": ('a,b\n1,"' + "t" * 20_000_000 + '"\n', ["a", "--select", "value"], 5),
    "a short row": (f"a,b,c,d\n1,2,3\n{LONG}\n", ["a + c"], 5),
    "a cell that is no number": (f"a,b,c,d\n1,2,3,4\ntext,2,3,4\n{LONG}\n", ["a + c"], 5),
    "a row that is not finite": (f"a,b,c,d\n0,2,3,4\n{LONG}\n", ["log(a)", "--strict", "-o", os.devnull], 4),
}


@pytest.mark.parametrize("way", ["file", "compressed", "standard input", "pipe"])
@pytest.mark.parametrize(("content", "words", "code"), EARLY.values(), ids=EARLY)
def test_an_early_end_is_an_orderly_one(content: str, words: list[str], code: int, way: str, folder: Path) -> None:
    path = folder / ("t.csv.gz" if way == "compressed" else "t.csv")
    path.write_bytes(gzip.compress(content.encode(), 1) if way == "compressed" else content.encode())
    expression, *options = words
    table = str(path) if way in ("file", "compressed") else "-"
    for _ in range(2):
        with path.open("rb") as file:
            done = subprocess.run(
                [sys.executable, "-m", "gradcli", "map", expression, table, "--to", "csv", *options],
                **({"input": file.read()} if way == "pipe" else {"stdin": file}),  # type: ignore[call-overload]
                capture_output=True, check=False, timeout=60, cwd=ROOT,
            )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert done.stderr.startswith(b"error: ")
        assert len(done.stderr.splitlines()) <= 2


@needs_posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device")
def test_a_full_disk_is_one_sentence(process: Run, folder: Path) -> None:
    found = process("map", "x", "--grid", "x=0:1:100000", "-o", "/dev/full", "--to", "csv")
    assert (found.code, found.err) == (5, "error: can't write `/dev/full`: no space left on device\n")
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20));"
        "from gradcli.cli import main; sys.exit(main())"
    )
    for suffix in ("parquet", "csv", "arrow", "csv.gz"):
        words = ["map", "sin(x)", "--grid", "x=0:1:1000000", "-o", str(folder / f"out.{suffix}")]
        done = subprocess.run(
            [sys.executable, "-c", limited, *words],
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
        assert done.returncode == 5, done.stderr
        assert done.stderr.startswith(f"error: can't write `{folder}/out.{suffix}`: file too large")
        assert files() == ["p.csv"]


# The memory of a process counts from that of the one which began it, so that one has to be small.
MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> (20 if sys.platform == "darwin" else 10))
sys.exit(done.returncode)
"""


@needs_posix
def test_memory_does_not_depend_on_the_length_of_the_table(folder: Path) -> None:
    def peak(*words: str) -> int:
        done = subprocess.run(
            [sys.executable, "-S", "-c", MEASURE, sys.executable, "-m", "gradcli", "map", *words],
            capture_output=True, text=True, check=True, cwd=ROOT,
        )  # fmt: skip
        return int(done.stdout)

    table = str(folder / "t.parquet")
    short = peak("x - y", "--grid", "x=0:1:100", "y=0:1:100", "-o", table)
    # 12,000,000 rows of five columns are 460 MB.
    assert peak("x - y", "--grid", "x=0:1:3000", "y=0:1:4000", "-o", table) < short + 150
    one_group = table_of(table).select(["x", "y"]).combine_chunks()
    from pyarrow import parquet

    parquet.write_table(one_group, table, row_group_size=len(one_group), use_dictionary=False)
    assert peak("x - y", table, "-o", "/dev/null", "--to", "arrow") < short + 150


# The terminal


def test_a_binary_table_is_not_poured_onto_a_terminal(inside: Run) -> None:
    found = inside("map", "price", "p.csv", "--to", "parquet", terminal=True)
    assert found.code == 2
    assert "`parquet` can't be shown on a terminal" in found.err
