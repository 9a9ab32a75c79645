"""The meaning of a line of a session, and its run.

A line is an expression, a definition (``x = 2``, ``f(t) = t^2``), several of these with semicolons between them, or a
command with a colon before it.  An expression is run as ``gradcli eval``, and ``:grad ...`` as ``gradcli grad ...``.
So nothing about a command is written here: its own file declares it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING

from gradcli.cli.app import guarded, run
from gradcli.cli.catalogue import COMMANDS, COMMON_FLAGS, load
from gradcli.cli.reading.arguments import Options, at_top_level, is_name, split
from gradcli.cli.reading.invocation import options_of
from gradcli.cli.repl.workspace import Workspace
from gradcli.cli.showing.output import Output
from gradcli.errors import ExitCode, GradcliError, UsageError
from gradcli.source import suggestion

if TYPE_CHECKING:
    from gradcli.cli.command import Session
    from gradcli.cli.context import Terminal

__all__ = ["HEAD", "OWN", "Ended", "Statements", "is_open", "pieces_of", "words_of"]

#: The words after a colon that are not commands of their own, each with its meaning.
OWN = {
    "steps": "show how a derivative is found, as diff --steps does",
    "names": "the values and definitions of this session",
    "forget": "forget names: :forget x y",
    "help": "this help; :help NAME shows a command or a function",
    "quit": "leave, as Ctrl-D does",
}
#: The words that mean `OWN` without a colon, where they are no variables.
_BARE = {"quit": "quit", "exit": "quit", "help": "help"}
#: The left side of a definition.
HEAD = re.compile(r"\s*([^\W\d]\w*)\s*(\([^()]*\))?\s*=(?!=)")
_OPENING, _CLOSING = "([{", ")]}"


class Ended(Exception):
    """The exception for a user who leaves the session."""


class Statements:
    """The lines of a session that is going on.

    Attributes:
        workspace: the names that the session keeps.
        code: the exit code of the first error.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.workspace = Workspace()
        self.code: int = ExitCode.DONE
        self._flags = [word for word in session.arguments if word in COMMON_FLAGS]

    def run(self, line: str, place: str = "") -> int:
        """Run one line, print its results and errors, and return the exit code.

        Args:
            line: the line.
            place: the place of the line for errors, such as ``"line 3"``.

        Raises:
            Ended: the line ends the session.
        """
        text = line.strip()
        bare = _BARE.get(text.lower())
        if bare is not None and text not in self._names():
            text = f":{bare}"
        if not text or text.startswith("#"):
            code: int = ExitCode.DONE
        elif text.startswith(":"):
            code = self._command(text, place)
        else:
            code = self._statements(text, place)
        self.code = self.code or code
        return code

    def take(self, line: str) -> bool:
        """Run one line that somebody typed; Ctrl-C ends the line alone.  Return whether the session goes on."""
        try:
            self.run(line)
        except KeyboardInterrupt:
            return True
        except Ended:
            return False
        return True

    def _names(self) -> set[str]:
        return {*self.workspace.values, *self.workspace.texts}

    def _statements(self, text: str, place: str) -> int:
        """Run definitions and expressions one after the other, up to the first error."""
        parts = [text] if "\\" in text else [part for part in at_top_level(text, ";") if part.strip()]
        for part in parts:
            code = self._statement(part.strip(), place)
            if code:
                return code
        return ExitCode.DONE

    def _statement(self, text: str, place: str) -> int:
        if HEAD.match(text) is None:
            # A single minus would be standard input, which is the lines to come.
            return self._run(["eval", "--", text if text != "-" else "- ", *self._given("eval", [text], ())], place)

        def action(session: Session) -> None:
            from gradcli.cli.repl.entries import enter

            enter(session, self.workspace, text)

        return self._guarded(action, place)

    def _command(self, text: str, place: str) -> int:
        name, _, rest = text[1:].strip().partition(" ")
        rest = rest.strip()
        commands = [one for names in COMMANDS.values() for one in names if one != "repl"]
        if name in ("quit", "q", "exit"):
            raise Ended
        if name == "help":
            return self._help(rest, commands, place)
        if name == "names":
            return self._guarded(self._show_names, place)
        if name == "forget":
            return self._guarded(lambda session: self.workspace.forget(rest.replace(",", " ").split()), place)
        if name == "steps":
            name, rest = "diff", f"--steps {rest}"
        if name not in commands:
            hint = suggestion(name, [*commands, *OWN], ":help lists the commands")
            error = UsageError(f"unknown command `:{name}`", kind="unknown_command", hint=hint)
            return self._guarded(lambda session: _fail(error), place)
        command = load(name)
        options = options_of(command)
        words = words_of(rest, options)
        try:
            found = split(words, options)
        except GradcliError:
            return self._run([name, *words], place)  # the command says what is wrong
        given: list[str] = []
        takes_point = command.point_option is None or command.point_option in dict(found.options)
        if options.takes_only_expressions and command.takes_variables and takes_point:
            given = self._given(name, found.operands, {binding.name for binding in found.bindings})
        return self._run([name, *_before_operands(words, given)], place)

    def _given(self, command: str, operands: Iterable[str], named: Iterable[str]) -> list[str]:
        """Return words ``NAME=VALUE`` for variables that have a value in the session and none in the line."""
        from gradcli.language.builder import read

        used: dict[str, None] = {}
        for operand in operands:
            try:
                parsed = read(operand, variables=self.workspace.values, definitions=self.workspace.definitions)
            except GradcliError:
                continue  # the command says what is wrong
            used.update(dict.fromkeys(parsed.variables))
        found = [name for name in used if name in self.workspace.values and name not in named]
        if load(command).takes_ranges and not named and {*found} == {*used}:
            found = found[1:]  # the first variable has the usual range
        return [f"{name}={self.workspace.values[name]}" for name in found]

    def _help(self, name: str, commands: Sequence[str], place: str) -> int:
        name = name.removeprefix(":")
        if not name:
            return self._guarded(_show_help, place)
        return self._run([name, "-h"] if name in commands else ["functions", name], place)

    def _show_names(self, session: Session) -> None:
        output = session.output
        rows = [f"{name} = {text}" for name, text in self.workspace.values.items()] + [*self.workspace.texts.values()]
        if output.form == "json":
            output.json({"names": rows})
            return
        for row in rows:
            output.line(row)

    def _run(self, words: list[str], place: str) -> int:
        flags = self._flags
        if {"--json", "--plain"} & {*words}:
            flags = [flag for flag in flags if flag not in ("--json", "--plain")]
        terminal = self._terminal(place)
        return self._ended(run([*flags, *words], terminal), terminal)

    def _guarded(self, action: Callable[[Session], None], place: str) -> int:
        """Run an action with a session for one line, and return the exit code."""
        terminal = self._terminal(place)
        session = self.session._replace(terminal=terminal, output=Output(terminal))
        return self._ended(guarded(lambda: action(session), terminal, self._flags), terminal)

    def _ended(self, code: int, terminal: Terminal) -> int:
        """Return the exit code of a line; end the session if nobody reads its results any longer."""
        if terminal.is_closed:
            raise Ended
        return code

    def _terminal(self, place: str) -> Terminal:
        """Return a terminal for one line, with the names of the session."""
        terminal = copy(self.session.terminal)
        terminal.answered = False
        terminal.workspace = self.workspace
        terminal.place = place
        if not terminal.stdin_is_terminal:
            terminal.stdin = io.StringIO()  # the lines to come are not the input of a command
        return terminal


