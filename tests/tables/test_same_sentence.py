"""The same wrong table gives the same sentence, with the same place, to `map`, `train`, `predict` and ``@FILE``.

Each table goes through all four, with pyarrow for every block and without pyarrow.
"""

from __future__ import annotations

import bz2
import gzip
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.tables import delimited
from gradcli.train.checkpoint import save
from gradcli.train.data.loading import load_data
from gradcli.train.run import start

Run = Callable[..., Any]

USERS = {
    "map": ["map", "x1*x2", "FILE"],
    "train": ["train", "FILE", "--target", "x2", "--task", "numbers", "--epochs", "1", "--hidden", "2"],
    "predict": ["predict", "model", "FILE"],
    "@FILE": ["eval", "sum(A)", "--A", "@FILE"],
}
SOUND = "".join(f"{row},{row * row / 7!r}\n" for row in range(200))
LINES = "".join(f'{{"x1": {row}, "x2": {row * row / 7!r}}}\n' for row in range(200))
NOT_ALL = "3 cells, but the table has 2 columns"


def array_file(shape: tuple[int, ...], dtype: type = float) -> bytes:
    held = io.BytesIO()
    np.save(held, np.zeros(shape, dtype))
    return held.getvalue()


#: What is wrong -> the name of the file, its content, and the sentence.
CASES: dict[str, tuple[str, bytes, str]] = {
    "too many cells": ("t.csv", b"1,2\n3,4,5\n", f"`t.csv`, line 2: {NOT_ALL}"),
    "too few cells": ("t.csv", b"1,2\n3,4\n5\n", "`t.csv`, line 3: 1 cell, but the table has 2 columns"),
    "too many cells between tabs": ("t.tsv", b"1\t2\n3\t4\t5\n", f"`t.tsv`, line 2: {NOT_ALL}"),
    "too many cells between semicolons": ("t.csv", b"1;2\n3;4;5\n", f"`t.csv`, line 2: {NOT_ALL}"),
    "too many cells between blanks": ("t.txt", b"1 2\n3  4 5\n", f"`t.txt`, line 2: {NOT_ALL}"),
    "too many cells far down": ("t.csv", f"{SOUND}1,2,3\n".encode(), f"`t.csv`, line 201: {NOT_ALL}"),
    "too many cells behind blank lines": ("t.csv", b"\n\n1,2\n\n \n3,4,5\n", f"`t.csv`, line 6: {NOT_ALL}"),
    "too many cells behind line ends of Windows": ("t.csv", b"1,2\r\n\r\n3,4,5\r\n", f"`t.csv`, line 3: {NOT_ALL}"),
    "too many cells behind a cell of two lines": ("t.csv", b'1,2\n" \n3",4\n1,2,3\n', f"`t.csv`, line 4: {NOT_ALL}"),
    "too many cells behind a mark of byte order": ("t.csv", b"\xef\xbb\xbf1,2\n3,4,5\n", f"`t.csv`, line 2: {NOT_ALL}"),
    "too many cells in a compressed file": ("t.csv.gz", gzip.compress(b"1,2\n3,4,5"), f"`t.csv.gz`, line 2: {NOT_ALL}"),
    "a misprint": ("t.csv", b"1,2\n3,4\n5,2O1\n", "`t.csv`, line 3, column `x2`: `2O1` is not a number"),
    "a misprint far down": (
        "t.csv", f"{SOUND}2O1,2\n".encode(), "`t.csv`, line 201, column `x1`: `2O1` is not a number",
    ),
    "a misprint behind blank lines": (
        "t.csv", b"1,2\n\n\n3,x\n", "`t.csv`, line 4, column `x2`: `x` is not a number",
    ),
    "a misprint in a last line without an end": (
        "t.csv", b"1,2\n\n3,x", "`t.csv`, line 3, column `x2`: `x` is not a number",
    ),
    "a misprint between tabs": ("t.tab", b"1\t2.5\n3\t1,5\n", "`t.tab`, line 2, column `x2`: `1,5` is not a number"),
    "a decimal comma": ("t.csv", b"1;2.5\n1,5;3\n", "`t.csv`, line 2, column `x1`: `1,5` is not a number"),
    "thousands apart": ("t.csv", b"1,2\n1_000,3\n", "`t.csv`, line 2, column `x1`: `1_000` is not a number"),
    "a number of a program": ("t.csv", b"1,2\n0x10,3\n", "`t.csv`, line 2, column `x1`: `0x10` is not a number"),
    "a number that Arrow would take": (
        "t.csv", b"1,2\nnan(1),3\n", "`t.csv`, line 2, column `x1`: `nan(1)` is not a number",
    ),
    "a long misprint": (
        "t.csv", b"1,2\n1" + b"x" * 90 + b",3\n", f"`t.csv`, line 2, column `x1`: `1{'x' * 36}...` is not a number",
    ),
    "a misprint in JSON": (
        "t.jsonl", b'{"x1": 1, "x2": 2}\n\n{"x1": 1, "x2": "red"}\n',
        "`t.jsonl`, line 3, column `x2`: `red` is not a number",
    ),
    "a misprint in JSON by another name": (
        "t.csv", b'{"x1": 1, "x2": 2}\n{"x1": "2O1", "x2": 2}\n', "`t.csv`, line 2, column `x1`: `2O1` is not a number",
    ),
    "a list in JSON": (
        "t.jsonl", b'{"x1": 1, "x2": 2}\n{"x1": 1, "x2": [3]}\n',
        "`t.jsonl`, line 2, column `x2`: a list or an object, where one value is expected",
    ),
    "JSON that is cut off": (
        "t.jsonl", f'{LINES}{{"x1": 1'.encode(), "`t.jsonl`, line 201: not JSON (expecting ',' delimiter, character 9)",
    ),
    "JSON that is no object": (
        "t.jsonl", b'{"x1": 1, "x2": 2}\n[1, 2]\n', "`t.jsonl`, line 2: not an object with columns as keys",
    ),
    "JSON that is too deep": (
        "t.jsonl", b'{"x1": 1, "x2": 2}\n{"x1": ' + b"[" * 100_000 + b"\n", "`t.jsonl`, line 2: nested too deeply",
    ),
    "nothing": ("t.csv", b"", "`t.csv` is empty"),
    "blank lines": ("t.csv", b"\n\n  \n", "`t.csv` is empty"),
    "nothing in JSON": ("t.jsonl", b"\n", "`t.jsonl` is empty"),
    "a cell that nothing closes": ("t.csv", b'1,2\n3,"4\n', "`t.csv`, line 2: unexpected end of data"),
    "another encoding": ("t.csv", b"1,2\n3,4\n5,\xe96\n", "`t.csv`, line 3 is not UTF-8 text"),
    "another encoding from the beginning": (
        "t.csv", b"1,\xe92\n3,4\n", "`t.csv`, line 1 is not UTF-8 text",
    ),
    "another encoding of JSON": (
        "t.jsonl", b'{"x1": 1, "x2": 2}\n{"x1": "\xe9"}\n', "`t.jsonl`, line 2 is not UTF-8 text",
    ),
    "a picture": ("t.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "`t.csv`, line 1 is not UTF-8 text"),
    "a web page": ("t.csv", b"<!DOCTYPE html>\n<html></html>\n", "`t.csv` is a web page or XML, and not a table"),
    "no gzip": ("t.csv.gz", b"1,2\n3,4\n", "`t.csv.gz` is cut off, or of another format than its name says"),
    "gzip that is cut off": (
        "t.tsv.gz", gzip.compress(SOUND.encode())[:-9],
        "`t.tsv.gz` is cut off, or of another format than its name says",
    ),
    "no bzip2": ("t.csv.bz2", b"1,2\n3,4\n", "`t.csv.bz2` is cut off, or of another format than its name says"),
    "bzip2 that is cut off": (
        "t.jsonl.bz2", bz2.compress(LINES.encode())[:-9],
        "`t.jsonl.bz2` is cut off, or of another format than its name says",
    ),
    "an archive of something else": ("t.npz", b"PK", "`t.npz` is cut off, or of another format than its name says"),
    "an array that is cut off": (
        "t.npy", array_file((3, 2))[:-1], "`t.npy` is cut off, or has more bytes than its header says",
    ),
    "an array of something else": ("t.npy", b"1,2\n", "`t.npy` is not an array of NumPy, or is cut off"),
    "an array of objects": (
        "t.npy", array_file((1, 2)).replace(b"'<f8'", b"'|O' "),
        "`t.npy` holds values of type object; a table takes numbers and texts",
    ),
}  # fmt: skip

#: The same of formats that only pyarrow reads.
ARROW = {
    "Parquet of something else": ("t.parquet", b"1,2\n3,4\n", "`t.parquet` can't be read as Parquet: "),
    "Arrow of something else": ("t.arrow", b"1,2\n3,4\n5,6\n", "`t.arrow` can't be read as Arrow: "),
    "Arrow that is cut off": ("t.feather", b"ARROW1\0\0\xff\xff\xff\xff", "`t.feather` can't be read as Arrow: "),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the column x2 by the column x1."""
    trained = start(load_data("-", target="x2", stream=io.StringIO(SOUND)), hidden=(), epochs=1)
    for _ in trained.events():
        pass
    path = tmp_path_factory.mktemp("models") / "model"
    save(path, trained.checkpoint())
    return path


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model").write_bytes(model.read_bytes())


def sentence(inside: Run, user: str, name: str, content: bytes) -> str:
    """The line on standard error that says why a command fails."""
    Path(name).write_bytes(content)
    done = inside(*[word.replace("FILE", name) for word in USERS[user]])
    assert done.code == 5, (done.out, done.err)
    first: str = next(line for line in done.err.splitlines() if line.startswith("error"))
    return first


@pytest.fixture(params=["with pyarrow", "without pyarrow"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With pyarrow for every block, or without pyarrow."""
    monkeypatch.setattr(delimited, "LARGE", 0)
    if request.param == "with pyarrow":
        pytest.importorskip("pyarrow")
    else:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    return str(request.param)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("case", CASES)
def test_all_say_the_same(case: str, inside: Run) -> None:
    name, content, message = CASES[case]
    assert {user: sentence(inside, user, name, content) for user in USERS} == dict.fromkeys(USERS, f"error: {message}")


@pytest.mark.parametrize("case", ARROW)
def test_all_say_the_same_of_formats_of_arrow(case: str, inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    name, content, message = ARROW[case]
    pytest.importorskip("pyarrow")
    found = {sentence(inside, user, name, content) for user in USERS}
    assert len(found) == 1
    assert found.pop().startswith(f"error: {message}")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    found = {sentence(inside, user, name, content) for user in USERS}
    purpose = "reading or writing Parquet and Arrow"
    assert found == {f"error: {purpose} needs the package `pyarrow`, which is not installed"}


@pytest.mark.usefixtures("way")
def test_two_columns_of_one_name_are_the_same_to_all_who_read_names(inside: Run) -> None:
    Path("t.csv").write_bytes(b"x1,x2,x2\n1,2,3\n4,5,6\n")
    for user in ("map", "train", "predict"):
        done = inside(*[word.replace("FILE", "t.csv") for word in USERS[user]])
        assert (done.code, done.err.splitlines()[0]) == (
            0, "t.csv: two columns are called `x2`; the second is read as `x2.1`"
        )  # fmt: skip


GAPS = {
    "a gap": ("t.csv", b"1,2\n3,4\n\n,5\n", "`t.csv`, line 4, column `x1`: the value is missing"),
    "a gap by a word": ("t.csv", b"1,2\nNA,3\n4,4\n", "`t.csv`, line 2, column `x1`: the value is missing"),
    "a gap in JSON": (
        "t.jsonl", b'{"x1": 1, "x2": 2}\n{"x2": 2}\n', "`t.jsonl`, line 2, column `x1`: the value is missing",
    ),
    "a null in JSON": (
        "t.jsonl", b'{"x1": 1, "x2": 2}\n{"x1": null, "x2": 3}\n',
        "`t.jsonl`, line 2, column `x1`: the value is missing",
    ),
}  # fmt: skip


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("case", GAPS)
def test_a_gap_is_nan_to_map_and_the_others_say_the_same(case: str, inside: Run) -> None:
    name, content, message = GAPS[case]
    others = [user for user in USERS if user != "map"]
    assert {user: sentence(inside, user, name, content) for user in others} == dict.fromkeys(
        others, f"error: {message}"
    )
    done = inside("map", "x1*x2", name)
    assert (done.code, "warning: 1 row is not finite; the first is row " in done.err) == (0, True)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("text", ["inf", "-Infinity", "1e999"])
def test_an_infinite_number_is_a_number_that_is_not_learnt_from(text: str, inside: Run) -> None:
    content = f"1,2\n{text},3\n4,5\n".encode()
    message = f"error: `t.csv`, line 2, column `x1`: `{text}` is not a finite number"
    assert {sentence(inside, user, "t.csv", content) for user in ("train", "predict")} == {message}
    assert inside("eval", "abs(sum(A))", "--A", "@t.csv").out == "inf\n"
    assert "row 2: value is" in inside("map", "x1*x2", "t.csv").err


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    "name", ["t.csv", "t.tsv", "t.csv.gz", "t.jsonl", "t.npy", "t.npz", "t.csv.bz2", "u.unknown/t.csv"]
)
def test_a_file_that_is_missing_is_the_same_to_all(name: str, inside: Run) -> None:
    for user in USERS:
        done = inside(*[word.replace("FILE", name) for word in USERS[user]])
        assert (done.code, done.err) == (5, f"error: can't read `{name}`: no such file or directory\n")
