"""The rules of the registry: the three ways to a derivative agree, peers agree, and the checkers catch wrong rules."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from mpmath import mp

from gradcli import parse
from gradcli.evaluate.point import gradient, jvp
from gradcli.execute.float_rules import float_rule
from gradcli.execute.tape import Tape
from gradcli.graph import differentiate
from gradcli.primitives import REGISTRY, Primitive
from gradcli.primitives import functions as f
from gradcli.printing.text import to_text
from tests.support.checking import (
    applied,
    draws,
    is_smooth_target,
    ladder,
    measurements,
    sweep_measurements,
)
from tests.support.loops import for_each
from tests.support.oracle import Jet, Undefined, oracle_of

PUBLIC = REGISTRY.public()
INTERNAL = [primitive for primitive in REGISTRY.values() if primitive.internal]
SMOOTH = [primitive for primitive in PUBLIC if is_smooth_target(primitive, primitive.arity - 1)]


def by_name(primitive: Primitive) -> str:
    return primitive.name


def call_text(primitive: Primitive, point: Sequence[float]) -> str:
    """The call with a variable for each operand, but a number for the static ones."""
    static = len(primitive.static)
    heads = [f"{number:g}" for number in point[:static]]
    return f"{primitive.name}({', '.join([*heads, *primitive.operands[static:]])})"


def close(got: float, wanted: float, *, relative: float, absolute: float = 0.0) -> bool:
    return math.isclose(got, wanted, rel_tol=relative, abs_tol=absolute)


# Forward, reverse, symbolic


@for_each("primitive", PUBLIC, ids=by_name)
def test_forward_reverse_and_the_graph_of_the_derivative_agree(primitive: Primitive) -> None:
    static = len(primitive.static)
    for point in draws(primitive, 6):
        expression = parse(call_text(primitive, point))
        at = dict(zip(primitive.operands[static:], point[static:], strict=True))
        reverse = gradient(expression, at).gradient
        nodes = {node.name: node for node in Tape([expression.root]).variables}
        variables = [nodes[name] for name in at]
        symbolic = differentiate.gradient(expression.root, variables)
        tape = Tape(symbolic, variables)
        slots = tape.run(list(at.values()))
        for name, slot in zip(at, tape.outputs, strict=True):
            forward = jvp(expression, at, {name: 1.0})
            assert forward == reverse[name]
            assert close(slots[slot], reverse[name], relative=4e-16)


@for_each("primitive", SMOOTH, ids=by_name)
def test_the_printed_derivative_is_an_expression_with_the_same_value(primitive: Primitive) -> None:
    static = len(primitive.static)
    for point in draws(primitive, 3):
        expression = parse(call_text(primitive, point))
        at = dict(zip(primitive.operands[static:], point[static:], strict=True))
        nodes = {node.name: node for node in Tape([expression.root]).variables}
        exact = gradient(expression, at).gradient
        for name in at:
            (formula,) = differentiate.gradient(expression.root, [nodes[name]], guarded=False)
            printed = parse(to_text(formula))
            tape = Tape([printed.root], Tape([printed.root]).variables)
            got = tape.run([at[str(node.name)] for node in tape.variables])[tape.outputs[0]]
            # The formula for readers may lose digits that the internal primitives keep.
            assert close(got, exact[name], relative=1e-9, absolute=1e-12), to_text(formula)


def test_a_constant_exponent_is_differentiated_as_by_hand() -> None:
    for text, wanted in (("x^2", "2*x"), ("x^0.5", "0.5*x^-0.5"), ("x^pi", "pi*x^(pi - 1)"), ("x^-1", "-x^-2")):
        expression = parse(text)
        (slope,) = differentiate.gradient(expression.root, Tape([expression.root]).variables, guarded=False)
        assert to_text(slope) == wanted


@for_each("primitive", [one for one in INTERNAL if one.expands], ids=by_name)
def test_the_readers_form_of_an_internal_primitive_is_the_same_function(primitive: Primitive) -> None:
    assert primitive.expands is not None
    root, variables = applied(primitive)
    static = len(primitive.static)
    for point in draws(primitive, 6):
        heads = [root.graph.constant(number) for number in point[:static]]
        readable = root.graph.lift(primitive.expands(*heads, *variables[static:]))
        tape = Tape([readable], variables[static:])
        got = tape.run(point[static:])[tape.outputs[0]]
        assert close(got, primitive.value(*point), relative=1e-9, absolute=1e-12), point


@pytest.mark.parametrize("primitive", [one for one in SMOOTH if one.arity - len(one.static) > 1], ids=by_name)
def test_mixed_derivatives_agree_with_mpmath_along_a_diagonal(primitive: Primitive) -> None:
    root, variables = applied(primitive)
    current = root
    orders = [root]
    moving = [variable for i, variable in enumerate(variables) if is_smooth_target(primitive, i)]
    for _ in range(3):
        current = differentiate.jvp(current, dict.fromkeys(moving, 1.0))
        orders.append(current)
    tape = Tape(orders, variables)
    for point in draws(primitive, 6):
        with mp.workdps(60):
            jets = [Jet([x, 1 if is_smooth_target(primitive, i) else 0]) for i, x in enumerate(point)]
            try:
                exact = [float(c * math.factorial(k)) for k, c in enumerate(oracle_of(primitive)(*jets).c)]
            except Undefined:
                continue
        slots = tape.run(point)
        sizes = [abs(x) for i, x in enumerate(point) if is_smooth_target(primitive, i)]
        for n, slot in enumerate(tape.outputs):
            # A sum over the operands may cancel, so the unit is what the neighbouring orders allow.
            slack = 1e-13 * (abs(exact[n]) + max(sizes) * abs(exact[n + 1]) + abs(exact[0]) / min(sizes) ** n)
            assert abs(slots[slot] - exact[n]) <= slack, (n, point)


# Peers


#: What PyTorch calls a primitive, given its module.
TORCH: dict[str, Callable[[Any], Callable[..., Any]]] = {
    "add": lambda torch: torch.add,
    "sub": lambda torch: torch.sub,
    "mul": lambda torch: torch.mul,
    "div": lambda torch: torch.div,
    "neg": lambda torch: torch.neg,
    "pow": lambda torch: torch.pow,
    "mod": lambda torch: torch.remainder,
    "square": lambda torch: torch.square,
    "sqrt": lambda torch: torch.sqrt,
    "hypot": lambda torch: torch.hypot,
    "abs": lambda torch: torch.abs,
    "sign": lambda torch: torch.sign,
    "floor": lambda torch: torch.floor,
    "ceil": lambda torch: torch.ceil,
    "round": lambda torch: torch.round,
    "step": lambda torch: lambda x: torch.heaviside(x.detach(), torch.tensor(0.5, dtype=torch.float64)) + 0.0 * x,
    "max": lambda torch: torch.maximum,
    "min": lambda torch: torch.minimum,
    "clip": lambda torch: torch.clamp,
    "where": lambda torch: lambda c, x, y: torch.where(c != 0.0, x, y) + 0.0 * c,
    "exp": lambda torch: torch.exp,
    "exp2": lambda torch: torch.exp2,
    "expm1": lambda torch: torch.expm1,
    "log": lambda torch: torch.log,
    "log2": lambda torch: torch.log2,
    "log10": lambda torch: torch.log10,
    "log1p": lambda torch: torch.log1p,
    "logaddexp": lambda torch: torch.logaddexp,
    "xlogy": lambda torch: torch.xlogy,
    "sinc": lambda torch: torch.sinc,
    "sin": lambda torch: torch.sin,
    "cos": lambda torch: torch.cos,
    "tan": lambda torch: torch.tan,
    "asin": lambda torch: torch.asin,
    "acos": lambda torch: torch.acos,
    "atan": lambda torch: torch.atan,
    "atan2": lambda torch: torch.atan2,
    "sinh": lambda torch: torch.sinh,
    "cosh": lambda torch: torch.cosh,
    "tanh": lambda torch: torch.tanh,
    "asinh": lambda torch: torch.asinh,
    "acosh": lambda torch: torch.acosh,
    "atanh": lambda torch: torch.atanh,
    "erf": lambda torch: torch.erf,
    "erfc": lambda torch: torch.erfc,
    "lgamma": lambda torch: torch.lgamma,
    "digamma": lambda torch: torch.digamma,
    "polygamma": lambda torch: lambda n, x: torch.polygamma(int(n[0]), x) + 0.0 * n,
    "relu": lambda torch: torch.relu,
    "leaky_relu": lambda torch: torch.nn.functional.leaky_relu,
    "elu": lambda torch: torch.nn.functional.elu,
    "selu": lambda torch: torch.nn.functional.selu,
    "sigmoid": lambda torch: torch.sigmoid,
    # Above its threshold it is x itself; the default of 20 is off by 2e-9.
    "softplus": lambda torch: lambda x: torch.nn.functional.softplus(x, threshold=1000.0),
    "softsign": lambda torch: torch.nn.functional.softsign,
    "silu": lambda torch: torch.nn.functional.silu,
    "gelu": lambda torch: torch.nn.functional.gelu,
    "gelu_tanh": lambda torch: lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
    "mish": lambda torch: torch.nn.functional.mish,
    "hard_tanh": lambda torch: torch.nn.functional.hardtanh,
}

#: The same of JAX.
JAX: dict[str, Callable[[Any], Callable[..., Any]]] = {
    "cbrt": lambda jax: jax.numpy.cbrt,
    "sec": lambda jax: lambda x: 1.0 / jax.numpy.cos(x),
    "csc": lambda jax: lambda x: 1.0 / jax.numpy.sin(x),
    "cot": lambda jax: lambda x: 1.0 / jax.numpy.tan(x),
    "sech": lambda jax: lambda x: 1.0 / jax.numpy.cosh(x),
    "csch": lambda jax: lambda x: 1.0 / jax.numpy.sinh(x),
    "coth": lambda jax: lambda x: 1.0 / jax.numpy.tanh(x),
    "pow": lambda jax: jax.numpy.power,
    "mod": lambda jax: jax.numpy.mod,
    "hypot": lambda jax: jax.numpy.hypot,
    "logaddexp": lambda jax: jax.numpy.logaddexp,
    "xlogy": lambda jax: jax.scipy.special.xlogy,
    "atan2": lambda jax: jax.numpy.arctan2,
    "sinc": lambda jax: jax.numpy.sinc,
    "acosh": lambda jax: jax.numpy.arccosh,
    "gamma": lambda jax: jax.scipy.special.gamma,
    "lgamma": lambda jax: jax.scipy.special.gammaln,
    "digamma": lambda jax: jax.scipy.special.digamma,
    "erfc": lambda jax: jax.scipy.special.erfc,
    "tanh": lambda jax: jax.numpy.tanh,
    "sigmoid": lambda jax: jax.nn.sigmoid,
    "softplus": lambda jax: jax.nn.softplus,
    "silu": lambda jax: jax.nn.silu,
    "mish": lambda jax: jax.nn.mish,
    "gelu": lambda jax: lambda x: jax.nn.gelu(x, approximate=False),
    "gelu_tanh": lambda jax: lambda x: jax.nn.gelu(x, approximate=True),
    "selu": lambda jax: jax.nn.selu,
    "softsign": lambda jax: jax.nn.soft_sign,
}


def agrees(got: float, peer: float, *, relative: float) -> bool:
    """Equality but for the digits that peers lose by 1 - y^2 and the like, which are below 1e-14 in absolute terms."""
    return close(got, peer, relative=relative, absolute=1e-14)


def compare_with_peer(
    primitive: Primitive,
    points: Sequence[tuple[float, ...]],
    values: Sequence[float],
    slopes: Sequence[Sequence[float]],
    relative: float,
) -> str | None:
    """The first disagreement with a peer's values and slopes (by operand, then point), if there is one."""
    rule = float_rule(primitive, primitive.arity)
    for k, point in enumerate(points):
        value = primitive.value(*point)
        if not agrees(value, values[k], relative=relative):
            return f"value at {point}: {value!r}, the peer has {values[k]!r}"
        for i, partial in enumerate(rule.partials(point, value)):
            got = 0.0 if partial is None else partial
            if is_smooth_target(primitive, i) and not agrees(got, slopes[i][k], relative=relative):
                return f"toward operand {i} at {point}: {got!r}, the peer has {slopes[i][k]!r}"
    return None


