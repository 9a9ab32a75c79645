"""Value and gradient of an expression at many rows: gradcli's compiled expressions against their peers.

Three expressions, from one operation of each kind to one that is bound by memory, on 1,000,000 rows of float64 with two
threads, and on few rows, where the cost of a call shows.  The text of an expression is its only definition: each peer
gets it as Python, with its own functions.  Values and gradients of all contestants agree within 1e-12 of the largest
entry of each array before anything is timed.  "reused" writes into the arrays of the call before; without it every
call makes new ones.  The last table is the first call in a new process, building and compiling included.

    python benchmarks/batch.py [rounds]
"""

from __future__ import annotations

from harness import (
    Apart,
    Goal,
    Options,
    Subject,
    Table,
    agree,
    comparison,
    installed,
    main,
    measure,
    run_program,
    use_threads,
)

THREADS = 2
use_threads(THREADS)

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from casadi_calls import buffered, compiler_options

Columns = Sequence[np.ndarray]
Call = Callable[[], Any]


class Case(NamedTuple):
    """An expression, its variables, and the same value and gradient written by hand for NumPy.

    ``jax`` and ``jax_reused`` are the most of JAX's time that a call may take, with new arrays and with reused ones.
    """

    title: str
    text: str
    variables: tuple[str, ...]
    by_hand: Callable[..., list[np.ndarray]]
    jax: float
    jax_reused: float | None = None

    @property
    def functions(self) -> list[str]:
        """The functions that it calls."""
        return [name for name in ("sin", "cos", "exp", "log", "sqrt", "tanh") if f"{name}(" in self.text]

    def function(self, library: object) -> Callable[..., Any]:
        """The text as a Python function of the variables, which calls the functions of a library."""
        *definitions, value = (part.strip() for part in self.text.split(";"))
        lines = [f"def value({', '.join(self.variables)}):", *definitions, f"return {value}"]
        names = {name: getattr(library, name) for name in self.functions}
        exec("\n    ".join(lines), names)
        return names["value"]

    def columns(self, rows: int) -> list[np.ndarray]:
        """The numbers to evaluate it at: one array for each variable."""
        return list(np.random.default_rng(0).standard_normal((len(self.variables), rows)))


def worked_by_hand(x1: np.ndarray, x2: np.ndarray) -> list[np.ndarray]:
    return [x1 * x2 + np.sin(x1), x2 + np.cos(x1), x1]


FIFTY = """
r = sqrt(x1*x1 + x2*x2 + 1);
a = exp(-0.5*r) * cos(2*x3 + x4);
b = tanh(x1*x3 - x2*x4);
c = log(1 + x3*x3 + exp(x2));
d = a*b + c*r;
e = sqrt(1 + d*d) - tanh(0.5*x4) * cos(x1);
g = exp(-x3*x3 - x4*x4) / (1 + e*e);
h = log(e*e + c*c + 1);
h*d + g*b - 0.25*x1/r
"""


def fifty_by_hand(x1: np.ndarray, x2: np.ndarray, x3: np.ndarray, x4: np.ndarray) -> list[np.ndarray]:
    r = np.sqrt(x1 * x1 + x2 * x2 + 1)
    decay, angle = np.exp(-0.5 * r), 2 * x3 + x4
    wave = np.cos(angle)
    a = decay * wave
    b = np.tanh(x1 * x3 - x2 * x4)
    growth = np.exp(x2)
    inside = 1 + x3 * x3 + growth
    c = np.log(inside)
    d = a * b + c * r
    root, half, cosine = np.sqrt(1 + d * d), np.tanh(0.5 * x4), np.cos(x1)
    e = root - half * cosine
    bell, width = np.exp(-x3 * x3 - x4 * x4), 1 + e * e
    g = bell / width
    sum_of_squares = e * e + c * c + 1
    h = np.log(sum_of_squares)
    value = h * d + g * b - 0.25 * x1 / r

    to_e = 2 * e * (d / sum_of_squares - g * b / width)
    to_d = h + to_e * d / root
    to_c = 2 * c * d / sum_of_squares + to_d * r
    to_b = g + to_d * a
    to_a = to_d * b
    to_r = to_d * c - 0.5 * a * to_a + 0.25 * x1 / (r * r)
    to_angle = -to_a * decay * np.sin(angle)
    to_slope = to_b * (1 - b * b)
    to_inside = to_c / inside
    to_bell = b * g
    return [
        value,
        to_r * x1 / r + to_slope * x3 + to_e * half * np.sin(x1) - 0.25 / r,
        to_r * x2 / r - to_slope * x4 + to_inside * growth,
        2 * to_angle + to_slope * x1 + 2 * x3 * (to_inside - to_bell),
        to_angle - to_slope * x2 - to_e * 0.5 * (1 - half * half) * cosine - 2 * x4 * to_bell,
    ]


