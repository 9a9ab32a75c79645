"""The oracle in balls: a function computed from its declaration's `oracle` on power series with real balls.

`tests.support.oracle` does the same with mpmath's numbers, whose digits are trusted after a comparison.  Here every
coefficient is a ball of Arb that certainly holds the exact one, so a derivative of any order is proved, and the
precision grows until it is known to 80 bits.  Nothing is shared with the rules of gradcli: the names below are
mpmath's, written from the mathematics.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import flint

from gradcli.primitives import REGISTRY
from tests.support.arb_oracle import KNOWN, derivatives_in_balls
from tests.support.oracle import Undefined

__all__ = ["BITS", "ball_derivatives", "units_off"]

#: The precision of a derivative, and the working precision at which a point is given up.
BITS = 80
_FIRST, _LAST = 128, 40_000
#: The precision at which a derivative without a finite ball is given up.
_UNDEFINED = 2000
#: Below this a number is 0 for every double, above it infinite.
_SMALL, _LARGE = -1200, 1200


class Unsure(ArithmeticError):
    """The balls are too wide to answer."""


class NoName(LookupError):
    """Arb has no series for a function."""


class Series:
    """A power series in balls, with the operators that oracles use."""

    __slots__ = ("s",)

    def __init__(self, s: Any) -> None:
        self.s = s

    def __add__(self, other: object) -> Series:
        return Series(self.s + lift(other).s)

    __radd__ = __add__

    def __sub__(self, other: object) -> Series:
        return Series(self.s - lift(other).s)

    def __rsub__(self, other: object) -> Series:
        return Series(lift(other).s - self.s)

    def __mul__(self, other: object) -> Series:
        return Series(self.s * lift(other).s)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Series:
        below = lift(other)
        decided(below.s[0])
        return Series(self.s / below.s)

    def __rtruediv__(self, other: object) -> Series:
        return lift(other) / self

    def __neg__(self) -> Series:
        return Series(-self.s)

    def __abs__(self) -> Series:
        return self if self > 0 else -self

    def __gt__(self, other: object) -> bool:
        """Which branch is taken; where two branches meet there is no derivative."""
        difference = self.s - lift(other).s
        if difference[0].is_zero():
            if any(not one.is_zero() for one in difference.coeffs()):
                raise Undefined("between two branches")
            return False
        return sign_of(difference[0]) > 0

    def __lt__(self, other: object) -> bool:
        return lift(other) > self


def lift(operand: object) -> Series:
    return operand if isinstance(operand, Series) else Series(flint.arb_series([flint.arb(operand)]))


def sign_of(x: Any) -> int:
    """The sign of a ball, if it is certain."""
    if x.is_zero():
        return 0
    if x > 0:
        return 1
    if x < 0:
        return -1
    raise Unsure


def decided(x: Any) -> int:
    """The sign of a ball that must not be 0."""
    sign = sign_of(x)
    if not sign:
        raise Undefined("0")
    return sign


def compose(outer: Sequence[Any], inner: Series) -> Series:
    """The series of f(g(t)), from the Taylor coefficients of f at g(0)."""
    step = inner.s - inner.s[0]
    result = flint.arb_series([outer[-1]])
    for coefficient in reversed(outer[:-1]):
        result = result * step + coefficient
    return Series(result)


def method(name: str, is_inside: Callable[[Any], bool] = lambda _: True) -> Callable[[Series], Series]:
    """A function that Arb has, on the arguments where it is smooth."""

    def function(x: Series) -> Series:
        if not is_inside(x.s[0]):
            raise Undefined(name)
        return Series(getattr(x.s, name)())

    return function


def constant(value: Callable[..., Any]) -> Callable[..., Series]:
    """A function that is locally constant."""
    return lambda *operands: lift(value(*[operand.s[0] for operand in operands]))


def floor(x: Any) -> Any:
    if x.is_exact() and x.is_integer():
        raise Undefined("jump")
    found = x.floor().unique_fmpz()
    if found is None:
        raise Unsure
    return flint.arb(found)


def ceil(x: Any) -> Any:
    return floor(x) + 1


def nearest_integer(x: Any) -> Any:
    twice = 2 * x
    if twice.is_exact() and twice.is_integer() and not x.is_integer():
        raise Undefined("jump")
    return x if x.is_exact() and x.is_integer() else floor(x + flint.arb("0.5"))


exp, log = method("exp"), method("log", lambda x: decided(x) > 0)
sin, cos = method("sin"), method("cos")
sqrt = method("sqrt", lambda x: decided(x) > 0)


def sinh(x: Series) -> Series:
    return (exp(x) - exp(-x)) / 2


def cosh(x: Series) -> Series:
    return (exp(x) + exp(-x)) / 2


def power(x: Series, y: Series) -> Series:
    base, exponent = x.s[0], y.s[0]
    if not any(not one.is_zero() for one in y.s.coeffs()[1:]) and exponent.is_exact() and exponent.is_integer():
        if base.is_zero():
            if exponent < 0:
                raise Undefined("power")
            n = int(exponent.unique_fmpz())
            return compose([int(k == n) for k in range(flint.ctx.cap)], x)
        size = exp(y * log(abs(x)))
        return size if base > 0 or int(exponent.unique_fmpz()) % 2 == 0 else -size
    if decided(base) < 0:
        raise Undefined("power")
    return exp(y * log(x))


def remainder(x: Series, y: Series) -> Series:
    decided(y.s[0])
    return x - floor(x.s[0] / y.s[0]) * y


def atan2(y: Series, x: Series) -> Series:
    above, right = y.s[0], x.s[0]
    if above.is_zero() and sign_of(right) <= 0:
        raise Undefined("branch cut")
    slope = (x.s * y.s.derivative() - y.s * x.s.derivative()) / (x.s * x.s + y.s * y.s)
    return Series(slope.integral() + flint.arb.atan2(above, right))


def sinc_of_pi(x: Series) -> Series:
    if x.s[0].is_zero():
        pi = flint.arb.pi()
        terms = [(-1) ** (k // 2) * pi**k / math.factorial(k + 1) if k % 2 == 0 else 0 for k in range(flint.ctx.cap)]
        return compose(terms, x)
    decided(x.s[0])
    return Series(x.s.sin_pi()) / (flint.arb.pi() * x)


def is_no_pole(x: Any) -> bool:
    return not (x.is_exact() and x.is_integer() and x <= 0)


def psi(n: Series, x: Series) -> Series:
    at, order = x.s[0], int(n.s[0].unique_fmpz())
    if not is_no_pole(at):
        raise Undefined("pole")
    terms = []
    for k in range(flint.ctx.cap):
        m = order + k
        if not m:
            terms.append(at.digamma())
            continue
        zeta = flint.acb(m + 1).zeta(flint.acb(at)).real  # the zeta function of Hurwitz
        terms.append((-1) ** (m + 1) * math.factorial(m) * zeta / math.factorial(k))
    return compose(terms, x)


gamma = method("gamma", is_no_pole)
_INSIDE = {"asin", "acos"}
#: mpmath's names on series.
NAMES: dict[str, Callable[..., Series]] = {
    **{one.__name__: one for one in (sinh, cosh, power, atan2, psi)},
    **{name: method(name) for name in ("exp", "sin", "cos", "tan", "atan", "erf", "erfc", "erfi")},
    **{name: method(name, lambda x: decided(1 - x * x) > 0) for name in _INSIDE},
    "log": log,
    "sqrt": sqrt,
    "gamma": gamma,
    "tan": lambda x: sin(x) / cos(x),
    "loggamma": lambda x: log(abs(gamma(x))),
    "digamma": lambda x: psi(lift(0), x),
    "factorial": lambda x: gamma(x + 1),
    "expm1": lambda x: exp(x) - 1,
    "log1p": lambda x: log(1 + x),
    "log10": lambda x: log(x) / flint.arb.const_log10(),
    "cbrt": lambda x: exp(log(abs(x)) / 3) * decided(x.s[0]),
    "sec": lambda x: 1 / cos(x),
    "csc": lambda x: 1 / sin(x),
    "cot": lambda x: cos(x) / sin(x),
    "tanh": lambda x: sinh(x) / cosh(x),
    "sech": lambda x: 1 / cosh(x),
    "csch": lambda x: 1 / sinh(x),
    "coth": lambda x: cosh(x) / sinh(x),
    "asinh": lambda x: log(x + sqrt(x * x + 1)),
    "acosh": lambda x: log(x + sqrt(x * x - 1)) if x > 1 else sqrt(x - 1),
    "atanh": lambda x: log((1 + x) / (1 - x)) / 2,
    "hypot": lambda x, y: sqrt(x * x + y * y),
    "sincpi": sinc_of_pi,
    "fmod": remainder,
    "floor": constant(floor),
    "ceil": constant(ceil),
    "nint": constant(nearest_integer),
    "sign": constant(decided),
    "re": lambda x: x,
}


class Names:
    """The namespace that an oracle is given."""

    @property
    def pi(self) -> Any:
        return lift(flint.arb.pi())

    def __getattr__(self, name: str) -> Any:
        function = NAMES.get(name)
        if function is None:
            raise NoName(name)
        return lambda *operands: function(*map(lift, operands))

    @staticmethod
    def mpf(number: object) -> Any:
        """A number; of a series, its value, with which it may be compared where branches join smoothly."""
        return number.s[0] if isinstance(number, Series) else flint.arb(number)


def by_declaration(name: str, point: list[Any], operand: int, orders: int) -> list[Any]:
    """The derivatives of order 0, 1 ... toward one operand, from the oracle of the function's declaration.

    Raises:
        NoName: it has none, or one with names that aren't known here.
    """
    terms = [Series(flint.arb_series([x, 1] if i == operand else [x])) for i, x in enumerate(point)]
    declared = REGISTRY[name].oracle
    series = getattr(Names(), name)(*terms) if declared is None else lift(declared(Names(), *terms))
    return [series.s[k] * math.factorial(k) for k in range(orders)]


def ball_derivatives(name: str, point: Sequence[float], operand: int, order: int) -> list[Any] | None:
    """The derivatives of order 0 to ``order`` toward one operand, as balls of at least `BITS` bits.

    The result is None if Arb lacks a function, or if more bits don't help: then a number is 0, and isn't seen to be.

    Raises:
        Undefined: the function is not smooth there.
    """
    length, precision = flint.ctx.cap, flint.ctx.prec
    flint.ctx.cap, bits = order + 1, _FIRST
    compute = derivatives_in_balls if name in KNOWN else by_declaration
    try:
        while bits <= _LAST:
            flint.ctx.prec = bits
            try:
                found = compute(name, [flint.arb(x) for x in point], operand, order + 1)
                if all(map(is_known, found)):
                    return found
                if bits > _UNDEFINED and not all(one.is_finite() for one in found):
                    break
            except Unsure:
                pass
            bits *= 2
    except NoName:
        return None
    finally:
        flint.ctx.cap, flint.ctx.prec = length, precision
    if name in KNOWN:
        raise Undefined(name)
    return None


def units_off(found: Sequence[float], name: str, point: Sequence[float], operand: int) -> list[float]:
    """The errors of derivatives of order 0, 1 ... in units in the last place."""
    exact = ball_derivatives(name, point, operand, len(found) - 1)
    assert exact is not None
    return [
        float((abs(one - ball) / math.ulp(float(ball.mid()))).mid()) for one, ball in zip(found, exact, strict=True)
    ]


def is_known(x: Any) -> bool:
    """Whether a ball is narrow enough for every double."""
    if not x.is_finite():
        return False
    return bool(x.is_zero() or x.rel_accuracy_bits() >= BITS or (abs(x) < flint.arb(2) ** _SMALL)
                or (abs(x) > flint.arb(2) ** _LARGE))  # fmt: skip
