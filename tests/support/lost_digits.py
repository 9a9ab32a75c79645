"""Notes on lost digits, measured against balls.

    python -m tests.support.lost_digits 500 5000

draws formulas and points until 500 of them have lost 8 digits or more of a number, and 5,000 have lost fewer than 4 of
each.  It counts the notes that are missing, the false ones, and the rewrites that are wrong; ``--without-balls`` does
so for the running error bound alone.
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from gradcli import parse
from gradcli.errors import GradcliError
from gradcli.evaluate import digits_left
from gradcli.evaluate.digits_left import Derived, digits_note
from gradcli.evaluate.expression import Expression
from gradcli.evaluate.point import gradient
from gradcli.evaluate.proven import Proven, number_expression
from gradcli.language.parsed import ParsedExpression
from gradcli.source import Note
from tests.support.digits import FAMILIES
from tests.support.digits import points as saturating_points

#: The digits of a double.
DIGITS: Final = 53 * math.log10(2)
MANY: Final = 8
FEW: Final = 4

#: Formulas that cancel for a small s or for a large L.
CANCELLING: Final = """\
(exp(s) - 1)/s
(1 - cos(s))/s^2
s - sin(s)
tan(s) - s
log(1 + s)/s
sqrt(1 + s) - 1
(1 + s)^y - 1
exp(s) - exp(-s)
cosh(s) - 1
1 - sqrt(1 - s^2)
acos(1 - s)
(y + s)^2 - y^2
(y + s)^3 - y^3
sin(y + s) - sin(y)
exp(y + s) - exp(y)
atan(y + s) - atan(y)
log(y + s) - log(y)
1/(y + s) - 1/y
cbrt(y + s) - cbrt(y)
(tan(s) - sin(s))/s^3
1/sin(s) - 1/tan(s)
1 - tanh(1/s)
(s + y) - y
cos(s)^2 - sin(s)^2 - 1
asinh(s) - s
(exp(s) - 1 - s)/s^2
sigmoid(s) - 0.5
erf(s)/s - 2/sqrt(pi)
sqrt(L + 1) - sqrt(L)
sqrt(L^2 + y) - L
1/L - 1/(L + 1)
atan(L + 1) - atan(L)
log(L + 1) - log(L)
pi/2 - atan(L)
(L + y)^2 - L^2 - y^2
L*(sqrt(L^2 + 1) - L)
(-L + sqrt(L^2 - 4*y))/2
(1 + 1/L)^L
L*log(1 + y/L)
exp(1/L) - 1
cbrt(L + 1) - cbrt(L)
L - sqrt(L)*sqrt(L - 1)
(L^2 - y^2)/(L - y) - L
(L + 0.1) - L
hypot(L, 1) - L
lgamma(L + 1) - lgamma(L)
log(1 - sigmoid(m))
log(1 - tanh(m))
1/(1 - tanh(m)^2)
1 - erf(m/4)
log(exp(m) + 1) - m
log(cosh(m)) - m
coth(m) - 1
(1 - sigmoid(m))*exp(m)
0.1 + 0.2 - 0.3*y/y
""".splitlines()

#: What is put around them, or stands by itself.
AROUND: Final = ("{}", "{}", "2*({})", "y*({})", "exp({})", "sqrt(abs({}))", "1/({})", "({})^2", "atan({})", "{} + y")

_LEAVES: Final = ("x", "y", "x", "y", "1", "2", "0.3", "pi")
_TEMPLATES: Final = (
    *("{} + {}", "({}) - ({})", "({})*({})", "({})*({})", "({})/({})", "({})^2", "({})^3", "sqrt(abs({}))", "1/({})"),
    *("exp(-abs({}))", "log(abs({}))", "log(1 + ({})^2)", "sin({})", "cos({})", "tan({})", "atan({})", "tanh({})"),
    *("sigmoid({})", "softplus({})", "erf({})", "hypot({}, {})", "max({}, {})", "sinh({})", "asinh({})", "gamma({})"),
)


class Case(NamedTuple):
    """An expression, the texts of the values of its variables, its numbers and the digits that each has lost."""

    text: str
    point: dict[str, str]
    numbers: dict[str, float]
    lost: dict[str, float]
    note: Note | None


class Counts(NamedTuple):
    """What was measured: the cases with a loss, the benign ones, and those of each with a wrong answer."""

    losses: int
    missed: list[Case]
    benign: int
    false: list[Case]
    offered: int
    wrong: list[Case]


def _tree(chance: random.Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.15:
        return chance.choice(_LEAVES)
    template = chance.choice(_TEMPLATES)
    return template.format(*[_tree(chance, depth - 1) for _ in range(template.count("{}"))])


@cache
def _physics() -> list[tuple[str, dict[str, tuple[float, float]]]]:
    """Return the formulas of Feynman's lectures, and the ranges of their variables."""
    found = []
    for line in Path(__file__).with_name("feynman.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            _, text, words = line.split(" | ")
            ranges = {}
            for word in words.split():
                name, low, high = re.split("[=:]", word)
                ranges[name] = float(low), float(high)
            found.append((text, ranges))
    return found


def draws(seed: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield expressions and the texts of the values of their variables.

    Two of five are made to cancel, one of five is a formula of saturating functions, one of five is one of Feynman's
    lectures, and one of five is drawn at random.
    """
    chance = random.Random(seed)
    saturating = [text for family in FAMILIES.values() for text in family]
    while True:
        kind = chance.choice(("cancelling", "cancelling", "saturating", "physics", "random"))
        if kind == "saturating":
            text = chance.choice(saturating)
            point = next(itertools.islice(saturating_points(text, parse(text).variables), chance.randrange(100), None))
        elif kind == "physics":
            text, ranges = chance.choice(_physics())
            scale = chance.choice((0.0, 3.0))
            point = {
                name: chance.uniform(*ends) * 10.0 ** chance.uniform(-scale, scale) for name, ends in ranges.items()
            }
        elif kind == "cancelling":
            text = chance.choice(AROUND).format(chance.choice(CANCELLING))
            sizes = {"s": 10.0 ** chance.uniform(-14.0, -1.0), "L": 10.0 ** chance.uniform(1.0, 15.0)}
            point = {**sizes, "m": chance.uniform(1.0, 36.0), "y": chance.uniform(0.3, 3.0)}
        else:
            text = _tree(chance, chance.choice((2, 3, 3, 4)))
            point = {name: chance.uniform(-4.0, 4.0) for name in "xy"}
            if chance.random() < 0.3:
                point["x"] *= 10.0 ** chance.uniform(-8.0, 8.0)
        digits = chance.choice((2, 5, 17))
        yield text, {name: f"{value:.{digits}g}" for name, value in point.items()}


def exact_numbers(expression: Expression, at: dict[str, float]) -> list[str]:
    """Return the value and the gradient at exact floats, by balls.

    Raises:
        GradcliError: they are not decided.
    """
    proven = Proven(expression, _point(at), 25)
    return [proven.value(), *proven.gradient([*at]).values()]


def _point(at: dict[str, float]) -> dict[str, ParsedExpression]:
    return {name: number_expression(Decimal(x), name) for name, x in at.items()}


def lost_digits(expression: Expression, at: dict[str, float], numbers: dict[str, float]) -> dict[str, float] | None:
    """Return how many digits each number has lost, by balls at the exact floats; None if this is not decided."""
    try:
        exact = exact_numbers(expression, at)
    except (GradcliError, OverflowError):
        return None
    found = {}
    for (name, number), text in zip(numbers.items(), exact, strict=True):
        if abs(float(text)) in (0.0, math.inf) and text != "0":
            return None
        true, difference = abs(Fraction(text)), abs(Fraction(number) - Fraction(text))
        if not number or not true:
            found[name] = DIGITS if difference else 0.0
        else:
            relative = float(min(difference / true, Fraction(1)))
            found[name] = max(0.0, DIGITS + math.log10(max(relative, 2.0**-53)))
    return found


def cases(seed: int) -> Iterator[Case]:
    """Yield drawn cases whose numbers are finite and whose losses are decided."""
    for text, texts in draws(seed):
        expression = parse(text)
        point = {name: parse(texts[name]) for name in expression.variables}
        at = {name: float(one()) for name, one in point.items()}
        if not at:
            continue
        result = gradient(expression, at)
        numbers = {"value": result.value, **{f"d/d{name}": partial for name, partial in result.gradient.items()}}
        if result.notes or not all(map(math.isfinite, numbers.values())):
            continue
        lost = lost_digits(expression, at, numbers)
        if lost is None:
            continue
        note = digits_note(expression, at, point, Derived([*at]), numbers) if result.may_lose_digits else None
        yield Case(text, texts, numbers, lost, note)


def is_right(case: Case) -> bool:
    """Whether the formula that a note offers has the same numbers at the point, by balls, and keeps those it names."""
    assert case.note is not None
    assert case.note.details is not None
    assert case.note.hint is not None
    typed, instead = parse(case.text), parse(case.note.details["instead"], variables=parse(case.text).variables)
    at = {name: float(parse(case.point[name])()) for name in typed.variables}
    one, other = [Proven(formula, _point(at), 30) for formula in (typed, instead)]
    if one.value() != other.value() or one.gradient(typed.variables) != other.gradient(typed.variables):
        return False
    found = gradient(instead, at)
    numbers = {"value": found.value, **{f"d/d{name}": found.gradient[name] for name in typed.variables}}
    lost = lost_digits(instead, at, numbers)
    assert lost is not None
    named = [name for name in case.note.details["digits"] if "its digits" in case.note.hint or name in case.note.hint]
    return all(lost[name] < 5.0 for name in named)


def measure(losses: int, benign: int, seed: int = 0) -> Counts:
    """Measure the notes on so many cases with a loss and so many without one."""
    counts = Counts(losses, [], benign, [], 0, [])
    offered = have = kept = 0
    for case in cases(seed):
        worst = max(case.lost.values())
        if worst >= MANY and have < losses:
            have += 1
            if case.note is None:
                counts.missed.append(case)
        elif worst < FEW and kept < benign:
            kept += 1
            if case.note is not None:
                counts.false.append(case)
        if case.note is not None and case.note.details is not None and "instead" in case.note.details:
            offered += 1
            if not is_right(case):
                counts.wrong.append(case)
        if have == losses and kept == benign:
            break
    return counts._replace(offered=offered)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The notes on lost digits.")
    parser.add_argument("losses", type=int)
    parser.add_argument("benign", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without-balls", action="store_true")
    chosen = parser.parse_args()
    if chosen.without_balls:
        digits_left.has_balls = lambda: False
    found = measure(chosen.losses, chosen.benign, chosen.seed)
    for word, listed in (("missed", found.missed), ("false", found.false), ("wrong", found.wrong)):
        for case in listed:
            print(f"{word}: {case.text} at {case.point}: {case.numbers}, lost {case.lost}: {case.note}")
    print(f"lost {MANY} digits or more: {found.losses}, without a note: {len(found.missed)}")
    print(f"lost fewer than {FEW} digits: {found.benign}, with a note: {len(found.false)}")
    print(f"rewrites offered: {found.offered}, wrong: {len(found.wrong)}")


if __name__ == "__main__":
    main()
