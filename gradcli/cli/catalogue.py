"""The commands that there are, and how one of them is loaded."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradcli.cli.command import Command

if TYPE_CHECKING:
    from typer.core import TyperCommand

__all__ = ["COMMANDS", "COMMON_FLAGS", "load"]

COMMANDS: dict[str, tuple[str, ...]] = {
    "Expressions": ("eval", "grad", "diff", "draw", "check"),
    "Nets": ("train", "predict", "export"),
    "Reference": ("functions",),
}
"""The commands by group; ``NAME`` is declared in ``gradcli/cli/commands/NAME.py``."""

COMMON_FLAGS = {
    "--json": "one object of strict JSON",
    "--plain": "tab-separated text, as in a pipe",
    "--no-color": "no colours",
    "--debug": "show the traceback of an error",
    "--help": "this help",
}
"""What every command knows and no command declares."""


def load(name: str) -> tuple[Command, TyperCommand]:
    """Import one command and register it with Typer."""
    import typer

    command: Command = import_module(f"gradcli.cli.commands.{name}").COMMAND
    application = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    application.command(name, add_help_option=False)(command.run)
    registered: Any = typer.main.get_command(application)
    return command, registered
