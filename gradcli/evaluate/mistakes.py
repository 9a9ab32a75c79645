"""The usual mistakes in differentiation, as a table: wrong rules, and results that are wrong as a whole.

To test whether somebody used a wrong rule, the expression is differentiated with this rule at every place at once, and
then at each place alone.  If this gives the values of the answer, the mistake explains the answer.
A new mistake is one more entry of `MISTAKES`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Final

from gradcli.evaluate import wrong_rules as wrong
from gradcli.evaluate.equality import Estimate
from gradcli.evaluate.wrong_rules import Rule, Step, differentiated
from gradcli.graph import Node, differentiate, readable, substitute, toposort
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = ["MISTAKES", "Attempt", "Mistake", "Problem", "Sample"]

#: A wrong rule is tried at this many places, the outermost ones.
_PLACES: Final = 40
#: A constant factor or an added constant is shown as a fraction, also of pi, with at most this denominator.
_DENOMINATOR: Final = 1000
_FRACTION: Final = 1e-11


class Sample(NamedTuple):
    """The values of the variables, of the derivative and of the answer at one point."""

    inputs: Sequence[float]
    expected: Estimate
    found: Estimate


class Problem(NamedTuple):
    """A question and a wrong answer; all nodes are of one graph.

    Attributes:
        root: the function.
        target: the variable of the derivative.
        order: the order of the derivative.
        derivative: the derivative.
        answer: the answer.
        variables: all variables, in the order of ``Sample.inputs``.
        samples: the points at which a mistake is compared with the answer.
    """

    root: Node
    target: Node
    order: int
    derivative: Node
    answer: Node
    variables: Sequence[Node]
    samples: Sequence[Sample]


class Attempt(NamedTuple):
    """A result that a mistake leads to.

    Attributes:
        claimed: a formula; if this mistake was made, it has the same values as ``judged``.
        judged: the formula to compare with; by default the answer.
        place: the operation that was differentiated wrongly; None for the whole expression, or for several operations.
        detail: a text for the ``{}`` of ``Mistake.about``.
    """

    claimed: Node
    judged: Node | None = None
    place: Node | None = None
    detail: str | None = None


class Mistake(NamedTuple):
    """A usual mistake: an entry of `MISTAKES`.

    Attributes:
        name: its name in JSON.
        about: a clause that says what went wrong.
        attempts: a function that takes a problem and yields the results to which the mistake may lead.
    """

    name: str
    about: str
    attempts: Callable[[Problem], Iterable[Attempt]]


def _by(rule: Rule, problem: Problem) -> Iterator[Attempt]:
    """Yield the results of a wrong rule: at every place at once, then at each place alone."""
    root, target = problem.root, problem.target
    if problem.order > 1:
        root = differentiate.derivative(root, target, problem.order - 1, guarded=False)
    variants: dict[Node, int] = {}

    def count(step: Step) -> None:
        number = len(list(rule(step)))
        if number:
            variants[step.node] = number

    differentiated(root, target, count)
    places = list(variants)[-_PLACES:]
    for number in range(max(variants.values(), default=0)):
        for chosen in [places, *([[place] for place in reversed(places)] if len(places) > 1 else [])]:
            if any(variants[place] > number for place in chosen):
                claimed = differentiated(root, target, partial(_variant, rule, number, frozenset(chosen)))
                is_in_text = problem.order == 1 and len(chosen) == 1
                # A rule that keeps to the domain of its function is more than was written down.
                yield Attempt(readable(claimed), place=chosen[0] if is_in_text else None)


def _variant(rule: Rule, number: int, places: Collection[Node], step: Step) -> Node | None:
    """Return the wrong derivative of one operation, by the variant ``number`` of a rule.

    The result is None if the operation is not among the places, or if the rule has no such variant for it.
    """
    if step.node not in places:
        return None
    return next((found for place, found in enumerate(rule(step)) if place == number), None)


def _without_bars(problem: Problem) -> Iterator[Attempt]:
    """Yield answers in which |u| and sqrt(u^2) are mistaken for u, in the derivative or in the function itself."""

    def inside(node: Node) -> Node | None:
        name = None if node.primitive is None else node.primitive.name
        if name == "abs":
            return node.operands[0]
        under = node.operands[0] if name == "sqrt" else None
        if under is None or under.primitive is None or under.primitive.name not in ("pow", "mul", "square"):
            return None
        base, *others = under.operands
        is_square = not others or others[0] is base or (under.primitive is f.pow and others[0].constant == 2.0)
        return base if is_square else None

    for root in (problem.derivative, problem.root):
        places = {node: found for node in toposort([root]) if (found := inside(node)) is not None}
        image = dict(places)
        for _ in places:  # bars inside bars
            image = {node: substitute(found, places) for node, found in image.items()}
        if places and root is problem.derivative:
            yield Attempt(substitute(root, image))
        elif places:
            yield Attempt(_derivative(substitute(root, image), problem))
            yield Attempt(f.abs(problem.derivative))


def _derivative(root: Node, problem: Problem, order: int | None = None) -> Node:
    number = problem.order if order is None else order
    return differentiate.derivative(root, problem.target, number, guarded=False) if number else root


def _sign(problem: Problem) -> Iterator[Attempt]:
    yield Attempt(-problem.derivative)


def _itself(problem: Problem) -> Iterator[Attempt]:
    yield Attempt(problem.root)


def _order(problem: Problem) -> Iterator[Attempt]:
    for order in range(1, problem.order + 2):
        if order != problem.order:
            yield Attempt(_derivative(problem.root, problem, order), detail=str(order))


def _antiderivative(problem: Problem) -> Iterator[Attempt]:
    yield Attempt(problem.root, judged=_derivative(problem.answer, problem, 1))


def _variable(problem: Problem) -> Iterator[Attempt]:
    for other in problem.variables:
        if other is not problem.target:
            found = differentiate.derivative(problem.root, other, problem.order, guarded=False)
            yield Attempt(found, detail=f"`{other.name}`")


def _parameters(problem: Problem) -> Iterator[Attempt]:
    if len(problem.variables) > 1 and problem.order == 1:
        yield Attempt(differentiate.jvp(problem.root, dict.fromkeys(problem.variables, 1.0), guarded=False))


def _best(problem: Problem) -> Sample | None:
    """Return the point at which both values have the smallest relative errors."""

    def error(sample: Sample) -> float:
        pairs = (sample.expected, sample.found)
        return sum(one.error / abs(one.value) if one.value else math.inf for one in pairs)

    known = [one for one in problem.samples if one.expected.is_known and one.found.is_known]
    return min(known, key=error, default=None)


def _as_fraction(number: float) -> tuple[float, str]:
    """Return the exact number that a decimal probably stands for, and the text of this number.

    >>> _as_fraction(0.3333333333333337), _as_fraction(-1.5707963267948966), _as_fraction(0.1234567891)
    ((0.3333333333333333, '1/3'), (-1.5707963267948966, '-pi/2'), (0.1234567891, '0.1234567891'))
    """
    for unit, name in ((1.0, ""), (math.pi, "pi"), (1.0 / math.pi, "1/pi")):
        found = Fraction(number / unit).limit_denominator(_DENOMINATOR)
        if found and abs(float(found) * unit - number) <= _FRACTION * abs(number):
            over, under = found.numerator, found.denominator
            if name == "1/pi":
                return over * unit / under, f"{over}/pi" if under == 1 else f"{over}/({under}*pi)"
            sign, size = "-" if over < 0 else "", abs(over)
            top = f"{size}" if not name else name if size == 1 else f"{size}*{name}"
            return over * unit / under, f"{sign}{top}" + (f"/{under}" if under != 1 else "")
    return number, f"{number:.12g}"


def _factor(problem: Problem) -> Iterator[Attempt]:
    sample = _best(problem)
    if sample is not None and sample.expected.value and sample.found.value:
        factor, text = _as_fraction(sample.found.value / sample.expected.value)
        if math.isfinite(factor) and factor != 0.0:
            yield Attempt(problem.derivative * factor, detail=text)


def _constant(problem: Problem) -> Iterator[Attempt]:
    sample = _best(problem)
    if sample is not None:
        number, text = _as_fraction(sample.found.value - sample.expected.value)
        if math.isfinite(number) and number != 0.0:
            yield Attempt(problem.derivative + number, detail=text)


def _domain(problem: Problem) -> Iterator[Attempt]:
    answer = problem.answer
    yield Attempt(f.where(f.equal(answer, answer), problem.derivative, math.nan))


def _rule(name: str, about: str, rule: Rule) -> Mistake:
    return Mistake(name, about, partial(_by, rule))


#: The usual mistakes; the first one that gives an answer explains it, so the special ones come first.
MISTAKES: Final = (
    Mistake("absolute value", "a sign or an absolute value is wrong", _without_bars),
    _rule("chain", "the inner derivative is missing (chain rule)", wrong.without_inner_derivative),
    _rule("product of derivatives", "(u*v)' is u'*v + u*v', not u'*v'", wrong.product_of_derivatives),
    _rule("quotient of derivatives", "(u/v)' is (u'*v - u*v')/v^2, not u'/v'", wrong.quotient_of_derivatives),
    _rule("swapped quotient", "the two terms of the quotient rule are swapped: (u/v)' is (u'*v - u*v')/v^2",
          wrong.swapped_quotient),
    _rule("sum in quotient", "the quotient rule has a minus: (u/v)' is (u'*v - u*v')/v^2", wrong.added_quotient),
    _rule("denominator", "the denominator of the quotient rule is squared: (u/v)' is (u'*v - u*v')/v^2",
          wrong.denominator_not_squared),
    _rule("sign of function", "the derivative of a function has the wrong sign", wrong.sign_of_function),
    _rule("half of product", "a term of the product rule is missing: (u*v)' is u'*v + u*v'", wrong.half_of_product),
    _rule("difference in product", "the product rule has a plus: (u*v)' is u'*v + u*v'", wrong.subtracted_product),
    _rule("logarithm of base", "(a^u)' is a^u*log(a)*u': the factor log(a) is missing", wrong.without_logarithm),
    _rule("power rule for exponential", "the power rule does not hold for a^u, where the variable is in the exponent",
          wrong.power_rule_for_exponential),
    _rule("variable base and exponent", "in u^v both base and exponent vary: write it as exp(v*log(u))",
          wrong.one_rule_for_both),
    _rule("exponent not lowered", "the exponent is not lowered: (u^n)' is n*u^(n-1)*u'", wrong.exponent_kept),
    _rule("exponent raised", "the exponent is raised and not lowered: (u^n)' is n*u^(n-1)*u'", wrong.exponent_raised),
    _rule("exponent not in front", "the factor n is missing: (u^n)' is n*u^(n-1)*u'", wrong.exponent_not_in_front),
    _rule("lowered in front", "the factor is the old exponent n: (u^n)' is n*u^(n-1)*u'", wrong.lowered_in_front),
    _rule("natural logarithm", "the derivative of the logarithm to another base has the factor 1/log(base)",
          wrong.natural_logarithm),
    _rule("times logarithm", "the derivative of a logarithm is divided by log(base), not multiplied",
          wrong.logarithm_of_base),
    _rule("degrees", "angles are in radians: no factor of pi/180 belongs here", wrong.degrees),
    _rule("square", "the derivative of tan, cot or tanh is a square", wrong.without_square),
    _rule("inverse function", "the derivative of another inverse function is taken", wrong.confused_inverse),
    Mistake("sign", "the sign is wrong", _sign),
    Mistake("function", "this is the function itself and not its derivative", _itself),
    _rule("constant term", "the derivative of a constant is 0", wrong.kept_term),
    _rule("lost term", "a term of the sum is missing", wrong.lost_term),
    Mistake("constant", "a constant is added: {}", _constant),
    Mistake("antiderivative", "this is an antiderivative: the function was integrated", _antiderivative),
    _rule("integrated power", "a power is integrated: (u^n)' is n*u^(n-1)*u'", wrong.integrated_power),
    Mistake("order", "this is the derivative of order {}", _order),
    Mistake("variable", "this is the derivative with respect to {}", _variable),
    Mistake("parameter", "the other variables are constants here", _parameters),
    _rule("lost sign", "a term has the wrong sign", wrong.lost_sign),
    _rule("lost factor", "a constant factor is lost", wrong.kept_factor),
    Mistake("factor", "the result has a wrong constant factor: {}", _factor),
    _rule("inside out", "the outer derivative is taken at the inner derivative and not at the inner function",
          wrong.outer_at_inner_derivative),
    _rule("not differentiated", "a part is not differentiated", wrong.other_derivative),
    Mistake("domain", "the answer is right where it has a value, but there are points where it has none", _domain),
)  # fmt: skip
