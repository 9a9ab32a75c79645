"""Lines of a stream as they come in."""

from __future__ import annotations

import io
import os
from typing import TextIO

import pytest

from gradcli.tables.streams import Arriving
from gradcli.tables.table_files import read_blocks


def pipe() -> tuple[int, TextIO]:
    """The end to write to, and the end to read from."""
    read, write = os.pipe()
    return write, open(read, encoding="utf-8")  # noqa: PTH123


def test_the_rows_that_are_there_are_one_block() -> None:
    write, stream = pipe()
    lines = Arriving(stream, most=100)
    os.write(write, b"a,b\n1,2\n")
    blocks = read_blocks(lines, "pipe", rows=lines)
    sizes = []
    sizes.append(len(next(blocks)))
    for text in (b"3,4\n", b"5,6\n7,8\n9,", b"10\n11,12"):
        os.write(write, text)
        sizes.append(len(next(blocks)))
        if text.startswith(b"5"):
            sizes.append(len(next(blocks)))
    os.close(write)
    sizes += [len(block) for block in blocks]
    stream.close()
    assert sum(sizes) == 6
    assert sizes[:3] == [1, 1, 1]


def test_a_block_has_no_more_rows_than_asked_for() -> None:
    lines = Arriving(io.TextIOWrapper(io.BytesIO(b"a\n" + b"1\n" * 25), encoding="utf-8"), most=10)
    sizes = [len(block) for block in read_blocks(lines, "stream", rows=lines)]
    assert max(sizes) == 10
    assert sum(sizes) == 25


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"a",
        b"a\nb",
        b"a\r\nb\r\n",
        b"a\rb\r",
        "größe\n\u2028x\x0c\x85\n".encode(),
        b'"a\nb",c\n',
        b"x" * 3_000_000 + b"\ny",
        b"a\r",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_lines_are_those_of_python(content: bytes, size: int) -> None:
    class Slow(io.BytesIO):
        """Bytes that come a few at a time."""

        def read1(self, wanted: int | None = -1) -> bytes:
            return self.read(size)

    if len(content) > 1000 and size < 1000:
        content = content[-500:]
    expected = list(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
    assert list(Arriving(io.TextIOWrapper(Slow(content), encoding="utf-8"), most=5)) == expected


def test_a_stream_of_strings_is_read_line_by_line() -> None:
    lines = Arriving(io.StringIO("a\nb\n"), most=5)
    assert (lines.__index__(), list(lines)) == (1, ["a\n", "b\n"])


def test_bytes_that_are_no_text_are_an_error() -> None:
    from gradcli.errors import UnavailableError

    lines = Arriving(io.TextIOWrapper(io.BytesIO(b"a\n\xff\n"), encoding="utf-8"), most=5)
    with pytest.raises(UnavailableError, match="is not UTF-8 text"):
        list(read_blocks(lines, "stream", rows=lines))
