"""The user's own folders: for files that can be made again, such as the table of the grammar, and for the history."""

from __future__ import annotations

import os
import sys

__all__ = ["cache_folder", "state_folder"]


def cache_folder() -> str | None:
    """Return the user's own cache folder, or None if the user has no home folder.

    It is never the shared temporary folder, where another user could put a file first.
    """
    return _folder("XDG_CACHE_HOME", "Library/Caches", ".cache")


def state_folder() -> str | None:
    """Return the user's own folder for what lasts, such as the history; None if the user has no home folder."""
    return _folder("XDG_STATE_HOME", "Library/Application Support", ".local/state")


def _folder(variable: str, on_macos: str, usual: str) -> str | None:
    home = os.path.expanduser("~")  # noqa: PTH111  (to import `pathlib` takes longer than a command may wait for)
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")  # noqa: PTH118
    elif sys.platform == "darwin":
        root = f"{home}/{on_macos}"
    else:
        base = os.environ.get(variable, "")
        # The specification says that relative paths are ignored.
        root = base if base.startswith("/") else f"{home}/{usual}"
    return os.path.join(root, "gradcli") if os.path.isabs(root) else None  # noqa: PTH117, PTH118
