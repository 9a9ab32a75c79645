"""The reader of JSON: either lines that are objects with the columns as keys, or one array of such objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.source import shortened
from gradcli.tables.cells import ArrowCells, JsonCells, Nested, SpeltNumbers, Texts, infinities_in, literal_of
from gradcli.tables.delimited import LINE, MARK, RowReader, arrow_for, end_of_rows, parsed_by_arrow
from gradcli.tables.table import Table, check_names, damaged
from gradcli.tables.table_bytes import Bytes, problems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ARRAY", "JsonReader"]

# Numbers become bytes: so they keep their digits, and differ from texts.
SPELT = json.JSONDecoder(parse_int=str.encode, parse_float=str.encode, parse_constant=str.encode)


def refused(constant: str) -> None:
    """Refuse a number that JSON lacks.

    Raises:
        ValueError: always.
    """
    raise ValueError(constant)


#: The decoder that reads only what JSON allows.
STRICT = json.JSONDecoder(parse_constant=refused)
#: The most openings of lists and objects in a line that pyarrow reads.
DEEPEST = 64
EMPTY = re.compile(rb"\{[ \t]*\}")
NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
TEXT = r'"[^"\\\x00-\x1f]*"'
# A key, and its value that is a number or a text without escapes.
ENTRY = re.compile(rf"([{{,] *{TEXT} *: *)({NUMBER}|{TEXT})(?=[,}}])")


class JsonReader(RowReader):
    """The reader of JSON lines; if an object lacks a key, the cell is a gap.

    Args:
        source: the bytes of a text in UTF-8.
    """

    def __init__(self, source: Bytes) -> None:
        super().__init__(source)
        with problems(self.name, path=source.path):
            if source.head(LINE.match).startswith(MARK):
                source.read(len(MARK))
            self.is_array = ARRAY.match(source.looked_at.lstrip()) is not None
            if self.is_array:
                source.replace_stream(partial(ArrayLines, name=self.name))
                source.head(LINE.match)
            head = source.looked_at
            end = len(head) if source.ended else end_of_rows(head, None)
            objects, _, _ = self.objects(head[: end or len(head)], 0)
        if not objects:
            raise damaged(self.name, " is empty")
        self.names = check_names(list(dict.fromkeys(key for one in objects for key in one)), self.name)
        self.is_carried = False

    def carry(self) -> bool:
        """See `Reader`; the objects of an array may be spread over several lines, so they are written anew."""
        self.is_carried = not self.is_array
        return self.is_carried

    def parsed(self, block: bytes, line: int, columns: Sequence[str] | None, first: int) -> Table:
        """See `RowReader`. If only some columns are read, a key that doesn't occur in an earlier line is an error."""
        import numpy as np

        names = self.chosen(columns)
        if self.is_carried and columns is not None:
            table = self.carried_by_arrow(block, line, columns, first)
            if table is not None:
                return table
        found = None if columns is None or self.is_carried else by_arrow(block)
        if found is not None and set(names) <= set(found) <= set(self.names):
            cells = tuple(found[name] for name in names)
            ends = None if self.is_array else partial(np.arange, line + 1, line + len(cells[0]) + 1)
            return Table(self.name, names, cells, ends, first)
        objects, lines, texts = self.objects(block, line)
        known = set(self.names)
        late = dict.fromkeys(key for one in objects for key in one if key not in known)
        if late and columns is not None:
            key = next(iter(late))
            end = next(end for end, one in zip(lines.tolist(), objects, strict=True) if key in one)
            reason = f", line {end}: the key `{shortened(key)}` does not occur in an earlier line"
            raise damaged(self.name, reason, "the first lines have to name all columns of a table that is mapped")
        self.names = (*self.names, *late)
        names = self.chosen(columns)
        values = tuple(JsonCells([one.get(name) for one in objects]) for name in names)
        table = Table(self.name, names, values, None if self.is_array else lines.copy, first)
        return replace(table, carried=Texts(list(map(opened, texts, objects)))) if self.is_carried else table

    def carried_by_arrow(self, block: bytes, line: int, columns: Sequence[str], first: int) -> Table | None:
        """Return whole lines as a table that carries their texts, read by pyarrow; see `parsed`.

        Each line must be an object with known keys, and with a number or null in each column.  If a line may be
        anything else, the block is small, or pyarrow is not installed, the result is None.  Then Python reads the
        block, and reports errors.
        """
        import numpy as np

        arrow = arrow_for(block)
        if arrow is None:
            return None
        if not block.isascii():
            self.decoded(block, line)
        block = block.replace(b"\r\n", b"\n")
        block += b"" if block.endswith(b"\n") else b"\n"
        if any(text in block for text in (b"\r", b"NaN", b"Infinity")) or EMPTY.search(block):
            return None
        content = np.frombuffer(block, np.uint8)
        ends = np.flatnonzero(content == ord("\n"))
        starts = np.concatenate(([0], ends[:-1] + 1))
        # A line that begins and ends with a brace is one object, or more than one, or not JSON.
        if not ((content[starts] == ord("{")).all() and (content[ends - 1] == ord("}")).all()):
            return None
        # Arrow makes a type for each level of nesting, so there must not be many.
        openings = (content == ord("{")) | (content == ord("["))
        if np.add.reduceat(openings, starts, dtype=np.int64).max() > DEEPEST:
            return None
        from pyarrow import json as lines

        names = self.chosen(columns)
        schema = arrow.schema([(name, arrow.float64()) for name in names])
        try:
            found = lines.read_json(
                arrow.BufferReader(block),
                read_options=lines.ReadOptions(use_threads=False, block_size=len(block) + 1),
                parse_options=lines.ParseOptions(explicit_schema=schema, unexpected_field_behavior="infer"),
            )
        except arrow.ArrowException:
            return None
        if len(found) != len(ends) or not set(found.column_names) <= set(self.names):
            return None
        cells = tuple(ArrowCells(found.column(name).combine_chunks()) for name in names)
        # Each line loses its brace and its line end.
        places = np.concatenate((starts, [len(block)])) - 2 * np.arange(len(starts) + 1)
        buffers = [None, *map(arrow.py_buffer, (places.astype(np.int32), block.replace(b"}\n", b"")))]
        carried = ArrowCells(arrow.Array.from_buffers(arrow.string(), len(ends), buffers), is_spelt=True)
        return Table(
            self.name, names, cells, partial(np.arange, line + 1, line + len(ends) + 1), first, carried=carried
        )

    def objects(self, block: bytes, line: int) -> tuple[list[dict[str, Any]], NDArray[np.int64], list[str]]:
        """Return the objects of whole lines, the number of the line of each object, and its text.

        Args:
            block: the bytes of the lines.
            line: the number of lines before them.

        Raises:
            UnavailableError: a line isn't an object.
        """
        import numpy as np

        text = self.decoded(block, line)
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
                return found, ends, lines
        return [self.row(text, end) for text, end in zip(lines, ends.tolist(), strict=True)], ends, lines

    def row(self, text: str, line: int) -> dict[str, Any]:
        """Return the object of one line; a list or an object within it becomes its text."""
        place = f", {'row' if self.is_array else 'line'} {line}: "
        try:
            found = SPELT.decode(text)
            if isinstance(found, dict):
                found = {key: nested(one) if isinstance(one, (list, dict)) else one for key, one in found.items()}
        except json.JSONDecodeError as error:
            raise damaged(
                self.name, f"{place}not JSON ({error.msg.lower()}, character {error.pos + 1})", EXAMPLE
            ) from None
        except RecursionError:
            raise damaged(self.name, f"{place}nested too deeply") from None
        if not isinstance(found, dict) or not found:
            raise damaged(self.name, f"{place}not an object with columns as keys", EXAMPLE)
        return found


