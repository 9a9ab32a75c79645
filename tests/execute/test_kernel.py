"""The choice of an executor, and what is kept of it."""

from __future__ import annotations

import importlib.util
import multiprocessing
import subprocess
import sys
from typing import Any

import pytest

from gradcli import limits, parse
from gradcli.errors import UnavailableError, UsageError
from gradcli.execute import kernel as kernels
from gradcli.execute.kernel import kernel_for
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape


def program(text: str) -> Program:
    expression = parse(text)
    variables = [expression.graph.variable(name) for name in expression.variables]
    return Program(Tape([expression.root], variables), len(variables))


def test_equal_programs_share_a_kernel() -> None:
    assert kernel_for(program("x*sin(x)"), "numpy") is kernel_for(program("u*sin(u)"), "numpy")
    assert kernel_for(program("x*sin(x)"), "numpy") is not kernel_for(program("sin(x)*x"), "numpy")
    assert kernel_for(program("x*0"), "numpy") is not kernel_for(program("x*(-0)"), "numpy")
    assert program("x + 1").key != program("x + 1")._replace(dtype="float32").key
    assert program("x*y").key != program("x*y")._replace(columns=1).key


def test_only_so_many_kernels_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "_MOST_KERNELS", 3)
    monkeypatch.setattr(kernels, "_kernels", type(kernels._kernels)())
    first = kernel_for(program("x + 1"), "numpy")
    for i in range(2, 4):
        kernel_for(program(f"x + {i}"), "numpy")
    assert kernel_for(program("x + 1"), "numpy") is first  # and it is the one that was used last
    kernel_for(program("x + 4"), "numpy")
    assert kernel_for(program("x + 1"), "numpy") is first
    assert len(kernels._kernels) == 3


def without_llvmlite(name: str, package: str | None = None) -> Any:
    return None if name == "llvmlite" else importlib.util.find_spec(name, package)


def test_without_llvmlite_numpy_runs_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "find_spec", without_llvmlite)
    kernel = kernel_for(program("x + 123"))
    assert (kernel.executor, kernel.note) == ("numpy", "llvmlite is not installed")
    assert kernel_for(program("x + 123"), "numpy").note is None
    with pytest.raises(UnavailableError, match="llvmlite") as caught:
        kernel_for(program("x + 124"), "llvm")
    assert caught.value.hint == 'pip install "gradcli[jit]"'


def test_a_broken_llvmlite_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(name: str) -> Any:
        raise OSError("libLLVM.so: cannot open\nshared object file")

    monkeypatch.setattr(kernels, "find_spec", lambda name: object())
    monkeypatch.setattr(kernels, "import_module", fails)
    note = "llvmlite can't be loaded: libLLVM.so: cannot open shared object file"
    assert kernel_for(program("x + 125")).note == note
    with pytest.raises(UnavailableError) as caught:
        kernel_for(program("x + 126"), "llvm")
    assert (caught.value.message, caught.value.hint) == (note, "pip install --force-reinstall llvmlite")


def test_what_would_take_seconds_to_compile_is_compiled_on_request_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("llvmlite")
    monkeypatch.setattr(limits, "COMPILED_OPERATIONS", 2)
    kernel = kernel_for(program("x*x + x + 127"))
    assert kernel.executor == "numpy"
    assert kernel.note == "it has 3 operations, and compiling more than 2 takes seconds"
    assert kernel_for(program("x*x + x + 127"), "llvm").executor == "llvm"


def test_what_has_no_compiled_form_runs_on_numpy_and_says_why() -> None:
    pytest.importorskip("llvmlite")
    kernel = kernel_for(program("polygamma(150, x)"))
    assert (kernel.executor, kernel.note) == ("numpy", "polygamma has no compiled form")
    with pytest.raises(UsageError, match="can't be compiled: polygamma has no compiled form"):
        kernel_for(program("polygamma(150, x)"), "llvm")
    assert kernel_for(program("x + 1"), "auto").executor == "llvm"


def test_an_unknown_executor_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown executor `cuda`"):
        kernel_for(program("x"), "cuda")


FORKING = """
import multiprocessing, sys
import numpy as np
from gradcli import parse
from gradcli.execute.kernel import kernel_for
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape

def run(threads):
    root = parse("x*x + 1").root
    result = np.empty(500_000)
    program = Program(Tape([root], [root.graph.variable("x")]), 1)
    kernel_for(program, sys.argv[1]).run([np.arange(500_000.0)], np.empty(0), [result], threads)
    return float(result[-1])

wanted = run(2)
with multiprocessing.get_context("fork").Pool(1) as children:
    print(children.apply_async(run, (2,)).get(timeout=60) == wanted)
"""


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="there is no fork here")
@pytest.mark.parametrize("executor", ["auto", "numpy"])
def test_a_forked_child_has_threads_of_its_own(executor: str) -> None:
    # In a process of its own: other libraries that tests load have threads that no fork survives.
    words = [sys.executable, "-W", "ignore", "-c", FORKING, executor]
    assert subprocess.run(words, capture_output=True, text=True, check=True, timeout=120).stdout == "True\n"