def rosenbrock_by_hand(*x: np.ndarray) -> list[np.ndarray]:
    value, slopes = np.zeros_like(x[0]), [np.zeros_like(part) for part in x]
    for i in range(len(x) - 1):
        bend, rest = x[i + 1] - x[i] * x[i], 1 - x[i]
        value += 100 * bend * bend + rest * rest
        slopes[i] -= 400 * x[i] * bend + 2 * rest
        slopes[i + 1] += 200 * bend
    return [value, *slopes]


EIGHT = tuple(f"x{i}" for i in range(1, 9))
ROSENBROCK = " + ".join(f"100*({b} - {a}**2)**2 + (1 - {a})**2" for a, b in pairwise(EIGHT))

CASES = [
    Case("x1*x2+sin(x1)", "x1*x2+sin(x1)", ("x1", "x2"), worked_by_hand, 0.2, 0.12),
    Case("4 variables, 50 operations", FIFTY, ("x1", "x2", "x3", "x4"), fifty_by_hand, 0.2, 0.12),
    Case("Rosenbrock, 8 variables", ROSENBROCK, EIGHT, rosenbrock_by_hand, 0.4),
]


def gradcli(case: Case, columns: Columns, reused: bool = False, executor: str = "auto") -> Call:
    """An expression compiled; or run in blocks on NumPy, as where llvmlite is not installed."""
    import gradcli as library

    function = library.compile(case.text, wrt=case.variables, executor=executor, threads=THREADS)
    by_name = dict(zip(case.variables, columns, strict=True))
    out = function.run(by_name) if reused else None
    return lambda: function.run(by_name, out)


def heyoka(case: Case, columns: Columns, reused: bool = False, tuned: bool = False) -> Call:
    """A compiled function on a matrix of columns; it divides rows among threads by itself.

    "Tuned" takes twice the rows at a time, which fill the registers of AVX-512, and may change the order of operations.
    """
    import heyoka as library

    library.set_nthreads(THREADS)
    variables = library.make_vars(*case.variables)
    value = case.function(library)(*variables)
    slopes = library.diff_tensors([value], diff_args=list(variables)).gradient
    options = {"batch_size": 2 * library.recommended_simd_size(), "fast_math": True} if tuned else {}
    function = library.cfunc([value, *slopes], vars=list(variables), **options)
    matrix = np.array(columns)
    out = function(matrix) if reused else None
    return lambda: list(function(matrix, outputs=out))


def jax(case: Case, columns: Columns) -> Call:
    """jit of vmap of value_and_grad."""
    import jax as library

    library.config.update("jax_enable_x64", True)
    numbers = tuple(range(len(columns)))
    function = library.jit(library.vmap(library.value_and_grad(case.function(library.numpy), numbers)))
    arrays = [library.numpy.asarray(column) for column in columns]

    def call() -> list[Any]:
        value, slopes = library.block_until_ready(function(*arrays))
        return [value, *slopes]

    return call


def torch(case: Case, columns: Columns) -> Call:
    """Recorded as it runs; the gradient of the sum of all rows is the gradient of each."""
    import torch as library

    library.set_num_threads(THREADS)
    formula = case.function(library)
    leaves = [library.tensor(column, requires_grad=True) for column in columns]
    ones = library.ones(len(columns[0]), dtype=library.float64)

    def call() -> list[Any]:
        value = formula(*leaves)
        return [part.detach() for part in (value, *library.autograd.grad(value, leaves, ones))]

    return call


