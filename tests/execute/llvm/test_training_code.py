"""The functions that a recipe is written as; what they compute is shown in test_training_loop.py."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import host
from gradcli.execute.llvm.training_code import TrainingCode
from tests.execute.llvm.test_training_loop import regression


def passes(*, shared: bool) -> str:
    module = LLVMModule(host(), "float64", contract=True)
    TrainingCode(module, regression(3, shared=shared), module.lanes).write_passes()
    return module.text()


@pytest.mark.parametrize("shared", [True, False])
def test_the_passes_are_the_functions_that_others_call(shared: bool) -> None:
    assert re.findall(r"define  \w+ @(\w+)\(", passes(shared=shared)) == ["gradient", "evaluate"]


def test_rows_that_are_held_out_have_functions_of_their_own_only_if_the_recipe_has() -> None:
    assert "@held.out.0" not in passes(shared=True)
    assert "@held.out.0" in passes(shared=False)


def test_the_loop_calls_the_passes_by_their_addresses_and_defines_none() -> None:
    module = LLVMModule(host(), "float64", contract=True)
    recipe = regression(3, clip=1.0)
    assert recipe.update is not None
    TrainingCode(module, recipe, module.lanes).write_train(recipe.update)
    text = module.text()
    assert re.findall(r"define \w* ?\w+ @(\w+)\(", text) == ["train"]
    assert "call double %gradient(" in text
    assert "call void %evaluate(" in text