#: The beginning of an array of objects.
ARRAY = re.compile(rb"\[\s*(\{|\Z)")


class ArrayLines:
    """A stream of JSON lines, made from a stream that holds one array of objects.

    Args:
        stream: the stream.
        name: the name of the table in messages.
    """

    def __init__(self, stream: Any, name: str) -> None:
        self.stream, self.name, self.close = stream, name, stream.close
        self.rest = b""
        self.depth = 0
        self.lines = b""
        self.ended = False

    def read(self, count: int) -> bytes:
        """Return the next bytes: one or more, unless this is the end."""
        while not self.lines and not self.ended:
            more = bytes(self.stream.read(count))
            self.ended = not more
            self.lines = b"".join(self.pieces(self.rest + more))
            if self.ended and (self.depth or self.rest):
                raise damaged(self.name, " ends within its array of JSON")
        found, self.lines = self.lines[:count], self.lines[count:]
        return found

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """Yield the bytes of lines; an incomplete object at the end is kept for the next call."""
        self.rest = b""
        for found in PIECES.finditer(content):
            piece = found[0]
            if piece.startswith(b'"') and found.end() == len(content) and not self.ended:
                self.rest = content[found.start() :]
                return
            self.depth += (piece in b"[{") - (piece in b"]}") if len(piece) == 1 else 0
            is_outside = self.depth == 1 and piece == b","
            is_bracket = (piece == b"[" and self.depth == 1) or (piece == b"]" and self.depth == 0)
            yield b"\n" if is_outside else b"" if is_bracket else b" " if piece in b"\r\n" else piece


