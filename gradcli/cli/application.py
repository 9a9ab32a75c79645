"""The whole command line as one Typer application, made from the catalogue.

The application has two uses.  Typer's tools for documentation read it (``typer gradcli.cli.application utils docs``).
And it converts, or refuses, every word that `gradcli.cli.reading.parameters` can't read by itself.  A command takes the
values of variables out of its words before Typer sees them, as the quick reader does.  So both read every command line
in the same way, and a test checks that.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from gradcli import __version__
from gradcli.cli.catalogue import COMMANDS, COMMON_FLAGS, FROM, FROM_HELP, VERSION, load
from gradcli.cli.command import Command
from gradcli.cli.context import Terminal
from gradcli.cli.reading.invocation import declares_from, read_words
from gradcli.cli.reading.parameters import declarations

__all__ = ["app", "run_command"]


class _Command(TyperCommand):
    """A command that takes the values of variables out of its words.

    Its ``obj`` is at first a terminal, later a `Session`.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:  # tools for documentation have no words
            ctx.obj, found = read_words(str(self.name), args, ctx.obj or Terminal.of_process())
            options = [word for pair in found.options for word in pair if word is not None]
            args = [*options, "--", *found.operands]
        return super().parse_args(ctx, args)


def _function(command: Command) -> Callable[..., None]:
    """Return a command's function with annotations for Typer, and with the options that no command declares."""
    run = command.run
    declared = declarations(run, typer)
    flags: dict[str, tuple[Any, Any]] = {
        flag.strip("-").replace("-", "_"): (Annotated[bool, typer.Option(flag, help=text)], False)
        for flag, text in COMMON_FLAGS.items()
    }
    if command.takes_expression and not declares_from(command):
        option = typer.Option(FROM, metavar="NOTATION", help=FROM_HELP)
        flags["notation"] = (Annotated[str | None, option], None)
    context = run.__code__.co_varnames[0]
    parameters = {context: (typer.Context, ...), **declared, **flags}

    def function(**arguments: Any) -> None:
        run(arguments.pop(context), **{name: arguments[name] for name in declared if name in arguments})

    function.__annotations__ = {name: hint for name, (hint, _) in parameters.items()}
    function.__doc__ = run.__doc__
    signature = []
    for name, (hint, default) in parameters.items():
        value = Parameter.empty if default is ... else default
        signature.append(Parameter(name, Parameter.KEYWORD_ONLY, default=value, annotation=hint))
    vars(function)["__signature__"] = Signature(signature)
    return function


def _print_version(is_asked_for: bool) -> None:
    if is_asked_for:
        typer.echo(f"gradcli {__version__}")
        raise typer.Exit


_VERSION = typer.Option(*VERSION, help="print the version", callback=_print_version, is_eager=True)


def _application() -> typer.Typer:
    made = typer.Typer(
        name="gradcli",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @made.callback()
    def gradcli(version: Annotated[bool, _VERSION] = False) -> None:
        """Compute exact derivatives of expressions, and train small neural nets."""

    for group, names in COMMANDS.items():
        for name in names:
            # Options that are not known here are variables.
            lenient = {"ignore_unknown_options": True, "allow_extra_args": False}
            made.command(name, cls=_Command, rich_help_panel=group, context_settings=lenient)(_function(load(name)))
    return made


app = _application()


def run_command(name: str, words: list[str], terminal: Terminal) -> None:
    """Run a command by Typer alone.

    Raises:
        typer.BadParameter: a word can't be converted, or one is missing.
    """
    group: Any = typer.main.get_command(app)
    with group.commands[name].make_context(f"gradcli {name}", words, obj=terminal) as context:
        group.commands[name].invoke(context)
