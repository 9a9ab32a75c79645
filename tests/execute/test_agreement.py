"""One operation has the same value on floats, on NumPy and in compiled code, to 4 units in the last place.

At every function's edges, over its domain, beside the zeros of the gamma family and beside its poles; infinities and
nan are the same, too.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest

from gradcli.execute.kernel import kernel_for
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.primitives import REGISTRY, Primitive
from tests.support.checking import EDGES, rounding
from tests.support.kernel_checking import has_code
from tests.support.loops import for_each

UNITS = 4.0
DRAWN = 1000

#: Where lgamma and digamma are 0: above 0, between the poles, and beside one where Gamma is small.
ZEROS = {
    "lgamma": (
        *(1.0, 2.0, -2.4570247382208006, -2.7476826467274127, -3.1435808883499798, -3.9552942848585979),
        *(-4.0393618395152747, -4.9915443165471, -5.0082181681),
    ),
    "digamma": (
        *(1.4616321449683622, -0.5040830082644554, -1.5734984731623904, -2.6107208684441447, -3.635293366436901),
        *(-4.653237761743142, -5.6671624415568855, -6.678418213073427, -7.687788325031626, -8.695764163816401),
        *(-9.702672540001863, -10.708740838254144, -11.714133061228955),
    ),
}
POLES = tuple(-float(k) for k in range(19))

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def beside(places: tuple[float, ...], generator: np.random.Generator) -> Iterator[float]:
    """The places, their neighbours, and numbers at all distances."""
    for place in places:
        yield from (place, math.nextafter(place, math.inf), math.nextafter(place, -math.inf))
        distances = 10.0 ** generator.uniform(-16.0, -0.5, 50) * generator.choice([-1.0, 1.0], 50)
        yield from (place + distances).tolist()


def points_of(primitive: Primitive) -> Iterator[tuple[float, ...]]:
    generator = np.random.default_rng(0)
    static = {tuple(low for low, _ in box[: len(primitive.static)]) for box in primitive.samples} or {()}
    free = primitive.arity - len(primitive.static)
    at_edges = EDGES if free < 3 and primitive.cancels is None else ()
    for head in static:
        yield from ((*head, *rest) for rest in itertools.product(at_edges, repeat=free))
    for box in primitive.samples:
        yield from zip(*[generator.uniform(low, high, DRAWN).tolist() for low, high in box], strict=True)
    if primitive.name in ("gamma", "lgamma", "digamma", "factorial"):
        yield from ((x,) for x in beside((*ZEROS.get(primitive.name, ()), *POLES), generator))
        yield from ((x,) for x in generator.uniform(-30.0, 30.0, DRAWN).tolist() if primitive.name != "digamma")


def values(primitive: Primitive, points: list[tuple[float, ...]], executor: str) -> list[float]:
    """What an executor gives at points whose static operands are the same."""
    graph, static = Graph(), len(primitive.static)
    columns = [graph.variable(f"x{i}") for i in range(primitive.arity - static)]
    root = graph.add(primitive, [*map(graph.constant, points[0][:static]), *columns])
    kernel = kernel_for(Program(Tape([root], columns), len(columns)), executor)
    result = np.empty(len(points))
    kernel.run([np.array(column) for column in list(zip(*points, strict=True))[static:]], np.empty(0), [result])
    return result.tolist()


@for_each("executor", ["numpy", "llvm"])
@for_each("primitive", REGISTRY.public(), ids=lambda primitive: primitive.name)
def test_an_operation_has_the_value_that_it_has_on_floats(primitive: Primitive, executor: str) -> None:
    if executor == "llvm":
        pytest.importorskip("llvmlite")
        if not has_code(primitive):
            pytest.skip("without a kernel for arrays it has no compiled form")
    static = len(primitive.static)
    for _, group in itertools.groupby(sorted(points_of(primitive), key=lambda p: p[:static]), lambda p: p[:static]):
        points = list(group)
        for point, got in zip(points, values(primitive, points, executor), strict=True):
            wanted = primitive.value(*point)
            if got != wanted and not (got != got and wanted != wanted):
                assert abs(got - wanted) <= rounding(primitive, wanted, UNITS), (point, got, wanted)
