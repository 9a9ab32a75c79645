"""Every format, with columns of every type, through every command that reads tables.

A cell of this matrix is a column in a file, a command, and a format to write: the column comes out with its values, and
where text goes to text also with its spelling; or one sentence names it and a way out.  The columns are in
`tests/support/columns.py`; each test looks at all of them.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.errors import GradcliError
from gradcli.tables import delimited, text_writers
from gradcli.train.data.loading import load_data
from tests.support.columns import (
    COLUMNS,
    SOURCES,
    TYPED,
    Column,
    read_columnar,
    repeated,
    texts_in,
    words,
    write_source,
)

arrow = pytest.importorskip("pyarrow")

Run = Callable[..., Any]

TARGETS = (
    ".csv", ".tsv", ".jsonl", ".parquet", ".arrow", ".feather", ".arrows", ".csv.gz", ".csv.bz2", ".csv.zst",
    ".jsonl.zst",
)  # fmt: skip
X = Column(arrow.array([1.0, 2.0, 3.0, 4.0]), ("1.0", "2.0", "3.0", "4.0"), ("1.0", "2.0", "3.0", "4.0"))
ALL = {"x": X, **COLUMNS}


def spelt(text: str) -> list[dict[str, Any]]:
    """Return the objects of JSON lines; a number is the bytes that spell it."""
    decoder = json.JSONDecoder(parse_int=str.encode, parse_float=str.encode, parse_constant=lambda name: 1 / 0)
    return [decoder.decode(line) for line in text.split("\n") if line]


def plain(array: Any) -> Any:
    """Return an array with the values of its categories."""
    return array.dictionary_decode() if hasattr(array, "dictionary") else array


def as_text(value: Any) -> str:
    """Return a value of JSON as CSV spells it."""
    if isinstance(value, bytes):
        return value.decode()
    return {None: "", True: "true", False: "false"}.get(value, value)


def carried(source: str, path: Path, suffix: str) -> set[str]:
    """Return the columns that a file that `map` wrote holds otherwise than the file that it read."""
    if suffix in TYPED:
        table = read_columnar(path)
        found = {name: table[name].combine_chunks() for name in ALL}
        return {name for name, column in ALL.items() if not same_values(source, found[name], column)}
    text = texts_in(path)
    if "json" in suffix:
        rows = spelt(text)
        cells = {name: [row[name] for row in rows] for name in ALL}
        if source in TYPED or "json" in source:
            return {name for name, column in ALL.items() if cells[name] != [spelt(f'{{"a": {one}}}')[0]["a"]
                                                                           for one in column.literals]}  # fmt: skip
        return {name for name, column in ALL.items() if tuple(map(as_text, cells[name])) != column.texts}
    names, *lines = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if suffix == ".tsv" else ",")
    columns = dict(zip(names, zip(*lines, strict=True), strict=True))
    return {name for name, column in ALL.items() if columns[name] != column.texts}


def same_values(source: str, found: Any, column: Column) -> bool:
    """Whether an array has the values of a column, in the type of the column if the source has types."""
    expected = plain(column.array)
    if source not in TYPED and str(found.type) == "string":
        return tuple(text or "" for text in found.to_pylist()) == column.texts
    # Parquet has one type of dates, and one of the texts of categories.
    is_kept = source not in TYPED or found.type in (expected.type, arrow.date32(), arrow.string())
    return is_kept and bool(found.cast(expected.type).equals(expected))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", SOURCES)
def test_map_carries_every_column(source: str, target: str, inside: Run, tmp_path: Path) -> None:
    path, out = write_source(tmp_path, source, ALL), tmp_path / f"o{target}"
    done = inside("map", "x", str(path), "-o", str(out), "--value-only")
    assert done.code == 0, done.err
    assert carried(source, out, target) == set()


@pytest.mark.parametrize("target", [".csv", ".tsv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("source", [".csv", ".tsv", ".jsonl", ".json"])
def test_map_carries_every_column_of_large_texts(
    source: str, target: str, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pyarrow parses and writes blocks of any size."""
    monkeypatch.setattr(delimited, "LARGE", 0)
    monkeypatch.setattr(text_writers, "LARGE", 0)
    test_map_carries_every_column(source, target, inside, tmp_path)


