"""`map` carries what it does not compute: as it is spelt, or with the same value in a type that holds it."""

from __future__ import annotations

import csv
import datetime
import io
import json
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gradcli.tables import delimited, text_writers

Run = Callable[..., Any]

# The name of a column -> the texts of its cells in CSV, which are also those of its cells in JSON.
TEXTS: dict[str, tuple[str, str]] = {
    "date with a zone": ("2024-01-01T10:00:00+02:00", "2024-01-01T10:00:00Z"),
    "date": ("2024-01-01T10:00:00", "2024-01-02T10:00:00"),
    "date with blanks": ("2024-01-01 10:00:00.5+02", "2024-01-01 10:00:00-0330"),
    "20 digits": ("3", "12345678901234567890"),
    "30 digits": ("123456789012345678901234567890", "-1"),
    "2^63": ("9223372036854775808", "9223372036854775807"),
    "negative": ("-9223372036854775809", "1"),
    "leading zeros": ("01234", "00000"),
    "telephone": ("+4930123456", "+49301"),
    "many decimals": ("0.1234567890123456789", "1.5"),
    "beyond doubles": ("1e400", "1e-400"),
    "text": ('a "b", c', " é "),
    "words and gaps": ("NA", "a"),
    "truth as words": ("True", "yes"),
}
# The texts of numbers in JSON.
NUMBERS: dict[str, tuple[str, str]] = {
    "2^63": ("3", "9223372036854775808"),
    "20 digits": ("3", "12345678901234567890"),
    "30 digits": ("123456789012345678901234567890", "-1"),
    "decimals": ("1.50", "-0.0"),
    "many decimals": ("0.1234567890123456789", "1.5"),
    "exponents": ("1E5", "2e-07"),
    "beyond doubles": ("1e400", "1"),
    "truth": ("true", "false"),
    "gaps": ("null", "1.0"),
    "lists": ("[1.50, 9223372036854775808]", '{"a": [null, true]}'),
}
# For each way to read and write: is pyarrow used?
PYARROW = {"with pyarrow": True, "without pyarrow": False}


