"""No input crashes gradcli, hangs it, or shows a traceback: the fuzzers of docs/reliability.md.

``--hypothesis-profile=nightly`` tries 1,000,000 lines, 20,000 command lines and 20,000 files, in at most 4 GB of memory
and at most 2 seconds of processor time for each.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradcli.errors import ExitCode
from tests.support.command_line import run_inside
from tests.support.fuzzed_inputs import FILES, changed_bytes, generators, latex_line, line, point, words

NIGHTLY = settings.default is not None and settings.default.max_examples > 1_000
#: The processor time of one input in a nightly run, and of one that hangs in every run.
SECONDS = 2.0 if NIGHTLY else 60.0
CODES = {int(code) for code in ExitCode} - {ExitCode.INTERNAL, ExitCode.INTERRUPTED}


#: How many lines are drawn from one number, because drawing the number takes longer than a line.
TOGETHER = 10
#: The parts of 10,000 numbers of a nightly run: of lines, and of command lines and files.  All processors share them,
#: and no process has to remember all inputs.
LINES, OTHERS = (range(10), range(2)) if NIGHTLY else (range(1), range(1))
COMMANDS = ("eval", "grad", "diff", "taylor", "check")
some = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder, and little memory in a nightly run."""
    monkeypatch.chdir(tmp_path)
    resource = pytest.importorskip("resource")
    if NIGHTLY:
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, resource.getrlimit(resource.RLIMIT_AS)[1]))
    yield
    if NIGHTLY:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "linux" else 1 << 30)
        assert most < 1.0, f"the process took {most:.2f} GB"


class TooLong(BaseException):
    """An input took too long; gradcli doesn't catch it."""


def survives(*command: str, stdin: str = "") -> None:
    """Run a command line: it ends in time, with an exit code that has a meaning, and shows no traceback."""
    import signal

    def end(_number: int, _frame: object) -> None:
        raise TooLong

    signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        code, _, err = run_inside(*command, stdin=stdin)
    except TooLong:
        pytest.fail(f"{command!r} takes longer than {SECONDS} s")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
    assert code in CODES, f"{command!r}: {err}"
    assert "Traceback" not in err or "--debug" in command, f"{command!r}: {err}"


@pytest.mark.parametrize("part", LINES)
@some
@given(generators)
def test_fuzzed_lines_of_the_language(part: int, generator: random.Random) -> None:
    for _ in range(TOGETHER):
        command, text = generator.choice(COMMANDS), line(generator)
        survives(command, *([] if command == "diff" else point(generator)), "--", text)


@pytest.mark.parametrize("part", LINES)
@some
@given(generators)
def test_fuzzed_lines_of_latex(part: int, generator: random.Random) -> None:
    for _ in range(TOGETHER):
        command, text = generator.choice(COMMANDS), latex_line(generator)
        notation = generator.choice(([], ["--from", "latex"]))
        survives(command, *notation, *([] if command == "diff" else point(generator)), "--", text)


@pytest.mark.parametrize("part", OTHERS)
@some
@given(words, generators)
def test_fuzzed_command_lines(part: int, command: Sequence[str], generator: random.Random) -> None:
    survives(*command, stdin=line(generator))


@pytest.mark.parametrize("part", OTHERS)
@some
@given(st.data(), st.sampled_from(sorted(FILES)))
def test_fuzzed_files(part: int, data: st.DataObject, ending: str) -> None:
    Path(f"f{ending}").write_bytes(data.draw(changed_bytes(FILES[ending])))
    command = data.draw(st.sampled_from(["map", "train", "eval", "predict", "resume"]))
    if command == "map":
        survives("map", "x*y", f"f{ending}", "-o", "out.csv")
    elif command == "train":
        survives(
            "train", f"f{ending}", "--target", "-1", "--epochs", "1", "--hidden", "2", "--engine", "tensor", "--plain"
        )
    elif command == "eval":
        survives("eval", "sum(x)", f"x=@f{ending}")
    elif command == "predict":
        survives("predict", f"f{ending}")
    else:
        survives("train", "--resume", f"f{ending}", "--plain", "--epochs", "3")
