"""The bytes of a table, from a file, a compressed file or a pipe; and the errors if they can't be read."""

from __future__ import annotations

import bz2
import codecs
import errno
import gzip
import io
import itertools
import os
import re
import select
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from gradcli import limits
from gradcli.errors import GradcliError, UnavailableError, unreadable
from gradcli.tables.cells import load_pyarrow
from gradcli.tables.table import STANDARD_INPUT, damaged

__all__ = [
    "BLOCK", "COMPRESSIONS", "OTHER_ENCODING", "Bytes", "Pipe", "bytes_of", "bytes_of_lines", "problems",
    "split_compression",
]  # fmt: skip

#: The number of bytes of a text that are read at a time.
BLOCK = 1 << 20
#: The hint about bytes that aren't text in UTF-8.
OTHER_ENCODING = "save the table with UTF-8 encoding, or name its encoding, such as `encoding=latin-1`"
# The seconds that a read from a pipe waits before it checks whether reading has been stopped.
PATIENCE = 0.1
# The number of lines that are encoded at a time, if a stream has only text.
LINES = 1000


@contextmanager
def problems(name: str, format_name: str = "", path: object = None) -> Iterator[None]:
    """Turn every exception that means a table can't be read into an error with one sentence.

    Args:
        name: the name of the table in messages.
        format_name: the name of the format, if Arrow reads it.
        path: the path of the file.
    """
    try:
        yield
    except Exception as error:
        found = explained(error, name, format_name, path or name)
        if found is None:
            raise
        raise found from None


CUT_OFF = (gzip.BadGzipFile, EOFError, zlib.error, NotImplementedError, struct.error)


def explained(error: Exception, name: str, format_name: str, path: object) -> GradcliError | None:
    """Return the error for the user, or None if the exception is a mistake in the program and not in the file."""
    arrow: Any = sys.modules.get("pyarrow")
    archives: Any = sys.modules.get("zipfile")  # not imported here: the import is slow, and few tables are archives
    from_system = isinstance(error, OSError) and error.errno is not None and error.errno != errno.EINVAL
    if isinstance(error, UnicodeDecodeError):
        encoding = "UTF-8" if error.encoding == "utf-8" else error.encoding
        return damaged(name, f" is not {encoding} text", OTHER_ENCODING).naming("encoding")
    if isinstance(error, MemoryError):
        return damaged(name, " does not fit into the memory")
    if from_system and not isinstance(error, gzip.BadGzipFile):
        return unreadable(path, error)
    if format_name and arrow is not None and isinstance(error, (arrow.ArrowException, OSError)):
        reason = re.sub(r"\.? *Detail:.*", "", next(iter(str(error).splitlines()), "damaged"))[:200].rstrip(" .:")
        return damaged(name, f" can't be read as {format_name}: {reason[:1].lower()}{reason[1:]}")
    if isinstance(error, (*CUT_OFF, OSError)) or (archives and isinstance(error, archives.BadZipFile)):
        return damaged(name, " is cut off, or of another format than its name says")
    if isinstance(error, ValueError) and "\0" in str(path):
        return UnavailableError(f"can't read `{path}`: not a valid file name", kind="missing_file")
    return None


def zstandard(file: Any, mode: str) -> Any:
    """Return a stream that compresses or decompresses with Zstandard: from Python 3.14 or later, else from pyarrow."""
    if sys.version_info >= (3, 14):
        from compression.zstd import ZstdFile

        return ZstdFile(file, mode)
    arrow = load_pyarrow("a table compressed as .zst")
    if mode == "wb":
        return arrow.CompressedOutputStream(Unclosed(file), "zstd")
    return arrow.CompressedInputStream(arrow.PythonFile(file, mode="r"), "zstd")


