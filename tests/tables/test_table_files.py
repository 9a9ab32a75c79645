"""Files as tables, sound and damaged."""

from __future__ import annotations

import csv
import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.errors import GradcliError, UnavailableError
from gradcli.tables.table import Table
from gradcli.tables.table_files import BATCH, BLOCK, FORMATS, format_for, read_blocks, read_table
from gradcli.train.data.loading import load_data
from gradcli.train.data.selection import table_data
from tests.support.steps import steps

ROWS = [["1", "0.5", "red"], ["2", "", "blue"], ["3", "-7e3", "red"]]


def rows_of(found: Table) -> list[list[str]]:
    return [[cells.text(row) for cells in found.cells] for row in range(len(found))]


def write(path: Path, content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return str(path)


def write_parquet(path: Path, **columns: Any) -> str:
    arrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(arrow.table(columns), path)
    return str(path)


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
    assert format_for(Path(name)) is FORMATS[kind]


class TestSameTable:
    """Every format gives the same table."""

    @staticmethod
    def check(found: Table, spelling: list[list[str]] = ROWS) -> None:
        assert found.columns == ("a", "b", "c")
        assert rows_of(found) == spelling
        assert found.cells[1].gaps.tolist() == [False, True, False]
        assert found.cells[1].numbers[2] == -7000
        assert found.cells[2].is_text

    @pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.txt"])
    @pytest.mark.parametrize("mark", [",", ";", "\t"])
    def test_text(self, name: str, mark: str, tmp_path: Path) -> None:
        text = "\n".join(mark.join(row) for row in [["a", "b", "c"], *ROWS])
        self.check(read_table(write(tmp_path / name, text)))

    @pytest.mark.parametrize("name", ["t.tsv", "t.tab.gz"])
    def test_tabs(self, name: str, tmp_path: Path) -> None:
        self.check(read_table(write(tmp_path / name, "\n".join("\t".join(row) for row in [["a", "b", "c"], *ROWS]))))

    LINES = '{"a": 1, "b": 0.5, "c": "red"}\n\n{"a": 2, "c": "blue", "b": null}\n{"a": 3, "b": -7e3, "c": "red"}\n'

    @pytest.mark.parametrize("name", ["t.jsonl", "t.ndjson", "t.jsonl.gz"])
    def test_json_lines(self, name: str, tmp_path: Path) -> None:
        found = read_table(write(tmp_path / name, self.LINES))
        self.check(found)
        assert found.place(1, 0) == f"`{name}`, row 2 (line 3), column `a`"

    @pytest.mark.parametrize("text", [LINES, "a,b,c\n1,0.5,red\n2,,blue\n3,-7e3,red\n"])
    def test_standard_input(self, text: str) -> None:
        self.check(read_table(io.StringIO(text), "standard input"))

    def test_parquet(self, tmp_path: Path) -> None:
        path = write_parquet(tmp_path / "t.parquet", a=[1, 2, 3], b=[0.5, None, -7000.0], c=["red", "blue", "red"])
        self.check(read_table(path), [["1", "0.5", "red"], ["2", "", "blue"], ["3", "-7000.0", "red"]])

    def test_a_matrix_of_numpy(self, tmp_path: Path) -> None:
        np.save(tmp_path / "t.npy", np.array([[1.0, 0.5], [2.0, np.nan]]))
        found = read_table(str(tmp_path / "t.npy"))
        assert (found.columns, found.cells[1].gaps.tolist()) == (("x1", "x2"), [False, True])
        assert found.place(1, 1) == "`t.npy`, row 2, column `x2`"


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=6).map(str.strip)


