"""A calculus course: derivatives whose printed formulas are measured against SymPy's, by length and by value.

    python -m tests.support.calculus_course

prints for each order the lengths over the shorter one of SymPy's ``diff`` and ``simplify(diff)``, the time of a
derivative, and the formulas that are longest against it; ``-v`` prints all of them.  It compares their values with the
Taylor series and with SymPy's.  SymPy's lengths are kept in a file (`tests.support.sympy_peer`), since ``simplify``
takes seconds.
"""

from __future__ import annotations

import math
import random
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Final

from gradcli import parse
from gradcli.evaluate import point
from gradcli.graph.formula import derivative_formula
from gradcli.printing.text import text_length, to_text
from gradcli.records import NamedTuple
from tests.support.sympy_peer import ORDERS, differences_from_sympy, kept_length

#: Expressions in x.
COURSE: Final = (
    "sin(x)",
    "cos(x)",
    "tan(x)",
    "sec(x)",
    "csc(x)",
    "cot(x)",
    "asin(x)",
    "acos(x)",
    "atan(x)",
    "sinh(x)",
    "cosh(x)",
    "tanh(x)",
    "sech(x)",
    "csch(x)",
    "coth(x)",
    "asinh(x)",
    "acosh(x)",
    "atanh(x)",
    "exp(x)",
    "exp2(x)",
    "expm1(x)",
    "log(x)",
    "log2(x)",
    "log10(x)",
    "log1p(x)",
    "sqrt(x)",
    "cbrt(x)",
    "square(x)",
    "sigmoid(x)",
    "softplus(x)",
    "silu(x)",
    "gelu(x)",
    "mish(x)",
    "erf(x)",
    "erfc(x)",
    "gamma(x)",
    "lgamma(x)",
    "digamma(x)",
    "polygamma(2, x)",
    "factorial(x)",
    "x^5 - 3*x^2 + 2",
    "x^(2/3)",
    "1/x",
    "1/(1 + x^2)",
    "x/(x + 1)",
    "(x^2 - 1)/(x^2 + 1)",
    "(2*x + 3)^7",
    "(x + 1)^3*(x - 2)^4",
    "2^x",
    "x*2^x",
    "x^x",
    "x^2*exp(x)",
    "x*exp(-x)",
    "exp(-x^2)",
    "exp(-x^2/2)",
    "x*exp(-x^2)",
    "exp(x)/x",
    "log(x)/x",
    "x*log(x)",
    "x^2*log(x)",
    "x^3*log(x)",
    "log(x)^2",
    "1/log(x)",
    "sqrt(1 + x^2)",
    "sqrt(1 - x^2)",
    "x*sqrt(1 - x^2)",
    "x/sqrt(1 + x^2)",
    "1/sqrt(x)",
    "sqrt(x)*log(x)",
    "sqrt(2*x + 1)",
    "sin(2*x)",
    "sin(x)^2",
    "sin(x)^3",
    "sin(x)*cos(x)",
    "x*sin(x)",
    "x^2*cos(x)",
    "sin(x)/x",
    "sin(x^2)",
    "cos(3*x + 1)",
    "exp(x)*sin(x)",
    "exp(-x)*cos(2*x)",
    "exp(2*x)*sin(3*x)",
    "sin(x)/(1 + cos(x))",
    "1/(1 + sin(x))",
    "sin(x) + cos(x)",
    "tan(x)^2",
    "tan(2*x)",
    "x*tan(x)",
    "sec(x)*tan(x)",
    "log(sin(x))",
    "log(cos(x))",
    "log(tan(x))",
    "x*atan(x)",
    "atan(x/2)",
    "atan(1/x)",
    "asin(x/2)",
    "x*asin(x)",
    "asin(sqrt(x))",
    "atan(sqrt(x))",
    "sinh(x)^2",
    "sinh(x)*cosh(x)",
    "x*cosh(x)",
    "tanh(x)^2",
    "log(cosh(x))",
    "exp(sin(x))",
    "exp(1/x)",
    "exp(sqrt(x))",
    "exp(x)/(1 + exp(x))",
    "1/(1 + exp(-x))",
    "log(1 + exp(x))",
    "log(1 + x^2)",
    "log(log(x))",
    "log(x + sqrt(x^2 + 1))",
    "log((1 + x)/(1 - x))",
    "sqrt(log(x))",
    "sqrt(sin(x))",
    "sqrt(x + sqrt(x))",
    "sin(cos(x))",
    "cos(sin(x))",
    "sin(exp(x))",
    "sin(log(x))",
    "exp(x*log(x))",
    "exp(exp(x))",
    "x^sin(x)",
    "(1 + x)^x",
    "erf(x/sqrt(2))",
    "x*erf(x)",
    "erf(x)^2",
    "exp(x^2)*erfc(x)",
    "sigmoid(x)*(1 - sigmoid(x))",
    "tanh(sin(x))",
    "sin(exp(-x^2))",
    "log(1 + sin(x)^2)",
    "exp(-sqrt(1 + x^2))",
    "sin(sqrt(1 + x^2))",
    "atan(exp(sin(x)))",
    "sqrt(1 + exp(-x^2))",
    "log(sin(exp(x)))",
    "sin(cos(tan(x)))",
    "x^2*sin(x)*exp(x)",
    "gamma(x)*sin(x)",
)

