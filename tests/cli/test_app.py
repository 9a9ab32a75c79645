"""`gradcli.cli.app` through the real process: exit codes, pipes, terminals, start-up, and never a traceback."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gradcli
from gradcli.cli.context import Terminal
from gradcli.errors import ExitCode
from tests.support.command_line import HEAVY
from tests.support.loops import for_each

Run = Callable[..., Any]
GRAD = ("grad", "x1*x2+sin(x1)", "--x1", "2", "--x2", "3")


@pytest.fixture
def planted(environment: Run, tmp_path: Path) -> Callable[[str], str]:
    """Make a PYTHONPATH whose `sitecustomize` plants a fault before gradcli runs."""

    def plant(code: str) -> str:
        (tmp_path / "sitecustomize.py").write_text(code, encoding="utf-8")
        return os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]])

    return plant


INTERNAL = """
import gradcli.cli.reading.operands
def broken(*arguments, **options):
    raise ZeroDivisionError("a planted fault")
gradcli.cli.reading.operands.read_expression = broken
"""
WRONG_RULE = """
from gradcli.primitives import REGISTRY, functions as f
REGISTRY["sin"].partials = lambda x, y: (f.cos(x) * 1.001,)
"""


def test_a_run_that_is_done_ends_with_0(process: Run) -> None:
    assert process("eval", "2*3") == (ExitCode.DONE, "6.0\n", "")


def test_an_internal_error_is_1_and_one_sentence(process: Run, planted: Callable[[str], str]) -> None:
    path = planted(INTERNAL)
    found = process("eval", "2", PYTHONPATH=path)
    assert found.code == ExitCode.INTERNAL
    assert found.out == ""
    assert found.err.splitlines() == [
        "error: internal error: ZeroDivisionError: a planted fault",
        "  this is a fault of gradcli; --debug shows where it happened",
    ]
    shown = process("eval", "2", "--debug", PYTHONPATH=path)
    assert shown.code == ExitCode.INTERNAL
    assert "Traceback (most recent call last)" in shown.err
    in_json = process("eval", "2", "--json", PYTHONPATH=path)
    assert in_json.code == ExitCode.INTERNAL
    assert json.loads(in_json.out)["error"]["kind"] == "internal"


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (("grad", "x", "--ordr=2", "--x", "1"), ExitCode.USAGE, "unknown_variable"),
        (("eval", "x*y", "--x", "1"), ExitCode.USAGE, "missing_variable"),
        (("evl", "1"), ExitCode.USAGE, "unknown_command"),
        (("eval", "1 +"), ExitCode.EXPRESSION, "syntax"),
        (("eval", "sni(1)"), ExitCode.EXPRESSION, "unknown_function"),
        (("eval", "log(-1)", "--strict"), ExitCode.NOT_FINITE, "not_finite"),
        (("grad", "sqrt(x)", "x=0", "--strict"), ExitCode.NOT_FINITE, "not_finite"),
        (("eval", "@there/is/no/such/file"), ExitCode.UNAVAILABLE, "missing_file"),
    ],
)
def test_errors_of_the_user_have_their_codes(process: Run, words: tuple[str, ...], code: ExitCode, kind: str) -> None:
    found = process(*words)
    assert found.code == code
    assert found.out == ""
    assert found.err.splitlines()[-1]
    in_json = process(*words, "--json")
    assert in_json.code == code
    error = json.loads(in_json.out)["error"]
    assert list(error) == ["kind", "message", "span", "hint"]
    assert error["kind"] == kind
    assert f"error: {error['message']}\n" in in_json.err
    assert f"error: {error['message']}\n" in found.err


def test_a_failed_check_is_6(process: Run, planted: Callable[[str], str]) -> None:
    assert process("check", *GRAD[1:]).code == ExitCode.DONE
    path = planted(WRONG_RULE)
    found = process("check", *GRAD[1:], PYTHONPATH=path)
    assert found.code == ExitCode.CHECK_FAILED
    in_json = process("check", *GRAD[1:], "--json", PYTHONPATH=path)
    assert in_json.code == ExitCode.CHECK_FAILED
    assert json.loads(in_json.out)["agree"] is False


def test_training_that_diverges_is_7(process: Run, tmp_path: Path) -> None:
    found = process(
        "train",
        "xor",
        "--optimizer",
        "sgd",
        "--lr",
        "1e200",
        "--samples",
        "8",
        "--loss",
        "mse",
        "--epochs",
        "9",
        cwd=tmp_path,
    )
    assert found.code == ExitCode.DIVERGED


def test_an_interrupt_is_130(environment: Run) -> None:
    """Ctrl-C comes while the process waits for an expression to be typed."""
    keyboard, child = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "gradcli", "eval", "-"],
        stdin=child,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(PYTHONUNBUFFERED="1"),
        text=True,
    )
    os.close(child)
    assert running.stderr is not None
    assert running.stderr.readline().startswith("type the expression")
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    os.close(keyboard)
    assert (running.returncode, out, err) == (ExitCode.INTERRUPTED, "", "interrupted\n")


def test_a_closed_pipe_ends_quietly(environment: Run) -> None:
    """`gradcli functions | head -1`: the reader leaves first."""
    running = subprocess.Popen(
        [sys.executable, "-m", "gradcli", "functions"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert running.stdout is not None
    running.stdout.close()
    assert running.wait(timeout=60) == 0
    assert running.stderr is not None
    assert running.stderr.read() == b""


def test_an_error_keeps_its_code_if_nobody_reads_it(environment: Run) -> None:
    for stream in ("stdout", "stderr"):
        running = subprocess.Popen(
            [sys.executable, "-m", "gradcli", "eval", "1+", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        closed = getattr(running, stream)
        closed.close()
        assert running.wait(timeout=60) == ExitCode.EXPRESSION
        other = running.stderr if stream == "stdout" else running.stdout
        assert other is not None
        assert b"Traceback" not in other.read()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_that_can_not_be_written_is_5(environment: Run) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "gradcli", "eval", "1"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            text=True,
            check=False,
        )
    assert done.returncode == ExitCode.UNAVAILABLE
    assert done.stderr == "error: can't write standard output: no space left on device\n"


def test_an_expression_comes_from_standard_input_or_a_file(process: Run, tmp_path: Path) -> None:
    assert process("eval", "-", "--x", "3", stdin="x^2\n").out == "9.0\n"
    (tmp_path / "model.txt").write_text("\ufeffr = x + 1;\nr * r\n", encoding="utf-8")
    assert process("eval", "@model.txt", "x=1", cwd=tmp_path).out == "4.0\n"
    assert process("eval", "-", stdin=b"\xff\xfe\xff").code == ExitCode.UNAVAILABLE


def test_the_worked_example_has_its_value_and_gradient_in_every_form(process: Run) -> None:
    expected = ["expression\tx1*x2 + sin(x1)", "value\t6.909297426825682", "d/dx1\t2.5838531634528574", "d/dx2\t2.0"]
    found = process(*GRAD)
    assert (found.code, found.out.splitlines(), found.err) == (0, expected, "")
    assert json.loads(process(*GRAD, "--json").out) == {
        "expression": "x1*x2 + sin(x1)",
        "at": {"x1": 2.0, "x2": 3.0},
        "value": 6.909297426825682,
        "gradient": {"x1": 2.5838531634528574, "x2": 2.0},
        "notes": [],
    }


def test_help_and_version_have_a_second_spelling(process: Run) -> None:
    assert process("help", "diff") == process("diff", "-h")
    assert process("help") == process("--help")
    assert process("-V") == process("--version")
    assert "did you mean `diff`?" in process("help", "dif").err


def loaded_by(words: tuple[str, ...], environment: dict[str, str], folder: Path) -> set[str]:
    """The modules that a command line imports, beside those that Python itself begins with."""
    gradcli.parse("x")  # the grammar's table is in the cache from now on
    code = "import sys; first = {*sys.modules}; import gradcli.cli; gradcli.cli.main(); print(*{*sys.modules} - first)"
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, capture_output=True, env=environment, text=True, check=True, cwd=folder)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("words", "rooms", "most"),
    [
        (GRAD, "language evaluate execute graph printing", 105),
        ((*GRAD, "--json"), "language evaluate execute graph printing", 105),
        (("eval", "x^2", "x=3"), "language evaluate execute graph printing", 105),
        (("diff", "x^2*sin(x)"), "language evaluate graph printing", 110),
        (("draw", "x*y", "x=2", "y=3"), "language evaluate execute graph printing draw", 120),
        (("check", "x^2", "x=3"), "language evaluate execute graph printing", 110),
        (("functions", "sin"), "graph printing", 105),
        (("functions",), "graph language", 110),
        (("grad", "-h"), "", 60),
        (("--version",), "", 60),
    ],
)
def test_a_command_imports_no_more_than_it_needs(
    words: tuple[str, ...], rooms: str, most: int, environment: Run, tmp_path: Path
) -> None:
    loaded = loaded_by(words, environment(), tmp_path)
    packages = {f"gradcli.{path.name}" for path in Path(gradcli.__file__).parent.iterdir() if path.is_dir()}
    allowed = {f"gradcli.{room}" for room in ("cli", "primitives", *rooms.split())}
    # Only `check` draws random numbers, and asks balls, which load these.
    heavy = {"random", "ast", "inspect"} if words[0] == "check" else set()
    assert {name.partition(".")[0] for name in loaded} & HEAVY <= heavy
    assert loaded & packages <= allowed
    assert {name for name in loaded if name.startswith("gradcli.cli.commands.")} <= {f"gradcli.cli.commands.{words[0]}"}
    assert len([name for name in loaded if words[0] != "check" or name.startswith("gradcli")]) <= most


def test_the_overview_imports_every_command_and_nothing_heavy(environment: Run, tmp_path: Path) -> None:
    loaded = loaded_by(("-h",), environment(), tmp_path)
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()


@pytest.mark.parametrize(
    "words",
    [
        ("train", "moons", "--epochs", "1", "--plain"),
        ("predict", "moons.safetensors", "x1=1", "x2=2"),
        ("export", "moons.safetensors", "--to", "python"),
    ],
)
def test_a_net_needs_numpy_without_its_slow_parts(
    words: tuple[str, ...], process: Run, environment: Run, tmp_path: Path
) -> None:
    process("train", "moons", "--epochs", "1", cwd=tmp_path)
    slow = {"typer", "lark", "rich", "numpy.ma", "matplotlib", "scipy", "pyarrow", "zipfile", "shutil"}
    assert loaded_by(words, environment(), tmp_path) & slow == set()


@pytest.fixture
def on_a_terminal(environment: Run) -> Run:
    """Run with a pseudo-terminal of 80 columns for all three streams; return the code and what it showed."""

    def run(*words: str, **changes: str) -> tuple[int, str]:
        return run_on_a_terminal(words, environment(COLUMNS="80", **changes))

    return run


def run_on_a_terminal(words: tuple[str, ...], environment: dict[str, str]) -> tuple[int, str]:
    main, child = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "gradcli", *words],
        stdin=child,
        stdout=child,
        stderr=child,
        env=environment,
        close_fds=True,
    )
    os.close(child)
    shown = b""
    while select.select([main], [], [], 60)[0]:
        try:
            part = os.read(main, 65536)
        except OSError:  # Linux reports the end of a pseudo-terminal as an error
            break
        if not part:
            break
        shown += part
    os.close(main)
    return running.wait(timeout=60), shown.decode().replace("\r\n", "\n")


def test_a_terminal_gets_a_table_in_colour(on_a_terminal: Run) -> None:
    code, shown = on_a_terminal(*GRAD)
    assert code == 0
    assert "\x1b[1m6.909297426825682\x1b[0m" in shown
    assert "derivative" in shown
    assert "\t" not in shown


@pytest.mark.parametrize("changes", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "dumb", "FORCE_COLOR": ""}])
def test_the_environment_can_refuse_colours(on_a_terminal: Run, changes: dict[str, str]) -> None:
    _, shown = on_a_terminal(*GRAD, **changes)
    assert "\x1b" not in shown
    assert "2.5838531634528574" in shown


def test_flags_force_a_form_on_a_terminal(on_a_terminal: Run) -> None:
    assert "\x1b" not in on_a_terminal(*GRAD, "--no-color")[1]
    assert "d/dx1\t2.5838531634528574\n" in on_a_terminal(*GRAD, "--plain")[1]
    assert json.loads(on_a_terminal(*GRAD, "--json")[1])["value"] == 6.909297426825682


def test_colour_can_be_forced_into_a_pipe_but_not_into_plain_text(process: Run) -> None:
    assert "\x1b[" in process(*GRAD, FORCE_COLOR="1").out
    assert "\x1b[" not in process(*GRAD, "--plain", FORCE_COLOR="1").out
    assert "\x1b[" not in process(*GRAD, "--json", FORCE_COLOR="1").out
    assert "\x1b[" in process("eval", "1+", FORCE_COLOR="1").err
    assert "\x1b[" not in process("eval", "1+", FORCE_COLOR="1", NO_COLOR="1").err


HOSTILE = [
    "",
    " ",
    "-",
    "@",
    "--",
    "=",
    "x=",
    "=x",
    "((((((",
    "))))",
    "1e999999",
    "9" * 5000,
    "2^2^2^2^2^2",
    "__import__('os').system('echo owned')",
    "$(echo owned)",
    "`echo owned`",
    "x;y;z",
    "a=1;b=2",
    "\x00",
    "\x1b[31m",
    "\ud800",
    "\u202edrow",
    "🦊",
    "x" * 10000,
    "1" + "+1" * 3000,
    "(" * 3000 + "1" + ")" * 3000,
    "[bold]x[/bold]",
    "%s%n{0}{x}",
    "../../etc/passwd",
    "f(x)=f(x);f(1)",
    "diff(x^x^x, x, 5)",
    "1/0",
    "0/0",
    "factorial(1e300)",
    "gamma(-1)",
    "'",
    '"',
    "\\",
    "a\nb",
    "\t\t",
    "--x",
    "--at",
    "--json=1",
    "--order",
    "nan",
    "inf-inf",
]


@for_each("text", HOSTILE, ids=[f"{place}" for place in range(len(HOSTILE))])
def test_no_input_yields_a_traceback(inside: Run, text: str) -> None:
    for words in (
        ["eval", text],
        ["grad", text, "--x", "2"],
        ["grad", "x", "--x", text],
        ["diff", text],
        ["functions", text],
        [text],
        ["eval", "x", text],
        ["grad", "x^2", "x=1", "--jvp", text],
        ["eval", "-"],
    ):
        for form in ((), ("--json",)):
            found = inside(*words, *form, stdin=text)
            assert found.code in (0, 2, 3, 5), (words, found)
            assert "Traceback" not in found.err
            assert "internal" not in found.err
            assert "\x1b" not in found.out + found.err
            if form and found.code and "--" not in words:
                assert set(json.loads(found.out)) == {"error"}


def test_bytes_that_are_no_text_are_survived(process: Run, environment: Run) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gradcli", "eval", b"\xff\xfe"],
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == ExitCode.EXPRESSION
    assert b"Traceback" not in done.stderr
    found = process("eval", "θ", PYTHONIOENCODING="ascii")
    assert found.code == ExitCode.USAGE
    assert "\\u03b8" in found.err


def test_nothing_of_the_text_reaches_a_shell_or_python(process: Run, tmp_path: Path) -> None:
    for text in ("__import__('os').system('touch owned')", "$(touch owned)", "`touch owned`", "x; touch owned"):
        process("eval", text, cwd=tmp_path)
        process("eval", "x", f"--x={text}", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_can_be_handed_in_without_a_process(inside: Run) -> None:
    found = inside("eval", "[x]+1", terminal=True, environment={"NO_COLOR": "1"})
    assert "[x]+1" in found.err
    assert Terminal.of_process().width > 0
