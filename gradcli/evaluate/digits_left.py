"""A note on numbers at a point that rounding leaves few digits of, with the step that loses them and what helps.

A running error bound (`gradcli.evaluate.error_bars`) says how many digits are sure.  Where python-flint is installed,
balls decide how many are right before anything is said (`gradcli.evaluate.proven`), so that no note is false.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from gradcli.errors import LimitError
from gradcli.evaluate.error_bars import MOST_DIGITS, ErrorBars, correct_digits, leaf_errors, sure_digits
from gradcli.evaluate.expression import Expression
from gradcli.evaluate.notes import excerpt, span_of
from gradcli.evaluate.point import evaluate, gradient
from gradcli.execute.mixed import mixed_node
from gradcli.execute.tape import Tape
from gradcli.graph import Node, differentiate, toposort
from gradcli.language.parsed import ParsedExpression
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple
from gradcli.source import Note, counted, joined

if TYPE_CHECKING:
    from gradcli.evaluate.proven import Proven

__all__ = ["FEW", "Derived", "Evidence", "LostDigits", "digits_note"]

#: A number with fewer right digits has a note.
FEW: Final = 8
#: A rewrite is offered if it leaves so many digits.
_MANY: Final = 12
#: A number that needs more bits is 0 in most cases.
_BITS: Final = 4096
#: The digits of the exact number that a note quotes.
_QUOTED: Final = 20
#: A note names so many numbers.
_NAMED: Final = 3
#: Higher derivatives are looked at until the graph is larger.
_NODES: Final = 1_500
#: A mixed derivative of a higher order is not looked at.
_TOTAL_ORDER: Final = 4
#: Larger programs, of the function and its derivatives, have no note.
_OPERATIONS: Final = 5_000
#: The Hessian of more variables is not looked at.
_VARIABLES: Final = 10
_SUMS: Final = (f.add, f.sub)


class Derived(NamedTuple):
    """The derivatives that are computed beside a value, as `gradcli grad` is asked for them.

    Attributes:
        wrt: the variables of the gradient; without them there is no gradient.
        order: the highest order of the derivatives with respect to each variable by itself.
        hessian: whether all second derivatives are computed.
        direction: the direction of a derivative along it.
        mixed: the orders of a mixed derivative.
        by_graph: whether higher derivatives are looked at even if they are large formulas; else their numbers come from
            a power series, which looks at its digits itself (`gradcli.execute.taylor_mode`).
    """

    wrt: Sequence[str] = ()
    order: int = 1
    hessian: bool = False
    direction: Mapping[str, float] | None = None
    mixed: Mapping[str, int] | None = None
    by_graph: bool = False

    def roots(self, root: Node, variables: Mapping[str, Node]) -> dict[str, Node]:
        """Return the formulas of numbers by their names, such as ``value``, ``d/dx`` and ``d2/dxdy``.

        The Hessian of many variables has none, and neither has a derivative of a high order.
        """
        targets = {name: variables[name] for name in self.wrt}
        first = dict(zip(targets, differentiate.vjp(root, 1.0, list(targets.values())), strict=True))
        found = {"value": root, **{f"d/d{name}": partial for name, partial in first.items()}}
        for name, target in targets.items() if self.order > 1 else ():
            for n, one in enumerate(self._derivatives(root, target), 1):
                found[f"d{n}/d{name}^{n}" if n > 1 else f"d/d{name}"] = one
        for name, partial in first.items() if self.hessian and len(first) <= _VARIABLES else ():
            for other, target in targets.items():
                key = f"d2/d{name}^2" if name == other else f"d2/d{name}d{other}"
                found[key] = differentiate.jvp(partial, {target: 1.0})
        if self.direction is not None:
            moving = {variables[name]: tangent for name, tangent in self.direction.items() if name in variables}
            found["jvp"] = differentiate.jvp(root, moving)
        total = sum((self.mixed or {}).values())
        if self.mixed is not None and 0 < total <= _TOTAL_ORDER:
            below = "".join([f"d{name}" if order == 1 else f"d{name}^{order}" for name, order in self.mixed.items()])
            wanted = {variables[name]: order for name, order in self.mixed.items()}
            found[f"d{'' if total == 1 else total}/{below}"] = mixed_node(root, wanted)
        return found

    def _derivatives(self, root: Node, target: Node) -> Iterator[Node]:
        if not self.by_graph:
            yield from differentiate.lower_derivatives(root, target, self.order)
            return
        for one in differentiate.derivatives(root, target, self.order):
            if len(root.graph.nodes) > _NODES:
                return
            yield one


class LostDigits(NamedTuple):
    """A number that has lost digits.

    Attributes:
        name: its name, such as ``value`` or ``d/dx``.
        digits: how many of its significant digits are right or, without python-flint, sure.
        exact: the exact number to 20 digits; a float if it is only known that the exact number is at most so large;
            None without python-flint.
    """

    name: str
    digits: int
    exact: str | float | None = None

    @property
    def words(self) -> str:
        """The sentence on the digits that are left of it."""
        kind = "sure" if self.exact is None else "right"
        count = f"only {counted(self.digits, f'{kind} digit')}" if self.digits else f"no {kind} digit"
        number = f"0 or below {self.exact or math.ulp(0.0):.0e}" if isinstance(self.exact, float) else self.exact
        return f"{_words(self.name)} has {count}" + ("" if number is None else f" (it is {number})")


class Evidence:
    """The numbers at a point, their error bars and, where python-flint is installed, the exact numbers.

    Args:
        expression: the expression, without operations on arrays.
        at: the values of its variables.
        derived: which derivatives there are.
        numbers: the numbers that were computed, by their names; only finite ones that have a formula are looked at.
    """

    def __init__(
        self,
        expression: ParsedExpression,
        at: Mapping[str, float],
        derived: Derived,
        numbers: Mapping[str, float],
    ) -> None:
        self.expression, self.at, self.derived = expression, at, derived
        variables = {name: expression.graph.variable(name) for name in expression.variables}
        self.formulas = derived.roots(expression.root, variables)
        self.numbers = {name: x for name, x in numbers.items() if name in self.formulas and math.isfinite(x)}
        self.tape = Tape([self.formulas[name] for name in self.numbers], list(variables.values()))
        self._slots = dict(zip(self.numbers, self.tape.outputs, strict=True))
        self._known: dict[str, str | float | None] = {}

    @cached_property
    def bars(self) -> ErrorBars:
        """The error bars of the program that computes all numbers."""
        inputs = [float(self.at[name]) for name in self.expression.variables]
        return ErrorBars(self.tape, inputs, leaf_errors(self.tape, self.expression))

    def error(self, name: str) -> float:
        """Return a bound on the error of a number."""
        slot = self._slots[name]
        return self.bars.bars[slot] + abs(self.bars.values[slot] - self.numbers[name])

    def sure(self, name: str) -> int:
        """Return how many digits of a number are sure by its error bar."""
        return sure_digits(self.numbers[name], self.error(name))

    @cached_property
    def zeros(self) -> list[str]:
        """The numbers that are 0, and not certainly."""
        return [name for name, number in self.numbers.items() if not number and self.error(name)]

    def culprit(self, name: str) -> tuple[Node, bool]:
        """Return the operation that loses most digits of a number, in the user's formula or in a derivative.

        The second result is whether it loses them because its value is too small for a double.
        """
        slot = self.bars.culprit(self._slots[name])
        return self.tape.nodes[slot], self.bars.is_small(slot)

    @cached_property
    def _balls(self) -> Balls | None:
        from gradcli.evaluate.proven import number_expression

        at = {name: number_expression(Decimal(x), name) for name, x in self.at.items()}
        return balls(self.expression, at, self.derived)

    def exact(self, name: str) -> str | float | None:
        """Return the exact number as `Proven.known` does; None if balls can't decide."""
        if name not in self._known:
            self._known[name] = None if self._balls is None else self._balls.known(name)
        return self._known[name]

    def left(self, name: str) -> int:
        """Return how many digits of a number are right; without python-flint, how many are sure."""
        if not has_balls():
            return self.sure(name)
        exact = self.exact(name)
        return MOST_DIGITS if exact is None else right_digits(self.numbers[name], exact)

    def is_zero(self, name: str) -> bool:
        """Whether a number is certainly 0."""
        return self.exact(name) == "0" if has_balls() else self.numbers[name] == self.error(name) == 0.0


