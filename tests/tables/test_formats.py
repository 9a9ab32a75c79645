"""Every format gives back what was written, in every other format that can hold it, and the same to all who read."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli import limits
from gradcli.errors import GradcliError, UnavailableError
from gradcli.tables import columnar, table_bytes
from gradcli.tables.cells import ArrowCells
from gradcli.tables.column_types import typed_blocks
from gradcli.tables.formats import FORMATS, format_of_file, format_of_table, open_reader, open_writer, read_table
from gradcli.tables.table import Table
from gradcli.tables.table_bytes import Bytes
from gradcli.train.data.loading import load_data
from tests.support.array_files import idx, write

arrow = pytest.importorskip("pyarrow")

WRITTEN = [name for name, one in FORMATS.items() if one.writer is not None]
TABLE = arrow.table(
    {
        "x": arrow.array([0.1, -2.0, 1e-300, None, 3.0]),
        "count": arrow.array([1, 2, 3, 4, None], arrow.int64()),
        "name": ["plain", 'quo"te', "com,ma", "two\nlines\tand é", ""],
        "flag": [True, False, True, True, False],
    }
)
ROWS = TABLE.to_pylist()


def blocks_of(table: Any, rows: int = 2) -> Iterator[Table]:
    """A table of Arrow in blocks."""
    columns = tuple(table.column_names)
    for batch in table.to_batches(max_chunksize=rows) or [arrow.RecordBatch.from_pylist([], table.schema)]:
        yield Table("t", columns, tuple(map(ArrowCells, batch.columns)))


def written(table: Any, format_name: str, path: Path, compression: str | None = None, rows: int = 2) -> Path:
    with path.open("wb") as sink, open_writer(sink, format_name, compression) as writer:
        for block in blocks_of(table, rows):
            writer.write(block)
        assert not sink.closed
    return path


def rows_of(source: Any, format_name: str | None = None, *, verbatim: bool = False) -> list[dict[str, Any]]:
    """The rows as dictionaries, of values with types or as they are spelt."""
    found = []
    with open_reader(source, format_name) as reader:
        blocks = reader.blocks(reader.names, patient=True)
        for block in blocks if verbatim else typed_blocks(blocks, (), is_json=False):
            columns = [cells.arrow().to_pylist() for cells in block.cells]
            found += [dict(zip(block.columns, row, strict=True)) for row in zip(*columns, strict=True)]
        assert reader.rows in (None, len(found))
    return found


@pytest.mark.parametrize("format_name", WRITTEN)
def test_a_table_comes_back_as_it_was(format_name: str, tmp_path: Path) -> None:
    path = written(TABLE, format_name, tmp_path / f"t{FORMATS[format_name].suffixes[0]}")
    assert rows_of(str(path)) == ROWS


@pytest.mark.parametrize("format_name", ["csv", "tsv", "jsonl", "arrow", "arrows"])
def test_a_table_comes_back_through_a_pipe(format_name: str, tmp_path: Path) -> None:
    content = written(TABLE, format_name, tmp_path / "t").read_bytes()

    class Pipe(io.RawIOBase):
        """Gives a few bytes at a time and can't go back."""

        def __init__(self) -> None:
            self.rest = content

        def read(self, count: int = -1) -> bytes:
            found, self.rest = self.rest[:7], self.rest[7:]
            return found

    assert rows_of(Bytes(Pipe(), "standard input"), format_name) == ROWS


def test_parquet_through_a_pipe_is_refused_with_a_way_out() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with pytest.raises(GradcliError) as caught:
        rows_of(Bytes(Pipe(b"PAR1"), "standard input"), "parquet")
    assert "this format needs a file" in caught.value.message
    assert "jsonl" in str(caught.value.hint)


