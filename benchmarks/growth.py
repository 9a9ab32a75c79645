"""Cost against size: expressions of 15,625 terms, doubled six times to 1,000,000.

Each size of each case runs in a process of its own, which parses the text, computes value and gradient at a point,
differentiates to a graph (toward the first variable) and prints that.  Times are the processor's, for each term; memory
is the highest resident size, less that before the text was parsed, for each term.  Value and gradient are compared with
what they must be.  A term costs the same in a large expression as in a small one, but for the caches of the processor:
the goal is at most twice as much.

    python benchmarks/growth.py [--check]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from harness import Bound, Options, Table, main, run_program

SIZES = [15_625 << doubling for doubling in range(7)]

#: Case -> of n terms: the text, the point, and value and derivative toward the first variable, as expressions in n.
CASES = {
    "x1 + x2*0 + x1 + x2*1 + ...": (
        "'+'.join(f'x1+x2*{i}' for i in range(n // 2))",
        "dict(x1=0.5, x2=0.25)",
        "0.5 * (n // 2) + 0.25 * sum(range(n // 2))",
        "n // 2",
    ),
    "sin(0*x) + sin(1*x) + ...": (
        "'+'.join(f'sin({i}*x)' for i in range(n))",
        "dict(x=0.5)",
        "math.fsum(math.sin(i * 0.5) for i in range(n))",
        "math.fsum(i * math.cos(i * 0.5) for i in range(n))",
    ),
    "x1*x2*x1*x2*...": (
        "'*'.join(['x1', 'x2'] * (n // 2))",
        "dict(x1=2.0, x2=0.5)",
        "1.0",
        "n // 2 / 2.0",
    ),
    "x + x + ...": ("'+'.join(['x'] * n)", "dict(x=0.5)", "0.5 * n", "n"),
    "x0*0 + x1*1 + ..., each a variable": (
        "'+'.join(f'x{i}*{i}' for i in range(n))",
        "{f'x{i}': 0.5 for i in range(n)}",
        "0.5 * sum(range(n))",
        "0",
    ),
}

CHILD = """
import json, math, resource, sys, time
from gradcli import parse
from gradcli.evaluate import point as execute

text, point, value, slope = sys.argv[1:5]
n = int(sys.argv[5])
text, point, value, slope = eval(text), eval(point), eval(value), eval(slope)


def peak():
    try:
        # The peak of this process alone: ru_maxrss begins with that of the process that started it.
        with open("/proc/self/status") as status:
            return 1024 * next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


warm = parse("x+1*sin(x)").derivative("x")
str(warm), warm.gradient(x=1.0)
first = peak()
times = [time.process_time()]
expression = parse(text)
times.append(time.process_time())
found = execute.evaluate(expression, point).value
times.append(time.process_time())
partials = execute.gradient(expression, point).gradient
times.append(time.process_time())
of_numbers = peak()
derivative = expression.derivative(expression.variables[0])
times.append(time.process_time())
printed = str(derivative)
times.append(time.process_time())
assert math.isclose(found, value, rel_tol=1e-9, abs_tol=1e-6), (found, value)
assert math.isclose(partials[expression.variables[0]], slope, rel_tol=1e-9, abs_tol=1e-6 * n), (partials, slope)
stages = [after - before for before, after in zip(times, times[1:])]
print(json.dumps([1e6 * stage / n for stage in stages] + [(one - first) / n for one in (of_numbers, peak())]))
"""


def table(case: str, sizes: list[int], *, claims: bool) -> Table:
    """One row for each size."""
    found = {n: json.loads(run_program(["-c", CHILD, *CASES[case], str(n)])) for n in sizes}
    rows = [
        [f"{n:,} terms", *(f"{stage:.2f} us" for stage in costs[:5]), *(f"{size:.0f} B" for size in costs[5:])]
        for n, costs in found.items()
    ]
    small, large = (found[n] for n in (sizes[0], sizes[-1]))
    bounds = [
        Bound("time of a term, the largest to the smallest expression", sum(large[:5]) / sum(small[:5]), 2.0),
        Bound("memory of a term, the largest to the smallest expression", large[6] / small[6], 1.5),
    ]
    head = ["a term", "parse", "value", "gradient", "derivative", "its text", "memory: gradient", "all"]
    return Table(case, head, rows, bounds if claims else ())


def tables(options: Options) -> Iterator[Table]:
    """One for each case."""
    for case in CASES:
        yield table(case, [500, 1000] if options.quick else SIZES, claims=not options.quick)


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, rounds=1))
