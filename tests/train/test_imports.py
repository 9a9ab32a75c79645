"""What training may import."""

from __future__ import annotations

import subprocess
import sys

from tests.support.paths import ROOT


def test_training_imports_nothing_heavy_before_it_is_used() -> None:
    heavy = ("numpy", "safetensors", "matplotlib", "rich", "typer", "lark", "gradcli.cli")
    heavy += ("gradcli.eager", "gradcli.nn.modules")
    program = f"import sys, gradcli.train; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "[]\n"
