"""Relatives of the error function: scaled, imaginary, inverse, Dawson's integral, and the logarithm of normcdf."""

from __future__ import annotations

import functools
import math
import operator
from functools import partial
from typing import Any

from gradcli.primitives.declared import Edge, Rewrite, System, constant
from gradcli.primitives.families.arithmetic import value_among
from gradcli.primitives.kernels import error_decimals as kernels
from gradcli.primitives.kernels import error_functions, gamma_family
from gradcli.primitives.kernels.array_support import in_double_everywhere
from gradcli.primitives.kernels.float_kernels import FLOATS, SQRT_HALF, SQRT_TWO_OVER_PI
from gradcli.primitives.kernels.special_kernels import by_digits, of_erfc
from gradcli.primitives.orders import define_orders
from gradcli.primitives.registry import define as define_function
from gradcli.primitives.registry import functions as f

define = partial(define_function, group="special")
TWO_OVER_SQRT_PI = 1.1283791670955126
_ERROR = gamma_family.ErrorFunctions(lambda _, x: math.erf(x), lambda _, x: math.erfc(x))


define(
    "erfcx(x)",
    about="The scaled complementary error function, exp(x^2) erfc(x).",
    value=lambda x: error_functions.erfcx(FLOATS, x),
    array=in_double_everywhere(error_functions.erfcx),
    partials=lambda x, y: (f.erfcx_derivative(1.0, x),),
    system=System(lambda x, y: (2.0 * x * y - TWO_OVER_SQRT_PI,)),
    exact=lambda x: value_among(x, {0.0: 1.0}),
    spellings=("scaled_erfc",),
    instead_of=(Rewrite(lambda x: f.exp(x**2.0) * f.erfc(x), "erfcx(x)"),),
    oracle=lambda mp, x: mp.hyperu(0.5, 0.5, x * x) / mp.sqrt(mp.pi) if x > 2.0 else mp.exp(x * x) * mp.erfc(x),
    samples=(((-5.0, 5.0),), ((0.0, 100.0),)),
    example="erfcx(2)  # 0.25539567631050575",
)

# y' = 2 x y - 2/sqrt(pi) cancels for large x.
define_orders(
    "erfcx_derivative(n, x)",
    about="The n-th derivative of erfcx.",
    value=kernels.scaled_derivative,
    readers=lambda n, x: _for_readers(f.erfcx(x), 2.0 * x * f.erfcx(x) - TWO_OVER_SQRT_PI, n, x, 1),
    samples=(((1.0, 1.0), (-5.0, 5.0)), ((2.0, 2.0), (-5.0, 5.0))),
    rewrite=lambda n, x: f.erfcx(x) if constant(n) == 0.0 else None,
)


def _for_readers(first: Any, second: Any, n: int, x: Any, sign: int) -> Any:
    """The n-th derivative of a solution of y'' = 2 s (x y' + y) from those of order 0 and 1."""
    for k in range(1, n):
        first, second = second, 2.0 * sign * (x * second + float(k) * first)
    return second if n else first


define(
    "erfi(x)",
    about="The imaginary error function, -i erf(i x).",
    **by_digits(kernels.erfi),
    partials=lambda x, y: (TWO_OVER_SQRT_PI * f.exp(f.square(x)),),
    oracle=lambda mp, x: mp.erfi(x),
    samples=(((-5.0, 5.0),), ((5.0, 26.0),)),
    example="erfi(0.5)  # 0.614952094696511",
)

define(
    "dawsn(x)",
    about="Dawson's integral, exp(-x^2) times the integral of exp(t^2) for t from 0 to x.",
    **by_digits(kernels.dawson_derivative, 0.0),
    partials=lambda x, y: (f.dawsn_derivative(1.0, x),),
    system=System(lambda x, y: (1.0 - 2.0 * x * y,)),
    spellings=("dawson", "DawsonF"),
    instead_of=(Rewrite(lambda x: f.exp(-(x**2.0)) * f.erfi(x), "2/sqrt(pi)*dawsn(x)"),),
    oracle=lambda mp, x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x),
    samples=(((-5.0, 5.0),), ((5.0, 100.0),)),
    example="dawsn(1)  # 0.5380795069127684",
)

# y' = 1 - 2 x y cancels for large x.
define_orders(
    "dawsn_derivative(n, x)",
    about="The n-th derivative of Dawson's integral.",
    value=kernels.dawson_derivative,
    readers=lambda n, x: _for_readers(f.dawsn(x), 1.0 - 2.0 * x * f.dawsn(x), n, x, -1),
    samples=(((1.0, 1.0), (-5.0, 5.0)), ((2.0, 2.0), (-5.0, 5.0))),
    rewrite=lambda n, x: f.dawsn(x) if constant(n) == 0.0 else None,
)