def torch_results(
    function: Callable[..., Any], points: Sequence[tuple[float, ...]]
) -> tuple[list[float], list[list[float]]]:
    torch = pytest.importorskip("torch")
    columns = [torch.tensor(column, dtype=torch.float64, requires_grad=True) for column in zip(*points, strict=True)]
    result = function(*columns)
    result.sum().backward()
    return result.tolist(), [column.grad.tolist() for column in columns]


def peer_points(primitive: Primitive) -> list[tuple[float, ...]]:
    """Random points of the domain; of a static operand only its first number, since peers want it once."""
    points = draws(primitive, 12)
    static = len(primitive.static)
    return [point for point in points if point[:static] == points[0][:static]]


@for_each("name", TORCH)
def test_values_and_gradients_agree_with_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    primitive = REGISTRY[name]
    points = peer_points(primitive)
    values, slopes = torch_results(TORCH[name](torch), points)
    # PyTorch's polygamma is good to nine digits.
    relative = 1e-9 if name == "polygamma" else 1e-11
    assert compare_with_peer(primitive, points, values, slopes, relative) is None


@for_each("name", JAX)
def test_values_and_gradients_agree_with_jax(name: str) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    primitive = REGISTRY[name]
    points = peer_points(primitive)
    columns = [jax.numpy.array(column) for column in zip(*points, strict=True)]
    result, pullback = jax.vjp(JAX[name](jax), *columns)
    slopes = [slope.tolist() for slope in pullback(jax.numpy.ones_like(result))]
    # XLA's special functions are good to about ten digits.
    assert compare_with_peer(primitive, points, result.tolist(), slopes, 1e-10) is None


