"""The digits of every function, in every way in which gradcli computes it, against proved ones.

A cell is a function, one of its operands, a point, an order of the derivative, and a way of computing: sweeps over a
tape, the graph of the derivative, jets, NumPy, machine code, `Value`, `Tensor`, an exported program of Python
and one of C.  The points are a ladder of scales from 1e-300 to 1e300 with both signs, denormal numbers down to 5e-324,
ends of domains, tails, and random ones.  The exact derivatives are balls of Arb (python-flint): power series of the
function as the mathematics has it, at a precision that grows until 80 bits are certain.

The error of order n may be F * (ulp + |x * f^(n+1)(x)| * 2^-53) with F = 4, 8, 32, 128, 512, 2048, 8192: units in the
last place, and what one rounding of the operand changes.  A denormal operand is rounded by half of 5e-324, whichever
operand it is.  Beyond the largest double the right result is infinite.
Jets, which gradcli takes for orders above those of a graph, promise less: an error of 1e-10 * (|f^(n)| + |x f^(n+1)|),
or of n! * 2^-50 * |f| / max(1, |x|)^n, which is a rounding error of the value; what is less exact they refuse.
Their series of Bessel, beta and zeta functions take long, and are computed at every third point; at the others, all
other ways compute these functions, too.
JAX, PyTorch and autograd compute what they have at the same points, to order 2; their error is given in the same unit.
They and the jets run in a second process.

At edges (zeros, ends of domains, the largest doubles and infinities) there may be no exact derivative.  There every way
must give the values and first derivatives of the sweeps, which tests compare with docs/edge_points.md.

Then formulas of science: values and gradients at three points, against proved digits (`gradcli --digits`).  The unit is
one in the last place, plus what one rounding of each variable changes (the condition number times 2^-53).

    python benchmarks/digits.py
"""

from __future__ import annotations

from harness import Bound, Options, Table, installed, main, use_threads

use_threads(2)  # one for gradcli, and one for the peers

import ctypes
import importlib.util
import itertools
import math
import random
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from shutil import which
from typing import Any, NamedTuple

import flint
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from peers import PEERS, SECONDS, FormulaQuestion, FunctionQuestion, NeverEnds, SecondProcess, answer, second_process

import gradcli
from gradcli import Tensor, Value
from gradcli.errors import GradcliError
from gradcli.evaluate.expression import Expression, parse
from gradcli.evaluate.point import gradient, hessian
from gradcli.evaluate.proven import Proven, number_expression
from gradcli.execute.tape import Tape
from gradcli.execute.taylor_mode import derivatives_at
from gradcli.export.expression_program import export_expression
from gradcli.graph import Graph, Node
from gradcli.graph.differentiate import derivative
from gradcli.language.parsed import ParsedExpression
from gradcli.primitives import REGISTRY, Primitive
from gradcli.source import Source
from tests.support.ball_oracle import ball_derivatives
from tests.support.checking import denormals, draws, heads, is_smooth_target, ladder
from tests.support.formulas_as_typed import FORMULAS as AS_TYPED
from tests.support.oracle import Undefined
from tests.support.textbook_formulas import FORMULAS as IN_TEXTBOOKS

ORDERS = range(7)
FACTORS = (4, 8, 32, 128, 512, 2048, 8192)
#: An infinite or missing number where there is a finite one, and the reverse.
WRONG = math.inf
Numbers = np.ndarray[Any, np.dtype[np.float64]]