@given(
    st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1)),
    st.sampled_from([(",", "t.csv"), (";", "t.csv"), ("\t", "t.tsv")]),
)
@settings(max_examples=200, deadline=None)
def test_what_was_written_is_read(rows: list[list[str]], way: tuple[str, str]) -> None:
    delimiter, name = way
    columns = [f"c{number}" for number in range(len(rows[0]))]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([columns, *rows])
    rows = [row for row in rows if len(row) > 1 or row[0]]
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / name, text.getvalue())
        if not rows:
            with pytest.raises(UnavailableError, match="has a header but no rows"):
                read_table(path)
            return
        found = read_table(path)
    assert found.columns == tuple(columns)
    assert rows_of(found) == rows
    ends = [
        index + 2 + sum(cell.count("\n") for row in rows[: index + 1] for cell in row) for index in range(len(rows))
    ]
    assert found.lines is not None
    blank = any(len(row) == 1 for row in rows)
    assert blank or found.lines.tolist() == ends


class TestJson:
    def test_a_key_that_comes_late_or_not_is_a_gap(self) -> None:
        found = read_table(['{"a": 1}', '{"b": 2}'], "t.jsonl")
        assert (found.columns, rows_of(found)) == (("a", "b"), [["1", ""], ["", "2"]])

    def test_truth_values_are_words_and_the_spelling_of_numbers_stays(self) -> None:
        found = read_table(['{"a": true, "b": 1.0}', '{"a": false, "b": 1}'], "t.jsonl")
        assert rows_of(found) == [["true", "1.0"], ["false", "1"]]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('{"a": 1}\n{"a": 1', "`t.jsonl`, line 2: not JSON (expecting ',' delimiter, character 8)"),
            ('{"a": 1}\n[1]\n', "`t.jsonl`, line 2: not an object with columns as keys"),
            ('{"a": 1}\n{}\n', "`t.jsonl`, line 2: not an object with columns as keys"),
            ('{"a": 1}\n\n{"a": [1]}\n', "`t.jsonl`, line 3, column `a`: a list or an object, but a cell is one value"),
            ('{"a": {"b": 1}}\n', "`t.jsonl`, line 1, column `a`: a list or an object, but a cell is one value"),
            ('{"": 1}\n', "`t.jsonl`: column 1 has no name"),
            ("", "`t.jsonl` is empty"),
            ('{"a": ' + "[" * 100_000, "`t.jsonl`, line 1: nested too deeply"),
        ],
        ids=lambda value: value[:20],
    )
    def test_a_line_that_is_no_row_is_named(self, text: str, message: str, tmp_path: Path) -> None:
        with pytest.raises(UnavailableError) as caught:
            read_table(write(tmp_path / "t.jsonl", text))
        assert caught.value.message == message

    def test_a_cell_that_is_no_number_is_named(self) -> None:
        for value, reason in (("Infinity", "`Infinity` is not a finite number"), ("NaN", "the value is missing")):
            with pytest.raises(UnavailableError) as caught:
                table_data(read_table(['{"x": 1, "y": "a"}', f'{{"x": {value}, "y": "b"}}'], "t.jsonl"), "y")
            assert caught.value.message == f"`t.jsonl`, row 2 (line 2), column `x`: {reason}"


