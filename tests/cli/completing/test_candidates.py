"""`gradcli.cli.completing.candidates`: what may come next, from where it is declared."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gradcli.cli.catalogue import COMMANDS, COMMON_FLAGS, load
from gradcli.cli.completing.candidates import candidates, function_candidates
from gradcli.cli.reading.parameters import parameters_of

NAMES = [name for group in COMMANDS.values() for name in group]


def texts(*words: str) -> list[str]:
    return [one.text for one in candidates(words[:-1], words[-1])]


@pytest.fixture(autouse=True)
def files(own_folder: Path) -> Path:
    (own_folder / "flowers.csv").write_text("petal,sepal width,kind\n1,2,3\n")
    (own_folder / "numbers.jsonl").write_text('{"a": 1}\n')
    (own_folder / "net.safetensors").write_text("")
    (own_folder / "notes.md").write_text("")
    (own_folder / ".hidden.csv").write_text("a\n1\n")
    (own_folder / "more").mkdir()
    (own_folder / "more" / "x.csv").write_text("x,y\n1,2\n")
    return own_folder


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("dr",), ["draw"]),
        (("",), [*NAMES, "help"]),
        (("help", "e"), ["eval", "export"]),
        (("--json", "dr"), ["draw"]),
        (("--ver",), ["--version"]),
        (("nothing", ""), []),
        (("grad", "x + sinh"), ["x + sinh("]),
        (("grad", "2cosh"), ["2cosh("]),
        (("eval", "rate*2 + ra"), ["rate*2 + rate", "rate*2 + rad2deg(", "rate*2 + radians("]),
        (("grad", "2*"), []),
        (("grad", "x", "--from", ""), ["expression", "latex"]),
        (("map", "x", "--from", "json"), ["jsonl"]),
        (("grad", "arcsi"), ["arcsin(", "arcsinh("]),
        (("grad", "nega"), []),
        (("draw", "x", "--style", ""), ["full", "micrograd", "minigrad"]),
        (("draw", "x", "--style=m"), ["--style=micrograd", "--style=minigrad"]),
        (("grad", "x*y", ""), ["x=", "y="]),
        (("grad", "x*y", "x=2", ""), ["y="]),
        (("grad", "x*y", "--x", "2", "--y"), ["--y="]),
        (("grad", "x*y", "x=@fl"), ["x=@flowers.csv"]),
        (("grad", "x*y", "--wrt", ""), ["x", "y"]),
        (("grad", "x*y", "--wrt", "x,"), ["x,y"]),
        (("grad", "x*(", ""), []),
        (("diff", "x", "--ord"), ["--order"]),
        (("diff", "x", "--order", "2", "--ord"), []),
        (("eval", "@no"), ["@notes.md"]),
        (("train", "mo"), ["moons", "more/"]),
        (("train", "flowers.csv", "--target", ""), ["petal", "sepal width", "kind"]),
        (("train", "flowers.csv", "--columns", "petal,"), ["petal,sepal width", "petal,kind"]),
        (("train", "moons", "--target", ""), []),
        (("train", "moons", "--optimizer", "adam"), ["adam", "adamw", "adamax"]),
        (("train", "moons", "--race", "sgd,adamw"), ["sgd,adamw"]),
        (("train", "more/"), ["more/x.csv"]),
        (("train", "more/x.csv", "--target", "y"), ["y"]),
        (("train", "moons", "--decimal", ""), [".", ","]),
        (("train", "moons", "-o", "n"), ["net.safetensors", "notes.md", "numbers.jsonl"]),
        (("predict", ""), ["more/", "net.safetensors"]),
        (("predict", "net.safetensors", ""), ["flowers.csv", "more/", "numbers.jsonl"]),
        (("predict", "net.safetensors", "flowers.csv", "--keep", "p"), ["petal"]),
        (("map", "x", "fl"), ["flowers.csv"]),
        (("map", "x", "flowers.csv", "--where", "2*pet"), ["2*petal"]),
        (("train", "flowers.csv", "--feature", "ki"), ["kind"]),
        (("map", "x", "flowers.csv", "--to", "j"), ["jsonl"]),
        (("map", "x", "flowers.csv", "--select", "k"), ["kind"]),
        (("export", "x", "--to", "py"), ["python", "pytorch"]),
        (("export", "ne"), ["net.safetensors"]),
        (("functions", "sinh"), ["sinh"]),
        (("quiz", "--le"), ["--level"]),
    ],
)  # fmt: skip
def test_a_word_goes_on_as_declared(line: tuple[str, ...], expected: list[str]) -> None:
    assert texts(*line) == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_option_of_every_command_is_offered_with_its_help(name: str) -> None:
    offered = {one.text: one.meaning for one in candidates([name], "-")}
    for one in parameters_of(load(name).run):
        for spelling in (*one.spellings, *one.negations):
            assert offered[spelling] == one.help
    assert offered.keys() >= {*COMMON_FLAGS, "--help"}


def test_a_function_has_its_signature_beside_it() -> None:
    (found,) = function_candidates("1 + atan2")
    assert found.meaning.startswith("atan2(y, x): ")
    assert found.goes_on
    assert next(function_candidates("ra", ["rate", "x"])).text == "rate"


def test_a_name_that_would_change_the_screen_is_not_offered(own_folder: Path) -> None:
    (own_folder / "bad.csv").write_text('"a\x1b[2J",b\n1,2\n')
    assert texts("train", "bad.csv", "--target", "") == ["b"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
def test_nothing_waits_for_a_table_that_can_not_be_read(own_folder: Path) -> None:
    os.mkfifo(own_folder / "pipe.csv")
    (own_folder / "broken.parquet").write_bytes(b"PAR1 no")
    (own_folder / "empty.csv").write_text("")
    for name in ("pipe.csv", "broken.parquet", "empty.csv", "missing.csv", "-"):
        assert texts("train", name, "--target", "") == []
