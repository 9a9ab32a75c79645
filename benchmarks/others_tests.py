"""The tests of tinygrad's operations and of HIPS autograd, run on gradcli.

The folder holds the repositories tinygrad and autograd, as `git clone` makes them; nothing of them is part of this
project.  `tinygrad_names.py` and `autograd_names.py` say how their names are spelled here, and take the place of the
packages while the tests run.  tinygrad's tests compare with PyTorch, autograd's with difference quotients.  A test that
asks for what gradcli doesn't mean has a reason in the tables below; if it passes, the reason is out of date.

    git clone https://github.com/tinygrad/tinygrad ...
    git clone https://github.com/HIPS/autograd ...
    python benchmarks/others_tests.py FOLDER                  # both, about two minutes
    python benchmarks/others_tests.py FOLDER --only conv -v   # the tests with a text in their name, and their errors
"""

from __future__ import annotations

from harness import Bound, Table, environment, use_threads

use_threads(1)

import argparse
import contextlib
import fnmatch
import io
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, NamedTuple

import autograd_names
import pytest
import tinygrad_names

#: The reasons why gradcli doesn't pass a test, and the tests.  A pattern with a star may match tests that pass.
TINYGRAD: dict[str, str] = {
    "gradcli has no derivative where a function has no value": "acosh atanh log log2 log10",
    "at an edge gradcli's convention is another": "clip pow_const pow_zero_exponent pow_zero_tensor",
    "tinygrad raises a ValueError or IndexError where PyTorch raises a RuntimeError": "cat repeat negative_dims*",
    "tinygrad's own option `size`": "masked_select_size nonzero_size",
    "tinygrad refuses what PyTorch takes": "one_hot arange",
    "whole numbers beyond 32 bits wrap around there": "int_or",
    "means of whole numbers, which PyTorch rounds on the way, are refused": "*Uint8::test_interpolate_bilinear",
}
AUTOGRAD: dict[str, str] = {
    "numbers are real": "test_complex.py::* test_fft.py::* *complex* test_direct.py::test_holomorphic_grad "
    "test_wrappers.py::test_dtypes",
    "autograd's way to write rules of one's own": "test_tests.py::* test_logic.py::test_no_*_def "
    "test_wrappers.py::test_deprecated_def*",
    "what autograd is made of, or its own types": "test_builtins.py::* test_vspaces.py::* test_misc.py::* "
    "test_wrappers.py::test_custom_where* test_wrappers.py::test_wrapped_name_and_docs "
    "test_wrappers.py::test_deprecated_quick_grad_check_wrapper",
    "a truth value is a constant, whose derivative is 0": "test_logic.py::test_nograd",
    "refused, but by another class of error": "test_graphs.py::test_assignment_raises_error",
    "numpy.r_, numpy.c_ and numpy.int64 aren't handed over by NumPy": "test_numpy.py::test_r_* test_numpy.py::test_c_* "
    "test_numpy.py::test_cast_to_int",
    "a method is PyTorch's, not NumPy's": "test_numpy.py::test_scalar_array_box_attributes test_numpy.py::test_astype",
    "refused, because NumPy and PyTorch mean different orders of axes": "test_numpy.py::test_index_mixed",
    "arrays of xarray; `data` is PyTorch's, and without a derivative": "test_ufunc_dispatch.py::*",
    "gradcli has no such function of matrices": "test_linalg.py::test_* test_scipy.py::test_solve_*",
    "gradcli has no distributions": "*chi2* *test_beta_?df *test_beta_logpdf *test_gamma_?df *test_gamma_logpdf "
    "*norm_* *poisson* *test_t_* *mvn* *dirichlet*",
    "gradcli has no such function of SciPy": "*convolve* *odeint* *gammasgn *rgamma *multigammaln *test_ive",
}


#: tinygrad's tests that are written for floats of 32 bits; the others run with 64.
OF_32_BITS = ("test_scatter_reduce_prod_zeros", "test_sum_dtype_arg")


#: The error of a test with numbers that aren't real.
COMPLEX = "complex numbers"


class Suite(NamedTuple):
    """The tests of another project.

    Attributes:
        name: the folder of its repository.
        files: the files with tests, as patterns; the first that is there counts.
        install: what puts gradcli in the place of the project.
        reasons: a reason why tests aren't passed -> their names.
        prefix: what is in front of the names.
    """

    name: str
    files: tuple[str, ...]
    install: Callable[[], None]
    reasons: dict[str, str]
    prefix: str = ""

    def reason(self, test: str) -> tuple[str, str]:
        """The pattern that a test matches, and its reason; empty texts if there is none."""
        for reason, patterns in self.reasons.items():
            for pattern in patterns.split():
                if fnmatch.fnmatchcase(test, self.prefix + pattern) or fnmatch.fnmatchcase(test, pattern):
                    return pattern, reason
        return "", ""