class TestParquet:
    def test_types_become_numbers_and_words(self, tmp_path: Path) -> None:
        import datetime
        import decimal

        found = read_table(
            write_parquet(
                tmp_path / "t.parquet",
                whole=[1, None],
                truth=[True, None],
                money=[decimal.Decimal("1.50"), decimal.Decimal("2.00")],
                day=[datetime.date(2020, 1, 2), None],
                nothing=[None, None],
                text=[" a ", None],
                few=pytest.importorskip("pyarrow").array(["x", "y"]).dictionary_encode(),
            )
        )
        assert rows_of(found) == [["1", "true", "1.50", "2020-01-02", "", "a", "x"], ["", "", "2.00", "", "", "", "y"]]

    def test_many_numbers_over_several_blocks(self, tmp_path: Path) -> None:
        values = np.random.RandomState(0).normal(size=2 * BATCH + 7)
        path = write_parquet(tmp_path / "t.parquet", x=values, k=np.arange(len(values)) % 3)
        found = read_table(path)
        assert np.array_equal(found.cells[0].numbers, values)
        assert np.array_equal(found.cells[1].numbers, np.arange(len(values)) % 3)
        assert [part.first for part in read_blocks(path)] == [0, BATCH, 2 * BATCH]

    def test_what_is_no_cell_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UnavailableError, match=r"column `x`: values of type list"):
            read_table(write_parquet(tmp_path / "t.parquet", x=[[1], [2]]))
        numbers = [0.1 * row for row in range(99)]
        table = read_table(write_parquet(tmp_path / "i.parquet", x=[*numbers, float("inf")], y=[1] * 100))
        with pytest.raises(UnavailableError) as caught:
            table_data(table, "y")
        assert caught.value.message == "`i.parquet`, row 100, column `x`: `inf` is not a finite number"

    @pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 100, b"no parquet at all"])
    def test_a_damaged_file_is_one_sentence(self, content: bytes, tmp_path: Path) -> None:
        pytest.importorskip("pyarrow")
        with pytest.raises(UnavailableError, match=r"`t.parquet` can't be read as Parquet"):
            read_table(write(tmp_path / "t.parquet", content))

    def test_without_pyarrow_one_sentence_names_the_extra(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
        with pytest.raises(UnavailableError) as caught:
            read_table(write(tmp_path / "t.parquet", b""))
        assert caught.value.hint == 'pip install "gradcli[data]"'


INPUTS = "`t.npz`: inputs are numbers of shape (rows, columns) or images"


class TestArrays:
    X = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)

    def test_inputs_and_targets(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "t.npz", X=np.array([[1.5, 2], [3, 4]]), y=np.array([7, 9]), columns=np.array(["a", "b"]))
        data = load_data(str(tmp_path / "t.npz"))
        assert (data.columns, data.target, data.labels, data.image) == (("a", "b"), "y", ("7", "9"), None)
        assert data.inputs.tolist() == [[1.5, 2], [3, 4]]

    @pytest.mark.parametrize(
        ("shape", "image"),
        [
            ((3, 4), None),
            ((3, 2, 2), (1, 2, 2)),
            ((3, 1, 2, 2), (1, 2, 2)),
            ((3, 4, 1, 1), (4, 1, 1)),
            ((3, 2, 1, 2), (2, 1, 2)),
        ],
    )
    def test_images_keep_their_shape_and_bytes(
        self, shape: tuple[int, ...], image: tuple[int, ...] | None, tmp_path: Path
    ) -> None:
        np.savez_compressed(tmp_path / "t.npz", inputs=self.X.reshape(shape), targets=np.array(["a", "b", "a"]))
        data = load_data(str(tmp_path / "t.npz"))
        kind = np.float64 if image is None else np.uint8
        assert (data.image, data.inputs.dtype, data.labels) == (image, kind, ("a", "b"))
        assert np.array_equal(data.inputs, self.X.reshape(3, 4))

    @pytest.mark.parametrize(
        ("targets", "labels", "values"),
        [
            (np.array([2, 0, 2], np.uint8), ("0", "2"), [1, 0, 1]),
            (np.array([0.5, 1.5, 2.5]), None, [0.5, 1.5, 2.5]),
            (np.array([[1.0], [2.0], [1.0]]), ("1.0", "2.0"), [0, 1, 0]),
            (np.array([True, False, True]), ("false", "true"), [1, 0, 1]),
            (np.array([b"no", b"yes", b"no"]), ("no", "yes"), [0, 1, 0]),
        ],
    )
    def test_targets_of_any_type_are_classes_or_numbers(
        self, targets: Any, labels: tuple[str, ...] | None, values: list[float], tmp_path: Path
    ) -> None:
        np.savez(tmp_path / "t.npz", X=self.X, y=targets)
        data = load_data(str(tmp_path / "t.npz"))
        assert (data.labels, data.targets.tolist()) == (labels, values)

    def test_a_target_that_is_missing_or_infinite_is_named(self, tmp_path: Path) -> None:
        cases = ((np.nan, 100, "the value is missing"), (np.inf, 3, "`inf` is not a finite number"))
        for value, different, reason in cases:
            targets = np.arange(100) % different / 7
            targets[70] = value
            np.savez(tmp_path / "t.npz", X=np.ones((100, 2)), y=targets)
            with pytest.raises(UnavailableError) as caught:
                load_data(str(tmp_path / "t.npz"))
            assert caught.value.message == f"`t.npz`, row 71, column `y`: {reason}"

    def test_keras_names_bring_rows_for_the_test(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "t.npz", x_train=self.X, y_train=[0, 1, 2], x_test=self.X[:2], y_test=[2, 0])
        data = load_data(str(tmp_path / "t.npz"))
        assert data.test is not None
        assert (len(data), len(data.test), data.test.targets.tolist()) == (3, 2, [2, 0])

    def test_a_picture_of_which_pixels_are_left_out_is_none(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "t.npz", X=self.X, y=[0, 1, 2])
        data = load_data(str(tmp_path / "t.npz"), drop=["pixel_0_0"])
        assert (data.image, data.inputs.dtype) == (None, np.float64)

    def test_a_feature_of_bytes_does_not_overflow(self, tmp_path: Path) -> None:
        from gradcli.train.model.design import describe

        np.savez(tmp_path / "t.npz", X=20 * self.X, y=[0, 1, 2])
        data = load_data(str(tmp_path / "t.npz"))
        model = describe(data, features=("pixel_0_0*pixel_1_1", "-pixel_0_1"))
        values = data.inputs.astype(float)
        assert data.inputs.dtype == np.uint8
        assert model.seen(data.inputs).tolist() == [[row[0] * row[3], -row[1]] for row in values.tolist()]

    def test_a_number_that_is_missing_is_named(self, tmp_path: Path) -> None:
        values = np.ones((5, 3))
        values[3, 1] = np.nan
        np.savez(tmp_path / "t.npz", X=values, y=np.arange(5) / 3)
        with pytest.raises(UnavailableError) as caught:
            load_data(str(tmp_path / "t.npz"))
        assert caught.value.message == "`t.npz`, row 4, column `x2`: the value is missing"

    @pytest.mark.parametrize(
        ("arrays", "message"),
        [
            ({"a": np.ones(3)}, "`t.npz` has no array `X`, but `a`"),
            ({"X": np.ones((3, 2)), "y": np.ones(2)}, "`t.npz`: targets of shape (2,), but 3 rows"),
            ({"X": np.ones((3, 2)), "y": np.ones((3, 2))}, "`t.npz`: targets of shape (3, 2), but 3 rows"),
            (
                {"X": np.ones((2, 5, 5, 3))},
                "`t.npz`: images have the shape (rows, channels, height, width), not (2, 5, 5, 3)",
            ),
            ({"X": np.ones(3)}, f"{INPUTS}, not float64 of shape (3,)"),
            ({"X": np.array([["a"]])}, f"{INPUTS}, not <U1 of shape (1, 1)"),
            ({"X": np.ones((0, 2))}, f"{INPUTS}, not float64 of shape (0, 2)"),
            ({"X": np.ones((1, 2)), "columns": np.array(["a"])}, "`t.npz`: 1 name for 2 columns"),
            ({"X": np.ones((1, 2)), "columns": np.array(["a", "a"])}, "`t.npz`: two columns are called `a`"),
            (
                {"X": np.array([[1, "a"]], dtype=object)},
                "`t.npz`, array `X` holds values of type object, but a cell is a number or a text",
            ),
            (
                {"X": np.ones((1, 2), dtype=complex)},
                "`t.npz`, array `X` holds values of type complex128, but a cell is a number or a text",
            ),
        ],
    )  # fmt: skip
    def test_arrays_that_make_no_table_are_refused(self, arrays: dict[str, Any], message: str, tmp_path: Path) -> None:
        np.savez(tmp_path / "t.npz", **arrays)
        with pytest.raises(UnavailableError) as caught:
            read_table(str(tmp_path / "t.npz"))
        assert caught.value.message == message

    def header(self, shape: str, kind: str = "<f8") -> bytes:
        text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
        text += b" " * (-(len(text) + 11) % 64) + b"\n"
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x93NUM",
            b"\x93NUMPY\x01\x00\xff\xff",
            b"no array",
            pytest.param(lambda self: self.header("(1000000000000, 8)"), id="oversized"),
            pytest.param(lambda self: self.header("(2, 2)") + b"\0" * 31, id="cut off"),
            pytest.param(lambda self: self.header("(2, 2)") + b"\0" * 33, id="too long"),
            pytest.param(lambda self: self.header("(-2, -2)") + b"\0" * 32, id="negative"),
            pytest.param(lambda self: self.header("(2,)", "|O") + b"\0" * 16, id="objects"),
            pytest.param(lambda self: self.header("__import__('os')") + b"\0" * 16, id="code"),
        ],
    )
    @pytest.mark.parametrize("name", ["t.npy", "t.npz"])
    def test_a_hostile_array_is_refused_before_memory_is_taken(
        self, content: bytes | Callable[[Any], bytes], name: str, tmp_path: Path
    ) -> None:
        data = content if isinstance(content, bytes) else content(self)
        if name == "t.npz":
            with zipfile.ZipFile(tmp_path / name, "w") as archive:
                archive.writestr("X.npy", data)
        else:
            write(tmp_path / name, data)
        with pytest.raises(UnavailableError, match=r"is no array of NumPy|is cut off|holds values of type"):
            read_table(str(tmp_path / name))

    @pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + b"\0" * 60])
    def test_an_archive_that_is_none_is_one_sentence(self, content: bytes, tmp_path: Path) -> None:
        with pytest.raises(UnavailableError, match="is cut off, or of another format than its name says"):
            read_table(write(tmp_path / "t.npz", content))


