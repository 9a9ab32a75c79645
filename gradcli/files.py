"""Files: the format that a name implies, and safe writing, after which a file is never found half written.

The content is written under another name in the same folder, flushed to the disk and renamed.  So a failure loses
nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import IO

from gradcli.errors import UnavailableError, UsageError, reason_of
from gradcli.source import joined

__all__ = ["format_of", "make_folder", "open_atomically", "remove_unfinished", "write_atomically"]


def format_of(path: str, formats: Sequence[str], what: str) -> str:
    """Return the format that the suffix of a file name implies.

    Args:
        path: the name.
        formats: the allowed suffixes, without a dot.
        what: the content of the file, for the message.

    Raises:
        UsageError: the file has another suffix.

    >>> format_of("graph.SVG", ("svg", "png"), "drawing")
    'svg'
    """
    suffix = PurePath(path).suffix.lower().removeprefix(".")
    if suffix not in formats:
        raise UsageError(
            f"can't tell the format of the {what} `{path}`",
            hint=f"its name ends in {joined([f'.{one}' for one in formats], 'or')}",
        )
    return suffix


def write_atomically(path: str | Path, content: bytes) -> None:
    """Put bytes into a file so that a reader, or a crash, finds either the old or the new content.

    A symbolic link is followed.  The file gets the permissions of any new file.

    Raises:
        UnavailableError: the folder is missing or can't be written to.
    """
    with open_atomically(path) as file:
        file.write(content)


@contextmanager
def open_atomically(path: str | Path, *, durable: bool = True, mark: str = "") -> Iterator[IO[bytes]]:
    """Open a file that gets its name when the block ends; a failure in the block leaves the old content.

    Args:
        path: the name of the file; a symbolic link is followed.
        durable: whether the content must survive a power cut; then the program waits for the disk.
        mark: a part of the name of the unfinished file, by which `remove_unfinished` finds it.

    Raises:
        UnavailableError: the folder is missing, or the content can't be written.
    """
    with unwritable(path, OSError, ValueError, RuntimeError):  # a null character, a circle of links
        target = Path(path)
        if target.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        # A device or a pipe is written to directly; a rename would replace it by a file.
        is_file = target.is_file() or not target.exists()
        if is_file:
            target = target.resolve()
        written = target.with_name(f".{target.name[:100]}.{mark}{os.urandom(6).hex()}") if is_file else target
        flags = os.O_WRONLY | (os.O_CREAT | os.O_EXCL if is_file else 0) | getattr(os, "O_BINARY", 0)
    with unwritable(path, OSError):
        try:  # from the first moment, because a signal may end the program at any
            with unwritable(path, ValueError):
                descriptor = os.open(written, flags, 0o666)
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                if durable and is_file:
                    os.fsync(file.fileno())
            if is_file:
                written.replace(target)
        except BaseException:
            if is_file:
                written.unlink(missing_ok=True)
            raise
        if durable and is_file:
            flush_folder(target.parent)


def make_folder(name: str) -> Path:
    """Return the path of a folder, which is made if it is missing.

    Raises:
        UnavailableError: the folder can't be made.
    """
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"can't make the folder `{name}`: {reason_of(error)}"
        raise UnavailableError(message, kind="unwritable_file") from None
    return folder


def remove_unfinished(folder: str | Path, mark: str) -> None:
    """Remove the files that `open_atomically` began in a folder with a mark, and that killed processes have left."""
    for path in Path(folder).glob(f".*.{mark}????????????"):
        path.unlink(missing_ok=True)


@contextmanager
def unwritable(path: str | Path, *errors: type[Exception]) -> Iterator[None]:
    """Return the error for a file that can't be written, with the reason in one sentence."""
    try:
        yield
    except errors as error:
        raise UnavailableError(f"can't write `{path}`: {reason_of(error)}", kind="unwritable_file") from None


def flush_folder(folder: Path) -> None:
    """Make sure that a rename survives a power cut, on systems where a folder can be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
