"""Activation functions of neural nets."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from gradcli.primitives.declared import Edge, Rewrite
from gradcli.primitives.families.arithmetic import value_among
from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="activation")
INVERSE_SQRT_TAU = 0.3989422804014327
# At this x, the square of sech(x/2) is 0 already, and x times it is not yet inf * 0.
FAR = 2000.0


def _at_zero(x: Any) -> Any:
    return f.equal(x, 0.0)


def _silu(x: float) -> float:
    """x sigmoid(x); in the tail where exp(x) is a denormal, x exp(x) still has all its digits."""
    if x < -700.0:
        root = math.exp(0.5 * x)
        return root * (x * root) if x > -math.inf else -0.0
    return x * kernels.sigmoid(x)


def _gelu_tanh(x: float) -> float:
    if x == -math.inf:
        return -0.0
    return x * kernels.sigmoid(2.0 * kernels.SQRT_TWO_OVER_PI * (x + kernels.GELU_CUBE * x * x * x))


def softplus_kernel(x: float) -> float:
    """log(1 + exp(x)) without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x))) if x == x else x


def _exact_softplus(mp: Any, x: Any) -> Any:
    return mp.log1p(mp.exp(x)) if mp.mpf(x) <= 0 else x + mp.log1p(mp.exp(-x))


def _exact_selu(mp: Any, x: Any) -> Any:
    """selu with the constants of Klambauer et al., which are given to more digits than a double has."""
    scale, alpha = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")
    return scale * (x if x > 0 else alpha * mp.expm1(x))


define(
    "relu(x)",
    about="The rectifier: x where x is positive, else 0.",
    value=lambda x: 0.0 if x <= 0.0 else x,
    array=lambda xp, x: xp.maximum(x, 0.0),
    partials=lambda x, y: (1.0,),
    active=lambda x, y: (f.greater(x, 0.0),),
    edges=(Edge("x = 0", "kink", _at_zero, "relu has a kink at 0; 0 is its subgradient of least norm"),),
    oracle=lambda mp, x: x if x > 0 else 0,
    ulps=0.0,
    example="relu(-2)  # 0.0",
)

define(
    "leaky_relu(x)",
    about="x where x is positive, else x/100.",
    value=lambda x: x if x > 0.0 else kernels.LEAK * x,
    partials=lambda x, y: (f.where(f.greater(x, 0.0), 1.0, kernels.LEAK),),
    exact=lambda x: f.where(f.greater(x, 0.0), x, kernels.LEAK * x),
    edges=(Edge("x = 0", "kink", _at_zero, "leaky_relu has a kink at 0; 0.01 is its subgradient of least norm"),),
    spellings=("leakyrelu",),
    oracle=lambda mp, x: x if x > 0 else x / 100,
    example="leaky_relu(-2)  # -0.02",
)

define(
    "elu(x)",
    about="The exponential linear unit: x where x is positive, else exp(x) - 1.",
    value=lambda x: x if x > 0.0 else kernels.expm1(x),
    partials=lambda x, y: (f.where(f.greater(x, 0.0), 1.0, f.exp(x)),),
    exact=lambda x: f.where(f.greater(x, 0.0), x, f.exp(x) - 1.0),
    oracle=lambda mp, x: x if x > 0 else mp.expm1(x),
    example="elu(-1)  # -0.6321205588285577",
)

define(
    "selu(x)",
    about="The self-normalising exponential linear unit.",
    value=lambda x: kernels.SELU_SCALE * (x if x > 0.0 else kernels.SELU_ALPHA * kernels.expm1(x)),
    partials=lambda x, y: (kernels.SELU_SCALE * f.where(f.greater_equal(x, 0.0), 1.0, kernels.SELU_ALPHA * f.exp(x)),),
    edges=(
        Edge("x = 0", "kink", _at_zero, "selu has a kink at 0; its right slope is the supergradient of least norm"),
    ),
    exact=lambda x: value_among(x, {0.0: 0.0}),
    oracle=_exact_selu,
    example="selu(-1)  # -1.1113307378125625",
)

