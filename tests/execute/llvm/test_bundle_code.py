"""The machine code of bundles gives the bits of NumPy, whatever the layout of operands and results."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from gradcli.execute.bundle_kernel import VectorFunction
from gradcli.primitives import functions as f
from tests.support.loops import for_each
from tests.support.vector_programs import always, never, vector_program

pytest.importorskip("llvmlite")

import itertools

from gradcli.execute.llvm.bundle_code import BundleCode, _patterns
from gradcli.execute.llvm.host import host

MACHINES = [host(bits) for bits in (512, 256, 128) if bits <= host().bits]


def neighbours(x: Any) -> list[Any]:
    """A band matrix: three results for each variable."""
    found = []
    for one, other in itertools.pairwise(x):
        found += [one * other, one * one + 0.25, one - other]
    return found


def pairs(x: Any) -> list[Any]:
    """Operands with a distance of 2, and a result that is always the same."""
    found = []
    for one, other in zip(x[::2], x[1::2], strict=False):
        found += [one * other, one + other, x[0].graph.constant(200.0), one * other]
    return found


def scattered(x: Any) -> list[Any]:
    """Operands in no order."""
    order = np.random.default_rng(3).permutation(len(x))
    return [x[i] * x[k] + 1.0 for i, k in zip(order, order[::-1], strict=True)]


def shared(x: Any) -> list[Any]:
    """A number that all expressions need, variables as results, and a choice."""
    total = x[0] + x[1] * x[2]
    return [*[f.where(f.less(one, total), one * total, 0.5) for one in x], x[3], x[0]]


SHAPES = {"neighbours": neighbours, "pairs": pairs, "scattered": scattered, "shared": shared}


@for_each("machine", MACHINES, ids=lambda machine: str(machine.bits))
@for_each("shape", SHAPES)
@for_each("count", [4, 5, 16, 37, 80])
def test_the_bits_are_those_of_numpy(shape: str, count: int, machine: Any):
    program = vector_program(SHAPES[shape], [count])
    point = np.random.default_rng(count).uniform(-1.0, 1.0, count)
    wanted = VectorFunction(program, always, "numpy")(point)
    code = BundleCode(program, machine)
    out = np.zeros(program.results + 1)[1:]
    assert code.call(point, out) is True
    assert out.tolist() == wanted.tolist()
    apart = np.repeat(point, 3)[::3], np.zeros(2 * program.results)[::2]
    assert code.ufunc(*apart).tolist() == wanted.tolist()


@pytest.mark.parametrize("shape", SHAPES)
def test_32_bits(shape: str):
    program = vector_program(SHAPES[shape], [70], dtype="float32")
    point = np.random.default_rng(1).uniform(-1.0, 1.0, 70).astype(np.float32)
    wanted = VectorFunction(program, always, "numpy")(point)
    assert BundleCode(program).ufunc(point).tolist() == wanted.tolist()


def test_two_vectors_and_many_points():
    program = vector_program(lambda x: [one * other for one, other in zip(x[:20], x[20:], strict=True)], [20, 20])
    first, second = np.random.default_rng(0).uniform(size=(2, 6, 20))
    code = BundleCode(program)
    assert (code.ufunc(first, second[0]) == first * second[0]).all()
    out = first.copy()
    assert code.ufunc(out, second, out) is out
    assert (out == first * second).all()
    assert code.call(first[1], second[1], second[2]) is True
    assert (second[2] == first[1] * second[1]).all()


def test_large_memory_comes_from_the_system():
    count = 20_000
    program = vector_program(lambda x: [one * 2.0 + other for one, other in itertools.pairwise(x)], [count])
    code, point = BundleCode(program), np.arange(float(count))
    found: dict[int, Any] = {}

    def work(number: int) -> None:
        found[number] = [code.ufunc(point + number) for _ in range(20)][-1]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for number, one in found.items():
        assert (one == 2.0 * (point + number)[:-1] + (point + number)[1:]).all()
    assert code.call(point, np.empty(count - 1)) is True


def test_where_the_condition_does_not_hold_results_are_nan():
    program = vector_program(lambda x: [x[0] * x[1], x[0]], [2], largest=10.0)
    code, out = BundleCode(program), np.empty(2)
    for point in ([11.0, 1.0], [1.0, np.nan], [-np.inf, 0.0]):
        assert code.call(np.array(point), out) is False
        assert np.isnan(out).all()
    assert code.call(np.array([10.0, -10.0]), out) is True
    terms = vector_program(lambda x: [x[0], 1.0 / x[0], x[1]], [2], terms=2, largest=10.0)
    for point, holds in (([0.5, 10.0], True), ([0.05, 1.0], False), ([0.5, 11.0], False)):
        assert BundleCode(terms).call(np.array(point), np.empty(1)) is holds


def test_a_doubtful_result_is_checked():
    program = vector_program(lambda x: [x[0] * x[1]], [2], largest=10.0)
    point = np.array([20.0, 2.0])
    assert VectorFunction(program, always, "llvm")(point).tolist() == [40.0]
    assert VectorFunction(program, always, "llvm")(np.array([point, [1.0, 1.0]])).tolist() == [[40.0], [1.0]]
    assert np.isnan(VectorFunction(program, never, "llvm")(point)).all()
    assert VectorFunction(program, always, "llvm").quick(point) is None


@pytest.mark.parametrize(
    "arguments",
    [
        (np.ones(3),),
        (np.ones(3), np.ones(3), np.ones(3)),
        (np.ones(4), np.ones(3)),
        (np.ones(3), np.ones(4)),
        (np.ones(3, np.float32), np.ones(3)),
        (np.ones(3, np.int64), np.ones(3)),
        (np.ones(6)[::2], np.ones(3)),
        (np.ones((1, 3)), np.ones(3)),
        ([1.0, 2.0, 3.0], np.ones(3)),
        (np.ones(3), None),
        (np.ones(3), np.broadcast_to(1.0, 3)),
        (np.ones(3, ">f8"), np.ones(3)),
    ],
)
def test_other_arguments_are_refused(arguments: tuple[Any, ...]):
    program = vector_program(lambda x: [one * 2.0 for one in x], [3])
    with pytest.raises((TypeError, ValueError, BufferError)):
        BundleCode(program).call(*arguments)


def test_patterns():
    places = np.array([5, *[one for i in range(40) for one in (100 + i, 200 + i, 7)], 3, *range(300, 330)])
    first, second = _patterns(places)
    assert (first.start, first.streams, first.moves, first.rows) == (1, (100, 200, 7), (True, True, False), 40)
    assert (second.start, second.streams, second.rows, second.stop) == (122, (300,), 30, 152)
    assert _patterns(np.array([1, 2, 3])) == []
    assert _patterns(np.array([1])) == []
