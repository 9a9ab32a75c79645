"""`gradcli check` on random expressions and points: as all rules are right, it never says that one is wrong.

    python -m tests.support.fuzz_check 20000

runs the whole; a part of it is a test in `tests/faults/test_check_faults.py`.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator

from gradcli import parse
from gradcli.errors import GradcliError
from gradcli.evaluate.check import check
from gradcli.primitives import REGISTRY

_VARIABLES = ("x", "y", "z")
_CONSTANTS = ("1", "2", "3", "0.5", "-1", "10", "pi", "1e-3", "1e3", "0", "7.25")
_RARE_CONSTANTS = ("1e-10", "1e10", "1e-300", "1e300", "inf", "nan")
_OPERATORS = ("+", "-", "*", "/", "^", "+", "-", "*")
#: Points of interest: kinks and ends, tails, and the ends of the range of doubles.
_EDGES = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    -2.0,
    0.5,
    -0.5,
    math.pi,
    1e-10,
    -1e-10,
    1e-160,
    1e-310,
    5e-324,
    36.7,
    100.0,
    710.0,
)
_EXTREMES = (1e8, -1e8, 1e16, 1e160, -1e160, 1e300, 1e-300, 1.7e308, math.inf, math.nan, 1e6 + 0.5, 1 + 1e-9)
_ARRAY_FUNCTIONS = ("sum", "mean", "norm", "prod", "std", "var", "logsumexp", "max", "min")


def expression(generator: random.Random, depth: int, variables: tuple[str, ...] = _VARIABLES) -> str:
    """Return the text of a random expression."""
    kind = generator.random()
    if depth == 0 or kind < 0.1:
        if generator.random() < 0.7:
            return generator.choice(variables)
        return generator.choice(_CONSTANTS if generator.random() < 0.95 else _RARE_CONSTANTS)
    if kind < 0.55:
        first, second = (expression(generator, depth - 1, variables) for _ in range(2))
        return f"({first}){generator.choice(_OPERATORS)}({second})"
    primitive = generator.choice(_FUNCTIONS)
    operands = [expression(generator, depth - 1, variables) for _ in primitive.operands]
    for i, _ in enumerate(primitive.static):
        operands[i] = str(generator.randrange(4))
    return f"{primitive.name}({', '.join(operands)})"


_FUNCTIONS = [one for one in REGISTRY.public() if one.name.isidentifier()]


def point(generator: random.Random) -> float:
    """Return a random number: an ordinary one, one at an edge, or an extreme one."""
    kind = generator.random()
    if kind < 0.5:
        return generator.uniform(-5.0, 5.0)
    if kind < 0.7:
        return float(generator.randrange(-5, 6))
    if kind < 0.85:
        return generator.choice(_EDGES)
    if kind < 0.92:
        return generator.choice((-1.0, 1.0)) * 10.0 ** generator.uniform(-12.0, 12.0)
    return generator.choice(_EXTREMES)


def case(number: int) -> tuple[str, dict[str, float | list[float]]]:
    """Return the expression and the point of a number, the same in every run."""
    generator = random.Random(number)
    text = expression(generator, generator.choice((1, 2, 2, 3, 3, 4)))
    at: dict[str, float | list[float]] = {name: point(generator) for name in _VARIABLES}
    if generator.random() < 0.15:
        at["x"] = [point(generator) for _ in range(generator.randrange(1, 4))]
        text = f"{generator.choice(_ARRAY_FUNCTIONS)}({text})"
    return text, at


def alarms(numbers: range) -> Iterator[str]:
    """Yield a line for each case in which `check` says that a rule is wrong, or that 0 digits agree."""
    for number in numbers:
        text, at = case(number)
        try:
            parsed = parse(text)
            report = check(parsed, {name: at[name] for name in parsed.variables})
        except GradcliError:
            continue
        except (ArithmeticError, ValueError, TypeError) as error:
            yield f"{number}: {text} at {at}: {error!r}"
            continue
        counts = [count for found in report.digits.values() for count in found.values() if count is not None]
        if not report.agree or (report.verdict == "agree" and min(counts, default=17.0) < 1.0):
            yield f"{number}: {text} at {at}: {report}"


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    start = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    found = 0
    for alarm in alarms(range(start, start + count)):
        print(alarm)
        found += 1
    print(f"{count} cases, {found} false alarms")
    sys.exit(bool(found))
