"""What all tests share.

Property tests draw the same examples in every run, so that a red test stays red.  Programs that tests start can be
interrupted, also where the tests themselves run in the background and have been told to ignore that.  Every hint about
an expression that a test sees is tried.
"""

from __future__ import annotations

import gc
import signal
import subprocess
from binascii import crc32
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support.browser import blank_page, browser  # noqa: F401 - fixtures
from tests.support.hints import SeenHints

if TYPE_CHECKING:
    from gradcli.train import Run
    from tests.support.command_line import Outcome

#: A script of a user for type checkers, with wrong lines; it is read, not run.
collect_ignore = ["support/typed_script.py"]

settings.register_profile("ci", derandomize=True)
# For the fuzzers alone: see tests/fuzz/test_fuzz.py.
settings.register_profile("nightly", max_examples=10_000, database=None)
settings.load_profile("ci")

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
    """Draw one of eight tests for functions of families that are declared later, such as besselj.

    These have their own tests; what holds for all functions is tried with some of them, the same in every run.
    """
    if config.getoption("every_function", default=False):
        return
    drawn, left = [], []
    for item in items:
        name = _rare_function(item)
        (left if name and crc32(f"{item.nodeid.partition('[')[0]} {name}".encode()) % 8 else drawn).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = drawn


def _rare_function(item: pytest.Item) -> str | None:
    """The function of a family that is declared later with which a test of all functions is run, if there is one.

    A test of these functions alone calls its parameter ``rare``.
    """
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    for content in () if "rare" in parameters else parameters.values():
        name = content if isinstance(content, str) else getattr(content, "name", None)
        if isinstance(name, str) and name in _rare_functions():
            return name
    return None


@cache
def _rare_functions() -> frozenset[str]:
    from gradcli.primitives import REGISTRY

    early = {primitive.name for primitive in REGISTRY.declared()}
    return frozenset(set(REGISTRY) - early)


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
