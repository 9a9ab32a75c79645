"""`gradcli.cli.application`: Typer reads every command line as the quick reader does, and its tools work on gradcli."""

from __future__ import annotations

import io
import random
import re
import shlex
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import typer
from typer.core import TyperCommand
from typer.testing import CliRunner

from gradcli.cli import application
from gradcli.cli.catalogue import COMMANDS, load
from gradcli.cli.command import Command
from gradcli.cli.context import Terminal
from gradcli.cli.reading.arguments import Binding
from gradcli.cli.reading.invocation import read_words
from gradcli.cli.reading.parameters import Parameter, arguments_of, parameters_of
from gradcli.errors import UsageError

Run = Callable[..., Any]
Read = tuple[dict[str, Any], tuple[Binding, ...]]
NAMES = [name for names in COMMANDS.values() for name in names]
GROUP: Any = typer.main.get_command(application.app)
#: The answer for words that are refused.
WRONG = None
#: The answer of the quick reader for words that only Typer can judge.
LEFT = "left to Typer"


def terminal() -> Terminal:
    return Terminal(io.StringIO(), io.StringIO(), io.StringIO(), environment={})


def read_quickly(name: str, words: list[str]) -> Read | str | None:
    """The arguments and the values of variables without Typer; `LEFT` where they are left to it."""
    try:
        session, found = read_words(name, words, terminal())
    except UsageError:
        return WRONG
    arguments = arguments_of(parameters_of(load(name).run), found.options, found.operands)
    return LEFT if arguments is None else (arguments, session.bindings)


def read_by_typer(name: str, words: list[str]) -> Read | None:
    """The same by the Typer application."""
    names = {one.name for one in parameters_of(load(name).run)}
    try:
        with GROUP.commands[name].make_context(name, list(words), obj=terminal()) as context:
            # A list is a tuple in some versions of Typer, and empty or None where nothing is given.
            params = {
                name: (list(value) or None) if isinstance(value, (list, tuple)) else value
                for name, value in context.params.items()
                if name in names
            }
            return params, context.obj.bindings if hasattr(context.obj, "bindings") else ()
    except (typer.BadParameter, UsageError):
        return WRONG


def alike(name: str, words: list[str]) -> Read | str | None:
    """What both readers make of the words, after comparing."""
    quick, slow = read_quickly(name, words), read_by_typer(name, words)
    if quick != LEFT:
        assert quick == slow, words
        if quick is not None and slow is not None:
            assert [*map(type, dict(quick[0]).values())] == [type(slow[0][one]) for one in quick[0]], words
    return quick


def lines(text: str) -> list[list[str]]:
    """The calls of gradcli in an example, which may be joined by pipes."""
    words, calls = shlex.split(text), []
    while words:
        end = words.index("|") if "|" in words else len(words)
        call, words = words[:end], words[end + 1 :]
        if call[0] == "gradcli":
            calls.append(call[1:])
    return calls


@pytest.mark.parametrize("name", NAMES)
def test_both_read_every_example_alike_and_neither_needs_the_other(name: str) -> None:
    for text, _ in load(name).examples:
        for command, *words in lines(text):
            assert alike(command, words) not in (WRONG, LEFT), text


RIGHT = {int: ["3", "12", "07", "1_0"], float: ["0.5", "1e-3", "2", "inf"], str: ["a", "x,y", "0:1", "sin(x)"]}
ANY = [*RIGHT[int], *RIGHT[float], *RIGHT[str], "-1", "0", "many", "x=1", "--", "-h*x", "--nothing", "", " ", "@file"]


