"""The Hessian of a function of many variables: gradcli's sparse one, compiled, against CasADi's and JAX's.

Two functions of 1,000 variables: the extended Rosenbrock function (More, Garbow and Hillstrom, "Testing unconstrained
optimization software", 1981), whose Hessian has blocks of two rows, and the chained one, which has three diagonals.
"gradcli" and "CasADi" give the entries that aren't 0, in an array that is used again; CasADi's code is compiled by the
C compiler and called on its buffers.  "Dense" is the whole matrix; JAX's is the jitted one.  "Times a vector" is the
product with a vector, JAX's by its recipe of forward over reverse.  All matrices are compared first.  The last table is
what comes once: from the text, or its counterpart, to the first result.

    python benchmarks/hessian.py [rounds]
"""

from __future__ import annotations

from harness import Apart, Goal, Options, Subject, Table, agree, comparison, installed, main, measure, use_threads

use_threads(1)

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from casadi_calls import buffered, compiler_options

Call = Callable[[], Any]

VARIABLES, FEW = 1000, 20
#: Name of a function -> the distance between the first variables of two terms.
FUNCTIONS = {"extended Rosenbrock": 2, "chained Rosenbrock": 1}
PACKAGES = ("gradcli", "numpy", "llvmlite", "casadi", "jax")


def text_of(count: int, step: int) -> str:
    return " + ".join(f"100*(x{i + 1} - x{i}^2)^2 + (1 - x{i})^2" for i in range(0, count - 1, step))


def point_of(count: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(count)


def gradcli(count: int, step: int, what: str = "entries", executor: str = "auto") -> Call:
    import gradcli as library

    names = [f"x{i}" for i in range(count)]
    function = library.compile(text_of(count, step), derivatives="value", variables=names, executor=executor)
    point = point_of(count)
    if what == "dense":
        return lambda: function.hessian(point)
    if what == "product":
        direction, product = np.ones(count), np.empty(count)
        return lambda: function.hvp(point, direction, product)
    entries = function.hessian_values(point)
    return lambda: function.hessian_values(point, entries)


def casadi(count: int, step: int, what: str = "entries") -> Call:
    import casadi as library

    x = library.SX.sym("x", count)
    value = 0
    for i in range(0, count - 1, step):
        value += 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    vectors = [(x, point_of(count))]
    if what == "product":
        direction = library.SX.sym("v", count)
        vectors.append((direction, np.ones(count)))
        slopes = library.gradient(value, x)
        result = library.jtimes(slopes, x, direction)
    else:
        result = library.hessian(value, x)[0]
    function = library.Function("hessian", [one for one, _ in vectors], [result], compiler_options())
    out = np.zeros(result.nnz())
    evaluate = buffered(function, [array for _, array in vectors], [out])

    def call() -> np.ndarray:
        evaluate()
        return out

    return call


def jax(count: int, step: int, what: str = "dense") -> Call:
    import jax as library

    library.config.update("jax_enable_x64", True)

    def value(x: Any) -> Any:
        first, second = (x[::2], x[1::2]) if step == 2 else (x[:-1], x[1:])
        return library.numpy.sum(100 * (second - first**2) ** 2 + (1 - first) ** 2)

    point = library.numpy.asarray(point_of(count))
    if what == "product":
        direction = library.numpy.ones(count)
        product = library.jit(lambda x, v: library.jvp(library.grad(value), (x,), (v,))[1])
        return lambda: library.block_until_ready(product(point, direction))
    matrix = library.jit(library.hessian(value))
    return lambda: library.block_until_ready(matrix(point))


def by_hand(count: int, step: int) -> np.ndarray:
    x, matrix = point_of(count), np.zeros((count, count))
    for i in range(0, count - 1, step):
        matrix[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        matrix[i, i + 1] = matrix[i + 1, i] = -400 * x[i]
        matrix[i + 1, i + 1] += 200
    return matrix


#: Contestant -> the package that it needs, the function that makes its call, and what it gives.
CONTESTANTS: dict[str, tuple[str, Callable[..., Call], str]] = {
    "gradcli": ("gradcli", gradcli, "entries"),
    "gradcli on NumPy": ("gradcli", partial(gradcli, executor="numpy"), "entries"),
    "gradcli, dense": ("gradcli", gradcli, "dense"),
    "CasADi": ("casadi", casadi, "entries"),
    "JAX, dense": ("jax", jax, "dense"),
    "gradcli, times a vector": ("gradcli", gradcli, "product"),
    "CasADi, times a vector": ("casadi", casadi, "product"),
    "JAX, times a vector": ("jax", jax, "product"),
}
OURS = ("gradcli", "gradcli, dense", "gradcli, times a vector")


def tables(options: Options) -> Iterator[Table]:
    """One table for each function, and one of the first calls."""
    count = FEW if options.quick else VARIABLES
    firsts: dict[str, list[float]] = {}
    for title, step in FUNCTIONS.items():
        matrix = by_hand(count, step)
        right = {"entries": matrix[matrix != 0.0], "dense": matrix, "product": matrix @ np.ones(count)}
        contestants: dict[str, Apart] = {}
        for name, (package, make, what) in CONTESTANTS.items():
            if installed(package):
                one = Apart(make, here=options.quick)
                began = time.perf_counter()
                contestants[name] = one.prepare(count, step, what)
                found = one()
                firsts.setdefault(name, []).append(time.perf_counter() - began)
                agree({name: found, "by hand": [right[what]]}, "by hand")
        goals = [
            Goal("gradcli", "JAX, dense", 0.1),
            Goal("gradcli", "CasADi", 1.0),
            Goal("gradcli, dense", "JAX, dense", 1.0),
        ]
        subject = Subject(f"Hessian of the {title} function, {count:,} variables", contestants, OURS, goals)
        yield measure(subject, options)
    yield comparison(Subject("From nothing to the first result, with imports", {}), firsts, claims=False)


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, PACKAGES))
