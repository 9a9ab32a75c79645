"""Time and memory of the eager engine against micrograd: forward and backward of micrograd's moons loss.

Each engine runs in processes of its own, which alternate; the garbage collector is left at its defaults.  Memory is
what tracemalloc counts for one loss and its graph, divided by the number of nodes.

    pip install micrograd
    python benchmarks/value.py [rounds]
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys

STEPS = 10

CHILD = """
import gc, json, random, sys, time, tracemalloc

engine, steps, memory = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "memory"
points, labels = json.load(sys.stdin)
sys.setrecursionlimit(200_000)
if engine == "micrograd":
    from micrograd.engine import Value
    from micrograd.nn import MLP
else:
    from gradcli.engine import Value
    from gradcli.nn import MLP

random.seed(1337)
net = MLP(2, [16, 16, 1])


def loss():
    inputs = [list(map(Value, row)) for row in points]
    scores = list(map(net, inputs))
    losses = [(1 + -label * score).relu() for label, score in zip(labels, scores)]
    return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in net.parameters())


def operations(root):
    seen, stack, found = {root}, [root], 0
    while stack:
        node = stack.pop()
        found += node._op in ("+", "*")
        for child in node._prev:
            if child not in seen:
                seen.add(child)
                stack.append(child)
    return len(seen), found


if memory:
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    root = loss()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    nodes, additions = operations(root)
    print(json.dumps({"bytes": used, "nodes": nodes, "operations": additions, "loss": root.data}))
else:
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        root = loss()
        net.zero_grad()
        root.backward()
        times.append(time.perf_counter() - start)
    gradient = sum(p.grad for p in net.parameters())
    print(json.dumps({"seconds": times, "gradient": gradient}))
"""


def moons() -> tuple[list[list[float]], list[float]]:
    """The 100 points of micrograd's demo, as plain numbers."""
    from numpy.random import RandomState

    from gradcli.train.datasets import moons as sample

    points, classes = sample(100, 0.1, RandomState(1337))
    return points.tolist(), [2.0 * c - 1.0 for c in classes.tolist()]


def child(engine: str, mode: str, data: str) -> dict[str, float]:
    """One process of one engine."""
    command = [sys.executable, "-c", CHILD, engine, str(STEPS), mode]
    done = subprocess.run(command, input=data, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main(rounds: int) -> None:
    """Print the table."""
    data = json.dumps(moons())
    seconds: dict[str, list[float]] = {"micrograd": [], "gradcli": []}
    ratios = []
    for _ in range(rounds):
        medians = {}
        for engine, found in seconds.items():
            times = child(engine, "time", data)["seconds"]
            found.extend(times)
            medians[engine] = statistics.median(times)
        ratios.append(medians["micrograd"] / medians["gradcli"])
    memory = {engine: child(engine, "memory", data) for engine in seconds}
    print(f"Python {platform.python_version()} on {platform.machine()}, {platform.system()}")
    print(f"{rounds} processes of each engine in turn, {STEPS} steps each: loss, zero_grad, backward\n")
    print(f"{'engine':<10} {'median ms':>10} {'nodes':>8} {'+ and *':>8} {'bytes/node':>11} {'loss':>20}")
    for engine, found in seconds.items():
        m = memory[engine]
        per_node = m["bytes"] / m["nodes"]
        median = 1e3 * statistics.median(found)
        print(f"{engine:<10} {median:>10.1f} {m['nodes']:>8} {m['operations']:>8} {per_node:>11.0f} {m['loss']!r:>20}")
    both = [memory[engine]["bytes"] / memory[engine]["nodes"] for engine in ("gradcli", "micrograd")]
    print(f"\ntimes faster: median {statistics.median(ratios):.1f} (from {min(ratios):.1f} to {max(ratios):.1f})")
    print(f"memory of a node: {both[0] / both[1]:.2f} of micrograd's")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
