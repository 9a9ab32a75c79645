"""`gradcli.execute.llvm.tiles`: loops over tiles compute the products of matrices."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from tests.support.loops import for_each

pytest.importorskip("llvmlite")

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import Host, host
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.execute.llvm.tiles import Body, Strides, add_dots, add_products, parts, tile_size, transposed
from gradcli.execute.memory import aligned_empty

WIDTHS = [bits for bits in (128, 256, 512) if bits <= host().bits]


def run(module: LLVMModule, body: Body, *arrays: np.ndarray, flag: bool = False) -> None:
    """Compile a function of arrays, ``%a``, ``%b`` and ``%c``, and of the truth value ``%first``, and call it."""
    names = ", ".join(f"ptr %{name}" for name in "abc"[: len(arrays)])
    module.define(f"void @run({names}, i1 %first)", [*body.lines, "ret void"])
    kinds = [ctypes.c_void_p] * len(arrays) + [ctypes.c_bool]
    MachineCode(module).function("run", None, *kinds)(*[one.ctypes.data for one in arrays], flag)


def filled(*shape: int) -> np.ndarray:
    array = aligned_empty(shape, "float64")
    array[...] = np.random.RandomState(sum(shape)).normal(size=shape)
    return array


@pytest.mark.parametrize(
    ("count", "most"), [(1, 6), (5, 6), (6, 6), (7, 6), (10, 6), (32, 6), (128, 6), (3, 4), (9, 4)]
)
def test_tiles_cover_a_count_once_and_none_is_too_large(count: int, most: int) -> None:
    found = [place + i for start, stop, size in parts(count, most) for place in range(start, stop, size)
             for i in range(size)]  # fmt: skip
    assert found == list(range(count))
    assert all(size <= most for *_, size in parts(count, most))


def test_a_tile_and_its_operands_fit_into_the_registers() -> None:
    for triple, bits, registers in (("x86_64", 512, 32), ("x86_64", 256, 16), ("x86_64", 128, 16), ("arm64", 128, 32)):
        rows, vectors = tile_size(LLVMModule(Host(triple, "", "", bits, False), "float64"))
        assert rows * vectors + vectors + 1 <= registers


@for_each("bits", WIDTHS)
@for_each("depth", [1, 3, 4, 5, 8, 9, 22])
@for_each(("rows", "vectors"), [(1, 1), (3, 2), (6, 4)])
def test_products_are_added_to_the_sums(bits: int, depth: int, rows: int, vectors: int) -> None:
    module = LLVMModule(host(bits), "float64")
    lanes, body = module.lanes, Body(module)
    a, b, c = filled(rows, depth), filled(depth, vectors * lanes), filled(rows, vectors * lanes)
    places = [body.address("%c", i * lanes) for i in range(rows * vectors)]
    sums = [body.load(place) for place in places]
    strides = Strides(depth, 1, lanes, vectors * lanes)
    for place, one in zip(places, add_products(body, sums, rows, "%a", "%b", strides, depth), strict=True):
        body.store(one, place)
    expected = c + a @ b
    run(module, body, a, b, c)
    assert np.allclose(c, expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("bits", WIDTHS)
def test_dots_are_products_element_by_element(bits: int) -> None:
    module = LLVMModule(host(bits), "float64")
    lanes, body = module.lanes, Body(module)
    a, b, c = filled(2, lanes), filled(3, lanes), filled(6, lanes)
    addresses = [[body.address(name, i * lanes) for i in range(count)] for name, count in (("%a", 2), ("%b", 3))]
    for i, one in enumerate(add_dots(body, body.zeros(6), *addresses)):
        body.store(one, body.address("%c", i * lanes))
    run(module, body, a, b, c)
    assert np.allclose(c.reshape(2, 3, lanes), a[:, None] * b[None])


@pytest.mark.parametrize("bits", WIDTHS)
def test_columns_are_the_rows_of_the_transposed_square(bits: int) -> None:
    module = LLVMModule(host(bits), "float64")
    lanes, body = module.lanes, Body(module)
    a, b = filled(lanes, lanes), filled(lanes, lanes)
    rows = [body.load(body.address("%a", i * lanes)) for i in range(lanes)]
    for i, column in enumerate(transposed(body, rows)):
        body.store(column, body.address("%b", i * lanes))
    run(module, body, a, b)
    assert np.array_equal(b, a.T)


def test_loops_carry_values_and_may_have_no_turn() -> None:
    module = LLVMModule(host(), "float64")
    lanes, body = module.lanes, Body(module)
    one = body.load("%a")
    kind = module.vector
    with body.loop(0, 3, carried=[(kind, "zeroinitializer")]) as outer:
        with body.loop(outer.counter, 2, carried=[(kind, outer.carried[0])]) as inner:
            inner.following.append(body.emit(f"fadd {kind} {inner.carried[0]}, {one}"))
        outer.following.extend(inner.carried)
    body.store(outer.carried[0], "%b")
    a, b = filled(lanes), filled(lanes)
    run(module, body, a, b)
    assert np.allclose(b, 3 * a)  # 2 + 1 + 0 turns


@pytest.mark.parametrize("flag", [False, True])
def test_what_is_added_up_adds_or_replaces(flag: bool) -> None:
    module = LLVMModule(host(), "float64")
    body, lanes = Body(module), module.lanes
    body.add_up(body.load("%a"), "%b", "%first")
    place = body.address("%b", lanes)
    (kept,) = body.replaced("%first", [body.load("%a")], lambda: [body.load(place)])
    body.store(kept, place)
    a, b = filled(lanes), filled(2, lanes)
    before = b.copy()
    run(module, body, a, b, flag=flag)
    assert b[0, 0] == pytest.approx(a.sum() + (before[0, 0] if flag else 0.0), rel=1e-13)
    assert np.array_equal(b[1], before[1] if flag else a)


@pytest.mark.parametrize("flag", [False, True])
def test_code_runs_when_a_truth_value_holds(flag: bool) -> None:
    module = LLVMModule(host(), "float64")
    body = Body(module)
    with body.when("%first"):
        body.store(body.text(2.5), "%a")
    a = filled(module.lanes)
    before = a.copy()
    run(module, body, a, flag=flag)
    assert np.array_equal(a, np.full(module.lanes, 2.5) if flag else before)
    assert body.text("%x") == "%x"


def test_the_smaller_integer() -> None:
    module = LLVMModule(host(), "float64")
    body = Body(module)
    with body.loop(0, body.least(body.least(7, 3), 5)) as loop:
        body.store(body.text(1.0), body.address("%a", body.product(loop.counter, module.lanes)))
    a = filled(6, module.lanes)
    run(module, body, a)
    assert [(row == 1.0).all() for row in a] == [True] * 3 + [False] * 3
