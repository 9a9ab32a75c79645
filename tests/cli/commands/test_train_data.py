"""What `gradcli train` and `gradcli predict` make of data: sets, expressions, tables in every format."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.paths import ROOT

Run = Callable[..., Any]

FEW = ("--hidden", "4", "--epochs", "2")
SHOP = "id,size,colour,price\n" + "".join(
    f"{row},{'' if row % 9 == 0 else row / 10},{('red', 'blue', 'green')[row % 3]},{row}.5\n" for row in range(60)
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.csv").write_text(SHOP)


def trained(inside: Run, *words: str, **more: Any) -> dict[str, Any]:
    done = inside("train", *words, *FEW, "--json", **more)
    assert done.code == 0, done.err
    document: dict[str, Any] = json.loads(done.out)
    return document


@pytest.mark.parametrize(
    ("words", "name", "measure"),
    [
        (("blobs", "--classes", "5", "--samples", "100"), "blobs", "accuracy"),
        (("spiral", "--classes", "3"), "spiral", "accuracy"),
        (("iris",), "iris", "accuracy"),
        (("digits", "--drop", "pixel_0_0"), "digits", "accuracy"),
        (("wine", "--columns", "alcohol,hue", "--columns", "ash"), "wine", "accuracy"),
        (("sine",), "sine", "r2"),
        (("bumps", "--noise", "0.2"), "bumps", "r2"),
        (("--data", "y > sin(3*x)", "--noise", "0.05"), "y > sin(3*x)", "accuracy"),
        (("--data", "x^2 - y", "--range", "x=-pi:pi", "--range", "0:2", "--samples", "200"), "x^2 - y", "r2"),
        (("--data", "floor(2x)", "--task", "classes"), "floor(2x)", "accuracy"),
        (("shop.csv", "--target", "price", "--missing", "median", "--drop", "id"), "shop.csv", "r2"),
        (("shop.csv", "--target", "colour", "--missing", "drop"), "shop.csv", "accuracy"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
class TestEverySource:
    def test_is_learnt_and_predicted(self, words: tuple[str, ...], name: str, measure: str, inside: Run) -> None:
        document = trained(inside, *words)
        assert document["dataset"] == name
        assert document[measure] is not None
        assert document["model"] == f"{'data' if '--data' in words else Path(name).stem}.safetensors"

    def test_is_found_again_by_a_run_that_goes_on(
        self, words: tuple[str, ...], name: str, measure: str, inside: Run
    ) -> None:
        model = trained(inside, *words)["model"]
        more = inside("train", "--resume", model, "--epochs", "3", "--json")
        assert more.code == 0, more.err
        assert json.loads(more.out)["epochs"] == 3

    def test_is_named_by_the_command_that_repeats_the_run(
        self, words: tuple[str, ...], name: str, measure: str, inside: Run
    ) -> None:
        first = trained(inside, *words)
        again = inside(*shlex.split(first["command"])[1:], "--json")
        assert again.code == 0, again.err
        assert json.loads(again.out)["history"] == first["history"]


def test_a_table_is_predicted_as_it_was_learnt(inside: Run) -> None:
    trained(inside, "shop.csv", "--target", "price", "--missing", "mean", "--drop", "id")
    Path("new.csv").write_text("colour,size\nred,1.5\nblue,\n")
    done = inside("predict", "shop.safetensors", "new.csv", "--json")
    assert done.code == 0, done.err
    first, second = (entry["prediction"] for entry in json.loads(done.out)["predictions"])
    point = inside("predict", "shop.safetensors", "size=3/2", "colour=red", "--json")
    assert json.loads(point.out)["predictions"][0]["prediction"] == pytest.approx(first, rel=1e-12)
    lines = inside("predict", "shop.safetensors", "-", stdin='{"size": 1.5, "colour": "red"}\n{"colour": "blue"}\n')
    assert [float(line) for line in lines.out.splitlines()[1:]] == pytest.approx([first, second], rel=1e-12)


def test_every_format_is_the_same_table(inside: Run) -> None:
    rows = [line.split(",") for line in SHOP.replace(",,", ",1,").splitlines()[1:]]
    columns = {
        "size": [float(row[1]) for row in rows], "colour": [row[2] for row in rows],
        "price": [float(row[3]) for row in rows],
    }  # fmt: skip
    Path("t.csv").write_text("size,colour,price\n" + "".join(",".join(row[1:]) + "\n" for row in rows))
    Path("t.tsv").write_text(Path("t.csv").read_text().replace(",", "\t"))
    records = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    Path("t.jsonl").write_text("\n".join(map(json.dumps, records)))
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table(columns), "t.parquet")
    histories = [
        trained(inside, f"t.{kind}", "--target", "price")["history"] for kind in ("csv", "tsv", "jsonl", "parquet")
    ]
    assert all(history == histories[0] for history in histories)
    for kind in ("tsv", "jsonl", "parquet"):
        done = inside("predict", "t.safetensors", f"t.{kind}")
        assert done.out == inside("predict", "t.safetensors", "t.csv").out
        assert "r2 " in done.err


def test_arrays_bring_their_target_and_their_rows_for_the_test(inside: Run) -> None:
    images = np.random.RandomState(0).randint(0, 255, size=(30, 4, 4)).astype(np.uint8)
    np.savez("t.npz", x_train=images, y_train=np.arange(30) % 3, x_test=images[:6], y_test=np.arange(6) % 3)
    document = trained(inside, "t.npz")
    assert document["test"]["rows"] == 6
    done = inside("predict", "t.safetensors", "t.npz", "--json")
    assert len(json.loads(done.out)["predictions"]) == 30


def test_what_was_made_of_the_table_is_said_once(inside: Run) -> None:
    done = inside("train", "shop.csv", "--target", "price", "--missing", "drop", *FEW)
    said = [line for line in done.err.splitlines() if line.startswith("shop.csv: ")]
    assert said[:2] == [
        "shop.csv: one input for each category of `colour` (3)",
        "shop.csv: left out 7 of 60 rows, in which a value is missing",
    ]


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"),
    [
        (("moons", "--data", "x > y"), 2, "`--data` and `moons` are given, but only one of the two is possible", ""),
        (("--data", "x >"), 3, "the expression ends after `>`, where a value is missing", "x >"),
        (("--data", "log(x)*y"), 2, "has no finite value in", "--range x=LOW:HIGH"),
        (("--range", "0:1", "moons"), 2, "`--range` is for `--data`, and `moons` is a built-in set", ""),
        (("shop.csv", "--target", "price"), 5, "`shop.csv`, line 2, column `size`", "--missing mean"),
        (("shop.csv", "--target", "price", "--drop", "ids"), 2, "`shop.csv` has no column `ids`", "did you mean `id`?"),
        (("shop.csv", "--target", "price", "--missing", "mode"), 2, "unknown way to treat missing values `mode`", ""),
        (("moons", "--classes", "3"), 2, "`--classes` is for blobs and spiral", ""),
        (("spiral", "--classes", "1"), 2, "`spiral` has 2 to 20 classes", ""),
        (("iris", "--classes", "3"), 2, "`--classes` is for the built-in sets (blobs, spiral)", ""),
        (("t.npz", "--target", "y"), 5, "can't read `t.npz`: no such file", ""),
    ],
)
def test_a_wrong_call_is_one_sentence_and_an_exit_code(
    words: tuple[str, ...], code: int, message: str, hint: str, inside: Run
) -> None:
    done = inside("train", *words)
    assert done.code == code
    assert message in done.err
    assert hint in done.err
    assert "Traceback" not in done.err
    assert [path.name for path in Path().iterdir()] == ["shop.csv"]


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"),
    [
        (("size=1", "colour=rde"), 2, "`colour` has no category `rde`", "did you mean `red`?"),
        (("size=1",), 2, "no value for `colour`", "gradcli predict shop.safetensors size=1 colour=blue"),
        (("size=1", "colour=red", "id=3"), 2, "has no variable `id`", "it has `size` and `colour`"),
    ],
)
def test_a_point_that_does_not_fit_is_named(
    words: tuple[str, ...], code: int, message: str, hint: str, inside: Run
) -> None:
    trained(inside, "shop.csv", "--target", "price", "--missing", "mean", "--drop", "id")
    done = inside("predict", "shop.safetensors", *words)
    assert (done.code, message in done.err, hint in done.err) == (code, True, True), done.err


def test_standard_input_is_answered_before_it_ends(inside: Run, environment: Callable[..., dict[str, str]]) -> None:
    trained(inside, "shop.csv", "--target", "price", "--missing", "mean", "--drop", "id")
    words = [sys.executable, "-m", "gradcli", "predict", "shop.safetensors", "-"]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(words, text=True, env=environment(), **streams) as process:  # type: ignore[call-overload]
        process.stdin.write("size,colour\n" + "1,red\n" * 300)
        process.stdin.flush()
        assert process.stdout.readline() == "price\n"
        first = process.stdout.readline()
        process.stdin.write("1,red\n" * 300)
        process.stdin.close()
        rest = process.stdout.read().splitlines(keepends=True)
    assert process.returncode == 0
    # How a matrix product is split depends on the number of its rows, and with it the last digits.
    assert [float(line) for line in rest] == pytest.approx([float(first)] * 599, rel=1e-12)


def test_the_commands_of_the_manual_run(tmp_path: Path, environment: Callable[..., dict[str, str]]) -> None:
    text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    commands = [line for block in text.split("```sh\n")[1:] for line in block.split("```")[0].splitlines()]
    assert len(commands) > 12
    refused = {"gradcli train shop.csv --target price"}
    short = (
        'gradcli() { if [ "$1" = train ]; then set -- "$@" --epochs 1 --hidden 2; fi; "$PYTHON" -m gradcli "$@"; }\n'
    )
    for command in commands:
        done = subprocess.run(
            ["bash", "-e", "-c", short + command],
            cwd=tmp_path,
            env=environment(PYTHON=sys.executable),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == (command.partition("#")[0].strip() in refused), (command, done.stderr)
