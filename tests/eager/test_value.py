"""`Value`: micrograd's interface, every primitive, and none of the known bugs."""

from __future__ import annotations

import copy
import gc
import math
import weakref
from collections.abc import Callable

import pytest

import gradcli
from gradcli import Scalar, Value, functions
from gradcli.eager.value import operation_order, weighted_sum
from gradcli.execute.float_rules import float_rule
from gradcli.primitives import REGISTRY
from tests.support.loops import for_each


def gradients(function: Callable[..., Value], *at: float) -> tuple[float, ...]:
    """The value and the gradient of a function of Values."""
    leaves = [Value(x) for x in at]
    root = function(*leaves)
    root.backward()
    return (root.data, *(leaf.grad for leaf in leaves))


OPERATORS: list[tuple[str, Callable[..., Value], tuple[float, ...], tuple[float, ...]]] = [
    ("x + y", lambda x, y: x + y, (2.0, 3.0), (5.0, 1.0, 1.0)),
    ("x - y", lambda x, y: x - y, (2.0, 3.0), (-1.0, 1.0, -1.0)),
    ("x * y", lambda x, y: x * y, (2.0, 3.0), (6.0, 3.0, 2.0)),
    ("x / y", lambda x, y: x / y, (3.0, 2.0), (1.5, 0.5, -0.75)),
    ("x ** y", lambda x, y: x**y, (2.0, 3.0), (8.0, 12.0, 5.545177444479562)),
    ("x ** y at (-2, -3)", lambda x, y: x**y, (-2.0, -3.0), (-0.125, -0.1875, math.nan)),
    ("x % y", lambda x, y: x % y, (7.0, 4.0), (3.0, 1.0, -1.0)),
    ("-x", lambda x: -x, (2.0,), (-2.0, -1.0)),
    ("+x", lambda x: +x, (2.0,), (2.0, 1.0)),
    ("abs(x)", abs, (-2.0,), (2.0, -1.0)),
    ("2 + x", lambda x: 2 + x, (3.0,), (5.0, 1.0)),
    ("2 - x", lambda x: 2 - x, (3.0,), (-1.0, -1.0)),
    ("2 * x", lambda x: 2 * x, (3.0,), (6.0, 2.0)),
    ("3 / x", lambda x: 3 / x, (2.0,), (1.5, -0.75)),
    ("2 ** x", lambda x: 2**x, (3.0,), (8.0, 8 * math.log(2))),
    ("7 % x", lambda x: 7 % x, (4.0,), (3.0, -1.0)),
    ("x ** 2", lambda x: x**2, (-3.0,), (9.0, -6.0)),
    ("x ** 0.5", lambda x: x**0.5, (4.0,), (2.0, 0.25)),
    ("x ** -1", lambda x: x**-1, (4.0,), (0.25, -0.0625)),
    ("sum", lambda x, y: sum([x, y, x]), (2.0, 3.0), (7.0, 2.0, 1.0)),
    ("x += ...", lambda x: (lambda y: y + y)(x + 1), (2.0,), (6.0, 2.0)),
    ("x.relu()", lambda x: x.relu(), (2.0,), (2.0, 1.0)),
    ("x.relu() below", lambda x: x.relu(), (-2.0,), (0.0, 0.0)),
    ("x.relu() at 0", lambda x: x.relu(), (0.0,), (0.0, 0.0)),
    ("x.tanh()", lambda x: x.tanh(), (0.5,), (math.tanh(0.5), 1 / math.cosh(0.5) ** 2)),
    ("x.exp()", lambda x: x.exp(), (0.5,), (math.exp(0.5), math.exp(0.5))),
    ("x.log()", lambda x: x.log(), (0.5,), (math.log(0.5), 2.0)),
    ("max(x, y, 1)", lambda x, y: functions.max(x, y, 1), (2.0, 2.0), (2.0, 0.5, 0.5)),
    ("where", lambda x, y: functions.where(x > 0, x.sqrt(), y), (-1.0, 2.0), (2.0, 0.0, 1.0)),
    ("where at a pole", lambda x: functions.where(x > 0, x.log(), 0.0), (0.0,), (0.0, 0.0)),
    ("a product of comparisons", lambda x: (x > 1) * x, (2.0,), (2.0, 1.0)),
]