def idx(array: np.ndarray[Any, Any]) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


class TestIdx:
    IMAGES = np.random.RandomState(0).randint(0, 256, size=(6, 4, 3))
    LABELS = np.array([0, 1, 2, 0, 1, 2])

    def fill(self, folder: Path, end: str = "") -> None:
        for part, count in (("train", 6), ("t10k", 3)):
            write(folder / f"{part}-images-idx3-ubyte{end}", idx(self.IMAGES[:count]))
            write(folder / f"{part}-labels-idx1-ubyte{end}", idx(self.LABELS[:count]))

    @pytest.mark.parametrize("end", ["", ".gz"])
    @pytest.mark.parametrize("word", ["", "train-images-idx3-ubyte"])
    def test_a_folder_or_the_images_give_rows_to_train_on_and_to_test_with(
        self, end: str, word: str, tmp_path: Path
    ) -> None:
        self.fill(tmp_path, end)
        data = load_data(str(tmp_path / (word + end if word else "")))
        assert (data.image, data.target, data.labels) == ((1, 4, 3), "label", ("0", "1", "2"))
        assert (data.inputs.dtype, data.columns[0], data.columns[-1]) == (np.uint8, "pixel_0_0", "pixel_3_2")
        assert np.array_equal(data.inputs, self.IMAGES.reshape(6, -1))
        assert np.array_equal(data.targets, self.LABELS)
        assert data.test is not None
        assert np.array_equal(data.test.inputs, self.IMAGES[:3].reshape(3, -1))

    def test_the_images_for_the_test_alone_are_a_table(self, tmp_path: Path) -> None:
        self.fill(tmp_path)
        found = read_table(str(tmp_path / "t10k-images-idx3-ubyte"))
        assert (len(found), found.test) == (3, None)

    def test_bytes_are_learnt_as_numbers_are(self, tmp_path: Path) -> None:
        from dataclasses import replace

        from gradcli.train.run import start

        self.fill(tmp_path)
        data, losses = load_data(str(tmp_path)), []
        for inputs in (data.inputs, data.inputs.astype(np.float64)):
            run = start(replace(data, inputs=inputs, image=None), hidden=(4,), epochs=3, split=0.0)
            for _ in run.events():
                pass
            losses.append(run.report()["loss"])
        assert losses[0] == losses[1] > 0

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "is no IDX file"),
            (b"GIF89a", "is no IDX file"),
            (b"\0\0\x08\x03\0\0", "is cut off"),
            (b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0", "holds no unsigned bytes"),
            (idx(np.zeros((2, 2, 2)))[:-1], "is cut off, or longer than its header says"),
            (idx(np.zeros((2, 2, 2))) + b"\0", "is cut off, or longer than its header says"),
            (b"\0\0\x08\x03" + b"\xff" * 12, "is cut off, or longer than its header says"),
            (idx(np.zeros((0, 2, 2))), "is cut off, or longer than its header says"),
            (idx(np.zeros(8)), "holds an array of shape"),
        ],
    )
    @pytest.mark.parametrize("end", ["", ".gz"])
    def test_a_damaged_file_is_refused_before_memory_is_taken(
        self, content: bytes, message: str, end: str, tmp_path: Path
    ) -> None:
        with pytest.raises(UnavailableError, match=message):
            read_table(write(tmp_path / f"train-images-idx3-ubyte{end}", content))

    def test_a_compressed_file_that_is_none_or_cut_off_is_one_sentence(self, tmp_path: Path) -> None:
        path = tmp_path / "train-images-idx3-ubyte.gz"
        for content in (b"no gzip", gzip.compress(idx(self.IMAGES))[:-12]):
            path.write_bytes(content)
            with pytest.raises(UnavailableError, match="is cut off"):
                read_table(str(path))

    def test_a_folder_of_something_else_is_one_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(UnavailableError, match="is a folder with no file of images such as"):
            read_table(str(tmp_path))
        for kind in ("letters", "digits"):
            write(tmp_path / f"emnist-{kind}-train-images-idx3-ubyte", idx(self.IMAGES))
        with pytest.raises(UnavailableError, match="is a folder with several files of images"):
            read_table(str(tmp_path))

    def test_labels_that_are_too_few_are_refused(self, tmp_path: Path) -> None:
        self.fill(tmp_path)
        write(tmp_path / "train-labels-idx1-ubyte", idx(self.LABELS[:5]))
        with pytest.raises(UnavailableError, match=r"targets of shape \(5,\), but 6 rows"):
            read_table(str(tmp_path))


