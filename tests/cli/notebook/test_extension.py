"""`gradcli.cli.notebook.extension`: a magic for each command, whose results are rich and whose errors are sentences."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gradcli.cli.catalogue import COMMANDS
from gradcli.cli.notebook.extension import CommandFailed, failure_of
from gradcli.errors import ExpressionError
from gradcli.source import Source, Span
from tests.support.command_line import process_environment

pytest.importorskip("IPython", reason="magics are IPython's")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An IPython shell of its own with the extension."""
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    # The shell takes the place of the main module, which other tests need when they start processes.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    made = InteractiveShell.instance()
    made.run_line_magic("load_ext", "gradcli")
    made.user_ns.clear()
    yield made
    InteractiveShell.clear_instance()


def shown(shell: Any, name: str, line: str, cell: str | None = None) -> tuple[list[dict[str, str]], str]:
    """Run a magic; return what it displays, and what it prints."""
    from IPython.utils.capture import capture_output

    with capture_output() as captured:
        if cell is None:
            shell.run_line_magic(name, line)
        else:
            shell.run_cell_magic(name, line, cell)
    assert captured.stderr == ""
    return [one.data for one in captured.outputs], captured.stdout


def test_every_command_but_the_session_has_a_magic_of_line_and_cell(shell: Any) -> None:
    names = {name for group in COMMANDS.values() for name in group} - {"repl"}
    magics = shell.magics_manager.magics
    assert names <= magics["line"].keys()
    assert names <= magics["cell"].keys()
    assert "repl" not in magics["line"]
    assert "%grad -h" in magics["line"]["grad"].__doc__


def test_an_expression_and_its_derivatives_are_a_formula_and_a_table(shell: Any) -> None:
    shell.user_ns["x"] = 2
    bundles, printed = shown(shell, "grad", "x1*x2 + sin(x1) x1=$x x2=3")
    assert [one["text/plain"].split("\n")[0] for one in bundles] == [
        "x1*x2 + sin(x1) = 6.909297426825682",
        "variable\tat\tderivative",
    ]
    assert bundles[0]["text/latex"] == r"$\displaystyle x_{1} \, x_{2} + \sin(x_{1}) = 6.909297426825682$"
    assert "2.5838531634528574" in bundles[1]["text/html"]
    assert printed == ""
    assert shell.user_ns["_exit_code"] == 0


@pytest.mark.parametrize(
    ("name", "line", "kinds", "text"),
    [
        ("eval", "x^2 x=3", [{"text/html", "text/latex"}], "x^2 = 9.0"),
        ("eval", "[x, 2] x=3", [], ""),
        ("eval", "sum([x, 2]) x=3", [{"text/latex"}], "sum([x, 2]) = 5.0"),
        ("diff", "[r*cos(t), r*sin(t)]", [{"text/latex"}, {"text/html"}], "[r*cos(t), r*sin(t)]"),
        ("diff", "x^2*sin(x)", [{"text/html", "text/latex"}], "x*(x*cos(x) + 2*sin(x))"),
        ("diff", "x*y", [{"text/html", "text/latex"}, {"text/html"}], "x*y"),
        ("diff", "x*y --hessian", [{"text/html", "text/latex"}, {"text/html"}, {"text/html"}], "x*y"),
        (
            "diff",
            "x^2*sin(x) --steps",
            [{"text/html"}],
            "1\td/dx[x^2*sin(x)] = d/dx[x^2]*sin(x) + x^2*d/dx[sin(x)]\tproduct rule",
        ),
        ("taylor", "sin(x) x=0", [{"text/html", "text/latex"}], "x - x^3/6 + x^5/120 + O(x^6)"),
        ("draw", "x*y x=2 y=3", [{"image/svg+xml"}], "the graph of x*y"),
        ("draw", "--net 2,3,1", [{"image/svg+xml"}], "net 2 → 3 → 1: 13 parameters"),
        ("check", "x^2 x=3", [{"text/html", "text/latex"}, {"text/html"}], "x^2 = 9.0"),
        ("quiz", "--count 2 --seed 1", [{"text/html"}], "problem\tlevel\texpression"),
        ("functions", "sigmoid", [{"text/html"}], "name\tsigmoid"),
    ],
)
def test_results_are_rich(shell: Any, name: str, line: str, kinds: list[set[str]], text: str) -> None:
    bundles, _ = shown(shell, name, line)
    assert [{*one} - {"text/plain"} for one in bundles] == kinds
    if kinds:
        assert bundles[0]["text/plain"].split("\n")[0] == text