def dictionary(values: Any) -> Any:
    return arrow.DictionaryArray.from_arrays(arrow.array([0, 1, 0, None]), values)


# Types that some formats lack -> the array, and the formats that hold it; JSON holds lists and objects.
PARTIAL: dict[str, tuple[Any, set[str]]] = {
    "bytes": (arrow.array([b"a", b"\xff", b"", None]), {".parquet", ".arrow"}),
    "bytes of one length": (arrow.array([b"ab", b"cd", b"ef", None], arrow.binary(2)), {".parquet", ".arrow"}),
    "lists": (arrow.array([[1, None], [], [3], None]), {".parquet", ".arrow", ".jsonl"}),
    "lists of bytes": (arrow.array([[b"a"], [], [b"\xff"], None]), {".parquet", ".arrow"}),
    "objects": (arrow.array([{"a": Decimal("1.50")}, {"a": None}, None, None]), {".parquet", ".arrow", ".jsonl"}),
    "intervals": (arrow.array([(1, 2, 3), (0, 0, 1), None, None], arrow.month_day_nano_interval()), {".arrow"}),
    "thousands": (arrow.array([Decimal("1E+3"), None, None, None], arrow.decimal128(9, -3)),
                  {".arrow", ".csv", ".tsv", ".jsonl"}),
}  # fmt: skip


@pytest.mark.parametrize("target", [".csv", ".tsv", ".jsonl", ".parquet", ".arrow"])
@pytest.mark.parametrize("name", PARTIAL)
def test_a_type_that_a_format_lacks_is_refused_by_the_name_of_its_column(
    name: str, target: str, inside: Run, tmp_path: Path
) -> None:
    array, holding = PARTIAL[name]
    path = write_source(tmp_path, ".arrow", {"x": X, "c": Column(array, (), ())})
    done = inside("map", "x", str(path), "-o", str(tmp_path / f"o{target}"))
    if target in holding:
        assert done.code == 0, done.err
        if target in TYPED:
            assert read_columnar(tmp_path / f"o{target}")["c"].combine_chunks().cast(array.type).equals(array)
        return
    assert done.code == 5
    first, second = done.err.splitlines()
    assert first.startswith(f"error: `c` is a column of the type {array.type}, which ")
    assert re.match(r"  write (Parquet or )?Arrow, or leave the column out$", second)
    assert not (tmp_path / f"o{target}").exists()
    assert inside("map", "x", str(path), "-o", str(tmp_path / f"o{target}"), "--select", "x").code == 0


@pytest.mark.parametrize("name", [name for name in PARTIAL if name != "thousands"])
def test_what_has_no_text_is_not_learnt_from(name: str, inside: Run, tmp_path: Path) -> None:
    path = write_source(tmp_path, ".arrow", {"x": X, "c": Column(PARTIAL[name][0], (), ())})
    done = inside("train", str(path), "--target", "x", "-o", str(tmp_path / "m.safetensors"))
    assert (done.code, "column `c`" in done.err) == (5, True), done.err
    assert inside("eval", "sum(A)", "--A", f"@{path}").code == 5


