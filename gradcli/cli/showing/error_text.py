"""How errors and notes look: the sentence, the source line with a caret under the exact span, and one hint.

The caret counts columns of the screen, not characters: a tab is shown as four blanks, wide characters take two columns,
a span at the end of the text gets a caret after the last character.  If a line is very long, only the part around the
span is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gradcli.cli.context import painted
from gradcli.errors import GradcliError
from gradcli.source import columns, visible

if TYPE_CHECKING:
    from gradcli.cli.reading.parameters import Parameter
    from gradcli.source import Note, Source, Span

__all__ = ["as_document", "name_options", "render_error", "render_note"]

_LONGEST_LINE = 100
_WARNINGS = frozenset({"domain", "pole", "overflow"})


def render_error(error: GradcliError, *, colour: bool, width: int | None = None, place: str = "") -> str:
    """Return the message of an error, with a newline at the end.

    ``width`` is the width of the screen, or None for a log; ``place`` is the line of a session, such as ``"line 3"``.

    >>> from gradcli.errors import ExpressionError
    >>> from gradcli.source import Source, Span
    >>> source = Source("x1*x2+sni(x1)")
    >>> hint = "did you mean `sin`?"
    >>> error = ExpressionError("unknown function `sni`", source=source, span=Span(6, 9), hint=hint)
    >>> print(render_error(error, colour=False), end="")
    error: unknown function `sni`
      x1*x2+sni(x1)
            ^^^
      did you mean `sin`?
    """
    return _render(f"error in {place}" if place else "error", "red", error, error.source, colour, width)


def render_note(note: Note, source: Source | None, *, colour: bool, width: int | None = None) -> str:
    """Return the text of a note; a note about a missing value or an overflow is called a warning."""
    label, style = ("warning", "yellow") if note.kind in _WARNINGS else ("note", "blue")
    return _render(label, style, note, source, colour, width)


def name_options(error: GradcliError, options: Mapping[str, str]) -> None:
    """Rewrite an error of the library for the command line: names of arguments become options of the command.

    Args:
        error: the error, whose message and hint are changed.
        options: the option for each argument.

    >>> from gradcli.errors import UsageError
    >>> error = UsageError("`learning_rate` is 0", hint="for example `learning_rate=0.1`", argument="learning_rate")
    >>> name_options(error, {"learning_rate": "--lr"})
    >>> print(error.message, error.hint, sep="; ")
    `--lr` is 0; for example `--lr 0.1`
    """

    if error.arguments:
        error.message = with_options(error.message, error.arguments, options)
        error.hint = error.hint and with_options(error.hint, error.arguments, options)
    if error.source is not None and error.source.name.startswith("`"):
        name = with_options(error.source.name, options, options).strip("`")
        error.source = error.source._replace(name=name)


def with_options(text: str, arguments: Iterable[str], options: Mapping[str, str]) -> str:
    """Return a text in which options of a command replace the names of arguments.

    Args:
        arguments: the arguments that the text names.
        options: the option for each argument, and for ``name=True`` and ``name=False`` if a flag has two spellings.

    >>> with_options("`header=False` is data", ["header"], {"header": "--header", "header=False": "--no-header"})
    '`--no-header` is data'
    """

    def option(found: re.Match[str]) -> str:
        if found[1] not in options:
            return found[0]
        together = options.get(f"{found[1]}={found[2]}")
        if together is None:
            together = options[found[1]] if found[2] is None else f"{options[found[1]]} {found[2]}"
        return f"`{together}`"

    return re.sub(f"`({'|'.join(map(re.escape, arguments))})(?:=([^`]*))?`", option, text)


def options_of(parameters: Iterable[Parameter]) -> dict[str, str]:
    """Return the option for each argument of a command, as `with_options` takes them."""
    found = {one.name: one.shown for one in parameters if one.spellings}
    for one in parameters:
        if one.spellings and one.negations:
            found |= {f"{one.name}=True": one.shown, f"{one.name}=False": max(one.negations, key=len)}
    return found


def as_document(error: GradcliError) -> dict[str, Any]:
    """Return an error as the object of ``--json``."""
    return {
        "error": {
            "kind": error.kind,
            "message": error.message,
            "span": list(error.span) if error.span is not None else None,
            "hint": error.hint,
        }
    }


def _render(
    label: str, style: str, said: GradcliError | Note, source: Source | None, colour: bool, width: int | None
) -> str:
    lines = [f"{label}: {visible(said.message)}"]
    if width is not None and columns(lines[0]) > width:
        from textwrap import wrap

        lines = wrap(lines[0], max(width, 40), subsequent_indent="  ")
    lines[0] = painted(f"{label}:", style, colour=colour) + lines[0][len(label) + 1 :]
    if source is not None and said.span is not None and source.text.strip():
        lines += _excerpt(source, said.span, style, colour=colour)
    lines += [f"  {painted(visible(line), 'cyan', colour=colour)}" for line in (said.hint or "").splitlines()]
    return "\n".join(lines) + "\n"


def _excerpt(source: Source, span: Span, style: str, *, colour: bool) -> list[str]:
    """Return the line of the text where the span starts, and the carets below it."""
    row, column, line = source.line_at(span.start)
    line = line.rstrip("\r")
    column = min(column, len(line))
    length = max(1, min(span.end - span.start, len(line) - column))
    lines = []
    places = [] if source.name == "expression" else [visible(source.name)]
    if "\n" in source.text.strip("\n"):
        places.append(f"line {row}")
    if places:
        lines.append("  " + painted(f"in {', '.join(places)}:", "dim", colour=colour))
    cut = max(0, min(column - _LONGEST_LINE // 3, len(line) - _LONGEST_LINE)) if len(line) > _LONGEST_LINE else 0
    shown = line[cut : cut + _LONGEST_LINE]
    before, marked = shown[: column - cut], shown[column - cut : column - cut + length]
    left, right = "... " if cut else "", " ..." if cut + _LONGEST_LINE < len(line) else ""
    lines.append(f"  {left}{visible(shown)}{right}")
    carets = "^" * max(1, columns(visible(marked)))
    lines.append(" " * (2 + len(left) + columns(visible(before))) + painted(carets, style, colour=colour))
    return lines