MARKED = [
    ("csv", "x,y\n1,2\n3,4\n"),
    ("csv", "x,y\r\n1,2\r\n3,4\r\n"),
    ("csv", "x,y\r1,2\r3,4\r"),
    ("csv", "\n\nx,y\n\n1,2\n3,4"),
    ("tsv", "x\ty\n1\t2\n3\t4\n"),
    ("tsv", "x\ty\r\n1\t2\r\n3\t4\r\n"),
    ("jsonl", '{"x": 1, "y": 2}\n{"x": 3, "y": 4}\n'),
    ("jsonl", '{"x": 1, "y": 2}\r\n{"x": 3, "y": 4}\r\n'),
]


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["without a mark", "with a mark"])
@pytest.mark.parametrize(("format_name", "content"), MARKED)
def test_a_byte_order_mark_hides_no_row(mark: str, format_name: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes((mark + content).encode())
    expected = [{"x": 1, "y": 2}, {"x": 3, "y": 4}]
    for source in (str(path), Bytes(io.BytesIO(path.read_bytes()), "standard input")):
        assert rows_of(source, format_name) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 64])
def test_blocks_end_where_rows_end(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_bytes, "BLOCK", 40)
    cells = [
        "a",
        '5" disk',
        '"b"',
        "c,d",
        "e\nf",
        "g\r\nh",
        '"',
        '""',
        '","',
        'i"\n',
        'x","\n"y',
        "\r",
        ",,",
        '"\n"',
        "",
    ]
    table = [[first, second] for first in cells for second in cells]
    for line_end in ("\n", "\r\n", "\r"):
        held = io.StringIO(newline="")
        csv.writer(held, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([["name", "other"], *table])
        content = held.getvalue().replace('"5"" disk"', '5" disk').replace('"a"', "a").encode()

        class Pipe(io.BytesIO):
            def read(self, count: int | None = -1) -> bytes:
                return super().read(min(size, count or 0))

        found = rows_of(Bytes(Pipe(content), "standard input"), "csv", verbatim=True)
        assert [list(row.values()) for row in found] == table


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst"])
@pytest.mark.parametrize("format_name", ["csv", "jsonl", "arrows"])
def test_a_compressed_file_is_read_and_written(format_name: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"t{FORMATS[format_name].suffixes[0]}{suffix}"
    written(TABLE, format_name, path, suffix)
    assert rows_of(str(path)) == ROWS
    if suffix == ".gz":
        assert gzip.decompress(path.read_bytes())


@pytest.mark.parametrize("format_name", [name for name in WRITTEN if name != "jsonl"])  # whose lines name them
def test_a_table_without_rows_has_its_columns(format_name: str, tmp_path: Path) -> None:
    path = written(TABLE.slice(0, 0), format_name, tmp_path / f"t{FORMATS[format_name].suffixes[0]}")
    with open_reader(str(path), None) as reader:
        assert reader.names == tuple(TABLE.column_names)
        (block,) = reader.blocks(["x"])
        assert (block.columns, len(block)) == (("x",), 0)


@pytest.mark.parametrize("format_name", WRITTEN)
def test_only_the_columns_that_are_asked_for_are_given(format_name: str, tmp_path: Path) -> None:
    path = written(TABLE, format_name, tmp_path / f"t{FORMATS[format_name].suffixes[0]}")
    with open_reader(str(path), None) as reader:
        blocks = list(reader.blocks(["count", "flag"]))
    assert {block.columns for block in blocks} == {("count", "flag")}
    found = [tuple(cells.text(row) for cells in block.cells) for block in blocks for row in range(len(block))]
    assert found == [("" if row["count"] is None else str(row["count"]), str(row["flag"]).lower()) for row in ROWS]


def test_a_huge_group_of_rows_is_cut_into_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyarrow import parquet

    monkeypatch.setattr(columnar, "ROWS", 2048)
    table = arrow.table({"x": list(range(10_000))})
    parquet.write_table(table, tmp_path / "t.parquet", row_group_size=10_000)
    written_at_once = tmp_path / "t.arrow"
    with arrow.OSFile(str(written_at_once), "wb") as sink, arrow.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    for path in (tmp_path / "t.parquet", written_at_once):
        with open_reader(str(path), None) as reader:
            blocks = list(reader.blocks(["x"]))
        assert max(map(len, blocks)) == 2048
        assert [value for block in blocks for value in block.cells[0].numbers.tolist()] == list(range(10_000))


def test_small_batches_become_large_groups_of_rows(tmp_path: Path) -> None:
    from pyarrow import parquet

    written(arrow.table({"x": [1.0] * 300_000}), "parquet", tmp_path / "t.parquet", rows=1000)
    metadata = parquet.read_metadata(tmp_path / "t.parquet")
    assert metadata.num_rows == 300_000
    assert metadata.num_row_groups == 3


def test_categories_are_read_as_their_values(tmp_path: Path) -> None:
    from pyarrow import parquet

    table = arrow.table({"kind": arrow.array(["a", "b", "a"]).dictionary_encode(), "x": [1, 2, 3]})
    parquet.write_table(table, tmp_path / "t.parquet")
    for path in (tmp_path / "t.parquet", written(table, "arrow", tmp_path / "t.arrow")):
        assert [row["kind"] for row in rows_of(str(path))] == ["a", "b", "a"]


TEXTS = [
    ("first line of numbers has no names", "1,2\n3,4\n", [{"x1": 1, "x2": 2}, {"x1": 3, "x2": 4}]),
    ("semicolons", "a;b\n1;2,5\n", [{"a": 1, "b": "2,5"}]),
    ("tabs", "a\tb\n1\t2\n", [{"a": 1, "b": 2}]),
    (
        "a mark at the beginning, blank lines, no end",
        "\ufeff\n\n a , b \n1,2\n\n3,4",
        [{"a": 1, "b": 2}, {"a": 3, "b": 4}],
    ),
    ("line ends of Windows", "a,b\r\n1,2\r\n", [{"a": 1, "b": 2}]),
    ("a line end in a cell", 'a,b\n1,"x\ny"\n2,z\n', [{"a": 1, "b": "x\ny"}, {"a": 2, "b": "z"}]),
    ("a header alone", "a,b\n", []),
    ("a header alone without an end", "a,b", []),
    ("a column of gaps", "a,b\n1,\n2,\n", [{"a": 1, "b": ""}, {"a": 2, "b": ""}]),
    ("odd names", '"a b","π","x,y"\n1,2,3\n', [{"a b": 1, "π": 2, "x,y": 3}]),
    ("dates", "d\n2024-01-02\n", [{"d": datetime.date(2024, 1, 2)}]),
]


@pytest.mark.parametrize(("content", "expected"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_text_in_columns_is_read_with(content: str, expected: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode())
    assert rows_of(str(path)) == expected
    assert [list(row) for row in rows_of(str(path), verbatim=True)] == [list(row) for row in expected]


def test_verbatim_cells_are_spelt_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n007,1.50\n 1 ,-\n")
    assert rows_of(str(path), verbatim=True) == [{"a": "007", "b": "1.50"}, {"a": " 1 ", "b": "-"}]


def test_a_float_is_not_taken_for_a_whole_number_by_who_reads_it(tmp_path: Path) -> None:
    table = arrow.table({"x": [2.0, -3.0, 1e22, 0.5, float("inf"), float("nan")]})
    assert written(table, "csv", tmp_path / "t").read_text() == "x\n2.0\n-3.0\n1e+22\n0.5\ninf\nnan\n"
    lines = written(table, "jsonl", tmp_path / "t").read_text().splitlines()
    assert lines == [f'{{"x": {value}}}' for value in ("2.0", "-3.0", "1e+22", "0.5", "null", "null")]


def test_every_line_of_json_is_strict_json(tmp_path: Path) -> None:
    table = arrow.table(
        {
            'ke"y': ['a"b', "\x01\u2028", None],
            "list": [[1, 2], None, []],
            "day": [datetime.date(2024, 1, 2), None, datetime.date(1, 1, 1)],
            "x": [float("-inf"), 0.25, None],
        }
    )
    *lines, end = written(table, "jsonl", tmp_path / "t").read_text().split("\n")
    assert end == ""
    assert [json.loads(line) for line in lines] == [
        {'ke"y': 'a"b', "list": [1, 2], "day": "2024-01-02", "x": None},
        {'ke"y': "\x01\u2028", "list": None, "day": None, "x": 0.25},
        {'ke"y': None, "list": [], "day": "0001-01-01", "x": None},
    ]


def test_numbers_have_all_their_digits_in_text(tmp_path: Path) -> None:
    import numpy as np

    values = np.random.default_rng(0).standard_normal(2000) * 10.0 ** np.arange(-300, 300, 0.3)
    table = arrow.table({"x": values})
    for format_name in ("csv", "jsonl"):
        path = written(table, format_name, tmp_path / f"t.{format_name}")
        with open_reader(str(path), None) as reader:
            found = [block.cells[0].numbers for block in reader.blocks(["x"])]
        assert np.concatenate(found).tobytes() == values.tobytes()


WRONG = [
    ("t.csv", b"", "is empty"),
    ("t.csv", b"\n\n", "is empty"),
    ("t.csv", b"a,b\n1,2\n\n3,4,5\n", "line 4: 3 cells, but the table has 2 columns"),
    ("t.csv", b"a,b\n1,2\n3\n", "line 3: 1 cell, but the table has 2 columns"),
    ("t.csv", b"a,b\n1,\xff\n", "is not UTF-8 text"),
    ("t.csv", b"\xff\xfea\x00\n", "is not utf-16-le text"),
    ("t.csv.gz", b"a,b\n1,2\n", "is cut off, or of another format than its name says"),
    ("t.jsonl", b"", "is empty"),
    ("t.jsonl", b'{"a": 1}\n{"a": \n', "line 2: not JSON"),
    ("t.jsonl", b"[1]\n", "line 1: not an object"),
    ("t.parquet", b"", "can't be read as Parquet"),
    ("t.parquet", b"PAR1 and nothing more", "can't be read as Parquet"),
    ("t.arrow", b"ARROW1\0\0 and nothing more", "can't be read as Arrow"),
    ("t.arrow", b"no arrow at all", "can't be read as Arrow"),
]


@pytest.mark.parametrize(("name", "content", "words"), WRONG, ids=lambda value: str(value)[:30])
def test_a_damaged_table_is_one_sentence(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(GradcliError) as caught:
        rows_of(str(path))
    assert words in caught.value.message
    assert caught.value.exit_code == 5


def test_a_key_that_comes_late_is_an_error_and_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_bytes, "BLOCK", 16)
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1}\n' * 5 + '{"a": 2, "late": 3}\n')
    with pytest.raises(GradcliError, match="late"):
        rows_of(str(path))


def test_a_damaged_page_of_parquet_is_one_sentence(tmp_path: Path) -> None:
    import numpy as np

    path = written(arrow.table({"x": np.random.default_rng(0).random(10_000)}), "parquet", tmp_path / "t.parquet")
    content = path.read_bytes()
    content = content[:3000] + content[-2000:]
    path.write_bytes(content)
    with pytest.raises(GradcliError, match="can't be read as Parquet"):
        rows_of(str(path))


def test_a_quotation_mark_that_nothing_closes_is_suspected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_bytes, "BLOCK", 64)
    monkeypatch.setattr(limits, "ROW_BYTES", 64)
    path = tmp_path / "t.csv"
    path.write_text('a,b\n1,"2\n' + "3,4\n" * 100)
    with pytest.raises(GradcliError, match="line 2: a row takes more than 64 bytes") as caught:
        rows_of(str(path), verbatim=True)
    assert "without a closing one" in str(caught.value.hint)


@pytest.mark.parametrize("format_name", ["csv", "jsonl"])
def test_bytes_have_no_text(format_name: str, tmp_path: Path) -> None:
    with pytest.raises(GradcliError, match="`x` is a column of the type binary"):
        written(arrow.table({"x": [b"\xff"]}), format_name, tmp_path / "t")
    assert (tmp_path / "t").read_bytes() == b""


def test_lists_have_no_cell_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(GradcliError, match="`x` is a column of the type list"):
        written(arrow.table({"x": [[1, 2]]}), "csv", tmp_path / "t")
    assert (tmp_path / "t").read_bytes() == b""


def test_the_name_of_a_file_says_its_format() -> None:
    names = {"a.csv": "csv", "b.TSV.gz": "tsv", "c.ndjson": "jsonl", "d.pq": "parquet", "e.feather": "arrow"}
    assert {name: format_of_table(name, "--to") for name in names} == names
    with pytest.raises(GradcliError) as caught:
        format_of_table("a.xlsx", "--to")
    assert ".parquet" in str(caught.value.hint)
    assert "--to csv|tsv|" in str(caught.value.hint)
    with pytest.raises(GradcliError, match="not compressed as a whole"):
        format_of_table("a.parquet.gz", "--to")


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.jsonl", "t.arrow", "t.arrows"])
def test_how_much_has_been_read_grows_to_all(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_bytes, "BLOCK", 1000)
    path = tmp_path / name
    table = arrow.table({"x": [0.25 * i for i in range(5000)]})
    with path.open("wb") as sink:
        format_name = format_of_table(name, "--to")
        with open_writer(sink, format_name, ".gz" if name.endswith("gz") else None) as writer:
            for block in blocks_of(table, 100):
                writer.write(block)
    with open_reader(str(path)) as reader:
        found = []
        for _ in reader.blocks(["x"]):
            fraction = reader.fraction()
            assert fraction is not None
            found.append(fraction)
    assert found == sorted(found)
    assert found[-1] > 0.95
    if name == "t.csv":
        assert len(found) > 20
        assert found[0] < 0.2


CELLS = [["1", "0.5", "red"], ["2", "", "blue"], ["3", "-7e3", "red"]]


def spelt(found: Table) -> list[list[str]]:
    return [[cells.text(row) for cells in found.cells] for row in range(len(found))]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("t.csv", "csv"), ("T.CSV", "csv"), ("t.csv.gz", "csv"), ("t.data", "csv"), ("t.unknown", "csv"), ("t", "csv"),
        ("t.tsv", "tsv"), ("t.tab", "tsv"), ("t.jsonl", "jsonl"), ("t.ndjson.gz", "jsonl"), ("t.parquet", "parquet"),
        ("t.npz", "npz"), ("t.npy", "npy"), ("train-images-idx3-ubyte", "idx"), ("t10k-images.idx3-ubyte", "idx"),
        ("emnist-letters-train-images-idx3-ubyte.gz", "idx"),
    ],
)  # fmt: skip
def test_the_name_of_a_file_tells_its_format(name: str, kind: str) -> None:
    assert (format_of_file(name) or "csv") == kind


