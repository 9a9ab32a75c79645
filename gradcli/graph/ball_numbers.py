"""Real balls as numbers: each is a middle and a radius, and the true value is certainly inside.

The arithmetic is that of Arb, by the package python-flint (F. Johansson, Arb: efficient arbitrary-precision
midpoint-radius interval arithmetic, IEEE Transactions on Computers 66, 2017).  A question that balls can't answer, such
as whether a number near 0 is 0, is an error and never a guess.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, reduce
from typing import Any, Final

import flint

from gradcli.graph.coefficients import NoValue, Undecided, copied, evaluated
from gradcli.graph.graph import Graph, Node
from gradcli.graph.special_balls import SPECIAL
from gradcli.graph.symbols import exact_constant
from gradcli.primitives import Primitive
from gradcli.primitives.declared import Rule
from gradcli.primitives.exact_constants import EXACT_CONSTANTS
from gradcli.primitives.kernels import float_kernels

__all__ = ["BallNumbers", "ball_of", "has_balls"]


def ball_of(number: Fraction) -> Any:
    """Return the ball of a rational number at the present precision."""
    return flint.arb(flint.fmpq(number.numerator, number.denominator))


def _power(base: Any, exponent: Any) -> Any:
    """Return a power; a negative base has powers only at integers that are certain."""
    if exponent.is_exact() and exponent.is_integer():
        if base.is_zero() and exponent < 0:
            raise NoValue
        return base**exponent
    if base > 0:
        return base**exponent
    if base < 0:
        raise NoValue if not exponent.contains_integer() else Undecided
    if not base.is_zero():
        raise Undecided
    if exponent > 0:
        return flint.arb(0)
    raise NoValue if exponent < 0 else Undecided


def _quotient(above: Any, below: Any) -> Any:
    if below.is_zero():
        raise NoValue
    return above / below


def _cube_root(x: Any) -> Any:
    if x < 0:
        return -((-x).root(3))
    if x > 0 or x.is_zero():
        return x.root(3)
    raise Undecided


def _floor(x: Any) -> Any:
    if x.is_exact() and x.is_integer():
        return x
    found = x.floor().unique_fmpz()
    if found is None:
        raise Undecided
    return flint.arb(found)


def _round(x: Any) -> Any:
    """Return the nearest integer; of two equally near ones, the even one."""
    moved = x + flint.arb(0.5)
    found = _floor(moved)
    if moved.is_exact() and moved.is_integer() and found.unique_fmpz() % 2:
        return found - 1
    return found


def _sign(x: Any) -> int:
    if x.is_zero():
        return 0
    if x > 0 or x < 0:
        return 1 if x > 0 else -1
    raise Undecided


def _extreme(one: Any, other: Any, is_beyond: Callable[[Any, Any], bool], either: Callable[[Any, Any], Any]) -> Any:
    """Return one of two balls, the same object if the choice is certain; so a comparison with it is certain, too.

    Args:
        one, other: the balls.
        is_beyond: the comparison, ``operator.gt`` for the larger ball.
        either: a function that returns a new ball for both, for a choice that is not certain.
    """
    if one is other or is_beyond(one, other) or (one == other and one.is_exact() and other.is_exact()):
        return one
    return other if is_beyond(other, one) else either(one, other)


def _larger(one: Any, other: Any) -> Any:
    return _extreme(one, other, operator.gt, flint.arb.max)


def _smaller(one: Any, other: Any) -> Any:
    return _extreme(one, other, operator.lt, flint.arb.min)


def _log_gamma(x: Any) -> Any:
    return x.lgamma() if x > 0 else abs(x.gamma()).log()


def _polygamma(n: Any, x: Any) -> Any:
    order = int(n.unique_fmpz())
    if not order:
        return x.digamma()
    value = flint.acb(order + 1).zeta(flint.acb(x)).real  # the zeta function of Hurwitz
    return value * math.factorial(order) * (-1) ** (order + 1)


#: Constants of rules that are published with more digits than a float has (Klambauer et al. 2017).
_DECIMALS: Final = {
    float_kernels.SELU_SCALE: Fraction("1.0507009873554804934193349852946"),
    float_kernels.SELU_ALPHA: Fraction("1.6732632423543772848170429916717"),
}


def _selu(x: Any) -> Any:
    scale, alpha = [ball_of(_DECIMALS[one]) for one in (float_kernels.SELU_SCALE, float_kernels.SELU_ALPHA)]
    return scale * (x if _sign(x) > 0 else alpha * x.expm1())


def _gelu_tanh(x: Any) -> Any:
    inner = x + ball_of(Fraction(repr(float_kernels.GELU_CUBE))) * x**3
    return x / 2 * (1 + ((2 / flint.arb.pi()).sqrt() * inner).tanh())


#: The constants by their names.
_CONSTANTS: Final[Mapping[str, Callable[[], Any]]] = {
    "pi": flint.arb.pi,
    "tau": lambda: 2 * flint.arb.pi(),
    "e": flint.arb.const_e,
    "phi": lambda: (1 + flint.arb(5).sqrt()) / 2,
}
#: The names of functions that Arb has by the same name.
_SAME: Final = (
    *("sqrt", "exp", "expm1", "log", "log1p", "sinh", "cosh", "tanh", "sech", "csch", "coth", "asinh", "acosh"),
    *("atanh", "erf", "erfc", "erfi", "erfinv", "erfcinv", "gamma", "digamma"),
    *("sin", "cos", "tan", "sec", "csc", "cot", "asin", "acos", "atan"),
)
_BY_NAME: Final[Mapping[str, Callable[..., Any]]] = {
    **{name: operator.methodcaller(name) for name in _SAME},
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "neg": operator.neg,
    "div": _quotient,
    "pow": _power,
    "square": lambda x: x * x,
    "cbrt": _cube_root,
    "hypot": lambda x, y: (x * x + y * y).sqrt(),
    "atan2": lambda y, x: flint.arb.atan2(y, x),
    "exp2": lambda x: flint.arb(2) ** x,
    "floor": _floor,
    "ceil": lambda x: -_floor(-x),
    "round": _round,
    "mod": lambda x, y: x - y * _floor(_quotient(x, y)),
    "abs": lambda x: x if x >= 0 else abs(x),
    "max": lambda *xs: reduce(_larger, xs),
    "min": lambda *xs: reduce(_smaller, xs),
    "relu": lambda x: _larger(x, flint.arb(0)),
    "clip": lambda x, low, high: _smaller(_larger(x, low), high),
    "hard_tanh": lambda x: _smaller(_larger(x, flint.arb(-1)), flint.arb(1)),
    "factorial": lambda x: x.fac(),
    "lgamma": _log_gamma,
    "polygamma": _polygamma,
    "sinc": lambda x: x.sinc_pi(),
    "gelu": lambda x: x * (-x / flint.arb(2).sqrt()).erfc() / 2,
    "gelu_tanh": _gelu_tanh,
    "selu": _selu,
    "mish": lambda x: x * x.exp().log1p().tanh(),
    **SPECIAL,
}


class BallNumbers:
    """The arithmetic of balls at the present precision of python-flint.

    A constant is the decimal that is printed for it; but 1.128..., as it is in rules, is 2/sqrt(pi).

    >>> import flint
    >>> from gradcli import parse
    >>> from gradcli.graph.coefficients import evaluated
    >>> root = parse("(exp(x) - 1)/x").root
    >>> flint.ctx.dps = 30
    >>> point = {root.graph.variable("x"): ball_of(Fraction(1, 10**10))}
    >>> print(evaluated(BallNumbers(), root, point).str(12, radius=False))
    1.00000000005
    >>> flint.ctx.default()
    """

    is_exact = True

    def leaf(self, node: Node) -> Any:
        """Return the ball of a constant.

        Raises:
            NoValue: it is nan, or infinite.
            Undecided: the node is a variable.
        """
        value = node.constant
        if value is None:
            raise Undecided
        if not math.isfinite(value):
            raise NoValue
        if node.name is not None:
            return _CONSTANTS[node.name]()
        if abs(value) in EXACT_CONSTANTS:
            found = evaluated(self, exact_constant(abs(value)), {})
            return found if value > 0.0 else -found
        return ball_of((_DECIMALS.get(abs(value)) or Fraction(repr(abs(value)))) * (1 if value >= 0.0 else -1))

    def apply(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        """Return the ball of a function.

        Raises:
            NoValue: there is no finite value.
            Undecided: the function chooses among formulas, and the balls don't tell which.
        """
        found = self._applied(primitive, operands)
        if found.is_finite():
            return found
        if primitive.is_total:
            raise Undecided  # an exponent is too large even for balls
        if not all(operand.is_exact() for operand in operands):
            for ends in ([one.lower() for one in operands], [one.upper() for one in operands]):
                if self._applied(primitive, ends).is_finite():
                    raise Undecided  # only a part of the ball is outside the domain
        raise NoValue

    def _applied(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        by_name = _BY_NAME.get(primitive.name)
        if by_name is not None:
            return by_name(*operands)
        if primitive.is_truth:
            return flint.arb(int(self._truth(primitive, operands)))
        if primitive.is_locally_constant and len(operands) == 1:
            return flint.arb(primitive.value(float(_sign(operands[0]))))
        if primitive.transparent and primitive.expands is None:
            return operands[0]
        rule = _rule_of(primitive)
        if rule is None:
            raise Undecided
        return self._by_formula(primitive, rule, operands)

    def _by_formula(self, primitive: Primitive, rule: Rule, operands: Sequence[Any]) -> Any:
        static = [operands[place] for place in range(len(primitive.static))]
        orders = [float(int(one.unique_fmpz())) if one.is_exact() and one.is_integer() else None for one in static]
        inputs, formula = _formula(rule, len(operands), tuple(orders))
        return evaluated(self, formula, dict(zip(inputs, operands, strict=True)))

    def _truth(self, primitive: Primitive, operands: Sequence[Any]) -> bool:
        if primitive.condition:
            return bool(primitive.value(*[float(_sign(operand)) for operand in operands]))
        is_same = operands[0] is operands[1]  # as in the test whether a number is nan
        return bool(primitive.value(0.0 if is_same else float(_sign(operands[0] - operands[1])), 0.0))

    def is_true(self, number: Any) -> bool:
        """Whether a condition holds.

        Raises:
            Undecided: the ball has 0 and other numbers.
        """
        return _sign(number) != 0

    def is_zero(self, number: Any) -> bool:
        """Whether a number is 0.

        Raises:
            Undecided: the ball has 0 and other numbers.
        """
        return _sign(number) == 0

    def node(self, number: Any) -> Node:
        """Raise an error: a ball has no formula.

        Raises:
            Undecided: always.
        """
        raise Undecided(number)

    def dot(self, pairs: Sequence[tuple[Any, Any]]) -> Any:
        """Return the sum of products."""
        return sum([one * other for one, other in pairs], flint.arb(0))


def _rule_of(primitive: Primitive) -> Rule | None:
    """Return a formula of a function that has no name in Arb; None if there is none."""
    rules = (primitive.expands, primitive.quotient, primitive.exact, primitive.in_powers)
    return next((rule for rule in rules if rule is not None), None)


def has_balls(primitive: Primitive) -> bool:
    """Whether a function can be computed in balls.

    >>> from gradcli.primitives import functions
    >>> has_balls(functions.erf)
    True
    """
    is_simple = primitive.is_truth or primitive.is_locally_constant or primitive.transparent
    return is_simple or bool(primitive.condition) or primitive.name in _BY_NAME or _rule_of(primitive) is not None


@cache
def _formula(rule: Rule, count: int, orders: tuple[float | None, ...]) -> tuple[list[Node], Node]:
    """Return the inputs and the root of a formula of a declaration; static operands that are integers are constants."""
    graph = Graph(folds=False)
    inputs = []
    for place in range(count):
        order = orders[place] if place < len(orders) else None
        inputs.append(graph.fresh_variable(f"operand {place}") if order is None else graph.constant(order))
    return inputs, copied(graph.lift(rule(*inputs)), {node: node for node in inputs}, graph)
