"""Files as tables: one entry of `FORMATS` is one format, found by the name of the file.

Every reader gives a table in blocks of rows, so that a long file is never held as text, and `read_blocks` can follow a
stream.  Nothing in a file is executed (no pickle), and sizes that a file states are held against the size of the file
before anything is allocated.
"""

from __future__ import annotations

import csv
import errno
import gzip
import itertools
import json
import math
import operator
import re
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, SupportsIndex

from gradcli.errors import UnavailableError, missing_extra, unreadable
from gradcli.source import counted, shortened
from gradcli.tables.columns import FEW, NUMBER, Cells, Numbers, Words, cells_of
from gradcli.tables.table import Table, join

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FORMATS", "Format", "format_for", "read_blocks", "read_table"]

# Rows of text at a time: so few that their cells stay in the cache; and rows of Parquet, which are arrays at once.
BLOCK = 2_000
BATCH = 50_000
SUFFIX_OF_COMPRESSION = ".gz"


@dataclass(frozen=True)
class Format:
    """A format of tables.

    Args:
        pattern: a regular expression that the whole name of a file matches, in lower case.
        blocks: reads a file, given its path and what messages call it.
    """

    pattern: str
    blocks: Callable[[Path, str], Iterator[Table]]


def read_table(source: str | Iterable[str], name: str | None = None) -> Table:
    """A whole table; see `read_blocks`.

    >>> read_table(["a;b", "1;2"], "t.csv").columns
    ('a', 'b')
    """
    return join(list(read_blocks(source, name)))


def read_blocks(source: str | Iterable[str], name: str | None = None, rows: SupportsIndex = BLOCK) -> Iterator[Table]:
    """A table in blocks of rows.

    Args:
        source: a path, or the lines of an open text stream: JSON lines if the first begins with a brace, else text
            whose first line tells tabs, semicolons and commas apart.
        name: what error messages call the table; by default the name of the file.
        rows: of one block of a stream, at most; asked when a block begins.

    Raises:
        UnavailableError: the file is missing, unreadable, of another format than its name says, empty or ragged; or a
            package that reads it is not installed.
    """
    if isinstance(source, str):
        path = Path(source)
        yield from format_for(path).blocks(path, name or path.name)
        return
    name = name or "table"
    with problems(name, name):
        yield from any_text(source, name, rows)


def format_for(path: Path) -> Format:
    """The format of a file by its name, or of a folder; text in columns if the name says nothing."""
    if path.is_dir():
        return FORMATS["idx"]
    name = path.name.lower()
    return next((one for one in FORMATS.values() if re.fullmatch(one.pattern, name)), FORMATS["csv"])


def damaged(name: str, reason: str, hint: str | None = None) -> UnavailableError:
    """The error for a file whose content is not what it should be."""
    return UnavailableError(f"`{name}`{reason}", kind="bad_table", hint=hint)


@contextmanager
def problems(name: str, path: str) -> Iterator[None]:
    """Whatever keeps a file from being read becomes one sentence."""
    try:
        yield
    except UnicodeDecodeError:
        raise damaged(name, " is not UTF-8 text", "save the table as CSV with UTF-8 encoding") from None
    except (gzip.BadGzipFile, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, struct.error):
        raise damaged(name, " is cut off, or of another format than its name says") from None
    except OSError as error:
        if error.errno in {None, errno.EINVAL}:  # a place before the beginning of the file
            raise damaged(name, " is cut off, or of another format than its name says") from None
        raise unreadable(path, error) from None
    except MemoryError:
        raise damaged(name, " does not fit into the memory") from None
    except ValueError as error:  # a path that holds a null character
        if "null" not in str(error):
            raise
        raise UnavailableError(f"can't read `{path}`: not a valid file name", kind="missing_file") from None


def opened(path: Path) -> IO[bytes]:
    """A file, decompressed if its name ends in ``.gz``.

    Raises:
        UnavailableError: it is a device such as /dev/zero, which may have no end.
    """
    if path.is_char_device() or path.is_block_device():
        raise UnavailableError(f"can't read `{path}`: it is a device, not a file", kind="unreadable_file")
    compressed = path.name.lower().endswith(SUFFIX_OF_COMPRESSION)
    return gzip.open(path) if compressed else path.open("rb")  # type: ignore[return-value]


