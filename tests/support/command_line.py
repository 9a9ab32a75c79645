"""Two ways to run a command line: in this process on streams of strings, and as a real process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from gradcli.cli.app import run
from gradcli.cli.context import Terminal
from tests.support.paths import ROOT

__all__ = ["HEAVY", "Outcome", "process_environment", "run_inside", "run_process", "start_process"]

#: What no short command may import in a pipe: outside packages, and modules of Python that take a millisecond or more.
HEAVY = {
    "typer", "click", "lark", "rich", "markdown_it", "pygments", "numpy", "scipy", "matplotlib", "graphviz", "llvmlite",
    "safetensors", "pygraphviz", "mpmath", "sympy", "pyarrow", "inspect", "dataclasses", "ast", "shutil", "subprocess",
    "tempfile", "hashlib", "random", "secrets", "socket", "ssl", "http", "asyncio", "unittest", "xml", "logging",
    "uuid", "traceback", "multiprocessing", "concurrent", "threading", "datetime", "pickle", "platform",
    "csv", "zipfile",
}  # fmt: skip


class Outcome(NamedTuple):
    """What a run left behind."""

    code: int
    out: str
    err: str


def run_inside(
    *words: str,
    stdin: str = "",
    environment: Mapping[str, str] | None = None,
    terminal: bool = False,
    width: int = 80,
) -> Outcome:
    """Run a command line in this process; ``terminal`` makes all three streams a terminal."""
    out, err = io.StringIO(), io.StringIO()
    code = run(
        words,
        Terminal(
            io.StringIO(stdin),
            out,
            err,
            environment=environment or {},
            stdin_is_terminal=terminal,
            stdout_is_terminal=terminal,
            stderr_is_terminal=terminal,
            width=width,
        ),
    )
    return Outcome(code, out.getvalue(), err.getvalue())


def process_environment(**changes: str) -> dict[str, str]:
    """The environment of this process, without what decides on colours, and with gradcli importable."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")
    }
    paths = [str(ROOT), kept.get("PYTHONPATH", "")]
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in paths if path), "TERM": "xterm", **changes}


def run_process(*words: str, stdin: str | bytes = b"", cwd: Path | None = None, **changes: str) -> Outcome:
    """Run a command line as a real process with pipes for streams."""
    done = subprocess.run(
        [sys.executable, "-m", "gradcli", *words],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        cwd=cwd,
        env=process_environment(**changes),
        timeout=120,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def start_process(*words: str) -> subprocess.Popen[str]:
    """Begin a command line as a real process with pipes for streams, which the caller reads and ends."""
    return subprocess.Popen(
        [sys.executable, "-m", "gradcli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=process_environment(),
    )