def _show_help(session: Session) -> None:
    from gradcli.cli.showing.help import session_help

    session.terminal.stdout.write(session_help(session.terminal, OWN))


def _fail(error: GradcliError) -> None:
    raise error


def is_open(text: str) -> bool:
    """Whether a bracket of a text is still open, so that the next line belongs to it.

    >>> is_open("f(x,"), is_open("f(x)"), is_open("x)")
    (True, False, False)
    """
    return sum(text.count(one) for one in _OPENING) > sum(text.count(one) for one in _CLOSING)


def words_of(text: str, options: Options) -> list[str]:
    """Return the words of a command in a session, where an expression needs no quotes.

    Blanks inside brackets or quotes don't separate words.  All text between two options, values or quoted words is one
    expression.

    >>> grad = Options(flags=frozenset({"--steps"}), valued={"--wrt": "wrt"})
    >>> words_of("x1 * sin(x2, 3) --wrt x1 x2=[1, 2] --steps", grad)
    ['x1 * sin(x2, 3)', '--wrt', 'x1', 'x2=[1, 2]', '--steps']
    >>> words_of("'x + 1' \\"y\\"", grad)
    ['x + 1', 'y']
    """
    found: list[str] = []
    start: int | None = None  # where the expression begins that is being read
    end = 0
    takes_value = False
    for word, begin, finish, is_quoted in pieces_of(text):
        is_value = takes_value
        takes_value = False
        is_part = False
        if not (is_value or is_quoted):
            head, equals, _ = word.partition("=")
            is_option = word.startswith("--") or head in options.flags or head in options.valued
            is_binding = bool(equals) and is_name(head) and not word.startswith(f"{head}==") and ";" not in word
            takes_value = is_option and not equals and word not in options.flags and word != "--"
            is_part = options.takes_expression and not is_option and not is_binding
        if is_part:
            start = begin if start is None else start
            end = finish
            continue
        if start is not None:
            found.append(text[start:end])
            start = None
        found.append(word)
    return [*found, *([] if start is None else [text[start:end]])]


def pieces_of(text: str) -> Iterator[tuple[str, int, int, bool]]:
    """Yield the words of a text, their places, and whether they are in quotes; blanks in brackets divide no word."""
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        begin, depth = position, 0
        quote = text[position]
        close = text.find(quote, position + 1) if quote in "'\"" else -1
        if close >= 0:
            position = close + 1
            yield text[begin + 1 : close], begin, position, True
            continue
        while position < len(text) and (depth > 0 or not text[position].isspace()):
            depth += (text[position] in _OPENING) - (text[position] in _CLOSING)
            position += 1
        yield text[begin:position], begin, position, False


def _before_operands(words: Sequence[str], given: Sequence[str]) -> list[str]:
    """Return the words of a command with ``given`` added at the end, or before a ``--`` if there is one."""
    place = words.index("--") if "--" in words else len(words)
    return [*words[:place], *given, *words[place:]]