@pytest.fixture(autouse=True, params=PYARROW)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs with pyarrow for blocks of all sizes, and again without it."""
    if PYARROW[request.param]:
        pytest.importorskip("pyarrow")
        monkeypatch.setattr(delimited, "LARGE", 0)
        monkeypatch.setattr(text_writers, "LARGE", 0)
    else:
        monkeypatch.setitem(sys.modules, "pyarrow", None)


def csv_file(path: Path, cells: dict[str, tuple[str, str]]) -> str:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["x", *cells])
        writer.writerows([["1", *(first for first, _ in cells.values())], ["2", *(last for _, last in cells.values())]])
    return str(path)


def json_file(path: Path, literals: dict[str, tuple[str, str]]) -> str:
    lines = [
        "{" + ", ".join(['"x": 1.0', *(f"{json.dumps(name)}: {both[row]}" for name, both in literals.items())]) + "}\n"
        for row in (0, 1)
    ]
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


def columns_of(text: str) -> dict[str, tuple[str, ...]]:
    names, *rows = list(csv.reader(io.StringIO(text)))
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def objects_of(text: str) -> list[dict[str, Any]]:
    """Read JSON lines; a number stays the bytes that spell it."""
    return [json.loads(line, parse_int=str.encode, parse_float=str.encode) for line in text.splitlines()]


@pytest.mark.parametrize("name", TEXTS)
def test_text_goes_from_csv_to_csv_and_json_as_it_is_spelt(name: str, inside: Run, tmp_path: Path) -> None:
    source = csv_file(tmp_path / "t.csv", {name: TEXTS[name]})
    assert columns_of(inside("map", "x", source, "--select", name).out)[name] == TEXTS[name]
    for row, expected in zip(objects_of(inside("map", "x", source, "--to", "jsonl").out), TEXTS[name], strict=True):
        found = row[name]
        assert (found.decode() if isinstance(found, bytes) else found) == expected


@pytest.mark.parametrize("name", TEXTS)
def test_text_goes_from_json_to_csv_and_json_as_it_is_spelt(name: str, inside: Run, tmp_path: Path) -> None:
    source = json_file(tmp_path / "t.jsonl", {name: tuple(map(json.dumps, TEXTS[name]))})  # type: ignore[dict-item]
    assert columns_of(inside("map", "x", source, "--select", name).out)[name] == TEXTS[name]
    assert tuple(row[name] for row in objects_of(inside("map", "x", source, "--to", "jsonl").out)) == TEXTS[name]


@pytest.mark.parametrize("name", NUMBERS)
def test_values_of_json_stay_as_they_are_spelt(name: str, inside: Run, tmp_path: Path) -> None:
    source = json_file(tmp_path / "t.jsonl", {name: NUMBERS[name]})
    lines = inside("map", "x", source, "--to", "jsonl").out.splitlines()
    for line, literal in zip(lines, NUMBERS[name], strict=True):
        assert f'{json.dumps(name)}: {literal}, "value"' in line
    cells = tuple("" if literal == "null" else literal for literal in NUMBERS[name])
    assert columns_of(inside("map", "x", source, "--select", name).out)[name] == cells


@pytest.mark.parametrize("source", ["csv", "jsonl"])
@pytest.mark.parametrize("target", ["parquet", "arrow", "arrows"])
def test_a_type_holds_every_digit_or_the_cells_stay_text(
    source: str, target: str, inside: Run, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path, out = tmp_path / f"t.{source}", str(tmp_path / f"o.{target}")
    cells = TEXTS if source == "csv" else {name: both for name, both in NUMBERS.items() if name != "gaps"}
    name = (csv_file if source == "csv" else json_file)(path, cells)
    found = inside("map", "x", name, "-o", out)
    if "without pyarrow" in request.node.name:
        assert found.code == 5
        assert "pip install" in found.err
        return
    assert found.code == 0
    back = columns_of(inside("map", "x", out, "--select", ",".join(cells), "--prefix", "f_").out)
    for column, texts in cells.items():
        for text, again in zip(texts, back[column], strict=True):
            assert value_of(again) == value_of(text), column


@pytest.mark.parametrize("source", ["csv", "jsonl", "parquet"])
def test_infinite_numbers_that_json_lacks_are_told(
    source: str, inside: Run, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / f"t.{source}"
    if source == "csv":
        path.write_text("x,a,b\n1,inf,2.5\n2,3,1.5\n3,-inf,0\n")
    elif source == "jsonl":
        path.write_text('{"x": 1, "a": Infinity}\n{"x": 2, "a": 3}\n{"x": 3, "a": -Infinity}\n')
    elif "without pyarrow" in request.node.name:
        return
    else:
        arrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        parquet.write_table(arrow.table({"x": [1.0, 2.0, 3.0], "a": [float("inf"), 3.0, float("-inf")]}), path)
    done = inside("map", "1/(x-2)", str(path), "--to", "jsonl", "--value-only")
    assert [row["a"] and float(row["a"]) for row in objects_of(done.out)] == [None, 3.0, None]
    assert "warning: `a`: 2 infinite numbers became null; CSV, Parquet and Arrow keep them" in done.err
    assert done.err.count("infinite") == 1  # the computed column has its own warning
    assert "became null" not in inside("map", "x", str(path), "--to", "csv").err


def value_of(text: str) -> Any:
    """Return what a cell means, exactly; a code with a zero or a plus sign in front means its characters."""
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return text if text[:1] == "+" or (text[:1] == "0" and text[1:2].isdigit()) else Decimal(text)
    except ArithmeticError:
        return text.strip()


def test_types_of_parquet_go_to_text_and_back(inside: Run, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if "without pyarrow" in request.node.name:
        return
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    moment = datetime.datetime(2024, 1, 1, 10, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    table = arrow.table(
        {
            "x": [1.0, 2.0],
            "zone": arrow.array([moment, None], arrow.timestamp("us", "+02:00")),
            "unsigned": arrow.array([2**63, None], arrow.uint64()),
            "decimal": [Decimal("12345678901234567890.50"), None],
            "truth": [True, None],
            "category": arrow.array(["a", None]).dictionary_encode(),
            "date": [datetime.date(2024, 1, 1), None],
            "single": arrow.array([0.1, None], arrow.float32()),
        }
    )
    parquet.write_table(table, tmp_path / "t.parquet")
    assert inside("map", "x", str(tmp_path / "t.parquet"), "-o", str(tmp_path / "o.parquet")).code == 0
    assert parquet.read_table(tmp_path / "o.parquet").select(table.column_names).to_pylist() == table.to_pylist()
    texts = {"unsigned": "9223372036854775808", "decimal": "12345678901234567890.50", "truth": "true",
             "category": "a", "date": "2024-01-01", "single": "0.1"}  # fmt: skip
    found = columns_of(inside("map", "x", str(tmp_path / "t.parquet")).out)
    assert {name: found[name] for name in texts} == {name: (text, "") for name, text in texts.items()}
    assert value_of(found["zone"][0]) == table["zone"][0].as_py()
    row = objects_of(inside("map", "x", str(tmp_path / "t.parquet"), "--to", "jsonl").out)[0]
    numbers = {"unsigned", "decimal", "single"}
    expected = {name: text.encode() if name in numbers else text for name, text in texts.items()} | {"truth": True}
    assert {name: row[name] for name in texts} == expected
