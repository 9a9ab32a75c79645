"""A calculus course: derivatives whose printed formulas are measured against SymPy's, by length and by value.

    python -m tests.support.calculus_course

prints for each order the lengths over the shorter one of SymPy's ``diff`` and ``simplify(diff)``, the time of a
derivative, and the formulas that are longest against it; ``-v`` prints all of them.  SymPy's lengths are kept in the
table, since ``simplify`` takes seconds; ``**`` counts as one character.
"""

from __future__ import annotations

import math
import random
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Final

from gradcli import parse
from gradcli.evaluate import point
from gradcli.graph.formula import derivative_formula
from gradcli.printing.text import text_length, to_text
from gradcli.records import NamedTuple

#: An expression in x -> the length of SymPy's derivatives of orders 1 to 3: of the shorter text of ``diff`` and
#: ``simplify(diff)``, by SymPy 1.14 (12 seconds at most for each).
COURSE: Final[Mapping[str, tuple[int, int, int]]] = {
    "sin(x)": (6, 7, 7),
    "cos(x)": (7, 7, 6),
    "tan(x)": (11, 17, 27),
    "sec(x)": (13, 23, 30),
    "csc(x)": (14, 23, 30),
    "cot(x)": (11, 17, 28),
    "asin(x)": (15, 17, 27),
    "acos(x)": (16, 18, 28),
    "atan(x)": (11, 16, 25),
    "sinh(x)": (7, 7, 7),
    "cosh(x)": (7, 7, 7),
    "tanh(x)": (12, 20, 30),
    "sech(x)": (16, 25, 34),
    "csch(x)": (16, 25, 36),
    "coth(x)": (12, 19, 28),
    "asinh(x)": (15, 18, 27),
    "acosh(x)": (27, 32, 55),
    "atanh(x)": (11, 15, 26),
    "exp(x)": (6, 6, 6),
    "exp2(x)": (10, 12, 12),
    "expm1(x)": (6, 6, 6),
    "log(x)": (3, 6, 5),
    "log2(x)": (12, 15, 14),
    "log10(x)": (13, 16, 15),
    "log1p(x)": (9, 12, 11),
    "sqrt(x)": (13, 14, 13),
    "cbrt(x)": (13, 14, 15),
    "square(x)": (3, 1, 1),
    "sigmoid(x)": (17, 34, 49),
    "softplus(x)": (19, 32, 58),
    "silu(x)": (32, 50, 77),
    "gelu(x)": (60, 42, 44),
    "mish(x)": (75, 245, 223),
    "erf(x)": (20, 23, 32),
    "erfc(x)": (21, 22, 32),
    "gamma(x)": (24, 46, 82),
    "lgamma(x)": (15, 15, 15),
    "digamma(x)": (15, 15, 15),
    "polygamma(2, x)": (15, 15, 15),
    "factorial(x)": (32, 58, 102),
    "x^5 - 3*x^2 + 2": (11, 10, 6),
    "x^(2/3)": (13, 14, 14),
    "1/x": (6, 5, 6),
    "1/(1 + x^2)": (16, 25, 26),
    "x/(x + 1)": (12, 12, 11),
    "(x^2 - 1)/(x^2 + 1)": (15, 39, 48),
    "(2*x + 3)^7": (14, 15, 16),
    "(x + 1)^3*(x - 2)^4": (29, 47, 40),
    "2^x": (10, 12, 12),
    "x*2^x": (18, 25, 27),
    "x^x": (16, 26, 51),
    "x^2*exp(x)": (16, 22, 22),
    "x*exp(-x)": (15, 15, 15),
    "exp(-x^2)": (14, 23, 25),
    "exp(-x^2/2)": (14, 21, 23),
    "x*exp(-x^2)": (21, 23, 33),
    "exp(x)/x": (18, 26, 34),
    "log(x)/x": (16, 18, 19),
    "x*log(x)": (10, 3, 6),
    "x^2*log(x)": (14, 12, 3),
    "x^3*log(x)": (18, 16, 13),
    "log(x)^2": (10, 18, 20),
    "1/log(x)": (15, 27, 43),
    "sqrt(1 + x^2)": (15, 16, 20),
    "sqrt(1 - x^2)": (16, 18, 20),
    "x*sqrt(1 - x^2)": (25, 29, 36),
    "x/sqrt(1 + x^2)": (16, 20, 55),
    "1/sqrt(x)": (14, 13, 15),
    "sqrt(x)*log(x)": (24, 19, 26),
    "sqrt(2*x + 1)": (15, 18, 17),
    "sin(2*x)": (10, 11, 11),
    "sin(x)^2": (8, 10, 11),
    "sin(x)^3": (17, 22, 25),
    "sin(x)*cos(x)": (8, 11, 11),
    "x*sin(x)": (17, 20, 20),
    "x^2*cos(x)": (24, 35, 34),
    "sin(x)/x": (21, 39, 54),
    "sin(x^2)": (12, 28, 31),
    "cos(3*x + 1)": (15, 15, 15),
    "exp(x)*sin(x)": (28, 15, 30),
    "exp(-x)*cos(2*x)": (32, 33, 34),
    "exp(2*x)*sin(3*x)": (34, 36, 36),
    "sin(x)/(1 + cos(x))": (14, 21, 44),
    "1/(1 + sin(x))": (22, 27, 34),
    "sin(x) + cos(x)": (16, 16, 15),
    "tan(x)^2": (17, 27, 37),
    "tan(2*x)": (12, 21, 34),
    "x*tan(x)": (19, 36, 53),
    "sec(x)*tan(x)": (23, 30, 38),
    "log(sin(x))": (8, 11, 17),
    "log(cos(x))": (7, 11, 18),
    "log(tan(x))": (10, 23, 45),
    "x*atan(x)": (21, 19, 16),
    "atan(x/2)": (11, 16, 25),
    "atan(1/x)": (12, 15, 39),
    "asin(x/2)": (15, 17, 27),
    "x*asin(x)": (25, 25, 27),
    "asin(sqrt(x))": (25, 35, 61),
    "atan(sqrt(x))": (21, 38, 55),
    "sinh(x)^2": (9, 11, 11),
    "sinh(x)*cosh(x)": (9, 11, 11),
    "x*cosh(x)": (19, 21, 21),
    "tanh(x)^2": (19, 29, 41),
    "log(cosh(x))": (7, 12, 20),
    "exp(sin(x))": (18, 32, 39),
    "exp(1/x)": (13, 22, 31),
    "exp(sqrt(x))": (24, 38, 50),
    "exp(x)/(1 + exp(x))": (32, 58, 84),
    "1/(1 + exp(-x))": (17, 34, 49),
    "log(1 + exp(x))": (19, 32, 58),
    "log(1 + x^2)": (13, 29, 25),
    "log(log(x))": (12, 28, 42),
    "log(x + sqrt(x^2 + 1))": (15, 86, 114),
    "log((1 + x)/(1 - x))": (12, 21, 40),
    "sqrt(log(x))": (20, 36, 48),
    "sqrt(sin(x))": (23, 31, 38),
    "sqrt(x + sqrt(x))": (39, 71, 92),
    "sin(cos(x))": (19, 42, 66),
    "cos(sin(x))": (19, 41, 66),
    "sin(exp(x))": (18, 42, 67),
    "sin(log(x))": (13, 31, 33),
    "exp(x*log(x))": (26, 38, 61),
    "exp(exp(x))": (15, 28, 41),
    "x^sin(x)": (35, 88, 274),
    "(1 + x)^x": (34, 62, 101),
    "erf(x/sqrt(2))": (28, 31, 38),
    "x*erf(x)": (31, 30, 32),
    "erf(x)^2": (27, 49, 71),
    "exp(x^2)*erfc(x)": (33, 57, 65),
    "sigmoid(x)*(1 - sigmoid(x))": (34, 65, 99),
    "tanh(sin(x))": (21, 50, 121),
    "sin(exp(-x^2))": (29, 75, 118),
    "log(1 + sin(x)^2)": (25, 35, 44),
    "exp(-sqrt(1 + x^2))": (36, 65, 123),
    "sin(sqrt(1 + x^2))": (34, 103, 178),
    "atan(exp(sin(x)))": (23, 102, 158),
    "sqrt(1 + exp(-x^2))": (32, 83, 134),
    "log(sin(exp(x)))": (18, 48, 86),
    "sin(cos(tan(x)))": (38, 120, 297),
    "x^2*sin(x)*exp(x)": (45, 58, 75),
    "gamma(x)*sin(x)": (42, 96, 195),
}

