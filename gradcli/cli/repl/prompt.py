"""A session on a terminal with prompt_toolkit: completion, colours, matching brackets and the history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from gradcli.cli.repl.history import History
from gradcli.cli.repl.line_completion import completions_of
from gradcli.cli.repl.statements import HEAD, Statements, is_open

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

    from gradcli.cli.repl.workspace import Workspace

__all__ = ["coloured", "prompt_lines", "session_for"]

#: The colours of the parts of a line.
_STYLES = {
    "number": "ansicyan", "function": "ansigreen", "constant": "ansimagenta", "wrong": "ansired", "command": "bold",
    "matching-bracket.cursor": "bold", "matching-bracket.other": "bold underline", "prompt": "ansibrightblack",
}  # fmt: skip
_CONSTANT, _NUMBERS = "constant", ("NUMBER", "FRACTION")


def prompt_lines(statements: Statements, session: PromptSession[str]) -> None:
    """Ask for lines until the user leaves."""
    while True:
        try:
            text = session.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if not statements.take(text):
            return


def session_for(statements: Statements, history: History, **streams: Any) -> PromptSession[str]:
    """Return the session of prompt_toolkit; ``streams`` are its input and output, by default those of the process.

    Raises:
        ImportError: prompt_toolkit is not installed.
    """
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.history import History as PromptHistory
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.layout.processors import HighlightMatchingBracketProcessor
    from prompt_toolkit.lexers import Lexer
    from prompt_toolkit.output import ColorDepth
    from prompt_toolkit.styles import Style

    workspace = statements.workspace

    class Completions(Completer):
        def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002
            for one in completions_of(document.text_before_cursor, workspace):
                yield Completion(one.text, -one.length, one.shown, one.meaning)

    class Colours(Lexer):
        def lex_document(self, document: Document) -> Any:
            lines = [[(f"class:{kind}" if kind else "", part) for kind, part in coloured(line, workspace)]
                     for line in document.lines]  # fmt: skip
            return lambda number: lines[number]

    class Lines(PromptHistory):
        def load_history_strings(self) -> Iterable[str]:
            return reversed(history.lines())

        def store_string(self, string: str) -> None:
            history.add(string)

    keys = KeyBindings()

    @Condition
    def goes_on() -> bool:
        document = session.default_buffer.document
        return is_open(document.text) and bool(document.current_line.strip())

    @keys.add("enter", filter=goes_on)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    terminal = statements.session.terminal
    session: PromptSession[str] = PromptSession(
        [("class:prompt", "> ")],
        prompt_continuation=[("class:prompt", "... ")],
        completer=Completions(),
        complete_while_typing=False,
        lexer=Colours(),
        history=Lines(),
        key_bindings=keys,
        input_processors=[HighlightMatchingBracketProcessor(chars="[](){}")],
        style=Style.from_dict(_STYLES if terminal.colour else {}),
        color_depth=None if terminal.colour else ColorDepth.DEPTH_1_BIT,
        include_default_pygments_style=False,
        **streams,
    )
    return session


def coloured(line: str, workspace: Workspace) -> list[tuple[str, str]]:
    """Return the parts of a line, each with the name of its colour or an empty text.

    >>> from gradcli.cli.repl.workspace import Workspace
    >>> coloured("2*sni(pi)", Workspace())
    [('number', '2'), ('', '*'), ('wrong', 'sni'), ('', '('), ('constant', 'pi'), ('', ')')]
    """
    from gradcli.language.parser import parser_of

    parts: list[tuple[str, str]] = []
    position = 0
    if line.lstrip().startswith(":"):
        position = len(line) - len(line.lstrip().partition(" ")[2])
        parts.append(("command", line[:position]))
    elif line.lstrip().startswith("#"):
        return [("prompt", line)]
    start = position
    is_definition = HEAD.match(line) is not None
    for token in parser_of("expression").tokens(line[start:]):
        if start + token.start > position:
            parts.append(("", line[position : start + token.start]))
        is_new = is_definition and token.kind == "FUNCTION" and not line[: token.start].strip()
        parts.append(("function" if is_new else _colour(token.kind, token.text, workspace), token.text))
        position = start + token.end
    return [*parts, *([("", line[position:])] if position < len(line) else [])]


def _colour(kind: str, text: str, workspace: Workspace) -> str:
    """Return the colour of a word of the grammar."""
    if kind in _NUMBERS:
        return "number"
    if kind == "NAME":
        from gradcli.language.parsed import CONSTANTS

        return _CONSTANT if text in CONSTANTS and text not in workspace.values else ""
    if kind == "FUNCTION":
        from gradcli.language.function_names import FunctionName, known_name

        word = FunctionName.of(text).word
        return "function" if word in workspace.functions or known_name(word) is not None else "wrong"
    return ""