class TestSameTable:
    """Every format gives the same table."""

    @staticmethod
    def check(found: Table, spelling: list[list[str]] = CELLS) -> None:
        assert found.columns == ("a", "b", "c")
        assert spelt(found) == spelling
        assert found.cells[1].gaps.tolist() == [False, True, False]
        assert found.cells[1].numbers[2] == -7000
        assert found.cells[2].is_text

    @pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.txt"])
    @pytest.mark.parametrize("mark", [",", ";", "\t"])
    def test_is_read_from_text_with_any_delimiter(self, name: str, mark: str, tmp_path: Path) -> None:
        text = "\n".join(mark.join(row) for row in [["a", "b", "c"], *CELLS])
        self.check(read_table(write(tmp_path / name, text)))

    @pytest.mark.parametrize("name", ["t.tsv", "t.tab.gz"])
    def test_is_read_from_tab_separated_values(self, name: str, tmp_path: Path) -> None:
        self.check(read_table(write(tmp_path / name, "\n".join("\t".join(row) for row in [["a", "b", "c"], *CELLS]))))

    LINES = '{"a": 1, "b": 0.5, "c": "red"}\n\n{"a": 2, "c": "blue", "b": null}\n{"a": 3, "b": -7e3, "c": "red"}\n'

    @pytest.mark.parametrize("name", ["t.jsonl", "t.ndjson", "t.jsonl.gz"])
    def test_is_read_from_json_lines(self, name: str, tmp_path: Path) -> None:
        found = read_table(write(tmp_path / name, self.LINES))
        self.check(found)
        assert found.wrong(1, 0, "no").message == f"`{name}`, line 3, column `a`: no"

    @pytest.mark.parametrize("text", [LINES, "a,b,c\n1,0.5,red\n2,,blue\n3,-7e3,red\n"])
    def test_is_read_from_standard_input(self, text: str) -> None:
        self.check(read_table(io.StringIO(text), "standard input"))

    def test_is_read_from_parquet(self, tmp_path: Path) -> None:
        path = write_parquet(tmp_path / "t.parquet", a=[1, 2, 3], b=[0.5, None, -7000.0], c=["red", "blue", "red"])
        self.check(read_table(path), [["1", "0.5", "red"], ["2", "", "blue"], ["3", "-7000.0", "red"]])

    def test_is_read_from_a_matrix_of_numpy(self, tmp_path: Path) -> None:
        np.save(tmp_path / "t.npy", np.array([[1.0, 0.5], [2.0, np.nan]]))
        found = read_table(str(tmp_path / "t.npy"))
        assert (found.columns, found.cells[1].gaps.tolist()) == (("x1", "x2"), [False, True])
        assert found.wrong(1, 1, "no").message == "`t.npy`, row 2, column `x2`: no"


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet", "t.npz", "t.npy", "x-idx3-ubyte"])
def test_a_missing_file_is_one_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as caught:
        read_table(str(tmp_path / name))
    assert "no such file" in caught.value.message


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    import pickle

    class Trap:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "sprung",))

    for name in ("t.npy", "t.npz", "t.csv", "t.parquet", "train-images-idx3-ubyte"):
        (tmp_path / name).write_bytes(pickle.dumps(Trap()))
        with pytest.raises(UnavailableError):
            load_data(str(tmp_path / name), target="y")
    trap = np.empty((1, 1), dtype=object)
    trap[0, 0] = Trap()
    np.savez(tmp_path / "o.npz", X=trap)
    with pytest.raises(UnavailableError):
        load_data(str(tmp_path / "o.npz"))
    assert not (tmp_path / "sprung").exists()


