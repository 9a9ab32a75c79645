"""The examples run and arrive at what they are about."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.paths import ROOT

EXAMPLES = ROOT / "examples"

CASES = [
    (
        [str(EXAMPLES / "derivatives.py")],
        ["rosenbrock(-1, 2) = 104.0", "(1.000000000000, 1.000000000000)", "2.718281828459"],
    ),
    ([str(EXAMPLES / "moons.py")], ["MLP with 105 parameters", "40 of 40 right"]),
    (
        [str(EXAMPLES / "train_with_tensors.py")],
        ["(2): Linear(in_features=16", "354", "epoch 60: loss 0.0", "of 100 unseen points right"],
    ),
    ([str(EXAMPLES / "wave.py")], [f"seed {seed}: loss 0.0" for seed in range(10)]),
    ([str(EXAMPLES / "tiny_attention.py")], ["19,291", "step   0: loss 3.4", "step 140: loss 0.0", "planet -> tenalp"]),
    (
        ["-m", "gradcli", "grad", f"@{EXAMPLES / 'rosenbrock.txt'}", "--x", "-1", "--y", "2"],
        ["104.0", "396.0", "200.0"],
    ),
]


#: The package that each of these is about, which may not be installed.
CASES_WITH = {
    "pandas": ["27.8329", "0.6988", "54.1886"],
    "polars": ["9.811 ┆ 0.105", "9.803 ┆ 0.072"],
    "dask": ["1,000,000 heights, the largest 0.987859", "differ by 2e-09 at most"],
}


@pytest.mark.parametrize(("package", "expected"), CASES_WITH.items())
def test_an_example_with_a_package_prints_what_it_is_about(package: str, expected: list[str]) -> None:
    pytest.importorskip(package)
    test_an_example_prints_what_it_is_about([str(EXAMPLES / f"compile_with_{package}.py")], expected)


@pytest.mark.parametrize(("words", "expected"), CASES, ids=lambda case: str(case[0]).rsplit("/", 1)[-1])
def test_an_example_prints_what_it_is_about(words: list[str], expected: list[str]) -> None:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for text in expected:
        assert text in done.stdout
