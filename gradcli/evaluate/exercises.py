"""Exercises in differentiation, made from a grammar and a seed.

The grammar is a table: a symbol has alternatives, and an alternative is a text with further symbols in braces.  Each
level of difficulty is one symbol.  A new kind of exercise is one more alternative.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from gradcli import limits
from gradcli.errors import UsageError
from gradcli.evaluate.expression import Expression, parse
from gradcli.graph import Node, toposort
from gradcli.graph.derivation import Step, derivation
from gradcli.graph.formula import derivative_formula
from gradcli.printing.text import text_length, to_text

if TYPE_CHECKING:
    from gradcli.printing.displayed import Displayed

__all__ = ["LEVELS", "Exercise", "exercises", "quiz"]

#: What the exercises of each level are about.
LEVELS: Final[Mapping[int, str]] = {
    1: "powers and sums",
    2: "elementary functions and constant factors",
    3: "the product rule and the quotient rule",
    4: "the chain rule",
    5: "mixed problems",
}

#: The variable of all exercises.
_VARIABLE: Final = "x"
#: An exercise whose answer has a longer text is left out.
_LONGEST_ANSWER: Final = 64
#: After so many exercises in a row that were there before, no new one is expected.
_TRIES: Final = 200

#: A symbol -> its alternatives.  What is there twice is drawn more often.
_GRAMMAR: Final[Mapping[str, tuple[str, ...]]] = {
    # numbers, factors, signs and exponents
    "n": ("1", "2", "3", "4", "5", "6", "7", "8", "9"),
    "a": ("2", "3", "4", "5", "6", "7", "8", "9"),
    "k": ("", "", "2*", "3*", "4*", "5*", "6*", "7*"),
    "c": ("2*", "3*", "4*", "5*", "6*"),
    "s": ("+", "+", "-", "-"),
    "low": ("2", "3"),
    "high": ("4", "5", "6"),
    "any": ("2", "3", "4", "5", "6"),
    "root": ("1/3", "2/3", "4/3", "5/3", "3/2", "5/2"),
    "base": ("2", "3", "5", "10"),
    # functions; the numbers of a linear one have no common factor
    "f": ("sin(x)", "cos(x)", "tan(x)", "exp(x)", "log(x)", "sqrt(x)"),
    "wave": ("sin", "cos", "tan"),
    "inverse": ("asin", "acos", "atan"),
    "linear": ("x {s} {n}", "2*x {s} {odd}", "3*x {s} {third}", "4*x {s} {odd}", "5*x {s} {fifth}"),
    "odd": ("1", "3", "5", "7", "9"),
    "third": ("1", "2", "4", "5", "7", "8"),
    "fifth": ("1", "2", "3", "4", "6"),
    "positive": ("x^2 + {n}", "2*x^2 + {odd}", "3*x^2 + {third}", "4*x^2 + {odd}"),
    "polynomial": ("{linear}", "{linear}", "x^2 {s} {n}", "x^3 {s} {n}", "x^2 {s} {k}x", "2*x^2 {s} {odd}"),
    # levels
    "1": (
        "{k}x^{high} {s} {k}x^{low} {s} {k}x {s} {a}",
        "{k}x^{high} {s} {k}x^{low} {s} {a}",
        "{k}x^{high} {s} {k}x^{low}",
        "{k}x^{high} {s} {k}x",
        "{k}x^{low} {s} {k}x {s} {a}",
        "x^{high}/{a} {s} {k}x^{low}",
        "{k}x^{low} {s} {a}/x",
        "{a}/x^{low} {s} {k}x",
        "{k}x^{low} {s} x^-{high}",
        "{k}sqrt(x) {s} {k}x^{low}",
        "{k}x^({root}) {s} {k}x^{low}",
    ),
    "2": (
        "{k}{f} {s} {k}{f}",
        "{k}{f} {s} {k}x^{low}",
        "{k}x^{low} {s} {k}{f} {s} {a}",
        "{k}{f} {s} {k}{f} {s} {k}x",
        "{f}/{a} {s} {k}x",
        "{a}/x {s} {k}{f}",
        "{base}^x {s} {k}{f}",
        "{k}{f} {s} {k}log10(x)",
        "{k}x^{any} {s} {base}^x",
    ),
    "3": (
        "x*{f}",
        "{k}x^{any}*{f}",
        "({polynomial})*{f}",
        "{f}*{f}",
        "({polynomial})*({polynomial})",
        "x^{any}*{base}^x",
        "{k}x^{low}*{f} {s} {k}x",
        "{f}/x",
        "{f}/x^{low}",
        "x^{low}/{f}",
        "({linear})/{f}",
        "{f}/({linear})",
        "{f}/(x^2 {s} {n})",
        "({linear})/({linear})",
        "x^{low}/({linear})",
        "{k}x/({positive})",
        "(x^2 {s} {n})/(x^2 {s} {n})",
        "sin(x)/(cos(x) + {a})",
        "cos(x)/(sin(x) - {a})",
        "exp(x)/(exp(x) + {a})",
    ),
    "4": (
        "{wave}({c}x)",
        "{wave}({linear})",
        "{k}{wave}({k}x^{any})",
        "{wave}({positive})",
        "{k}exp({c}x)",
        "exp(-{k}x^{low})",
        "exp({polynomial})",
        "log({positive})",
        "log({linear})",
        "{k}sqrt({positive})",
        "sqrt({linear})",
        "({linear})^{any}",
        "({polynomial})^{high}",
        "({positive})^({root})",
        "{a}/({linear})^{low}",
        "{a}/({positive})",
        "{k}{wave}(x)^{any}",
        "{k}log(x)^{any}",
        "{wave}(sqrt(x))",
        "{wave}(exp(x))",
        "{wave}(log(x))",
        "{wave}({a}/x)",
        "exp({k}{wave}(x))",
        "exp({k}sqrt(x))",
        "log({wave}(x))",
        "log(log(x))",
        "sqrt({wave}(x) + {a})",
        "(exp(x) {s} {a})^{any}",
        "({wave}(x) {s} {a})^{any}",
        "{base}^({c}x)",
        "{base}^(x^{low})",
        "{base}^{wave}(x)",
        "1/(exp(x) + {a})",
    ),
    "5": (
        "{k}x^{low}*exp({c}x)",
        "x*exp(-{k}x^2)",
        "x^{low}*{wave}({c}x)",
        "exp({k}x)*{wave}({c}x)",
        "exp(-{k}x)*{wave}(x)",
        "{wave}({c}x)/x^{low}",
        "{wave}({wave}({k}x))",
        "{wave}(exp({c}x))",
        "{wave}({c}x)^{any}",
        "{wave}(x^2)^{any}",
        "exp({wave}({c}x))",
        "log({wave}({c}x))",
        "log({wave}(x)^2 + {a})",
        "sqrt(x + sqrt(x))",
        "sqrt({wave}(x)^2 + {a})",
        "x^{low}*log(x^2 + {a})",
        "x*log(x)^{any}",
        "x*sqrt({positive})",
        "x/sqrt({positive})",
        "log(x + sqrt(x^2 + {a}))",
        "log(({linear})/({linear}))",
        "sqrt(({linear})/({linear}))",
        "({linear})^{low}*(x {s} {a})^{low}",
        "(x {s} {a})^{low}/({linear})^{low}",
        "{inverse}({c}x)",
        "{inverse}(x/{a})",
        "{inverse}(x^{low})",
        "{inverse}(sqrt(x))",
        "{k}x^{low}*{inverse}(x)",
        "x*{inverse}({c}x)",
        "{k}{inverse}(x)^{any}",
        "exp({k}{inverse}(x))",
        "log({inverse}(x))",
        "atan({a}/x)",
        "atan(exp({k}x))",
        "x^x",
        "x^({c}x)",
        "x^{wave}(x)",
        "x^(1/x)",
        "x^sqrt(x)",
        "{wave}(x)^x",
        "(x^2 + {a})^x",
        "(x + {a})^{wave}(x)",
    ),
}  # fmt: skip

_FIELD: Final = re.compile(r"\{(\w+)\}")


class Exercise:
    """A function to differentiate.

    Attributes:
        level: the difficulty, a key of `LEVELS`.
        question: the function.
        variable: the variable of the derivative.
    """

    def __init__(self, level: int, question: Expression, variable: str) -> None:
        self.level = level
        self.question = question
        self.variable = variable

    @cached_property
    def formula(self) -> Node:
        """The derivative as `diff` prints it."""
        return derivative_formula(self.question.root, self._target, 1, text_length).root

    @property
    def derivative(self) -> str:
        """The derivative as text."""
        return to_text(self.formula)

    @cached_property
    def steps(self) -> list[Step]:
        """The lines by which the derivative is found."""
        return derivation(self.question.root, self._target, [self.formula], text_length)

    @property
    def rules(self) -> list[str]:
        """The names of the rules of calculus by which the derivative is found."""
        return [*dict.fromkeys(rule for step in self.steps if step.differentiates for rule in step.rules)]

    @property
    def _target(self) -> Node:
        return self.question.graph.variable(self.variable)

    def __repr__(self) -> str:
        return f"<exercise of level {self.level}: {self.question}>"

    def _displayed(self) -> Displayed:
        """Return the derivative to be found as notebooks show it."""
        from gradcli.printing.displayed import derivative_of, displayed

        return derivative_of(displayed(self.question.root), self.variable)

    def _repr_latex_(self) -> str:
        return self._displayed().math

    def _repr_html_(self) -> str | None:
        return self._displayed().html


def exercises(level: int, seed: int) -> Iterator[Exercise]:
    """Yield the exercises of one level that belong to a seed, all of them different.

    A seed gives the same exercises on every system and with every version of Python.

    Args:
        level: the difficulty, a key of `LEVELS`.
        seed: a whole number of at least 0.

    Raises:
        UsageError: there is no such level, or the seed is negative.

    >>> from itertools import islice
    >>> [str(one.question) for one in islice(exercises(4, seed=1), 3)]
    ['cos(sqrt(x))', 'sin(exp(x))', '(exp(x) - 7)^2']
    """
    if level not in LEVELS:
        raise UsageError(f"`level` is from 1 to {len(LEVELS)}, not {level}", argument="level")
    if seed < 0:
        raise UsageError(f"`seed` is at least 0, not {seed}", argument="seed")
    # Of a generator's methods, only random() is sure to give the same numbers in every version of Python.
    draw = random.Random(seed * (len(LEVELS) + 1) + level).random  # noqa: S311 - no secret depends on it
    seen: set[str] = set()
    forms: list[str] = []
    tries = 0
    while tries < _TRIES:
        tries += 1
        forms = forms or [*_GRAMMAR[str(level)]]
        question = parse(_expanded(_taken(forms, draw), draw))
        if str(question) in seen:
            continue
        seen.add(str(question))
        found = Exercise(level, question, _VARIABLE)
        if _is_fit(found.formula):
            tries = 0
            yield found


def quiz(seed: int, count: int, level: int | None = None) -> list[Exercise]:
    """Return the exercises of a quiz.

    Args:
        seed: a whole number of at least 0; the same seed gives the same exercises.
        count: the number of exercises, at least 1.
        level: the level of all exercises; by default every level has its share, and the easy ones come first.

    Raises:
        UsageError: there is no such level, the seed is negative, or there are fewer than ``count`` different exercises.
        LimitError: ``count`` is above `limits.PROBLEMS`.

    >>> [one.level for one in quiz(seed=1, count=7)]
    [1, 1, 2, 3, 3, 4, 5]
    """
    if count < 1:
        raise UsageError(f"`count` is at least 1, not {count}", argument="count")
    if count > limits.PROBLEMS:
        raise limits.refusal("PROBLEMS", f"a quiz has at most {limits.PROBLEMS:,} problems, not {count:,}")
    levels = [level] * count if level is not None else [1 + place * len(LEVELS) // count for place in range(count)]
    sources = {one: exercises(one, seed) for one in levels}
    found = [next(sources[one], None) for one in levels]
    if None in found:
        most = found.index(None)
        raise UsageError(f"`count` is at most {most} for this level, not {count}", argument="count")
    return [one for one in found if one is not None]


def _is_fit(answer: Node) -> bool:
    """Whether an answer is neither a constant nor long."""
    return any(node.is_variable for node in toposort([answer])) and text_length(answer) <= _LONGEST_ANSWER


def _taken(alternatives: list[str], draw: Callable[[], float]) -> str:
    return alternatives.pop(int(draw() * len(alternatives)))


def _expanded(form: str, draw: Callable[[], float]) -> str:
    """Return a text in which each symbol is replaced by one of its alternatives.

    An alternative is used again only after all others of its symbol, so the functions and numbers of a text differ.
    """
    left: dict[str, list[str]] = {}

    def alternative(symbol: re.Match[str]) -> str:
        name = symbol[1]
        left[name] = left.get(name) or [*_GRAMMAR[name]]
        return _FIELD.sub(alternative, _taken(left[name], draw))

    return _FIELD.sub(alternative, form)
