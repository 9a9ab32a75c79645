"""Nets from a thousand to a million parameters: gradcli's compiled loop against JAX's scan and eager PyTorch.

Every contestant trains the same net on the same batches of 64 rows by Adam with the same rate, from the same first
parameters, in float64 on one thread; the whole loop counts, with the gathering of the rows of each batch.  The losses
agree within 1e-9 before anything is timed.  The dense nets and the convolutional one learn the digits that come with
gradcli; the last net learns made rows of 784 columns.  JAX scans a jitted step over the batches.  A line under a table
says how many billions of additions and multiplications of the layers gradcli does in a second, and which share this is
of what the processor does when it does nothing else.  The last table is gradcli with one thread and with two, whose
losses are the same to the bit, where there are two processors.

    python benchmarks/nets.py [rounds]
"""

from __future__ import annotations

import os

from harness import Goal, Options, Subject, Table, agree, comparison, duration, installed, main, paired, use_threads

PROCESSORS = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
use_threads(1)

import ctypes
import math
import statistics
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from gradcli.execute.llvm.emitter import LLVMModule
from gradcli.execute.llvm.host import host
from gradcli.execute.llvm.machine_code import MachineCode
from gradcli.execute.llvm.tiles import Body, tile_size
from gradcli.execute.memory import aligned_empty
from gradcli.train.data.loading import load_data
from gradcli.train.data.rows import Data
from gradcli.train.run import Run, start

PACKAGES = ("numpy", "llvmlite", "jax", "torch")
BATCH, RATE = 64, 1e-3

Call = Callable[[], list[float]]


class Case(NamedTuple):
    """A net, and what gradcli is to reach: the most time of it, as a share of that of JAX and of PyTorch."""

    title: str
    conv: tuple[int, ...]
    hidden: tuple[int, ...]
    updates: int
    jax: float | None
    torch: float


CASES = (
    Case("64-32-32-10", (), (32, 32), 200, 0.45, 0.06),
    Case("64-128-128-10", (), (128, 128), 100, 0.55, 0.22),
    Case("64-512-512-10", (), (512, 512), 20, 0.65, 0.5),
    Case("convolutions of 8 and 16 channels, each with a pool", (8, 16), (), 30, None, 0.2),
    Case("784-256-128-10, 60,000 made rows", (), (256, 128), 40, None, 0.6),
)
#: The nets for the table of threads -> the updates in a call.
THREADED = {case.title: case.updates for case in CASES[:4]}


class Work:
    """What all contestants of a case do."""

    def __init__(self, case: Case, updates: int, data: Data) -> None:
        self.case = case
        self.run = start(
            data, conv=case.conv, hidden=case.hidden, activation="relu", loss="cross_entropy", optimizer="adam",
            engine="jit", batch=BATCH, epochs=1, split=0.0, l1=0.0, l2=0.0, seed=1, learning_rate=RATE,
        )  # fmt: skip
        self.inputs, self.targets = self.run.model.scaled(self.run.training.inputs), self.run.training.targets
        generator = np.random.default_rng(0)
        self.rows = generator.integers(0, len(self.targets), (updates, BATCH))
        self.updates = updates
        self.layers = [array.copy() for array in self.run.model.matrices(self.run.state.parameters).values()]
        self.image = self.run.model.image

    @property
    def billions(self) -> float:
        """The additions and multiplications of the layers in a call, in billions: forward, and twice as many back."""
        first = self.run.model.plan[0]
        assert first.weights is not None
        products = 3 * self.run.model.products - math.prod(first.weights) * math.prod(first.outputs[1:])
        return 2.0 * products * BATCH * self.updates / 1e9


def gradcli_loop(work: Work, threads: int = 1) -> Call:
    """gradcli's compiled loop."""
    run: Run = work.run
    runner = run.engine.runner_for(run.settings.optimizer, run.settings.hyperparameters, run.settings.clip)
    assert runner is not None
    table, counts, rates = runner.table(work.inputs), [BATCH] * work.updates, [RATE] * work.updates
    memory = {name: np.zeros(run.model.count) for name in runner.names}

    def call() -> list[float]:
        batches = runner.pack(table, work.rows, work.targets[work.rows], (), counts)
        done = runner.run(run.state.parameters, memory, batches, counts, rates, 0, None, work.updates, threads)
        return done.losses

    return call