def random_line(name: str, generator: random.Random) -> tuple[list[str], Read | None]:
    """Some words for a command, in any order, and what they mean if they were chosen to be right."""
    command = load(name)
    parameters = parameters_of(command.run)
    is_wild = generator.random() < 0.4
    options = [one for one in parameters if one.spellings and generator.random() < 0.3]
    options += [one for one in options if one.is_list and generator.random() < 0.5]
    operands = [one for one in parameters if not one.spellings and (one.is_required or generator.random() < 0.7)]
    several = command.takes_variables and generator.randint(0, 2)
    pieces: list[Parameter | str | None] = [*options, *generator.sample(["x1", "theta", "order"], several)]
    pieces += [None] * len(operands) + [generator.choice(["--json", "--plain", "--no-color"])]
    generator.shuffle(pieces)
    words: list[str] = []
    meaning: dict[str, Any] = {one.name: one.default for one in parameters}
    bindings = []
    for piece in pieces:
        if isinstance(piece, str) and piece.startswith("--"):
            words.append(piece)
        elif isinstance(piece, str):
            value = generator.choice(["2", "-3", "pi/2", "[1,2]"])
            bindings.append(Binding(piece, value))
            words += generator.choice([[f"{piece}={value}"], [f"--at={piece}={value}"], ["--at", f"{piece}={value}"]])
        else:
            parameter = operands.pop(0) if piece is None else piece
            value = generator.choice(ANY if is_wild else RIGHT.get(parameter.kind, [""]))
            words += words_of(parameter, value, generator)
            if not is_wild:
                found = True if parameter.kind is bool else parameter.kind(value)
                meaning[parameter.name] = [*(meaning[parameter.name] or ()), found] if parameter.is_list else found
    return words, None if is_wild else (meaning, tuple(bindings))


def words_of(parameter: Parameter, value: str, generator: random.Random) -> list[str]:
    """An operand, a flag, or an option with its value in the same word or in the next one."""
    if not parameter.spellings:
        return [value]
    spelling = generator.choice(parameter.spellings)
    if parameter.kind is bool:
        return [spelling]
    return [f"{spelling}={value}"] if spelling.startswith("--") and generator.random() < 0.5 else [spelling, value]


@pytest.mark.parametrize("name", NAMES)
def test_both_read_random_lines_alike(name: str) -> None:
    generator = random.Random(f"lines of {name}")
    right = 0
    for _ in range(60):
        words, meaning = random_line(name, generator)
        found = alike(name, words)
        if meaning is not None:
            right += 1
            assert found == meaning, words
    assert right > 20


@pytest.mark.parametrize("name", NAMES)
def test_typer_alone_reads_the_options_of_random_lines_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = random.Random(f"options of {name}")
    drawn = [random_line(name, generator) for _ in range(60)]
    lines = [words for words, meaning in drawn if meaning is not None and not meaning[1]]
    quick = [read_quickly(name, words) for words in lines]
    monkeypatch.setattr(application._Command, "parse_args", TyperCommand.parse_args)
    assert [read_by_typer(name, words) for words in lines] == quick
    assert len(lines) > 5


# Declarations