def write_parquet(path: Path, **columns: Any) -> str:
    from pyarrow import parquet

    parquet.write_table(arrow.table(columns), path)
    return str(path)


def sound_files(folder: Path) -> dict[str, str | None]:
    """One small file of every format, with the target to ask for."""
    lines = [f"{row / 2},{'ab'[row % 2]},{row}" for row in range(20)]
    write(folder / "t.csv", "\n".join(["x,c,y", *lines]))
    write(folder / "t.csv.gz", "\n".join(["x,c,y", *lines]))
    write(folder / "t.jsonl", "\n".join(f'{{"x": {row}, "c": "{"ab"[row % 2]}", "y": {row / 2}}}' for row in range(20)))
    write_parquet(folder / "t.parquet", x=list(range(20)), c=["a", "b"] * 10, y=[row / 2 for row in range(20)])
    np.savez_compressed(folder / "t.npz", X=np.arange(80).reshape(20, 4), y=np.arange(20) % 3)
    np.save(folder / "t.npy", np.arange(60.0).reshape(20, 3))
    write(folder / "t-images-idx3-ubyte", idx(np.arange(80).reshape(20, 2, 2)))
    return {
        "t.csv": "y", "t.csv.gz": "y", "t.jsonl": "y", "t.parquet": "y", "t.npz": None, "t.npy": "3",
        "t-images-idx3-ubyte": "1",
    }  # fmt: skip


