"""`predict` writes tables, keeps columns as they are spelt, and goes on at new categories if it is told so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
IDS = ["12345678901234567890", "007", "3", "-0", "1.50", "a b"]


@pytest.fixture(autouse=True)
def _model(inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"{one},{row}.5,{'red' if row % 2 else 'blue'},{'ab'[row % 2]}\n" for row, one in enumerate(IDS)]
    Path("t.csv").write_text("id,size,colour,y\n" + "".join(rows))
    Path("new.csv").write_text("id,size,colour,y\n1,2.5,green,a\n2,3.5,red,c\n")
    assert inside("train", "t.csv", "--target", "y", "--drop", "id", "--epochs", "2", "--plain").code == 0


@pytest.mark.parametrize("format_name", ["csv", "tsv", "jsonl", "parquet", "arrow"])
def test_predictions_are_a_table_with_the_columns_to_keep(format_name: str, inside: Run) -> None:
    if format_name in {"parquet", "arrow"}:
        pytest.importorskip("pyarrow")
    done = inside("predict", "t.safetensors", "t.csv", "--keep", "id,y", "-o", f"p.{format_name}")
    assert done.code == 0, done.err
    assert f"wrote p.{format_name}: 6 predictions" in done.err
    expected = json.loads(inside("predict", "t.safetensors", "t.csv", "--keep", "id", "--json").out)["predictions"]
    text = inside("map", "0", f"p.{format_name}", "--to", "jsonl").out
    found = [json.loads(line) for line in text.splitlines()]
    assert [row["id"] for row in found] == IDS == [row["keep"]["id"] for row in expected]
    assert [row["predicted y"] for row in found] == [row["prediction"] for row in expected]
    assert [row["p(a)"] for row in found] == [row["probability"]["a"] for row in expected]


def test_an_unknown_category_is_refused_or_none_of_the_categories(inside: Run) -> None:
    done = inside("predict", "t.safetensors", "new.csv")
    assert done.code == 5
    assert "line 2, column `colour`: the model has no category `green`" in done.err
    assert "`--unknown ignore` predicts such rows, too" in done.err
    done = inside("predict", "t.safetensors", "new.csv", "--unknown", "ignore", "--json")
    assert len(json.loads(done.out)["predictions"]) == 2
    assert inside("predict", "t.safetensors", "new.csv", "--unknown", "maybe").code == 2


def test_a_column_to_keep_is_in_the_table(inside: Run) -> None:
    done = inside("predict", "t.safetensors", "t.csv", "--keep", "ident")
    assert done.code == 2
    assert "has no column `ident`" in done.err
