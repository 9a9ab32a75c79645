"""Fill the console blocks of the README and of pages with what the program prints.

    python docs/refresh.py          rewrite them
    python docs/refresh.py --check  exit 1 if one is out of date

A block holds commands behind ``$``, and behind ``>`` what is typed if a command asks; everything else in it is replaced
by their output on a terminal of 80 columns without colour.  Figures that differ from run to run (seconds) are written
as ``...``.
"""

from __future__ import annotations

import importlib.util
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    ROOT / "README.md",
    *[ROOT / "docs" / f"{name}.md" for name in ("digits", "map", "answers", "steps", "plot", "pages", "repl")],
)
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_SECONDS = re.compile(r"(^\s*seconds\s+|^wrote .* in )[\d.]+", re.MULTILINE)

#: What tells programs about the terminal of whoever runs this: the pages show one of 80 columns and 24 lines.
_OF_A_TERMINAL = ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES")


def output_of(command: str, folder: Path) -> str:
    """Return what a command line shows, without the blanks at the ends of its lines.

    Only ``gradcli ...``, which shows both streams, ``gradcli ... | cat`` and ``gradcli ... 2>/dev/null | tail -n N``
    are understood; no shell is involved.
    """
    words = shlex.split(command)
    is_piped, tail = "|" in words, 0
    hides_messages = "2>/dev/null" in words
    if is_piped:
        tail = int(words[-1]) if "tail" in words else 0
        words = words[: words.index("2>/dev/null" if hides_messages else "|")]
    environment = {key: value for key, value in os.environ.items() if key not in _OF_A_TERMINAL}
    environment |= {"COLUMNS": "80", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    if not is_piped:
        environment["FORCE_COLOR"] = "1"
    done = subprocess.run(
        [sys.executable, "-m", "gradcli", *words[1:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if hides_messages else subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        cwd=folder,
        env=environment,
        check=False,
    )
    lines = [line.rstrip() for line in done.stdout.strip("\n").split("\n")]
    return _SECONDS.sub(r"\1...", "\n".join(lines[-tail:]))


class Typed(io.StringIO):
    """Lines that somebody types, which the terminal shows as they are read."""

    def __init__(self, lines: list[str], screen: io.StringIO) -> None:
        super().__init__("".join(f"{line}\n" for line in lines))
        self.screen = screen

    def readline(self, size: int = -1, /) -> str:
        line = super().readline(size)
        self.screen.write(line)
        return line


def session_of(command: str, lines: list[str]) -> str:
    """Return what a terminal shows of a command that asks, and of the lines that are typed behind its prompts."""
    from gradcli.cli.app import run
    from gradcli.cli.context import Terminal

    screen = io.StringIO()
    streams = (Typed(lines, screen), screen, screen)
    is_terminal = dict.fromkeys(("stdin_is_terminal", "stdout_is_terminal", "stderr_is_terminal"), True)
    run(shlex.split(command)[1:], Terminal(*streams, environment={"NO_COLOR": "1"}, **is_terminal))
    return "\n".join(line.rstrip() for line in screen.getvalue().strip("\n").split("\n"))


def refreshed(text: str) -> str:
    """The text with every console block filled anew; the commands find the tables of `examples` where they run."""
    with tempfile.TemporaryDirectory() as name:
        for table in (ROOT / "examples").glob("*.csv"):
            shutil.copy(table, name)

        def shown(part: str) -> str:
            command, _, rest = part.partition("\n")
            typed = [line[2:] for line in rest.splitlines() if line.startswith("> ")]
            output = session_of(command, typed) if typed else output_of(command, Path(name))
            return f"$ {command}\n{output}\n"

        def fill(block: re.Match[str]) -> str:
            parts = re.split(r"^\$ ", block.group(1), flags=re.MULTILINE)[1:]
            return "```console\n" + "\n".join(map(shown, parts)) + "```"

        return _BLOCK.sub(fill, text)


if __name__ == "__main__":
    if importlib.util.find_spec("gradcli") is None:
        sys.exit("gradcli is not installed for this Python: pip install --editable .")
    for page in PAGES:
        before = page.read_text(encoding="utf-8")
        after = refreshed(before)
        if "--check" in sys.argv and before != after:
            sys.exit(1)
        page.write_text(after, encoding="utf-8")