# A text, a mark of structure, a line end, or other bytes.
PIECES = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{},\r\n]|[^"\[\]{},\r\n]+', re.DOTALL)


def nested(value: list[Any] | dict[str, Any]) -> Nested:
    """Return a list or an object as its text."""
    text = literal_of(value)
    return Nested(text, infinities_in(value) if "null" in text else 0)


def opened(text: str, found: Mapping[str, Any]) -> str | Mapping[str, Any]:
    """Return the text of an object without its closing brace; return its values instead if JSON lacks one of them.

    >>> opened(' {"a":1.50} ', {"a": b"1.50"}), opened('{"a":NaN}', {"a": b"NaN"})
    ('{"a":1.50', {'a': b'NaN'})
    """
    try:
        if "NaN" in text or "Infinity" in text:
            STRICT.decode(text)
    except ValueError:
        return found
    return text.strip()[:-1]


def by_arrow(block: bytes) -> Mapping[str, ArrowCells] | None:
    """Return the cells of whole lines by their keys. pyarrow reads the lines as CSV, where a cell begins with its key.

    Lines may differ only in numbers and in plain texts, which have no commas or escapes.  The result is None if other
    things differ, the block is small, or pyarrow is not installed.
    """
    first = block[: block.find(b"\n") + 1].decode(errors="replace")
    entries = ENTRY.findall(first)
    if ENTRY.sub("", first) != "}\n" or "\ufffd" in first or not first.startswith("{"):
        return None
    names, places = list(SPELT.decode(first)), list(map(str, range(len(entries))))
    arrays = parsed_by_arrow(block, places, places, quote_char=False)
    if arrays is None or len(arrays[0]) != block.count(b"\n") or len(names) != len(entries):
        return None
    from pyarrow import compute

    cells: list[ArrowCells] = []
    for (key, cell), array in zip(entries, arrays, strict=True):
        is_last = len(cells) + 1 == len(entries)
        start = key.removeprefix(",")
        kind = TEXT if cell.startswith('"') else NUMBER
        fits = compute.match_substring_regex(array, f"^{re.escape(start)}{kind}{'}' * is_last}$")
        if not compute.all(fits).as_py():
            return None
        array = compute.binary_replace_slice(array, 0, len(start.encode()), "")
        array = compute.utf8_rtrim(array, "}") if is_last else array
        if kind is NUMBER:
            cells.append(SpeltNumbers(array, is_spelt=True))
        else:
            cells.append(ArrowCells(compute.utf8_slice_codeunits(array, 1, -1)))
    return dict(zip(names, cells, strict=True))


EXAMPLE = 'a line is like {"x1": 0.5, "label": "a"}'
