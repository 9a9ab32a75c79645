"""What a call costs: value and gradient at one point, at 10 and at 1,000 rows, and a minimiser that calls them.

The expressions are those of `batch.py`.  The same form of call is compared: a matrix of columns in, a matrix of results
out; and for one point, numbers in.  "Keywords" is gradcli's call with one array for each variable.  The minimiser is
SciPy's L-BFGS-B on the Rosenbrock function of 8 variables.  All contestants share one process, with one thread.

    python benchmarks/few_rows.py [rounds]
"""

from __future__ import annotations

from harness import Bound, Goal, Options, Subject, Table, agree, comparison, installed, main, paired, use_threads

use_threads(1)

import statistics
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import batch
import numpy as np
from batch import CASES, EIGHT, ROSENBROCK, Case

PACKAGES = ("gradcli", "numpy", "llvmlite", "heyoka", "scipy", "autograd")
ROWS = (10, 1000)
#: The most of heyoka.py's time for so many rows.
MOST = {10: 1.3, 1000: 1.0}
#: The most seconds that keywords may cost more than a matrix of columns.
KEYWORDS = 2e-6
#: A call is so short that this many are timed together.
CALLS = 200


def compiled(case: Case) -> Any:
    import gradcli

    return gradcli.compile(case.text, variables=case.variables, threads=1)


def heyoka(case: Case) -> Callable[..., Any]:
    import heyoka as library

    variables = library.make_vars(*case.variables)
    value = case.function(library)(*variables)
    slopes = library.diff_tensors([value], diff_args=list(variables)).gradient
    return library.cfunc([value, *slopes], vars=list(variables))


def many(call: Callable[[], Any], count: int) -> Callable[[], None]:
    def calls() -> None:
        for _ in range(count):
            call()

    return calls


def timed(subject: Subject, options: Options, count: int) -> tuple[Table, Mapping[str, list[float]]]:
    """Time calls of a subject; the table has the time of one, and so have the rounds."""
    count = 1 if options.quick else count
    contestants = {name: many(call, count) for name, call in subject.contestants.items()}
    times = paired(contestants, 1 if options.quick else options.rounds, 0.0)
    times = {name: [one / count for one in found] for name, found in times.items()}
    return comparison(subject, times, claims=not options.quick), times


def at_a_point(case: Case, options: Options) -> Table:
    numbers = case.columns(1)
    point = [float(one[0]) for one in numbers]
    contestants: dict[str, Callable[[], Any]] = {}
    function = compiled(case)
    contestants["gradcli"] = lambda: function.point(*point)
    if installed("heyoka"):
        peer, array = heyoka(case), np.array(point)
        contestants["heyoka.py"] = lambda: peer(array)
    found = {name: list(call()) for name, call in contestants.items()}
    agree(found | {"by hand": [one[0] for one in case.by_hand(*numbers)]}, "by hand")
    subject = Subject(f"{case.title}: one point", contestants, goals=[Goal("gradcli", "heyoka.py", 0.5)])
    table, times = timed(subject, options, CALLS)
    if options.quick or case is not CASES[0]:
        return table
    nanoseconds = statistics.median(times["gradcli"]) * 1e9
    return table._replace(bounds=[*table.bounds, Bound("nanoseconds of a call", nanoseconds, 600.0)])


def at_rows(case: Case, rows: int, options: Options) -> Table:
    columns = case.columns(rows)
    matrix, by_name = np.array(columns), dict(zip(case.variables, columns, strict=True))
    function = compiled(case)
    contestants: dict[str, Callable[[], Any]] = {"gradcli": lambda: function.columns(matrix)}
    out = np.empty((1 + len(columns), rows))
    contestants["gradcli, reused"] = lambda: function.columns(matrix, out)
    if installed("heyoka"):
        peer, given = heyoka(case), np.empty((1 + len(columns), rows))
        contestants["heyoka.py"] = lambda: peer(matrix)
        contestants["heyoka.py, reused"] = lambda: peer(matrix, outputs=given)
    agree({name: list(call()) for name, call in contestants.items()} | {"by hand": case.by_hand(*columns)}, "by hand")
    contestants["gradcli, keywords"] = lambda: function(**by_name)
    contestants["NumPy by hand"] = lambda: case.by_hand(*columns)
    goals = [Goal("gradcli", "heyoka.py", MOST[rows])]
    subject = Subject(f"{case.title}: {rows:,} rows", contestants, ("gradcli", "gradcli, reused"), goals)
    table, times = timed(subject, options, CALLS if rows < 100 else CALLS // 10)
    if options.quick or case is not CASES[0] or rows != ROWS[0]:
        return table
    more = statistics.median(
        one - other for one, other in zip(times["gradcli, keywords"], times["gradcli"], strict=True)
    )
    return table._replace(bounds=[*table.bounds, Bound("microseconds more with keywords", more * 1e6, KEYWORDS * 1e6)])


def minimising(options: Options) -> Table:
    """The same minimiser with functions of several libraries."""
    from scipy.optimize import minimize

    import gradcli

    start = np.array([-1.2, 1.0] * 4)
    case = next(one for one in CASES if one.text == ROSENBROCK)

    def by_hand(x: np.ndarray) -> tuple[float, np.ndarray]:
        bend, rest = x[1:] - x[:-1] ** 2, 1 - x[:-1]
        slopes = np.zeros_like(x)
        slopes[1:] = 200 * bend
        slopes[:-1] -= 400 * x[:-1] * bend + 2 * rest
        return float(np.sum(100 * bend**2 + rest**2)), slopes

    functions = {
        "gradcli": gradcli.compile(ROSENBROCK, variables=EIGHT).as_scipy().fun_and_jac,
        "NumPy by hand": by_hand,
    }
    if installed("autograd"):
        import autograd

        def value(x: Any) -> Any:
            return autograd.numpy.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

        functions["HIPS autograd"] = autograd.value_and_grad(value)
    agree({name: one(start) for name, one in functions.items()}, "NumPy by hand")

    def run(function: Callable[..., Any]) -> Callable[[], Any]:
        return lambda: minimize(function, start, jac=True, method="L-BFGS-B")

    contestants = {name: run(function) for name, function in functions.items()}
    goals = [Goal("gradcli", "HIPS autograd", 0.5), Goal("gradcli", "NumPy by hand", 0.7)]
    return timed(Subject(f"{case.title}: a minimum by L-BFGS-B", contestants, goals=goals), options, 3)[0]


def tables(options: Options) -> Iterator[Table]:
    batch.use_threads(1)
    for case in CASES[: 1 if options.quick else None]:
        yield at_a_point(case, options)
        for rows in ROWS:
            yield at_rows(case, rows, options)
    if installed("scipy"):
        yield minimising(options)


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, PACKAGES))
