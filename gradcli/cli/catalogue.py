"""The table of all commands by group, and a function that loads one by its name."""

from __future__ import annotations

from importlib import import_module

from gradcli.cli.command import Command

__all__ = ["COMMANDS", "COMMON_FLAGS", "COMPLETE", "FROM", "FROM_HELP", "HELP", "VERSION", "load"]

COMMANDS: dict[str, tuple[str, ...]] = {
    "Expressions": ("eval", "grad", "diff", "taylor", "plot", "draw", "check", "map", "repl"),
    "Nets": ("train", "predict", "export"),
    "Teaching": ("quiz",),
    "Reference": ("functions",),
}
"""The commands by group; ``NAME`` is declared in ``gradcli/cli/commands/NAME.py``."""

COMMON_FLAGS = {
    "--json": "one object of strict JSON",
    "--plain": "tab-separated text, as in a pipe",
    "--no-color": "no colours",
    "--debug": "show the traceback of an error",
}
"""The flags that every command knows and no command declares; only `HELP` is not among them."""

FROM, FROM_HELP = "--from", "the notation of EXPR: expression or latex"
"""The option that every command with an expression knows, and no command declares."""

COMPLETE = "_GRADCLI_COMPLETE"
"""The environment variable with the name of the shell that asks for completions."""

HELP = ("-h", "--help")
VERSION = ("-V", "--version")


def load(name: str) -> Command:
    """Import one command."""
    command: Command = import_module(f"gradcli.cli.commands.{name}").COMMAND
    return command
