"""What compiling costs, and what it changes: time against the length of a tape, and the numbers of all executors.

A tape is emitted and compiled in a new process that has compiled another before, without the cache of machine code; the
time is the processor's.  Then every function is evaluated over its domain and at exceptional operands by the executors
on NumPy and LLVM: how many values are those of the executor on floats, bit for bit or within four units in the last
place, infinities and nan alike.  None is further off.

    python benchmarks/compiling.py [--check]
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Iterator
from itertools import product

from harness import Bound, Options, Table, installed, main, run_program

LENGTHS = [200 << doubling for doubling in range(7)]

#: Kind of a tape -> the operations that it is made of.
KINDS = {
    "sums and products": "['add', 'mul', 'sub', 'mul']",
    "functions of mathematics, too": "['add', 'mul', 'sin', 'sub', 'tanh', 'mul', 'cos', 'atan']",
}

CHILD = """
import json, random, sys, time
import numpy as np
from gradcli.execute.tape import Tape
from gradcli.execute.llvm import LLVMKernel
from gradcli.execute.program import Program
from gradcli.graph import Graph
from gradcli.primitives import REGISTRY

names, length, rows = eval(sys.argv[1]), int(sys.argv[2]), 4096


def program(length):
    generator, graph = random.Random(0), Graph()
    columns = [graph.variable(f"x{i}") for i in range(8)]
    values = [*columns]
    while len(graph.nodes) < length - 90:
        primitive = REGISTRY[generator.choice(names)]
        values.append(graph.add(primitive, [generator.choice(values[-100:]) for _ in range(primitive.arity)]))
    for value in values[-100:-1]:
        values.append(graph.add(REGISTRY["add"], [values[-1], value]))
    return Program(Tape(values[-1:], columns), 8)


LLVMKernel(program(10)).code(False)
large = program(length)
began = time.process_time()
kernel = LLVMKernel(large)
kernel.code(False)
compiled = time.process_time()
columns, result = list(np.random.default_rng(0).uniform(0.5, 1.5, (8, rows))), np.empty(rows)
kernel.run(columns, np.empty(0), [result], 1)
run = time.process_time()
kernel.run(columns, np.empty(0), [result], 1)
print(json.dumps([len(large.tape.instructions), compiled - began, (time.process_time() - run) / rows]))
"""


def lengths(kind: str, options: Options) -> Table:
    """One row for each length."""
    rows, found = [], []
    for length in [120, 140] if options.quick else LENGTHS:
        costs = []
        for _ in range(1 if options.quick else options.rounds):
            with tempfile.TemporaryDirectory() as folder:
                costs.append(json.loads(run_program(["-c", CHILD, KINDS[kind], str(length)], XDG_CACHE_HOME=folder)))
        count, compiling, running = (sorted(column)[len(costs) // 2] for column in zip(*costs, strict=True))
        found.append((count, compiling))
        each = [f"{1e6 * compiling / count:.1f} us", f"{1e9 * running / count:.3f} ns"]
        rows.append([f"{count:,} operations", f"{1e3 * compiling:.1f} ms", *each])
    bounds = []
    if not options.quick:
        (middle, of_middle), (most, of_most) = found[3], found[-1]
        bounds = [
            Bound("seconds to compile the longest", of_most, 0.5),
            Bound("an operation, the longest tape to one of an eighth", of_most / most * middle / of_middle, 1.5),
        ]
    return Table(f"A tape of {kind}", ["", "compile", "an operation", "a row of it"], rows, bounds)


EDGES = (0.0, 5e-324, 1e-300, 1e-8, 0.5, 1.0, 1.5, 2.0, 20.0, 171.0, 709.5, 745.0, 1e16, 1e300, math.inf)
SIGNED = (*EDGES, *(-x for x in EDGES), math.nan)


def agreement(options: Options) -> Table:
    """One row for each group of functions."""
    import numpy as np

    from gradcli.errors import UsageError
    from gradcli.execute.kernel import kernel_for
    from gradcli.execute.program import Program
    from gradcli.execute.tape import Tape
    from gradcli.graph import Graph
    from gradcli.primitives import REGISTRY

    generator = np.random.default_rng(0)
    groups: dict[str, dict[str, list[int]]] = {}
    for primitive in [*REGISTRY.public()][:: 8 if options.quick else 1]:
        if primitive.array is None:  # it runs on each element by itself, and has no compiled form
            continue
        free = primitive.arity - len(primitive.static)
        drawn = 4 if options.quick else 5000
        points = [(*[1.0] * len(primitive.static), *rest) for rest in product(SIGNED if free < 3 else (), repeat=free)]
        for box in primitive.samples:
            points += list(zip(*[generator.uniform(low, high, drawn).tolist() for low, high in box], strict=True))
        wanted = np.array([primitive.value(*point) for point in points])
        for executor in ("numpy", "llvm") if installed("llvmlite") else ("numpy",):
            got = np.empty(len(points))
            for static in sorted({point[: len(primitive.static)] for point in points}):
                graph = Graph()
                columns = [graph.variable(f"x{i}") for i in range(free)]
                root = graph.add(primitive, [*map(graph.constant, static), *columns])
                chosen = [i for i, point in enumerate(points) if point[: len(static)] == static]
                result = np.empty(len(chosen))
                table = np.array([points[i][len(static) :] for i in chosen]).T.copy()
                try:
                    kernel = kernel_for(Program(Tape([root], columns), free), executor)
                except UsageError:  # an integral, say, which machine code doesn't have
                    break
                kernel.run(list(table), np.empty(0), [result])
                got[chosen] = result
            else:
                equal = (got == wanted) | (np.isnan(got) & np.isnan(wanted))
                with np.errstate(invalid="ignore"):
                    near = equal | (np.abs(got - wanted) <= 4.0 * np.spacing(np.abs(wanted)))
                counts = groups.setdefault(primitive.group, {}).setdefault(executor, [0, 0, 0])
                counts[:] = [counts[0] + len(points), counts[1] + int(equal.sum()), counts[2] + int(near.sum())]
    rows = [
        [group, f"{counts['numpy'][0]:,}", *[share(one, found) for one in counts.values() for found in one[1:]]]
        for group, counts in groups.items()
    ]
    executors = {"numpy": "NumPy", "llvm": "LLVM"} if installed("llvmlite") else {"numpy": "NumPy"}
    head = ["", "points", *[f"{name}: {what}" for name in executors.values() for what in ("equal", "within 4 units")]]
    bounds = []
    for executor, name in [] if options.quick else executors.items():
        points, _, near = map(sum, zip(*[counts[executor] for counts in groups.values()], strict=True))
        bounds.append(Bound(f"{name}: values of {points:,} beyond 4 units", points - near, 0))
    return Table("Values that are those of floats", head, rows, bounds)


def share(counts: list[int], found: int) -> str:
    """A part of all points in per cent; a part that is not the whole is not rounded to it."""
    return "100 %" if found == counts[0] else f"{math.floor(1e4 * found / counts[0]) / 100:.2f} %"


def tables(options: Options) -> Iterator[Table]:
    """Lengths of tapes, then the agreement of the executors."""
    if installed("llvmlite"):
        for kind in KINDS:
            yield lengths(kind, options)
    yield agreement(options)


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, packages=("numpy", "llvmlite"), rounds=3))