class Case(NamedTuple):
    """A function of one of its operands, and the points at which it is computed.

    Attributes:
        primitive: the function.
        static: its first operands, which are written into it.
        operand: the place of the operand toward which it is differentiated.
        points: all operands, shape (points, operands): first those where the function is smooth, then its edges.
        exact: the derivatives of order 0 to 6 as balls, for each point where the function is smooth.
        rounding: what one rounding of the operands changes in each of them.
    """

    primitive: Primitive
    static: tuple[float, ...]
    operand: int
    points: Numbers
    exact: list[list[Any]]
    rounding: list[list[Any]]

    @property
    def name(self) -> str:
        return f"{self.primitive.name}({', '.join(self.primitive.operands)})"

    def graph(self) -> tuple[Node, list[Node]]:
        """The function as a graph, with the static operands as constants; and its variables."""
        graph = Graph()
        variables = [graph.variable(name) for name in self.primitive.operands[len(self.static) :]]
        return graph.add(self.primitive, [*map(graph.constant, self.static), *variables]), variables

    def called(self, place: int) -> str:
        """The function at one of the points, in words."""
        point = ", ".join(f"{number:.17g}" for number in self.points[place])
        return f"{self.primitive.name}({point}) toward {self.primitive.operands[self.operand]}"

    def expression(self) -> Expression:
        root, variables = self.graph()
        names = tuple(str(one.name) for one in variables)
        return Expression(ParsedExpression(Source(""), root, names, {}))

    def every(self, count: int) -> Case:
        """The case without edges, with every so many of its points: scales, tails, and both signs for odd numbers."""
        points = self.points[: len(self.exact) : count]
        return self._replace(points=points, exact=self.exact[::count], rounding=self.rounding[::count])

    @property
    def free(self) -> Numbers:
        """The operands that are variables, shape (points, variables)."""
        return self.points[:, len(self.static) :]

    @property
    def target(self) -> int:
        """The place of the operand among the variables."""
        return self.operand - len(self.static)


def cases(quick: bool) -> Iterator[Case]:
    """Every function of numbers toward each operand, where it is smooth."""
    for primitive in [*REGISTRY.public()][:: 25 if quick else 1]:
        for static in heads(primitive):
            every = [*ladder(primitive), *draws(primitive), *denormals(primitive)]
            found = [one for one in every if one[: len(static)] == static]
            for operand in range(len(static), primitive.arity):
                if not is_smooth_target(primitive, operand):
                    continue
                points, exact, rounding = [], [], []
                for point in dict.fromkeys(found[:: 30 if quick else 1]):
                    try:
                        balls = ball_derivatives(primitive.name, point, operand, len(ORDERS))
                    except Undefined:
                        continue
                    if balls is not None:
                        points.append(point)
                        exact.append(balls[:-1])
                        rounding.append(rounding_of(primitive, point, operand, balls))
                if points:
                    points += edges(primitive, static)
                    yield Case(primitive, static, operand, np.array(points), exact, rounding)


#: Zeros, ends of domains, the largest numbers, and infinities.
AT_EDGES = (0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, *(sign * sys.float_info.max for sign in (1, -1)))
#: Further ones for functions of one operand, and those that functions of three operands have.
OF_ONE = (*AT_EDGES, 2.0, -2.0, 0.5, -math.exp(-1.0))
OF_THREE = (0.0, 1.0, -1.0, math.inf)


def edges(primitive: Primitive, static: tuple[float, ...]) -> list[tuple[float, ...]]:
    """Points at which a function may have a kink, a pole, a jump or an end, and infinite ones."""
    free = primitive.arity - len(static)
    numbers = {1: OF_ONE, 2: AT_EDGES}.get(free, OF_THREE)
    return [(*static, *rest) for rest in itertools.product(numbers, repeat=free)]


def rounding_of(primitive: Primitive, point: tuple[float, ...], operand: int, exact: list[Any]) -> list[Any]:
    """What one rounding changes in each derivative: of the operand, and of each operand that is a denormal number.

    A rounding of a number changes it by 2^-53 of its size, but a rounding of a denormal number by half of the smallest
    one.
    """
    found = [abs(flint.arb(point[operand]) * one) * flint.arb(2) ** -53 for one in exact[1:]]
    for place in range(len(primitive.static), primitive.arity):
        if 0.0 < abs(point[place]) < sys.float_info.min:
            moved = [*point]
            moved[place] = math.nextafter(point[place], math.copysign(math.inf, point[place]))
            try:
                balls = ball_derivatives(primitive.name, moved, operand, len(ORDERS) - 1)
            except Undefined:
                continue
            found = [one + abs(now - was) / 2 for one, now, was in zip(found, balls or exact, exact, strict=False)]
    return found


