"""A declaration: what is computed hangs on its fields, and never on its words."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gradcli.execute.array_rules import contributions
from gradcli.execute.float_rules import float_rule
from gradcli.execute.kernel import kernel_for
from gradcli.execute.program import Program
from gradcli.execute.tape import Tape
from gradcli.graph import Graph
from gradcli.graph.differentiate import gradient
from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives.backends import backend_named
from tests.support.checking import applied, draws, forget_rules, heads
from tests.support.loops import for_each

NUMBERS = (0.0, -0.0, 0.3, -1.5, 2.0, float("inf"), float("nan"))


@pytest.fixture
def other_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Put other words into the domain and the group of every function."""

    def change() -> None:
        for primitive in REGISTRY.values():
            monkeypatch.setattr(primitive, "domain", "nowhere" if primitive.domain == "all reals" else "all reals")
            monkeypatch.setattr(primitive, "group", "arithmetic" if primitive.group == "comparison" else "comparison")
        forget_rules()

    yield change
    monkeypatch.undo()
    forget_rules()


def results(primitive: Primitive) -> list[str]:
    """Everything that is computed of a function at some points, as texts, so that nan equals nan."""
    found: list[Any] = []
    numpy = backend_named("numpy")
    for static in heads(primitive):
        rest = list(itertools.product(NUMBERS, repeat=min(2, primitive.arity - len(static))))
        points = [(*static, *point, *[1.0] * (primitive.arity - len(static) - len(point))) for point in rest]
        rule = float_rule(primitive, primitive.arity)
        found += [rule.at(point, primitive.value(*point)) for point in points]
        columns = [*static, *map(np.array, list(zip(*points, strict=True))[len(static) :])]
        output = numpy.kernel(primitive)(*columns)
        found.append(output)
        for contribution in contributions(primitive, primitive.arity):
            found.append(None if contribution is None else contribution.on(numpy)(output, tuple(columns), output))
    if not primitive.static:
        root, variables = applied(primitive)
        tape = Tape([root, *gradient(root, variables)], variables)
        for executor in ("auto", "numpy"):
            arrays = [np.empty(len(points)) for _ in tape.outputs]
            kernel_for(Program(tape, len(variables)), executor).run(columns, np.empty(0), arrays)
            found += arrays
    return [str(one.tolist()) if isinstance(one, np.ndarray) else str(one) for one in found]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_other_words_for_domain_and_group_change_no_number(other_words: Any) -> None:
    before = {name: results(primitive) for name, primitive in REGISTRY.items()}
    other_words()
    for name, primitive in REGISTRY.items():
        assert results(primitive) == before[name], name


@for_each(
    "primitive", [one for one in REGISTRY.values() if one.samples and not one.transparent], ids=lambda one: one.name
)
def test_no_value_errs_by_more_than_its_ulps(primitive: Primitive) -> None:
    flint = pytest.importorskip("flint")
    from gradcli.graph.ball_numbers import BallNumbers, ball_of
    from gradcli.graph.coefficients import NoValue, Undecided

    flint.ctx.prec = 1200  # gammainc(300, 250) cancels 430 bits
    for point in draws(primitive, 12):
        value = primitive.value(*point)
        try:
            exact = BallNumbers().apply(primitive, [ball_of(Fraction(x)) for x in point])
        except (NoValue, Undecided):
            continue
        error = abs(exact - ball_of(Fraction(value)))
        assert float(error) <= primitive.ulps * math.ulp(value), point
    flint.ctx.default()


def test_a_shaken_run_takes_every_function() -> None:
    for primitive in REGISTRY.public():
        operands = draws(primitive, 1)[0]
        names = [f"a{i}" for i in range(len(operands))]
        graph = Graph()
        tape = Tape([graph.apply(primitive, [graph.variable(name) for name in names])])
        assert all(isinstance(x, float) for x in tape.shaken(list(operands)))