class Balls(NamedTuple):
    """An expression at a point in balls, and the formulas of all numbers by their names."""

    proven: Proven
    roots: Mapping[str, Node]

    def known(self, name: str) -> str | float | None:
        """Return a number as `Proven.known` does; None also if it has no formula."""
        return self.proven.known(self.roots[name]) if name in self.roots else None


def balls(expression: ParsedExpression, point: Mapping[str, ParsedExpression], derived: Derived) -> Balls | None:
    """Return what proves the numbers at a point; None if two decimals of the text are one float."""
    from gradcli.evaluate.proven import Proven

    exact = expression.unfolded() if isinstance(expression, Expression) else expression
    try:
        proven = Proven(exact, point, _QUOTED, most=_BITS)
    except LimitError:
        return None
    return Balls(proven, derived.roots(proven.root, proven.variables))


def right_digits(number: float, exact: str | float) -> int:
    """Return how many digits of a number are right.

    Args:
        number: the number.
        exact: the exact number as text, or a float if it is only known that the exact number is at most so large.

    >>> right_digits(0.5, "0.50000000003333333333"), right_digits(1e-17, "0"), right_digits(1e-17, 1e-300)
    (10, 0, 0)
    >>> right_digits(0.0, "1e-12"), right_digits(0.0, "1e-400")
    (0, 17)
    """
    if isinstance(exact, float):
        # Nothing is claimed of a number that may be the exact one.
        return 0 if exact < 0.5 * abs(number) else MOST_DIGITS
    if not number:
        return 0 if float(exact) else MOST_DIGITS  # a smaller number is 0 in floats
    if abs(float(exact)) in (0.0, math.inf):
        return 0
    true = Fraction(exact)
    return correct_digits(abs(Fraction(number) - true) / abs(true))