class TestBlocks:
    TEXT = "x,y\n" + "".join(f"{number}.5,{'ab'[number % 2]}\n" for number in range(2 * BLOCK + 5))

    def test_a_long_text_comes_in_blocks_that_know_their_place(self) -> None:
        blocks = list(read_blocks(io.StringIO(self.TEXT), "t.csv"))
        assert [(len(one), one.first) for one in blocks] == [(BLOCK - 1, 0), (BLOCK, BLOCK - 1), (6, 2 * BLOCK - 1)]
        assert blocks[2].place(0, 1) == f"`t.csv`, row {2 * BLOCK} (line {2 * BLOCK + 1}), column `y`"

    def test_a_stream_is_read_no_further_than_asked(self) -> None:
        taken = []
        lines = (taken.append(line) or line for line in self.TEXT.splitlines(keepends=True))
        next(read_blocks(lines, "t.csv"))
        assert len(taken) < BLOCK + 10

    def test_the_place_of_a_late_misprint_is_right(self) -> None:
        lines = self.TEXT.splitlines(keepends=True)
        lines[10] = '"1\n",a\n'
        lines[20] = "\n"
        lines[BLOCK + 50] = "red,a\n"
        with pytest.raises(UnavailableError) as caught:
            table_data(read_table(io.StringIO("".join(lines)), "t.csv"), "y")
        assert caught.value.message == (
            f"`t.csv`, row {BLOCK + 49} (line {BLOCK + 52}), column `x`: `red` is not a finite number"
        )

    def test_a_late_ragged_row_is_named(self) -> None:
        lines = self.TEXT.splitlines(keepends=True)
        lines[BLOCK + 50] = "1,a,2\n"
        with pytest.raises(UnavailableError) as caught:
            read_table(io.StringIO("".join(lines)), "t.csv")
        assert caught.value.message == f"`t.csv`, line {BLOCK + 51}: 3 cells, but the table has 2 columns"


