"""What the emitter writes: no instruction twice, none for what is known, and declarations of what is called."""

from __future__ import annotations

import math
from typing import Any

import pytest

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.emitter import Block, LLVMModule, NoCompiledForm, Vector, literal
from gradcli.execute.llvm.host import Host
from gradcli.execute.llvm.vector_names import NAMES, apply
from gradcli.primitives import REGISTRY

X86 = Host("x86_64-unknown-linux-gnu", "skylake-avx512", "", 512, False)


def block(dtype: str = "float64", machine: Host = X86, *, contract: bool = False) -> tuple[Block, Vector, Vector]:
    made = LLVMModule(machine, dtype, contract=contract).block()
    return made, made.load("%x", "%row"), made.load("%y", "%row")


def words(made: Block) -> list[str]:
    """The operation of each line but loads."""
    found = [line.partition(" = ")[2].split()[0] for line in made.lines]
    return [word for word in found if word not in ("load", "getelementptr")]


@pytest.mark.parametrize(
    ("formula", "operations"),
    [
        (lambda x, y: (x * y, y * x), ["fmul"]),
        (lambda x, y: (x - y, y - x), ["fsub", "fsub"]),
        (lambda x, y: (NAMES.tan(x) + y, NAMES.tan(x) * y), ["call", "fadd", "fmul"]),
        (lambda x, y: NAMES.sin(x) + NAMES.cos(x), ["call", "extractvalue", "extractvalue", "fadd"]),
        (lambda x, y: (x * 1.0, y), []),
        (lambda x, y: (x * -1.0, -x), ["fneg"]),
        (lambda x, y: NAMES.where((x < y).astype("float64") != 0.0, x, y), ["fcmp", "select", "select"]),
        (lambda x, y: NAMES.where(NAMES.logical_and(x < y, True), x, x), ["fcmp"]),
        (lambda x, y: NAMES.where(NAMES.logical_or(x < y, True), x, y), ["fcmp"]),
        (lambda x, y: NAMES.logical_not((x < y).astype("float64")), ["fcmp", "select", "xor"]),
        (lambda x, y: NAMES.hypot(3.0, 4.0), []),
    ],
)
def test_no_more_instructions_than_needed(formula: Any, operations: list[str]) -> None:
    made, x, y = block()
    formula(x, y)
    assert words(made) == operations


@pytest.mark.parametrize(
    ("value", "dtype", "bits"),
    [
        (1.0, "float64", 0x3FF0000000000000),
        (0.1, "float64", 0x3FB999999999999A),
        (0.1, "float32", 0x3FB99999A0000000),
        (-0.0, "float64", 0x8000000000000000),
        (math.inf, "float64", 0x7FF0000000000000),
        (1e300, "float32", 0x7FF0000000000000),
        (-1e300, "float32", 0xFFF0000000000000),
    ],
)
def test_numbers_are_written_by_their_bits(value: float, dtype: str, bits: int) -> None:
    assert int(literal(value, dtype), 16) == bits


def test_products_and_sums_are_rounded_together_only_where_that_is_allowed() -> None:
    for contract in (False, True):
        made, x, y = block(contract=contract)
        made.store(x * y + x, "%result", "%row")
        assert any("contract" in line for line in made.lines) == contract


def test_doubles_among_narrow_numbers_are_called_for_by_registers() -> None:
    made, x, _ = block("float32")
    assert made.module.lanes == 16
    result = made.call("sin", x.astype("float64")).astype("float32")
    assert result.dtype == "float32"
    assert sum("@each_sin" in line for line in made.lines) == 2


def test_a_function_that_the_system_lacks_has_no_compiled_form(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradcli.execute.llvm import emitter

    monkeypatch.setattr(emitter, "address_of", lambda symbol: None)
    _, x, _ = block()
    with pytest.raises(NoCompiledForm, match=r"^log10 has no compiled form$"):
        apply(REGISTRY["log10"], [x])