#: Functions whose derivatives of high orders are measured -> the length of SymPy's at order 30.
HIGH_ORDERS: Final[Mapping[str, int]] = {
    "log(1 + x)": 43,
    "1/(1 + x^2)": 486,
    "exp(x)/x": 845,
    "x/sqrt(1 + x^2)": 581,
    "exp(-x^2)": 367,
    "sin(x)^3": 50,
    "asin(x)": 553,
    "atan(x)": 456,
    "log(x)^3": 98,
    "sqrt(x)": 62,
    "sqrt(1 + x^2)": 567,
    "x^2*exp(x)": 25,
    "exp(x)*sin(x)": 20,
    "x^3*log(x)": 33,
    "erf(x)": 346,
    "x*atan(x)": 679,
    "1/(x^2 - 1)": 486,
    "cosh(x)^2": 19,
    "x^3*cos(x)": 58,
    "2^x": 13,
}


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


def printed(text: str, order: int, others: int) -> Printed:
    """Return the derivative of an expression as it is printed.

    Args:
        text: an expression in x.
        order: the order of the derivative.
        others: the length of SymPy's.
    """
    root = parse(text).root
    begin = time.process_time()
    formula = to_text(derivative_formula(root, root.graph.variable("x"), order, text_length).root)
    return Printed(formula, len(formula) / others, time.process_time() - begin)


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


if __name__ == "__main__":
    wrong = []
    for order in (1, 2, 3):
        found = {text: printed(text, order, lengths[order - 1]) for text, lengths in COURSE.items()}
        _report(order, found, "-v" in sys.argv)
        for text, one in found.items():
            wrong += disagreements(text, order, one.text)
    _report(30, {text: printed(text, 30, length) for text, length in HIGH_ORDERS.items()}, "-v" in sys.argv)
    print("\n".join(wrong) or "all agree with the derivative at 20 points")
    sys.exit(bool(wrong))
