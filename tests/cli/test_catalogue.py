"""`gradcli.cli.catalogue`: every command by its whole name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.errors import ExitCode

Run = Callable[..., Any]


def test_commands_are_never_abbreviated(inside: Run) -> None:
    for word in ("e", "ev", "gra", "EVAL", "function"):
        assert inside(word, "1").code == ExitCode.USAGE
    assert "did you mean `grad`?" in inside("gard", "x").err
