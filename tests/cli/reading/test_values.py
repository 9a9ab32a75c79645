"""`gradcli.cli.reading.values`: numbers, arrays and files as the values of variables."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2, 3]", [1.0, 2.0, 3.0]),
        ("[[1,2],[3,4]]", [[1.0, 2.0], [3.0, 4.0]]),
        ("[pi/2, -1e-3]", [math.pi / 2, -1e-3]),
        ("2*[1, 2]", [2.0, 4.0]),
        ("sum([1, 2])", 3.0),
        ("[1, 2][1]", 2.0),
        ("transpose([[1, 2]])", [[1.0], [2.0]]),
    ],
)
def test_a_value_is_an_expression_that_gives_an_array(inside: Run, text: str, value: Any) -> None:
    for words in (["--x", text], [f"--x={text}"], [f"x={text}"], ["--at", f"x={text},y=[1,2]"]):
        variables = "x + 0*sum(y)" if "--at" in words else "x"
        assert json.loads(inside("eval", variables, *words, "--json").out)["value"] == value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("column.csv", "1\n2\n3\n", [1.0, 2.0, 3.0]),
        ("row.csv", "1,2,3", [1.0, 2.0, 3.0]),
        ("matrix.csv", '1, -2\r\n\r\n3e2,"nan"\r\n', [[1.0, -2.0], [300.0, "NaN"]]),
        ("matrix.tsv", "1\t2\n3\t4\n", [[1.0, 2.0], [3.0, 4.0]]),
        ("matrix.txt", " 1  2\n3 4\n", [[1.0, 2.0], [3.0, 4.0]]),
        ("mark.CSV", "\ufeff1\n2\n", [1.0, 2.0]),
        ("one.csv", "7", [7.0]),
    ],
)
def test_a_table_of_numbers_is_an_array(inside: Run, tmp_path: Path, name: str, text: str, value: Any) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    assert json.loads(inside("eval", "x", "--x", f"@{tmp_path / name}", "--json").out)["value"] == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n3,x\n", "line 2, column `x2`: `x` is not a number"),
        ("1,2\n\n3,\n", "line 3, column `x2`: the value is missing"),
        ("a,b\n1,2\n", "line 1, column `x1`: `a` is not a number; line 1, column `x2`: `b` is not a number"),
        ("1,2\n3\n", "line 2: 1 cell, but the table has 2 columns"),
        ("1,2\n3,4,5\n", "line 2: 3 cells, but the table has 2 columns"),
        ("1_000\n", "line 1, column `x1`: `1_000` is not a number"),
        ("\n \n", "is empty"),
    ],
)
def test_a_table_that_is_ragged_or_no_numbers_names_file_line_and_column(
    inside: Run, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    found = inside("grad", "sum(x)", "--x", f"@{path}", "--json")
    assert found.code == 5
    error = json.loads(found.out)["error"]
    assert str(path) in error["message"]
    assert error["message"].endswith(message)
    assert error["hint"] == {"a,b": "a table of numbers has no headings"}.get(text[:3], error["hint"])


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "uint8", "bool"])
def test_an_array_of_numpy_is_read_as_64_bit_floats(inside: Run, tmp_path: Path, dtype: str) -> None:
    array = np.array([[0, 1], [1, 0], [1, 1]]).astype(dtype)
    np.save(tmp_path / "x.npy", array)
    found = json.loads(inside("grad", "sum(x^2)", f"x=@{tmp_path / 'x.npy'}", "--json").out)
    assert found["at"]["x"] == array.astype(float).tolist()
    assert found["gradient"]["x"] == (2.0 * array.astype(float)).tolist()


def test_an_array_without_axes_is_a_number(inside: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array(3.0))
    assert inside("diff", "x^2").code == 0
    assert inside("grad", "x^2", f"x=@{tmp_path / 'x.npy'}", "--order", "2").out.splitlines()[-1] == "d2/dx^2\t2.0"


def hostile(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Name -> the bytes of a file that is no array of numbers, and what is said of it."""
    plain, objects = folder / "plain.npy", folder / "objects.npy"
    np.save(plain, np.arange(4.0))
    np.save(objects, np.array([print, None], dtype=object), allow_pickle=True)
    huge = plain.read_bytes().replace(b"(4,)", b"(4000000000000,)").replace(b"            \n", b"\n", 1)
    head = plain.read_bytes()[:10]
    return {
        "objects": (objects.read_bytes(), "holds values of type object; a table takes numbers and texts"),
        "huge": (huge, "is cut off, or has more bytes than its header says"),
        "truncated": (plain.read_bytes()[:-5], "is cut off, or has more bytes than its header says"),
        "head": (head, "is not an array of NumPy, or is cut off"),
        "empty": (b"", "is not an array of NumPy, or is cut off"),
        "foreign": (b"PK\x03\x04 no", "is not an array of NumPy, or is cut off"),
        "text": (b"hello", "is not an array of NumPy, or is cut off"),
    }


@pytest.mark.parametrize("name", ["objects", "huge", "truncated", "head", "empty", "foreign", "text"])
def test_a_file_that_is_no_array_is_refused(inside: Run, tmp_path: Path, name: str) -> None:
    content, message = hostile(tmp_path)[name]
    path = tmp_path / "x.npy"
    path.write_bytes(content)
    found = inside("eval", "x", f"x=@{path}", "--json")
    assert found.code == 5
    assert json.loads(found.out)["error"]["message"] == f"`{path}` {message}"


def test_an_array_of_complex_numbers_or_words_is_refused(inside: Run, tmp_path: Path) -> None:
    cases = ((np.array([1j]), "holds values of type complex128"), (np.array(["a"]), "holds no array of real numbers"))
    for array, message in cases:
        np.save(tmp_path / "x.npy", array)
        found = inside("eval", "x", f"x=@{tmp_path / 'x.npy'}")
        assert found.code == 5
        assert message in found.err


@pytest.mark.parametrize("name", ["x.npy", "x.csv"])
def test_a_file_that_is_missing_is_named(inside: Run, tmp_path: Path, name: str) -> None:
    found = inside("eval", "x", f"x=@{tmp_path / name}")
    assert (found.code, found.err) == (5, f"error: can't read `{tmp_path / name}`: no such file or directory\n")


def test_a_result_in_a_pipe_is_a_value_again(inside: Run) -> None:
    first = inside("eval", "A @ [0.1, 1/3]", "A=[[1, 2], [3, nan]]").out.strip()
    assert inside("eval", "x", f"x={first}").out.strip() == first
