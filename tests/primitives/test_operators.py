"""`gradcli.primitives.operators`: every operand has Python's operators and a method for each function."""

from __future__ import annotations

import math

from gradcli.primitives import REGISTRY, Operand, Primitive
from gradcli.primitives import functions as f
from tests.support.checking import (
    applied,
)
from tests.support.loops import for_each

PUBLIC = REGISTRY.public()


def by_name(primitive: Primitive) -> str:
    return primitive.name


@for_each("primitive", PUBLIC, ids=by_name)
def test_every_public_primitive_is_a_method_of_operands(primitive: Primitive) -> None:
    root, variables = applied(primitive)
    static = len(primitive.static)
    own, others = variables[static], [*variables[:static], *variables[static + 1 :]]
    assert getattr(own, primitive.name)(*others) is root.graph.apply(primitive, variables)


def test_operators_are_methods_in_both_orders() -> None:
    x, y = applied(REGISTRY["add"])[1]
    assert isinstance(x, Operand)
    assert (x + y).primitive is f.add
    assert (2.0 - x).operands[1] is x
    assert (2.0**x).operands[1] is x
    assert (x % 3.0).primitive is f.mod
    assert abs(x).primitive is f.abs
    assert round(x).primitive is f.round
    assert math.floor(x).primitive is f.floor
    assert math.ceil(x).primitive is f.ceil
    assert (+x) is x
    assert (-x).primitive is f.neg
    assert (x < 1.0).primitive is f.less
    assert (x > y).primitive is f.greater
    assert (x == y) is False
    assert x.polygamma(1.0).primitive is f.polygamma  # type: ignore[arg-type]