define(
    "erfinv(x)",
    about="The inverse of the error function.",
    **by_digits(kernels.erfinv, ends=(-1.0, 1.0)),
    partials=lambda x, y: (f.exp(f.square(y)) / TWO_OVER_SQRT_PI,),
    system=System(
        lambda x, y, p: (p / TWO_OVER_SQRT_PI, 2.0 * y * f.square(p) / TWO_OVER_SQRT_PI),
        lambda x: (f.exp(f.square(f.erfinv(x))),),
    ),
    domain="-1 <= x <= 1",
    edges=(
        Edge(
            "x = -1, 1", "pole", lambda x: f.equal(f.abs(x), 1.0),
            "the inverse of erf is infinite at the ends of its domain",
        ),
    ),
    spellings=("inverf", "erf_inv", "InverseErf"),
    inverse="erf",
    oracle=lambda mp, x: mp.erfinv(x),
    samples=(((-0.999, 0.999),),),
    example="erfinv(0.5)  # 0.4769362762044699",
)  # fmt: skip

define(
    "erfcinv(x)",
    about="The inverse of erfc.",
    **by_digits(kernels.erfcinv, ends=(2.0,)),
    partials=lambda x, y: (-f.erfcinv_power(x) / TWO_OVER_SQRT_PI,),
    system=System(
        lambda x, y, p: (-p / TWO_OVER_SQRT_PI, -2.0 * y * f.square(p) / TWO_OVER_SQRT_PI),
        lambda x: (f.erfcinv_power(x),),
    ),
    domain="0 <= x <= 2",
    edges=(
        Edge(
            "x = 0, 2", "pole", lambda x: f.logical_or(f.equal(x, 0.0), f.equal(x, 2.0)),
            "the inverse of erfc is infinite at the ends of its domain",
        ),
    ),
    exact=lambda x: value_among(x, {1.0: 0.0}),
    spellings=("inverfc", "erfc_inv", "InverseErfc"),
    inverse="erfc",
    oracle=lambda mp, x: mp.erfinv(1 - x),
    samples=(((0.001, 1.999),),),
    example="erfcinv(0.5)  # 0.4769362762044699",
)  # fmt: skip

# exp(y^2) loses digits where x is small and y large; erfcx(y)/x keeps them.
define(
    "erfcinv_power(x)",
    about="exp(erfcinv(x)^2).",
    **by_digits(kernels.inverse_power, ends=(2.0,)),
    partials=lambda x, y: (-2.0 * f.erfcinv(x) * f.square(y) / TWO_OVER_SQRT_PI,),
    expands=lambda x: f.exp(f.square(f.erfcinv(x))),
    ulps=8.0,
    samples=(((0.001, 1.999),),),
    keeps_digits=True,
    internal=True,
)

define(
    "lognormcdf(x)",
    about="The logarithm of the standard normal distribution function, log(normcdf(x)).",
    value=lambda x: gamma_family.log_normal(FLOATS, _ERROR, x),
    array=of_erfc(gamma_family.log_normal),
    partials=lambda x, y: (f.lognormcdf_derivative(1.0, x),),
    system=System(lambda x, y, h: (h, -h * (h + x)), lambda x: (f.lognormcdf_derivative(1.0, x),)),
    exact=lambda x: value_among(x, {0.0: -f.log(x.graph.lift(2.0))}),
    spellings=("log_ndtr", "log_normcdf", "lognorm_cdf"),
    instead_of=(Rewrite(lambda x: f.log(f.erfc(-x / f.sqrt(2.0)) / 2.0), "lognormcdf(x)"),),
    oracle=lambda mp, x: mp.log(mp.erfc(-x / mp.sqrt(2)) / 2),
    ulps=200.0,
    samples=(((-5.0, 5.0),), ((-30.0, -5.0),)),
    example="lognormcdf(-40)  # -804.6084420137538",
)

# -y' (y' + x) cancels for large negative x.
define_orders(
    "lognormcdf_derivative(n, x)",
    about="The n-th derivative of lognormcdf.",
    value=kernels.log_normal_derivative,
    readers=lambda n, x: _normal_for_readers(n, x),
    samples=(((1.0, 1.0), (-5.0, 5.0)), ((2.0, 2.0), (-5.0, 5.0))),
    rewrite=lambda n, x: f.lognormcdf(x) if constant(n) == 0.0 else None,
)


def _normal_for_readers(n: int, x: Any) -> Any:
    """The n-th derivative from h' = -h (h + x), which holds for the first one."""
    if n == 0:
        return f.lognormcdf(x)
    found = [SQRT_TWO_OVER_PI * f.exp(-f.square(x) / 2.0) / f.erfc(-SQRT_HALF * x)]
    shifted = [found[0] + x]
    for order in range(n - 1):
        terms = [float(math.comb(order, k)) * found[k] * shifted[order - k] for k in range(order + 1)]
        found.append(-functools.reduce(operator.add, terms))
        shifted.append(found[-1] + 1.0 if order == 0 else found[-1])
    return found[-1]
