"""`gradcli predict`: one point, tables, and models that are none."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

CLASSES = "a,b,c\n" + "".join(f"{x},{y},{'high' if x + y > 9 else 'low'}\n" for x in range(10) for y in range(10))
NUMBERS = "a,b\n" + "".join(f"{x},{100 * x}.5\n" for x in range(30))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three trained models."""
    import io

    from gradcli.train.checkpoint import save
    from gradcli.train.run import load_data, start

    place = tmp_path_factory.mktemp("models")
    for name, text, target, loss in (
        ("classes", CLASSES, "c", None),
        ("scores", CLASSES, "c", "hinge"),
        ("numbers", NUMBERS, "b", None),
    ):
        data = load_data("-", target=target, stream=io.StringIO(text))
        run = start(data, hidden=(), epochs=60, learning_rate=0.2, loss=loss)
        for _ in run.events():
            pass
        save(place / name, run.checkpoint())
    (place / "classes.csv").write_text(CLASSES)
    (place / "numbers.csv").write_text(NUMBERS)
    return place


@pytest.fixture(autouse=True)
def _in_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def predicted(inside: Run, *words: str, **more: Any) -> dict[str, Any]:
    done = inside("predict", *words, "--json", **more)
    assert done.code == 0, done.err
    document: dict[str, Any] = json.loads(done.out)
    return document


@pytest.mark.parametrize("words", [("--a", "9", "--b", "9"), ("a=9", "b=9"), ("--at", "a=9,b=9"), ("--b=3^2", "--a=9")])
def test_a_point_is_given_by_its_variables(words: tuple[str, ...], inside: Run) -> None:
    found = predicted(inside, "classes", *words)
    assert [entry["prediction"] for entry in found["predictions"]] == ["high"]
    probability = found["predictions"][0]["probability"]
    assert set(probability) == {"high", "low"}
    assert sum(probability.values()) == pytest.approx(1)
    assert "metrics" not in found


def test_a_table_with_the_target_is_measured(inside: Run) -> None:
    found = predicted(inside, "classes", "classes.csv")
    labels = [line.split(",")[2] for line in CLASSES.splitlines()[1:]]
    right = sum(entry["prediction"] == label for entry, label in zip(found["predictions"], labels, strict=True))
    assert found["metrics"]["accuracy"] == right / 100 > 0.95


def test_standard_input_and_columns_in_another_order(inside: Run) -> None:
    found = predicted(inside, "classes", "-", stdin="b,extra,a\n0,text,0\n9,text,9\n")
    assert [entry["prediction"] for entry in found["predictions"]] == ["low", "high"]
    assert "metrics" not in found


def test_a_number_has_no_probability(inside: Run) -> None:
    found = predicted(inside, "numbers", "numbers.csv")
    assert found["predictions"][10]["prediction"] == pytest.approx(1000, abs=60)
    assert found["predictions"][10]["probability"] is None
    assert found["metrics"]["r2"] > 0.99


def test_scores_are_not_called_probabilities(inside: Run) -> None:
    entry = predicted(inside, "scores", "--a", "9", "--b", "9")["predictions"][0]
    assert (entry["prediction"], entry["probability"]) == ("high", None)
    assert entry["scores"][0] < 0


def test_a_pipe_gets_tab_separated_rows(inside: Run) -> None:
    done = inside("predict", "classes", "-", stdin="a,b,c\n0,0,low\n9,9,high\n")
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert rows[0] == ["c", "p(high)", "p(low)"]
    assert [row[0] for row in rows[1:]] == ["low", "high"]
    assert "accuracy 1.0" in done.err


