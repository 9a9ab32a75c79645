"""All columns that are wrong are told in one run, each by its first cell, with a way out that helps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command_line import Outcome

Run = Callable[..., Outcome]

TABLE = "a,b,c,d,y\n1,x1,,4,1.5\n2,3,3,,2.5\n3,4,5,q,\n4,,1,2,3.5\n"
WIDE = ",".join(f"c{number}" for number in range(9)) + ",y\n" + "1," * 9 + "2\n" + "x0," * 9 + "3\n"
LIKE = "a number is written like 1234.5"
FILL = "fill the gap or remove the row"
# What is done -> the words of the command, the table, the message behind the name of the table, and the hints.
CASES: dict[str, tuple[tuple[str, ...], str, str, list[str]]] = {
    "train": (
        ("train", "t.csv", "--target", "y"), TABLE,
        "line 2, column `b`: `x1` is not a number; line 2, column `c`: the value is missing; "
        "line 4, column `d`: `q` is not a number; line 4, column `y`: the value is missing",
        [f"{LIKE}; if these are categories, say `--one-hot b`", f"{FILL}, or train with `--missing mean`",
         f"{LIKE}; if these are categories, say `--one-hot d`",
         f"{FILL}, or leave out all rows with gaps by `--missing drop`; the target is missing in 1 row"],
    ),
    "train with gaps that are filled": (
        ("train", "t.csv", "--target", "y", "--missing", "mean"), TABLE,
        "line 2, column `b`: `x1` is not a number; line 4, column `d`: `q` is not a number; "
        "line 4, column `y`: the value is missing",
        [f"{LIKE}; if these are categories, say `--one-hot b`", f"{LIKE}; if these are categories, say `--one-hot d`",
         f"{FILL}, or leave out all rows with gaps by `--missing drop`; the target is missing in 1 row"],
    ),
    "a gap in the target": (
        ("train", "t.csv", "--target", "y", "--columns", "a"), TABLE, "line 4, column `y`: the value is missing",
        [f"{FILL}, or leave out all rows with gaps by `--missing drop`; the target is missing in 1 row"],
    ),
    "a target and an input": (
        ("train", "t.csv", "--target", "d", "--columns", "a,b", "--task", "numbers", "--missing", "drop"), TABLE,
        "line 2, column `b`: `x1` is not a number; line 4, column `d`: `q` is not a number",
        [f"{LIKE}; if these are categories, say `--one-hot b`",
         f"{LIKE}; if these are categories, say `--task classes`"],
    ),
    "a weight and an input": (
        ("train", "t.csv", "--target", "a", "--columns", "c", "--sample-weight", "d"), TABLE,
        "line 2, column `c`: the value is missing; line 3, column `d`: a gap is not a weight, a number of at least 0",
        [f"{FILL}, or train with `--missing mean`"],
    ),
    "more than five": (
        ("train", "t.csv", "--target", "y"), WIDE,
        "; ".join(f"line 3, column `c{number}`: `x0` is not a number" for number in range(5)) + "; and 4 more columns",
        [f"{LIKE}; if these are categories, say `--one-hot c{number}`" for number in range(5)],
    ),
    "map": (
        ("map", "a*b*d", "t.csv"), TABLE,
        "line 2, column `b`: `x1` is not a number; line 4, column `d`: `q` is not a number", [LIKE],
    ),
    "map to types": (
        ("map", "a*b*d", "t.csv", "-o", "o.jsonl"), TABLE,
        "line 2, column `b`: `x1` is not a number; line 4, column `d`: `q` is not a number", [LIKE],
    ),
    "predict": (
        ("predict", "m.safetensors", "t.csv"), TABLE,
        "line 2, column `b`: `x1` is not a number; line 2, column `c`: the value is missing; "
        "line 2, column `d`: the model has no category `4`; line 3, column `y`: the model has no class `2.5`",
        [LIKE, f"{FILL}, or train a model that fills gaps", "its categories are `u` and `v`", "did you mean `0.5`?"],
    ),
    "a file as a value": (
        ("eval", "sum(A)", "--A", "@t.csv"), "1,2,3\nx,5,\n",
        "line 2, column `x1`: `x` is not a number; line 2, column `x3`: the value is missing", [LIKE, FILL],
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _model(inside: Run, own_folder: Path) -> None:
    """A model of the class y by the numbers a, b and c and the category d."""
    rows = [f"{row},{row % 3},{row % 5},{'uv'[row % 2]},{row % 2}.5\n" for row in range(12)]
    (own_folder / "m.csv").write_text("a,b,c,d,y\n" + "".join(rows))
    done = inside("train", "m.csv", "--target", "y", "--task", "classes", "--epochs", "1", "--hidden", "2", "--plain")
    assert done.code == 0, done.err


@pytest.mark.parametrize("case", CASES)
def test_all_columns_are_told_in_one_run(case: str, inside: Run, own_folder: Path) -> None:
    words, table, message, hints = CASES[case]
    (own_folder / "t.csv").write_text(table)
    done = inside(*words)
    assert done.code == 5
    first, *others = done.err.splitlines()
    assert first == f"error: `t.csv`, {message}"
    assert len(others) == len(hints)
    for line, hint in zip(others, hints, strict=True):
        assert line.startswith(f"  {hint}")


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_types_without_numbers_are_told_together(suffix: str, inside: Run, own_folder: Path) -> None:
    (own_folder / "t.jsonl").write_text('{"a": "u", "b": [1], "c": true}\n')
    if suffix == "parquet":
        arrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        parquet.write_table(arrow.table({"a": ["u"], "b": [[1]], "c": [True]}), own_folder / "t.parquet")
    done = inside("map", "a*b*c", f"t.{suffix}", "--json", "-o", "o.csv")
    message = json.loads(done.out)["error"]["message"]
    assert "the column `a` is text (string), but the expression computes with it; " in message
    assert "b`" in message
    assert "`c`" not in message


def test_the_way_out_of_a_gap_in_the_target_helps(inside: Run, own_folder: Path) -> None:
    (own_folder / "t.csv").write_text(
        "x,y\n" + "".join(f"{row},{'' if row in (3, 7) else row % 2}\n" for row in range(30))
    )
    done = inside("train", "t.csv", "--target", "y", "--epochs", "1", "--plain")
    assert "leave out all rows with gaps by `--missing drop`; the target is missing in 2 rows" in done.err
    assert "mean" not in done.err
    done = inside("train", "t.csv", "--target", "y", "--epochs", "1", "--plain", "--missing", "drop")
    assert (done.code, "left out 2 of 30 rows" in done.err) == (0, True)
