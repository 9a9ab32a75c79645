"""`gradcli.cli.showing.help`: examples first, then how a command is written, then all of its options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.cli.catalogue import COMMANDS, load
from gradcli.cli.reading.invocation import options_of

Run = Callable[..., Any]


def test_version_and_help_go_to_standard_output(process: Run) -> None:
    from gradcli import __version__

    assert process("--version") == (0, f"gradcli {__version__}\n", "")
    for words in (
        (),
        ("-h",),
        ("--help",),
        ("grad", "-h"),
        ("grad", "x^2", "--help", "--x", "2"),
        ("--json", "grad", "-h"),
    ):
        found = process(*words)
        assert (found.code, found.err) == (0, "")
        assert "Examples" in found.out


def test_help_of_every_command_starts_with_examples_and_names_every_option(inside: Run) -> None:
    overview = inside("--help").out
    for names in COMMANDS.values():
        for name in names:
            found = inside(name, "-h")
            command = load(name)
            assert found.code == 0
            assert found.out.startswith(f"gradcli {name}: ")
            assert found.out.index("Examples") < found.out.index("Usage") < found.out.index("Options")
            assert all(line in found.out for line, _ in command.examples)
            for spelling in options_of(command).spellings - {"--at"}:
                assert spelling in found.out
            assert all(len(line) <= 80 for line in found.out.splitlines() if "gradcli" not in line)
            assert f"\n  {name} " in overview
