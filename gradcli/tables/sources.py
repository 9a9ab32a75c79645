"""The bytes of a table: a file, a compressed file or a pipe, with a look at the beginning and at how far one is."""

from __future__ import annotations

import io
import os
import select
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradcli.errors import UnavailableError
from gradcli.tables.protocols import damaged, load_pyarrow, problems

__all__ = ["BLOCK", "COMPRESSIONS", "Bytes", "Pipe", "bytes_of", "split_compression"]

#: How many bytes of a text are read at a time.
BLOCK = 1 << 20
# How long a pipe waits before it looks whether it is still needed.
PATIENCE = 0.1

#: The last suffix of a file's name -> the name of the compression in Arrow.
COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}


def split_compression(path: str) -> tuple[str, str | None]:
    """A name without the suffix of a compression, and the compression.

    >>> split_compression("a.csv.gz"), split_compression("a.csv")
    (('a.csv', 'gzip'), ('a.csv', None))
    """
    for suffix, compression in COMPRESSIONS.items():
        if path.lower().endswith(suffix):
            return path[: -len(suffix)], compression
    return path, None


class Pipe(io.FileIO):
    """A file whose reader may have to wait, and can be told that it is over.

    A thread that waits in the system would keep the program from ending.
    """

    is_over = False

    def read(self, count: int | None = -1) -> bytes:
        """The next bytes, of which there may be fewer than asked for; none at the end, or when it is over."""
        while os.name == "posix" and not select.select([self], [], [], PATIENCE)[0]:
            if self.is_over:
                return b""
        return super().read(-1 if count is None else count) or b""


class Bytes(io.RawIOBase):
    """A stream of bytes.

    Args:
        stream: with ``read(n)``, which may give fewer bytes than asked for.
        name: what messages call it.
        pipe: what lies at the bottom.
        path: of a file that can be read at any place.

    >>> stream = Bytes(io.BytesIO(b"a,b\\n1,2\\n"), "t.csv")
    >>> stream.head(lambda head: b"\\n" in head)[:4], stream.read(3), stream.read()
    (b'a,b\\n', b'a,b', b'\\n1,2\\n')
    """

    def __init__(
        self,
        stream: Any,
        name: str,
        pipe: Pipe | None = None,
        path: Path | None = None,
    ) -> None:
        super().__init__()
        self.stream = stream
        self.name = name
        self.pipe = pipe
        self.path = path
        self.looked_at = b""
        self.ended = False
        #: The place in the file behind each block.
        self.places: list[int] = []

    def readable(self) -> bool:
        """It is."""
        return True

    def head(self, is_enough: Callable[[bytes], bool]) -> bytes:
        """The beginning, which stays to be read; all there is if nothing is enough."""
        while not self.ended and not is_enough(self.looked_at):
            more = self.stream.read(BLOCK)
            self.looked_at += more
            self.ended = not more
        return self.looked_at

    def read(self, count: int = -1) -> bytes:
        """The next bytes: at least one, unless this is the end."""
        if count < 0:
            return b"".join(iter(lambda: self.read(BLOCK), b""))
        if self.looked_at:
            found, self.looked_at = self.looked_at[:count], self.looked_at[count:]
        elif self.ended or count == 0:
            return b""
        else:
            found = bytes(self.stream.read(count))
            self.ended = not found
        if self.pipe is not None and self.pipe.seekable():
            self.places.append(self.pipe.tell())
        return found

    def skip(self, count: int) -> None:
        """Leave out as many bytes of those that have been looked at."""
        self.looked_at = self.looked_at[count:]

    def readinto(self, buffer: Any) -> int:
        """The next bytes into a buffer, for `io.BufferedReader`."""
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def fraction(self, blocks: int) -> float | None:
        """How much there was in the first blocks, of those that were read, from 0 to 1; None for a pipe."""
        if self.pipe is None or self.pipe.closed or not self.pipe.seekable():
            return None
        place = self.places[min(blocks, len(self.places)) - 1] if blocks and self.places else 0
        return min(1.0, place / max(1, os.fstat(self.pipe.fileno()).st_size))

    def whole(self, what: str) -> Any:
        """The same as a file of Arrow's that is read at any place.

        Raises:
            UnavailableError: it is a pipe.
        """
        arrow = load_pyarrow()
        if self.path is not None:
            return arrow.OSFile(str(self.path))
        if not self.looked_at and getattr(self.stream, "seekable", lambda: False)():
            return arrow.PythonFile(self.stream, mode="r")
        raise damaged(
            self.name,
            f" can't be read as {what}: it is read at any place, and a pipe only from its beginning",
            "name the file, or send the table as csv, jsonl or a stream of Arrow's (arrows)",
        )

    def stop(self) -> None:
        """Let whoever is reading, in another thread, come to an end."""
        self.ended = True
        self.looked_at = b""
        if self.pipe is not None:
            self.pipe.is_over = True

    def close(self) -> None:
        """Close what lies below."""
        self.stream.close()
        super().close()


def bytes_of(path: str) -> Bytes:
    """The bytes of a file, decompressed if its name says so.

    Raises:
        UnavailableError: it is missing, a folder, or a device such as /dev/zero, which may have no end.
    """
    file = Path(path)
    arrow = load_pyarrow()
    with problems(path, "a table"):
        try:
            if file.is_char_device() or file.is_block_device():
                raise UnavailableError(f"can't read `{path}`: it is a device, not a file", kind="unreadable_file")
            raw = Pipe(path)
        except ValueError:  # a null character
            raise UnavailableError(f"can't read `{path}`: not a valid file name", kind="missing_file") from None
        compression = split_compression(path)[1]
        if compression is None:
            return Bytes(raw, path, raw, file if file.is_file() else None)
        return Bytes(arrow.CompressedInputStream(arrow.PythonFile(raw, mode="r"), compression), path, raw)
