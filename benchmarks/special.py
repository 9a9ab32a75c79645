"""What a value of a special function costs: one by one, on arrays and in machine code, next to SciPy's.

gradcli's values are rounded correctly, so all three ways give the same bits.  They read tables of polynomials, which
are made where the function is called; "first" is a run of machine code that makes them, and "one by one" are calls of
the kernel in decimal arithmetic, which computes what no table has.  All share one process, with one thread.

    python benchmarks/special.py [rounds]
"""

from __future__ import annotations

from harness import Options, Table, agree, installed, main, paired, ratio, use_threads

use_threads(1)

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

PACKAGES = ("gradcli", "numpy", "llvmlite", "scipy")
ROWS = 100_000


class Case(NamedTuple):
    """An expression of x, the interval that rows are drawn from, and SciPy's function: its name and first operands."""

    text: str
    low: float
    high: float
    scipy: str
    operands: tuple[float, ...] = ()
    #: The place of the result, if SciPy's function has several.
    place: int | None = None


CASES = [
    Case("erfinv(x)", -0.999, 0.999, "erfinv"),
    Case("erfcinv(x)", 0.001, 1.999, "erfcinv"),
    Case("erfi(x)", -5.0, 5.0, "erfi"),
    Case("dawsn(x)", -5.0, 5.0, "dawsn"),
    Case("lambertw(x)", -0.36, 5.0, "lambertw"),
    Case("ellipk(x)", -0.99, 0.99, "ellipk"),
    Case("ellipe(x)", -0.99, 0.99, "ellipe"),
    Case("sinint(x)", -20.0, 20.0, "sici", place=0),
    Case("cosint(x)", 0.01, 20.0, "sici", place=1),
    Case("expi(x)", 0.01, 20.0, "expi"),
    Case("expint(1, x)", 0.01, 5.0, "exp1"),
    Case("fresnels(x)", -5.0, 5.0, "fresnel", place=0),
    Case("gammainc(3, x)", 0.0, 10.0, "gammainc", (3.0,)),
    Case("gammaincc(7.25, x)", 0.0, 40.0, "gammaincc", (7.25,)),
    Case("betainc(2, 3, x)", 0.0, 1.0, "betainc", (2.0, 3.0)),
    Case("besselj(0, x)", -20.0, 20.0, "j0"),
    Case("besselj(2.5, x)", 0.01, 20.0, "jv", (2.5,)),
    Case("bessely(1, x)", 0.01, 20.0, "y1"),
    Case("besseli(0, x)", -20.0, 20.0, "i0"),
    Case("besselk(0.75, x)", 0.01, 20.0, "kv", (0.75,)),
    Case("airyai(x)", -10.0, 5.0, "airy", place=0),
    Case("airybi(x)", -10.0, 5.0, "airy", place=2),
    Case("zeta(x)", 1.01, 10.0, "zeta"),
]


def microseconds(seconds: float, values: int) -> str:
    return f"{seconds / values * 1e6:.3g}"


def peer(case: Case, x: np.ndarray) -> Callable[[], Any]:
    import scipy.special

    function = getattr(scipy.special, case.scipy)

    def call() -> Any:
        found = function(*case.operands, x)
        found = found if case.place is None else found[case.place]
        return found.real if case.scipy == "lambertw" else found

    return call


def row_of(case: Case, options: Options) -> list[str]:
    import gradcli

    rows = 500 if options.quick else ROWS
    x = np.random.default_rng(0).uniform(case.low, case.high, rows)
    compiled, on_arrays = (
        gradcli.compile(case.text, derivatives="value", executor=one, threads=1) for one in ("llvm", "numpy")
    )
    single = gradcli.parse(case.text)
    points = x[:20].tolist()
    single(x=points[0])
    apart = []
    for point in points:
        began = time.perf_counter()
        single(x=point)
        apart.append(time.perf_counter() - began)
    began = time.perf_counter()
    compiled(x)
    first = time.perf_counter() - began
    contestants: dict[str, Callable[[], Any]] = {"machine code": lambda: compiled(x), "arrays": lambda: on_arrays(x)}
    if installed("scipy"):
        contestants["SciPy"] = peer(case, x)
    found = {name: call() for name, call in contestants.items()}
    agree(found, "machine code")
    times = paired(contestants, 1 if options.quick else options.rounds, 0.0 if options.quick else 0.05)
    medians = {name: statistics.median(one) for name, one in times.items()}
    return [
        f"`{case.text}`",
        microseconds(statistics.median(apart), 1),
        microseconds(first, rows),
        microseconds(medians["arrays"], rows),
        microseconds(medians["machine code"], rows),
        *([microseconds(medians["SciPy"], rows), f"{ratio(times, 'machine code', 'SciPy'):.3g}"] if "SciPy" in times
          else ["", ""]),
    ]  # fmt: skip


def tables(options: Options) -> Iterator[Table]:
    head = [
        "microseconds for a value",
        "one by one",
        "first",
        "arrays",
        "machine code",
        "SciPy",
        "machine code : SciPy",
    ]
    rows = [row_of(case, options) for case in (CASES[::8] if options.quick else CASES)]
    remarks = [f"{ROWS:,} rows, drawn from an interval that is usual for the function"]
    yield Table("Values of special functions", head, rows, [], remarks)


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, PACKAGES))
