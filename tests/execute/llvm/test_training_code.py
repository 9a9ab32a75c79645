"""`gradcli.execute.llvm.training_code`: the text of the loop is sound at every width, and computes nothing twice.

What the loop computes is compared with NumPy in test_training_loop.py.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import Host, load
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
    "one weight": {"count": 1},
    "more weights than a vector has lanes": {"count": 11},
    "a penalty and clipping": {"count": 3, "penalty": True, "clip": 0.5},
    "a long function": {"count": 3, "power": 20},
}


def written(recipe: Recipe, bits: int) -> tuple[str, str]:
    """The texts of the two modules of a recipe: passes alone, and the loop."""
    passes, loop = (LLVMModule(MACHINES[bits], "float64", contract=True) for _ in range(2))
    TrainingCode(passes, recipe).write_passes()
    assert recipe.update is not None
    TrainingCode(loop, recipe).write_train(recipe.update)
    return passes.text(), loop.text()


@pytest.mark.parametrize("bits", MACHINES)
@pytest.mark.parametrize("name", RECIPES)
def test_llvm_accepts_the_text_for_every_machine(name: str, bits: int) -> None:
    llvm = load()
    names = []
    for text in written(regression(**RECIPES[name]), bits):
        module = llvm.parse_assembly(text)
        module.verify()
        names.append(
            {one.name for one in module.functions if not one.is_declaration and one.linkage.name == "external"}
        )
    assert names[0] == {"evaluate", "gradient"}
    assert names[1] == {"evaluate", "train"} | ({"gradient"} if "clip" in RECIPES[name] else set())


def test_weights_are_updated_with_their_gradient_unless_its_norm_is_needed_first() -> None:
    whole, clipped = (written(regression(3, clip=clip), 256)[1] for clip in (None, 1.0))
    # The weights have one call, and the biases another one.
    for text, slopes in ((whole, 2), (clipped, 0)):
        functions = {text.split("(")[0]: text for text in re.findall(r"@([\w.]+\([^}]*)\n}", text)}
        calls = {name: len(re.findall(r"call void @update", body)) for name, body in functions.items()}
        assert calls["slope.0"] == slopes
        assert calls["train"] == (1 if text is clipped else 0)


def loop_over_parameters(update: Tape) -> tuple[str, str]:
    """The code of an update before the passes over rows, and for each vector of parameters."""
    text = written(regression(3)._replace(update=update), 256)[1]
    before = re.search(r"@train\(.*?\nstep:", text, re.DOTALL)
    inside = re.search(r"define internal void @update\(.*?loop\d+\.body:.*?loop\d+\.body:(.*?)\n}", text, re.DOTALL)
    assert before is not None
    assert inside is not None
    return before[0][: before[0].index("call void @gradient.sweep")], inside[1]


def test_what_is_the_same_for_all_parameters_is_computed_before_the_loop_over_them() -> None:
    p, g, rate, number = (graph := Graph()).variable("p"), *map(graph.variable, ("g", "rate", "number"))
    before, inside = loop_over_parameters(Tape([p - f.sqrt(rate) / f.exp(number) * g], [p, g, rate, number]))
    assert all(word in before for word in ("sqrt", "exp", "fdiv"))
    assert not re.search("sqrt|exp|fdiv", inside)
    # One product is the square of the gradient, for its norm.
    assert [len(re.findall(word, inside)) for word in ("fmul", "fsub")] == [2, 1]


def test_a_divisor_that_all_parameters_share_is_inverted_once() -> None:
    p, g, rate, number = (graph := Graph()).variable("p"), *map(graph.variable, ("g", "rate", "number"))
    before, inside = loop_over_parameters(Tape([p - g / number - rate / g], [p, g, rate, number]))
    assert before.count("fdiv") == 1
    assert inside.count("fdiv") == 1  # that of a divisor which differs
