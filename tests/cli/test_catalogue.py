"""`gradcli.cli.catalogue`: every command by its whole name, from a file of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.cli.catalogue import COMMANDS, COMMON_FLAGS, HELP, load
from gradcli.cli.reading.parameters import parameters_of
from gradcli.errors import ExitCode
from tests.support.paths import PACKAGE

Run = Callable[..., Any]


def test_commands_are_never_abbreviated(inside: Run) -> None:
    for word in ("e", "ev", "gra", "EVAL", "function"):
        assert inside(word, "1").code == ExitCode.USAGE
    assert "did you mean `grad`?" in inside("gard", "x").err


def test_every_file_of_a_command_is_in_the_catalogue_once_and_no_other_name() -> None:
    names = [name for group in COMMANDS.values() for name in group]
    assert sorted(names) == sorted(path.stem for path in (PACKAGE / "cli/commands").glob("[!_]*.py"))


def test_no_command_declares_a_flag_that_all_have() -> None:
    for name in (name for group in COMMANDS.values() for name in group):
        spellings = {one for parameter in parameters_of(load(name).run) for one in parameter.spellings}
        assert not spellings & {*COMMON_FLAGS, *HELP}, name
