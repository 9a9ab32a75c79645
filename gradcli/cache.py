"""The folder for files that can be made again: the table of the grammar and compiled kernels."""

from __future__ import annotations

import os
import sys

__all__ = ["cache_folder"]


def cache_folder() -> str | None:
    """Return the user's own cache folder, or None if the user has no home folder.

    It is never the shared temporary folder, where another user could put a file first.
    """
    home = os.path.expanduser("~")  # noqa: PTH111  (to import `pathlib` takes longer than a command may wait for)
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")  # noqa: PTH118
    elif sys.platform == "darwin":
        root = f"{home}/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        # The specification says that relative paths are ignored.
        root = base if base.startswith("/") else f"{home}/.cache"
    return os.path.join(root, "gradcli") if os.path.isabs(root) else None  # noqa: PTH117, PTH118
