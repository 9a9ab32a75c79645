"""Depth 100,000: seconds and memory to evaluate and to differentiate, with the recursion limit untouched.

Each case runs in a process of its own: it parses the text, evaluates it and computes its gradient at a point; the
chain of `Value` additions is recorded, evaluated and sent backward.  Seconds are the wall clock's, from before the text
exists to the gradient, without the start of Python and the imports; memory is the highest resident size of the process.

    python benchmarks/deep.py [depth]
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys

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
    from gradcli.engine import Value

    start = time.perf_counter()
    x = root = Value(0.5)
    for _ in range(n):
        root = root + 1.0
    root.backward()
    value, slope = root.data, x.grad
else:
    from gradcli.language import parse

    parse("x").gradient(x=1.0)
    start = time.perf_counter()
    expression = parse(eval(text))
    value, slope = expression(x=0.5), expression.gradient(x=0.5)["x"]
seconds = time.perf_counter() - start
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


def measure(case: str, depth: int) -> dict[str, float]:
    """One case in a process of its own: its seconds, megabytes, value and slope."""
    command = [sys.executable, "-c", CHILD, case, TEXTS.get(case, ""), str(depth)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main(depth: int) -> int:
    """Print the table; 1 if a case takes longer or more memory than promised."""
    print(f"Python {platform.python_version()} on {platform.machine()}, {platform.system()}; depth {depth:,}\n")
    print(f"{'case':<28} {'seconds':>8} {'peak MB':>8} {'value':>24} {'derivative':>24}")
    kept = True
    for case in CASES:
        found = measure(case, depth)
        below = found["seconds"] < MOST_SECONDS and found["megabytes"] < MOST_MEGABYTES
        kept = kept and (below or case in LARGER)
        numbers = f"{found['value']!r:>24} {found['slope']!r:>24}"
        print(f"{case:<28} {found['seconds']:>8.2f} {found['megabytes']:>8.0f} {numbers}", flush=True)
    promise = f"below {MOST_SECONDS:.0f} s and {MOST_MEGABYTES:.0f} MB, leaving out {' and '.join(LARGER)}"
    print(f"\n{'every case is' if kept else 'NOT every case is'} {promise}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEPTH))
