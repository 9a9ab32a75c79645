"""What all tests share.

Property tests draw the same examples in every run, so that a red test stays red.  Programs that tests start can be
interrupted, also where the tests themselves run in the background and have been told to ignore that.  Products of
matrices have one thread.  Every hint about an expression that a test sees is tried.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support.browser import blank_page, browser  # noqa: F401 - fixtures
from tests.support.hints import SeenHints
from tests.support.loops import is_left_out, try_rare_functions

if TYPE_CHECKING:
    from gradcli.train import Run
    from tests.support.command_line import Outcome

#: A script of a user for type checkers, with wrong lines; it is read, not run.
collect_ignore = ["support/typed_script.py"]

settings.register_profile("ci", derandomize=True)
# For the fuzzers alone: see tests/fuzz/test_fuzz.py.
settings.register_profile("nightly", max_examples=10_000, database=None)
settings.load_profile("ci")

# Each core runs tests, so further threads for products of matrices would only take the time of others.  What a test
# starts inherits this.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


_seen_hints = SeenHints()


def pytest_sessionstart() -> None:
    """Remember the hints of all errors about expressions."""
    _seen_hints.record()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that runs every test of all functions with every function."""
    parser.addoption(
        "--every-function", action="store_true", help="run tests of all functions with each rarely used function, too"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Draw one of eight tests for functions of families that are declared later, such as besselj."""
    if config.getoption("every_function", default=False):
        try_rare_functions()
    drawn, left = [], []
    for item in items:
        case = item.callspec.params if hasattr(item, "callspec") else {}
        (left if is_left_out(item.nodeid.partition("[")[0], case) else drawn).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = drawn


def pytest_collection_finish() -> None:
    """Keep the garbage collector off the thousands of tests, which live until the end: a seventh of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)


@pytest.hookimpl(trylast=True)
def pytest_runtest_call() -> None:
    """Fail a test that saw a hint whose formula can't be read; this runs after the test itself."""
    _seen_hints.check()


@pytest.fixture(params=["numpy", "mlx"])
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of each array library that is installed, chosen for new tensors; NumPy again afterwards."""
    from gradcli import use_backend

    name: str = request.param
    if name != "numpy":
        pytest.importorskip(f"{name}.core")
    use_backend(name)
    try:
        yield name
    finally:
        use_backend("numpy")


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small() -> Callable[..., Run]:
    """`small_run`."""
    from tests.support.runs import small_run

    return small_run


@pytest.fixture
def finished() -> Run:
    """A small run that is done."""
    from tests.support.runs import small_run

    run = small_run()
    for _ in run.events():
        pass
    return run


@pytest.fixture
def environment() -> Callable[..., dict[str, str]]:
    """`process_environment`."""
    from tests.support.command_line import process_environment

    return process_environment


@pytest.fixture
def inside() -> Callable[..., Outcome]:
    """`run_inside`."""
    from tests.support.command_line import run_inside

    return run_inside


@pytest.fixture
def process() -> Callable[..., Outcome]:
    """`run_process`."""
    from tests.support.command_line import run_process

    return run_process


@pytest.fixture
def begun() -> Callable[..., subprocess.Popen[str]]:
    """`start_process`."""
    from tests.support.command_line import start_process

    return start_process