@pytest.mark.parametrize(
    ("line", "text"), [("x^2 x=-1:1", "the plot of x^2"), ("x^2 + y^2 x=-1:1 y=-1:1", "the plot of x^2 + y^2")]
)
def test_a_plot_is_a_picture_with_its_features(shell: Any, line: str, text: str) -> None:
    pytest.importorskip("matplotlib")
    [bundle, *tables], printed = shown(shell, "plot", line)
    assert bundle["image/svg+xml"].startswith('<svg style="background:#ffffff"')
    assert bundle["text/plain"] == text
    assert "minimum at x = 0.0" in printed + "".join([one["text/plain"] for one in tables])


def test_without_matplotlib_a_plot_is_drawn_in_characters(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcli.cli.commands.plot.find_spec", lambda name: None)
    [points], printed = shown(shell, "plot", "x^2 x=-1:1")
    assert "text/html" in points
    assert "⠉" in printed or "⣀" in printed or "⡀" in printed


def test_training_ends_with_one_figure_and_the_result(shell: Any) -> None:
    bundles, printed = shown(shell, "train", "moons", "# a small net\n--hidden 4\n--epochs 5")
    assert bundles[-1]["text/plain"].startswith("moons, epoch 5 of 5")
    assert "\x1b" not in printed
    assert "epoch" not in printed.replace("--epochs", "")
    assert printed.startswith("loss with penalty ")
    assert Path("moons.safetensors").is_file()


def test_a_race_ends_with_its_figure(shell: Any) -> None:
    pytest.importorskip("matplotlib")
    [bundle], printed = shown(shell, "train", "moons --race sgd,adam --epochs 20 --hidden 4")
    assert "image/svg+xml" in bundle
    assert len(printed.splitlines()) < 20


def test_a_very_long_formula_is_text(shell: Any) -> None:
    bundles, printed = shown(shell, "eval", " + ".join(["x"] * 2000) + " x=1")
    assert bundles == []
    assert printed.rstrip().endswith("2000.0")


def test_other_forms_are_text(shell: Any) -> None:
    bundles, printed = shown(shell, "grad", "x^2 x=3 --json")
    assert bundles == []
    assert '"value": 9.0' in printed


@pytest.mark.parametrize(
    ("name", "line", "code", "lines"),
    [
        ("eval", "2*sni(x) x=2", 3, ["unknown function `sni`", "  2*sni(x)", "    ^^^", "  did you mean `sin`?"]),
        ("eval", "x x=$nope", 2, ["the notebook has no variable `nope`"]),
        ("eval", "log(x) x=0 --strict", 4, ["the value is -inf", "  without --strict the result is printed as it is"]),
        ("check", "x^3 --answer 7", 6, ["the answer is not the derivative"]),
    ],
)
def test_an_error_is_a_sentence_without_a_traceback(
    shell: Any, name: str, line: str, code: int, lines: list[str]
) -> None:
    result = shell.run_cell(f"%{name} {line}", silent=True)
    failure = result.error_in_exec
    assert isinstance(failure, CommandFailed)
    assert failure.code == shell.user_ns["_exit_code"] == code
    assert str(failure).split("\n")[: len(lines)] == lines
    painted = failure._render_traceback_()
    assert re.sub(r"\x1b\[[\d;]*m", "", painted[0]) == f"error: {lines[0]}"
    assert not any("Traceback" in one or "File" in one for one in painted)


def test_debug_shows_the_traceback(shell: Any) -> None:
    result = shell.run_cell("%eval sni(x) --debug", silent=True)
    assert isinstance(result.error_in_exec, ExpressionError)


def test_ctrl_c_and_an_end_by_a_signal_are_failures(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for raised, code in ((KeyboardInterrupt(), 130), (SystemExit(143), 143)):

        def dispatch(*_: Any, raised: BaseException = raised) -> None:
            raise raised

        monkeypatch.setattr("gradcli.cli.notebook.extension.dispatch", dispatch)
        assert shell.run_cell("%eval 1", silent=True).error_in_exec.code == code


def test_a_failure_has_the_caret_and_the_hint() -> None:
    error = ExpressionError("unknown function `sni`", source=Source("sni(x)"), span=Span(0, 3), hint="sin?")
    failure = failure_of(error)
    assert str(failure) == "unknown function `sni`\n  sni(x)\n  ^^^\n  sin?"
    assert failure._render_traceback_()[-1] == "  \x1b[1;36msin?\x1b[0m"


def test_to_import_gradcli_loads_nothing_for_notebooks() -> None:
    code = "import sys, gradcli; print([one for one in sys.modules if one.startswith(('gradcli.', 'IPython'))])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=process_environment()
    )
    assert done.stdout.strip() == "[]"