@for_each(("name", "function", "at", "expected"), OPERATORS, ids=lambda one: one if isinstance(one, str) else "")
def test_an_operator_gives_value_and_gradient(
    name: str, function: Callable[..., Value], at: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    assert gradients(function, *at) == pytest.approx(expected, rel=1e-15, nan_ok=True)


POINTWISE = [primitive for primitive in REGISTRY.public() if primitive.samples]


@for_each("primitive", POINTWISE, ids=lambda primitive: primitive.name)
def test_every_primitive_is_a_function_and_a_method(primitive: gradcli.primitives.Primitive) -> None:
    box = primitive.samples[0]
    at = [low + 0.6180339887 * (high - low) for low, high in box]
    static = len(primitive.static)
    operands = [*at[:static], *(Value(x) for x in at[static:])]
    root = primitive(*operands)
    assert root.data == primitive.value(*at) or root.data != root.data
    root.backward()
    exact = float_rule(primitive, len(at)).partials(at, root.data)
    for operand, partial in list(zip(operands, exact, strict=True))[static:]:
        assert operand.grad == pytest.approx(0.0 if partial is None else partial, nan_ok=True)
    if not static:
        method = getattr(Value(at[0]), primitive.name)
        assert method(*at[1:]).data == pytest.approx(root.data, nan_ok=True)


def test_scalar_is_value_under_another_name() -> None:
    assert Scalar is Value


def test_the_repr_is_micrograds_own() -> None:
    x = Value(2.0)
    y = x * 3
    y.backward()
    assert (repr(x), repr(y)) == ("Value(data=2.0, grad=3.0)", "Value(data=6.0, grad=1.0)")
    assert repr(Value(2)) == "Value(data=2.0, grad=0.0)"


def test_an_operation_knows_its_operands_in_order_and_its_name() -> None:
    x, y = Value(2.0), Value(3.0)
    assert (x - y)._prev == (x, y)
    assert (x + x)._prev == (x, x)
    assert x._prev == ()
    assert x._op == ""
    constant = (2 - x)._prev[0]
    assert (constant.data, constant.grad) == (2.0, 0.0)
    assert functions.max(x, y, x)._prev == (x, y, x)
    assert [(x + y)._op, (x * y)._op, (x - y)._op, (x / y)._op, (x**2)._op, (-x)._op] == ["+", "*", "-", "/", "**", "-"]
    assert [x.relu()._op, x.tanh()._op, functions.max(x, y)._op] == ["relu", "tanh", "max"]


def test_a_label_is_empty_until_it_is_set() -> None:
    x = Value(2.0)
    assert x.label == ""
    x.label = "x"
    assert x.label == "x"


def test_backward_twice_is_right() -> None:
    x = Value(3.0)
    y = x * x * x
    for _ in range(2):
        y.backward()
        assert x.grad == 27.0
    z = y + x
    z.backward()
    assert (x.grad, y.grad) == (28.0, 1.0)


def test_backward_does_not_reach_what_is_not_below() -> None:
    x, other = Value(3.0), Value(4.0)
    other.grad = 7.0
    (x * 2).backward()
    assert other.grad == 7.0


def test_a_root_that_is_a_leaf_has_gradient_one() -> None:
    x = Value(3.0)
    x.backward()
    assert x.grad == 1.0


def test_where_there_is_no_value_there_is_no_gradient() -> None:
    assert gradients(lambda x, y: x + y.log(), 1.0, -1.0) == pytest.approx((math.nan,) * 3, nan_ok=True)


def test_a_power_of_a_negative_number_is_never_complex() -> None:
    root = Value(-8.0) ** (1 / 3)
    assert type(root.data) is float
    assert math.isnan(root.data)


def test_zero_to_the_zero_does_not_raise() -> None:
    assert gradients(lambda x: x**0, 0.0) == (1.0, 0.0)
    assert gradients(lambda x: x**2, 0.0) == (0.0, 0.0)
    assert gradients(lambda x: 1 / x, 0.0) == (math.inf, -math.inf)


def test_the_order_is_the_same_in_every_run() -> None:
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    d = a * b
    e = d + c
    root = e * d
    assert operation_order(root) == [a, b, d, c, e, root]


def test_comparisons_give_zero_or_one() -> None:
    x = Value(3.0)
    assert [(x < 4).data, (x <= 3).data, (x > 3).data, (x >= 4).data] == [1.0, 1.0, 0.0, 0.0]
    assert (2 < x).data == 1.0  # noqa: SIM300
    assert isinstance(x < 4, Value)
    assert functions.equal(x, 3.0).data == 1.0
    assert sorted([Value(3.0), Value(1.0), Value(2.0)])[0].data == 1.0
    assert max(Value(3.0), Value(1.0)).data == 3.0


def test_equality_and_hash_are_those_of_identity() -> None:
    x, y = Value(3.0), Value(3.0)
    assert x == x
    assert x != y
    assert x != 3.0
    assert len({x, y, x}) == 2


def test_a_value_is_true_if_it_is_not_zero() -> None:
    assert Value(0.5)
    assert not Value(0.0)
    assert not (Value(1.0) > 2)
    assert float(Value(0.5)) == 0.5


def test_numpy_scalars_stand_on_either_side() -> None:
    np = pytest.importorskip("numpy")
    x = Value(3.0)
    for two in (np.float64(2), np.float32(2), np.int64(2)):
        for found, expected in [
            (two + x, 5.0), (x + two, 5.0), (two - x, -1.0), (x - two, 1.0), (two * x, 6.0), (two / x, 2 / 3),
            (x / two, 1.5), (two**x, 8.0), (x**two, 9.0), (two % x, 2.0), (two < x, 1.0), (x < two, 0.0),
        ]:  # fmt: skip
            assert isinstance(found, Value)
            assert found.data == expected
    assert type(Value(np.float32(2)).data) is float
    assert gradients(lambda x: np.float64(2) * x, 3.0) == (6.0, 2.0)


@pytest.mark.parametrize("other", ["2", None, 1j, [1.0], object()])
def test_what_is_not_a_number_is_refused(other: object) -> None:
    for operate in (lambda: Value(1.0) + other, lambda: other + Value(1.0), lambda: Value(1.0) ** other):
        with pytest.raises(TypeError):
            operate()
    with pytest.raises(TypeError):
        functions.hypot(Value(1.0), other)


def test_a_custom_operation_runs_its_own_backward() -> None:
    for name in ("double", ""):
        x = Value(3.0)
        doubled = Value(2.0 * x.data, (x,), name)

        def push(x: Value = x, doubled: Value = doubled) -> None:
            x.grad += 2.0 * doubled.grad

        doubled._backward = push
        root = doubled * x  # 2 x^2
        for _ in range(2):
            root.backward()
            assert x.grad == 12.0
        assert doubled._op == name
        assert doubled._prev == (x,)


def test_one_step_back_can_be_taken_by_hand() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0)
    product = a * b
    result = (product + 1).tanh()
    assert a.label == "a"
    result.grad = 1.0
    for node in (result, result._prev[0], product, a):
        node._backward()
    slope = 1.0 - result.data**2
    assert (a.grad, b.grad) == (pytest.approx(-3.0 * slope), pytest.approx(2.0 * slope))
    product._backward = lambda: setattr(a, "grad", a.grad + 7.0 * product.grad)
    assert product._op == "*"
    result.backward()
    assert (a.grad, b.grad) == (pytest.approx(7.0 * slope), 0.0)


