"""Depth costs time in proportion and nothing else: no recursion, no quadratic walk, little memory.

A process of its own runs each case with the recursion limit untouched and its memory watched.  Another one counts the
lines of Python that the case runs at two smaller depths: twice the depth, twice the lines.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.paths import ROOT

DEPTH = 100_000
#: Deep enough for any recursion and for quadratic time to show, for the cases that nobody was promised.
SMALLER = 20_000
PROMISED = ("sum", "parentheses", "minuses", "sines", "tower", "value chain")
#: Two depths at which lines are counted.
FEW, TWICE = 1_000, 2_000
MEGABYTES = 500

CHILD = """
import gc, json, sys


def peak_megabytes():
    # Not ru_maxrss: on Linux a process begins with that of the process that started it.
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except OSError:
        return 0.0


limit = sys.getrecursionlimit()
n = int(sys.argv[1])


def at_half(text):
    from gradcli import parse

    expression = parse(text)
    return [expression(x=0.5), expression.gradient(x=0.5)["x"]]


def second_derivative_printed(text):
    from gradcli import parse

    slope = parse(text).derivative("x")
    printed = str(slope)
    return [slope(x=0.5), parse(printed)(x=0.5)]


def transforms():
    from gradcli import parse
    from gradcli.graph import differentiate
    from gradcli.execute.tape import Tape
    from gradcli.graph import Graph, substitute, toposort

    expression = parse("sin(" * n + "x" + ")" * n)
    x = expression.graph.variable("x")
    forward = differentiate.jvp(expression.root, {x: 1.0})
    (backward,) = differentiate.vjp(expression.root, 1.0, [x])
    tape = Tape([forward, backward])
    values = tape.run([0.5])
    y = expression.graph.variable("y")
    replaced = substitute(expression.root, {x: y})
    assert len(toposort([replaced])) == n + 1
    return [values[slot] for slot in tape.outputs]


def value_chain():
    import copy
    from gradcli import Value

    x = root = Value(0.5)
    for _ in range(n):
        root = root + 1.0
    root.backward()
    slope = x.grad
    twin = copy.deepcopy(root)
    twin.backward()
    del root, twin
    return [x.data, slope]


def value_functions():
    from gradcli import grad

    def chain(x):
        for _ in range(n):
            x = x * 1.0 + 0.0
        return x

    return [grad(chain)(0.5)]


