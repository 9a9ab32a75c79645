"""The derivatives of the calculus course by SymPy: their values with many digits, and the lengths of their texts.

    python -m tests.support.sympy_peer [SECONDS]

writes ``sympy_lengths.json``: for each expression of the course, the length of the shorter text of ``diff`` and
``simplify(diff)``, which may take SECONDS (by default 12).  An operator ``**`` counts as one character, as ``^`` does.
A length in the file that is shorter stays, since how far ``simplify`` comes depends on the machine; delete the file to
measure everything anew.
"""

from __future__ import annotations

import json
import math
import random
import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Final

from gradcli import parse

LENGTHS: Final = Path(__file__).with_name("sympy_lengths.json")
#: The orders whose lengths are kept; those above 3, of functions that are differentiated often.
ORDERS: Final = (1, 2, 3, 5, 10, 20, 30)
#: The digits of both values, and the largest relative difference between them.
DIGITS: Final = 60
TOLERANCE: Final = 1e-25


@cache
def read(text: str) -> Any:
    """Return an expression of gradcli's language as a formula of SymPy's."""
    import sympy

    one, two = sympy.Integer(1), sympy.Integer(2)
    names = {
        "cbrt": lambda x: x ** (one / 3),
        "square": lambda x: x**2,
        "exp2": lambda x: two**x,
        "expm1": lambda x: sympy.exp(x) - 1,
        "log2": lambda x: sympy.log(x) / sympy.log(2),
        "log10": lambda x: sympy.log(x) / sympy.log(10),
        "log1p": lambda x: sympy.log(1 + x),
        "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
        "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
        "silu": lambda x: x / (1 + sympy.exp(-x)),
        "gelu": lambda x: x * (1 + sympy.erf(x / sympy.sqrt(2))) / 2,
        "mish": lambda x: x * sympy.tanh(sympy.log(1 + sympy.exp(x))),
        "lgamma": sympy.loggamma,
        "digamma": sympy.digamma,
        "e": sympy.E,
        "phi": sympy.GoldenRatio,
        "tau": 2 * sympy.pi,
    }
    return sympy.sympify(text.replace("^", "**"), locals=names)


@cache
def derivative(text: str, order: int) -> Any:
    """Return SymPy's derivative of an expression in x."""
    import sympy

    return sympy.diff(read(text), sympy.Symbol("x"), order)


def length(found: Any) -> int:
    """Return the number of characters of a formula of SymPy's."""
    return len(str(found).replace("**", "^"))


def shortest_length(text: str, order: int, seconds: int) -> int:
    """Return the length of the shorter one of SymPy's ``diff`` and ``simplify(diff)``."""
    import sympy

    found = derivative(text, order)

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        return min(length(found), length(sympy.simplify(found)))
    except TimeoutError:
        return length(found)
    finally:
        signal.alarm(0)


@cache
def _kept() -> dict[str, list[int]]:
    kept: dict[str, list[int]] = json.loads(LENGTHS.read_text(encoding="utf-8"))
    return kept


def kept_length(text: str, order: int) -> int:
    """Return the length of the shorter one of SymPy's texts of a derivative, as it was measured."""
    lengths = _kept()[text]
    return lengths[ORDERS.index(order)]


def differences_from_sympy(text: str, order: int, printed: str, count: int = 20) -> Iterator[str]:
    """Yield a line for each random point at which a printed derivative differs from SymPy's.

    SymPy reads the printed text, and computes both with so many digits that rounding is no excuse.  Points where a
    value is complex are left out: SymPy's x^(1/3) is another function where x < 0.
    """
    import mpmath
    import sympy

    x = sympy.Symbol("x")
    mine, theirs = [sympy.lambdify(x, one, "mpmath") for one in (read(printed), derivative(text, order))]
    parsed = parse(text)
    generator = random.Random(text)
    compared = 0
    for _ in range(20 * count):
        at = generator.uniform(0.05, 3.0) * generator.choice((1.0, 1.0, -1.0))
        if not math.isfinite(parsed(x=at)):
            continue
        with mpmath.workdps(DIGITS):
            value, expected = [mpmath.mpmathify(one(mpmath.mpf(at))) for one in (mine, theirs)]
            if max(abs(mpmath.im(value)), abs(mpmath.im(expected))) > TOLERANCE * abs(expected):
                continue
            compared += 1
            if not abs(value - expected) <= TOLERANCE * max(abs(expected), TOLERANCE):
                found, wanted = (mpmath.nstr(one, 30) for one in (value, expected))
                yield f"{text}, order {order}, at x = {at}: {found} and not {wanted}"
        if compared == count:
            return
    yield f"{text}, order {order}: only {compared} points can be compared"


def main() -> None:
    """Write the lengths."""
    from tests.support.calculus_course import COURSE, OFTEN

    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    lengths: dict[str, list[int]] = {}
    before = _kept() if LENGTHS.exists() else {}
    for text in dict.fromkeys([*COURSE, *OFTEN]):
        orders = ORDERS if text in OFTEN else ORDERS[:3]
        lengths[text] = [shortest_length(text, order, seconds) for order in orders]
        lengths[text] = [min(pair) for pair in zip(lengths[text], before.get(text, lengths[text]), strict=True)]
        print(text, lengths[text], flush=True)
    lines = [f"{json.dumps(text)}: {found}" for text, found in lengths.items()]
    LENGTHS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
