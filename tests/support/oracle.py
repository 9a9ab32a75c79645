"""The oracle: a function computed once more from its declaration's `oracle`, on Taylor polynomials of mpmath numbers.

A `Jet` is the Taylor polynomial of degree four of a function of one variable.  `NAMES` are mpmath's functions on jets;
they are written from the mathematics and share nothing with the rules of gradcli, and the Taylor coefficients of a
composition are exact: there is no step of a finite difference that would have to fit the scale of a point.  Against
cancellation there are digits: a point starts with 60, with more for an extreme scale, and is computed again with half
as many on top; `derivatives` returns only what both agree on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from mpmath import mp, mpf

from gradcli.primitives import REGISTRY, Primitive

DEGREE = 4
DIGITS = 60


class Undefined(ValueError):
    """The function has no value at this point, or no derivative."""


class Jet:
    """A Taylor polynomial: ``c[k]`` is the k-th derivative divided by k!."""

    __slots__ = ("c",)

    def __init__(self, coefficients: Sequence[object]) -> None:
        self.c = [mpf(one) for one in coefficients]
        self.c += [mpf(0)] * (DEGREE + 1 - len(self.c))

    def __add__(self, other: object) -> Jet:
        return Jet([a + b for a, b in zip(self.c, lift(other).c, strict=True)])

    def __sub__(self, other: object) -> Jet:
        return Jet([a - b for a, b in zip(self.c, lift(other).c, strict=True)])

    def __mul__(self, other: object) -> Jet:
        b = lift(other).c
        return Jet([mp.fsum(self.c[i] * b[k - i] for i in range(k + 1)) for k in range(DEGREE + 1)])

    def __truediv__(self, other: object) -> Jet:
        b = lift(other).c
        if b[0] == 0:
            raise Undefined("division by zero")
        result: list[mpf] = []
        for k in range(DEGREE + 1):
            result.append((self.c[k] - mp.fsum(result[i] * b[k - i] for i in range(k))) / b[0])
        return Jet(result)

    def __neg__(self) -> Jet:
        return Jet([-a for a in self.c])

    def __radd__(self, other: object) -> Jet:
        return self + other

    def __rsub__(self, other: object) -> Jet:
        return lift(other) - self

    def __rmul__(self, other: object) -> Jet:
        return self * other

    def __rtruediv__(self, other: object) -> Jet:
        return lift(other) / self

    def __abs__(self) -> Jet:
        return self if self > 0 or not any(self.c) else -self

    def __lt__(self, other: object) -> bool:
        return lift(other) > self

    def __gt__(self, other: object) -> bool:
        """Which of two branches is taken; where they meet there is no derivative, whatever it is like beside them."""
        mine, others = self.c[0], lift(other).c[0]
        if mine == others and self.c != lift(other).c:
            raise Undefined("between two branches")
        return bool(mine > others)


def lift(operand: object) -> Jet:
    return operand if isinstance(operand, Jet) else Jet([operand])


def compose(outer: Sequence[mpf], inner: Jet) -> Jet:
    """The polynomial of f(g(t)), from the Taylor coefficients of f at g(0)."""
    step = Jet([0, *inner.c[1:]])
    result = lift(outer[DEGREE])
    for coefficient in reversed(outer[:DEGREE]):
        result = result * step + coefficient
    return result


def integral(value: mpf, slope: Jet, inner: Jet) -> Jet:
    """The polynomial of f(g(t)), from f(g(0)) and the polynomial of f'(g(t))."""
    speed = Jet([(k + 1) * inner.c[k + 1] for k in range(DEGREE)])
    product = slope * speed
    return Jet([value, *[product.c[k] / (k + 1) for k in range(DEGREE)]])


def exp(x: Jet) -> Jet:
    value = mp.exp(x.c[0])
    return compose([value / math.factorial(k) for k in range(DEGREE + 1)], x)


def log(x: Jet) -> Jet:
    if x.c[0] <= 0:
        raise Undefined("logarithm")
    return integral(mp.log(x.c[0]), 1 / x, x)


def sin(x: Jet) -> Jet:
    s, c = mp.sin(x.c[0]), mp.cos(x.c[0])
    return compose([s, c, -s / 2, -c / 6, s / 24], x)


def cos(x: Jet) -> Jet:
    s, c = mp.sin(x.c[0]), mp.cos(x.c[0])
    return compose([c, -s, -c / 2, s / 6, c / 24], x)


def raised(x: Jet, exponent: object) -> Jet:
    """A constant real power; of a negative base, an integer one."""
    a = mpf(exponent)
    base = x.c[0]
    if base == 0 and a > 0 and a == mp.floor(a):
        return compose([mpf(1 if k == a else 0) for k in range(DEGREE + 1)], x)
    if (base < 0 and a != mp.floor(a)) or base == 0:
        raise Undefined("power")
    coefficients = []
    binomial = mpf(1)
    for k in range(DEGREE + 1):
        coefficients.append(binomial * mp.power(base, a - k) if binomial else mpf(0))
        binomial = binomial * (a - k) / (k + 1)
    return compose(coefficients, x)