def has_balls() -> bool:
    """Whether python-flint is installed."""
    return importlib.util.find_spec("flint") is not None


def lost_digits(evidence: Evidence, point: Mapping[str, ParsedExpression]) -> list[LostDigits]:
    """Return the numbers that have fewer than `FEW` digits left.

    Args:
        evidence: the numbers.
        point: the values of the variables as they were typed.  The exact numbers at this point are quoted; a number
            that is only wrong there, because a decimal was rounded, has lost nothing.
    """
    sure = {name: evidence.sure(name) for name in evidence.numbers}
    if not has_balls():
        return [LostDigits(name, digits) for name, digits in sure.items() if digits < FEW]
    suspects = [name for name in sure if (sure[name] < FEW or name in evidence.zeros) and evidence.left(name) < FEW]
    typed = balls(evidence.expression, point, evidence.derived) if suspects else None
    if typed is None:
        return []
    found = []
    for name in suspects:
        exact = typed.known(name)
        if exact is not None and (digits := right_digits(evidence.numbers[name], exact)) < FEW:
            found.append(LostDigits(name, digits, exact))
    return found


def digits_note(
    expression: ParsedExpression,
    at: Mapping[str, float],
    point: Mapping[str, ParsedExpression],
    derived: Derived,
    numbers: Mapping[str, float],
    otherwise: str | None = None,
) -> Note | None:
    """Return the note on numbers that have lost digits; None if there are none.

    Args:
        expression: the expression, without operations on arrays.
        at: the values of its variables.
        point: the same values as expressions without variables, as they were typed.
        derived: which derivatives there are.
        numbers: the numbers that were computed, by their names as in `Derived.roots`.
        otherwise: the hint where no other formula keeps the digits, if balls can prove them.

    >>> from gradcli.evaluate.expression import parse
    >>> one = parse("(exp(x) - 1)*y")
    >>> point = {"x": parse("1e-10"), "y": parse("3")}
    >>> note = digits_note(one, {"x": 1e-10, "y": 3.0}, point, Derived(), {"value": one(1e-10, 3)})
    >>> note.span, note.hint
    (Span(start=1, end=11), 'write `expm1(x)*y`, which keeps its digits here')
    """
    evidence = Evidence(expression, at, derived, numbers)
    if len(evidence.tape.instructions) > _OPERATIONS:
        return None
    lost = lost_digits(evidence, point)
    zeros = [] if has_balls() else [LostDigits(name, 0) for name in evidence.zeros if evidence.sure(name) >= FEW]
    if not lost and not zeros:
        return None
    if lost and derived.order > 1 and not derived.by_graph:
        # There may be no power series, and then higher orders are lost, too.
        return digits_note(expression, at, point, derived._replace(by_graph=True), numbers, otherwise)
    from gradcli.evaluate.rewrites import better_formula

    names = [one.name for one in (*lost, *zeros)]
    instead, restored = better_formula(expression.root, names, lambda one: restored_digits(one, evidence, names))
    lost += [one for one in zeros if one.name in restored]  # by this formula they are not 0
    if not lost:
        return None
    culprit, is_small = evidence.culprit(lost[0].name)
    if any(isinstance(one.exact, float) for one in lost):
        otherwise = None  # balls can't tell these numbers from 0, with any number of digits
    if instead is not None:
        those = "its digits" if len(restored) == len(lost) else f"the digits of {joined(map(_words, restored))}"
        otherwise = f"write `{instead}`, which keeps {those} here"
    details: dict[str, Any] = {"digits": {one.name: one.digits for one in lost}}
    exact = {one.name: one.exact for one in lost if isinstance(one.exact, str)}
    details |= {key: found for key, found in (("exact", exact), ("instead", instead)) if found}
    place = _place(culprit, expression)
    message = _message(_cause(culprit, place, is_small, lost), lost)
    return Note("digits", message, span_of(place, expression.spans), otherwise, details)


