"""Text as it comes in through a pipe: whoever reads knows how much is there already, and need not wait for more."""

from __future__ import annotations

import codecs
import io
from collections import deque
from collections.abc import Iterator
from typing import Any, TextIO

__all__ = ["Arriving"]

CHUNK = 1 << 20


class Arriving:
    """The lines of a text stream, read whenever some bytes are there.

    As a number (``__index__``) it is how many lines can be had without waiting, and at least 1: the rows that
    `gradcli.tables.table_files.read_blocks` should take next.

    Args:
        stream: a text stream; one without bytes underneath is read line by line.
        most: the largest number of lines at a time.

    >>> lines = Arriving(io.TextIOWrapper(io.BytesIO(b"a\\nb\\nc")), most=100)
    >>> next(lines), lines.__index__(), list(lines)
    ('a\\n', 1, ['b\\n', 'c'])
    """

    def __init__(self, stream: TextIO, most: int) -> None:
        self.most = most
        self.lines: deque[str] = deque()
        self.rest = ""
        self.bytes: Any = getattr(stream, "buffer", None)
        self.stream = stream
        decoder = codecs.getincrementaldecoder(getattr(stream, "encoding", None) or "utf-8")("strict")
        self.decoder = io.IncrementalNewlineDecoder(decoder, translate=True)

    def __index__(self) -> int:
        return max(1, min(self.most, len(self.lines)))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.bytes is None:
            return next(self.stream)
        while not self.lines:
            chunk = self.bytes.read1(CHUNK)
            text = self.rest + self.decoder.decode(chunk, final=not chunk)
            if not text and not chunk:
                raise StopIteration
            # Only line feeds end a line: str.splitlines would also break cells at other characters.
            *lines, rest = text.split("\n")
            self.lines.extend([f"{line}\n" for line in lines])
            self.rest = rest if chunk else ""
            if rest and not chunk:
                self.lines.append(rest)
        return self.lines.popleft()
