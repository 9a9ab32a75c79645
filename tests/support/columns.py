"""Columns of every type, and the files of every format that hold them, as other programs write them.

A `Column` has its cells as an array of Arrow, as the texts of CSV and as the values of JSON.  All say the same.
"""

from __future__ import annotations

import bz2
import csv
import datetime
import gzip
import io
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

arrow = pytest.importorskip("pyarrow")

__all__ = [
    "COLUMNS", "SOURCES", "TEXTS", "TYPED", "Column", "read_columnar", "repeated", "texts_in", "words", "write_source",
]  # fmt: skip


class Column(NamedTuple):
    """Cells of one type.

    Attributes:
        array: the cells in Arrow.
        texts: the cells in CSV; a gap is empty.
        literals: the cells in JSON.
    """

    array: Any
    texts: tuple[str, ...]
    literals: tuple[str, ...]


def numbers(array: Any, *texts: str) -> Column:
    """Cells that JSON spells as CSV does."""
    return Column(array, texts, tuple(text or "null" for text in texts))


def words(array: Any, *texts: str) -> Column:
    """Cells that are texts in JSON."""
    return Column(array, texts, tuple(json.dumps(text, ensure_ascii=False) if text else "null" for text in texts))


def moments(unit: str, zone: str | None = None) -> Any:
    """Moments in time as Arrow stores them, the first one with the digits of the unit; the last cell is a gap."""
    places = {"s": 0, "ms": 3, "us": 6, "ns": 9}[unit]
    first = 1706696430 * 10**places + 123456789 // 10 ** (9 - places)
    return arrow.array([first, -(10**places), 0, None], arrow.timestamp(unit, zone))


def durations(unit: str) -> Any:
    return arrow.array([93784005, -1, 0, None], arrow.duration(unit))


def categories(values: Any, index: Any) -> Any:
    return arrow.DictionaryArray.from_arrays(arrow.array([1, 0, 1, None], index), values)


TEXT_CELLS = ('a "b", c\n d\te', "é ☃ 𝔘 \u2028", " ;blanks| ", "")
DATES = [datetime.date(2024, 1, 31), datetime.date(1, 1, 1), datetime.date(9999, 12, 31), None]
DECIMALS = [Decimal("12345678901234567890.50"), Decimal("-0.01"), Decimal("0.00"), None]
#: The name of a type -> four cells, of which the last is a gap.
COLUMNS: dict[str, Column] = {
    "truth": numbers(arrow.array([True, False, True, None]), "true", "false", "true", ""),
    "small whole": numbers(arrow.array([-128, 127, 0, None], arrow.int8()), "-128", "127", "0", ""),
    "whole": numbers(arrow.array([-(2**63), 2**63 - 1, 2**53 + 1, None]),
                     "-9223372036854775808", "9223372036854775807", "9007199254740993", ""),
    "unsigned": numbers(arrow.array([2**64 - 1, 2**63, 3, None], arrow.uint64()),
                        "18446744073709551615", "9223372036854775808", "3", ""),
    "double": numbers(arrow.array([0.1, 1e300, -0.0, None]), "0.1", "1e+300", "-0.0", ""),
    "single": numbers(arrow.array([0.1, 1e30, -2.0, None], arrow.float32()), "0.1", "1e+30", "-2.0", ""),
    "date": words(arrow.array(DATES), "2024-01-31", "0001-01-01", "9999-12-31", ""),
    "date of 64 bits": words(arrow.array(DATES, arrow.date64()), "2024-01-31", "0001-01-01", "9999-12-31", ""),
    "milliseconds": words(moments("ms"), "2024-01-31 10:20:30.123", "1969-12-31 23:59:59.000",
                          "1970-01-01 00:00:00.000", ""),
    "microseconds": words(moments("us"), "2024-01-31 10:20:30.123456", "1969-12-31 23:59:59.000000",
                          "1970-01-01 00:00:00.000000", ""),
    "nanoseconds": words(moments("ns"), "2024-01-31 10:20:30.123456789", "1969-12-31 23:59:59.000000000",
                         "1970-01-01 00:00:00.000000000", ""),
    "UTC": words(moments("ms", "UTC"), "2024-01-31 10:20:30.123Z", "1969-12-31 23:59:59.000Z",
                 "1970-01-01 00:00:00.000Z", ""),
    "a zone by its offset": words(moments("us", "+02:00"), "2024-01-31 12:20:30.123456+0200",
                                  "1970-01-01 01:59:59.000000+0200", "1970-01-01 02:00:00.000000+0200", ""),
    "time of day": words(arrow.array([1, 86399999, 0, None], arrow.time32("ms")), "00:00:00.001", "23:59:59.999",
                         "00:00:00.000", ""),
    "duration in s": words(durations("s"), "PT93784005S", "-PT1S", "PT0S", ""),
    "duration in ms": words(durations("ms"), "PT93784.005S", "-PT0.001S", "PT0S", ""),
    "duration in us": words(durations("us"), "PT93.784005S", "-PT0.000001S", "PT0S", ""),
    "duration in ns": words(durations("ns"), "PT0.093784005S", "-PT0.000000001S", "PT0S", ""),
    "decimal": numbers(arrow.array(DECIMALS, arrow.decimal128(38, 2)), "12345678901234567890.50", "-0.01", "0.00", ""),
    "short decimal": numbers(arrow.array([Decimal("1.50"), Decimal("2.25"), Decimal("-1.00"), None]),
                             "1.50", "2.25", "-1.00", ""),
    "category": words(categories(arrow.array(["red", "blue"]), arrow.int8()), "blue", "red", "blue", ""),
    "category of Polars": words(categories(arrow.array(["red", "blue"], arrow.large_string()), arrow.uint32()),
                                "blue", "red", "blue", ""),
    "category of numbers": numbers(categories(arrow.array([2**62 + 1, 7]), arrow.int32()),
                                   "7", "4611686018427387905", "7", ""),
    "text": words(arrow.array([*TEXT_CELLS[:3], None]), *TEXT_CELLS),
    "long text": words(arrow.array([*TEXT_CELLS[:3], None], arrow.large_string()), *TEXT_CELLS),
    "codes": words(arrow.array(["007", "+49", "0", None]), "007", "+49", "0", ""),
    "gaps": Column(arrow.nulls(4), ("",) * 4, ("null",) * 4),
}  # fmt: skip
#: The formats that hold texts, each by the end of the name of its files; and those that hold types.
TEXTS = (".csv", ".tsv", ".jsonl", ".json", ".csv.gz", ".csv.bz2", ".csv.zst", ".jsonl.gz", ".jsonl.bz2", ".jsonl.zst")
TYPED = (".parquet", ".arrow", ".feather", ".arrows", ".arrows.zst")
SOURCES = (*TEXTS, *TYPED)


