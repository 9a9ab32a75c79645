"""Hyperbolic functions and their inverses."""

from __future__ import annotations

import math
from functools import partial

from gradcli.primitives.declared import Edge, Rewrite
from gradcli.primitives.families.arithmetic import value_among
from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="hyperbolic")
LN2 = math.log(2.0)

define(
    "sinh(x)",
    about="The hyperbolic sine.",
    value=kernels.sinh,
    partials=lambda x, y: (f.cosh(x),),
    doubled=lambda x: 2.0 * f.sinh(x) * f.cosh(x),
    exact=lambda x: (f.exp(x) - f.exp(-x)) / 2.0,
    spellings=("sh",),
    instead_of=(
        Rewrite(lambda x: f.sinh(x) / x, "where(abs(x) < 1e-3, 1 + x^2/6 + x^4/120, sinh(x)/x)"),
        Rewrite(lambda x: x / f.sinh(x), "where(abs(x) < 1e-3, 1 - x^2/6 + 7*x^4/360, x/sinh(x))"),
    ),
    begins_identities=True,
    samples=(((-20.0, 20.0),),),
    example="sinh(1)  # 1.1752011936438014",
)

define(
    "cosh(x)",
    about="The hyperbolic cosine.",
    value=kernels.cosh,
    partials=lambda x, y: (f.sinh(x),),
    squared=lambda x: 1.0 + f.square(f.sinh(x)),
    doubled=lambda x: 1.0 + 2.0 * f.square(f.sinh(x)),
    complements={-1.0: lambda x: f.cosh_complement(x)},
    exact=lambda x: (f.exp(x) + f.exp(-x)) / 2.0,
    logarithm=lambda x: f.logaddexp(x, -x) - LN2,
    spellings=("ch",),
    is_even=True,
    samples=(((-20.0, 20.0),),),
    example="cosh(1)  # 1.5430806348152437",
)

define(
    "tanh(x)",
    about="The hyperbolic tangent.",
    value=math.tanh,
    # sech(x)^2 and not 1 - y^2, which loses four digits by x = 15 and all of them by x = 20.
    partials=lambda x, y: (f.square(f.sech(x)),),
    quotient=lambda x: f.sinh(x) / f.cosh(x),
    fast_partials=lambda x, y: (1.0 - y * y,),
    complements={-1.0: lambda x: f.tanh_complement(x), 1.0: lambda x: f.tanh_supplement(x)},
    spellings=("th",),
    instead_of=(
        Rewrite(lambda x: (f.exp(x) - f.exp(-x)) / (f.exp(x) + f.exp(-x)), "tanh(x)"),
        Rewrite(lambda x: (f.exp(x) - 1.0) / (f.exp(x) + 1.0), "tanh(x/2)"),
        Rewrite(lambda x: f.sinh(x) / f.cosh(x), "tanh(x)"),
        Rewrite(lambda x: f.tanh(x) / x, "where(abs(x) < 1e-3, 1 - x^2/3 + 2*x^4/15, tanh(x)/x)"),
    ),
    samples=(((-15.0, 15.0),), ((-1.0, 1.0),)),
    example="tanh(0.5)  # 0.46211715726000974",
)

define(
    "sech(x)",
    about="The hyperbolic secant, 1/cosh(x).",
    value=kernels.sech,
    partials=lambda x, y: (-(y * f.tanh(x)),),
    squared=lambda x: 1.0 - f.square(f.tanh(x)),
    quotient=lambda x: 1.0 / f.cosh(x),
    complements={-1.0: lambda x: f.sech_complement(x)},
    logarithm=lambda x: LN2 - f.logaddexp(x, -x),
    is_even=True,
    samples=(((-20.0, 20.0),),),
    example="sech(1)  # 0.6480542736638855",
)

define(
    "csch(x)",
    about="The hyperbolic cosecant, 1/sinh(x).",
    value=kernels.csch,
    partials=lambda x, y: (-(y * f.coth(x)),),
    quotient=lambda x: 1.0 / f.sinh(x),
    domain="x != 0, or a signed infinity at x = 0",
    edges=(Edge("x = 0", "pole", lambda x: f.equal(x, 0.0), "the hyperbolic cosecant has a pole at 0"),),
    samples=(((0.1, 20.0),), ((-20.0, -0.1),)),
    example="csch(1)  # 0.8509181282393216",
)

define(
    "coth(x)",
    about="The hyperbolic cotangent, 1/tanh(x).",
    value=lambda x: kernels.div(1.0, math.tanh(x)),
    array=lambda xp, x: 1.0 / xp.tanh(x),
    partials=lambda x, y: (-f.square(f.csch(x)),),
    squared=lambda x: 1.0 + f.square(f.csch(x)),
    quotient=lambda x: f.cosh(x) / f.sinh(x),
    domain="x != 0, or a signed infinity at x = 0",
    edges=(Edge("x = 0", "pole", lambda x: f.equal(x, 0.0), "the hyperbolic cotangent has a pole at 0"),),
    spellings=("cth",),
    samples=(((0.1, 15.0),), ((-15.0, -0.1),)),
    example="coth(1)  # 1.3130352854993315",
)

