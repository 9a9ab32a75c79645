"""The lines of earlier sessions, in a file of the user.

A line is in the file as soon as it is typed, so a crash loses nothing.  A file that has grown to twice the bound is
shortened when a session begins.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from gradcli import limits
from gradcli.cache import state_folder

__all__ = ["History"]


class History:
    """The history in a file; nothing is kept without a file, or if the bound is 0.

    Args:
        path: the file.
    """

    def __init__(self, path: str | None) -> None:
        self.path = Path(path) if path is not None and limits.HISTORY_LINES else None
        self._last = ""

    @classmethod
    def of_user(cls) -> History:
        """Return the history in the user's own folder, if there is one."""
        folder = state_folder()
        return cls(None if folder is None else f"{folder}/history")

    def lines(self) -> list[str]:
        """Return the last lines, the oldest first; a file that can't be read has none."""
        if self.path is None:
            return []
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return []
        found = [line for line in lines if line]
        kept = found[-limits.HISTORY_LINES :]
        if len(found) > 2 * len(kept):
            from gradcli.files import write_atomically

            with suppress(Exception):  # a history that can't be shortened is no reason to stop
                write_atomically(self.path, "".join(f"{line}\n" for line in kept).encode())
                self.path.chmod(0o600)
        self._last = kept[-1] if kept else ""
        return kept

    def add(self, line: str) -> None:
        """Append a line, which becomes one line of the file; an empty line and a repeated one are left out."""
        line = " ".join(line.split())
        if self.path is None or not line or line == self._last:
            return
        self._last = line
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # One write, so that the lines of two sessions don't mix; only the user may read it.
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, f"{line}\n".encode("utf-8", "replace"))
            finally:
                os.close(descriptor)