def torch_compiled(case: Case, columns: Columns) -> Call:
    """torch.compile of torch.func's vmap of grad_and_value."""
    import torch as library

    library.compiler.reset()  # it stops compiling what it has compiled for other cases several times
    library.set_num_threads(THREADS)
    numbers = tuple(range(len(columns)))
    function = library.compile(library.vmap(library.func.grad_and_value(case.function(library), numbers)))
    arrays = [library.tensor(column) for column in columns]

    def call() -> list[Any]:
        slopes, value = function(*arrays)
        return [value, *slopes]

    return call


def casadi(case: Case, columns: Columns, reused: bool = False) -> Call:
    """A function of scalars, mapped over the columns by threads, the whole as C where there is a C compiler.

    "Reused" is its buffers, which are read and written in place; else numbers are copied to its matrices and back.
    """
    import casadi as library

    rows, variables = len(columns[0]), [library.SX.sym(name) for name in case.variables]
    value = case.function(library)(*variables)
    slopes = [library.gradient(value, variable) for variable in variables]
    function = library.Function("row", variables, [value, *slopes]).map(rows, "thread", THREADS)
    if options := compiler_options():
        matrices = [library.MX.sym(name, 1, rows) for name in case.variables]
        function = library.Function("rows", matrices, function.call(matrices), options)
    if not reused:
        arrays = [column.reshape(1, -1) for column in columns]
        return lambda: [np.asarray(part).ravel() for part in function.call(arrays)]
    out = [np.zeros(rows) for _ in range(1 + len(columns))]
    evaluate = buffered(function, columns, out)

    def call() -> list[np.ndarray]:
        evaluate()
        return out

    return call


def autograd(case: Case, columns: Columns) -> Call:
    """The vector-Jacobian product of whole columns."""
    import autograd.numpy
    from autograd.differential_operators import make_vjp

    record = make_vjp(case.function(autograd.numpy), tuple(range(len(columns))))
    ones = np.ones(len(columns[0]))

    def call() -> list[np.ndarray]:
        pull, value = record(*columns)
        return [value, *pull(ones)]

    return call


def sympy(case: Case, columns: Columns) -> Call:
    """lambdify of value and symbolic gradient, with common sub-expressions taken out."""
    import sympy as library

    variables = library.symbols(case.variables)
    value = case.function(library)(*variables)
    slopes = [library.diff(value, variable) for variable in variables]
    function = library.lambdify(variables, [value, *slopes], "numpy", cse=True)
    return lambda: function(*columns)


def micrograd(case: Case, columns: Columns) -> Call:
    """A graph of `Value`s for each row."""
    from micrograd.engine import Value

    formula, rows = case.function(None), list(zip(*(column.tolist() for column in columns), strict=True))

    def row(numbers: Sequence[float]) -> list[float]:
        leaves = list(map(Value, numbers))
        value = formula(*leaves)
        value.backward()
        return [value.data, *(leaf.grad for leaf in leaves)]

    return lambda: [np.array(column) for column in zip(*map(row, rows), strict=True)]


def numpy_by_hand(case: Case, columns: Columns) -> Call:
    """Formulas of value and gradient as one would write them."""
    return lambda: case.by_hand(*columns)


#: Contestant -> the package that it needs, and the function that makes its call.
CONTESTANTS: dict[str, tuple[str, Callable[[Case, Columns], Call]]] = {
    "gradcli": ("gradcli", gradcli),
    "gradcli, reused": ("gradcli", partial(gradcli, reused=True)),
    "gradcli on NumPy": ("gradcli", partial(gradcli, executor="numpy")),
    "heyoka.py": ("heyoka", heyoka),
    "heyoka.py, reused": ("heyoka", partial(heyoka, reused=True)),
    "heyoka.py, reused, tuned": ("heyoka", partial(heyoka, reused=True, tuned=True)),
    "JAX": ("jax", jax),
    "PyTorch compiled": ("torch", torch_compiled),
    "PyTorch": ("torch", torch),
    "CasADi": ("casadi", casadi),
    "CasADi, reused": ("casadi", partial(casadi, reused=True)),
    "HIPS autograd": ("autograd", autograd),
    "SymPy lambdify": ("sympy", sympy),
    "NumPy by hand": ("numpy", numpy_by_hand),
    "micrograd": ("micrograd", micrograd),
}
OURS = ("gradcli", "gradcli, reused", "gradcli on NumPy")
PACKAGES = ("gradcli", "numpy", "llvmlite", "heyoka", "jax", "torch", "casadi", "autograd", "sympy", "micrograd")


