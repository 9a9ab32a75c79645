"""Help: examples first, then how the command is written, then its options.

`command_help` reads it from the declaration of a command. The terminal, the manual pages and the reference in the
documentation are written from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from gradcli.cli.catalogue import COMMANDS, COMMON_FLAGS, FROM, FROM_HELP, HELP, load
from gradcli.cli.command import Command
from gradcli.cli.context import Terminal, painted
from gradcli.cli.reading.invocation import declares_from
from gradcli.cli.reading.parameters import Parameter, parameters_of
from gradcli.errors import ExitCode
from gradcli.records import NamedTuple

__all__ = ["CommandHelp", "command_help", "help_of", "overview", "session_help"]

_WIDEST = 100
_COMMAND_EDGE = 13
_EXAMPLES = (
    ('gradcli grad "x1*x2 + sin(x1)" --x1 2 --x2 3', "the value and both partial derivatives"),
    ('gradcli draw "x1*x2 + sin(x1)" --x1 2 --x2 3 -o graph.svg', "the graph behind it"),
    ("gradcli train moons", "a small net, trained before your eyes"),
)


def overview(terminal: Terminal, *, long: bool) -> str:
    """Return the help of ``gradcli`` itself: the long one for ``--help``, the short one if no words are given."""
    page = _Page(terminal)
    page.text("gradcli computes exact derivatives of expressions and trains small neural nets.")
    page.heading("Examples")
    page.examples(_EXAMPLES)
    for group, names in COMMANDS.items():
        page.heading(group)
        page.entries([(name, _summary(load(name))) for name in names], edge=_COMMAND_EDGE)
    if long:
        page.heading("Variables")
        page.text(
            "  --x1 2, --x1=2, x1=2 and --at x1=2 give a value to the variable x1, before or after the expression. "
            "The value may be an expression without variables, such as pi/2. If a variable has the name of an "
            "option, such as order, write order=3 or --at order=3."
        )
        page.heading("Every command knows")
        page.entries(_common_flags())
        page.heading("Exit codes")
        page.entries([(str(int(code)), code.meaning) for code in ExitCode])
        page.heading("Completion")
        page.text(
            "  gradcli --install-completion lets bash, zsh, fish or PowerShell complete commands, options and their "
            "values, functions in an expression, columns of a table and files."
        )
    page.text("")
    page.text("gradcli help COMMAND shows the help of a command" + ("." if long else ", gradcli -h shows more."))
    return page.finished()


class CommandHelp(NamedTuple):
    """The help of a command.

    Attributes:
        summary: what the command does, as a clause.
        examples: command lines, each with its purpose.
        usage: how the command is written.
        arguments: its operands and variables, each with its meaning.
        paragraphs: what else is to be known.
        options: its options, each with its meaning.
    """

    summary: str
    examples: Sequence[tuple[str, str]]
    usage: str
    arguments: list[tuple[str, str]]
    paragraphs: list[str]
    options: list[tuple[str, str]]


def command_help(name: str, command: Command) -> CommandHelp:
    """Return the help of one command."""
    parameters = parameters_of(command.run)
    options = [parameter for parameter in parameters if parameter.spellings or parameter.negations]
    operands = [parameter for parameter in parameters if parameter not in options]
    words = [_operand(operand) for operand in operands]
    words += ["[--NAME VALUE ...]"] if command.takes_variables else []
    arguments = [(_operand(operand), operand.help) for operand in operands]
    if command.takes_variables:
        arguments.append(("--NAME VALUE", "the value of a variable; also --NAME=VALUE, NAME=VALUE or --at NAME=VALUE"))
    notation = [(f"{FROM} NOTATION", FROM_HELP)] if command.takes_expression and not declares_from(command) else []
    return CommandHelp(
        summary=_summary(command),
        examples=command.examples,
        usage=f"gradcli {name} {' '.join([*words, '[OPTIONS]'])}",
        arguments=arguments,
        paragraphs=[" ".join(paragraph.split()) for paragraph in (command.run.__doc__ or "").strip().split("\n\n")[1:]],
        options=[(_spelling(one), _meaning(one)) for one in options if not one.hidden] + notation + _common_flags(),
    )


def help_of(name: str, command: Command, terminal: Terminal) -> str:
    """Return the help of one command, for a terminal."""
    page, found = _Page(terminal), command_help(name, command)
    page.text(f"gradcli {name}: {found.summary}")
    page.heading("Examples")
    page.examples(found.examples)
    page.heading("Usage")
    page.text(f"  {found.usage}")
    if found.arguments:
        page.text("")
        page.entries(found.arguments)
    for paragraph in found.paragraphs:
        page.text("")
        page.text(paragraph)
    page.heading("Options")
    page.entries(found.options)
    return page.finished()


def session_help(terminal: Terminal, own: Mapping[str, str]) -> str:
    """Return the help inside a session of ``gradcli repl``; ``own`` are its own words and their meanings."""
    page = _Page(terminal)
    page.text("A line is an expression, a definition or a command.")
    page.heading("Lines")
    page.entries(
        [
            ("x = 2*pi", "a value; also an array, x = [1, 2], or a file, A = @x.npy"),
            ("y = a*x^2", "a definition, in which a and x mean what they are when y is used"),
            ("f(t) = t^2", "a function"),
            ("f(x) + ans", "an expression; ans is the last result"),
        ],
        edge=_COMMAND_EDGE + 1,
    )
    for group, names in COMMANDS.items():
        page.heading(group)
        entries = [(f":{name}", _summary(load(name))) for name in names if name != "repl"]
        page.entries(entries, edge=_COMMAND_EDGE + 1)
    page.heading("The session")
    page.entries([(f":{name}", meaning) for name, meaning in own.items()], edge=_COMMAND_EDGE + 1)
    page.text("")
    page.text(":grad sin(x)*y x=2 --steps is gradcli grad with the values and definitions of the session.")
    return page.finished()


def _common_flags() -> list[tuple[str, str]]:
    return [*COMMON_FLAGS.items(), (", ".join(HELP), "this help")]


def _summary(command: Command) -> str:
    first = (command.run.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return first[:1].lower() + first[1:]


def _operand(parameter: Parameter) -> str:
    name = (parameter.metavar or parameter.name.upper()) + " ..." * parameter.is_list
    return name if parameter.is_required else f"[{name}]"


def _spelling(parameter: Parameter) -> str:
    names = ", ".join(sorted((*parameter.spellings, *parameter.negations), key=len))
    if parameter.kind is bool:
        return names
    return f"{names} {parameter.metavar or '|'.join(parameter.choices) or _VALUES.get(parameter.kind, 'TEXT')}"


_VALUES = {int: "N", float: "X"}


def _meaning(parameter: Parameter) -> str:
    is_shown = parameter.show_default and parameter.kind is not bool and parameter.default not in (None, "")
    return parameter.help + (f" (default {getattr(parameter.default, 'value', parameter.default)})" if is_shown else "")


class _Page:
    """Lines of help, wrapped to the width of the terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self.width = max(40, min(terminal.width, _WIDEST))
        self.colour = terminal.colour
        self.lines: list[str] = []

    def text(self, text: str) -> None:
        indent = " " * (len(text) - len(text.lstrip()))
        # A name such as sheet-key.tex stays whole.
        self.lines += wrap(
            text.strip(), self.width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
        ) or [""]

    def heading(self, text: str) -> None:
        self.lines += ["", painted(text, "bold", colour=self.colour)]

    def examples(self, examples: Sequence[tuple[str, str]]) -> None:
        # A command line is never broken: it is there to be copied.
        edge = max(len(line) for line, _ in examples)
        fits = all(edge + len(meaning) + 6 <= self.width for _, meaning in examples)
        for line, meaning in examples:
            shown = painted(line, "cyan", colour=self.colour)
            if fits:
                self.lines.append(f"  {shown}{' ' * (edge - len(line))}  # {meaning}")
            else:
                self.lines += [painted(f"  # {meaning}", "dim", colour=self.colour), f"  {shown}"]

    def entries(self, entries: list[tuple[str, str]], edge: int | None = None) -> None:
        if edge is None:
            edge = min(26, 4 + max((len(name) for name, _ in entries), default=0))
        for name, meaning in entries:
            lines = wrap(meaning, self.width - edge, break_on_hyphens=False) or [""]
            start = f"  {name}"
            if len(start) + 2 > edge:
                self.lines.append(start)
            else:
                self.lines.append(start.ljust(edge) + lines.pop(0))
            self.lines += [" " * edge + line for line in lines]

    def finished(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines) + "\n"