def test_bytes_that_were_changed_are_read_or_refused_in_one_sentence(tmp_path: Path) -> None:
    generator = random.Random(0)
    messages = []
    for name, target in sound_files(tmp_path).items():
        assert len(load_data(str(tmp_path / name), target=target)) == 20
        sound = (tmp_path / name).read_bytes()
        for _ in range(60):
            content = bytearray(sound)
            for _ in range(generator.choice([1, 2, 9])):
                place = generator.randrange(len(content))
                if generator.random() < 0.6:
                    content[place] = generator.choice([0, 255, generator.randrange(256), *b'0,"\n{'])
                else:
                    del content[place : place + generator.choice([1, 2, 30, len(content)])]
                content = content or bytearray(b"\0")
            (tmp_path / name).write_bytes(content)
            try:
                load_data(str(tmp_path / name), target=target, missing=generator.choice([None, "mean", "drop"]))
            except GradcliError as error:
                messages.append(error.message)
    assert len(messages) > 200
    assert not any("\n" in message for message in messages)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no such device")
def test_a_device_that_never_ends_is_refused() -> None:
    with pytest.raises(UnavailableError, match="it is a device, not a file"):
        read_table("/dev/zero")


@pytest.mark.parametrize("path", ["/", "nul\0l.csv"])
def test_a_path_that_is_no_file_is_one_sentence(path: str) -> None:
    with pytest.raises(UnavailableError):
        read_table(path)
