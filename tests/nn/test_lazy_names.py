"""`gradcli.nn` loads a name when it is first asked for, whichever is the first."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Each name is the first one after all of gradcli has been forgotten.
PROGRAM = """
import importlib, sys
from gradcli import nn
for name in nn.__all__:
    for module in [one for one in sys.modules if one.split(".")[0] == "gradcli"]:
        del sys.modules[module]
    getattr(importlib.import_module("gradcli.nn"), name)
"""


def test_every_name_can_be_the_first_that_is_asked_for() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)


@pytest.mark.parametrize("file", ["losses", "functional", "loss_formulas", "layers", "activation_modules", "micrograd"])
def test_every_file_can_be_the_first_that_is_imported(file: str) -> None:
    subprocess.run([sys.executable, "-c", f"import gradcli.nn.{file}"], check=True)
    subprocess.run([sys.executable, "-c", f"from gradcli.nn import {file}"], check=True)
