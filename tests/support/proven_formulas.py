"""Proved digits of formulas of science against SymPy's derivatives, which mpmath computes with many more digits.

    python -m tests.support.proven_formulas             all formulas with 50 digits
    python -m tests.support.proven_formulas 1000 20     20 of them with 1,000 digits

Value, gradient and Hessian of the 120 formulas of `feynman.txt`, and of more than 300 others: the calculus course,
formulas as people type them, those of textbooks, and formulas that lose digits in floats.  Each number has to be the
nearest one of so many digits.  SymPy reads the text by itself and differentiates it by itself.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from gradcli import parse
from gradcli.errors import GradcliError
from gradcli.evaluate.proven import Proven
from gradcli.graph.graph import substitute
from gradcli.primitives import REGISTRY
from gradcli.printing.text import to_text
from tests.support.sympy_peer import read

__all__ = ["Case", "differences", "feynman", "others"]

#: A formula, and a decimal for each variable.
Case = tuple[str, dict[str, str]]
#: The digits of mpmath in addition to those that are compared.
_MORE = 70


def _point(text: str, ranges: dict[str, tuple[float, float]]) -> dict[str, str]:
    generator = random.Random(text)
    return {name: f"{generator.uniform(low, high):.4g}" for name, (low, high) in ranges.items()}


@cache
def feynman() -> list[Case]:
    """Return the formulas of Feynman's lectures at points of their ranges where the value is real."""
    found: list[Case] = []
    for line in Path(__file__).with_name("feynman.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        _, text, words = line.split(" | ")
        ranges = {}
        for word in words.split():
            name, _, interval = word.partition("=")
            low, _, high = interval.partition(":")
            ranges[name] = (float(low), float(high))
        names = parse(text, variables=[*ranges]).variables
        found += _with_real_value(text, {name: ranges[name] for name in names})
    return found


def _with_real_value(text: str, ranges: dict[str, tuple[float, float]]) -> Iterator[Case]:
    expression = parse(text, variables=[*ranges])
    for attempt in range(20):
        at = _point(f"{text} {attempt}", ranges)
        value = expression(**{name: float(number) for name, number in at.items()})
        if abs(value) < float("inf"):
            yield text, at
            return


def others() -> Iterator[Case]:
    """Yield formulas of other collections that SymPy reads, each once."""
    from tests.support.calculus_course import COURSE, OFTEN
    from tests.support.digits import FAMILIES
    from tests.support.formulas_as_typed import FORMULAS as TYPED
    from tests.support.textbook_formulas import FORMULAS as TEXTBOOK

    texts = [*COURSE, *OFTEN, *[meant for _, meant in TYPED], *[meant for *_, meant in TEXTBOOK if meant]]
    texts += [text for family in FAMILIES.values() for text in family]
    for text in dict.fromkeys(texts):
        try:
            expression = parse(text)
        except GradcliError:
            continue
        if expression.has_arrays or not 1 <= len(expression.variables) <= 8 or not _is_read(text):
            continue
        yield from _with_real_value(text, dict.fromkeys(expression.variables, (0.2, 2.0)))


@cache
def _is_read(text: str) -> bool:
    """Whether SymPy has every function of a text, and the text is no program with choices."""
    known = {"sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "exp"}
    known |= {"sqrt", "erf", "erfc", "gamma", "add", "sub", "mul", "div", "pow", "neg", "square", "cbrt", "expm1"}
    known |= {"log", "log1p", "log2", "log10", "sigmoid", "softplus", "sec", "csc", "cot", "exp2", "lgamma", "digamma"}
    root = parse(text).root
    primitives = {node.primitive.name for node in root.graph.nodes if node.primitive is not None}
    return primitives <= known and all(word in REGISTRY or word.isidentifier() for word in primitives)


def _symbols(text: str, names: list[str]) -> tuple[Any, dict[str, Any]]:
    """Return a formula of SymPy, and its symbols, which have other names: SymPy's I is no variable."""
    import sympy

    plain = {name: f"v{place}_" for place, name in enumerate(names)}
    expression = parse(text, variables=names)
    image = {expression.graph.variable(name): expression.graph.variable(other) for name, other in plain.items()}
    found = read(to_text(substitute(expression.root, image, exactly=True)))
    return found, {name: sympy.Symbol(other) for name, other in plain.items()}


def differences(case: Case, digits: int) -> tuple[list[str], float]:
    """Return a line for each number that differs, and the seconds of the processor that gradcli takes.

    Raises:
        GradcliError: gradcli refuses the formula.
    """
    import mpmath
    import sympy

    text, at = case
    names = [*at]
    expression = parse(text, variables=names)
    points = {name: parse(number) for name, number in at.items()}
    gc.freeze()  # SymPy leaves many objects, and a collection of them is no part of the time
    start = time.process_time()
    proven = Proven(expression, points, digits)
    found = {"value": proven.value()}
    found |= {f"d/d{name}": number for name, number in proven.gradient().items()}
    for one, row in proven.hessian().items():
        found |= {f"d2/d{one}d{other}": number for other, number in row.items()}
    seconds = time.process_time() - start

    function, symbols = _symbols(text, names)
    exact = sympy.nsimplify(function, rational=True)
    formulas = {"value": exact}
    formulas |= {f"d/d{name}": sympy.diff(exact, symbols[name]) for name in names}
    for place, one in enumerate(names):
        for other in names[place:]:
            second = sympy.diff(formulas[f"d/d{one}"], symbols[other])
            formulas[f"d2/d{one}d{other}"] = formulas[f"d2/d{other}d{one}"] = second
    lines = []
    with mpmath.workdps(digits + _MORE):
        numbers = [_number(mpmath, number) for number in at.values()]
        for name, formula in formulas.items():
            value = sympy.lambdify([*symbols.values()], formula, "mpmath", cse=False)(*numbers)
            expected, number = mpmath.re(mpmath.mpmathify(value)), _number(mpmath, found[name])
            # The formula of a derivative that is 0 leaves a rounding error of so many digits.
            size = mpmath.floor(mpmath.log10(abs(number))) if number else 0
            if abs(number - expected) > mpmath.mpf(10) ** (size - digits + 1) * mpmath.mpf("0.500001"):
                shown = mpmath.nstr(expected, digits + 3)
                lines.append(f"{text} at {at}: {name} is {found[name]}, and {shown} by SymPy")
    return lines, seconds


def _number(mpmath: Any, text: str) -> Any:
    exact = Fraction(text)
    return mpmath.mpf(exact.numerator) / exact.denominator


def main() -> None:
    """Compare all, or some, and print the figures."""
    digits = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    count = int(sys.argv[2]) if len(sys.argv) > 2 else None
    faults = 0
    for name, group in (("Feynman", feynman()), ("others", [*others()])):
        chosen = group if count is None else group[:: len(group) // (count // 2)][: count // 2]
        times: list[tuple[float, str]] = []
        refused = 0
        for case in chosen:
            try:
                lines, seconds = differences(case, digits)
            except GradcliError as error:
                refused += 1
                print(f"refused: {case}: {error}")
                continue
            print(*lines, sep="\n", end="\n" if lines else "")
            faults += bool(lines)
            times.append((seconds, case[0]))
        times.sort()
        middle, late, last = times[len(times) // 2], times[len(times) * 9 // 10], times[-1]
        print(
            f"{name}: {len(times)} formulas with {digits} digits, {refused} refused; {1e3 * middle[0]:.1f} ms at the "
            f"median, {1e3 * late[0]:.1f} at 90 %, {1e3 * last[0]:.1f} at most: {last[1]}"
        )
    print(f"{faults} formulas with a wrong digit")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