@contextmanager
def lines_of(path: Path, name: str) -> Iterator[Iterator[str]]:
    """The lines of a text file, with any of the three line ends."""
    import io

    with problems(name, str(path)), opened(path) as file:
        yield iter(io.TextIOWrapper(file, encoding="utf-8-sig"))


# Text in columns, and JSON lines


def csv_file(path: Path, name: str) -> Iterator[Table]:
    """A text file whose first line tells tabs, semicolons and commas apart."""
    with lines_of(path, name) as lines:
        yield from any_text(lines, name)


def any_text(lines: Iterable[str], name: str, count: SupportsIndex = BLOCK) -> Iterator[Table]:
    """JSON lines if the first line that isn't blank begins with a brace, else text in columns."""
    ahead: list[str] = []
    lines = iter(lines)
    for line in lines:
        ahead.append(line if ahead else line.removeprefix("\ufeff"))
        if ahead[-1].strip():
            break
    blocks = json_blocks if ahead and ahead[-1].lstrip().startswith("{") else text_blocks
    yield from blocks(itertools.chain(ahead, lines), name, count=count)


def tsv_file(path: Path, name: str) -> Iterator[Table]:
    """A text file with tabs."""
    with lines_of(path, name) as lines:
        yield from text_blocks(lines, name, "\t")


def json_file(path: Path, name: str) -> Iterator[Table]:
    """A file with one JSON object in each line."""
    with lines_of(path, name) as lines:
        yield from json_blocks(lines, name)


def text_blocks(
    lines: Iterable[str], name: str, delimiter: str | None = None, count: SupportsIndex = BLOCK
) -> Iterator[Table]:
    """Text in columns.  The first row names the columns unless all its cells are numbers: then they are x1, x2, ..."""
    ahead = []
    lines = iter(lines)
    for line in lines:
        ahead.append(line)
        if line.strip("\r\n"):
            break
    if delimiter is None:
        first = ahead[-1] if ahead else ""
        delimiter = max(",;\t", key=lambda mark: (first.count(mark), mark == ","))
    columns: tuple[str, ...] = ()
    first_row = 0
    for rows, ends in rows_of_text(itertools.chain(ahead, lines), delimiter, name, count):
        if not columns:
            head = [cell.strip() for cell in rows[0]]
            if all(NUMBER.match(cell) for cell in head):
                columns = tuple(f"x{number}" for number in range(1, len(head) + 1))
            else:
                columns, rows, ends = tuple(head), rows[1:], ends[1:]
            check_columns(columns, name)
        if set(map(len, rows)) - {len(columns)}:
            cells, end = next((len(row), end) for row, end in zip(rows, ends, strict=True) if len(row) != len(columns))
            raise damaged(
                name,
                f", line {end}: {counted(cells, 'cell')}, but the table has {counted(len(columns), 'column')}",
            )
        if rows:
            yield block(name, columns, zip(*rows, strict=True), ends, first_row)
            first_row += len(rows)
    if not columns:
        raise damaged(name, " is empty")
    if not first_row:
        raise damaged(name, " has a header but no rows")


