"""The reader of JSON lines: each line is an object, whose keys are the columns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gradcli import limits
from gradcli.source import shortened
from gradcli.tables import table_bytes
from gradcli.tables.cells import JsonCells
from gradcli.tables.delimited import MARK, decoded, line_count, row_blocks
from gradcli.tables.reader import Reader
from gradcli.tables.table import Table, check_names, damaged
from gradcli.tables.table_bytes import Bytes, problems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["JsonReader"]

# Numbers become bytes: so they keep their digits, and differ from texts.
SPELT = json.JSONDecoder(parse_int=str.encode, parse_float=str.encode, parse_constant=str.encode)


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
        known = set(self.names)
        if patient:
            self.source.head(lambda head: len(head) >= table_bytes.BLOCK)
        first = line = 0
        with problems(self.name, path=self.source.path):
            for block in row_blocks(self.source, None, 0):
                objects, ends = self.objects(block, line)
                late = dict.fromkeys(key for one in objects for key in one if key not in known)
                if late and columns is not None:
                    key = next(iter(late))
                    end = next(end for end, one in zip(ends.tolist(), objects, strict=True) if key in one)
                    reason = f", line {end}: the key `{shortened(key)}` is in no line before"
                    raise damaged(
                        self.name, reason, "the first lines have to name all columns of a table that is mapped"
                    )
                known |= set(late)
                names = (*names, *late)
                cells = tuple(JsonCells([one.get(name) for one in objects]) for name in names)
                yield Table(self.name, names, cells, ends.copy, first)
                first += len(objects)
                line += line_count(block)

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


EXAMPLE = 'a line is like {"x1": 0.5, "label": "a"}'