# Locally constant functions and activity


@pytest.mark.parametrize("primitive", [one for one in PUBLIC if one.is_locally_constant], ids=by_name)
def test_a_locally_constant_function_has_the_derivative_zero_and_stops_every_other(primitive: Primitive) -> None:
    root, variables = applied(primitive)
    for variable in variables:
        slope = differentiate.derivative(root, variable, guarded=False)
        assert slope.constant == 0.0
    # Not even an infinite slope in front of it gets through.
    arguments = ", ".join(["sqrt(x)"] * primitive.arity)
    assert gradient(parse(f"{primitive.name}({arguments})"), {"x": 0.0}).gradient == {"x": 0.0}


@pytest.mark.parametrize("primitive", [one for one in PUBLIC if one.active], ids=by_name)
def test_an_operand_is_selected_exactly_where_the_value_follows_it(primitive: Primitive) -> None:
    rule = float_rule(primitive, primitive.arity)
    selected, left_out = 0, 0
    for point in draws(primitive, 12):
        value = primitive.value(*point)
        for i, partial in enumerate(rule.partials(point, value)):
            if not is_smooth_target(primitive, i):
                assert partial is None
                continue
            moved = [x + 1e-7 * (k == i) for k, x in enumerate(point)]
            follows = primitive.value(*moved) != value
            assert follows == (partial is not None), (i, point)
            selected, left_out = selected + follows, left_out + (not follows)
    assert selected
    assert left_out


