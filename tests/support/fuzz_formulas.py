"""Random expressions at ties, kinks and edges: everything that differentiates agrees with `grad`.

    python -m tests.support.fuzz_formulas 10000

compares the text of `diff` read again, forward and reverse graphs, second derivatives, NumPy and machine code with the
gradient on floats; a part of it is a test in `tests/faults/test_formula_faults.py`.
"""

from __future__ import annotations

import math
import random
import sys
import warnings
from collections.abc import Iterator

import numpy as np

from gradcli import compile as compile_expression
from gradcli import parse
from gradcli.evaluate import point
from gradcli.evaluate.expression import Expression
from gradcli.execute.tape import Tape
from gradcli.graph import differentiate
from gradcli.graph.formula import derivative_formula
from gradcli.graph.simplify import Simplified
from gradcli.printing.text import text_length, to_text

#: Numbers with few binary digits: arithmetic on them is exact, so ties stay ties however a formula is written.
_TIES = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 3.0)
_CONSTANTS = ("0", "1", "2", "-1", "3", "0.5")
_TEMPLATES = (
    *("max({}, {})", "min({}, {})", "max({}, {}, {})", "min({}, {}, {})", "clip({}, 0, 1)", "clip({}, -1, {})"),
    *("clip({}, {}, {})", "abs({})", "relu({})", "where({} > {}, {}, {})", "where({} == {}, {}, {})"),
    *("hypot({}, {})", "({})^({})", "({})^2", "({})^3", "0^({})", "sinc({})", "xlogy({}, {})", "sqrt({})"),
    *("({}) + ({})", "({}) - ({})", "({})*({})", "({})/({})", "hard_tanh({})", "leaky_relu({})", "exp({})"),
)


def expression(generator: random.Random, depth: int) -> str:
    """Return the text of a random expression in x and y."""
    if depth == 0 or generator.random() < 0.1:
        return generator.choice(("x", "y", "x", "y", generator.choice(_CONSTANTS)))
    template = generator.choice(_TEMPLATES)
    return template.format(*[expression(generator, depth - 1) for _ in range(template.count("{}"))])


def case(number: int) -> tuple[str, dict[str, float]]:
    """Return an expression and a point; at even numbers, the point is one of ties and edges."""
    generator = random.Random(number)
    text = expression(generator, generator.choice((1, 2, 2, 3)))
    if number % 2:
        return text, {name: generator.uniform(-3.0, 3.0) for name in "xy"}
    return text, {name: generator.choice(_TIES) for name in "xy"}


def is_same(found: float, expected: float, scale: float = 1.0) -> bool:
    """Whether two numbers agree, or none is expected; rounding grows with the scale.

    The sign of infinity may differ: a formula doesn't keep the sign of the 0 that it divides by.
    """
    if expected != expected or found == expected or abs(found) == abs(expected) == math.inf:
        return True
    return math.isfinite(found - expected) and abs(found - expected) <= 1e-9 * max(abs(expected), scale)


def at_point(text: str, at: dict[str, float]) -> float:
    """Return the value of the text of a formula at a point."""
    formula = parse(text, variables=tuple(at))
    return float(formula(**{name: at[name] for name in formula.variables}))


def differences(text: str, at: dict[str, float]) -> Iterator[str]:
    """Yield a line for each way to differentiate that doesn't agree with the gradient at a point.

    Points with hypot or sinc of infinity are left out, because printed formulas don't have a condition for them.
    """
    parsed = parse(text)
    at = {name: at[name] for name in parsed.variables}
    if not at:
        return
    if _has_infinite_length(parsed, at):
        return
    expected = point.gradient(parsed, at).gradient
    second = point.hessian(parsed, at)
    targets = [parsed.graph.variable(name) for name in at]
    reverse = dict(zip(at, differentiate.gradient(parsed.root, targets), strict=True))
    for name, target in zip(at, targets, strict=True):
        forward = differentiate.derivative(parsed.root, target)
        once, twice = [derivative_formula(parsed.root, target, order, text_length) for order in (1, 2)]
        found = {
            **({f"diff: {to_text(once.root)}": at_point(to_text(once.root), at)} if _holds(parsed, once, at) else {}),
            "its unsimplified text": at_point(str(parsed.derivative(name)), at),
            "jvp": point.jvp(parsed, at, {name: 1.0}),
            "forward": _value(parsed, forward, at),
            "reverse": _value(parsed, reverse[name], at),
        }
        for executor in ("numpy", "llvm"):
            compiled = compile_expression(parsed, derivatives="gradient", executor=executor)
            found[executor] = float(compiled(**{one: np.array([value]) for one, value in at.items()})[name][0])
        for way, value in found.items():
            if not is_same(value, expected[name]):
                yield f"{text} at {at}: d/d{name} is {expected[name]}, but {value} by {way}"
        if not _holds(parsed, twice, at):
            continue
        value = at_point(to_text(twice.root), at)
        scale = max(1.0, abs(expected[name]))
        if expected[name] == expected[name] and not is_same(value, second[name][name], scale):
            yield f"{text} at {at}: d2/d{name}^2 is {second[name][name]}, but {value} by diff: {to_text(twice.root)}"


def _holds(parsed: Expression, formula: Simplified, at: dict[str, float]) -> bool:
    """Whether the conditions that are printed with a formula hold at a point: x/x = 1 needs x != 0."""
    return all(_value(parsed, condition, at) != 0.0 for condition in formula.nonzero)


def _has_infinite_length(parsed: Expression, at: dict[str, float]) -> bool:
    tape = Tape([parsed.root], [parsed.graph.variable(name) for name in at])
    values = tape.run(list(at.values()))
    return any(
        primitive.name in ("hypot", "sinc") and any(math.isinf(values[slot]) for slot in slots)
        for primitive, slots in tape.instructions
    )


def _value(parsed: Expression, root: object, at: dict[str, float]) -> float:
    return float(point._values(parsed, [root], [at[name] for name in parsed.variables])[0])  # type: ignore[list-item]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    start = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    found = 0
    for number in range(start, start + count):
        for line in differences(*case(number)):
            print(line, flush=True)
            found += 1
    print(f"{count} cases, {found} differences")
    sys.exit(bool(found))