def rows_of_text(
    lines: Iterable[str], delimiter: str, name: str, count: SupportsIndex
) -> Iterator[tuple[list[list[str]], Sequence[int]]]:
    """Blocks of rows that aren't blank, with the line where each row ends."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    while True:
        before = reader.line_num
        try:
            rows = list(itertools.islice(reader, operator.index(count)))
        except csv.Error as error:
            hint = 'a quotation mark (") opens a cell that nothing closes' if "end of data" in str(error) else None
            raise damaged(name, f", line {reader.line_num}: {error}", hint) from None
        if not rows:
            return
        ends: Sequence[int] = range(before + 1, before + 1 + len(rows))
        if reader.line_num != before + len(rows):  # a cell has a line end in it
            heights = [1 + sum(cell.count("\n") for cell in row) for row in rows]
            ends = list(itertools.accumulate(heights, initial=before))[1:]
        if min(map(len, rows)) < 2:
            kept = [number for number, row in enumerate(rows) if len(row) > 1 or (row and row[0].strip())]
            rows, ends = [rows[number] for number in kept], [ends[number] for number in kept]
        if rows:
            yield rows, ends


def block(
    name: str, columns: tuple[str, ...], texts: Iterable[Sequence[str]], ends: Sequence[int], first: int
) -> Table:
    """Rows as a table."""
    import numpy as np

    cells = tuple(map(cells_of, texts))
    return Table(name, columns, cells, np.array(ends, dtype=np.int64), first)


def json_blocks(lines: Iterable[str], name: str, count: SupportsIndex = BLOCK) -> Iterator[Table]:
    """JSON lines; a key that an object lacks is a gap."""
    numbered = ((end, line) for end, line in enumerate(lines, 1) if line.strip())
    first_row = 0
    columns: tuple[str, ...] = ()
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    while True:
        objects: list[dict[str, Any]] = []
        ends: list[int] = []
        for end, line in itertools.islice(numbered, operator.index(count)):
            objects.append(json_object(decoder, line, f", line {end}", name))
            ends.append(end)
        if not objects:
            break
        columns = tuple(dict.fromkeys(itertools.chain(columns, *objects)))
        check_columns(columns, name)
        texts = []
        for column in columns:
            values = [one.get(column, "") for one in objects]
            if not all(type(value) is str for value in values):
                wrong = next(
                    (end for end, value in zip(ends, values, strict=True) if isinstance(value, (list, dict))), 0
                )
                if wrong:
                    raise damaged(
                        name,
                        f", line {wrong}, column `{shortened(column)}`: a list or an object, but a cell is one value",
                    )
                values = list(map(text_of, values))
            texts.append(values)
        yield block(name, columns, texts, ends, first_row)
        first_row += len(objects)
    if not first_row:
        raise damaged(name, " is empty")


def json_object(decoder: json.JSONDecoder, line: str, place: str, name: str) -> dict[str, Any]:
    """The object of one line."""
    try:
        found = decoder.decode(line)
    except json.JSONDecodeError as error:
        raise damaged(name, f"{place}: not JSON ({error.msg.lower()}, character {error.pos + 1})") from None
    except RecursionError:
        raise damaged(name, f"{place}: nested too deeply") from None
    if not isinstance(found, dict) or not found:
        raise damaged(name, f"{place}: not an object with columns as keys", 'a line is like {"x1": 0.5, "label": "a"}')
    return found


def check_columns(columns: Sequence[str], name: str) -> None:
    """Refuse names that can't tell columns apart."""
    seen: set[str] = set()
    for number, column in enumerate(columns, 1):
        if not column:
            raise damaged(name, f": column {number} has no name")
        if column in seen:
            raise damaged(name, f": two columns are called `{shortened(column)}`")
        seen.add(column)


# Parquet


