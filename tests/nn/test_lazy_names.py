"""`gradcli.nn` loads a name when it is first asked for, whichever is the first."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from gradcli import nn
from gradcli.nn import layers

# A name of each file is the first one after all of gradcli has been forgotten.
PROGRAM = """
import importlib, sys
from gradcli import nn
for name in [*nn._HOMES, *(next(iter(nn._names_of(file))) for file in nn._FILES)]:
    for module in [one for one in sys.modules if one.split(".")[0] == "gradcli"]:
        del sys.modules[module]
    getattr(importlib.import_module("gradcli.nn"), name)
"""


def test_a_name_of_every_file_can_be_the_first_that_is_asked_for() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)


@pytest.mark.parametrize("file", ["losses", "functional", "loss_formulas", "layers", "activation_modules", "micrograd"])
def test_every_file_can_be_the_first_that_is_imported(file: str) -> None:
    subprocess.run([sys.executable, "-c", f"import gradcli.nn.{file}"], check=True)
    subprocess.run([sys.executable, "-c", f"from gradcli.nn import {file}"], check=True)


def test_a_class_in_the_all_of_its_file_is_a_name_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    class Doubled(nn.Module):
        """A layer that is new."""

    monkeypatch.setattr(layers, "Doubled", Doubled, raising=False)
    assert not hasattr(nn, "Doubled")
    monkeypatch.setattr(layers, "__all__", [*layers.__all__, "Doubled"])
    try:
        assert nn.Doubled is Doubled
        assert "Doubled" in nn.__getattr__("__all__")
    finally:
        for name in ("Doubled", "__all__"):
            vars(nn).pop(name, None)


def test_type_checkers_see_the_names_of_the_same_files() -> None:
    seen: set[str] = set()
    for block in ast.parse(Path(str(nn.__file__)).read_text(encoding="utf-8")).body:
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test):
            for one in block.body:
                assert isinstance(one, ast.ImportFrom)
                names = [alias.asname for alias in one.names]
                seen |= {*importlib.import_module(str(one.module)).__all__} if names == [None] else {*map(str, names)}
    tables = (nn.ACTIVATIONS, nn.LOSSES, nn.PAIR_LOSSES, nn.LAZY)
    made = {one.__name__ for table in tables for one in table.values()}
    assert seen | made == {*nn.__all__}