SUITES = [
    Suite("tinygrad", ("test/backend/test_ops.py", "test/test_ops.py"), tinygrad_names.install, TINYGRAD,
          "test_ops.py::TestOps::test_"),
    Suite("autograd", ("tests/test_*.py",), autograd_names.install, AUTOGRAD),
]  # fmt: skip


class Outcomes:
    """A plugin for pytest that keeps what came of each test.

    Attributes:
        found: the name of a test -> "passed", "skipped" or "failed", and the first line of the error.
    """

    def __init__(self, only: str) -> None:
        self.only = only
        self.found: dict[str, tuple[str, str]] = {}

    def pytest_runtest_setup(self, item: Any) -> None:
        """Choose the type of floats."""
        tinygrad_names.use_floats("float32" if item.name in OF_32_BITS else "float64")

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep the tests with a text in their name."""
        items[:] = [item for item in items if self.only in item.name]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Generator[None, Any, Any]:
        """Note what came of a step of a test; a part that failed makes the test fail."""
        report = yield
        name = item.nodeid.rpartition("/")[2]
        error = "" if call.excinfo is None else call.excinfo.exconly().partition("\n")[0]
        if call.excinfo is not None and call.excinfo.errisinstance(autograd_names.ComplexError):
            error = COMPLEX
        counts = call.when == "call" or report.failed or (report.skipped and name not in self.found)
        if counts and self.found.get(name, ("", ""))[0] != "failed":
            self.found[name] = (report.outcome, error)
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note that a part of a test failed."""
        name = report.nodeid.rpartition("/")[2]
        if report.failed and self.found.get(name, ("", ""))[0] != "failed":
            text = str(getattr(report.longrepr, "reprcrash", report.longrepr))
            self.found[name] = ("failed", text.partition("\n")[0])

    def pytest_collectreport(self, report: Any) -> None:
        """Note that a file can't be read."""
        if report.failed:
            self.found[report.nodeid.rpartition("/")[2]] = ("failed", str(report.longrepr).splitlines()[-1])


def outcomes(folder: Path, suite: Suite, only: str) -> dict[str, tuple[str, str]]:
    """Run the tests of a suite; what came of each."""
    files = next(found for pattern in suite.files if (found := sorted((folder / suite.name).glob(pattern))))
    suite.install()
    plugin = Outcomes(only)
    options = ["-q", "-p", "no:cacheprovider", "-W", "ignore", "-c", "/dev/null", "--rootdir", str(files[0].parent)]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        pytest.main([*map(str, files), *options], plugins=[plugin])
    return plugin.found


def main() -> int:
    """Print the tables; 1 if a test fails without a reason, or passes in spite of one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder with the repositories")
    parser.add_argument("--only", default="", help="only the tests with this text in their name")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the error of each test that isn't passed")
    words = parser.parse_args()
    print("\n".join(environment(["gradcli", "numpy", "torch", "pytest"])), flush=True)
    rows, reasons, failed, stale = [], [], [], []
    for suite in SUITES:
        found = outcomes(words.folder.resolve(), suite, words.only)
        counted = Counter(kind for kind, _ in found.values())
        by_reason: Counter[str] = Counter()
        for test, (kind, error) in sorted(found.items()):
            pattern, reason = suite.reason(test)
            if error == COMPLEX:
                by_reason["numbers are real"] += 1
            elif kind == "skipped":
                by_reason["skipped by its authors"] += 1
            elif kind == "failed" and reason:
                by_reason[reason] += 1
            elif kind == "failed":
                failed.append(f"{suite.name} {test}: {error}")
            elif reason and "*" not in pattern:
                stale.append(f"{suite.name} {test} passes, although: {reason}")
            if words.verbose and kind != "passed":
                print(f"  {test}: {reason} [{error}]")
        command = ["git", "-C", str(words.folder / suite.name), "rev-parse", "--short", "HEAD"]
        commit = subprocess.run(command, capture_output=True, text=True).stdout.strip()
        rows.append([f"{suite.name} {commit}", *map(str, (len(found), counted["passed"], by_reason.total())),
                     str(len(found) - counted["passed"] - by_reason.total())])  # fmt: skip
        reasons += [[suite.name, reason, str(count)] for reason, count in by_reason.most_common()]
    bounds = [Bound("tests that fail without a reason, or pass in spite of one", len(failed) + len(stale), 0)]
    head = ["tests of", "tests", "pass", "have a reason not to", "fail"]
    print(f"\n{Table('The tests of other projects on gradcli', head, rows, bounds, failed + stale).text()}")
    print(f"\n{Table('Why tests are not passed', ['tests of', 'reason', 'tests'], reasons).text()}", flush=True)
    return 1 if failed or stale else 0


if __name__ == "__main__":
    sys.exit(main())
