"""Make everything in the README, in docs/ and in stubs that is made of something else, so that nothing is out of date.

    python docs/refresh.py          make it
    python docs/refresh.py --check  name what is out of date, and exit 1 if anything is

* Console blocks: a block holds commands behind ``$``, and behind ``>`` what is typed if a command asks; everything else
  in it is replaced by their output on a terminal of 80 columns without colour.  Figures that differ from run to run
  (seconds) are written as ``...``.
* Drawings (`DRAWINGS`), and pictures of a terminal (docs/screen.py).
* The reference of commands and functions (docs/reference.py).
* The stubs for type checkers (tests/support/stubs.py).
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
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs"
#: Picture -> the command that draws it, without its ``-o``.
DRAWINGS = {
    "graph.svg": 'gradcli draw "x1*x2+sin(x1)" --x1 2 --x2 3',
    "graph_micrograd.svg": 'gradcli draw "x1*x2+sin(x1)" --x1 2 --x2 3 --style micrograd',
    "graph_minigrad.svg": 'gradcli draw "x1*x2+sin(x1)" --x1 2 --x2 3 --style minigrad',
    "neuron.svg": 'gradcli draw "sigmoid(w*x + b)"',
    "net.svg": "gradcli draw --net 2,3,1",
}
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


def pages_with_blocks() -> list[Path]:
    """Return the README and the pages that have console blocks."""
    found = [ROOT / "README.md", *sorted(FOLDER.rglob("*.md"))]
    return [page for page in found if _BLOCK.search(page.read_text(encoding="utf-8"))]


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


def drawing(name: str) -> str:
    """Return one of `DRAWINGS` as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        output_of(f"{DRAWINGS[name]} -o {name}", Path(folder))
        return Path(folder, name).read_text(encoding="utf-8")


def words_of(picture: str) -> list[str]:
    """Return the texts in a picture of a terminal.

    Its colours may differ by the last digit of a score from machine to machine; its words may not.
    """
    return re.findall(r"<text [^>]*>([^<]*)</text>", picture)


def made() -> Iterator[tuple[Path, str, bool]]:
    """Yield each file, its new text, and whether it is out of date."""
    import reference
    import screen

    sys.path.append(str(ROOT))
    from tests.support.stubs import stubs

    texts = {FOLDER / name: drawing(name) for name in DRAWINGS}
    texts |= {FOLDER / name: text for name, text in reference.pages().items()} | stubs()
    for path, text in texts.items():
        yield path, text, not path.exists() or path.read_text(encoding="utf-8") != text
    for name in screen.PICTURES:
        path, text = FOLDER / name, screen.drawn(screen.frame(name))
        yield path, text, not path.exists() or words_of(path.read_text(encoding="utf-8")) != words_of(text)
    for path in pages_with_blocks():
        before = path.read_text(encoding="utf-8")
        text = refreshed(before)
        yield path, text, before != text


if __name__ == "__main__":
    if importlib.util.find_spec("gradcli") is None:
        sys.exit("gradcli is not installed for this Python: pip install --editable .")
    stale = []
    for path, text, is_stale in made():
        if is_stale:
            stale.append(path.relative_to(ROOT).as_posix())
            if "--check" not in sys.argv:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
    print("\n".join(stale))
    if "--check" in sys.argv and stale:
        sys.exit(1)