def zstandard(content: bytes) -> bytes:
    """Compress with Zstandard as a stream, as the program zstd does."""
    held = arrow.BufferOutputStream()
    with arrow.CompressedOutputStream(held, "zstd") as stream:
        stream.write(content)
    return bytes(held.getvalue().to_pybytes())


COMPRESSED: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zstandard}


def write_source(folder: Path, suffix: str, columns: dict[str, Column], *, header: bool = True) -> Path:
    """Write columns into a file as other programs do, and return its path."""
    path = folder / f"t{suffix}"
    compress = COMPRESSED.get(path.suffix, bytes)
    form = suffix.removesuffix(path.suffix) if path.suffix in COMPRESSED else suffix
    path.write_bytes(compress(contents(form, columns, header=header)))
    return path


def contents(form: str, columns: dict[str, Column], *, header: bool) -> bytes:
    """Return columns as the bytes of a file, before it is compressed."""
    if form in {".csv", ".tsv"}:
        held = io.StringIO()
        writer = csv.writer(held, delimiter="\t" if form == ".tsv" else ",", lineterminator="\n")
        rows = list(zip(*(column.texts for column in columns.values()), strict=True))
        writer.writerows([[*columns], *rows] if header else rows)
        return held.getvalue().encode()
    if form in {".jsonl", ".json"}:
        cells: Sequence[Sequence[str]] = list(zip(*(column.literals for column in columns.values()), strict=True))
        keys = [json.dumps(name) for name in columns]
        lines = [f"{{{', '.join(map(': '.join, zip(keys, row, strict=True)))}}}" for row in cells]
        return ("\n".join(lines) if form == ".jsonl" else f"[\n{','.join(lines)}\n]").encode()
    from pyarrow import feather, parquet

    table = arrow.table({name: column.array for name, column in columns.items()})
    stream = io.BytesIO()
    if form == ".parquet":
        parquet.write_table(table, stream)
    elif form == ".feather":
        feather.write_feather(table, stream)
    else:
        opened = arrow.ipc.new_stream if form == ".arrows" else arrow.ipc.new_file
        with opened(stream, table.schema) as writer_of_arrow:
            writer_of_arrow.write_table(table)
    return stream.getvalue()


def read_columnar(path: Path) -> Any:
    """Return a table of Parquet or Arrow as pyarrow reads it."""
    from pyarrow import parquet

    if path.suffix == ".parquet":
        return parquet.read_table(path)
    if path.suffix == ".arrows":
        return arrow.ipc.open_stream(path).read_all()
    return arrow.ipc.open_file(path).read_all()


def repeated(column: Column, times: int) -> Column:
    """Return a column without its gap, several times one below the other."""
    array = arrow.concat_arrays([column.array[:3]] * times)
    return Column(array, column.texts[:3] * times, column.literals[:3] * times)


def texts_in(path: Path) -> str:
    """Return the text of a file, decompressed by other means than gradcli's."""
    content = path.read_bytes()
    if path.suffix == ".zst":
        return str(arrow.CompressedInputStream(arrow.BufferReader(content), "zstd").read().decode())
    return {".gz": gzip.decompress, ".bz2": bz2.decompress}.get(path.suffix, bytes)(content).decode()