# The ways of computing: each returns the derivatives of some orders, shape (orders, points); nan where there is none.


def by_sweeps(case: Case) -> Numbers:
    expression = case.expression()
    name, rows = expression.variables[case.target], []
    for point in case.free.tolist():
        at = dict(zip(expression.variables, point, strict=True))
        found = gradient(expression, at, [name])
        rows.append([found.value, found.gradient[name], hessian(expression, at, [name])[name][name]])
    return np.array(rows).T


def by_graph(case: Case) -> Numbers:
    root, variables = case.graph()
    tape = Tape([derivative(root, variables[case.target], order) for order in ORDERS], variables)
    rows = [[values[slot] for slot in tape.outputs] for values in map(tape.run, case.free.tolist())]
    return np.array(rows).T


def by_jets(question: FunctionQuestion) -> list[list[float | None]]:
    operand = len(question.static) + question.target
    root, variables = Case(REGISTRY[question.name], question.static, operand, question.operands.T, [], []).graph()
    rows: list[list[float | None]] = []
    for point in question.operands.T.tolist():
        found = derivatives_at(root, variables[question.target], dict(zip(variables, point, strict=True)), ORDERS[-1])
        rows.append(found or [REFUSED] * len(ORDERS))
    return [*map(list, zip(*rows, strict=True))]


#: The way that promises less, and is computed in the second process; the lowest order for which gradcli takes it.
JETS = "jets"
LOWEST = 3
#: Functions of which a series takes longer than all other ways together -> every so many points have one.
EVERY = dict.fromkeys(("besselj", "bessely", "besseli", "besselk", "zeta", "zeta_derivative", "beta", "lbeta"), 3)
#: Functions whose derivatives on tensors are not searched for infinities that leave no value, as in inf - inf.
WITH_SLOPES = ("add", "sub", "mul")
#: What a way of computing returns where it refuses instead of giving a wrong number.
REFUSED = None


def by_columns(executor: str) -> Callable[[Case], Numbers]:
    def compute(case: Case) -> Numbers:
        root, variables = case.graph()
        names = tuple(str(one.name) for one in variables)
        rows = []
        for order in ORDERS:
            part = Expression(ParsedExpression(Source(""), derivative(root, variables[case.target], order), names, {}))
            kernel = gradcli.compile(part, derivatives="value", executor=executor)
            rows.append(np.broadcast_to(kernel(*case.free.T), len(case.points)))
        return np.array(rows)

    return compute


def by_value(case: Case) -> Numbers:
    rows = []
    for point in case.free.tolist():
        leaves = [Value(number) for number in point]
        result = case.primitive(*case.static, *leaves)
        result.backward()
        rows.append([result.data, leaves[case.target].grad])
    return np.array(rows).T


def by_tensor(case: Case) -> Numbers:
    leaves = [Tensor(column.copy(), requires_grad=i == case.target) for i, column in enumerate(case.free.T)]
    leaf = leaves[case.target]
    result = case.primitive(*case.static, *leaves)
    result.backward(np.ones(len(case.points)), create_graph=True)
    slope, leaf.grad = leaf.grad, None
    rows = [result.detach().numpy(), slope.detach().numpy()]
    if slope.requires_grad:
        slope.backward(np.ones(len(case.points)))
        rows.append(np.zeros(len(case.points)) if leaf.grad is None else leaf.grad.detach().numpy())
    else:
        rows.append(np.zeros(len(case.points)))
    return np.array(rows)


