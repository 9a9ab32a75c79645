"""Faults of unbalanced tables: classes and rows have weights in the loss, on every engine and after a resumption."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.errors import UsageError
from gradcli.train.checkpoint import load
from gradcli.train.run import load_data, start
from tests.support.loops import for_each

DRAWN = np.random.default_rng(0).random((120, 3)).round(3).tolist()
ROWS = [(x, y, w, "yes" if x + y > 1.6 else "no") for x, y, w in DRAWN]
TABLE = "x,y,w,kind\n" + "".join(f"{x},{y},{w},{kind}\n" for x, y, w, kind in ROWS)
RARE = sum(kind == "yes" for *_, kind in ROWS)
SMALL: dict[str, Any] = {"hidden": (3,), "epochs": 3, "seed": 1, "split": 0.0, "activation": "tanh", "l2": 0.0}
CASES: list[tuple[dict[str, str], Callable[[float, str], float]]] = [
    ({"class_weight": "yes=3"}, lambda _, kind: 3 if kind == "yes" else 1),
    ({"class_weight": "yes=0"}, lambda _, kind: 0 if kind == "yes" else 1),
    ({"class_weight": "no=2, yes=4"}, lambda _, kind: 4 if kind == "yes" else 2),
    ({"class_weight": "balanced"}, lambda _, kind: 1 / RARE if kind == "yes" else 1 / (len(ROWS) - RARE)),
    ({"sample_weight": "w"}, lambda w, _: w),
    ({"sample_weight": "w", "class_weight": "yes=2"}, lambda w, kind: w * (2 if kind == "yes" else 1)),
]


@for_each("more", [{}, {"batch": 7}, {"dropout": 0.3}, {"loss": "cross_entropy"}, {"loss": "hinge"}])
@for_each(("choices", "weight"), CASES)
def test_the_loss_is_the_weighted_mean_on_every_engine(choices: dict[str, str], weight: Any, more: Any) -> None:
    pytest.importorskip("llvmlite")
    source = {name: value for name, value in choices.items() if name == "sample_weight"}
    data = load_data("-", target="kind", stream=io.StringIO(TABLE), columns=["x,y"], **source)
    histories = []
    for engine in ("tensor", "value", "jit"):
        by_class = {"class_weight": choices["class_weight"]} if "class_weight" in choices else {}
        run = start(data, **{**SMALL, "batch": 0, **more, **by_class}, engine=engine)
        model, scores = run.model, run.outputs(data.inputs)
        for _ in run.events():
            pass
        histories.append([record.loss for record in run.state.history])
        if not more.keys() & {"batch", "dropout"}:
            rows = model.loss_function.rows(scores, data.targets, model.classes)[:, 0]
            expected = np.average(rows, weights=[weight(w, kind) for _, _, w, kind in ROWS])
            assert histories[-1][0] == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(histories[1], histories[0], rtol=1e-9)
    np.testing.assert_allclose(histories[2], histories[0], rtol=1e-9)


def write_as(suffix: str, folder: Path) -> str:
    """Write the table into a file of a format; the target is called `y`."""
    path = folder / f"t{suffix}"
    names = ("x", "v", "w", "y")
    if suffix == ".npz":
        numbers = np.array([row[:3] for row in ROWS])
        np.savez(path, X=numbers, y=np.array([row[3] for row in ROWS]), columns=np.array(names[:3]))
    elif suffix in {".jsonl", ".json"}:
        lines = [json.dumps(dict(zip(names, row, strict=True))) for row in ROWS]
        path.write_text("\n".join(lines) if suffix == ".jsonl" else f"[{','.join(lines)}]")
    elif suffix == ".csv":
        path.write_text(",".join(names) + "\n" + "".join(f"{x},{v},{w},{kind}\n" for x, v, w, kind in ROWS))
    else:
        arrow = pytest.importorskip("pyarrow")
        from pyarrow import feather, parquet

        table = arrow.table(dict(zip(names, map(list, zip(*ROWS, strict=True)), strict=True)))
        (parquet.write_table if suffix == ".parquet" else feather.write_feather)(table, path)
    return path.name


@pytest.mark.parametrize(
    "words", [("--class-weight", "balanced"), ("--class-weight", "yes=3"), ("--sample-weight", "w"), ()]
)
def test_weights_are_the_same_in_every_format(words: tuple[str, ...], inside: Any, own_folder: Path) -> None:
    found = {}
    for suffix in (".csv", ".parquet", ".feather", ".npz", ".jsonl", ".json"):
        usual = ("--target", "y", "--epochs", "2", "--hidden", "3", "--json")
        done = inside("train", write_as(suffix, own_folder), *usual, *words)
        assert done.code == 0, done.err
        found[suffix] = json.loads(done.out)["history"]
    assert all(history == found[".csv"] for history in found.values())
    if words:
        unweighted = inside("train", "t.csv", "--target", "y", "--epochs", "2", "--hidden", "3", "--json")
        assert json.loads(unweighted.out)["history"] != found[".csv"]


@pytest.mark.parametrize("words", [("--class-weight", "balanced"), ("--sample-weight", "w")])
def test_a_weighted_run_is_resumed_and_repeated(words: tuple[str, str], inside: Any, own_folder: Path) -> None:
    (own_folder / "t.csv").write_text(TABLE)
    usual = ("--target", "kind", *words, "--schedule", "constant", "--json")
    whole = json.loads(inside("train", "t.csv", *usual, "--epochs", "4").out)
    inside("train", "t.csv", *usual, "--epochs", "2")
    resumed = json.loads(inside("train", "--resume", "t.safetensors", "--epochs", "4", "--json").out)
    assert resumed["history"] == whole["history"]
    assert " ".join(words) in resumed["command"]
    assert load("t.safetensors").model.columns == (("x", "y") if "w" in words else ("x", "y", "w"))
    assert inside("predict", "t.safetensors", "t.csv").code == 0


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"class_weight": "maybe=2"}, "`class_weight` names `maybe`, which is not a class"),
        ({"class_weight": "yes"}, "is `balanced` or a list of LABEL=WEIGHT, and `yes` is neither"),
        ({"class_weight": "yes=-1"}, "and `yes=-1` is neither"),
        ({"class_weight": "yes=x"}, "and `yes=x` is neither"),
        ({"class_weight": "yes=0,no=0"}, "no row to train on has a weight above 0"),
    ],
)
def test_what_is_no_weight_of_a_class_is_refused(choices: dict[str, str], message: str) -> None:
    data = load_data("-", target="kind", stream=io.StringIO(TABLE))
    with pytest.raises(UsageError) as error:
        start(data, **choices)
    assert message in str(error.value)


def test_classes_of_a_number_have_no_weight() -> None:
    with pytest.raises(UsageError, match="is for classes, and the target is a number"):
        start(load_data("-", target="w", stream=io.StringIO(TABLE)), class_weight="balanced")


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ("kind", "can't also be the weight of the rows"),
        ("nothing", "nothing"),
        ("bad", "line 3, column `bad`: `-1` is not a weight"),
    ],
)
def test_what_is_no_weight_of_a_row_is_refused(weight: str, message: str) -> None:
    table = "x,bad,kind\n1,1,a\n2,-1,b\n3,1,a\n"
    with pytest.raises(Exception, match=message):
        load_data("-", target="kind", stream=io.StringIO(table), sample_weight=weight)
