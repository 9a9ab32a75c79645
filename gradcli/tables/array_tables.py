"""Tables from arrays: files of NumPy, and the images of MNIST.

Nothing in a file is executed (no pickle).  The sizes in the header of a file are compared with the size of the file
before memory is allocated.
"""

from __future__ import annotations

import io
import itertools
import math
import re
import struct
import tokenize
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from gradcli import limits
from gradcli.source import counted, shortened
from gradcli.tables.cells import FEW, Cells, Numbers, Texts, text_of
from gradcli.tables.reader import ROWS, Reader
from gradcli.tables.table import Held, Table, check_names, damaged
from gradcli.tables.table_bytes import Bytes, bytes_of, problems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["IDX", "ArrayReader", "idx_table", "npy_array", "npy_table", "npz_table"]


class ArrayReader(Reader):
    """The reader of a table that is loaded into memory as a whole.

    Args:
        source: the bytes of a file.
        load: the function that makes a table from the bytes.
    """

    def __init__(self, source: Bytes, load: Callable[[Bytes], Table]) -> None:
        super().__init__(source)
        with problems(self.name, path=source.path):
            self.table = load(source)
        self.names = check_names(self.table.columns, self.name)
        self.rows: int | None = len(self.table)

    def blocks(self, columns: Sequence[str] | None = None, *, patient: bool = False) -> Iterator[Table]:  # noqa: ARG002
        """See `Reader`; if all columns are read, all rows are one block."""
        if columns is None:
            yield self.table
            return
        names = self.chosen(columns)
        cells = tuple(map(self.table.column, names))
        table = replace(self.table, columns=names, cells=cells, test=None, held=None)
        for first in range(0, max(1, len(table)), ROWS):
            yield table.taken(slice(first, first + ROWS))


def npy_table(source: Bytes) -> Table:
    """Return a matrix of numbers as a table with the columns x1, x2, ..."""
    matrix = npy_array(source)
    if matrix.ndim not in {1, 2}:
        raise damaged(source.name, f" has the shape {matrix.shape}, but a table has rows and columns")
    return array_table(source.name, matrix.reshape(len(matrix), math.prod(matrix.shape[1:])), None)


def npy_array(source: Bytes) -> NDArray[Any]:
    """Return the array in a file of NumPy, of any shape.

    Raises:
        UnavailableError: the file holds no array, or an array of objects.
    """
    with problems(source.name, path=source.path):
        file = source.file("an array of NumPy")
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        return stored(file, size, source.name)


def npz_table(source: Bytes) -> Table:
    """Return named arrays as a table: `X` and `y`, or `x_train`, `y_train`, `x_test` and `y_test`.

    `columns` is optional.
    """
    import zipfile

    name = source.name
    with zipfile.ZipFile(source.file("an archive of NumPy")) as archive:
        arrays = {}
        for entry in archive.infolist():
            if entry.flag_bits & ENCRYPTED:
                raise damaged(name, " is encrypted")
            key = entry.filename.removesuffix(".npy")
            with archive.open(entry) as file:
                arrays[key] = stored(file, entry.file_size, name, f", array `{shortened(key)}`")
    found = {ROLES[key.lower()]: array for key, array in arrays.items() if key.lower() in ROLES}
    if "inputs" not in found:
        names = ", ".join(f"`{shortened(key)}`" for key in list(arrays)[:12])
        raise damaged(
            name, f" has no array `X`, but {names or 'nothing'}", "an archive holds X and y, or x_train and y_train"
        )
    columns = [str(column) for column in found["columns"].ravel()] if "columns" in found else None
    test = None
    if "test inputs" in found:
        test = array_table(f"{name}, test", found["test inputs"], found.get("test targets"), columns)
    return replace(array_table(name, found["inputs"], found.get("targets"), columns), test=test)


ENCRYPTED = 1

# The name of an array in an .npz file, in lower case -> the part of the table that it is.
ROLES = {
    **dict.fromkeys(("x", "inputs", "x_train"), "inputs"),
    **dict.fromkeys(("y", "targets", "y_train"), "targets"),
    "x_test": "test inputs",
    "y_test": "test targets",
    "columns": "columns",
}