DECLARATIONS: list[tuple[str, str, dict[str, str], Any]] = [
    ("Literal['a', 'b']", "typer.Option('--one')", {"--one b": "b"}, "one of a, b, not `c`"),
    ("Colour", "typer.Option('--one')", {"--one red": "Colour.RED"}, "one of red, blue, not `c`"),
    ("Colour", "typer.Option('--one', case_sensitive=False)", {"--one RED": "Colour.RED"}, "one of red, blue"),
    ("str", "typer.Option('--one', callback=shouted)", {"--one a": "A"}, None),
    ("int", "typer.Option('--one', parser=len)", {"--one four": "4"}, None),
    ("pathlib.Path", "typer.Option('--one')", {"--one a/b": "a/b"}, None),
    ("pathlib.Path", "typer.Option('--one', exists=True)", {}, "`--one`: .*does not exist"),
    ("datetime.date", "typer.Option('--one', parser=day)", {"--one 2026-01-02": "2026-01-02"}, None),
    ("datetime.datetime", "typer.Option('--one')", {"--one 2026-01-02": "2026-01-02 00:00:00"}, "`--one`: "),
    ("uuid.UUID", "typer.Option('--one')", {"--one " + "0" * 32: "00000000-0000-0000-0000-000000000000"}, "`--one`: "),
    ("int", "typer.Option('--one', min=2, max=9)", {"--one 2": "2", "--one 9": "9"}, "a whole number from 2 to 9"),
    ("float", "typer.Option('--one', max=0.5)", {"--one=-inf": "-inf"}, "a number of at most 0.5, not `c`"),
    ("int", "typer.Option('--one', min=2, max=9, clamp=True)", {"--one 99": "9"}, "a whole number from 2 to 9"),
    ("bool", "typer.Option('--one/--no-one')", {"--one": "True", "--no-one": "False"}, None),
    ("bool", "typer.Option('/--quiet')", {"--quiet": "False"}, None),
    ("bool", "typer.Option()", {"--one": "True", "--no-one": "False"}, None),
    ("list[int]", "typer.Option('--one')", {"--one 1 --one 2": "[1, 2]"}, "a whole number, not `c`"),
    ("list[str]", "typer.Option('--one', '-q')", {"-q a --one b": "['a', 'b']"}, None),
    ("str", "typer.Option('--one', envvar='GRADCLI_TEST')", {"": "from outside", "--one a": "a"}, None),
    ("str", "typer.Option('--one', default_factory=str)", {"": "", "--one a": "a"}, None),
    ("str", "typer.Option('--one', show_default=False)", {"--one a": "a"}, None),
    ("str", "typer.Option('--one', hidden=True)", {"--one a": "a"}, None),
    ("str", "typer.Option('--one', rich_help_panel='More', is_eager=True)", {"--one a": "a"}, None),
    ("Literal['a', 'b']", "typer.Argument()", {"b": "b"}, None),
    ("Literal['a', 'b']", "typer.Argument(metavar='WHICH')", {}, "`WHICH`|`--one`"),
]
PROGRAM = """
from __future__ import annotations

import datetime
import enum
import pathlib
import uuid
from typing import TYPE_CHECKING, Annotated, Literal

from gradcli.cli.command import Command, session_of

if TYPE_CHECKING:
    import typer


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


def shouted(value: str) -> str:
    return value and value.upper()


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def run(context: typer.Context, one: Annotated[{kind}, {declaration}]{default}) -> None:
    '''Print it.'''
    session_of(context).output.line(str(list(one) if isinstance(one, (list, tuple)) else one))


COMMAND = Command(run, examples=(("gradcli tried", "nothing"),))
"""


@pytest.mark.parametrize(("kind", "declaration", "lines", "refusal"), DECLARATIONS, ids=lambda value: str(value)[:40])
def test_whatever_typer_allows_in_a_declaration_works(
    kind: str,
    declaration: str,
    lines: dict[str, str],
    refusal: str | None,
    inside: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_operand, is_made = "Argument" in declaration, "default_factory" in declaration
    module = ModuleType("gradcli.cli.commands.tried")
    text = PROGRAM.format(
        kind=kind if is_operand or is_made or kind == "bool" else f"{kind} | None",
        declaration=declaration,
        default="" if is_operand or is_made else " = False" if kind == "bool" else " = None",
    )
    exec(text, module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(COMMANDS, "Tried", ("tried",))
    monkeypatch.setattr(application, "app", application._application())
    monkeypatch.setenv("GRADCLI_TEST", "from outside")
    assert isinstance(module.COMMAND, Command)
    for line, expected in lines.items():
        assert inside("tried", *line.split()) == (0, f"{expected}\n", "")
    if refusal is not None:
        found = inside("tried", *(["c"] if is_operand else ["--one", "c"]))
        assert found.code == 2
        assert found.err.startswith("error: `")
        assert re.search(refusal, found.err)
    shown = inside("tried", "-h").out
    assert ("--one" in shown) == ("hidden" not in declaration and not is_operand and "quiet" not in declaration)


# Tools of Typer's


def test_typers_documentation_names_every_command_and_option() -> None:
    from typer.cli import get_docs_for_click

    text = get_docs_for_click(obj=GROUP, ctx=GROUP.make_context("gradcli", [], resilient_parsing=True), name="gradcli")
    for name in NAMES:
        assert f"## `gradcli {name}`" in text
        for parameter in parameters_of(load(name).run):
            assert all(spelling in text for spelling in parameter.spellings)


def test_the_application_runs_without_gradcli_around_it() -> None:
    runner = CliRunner()
    assert runner.invoke(application.app, ["eval", "--x", "3", "-x^2", "--plain"]).output.endswith("-9.0\n")
    assert runner.invoke(application.app, ["--version"]).output.startswith("gradcli ")
    assert "--hessian" in runner.invoke(application.app, ["grad", "-h"]).output
