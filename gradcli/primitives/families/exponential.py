"""Exponentials and logarithms."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from gradcli.primitives.declared import Edge, Rewrite, constant
from gradcli.primitives.families.arithmetic import at_origin
from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.kernels.float_kernels import FLOATS
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="exponential")
LOG2_E = 1.0 / kernels.LN2
LOG10_E = 0.4342944819032518

_LOG_END = "the logarithm is -inf at 0, with an infinite slope"

define(
    "exp(x)",
    about="The exponential function.",
    value=kernels.exp,
    partials=lambda x, y: (y,),
    logarithm=lambda x: x,
    latex="e^{{{x}}}",
    instead_of=(
        Rewrite(lambda x: f.log(f.exp(x)), "x"),
        Rewrite(lambda x, y: f.exp(x) / f.exp(y), "exp(x - y)"),
        Rewrite(lambda x, y: f.exp(x) * f.exp(y), "exp(x + y)"),
        Rewrite(lambda x, y: x / f.exp(y), "x*exp(-y)"),
    ),
    samples=(((-700.0, 700.0),), ((-5.0, 5.0),)),
    example="exp(1)  # 2.718281828459045",
)

define(
    "exp2(x)",
    about="2 to the power x.",
    value=kernels.exp2,
    partials=lambda x, y: (kernels.LN2 * y,),
    latex="{{2^{{{x}}}}}",
    begins_identities=True,
    oracle=lambda mp, x: mp.exp(mp.log(2) * x),
    samples=(((-1000.0, 1000.0),), ((-5.0, 5.0),)),
    example="exp2(10)  # 1024.0",
)

define(
    "expm1(x)",
    about="exp(x) - 1, with all digits also near 0.",
    value=kernels.expm1,
    # exp(x) and not y + 1, which keeps no digit where y is close to -1.
    partials=lambda x, y: (f.exp(x),),
    fast_partials=lambda x, y: (y + 1.0,),
    exact=lambda x: f.exp(x) - 1.0,
    instead_of=(
        Rewrite(lambda x: (f.exp(x) - 1.0) / x, "where(abs(x) < 1e-4, 1 + x/2 + x^2/6 + x^3/24, expm1(x)/x)"),
        Rewrite(lambda x: f.expm1(x) / x, "where(abs(x) < 1e-4, 1 + x/2 + x^2/6 + x^3/24, expm1(x)/x)"),
        Rewrite(lambda x: x / (f.exp(x) - 1.0), "where(abs(x) < 1e-4, 1 - x/2 + x^2/12, x/expm1(x))"),
        Rewrite(lambda x: x / f.expm1(x), "where(abs(x) < 1e-4, 1 - x/2 + x^2/12, x/expm1(x))"),
        Rewrite(lambda x: (1.0 - f.exp(-x)) / x, "where(abs(x) < 1e-4, 1 - x/2 + x^2/6 - x^3/24, -expm1(-x)/x)"),
    ),
    latex="{{e^{{{x}}} - 1}}",
    begins_identities=True,
    samples=(((-40.0, 700.0),), ((-1.0, 1.0),)),
    example="expm1(1e-10)  # 1.00000000005e-10",
)

define(
    "log(x)",
    about="The natural logarithm.",
    value=kernels.log,
    partials=lambda x, y: (1.0 / f.unsigned(x),),
    domain="x > 0, or -inf at x = 0",
    edges=(Edge("x = 0", "end", lambda x: f.equal(x, 0.0), _LOG_END),),
    spellings=("ln",),
    instead_of=(
        Rewrite(lambda x: f.log(x**2.0), "2*log(abs(x))"),
        Rewrite(lambda x, y: f.log(x**y), "y*log(x)"),
        Rewrite(lambda x, y: f.log(x * y), "log(x) + log(y)"),
        Rewrite(lambda x, y: f.log(x / y), "log(x) - log(y)"),
    ),
    begins_identities=True,
    inverse="exp",
    samples=(((1e-3, 1e3),),),
    example="log(10)  # 2.302585092994046",
)

define(
    "log2(x)",
    about="The logarithm to base 2.",
    value=kernels.log2,
    partials=lambda x, y: (LOG2_E / f.unsigned(x),),
    domain="x > 0, or -inf at x = 0",
    edges=(Edge("x = 0", "end", lambda x: f.equal(x, 0.0), _LOG_END),),
    spellings=("lb",),
    exact=lambda x: f.log(x) / f.log(x.graph.lift(2.0)),
    latex=r"\log_2\left({x}\right)",
    begins_identities=True,
    inverse="exp2",
    oracle=lambda mp, x: mp.log(x) / mp.log(2),
    samples=(((1e-3, 1e3),),),
    example="log2(1024)  # 10.0",
)

define(
    "log10(x)",
    about="The logarithm to base 10.",
    value=kernels.log10,
    # log10(e)/x and not 1/(x log(10)): x log(10) overflows where the derivative is still a number.
    partials=lambda x, y: (LOG10_E / f.unsigned(x),),
    exact=lambda x: f.log(x) / f.log(x.graph.lift(10.0)),
    domain="x > 0, or -inf at x = 0",
    edges=(Edge("x = 0", "end", lambda x: f.equal(x, 0.0), _LOG_END),),
    latex=r"\log_{{10}}\left({x}\right)",
    begins_identities=True,
    samples=(((1e-3, 1e3),),),
    example="log10(1000)  # 3.0",
)

define(
    "log1p(x)",
    about="log(1 + x), with all digits also near 0.",
    value=kernels.log1p,
    partials=lambda x, y: (1.0 / (1.0 + x),),
    exact=lambda x: f.log(1.0 + x),
    domain="x > -1, or -inf at x = -1",
    edges=(Edge("x = -1", "end", lambda x: f.equal(x, -1.0), "log1p goes to -inf at -1 with an infinite slope"),),
    latex=r"{{\log\left(1 + {x:6}\right)}}",
    instead_of=(
        Rewrite(lambda x: f.log(1.0 + x) / x, "where(abs(x) < 1e-4, 1 - x/2 + x^2/3 - x^3/4, log1p(x)/x)"),
        Rewrite(lambda x: f.log1p(x) / x, "where(abs(x) < 1e-4, 1 - x/2 + x^2/3 - x^3/4, log1p(x)/x)"),
    ),
    begins_identities=True,
    inverse="expm1",
    samples=(((-0.999, 1e3),), ((-1e-3, 1e-3),)),
    example="log1p(1e-10)  # 9.999999999500001e-11",
)


define(
    "logaddexp(x, y)",
    about="log(exp(x) + exp(y)), without overflow.",
    value=lambda x, y: kernels.logaddexp(FLOATS, x, y),
    # The sigmoid of the difference, and not exp(x - z), whose z has lost the digits of log(2) for large x.
    partials=lambda x, y, z: (f.sigmoid_derivative(0.0, x, y), f.sigmoid_derivative(0.0, y, x)),
    exact=lambda x, y: f.log(f.exp(x) + f.exp(y)),
    latex=r"{{\log\left(e^{{{x}}} + e^{{{y}}}\right)}}",
    instead_of=(
        Rewrite(lambda x, y: f.log(f.exp(x) + f.exp(y)), "logaddexp(x, y)"),
        Rewrite(lambda x: f.log(f.cosh(x)), "logaddexp(x, -x) - log(2)"),
    ),
    begins_identities=True,
    oracle=lambda mp, x, y: (
        y + (mp.log1p(mp.exp(x - y)) if mp.mpf(x) <= mp.mpf(y) else x - y + mp.log1p(mp.exp(y - x)))
    ),
    samples=(((-50.0, 50.0), (-50.0, 50.0)),),
    example="logaddexp(1000, 1000)  # 1000.6931471805599",
)

# The sigmoid of a rounded difference is off by 180 units in the last place at x = 0.1, y = 700.  A function of both
# operands can correct this in its kernel.
define(
    "sigmoid_derivative(n, x, y)",
    about="The n-th derivative of the sigmoid at x - y.",
    value=kernels.sigmoid_derivative,
    partials=lambda n, x, y, z: (
        math.nan,
        f.sigmoid_derivative(n + 1.0, x, y),
        -f.sigmoid_derivative(n + 1.0, x, y),
    ),
    static=("n",),
    complements={-1.0: lambda n, x, y: f.sigmoid_derivative(n, y, x) if constant(n) == 0.0 else None},
    logarithm=lambda n, x, y: -f.softplus(y - x) if constant(n) == 0.0 else None,
    expands=lambda n, x, y: _sigmoid_derivative_for_readers(int(constant(n) or 0), x, y),
    ulps=4.0,
    samples=(((0.0, 0.0), (-50.0, 50.0), (-50.0, 50.0)), ((1.0, 1.0), (-50.0, 50.0), (-50.0, 50.0))),
    internal=True,
)


def _sigmoid_derivative_for_readers(n: int, x: Any, y: Any) -> Any:
    """The derivative of the sigmoid s at d = x - y, by Leibniz's rule from s' = s(d) s(-d)."""
    if n == 0:
        return f.sigmoid(x - y)
    total: Any = 0.0
    for k in range(n):
        term = math.comb(n - 1, k) * (-1.0) ** (n - 1 - k) * f.sigmoid_derivative(float(k), x, y)
        total = total + term * f.sigmoid_derivative(float(n - 1 - k), y, x)
    return total


define(
    "xlogy(x, y)",
    about="x log(y), which is 0 at x = 0 even where the logarithm is infinite.",
    value=lambda x, y: 0.0 if x == 0.0 and y >= 0.0 else x * kernels.log(y),
    partials=lambda x, y, z: (f.log(y), x / y),
    exact=lambda x, y: f.where(f.equal(x, 0.0), 0.0, x * f.log(y)),
    domain="y > 0, or x = 0 and y >= 0",
    edges=(
        Edge(
            "x = 0, y = 0",
            "end",
            at_origin,
            "xlogy ends here: it is 0, with slope -inf in x and 0 in y",
            lambda x, y, z: (f.log(y), 0.0),
        ),
        Edge("y = 0", "end", lambda x, y: f.equal(y, 0.0), _LOG_END),
    ),
    instead_of=(
        Rewrite(lambda x, y: x * f.log(y), "xlogy(x, y)"),
        Rewrite(lambda x, y: x * f.log2(y), "xlogy(x, y)/log(2)"),
        Rewrite(lambda x, y: x * f.log10(y), "xlogy(x, y)/log(10)"),
        Rewrite(lambda x, y: x * f.log1p(y), "xlogy(x, 1 + y)"),
    ),
    latex=r"{{{x} \log\left({y}\right)}}",
    begins_identities=True,
    oracle=lambda mp, x, y: x * mp.log(y),
    samples=(((-10.0, 10.0), (1e-3, 1e3)),),
    example="xlogy(0, 0)  # 0.0",
)
