"""`gradcli.cli.completing.shells`: scripts that are driven in real shells, and never run what they complete."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gradcli.cli.completing.shells import SCRIPTS, words_in
from gradcli.errors import ExitCode
from tests.support.command_line import HEAVY
from tests.support.screens import Screen, needed, screen_of

Run = Callable[..., Any]

#: A shell without the user's files, and the line that prepares it.
STARTS = {
    "bash": (("bash", "--norc"), "PS1='$ '; source <(gradcli --show-completion bash)"),
    "zsh": (("zsh", "-f"), "PS1='$ '; autoload -Uz compinit; compinit -u; source <(gradcli --show-completion zsh)"),
    "fish": (("fish", "--no-config"), "function fish_prompt; echo '$ '; end; gradcli --show-completion fish | source"),
}


@pytest.fixture(scope="module", params=[pytest.param(shell, marks=needed("tmux", shell)) for shell in STARTS])
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Screen]]:
    """A shell with completion in a terminal of its own, in a folder with a few files."""
    name: str = request.param
    folder = tmp_path_factory.mktemp(name)
    (folder / "flowers.csv").write_text("petal,sepal width,kind$(touch ran)\n1,2,3\n")
    (folder / "net.safetensors").write_text("")
    start, prepared = STARTS[name]
    with screen_of(*start, folder=folder) as screen:
        screen.type(f"{prepared}; echo rea''dy")
        screen.press("Enter")
        screen.wait("ready")
        yield name, screen
        assert not (folder / "ran").exists()


def completed(screen: Screen, typed: str, expected: str, tabs: int = 1) -> str:
    """The screen after a line and Tab; the line and the screen are cleared afterwards."""
    screen.type(typed)
    screen.wait(typed.rstrip())
    screen.press(*["Tab"] * tabs)
    shown = screen.wait(expected)
    screen.press("C-u")
    screen.type("clear; echo rea''dy")
    screen.press("Enter")
    screen.wait(typed.rstrip(), gone=True)
    screen.wait("ready")
    return shown


def test_a_shell_completes_commands_options_values_columns_and_functions(shell: tuple[str, Screen]) -> None:
    _, screen = shell
    for typed, expected in [
        ("gradcli dr", "gradcli draw"),
        ("gradcli diff x --ord", "gradcli diff x --order"),
        ("gradcli draw x --style=mic", "--style=micrograd"),
        ("gradcli train mo", "gradcli train moons"),
        ('gradcli grad "x1 + sinh', 'gradcli grad "x1 + sinh('),
        ("gradcli train flowers.csv --target pe", "--target petal"),
        ("gradcli train flowers.csv --columns petal,s", r"--columns petal,sepal\ width"),
        ("gradcli predict ne", "gradcli predict net.safetensors"),
        ('gradcli grad "x*y" x=2 y', 'gradcli grad "x*y" x=2 y='),
        # A column with a command in its name is a word and never runs.
        ("gradcli train flowers.csv --target k", r"--target kind\$\(touch\ ran\)"),
    ]:
        completed(screen, typed, expected)


def test_a_shell_lists_what_is_possible_and_shows_meanings(shell: tuple[str, Screen]) -> None:
    name, screen = shell
    shown = completed(screen, 'gradcli grad "2*cos', "cosh(", tabs=2)
    if name != "bash":
        assert "The hyperbolic cosine" in shown


@pytest.mark.parametrize("name", [pytest.param(name, marks=needed("tmux", name)) for name in STARTS])
def test_an_installed_script_is_there_in_a_new_shell(name: str, tmp_path: Path, process: Run) -> None:
    home = tmp_path / "home"
    home.mkdir()
    rc = {"bash": ".bashrc", "zsh": ".zshrc"}.get(name)
    if rc is not None:
        (home / rc).write_text("PS1='$ '")
    for _ in range(2):
        found = process("--install-completion", name, HOME=str(home), XDG_CONFIG_HOME=str(home / "config"))
        assert (found.code, found.err) == (ExitCode.DONE, f"start a new {name} to use it\n")
    written = Path(found.out.removeprefix("wrote ").strip())
    assert written.read_text() == SCRIPTS[name].lstrip("\n")
    if rc is not None:
        first, *others = (home / rc).read_text().splitlines()
        assert (first, len(others)) == ("PS1='$ '", 1)
    with screen_of(name, folder=tmp_path) as screen:
        screen.type("echo rea''dy")
        screen.press("Enter")
        screen.wait("\nready")
        # Twice: a script may be loaded by the first Tab.
        completed(screen, "gradcli dr", "gradcli draw")
        completed(screen, 'gradcli eval "sinh', 'gradcli eval "sinh(')


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (("",), set()),
        (("grad", "x + si"), set()),
        (("grad", "x*y", ""), set()),
        (("draw", "x", "--style", ""), set()),
        (("train", "flowers.csv", "--target", ""), {"dataclasses", "inspect", "csv", "ast", "random", "datetime"}),
    ],
)
def test_an_answer_loads_nothing_slow(
    words: tuple[str, ...], allowed: set[str], environment: Run, own_folder: Path
) -> None:
    (own_folder / "flowers.csv").write_text("a,b\n1,2\n")
    code = "import sys, gradcli.cli; gradcli.cli.main(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env=environment(_GRADCLI_COMPLETE="zsh"), capture_output=True, text=True, check=True,
    )  # fmt: skip
    *found, modules = done.stdout.splitlines()
    assert found
    assert {name.partition(".")[0] for name in modules.split()} & HEAVY <= allowed


def test_an_unknown_shell_is_an_error(process: Run) -> None:
    found = process("--show-completion", "tcsh")
    assert found.code == ExitCode.USAGE
    assert found.err.startswith("error: unknown shell `tcsh`")


def test_an_older_script_gets_no_answer(process: Run) -> None:
    assert process("dr", _GRADCLI_COMPLETE="complete_zsh") == (ExitCode.DONE, "", "")


@pytest.mark.parametrize(
    ("shell_name", "words", "out"),
    [
        ("bash", ("gradcli dr", "dr"), "draw\n"),
        ("bash", ("gradcli draw x --style=mic", "mic"), "micrograd\n"),
        ("bash", ("gradcli train 'a b.csv' --target ", ""), "x\\ y\n\\$z\n"),
        ("bash", ('gradcli train "a b.csv" --target "', '"'), "x y\n\\$z\n"),
        ("bash", ("gradcli train 'a b.csv' --target '", "'"), "x y\n$z\n"),
        ("zsh", ("train", "a b.csv", "--target", ""), "x y\tcolumn\n$z\tcolumn\n"),
        ("fish", ("dr",), "draw\tdraw the graph with values and gradients\n"),
        ("powershell", ("gradcli train 'a b.csv' --target ",), "'x y'\tcolumn\n'$z'\tcolumn\n"),
        ("powershell", ('gradcli train "a b.csv" --target "',), '"x y"\tcolumn\n"`$z"\tcolumn\n'),
    ],
)
def test_an_answer_is_quoted_as_the_shell_needs_it(
    shell_name: str, words: tuple[str, ...], out: str, process: Run, own_folder: Path
) -> None:
    (own_folder / "a b.csv").write_text("x y,$z\n1,2\n")
    assert process(*words, _GRADCLI_COMPLETE=shell_name) == (ExitCode.DONE, out, "")


@pytest.mark.parametrize("line", ["a b", "a 'b c' d", 'a "b $c', r"a b\ c", "a ", "grad \"x*'y", "a --b='c d'"])
def test_a_line_is_divided_as_a_shell_divides_it(line: str) -> None:
    words, quote = words_in(line)
    expected = shlex.split(line + quote) + ([""] if line.endswith(" ") and not quote else [])
    assert words == expected


def test_no_script_evaluates_an_answer() -> None:
    for script in SCRIPTS.values():
        assert "eval " not in script
        assert "Invoke-Expression" not in script


def test_a_script_is_right_in_its_shell() -> None:
    for name in ("bash", "zsh", "fish"):
        try:
            done = subprocess.run([name, "-n"], input=SCRIPTS[name], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            continue
        assert (done.returncode, done.stderr) == (0, "")
