"""A process that is killed leaves a whole model file; `kill.py` plays the same rounds a hundred times."""

from __future__ import annotations

import importlib.util
import os
import random
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture(scope="module")
def kill() -> ModuleType:
    """The script beside this file."""
    spec = importlib.util.spec_from_file_location("kill", Path(__file__).with_name("kill.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", range(3))
def test_a_run_killed_while_it_writes_leaves_the_old_or_the_new_model(
    seed: int, kill: ModuleType, tmp_path: Path
) -> None:
    assert kill.play(tmp_path, True, random.Random(seed)).found in ("old", "new")


def test_a_run_killed_at_a_random_moment_leaves_the_old_or_the_new_model(kill: ModuleType, tmp_path: Path) -> None:
    assert kill.play(tmp_path, False, random.Random(9)).found in ("old", "new")