def notes():
    from gradcli import parse
    from gradcli.evaluate.point import evaluate, gradient

    expression = parse("sqrt(" * n + "x" + ")" * n)
    found = gradient(expression, {"x": -1.0})
    flat = evaluate(parse("+".join(f"log(x-{i})" for i in range(n // 10))), {"x": -1.0})
    tower = gradient(parse("(" * n + "x" + "^2)" * n), {"x": 3.0})
    return [len(found.notes), len(flat.notes), len(tower.notes)]


def hidden_notes():
    # The nodes of a derivative have no place in the text, so that their notes are equal.
    from gradcli import parse
    from gradcli.evaluate.point import evaluate

    slope = parse("+".join(["log(x)*log(x)"] + [f"log(x-{i})^3" for i in range(n // 50)])).derivative("x")
    slope.spans = {}
    return [len(evaluate(slope, {"x": -1.0}).notes) > 0]


def shared():
    from gradcli import parse

    text = "; ".join(["a0 = x", *(f"a{i} = a{i - 1} + a{i - 1}" for i in range(1, 201)), "a200"])
    root = parse(text)
    printed = str(root)
    return [len(printed) < 5000, parse(printed)(x=1.0) == 2.0**200]


def refused():
    from gradcli import parse
    from gradcli.errors import ExpressionError

    messages = []
    for text in ("(" * n, "(" * n + "x", "-" * n, "x" + ")" * n, "1/2x" + "+x" * n, "|" * n):
        try:
            parse(text)
        except ExpressionError as error:
            messages.append(error.kind)
    return messages


def definitions():
    names = ["a0 = x", *(f"a{i} = a{i - 1} + x" for i in range(1, n))]
    functions = ["f0(t) = t", *(f"f{i}(t) = f{i - 1}(t) + x" for i in range(1, n // 4))]
    return at_half("; ".join([*names, f"a{n - 1}"])) + at_half("; ".join([*functions, f"f{n // 4 - 1}(x)"]))


cases = {
    "sum": lambda: at_half("+".join(["x"] * n)),
    "products": lambda: at_half("+".join(f"{i % 7}*x" for i in range(n))),
    "parentheses": lambda: at_half("(" * n + "x" + ")" * n),
    "minuses": lambda: at_half("-" * n + "x"),
    "sines": lambda: at_half("sin(" * n + "x" + ")" * n),
    "tower": lambda: at_half("^".join(["x"] * n)),
    "factors": lambda: at_half("2(" * n + "x*0" + ")" * n),
    "branches": lambda: at_half("if(x>0," * (n // 4) + "x" + ",0)" * (n // 4)),
    "bars": lambda: at_half("|" * n + "x" + "|" * n),
    "logic": lambda: at_half("not " * n + "x"),
    "maximum": lambda: at_half("max(" + ",".join(["x"] * n) + ")"),
    "definitions": definitions,
    "derivative": lambda: second_derivative_printed("sin(" * (n // 2) + "x" + ")" * (n // 2)),
    "transforms": transforms,
    "value chain": value_chain,
    "value functions": value_functions,
    "notes": notes,
    "hidden notes": hidden_notes,
    "shared": shared,
    "refused": refused,
}
case = sys.argv[2]
if sys.argv[3:]:
    from tests.support.steps import steps

    counts = []
    for n in map(int, (sys.argv[1], *sys.argv[3:])):
        cases[case]()  # what is found once for all texts is found here
        counts.append(steps(cases[case]))
    print(json.dumps(counts))
    sys.exit()
result = cases[case]()
gc.collect()
assert sys.getrecursionlimit() == limit
print(json.dumps({"result": [repr(one) for one in result], "megabytes": peak_megabytes()}))
"""

HALF_TOWER = 0.641185744504986  # the fixpoint of 0.5^y, which solves y = 2^-y

CASES: dict[str, list[object]] = {
    "sum": [50_000.0, 100_000.0],
    "products": [0.5 * sum(i % 7 for i in range(SMALLER)), float(sum(i % 7 for i in range(SMALLER)))],
    "parentheses": [0.5, 1.0],
    "minuses": [0.5, 1.0],
    "sines": [0.00547674812048576, 1.2462630769094812e-06],
    "tower": [HALF_TOWER, 0.5692452044263483],
    "branches": [0.5, 1.0],
    "bars": [0.5, 1.0],
    "logic": [1.0, 0.0],
    "definitions": [0.5 * SMALLER, 1.0 * SMALLER, 0.125 * SMALLER, 0.25 * SMALLER],
    "value chain": [0.5, 1.0],
    "value functions": [1.0],
    "notes": [1, 20, 1],
    "shared": [True, True],
    "refused": ["syntax"] * 4 + ["ambiguous", "syntax"],
    "factors": [],
    "maximum": [],
    "derivative": [],
    "transforms": [],
    "hidden notes": [],
}


def printed(*arguments: object) -> Any:
    """What the process prints."""
    words = [sys.executable, "-c", CHILD, *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", CASES)
def test_the_work_grows_in_proportion_to_the_depth(case: str) -> None:
    small, large = printed(FEW, case, TWICE)
    assert large < 2.2 * small


@pytest.mark.parametrize("case", CASES)
def test_depth_costs_only_time(case: str) -> None:
    found = printed(DEPTH if case in PROMISED else SMALLER, case)
    assert found["megabytes"] < MEGABYTES
    if case in ("derivative", "transforms"):
        first, second = map(float, found["result"])
        assert first == pytest.approx(second, rel=1e-12)
    elif CASES[case] and isinstance(CASES[case][0], float):
        assert [float(one) for one in found["result"]] == pytest.approx(CASES[case], rel=1e-10)
    elif CASES[case]:
        assert found["result"] == [repr(one) for one in CASES[case]]