def test_a_long_table_is_read_by_columns_and_not_row_by_row(tmp_path: Path) -> None:
    values = np.random.RandomState(0).normal(size=(100_000, 5))
    path = tmp_path / "t.csv"
    path.write_text("a,b,c,d,y\n" + "\n".join(",".join(map(repr, row)) for row in values.tolist()))
    assert steps(lambda: load_data(str(path), target="y")) < len(values) / 2
    data = load_data(str(path), target="y")
    assert np.array_equal(data.inputs, values[:, :4])


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet", "t.npz", "t.npy", "x-idx3-ubyte"])
def test_a_missing_file_is_one_sentence(name: str, tmp_path: Path) -> None:
    if name == "t.parquet":
        pytest.importorskip("pyarrow")
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
    import random

    pytest.importorskip("pyarrow")
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


def text_table(text: str) -> Table:
    return read_table(io.StringIO(text), "t.csv")


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        pytest.param("a,b\n1,2\n", ("a", "b"), [["1", "2"]], id="commas"),
        pytest.param("a\tb\n1\t2\n", ("a", "b"), [["1", "2"]], id="tabs"),
        pytest.param("a;b\n1;2\n", ("a", "b"), [["1", "2"]], id="semicolons"),
        pytest.param("a,b\r\n1,2\r\n", ("a", "b"), [["1", "2"]], id="line ends of Windows"),
        pytest.param("\ufeffa,b\n1,2", ("a", "b"), [["1", "2"]], id="a byte order mark and no last line end"),
        pytest.param('a,"b, c"\n1,"2"\n', ("a", "b, c"), [["1", "2"]], id="quotes"),
        pytest.param(" a , b \n\n 1 , 2 \n\n", ("a", "b"), [["1", "2"]], id="blanks and blank lines"),
        pytest.param("1,2\n3,4\n", ("x1", "x2"), [["1", "2"], ["3", "4"]], id="no header"),
        pytest.param("größe,π\n1,2\n", ("größe", "π"), [["1", "2"]], id="names that are not ASCII"),
    ],
)
def test_a_table_is_read(text: str, columns: tuple[str, ...], rows: list[list[str]]) -> None:
    found = text_table(text)
    assert (found.columns, rows_of(found)) == (columns, rows)