#: Functions whose derivatives of high orders are measured.
OFTEN: Final = (
    "log(1 + x)",
    "1/(1 + x^2)",
    "exp(x)/x",
    "x/sqrt(1 + x^2)",
    "exp(-x^2)",
    "sin(x)^3",
    "asin(x)",
    "atan(x)",
    "log(x)^3",
    "sqrt(x)",
    "sqrt(1 + x^2)",
    "x^2*exp(x)",
    "exp(x)*sin(x)",
    "x^3*log(x)",
    "erf(x)",
    "x*atan(x)",
    "1/(x^2 - 1)",
    "cosh(x)^2",
    "x^3*cos(x)",
    "2^x",
)


class Printed(NamedTuple):
    """A derivative as it is printed.

    Attributes:
        text: the formula.
        length: its length over that of SymPy's.
        seconds: the time to find it.
    """

    text: str
    length: float
    seconds: float


def printed(text: str, order: int) -> Printed:
    """Return the derivative of an expression in x as it is printed."""
    root = parse(text).root
    begin = time.process_time()
    formula = to_text(derivative_formula(root, root.graph.variable("x"), order, text_length).root)
    return Printed(formula, len(formula) / kept_length(text, order), time.process_time() - begin)


def disagreements(text: str, order: int, formula: str, count: int = 20) -> Iterator[str]:
    """Yield a line for each random point at which a formula is not the derivative by Taylor series.

    The derivative is compared where a function has one, and where small changes of x do not change it too much.
    """
    parsed, found = parse(text), parse(formula)
    generator = random.Random(text)
    compared = 0
    for _ in range(20 * count):
        x = generator.uniform(0.05, 3.0) * generator.choice((1.0, 1.0, -1.0))
        expected = point.derivatives(parsed, {"x": x}, order)["x"][order - 1]
        value = found(x=x) if found.variables else found()
        near = found(x=x * (1.0 + 1e-9)) if found.variables else value
        if not math.isfinite(expected) or not math.isfinite(near):
            continue
        compared += 1
        if abs(value - expected) > 1e-12 * max(1.0, abs(expected)) + 1e-5 * abs(near - value):
            yield f"{text}, order {order}, at x = {x}: {value} and not {expected}: {formula}"
        if compared == count:
            return
    if not compared:
        yield f"{text}, order {order}: no point has a derivative"


def _report(order: int, found: dict[str, Printed], shows_all: bool) -> None:
    lengths = sorted(one.length for one in found.values())
    times = sorted(1e3 * one.seconds for one in found.values())
    print(
        f"order {order}: {len(found)} derivatives, length over SymPy's: median {statistics.median(lengths):.2f}, "
        f"90 % {lengths[int(0.9 * len(lengths))]:.2f}, worst {lengths[-1]:.2f}; "
        f"ms: median {statistics.median(times):.1f}, worst {times[-1]:.1f}"
    )
    for text, one in sorted(found.items(), key=lambda pair: -pair[1].length):
        if shows_all or one.length > 1.1:
            print(f"  {one.length:.2f}  {text}:  {one.text if len(one.text) < 200 else one.text[:200] + ' ...'}")


def main() -> None:
    """Measure all derivatives, and compare them with the Taylor series and with SymPy."""
    wrong = []
    for orders, texts in ((ORDERS[:3], COURSE), (ORDERS[3:], OFTEN)):
        for order in orders:
            found = {text: printed(text, order) for text in texts}
            _report(order, found, "-v" in sys.argv)
            for text, one in found.items():
                wrong += differences_from_sympy(text, order, one.text)
                if order <= 3:
                    wrong += disagreements(text, order, one.text)
    print("\n".join(wrong) or "all agree with the derivative at 20 points")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