def calls(case: Case, rows: int, processes: dict[str, Apart]) -> dict[str, Apart]:
    """The calls of everyone who can do it in less than a second, compared with each other."""
    columns = case.columns(rows)
    able = [name for name in processes if name != "micrograd" or (not case.functions and rows <= FEW[-1])]
    found = {name: processes[name].prepare(case, columns) for name in able}
    agree(found, "NumPy by hand")
    return found


#: What runs in a process of its own: seconds of the imports, and of all from the text to the first result.
FIRST = """
import sys, time
began = time.perf_counter()
import numpy
__import__(sys.argv[2])
if sys.argv[2] == "jax":
    import jax.numpy
if sys.argv[2] == "gradcli":
    import gradcli.evaluate.compiled
    try:
        import gradcli.execute.llvm.machine_code, llvmlite.binding
    except ImportError:
        pass
imports = time.perf_counter() - began
sys.path.insert(0, sys.argv[1])
import batch
make = batch.CONTESTANTS[sys.argv[3]][1]
case = batch.CASES[int(sys.argv[4])]
columns = case.columns(int(sys.argv[5]))
began = time.perf_counter()
make(case, columns)()
print(imports, time.perf_counter() - began)
"""
FIRST_CONTESTANTS = ("heyoka.py", "JAX", "PyTorch compiled", "CasADi", "SymPy lambdify")


def first_calls(number: int, rows: int, options: Options) -> Iterator[Table]:
    """Each in a new process: building, compiling and running an expression for the first time; and with its imports.

    gradcli finds the table of its grammar, which the first command of a user leaves behind, and no compiled code;
    "compiled before" has the machine code of another process, too.  What takes very long is measured once.
    """
    names = [name for name in FIRST_CONTESTANTS if installed(CONTESTANTS[name][0]) and not options.quick]
    programs = {"gradcli": "gradcli", "gradcli, compiled before": "gradcli"} | {name: name for name in names}
    calls: dict[str, list[float]] = {name: [] for name in programs}
    processes: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(1 if options.quick else options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            caches = {"XDG_CACHE_HOME": folder, "TORCHINDUCTOR_CACHE_DIR": folder}
            run_program(["-c", "import gradcli; gradcli.parse('x')(x=1.0)"], **caches)
            for name, contestant in programs.items():
                if calls[name] and calls[name][0] > LONG:
                    continue
                words = [str(Path(__file__).parent), CONTESTANTS[contestant][0], contestant, str(number), str(rows)]
                imports, call = map(float, run_program(["-c", FIRST, *words], **caches).split())
                calls[name].append(call)
                processes[name].append(imports + call)
    title = f"{CASES[number].title}: the first call in a new process, {rows:,} rows"
    yield comparison(Subject(title, {}, goals=[Goal("gradcli", "JAX", 0.2)]), calls, claims=not options.quick)
    yield comparison(Subject(f"{title}, with imports", {}), processes)


ROWS, FEW = 1_000_000, (10, 1000)
#: Seconds of a first call after which one is enough.
LONG = 5.0


def tables(options: Options) -> Iterator[Table]:
    """Many rows, few rows, and the first call."""
    rows = FEW[0] if options.quick else ROWS
    processes = {
        name: Apart(make, here=options.quick)
        for name, (package, make) in CONTESTANTS.items()
        if installed(package) and not (options.quick and make is torch_compiled)  # it compiles for seconds
    }
    for case in CASES:
        goals = [Goal("gradcli", "JAX", case.jax), Goal("gradcli", "heyoka.py", 1.1)]
        if case.jax_reused:
            goals.append(Goal("gradcli, reused", "JAX", case.jax_reused))
        goals.append(Goal("gradcli, reused", "heyoka.py, reused", 1.1))
        contestants = calls(case, rows, processes)
        yield measure(Subject(f"{case.title}: {rows:,} rows", contestants, OURS, goals), options)
    for case in [] if options.quick else CASES:
        for few in FEW:
            contestants = calls(case, few, processes)
            yield measure(Subject(f"{case.title}: {few:,} rows", contestants, OURS), options)
    for number in range(1 if options.quick else len(CASES)):
        yield from first_calls(number, rows, options)


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, PACKAGES))