@pytest.mark.parametrize(
    ("words", "stdin", "code", "message"),
    [
        ([], "", 2, "MODEL"),
        (["classes"], "", 2, "no value for `a` and `b`"),
        (["classes", "--a", "1"], "", 2, "no value for `b`"),
        (["classes", "--a", "1", "--d", "2"], "", 2, "has no variable `d`"),
        (
            ["classes", "classes.csv", "--a", "1"],
            "",
            2,
            "`a` and a table are given, but only one of the two is possible",
        ),
        (["classes", "-"], "a\n1\n", 2, "`standard input` lacks the column `b` of the model"),
        (["classes", "-"], "a,b\n1,red\n", 5, "line 2, column `b`: `red` is not a number"),
        (["classes", "-"], "a,b,c\n1,2,middle\n", 5, "the model has no class `middle`"),
        (["classes", "missing.csv"], "", 5, "can't read `missing.csv`"),
        (["missing"], "", 5, "can't read `missing`"),
        (["classes", "a=1", "b=nan"], "", 2, "the value of `b` is nan, which is not a finite number"),
        (["classes", "a=1", "b=1e400"], "", 2, "the value of `b` is inf, which is not a finite number"),
        (["classes.csv", "--a", "1"], "", 5, "`classes.csv` is not a model of gradcli"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_an_exit_code(
    words: list[str], stdin: str, code: int, message: str, inside: Run
) -> None:
    done = inside("predict", *words, stdin=stdin)
    assert done.code == code
    assert message in done.err
    assert "Traceback" not in done.err


def test_the_hint_for_missing_values_can_be_pasted(inside: Run) -> None:
    done = inside("predict", "classes", "--a", "1")
    assert "gradcli predict classes a=1 b=0.0" in done.err
    assert inside("predict", "classes", "a=1", "b=0.0").code == 0


def test_columns_may_have_any_name(inside: Run) -> None:
    text = "a b (cm),c\n" + "".join(f"{number},{'xy'[number % 2]}\n" for number in range(8))
    words = ("-", "--target", "c", "--hidden", "2", "--epochs", "1", "-o", "blanks")
    assert inside("train", *words, stdin=text).code == 0
    done = inside("predict", "blanks")
    assert done.code == 2
    hint = "gradcli predict blanks 'a b (cm)=0.0', or name a table with these columns"
    assert done.err == f"error: no value for `a b (cm)`\n  {hint}\n"
    of_table = predicted(inside, "blanks", "-", stdin="a b (cm)\n3\n")
    for words in (["a b (cm)=3"], ["--at", "a b (cm)=1+2"], ["--at=a b (cm) = 3"]):
        assert predicted(inside, "blanks", *words) == of_table


def test_a_row_is_answered_before_the_next_one_comes(environment: Callable[..., dict[str, str]], folder: Path) -> None:
    words = [sys.executable, "-m", "gradcli", "predict", "classes", "-"]
    with subprocess.Popen(
        words, cwd=folder, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write("a,b\n9,9\n")
        assert running.stdout.readline() == "c\tp(high)\tp(low)\n"
        assert running.stdout.readline().startswith("high\t")
        for row, label in (("0,0", "low"), ("8,9", "high"), ("1,0", "low")):
            running.stdin.write(f"{row}\n")
            assert running.stdout.readline().startswith(f"{label}\t")
        running.stdin.close()
        assert running.stdout.read() == ""
        assert running.wait(timeout=60) == 0


def test_a_long_stream_takes_no_more_memory_than_a_short_one(
    environment: Callable[..., dict[str, str]], folder: Path
) -> None:
    pytest.importorskip("resource")
    script = (
        "import resource, sys; from gradcli.cli.app import run; from gradcli.cli.context import Terminal\n"
        "assert run(['predict', 'classes', '-'], Terminal.of_process()) == 0\n"
        "sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
    )
    used = []
    for count in (1_000, 200_000):
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=folder,
            env=environment(),
            input="a,b\n" + "3.5,4.25\n" * count,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.count("\n") == count + 1
        used.append(int(done.stderr))
    assert used[1] < 1.15 * used[0]


def test_every_format_of_a_table_gives_the_same(inside: Run, tmp_path: Path) -> None:
    import numpy as np

    expected = predicted(inside, "classes", "classes.csv")
    lines = CLASSES.splitlines()
    cells = [line.split(",") for line in lines[1:]]
    (tmp_path / "t.tsv").write_text(CLASSES.replace(",", "\t"))
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(dict(zip("abc", row, strict=True))) + "\n" for row in cells))
    numbers = np.array([[float(a), float(b)] for a, b, _ in cells])
    np.savez(tmp_path / "t.npz", X=numbers, columns=np.array(["a", "b"]))
    for name in ("t.tsv", "t.jsonl", "t.npz"):
        found = predicted(inside, "classes", str(tmp_path / name))
        assert found["predictions"] == expected["predictions"]
        assert ("metrics" in found) == (name != "t.npz")
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = {"a": numbers[:, 0], "b": numbers[:, 1], "c": [row[2] for row in cells]}
    parquet.write_table(pyarrow.table(table), tmp_path / "t.parquet")
    assert predicted(inside, "classes", str(tmp_path / "t.parquet")) == expected


def test_the_measures_are_those_of_scikit_learn(inside: Run) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    found = predicted(inside, "classes", "classes.csv")
    truth = [line.split(",")[2] for line in CLASSES.splitlines()[1:]]
    labels = [entry["prediction"] for entry in found["predictions"]]
    likely = [entry["probability"]["low"] for entry in found["predictions"]]
    assert found["metrics"]["accuracy"] == pytest.approx(metrics.accuracy_score(truth, labels), abs=1e-12)
    assert found["metrics"]["f1"] == pytest.approx(metrics.f1_score(truth, labels, average="macro"), abs=1e-12)
    area = metrics.roc_auc_score([label == "low" for label in truth], likely)
    assert found["metrics"]["auc"] == pytest.approx(area, abs=1e-12)
    assert found["metrics"]["confusion"] == metrics.confusion_matrix(truth, labels).tolist()
    found = predicted(inside, "numbers", "numbers.csv")
    numbers = [float(line.split(",")[1]) for line in NUMBERS.splitlines()[1:]]
    values = [entry["prediction"] for entry in found["predictions"]]
    assert found["metrics"]["r2"] == pytest.approx(metrics.r2_score(numbers, values), abs=1e-12)
    assert found["metrics"]["rmse"] == pytest.approx(metrics.mean_squared_error(numbers, values) ** 0.5, rel=1e-12)
    assert found["metrics"]["mae"] == pytest.approx(metrics.mean_absolute_error(numbers, values), rel=1e-12)


def test_a_wrong_cell_far_down_ends_a_stream_behind_the_rows_before_it(inside: Run) -> None:
    done = inside("predict", "classes", "-", stdin="a,b\n" + "1,2\n" * 5000 + "1,red\n")
    assert done.code == 5
    assert done.out.startswith("c\tp(high)\tp(low)\nlow\t")
    assert "line 5002, column `b`: `red` is not a number" in done.err
    document = json.loads(inside("predict", "classes", "-", "--json", stdin="a,b\n1,2\n1,red\n").out)
    assert document["error"]["kind"] == "bad_table"


def test_a_closed_pipe_ends_quietly(environment: Callable[..., dict[str, str]], folder: Path) -> None:
    rows = "a,b\n" + "3,4\n" * 100_000
    (folder / "long.csv").write_text(rows)
    words = f"{shlex.quote(sys.executable)} -m gradcli predict classes long.csv | head -n 2"
    done = subprocess.run(["bash", "-c", words], cwd=folder, env=environment(), capture_output=True, text=True)
    assert (len(done.stdout.splitlines()), done.stderr) == (2, "")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.2, 0.6, 0.99])
