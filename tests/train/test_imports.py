"""What training may import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gradcli import train
from tests.support.paths import ROOT


def test_training_imports_nothing_heavy_before_it_is_used() -> None:
    heavy = ("numpy", "safetensors", "matplotlib", "rich", "typer", "lark", "gradcli.cli")
    heavy += ("gradcli.eager", "gradcli.nn.modules")
    program = f"import sys; from gradcli.train import *; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "[]\n"


def test_the_tables_for_the_help_load_without_what_trains() -> None:
    heavy = ("gradcli.train.trainer", "gradcli.train.checkpoint", "gradcli.optim.classes", "gradcli.execute.kernel")
    program = f"import sys, gradcli.train.choices; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "[]\n"


def test_every_public_name_is_loaded_when_it_is_used() -> None:
    assert all(getattr(train, name).__name__ == name for name in train.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        _ = train.trian
