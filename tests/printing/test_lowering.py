"""Graphs of functions that a language has."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from gradcli.errors import UsageError
from gradcli.evaluate.expression import parse
from gradcli.graph import Node, toposort
from gradcli.primitives import REGISTRY
from gradcli.printing.lowering import NUMBER, SELECT, Lowering, is_truth

#: What every language has.
BASE = {"add", "sub", "mul", "div", "neg", "abs", "exp", "log", "floor", "sqrt", "pow", "fmod", "ceil", "log1p"}
BASE |= {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}
BASE |= {"logical_and", "logical_or", "logical_not"}


def lower(text: str, known: set[str] | None = None) -> tuple[Lowering, Node]:
    """The lowered graph of an expression."""
    root = parse(text).root
    lowering = Lowering("X", BASE if known is None else known)
    names = {node: str(node.name) for node in toposort([root]) if node.is_variable}
    return lowering, lowering.lowered([root], names)[0]


def value_of(lowering: Lowering, root: Node, point: dict[str, float]) -> float:
    """The value of a lowered graph, its helpers included."""
    values: dict[Node, float] = {}
    helpers = {one.name: one for one in lowering.helpers.values()}
    for node in toposort([root]):
        primitive, given = node.primitive, [values[operand] for operand in node.operands]
        if primitive is None:
            values[node] = point[str(node.name)] if node.constant is None else node.constant
        elif primitive is SELECT:
            values[node] = given[1] if given[0] else given[2]
        elif primitive is NUMBER:
            values[node] = float(given[0])
        elif primitive.name == "fmod":
            values[node] = math.fmod(*given) if given[1] else math.nan
        elif primitive.name in helpers and primitive.name not in lowering.known:
            helper = helpers[primitive.name]
            values[node] = value_of(lowering, helper.root, dict(zip(helper.operands, given, strict=True)))
        else:
            values[node] = REGISTRY[primitive.name].value(*given)
    return values[root]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("max(x, y)", ((1.0, 2.0), (2.0, 1.0), (math.nan, 1.0), (1.0, math.nan))),
        ("min(x, y)", ((1.0, 2.0), (2.0, 1.0), (math.nan, 1.0), (1.0, math.nan))),
        ("max(x, 0)*min(y, 1)", ((1.0, 2.0), (-2.0, 1.0), (math.nan, 1.0))),
        ("round(x) + round(y)", ((0.5, 1.5), (-2.5, 1e300), (2.4, -7.6), (math.inf, 1.0))),
        ("mod(x, y)", ((7.0, 3.0), (-7.0, 3.0), (7.0, -3.0), (6.0, -3.0), (1.0, 0.0), (-6.5, 2.0))),
        ("cbrt(x) - cbrt(y)", ((27.0, -8.0), (0.0, 1e300), (math.inf, -1e-300), (2.0, math.nan))),
        ("exp2(x)*square(y)", ((3.0, -3.0),)),
        ("erf(x) + erfc(y)", ((0.3, 1.7), (-2.0, 5.0))),
        ("digamma(x) + lgamma(y)", ((0.3, 1.7), (-2.5, 30.0))),
        ("polygamma(3, x)", ((2.5,), (-0.5,))),
        ("where(x, y, 2)", ((0.0, 5.0), (3.0, 5.0), (math.nan, 5.0))),
        ("(x > 1)*2 + (not y)", ((2.0, 0.0), (0.0, 2.0))),
        ("x^2 + y^-1 + x^0.5", ((3.0, 4.0), (0.0, 2.0), (-1.0, 1.0))),
    ],
)
def test_a_lowered_graph_has_the_values_of_the_expression(text: str, points: Sequence[tuple[float, ...]]) -> None:
    parsed = parse(text)
    lowering, root = lower(text)
    for point in points:
        found = value_of(lowering, root, dict(zip(parsed.variables, point, strict=True)))
        assert found == pytest.approx(parsed(*point), rel=1e-14, abs=1e-300, nan_ok=True), point


def test_only_known_functions_occur() -> None:
    lowering, root = lower("gelu(x) + sinc(y) + step(x*y)", BASE | {"sin"})
    roots = [root, *[one.root for one in lowering.helpers.values()]]
    found = {node.primitive.name for one in roots for node in toposort([one]) if node.primitive is not None}
    assert found <= BASE | {"sin", "select", "number", *[one.name for one in lowering.helpers.values()]}


def test_a_helper_is_made_once_and_its_constants_are_in_its_name() -> None:
    lowering, _ = lower("polygamma(2, x)*polygamma(2, y) + polygamma(3, x)")
    names = [one.name for one in lowering.helpers.values() if one.name.startswith("polygamma")]
    assert names == ["polygamma_2", "polygamma_3"]


def test_a_condition_is_a_truth_value_and_a_factor_is_a_number() -> None:
    _, root = lower("where(x and y > 1, x, y)")
    assert root.primitive is SELECT
    assert is_truth(root.operands[0])
    assert is_truth(root.operands[0].operands[0])
    _, root = lower("(x > 1)*y")
    assert root.operands[0].primitive is NUMBER


@pytest.mark.parametrize(("text", "name"), [("sin(x)", "sin"), ("polygamma(9, x)", "polygamma"), ("sec(x)", "sec")])
def test_a_function_that_cannot_be_written_is_refused_by_its_name(text: str, name: str) -> None:
    with pytest.raises(UsageError, match=f"the function `{name}` can't be exported to X"):
        lower(text)