define(
    "sigmoid(x)",
    about="The logistic function 1/(1 + exp(-x)).",
    value=kernels.sigmoid,
    # A square and not y (1 - y), which keeps no digit for large x, nor s(x) s(-x), whose derivative cancels near 0.
    partials=lambda x, y: (f.square(f.sech(0.5 * x)) * 0.25,),
    fast_partials=lambda x, y: (y * (1.0 - y),),
    exact=lambda x: 1.0 / (1.0 + f.exp(-x)),
    complements={-1.0: lambda x: f.sigmoid_complement(x), -2.0: lambda x: -f.tanh(0.5 * x)},
    logarithm=lambda x: -f.softplus(-x),
    spellings=("logistic", "expit"),
    latex=r"\sigma\left({x}\right)",
    instead_of=(
        Rewrite(lambda x: 1.0 / (1.0 + f.exp(-x)), "sigmoid(x)"),
        Rewrite(lambda x: 1.0 / (1.0 + f.exp(x)), "sigmoid(-x)"),
        Rewrite(lambda x: f.exp(x) / (1.0 + f.exp(x)), "sigmoid(x)"),
        Rewrite(lambda x, y: f.exp(x) / (f.exp(x) + f.exp(y)), "sigmoid(x - y)"),
    ),
    oracle=lambda mp, x: 1 / (1 + mp.exp(-x)),
    samples=(((-30.0, 30.0),), ((-1.0, 1.0),)),
    example="sigmoid(1)  # 0.7310585786300049",
)

# The value of sigmoid(-x), and the derivative of -sigmoid(x), which shares its terms with that of sigmoid(x).
define(
    "sigmoid_complement(x)",
    about="1 - sigmoid(x).",
    value=lambda x: kernels.sigmoid(-x),
    partials=lambda x, y: (-(f.square(f.sech(0.5 * x)) * 0.25),),
    complements={-1.0: lambda x: f.sigmoid(x), -2.0: lambda x: f.tanh(0.5 * x)},
    logarithm=lambda x: -f.softplus(x),
    expands=lambda x: 1.0 - f.sigmoid(x),
    samples=(((-30.0, 30.0),),),
    internal=True,
)

define(
    "softplus(x)",
    about="log(1 + exp(x)), a smooth rectifier.",
    value=softplus_kernel,
    partials=lambda x, y: (f.sigmoid(x),),
    exact=lambda x: f.log(1.0 + f.exp(x)),
    latex=r"{{\log\left(1 + e^{{{x}}}\right)}}",
    instead_of=(
        Rewrite(lambda x: f.log(1.0 + f.exp(x)), "softplus(x)"),
        Rewrite(lambda x: f.log1p(f.exp(x)), "softplus(x)"),
        Rewrite(lambda x: f.log(f.sigmoid(x)), "-softplus(-x)"),
        Rewrite(lambda x: f.log(1.0 - f.sigmoid(x)), "-softplus(x)"),
        Rewrite(lambda x: f.log(1.0 / (1.0 + f.exp(-x))), "-softplus(-x)"),
    ),
    begins_identities=True,
    oracle=lambda mp, x: _exact_softplus(mp, x),
    samples=(((-30.0, 30.0),),),
    example="softplus(0)  # 0.6931471805599453",
)

define(
    "softsign(x)",
    about="x/(1 + |x|).",
    value=lambda x: x / (1.0 + abs(x)) if not math.isinf(x) else math.copysign(1.0, x),
    partials=lambda x, y: (f.square(1.0 / (1.0 + f.abs(x))),),
    exact=lambda x: x / (1.0 + f.abs(x)),
    oracle=lambda mp, x: x / (1 + abs(x)),
    samples=(((-30.0, 30.0),),),
    example="softsign(1)  # 0.5",
)

define(
    "silu(x)",
    about="x sigmoid(x), also called swish.",
    value=_silu,
    # s + x s' with s' = sech(x/2)^2/4.  From s (1 + x s(-x)), the third derivative would be 0, not -x/2, below 1e-16.
    partials=lambda x, y: (_silu_partial(f.saturated(x, FAR)),),
    exact=lambda x: x * f.sigmoid(x),
    spellings=("swish",),
    oracle=lambda mp, x: x / (1 + mp.exp(-x)),
    ulps=4.0,
    samples=(((-30.0, 30.0),),),
    example="silu(1)  # 0.7310585786300049",
)