def test_categories_of_pandas_and_polars_are_their_values(inside: Run, tmp_path: Path) -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    values = ["red", "blue", "red", None]
    frame = pandas.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "c": pandas.Categorical(values, ["blue", "red"])})
    frame.to_parquet(tmp_path / "pandas.parquet")
    frame.to_feather(tmp_path / "pandas.feather")
    for kind in (polars.Categorical, polars.Enum(["blue", "red"])):
        table = polars.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "c": polars.Series(values, dtype=kind)})
        table.write_parquet(tmp_path / f"{type(kind).__name__}.parquet")
        table.write_ipc(tmp_path / f"{type(kind).__name__}.arrow")
        table.write_ipc(tmp_path / f"{type(kind).__name__}.feather", compression="zstd")
    files = [path for path in tmp_path.iterdir() if path.suffix in TYPED]
    assert len(files) == 8
    for path in files:
        assert [row["c"] for row in spelt(inside("map", "x", str(path), "--to", "jsonl").out)] == values
        data = load_data(str(path), target="c", missing="drop")
        assert (data.labels, data.targets.tolist()) == (("blue", "red"), [1.0, 0.0, 1.0])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_durations_of_pandas_and_polars_keep_their_unit(unit: str, inside: Run, tmp_path: Path) -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    delta = datetime.timedelta(days=1, hours=2, seconds=-5)
    pandas.DataFrame({"x": [1.0], "c": pandas.to_timedelta([delta]).as_unit(unit)}).to_parquet(tmp_path / "a.parquet")
    kind = polars.Duration("ms" if unit == "s" else unit)
    polars.DataFrame({"x": [1.0], "c": polars.Series([delta], dtype=kind)}).write_ipc(tmp_path / "b.arrow")
    for name in ("a.parquet", "b.arrow"):
        done = inside("map", "x", str(tmp_path / name), "--select", "c,value")
        assert done.out == "c,value\nPT93595S,1.0\n"
        assert pandas.Timedelta(done.out.split("\n")[1].split(",")[0]) == delta