def test_a_file_is_read_by_its_suffix(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes("\ufeffa\tb,c\n1\t2\n".encode())
    found = read_table(str(path))
    assert (found.name, found.columns) == ("t.tsv", ("a", "b,c"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "`t.csv` is empty"),
        ("a,b\n", "`t.csv` has a header but no rows"),
        ("a,b\n1,2\n3\n", "`t.csv`, line 3: 1 cell, but the table has 2 columns"),
        ("a,b\n1,2,3\n", "`t.csv`, line 2: 3 cells, but the table has 2 columns"),
        ("a,a\n1,2\n", "`t.csv`: two columns are called `a`"),
        ("a,\n1,2\n", "`t.csv`: column 2 has no name"),
        ('a,b\n"1,2\n', "`t.csv`, line 2: unexpected end of data"),
    ],
)
def test_a_damaged_table_is_refused(text: str, message: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        text_table(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (b"a,b\n\xff\xfe,2\n", "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "t.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnavailableError) as caught:
        read_table(str(path))
    assert message in caught.value.message


@pytest.mark.parametrize("path", ["/", "nul\0l.csv"])
def test_a_path_that_is_no_file_is_one_sentence(path: str) -> None:
    with pytest.raises(UnavailableError):
        read_table(path)


def test_a_long_field_is_refused_and_not_a_crash() -> None:
    with pytest.raises(GradcliError) as caught:
        text_table("a,b\n1," + "x" * 200_000 + "\n")
    assert "field larger than field limit" in caught.value.message
