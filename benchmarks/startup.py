"""The time of whole processes: a short command against the same job in a script of each peer, from call to exit.

`gradcli` is the console script beside the Python that runs this, or `python -m gradcli` where there is none.  qalc is
called as one types it, and as its manual makes it faster (``-nodefs``: without the definitions of units and of further
functions, which these jobs do not need).  The whole process of `gradcli train` is in training.py.

    python benchmarks/startup.py [rounds] [--check]
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from harness import Goal, Options, Subject, Table, agree, installed, main, measure, variables

GRAD_SYMPY = """
import sympy
x1, x2 = sympy.symbols("x1 x2")
f = sympy.sympify("x1*x2+sin(x1)")
at = {x1: 2, x2: 3}
print(f.subs(at).evalf(17), *[sympy.diff(f, x).subs(at).evalf(17) for x in (x1, x2)])
"""
GRAD_JAX = """
import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
value, slopes = jax.value_and_grad(lambda x1, x2: x1 * x2 + jnp.sin(x1), (0, 1))(2.0, 3.0)
print(value, *slopes)
"""
GRAD_TORCH = """
import torch
x1 = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
x2 = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
y = x1 * x2 + torch.sin(x1)
y.backward()
print(y.item(), x1.grad.item(), x2.grad.item())
"""
DIFF_SYMPY = """
import sympy
print(sympy.diff(sympy.sympify("x*y+sin(x)"), sympy.Symbol("x")))
"""
DRAW_SYMPY = """
import sympy
from sympy.printing.dot import dotprint
with open("sympy.dot", "w") as file:
    file.write(dotprint(sympy.sympify("x1*x2+x1**2")))
"""
# The drawing is that of micrograd's notebook.
DRAW_MICROGRAD = """
from graphviz import Digraph
from micrograd.engine import Value
x1, x2 = Value(2.0), Value(3.0)
root = x1 * x2 + x1**2
root.backward()
nodes, edges = set(), set()
def build(v):
    if v not in nodes:
        nodes.add(v)
        for child in v._prev:
            edges.add((child, v))
            build(child)
build(root)
dot = Digraph(format="svg", graph_attr={"rankdir": "LR"})
for n in nodes:
    dot.node(name=str(id(n)), label="{ data %.4f | grad %.4f }" % (n.data, n.grad), shape="record")
    if n._op:
        dot.node(name=str(id(n)) + n._op, label=n._op)
        dot.edge(str(id(n)) + n._op, str(id(n)))
for n1, n2 in edges:
    dot.edge(str(id(n1)), str(id(n2)) + n2._op)
dot.save("micrograd.dot")
"""

Call = Callable[[], str]

SCRIPT = Path(sys.executable).with_name("gradcli")
GOALS = (Goal("gradcli", "SymPy", 0.36), Goal("gradcli", "qalc", 1.25))


def program(*words: str, folder: str | None = None) -> Call:
    """What a process prints."""
    return lambda: subprocess.run(words, capture_output=True, check=True, text=True, cwd=folder, env=variables()).stdout


def gradcli(*words: str, folder: str | None = None) -> Call:
    """A command of gradcli."""
    start = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-m", "gradcli"]
    return program(*start, *words, folder=folder)


def scripts(folder: str | None = None, **texts: str) -> dict[str, Call]:
    """The scripts of the peers that are installed, given by their packages."""
    names = {"sympy": "SymPy", "jax": "JAX", "torch": "PyTorch", "micrograd": "micrograd, graphviz"}
    return {
        names[package]: program(sys.executable, "-c", text, folder=folder)
        for package, text in texts.items()
        if installed(package)
    }


def qalc(expression: str) -> dict[str, Call]:
    """qalc in both ways, if it is installed."""
    ways = {"qalc": (), "qalc -nodefs": ("-nodefs",)} if which("qalc") else {}
    return {name: program("qalc", *options, "-t", expression) for name, options in ways.items()}


def remarks() -> list[str]:
    """What is called, in which version."""
    version = [f"qalc {program('qalc', '--version')().strip()}"] if which("qalc") else []
    return [*version, f"gradcli is called as `{'gradcli' if SCRIPT.exists() else 'python -m gradcli'}`"]


def numbers(text: str) -> list[float]:
    """The numbers that a program prints, each at the end of a line or all on one."""
    return [float(word) for word in re.findall(r"(?<![\w*.])-?\d+\.\d+\b", text)]


def grad_subject() -> Subject:
    """Value and partial derivatives at a point; qalc is asked for one derivative alone."""
    calls = {"gradcli": gradcli("grad", "x1*x2+sin(x1)", "--x1", "2", "--x2", "3", "--plain")}
    calls |= scripts(sympy=GRAD_SYMPY, jax=GRAD_JAX, torch=GRAD_TORCH)
    agree({name: numbers(call()) for name, call in calls.items()}, "gradcli")
    one = qalc("diff(x*3+sin(x), x, 1, 2)")
    agree({"exact": [3 + math.cos(2.0)]} | {name: numbers(call()) for name, call in one.items()}, "exact", 1e-9)
    calls |= one | {"Python that does nothing": program(sys.executable, "-c", "pass")}
    return Subject(
        "`gradcli grad`: value and gradient of x1*x2+sin(x1) at a point", calls, goals=GOALS, remarks=remarks()
    )


def diff_subject() -> Subject:
    """A derivative as a formula."""
    calls = {"gradcli": gradcli("diff", "x*y+sin(x)", "--wrt", "x", "--plain")}
    calls |= scripts(sympy=DIFF_SYMPY) | qalc("diff(x*y+sin(x), x)")
    found = {name: call().strip().split("\t")[-1] for name, call in calls.items()}
    if set(found.values()) != {"y + cos(x)"}:
        raise SystemExit(f"not the same derivative: {found}")
    return Subject("`gradcli diff`: the derivative of x*y+sin(x) as a formula", calls, goals=GOALS)


def draw_subject(folder: str) -> Subject:
    """A graph as DOT."""
    words = ["draw", "x1*x2+x1^2", "--x1", "2", "--x2", "3", "-o", "gradcli.dot"]
    calls = {"gradcli": gradcli(*words, folder=folder)}
    calls |= scripts(folder, sympy=DRAW_SYMPY, micrograd=DRAW_MICROGRAD)
    for call in calls.values():
        call()
    files = list(Path(folder).glob("*.dot"))
    if len(files) != len(calls) or not all("digraph" in file.read_text() for file in files):
        raise SystemExit("a file is no graph in DOT")
    return Subject("`gradcli draw`: the graph of x1*x2+x1^2 as a DOT file (SymPy's has no numbers)", calls)


def tables(options: Options) -> Iterator[Table]:
    """One for each command."""
    with TemporaryDirectory() as folder:
        for subject in (grad_subject(), diff_subject(), draw_subject(folder)):
            yield measure(subject, options, seconds=0)


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, packages=("numpy", "sympy", "jax", "torch", "micrograd", "graphviz"), rounds=21))
