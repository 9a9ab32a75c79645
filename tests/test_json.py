"""What `--json` prints is what the JSON Schemas in docs/schemas describe: every key, and no other."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from gradcli.cli.catalogue import COMMANDS, load
from tests.support.command_line import Outcome, run_inside
from tests.support.paths import ROOT
from tests.support.trainings import interrupt_after

FOLDER = ROOT / "docs" / "schemas"
SCHEMAS: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}
NAMES = [name for names in COMMANDS.values() for name in names]

#: Commands whose files the examples and the lines below need.
BEFORE = {
    "predict": ["gradcli train moons", "gradcli train iris", "gradcli train sine"],
    "export": ["gradcli train moons"],
}
#: Lines for what no example shows.
MORE = {
    "eval": [
        'gradcli eval "sin^-1(x)" x=0.5 --digits 20',
        'gradcli eval "log(-1) + 1/0"',
        'gradcli eval "sin^-1(x)" x=1',
        'gradcli eval "[x, 1/0]" x=2',
        'gradcli eval "(exp(x) - 1)/x" x=1e-10',
    ],
    "grad": [
        'gradcli grad "abs(x)" x=0',
        'gradcli grad "sqrt(x + 1) - sqrt(x)" x=1e12',
        'gradcli grad "abs(x)*y" x=0 y=2 --digits 10 --order 2 --hessian --jvp x=1,y=0',
        'gradcli grad "log(x)" x=0 --order 2 --hessian',
        'gradcli grad "[x*y, x]" x=1 y=2 --jvp x=1,y=0',
        'gradcli grad "norm(A)" --A "[[1,2],[3,4]]" --hessian',
    ],
    "diff": [
        'gradcli diff "[r*cos(t), r*sin(t)]" --steps',
        'gradcli diff "x*sin(y)" --steps',
        'gradcli diff "sin^-1(x)"',
        'gradcli diff "[x^2, x^3]" --steps --latex',
    ],
    "taylor": ['gradcli taylor "sin^-1(x)" x=0'],
    "plot": [
        'gradcli plot "max(x, 0)" x=-1:1',
        'gradcli plot "sin^-1(x)" x=-2:2',
        'gradcli plot "x^2*y^2 + sin^-1(0)" x=-1:1 y=-1:1 --points 3',
        'gradcli plot "x^(1/3)" "floor(x)" "sin(1/x)" x=-1:1 --points 3',
    ],
    "draw": [
        'gradcli draw "sum(A@x)" --A "[[1,2],[3,4]]" --x "[1,2]"',
        'gradcli draw "sin^-1(x)*1/0" x=1',
        'gradcli draw "(exp(x) - 1)/x" x=1e-10',
    ],
    "check": [
        'gradcli check "sin^-1(x)" x=0.5',
        'gradcli check "log(x)" x=-1',
        'gradcli check "(exp(x) - 1)/x" x=1e-10',
        'gradcli check "sin(x^2)" --answer "cos(x^2)"',
        'gradcli check "sin^-1(x)" --answer "7"',
        "gradcli check --answers class.csv",
    ],
    "map": [
        'gradcli map "sin^-1(x1)/0" points.csv -o angles.csv',
        'gradcli map "sin^-1(x1)/0" points.csv -o angles/',
    ],
    "train": [
        "gradcli train sine --patience 1 --test 0.2",
        "gradcli train moons --race adam,sgd:1e200 --run races",
        "gradcli train sine --seeds 2 --test 0.2",
    ],
    "predict": [
        "gradcli predict sine.safetensors sine.csv",
        "gradcli predict iris.safetensors iris.csv --keep species",
    ],
    "quiz": ["gradcli quiz --seed 7 --answers quiz.csv"],
    "export": ['gradcli export "sin^-1(x)" --to python'],
}
#: Keys that need a signal or a terminal; other tests print them.
NOT_HERE = {"train": {"interrupted", "runs", "kept"}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the tables that the examples name."""
    import pyarrow
    import pyarrow.parquet

    monkeypatch.chdir(tmp_path)
    for table in (ROOT / "examples").glob("*.csv"):
        shutil.copy(table, tmp_path)
    flowers = (tmp_path / "iris.csv").read_text("utf-8").splitlines()
    tables = {
        "x.csv": "5\n6\n",
        "b.csv": "0\n1\n",
        "points.csv": "x1,x2\n1,2\n3,4\n",
        "quiz.csv": "problem,answer\n1,20*x^3 + 12*x^2 - 2\n7,cos(x^2)\n8,7*x\n",
        "sine.csv": "x,y\n1,0.8\n2,0.9\n",
        "new.csv": "\n".join(f"{first},{rest}" for first, rest in zip(("id", *"1234"), flowers, strict=False)),
    }
    for number in range(2):
        tables[f"data/{number}.csv"] = "x1\n1\n2\n"
    (tmp_path / "data").mkdir()
    for name, text in tables.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    bonds = pyarrow.table({"price": [100.0, 90.0], "t": [1.0, 2.0]})
    pyarrow.parquet.write_table(bonds, tmp_path / "bonds.parquet")
    return tmp_path


def words_of(line: str) -> list[str]:
    """The words of a command line under ``--json``, with few epochs, and with a file for a table."""
    words = shlex.split(line)
    words = words[: words.index(">")] if ">" in words else words
    if words[1] == "train":
        for option in {"--pace", "--epochs"} & {*words}:
            place = words.index(option)
            words[place : place + 2] = []
        words += [] if "--replay" in words else ["--epochs", "3" if "--resume" in words else "2"]
    if words[1] == "map" and "-o" not in words:
        words += ["-o", "mapped.csv"]
    return [*words[1:], "--json"]