define(
    "asinh(x)",
    about="The inverse hyperbolic sine.",
    value=math.asinh,
    array="arcsinh",
    partials=lambda x, y: (1.0 / f.hypot(1.0, x),),
    spellings=("arcsinh", "arsinh"),
    latex=r"\operatorname{{arsinh}}\left({x}\right)",
    instead_of=(Rewrite(lambda x: f.asinh(x) / x, "where(abs(x) < 1e-3, 1 - x^2/6 + 3*x^4/40, asinh(x)/x)"),),
    begins_identities=True,
    inverse="sinh",
    samples=(((-100.0, 100.0),),),
    example="asinh(1)  # 0.881373587019543",
)

define(
    "acosh(x)",
    about="The inverse hyperbolic cosine.",
    value=kernels.acosh,
    array="arccosh",
    # Two roots and not sqrt(x^2 - 1), which loses half the digits near 1 and overflows at 1e154; and a product of
    # quotients, all of whose derivatives are sums of terms of one sign.
    partials=lambda x, y: (1.0 / f.sqrt(x - 1.0) * (1.0 / f.sqrt(x + 1.0)),),
    domain="x >= 1",
    exact=lambda x: value_among(x, {1.0: 0.0}),
    edges=(Edge("x = 1", "end", lambda x: f.equal(x, 1.0), "acosh has an infinite slope at 1"),),
    spellings=("arccosh", "arcosh"),
    latex=r"\operatorname{{arcosh}}\left({x}\right)",
    inverse="cosh",
    samples=(((1.001, 100.0),), ((1.000000001, 1.001),)),
    example="acosh(2)  # 1.3169578969248166",
)


define(
    "atanh(x)",
    about="The inverse hyperbolic tangent.",
    value=kernels.atanh,
    array="arctanh",
    partials=lambda x, y: (1.0 / f.one_minus_square(x),),
    domain="-1 < x < 1, or a signed infinity at the ends",
    edges=(Edge("x = -1 or x = 1", "pole", lambda x: f.equal(f.abs(x), 1.0), "atanh goes to infinity at -1 and 1"),),
    spellings=("arctanh", "artanh"),
    latex=r"\operatorname{{artanh}}\left({x}\right)",
    instead_of=(
        Rewrite(lambda x: f.atanh(f.tanh(x)), "x"),
        Rewrite(lambda x: f.atanh(x) / x, "where(abs(x) < 1e-3, 1 + x^2/3 + x^4/5, atanh(x)/x)"),
    ),
    begins_identities=True,
    inverse="tanh",
    samples=(((-0.999, 0.999),),),
    example="atanh(0.5)  # 0.5493061443340548",
)

# The complements have accurate values, and the derivatives of the functions themselves.

define(
    "tanh_complement(x)",
    about="1 - tanh(x).",
    value=lambda x: 2.0 * kernels.sigmoid(-2.0 * x),
    partials=lambda x, y: (-f.square(f.sech(x)),),
    complements={-1.0: lambda x: f.tanh(x)},
    logarithm=lambda x: LN2 - f.softplus(2.0 * x),
    expands=lambda x: 1.0 - f.tanh(x),
    samples=(((-15.0, 15.0),),),
    internal=True,
)

define(
    "tanh_supplement(x)",
    about="1 + tanh(x).",
    value=lambda x: 2.0 * kernels.sigmoid(2.0 * x),
    partials=lambda x, y: (f.square(f.sech(x)),),
    logarithm=lambda x: LN2 - f.softplus(-2.0 * x),
    expands=lambda x: 1.0 + f.tanh(x),
    samples=(((-15.0, 15.0),),),
    internal=True,
)

define(
    "cosh_complement(x)",
    about="1 - cosh(x).",
    value=lambda x: -2.0 * kernels.sinh(0.5 * x) * kernels.sinh(0.5 * x),
    array=lambda xp, x: -2.0 * xp.sinh(0.5 * x) * xp.sinh(0.5 * x),
    partials=lambda x, y: (-f.sinh(x),),
    complements={-1.0: lambda x: f.cosh(x)},
    expands=lambda x: 1.0 - f.cosh(x),
    ulps=4.0,
    samples=(((-20.0, 20.0),),),
    internal=True,
)

define(
    "sech_complement(x)",
    about="1 - sech(x).",
    value=lambda x: math.tanh(x) * math.tanh(0.5 * x),
    array=lambda xp, x: xp.tanh(x) * xp.tanh(0.5 * x),
    partials=lambda x, y: (f.sech(x) * f.tanh(x),),
    complements={-1.0: lambda x: f.sech(x)},
    expands=lambda x: 1.0 - f.sech(x),
    ulps=4.0,
    samples=(((-20.0, 20.0),),),
    internal=True,
)