def jax_loop(work: Work) -> Call:
    """JAX: a scan of the jitted step."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    def scores_of(net: list[Any], x: Any) -> Any:
        places = list(zip(net[::2], net[1::2], strict=True))
        if work.image is not None:
            x = x.reshape(-1, *work.image)
        for number, (weight, bias) in enumerate(places):
            if weight.ndim == 4:
                x = jax.lax.conv_general_dilated(x, weight, (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW"))
                x = jax.nn.relu(x + bias[:, None, None])
                x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
                continue
            x = x.reshape(len(x), -1) @ weight.T + bias
            if number < len(places) - 1:
                x = jax.nn.relu(x)
        return x

    def loss_of(net: list[Any], x: Any, y: Any) -> Any:
        scores = scores_of(net, x)
        return jnp.mean(jax.scipy.special.logsumexp(scores, axis=1) - scores[jnp.arange(BATCH), y])

    inputs, targets = jnp.asarray(work.inputs), jnp.asarray(work.targets.astype(int))

    def step(state: Any, rows: Any) -> Any:
        net, mean, square, number = state
        number = number + 1.0
        loss, slope = jax.value_and_grad(loss_of)(net, inputs[rows], targets[rows])
        mean = [0.9 * old + 0.1 * new for old, new in zip(mean, slope, strict=True)]
        square = [0.999 * old + 0.001 * new * new for old, new in zip(square, slope, strict=True)]
        net = [
            part - RATE * (m / (1 - 0.9**number)) / (jnp.sqrt(s / (1 - 0.999**number)) + 1e-8)
            for part, m, s in zip(net, mean, square, strict=True)
        ]
        return (net, mean, square, number), loss

    net = [jnp.asarray(part) for part in work.layers]
    zeros, rows = [jnp.zeros_like(part) for part in net], jnp.asarray(work.rows)
    scan = jax.jit(lambda state, rows: jax.lax.scan(step, state, rows)[1])
    return lambda: np.asarray(scan((net, zeros, zeros, 0.0), rows)).tolist()


def torch_loop(work: Work) -> Call:
    """PyTorch, eager, with its own optimiser."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)
    inputs, targets = torch.from_numpy(work.inputs), torch.from_numpy(work.targets.astype(int))
    if work.image is not None:
        inputs = inputs.reshape(-1, *work.image)
    rows = torch.from_numpy(work.rows)

    def call() -> list[float]:
        net = [torch.tensor(part, requires_grad=True) for part in work.layers]
        optimizer = torch.optim.Adam(net, lr=RATE)
        losses = []
        for chosen in rows:
            x = inputs[chosen]
            for number in range(0, len(net), 2):
                if net[number].ndim == 4:
                    x = functional.conv2d(x, net[number], net[number + 1], padding=1)
                    x = functional.max_pool2d(torch.relu(x), 2)
                    continue
                x = functional.linear(x.flatten(1), net[number], net[number + 1])
                if number < len(net) - 2:
                    x = torch.relu(x)
            loss = functional.cross_entropy(x, targets[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        return [float(loss) for loss in losses]

    return call


def made(rows: int) -> Data:
    """Rows of 784 random columns in ten classes."""
    generator = np.random.default_rng(1)
    names = tuple(f"x{number}" for number in range(784))
    inputs, targets = generator.standard_normal((rows, 784)), generator.integers(0, 10, rows).astype(float)
    return Data("made", names, inputs, "y", targets, tuple("0123456789"))


def peak() -> float:
    """The most additions and multiplications, in billions, that one processor does in a second, all in registers."""
    module = LLVMModule(host(), "float64", contract=True)
    body, size = Body(module), tile_size(module)
    number = body.splat("%x")
    sums = [number] * (size.rows * size.vectors)
    with body.loop(0, "%count", carried=[(module.vector, one) for one in sums]) as loop:
        loop.following.extend(body.fused(number, one, number) for one in loop.carried)
    for one in loop.carried:
        body.store(one, "%y")
    module.define("void @run(ptr %x, ptr %y, i64 %count)", [*body.lines, "ret void"])
    function = MachineCode(module).function("run", None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
    x, y, count = np.full(1, 0.5), aligned_empty((module.lanes,), "float64"), 100_000
    call = lambda: function(x.ctypes.data, y.ctypes.data, count)  # noqa: E731
    seconds = min(paired({"peak": call}, 9, 0.01)["peak"])
    return 2e-9 * count * len(sums) * module.lanes / seconds


def threads_table(options: Options) -> Table:
    """gradcli with one thread and with two."""
    rows, updates = [], {name: 2 if options.quick else count for name, count in THREADED.items()}
    for case in CASES:
        if case.title not in updates:
            continue
        work = Work(case, updates[case.title], load_data("digits"))
        calls = {f"{threads}": gradcli_loop(work, threads) for threads in (1, 2)}
        agree({name: call() for name, call in calls.items()}, "1", 0.0)
        times = paired(calls, 1 if options.quick else options.rounds, 0.0 if options.quick else 0.1)
        one, two = (statistics.median(found) / work.updates for found in times.values())
        ratio = statistics.median(b / a for a, b in zip(*times.values(), strict=True))
        rows.append([case.title, duration(one), duration(two), f"{ratio:.3g}"])
    title = "An update by gradcli with one thread and with two"
    return Table(title, ["", "one", "two", "two / one"], rows)


def case_table(case: Case, options: Options, most: float) -> Table:
    """The table of one net."""
    is_made = case.title.startswith("784")
    data = made(200 if options.quick else 60_000) if is_made else load_data("digits")
    work = Work(case, 2 if options.quick else case.updates, data)
    makers = {"gradcli": gradcli_loop}
    makers |= {"JAX, scan": jax_loop} if installed("jax") else {}
    makers |= {"PyTorch, eager": torch_loop} if installed("torch") else {}
    calls = {name: make(work) for name, make in makers.items()}
    expected = calls["gradcli"]()
    for name, call in calls.items():
        agree({"gradcli": expected, name: call()}, "gradcli", 1e-9)
    times = paired(calls, 1 if options.quick else options.rounds, 0.0 if options.quick else 0.1)
    speed = work.billions / statistics.median(times["gradcli"])
    each = {name: [one / work.updates for one in found] for name, found in times.items()}
    goals = [Goal("gradcli", "PyTorch, eager", case.torch)]
    goals += [Goal("gradcli", "JAX, scan", case.jax)] if case.jax is not None else []
    title = f"An update of a net: {case.title} (batches of {BATCH}, Adam, one thread)"
    remarks = [f"gradcli: {speed:.0f} billion additions and multiplications a second, {speed / most:.0%} of the peak"]
    return comparison(Subject(title, calls, goals=goals, remarks=remarks), each, claims=not options.quick)


def tables(options: Options) -> Iterator[Table]:
    """All tables."""
    most = peak()
    for case in CASES:
        yield case_table(case, options, most)
    if len(PROCESSORS) > 1:
        os.sched_setaffinity(0, PROCESSORS)
        yield threads_table(options)


if __name__ == "__main__":
    main(__doc__, tables, PACKAGES)
