"""The examples run and arrive at what they are about."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

CASES = [
    (
        [str(EXAMPLES / "derivatives.py")],
        ["rosenbrock(-1, 2) = 104.0", "(1.000000000000, 1.000000000000)", "2.718281828459"],
    ),
    ([str(EXAMPLES / "moons.py")], ["MLP with 105 parameters", "40 of 40 right"]),
    (
        ["-m", "gradcli", "grad", f"@{EXAMPLES / 'rosenbrock.txt'}", "--x", "-1", "--y", "2"],
        ["104.0", "396.0", "200.0"],
    ),
]


@pytest.mark.parametrize(("words", "expected"), CASES, ids=lambda case: str(case[0]).rsplit("/", 1)[-1])
def test_an_example_prints_what_it_is_about(words: list[str], expected: list[str]) -> None:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for text in expected:
        assert text in done.stdout