def test_the_branch_that_is_not_taken_contributes_nothing_in_any_order() -> None:
    expression = parse("where(x > 0, x^0.5, -x)")
    (x,) = Tape([expression.root]).variables
    for order, wanted in ((1, -1.0), (2, 0.0), (3, 0.0)):
        tape = Tape([differentiate.derivative(expression.root, x, order)], [x])
        assert tape.run([-2.0])[tape.outputs[0]] == wanted
        assert tape.run([0.0])[tape.outputs[0]] == wanted


# The checkers themselves


def altered(primitive: Primitive, **changes: object) -> Primitive:
    """The same primitive with some fields replaced, outside the registry."""
    result = copy.copy(primitive)
    for name, content in changes.items():
        setattr(result, name, content)
    return result


def fails(primitive: Primitive, points: Sequence[tuple[float, ...]]) -> bool:
    return any(one.ratio > 1.0 for one in measurements(primitive, points))


def fails_in_a_sweep(primitive: Primitive, points: Sequence[tuple[float, ...]]) -> bool:
    return any(one.ratio > 1.0 for one in sweep_measurements(primitive, points))


@pytest.mark.parametrize("name", ["tanh", "exp", "div", "gamma", "erf", "sqrt", "atan2", "softplus"])
def test_a_rule_that_is_wrong_by_a_thousandth_is_caught(name: str) -> None:
    right = REGISTRY[name]
    wrong = altered(right, partials=lambda *args: tuple(1.001 * partial for partial in right.partials(*args)))
    points = draws(right, 4)
    assert not fails(right, points)
    assert not fails_in_a_sweep(right, points)
    assert fails(wrong, points)
    assert fails_in_a_sweep(wrong, points)


