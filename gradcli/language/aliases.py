"""Functions of other languages and of textbooks that gradcli doesn't have, and the formulas to write instead.

A function that gradcli has under another name is not listed here: that name is a spelling in its declaration.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from gradcli.primitives import REGISTRY
from gradcli.records import NamedTuple
from gradcli.source import is_operand, with_operands

__all__ = ["Alias", "alias_hint", "aliases", "is_number_text", "other_arguments_hint"]

_TO_RADIANS: Final = "pi/180"
_TO_DEGREES: Final = "180/pi"
_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
_TRUNCATED: Final = "sign(x)*floor(abs(x))"

#: The names of a function with its parameters -> what to write instead, the most likely meaning first.  A remark says
#: which meaning a formula has.  ``...`` stands for all arguments.
_TABLE: Final = {
    # Powers, roots and logarithms
    "antilog (x)": "10^x",
    "lg (x)": "log10(x) # to the base 10; log2(x) # to the base 2",
    "logb (x, b)": "log(x)/log(b)",
    "sqr (x)": "x^2 # the square; sqrt(x) # the root",
    "cube (x)": "x^3",
    "rsqrt invsqrt (x)": "1/sqrt(x)",
    "rad (x)": "radians(x)",
    "deg (x)": "degrees(x)",
    "inv recip reciprocal (x)": "1/x",
    "ldexp scalb (x, n)": "x*2^n",
    "fma (a, b, c)": "a*b + c",
    # Degrees and half turns
    "sind (x)": f"sin(x*{_TO_RADIANS})",
    "cosd (x)": f"cos(x*{_TO_RADIANS})",
    "tand (x)": f"tan(x*{_TO_RADIANS})",
    "cotd (x)": f"cot(x*{_TO_RADIANS})",
    "secd (x)": f"sec(x*{_TO_RADIANS})",
    "cscd (x)": f"csc(x*{_TO_RADIANS})",
    "asind arcsind (x)": f"asin(x)*{_TO_DEGREES}",
    "acosd arccosd (x)": f"acos(x)*{_TO_DEGREES}",
    "atand arctand (x)": f"atan(x)*{_TO_DEGREES}",
    "atan2d (y, x)": f"atan2(y, x)*{_TO_DEGREES}",
    "sinpi sinPi (x)": "sin(pi*x)",
    "cospi cosPi (x)": "cos(pi*x)",
    "tanpi tanPi (x)": "tan(pi*x)",
    # Rarer functions of angles, and inverses
    "versin vers (x)": "2*sin(x/2)^2",
    "haversin hav haversine (x)": "sin(x/2)^2",
    "gd gudermannian (x)": "2*atan(tanh(x/2))",
    # Rounding and remainders
    "fix int integer (x)": _TRUNCATED,
    "rem fmod (x, y)": "sign(x)*mod(abs(x), abs(y)) # with the sign of the first; mod(x, y) # with that of the second",
    "remainder (x, y)": "x - y*round(x/y) # the nearest to 0; mod(x, y) # with the sign of the second",
    "floordiv floor_divide idiv quotient (x, y)": "floor(x/y)",
    # Choices and comparisons
    "isnan isNaN (x)": "x != x",
    "isinf (x)": "abs(x) == inf",
    "isfinite (x)": "abs(x) < inf",
    "relu6 (x)": "clip(x, 0, 6)",
    "saturate clamp01 clip01 (x)": "clip(x, 0, 1)",
    "hardsigmoid hard_sigmoid (x)": "clip(x/6 + 0.5, 0, 1)",
    "hinge (x)": "relu(1 - x)",
    "ramp positive pos (x)": "relu(x)",
    "lerp mix (a, b, t)": "a + t*(b - a)",
    "copysign (x, y)": "abs(x)*sign(y)",
    "fdim (x, y)": "relu(x - y)",
    # Statistics and combinatorics
    "logit (x)": "log(x) - log1p(-x)",
    "logsigmoid log_sigmoid (x)": "-softplus(-x)",
    "entr (x)": "-xlogy(x, x)",
    "xlogx (x)": "xlogy(x, x)",
    "pnorm ndtr Phi (x)": "normcdf(x)",
    "dnorm (x)": "normpdf(x)",
    "comb choose nCr ncr nchoosek C (n, k)": "binomial(n, k)",
    "perm nPr npr P (n, k)": "factorial(n)/factorial(n - k)",
    "trigamma (x)": "polygamma(1, x)",
    "rms (x)": "sqrt(mean(x^2))",
    "avg average (x)": "mean(x)",
    "avg average (...)": "mean([...])",
    "total (x)": "sum(x)",
    "product (x)": "prod(x)",
    "total (...)": "sum([...])",
    "stdev stddev (x)": "std(x)",
    "variance (x)": "var(x)",
    "amax (x)": "max(x)",
    "amin (x)": "min(x)",
    "median (x, y, z)": "x + y + z - max(x, y, z) - min(x, y, z)",
    # Special functions
    "exp1 E1 (x)": "expint(1, x)",
    "eint (x)": "expi(x)",
    "li logint (x)": "expi(log(x))",
    "sici (x)": "sinint(x) # the sine integral; cosint(x) # the cosine integral",
    "Shi shi sinhint (x)": "(expi(x) - expi(-x))/2",
    "Chi chi coshint (x)": "(expi(x) + expi(-x))/2 # for x > 0",
    "Cin cin (x)": "log(x) - digamma(1) - cosint(x)",
    "fresnel (x)": "fresnels(x) # the sine; fresnelc(x) # the cosine",
    "airy (x)": "airyai(x) # the first; airybi(x) # the second",
    "j0 (x)": "besselj(0, x)",
    "j1 (x)": "besselj(1, x)",
    "y0 (x)": "bessely(0, x)",
    "y1 (x)": "bessely(1, x)",
    "i0 (x)": "besseli(0, x)",
    "i1 (x)": "besseli(1, x)",
    "k0 (x)": "besselk(0, x)",
    "k1 (x)": "besselk(1, x)",
    "ive (n, x)": "besseli(n, x)*exp(-abs(x))",
    "kve (n, x)": "besselk(n, x)*exp(x)",
    "rgamma (x)": "1/gamma(x)",
    "poch pochhammer Pochhammer (x, n)": "gamma(x + n)/gamma(x)",
    "uppergamma upper_gamma gamma_upper (a, x)": "gammaincc(a, x)*gamma(a)",
    "lowergamma lower_gamma gamma_lower (a, x)": "gammainc(a, x)*gamma(a)",
    "ndtri norminv probit qnorm (p)": "sqrt(2)*erfinv(2*p - 1)",
    "zetac (x)": "zeta(x) - 1",
    "tetragamma (x)": "polygamma(2, x)",
    # Vectors and matrices
    "inner vdot dotproduct (x, y)": "dot(x, y)",
    "dist distance (x, y)": "norm(x - y)",
    "magnitude (x)": "norm(x)",
    "sumsq sumsqr ssq (x)": "sum(x^2)",
    "normalize unit (x)": "x/norm(x)",
    "det (A)": "A[0,0]*A[1,1] - A[0,1]*A[1,0] # of a 2x2 matrix",
    "trace tr (A)": "A[0,0] + A[1,1] # of a 2x2 matrix",
    "transp (A)": "transpose(A)",
}

#: Functions that gradcli has, with the arguments that they take elsewhere.  Constants come first.
_WITH_OTHER_ARGUMENTS: Final = {
    "lambertw LambertW productlog ProductLog (k, x)": "lambertw(x) # the branch 0; lambertwm1(x) # the branch -1",
    "psi digamma (n, x)": "polygamma(n, x)",
    "polygamma (x)": "digamma(x)",
    "gamma Gamma (a, x)": "gammaincc(a, x)*gamma(a) # from x on; gammainc(a, x)*gamma(a) # up to x",
    "beta Beta (a, b, x)": "betainc(a, b, x)*beta(a, b)",
    "expint (x)": "expint(1, x)",
}


class Alias(NamedTuple):
    """A function that gradcli doesn't have.

    Attributes:
        name: its name in other languages.
        parameters: the names of its parameters; ``...`` alone stands for any number of them.
        formulas: formulas that replace a call, the most likely meaning first, each with a remark, which may be empty.
    """

    name: str
    parameters: tuple[str, ...]
    formulas: tuple[tuple[str, str], ...]

    def takes(self, count: int) -> bool:
        """Whether the function takes this many arguments."""
        return count == len(self.parameters) if self.parameters != ("...",) else count > 1

    def instead(self, arguments: Sequence[str]) -> list[tuple[str, str]]:
        """Return the formulas with these arguments in place of the parameters, each with its remark."""
        given = dict(zip(self.parameters, arguments, strict=False))
        if self.parameters == ("...",):
            given = {"...": ", ".join(arguments)}
        return [(with_operands(formula, given), remark) for formula, remark in self.formulas]


@cache
def aliases() -> tuple[Alias, ...]:
    """Return the functions of the table, one for each name, except names of functions that gradcli has."""
    known = {*REGISTRY.words(), *REGISTRY.offered}
    return tuple([alias for alias in _read(_TABLE) if alias.name not in known])


def _read(table: Mapping[str, str]) -> Iterator[Alias]:
    for words, formulas in table.items():
        names, _, parameters = words.removesuffix(")").partition(" (")
        pairs = [formula.partition(" # ")[::2] for formula in formulas.split("; ")]
        operands = tuple(parameters.split(", "))
        yield from (Alias(name, operands, tuple(pairs)) for name in names.split())


def other_arguments_hint(name: str, arguments: Sequence[str]) -> str | None:
    """Return the hint for a function that takes other arguments elsewhere; None if the table doesn't have it.

    Args:
        name: the name of the function.
        arguments: the texts of the arguments.

    >>> other_arguments_hint("lambertw", ["x", "-1"])
    'write `lambertw(x)` (the branch 0) or `lambertwm1(x)` (the branch -1)'
    """
    for alias in _read(_WITH_OTHER_ARGUMENTS):
        if alias.name == name and alias.takes(len(arguments)):
            given = sorted(arguments, key=lambda argument: not is_number_text(argument))
            return "write " + " or ".join(_with_remark(*pair) for pair in alias.instead(given))
    return None


def is_number_text(text: str) -> bool:
    """Whether a text is a number with or without a sign."""
    return _NUMBER.fullmatch(text.strip()) is not None


def alias_hint(
    name: str, arguments: Sequence[str], is_readable: Callable[[str], bool], *, in_parentheses: bool = False
) -> str | None:
    """Return the hint for a call of a function that gradcli doesn't have; None if the table doesn't have it either.

    Args:
        name: the name of the function.
        arguments: the texts of the arguments.
        is_readable: whether a formula can be read in place of the call.
        in_parentheses: whether to write a formula with operators in parentheses, as in the middle of a text.

    >>> alias_hint("lg", ["x"], lambda formula: True)
    'write `log10(x)` (to the base 10) or `log2(x)` (to the base 2)'
    """
    known = [alias for alias in aliases() if alias.name == name]
    for alias in known:
        if alias.takes(len(arguments)):
            pairs = [
                (f"({formula})" if in_parentheses and not is_operand(formula) else formula, remark)
                for formula, remark in alias.instead(arguments)
                if is_readable(formula)
            ]
            if pairs:
                return "write " + " or ".join(_with_remark(*pair) for pair in pairs)
    if not known or len(name) == 1:  # with other arguments, a letter is no function
        return None
    alias = known[0]
    return f"`{name}({', '.join(alias.parameters)})` is {_with_remark(*alias.formulas[0])}"


def _with_remark(formula: str, remark: str) -> str:
    return f"`{formula}` ({remark})" if remark else f"`{formula}`"
