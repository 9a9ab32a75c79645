"""The NumPy executor: whatever the blocks, the threads and the layout of arrays, the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import parse
from gradcli.execute import numpy_kernel as blocks
from gradcli.execute.numpy_kernel import BlockKernel
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.execute.threads import threads_for
from gradcli.graph import differentiate

TEXTS = [
    "x*y + sin(x)",
    "x^3*tanh(y) + where(x > 0, sqrt(x), y) + max(x, y)",
    "exp(x)*log(y) + x^y",
    "hypot(x, y)/(x + y)",
    "x",
    "x + 0*y + 3",
    "erf(x)*gelu(y) - clip(x, 0, 1)",
    "(x > 1 and y < 2) + floor(x)",
]
ROWS = 3 * 16384 + 17


def program(text: str, columns: int = 2, dtype: str = "float64") -> Program:
    expression = parse(text)
    variables = [expression.graph.variable(name) for name in "xy"]
    roots = [expression.root, *differentiate.gradient(expression.root, variables)]
    return Program(Tape(roots, variables), columns, dtype)


def columns(rows: int, dtype: str = "float64") -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    return [generator.uniform(-1.0, 3.0, rows).astype(dtype) for _ in range(2)]


def run(kernel: BlockKernel, inputs: list[np.ndarray], uniforms: list[float], threads: int | None = 1) -> np.ndarray:
    results = np.empty((len(kernel.program.tape.outputs), len(inputs[0])), kernel.program.dtype)
    kernel.run(inputs, np.array(uniforms, kernel.program.dtype), list(results), threads)
    return results


@pytest.mark.parametrize("text", TEXTS)
def test_results_do_not_depend_on_blocks_threads_or_strides(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = columns(ROWS)
    wanted = run(BlockKernel(program(text)), inputs, [])
    for threads in (2, 3, None):
        assert run(BlockKernel(program(text)), inputs, [], threads).tobytes() == wanted.tobytes()
    strided = [np.stack([one, one], 1)[:, 1] for one in inputs]
    assert run(BlockKernel(program(text)), strided, []).tobytes() == wanted.tobytes()
    apart = np.empty((ROWS, 3))
    BlockKernel(program(text)).run(inputs, np.empty(0), list(apart.T))
    assert apart.T.tobytes() == wanted.tobytes()
    monkeypatch.setattr(blocks, "_CACHE", 0)
    smallest = BlockKernel(program(text))
    assert smallest.block_rows == 64
    assert run(smallest, inputs, []).tobytes() == wanted.tobytes()


@pytest.mark.parametrize("rows", [0, 1, 1023, 1024])
def test_there_may_be_any_number_of_rows(rows: int) -> None:
    inputs = columns(ROWS)
    for text in TEXTS:
        kernel = BlockKernel(program(text))
        found = run(kernel, [one[:rows] for one in inputs], [])
        np.testing.assert_allclose(found, run(kernel, inputs, [])[:, :rows], rtol=1e-14)


@pytest.mark.parametrize("text", TEXTS)
def test_a_uniform_is_a_column_of_one_number(text: str) -> None:
    x, _ = columns(1000)
    np.testing.assert_allclose(
        run(BlockKernel(program(text, columns=1)), [x], [1.7]),
        run(BlockKernel(program(text)), [x, np.full(1000, 1.7)], []),
        rtol=1e-14,
        atol=1e-14,
    )


@pytest.mark.parametrize("text", TEXTS)
def test_32_bit_floats_stay_32_bit_floats(text: str) -> None:
    wide, narrow = columns(1000), columns(1000, "float32")
    found = run(BlockKernel(program(text, dtype="float32")), narrow, [])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, run(BlockKernel(program(text)), wide, []), rtol=2e-4, atol=2e-5)


def test_buffers_are_used_again() -> None:
    text = "x"
    for _ in range(50):
        text = f"sin({text})*y + 1"
    expression = parse(text)
    variables = [expression.graph.variable(name) for name in "xy"]
    assert len(BlockKernel(Program(Tape([expression.root], variables), 2))._buffers) == 1


def test_a_thread_has_work_enough() -> None:
    assert threads_for(1000) == 1
    assert 1 <= threads_for(10**9) <= 1024
    assert threads_for(1, 5) == 5


def test_an_error_in_a_thread_is_raised() -> None:
    kernel = BlockKernel(program("x + y"))
    inputs = columns(ROWS)
    results = [np.empty(ROWS), np.empty(ROWS), np.empty(ROWS - 5)]
    with pytest.raises(ValueError, match="broadcast"):
        kernel.run(inputs, np.empty(0), results, 2)
