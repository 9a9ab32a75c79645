"""The reader of JSON lines: each line is an object, whose keys are the columns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli import limits
from gradcli.source import shortened
from gradcli.tables import delimited, table_bytes
from gradcli.tables.cells import JsonCells, SpeltNumbers
from gradcli.tables.delimited import MARK, decoded, row_blocks
from gradcli.tables.reader import Reader
from gradcli.tables.table import Table, check_names, damaged
from gradcli.tables.table_bytes import Bytes, problems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["JsonReader"]

# Numbers become bytes: so they keep their digits, and differ from texts.
SPELT = json.JSONDecoder(parse_int=str.encode, parse_float=str.encode, parse_constant=str.encode)

NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
TEXT = r'"[^"\\\x00-\x1f]*"'
# A key, and its value that is a number or a text without escapes.
ENTRY = re.compile(rf"([{{,] *{TEXT} *: *)({NUMBER}|{TEXT})(?=[,}}])")


class JsonReader(Reader):
    """The reader of JSON lines; if an object lacks a key, the cell is a gap.

    Args:
        source: the bytes of a text in UTF-8.
    """

    def __init__(self, source: Bytes) -> None:
        super().__init__(source)
        with problems(self.name, path=source.path):
            head = source.head(lambda head: b"\n" in head.removeprefix(MARK).lstrip() or len(head) > limits.ROW_BYTES)
            if head.startswith(MARK):
                source.skip(len(MARK))
                head = source.looked_at
            end = head.rfind(b"\n") + 1
            objects, _ = self.objects(head if source.ended or not end else head[:end], 0)
        if not objects:
            raise damaged(self.name, " is empty")
        self.names = check_names(list(dict.fromkeys(key for one in objects for key in one)), self.name)

    def blocks(self, columns: Sequence[str] | None = None, *, patient: bool = False) -> Iterator[Table]:
        """See `Reader`; if only some columns are read, a key that no earlier line has is an error."""
        names = self.chosen(columns)
        import numpy as np

        known = set(self.names)
        if patient:
            self.source.head(lambda head: len(head) >= table_bytes.BLOCK)
        first = 0
        with problems(self.name, path=self.source.path):
            for block, line in row_blocks(self.source, None, 0):
                found = None if columns is None else by_arrow(block)
                if found is not None and known.issuperset(found):
                    count = block.count(b"\n")
                    ends: Callable[[], NDArray[np.int64]] = partial(np.arange, line + 1, line + count + 1)
                    cells = tuple(found.get(name) or JsonCells([None] * count) for name in names)
                    yield Table(self.name, names, cells, ends, first)
                    first += count
                    continue
                objects, lines = self.objects(block, line)
                late = dict.fromkeys(key for one in objects for key in one if key not in known)
                if late and columns is not None:
                    key = next(iter(late))
                    end = next(end for end, one in zip(lines.tolist(), objects, strict=True) if key in one)
                    reason = f", line {end}: the key `{shortened(key)}` is in no line before"
                    raise damaged(
                        self.name, reason, "the first lines have to name all columns of a table that is mapped"
                    )
                known |= set(late)
                names = (*names, *late)
                cells = tuple(JsonCells([one.get(name) for one in objects]) for name in names)
                yield Table(self.name, names, cells, lines.copy, first)
                first += len(objects)

    def objects(self, block: bytes, line: int) -> tuple[list[dict[str, Any]], NDArray[np.int64]]:
        """Return the objects of whole lines, and the number of the line of each object.

        Args:
            block: the bytes of the lines.
            line: the number of lines before them.

        Raises:
            UnavailableError: a line isn't an object.
        """
        import numpy as np

        text = decoded(block, self.name, line)
        lines = re.split(r"\r\n|\n|\r", text) if "\r" in text else text.split("\n")
        ends = np.array([number for number, text in enumerate(lines, line + 1) if text.strip()], dtype=np.int64)
        lines = [text for text in lines if text.strip()]
        # All lines are parsed at once if each has one opening and one closing brace, and so is one object.
        if not any(mark in block for mark in (b"[", b"{}")) and block.count(b"{") == block.count(b"}") == len(lines):
            try:
                found = SPELT.decode(f"[{','.join(lines)}]")
            except ValueError:
                found = []
            if len(found) == len(lines) and all(found) and all(text.lstrip()[0] == "{" for text in lines):
                return found, ends
        return [self.row(text, end) for text, end in zip(lines, ends.tolist(), strict=True)], ends

    def row(self, text: str, line: int) -> dict[str, Any]:
        """Return the object of one line; the numbers in lists and objects within it are numbers of Python."""
        place = f", line {line}: "
        try:
            found = SPELT.decode(text)
            if isinstance(found, dict) and any(isinstance(value, (list, dict)) for value in found.values()):
                whole = json.loads(text)
                found = {key: whole[key] if isinstance(one, (list, dict)) else one for key, one in found.items()}
        except json.JSONDecodeError as error:
            raise damaged(
                self.name, f"{place}not JSON ({error.msg.lower()}, character {error.pos + 1})", EXAMPLE
            ) from None
        except RecursionError:
            raise damaged(self.name, f"{place}nested too deeply") from None
        if not isinstance(found, dict) or not found:
            raise damaged(self.name, f"{place}not an object with columns as keys", EXAMPLE)
        return found


def by_arrow(block: bytes) -> Mapping[str, JsonCells] | None:
    """Return the cells of whole lines by their keys, read by pyarrow's reader of CSV: a cell begins with its key.

    None if pyarrow is not installed, the block is small, or a line differs from the first one in more than its numbers
    and its texts without commas and escapes.
    """
    first = block[: block.find(b"\n") + 1].decode(errors="replace")
    entries = ENTRY.findall(first)
    if len(block) < delimited.LARGE or ENTRY.sub("", first) != "}\n" or "\ufffd" in first:
        return None
    try:
        import pyarrow as arrow
        from pyarrow import compute
        from pyarrow import csv as text
    except ImportError:
        return None
    places = list(map(str, range(len(entries))))
    try:
        rows: Any = text.read_csv(
            arrow.BufferReader(block),
            read_options=text.ReadOptions(block_size=len(block) + 1, use_threads=False, column_names=places),
            parse_options=text.ParseOptions(quote_char=False),
            convert_options=text.ConvertOptions(column_types=dict.fromkeys(places, arrow.string()), null_values=[]),
        )
        names = list(SPELT.decode(first))
    except ValueError:  # also of Arrow
        return None
    if len(rows) != block.count(b"\n") or len(names) != len(entries):
        return None
    cells: list[JsonCells] = []
    for (key, cell), column in zip(entries, rows.columns, strict=True):
        array, is_last = column.combine_chunks(), len(cells) + 1 == len(entries)
        start = key.removeprefix(",")
        kind = TEXT if cell.startswith('"') else NUMBER
        fits = compute.match_substring_regex(array, f"^{re.escape(start)}{kind}{'}' * is_last}$")
        if not compute.all(fits).as_py():
            return None
        array = compute.binary_replace_slice(array, 0, len(start.encode()), "")
        array = compute.utf8_rtrim(array, "}") if is_last else array
        is_number = kind is NUMBER
        cells.append(SpeltNumbers(array) if is_number else JsonCells([one[1:-1] for one in array.to_pylist()]))
    return dict(zip(names, cells, strict=True))


EXAMPLE = 'a line is like {"x1": 0.5, "label": "a"}'
