"""`gradcli.execute.llvm.vector_names`: NumPy's functions on vectors of rows and on numbers."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.emitter import Block, LLVMModule, NoCompiledForm, Vector
from gradcli.execute.llvm.host import Host
from gradcli.execute.llvm.vector_names import NAMES, apply, run_tape
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.primitives import REGISTRY

X86 = Host("x86_64-unknown-linux-gnu", "skylake-avx512", "", 512, False)


def block(dtype: str = "float64", machine: Host = X86, *, contract: bool = False) -> tuple[Block, Vector, Vector]:
    made = LLVMModule(machine, dtype, contract=contract).block()
    return made, made.load("%x", "%row"), made.load("%y", "%row")


def test_numbers_alone_stay_numbers() -> None:
    assert apply(REGISTRY["hypot"], [3.0, 4.0]) == 5.0
    assert NAMES.logical_and(True, 0.0) is False
    assert NAMES.logical_or(False, 2.0) is True
    assert NAMES.logical_not(0.0) is True
    assert NAMES.where(False, 1.0, 2.0) == 2.0
    assert (NAMES.maximum(1.0, 2.0), NAMES.minimum(1.0, 2.0), NAMES.copysign(1.0, -0.0)) == (2.0, 1.0, -1.0)


def test_a_function_without_a_compiled_form_is_named() -> None:
    _, x, _ = block()
    with pytest.raises(NoCompiledForm, match=r"^polygamma has no compiled form$"):
        apply(REGISTRY["polygamma"], [20.0, x])
    with pytest.raises(NotImplementedError, match=r"^i0$"):
        NAMES.i0(x)


@pytest.mark.parametrize(
    ("formula", "operations"),
    [
        (lambda x, y: NAMES.maximum(x, 1.0), ["fcmp", "select"]),
        (lambda x, y: NAMES.minimum(1.0, x), ["fcmp", "select"]),
        (lambda x, y: NAMES.maximum(x, y), ["fcmp", "fcmp", "or", "select"]),
        (lambda x, y: NAMES.square(x), ["fmul"]),
        (lambda x, y: NAMES.abs(x), ["call"]),
        (lambda x, y: NAMES.logical_and(x < y, x > y), ["fcmp", "fcmp", "and"]),
        (lambda x, y: NAMES.where(1.0, x, y), []),
    ],
)
def test_a_function_takes_the_fewest_instructions_that_its_operands_allow(formula: Any, operations: list[str]) -> None:
    made, x, y = block()
    formula(x, y)
    words = [line.partition(" = ")[2].split()[0] for line in made.lines]
    assert [word for word in words if word not in ("load", "getelementptr")] == operations


def test_a_tape_on_vectors_gives_its_outputs_in_their_order() -> None:
    graph = Graph()
    a, b = graph.variable("a"), graph.variable("b")
    _, x, y = block()
    product, constant, first = run_tape(Tape([a * b, graph.constant(2.0), a], [a, b]), [x, y])
    assert product.name == (x * y).name
    assert constant == 2.0
    assert first is x
