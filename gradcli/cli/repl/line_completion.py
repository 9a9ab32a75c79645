r"""The completions of a line of a session: names with their meanings, commands, options, and signs such as ``\pi``.

This module knows no terminal; `gradcli.cli.repl.prompt` shows what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING

from gradcli.cli.catalogue import COMMANDS, load
from gradcli.cli.completing.candidates import candidates
from gradcli.cli.reading.invocation import options_of
from gradcli.cli.repl.statements import OWN, pieces_of, words_of
from gradcli.cli.showing.function_text import about_of, functions_named, partials_of, signature_of
from gradcli.records import NamedTuple

if TYPE_CHECKING:
    from gradcli.cli.repl.workspace import Workspace
    from gradcli.cli.showing.function_text import Function

__all__ = ["Completed", "completions_of", "signs"]

_SIGN = re.compile(r"\\(\^?-?\w*)$")
_NAME = re.compile(r"[^\W\d]\w*$")
#: The signs that are not letters, each with the word for it.
_SIGNS = {
    "cdot": "·", "times": "×", "div": "÷", "sqrt": "√", "cbrt": "∛", "infty": "∞", "inf": "∞", "le": "≤", "ge": "≥",
    "ne": "≠", "land": "∧", "lor": "∨", "lnot": "¬", "sum": "∑", "prod": "∏", "half": "½", "Vert": "‖",
    **{f"^{digit}": sign for digit, sign in zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True)},
    **{f"_{digit}": sign for digit, sign in zip("0123456789", "₀₁₂₃₄₅₆₇₈₉", strict=True)}, "^-1": "⁻¹",
}  # fmt: skip
_LETTERS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi "
    "chi psi omega"
)


class Completed(NamedTuple):
    """A way in which a line may go on.

    Attributes:
        text: the text that replaces the end of the line.
        length: how many characters it replaces.
        shown: the text for a list.
        meaning: returns a few words about it; it may take some time.
    """

    text: str
    length: int
    shown: str
    meaning: Callable[[], str]


def completions_of(line: str, workspace: Workspace) -> Iterator[Completed]:
    r"""Yield the ways in which a line may go on.

    Args:
        line: the line up to the cursor.
        workspace: the names of the session.

    >>> from gradcli.cli.repl.workspace import Workspace
    >>> [one.text for one in completions_of(r"2\p", Workspace())]
    ['π', 'φ', 'ψ', '∏']
    >>> [(one.text, one.meaning()) for one in completions_of("1 + sinh", Workspace())]
    [('sinh(', 'sinh(x)   derivative cosh(x)')]
    """
    sign = _SIGN.search(line)
    if sign is not None:
        yield from _signs_named(sign[1])
        return
    command = re.match(r"\s*:(\w*)(\s+)?", line)
    if command is None:
        yield from _names(line, workspace)
    elif command[2] is None:
        yield from _commands(command[1])
    else:
        yield from _words(command[1], line[command.end() :], workspace)


@cache
def signs() -> dict[str, str]:
    r"""Return the words behind a backslash, each with its sign: the Greek letters, and signs of the language."""
    from unicodedata import lookup

    found = {}
    for name in _LETTERS.split():
        greek = {"lambda": "LAMDA"}.get(name, name.upper())
        found[name] = lookup(f"GREEK SMALL LETTER {greek}")
        found[name.capitalize()] = lookup(f"GREEK CAPITAL LETTER {greek}")
    return found | _SIGNS


def _signs_named(prefix: str) -> Iterator[Completed]:
    table = signs()
    # A whole word is meant as it is: \pi and not \pivot.
    words = [prefix] if prefix in table else [word for word in table if word.startswith(prefix)]
    for word in words:
        yield _completed(table[word], len(prefix) + 1, f"\\{word} {table[word]}", "")


def _completed(text: str, length: int, shown: str, meaning: str) -> Completed:
    return Completed(text, length, shown, lambda: meaning)


def _names(text: str, workspace: Workspace) -> Iterator[Completed]:
    """Yield the names that the last name of an expression may be."""
    last = _NAME.search(text)
    if last is None:
        return
    prefix, length = last[0], len(last[0])
    from gradcli.language.parsed import CONSTANTS

    functions = workspace.functions
    for name, value in workspace.values.items():
        if name.startswith(prefix):
            yield _completed(name, length, name, value)
    for name, definition in workspace.texts.items():
        if name.startswith(prefix):
            yield _completed(f"{name}(" if name in functions else name, length, name, definition)
    for word, function in functions_named(prefix).items():
        if word not in functions:
            yield Completed(f"{word}(", length, word, partial(_meaning, function))
    for word, (constant, number) in CONSTANTS.items():
        if word.startswith(prefix) and word == constant and word not in workspace.values:
            yield _completed(word, length, word, f"{number:.6g}")


def _meaning(function: Function) -> str:
    """Return the signature of a function and its derivatives, or what it does if it has none."""
    partials = partials_of(function)
    if not partials:
        return f"{signature_of(function)}   {about_of(function)}"
    if len(partials) == 1:
        return f"{signature_of(function)}   derivative {next(iter(partials.values()))}"
    texts = [f"d/d{name} = {text}" for name, text in partials.items()]
    return f"{signature_of(function)}   {', '.join(texts)}"


def _commands(prefix: str) -> Iterator[Completed]:
    for group in COMMANDS.values():
        for name in group:
            if name.startswith(prefix) and name != "repl":
                summary = (load(name).run.__doc__ or "").strip().partition("\n")[0].rstrip(".")
                yield _completed(name, len(prefix), f":{name}", summary)
    for name, meaning in OWN.items():
        if name.startswith(prefix):
            yield _completed(name, len(prefix), f":{name}", meaning)


def _words(name: str, rest: str, workspace: Workspace) -> Iterator[Completed]:
    """Yield the ways in which the words behind a command may go on."""
    name = {"steps": "diff"}.get(name, name)
    if name == "help":
        yield from _commands(rest)
        yield from _names(rest, workspace)
        return
    if name == "forget":
        last = rest.replace(",", " ").rpartition(" ")[2]
        for known, text in {**workspace.values, **workspace.texts}.items():
            if known.startswith(last):
                yield _completed(known, len(last), known, text)
        return
    if name == "repl" or not any(name in group for group in COMMANDS.values()):
        return
    command = load(name)
    options = options_of(command)
    pieces = [*pieces_of(rest)]
    begin = pieces[-1][1] if pieces and pieces[-1][2] == len(rest) and not pieces[-1][3] else len(rest)
    incomplete, before = rest[begin:], words_of(rest[:begin], options)
    takes_value = bool(before) and before[-1] in options.valued
    takes_another = options.takes_only_expressions or not before
    if command.takes_expression and takes_another and not (takes_value or incomplete.startswith("-")):
        yield from _names(rest, workspace)
        if "(" in incomplete or not before:
            return
    for one in candidates([name, *before], incomplete):
        if not (command.takes_expression and one.text.endswith("(")):
            text = f'"{one.text}"' if " " in one.text else one.text
            yield _completed(text, len(incomplete), one.text, one.meaning)