def _words(name: str) -> str:
    return "the value" if name == "value" else name


def _place(culprit: Node, expression: ParsedExpression) -> Node:
    """Return the operation of the user's formula to which an operation of the formula or of a derivative belongs.

    A sum of a derivative adds what arrives from several operations.  It belongs to the first one that has them all.  If
    a number arrives, this is a sum, too.
    """
    if culprit in expression.spans or culprit.graph.origin(culprit) is None:
        return culprit
    parts = {typed_node(one) for one in culprit.operands if one.primitive is not None}
    has_number = any(one.constant is not None for one in culprit.operands)
    below: dict[Node, set[Node]] = {}
    for node in toposort([expression.root]):
        below[node] = {node} & parts
        for operand in node.operands:
            below[node] |= below[operand]
        if below[node] >= parts and (node.primitive in _SUMS if has_number else node.primitive is not None):
            return node
    return typed_node(culprit)


def typed_node(node: Node) -> Node:
    """Return the node of the user's formula from which a node of a derivative comes."""
    while (origin := node.graph.origin(node)) is not None:
        node = origin
    return node


def _cause(culprit: Node, place: Node, is_small: bool, lost: Sequence[LostDigits]) -> str:
    """Return why digits are lost.

    Args:
        culprit: the operation that loses most.
        place: the operation of the user's formula to which it belongs.
        is_small: whether the value of the operation is too small for a double.
        lost: the numbers that have lost digits.
    """
    text = f"`{excerpt(place)}`"
    if is_small:
        small = text if culprit is place else f"a step of the derivative of {text}"
        return f"{small} is too small for a double to keep its digits"
    if culprit.primitive in _SUMS:
        return "nearly equal numbers cancel here"
    if getattr(culprit.primitive, "is_locally_constant", False):
        return f"rounding errors {'may decide' if lost[0].exact is None else 'decide'} {text}"
    return f"{text} magnifies rounding errors"


def _message(cause: str, lost: Sequence[LostDigits]) -> str:
    words = [one.words for one in lost[:_NAMED]]
    if len(lost) > _NAMED:
        rest = counted(len(lost) - _NAMED, "more number")
        words.append(f"{rest} {'has' if rest.startswith('1 ') else 'have'} few")
    return f"{cause}: {joined(words)}"


def restored_digits(instead: ParsedExpression, evidence: Evidence, lost: Sequence[str]) -> list[str]:
    """Return which of the numbers that have lost digits keep them if another formula computes them.

    The list is empty if the other formula has other numbers at the point, or if it spoils one of them.

    Args:
        instead: the formula.
        evidence: the numbers of the typed formula.
        lost: the names of those that have lost digits.
    """
    if {*instead.variables} != {*evidence.expression.variables}:
        return []
    other = Evidence(instead, evidence.at, evidence.derived, _computed(instead, evidence))
    restored = []
    for name in [*lost, *[name for name in evidence.numbers if name not in lost]]:
        if name not in other.formulas:
            continue  # a derivative of high order, which comes from a power series
        if name not in other.numbers or other.left(name) < min(_MANY, evidence.left(name)):
            return []
        # A 0 has kept its digits only if it is exactly 0, and the number was not.
        is_number = other.numbers[name] or (evidence.numbers[name] and other.is_zero(name))
        if name in lost and is_number and other.left(name) >= _MANY:
            restored.append(name)
        if has_balls():
            if other.exact(name) != evidence.exact(name) or other.exact(name) is None:
                return []
        elif abs(other.numbers[name] - evidence.numbers[name]) > other.error(name) + evidence.error(name):
            return []
    return restored


def _computed(expression: ParsedExpression, evidence: Evidence) -> dict[str, float]:
    """Return the numbers of another formula, as they would be printed."""
    at, derived = evidence.at, evidence.derived
    if derived.wrt:
        found = gradient(expression, at, derived.wrt)
        numbers = {"value": found.value, **{f"d/d{name}": partial for name, partial in found.gradient.items()}}
    else:
        numbers = {"value": evaluate(expression, at).value}
    variables = {name: expression.graph.variable(name) for name in expression.variables}
    roots = derived.roots(expression.root, variables)
    missing = [name for name in roots if name not in numbers]
    tape = Tape([roots[name] for name in missing], list(variables.values()))
    values = tape.run([float(at[name]) for name in variables])
    return {**numbers, **dict(zip(missing, [values[slot] for slot in tape.outputs], strict=True))}