def parquet_file(path: Path, name: str) -> Iterator[Table]:
    """A Parquet file; read by pyarrow."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise missing_extra("pyarrow", "data", "reading Parquet") from None
    count = 0
    with problems(name, str(path)), path.open("rb") as file:
        try:
            content = pyarrow.parquet.ParquetFile(file)
            columns = tuple(content.schema_arrow.names)
            check_columns(columns, name)
            for batch in content.iter_batches(batch_size=BATCH):
                cells = tuple(
                    arrow_cells(array, column, name) for array, column in zip(batch.columns, columns, strict=True)
                )
                yield Table(name, columns, cells, first=count)
                count += len(batch)
        except (pyarrow.ArrowException, OSError) as error:
            reason = next(iter(str(error).splitlines()), "damaged")[:120].rstrip(" .:")
            raise damaged(name, f" can't be read as Parquet: {reason}") from None
    if not count:
        raise damaged(name, " has a header but no rows")


def arrow_cells(array: Any, column: str, name: str) -> Cells:
    """The cells of a column of Arrow."""
    import pyarrow

    types, kind = pyarrow.types, array.type
    if types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        coded = array.dictionary_encode()
        if len(coded.dictionary) > FEW:
            return numbers_of(array.cast(pyarrow.float64(), safe=False).to_numpy(zero_copy_only=False))
        words = [str(value) for value in coded.dictionary.to_pylist()]
        return Words.of(coded.indices.fill_null(len(words)).to_numpy(), [*words, ""])
    if types.is_temporal(kind):
        array = array.cast(pyarrow.string())
    elif not (types.is_boolean(kind) or types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind)):
        raise damaged(name, f", column `{shortened(column)}`: values of type {kind}, but a cell is a number or a text")
    return cells_of([text_of(value) for value in array.to_pylist()])


# Arrays: NumPy's files and IDX


def npy_file(path: Path, name: str) -> Iterator[Table]:
    """A matrix of numbers; its columns are x1, x2, ..."""
    with problems(name, str(path)), path.open("rb") as file:
        matrix = stored(file, path.stat().st_size, name)
    if matrix.ndim > 2:
        raise damaged(name, f" has the shape {matrix.shape}, but a table has rows and columns")
    yield array_table(name, matrix.reshape(len(matrix), -1), None)


def npz_file(path: Path, name: str) -> Iterator[Table]:
    """Named arrays: `X` and `y`, or `x_train`, `y_train`, `x_test` and `y_test`; perhaps the names of the columns."""
    with problems(name, str(path)), zipfile.ZipFile(path) as archive:
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
        raise damaged(name, f" has no array `X`, but {names or 'nothing'}", "it holds X and y, or x_train and y_train")
    columns = [str(column) for column in found["columns"].ravel()] if "columns" in found else None
    test = None
    if "test inputs" in found:
        test = array_table(f"{name}, test", found["test inputs"], found.get("test targets"), columns)
    yield replace(array_table(name, found["inputs"], found.get("targets"), columns), test=test)


ENCRYPTED = 1

# What the arrays of an .npz file are, by their names in lower case.
ROLES = {
    "x": "inputs",
    "inputs": "inputs",
    "x_train": "inputs",
    "y": "targets",
    "targets": "targets",
    "y_train": "targets",
    "x_test": "test inputs",
    "y_test": "test targets",
    "columns": "columns",
}


def stored(file: IO[bytes], size: int, name: str, place: str = "") -> NDArray[Any]:
    """An array in NumPy's format, of which the header says no more than the file holds."""
    import numpy as np

    form = np.lib.format
    try:
        version = form.read_magic(file)
        reader = form.read_array_header_1_0 if version == (1, 0) else form.read_array_header_2_0
        shape, in_columns, kind = reader(file)
    except (ValueError, SyntaxError, TypeError, tokenize.TokenError):
        raise damaged(name, f"{place} is no array of NumPy, or is cut off") from None
    if kind.hasobject or kind.names is not None or kind.kind not in "biufUS":
        raise damaged(name, f"{place} holds values of type {kind}, but a cell is a number or a text")
    count = math.prod(shape)
    if min(shape, default=0) < 0 or file.tell() + count * kind.itemsize != size:
        raise damaged(name, f"{place} is cut off, or has bytes that belong to nothing")
    values = np.frombuffer(file.read(count * kind.itemsize), dtype=kind)
    if len(values) != count:
        raise damaged(name, f"{place} is cut off")
    return values.reshape(shape, order="F" if in_columns else "C")


def array_table(
    name: str,
    inputs: NDArray[Any],
    targets: NDArray[Any] | None,
    columns: Sequence[str] | None = None,
    target: str = "y",
) -> Table:
    """Arrays as a table.

    Args:
        inputs: shape (rows, columns), or images of shape (rows, height, width) or (rows, channels, height, width).
        targets: shape (rows,) or (rows, 1), numbers or texts.
        columns: names of the inputs.
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
    sound = matrix.dtype.kind != "f" or bool(np.isfinite(matrix).all())
    cells: list[Cells] = [Numbers(column) if sound else numbers_of(column) for column in matrix.T]
    names = list(columns)
    if targets is not None:
        if targets.size != len(matrix) or targets.ndim > 2:
            raise damaged(name, f": targets of shape {targets.shape}, but {counted(len(matrix), 'row')}")
        names.append(target)
        cells.append(target_cells(targets.ravel()))
    check_columns(names, name)
    return Table(name, tuple(names), tuple(cells), target=None if targets is None else target, image=image)


def target_cells(values: NDArray[Any]) -> Cells:
    """The cells of an array of targets: by their spelling if they are texts, or few different numbers."""
    import numpy as np

    if values.dtype.kind not in "iuf":
        return cells_of([text_of(value) for value in values.tolist()])
    numbers = numbers_of(values)
    return numbers if numbers.misprints or len(np.unique(values)) > FEW else numbers.words()


def pixel_names(image: tuple[int, ...]) -> list[str]:
    """The names of the pixels of an image (channels, height, width), in C order.

    >>> pixel_names((1, 1, 2)), pixel_names((2, 1, 1))
    (['pixel_0_0', 'pixel_0_1'], ['pixel_0_0_0', 'pixel_1_0_0'])
    """
    channels, height, width = image
    places = itertools.product(range(channels), range(height), range(width))
    return ["_".join(map(str, ("pixel", *(place if channels > 1 else place[1:])))) for place in places]


def numbers_of(values: NDArray[Any]) -> Numbers:
    """Numbers of which some may be infinite, which in a table is a misprint."""
    import numpy as np

    infinite = np.isinf(values)
    if not infinite.any():
        return Numbers(values)
    misprints = {row: repr(values[row].item()) for row in np.flatnonzero(infinite).tolist()}
    return Numbers(np.where(infinite, np.nan, values), misprints)


def text_of(value: Any) -> str:
    """A value of Python as a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return "" if value is None else str(value)