define(
    "gelu(x)",
    about="x times the probability that a standard normal variable is below x.",
    value=lambda x: 0.5 * x * math.erfc(-x / kernels.SQRT_TWO) if x != -math.inf else -0.0,
    partials=lambda x, y: (_gelu_partial(x),),
    exact=lambda x: value_among(x, {0.0: 0.0}),
    oracle=lambda mp, x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    ulps=1000.0,
    samples=(((-8.0, 8.0),),),
    example="gelu(1)  # 0.8413447460685429",
)

define(
    "gelu_tanh(x)",
    about="The approximation of gelu by tanh.",
    value=_gelu_tanh,
    # Beyond 25 the derivative is 0 or 1 to the last digit, and the formula would be 0 * inf where x^3 overflows.
    partials=lambda x, y: (_gelu_tanh_partial(f.saturated(x, 25.0)),),
    exact=lambda x: value_among(x, {0.0: 0.0}),
    oracle=lambda mp, x: x / (1 + mp.exp(-2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x * x * x))),
    ulps=100.0,
    samples=(((-8.0, 8.0),),),
    example="gelu_tanh(1)  # 0.8411919906082768",
)


def _mish(x: float) -> float:
    """x tanh(log(1 + e)) with e = exp(x), as x (e^2 + 2 e)/(e^2 + 2 e + 2)."""
    if x < -700.0:
        return _silu(x)
    power = math.exp(min(x, 20.0))
    ratio = power * power + (power + power)
    return x * (ratio / (ratio + 2.0))


def _silu_partial(x: Any) -> Any:
    return f.sigmoid(x) + x * f.sech(0.5 * x) * (0.25 * f.sech(0.5 * x))


def _gelu_partial(x: Any) -> Any:
    # Beyond 60 the second term is 0 to the last digit, and not inf * 0.
    held = f.saturated(x, 60.0)
    return 0.5 * f.erfc(-kernels.SQRT_HALF * x) + held * (INVERSE_SQRT_TAU * f.exp(-0.5 * f.square(held)))


def _gelu_tanh_partial(x: Any) -> Any:
    inner = kernels.SQRT_TWO_OVER_PI * (x + kernels.GELU_CUBE * x**3.0)
    slope = kernels.SQRT_TWO_OVER_PI * (1.0 + 3.0 * kernels.GELU_CUBE * f.square(x))
    return f.sigmoid(2.0 * inner) + 0.5 * x * f.square(f.sech(inner)) * slope


# This holds the operand of a formula that is constant beyond the bound, with all its derivatives.
define(
    "saturated(x, bound)",
    about="x limited to the interval from -bound to bound; its derivative and its formula are those of x.",
    value=lambda x, bound: -bound if x < -bound else (bound if x > bound else x),
    partials=lambda x, bound, y: (1.0, 0.0),
    samples=(((-8.0, 8.0), (25.0, 25.0)),),
    transparent=True,
    internal=True,
)

define(
    "mish(x)",
    about="x tanh(softplus(x)).",
    value=_mish,
    partials=lambda x, y: (f.tanh(f.softplus(x)) + f.square(f.sech(f.softplus(x))) * f.silu(f.saturated(x, FAR)),),
    exact=lambda x: value_among(x, {0.0: 0.0}),
    oracle=lambda mp, x: x * mp.tanh(_exact_softplus(mp, x)),
    ulps=4.0,
    samples=(((-30.0, 30.0),),),
    example="mish(1)  # 0.8650983882673103",
)

define(
    "hard_tanh(x)",
    about="x limited to the interval from -1 to 1.",
    value=lambda x: -1.0 if x <= -1.0 else (1.0 if x >= 1.0 else x),
    partials=lambda x, y: (1.0,),
    active=lambda x, y: (f.less(f.abs(x), 1.0),),
    edges=(
        Edge(
            "x = -1 or x = 1",
            "kink",
            lambda x: f.equal(f.abs(x), 1.0),
            "hard_tanh has kinks at -1 and 1; 0 is the choice of least norm",
        ),
    ),
    spellings=("hardtanh",),
    oracle=lambda mp, x: max(min(x, 1), -1),
    ulps=0.0,
    samples=(((-3.0, 3.0),),),
    example="hard_tanh(2)  # 1.0",
)