def sqrt(x: Jet) -> Jet:
    if x.c[0] <= 0:
        raise Undefined("root")
    return raised(x, mpf(1) / 2)


def power(x: Jet, y: Jet) -> Jet:
    if not any(y.c[1:]):
        return raised(x, y.c[0])
    if x.c[0] <= 0:
        raise Undefined("power")
    return exp(y * log(x))


def sinh(x: Jet) -> Jet:
    return (exp(x) - exp(-x)) / 2


def cosh(x: Jet) -> Jet:
    return (exp(x) + exp(-x)) / 2


def tanh(x: Jet) -> Jet:
    if not x.c[0]:
        return sinh(x) / cosh(x)
    shrunk = exp(-2 * abs(x))
    return sign(x) * ((1 - shrunk) / (1 + shrunk))


def constant(value: Callable[..., object]) -> Callable[..., Jet]:
    """A function that is locally constant."""
    return lambda *operands: Jet([value(*[operand.c[0] for operand in operands])])


def sign(x: Jet) -> Jet:
    if x.c[0] == 0:
        raise Undefined("sign")
    return Jet([mp.sign(x.c[0])])


def remainder(x: Jet, y: Jet) -> Jet:
    if y.c[0] == 0:
        raise Undefined("mod")
    quotient = x.c[0] / y.c[0]
    if quotient == mp.floor(quotient):
        raise Undefined("jump")
    return x - mp.floor(quotient) * y


def half_even(x: mpf) -> mpf:
    if x * 2 == mp.floor(x * 2) and x != mp.floor(x):
        raise Undefined("jump")
    return mp.nint(x)


def hypot(x: Jet, y: Jet) -> Jet:
    return sqrt(x * x + y * y)


def asin(x: Jet) -> Jet:
    return integral(mp.asin(x.c[0]), 1 / sqrt(1 - x * x), x)


def acos(x: Jet) -> Jet:
    return integral(mp.acos(x.c[0]), -1 / sqrt(1 - x * x), x)


def atan2(y: Jet, x: Jet) -> Jet:
    if y.c[0] == 0 and x.c[0] <= 0:
        raise Undefined("branch cut")
    dy, dx = ([(k + 1) * z.c[k + 1] for k in range(DEGREE)] for z in (y, x))
    slope = (x * Jet(dy) - y * Jet(dx)) / (x * x + y * y)
    return Jet([mp.atan2(y.c[0], x.c[0]), *[slope.c[k] / (k + 1) for k in range(DEGREE)]])


def acosh(x: Jet) -> Jet:
    return integral(mp.acosh(x.c[0]), 1 / sqrt(x * x - 1), x)


def atanh(x: Jet) -> Jet:
    if abs(x.c[0]) >= 1:
        raise Undefined("atanh")
    return integral(mp.atanh(x.c[0]), 1 / (1 - x * x), x)


def sincpi(x: Jet) -> Jet:
    if x.c[0] == 0:
        return compose([mpf(1), mpf(0), -(mp.pi**2) / 6, mpf(0), mp.pi**4 / 120], x)
    t = mp.pi * x
    # The sine of pi x at working precision, so that it is exactly 0 at integers.
    s, c = mp.sinpi(x.c[0]), mp.cospi(x.c[0])
    return compose([s, c, -s / 2, -c / 6, s / 24], t) / t


def erf(x: Jet) -> Jet:
    # mpmath itself fails far out, where nothing is left but the limit.
    value = mp.erf(x.c[0]) if abs(x.c[0]) < 10**4 else mp.sign(x.c[0])
    return integral(value, 2 / mp.sqrt(mp.pi) * exp(-(x * x)), x)


def erfc(x: Jet) -> Jet:
    value = mp.erfc(x.c[0]) if abs(x.c[0]) < 10**4 else 1 - mp.sign(x.c[0])
    return integral(value, -2 / mp.sqrt(mp.pi) * exp(-(x * x)), x)


def _not_a_pole(x: mpf) -> None:
    if x <= 0 and x == mp.floor(x):
        raise Undefined("pole")


def loggamma(x: Jet) -> Jet:
    _not_a_pole(x.c[0])
    value = mp.re(mp.loggamma(x.c[0]))
    return integral(value, psi(lift(0), x), x)


def gamma(x: Jet) -> Jet:
    _not_a_pole(x.c[0])
    if x.c[0] > 10**4:
        return Jet([mp.inf] * (DEGREE + 1))
    logarithm = loggamma(x)
    return mp.gamma(x.c[0]) * exp(Jet([0, *logarithm.c[1:]]))


