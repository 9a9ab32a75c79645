"""The words that may come next in a command line: commands, options, values, names in an expression, columns, files.

Everything is read from where it is declared: commands from the catalogue, options from the function of a command,
functions from the registry.  `gradcli.cli.completing.option_values` says which words an option takes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence

from gradcli.cli.catalogue import COMMANDS, COMMON_FLAGS, FROM, FROM_HELP, HELP, load
from gradcli.cli.command import Command
from gradcli.cli.reading.arguments import is_name
from gradcli.cli.reading.invocation import declares_from
from gradcli.cli.reading.parameters import Parameter, parameters_of
from gradcli.cli.showing.function_text import about_of, functions_named, signature_of
from gradcli.errors import GradcliError
from gradcli.records import NamedTuple

__all__ = ["Candidate", "candidates", "function_candidates", "matching"]

#: What may stand in place of a command.
_INSTEAD = {
    "help": "the help of a command",
    "--help": "the commands, exit codes and more",
    "--version": "the version",
    "--install-completion": "let the shell complete commands",
    "--show-completion": "print the shell's script for completion",
}
_MODELS = (".safetensors",)
_NAME = re.compile(r"[^\W\d]\w*$")
#: Expressions that are longer are not parsed while the user waits for a completion.
_LONGEST = 2_000


class Candidate(NamedTuple):
    """A word that may be meant.

    Attributes:
        text: the whole word.
        meaning: a few words about it.
        goes_on: whether more of the same word follows, as after ``sin(``, ``--order=`` and a folder.
    """

    text: str
    meaning: str = ""
    goes_on: bool = False


def candidates(words: Sequence[str], incomplete: str) -> list[Candidate]:
    """Return the words that may be meant by the beginning of a word; the most useful ones come first.

    Args:
        words: the words before it, without the name of the program.
        incomplete: the beginning of the word.

    >>> [one.text for one in candidates([], "dr")]
    ['draw']
    >>> [one.text for one in candidates(["draw", "x^2", "--style"], "m")]
    ['micrograd', 'minigrad']
    >>> [one.text for one in candidates(["grad"], "x1*sinh")]
    ['x1*sinh(']
    """
    rest = [word for word in words if word not in COMMON_FLAGS]
    names = [name for group in COMMANDS.values() for name in group]
    if not rest:
        flags = {**COMMON_FLAGS, **_INSTEAD} if incomplete.startswith("-") else {"help": _INSTEAD["help"]}
        found = [*[Candidate(name, _summary(name)) for name in names if name.startswith(incomplete)], *_entries(flags)]
    elif rest[0] == "help":
        found = [Candidate(name, _summary(name)) for name in names if name.startswith(incomplete)]
    elif rest[0] in names:
        found = list(_of_command(rest[0], rest[1:], incomplete))
    else:
        found = []
    # What can't be shown would change the screen or the list.
    return [one for one in matching(found, incomplete) if one.text.isprintable()]


def matching(found: Iterable[Candidate], incomplete: str) -> list[Candidate]:
    """Return the candidates that begin with a text, each once."""
    return [*{one.text: one for one in found if one.text.startswith(incomplete)}.values()]


def function_candidates(incomplete: str, names: Iterable[str] = ()) -> Iterator[Candidate]:
    """Yield the ways in which the last name in an expression may go on.

    Args:
        incomplete: the beginning of an expression.
        names: further names.
    """
    last = _NAME.search(incomplete)
    if last is None:
        return
    from gradcli.language.parsed import CONSTANTS

    head, prefix = incomplete[: last.start()], last[0]
    own = [name for name in re.findall(r"[^\W\d]\w*(?!\w|\s*\()", head) if len(name) > 1]
    for name in dict.fromkeys([*own, *names]):
        if name.startswith(prefix) and name != prefix:
            yield Candidate(head + name, "variable")
    for word, function in functions_named(prefix).items():
        yield Candidate(f"{head}{word}(", f"{signature_of(function)}: {about_of(function)}", True)
    for word, (constant, value) in CONSTANTS.items():
        if word.startswith(prefix) and word == constant and word != prefix:
            yield Candidate(head + word, f"{value:.6g}")


def _summary(name: str) -> str:
    first = (load(name).run.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return first[:1].lower() + first[1:]


def _entries(table: dict[str, str]) -> Iterator[Candidate]:
    for text, meaning in table.items():
        yield Candidate(text, meaning)


def _of_command(name: str, words: Sequence[str], incomplete: str) -> Iterator[Candidate]:
    """Yield the candidates behind the name of a command."""
    command = load(name)
    parameters = [*parameters_of(command.run), *_undeclared(command)]
    spelled = {spelling: one for one in parameters for spelling in one.spellings if one.kind is not bool}
    operands = _operands(command, words, spelled)
    line = _Line(name, command, parameters, operands, words)
    previous = words[-1] if words else ""
    option, equals, text = incomplete.partition("=")
    if "--" not in words and previous in spelled:
        yield from line.values(spelled[previous], "", incomplete)
    elif "--" not in words and equals and option in spelled:
        yield from line.values(spelled[option], f"{option}=", text)
    elif "--" not in words and incomplete.startswith("-") and not incomplete[1:2].isalnum():
        yield from line.options(incomplete)
    elif equals and command.takes_variables and is_name(option.removeprefix("--")):
        yield from _files(f"{option}=@", text.removeprefix("@"), ()) if text.startswith("@") else ()
    else:
        yield from line.operand(incomplete)


def _operands(command: Command, words: Sequence[str], spelled: dict[str, Parameter]) -> list[str]:
    """Return the operands among complete words, as far as they can be told from an incomplete line."""
    found, takes_value = [], False
    for word in words:
        head, equals, _ = word.partition("=")
        is_variable = command.takes_variables and word.startswith("--") and is_name(word[2:])
        is_binding = command.takes_variables and equals and is_name(head.removeprefix("--")) and "==" not in word
        if takes_value:
            takes_value = False
        elif word in spelled or (is_variable and word not in _flags(command)):
            takes_value = True
        elif not (is_binding or word.startswith("--") or (word.startswith("-") and not command.takes_expression)):
            found.append(word)
    return found


def _undeclared(command: Command) -> list[Parameter]:
    """Return the option that commands with an expression know and don't declare."""
    if not command.takes_expression or declares_from(command):
        return []
    from gradcli.language.grammar import GRAMMARS

    return [Parameter("notation", str, (FROM,), (), None, GRAMMARS, False, False, True, help=FROM_HELP)]


def _flags(command: Command) -> set[str]:
    of_command = {
        word for one in parameters_of(command.run) if one.kind is bool for word in (*one.spellings, *one.negations)
    }
    return {*COMMON_FLAGS, *HELP, *of_command}


class _Line(NamedTuple):
    """A command line up to the word that is completed."""

    name: str
    command: Command
    parameters: Sequence[Parameter]
    operands: Sequence[str]
    words: Sequence[str]

    def options(self, incomplete: str) -> Iterator[Candidate]:
        """Yield the options that are not given yet, and the variables of the expression."""
        given = {word.partition("=")[0] for word in self.words}
        for one in self.parameters:
            spellings = (*one.spellings, *one.negations)
            if not one.hidden and (one.is_list or given.isdisjoint(spellings)):
                yield from [Candidate(word, one.help) for word in spellings]
        if incomplete.startswith("--"):
            yield from [Candidate(f"--{name}=", "a variable", True) for name in self.open_variables()]
        yield from _entries(COMMON_FLAGS | {"--help": "this help"})

    def operand(self, incomplete: str) -> Iterator[Candidate]:
        """Yield the words that may be the next operand."""
        places = [one for one in self.parameters if not one.spellings and not one.negations]
        if self.command.takes_variables and self.operands:
            for name in self.open_variables():
                yield Candidate(f"{name}=", "a variable", True)
        if len(self.operands) < len(places) or (places and places[-1].is_list):
            yield from self.values(places[min(len(self.operands), len(places) - 1)], "", incomplete)

    def values(self, parameter: Parameter, prefix: str, incomplete: str) -> Iterator[Candidate]:
        """Yield the words that a parameter takes, each behind a prefix."""
        from gradcli.cli.completing.option_values import words_for

        metavar = parameter.metavar or ""
        parts = metavar.split("|")
        before = incomplete.split(",")[:-1] if "," in metavar and "|" not in metavar else []
        first = prefix + "".join(f"{word}," for word in before)
        for word, meaning in words_for(self.name, parameter).items():
            if word not in before:
                yield Candidate(first + word, meaning)
        if {"COLUMN", "COLUMN,...", "NAME,NAME,..."} & {*parts} or parameter.name == "target":
            yield from [Candidate(first + name, "column") for name in self.columns() if name not in before]
        if metavar in ("NAME", "NAME,...") and parameter.name == "wrt":
            yield from [Candidate(first + name, "variable") for name in self.variables() if name not in before]
        if "EXPR" in parts:
            if incomplete.startswith("@"):
                yield from _files(f"{prefix}@", incomplete[1:], ())
            else:
                yield from function_candidates(prefix + incomplete, filter(is_name, self.columns()))
        if {"MODEL"} & {*parts}:
            yield from _files(prefix, incomplete, _MODELS)
        if {"TABLE", "DATASET"} & {*parts}:
            yield from _files(prefix, incomplete, _table_suffixes())
        if "FILE" in parts or (metavar == "DIR" and parameter.name == "folder"):
            yield from _files(prefix, incomplete, () if metavar == "FILE" else None)

    def variables(self) -> list[str]:
        """The variables of the expression that is given; none if it can't be read."""
        if not self.command.takes_expression or not self.operands:
            return []
        text = self.operands[0]
        if text == "-" or text.startswith("@") or len(text) > _LONGEST:
            return []
        from gradcli.language.builder import read

        try:
            return [*read(text).variables]
        except GradcliError:
            return []

    def open_variables(self) -> list[str]:
        """The variables of the expression that have no value yet."""
        option = self.command.point_option
        given = {word.partition("=")[0] for word in self.words}
        if not self.command.takes_variables or (option is not None and option not in given):
            return []
        given = {word.partition("=")[0].removeprefix("--") for word in self.words}
        return [name for name in self.variables() if name not in given]

    def columns(self) -> list[str]:
        """The columns of the table that is named; none if it can't be read at once."""
        for path in reversed(self.operands):
            if os.path.isfile(path) and path.lower().endswith(_table_suffixes()):  # noqa: PTH113 - much quicker
                from gradcli.tables.formats import open_reader

                try:
                    with open_reader(path) as reader:
                        return [*reader.names]
                except (GradcliError, OSError, ValueError, ImportError):
                    return []
        return []


def _table_suffixes() -> tuple[str, ...]:
    from gradcli.tables.formats import FORMATS
    from gradcli.tables.table_bytes import COMPRESSIONS

    plain = [suffix for one in FORMATS.values() for suffix in one.suffixes]
    return (*plain, *[suffix + packed for suffix in plain for packed in COMPRESSIONS])


def _files(prefix: str, incomplete: str, suffixes: tuple[str, ...] | None) -> Iterator[Candidate]:
    """Yield the folders, and the files with one of some suffixes: with any if there are none, no files for None."""
    folder, _, start = incomplete.rpartition("/")
    base = f"{folder}/" if "/" in incomplete else ""
    try:
        with os.scandir(os.path.expanduser(base) or ".") as entries:  # noqa: PTH111 - `pathlib` takes longer
            found = sorted((one.name, one.is_dir()) for one in entries if one.name.startswith(start))
    except (OSError, ValueError):
        return
    for name, is_folder in found:
        if name.startswith(".") and not start.startswith("."):
            continue
        if is_folder:
            yield Candidate(f"{prefix}{base}{name}/", "folder", True)
        elif suffixes is not None and (not suffixes or name.lower().endswith(suffixes)):
            yield Candidate(f"{prefix}{base}{name}", "file")