def outcomes(name: str) -> Iterator[tuple[str, Outcome]]:
    """Run every example of a command, and the lines for what they don't show; yield the name of each command."""
    texts = {"map": "p,id\n1,2\n", "repl": "f(t) = t^2\nx = 2\nf(x)\n:grad f(x)\n:names\nsni(x)\n"}
    for line in [*BEFORE.get(name, ()), *(line for line, _ in load(name).examples), *MORE.get(name, ())]:
        text = texts.get(name, "")
        for part in line.split(" | "):
            if part.startswith("gradcli"):
                words = words_of(part)
                found = run_inside(*words, stdin=text)
                yield words[0], found
                # The next command reads the formula.
                document = json.loads(found.out.splitlines()[0])
                text = str(document.get("derivative", document.get("polynomial")))


def faults_of(document: Any, schema: Mapping[str, Any]) -> str | None:
    """Return the most telling difference of a document from a schema."""
    fault = best_match(Draft202012Validator(schema).iter_errors(document))
    return None if fault is None else f"{fault.json_path}: {fault.message}"


def described(schema: Any) -> set[str]:
    """Return every key that a schema describes."""
    if isinstance(schema, list):
        return {key for one in schema for key in described(one)}
    if not isinstance(schema, dict):
        return set()
    own = schema.get("properties")
    return {*(own if isinstance(own, dict) else ())} | {key for one in schema.values() for key in described(one)}


def printed(document: Any) -> set[str]:
    """Return every key of a document."""
    if isinstance(document, list):
        return {key for one in document for key in printed(one)}
    if not isinstance(document, dict):
        return set()
    return {*document} | {key for one in document.values() for key in printed(one)}


@pytest.mark.parametrize("name", NAMES)
def test_every_example_prints_what_its_schema_describes(name: str, folder: Path) -> None:
    keys: set[str] = set()
    for command, found in outcomes(name):
        assert found.code in (0, 6) or command == "repl", found.err
        for line in found.out.splitlines():
            document = json.loads(line)
            fitting = ["repl", "eval", "grad", "error"] if command == "repl" else [command]
            faults = [faults_of(document, SCHEMAS[one]) for one in fitting]
            assert None in faults, (faults[0], line[:300])
            keys |= printed(document) if command == name else set()
    unseen = described(SCHEMAS[name]) - keys - NOT_HERE.get(name, set())
    assert unseen == set(), "described, and printed by no example"


@pytest.mark.parametrize("ended", [0, 1])
@pytest.mark.parametrize("words", ["--seeds 3", "--folds 3", "--race sgd,adam --workers 2"])
def test_what_an_early_end_prints_is_what_its_schema_describes(
    words: str, ended: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(ended, monkeypatch)
    found = run_inside("train", "moons", "--epochs", "2", *words.split(), "--json")
    assert found.code == 130
    document = json.loads(found.out)
    assert faults_of(document, SCHEMAS["train"]) is None
    assert document["interrupted"] is True
    assert ended == len(document["seeds" if "seeds" in words else "folds" if "folds" in words else "race"]) or not ended


@pytest.mark.parametrize(
    "line",
    ["grad", "grad sni(x) x=1", "grad x", "eval 1/0 --strict", "eval @none.txt", "plot 1/0*x", "quiz --level 9"],
)
def test_an_error_is_what_its_schema_describes(line: str) -> None:
    found = run_inside(*line.split(), "--json")
    assert found.code
    assert faults_of(json.loads(found.out), SCHEMAS["error"]) is None


@pytest.mark.parametrize("words", [("grad",), ("check",), ("draw",), ("eval", "1/x"), ("taylor",)], ids=" ".join)
def test_what_a_pipe_says_as_notes_is_in_the_object(words: tuple[str, ...]) -> None:
    command, expression = words[0], "abs(x) + sin^-1(x)" if len(words) == 1 else words[1]
    at = "x=0" if command != "taylor" else "x=1/2"
    said = run_inside(command, expression, at, "--plain").err
    notes = json.loads(run_inside(command, expression, at, "--json").out)["notes"]
    assert [note["message"] for note in notes] == re.findall(r"^(?:note|warning): (.*)$", said, re.MULTILINE)


def test_there_is_a_schema_for_each_command_and_one_for_errors() -> None:
    assert {*SCHEMAS} == {*NAMES, "error"}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_one_and_allows_no_key_that_it_does_not_describe(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])

    def check(schema: Any) -> None:
        if isinstance(schema, list):
            for one in schema:
                check(one)
        elif isinstance(schema, dict):
            if schema.get("type") == "object":
                assert "additionalProperties" in schema, schema
                assert all("description" in one or "$ref" in one for one in schema.get("properties", {}).values())
            for one in schema.values():
                check(one)

    check(SCHEMAS[name])


def test_what_two_schemas_share_is_the_same() -> None:
    shared: dict[str, Any] = {}
    for schema in SCHEMAS.values():
        for name, part in schema.get("$defs", {}).items():
            assert shared.setdefault(name, part) == part


def test_a_new_key_and_a_missing_one_are_faults() -> None:
    document = {"names": ["x = 2"]}
    assert faults_of(document, SCHEMAS["repl"]) is None
    assert "'more' was unexpected" in str(faults_of({**document, "more": 1}, SCHEMAS["repl"]))
    assert "'names' is a required property" in str(faults_of({}, SCHEMAS["repl"]))
    value = {"expression": "x", "value": 1.0}
    assert faults_of(value, SCHEMAS["eval"]) is None
    assert faults_of({**value, "more": 1}, SCHEMAS["eval"]) is not None