def psi(n: Jet, x: Jet) -> Jet:
    _not_a_pole(x.c[0])
    order = int(n.c[0])
    return compose([mp.psi(order + k, x.c[0]) / math.factorial(k) for k in range(DEGREE + 1)], x)


def bessel(name: str, outer: int, inner: int) -> Callable[[Jet, Jet], Jet]:
    """A Bessel function, whose derivatives are sums of those of other orders (DLMF 10.6.7, 10.29.5).

    mpmath itself takes a minute for differences of bessely.

    Args:
        name: mpmath's name.
        outer, inner: the signs of the sum.
    """

    def on_jets(n: Jet, x: Jet) -> Jet:
        order, function = n.c[0], getattr(mp, name)
        outside = [
            mp.fsum([
                math.comb(k, i) * inner**i * mp.re(function(order - k + 2 * i, x.c[0])) for i in range(k + 1)
            ]) * outer**k / (2**k * math.factorial(k))
            for k in range(DEGREE + 1)
        ]  # fmt: skip
        return compose(outside, x)

    return on_jets


def airy(name: str) -> Callable[..., Jet]:
    """An Airy function, or its derivative, by the equation y'' = x y."""

    def on_jets(x: Jet, order: Jet = lift(0)) -> Jet:  # noqa: B008 - never changed
        at, first, function = x.c[0], int(order.c[0]), getattr(mp, name)
        found = [function(at), function(at, 1)]
        for k in range(DEGREE + first - 1):
            found.append(at * found[k] + (k * found[k - 1] if k else 0))
        return compose([one / math.factorial(k) for k, one in enumerate(found[first:])], x)

    return on_jets


def zeta(x: Jet, start: Jet, order: Jet) -> Jet:
    """A derivative of the zeta function."""
    first = int(order.c[0])
    terms = [mp.re(mp.zeta(x.c[0], start.c[0], first + k)) / math.factorial(k) for k in range(DEGREE + 1)]
    return compose(terms, x)


#: mpmath's names on jets; what is not here is differentiated by mpmath itself, and constants are mpmath's.
ON_JETS: dict[str, Callable[..., Jet]] = {
    **{
        one.__name__: one for one in (exp, log, sin, cos, sqrt, power, sinh, cosh, tanh, sign, hypot, asin, acos, atan2)
    },
    **{one.__name__: one for one in (atan2, acosh, atanh, sincpi, erf, erfc, gamma, loggamma, psi)},
    "expm1": lambda x: exp(x) - 1,
    "log1p": lambda x: integral(mp.log1p(x.c[0]), 1 / (1 + x), x) if x.c[0] > -1 else log(1 + x),
    "log10": lambda x: log(x) / mp.log(10),
    "cbrt": lambda x: sign(x) * raised(abs(x), mpf(1) / 3),
    "tan": lambda x: sin(x) / cos(x),
    "sec": lambda x: 1 / cos(x),
    "csc": lambda x: 1 / sin(x),
    "cot": lambda x: cos(x) / sin(x),
    "sech": lambda x: 1 / cosh(x),
    "csch": lambda x: 1 / sinh(x),
    "coth": lambda x: 1 / tanh(x),
    "atan": lambda x: integral(mp.atan(x.c[0]), 1 / (1 + x * x), x),
    "asinh": lambda x: integral(mp.asinh(x.c[0]), 1 / sqrt(1 + x * x), x),
    "digamma": lambda x: psi(lift(0), x),
    "factorial": lambda x: gamma(x + 1),
    "airyai": airy("airyai"),
    "airybi": airy("airybi"),
    "besselj": bessel("besselj", 1, -1),
    "bessely": bessel("bessely", 1, -1),
    "besseli": bessel("besseli", 1, 1),
    "besselk": bessel("besselk", -1, 1),
    "zeta": lambda x, start=Jet([1]), order=Jet([0]): zeta(x, start, order),  # noqa: B008 - never changed
    "fmod": remainder,
    "floor": constant(mp.floor),
    "ceil": constant(mp.ceil),
    "nint": constant(half_even),
    "re": lambda x: x,
}


class Names:
    """The namespace that an oracle is given: mpmath's names, on jets."""

    def __getattr__(self, name: str) -> Any:
        own = ON_JETS.get(name) or getattr(mp, name)
        if hasattr(own, "_mpf_"):  # a constant
            return own
        function = own if name in ON_JETS else _differentiated(own)

        def lifting(*operands: object) -> Jet:
            return function(*[lift(operand) for operand in operands])

        return lifting

    @staticmethod
    def mpf(number: object) -> mpf:
        """A number of mpmath; of a jet, its value, with which it may be compared where branches join smoothly."""
        return number.c[0] if isinstance(number, Jet) else mpf(number)