IS_LONG = np.dtype("longdouble").itemsize > 8
# Arrays of NumPy -> their cells in CSV; None if they are refused.  Truth values are the numbers 1 and 0 there.
ARRAYS: dict[str, tuple[Any, list[str] | None]] = {
    "truth": (np.array([True, False]), ["1", "0"]),
    "small whole": (np.array([-128, 127], "i1"), ["-128", "127"]),
    "whole": (np.array([2**63 - 1, 2**53 + 1]), ["9223372036854775807", "9007199254740993"]),
    "unsigned": (np.array([2**64 - 1, 3], "u8"), ["18446744073709551615", "3"]),
    "doubles": (np.array([0.1, -0.0]), ["0.1", "-0.0"]),
    "the other order of bytes": (np.array([0.1, 1e300]).astype(">f8"), ["0.1", "1e+300"]),
    "whole in the other order": (np.array([1, -70000]).astype(">i4"), ["1", "-70000"]),
    "half floats": (np.array([0.5, 65504.0], "f2"), ["0.5", "65504.0"]),
    "by columns": (np.asfortranarray(np.array([[1.5, 1.5], [2.5, 2.5]]))[:, 0], ["1.5", "2.5"]),
    "long doubles": (np.array([1.5, 2.5], "longdouble"), None if IS_LONG else ["1.5", "2.5"]),
    "complex": (np.array([1j, 2]), None),
    "dates": (np.array(["2024-01-01", "2024-01-02"], "M8[D]"), None),
    "durations": (np.array([1, 2], "m8[s]"), None),
    "objects": (np.array([1, None], object), None),
    "records": (np.zeros(2, "i4,f4"), None),
    "texts": (np.array(["a", "b"]), None),
}  # fmt: skip


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_of_numpy_keep_their_values_or_are_refused(
    name: str, suffix: str, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    array, expected = ARRAYS[name]
    matrix, file = array.reshape(2, 1), f"t{suffix}"
    if suffix == ".npy":
        np.save(file, matrix)
    else:
        np.savez(file, X=matrix, y=np.array([0, 1]))
    commands = [
        ("map", "0*x1", file, "--value-only", "-o", "o.parquet"),
        ("map", "0*x1", file, "--value-only", "--select", "x1", "-o", "o.csv"),
        ("eval", "sum(A)", "--A", f"@{file}"),
    ]
    if suffix == ".npz":
        commands.append(("train", file, "--target", "-1", "--epochs", "1"))
    for command in commands:
        done = inside(*command)
        assert done.code == (0 if expected is not None else 5), done.err
        if expected is None:
            assert done.err.startswith(f"error: `{file}`")
            assert done.err.count("\n") <= 2
    if expected is not None:
        assert [line.split(",")[0] for line in Path("o.csv").read_text().splitlines()[1:]] == expected
        assert read_columnar(tmp_path / "o.parquet")["x1"].to_pylist() == array.tolist()


ROWS = 12
ROLES: dict[str, dict[str, Any]] = {
    "an input": {"target": "y"},
    "an input of categories": {"target": "y", "one_hot": ["c"]},
    "the target": {"target": "c"},
    "classes": {"target": "c", "task": "classes"},
    "numbers": {"target": "c", "task": "numbers"},
}
#: Columns with other values as text: the nearest double of 0.1 isn't that of single precision.
ROUNDED = {"single"}


def rows_with(name: str) -> dict[str, Column]:
    """Twelve rows: numbers, the column of a type, and two classes."""
    x = [f"{row}.0" for row in range(ROWS)]
    y = ["ab"[row % 2] for row in range(ROWS)]
    return {
        "x": Column(arrow.array(list(map(float, x))), tuple(x), tuple(x)),
        "c": repeated(COLUMNS[name], ROWS // 3),
        "y": words(arrow.array(y), *y),
    }


def without_place(message: str) -> str:
    """Return a message without the name of the file, and with the same word for a line and a row."""
    message = re.sub(r"`?\bt\.[a-z.0-9]+`?", "t", message)
    return re.sub(r"(line|row) (\d+)", "place", message)


def formats_of(name: str) -> list[tuple[str, ...]]:
    """Return groups of formats, of which each holds the same values of a column."""
    texts = tuple(one for one in SOURCES if one not in TYPED)
    return [texts, TYPED] if name in ROUNDED else [SOURCES]


@pytest.mark.parametrize("name", COLUMNS)
def test_training_sees_the_same_rows_in_every_format(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    columns = rows_with(name)
    for suffix in SOURCES:
        write_source(tmp_path, suffix, columns)
    for choices in ROLES.values():
        for group in formats_of(name):
            found = set()
            for suffix in group:
                try:
                    found.add(load_data(f"./t{suffix}", **choices).fingerprint())
                except GradcliError as error:
                    found.add(f"error: {without_place(error.message)}; {error.hint or 'no way out'}")
            assert len(found) == 1
            (one,) = found
            assert not one.startswith("error") or ("`c`" in one and "no way out" not in one)


@pytest.mark.parametrize("target", ["y", "c"])
@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "gaps"])
def test_predictions_are_the_same_in_every_format(
    name: str, target: str, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    columns = rows_with(name)
    group = formats_of(name)[-1]
    # Each type is trained on another format.
    trained = write_source(tmp_path, group[list(COLUMNS).index(name) % len(group)], columns)
    options = ("--one-hot", "c") if target == "y" else ()
    usual = ("--target", target, "--task", "classes", "--hidden", "2", "--epochs", "1", "-o", "m.safetensors")
    assert inside("train", trained.name, *usual, *options).code == 0
    first = None
    for suffix in group:
        done = inside("predict", "m.safetensors", write_source(tmp_path, suffix, columns).name, "--json")
        assert done.code == 0, done.err
        document = json.loads(done.out)
        assert document["metrics"]["accuracy"] > 0
        first = first or document
        assert [row["prediction"] for row in document["predictions"]] == [
            row["prediction"] for row in first["predictions"]
        ]
        for row, other in zip(document["predictions"], first["predictions"], strict=True):
            assert row["scores"] == pytest.approx(other["scores"], rel=1e-12)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_file_as_a_value_has_the_same_sum_or_the_same_refusal(
    name: str, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for group in formats_of(name):
        found = set()
        for suffix in group:
            column = {"x1": repeated(COLUMNS[name], 2)}
            done = inside("eval", "sum(A)", "--A", f"@{write_source(tmp_path, suffix, column, header=False).name}")
            assert done.code in (0, 5), done.err
            first = without_place((done.out or done.err).splitlines()[0])
            assert done.code == 0 or "column `x1`" in first
            found.add((done.code, first))
        assert len(found) == 1
