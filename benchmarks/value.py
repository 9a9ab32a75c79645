"""Time and memory of the eager engine of numbers against micrograd: forward and backward of micrograd's moons loss.

Each engine runs in a process of its own; the garbage collector is left at its defaults.  Loss and gradient are equal
before anything is timed.  Memory is what tracemalloc counts for one loss and its graph, divided by the number of nodes.

    python benchmarks/value.py [rounds]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from harness import Apart, Bound, Goal, Options, Subject, Table, agree, installed, main, measure, use_threads

use_threads(1)

#: Engine -> the most of its time and of its memory that gradcli may take.
TIME, MEMORY = 1 / 8, 0.5
POINTS = 100


def make_loss(
    package: str, points: Sequence[Sequence[float]], labels: Sequence[float]
) -> tuple[Callable[[], Any], Any]:
    """A function that records the loss of micrograd's demo, and its net."""
    import random

    if package == "micrograd":
        from micrograd.engine import Value
        from micrograd.nn import MLP
    else:
        from gradcli import Value
        from gradcli.nn import MLP
    sys.setrecursionlimit(200_000)
    random.seed(1337)
    net = MLP(2, [16, 16, 1])

    def loss() -> Any:
        inputs = [list(map(Value, row)) for row in points]
        scores = list(map(net, inputs))
        losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in net.parameters())

    return loss, net


def step(package: str, *data: Any) -> Callable[[], list[Any]]:
    """Loss, zero_grad and backward; the loss and the gradient."""
    loss, net = make_loss(package, *data)

    def call() -> list[Any]:
        root = loss()
        net.zero_grad()
        root.backward()
        return [root.data, [p.grad for p in net.parameters()]]

    return call


def memory(package: str, *data: Any) -> Callable[[], list[float]]:
    """Bytes of one loss and its graph, its nodes, and how many of them are additions and multiplications."""
    loss, _ = make_loss(package, *data)

    def call() -> list[float]:
        import gc
        import tracemalloc

        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        root = loss()
        used = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        seen, stack, operations = {root}, [root], 0
        while stack:
            node = stack.pop()
            operations += node._op in ("+", "*")
            for child in node._prev:
                if child not in seen:
                    seen.add(child)
                    stack.append(child)
        return [used, len(seen), operations]

    return call


def moons(count: int) -> tuple[list[list[float]], list[float]]:
    """The points of micrograd's demo, as plain numbers."""
    from numpy.random import RandomState

    from gradcli.train.data.datasets import moons as sample

    points, classes = sample(count, 0.1, RandomState(1337))
    return points.tolist(), [2.0 * c - 1.0 for c in classes.tolist()]


def tables(options: Options) -> Iterator[Table]:
    """Time, then memory."""
    count = 4 if options.quick else POINTS
    data = moons(count)
    packages = [name for name in ("gradcli", "micrograd") if installed(name)]
    steps = {name: Apart(step, here=options.quick).prepare(name, *data) for name in packages}
    agree(steps, "gradcli")
    title = f"forward and backward of the moons net, 337 parameters, {count} rows, one thread"
    yield measure(
        Subject(title, steps, goals=[Goal("gradcli", "micrograd", TIME)]), options, seconds=3.0
    )  # with its share of collections

    found = {name: Apart(memory, here=options.quick).prepare(name, *data)() for name in packages}
    sizes = {name: float(used / nodes) for name, (used, nodes, _) in found.items()}
    rows = [
        [name, f"{nodes:,}", f"{operations:,}", f"{sizes[name]:.0f}", f"{sizes['gradcli'] / sizes[name]:.2f}"]
        for name, (_, nodes, operations) in found.items()
    ]
    bounds = []
    if "micrograd" in sizes and not options.quick:
        bounds = [Bound("memory of a node of gradcli / micrograd", sizes["gradcli"] / sizes["micrograd"], MEMORY)]
    yield Table("memory of its graph", ["", "nodes", "+ and *", "bytes/node", "gradcli / this"], rows, bounds)


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, ("gradcli", "micrograd"), rounds=5))