# How many bytes of an array are read at once.
CHUNK = 1 << 20
#: A kind of NumPy -> the most bytes of a value; numbers with more bytes than a double aren't read, not even rounded.
LARGEST = {**dict.fromkeys("biuf", 8), **dict.fromkeys("US", limits.ROW_BYTES)}


def stored(file: IO[bytes], size: int, name: str, place: str = "") -> NDArray[Any]:
    """Return an array in NumPy's format, if its header fits the size of the file."""
    import numpy as np

    form = np.lib.format
    try:
        version = form.read_magic(file)
        reader = form.read_array_header_1_0 if version == (1, 0) else form.read_array_header_2_0
        shape, in_columns, kind = reader(file)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError, tokenize.TokenError):
        raise damaged(name, f"{place} is not an array of NumPy, or is cut off") from None
    if kind.hasobject or kind.names is not None or kind.kind not in "biufUS" or kind.itemsize > LARGEST[kind.kind]:
        reason = f"{place} holds values of type {kind}; a table takes numbers and texts"
        raise damaged(name, reason, "save numbers as float64 or int64, and dates in a table of text or Parquet")
    count = math.prod(shape)
    if len(shape) > limits.ARRAY_AXES or min(shape, default=0) < 0 or file.tell() + count * kind.itemsize != size:
        raise damaged(name, f"{place} is cut off, or has more bytes than its header says")
    try:
        values = np.empty(shape, kind)
    except ValueError:  # NumPy has no array of this size at all
        raise MemoryError from None
    if in_columns and count:
        # What is stored column by column is held row by row, as everything else is.
        part = np.empty(shape[0], kind)
        places = np.arange(count // max(1, shape[0])).reshape(shape[1:]).ravel("F")
        for column in places:
            fill(file, part, name, place)
            values.reshape(shape[0], -1)[:, column] = part
    else:
        fill(file, values, name, place)
    # Arrow and machine code take numbers in the order of bytes of this machine.
    return values.astype(kind.newbyteorder("="), copy=False)


def fill(file: IO[bytes], values: NDArray[Any], name: str, place: str) -> None:
    """Read the bytes of an array, some at a time, because the file of an archive would need as much memory again."""
    import numpy as np

    content = values.reshape(-1).view(np.uint8) if values.nbytes else np.empty(0, np.uint8)
    for start in range(0, len(content), CHUNK):
        part = content[start : start + CHUNK]
        read = file.read(len(part))
        if len(read) != len(part):
            raise damaged(name, f"{place} is cut off")
        part[:] = np.frombuffer(read, np.uint8)


def array_table(
    name: str,
    inputs: NDArray[Any],
    targets: NDArray[Any] | None,
    columns: Sequence[str] | None = None,
    target: str = "y",
) -> Table:
    """Return arrays as a table.

    Args:
        name: the name of the table in messages.
        inputs: shape (rows, columns), or images of shape (rows, height, width) or (rows, channels, height, width).
        targets: shape (rows,) or (rows, 1), numbers or texts.
        columns: the names of the inputs.
        target: the name of the target.
    """
    import numpy as np

    shape = inputs.shape
    if inputs.dtype.kind not in "biuf" or not 2 <= inputs.ndim <= 4 or inputs.size == 0:
        kind = f"{inputs.dtype} of shape {shape}"
        raise damaged(name, f": inputs are numbers of shape (rows, columns) or images, not {kind}")
    if inputs.ndim == 4 and shape[3] in {1, 3, 4} and shape[1] not in {1, 3, 4}:
        raise damaged(name, f": images have the shape (rows, channels, height, width), not {shape}")
    image = (1, *shape[1:]) if inputs.ndim == 3 else shape[1:] if inputs.ndim == 4 else None
    matrix = inputs.reshape(shape[0], -1)
    if matrix.dtype == bool:
        matrix = matrix.astype(np.uint8)
    if columns is None:
        columns = pixel_names(image) if image else [f"x{number}" for number in range(1, matrix.shape[1] + 1)]
    if len(columns) != matrix.shape[1]:
        raise damaged(name, f": {counted(len(columns), 'name')} for {counted(matrix.shape[1], 'column')}")
    cells: list[Cells] = list(map(Numbers, matrix.T))
    names = list(columns)
    if targets is not None:
        if targets.size != len(matrix) or targets.ndim > 2:
            raise damaged(name, f": targets of shape {targets.shape}, but {counted(len(matrix), 'row')}")
        names.append(target)
        cells.append(target_cells(targets.ravel()))
    target_name = None if targets is None else target
    held = Held(matrix, tuple(range(matrix.shape[1])))
    return Table(name, check_names(names, name), tuple(cells), target=target_name, image=image, held=held)


def target_cells(values: NDArray[Any]) -> Cells:
    """Return the cells of an array of targets; texts, or numbers with few different values, become words."""
    import numpy as np

    if values.dtype.kind not in "iuf":
        return Texts(list(map(text_of, values.tolist()))).settled
    numbers = Numbers(values)
    return numbers if np.isinf(values).any() or len(np.unique(values)) > FEW else numbers.words()


def pixel_names(image: tuple[int, ...]) -> list[str]:
    """Return the names of the pixels of an image (channels, height, width), in C order.

    >>> pixel_names((1, 1, 2)), pixel_names((2, 1, 1))
    (['pixel_0_0', 'pixel_0_1'], ['pixel_0_0_0', 'pixel_1_0_0'])
    """
    channels, height, width = image
    places = itertools.product(range(channels), range(height), range(width))
    return ["_".join(map(str, ("pixel", *(place if channels > 1 else place[1:])))) for place in places]


def idx_table(source: Bytes) -> Table:
    """Return the table in a folder in MNIST's format, or in a file of images with the labels next to it."""
    path = Path(source.path or source.name)
    if path.is_dir():
        path = images_in(path, source.name)
    table = labelled(path)
    if "train" in path.name:
        for word in ("t10k", "test"):
            other = path.with_name(path.name.replace("train", word))
            if other.is_file():
                table = replace(table, test=labelled(other))
    return table


IDX = r".*[.-]idx\d[.-]ubyte(\.gz)?"


def images_in(folder: Path, name: str) -> Path:
    """Return the file in a folder that holds the images to train on."""
    found = [path for path in sorted(folder.iterdir()) if re.fullmatch(IDX, path.name.lower())]
    images = [path for path in found if "images" in path.name]
    training = [path for path in images if "train" in path.name] or images
    if len({path.name.removesuffix(".gz") for path in training}) != 1:
        reason = "several files of images" if training else "no file of images such as train-images-idx3-ubyte"
        raise damaged(name, f" is a folder with {reason}", "name the file of the images" if training else None)
    return training[0]


def labelled(path: Path) -> Table:
    """Return images as a table, with their labels if there is a file of labels."""
    images = idx_array(path)
    if images.ndim != 3:
        raise damaged(path.name, f" holds an array of shape {images.shape}, not images (rows, height, width)")
    other = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    labels = idx_array(other) if other != path and other.is_file() else None
    return array_table(path.name, images, labels, target="label")


def idx_array(path: Path) -> NDArray[np.uint8]:
    """Return the array of bytes in an IDX file."""
    import numpy as np

    size = path.stat().st_size
    with bytes_of(str(path)) as stream, io.BufferedReader(stream) as file:
        start = file.read(4)
        if len(start) < 4 or start[:2] != b"\0\0":
            raise damaged(path.name, " is not an IDX file")
        if start[2] != BYTES:
            raise damaged(path.name, " does not hold unsigned bytes")
        dimensions = start[3]
        shape = struct.unpack(f">{dimensions}I", file.read(4 * dimensions))
        count = math.prod(shape)
        # One byte of a compressed file can't become more than 1032 bytes.
        most = 1032 * size if path.name.lower().endswith(".gz") else size - 4 - 4 * dimensions
        content = file.read(count + 1) if count <= most else b""
    if len(content) != count or count == 0:
        raise damaged(path.name, f" is cut off, or longer than its header says (shape {shape})")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


BYTES = 0x08