class Unclosed:
    """A file that stays open when the stream that writes into it is closed."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self.write = file.write
        self.flush = file.flush

    def close(self) -> None:
        """Leave the file open."""


#: The last suffix of the name of a file -> a function of a file and a mode that returns the stream which compresses or
#: decompresses.
COMPRESSIONS: dict[str, Callable[[Any, str], Any]] = {
    ".gz": lambda file, mode: gzip.GzipFile(fileobj=file, mode=mode, compresslevel=6, mtime=0),
    ".bz2": lambda file, mode: bz2.BZ2File(file, mode),  # type: ignore[call-overload]
    ".zst": zstandard,
}


def split_compression(path: str) -> tuple[str, str | None]:
    """Split a name into the part before the suffix of a compression, and that suffix.

    >>> split_compression("a.csv.GZ"), split_compression("a.csv")
    (('a.csv', '.gz'), ('a.csv', None))
    """
    for suffix in COMPRESSIONS:
        if path.lower().endswith(suffix):
            return path[: -len(suffix)], suffix
    return path, None


def has_line_end(block: bytes) -> bool:
    r"""Whether bytes hold the end of a line.

    >>> has_line_end(b"a\r"), has_line_end(b"a")
    (True, False)
    """
    return b"\n" in block or b"\r" in block


class Pipe(io.FileIO):
    """A file or a pipe; a read that waits for bytes can be ended from another thread.

    A thread that waits in a system call would keep the program from ending.
    """

    is_over = False

    def read(self, count: int | None = -1) -> bytes:
        """Return the next bytes, possibly fewer than ``count``; empty at the end, or after ``is_over`` is set."""
        while os.name == "posix" and not select.select([self], [], [], PATIENCE)[0]:
            if self.is_over:
                return b""
        return super().read(-1 if count is None else count) or b""


#: The mark at the beginning of a text -> the name of its encoding.
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class Rest:
    """A stream of which some bytes have already been read; `read` returns these bytes first.

    Args:
        looked_at: the bytes that have already been read.
        stream: the stream.
        is_whole: whether the stream has no further bytes.
    """

    def __init__(self, looked_at: bytes, stream: Any, is_whole: bool) -> None:
        self.looked_at, self.stream, self.is_whole, self.close = looked_at, stream, is_whole, stream.close

    def read(self, count: int) -> bytes:
        """Return the next bytes."""
        if self.looked_at or self.is_whole:
            found, self.looked_at = self.looked_at, b""
            return found
        return bytes(self.stream.read(count))


class Recoded:
    """A stream of text in UTF-8, which is made from a stream in another encoding.

    Args:
        stream: the stream.
        encoding: its encoding.
    """

    def __init__(self, stream: Any, encoding: str) -> None:
        self.stream, self.close = stream, stream.close
        self.decoder = codecs.getincrementaldecoder(encoding)()
        self.rest = b""
        self.ended = False

    def read(self, count: int) -> bytes:
        """Return the next bytes: one or more, unless this is the end."""
        while not self.rest and not self.ended:
            more = self.stream.read(count)
            self.ended = not more
            self.rest = self.decoder.decode(more, final=self.ended).encode()
        found, self.rest = self.rest[:count], self.rest[count:]
        return found


class Bytes(io.RawIOBase):
    """A stream of the bytes of a table, whose beginning can be looked at before it is read.

    Args:
        stream: an object with ``read(n)``, which may return fewer than n bytes.
        name: the name of the table in messages.
        pipe: the file or pipe that the bytes come from, if there is one.
        path: the path of the file, if it is a file.

    >>> stream = Bytes(io.BytesIO(b"a,b\\n1,2\\n"), "t.csv")
    >>> stream.head(lambda head: b"\\n" in head)[:4], stream.read(3), stream.read()
    (b'a,b\\n', b'a,b', b'\\n1,2\\n')
    """

    def __init__(self, stream: Any, name: str, pipe: Pipe | None = None, path: Path | None = None) -> None:
        super().__init__()
        self.stream = stream
        self.name = name
        self.pipe = pipe
        self.path = path
        self.looked_at = b""
        self.ended = False
        self.opened: IO[bytes] | None = None

    def readable(self) -> bool:
        """Return True, as `io` asks."""
        return True

    def head(self, is_enough: Callable[[bytes], object]) -> bytes:
        """Return bytes from the beginning; later reads return these bytes again.

        There are enough bytes for ``is_enough``, or more than a row may have, or all bytes.
        """
        while not (self.ended or is_enough(self.looked_at) or len(self.looked_at) > limits.ROW_BYTES):
            is_new = False
            # A pipe gives few bytes at a time, so a long row is searched from its start only where a line ends.
            while not (is_new or self.ended or len(self.looked_at) > limits.ROW_BYTES):
                last = self.looked_at[-1:]
                found = self.stream.read(max(BLOCK, len(self.looked_at)))
                self.looked_at += found
                self.ended = not found
                is_new = len(self.looked_at) <= BLOCK or has_line_end(last + found)
        return self.looked_at

    def recode(self, encoding: str | None) -> str | None:
        """Read the bytes as UTF-8 from now on, and return the name of the encoding that a mark at the beginning
        implies.

        Args:
            encoding: the encoding in which the text is written; by default a mark at the beginning decides.
        """
        head = self.head(lambda head: len(head) >= 4)
        marked = next((name for mark, name in MARKS.items() if head.startswith(mark)), None)
        found = encoding or marked
        if found:
            self.replace_stream(partial(Recoded, encoding=found))
        return marked if encoding is None else None

    def replace_stream(self, change: Callable[[Any], Any]) -> None:
        """Call a function with the stream of the bytes that are not read yet, and from now on read its result."""
        self.stream = change(Rest(self.looked_at, self.stream, self.ended))
        self.looked_at, self.ended = b"", False

    def read(self, count: int = -1) -> bytes:
        """Return the next bytes: one or more, unless this is the end."""
        if count < 0:
            return b"".join(iter(lambda: self.read(BLOCK), b""))
        if self.looked_at:
            found, self.looked_at = self.looked_at[:count], self.looked_at[count:]
        elif self.ended or count == 0:
            return b""
        else:
            found = bytes(self.stream.read(count))
            self.ended = not found
        return found

    def readinto(self, buffer: Any) -> int:
        """Write the next bytes into a buffer, for `io.BufferedReader`."""
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def fraction(self) -> float | None:
        """Return the share of the file that has been read, from 0 to 1; None for a pipe."""
        if self.pipe is None or self.pipe.closed or not self.pipe.seekable():
            return None
        return min(1.0, self.pipe.tell() / max(1, os.fstat(self.pipe.fileno()).st_size))

    def file(self, what: str) -> IO[bytes]:
        """Return the bytes as a file that can be read at any place.

        Args:
            what: the words for the content, for the message.

        Raises:
            UnavailableError: the bytes come from a pipe.
        """
        if self.path is not None:
            self.opened = self.path.open("rb")
        elif not self.looked_at and getattr(self.stream, "seekable", lambda: False)():
            self.opened = io.BufferedReader(self.stream)
        else:
            raise damaged(
                self.name,
                f" can't be read as {what}: this format needs a file, because it isn't read from the beginning to the "
                f"end",
                "name the file, or send the table as csv, jsonl or a stream of Arrow's (arrows)",
            )
        return self.opened

    def stop(self) -> None:
        """Let a thread that is reading come to an end."""
        self.ended = True
        self.looked_at = b""
        if self.pipe is not None:
            self.pipe.is_over = True

    def close(self) -> None:
        """Close the file or stream that the bytes come from."""
        if self.opened is not None:
            self.opened.close()
        self.stream.close()
        super().close()


def bytes_of(path: str, name: str | None = None) -> Bytes:
    """Open a file, and decompress it if its name has the suffix of a compression.

    Raises:
        UnavailableError: the file is missing, a folder, or a device such as /dev/zero, which may have no end.
    """
    file = Path(path)
    with problems(name or path, path=path):
        if file.is_char_device() or file.is_block_device():
            raise UnavailableError(f"can't read `{path}`: it is a device, not a file", kind="unreadable_file")
        raw = Pipe(path)
        compression = split_compression(path)[1]
        stream = raw if compression is None else COMPRESSIONS[compression](raw, "rb")
        return Bytes(stream, name or path, raw, file if file.is_file() else None)


class Encoded:
    """The bytes of lines of text as a stream; it encodes only a few lines at a time."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = iter(lines)
        self.rest = b""

    def read(self, count: int) -> bytes:
        """Return the next bytes."""
        if not self.rest:
            lines = itertools.islice(self.lines, LINES)
            self.rest = "".join(line if line.endswith(("\n", "\r")) else f"{line}\n" for line in lines).encode()
        found, self.rest = self.rest[:count], self.rest[count:]
        return found

    def close(self) -> None:
        """Do nothing: there is no file to close."""


def bytes_of_lines(lines: Iterable[str], name: str = STANDARD_INPUT) -> Bytes:
    """Return the bytes of a text stream, such as standard input, or of lines.

    A stream of the system is read without Python's buffer, because a thread that waits for bytes would hold the
    buffer's lock when the program ends.
    """
    try:
        pipe = Pipe(lines.fileno(), closefd=False)  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return Bytes(Encoded(lines), name)
    return Bytes(pipe, name, pipe)