def test_a_custom_operation_without_a_backward_stops_the_gradient() -> None:
    x = Value(3.0)
    detached = Value(x.data, (x,), "detach")
    (detached * 2 + x).backward()
    assert (x.grad, detached.grad) == (1.0, 2.0)


def test_a_graph_holds_no_cycle_of_references() -> None:
    gc.collect()
    gc.disable()
    try:
        x = Value(3.0)
        root = (x * x + 2).tanh() * functions.max(x, 1.0, 2.0)
        root.backward()
        del root
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_graph_is_freed_with_its_root() -> None:
    class Watched(Value):
        __slots__ = ("__weakref__",)

    x = Watched(3.0)
    root = (x * 2).exp()
    root.backward()
    watched = weakref.ref(x)
    del x
    assert watched() is not None
    del root
    assert watched() is None


def test_a_deep_copy_is_another_graph() -> None:
    x = Value(3.0)
    x.label = "x"
    y = x * x + functions.max(x, 1.0, 2.0)
    twin = copy.deepcopy(y)
    twin.backward()
    assert (twin.data, y.grad, x.grad) == (12.0, 0.0, 0.0)
    leaf = next(one for one in operation_order(twin) if not one._prev)
    assert (leaf.grad, leaf.label) == (7.0, "x")
    assert copy.copy(y)._prev == y._prev


def test_a_weighted_sum_records_products_and_sums() -> None:
    weights, inputs, bias = [Value(2.0), Value(3.0)], [Value(5.0), 7.0], Value(1.0)
    total = weighted_sum(weights, inputs, bias)
    total.backward()
    assert total.data == 32.0
    assert ([w.grad for w in weights], inputs[0].grad, bias.grad) == ([5.0, 7.0], 2.0, 1.0)
    assert [one._op for one in operation_order(total) if one._op] == ["*", "+", "*", "+"]
    with pytest.raises(ValueError, match="2 weights can't be applied to 1 inputs"):
        weighted_sum(weights, [1.0], bias)


def test_a_long_chain_of_values_needs_no_recursion() -> None:
    x = root = Value(1.0)
    for _ in range(5000):
        root = root + 1
    root.backward()
    assert x.grad == 1.0
    assert repr(root) == "Value(data=5001.0, grad=1.0)"