def test_a_model_that_is_cut_off_is_refused(share: float, inside: Run, folder: Path) -> None:
    content = (folder / "classes").read_bytes()
    (folder / "cut").write_bytes(content[: int(share * len(content))])
    done = inside("predict", "cut", "classes.csv")
    assert (done.code, done.out) == (5, "")
    assert "`cut` is not a model of gradcli" in done.err


def test_text_and_gaps_are_treated_as_in_training(inside: Run) -> None:
    rows = [f"{number},{'red' if number % 2 else 'blue'},{'x' if number % 2 else 'y'}\n" for number in range(40)]
    words = ("--target", "c", "--missing", "mean", "--hidden", "4", "--epochs", "60", "-o", "colours")
    assert inside("train", "-", *words, stdin="size,colour,c\n" + "".join(rows) + ",red,x\n").code == 0
    found = predicted(inside, "colours", "-", stdin="colour,size\nred,3\nblue,4\nred,\n,5\n")
    assert [entry["prediction"] for entry in found["predictions"]][:3] == ["x", "y", "x"]
    point = predicted(inside, "colours", "--size", "3", "--colour", "red")
    assert point["predictions"][0]["prediction"] == "x"
    done = inside("predict", "colours", "-", stdin="colour,size\nredd,3\n")
    assert (done.code, done.out) == (5, "")
    assert "the model has no category `redd`" in done.err
    assert "did you mean `red`?" in done.err
