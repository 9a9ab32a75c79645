"""One file for each kind of error: the command lines of `errors/KIND.txt` give exactly the messages that stand there.

A file holds blocks, separated by an empty line: a command line behind ``$``, the whole message, and the exit code.
``<<< "text"`` hands a text to standard input; ``\\n``, ``\\t`` and ``\\e`` are characters that can't be seen.
``python -m tests.cli.test_errors`` writes all messages anew, to be read before they are committed.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import run_inside
from tests.support.paths import PACKAGE

FOLDER = Path(__file__).with_name("errors")
FILES = sorted(FOLDER.glob("*.txt"))
# Kinds that belong to commands with tests of their own, and those that no command line can produce.
ELSEWHERE = {
    "internal": "a planted fault in test_app.py",
    "unwritable_output": "a full device in test_app.py",
    "usage": "words that only Typer refuses, in its own sentence",
    "array_value": "an array in place of a number in test_map.py",
    "order": "the command line checks the order itself",
    "unusable_file": "a file that a command writes",
    "broken_extra": "depends on what is installed",
    "too_large": "an array in test_array_commands.py",
    "circle": "definitions of a session in tests/language/test_definitions.py",
    **dict.fromkeys(("bounds", "cases", "name"), "formulas of LaTeX in tests/language/test_latex_instructions.py"),
}
OWN_FILES = (
    "cli/app.py",
    "cli/reading/arguments.py",
    "cli/reading/operands.py",
    "cli/showing/output.py",
    "cli/reading/values.py",
    "evaluate/array_point.py",
    "cli/commands",
    "language",
    "evaluate/expression.py",
    "evaluate/notes.py",
    "evaluate/point.py",
    "execute",
)
THEIR_FILES = ("train.py", "predict.py", "draw.py", "map.py")


def blocks(path: Path) -> list[tuple[str, str]]:
    """The (command line, message with exit code) pairs of a file."""
    found = []
    for block in re.split(r"\n\n(?=\$ )", path.read_text(encoding="utf-8").rstrip("\n")):
        line, _, expected = block.partition("\n")
        found.append((line, expected))
    return found


def words_of(line: str) -> tuple[list[str], str]:
    """The words behind ``$ gradcli`` and the text of standard input."""
    words = shlex.split(line.removeprefix("$ gradcli"))
    for escape, character in (("\\n", "\n"), ("\\t", "\t"), ("\\e", "\x1b")):
        words = [word.replace(escape, character) for word in words]
    if "<<<" in words:
        return words[: words.index("<<<")], words[words.index("<<<") + 1]
    return words, ""


def message(found: Any) -> str:
    return f"{found.err}exit {int(found.code)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_command_line_gives_the_message_of_its_file(
    path: Path, inside: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for line, expected in blocks(path):
        words, stdin = words_of(line)
        found = inside(*words, stdin=stdin)
        assert f"{line}\n{message(found)}" == f"{line}\n{expected}"
        assert found.out == "" or "--json" in words
        error = json.loads(inside("--json", *words, stdin=stdin).out)["error"]
        assert error["kind"] == path.stem
        assert len(message(found).splitlines()[0]) < 120


def test_every_kind_of_error_has_a_file() -> None:
    kinds = {"syntax"}
    for place in OWN_FILES:
        files = [PACKAGE / place] if place.endswith(".py") else list((PACKAGE / place).glob("*.py"))
        assert files, place
        for path in files:
            if path.name not in THEIR_FILES:
                kinds |= set(re.findall(r'kind="([a-z_]+)"', path.read_text(encoding="utf-8")))
    assert kinds - {path.stem for path in FILES} == set(ELSEWHERE)


def rewrite() -> None:
    """Write all messages anew."""
    for path in FILES:
        texts = []
        for line, _ in blocks(path):
            words, stdin = words_of(line)
            texts.append(f"{line}\n{message(run_inside(*words, stdin=stdin))}\n")
        path.write_text("\n".join(texts), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