def idx_file(path: Path, name: str) -> Iterator[Table]:
    """MNIST's format: a folder, or the file of the images with that of the labels beside it."""
    with problems(name, str(path)):
        if path.is_dir():
            path = images_in(path, name)
        table = labelled(path)
        if "train" in path.name:
            for word in ("t10k", "test"):
                other = path.with_name(path.name.replace("train", word))
                if other.is_file():
                    table = replace(table, test=labelled(other))
        yield table


def images_in(folder: Path, name: str) -> Path:
    """The file of the images to train on."""
    found = [path for path in sorted(folder.iterdir()) if re.fullmatch(FORMATS["idx"].pattern, path.name.lower())]
    images = [path for path in found if "images" in path.name]
    training = [path for path in images if "train" in path.name] or images
    if len({path.name.removesuffix(SUFFIX_OF_COMPRESSION) for path in training}) != 1:
        reason = "several files of images" if training else "no file of images such as train-images-idx3-ubyte"
        raise damaged(name, f" is a folder with {reason}", "name the file of the images" if training else None)
    return training[0]


def labelled(path: Path) -> Table:
    """Images with their labels, if there are any."""
    images = idx_array(path)
    if images.ndim != 3:
        raise damaged(path.name, f" holds an array of shape {images.shape} and no images")
    beside = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    labels = idx_array(beside) if beside != path and beside.is_file() else None
    return array_table(path.name, images, labels, target="label")


def idx_array(path: Path) -> NDArray[np.uint8]:
    """The array of bytes in an IDX file."""
    import numpy as np

    size = path.stat().st_size
    with opened(path) as file:
        start = file.read(4)
        if len(start) < 4 or start[:2] != b"\0\0":
            raise damaged(path.name, " is no IDX file")
        if start[2] != BYTES:
            raise damaged(path.name, " holds no unsigned bytes")
        dimensions = start[3]
        shape = struct.unpack(f">{dimensions}I", file.read(4 * dimensions))
        count = math.prod(shape)
        # A byte of a compressed file makes at most 1032 bytes.
        most = 1032 * size if path.name.lower().endswith(SUFFIX_OF_COMPRESSION) else size - 4 - 4 * dimensions
        content = file.read(count + 1) if count <= most else b""
    if len(content) != count or count == 0:
        raise damaged(path.name, f" is cut off, or longer than its header says (shape {shape})")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


BYTES = 0x08

FORMATS: dict[str, Format] = {
    "csv": Format(r".*\.(csv|txt|data)(\.gz)?", csv_file),
    "tsv": Format(r".*\.(tsv|tab)(\.gz)?", tsv_file),
    "jsonl": Format(r".*\.(jsonl|ndjson)(\.gz)?", json_file),
    "parquet": Format(r".*\.(parquet|pq)", parquet_file),
    "npz": Format(r".*\.npz", npz_file),
    "npy": Format(r".*\.npy", npy_file),
    "idx": Format(r".*[.-]idx\d[.-]ubyte(\.gz)?", idx_file),
}
