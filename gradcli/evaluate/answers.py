"""The verdict on a derivative that somebody worked out: whether it is right, and which mistake explains a wrong one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final, Literal

from gradcli.errors import UsageError
from gradcli.evaluate.equality import Estimate, Points, compare, estimates
from gradcli.evaluate.expression import Expression, parse
from gradcli.evaluate.mistakes import MISTAKES, Attempt, Problem, Sample
from gradcli.evaluate.point import unknown_variable
from gradcli.execute.tape import Tape
from gradcli.graph import Graph, Node, differentiate, toposort
from gradcli.graph.formula import derivative_formula
from gradcli.graph.simplify import simplify
from gradcli.language.builder import read
from gradcli.primitives import ArrayFunction
from gradcli.printing.text import text_length, to_text
from gradcli.records import NamedTuple
from gradcli.source import counted, listed, suggestion

__all__ = ["Difference", "Judgement", "check_answer"]

#: What may stand before an answer: an =, with or without the name of the derivative: y', f''(x), dy/dx, d^2/dx^2 ...
_LEFT_SIDE: Final = re.compile(
    r"""\A\s*(?: [^\W\d]\w*\s*['′″‴]+\s*(?:\(\s*\w+\s*\))?            # y', f''(x)
        | d(?:\^?\d)?\s*\w*(?:\(\w+\))?\s*/\s*d\s*[^\W\d]\w*(?:\^\d)?  # dy/dx, d^2/dx^2
        | \\[dt]?frac\s*\{[^{}]*d[^{}]*\}\s*\{[^{}]*d[^{}]*\} )?      # \frac{dy}{dx}
        \s*=(?!=)""",
    re.VERBOSE,
)
#: An answer is right if it agrees at this many points where the agreement means something, and differs at none.
_ENOUGH: Final = 12
#: A special point tells only if the derivative is continuous there: it has nearly the same value this near to it.
_NEAR: Final = 1e-7
_CONTINUOUS: Final = 1e-4
#: The points at which an answer is compared with what a mistake gives.
_COMPARED: Final = 60


class Difference(NamedTuple):
    """A point at which an answer differs from the derivative.

    Attributes:
        at: the point.
        expected: the derivative there.
        found: the value of the answer there; nan if it has none.
    """

    at: dict[str, float]
    expected: float
    found: float


class Judgement(NamedTuple):
    """The verdict on an answer.

    Attributes:
        verdict: ``"equal"``, ``"wrong"``, or ``"undecided"`` if there are too few points at which the values of both
            formulas are known.
        form: ``"same"`` for a right answer that simplifies to the formula of the derivative, ``"other"`` for another
            right answer.
        answer: the answer as it was read.
        derivative: the derivative as `diff` prints it.
        difference: a point at which a wrong answer differs.
        mistake: the name of the mistake that explains a wrong answer, an entry of `MISTAKES`; None if none does.
        reason: a clause that says what is wrong.
        place: the part of the expression at which the mistake was made, as text; None for the whole.
    """

    verdict: Literal["equal", "wrong", "undecided"]
    form: Literal["same", "other"] | None
    answer: str
    derivative: str
    difference: Difference | None = None
    mistake: str | None = None
    reason: str | None = None
    place: str | None = None

    @property
    def is_right(self) -> bool:
        """Whether the answer is the derivative."""
        return self.verdict == "equal"

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        rows = [["answer", self.answer], ["derivative", self.derivative], ["verdict", self.verdict]]
        if self.difference is not None:
            at, expected, found = self.difference
            place = ", ".join([f"{name} = {value!r}" for name, value in at.items()])
            rows.append(["at", f"{place}: the derivative is {expected!r}, the answer is {found!r}"])
        rows += [["mistake", self.reason]] if self.reason is not None else []
        rows += [["place", self.place]] if self.place is not None else []
        return table([], rows)


def check_answer(
    expression: Expression | str,
    answer: str,
    wrt: str | None = None,
    order: int = 1,
    at: Mapping[str, float] | None = None,
) -> Judgement:
    """Return the verdict on an answer: a text that somebody gave as the derivative of an expression.

    The values of the answer and of the derivative are compared at many points.  A point counts only where the
    expression has a value; an answer may have a value at more points, but not at fewer.

    Args:
        expression: the function, or its text.
        answer: the text of the answer; it may begin with ``y' =``, ``f'(x) =``, ``dy/dx =`` or the like.
        wrt: the variable of the derivative; by default the only variable without a value.
        order: the order of the derivative, at least 1.
        at: the values of the variables that the question fixes.

    Raises:
        ExpressionError: the expression or the answer isn't valid, or one of the two works on arrays.
        UsageError: the answer has a variable that the expression lacks; there is no variable ``wrt``; ``wrt`` is
            missing, and the variables without a value are several or none; or the order isn't a natural number.

    >>> check_answer("sin(x)^2", "sin(2x)").is_right
    True
    >>> wrong = check_answer("a*sin(x^2)", "a*cos(x^2)", wrt="x")
    >>> wrong.verdict, wrong.mistake, wrong.place
    ('wrong', 'chain', 'sin(x^2)')
    """
    fixed = dict(at or {})
    if isinstance(expression, str):
        expression = parse(expression, variables={*fixed, *([] if wrt is None else [wrt])})
    expression.refuse_arrays("an answer")
    differentiate.check_order(order)
    variable = _variable(expression, wrt, fixed)
    graph = expression.graph
    # Blanks in place of the left side, so that an error points at the right place.
    answer = _LEFT_SIDE.sub(lambda left: " " * len(left[0]), answer)
    parsed = Expression(read(answer, variables={*expression.variables, *fixed, variable}, name="answer"))
    parsed.refuse_arrays("an answer")
    known = [*dict.fromkeys([*expression.variables, variable, *fixed])]
    for name in parsed.variables:
        if name not in known:
            raise UsageError(
                f"the answer has a variable `{name}` that the expression lacks",
                kind="unknown_variable",
                hint=suggestion(name, known, f"the expression has {listed(known)}"),
            )
    root, target = expression.root, graph.variable(variable)
    found = _copied(parsed.root, graph)
    formula = derivative_formula(root, target, order, text_length).root
    judgement = Judgement("undecided", None, to_text(parsed.root), to_text(formula))
    is_same = _is_same(found, formula)
    truth = differentiate.derivative(root, target, order)
    trial = _Trial(Points([root, truth, found], known, variable, fixed))
    if trial.difference is not None:
        variables = [graph.variable(name) for name in known]
        problem = Problem(root, target, order, truth, found, variables, trial.known)
        return _explained(judgement._replace(verdict="wrong", difference=trial.difference), problem)
    if is_same or trial.telling >= (1 if target.name in fixed else _ENOUGH):
        return judgement._replace(verdict="equal", form="same" if is_same else "other")
    return judgement


def _variable(expression: Expression, wrt: str | None, fixed: Collection[str]) -> str:
    """Return the variable of the derivative, and refuse names that the expression lacks."""
    variables = expression.variables
    for name in [*([] if wrt is None or not variables else [wrt]), *fixed]:
        if name not in variables:
            raise unknown_variable(name, variables, expression.graph)
    if wrt is not None:
        return wrt
    known = [name for name in variables if name not in fixed] or variables
    if len(known) != 1:
        count = f"{counted(len(known), 'variable')}: {listed(known)}" if known else "no variable"
        hint = f"name the variable to differentiate with respect to: `wrt={known[0] if known else 'x'}`"
        raise UsageError(f"the expression has {count}", kind="several_variables", hint=hint, argument="wrt")
    return known[0]


def _copied(root: Node, graph: Graph) -> Node:
    """Return the same formula as a node of another graph."""
    image: dict[Node, Node] = {}
    for node in toposort([root]):
        if node.constant is not None:
            image[node] = graph.constant(node.constant, node.name)
        elif node.primitive is None:
            image[node] = graph.variable(str(node.name))
        else:
            assert not isinstance(node.primitive, ArrayFunction)
            image[node] = graph.add(node.primitive, [image[operand] for operand in node.operands])
    return image[root]


def _is_same(first: Node, second: Node) -> bool:
    """Whether two formulas have the same text after simplification."""
    texts = {to_text(first), to_text(second)}
    return len(texts) == 1 or len({to_text(simplify(one).root) for one in (first, second)}) == 1


class _Trial:
    """The comparison of an answer with a derivative, point by point.

    Attributes:
        difference: the first point at which they differ.
        telling: the number of points at which both agree and at which this is evidence that they are equal.
        known: the inputs and both values at points where the derivative has a known value; an answer without a value
            has nan.
    """

    def __init__(self, points: Points) -> None:
        self.difference: Difference | None = None
        self.telling = 0
        self.known: list[Sample] = []
        self._points = points
        for point, is_special in points:
            self._visit(point, is_special)
        for point in points.more():
            if self.difference is not None or self.telling >= _ENOUGH:
                break
            self._visit(point)

    def _visit(self, point: dict[str, float], is_special: bool = False) -> None:
        if self.difference is not None and len(self.known) >= _COMPARED:
            return
        value, expected, found = self._at(point)
        if value.value != value.value or not expected.is_known or (is_special and not found.is_known):
            return
        outcome = compare(expected, found)
        if is_special:
            if outcome != "different" or not self._is_continuous(point, expected.value):
                return
        elif found.is_known or found.is_undefined:
            self.telling += outcome == "equal"
            if len(self.known) < _COMPARED:
                self.known.append(Sample([point[name] for name in self._points.names], expected, found))
        if outcome == "different" and self.difference is None:
            self.difference = Difference(point, expected.value, found.value)
            self.known.append(Sample([point[name] for name in self._points.names], expected, found))

    def _at(self, point: dict[str, float]) -> list[Estimate]:
        tape = self._points.tape
        found = estimates(tape, [point[name] for name in self._points.names])
        return [found[slot] for slot in tape.outputs]

    def _is_continuous(self, point: dict[str, float], expected: float) -> bool:
        """Whether the derivative has nearly the same value at a point as on both sides of it.

        If this is so, the value at the point isn't just a convention for a kink.
        """
        along = self._points.along
        step = _NEAR * (abs(point[along]) or 1.0)
        for near in (point[along] - step, point[along] + step):
            value, other, _ = self._at({**point, along: near})
            if not (value.is_known and other.is_known):
                return False
            if abs(other.value - expected) > _CONTINUOUS * max(1.0, abs(expected)):
                return False
        return True


def _explained(judgement: Judgement, problem: Problem) -> Judgement:
    """Add the mistake that explains a wrong answer, if one does."""
    for mistake in MISTAKES:
        for attempt in mistake.attempts(problem):
            if _explains(problem, attempt):
                place = None if attempt.place is None else to_text(attempt.place)
                reason = mistake.about.replace("{}", attempt.detail or "")
                return judgement._replace(mistake=mistake.name, reason=reason, place=place)
    return judgement


def _explains(problem: Problem, attempt: Attempt) -> bool:
    """Whether a mistake gives the answer at all points where its value is known."""
    judged = problem.answer if attempt.judged is None else attempt.judged
    tape = Tape([attempt.claimed, judged], problem.variables)
    equal = 0
    for sample in problem.samples:
        found = estimates(tape, sample.inputs)
        claimed, other = [found[slot] for slot in tape.outputs]
        outcome = compare(claimed, other)
        if outcome == "different":
            return False
        equal += outcome == "equal" and other.is_known
    return equal >= min(_ENOUGH, max(1, len(problem.samples) // 3))
