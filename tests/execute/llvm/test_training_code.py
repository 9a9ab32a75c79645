"""`gradcli.execute.llvm.training_code`: the text of the loop is sound at every width, and computes nothing twice.

What the loop computes is compared with NumPy in test_training_loop.py.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm import training_code
from gradcli.execute.llvm.emitter import LLVMModule, Vector
from gradcli.execute.llvm.host import Host, load
from gradcli.execute.llvm.program_parts import PART_SIZE, ProgramParts
from gradcli.execute.llvm.training_code import Recipe, TrainingCode
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.primitives import functions as f
from tests.support.recipes import regression

MACHINES = {
    512: Host("x86_64-unknown-linux-gnu", "skylake-avx512", "", 512, False),
    256: Host("x86_64-unknown-linux-gnu", "haswell", "", 256, False),
    128: Host("aarch64-unknown-linux-gnu", "neoverse-n1", "", 128, False),
}
RECIPES: dict[str, Any] = {
    "one parameter": {"count": 1},
    "more parameters than a vector has lanes": {"count": 11},
    "a penalty and clipping": {"count": 3, "penalty": True, "clip": 0.5},
    "an evaluation of its own": {"count": 3, "shared": False},
    "many parts": {"count": 3, "power": PART_SIZE},
}


def written(recipe: Recipe, bits: int) -> tuple[str, str, int]:
    """The texts of the two modules of a recipe, and how many vectors are kept."""
    passes, loop = (LLVMModule(MACHINES[bits], "float64", contract=True) for _ in range(2))
    padded = -(-recipe.row.uniforms // passes.lanes) * passes.lanes
    code = TrainingCode(passes, recipe, padded)
    code.write_passes()
    assert recipe.update is not None
    TrainingCode(loop, recipe, padded).write_train(recipe.update)
    return passes.text(), loop.text(), code.kept


@pytest.mark.parametrize("bits", MACHINES)
@pytest.mark.parametrize("name", RECIPES)
def test_llvm_accepts_the_text_for_every_machine(name: str, bits: int) -> None:
    llvm = load()
    texts = written(regression(**RECIPES[name]), bits)[:2]
    names = []
    for text in texts:
        module = llvm.parse_assembly(text)
        module.verify()
        names += [one.name for one in module.functions if not one.is_declaration and one.linkage.name == "external"]
    assert sorted(names) == ["evaluate", "gradient", "train"]


def test_the_evaluation_shares_the_functions_of_a_batch_unless_it_is_another_computation() -> None:
    shared, own = (written(regression(3, shared=is_shared), 256)[0] for is_shared in (True, False))
    assert "@held.out.0" not in shared
    assert "@held.out.0" in own


def test_the_loop_calls_the_passes_by_their_addresses_and_defines_none() -> None:
    text = written(regression(3, clip=1.0), 256)[1]
    assert re.findall(r"define \w* ?\w+ @(\w+)\(", text) == ["train"]
    assert "call double %gradient(" in text
    assert "call void %evaluate(" in text


@pytest.mark.parametrize(("row", "evaluation"), [(1, 1), (1, 3 * PART_SIZE), (PART_SIZE, 1)])
def test_room_is_kept_for_the_program_that_keeps_most(row: int, evaluation: int) -> None:
    seen = regression(3, power=evaluation, shared=False).evaluation
    assert seen is not None
    recipe = regression(3, power=row)._replace(evaluation=seen)
    module = LLVMModule(MACHINES[256], "float64")
    parts = [ProgramParts(module, name, one) for name, one in (("row", recipe.row), ("held.out", seen))]
    assert written(recipe, 256)[2] == max(one.kept * one.tile for one in parts)


def test_what_is_the_same_for_all_parameters_is_computed_before_the_loop_over_them() -> None:
    graph = Graph()
    p, g, rate, number = (graph.variable(name) for name in ("p", "g", "rate", "number"))
    update = Tape([p - f.sqrt(rate) / f.exp(number) * g], [p, g, rate, number])
    text = written(regression(3)._replace(update=update), 256)[1]
    before, _, after = text.partition("\ngroup:\n")
    for word in ("sqrt", "exp", "fdiv"):
        assert word in before[before.index("step:") :]
    in_loop = after[: after.index("moved:")]
    assert not re.search("sqrt|exp|fdiv", in_loop)
    assert [len(re.findall(word, in_loop)) for word in ("fmul", "fsub")] == [1, 1]


@pytest.mark.parametrize("bits", MACHINES)
def test_the_lanes_of_several_vectors_are_added_up_at_once(bits: int) -> None:
    module = LLVMModule(MACHINES[bits], "float64")
    block, lanes = module.block(), module.lanes
    values = {f"%lane{i}": np.arange(lanes) + 100.0 * i for i in range(lanes)}
    expected = [one.sum() for one in values.values()]
    result = training_code._add_across(block, [Vector(block, name, "float64") for name in list(values)])
    additions = 0
    for line in block.lines:
        name, _, instruction = line.partition(" = ")
        one, other = (values[word] for word in re.findall(r"%\w+", instruction))
        if instruction.startswith("shufflevector"):
            chosen = re.findall(r"i32 (\d+)", instruction.split("> <")[-1])
            values[name] = np.concatenate([one, other])[[int(number) for number in chosen]]
        else:
            assert "fadd" in instruction
            values[name], additions = one + other, additions + 1
    assert values[result.name].tolist() == expected
    assert additions == lanes - 1
