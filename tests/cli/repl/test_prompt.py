"""`gradcli.cli.repl.prompt`: a session in a real terminal, with and without prompt_toolkit."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcli.cli.repl.prompt import coloured
from gradcli.cli.repl.workspace import Workspace
from tests.support.screens import needed, screen_of

GREETING = "An expression, a definition such as f(t) = t^2, or :help. Ctrl-D ends."


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("2*sin(x)", [("number", "2"), ("", "*"), ("function", "sin"), ("", "("), ("", "x"), ("", ")")]),
        ("sni(x", [("wrong", "sni"), ("", "("), ("", "x")]),
        ("g(t) = t", [("function", "g"), ("", "("), ("", "t"), ("", ")"), ("", " "), ("", "="), ("", " "), ("", "t")]),
        (":grad π", [("command", ":grad "), ("constant", "π")]),
        ("# a remark", [("prompt", "# a remark")]),
        ("", []),
        ("$ §", [("", "$"), ("", " "), ("", "§")]),
    ],
)
def test_the_parts_of_a_line_have_the_colours_of_their_kinds(line: str, parts: list[tuple[str, str]]) -> None:
    assert coloured(line, Workspace()) == parts
    assert "".join(part for _, part in coloured(line, Workspace())) == line


def test_a_constant_with_a_value_is_a_name() -> None:
    workspace = Workspace()
    workspace.set("e", "2")
    assert coloured("e", workspace) == [("", "e")]


@needed("tmux")
def test_a_session_in_a_terminal(tmp_path: Path) -> None:
    pytest.importorskip("prompt_toolkit")
    with screen_of("gradcli", "repl", folder=tmp_path, environment={"COLORTERM": "truecolor"}) as screen:
        screen.wait(f"{GREETING}\n>")
        for typed, shown in [
            ("x = 2", "x = 2.0"),
            ("f(t) = t^2", "> f(t) = t^2\nf(t) = t^2"),
            ("f(x) + 1", "x^2 + 1 = 5.0"),
            ("ans*2", "ans*2 = 10.0"),
            ("sni(x)", "error: unknown function `sni`\n  sni(x)\n  ^^^\n  did you mean `sin`?"),
            (":diff f(q)*y", "d/dq   2*q*y"),
        ]:
            screen.type(typed)
            screen.press("Enter")
            screen.wait(f"{shown}\n")
            screen.wait("\n>", last=True)
        # Names, and signs by their words.
        screen.type("sinh")
        screen.press("Tab")
        screen.wait("> sinh(")
        screen.type(r"\pi")
        screen.press("Tab")
        screen.wait("> sinh(π")
        # An open bracket goes on in the next line; Ctrl-C clears both.
        screen.press("Enter")
        screen.wait("> sinh(π\n...")
        screen.press("C-c")
        screen.wait("\n>", last=True)
        screen.type("sinh(x)*tan")
        screen.press("Tab")
        screen.wait("tanh(x)   derivative sech(x)^2")
        screen.press("C-c")
        screen.wait("\n>", last=True)
        screen.type(":grad f(x) --hes")
        screen.press("Tab")
        screen.wait(":grad f(x) --hessian")
        screen.press("Enter")
        screen.wait(" Hessian   x\n")
        screen.wait("\n>", last=True)
        assert "\x1b[36m2" in screen.painted  # a number is cyan
        # An earlier line comes back.
        screen.press("Up", "Up", "Up")
        screen.wait("> sni(x)", last=True)
        # A crash loses no line.
        history = tmp_path / "home/state/gradcli/history"
        assert history.read_text(encoding="utf-8").splitlines()[:3] == ["x = 2", "f(t) = t^2", "f(x) + 1"]


@needed("tmux")
def test_a_session_without_prompt_toolkit_is_a_plain_one(tmp_path: Path) -> None:
    (tmp_path / "prompt_toolkit.py").write_text("raise ImportError\n")
    history = tmp_path / "home/state/gradcli/history"
    history.parent.mkdir(parents=True)
    history.write_text("1 + 2\n")
    command = "PYTHONPATH=$PWD gradcli repl; echo en''ded $?"
    with screen_of("bash", "-c", f"{command}; cat", folder=tmp_path, environment={"NO_COLOR": "1"}) as screen:
        screen.wait('pip install "gradcli[repl]" adds completion and colours.\n>')
        screen.press("Up", "Enter")
        screen.wait("1 + 2 = 3.0")
        screen.type("f(2,")
        screen.press("Enter")
        screen.wait("\n...")
        screen.press("C-c")
        screen.wait("\n>", last=True)
        screen.type("ans + 1")
        screen.press("Enter")
        screen.wait("ans + 1 = 4.0")
        screen.press("C-d")
        screen.wait("ended 0")
        assert history.read_text() == "1 + 2\nans + 1\n"
