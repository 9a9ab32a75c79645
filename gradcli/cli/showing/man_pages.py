r"""The manual pages of the commands, made from their help when the wheel is built.

A page is the help of the command: each heading becomes a section, and each example, usage or entry is printed as it is.
``man gradcli`` shows the overview, ``man gradcli-grad`` one command.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from gradcli import __version__
from gradcli.cli.catalogue import COMMANDS, load
from gradcli.cli.context import Terminal
from gradcli.cli.showing.help import help_of, overview

__all__ = ["man_pages"]

#: A page is read on a screen of at least 80 columns, of which `man` indents 7.
_WIDTH = 72
_SECTIONS = {"Usage": "SYNOPSIS"}


def man_pages() -> dict[str, str]:
    r"""Return the name of each file in ``share/man/man1``, and its text.

    >>> pages = man_pages()
    >>> pages["gradcli-diff.1"].splitlines()[2:4]
    ['.SH NAME', 'gradcli\\-diff \\- print the derivative as an expression']
    """
    terminal = Terminal(io.StringIO(), io.StringIO(), io.StringIO(), environment={}, width=_WIDTH)
    pages = {"gradcli.1": _page("gradcli", overview(terminal, long=True))}
    for group in COMMANDS.values():
        for name in group:
            pages[f"gradcli-{name}.1"] = _page(f"gradcli-{name}", help_of(name, load(name), terminal))
    return pages


def _page(name: str, text: str) -> str:
    """Return the help of a command as a page."""
    first, *lines = text.rstrip("\n").split("\n")
    summary = re.sub(r"^gradcli(?: \w+:)? ", "", first).rstrip(".")
    return "\n".join(
        [
            '.\\" made from the help of the program',
            f'.TH {name.upper()} 1 "" "gradcli {__version__}"',
            ".SH NAME",
            f"{_escaped(name)} \\- {_escaped(summary)}",
            *_sections(lines),
            *([] if name == "gradcli" else [".SH SEE ALSO", ".BR gradcli (1)"]),
            "",
        ]
    )


def _sections(lines: list[str]) -> Iterator[str]:
    """Yield the lines of a page: paragraphs are filled, and what is indented stays as it is."""
    is_literal = False
    for number, line in enumerate(lines):
        is_heading = bool(line) and not line.startswith(" ") and number > 0 and not lines[number - 1]
        is_heading = is_heading and number + 1 < len(lines) and lines[number + 1].startswith("  ")
        literal = line.startswith("  ") or (is_literal and not line and lines[number + 1 : number + 2] != [""])
        if is_literal and (is_heading or not literal):
            yield ".fi"
        if is_heading:
            yield f".SH {_SECTIONS.get(line, line.upper())}"
        elif literal:
            if not is_literal:
                yield ".nf"
            yield _escaped(line[2:] if line else line)
        else:
            yield _escaped(line) if line else ".PP"
        is_literal = literal and not is_heading
    if is_literal:
        yield ".fi"


def _escaped(text: str) -> str:
    r"""Return a text for troff, in which a backslash, a dash and a dot at the beginning mean something.

    >>> print(_escaped(".5 -x \\pi"))
    \&.5 \-x \epi
    """
    text = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("^", "\\(ha").replace("~", "\\(ti")
    )
    text = text.replace("`", "\\(ga")
    return f"\\&{text}" if text.startswith(".") else text