def by_python(case: Case) -> Numbers:
    program = export_expression(case.expression(), "python", "hessian", name="f")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "exported.py")
        path.write_text(program, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("exported", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    i, rows = case.target, []
    for point in case.free.tolist():
        value, slopes, curvatures = module.f(*point)
        rows.append([value, slopes[i], curvatures[i][i]])
    return np.array(rows).T


def by_c(case: Case) -> Numbers:
    compiler = which("gcc") or which("cc")
    if compiler is None:
        raise GradcliError("there is no compiler of C")
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "f.c"), Path(folder, "f.so")
        source.write_text(export_expression(case.expression(), "c", "hessian", name="f"), encoding="utf-8")
        subprocess.run([compiler, "-std=c99", "-O0", "-shared", "-fPIC", source, "-o", library, "-lm"], check=True)
        function = ctypes.CDLL(str(library)).f
    function.restype = ctypes.c_double
    count, i, rows = case.free.shape[1], case.target, []
    slopes, curvatures = (ctypes.c_double * count)(), (ctypes.c_double * count**2)()
    for point in case.free.tolist():
        value = function((ctypes.c_double * count)(*point), slopes, curvatures)
        rows.append([value, slopes[i], curvatures[i * count + i]])
    return np.array(rows).T


WAYS: dict[str, Callable[[Case], Numbers]] = {
    "sweeps": by_sweeps,
    "graph": by_graph,
    "NumPy": by_columns("numpy"),
    "machine code": by_columns("llvm"),
    "Value": by_value,
    "Tensor": by_tensor,
    "Python": by_python,
    "C": by_c,
}


def double_of(exact: Any) -> float:
    """The double nearest to a ball, which is infinite beyond the largest one."""
    return float(exact.mid()) if abs(exact) < LARGEST else math.copysign(math.inf, float(exact.sgn()))


def error_of(got: float, exact: Any, rounding: Any, order: int) -> float | None:
    """The error in units of what is allowed for order 0: units in the last place, and a rounding of the operand.

    The result is None for a nan where the right number is beyond the largest double.

    Args:
        got: the number.
        exact: the derivative as a ball.
        rounding: what one rounding of the operands changes in it.
        order: the order.
    """
    nearest = double_of(exact)
    if got == nearest:
        return 0.0
    if got != got:
        return WRONG if math.isfinite(nearest) else None
    unit = flint.arb(math.ulp(nearest if math.isfinite(nearest) else sys.float_info.max))
    allowed = unit + rounding
    if math.isinf(got):
        is_beyond = abs(exact) + FACTORS[order] * allowed > LARGEST and (got > 0) == (nearest > 0)
        return 0.0 if is_beyond else WRONG
    return float((abs(flint.arb(got) - exact) / allowed).mid())


LARGEST = flint.arb(sys.float_info.max)


class Cell(NamedTuple):
    """The worst of some results: its error as in `error_of`, divided by the factor of its order, and where it is."""

    share: float
    what: str


def judged(case: Case, found: Numbers) -> Iterator[tuple[int, float | None, int]]:
    """The order, the error and the place of every result; no error where the result is refused."""
    for order, row in enumerate(found):
        for place, (got, exact, rounding) in enumerate(zip(row, case.exact, case.rounding, strict=False)):
            if got is REFUSED or (got != got and leaves_range(case, place, exact[order])):
                yield order, None, place
            else:
                yield order, error_of(float(got), exact[order], rounding[order], order), place


def leaves_range(case: Case, place: int, exact: Any) -> bool:
    """Whether a derivative is 0, and the reciprocal of an operand beyond the largest double: their product is nan."""
    sizes = np.abs(case.points[place, len(case.static) :])
    return double_of(exact) == 0.0 and bool(np.any((sizes > 0.0) & (sizes < sys.float_info.min)))


def described(case: Case, place: int, order: int, got: float) -> str:
    """One result in words."""
    exact = case.exact[place][order].str(17, radius=False)
    return f"{case.called(place)}, order {order}: {got!r}, exactly {exact}"


def share_of_jets(case: Case, place: int, order: int, got: float) -> float:
    """The error of a result of jets, as a part of what they promise."""
    exact, x = case.exact[place], float(case.points[place, case.operand])
    relative = 1e-10 * (abs(exact[order]) + case.rounding[place][order] * flint.arb(2) ** 53)
    rounding = math.factorial(order) * flint.arb(2) ** -50 * abs(exact[0]) / flint.arb(max(1.0, abs(x))) ** order
    return float((abs(flint.arb(got) - exact[order]) / (relative + rounding)).mid())


class Way:
    """What was found for one way of computing: by order, the number of results, of refused ones, and the worst."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = [0] * len(ORDERS)
        self.refused: dict[str, int] = {}
        self.beyond: list[str] = []
        self.worst = [0.0] * len(ORDERS)
        self.at_edges = 0
        self.differ: list[str] = []

    def add(self, case: Case, found: Numbers) -> float:
        """Judge results; return the worst error of orders up to 2."""
        worst = 0.0
        for order, error, place in judged(case, found):
            got = found[order][place]
            if self.name == JETS and order < LOWEST:
                continue
            if error is None:
                name = case.primitive.name
                self.refused[name] = self.refused.get(name, 0) + 1
                continue
            factor = FACTORS[order] if case.primitive.cancels is None else 1e5
            share = error / factor if self.name != JETS else min(error / factor, share_of_jets(case, place, order, got))
            self.count[order] += 1
            self.worst[order] = max(self.worst[order], share)
            if order <= 2:
                worst = max(worst, error)
            if share > 1:
                self.beyond.append(f"{self.name}: {described(case, place, order, float(got))}")
        return worst

    def compare(self, case: Case, found: Numbers, others: Numbers) -> None:
        """Compare values and first derivatives at edges with those of the sweeps."""
        for order in range(2):
            for place in range(len(case.exact), len(case.points)):
                got, other = float(found[order][place]), float(others[order][place])
                if (
                    self.name == "Tensor"
                    and case.primitive.name in WITH_SLOPES
                    and others[0][place] != others[0][place]
                ):
                    continue
                self.at_edges += 1
                if not (got == other or math.isclose(got, other, rel_tol=1e-13) or (got != got and other != other)):
                    self.differ.append(
                        f"{self.name}: {case.called(place)}, order {order}: {got!r}, and {other!r} by sweeps"
                    )

    @property
    def refusals(self) -> str:
        """The functions that refuse results, and how many."""
        return ", ".join(f"{name} ({count})" for name, count in sorted(self.refused.items()))

    def row(self) -> list[str]:
        shares = [f"{worst:.2f}" if count else "" for worst, count in zip(self.worst, self.count, strict=True)]
        return [
            self.name,
            f"{sum(self.count):,}",
            f"{sum(self.refused.values()):,}" if self.refused else "",
            f"{len(self.beyond)}",
            *shares,
        ]


def question_of(case: Case) -> FunctionQuestion:
    """The question on a case for the peers."""
    return FunctionQuestion(case.primitive.name, case.static, case.target, case.every(1).free.T.copy())


def tables(options: Options) -> Iterator[Table]:
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    with second_process() as second:
        yield from of_functions(options.quick, second)
        yield of_formulas(options.quick, second)


def of_functions(quick: bool, second: SecondProcess) -> Iterator[Table]:
    ways = {name: Way(name) for name in [*WAYS, JETS]}
    peers = {name: Way(name) for name, peer in PEERS.items() if installed(peer.package)}
    rows: dict[str, list[float | None]] = {}
    lacking: dict[str, set[str]] = {name: set() for name in ways}
    endless: dict[str, set[str]] = {name: set() for name in peers}
    asked: list[tuple[Case, str, Future[Any]]] = []

    def enter(case: Case, column: str, worst: float) -> None:
        known = rows.setdefault(case.primitive.name, [None] * (1 + len(peers)))
        place = ["gradcli", *peers].index(column)
        known[place] = max(known[place] or 0.0, worst)

    def read(case: Case, name: str, future: Future[Any]) -> None:
        try:
            found = future.result()
        except NeverEnds:
            endless[name].add(case.primitive.name)
            return
        if name == JETS:
            enter(case, "gradcli", ways[name].add(case, found))
        elif found is not None:
            enter(case, name, peers[name].add(case, found))

    for case in cases(quick):
        subject, few = case.primitive.name, case.every(EVERY.get(case.primitive.name, 1))
        asked.append((few, JETS, second.call(None, by_jets, question_of(few))))
        asked += [(case, name, second.call((name, subject), answer, name, question_of(case))) for name in peers]
        by_way: dict[str, Numbers] = {}
        for name, compute in WAYS.items():
            try:
                by_way[name] = compute(case)
            except GradcliError:
                lacking[name].add(case.primitive.name)
                continue
            enter(case, "gradcli", ways[name].add(case, by_way[name]))
            ways[name].compare(case, by_way[name], by_way["sweeps"])
        while asked and asked[0][2].done():
            read(*asked.pop(0))
    for one in asked:
        read(*one)
    beyond = [line for way in ways.values() for line in way.beyond]
    remarks = [f"{name} lacks {', '.join(sorted(names))}" for name, names in lacking.items() if names]
    remarks += [f"refused by {way.name}: {way.refusals}" for way in ways.values() if way.refused]
    remarks += [
        f"{name} does not end within {SECONDS:g} s: {', '.join(sorted(names))}"
        for name, names in endless.items()
        if names
    ]
    if not quick:
        missing = [one.name for one in REGISTRY.public() if not one.is_locally_constant and one.name not in rows]
        if missing:
            remarks.append(f"not compared: {', '.join(missing)}")
    yield Table(
        "The largest error by order, as a part of what is allowed",
        ["", "results", "refused", "beyond", *map(str, ORDERS)],
        [way.row() for way in (*ways.values(), *peers.values())],
        [] if quick else [Bound("results of gradcli beyond what is allowed", len(beyond), 0)],
        [*remarks, *beyond[:20]],
    )
    differ = [line for way in ways.values() for line in way.differ]
    yield Table(
        "Edge points: values and first derivatives, compared with those of the sweeps",
        ["", "results", "differ"],
        [[way.name, f"{way.at_edges:,}", f"{len(way.differ)}"] for way in ways.values() if way.at_edges],
        [] if quick else [Bound("results that differ at edges", len(differ), 0)],
        differ[:20],
    )
    yield Table(
        "The largest error of value, first and second derivative, in units",
        ["", "gradcli", *peers],
        [[name, *map(shown, row)] for name, row in rows.items()],
    )


def shown(error: float | None) -> str:
    """An error as a cell of a table."""
    return "" if error is None else "wrong" if math.isinf(error) else f"{error:.3g}"


# Formulas of science.


class Formula(NamedTuple):
    """A formula at a point, with its proved value and gradient, the unit of each error, and its condition number."""

    expression: Expression
    point: list[float]
    exact: list[Any]
    units: list[float]
    condition: float


def formulas(quick: bool) -> Iterator[list[Formula]]:
    """Each formula at the points where it and its gradient have values."""
    generator = random.Random(0)
    texts = [*dict.fromkeys([*(meant for _, meant in AS_TYPED), *(meant for _, _, meant in IN_TEXTBOOKS if meant)])]
    for text in texts[:: 80 if quick else 1]:
        expression = parse(text)
        names = expression.variables
        if expression.has_arrays or expression.components or not names:
            continue
        points = [[generator.uniform(0.2, 3.0) for _ in names] for _ in range(3)]
        found = [one for one in (formula_at(expression, point) for point in points) if one is not None]
        if found:
            yield found


def formula_at(expression: Expression, point: list[float]) -> Formula | None:
    """A formula at a point; None if it has no value or no gradient there."""
    at = dict(zip(expression.variables, point, strict=True))
    try:
        proven = Proven(expression, {name: number_expression(x, name) for name, x in at.items()}, 30)
        exact = [flint.arb(one) for one in (proven.value(), *proven.gradient().values())]
        second = hessian(expression, at)
    except GradcliError:
        return None
    numbers = [float(one.mid()) for one in exact]
    moved = [sum(abs(x * slope) for x, slope in zip(point, numbers[1:], strict=True))]
    moved += [sum(abs(x * row[name]) for name, x in at.items()) for row in second.values()]
    # A partial derivative that is 0 at a random point is 0 everywhere, so the formula has no digits to compare.
    if not all(map(math.isfinite, [*numbers, *moved])) or not all(numbers[1:]):
        return None
    units = [math.ulp(number) + move * 2.0**-53 for number, move in zip(numbers, moved, strict=True)]
    return Formula(expression, point, exact, units, moved[0] / abs(numbers[0]) if numbers[0] else math.inf)


def gradients_by_sweeps(points: list[Formula]) -> list[list[float]]:
    rows = []
    for one in points:
        found = gradient(one.expression, dict(zip(one.expression.variables, one.point, strict=True)))
        rows.append([found.value, *found.gradient.values()])
    return rows


def gradients_by_kernel(executor: str) -> Callable[[list[Formula]], list[list[float]]]:
    def compute(points: list[Formula]) -> list[list[float]]:
        kernel = gradcli.compile(points[0].expression, executor=executor)
        found = [kernel(*one.point) for one in points]
        return [[float(value), *map(float, slopes.values())] for value, slopes in found]

    return compute


GRADIENTS: dict[str, Callable[[list[Formula]], list[list[float]]]] = {
    "sweeps": gradients_by_sweeps,
    "NumPy": gradients_by_kernel("numpy"),
    "machine code": gradients_by_kernel("llvm"),
}
#: Peers that formulas are exported to -> the language.
LANGUAGES = {"JAX": "jax", "PyTorch": "pytorch"}
#: What the error of a formula may be, in units.
FORMULA_UNITS = 64


def formula_question(points: list[Formula], peers: Sequence[str]) -> FormulaQuestion:
    """The question on a formula for the peers, which differentiate the exported value themselves."""
    expression = points[0].expression
    programs = {peer: export_expression(expression, LANGUAGES[peer], "value", name="f") for peer in peers}
    return FormulaQuestion(programs, [one.point for one in points])


def of_formulas(quick: bool, second: SecondProcess) -> Table:
    peers = [name for name in LANGUAGES if installed(PEERS[name].package)]
    errors: dict[str, list[tuple[float, str]]] = {name: [] for name in (*GRADIENTS, *peers)}
    conditions: list[float] = []
    count = 0

    def judge(name: str, points: list[Formula], found: list[list[float]]) -> None:
        for one, numbers in zip(points, found, strict=True):
            worst = 0.0
            for got, exact, unit in zip(numbers, one.exact, one.units, strict=True):
                worst = max(worst, float(abs(flint.arb(got) - exact).mid()) / unit if math.isfinite(got) else WRONG)
            errors[name].append((worst, f"{one.expression} at {', '.join(map(repr, one.point))}"))

    asked: list[tuple[str, list[Formula], Future[Any]]] = []
    for points in formulas(quick):
        count += 1
        conditions += [one.condition for one in points]
        question = formula_question(points, peers)
        asked += [(name, points, second.call(name, answer, name, question)) for name in peers]
        for name, compute in GRADIENTS.items():
            judge(name, points, compute(points))
    for name, points, future in asked:
        found = future.result()
        if found is not None:
            judge(name, points, found)
    rows = []
    for name, all_found in errors.items():
        sizes = sorted(size for size, _ in all_found)
        parts = [f"{sizes[int(part * (len(sizes) - 1))]:.3g}" for part in (0.5, 0.9, 0.99, 1)]
        rows.append([name, f"{len(sizes)}", *parts])
    largest, where = max(max(errors[name]) for name in GRADIENTS)
    conditions.sort()
    return Table(
        f"{count} formulas of science: the largest error of value and gradient, in units",
        ["", "points", "median", "90 %", "99 %", "largest"],
        rows,
        [] if quick else [Bound("the largest error of gradcli", largest, FORMULA_UNITS)],
        [
            f"condition numbers: {conditions[len(conditions) // 2]:.3g} in the middle, {conditions[-1]:.3g} at most",
            f"the largest error is that of {where}",
        ],
    )


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, ("flint", "jax", "torch", "autograd")))
