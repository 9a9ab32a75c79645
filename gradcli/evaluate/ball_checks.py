"""The judgement of balls on a value and a gradient in floats: how many digits are right, and whether the rules are.

The derivatives that `gradcli.evaluate.proven` proves come from the rules of differentiation.  The rules themselves are
confirmed by difference quotients in balls of 2,000 bits, which use none of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final

from gradcli.errors import LimitError, NotFiniteError
from gradcli.evaluate.finite_differences import agreed_digits
from gradcli.evaluate.proven import Proven
from gradcli.language.parsed import ParsedExpression
from gradcli.records import NamedTuple

__all__ = ["BallCheck", "ball_check", "right_digits"]

#: A float has 17 digits; more tell whether it is the nearest one.
_DIGITS: Final = 24
#: Numbers of a formula in floats that need more bits are 0 in most cases.
_BITS: Final = 4096
#: The steps of the difference quotients, relative to a variable below 1, are these powers of 1/2.  Their squares are
#: the errors, which no function of ordinary size magnifies to a digit of a float.
_STEPS: Final = (380, 400)
#: Quotients that agree within this share of the derivative confirm it; other digits are beyond them.
_CONFIRMED: Final = Fraction(1, 10**12)
#: Below this, a difference quotient is 0.
_NOTHING: Final = Fraction(1, 2**700)


class BallCheck(NamedTuple):
    """The findings of balls at a point.

    Attributes:
        value: the value with proved digits; None if they can't be proved.
        gradient: a dictionary from variables to the partial derivatives with proved digits; None as above.
        quotients: a dictionary from variables to the derivatives by difference quotients; None if these don't settle.
        problem: why a number is missing.
    """

    value: str | None
    gradient: dict[str, str | None]
    quotients: dict[str, Fraction | None]
    problem: str | None

    def value_digits(self, value: float) -> float | None:
        """Return how many decimal digits of a float are right as the value; None if this is not decided."""
        return None if self.value is None else right_digits(self.value, value)

    def is_confirmed(self, name: str) -> bool:
        """Whether the difference quotients agree with the derivative by the rules."""
        proved, quotient = self.gradient[name], self.quotients[name]
        return proved is not None and quotient is not None and _agree(Fraction(proved), quotient)

    def is_refuted(self, name: str) -> bool:
        """Whether the difference quotients settle at another derivative than that by the rules."""
        return self.gradient[name] is not None and self.quotients[name] is not None and not self.is_confirmed(name)


def ball_check(
    expression: ParsedExpression, at: Mapping[str, ParsedExpression], names: list[str], *, has_slopes: bool = True
) -> BallCheck:
    """Return the value and the gradient of an expression at a point in balls.

    Args:
        expression: the expression.
        at: the point; see `Proven`.
        names: the variables of the gradient.
        has_slopes: whether the point is not on an edge, so that difference quotients have a meaning.
    """
    proven = Proven(expression, at, _DIGITS, most=_BITS)
    problem = None

    def attempt(compute: Callable[[], str]) -> str | None:
        nonlocal problem
        try:
            return compute()
        except (LimitError, NotFiniteError) as error:
            problem = problem or error.message
            return None

    def partial(name: str) -> Callable[[], str]:
        return lambda: proven.gradient([name])[name]

    value = attempt(proven.value)
    gradient = {name: attempt(partial(name)) for name in names}
    quotients = {name: _settled(proven, name) if has_slopes and value is not None else None for name in names}
    return BallCheck(value, gradient, quotients, problem)


def right_digits(proved: str, found: float) -> float:
    """Return how many decimal digits of a float are right, at most 17; of one that is not finite, none.

    >>> right_digits("0.33333333333333333333", 0.333333), right_digits("2e500", math.inf)
    (6.0, 0.0)
    """
    return agreed_digits(float(proved), found) if math.isfinite(found) else 0.0


def _settled(proven: Proven, name: str) -> Fraction | None:
    """Return the difference quotient of small steps; None if it depends on the step."""
    first, second = [proven.quotient(name, bits) for bits in _STEPS]
    return second if first is not None and second is not None and _agree(first, second) else None


def _agree(one: Fraction, other: Fraction) -> bool:
    size = max(abs(one), abs(other))
    return abs(one - other) <= _CONFIRMED * size or size <= _NOTHING