#: Rules as one finds them in books, which are right in the middle and lose their digits in a tail or at a scale.
NAIVE_RULES: dict[str, Callable[..., tuple[object, ...]]] = {
    "tanh": lambda x, y: (1.0 - y * y,),
    "sigmoid": lambda x, y: (y * (1.0 - y),),
    "expm1": lambda x, y: (y + 1.0,),
    "div": lambda x, y, z: (1.0 / y, -(x / (y * y))),
    "hypot": lambda x, y, z: (x / f.sqrt(x * x + y * y), y / f.sqrt(x * x + y * y)),
    "atan": lambda x, y: (1.0 / (1.0 + x * x),),
    "atan2": lambda y, x, z: (x / (x * x + y * y), -y / (x * x + y * y)),
    "acosh": lambda x, y: (1.0 / f.sqrt(x * x - 1.0),),
    "asinh": lambda x, y: (1.0 / f.sqrt(1.0 + x * x),),
    "log10": lambda x, y: (1.0 / (1e300 * x * 1e-300 * math.log(10.0)),),
    "logaddexp": lambda x, y, z: (f.exp(x - z), f.exp(y - z)),
    "sinc": lambda x, y: ((f.cos(math.pi * x) - y) / x,),
    "silu": lambda x, y: (f.sigmoid(x) * (1.0 + x * f.sigmoid(-x)),),
    "pow": lambda x, y, z: (y * x ** (y - 1.0), z * f.log(x)),
    "gelu_tanh": lambda x, y: (f.sigmoid(1.6 * x) + x * f.square(f.sech(x)),),
}


@pytest.mark.parametrize("name", NAIVE_RULES)
def test_a_rule_that_is_wrong_only_in_a_tail_is_caught(name: str) -> None:
    assert fails(altered(REGISTRY[name], partials=NAIVE_RULES[name]), [*draws(REGISTRY[name]), *ladder(REGISTRY[name])])


def test_a_value_that_is_wrong_in_the_last_digits_is_caught() -> None:
    right = REGISTRY["exp"]
    wrong = altered(right, value=lambda x: right.value(x) * (1.0 + 1e-12))
    assert fails(wrong, draws(right, 4))


def test_a_kernel_that_underflows_too_early_is_caught() -> None:
    right = REGISTRY["sech"]
    wrong = altered(right, value=lambda x: 1.0 / f.cosh(x))
    assert fails(wrong, ladder(right))


