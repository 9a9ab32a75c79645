"""The derivative of a graph: both sweeps agree, orders add up, branches not taken are strong zeros."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli import parse
from gradcli.evaluate.check import contribution_sizes
from gradcli.evaluate.expression import Expression
from gradcli.evaluate.point import derivatives
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node, differentiate, toposort
from gradcli.graph.differentiate import undefined_partials
from gradcli.primitives import REGISTRY, Primitive
from tests.support.loops import for_each

INF, NAN = math.inf, math.nan


def run(roots: list[Node], variables: list[Node], point: list[float]) -> list[float]:
    tape = Tape(roots, variables)
    values = tape.run(point)
    return [values[slot] for slot in tape.outputs]


def variables_of(expression: Expression) -> list[Node]:
    return [expression.graph.variable(name) for name in expression.variables]


def both_sweeps(text: str, point: list[float]) -> tuple[list[float], list[float]]:
    """The gradient by the reverse sweep and by one forward sweep for each variable, evaluated as graphs."""
    expression = parse(text)
    variables = variables_of(expression)
    reverse = differentiate.gradient(expression.root, variables)
    forward = [differentiate.derivative(expression.root, variable) for variable in variables]
    return run(reverse, variables, point), run(forward, variables, point)


def equal(first: float, second: float, tolerance: float = 0.0) -> bool:
    if first != first or second != second:
        return first != first and second != second
    return first == second or abs(first - second) <= tolerance * max(abs(first), abs(second))


GRADIENTS: list[tuple[str, list[float], list[float]]] = [
    ("x1*x2 + sin(x1)", [2.0, 3.0], [2.5838531634528574, 2.0]),
    ("x/y", [3.0, 2.0], [0.5, -0.75]),
    ("x^y", [2.0, 3.0], [12.0, 5.545177444479562]),
    ("x^3", [-2.0], [12.0]),
    ("x^2", [-3.0], [-6.0]),
    ("x^0", [0.0], [0.0]),
    ("a - a", [3.0], [0.0]),
    ("a/a", [3.0], [0.0]),
    ("a + a", [3.0], [2.0]),
    ("a*a", [3.0], [6.0]),
    ("x*y*x*y", [2.0, 3.0], [36.0, 24.0]),
    ("5", [], []),
    ("0*x", [3.0], [0.0]),
    ("floor(x)*y", [2.5, 3.0], [0.0, 2.0]),
    ("max(x, y, z)", [1.0, 1.0, 1.0], [1 / 3, 1 / 3, 1 / 3]),
    ("max(x, y)", [1.0, 2.0], [0.0, 1.0]),
    ("min(x, y)", [1.0, 1.0], [0.5, 0.5]),
    ("clip(x, 0, 1)", [2.0], [0.0]),
    ("|x|", [0.0], [0.0]),
    ("hypot(x, y)", [0.0, 0.0], [0.0, 0.0]),
    ("sqrt(x)*cbrt(x)", [0.0], [NAN]),  # an infinite slope: 0 * inf is not 0
    ("x^y", [0.0, 0.0], [0.0, NAN]),
    ("log(x)", [-1.0], [NAN]),
    ("log(x)*y", [-1.0, 2.0], [NAN, NAN]),
    ("1/x", [0.0], [-INF]),
    ("exp(x)", [1000.0], [INF]),
    ("x/x", [0.0], [NAN]),
    # the branch that is not taken contributes exactly 0, whatever its slope
    ("where(x > 0, sqrt(x), 0)", [0.0], [0.0]),
    ("where(x > 0, sqrt(x), 0)", [-1.0], [0.0]),
    ("where(x > 0, log(x), 0)", [0.0], [0.0]),
    ("where(x > 0, log(x), 0)", [-1.0], [0.0]),
    ("where(x != 0, sin(x)/x, 1)", [0.0], [0.0]),
    ("where(x > 0, sqrt(x), y)", [-1.0, 2.0], [0.0, 1.0]),
    ("where(x > 0, exp(y), y)*y", [-1.0, 1000.0], [0.0, 2000.0]),
    ("where(x > 0, where(x > 1, log(x - 1), sqrt(x)), x)", [0.5], [0.5 / math.sqrt(0.5)]),
    ("max(sqrt(x), 2)", [0.0], [0.0]),
    ("min(1/x, 5)", [0.0], [0.0]),
    ("relu(sqrt(x) - 1)", [0.0], [0.0]),
    ("clip(log(x), -1, 1)", [0.0], [0.0]),
    # nothing comes out of a branch that is not taken either, however steep what follows is
    ("sqrt(relu(x))", [-1.0], [0.0]),
    ("log2(relu(x))*y", [-2.0, 3.0], [0.0, -INF]),
    ("acosh(hard_tanh(x))", [6.9], [0.0]),
    ("sqrt(relu(x)) + sqrt(relu(y))", [-1.0, 4.0], [0.0, 0.25]),
    ("sqrt(relu(x) + relu(y))", [-1.0, -4.0], [0.0, 0.0]),
    ("sqrt(where(x > 0, x, 0))*y", [-1.0, 3.0], [0.0, 0.0]),
    ("log(max(relu(x), relu(y)))", [-1.0, 2.0], [0.0, 0.5]),
    # alive along one path and not along another
    ("s = sqrt(x); where(x > 1, s, 0) + s", [0.0], [INF]),
    ("s = 1/x; where(y > 0, s, 0) + where(y < 0, s, 0)", [0.0, 0.0], [0.0, 0.0]),
    # a cotangent that is 0 by value is no reason to stop: 0 times an infinite slope is nan
    ("0*sqrt(x)", [0.0], [NAN]),
]


@for_each(("text", "point", "expected"), GRADIENTS)
def test_both_sweeps_give_the_gradient_of(text: str, point: list[float], expected: list[float]) -> None:
    reverse, forward = both_sweeps(text, point)
    assert all(map(lambda a, b: equal(a, b, 4e-16), reverse, expected)), reverse
    assert all(map(lambda a, b: equal(a, b, 4e-16), forward, expected)), forward
    names = parse(text).variables
    swept = parse(text).gradient(**dict(zip(names, point, strict=True)))
    assert all(map(lambda a, b: equal(a, b, 4e-16), swept.values(), expected)), swept


SMOOTH = ["add", "sub", "mul", "div", "sin", "cos", "exp", "tanh", "atan", "sigmoid", "softplus", "hypot", "square"]


@st.composite
def smooth_functions(draw: st.DrawFn) -> tuple[Node, list[Node]]:
    graph = Graph()
    variables = [graph.variable(name) for name in "xyz"]
    nodes = [*variables, graph.constant(draw(st.sampled_from([0.5, 2.0, -3.0])))]
    for _ in range(draw(st.integers(1, 8))):
        primitive = REGISTRY[draw(st.sampled_from(SMOOTH))]
        nodes.append(graph.add(primitive, [draw(st.sampled_from(nodes)) for _ in range(primitive.arity)]))
    return nodes[-1], variables


POINTS = st.lists(st.floats(0.3, 2.0), min_size=3, max_size=3)


@settings(max_examples=150, deadline=None)
@given(smooth_functions(), POINTS, POINTS)
def test_reverse_and_forward_are_transposes(
    function: tuple[Node, list[Node]], point: list[float], direction: list[float]
) -> None:
    root, variables = function
    forward = differentiate.jvp(root, dict(zip(variables, direction, strict=True)))
    partials = differentiate.vjp(root, 1.0, variables)
    along, *gradient = run([forward, *partials], variables, point)
    if not math.isfinite(along):
        return
    # Terms that cancel leave a rounding error of their own size.
    sizes = contribution_sizes(Tape([root], variables), point)
    size = sum(abs(one * step) for one, step in zip(sizes, direction, strict=True))
    assert along == pytest.approx(math.fsum(map(lambda a, b: a * b, gradient, direction)), abs=1e-9 * size + 1e-300)


@settings(max_examples=60, deadline=None)
@given(smooth_functions(), POINTS)
def test_the_hessian_is_symmetric(function: tuple[Node, list[Node]], point: list[float]) -> None:
    root, variables = function
    first = differentiate.vjp(root, 1.0, variables)
    rows = [[differentiate.jvp(partial, {variable: 1.0}) for variable in variables] for partial in first]
    values = iter(run([one for row in rows for one in row], variables, point))
    matrix = [[next(values) for _ in variables] for _ in variables]
    scale = max((abs(one) for row in matrix for one in row if math.isfinite(one)), default=0.0)
    for i, j in itertools.combinations(range(3), 2):
        if math.isfinite(matrix[i][j]) and math.isfinite(matrix[j][i]):
            assert matrix[i][j] == pytest.approx(matrix[j][i], rel=1e-9, abs=1e-9 * scale)


def test_the_cotangent_multiplies_the_derivative() -> None:
    expression = parse("x^2*y")
    x, y = variables_of(expression)
    weighted = differentiate.vjp(expression.root, y, [x])
    assert run(weighted, [x, y], [3.0, 5.0]) == [150.0]
    assert run(differentiate.vjp(expression.root, 2.0, [x, y]), [x, y], [3.0, 5.0]) == [60.0, 18.0]


def test_a_direction_moves_only_its_own_variables() -> None:
    expression = parse("x*y")
    x, y = variables_of(expression)
    assert run([differentiate.jvp(expression.root, {x: 1.0, y: 10.0})], [x, y], [2.0, 3.0]) == [23.0]
    assert run([differentiate.jvp(expression.root, {y: 1.0})], [x, y], [2.0, 3.0]) == [2.0]
    assert differentiate.jvp(expression.root, {}).constant == 0.0


def test_a_derivative_toward_something_absent_is_zero() -> None:
    expression = parse("sin(x)")
    absent = expression.graph.variable("absent")
    assert differentiate.derivative(expression.root, absent, guarded=False).constant == 0.0
    (partial,) = differentiate.vjp(expression.root, 1.0, [absent])
    assert partial.constant == 0.0


def test_partials_are_formed_only_toward_what_depends_on_a_target() -> None:
    expression = parse("x^2 + x^k")
    slope = differentiate.derivative(expression.root, expression.graph.variable("x"), guarded=False)
    names = {node.primitive.name for node in expression.graph.nodes if node.primitive is not None}
    assert "log" not in names
    assert run([slope], variables_of(expression), [-3.0, 2.0]) == [-12.0]


def test_a_static_operand_is_never_differentiated() -> None:
    expression = parse("polygamma(1, x)")
    (slope,) = differentiate.gradient(expression.root, variables_of(expression))
    found = run([slope], variables_of(expression), [2.0])[0]
    assert found == pytest.approx(-0.40411380631918857, rel=1e-12)  # polygamma(2, 2) = 2 - 2 zeta(3)


def hermite(n: int, x: float) -> float:
    before, now = 0.0, 1.0
    for k in range(n):
        before, now = now, 2.0 * x * now - 2.0 * k * before
    return now


@for_each("order", range(9))
@for_each("at", [0.0, 0.5, -1.25])
def test_derivatives_of_the_bell_curve_are_hermite_polynomials(order: int, at: float) -> None:
    found = parse("exp(-x^2)").derivative("x", order)(x=at)
    exact = (-1) ** order * hermite(order, at) * math.exp(-at * at)
    assert found == pytest.approx(exact, rel=1e-12, abs=1e-12)


CLOSED_FORMS: list[tuple[str, int, Callable[[float], float]]] = [
    ("sin(x)", 2, lambda x: -math.sin(x)),
    ("sin(x)", 4, math.sin),
    ("exp(2x)", 3, lambda x: 8 * math.exp(2 * x)),
    ("log(x)", 2, lambda x: -1 / x**2),
    ("log(x)", 4, lambda x: -6 / x**4),
    ("1/x", 3, lambda x: -6 / x**4),
    ("x^5", 2, lambda x: 20 * x**3),
    ("x^5", 5, lambda x: 120.0),
    ("x^5", 6, lambda x: 0.0),
    ("sqrt(x)", 2, lambda x: -0.25 * x**-1.5),
    ("tan(x)", 2, lambda x: 2 * math.tan(x) / math.cos(x) ** 2),
    ("atan(x)", 2, lambda x: -2 * x / (1 + x * x) ** 2),
    ("tanh(x)", 2, lambda x: -2 * math.tanh(x) / math.cosh(x) ** 2),
    ("x*log(x)", 2, lambda x: 1 / x),
    ("x^x", 1, lambda x: x**x * (1 + math.log(x))),
    ("x^x", 2, lambda x: x**x * ((1 + math.log(x)) ** 2 + 1 / x)),
    ("2^x", 3, lambda x: 2**x * math.log(2) ** 3),
    ("where(x > 0, x^3, -x^3)", 2, lambda x: 6 * x),
    ("|x|^3", 2, lambda x: 6 * x),
    ("sin(x)*cos(x)", 2, lambda x: -2 * math.sin(2 * x)),
    ("sinh(x)", 7, math.cosh),
]


@for_each(("text", "order", "exact"), CLOSED_FORMS)
@for_each("at", [0.7, 1.9])
def test_higher_orders_match_the_closed_form(text: str, order: int, exact: Callable[[float], float], at: float) -> None:
    expression = parse(text)
    assert expression.derivative("x", order)(x=at) == pytest.approx(exact(at), rel=1e-12, abs=1e-14)
    repeated = expression
    for _ in range(order):
        repeated = repeated.derivative("x")
    assert repeated(x=at) == pytest.approx(exact(at), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("|x|", 0.0, 0.0),
        ("sqrt(x)", 0.0, INF),
        ("max(x, 0)", 0.0, 0.5),
        ("hypot(x, 0)", 0.0, 0.0),
        ("log(x)", -1.0, NAN),
        ("log(x)", -0.0, INF),
    ],
)
def test_an_edge_point_gets_its_declared_derivative_only_when_guarded(text: str, at: float, expected: float) -> None:
    expression = parse(text)
    x = expression.graph.variable("x")
    guarded = differentiate.derivative(expression.root, x)
    assert equal(run([guarded], [x], [at])[0], expected)
    bare = differentiate.derivative(expression.root, x, guarded=False)
    names = {node.primitive.name for node in _reachable(bare) if node.primitive is not None}
    assert "guard" not in names


def _reachable(root: Node) -> list[Node]:
    from gradcli.graph import toposort

    return toposort([root])


def test_the_number_at_an_edge_says_nothing_about_the_next_derivative() -> None:
    slope = parse("|x|*|x|")
    assert slope.derivative("x", 2)(x=3.0) == 2.0
    assert slope.derivative("x", 2)(x=-3.0) == 2.0


def test_no_value_no_derivative_of_any_order() -> None:
    expression = parse("log(x)^2")
    assert all(math.isnan(expression.derivative("x", order)(x=-1.0)) for order in (1, 2, 3))


def test_a_negative_order_is_refused() -> None:
    expression = parse("x")
    with pytest.raises(ValueError, match="natural number"):
        differentiate.derivative(expression.root, expression.root, -1)


@pytest.mark.parametrize(
    "text", ["sqrt(relu(x))", "log(relu(x))", "cbrt(clip(x, 0, 1))*exp(x)", "acosh(hard_tanh(-x))"]
)
def test_behind_a_branch_that_is_not_taken_every_derivative_is_zero(text: str) -> None:
    assert derivatives(parse(text), {"x": -1.5}, 4)["x"] == [0.0] * 4


def test_the_zeroth_derivative_is_the_function_itself() -> None:
    expression = parse("sin(x)")
    assert differentiate.derivative(expression.root, expression.graph.variable("x"), 0) is expression.root


@pytest.mark.parametrize(("text", "saves"), [("tanh(x)", "sech"), ("sigmoid(x)", "sech"), ("expm1(x)", "exp")])
def test_the_fast_forms_save_a_function_and_are_right_to_1e_15(text: str, saves: str) -> None:
    root = parse(text).root
    x = root.graph.variable("x")
    plain, fast = differentiate.jvp(root, {x: 1.0}), differentiate.jvp(root, {x: 1.0}, fast=True)
    [reverse] = differentiate.vjp(root, 1.0, [x], fast=True)
    names = [{node.primitive.name for node in toposort([one]) if node.primitive} for one in (plain, fast)]
    assert saves in names[0]
    assert saves not in names[1]
    for at in (-3.0, -0.5, 0.0, 0.7, 4.0):
        exact, *found = run([plain, fast, reverse], [x], [at])
        assert found == pytest.approx([exact] * 2, abs=1e-14 * max(1.0, abs(exact)))


FAR_AND_WIDE = [
    0.0,
    -0.0,
    INF,
    -INF,
    NAN,
    *[sign * 10.0**k for sign in (-1, 1) for k in (-300, -8, -1, 0, 1, 3, 17, 300)],
]
FAR_AND_WIDE += [0.3, 0.7, 1.5, 2.5, 3.0, -0.3, -0.7, -1.5, -2.5, -3.0, math.pi, math.nextafter(1.0, 2.0), 1.0 - 2**-53]


@for_each("primitive", [one for one in REGISTRY.values() if one.arity <= 2], ids=lambda one: one.name)
def test_a_partial_that_is_left_unguarded_is_nan_wherever_its_function_is(primitive: Primitive) -> None:
    claimed = undefined_partials(primitive, primitive.arity)
    graph = Graph()
    operands = [graph.fresh_variable(name) for name in primitive.operands]
    root = graph.add(primitive, operands)
    found = [differentiate.vjp(root, 1.0, [operand])[0] for operand in operands]
    for point in itertools.product(FAR_AND_WIDE, repeat=primitive.arity):
        if primitive.value(*point) == primitive.value(*point):
            continue
        partials = run(found, operands, list(point))
        assert all(math.isnan(partials[i]) for i in claimed), point


def test_most_functions_leave_partials_unguarded() -> None:
    claims = {name for name, one in REGISTRY.items() if one.arity <= 2 and undefined_partials(one, one.arity)}
    assert {"sin", "exp", "tanh", "sqrt", "asin", "gamma", "pow", "hypot", "div", "erf"} <= claims
    assert not {"add", "mul", "log", "unsigned", "relu", "max", "floor"} & claims


@pytest.mark.parametrize(
    ("text", "masks"),  # the choices of the expression itself among them
    [("where(x > 0, exp(sin(sqrt(x))), 0)", 2), ("where(x > 0, sin(exp(x*y)), cos(x)*y)", 5), ("relu(x*y)*z", 2)],
)
def test_a_cotangent_is_masked_once_and_not_in_every_operation(text: str, masks: int) -> None:
    expression = parse(text)
    tape = Tape(differentiate.gradient(expression.root, variables_of(expression)))
    assert sum(one.primitive.name == "where" for one in tape.instructions) == masks
