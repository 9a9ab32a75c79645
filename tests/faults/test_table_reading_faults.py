"""Tables of other programs are read: found out where there is no doubt, which a note says, or by an option."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gradcli.tables import delimited

Run = Callable[..., Any]


class Case(NamedTuple):
    """A table as text, and what `map x` computes.

    Attributes:
        content: the text, or its bytes.
        values: the values of the column `x`, as pandas, R or Excel read them.
        note: a part of the note on how it was read; empty if there is none.
        options: the options that are needed.
        name: the name of the file.
    """

    content: str | bytes
    values: list[float]
    note: str = ""
    options: tuple[str, ...] = ()
    name: str = "t.csv"


NAN = float("nan")
CASES = {
    "the index of pandas": Case(",x,y\n0,1.5,a\n1,2.5,b\n", [1.5, 2.5]),
    "trailing commas": Case("x,y,\n1,2,\n3,4,\n", [1, 3]),
    "trailing commas below the names": Case("x,y\n1,2,\n3,4,,\n", [1, 3]),
    "equal names": Case("x,y,y\n1,2,3\n", [1], "two columns are called `y`; the second is read as `y.1`"),
    "bars": Case("x|y\n1|2\n3|4\n", [1, 3]),
    "blanks": Case("x y\n1 2\n3   4\n", [1, 3]),
    "blanks between words": Case("x y\n1 a\n3 b\n", [1, 3], options=("--delimiter", "space")),
    "a colon": Case("x:y\n1:a\n3:b\n", [1, 3], options=("--delimiter", ":")),
    "a comma in a name": Case("x|y, z|u, v\n1|2|3\n", [1]),
    "decimal commas": Case("x;y\n1,5;2\n-2,25;3\n", [1.5, -2.25], "decimal commas"),
    "decimal commas in tabs": Case("x\ty\n0,125\ta\n", [0.125], "decimal commas", name="t.tsv"),
    "decimal commas and thousands": Case("x;y\n1.234.567,5;2\n1.000;3\n", [1234567.5, 1000], "decimal commas"),
    "decimal commas in quotes": Case('x,y\n"1,5",2\n"2,75",3\n', [1.5, 2.75], "decimal commas"),
    "a decimal comma by option": Case('x,y\n"1,234",2\n', [1.234], options=("--decimal", ",")),
    "thousands by option": Case('x,y\n"1,234",2\n', [1234], options=("--decimal", ".")),
    "thousands": Case('x,y\n"1,234.5",2\n"12,000",3\n', [1234.5, 12000], "marks between thousands"),
    "millions": Case('x,y\n"1,234,567",2\n', [1234567], "marks between thousands"),
    "UTF-16": Case("x,y\n1,é\n".encode("utf-16"), [1], "UTF-16"),
    "UTF-16, the other way": Case(b"\xfe\xff" + "x,y\n1,é\n".encode("utf-16-be"), [1], "UTF-16"),
    "UTF-32": Case("x,y\n1,é\n".encode("utf-32"), [1], "UTF-32"),
    "Latin-1": Case("x,y\n1,é\n".encode("latin-1"), [1], options=("--encoding", "latin-1")),
    "Windows": Case("x,y\n1,€\n".encode("cp1252"), [1], options=("--encoding", "cp1252")),
    "comments": Case("# made by R\n#, on a, Monday\nx,y\n1,2\n", [1], "2 lines with # at the beginning are left out"),
    "comments everywhere": Case(
        'x,y\n# one, "two\n1,"#a"  # three\n3,4\n', [1, 3], options=("--comment", "#")
    ),
    "comments of another kind": Case("% a\nx,y\n1,2\n", [1], options=("--comment", "%")),
    "savetxt": Case("# x y\n1.000000000000000056e-01 2\n3 4\n", [0.1, 3], "taken from the comment", name="t.txt"),
    "Excel's first line": Case("sep=;\nx;y\n1;2\n", [1]),
    "an array of JSON": Case('[\n {"x": 1, "y": "a]"},\n {"x": 2.5, "y": null}]', [1, 2.5], name="t.json"),
    "gaps": Case("x\n1\n#N/A\n<NA>\n.\n--\n-nan\nNaN\n", [1, NAN, NAN, NAN, NAN, NAN, NAN]),
    "a gap by option": Case("x\n1\n-999\nno\n", [1, NAN, NAN], options=("--na", "-999", "--na", "no")),
    "numbers without names": Case("1,2\n3,4\n", [1, 3], "`--header` takes it as names", ("--x", "x1")),
    "numbers are names": Case("1,2\n3,4\n", [3], "", ("--header", "--x", "1")),
    "no names": Case("5.1,a\n4.9,b\n", [5.1, 4.9], "", ("--no-header", "--x", "x1")),
    "names that may be data": Case("x,a\n4,b\n", [4]),
    "a name that is a number": Case("x,2019\n4,1\n", [4], "`--no-header` takes it as data"),
    "only words": Case("n,a\nx,b\n", [7, 7][:1], "`--no-header` takes it as data", ("--x", "7")),
}  # fmt: skip


@pytest.mark.parametrize("is_large", [False, True], ids=["by Python", "by pyarrow"])
@pytest.mark.parametrize("case", CASES)
def test_a_table_is_read_as_its_program_meant_it(
    case: str, is_large: bool, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_large:
        pytest.importorskip("pyarrow")
        monkeypatch.setattr(delimited, "LARGE", 0)
    content, values, note, options, name = CASES[case]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = inside("map", "x", str(path), "--select", "value", *options)
    assert found.code == 0, found.err
    assert [row[0] for row in list(csv.reader(io.StringIO(found.out)))[1:]] == [repr(float(value)) for value in values]
    notes = "\n".join(line for line in found.err.splitlines() if not line.startswith("warning"))
    assert note in notes
    assert bool(note) == bool(notes), notes


REFUSED = {
    "doubt about a comma": ('x,y\n"1,234",2\n', (), "`--decimal .` reads it as 1234; `--decimal ,` reads it as 1.234"),
    "another encoding": ("x,y\n1,é\n".encode("latin-1"), (), "`--encoding latin-1`"),
    "no such encoding": ("x,y\n1,2\n", ("--encoding", "klingon"), "`--encoding` is the name of an encoding"),
    "a delimiter of two characters": ("x,y\n1,2\n", ("--delimiter", "::"), "`--delimiter` is one character"),
    "a decimal letter": ("x,y\n1,2\n", ("--decimal", "x"), "`--decimal` is a point or a comma, not `x`"),
    "a value behind the last column": ("x,y\n1,2,3\n", (), "3 cells, but the table has 2 columns"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_in_doubt_is_refused_with_a_way_out(case: str, inside: Run, tmp_path: Path) -> None:
    content, options, words = REFUSED[case]
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = inside("map", "x", str(path), *options)
    assert found.code in {2, 5}
    assert words in found.err


def test_train_and_predict_take_the_same_options(inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"{row},5:{'no' if row == 3 else row % 3}:{'ab'[row % 2]}\n" for row in range(20)]
    Path("t.csv").write_text("".join(rows))
    options = ("--no-header", "--delimiter", ":", "--decimal", ",", "--na", "no")
    done = inside("train", "t.csv", "--target", "-1", "--missing", "mean", "--epochs", "2", *options, "--json")
    assert done.code == 0, done.err
    command = json.loads(done.out)["command"]
    assert "--no-header --delimiter : --decimal , --na no" in command
    found = inside("predict", "t.safetensors", "t.csv", *options, "--json")
    assert len(json.loads(found.out)["predictions"]) == 20
    assert inside("train", "--resume", "t.safetensors", "--epochs", "3", "-o", "u.safetensors").code == 0


def test_train_uses_every_row_and_no_column_without_a_name(
    inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(",x,y,\n" + "".join(f"{row},{row % 5}.5,{'ab'[row % 2]},\n" for row in range(20)))
    done = inside("train", "t.csv", "--target", "y", "--epochs", "1")
    assert done.code == 0, done.err
    assert "t.csv: left out column 1, which has no name" in done.err
