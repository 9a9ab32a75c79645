"""CasADi on its quickest path: functions compiled by the C compiler, called with buffers that stay."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np


def compiler_options() -> dict[str, Any]:
    """Return the options of a function that is compiled; empty if there is no C compiler."""
    if not shutil.which("gcc"):
        return {}
    flags = {"flags": ["-O3", "-march=native"], "directory": _scratch() + os.sep, "cleanup": False}
    return {"jit": True, "jit_cleanup": False, "compiler": "shell", "jit_options": flags}


def buffered(function: Any, operands: Sequence[np.ndarray], results: Sequence[np.ndarray]) -> Callable[[], None]:
    """Return a call of a function that reads its operands and writes its results in place."""
    buffer, evaluate = function.buffer()
    for i, array in enumerate(operands):
        buffer.set_arg(i, memoryview(array))
    for i, array in enumerate(results):
        buffer.set_res(i, memoryview(array))

    def call() -> None:
        evaluate()

    call.alive = function, buffer, operands, results
    return call


@lru_cache(maxsize=1)
def _scratch() -> str:
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
