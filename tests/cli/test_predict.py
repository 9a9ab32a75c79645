"""`gradcli predict`: one point, tables, and models that are none."""

from __future__ import annotations

import json
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
        (["classes"], "", 2, "no value is given for `a`, `b`"),
        (["classes", "--a", "1"], "", 2, "no value is given for `b`"),
        (["classes", "--a", "1", "--d", "2"], "", 2, "has no variable `d`"),
        (["classes", "classes.csv", "--a", "1"], "", 2, "`a` is given, and a table too: it is one or the other"),
        (["classes", "-"], "a\n1\n", 2, "`standard input` lacks the column `b` of the model"),
        (["classes", "-"], "a,b\n1,red\n", 5, "row 1 (line 2), column `b`: `red` is not a finite number"),
        (["classes", "-"], "a,b,c\n1,2,middle\n", 5, "the model has no class `middle`"),
        (["classes", "missing.csv"], "", 5, "can't read `missing.csv`"),
        (["missing"], "", 5, "can't read `missing`"),
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


def test_columns_whose_names_are_no_variables_need_a_table(inside: Run) -> None:
    text = "a b,c\n" + "".join(f"{number},{'xy'[number % 2]}\n" for number in range(8))
    words = ("-", "--target", "c", "--hidden", "2", "--epochs", "1", "-o", "blanks")
    assert inside("train", *words, stdin=text).code == 0
    done = inside("predict", "blanks")
    assert done.code == 2
    assert done.err == "error: no value is given for `a b`\n  name a table with these columns\n"
    assert len(predicted(inside, "blanks", "-", stdin="a b\n1\n2\n")["predictions"]) == 2