def _differentiated(function: Callable[..., Any]) -> Callable[..., Jet]:
    """A function that has no rule here: mpmath finds its Taylor coefficients along a curve."""

    def on_jets(*operands: Jet) -> Jet:
        def along(t: mpf) -> mpf:
            found = function(*[mp.polyval(operand.c[::-1], t) for operand in operands])
            if not mp.isfinite(found) or abs(mp.im(found)) > abs(found) * mp.eps * 2**40:
                raise Undefined("beyond an end of the domain")
            return mp.re(found)

        return Jet(mp.taylor(along, 0, DEGREE))

    return on_jets


NAMES = Names()
#: Functions that take long with many digits, and lose none at extreme scales.
_COSTLY = ("gamma", "loggamma", "digamma", "psi", "factorial")


def oracle_of(primitive: Primitive) -> Callable[..., Jet]:
    """The oracle of a primitive on jets: its own, or mpmath's function of its name.

    Raises:
        AttributeError: it has none, and mpmath has no function of that name.
    """
    declared = primitive.oracle
    if declared is None:
        return getattr(NAMES, primitive.name)
    return lambda *jets: lift(declared(NAMES, *jets))


class _Recorder(Names):
    """The namespace, and the calls of its functions: the name of each, and its result."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []

    def __getattr__(self, name: str) -> Any:
        function = super().__getattr__(name)

        def recorded(*operands: object) -> Jet:
            result = function(*operands)
            self.calls.append((name, result))
            return result

        return recorded if callable(function) and not hasattr(function, "_mpf_") else function


@cache
def _is_costly(name: str) -> bool:
    """Whether a function is nothing but one of the costly ones."""
    primitive, recorder = REGISTRY[name], _Recorder()
    if primitive.oracle is None:
        return name in _COSTLY
    point = [0.63 * low + 0.37 * high for low, high in primitive.samples[0]]
    result = primitive.oracle(recorder, *[Jet([x]) for x in point])
    called = [word for word, _ in recorder.calls if word != "re"]
    return len(called) == 1 and called[0] in _COSTLY and recorder.calls[-1][1] is result


def derivatives(name: str, point: Sequence[float], operand: int) -> list[mpf]:
    """The derivatives of order 0 to 4 toward one operand.

    Raises:
        Undefined: the function is not smooth there.
    """
    in_balls = _ball_derivatives()
    balls = in_balls and in_balls(name, point, operand, DEGREE)
    if balls:
        return [_middle(one) for one in balls]
    return derivatives_by_mpmath(name, point, operand)


@cache
def _ball_derivatives() -> Callable[[str, Sequence[float], int, int], list[Any] | None] | None:
    """The oracle in balls, which is proved and quick; None if python-flint isn't installed."""
    try:
        from tests.support.ball_oracle import ball_derivatives
    except ImportError:
        return None
    return ball_derivatives


def _middle(ball: Any) -> mpf:
    mantissa, exponent = ball.mid().man_exp()
    with mp.workprec(max(64, int(mantissa).bit_length())):
        return mpf(int(mantissa)) * mpf(2) ** int(exponent)


def derivatives_by_mpmath(name: str, point: Sequence[float], operand: int) -> list[mpf]:
    """The derivatives of order 0 to 4, computed with more and more digits until they agree.

    Raises:
        Undefined: the function is not smooth there.
    """
    digits = DIGITS
    for x in point:
        if x != 0.0 and not _is_costly(name):
            digits += int(2 * abs(math.log10(abs(x))) + min(abs(x), 1500.0) / 2)
    before = _derivatives(name, point, operand, digits)
    while True:
        digits += digits // 2
        now = _derivatives(name, point, operand, digits)
        # At 0 a derivative is 0, or at least of the size of its neighbours: what is left of it is rounding.
        negligible = mpf(10) ** -(DIGITS // 2) if 0.0 in point else _NEGLIGIBLE
        if all(_agree(a, b, negligible) for a, b in zip(before, now, strict=True)):
            return [mpf(0) if abs(one) < negligible else one for one in now]
        if digits > 6000:
            raise ArithmeticError(f"the oracle does not settle: {name} at {point}")
        before = now


def _derivatives(name: str, point: Sequence[float], operand: int, digits: int) -> list[mpf]:
    with mp.workdps(digits):
        jets = [Jet([x, 1 if i == operand else 0]) for i, x in enumerate(point)]
        result = oracle_of(REGISTRY[name])(*jets)
        return [c * math.factorial(k) for k, c in enumerate(result.c)]


def _agree(a: mpf, b: mpf, negligible: mpf) -> bool:
    if abs(a) < negligible and abs(b) < negligible:
        return True
    if abs(a) > _HUGE and abs(b) > _HUGE:
        return True
    return bool(abs(a - b) <= abs(b) * mpf(10) ** -30)


_NEGLIGIBLE = mpf(10) ** -800
_HUGE = mpf(10) ** 800