def test_the_comparison_with_peers_catches_a_wrong_rule() -> None:
    torch = pytest.importorskip("torch")
    right = REGISTRY["tanh"]
    points = draws(right, 4)
    values, slopes = torch_results(torch.tanh, points)
    assert compare_with_peer(right, points, values, slopes, 1e-11) is None
    wrong = altered(right, partials=lambda x, y: (1.001 * f.square(f.sech(x)),))
    assert compare_with_peer(wrong, points, values, slopes, 1e-11)
    wrong = altered(right, value=lambda x: 1.001 * math.tanh(x))
    assert compare_with_peer(wrong, points, values, slopes, 1e-11)


# Completeness


@for_each("primitive", PUBLIC, ids=by_name)
def test_every_public_primitive_is_complete(primitive: Primitive) -> None:
    assert primitive.about.endswith(".")
    assert primitive.group
    assert primitive.domain
    assert primitive.samples
    assert all(len(box) == primitive.arity for box in primitive.samples)
    assert primitive.example
    assert callable(oracle_of(primitive))
    for field in primitive.static:
        assert field in primitive.operands
    if primitive.latex is not None:
        primitive.latex.format(**dict.fromkeys(primitive.operands, "x"))


@for_each("primitive", PUBLIC, ids=by_name)
def test_every_example_gives_what_its_comment_says(primitive: Primitive) -> None:
    assert primitive.example is not None
    text, _, wanted = primitive.example.partition("  # ")
    expression = parse(text)
    tape = Tape([expression.root])
    # The mathematical functions of another C library may differ in the last digit.
    assert math.isclose(tape.run([])[tape.outputs[0]], float(wanted), rel_tol=4e-16)
    assert repr(float(wanted)) == wanted
    assert any(node.primitive is primitive for node in tape.nodes), "the example does not use the function"


@for_each("primitive", REGISTRY.values(), ids=by_name)
def test_every_sample_has_a_finite_value(primitive: Primitive) -> None:
    for point in draws(primitive, 24):
        assert math.isfinite(primitive.value(*point)), point


@for_each("primitive", REGISTRY.values(), ids=by_name)
def test_every_edge_is_complete(primitive: Primitive) -> None:
    for edge in primitive.edges:
        assert edge.kind in {"kink", "jump", "pole", "end", "slope", "limit", "branch cut"}
        assert edge.at
        assert edge.about
        assert not edge.about.endswith(".")
        assert set(edge.toward) <= set(primitive.operands)
        operands = [1.0] * primitive.arity
        if edge.partials is not None:
            assert len(edge.partials(*operands, primitive.value(*operands))) == primitive.arity


@for_each("primitive", PUBLIC, ids=by_name)
def test_a_domain_is_stated_exactly_where_values_are_missing(primitive: Primitive) -> None:
    numbers = (0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0)
    points = (
        [(x,) for x in numbers]
        if primitive.arity == 1
        else [(x, y, 1.0)[: primitive.arity] for x in numbers for y in numbers]
    )
    missing = [point for point in points if not math.isfinite(primitive.value(*point))]
    assert bool(missing) == (primitive.domain != "all reals"), missing


@for_each("primitive", REGISTRY.values(), ids=by_name)
def test_a_rule_gives_one_partial_and_one_condition_for_each_operand(primitive: Primitive) -> None:
    root, variables = applied(primitive)
    assert len(primitive.partials(*variables, root)) == primitive.arity
    if primitive.active is not None:
        assert len(primitive.active(*variables, root)) == primitive.arity
    if primitive.fast_partials is not None:
        assert len(primitive.fast_partials(*variables, root)) == primitive.arity


@pytest.mark.parametrize("primitive", [one for one in PUBLIC if one.fast_partials], ids=by_name)
def test_the_fast_form_of_a_rule_is_right_to_1e15_absolute(primitive: Primitive) -> None:
    slow = float_rule(primitive, primitive.arity)
    fast = float_rule(altered(primitive, partials=primitive.fast_partials), primitive.arity)
    for point in draws(primitive, 24):
        value = primitive.value(*point)
        for one, other in zip(slow.partials(point, value), fast.partials(point, value), strict=True):
            assert one is not None
            assert other is not None
            assert abs(one - other) <= 1e-15 * max(1.0, abs(one))
