"""Values and derivatives at infinity and far out: the limit where there is one, in every way to compute them.

The limits are found by mpmath: the oracle of each function of one number is followed along 10^2, 10^3, 10^4 and 10^5.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import pytest
from mpmath import isnan, mp, mpc, mpf

import gradcli
from gradcli import Tensor, Value, parse
from gradcli.errors import UsageError
from gradcli.evaluate import point
from gradcli.graph import differentiate
from gradcli.graph.simplify import simplify_derivative
from gradcli.primitives import REGISTRY
from gradcli.printing.text import to_text
from tests.support.loops import for_each
from tests.support.oracle import Jet, Undefined, oracle_of
from tests.support.special_digits import rare_functions

FUNCTIONS = [name for name, one in REGISTRY.items() if one.takes(1) and not one.variadic and not one.internal]
#: These have a pole at every negative integer, or swing ever more, and so have no limit at -inf.
WITHOUT_LIMIT_BELOW = ("gamma", "lgamma", "digamma", "factorial", "zeta")
#: Here the function has ended and only the oracle goes on; or Bi goes to 0 too slowly to be seen; or the derivative
#: of Ai' is the product x*Ai(x), which is nan at infinity.
WITHOUT_LIMIT = {
    ("ellipk", 1.0),
    ("ellipe", 1.0),
    ("cosint", -1.0),
    ("airybi", -1.0),
    ("airyai", 1.0),
    ("airyaiprime", 1.0),
}
#: The printed derivatives of these are products such as x*exp(-x^2), which is nan at infinity.
WITHOUT_VALUE_AT_INFINITY = ("gelu", "gelu_tanh", "mish", "silu", "sinc")
#: The printed derivative of sinc rounds pi*x, which beyond 1e15 leaves nothing of the cosine; in that of gelu_tanh x^3
#: overflows.
WITHOUT_DIGITS_FAR_OUT = ("gelu_tanh", "sinc")
#: The printed derivatives of rarely used functions are formulas such as 1 - 2*x*dawsn(x), which cancel far out.
RARE = {one.name for one in rare_functions()}
FAR = (math.inf, -math.inf, 1e300, -1e300, 1e160, -1e160)


@cache
def along(name: str, sign: float) -> list[list[Any]]:
    """Return the value and two derivatives at points on the way to an infinity; fewer if the function ends before."""
    found = []
    with mp.workdps(60):
        for power in range(2, 6):
            at = sign * (mpf(10) ** power + mpf("0.3"))
            try:
                jet = oracle_of(REGISTRY[name])(Jet([at, 1]))
            except (Undefined, ValueError, ZeroDivisionError, TypeError):  # TypeError for a complex number
                return []
            terms = [*jet.c, 0, 0][:3]
            if any(isinstance(one, mpc) or isnan(one) for one in terms):
                return []
            found.append([terms[0], terms[1], 2 * terms[2]])
    return found


def limit(name: str, order: int, sign: float) -> tuple[float, float] | None:
    """Return the limit of a derivative at an infinity and its error, or None if there is none or the function ends."""
    if (sign < 0.0 and name in WITHOUT_LIMIT_BELOW) or (name, sign) in WITHOUT_LIMIT:
        return None
    found = [terms[order] for terms in along(name, sign)]
    sizes = [abs(value) for value in found]
    if not found:
        return None
    if all(value == found[-1] for value in found):
        return float(found[-1]), 0.0
    if all(later > 1.05 * size for size, later in itertools.pairwise(sizes)):
        return (math.inf if found[-1] > 0 else -math.inf), 0.0
    if all(later <= size / 1.5 for size, later in itertools.pairwise(sizes)):
        return 0.0, 0.0
    steps = [abs(later - value) for value, later in itertools.pairwise(found)]
    if all(later <= step / 1.5 for step, later in itertools.pairwise(steps)):
        return float(found[-1]), float(2.0 * steps[-1])
    return None


def ways(name: str, at: float) -> Iterator[tuple[str, float, float]]:
    """Yield each way to compute the value and the derivative at a point, with both."""
    expression = parse(f"{name}(x)")
    evaluation = point.gradient(expression, {"x": at})
    yield "floats", evaluation.value, evaluation.gradient["x"]
    value = Value(at)
    result = REGISTRY[name](value)
    result.backward()
    yield "Value", result.data, value.grad
    tensor = Tensor([at, 1.0], requires_grad=True)
    output = REGISTRY[name](tensor)
    if output.requires_grad:  # a function that is constant between its jumps gives a constant
        output.sum().backward()
    yield "Tensor", output.detach().tolist()[0], 0.0 if tensor.grad is None else tensor.grad.tolist()[0]
    for executor in ("numpy", "llvm"):
        with suppress(UsageError):  # some special functions have no machine code
            numbers, gradient = gradcli.compile(expression, executor=executor)(x=np.array([at]))
            yield executor, float(numbers[0]), float(gradient["x"][0])
    slope = simplify_derivative(differentiate.derivative(expression.root, expression.graph.variable("x"))).root
    without_value = WITHOUT_VALUE_AT_INFINITY if math.isinf(at) else WITHOUT_DIGITS_FAR_OUT
    if name not in (*without_value, *RARE):
        formula = parse(to_text(slope))
        yield "diff", evaluation.value, float(formula(**dict.fromkeys(formula.variables, at)))


def is_near(found: float, wanted: tuple[float, float]) -> bool:
    return found == wanted[0] or abs(found - wanted[0]) <= wanted[1] + 1e-15 * abs(wanted[0])


@pytest.mark.filterwarnings("ignore:a derivative is nan")
@for_each("name", FUNCTIONS)
@for_each("at", [math.inf, -math.inf])
def test_the_value_and_the_derivatives_at_infinity_are_their_limits(name: str, at: float) -> None:
    value, slope, second = [limit(name, order, math.copysign(1.0, at)) for order in range(3)]
    for way, found, derivative in ways(name, at):
        assert value is None or is_near(found, value), (way, found, value)
        # Where the value is infinite without a limit of the slope, or there is no value, nan is right.
        assert value is None or slope is None or is_near(derivative, slope), (way, derivative, slope)
    if value is not None and slope is not None and second is not None:
        found = point.derivatives(parse(f"{name}(x)"), {"x": at}, 2)["x"][1]
        assert is_near(found, second), (found, second)


@pytest.mark.filterwarnings("ignore:a derivative is nan")
@for_each("name", FUNCTIONS)
@for_each("at", FAR)
def test_all_ways_agree_far_out(name: str, at: float) -> None:
    (_, value, slope), *others = ways(name, at)
    for way, found, derivative in others:
        np.testing.assert_allclose(found, value, rtol=1e-14, err_msg=way)
        if way != "diff" or value == value:  # a formula doesn't know where its function has no value
            # The square in a formula overflows before its reciprocal underflows.
            atol = 1e-300 if way == "diff" else 0.0
            np.testing.assert_allclose(derivative, slope, rtol=1e-14, atol=atol, err_msg=way)


def test_most_functions_have_limits() -> None:
    limits = {
        (name, order, sign): limit(name, order, sign) for name in FUNCTIONS for order in range(3) for sign in (1, -1)
    }
    assert sum(one is not None for one in limits.values()) > 150
    assert limits["gelu", 0, -1] == (0.0, 0.0)
    assert limits["gelu", 1, 1] == (1.0, 0.0)
    assert limits["log", 0, 1] == (math.inf, 0.0)
    assert limits["sin", 0, 1] is None
    assert limits["tanh", 1, -1] == (0.0, 0.0)