def test_a_recorded_backward_pass_can_be_differentiated_again() -> None:
    x, y = Value(2.0), Value(3.0)
    (x**3 * y + x.sin()).backward(create_graph=True)
    slope = x.grad
    assert slope.data == pytest.approx(3 * 4.0 * 3.0 + math.cos(2.0), rel=1e-15)
    (slope * slope + y.grad).backward()
    curvature = 6 * 2.0 * 3.0 - math.sin(2.0)
    assert x.grad == pytest.approx(2 * slope.data * curvature + 12.0, rel=1e-14)
    assert y.grad == pytest.approx(2 * slope.data * 12.0, rel=1e-14)


def test_a_recorded_gradient_of_a_leaf_that_nothing_reaches_is_zero() -> None:
    x, y = Value(-2.0), Value(3.0)
    ((x * y).relu() + y * 0.0).backward(create_graph=True)
    assert (float(x.grad), float(y.grad)) == (0.0, 0.0)


def test_a_recorded_gradient_is_a_value_even_where_it_is_constant() -> None:
    x = Value(2.0)
    (5 * x).backward(create_graph=True)
    assert isinstance(x.grad, Value)
    assert x.grad.data == 5.0


def test_attributes_of_ones_own_stay_on_every_node_and_on_its_copy() -> None:
    a = Value(2.0, label="a")
    b = a * 3
    a.unit, b.uses = "m", [a]  # type: ignore[attr-defined]
    b.backward()
    twin = copy.deepcopy(b)
    (leaf, three), (own,) = twin._prev, twin.uses  # type: ignore[attr-defined]
    assert (leaf.label, leaf.unit, own, three.label) == ("a", "m", leaf, "")
    assert leaf is not a


def test_after_a_rule_has_failed_a_second_pass_is_right() -> None:
    def fail() -> None:
        raise RuntimeError("on purpose")

    x = Value(3.0)
    own = Value(9.0, [x], "square")
    own._backward = fail
    with pytest.raises(RuntimeError, match="on purpose"):
        (own * 2 + x).backward()
    own._backward = lambda: setattr(x, "grad", x.grad + 6.0 * own.grad)
    (own * 2 + x).backward()
    assert x.grad == 13.0


class Mine(Value):
    """A class with methods of one's own."""

    def doubled(self) -> Value:
        return self * 2


def test_what_is_computed_from_a_subclass_is_of_the_subclass() -> None:
    a, b = Mine(2.0), Value(3.0)
    results = [a + 1, 1 + a, a * b, b * a, b - a, a / a, a > b, -a, abs(a), a.tanh()]
    results += [functions.hypot(b, a), functions.max(1.0, b, a)]
    assert {type(one) for one in results} == {Mine}
    assert type(b * b) is Value
    loss = functions.hypot(b, a) * a.doubled()
    loss.seen = True
    loss.backward()
    assert a.grad == pytest.approx(2 * 13**0.5 + 8 / 13**0.5)
    twin = copy.deepcopy(loss)
    assert type(twin) is Mine
    assert twin.seen


def test_minigrads_names_are_the_parts_of_a_node() -> None:
    a, b = Scalar(1.5), Scalar(-4.0)
    d = a**3 / 5 + (b**2).relu()
    d.backward()
    assert (d.value, a.grad, b.grad) == (pytest.approx(16.675), pytest.approx(1.35), -8.0)
    cube = (d.parents[0]).parents[0]
    assert (cube.parent_op, cube.previous_op, a.parent_op, d.parent_op) == ("^3", "^3", None, "+")
    assert cube.parents[0] is cube.parent_nodes[0] is a
    assert cube.grad_wrt[a] == pytest.approx(6.75)
    assert (a - a).grad_wrt == {a: 0.0}  # MiniGrad has -1 here, because its dict keeps only the last operand
    assert a.grad_wrt == {}
    a.value = 2
    assert a.data == 2.0


def test_an_operation_of_ones_own_gives_its_derivatives_as_minigrads_does() -> None:
    x = Value(0.5)
    y = Value(math.exp(x.value), [x], "exp")
    y.grad_wrt[x] = y.value
    (y * 3).backward()
    assert x.grad == 3 * math.exp(0.5)
    y.grad = 1.0
    y._backward()
    assert x.grad == 4 * math.exp(0.5)
    twin = copy.deepcopy(y)
    twin.backward()
    assert twin.parents[0].grad == math.exp(0.5)


def test_backward_of_every_node_can_be_read_and_set() -> None:
    x = Value(3.0)
    square = x * x
    root = square + x
    assert all(callable(node._backward) for node in (x, square, root))
    called: list[str] = []

    def own() -> None:
        called.append("own")
        x.grad += 100 * square.grad

    square._backward = own
    root.backward()
    assert (x.grad, called) == (101.0, ["own"])
