"""Where what can be made again is kept: the grammar's table, compiled kernels."""

from __future__ import annotations

import os
import sys

__all__ = ["cache_folder"]


def cache_folder() -> str | None:
    """The user's own cache folder; never the shared temporary one, where another user could put a file first.

    None where the user has no home folder.
    """
    home = os.path.expanduser("~")  # noqa: PTH111  (to import `pathlib` takes longer than a command may wait for)
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")  # noqa: PTH118
    elif sys.platform == "darwin":
        root = f"{home}/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        # The specification tells to ignore relative paths.
        root = base if base.startswith("/") else f"{home}/.cache"
    return os.path.join(root, "gradcli") if os.path.isabs(root) else None  # noqa: PTH117, PTH118
