"""A real terminal: programs run in tmux, with keys that are typed and a screen that is read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.paths import ROOT

__all__ = ["Screen", "needed", "program_folder", "screen_of"]

#: How long a text may take to appear, in seconds: a machine with much to do is slow.
_PATIENCE = 30.0


def needed(*programs: str) -> pytest.MarkDecorator:
    """Skip a test where a program is missing; the reason names it."""
    missing = [one for one in programs if shutil.which(one) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {' and '.join(missing)} (apt install {' '.join(missing)})")


def program_folder(folder: Path) -> Path:
    """Make a folder with a program `gradcli` that runs the gradcli of this checkout."""
    folder.mkdir(exist_ok=True)
    program = folder / "gradcli"
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}${{PYTHONPATH:+:$PYTHONPATH}}" exec "{sys.executable}" -m gradcli "$@"\n'
    )
    program.chmod(0o755)
    return folder


class Screen:
    """The terminal of one program."""

    def __init__(self, server: str) -> None:
        self._server = server

    def _tmux(self, *words: str) -> str:
        command = ["tmux", "-S", self._server, *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=_PATIENCE).stdout

    def type(self, text: str) -> None:
        """Type a text as it is."""
        self._tmux("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        """Press keys with tmux's names: Enter, Tab, C-c."""
        self._tmux("send-keys", *keys)

    @property
    def text(self) -> str:
        """What the screen shows, without blanks at the ends of lines and empty lines below."""
        lines = [line.rstrip() for line in self._tmux("capture-pane", "-p").split("\n")]
        return "\n".join(lines).rstrip()

    @property
    def painted(self) -> str:
        """The same with the codes of its colours."""
        return self._tmux("capture-pane", "-p", "-e")

    def wait(self, expected: str, *, gone: bool = False, last: bool = False) -> str:
        """Wait until the screen shows a text, ends with it, or shows it no longer; return the screen."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            shown = self.text
            if (shown.endswith(expected) if last else expected in shown) is not gone:
                return shown
            time.sleep(0.02)
        raise AssertionError(f"{expected!r} {'stays on' if gone else 'is not on'} the screen:\n{self.text}")


@contextmanager
def screen_of(
    *command: str, folder: Path, environment: Mapping[str, str] | None = None, size: tuple[int, int] = (90, 30)
) -> Iterator[Screen]:
    """Run a program in a terminal of its own, with an empty home folder, and end it with the block."""
    sockets = tempfile.mkdtemp()  # the path of a socket is short
    server = f"{sockets}/tmux"
    home = folder / "home"
    home.mkdir(exist_ok=True)
    # A session of the cache of the grammar's tables is long, so it stays where it is.
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    variables = {
        "PATH": f"{program_folder(folder / 'bin')}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home), "XDG_CACHE_HOME": cache, "XDG_STATE_HOME": str(home / "state"),
        "XDG_CONFIG_HOME": str(home / "config"), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", **(environment or {}),
    }  # fmt: skip
    columns, rows = map(str, size)
    words = ["env", "-i", *[f"{name}={value}" for name, value in variables.items()], *command]
    start = ["tmux", "-S", server, "-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows, "-c", str(folder)]
    subprocess.run([*start, *words], check=True, timeout=_PATIENCE, env={**os.environ, "LC_ALL": "C.UTF-8"})
    screen = Screen(server)
    try:
        yield screen
    finally:
        subprocess.run(["tmux", "-S", server, "kill-server"], capture_output=True, check=False, timeout=_PATIENCE)
        shutil.rmtree(sockets)
