"""Tables that are arrays of NumPy's or images of MNIST's, sound and damaged."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.errors import UnavailableError
from gradcli.tables.array_tables import npy_array
from gradcli.tables.formats import read_table
from gradcli.tables.table_bytes import Bytes
from gradcli.train.data.loading import load_data
from gradcli.train.data.selection import table_data
from tests.support.array_files import idx, write

INPUTS = "`t.npz`: inputs are numbers of shape (rows, columns) or images"


class TestArrays:
    X = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)

    def test_inputs_targets_and_names_are_read(self, tmp_path: Path) -> None:
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
        from gradcli.train.model.features import featured

        np.savez(tmp_path / "t.npz", X=20 * self.X, y=[0, 1, 2])
        data = load_data(str(tmp_path / "t.npz"))
        model = describe(data, features=("pixel_0_0*pixel_1_1", "-pixel_0_1"))
        values = data.inputs.astype(float)
        assert data.inputs.dtype == np.uint8
        seen = featured(model.columns, model.features, data.inputs)
        assert seen.tolist() == [[row[0] * row[3], -row[1]] for row in values.tolist()]

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
                "`t.npz`, array `X` holds values of type object; a table takes numbers and texts",
            ),
            (
                {"X": np.ones((1, 2), dtype=complex)},
                "`t.npz`, array `X` holds values of type complex128; a table takes numbers and texts",
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
        with pytest.raises(UnavailableError, match=r"is not an array of NumPy|is cut off|holds values of type"):
            read_table(str(tmp_path / name))

    @pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + b"\0" * 60])
    def test_an_archive_that_is_none_is_one_sentence(self, content: bytes, tmp_path: Path) -> None:
        with pytest.raises(UnavailableError, match="is cut off, or of another format than its name says"):
            read_table(write(tmp_path / "t.npz", content))


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
            (b"", "is not an IDX file"),
            (b"GIF89a", "is not an IDX file"),
            (b"\0\0\x08\x03\0\0", "is cut off"),
            (b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0", "does not hold unsigned bytes"),
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


@pytest.mark.parametrize("shape", [(7,), (4, 3), (2, 3, 4), (2, 3, 4, 5), (0, 3), (1, 7)])
@pytest.mark.parametrize("kind", ["f8", ">f4", "u1", "U3"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_is_held_row_by_row_however_it_is_stored(
    shape: tuple[int, ...], kind: str, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradcli.tables.array_tables.CHUNK", 5)
    values, file = (100 * np.random.RandomState(0).random_sample(shape)).astype(kind), io.BytesIO()
    np.save(file, np.asarray(values, order=order))  # type: ignore[call-overload]
    found = npy_array(Bytes(io.BytesIO(file.getvalue()), "t.npy"))
    assert found.flags.c_contiguous
    assert found.dtype.isnative
    assert np.array_equal(found, values)


def test_the_matrix_of_an_archive_is_learnt_from_where_it_is(tmp_path: Path) -> None:
    values = np.random.RandomState(0).normal(size=(30, 4))
    np.savez(tmp_path / "t.npz", X=values, y=values[:, 0])
    table = read_table(str(tmp_path / "t.npz"))
    assert table.held is not None
    data = table_data(table)
    assert np.array_equal(data.inputs, values)
    assert np.shares_memory(data.inputs, table.held.numbers)
    some = table_data(table, columns=["x2", "x3"])
    assert np.array_equal(some.inputs, values[:, 1:3])
    assert np.shares_memory(some.inputs, table.held.numbers)
    other = table_data(table, columns=["x3", "x1"])
    assert np.array_equal(other.inputs, values[:, [2, 0]])
    assert not np.shares_memory(other.inputs, table.held.numbers)
