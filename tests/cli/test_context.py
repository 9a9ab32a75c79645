"""`gradcli.cli.context`: which form a result takes, where colours go, and how large the screen is."""

from __future__ import annotations

import io
import sys

import pytest

from gradcli.cli.context import Terminal, is_dumb, painted, screen_size


def decided(words: list[str], *, terminal: bool, **environment: str) -> tuple[str, bool, bool]:
    screen = Terminal(
        io.StringIO(),
        io.StringIO(),
        io.StringIO(),
        environment=environment,
        stdout_is_terminal=terminal,
        stderr_is_terminal=terminal,
    )
    screen.decide_form(words)
    return screen.form, screen.colour, screen.message_colour


@pytest.mark.parametrize(
    ("words", "terminal", "environment", "expected"),
    [
        ([], True, {}, ("table", True, True)),
        ([], False, {}, ("plain", False, False)),
        ([], True, {"NO_COLOR": "1"}, ("table", False, False)),
        ([], True, {"NO_COLOR": ""}, ("table", True, True)),
        ([], True, {"TERM": "dumb"}, ("table", False, False)),
        (["--no-color"], True, {}, ("table", False, False)),
        ([], False, {"FORCE_COLOR": "1"}, ("table", True, True)),
        ([], False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, ("table", False, False)),
        ([], False, {"FORCE_COLOR": "1", "TERM": "dumb"}, ("table", True, True)),
        (["--no-color"], False, {"FORCE_COLOR": "1"}, ("table", False, False)),
        (["--plain"], True, {}, ("plain", False, True)),
        (["--plain"], False, {"FORCE_COLOR": "1"}, ("plain", False, True)),
        (["--json"], True, {}, ("json", False, True)),
        (["--json"], False, {"FORCE_COLOR": "1"}, ("json", False, True)),
        (["--", "--json"], True, {}, ("table", True, True)),
    ],
)
def test_form_and_colour_follow_flags_environment_and_streams(
    words: list[str], terminal: bool, environment: dict[str, str], expected: tuple[str, bool, bool]
) -> None:
    assert decided(words, terminal=terminal, **environment) == expected


def test_a_closed_standard_stream_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", None)
    monkeypatch.setattr("sys.stdin", None)
    screen = Terminal.of_process()
    screen.stdout.write("lost")
    assert screen.stdin.read() == ""
    assert not screen.stdout_is_terminal


@pytest.mark.parametrize(("columns", "width"), [("132", 132), ("0", 80), ("wide", 80), ("", 80)])
def test_the_width_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert Terminal.of_process().width == width


def test_paint_is_around_the_text_or_not_there() -> None:
    assert painted("x", "bold", colour=True) == "\x1b[1mx\x1b[0m"
    assert painted("x", "bold", colour=False) == "x"


def test_the_size_of_the_screen_is_that_of_the_environment_or_a_usual_one() -> None:
    assert screen_size(io.StringIO(), {"COLUMNS": "33", "LINES": "7"}) == (33, 7)
    assert screen_size(io.StringIO(), {"COLUMNS": "0", "LINES": "many"}) == (80, 25)


def test_a_question_returns_the_line_that_was_typed_and_none_at_the_end() -> None:
    output = io.StringIO()
    screen = Terminal(io.StringIO("2x \nlast"), output, io.StringIO(), environment={})
    assert [screen.ask("> "), screen.ask("> "), screen.ask("> ")] == ["2x ", "last", None]
    assert output.getvalue() == "> > > "


def test_in_the_terminal_of_the_process_a_line_can_be_edited(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal(sys.stdin, sys.stdout, sys.stderr, environment={})
    lines = iter(["2x"])

    def typed(prompt: str) -> str:
        for line in lines:
            return f"{prompt}{line}"
        raise EOFError

    monkeypatch.setattr("builtins.input", typed)
    assert [screen.ask("> "), screen.ask("> ")] == ["> 2x", None]


#: What ipykernel gives to ``!command``: a pseudo-terminal with colours, and a pager that doesn't ask.
JUPYTER = {"TERM": "xterm-color", "CLICOLOR": "1", "FORCE_COLOR": "1", "PAGER": "cat", "GIT_PAGER": "cat"}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (JUPYTER, True),
        ({"TERM": "dumb"}, True),
        ({"TERM": "unknown"}, True),
        ({"TERM": "xterm-256color", "PAGER": "cat", "GIT_PAGER": "cat"}, False),
        ({"TERM": "xterm-color", "PAGER": "less"}, False),
        ({"TERM": "xterm-color"}, False),
    ],
)
def test_a_terminal_that_can_only_add_lines_is_recognised(environment: dict[str, str], expected: bool) -> None:
    assert is_dumb(environment) is expected
    made = [
        Terminal(io.StringIO(), io.StringIO(), io.StringIO(), environment=environment, stderr_is_terminal=there)
        for there in (True, False)
    ]
    assert [one.can_redraw for one in made] == [not expected, False]


def test_a_terminal_without_a_name_is_dumb_where_terminals_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.name", "posix")
    assert is_dumb({})
    monkeypatch.setattr("os.name", "nt")
    assert not is_dumb({})
