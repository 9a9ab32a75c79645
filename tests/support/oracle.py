"""The oracle: every public primitive defined once more, on Taylor polynomials of mpmath numbers.

A `Jet` is the Taylor polynomial of degree four of a function of one variable.  The definitions below are written from
the mathematics and share nothing with the rules of gradcli, and the Taylor coefficients of a composition are exact:
there is no step of a finite difference that would have to fit the scale of a point.  Cancellation is met with digits: a
point starts with 60, with more for an extreme scale, and is computed again with half as many on top; `derivatives`
returns only what both agree on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from mpmath import mp, mpf

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
    shrunk = exp(-2 * absolute(x))
    return sign(x) * ((1 - shrunk) / (1 + shrunk))


def sigmoid(x: Jet) -> Jet:
    return 1 / (1 + exp(-x))


def softplus(x: Jet) -> Jet:
    if x.c[0] <= 0:
        return log(1 + exp(x))
    return log(1 + exp(-x)) + x


def constant(value: Callable[..., object]) -> Callable[..., Jet]:
    """A function that is locally constant."""
    return lambda *operands: Jet([value(*[operand.c[0] for operand in operands])])


def sign(x: Jet) -> Jet:
    if x.c[0] == 0:
        raise Undefined("sign")
    return Jet([mp.sign(x.c[0])])


def absolute(x: Jet) -> Jet:
    if x.c[0] == 0 and any(x.c[1:]):
        raise Undefined("abs")
    return x if x.c[0] >= 0 else -x


def relu(x: Jet) -> Jet:
    return piecewise(x.c[0], x, lift(0))


def piecewise(condition: mpf, above: Jet, below: Jet) -> Jet:
    """One of two branches; no derivative between them."""
    if condition == 0:
        raise Undefined("between two branches")
    return above if condition > 0 else below


def largest(*operands: Jet) -> Jet:
    ordered = sorted(operands, key=lambda jet: jet.c[0])
    if ordered[-1].c[0] == ordered[-2].c[0]:
        raise Undefined("tie")
    return ordered[-1]


def smallest(*operands: Jet) -> Jet:
    return -largest(*[-operand for operand in operands])


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


def sinc(x: Jet) -> Jet:
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


def lgamma(x: Jet) -> Jet:
    _not_a_pole(x.c[0])
    value = mp.re(mp.loggamma(x.c[0]))
    return integral(value, polygamma(lift(0), x), x)


def gamma(x: Jet) -> Jet:
    _not_a_pole(x.c[0])
    if x.c[0] > 10**4:
        return Jet([mp.inf] * (DEGREE + 1))
    logarithm = lgamma(x)
    return mp.gamma(x.c[0]) * exp(Jet([0, *logarithm.c[1:]]))


def polygamma(n: Jet, x: Jet) -> Jet:
    _not_a_pole(x.c[0])
    order = int(n.c[0])
    return compose([mp.psi(order + k, x.c[0]) / math.factorial(k) for k in range(DEGREE + 1)], x)


def elu(x: Jet) -> Jet:
    return piecewise(x.c[0], x, exp(x) - 1)


# Klambauer et al. (2017), to more digits than a double has.
SELU_ALPHA = "1.6732632423543772848170429916717"
SELU_SCALE = "1.0507009873554804934193349852946"

ORACLE: dict[str, Callable[..., Jet]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "pow": power,
    "mod": remainder,
    "square": lambda x: x * x,
    "sqrt": sqrt,
    "cbrt": lambda x: sign(x) * raised(absolute(x), mpf(1) / 3),
    "hypot": hypot,
    "exp": exp,
    "exp2": lambda x: exp(mp.log(2) * x),
    "expm1": lambda x: exp(x) - 1,
    "log": log,
    "log2": lambda x: log(x) / mp.log(2),
    "log10": lambda x: log(x) / mp.log(10),
    "log1p": lambda x: log(1 + x),
    "logaddexp": lambda x, y: softplus(x - y) + y,
    "xlogy": lambda x, y: x * log(y),
    "sin": sin,
    "cos": cos,
    "tan": lambda x: sin(x) / cos(x),
    "sec": lambda x: 1 / cos(x),
    "csc": lambda x: 1 / sin(x),
    "cot": lambda x: cos(x) / sin(x),
    "asin": asin,
    "acos": acos,
    "atan": lambda x: integral(mp.atan(x.c[0]), 1 / (1 + x * x), x),
    "atan2": atan2,
    "sinc": sinc,
    "sinh": sinh,
    "cosh": cosh,
    "tanh": lambda x: tanh(x) if x.c[0] else sinh(x) / cosh(x),
    "sech": lambda x: 1 / cosh(x),
    "csch": lambda x: 1 / sinh(x),
    "coth": lambda x: 1 / tanh(x),
    "asinh": lambda x: integral(mp.asinh(x.c[0]), 1 / sqrt(1 + x * x), x),
    "acosh": acosh,
    "atanh": atanh,
    "erf": erf,
    "erfc": erfc,
    "gamma": gamma,
    "lgamma": lgamma,
    "digamma": lambda x: polygamma(lift(0), x),
    "polygamma": polygamma,
    "factorial": lambda x: gamma(x + 1),
    "relu": relu,
    "leaky_relu": lambda x: piecewise(x.c[0], x, x / 100),
    "elu": elu,
    "selu": lambda x: mpf(SELU_SCALE) * piecewise(x.c[0], x, mpf(SELU_ALPHA) * (exp(x) - 1)),
    "sigmoid": sigmoid,
    "softplus": softplus,
    "softsign": lambda x: x / (1 + absolute(x)),
    "silu": lambda x: x * sigmoid(x),
    "gelu": lambda x: x * erfc(-x / mp.sqrt(2)) / 2,
    "gelu_tanh": lambda x: x * sigmoid(2 * mp.sqrt(2 / mp.pi) * (x + mpf("0.044715") * x * x * x)),
    "mish": lambda x: x * tanh(softplus(x)),
    "hard_tanh": lambda x: largest(smallest(x, lift(1)), lift(-1)),
    "floor": constant(mp.floor),
    "ceil": constant(mp.ceil),
    "round": constant(half_even),
    "sign": sign,
    "step": lambda x: (sign(x) + 1) / 2,
    "abs": absolute,
    "max": largest,
    "min": smallest,
    "clip": lambda x, low, high: smallest(largest(x, low), high),
    "where": lambda c, x, y: x if c.c[0] != 0 else y,
    "less": constant(lambda x, y: x < y),
    "less_equal": constant(lambda x, y: x <= y),
    "greater": constant(lambda x, y: x > y),
    "greater_equal": constant(lambda x, y: x >= y),
    "equal": constant(lambda x, y: x == y),
    "not_equal": constant(lambda x, y: x != y),
    "logical_and": constant(lambda x, y: x != 0 and y != 0),
    "logical_or": constant(lambda x, y: x != 0 or y != 0),
    "logical_not": constant(lambda x: x == 0),
}


#: Costly functions that lose nothing at extreme scales.
_WITHOUT_CANCELLATION = {"gamma", "lgamma", "digamma", "polygamma", "factorial"}


def derivatives(name: str, point: Sequence[float], operand: int) -> list[mpf]:
    """The derivatives of order 0 to 4 toward one operand.

    Raises:
        Undefined: the function is not smooth there.
    """
    digits = DIGITS
    for x in point:
        if x != 0.0 and name not in _WITHOUT_CANCELLATION:
            digits += int(2 * abs(math.log10(abs(x))) + (min(abs(x), 1500.0) / 2 if name != "pow" else 0))
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
        result = ORACLE[name](*jets)
        return [c * math.factorial(k) for k, c in enumerate(result.c)]


def _agree(a: mpf, b: mpf, negligible: mpf) -> bool:
    if abs(a) < negligible and abs(b) < negligible:
        return True
    if abs(a) > _HUGE and abs(b) > _HUGE:
        return True
    return bool(abs(a - b) <= abs(b) * mpf(10) ** -30)


_NEGLIGIBLE = mpf(10) ** -800
_HUGE = mpf(10) ** 800
