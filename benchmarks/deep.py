"""Depth 100,000: seconds and memory to evaluate and to differentiate, with the recursion limit untouched.

Each case runs in a process of its own: it parses the text, evaluates it and computes its gradient at a point; the
chain of `Value` additions is recorded, evaluated and sent backward.  Seconds are the processor's, from before the text
exists to the gradient, without the start of Python and the imports; memory is the highest resident size of the process.

    python benchmarks/deep.py [--check]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from harness import Bound, Options, Table, main, run_program

DEPTH = 100_000
MOST_SECONDS = 4.0
MOST_MEGABYTES = 500.0

#: Case -> the text of an expression in x, given the depth n.
TEXTS = {
    "a sum of terms": "'+'.join(['x'] * n)",
    "nested parentheses": "'(' * n + 'x' + ')' * n",
    "unary minuses": "'-' * n + 'x'",
    "nested sin(": "'sin(' * n + 'x' + ')' * n",
    "a power tower": "'^'.join(['x'] * n)",
    "products of numbers": "'+'.join(f'{i}*x' for i in range(n))",
    "definitions": "';'.join(['a0 = x', *(f'a{i} = a{i - 1} + x' for i in range(1, n)), f'a{n - 1}'])",
}

CHILD = """
import json, resource, sys, time

case, text, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
limit = sys.getrecursionlimit()
if case == "a chain of Value additions":
    from gradcli import Value

    start = time.process_time()
    x = root = Value(0.5)
    for _ in range(n):
        root = root + 1.0
    root.backward()
    value, slope = root.data, x.grad
else:
    from gradcli import parse

    parse("x").gradient(x=1.0)
    start = time.process_time()
    expression = parse(eval(text))
    value, slope = expression(x=0.5), expression.gradient(x=0.5)["x"]
seconds = time.process_time() - start
assert sys.getrecursionlimit() == limit
try:
    # The peak of this process alone: ru_maxrss begins with that of the process that started it.
    with open("/proc/self/status") as status:
        megabytes = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
except OSError:
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
print(json.dumps({"seconds": seconds, "megabytes": megabytes, "value": value, "slope": slope}))
"""

CASES = [*TEXTS, "a chain of Value additions"]

#: Texts of several operations for each unit of depth; they are shown, and nothing is promised of them.
LARGER = ("products of numbers", "definitions")


def tables(options: Options) -> Iterator[Table]:
    """All cases, each in a process of its own; the bounds are those of the largest."""
    depth = 1000 if options.quick else DEPTH
    found = {case: json.loads(run_program(["-c", CHILD, case, TEXTS.get(case, ""), str(depth)])) for case in CASES}
    rows = [
        [case, f"{one['seconds']:.2f} s", f"{one['megabytes']:.0f} MB", f"{one['value']!r}", f"{one['slope']!r}"]
        for case, one in found.items()
    ]
    promised = [one for case, one in found.items() if case not in LARGER]
    aside = f"in every case but {' and '.join(LARGER)}"
    bounds = [
        Bound(f"seconds {aside}", max(one["seconds"] for one in promised), MOST_SECONDS),
        Bound(f"megabytes {aside}", max(one["megabytes"] for one in promised), MOST_MEGABYTES),
    ]
    head = ["", "time", "peak memory", "value", "derivative"]
    yield Table(f"{depth:,} nested operations", head, rows, () if options.quick else bounds)


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, rounds=1))
