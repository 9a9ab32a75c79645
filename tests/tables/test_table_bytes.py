"""Bytes as they come in: files, compressed files, pipes and streams of text."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any, TextIO

import pytest

from gradcli.errors import GradcliError, UnavailableError
from gradcli.tables import delimited
from gradcli.tables.delimited import end_of_rows
from gradcli.tables.formats import read_blocks, read_table
from gradcli.tables.table_bytes import BLOCK, COMPRESSIONS, Bytes, bytes_of_lines


def pipe() -> tuple[int, TextIO]:
    """The end to write to, and the end to read from."""
    read, write = os.pipe()
    return write, open(read, encoding="utf-8")  # noqa: PTH123


@pytest.mark.parametrize("head", [b"a,b\n", b""], ids=["columns", "JSON lines"])
def test_the_rows_that_are_there_are_one_block(head: bytes) -> None:
    def row(number: int) -> bytes:
        return b"%d,0\n" % number if head else b'{"a": %d, "b": 0}\n' % number

    write, stream = pipe()
    os.write(write, head + row(1))
    blocks = read_blocks(bytes_of_lines(stream, "pipe"))
    sizes = [len(next(blocks))]
    os.write(write, row(3))
    sizes.append(len(next(blocks)))
    os.write(write, row(5) + row(7) + row(9)[:2])
    sizes.append(len(next(blocks)))
    os.write(write, row(9)[2:] + row(11)[:-1])
    os.close(write)
    sizes += [len(block) for block in blocks]
    stream.close()
    assert sizes == [1, 1, 2, 1, 1]


def test_a_block_has_no_more_rows_than_asked_for() -> None:
    source = Bytes(io.BytesIO(b"a\n" + b"1\n" * 25), "stream")
    assert [len(block) for block in read_blocks(source, rows=10)] == [10, 10, 5]


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\r\nc,d\r\n",
        b"a,b\rc,d\r",
        "größe,x\n\u2028x\x0c\x85,y\n".encode(),
        b'"a\nb",c\nd,"e\r\nf"\n',
        b"a,b\n" + b"x" * 70_000 + b",y\n",
        b"a,b\nc,d",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_it_does_not_matter_in_which_pieces_a_text_comes(content: bytes, size: int) -> None:
    class Slow(io.BytesIO):
        """Bytes that come a few at a time."""

        def read(self, wanted: int | None = -1) -> bytes:
            return super().read(min(wanted or size, size if len(content) < 1000 else 10_000))

    found, expected = (read_table(Bytes(stream(content), "t")) for stream in (Slow, io.BytesIO))
    assert found.columns == expected.columns
    assert [cells.text(0) for cells in found.cells] == [cells.text(0) for cells in expected.cells]
    assert found.lines is not None
    assert expected.lines is not None
    assert found.lines.tolist() == expected.lines.tolist()


def test_lines_may_lack_their_ends() -> None:
    assert bytes_of_lines(["a", "b\n", "c"]).read() == b"a\nb\nc\n"


def test_bytes_that_are_no_text_are_an_error() -> None:
    for source in (io.TextIOWrapper(io.BytesIO(b"a\n\xff\n"), encoding="utf-8"), Bytes(io.BytesIO(b"a\n\xff\n"), "t")):
        with pytest.raises(UnavailableError, match="is not UTF-8 text"):
            list(read_blocks(source, "stream"))


@pytest.mark.parametrize("suffix", COMPRESSIONS)
def test_a_compressed_file_that_is_none_or_is_cut_off_is_one_sentence(suffix: str, tmp_path: Path) -> None:
    if suffix == ".zst":
        pytest.importorskip("pyarrow")
    held = io.BytesIO()
    with COMPRESSIONS[suffix](held, "wb") as stream:
        stream.write(b"".join(b"%d,%d\n" % (row, row * row) for row in range(10_000)))
    path = tmp_path / f"t.csv{suffix}"
    for content in (b"a,b\n1,2\n" * 5, held.getvalue()[:-200]):
        path.write_bytes(content)
        with pytest.raises(UnavailableError) as caught:
            read_table(str(path))
        assert caught.value.message == f"`t.csv{suffix}` is cut off, or of another format than its name says"


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python knows Zstandard")
def test_zstandard_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "t.csv.zst").write_bytes(b"")
    with pytest.raises(GradcliError) as caught:
        read_table(str(tmp_path / "t.csv.zst"))
    assert caught.value.message == "a table compressed as .zst needs the package `pyarrow`, which is not installed"
    assert caught.value.hint == 'pip install "gradcli[data]"'


class Trickle(io.BytesIO):
    """A stream that gives few bytes at a time, as a pipe does."""

    def read(self, count: int | None = -1) -> bytes:
        return super().read(min(1 << 16, count) if count is not None and count >= 0 else 1 << 16)


def test_a_long_beginning_is_searched_again_only_where_a_line_ends() -> None:
    looked_at: list[int] = []

    def has_two_lines(head: bytes) -> bool:
        looked_at.append(len(head))
        return head.count(b"\n") > 1

    content = b"a\n" + b"x" * (4 * BLOCK) + b"\nb\n"
    assert Bytes(Trickle(content), "stream").head(has_two_lines) == content
    assert sum(length > BLOCK for length in looked_at) == 1


def test_a_long_row_is_searched_again_only_where_a_line_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []

    def counted(block: bytes, quoted: Any) -> int:
        looked_at.append(len(block))
        return end_of_rows(block, quoted)

    monkeypatch.setattr(delimited, "end_of_rows", counted)
    cell = b'"' + b"x" * BLOCK + b"\n" + b"x" * BLOCK + b'"'
    table = read_table(Bytes(Trickle(b"a,b\n1,2\n" + cell + b",3\n4,5\n"), "stream"))
    assert [table.cells[1].text(row) for row in range(3)] == ["2", "3", "5"]
    assert len(table.cells[0].text(1)) == 2 * BLOCK + 1
    assert sum(length > BLOCK // 2 for length in looked_at) <= 4
