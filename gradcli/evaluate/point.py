"""Values and derivatives of an expression at a point.

A first-order gradient sweeps the tape of the function itself, forward and then backward, with the traced rules;
`Gradient.steps` shows these sweeps.  Orders from 2 on evaluate the graph of the derivative, and orders that would need
a large graph come from a power series at the point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from gradcli.errors import UsageError
from gradcli.evaluate.notes import Applied, span_of, value_notes
from gradcli.execute.float_rules import float_rule
from gradcli.execute.tape import SHAKE, Tape, is_small, shaken
from gradcli.graph import Graph, Node, differentiate
from gradcli.graph.graph import has_kink
from gradcli.language.parsed import ParsedExpression
from gradcli.primitives import Edge, Primitive
from gradcli.printing.text import number_text, operation_text
from gradcli.records import NamedTuple
from gradcli.source import Note, listed, suggestion

__all__ = [
    "ON_FLOATS",
    "AdjointContribution",
    "Evaluation",
    "Executor",
    "Gradient",
    "Step",
    "dependent_slots",
    "derivatives",
    "evaluate",
    "given_note",
    "gradient",
    "hessian",
    "higher_notes",
    "jvp",
    "keeping_digits",
    "limited_notes",
    "missing_variables",
    "target_nodes",
    "unknown_variable",
    "values_at",
]

_MOST_NOTES = 20
#: In a larger graph no better way to write an operation is looked for.
_SEARCHED_OPERATIONS: Final = 1_000
#: A number may have lost half of its digits if shaking magnifies its relative error as much.  A loss of 8 digits is a
#: magnification by 10^8; so only one shake of 20,000 that is nearly 0 could hide it.
_MAGNIFIED: Final = 4096.0


class Executor(NamedTuple):
    """The functions that compute on one kind of values: `ON_FLOATS`, or `ON_ARRAYS` of `array_point.py`.

    Attributes:
        name: ``"floats"`` or ``"arrays"``.
        evaluate, gradient, jvp, hessian: the functions of that name.
        higher_notes: the function for notes on derivatives of order 2 and more.
        derivatives: the function for derivatives of higher orders; None on arrays.
    """

    name: str
    evaluate: Callable[..., Any]
    gradient: Callable[..., Any]
    jvp: Callable[..., Any]
    hessian: Callable[..., Any]
    higher_notes: Callable[..., list[Note]]
    derivatives: Callable[..., Any] | None = None


class Evaluation(NamedTuple):
    """A value, and the notes on it.

    Attributes:
        value: a float or an array.
        notes: the notes.
        tape: the program that computed a float; None for an array.
        values: the values of its slots.
    """

    value: Any
    notes: list[Note]
    tape: Tape | None = None
    values: Sequence[float] = ()

    @property
    def may_lose_digits(self) -> bool:
        """Whether rounding may leave few digits of the value; `gradcli.evaluate.digits_left` knows more."""
        return self.tape is not None and _may_lose_digits(self.tape, self.values)


def _signs(tape: Tape) -> Sequence[float]:
    """Return the signs of the errors with which a program is run."""
    return (1.0, -1.0) if tape.has_jumps else (1.0,)


def _may_lose_digits(tape: Tape, values: Sequence[float]) -> bool:
    """Whether rounding may leave few digits of the result of a program."""
    inputs, output = values[: len(tape.variables)], tape.outputs[0]
    return any(_is_magnified(values[output], tape.shaken(inputs, sign)[output]) for sign in _signs(tape))


def _is_magnified(number: float, found: float) -> bool:
    """Whether a number changes by much more than the numbers in its computation were shaken, or is 0 and changes."""
    if not math.isfinite(number):
        return False
    return not abs(found - number) <= SHAKE * _MAGNIFIED * abs(number)


class AdjointContribution(NamedTuple):
    """A contribution of an operation to the adjoint of an operand: ``adjoint of the operation * partial``.

    Attributes:
        to: the name of the operand.
        partial: the local derivative with respect to the operand.
        value: the contribution.
    """

    to: str
    partial: float
    value: float


class Step(NamedTuple):
    """One line of the textbook's table: a variable or an operation.

    Attributes:
        name: ``w1``, ``w2``, ...: variables by first appearance, then operations, operands first.
        operation: the name of a variable, or the operation in terms of earlier names: ``w1 * w2``.
        value: the value of this step.
        adjoint: the derivative of the result with respect to this step.
        partials: the local derivative with respect to each operand that has a name; for an operand that occurs twice,
            the sum.
        contributions: the contributions to the adjoints of the operands, in the order of the operands.
        is_variable: whether this is a variable.
    """

    name: str
    operation: str
    value: float
    adjoint: float
    partials: dict[str, float]
    contributions: list[AdjointContribution]
    is_variable: bool


class Gradient(NamedTuple):
    """A value, the partial derivative with respect to each variable, and the sweep that found them.

    Attributes:
        value: the value of the function.
        gradient: a dictionary from variables to partial derivatives: floats, or arrays in the shapes of the variables.
        notes: the notes on the point.
        sweep: the sweep over floats; None on arrays.
        differentiated: the sweep that found the derivatives, over the form of the function that keeps their digits.
    """

    value: float
    gradient: dict[str, Any]
    notes: list[Note]
    sweep: Sweep | None = None
    differentiated: Sweep | None = None

    @property
    def may_lose_digits(self) -> bool:
        """Whether rounding may leave few digits of a number; `gradcli.evaluate.digits_left` knows more."""
        if self.sweep is None or self.differentiated is None:
            return False
        if _may_lose_digits(self.sweep.tape, self.sweep.values):
            return True
        for sign in _signs(self.differentiated.tape):
            adjoints = dict(zip(self.sweep.tape.variables, self.differentiated.shaken(sign), strict=False))
            for target in self.sweep.targets:
                if _is_magnified(self.gradient[str(target.name)], adjoints[target] or 0.0):
                    return True
        return False

    @property
    def step_notes(self) -> list[Note]:
        """A note for each derivative that has lost digits in `steps`, though not in ``gradient``."""
        assert self.sweep is not None
        adjoints = dict(zip(self.sweep.tape.variables, self.sweep.adjoints, strict=False))
        found = []
        for name, partial in self.gradient.items():
            adjoint = next(adjoint for node, adjoint in adjoints.items() if node.name == name) or 0.0
            if math.isfinite(partial) and not math.isclose(adjoint, partial, rel_tol=1e-9):
                lost = f"step by step, the formula loses digits and arrives at {number_text(adjoint)}"
                found.append(Note("digits", f"d/d{name} is {number_text(partial)}; {lost}"))
        return found

    @property
    def steps(self) -> list[Step]:
        """The textbook's table: read downward, its lines are the forward sweep, read upward the reverse sweep."""
        assert self.sweep is not None
        sweep, tape, first = self.sweep, self.sweep.tape, self.sweep.tape.first
        shown = [*range(len(tape.variables)), *range(first, len(tape.nodes))]
        names = {slot: f"w{i}" for i, slot in enumerate(shown, 1)}
        labels = {tape.nodes[slot]: name for slot, name in names.items()}
        steps = []
        for slot in shown:
            node = tape.nodes[slot]
            adjoint = sweep.adjoints[slot]
            contributions = []
            totals: dict[str, float] = {}
            if slot >= first:
                _, slots = tape.instructions[slot - first]
                for i, partial in zip(slots, sweep.partials(slot), strict=False):
                    if partial is None or i not in names or not sweep.dependent[i]:
                        continue
                    totals[names[i]] = totals.get(names[i], 0.0) + partial
                    contributions.append(AdjointContribution(names[i], partial, (adjoint or 0.0) * partial))
            steps.append(
                Step(
                    names[slot],
                    operation_text(node, labels) if slot >= first else str(node.name),
                    sweep.values[slot],
                    0.0 if adjoint is None else adjoint,
                    totals,
                    contributions,
                    slot < first,
                )
            )
        return steps


def _inputs(expression: ParsedExpression, at: Mapping[str, float]) -> list[float]:
    if expression.has_arrays:
        raise UsageError(
            "this expression works on arrays", kind="array", hint="gradcli.evaluate.array_point computes it"
        )
    return list(map(float, values_at(expression, at)))


def values_at(expression: ParsedExpression, at: Mapping[str, Any]) -> list[Any]:
    """The values of the variables, in the order of ``expression.variables``.

    Raises:
        UsageError: a variable has no value.
    """
    missing = [name for name in expression.variables if name not in at]
    if missing:
        raise missing_variables(missing)
    return [at[name] for name in expression.variables]


def missing_variables(names: Sequence[str], hint: str | None = None) -> UsageError:
    """Return the error for variables that have no value."""
    return UsageError(f"no value for {listed(names)}", kind="missing_variable", hint=hint)


def unknown_variable(name: str, variables: Sequence[str], graph: Graph | None = None) -> UsageError:
    """Return the error for a name that isn't a variable of the expression.

    Args:
        name: the name.
        variables: the variables of the expression.
        graph: the graph of the expression, which shows whether the name is a constant.
    """
    its_variables = f"its variables: {', '.join(variables)}" if variables else "it has no variables"
    hint = suggestion(name, variables, its_variables)
    if graph is not None and any(node.name == name and node.constant is not None for node in graph.nodes):
        hint = f"`{name}` is a constant here; parse(text, variables=[{name!r}]) makes it a variable"
    return UsageError(f"the expression has no variable `{name}`", kind="unknown_variable", hint=hint)


def target_nodes(expression: ParsedExpression, wrt: Sequence[str] | None = None) -> list[Node]:
    """The nodes of the given variables, or of all variables.

    Raises:
        UsageError: a name is not a variable of the expression.
    """
    for name in wrt or ():
        if name not in expression.variables:
            raise unknown_variable(name, expression.variables)
    return [expression.root.graph.variable(name) for name in (expression.variables if wrt is None else wrt)]


def evaluate(expression: ParsedExpression, at: Mapping[str, float]) -> Evaluation:
    """The value at a point.

    Args:
        expression: a parsed expression.
        at: a number for each variable.

    Raises:
        UsageError: a variable has no value.

    >>> from gradcli.evaluate.expression import parse
    >>> evaluate(parse("x1*x2+sin(x1)"), {"x1": 2, "x2": 3}).value
    6.909297426825682
    """
    inputs = _inputs(expression, at)
    tape = Tape([expression.root], target_nodes(expression))
    values = tape.run(inputs)
    notes = limited_notes(value_notes(tape, values, expression.spans)) or given_note(values[tape.outputs[0]])
    return Evaluation(values[tape.outputs[0]], _with_way_out(notes, tape, values, expression), tape, values)


def given_note(value: float) -> list[Note]:
    """The note on a result that is not finite because an input is not finite."""
    if math.isfinite(value):
        return []
    given = "nan" if value != value else "infinite"
    kind = "undefined" if value != value else "infinite"
    return [Note(kind, f"the value is {number_text(value)}, because a number that it depends on is {given}")]


def limited_notes(notes: Iterable[Note]) -> list[Note]:
    """The first notes, up to the largest number that is shown; at each place, at most one note of each kind."""
    found: dict[object, Note] = {}
    for note in notes:
        found.setdefault((note.kind, note.span or note.message), note)
        if len(found) == _MOST_NOTES:
            break
    return list(found.values())


class Sweep:
    """A forward and a reverse sweep over one tape at one point.

    Attributes:
        values: the value of each slot.
        targets: the variables to differentiate with respect to.
        adjoints: the derivative of the output with respect to each slot; None where no derivative arrives.
        dependent: whether a derivative passes through each slot.
        notes: the notes on the derivatives, each with the slot that it is about.
    """

    __slots__ = ("_spans", "adjoints", "dependent", "notes", "tape", "targets", "values")

    def __init__(self, expression: ParsedExpression, at: Mapping[str, float], wrt: Sequence[str] | None = None) -> None:
        """Run both sweeps; the arguments are those of `gradient`."""
        inputs = _inputs(expression, at)
        self.tape = Tape([expression.root], target_nodes(expression))
        self.values: list[float] = self.tape.run(inputs)
        self.adjoints: list[float | None] = [None] * len(self.values)
        self.notes: list[tuple[int, Note]] = []
        self.targets = target_nodes(expression, wrt)
        self.dependent = dependent_slots(self.tape, self.targets)
        self._spans = expression.spans
        adjoints, dependent, instructions = self.adjoints, self.dependent, self.tape.instructions
        count = len(self.values)
        adjoints[self.tape.outputs[0]] = 1.0
        for slot in range(count - 1, self.tape.first - 1, -1):
            adjoint = adjoints[slot]
            if adjoint is None or not dependent[slot]:
                continue
            partials, edge = self._partials(slot)
            # A kink of an operation that does not move the result to first order is no kink of the result.
            unusual = edge is not None and (adjoint != 0.0 or edge.kind != "kink")
            for i, partial in zip(instructions[slot - count].operands, partials, strict=True):
                if partial is None or not dependent[i]:
                    continue
                if not -math.inf < partial < math.inf:
                    unusual = True
                before = adjoints[i]
                adjoints[i] = adjoint * partial if before is None else before + adjoint * partial
            if unusual and len(self.notes) < _MOST_NOTES:
                self.notes.extend([(slot, note) for note in self._notes(slot, partials, edge)])

    def shaken(self, sign: float) -> list[float | None]:
        """Return the adjoints if each number in both sweeps errs as in `Tape.shaken`."""
        tape, count = self.tape, len(self.values)
        values = tape.shaken(self.values[: len(tape.variables)], sign)
        adjoints: list[float | None] = [None] * count
        adjoints[tape.outputs[0]] = 1.0
        for slot in range(count - 1, tape.first - 1, -1):
            adjoint = adjoints[slot]
            if adjoint is None or not self.dependent[slot]:
                continue
            primitive, slots = tape.instructions[slot - count]
            wanted = tuple([self.dependent[i] for i in slots])
            operands = [values[i] for i in slots]
            partials, _ = float_rule(primitive, len(slots)).at(operands, values[slot], wanted)
            for i, partial in zip(slots, partials, strict=True):
                if partial is None or not self.dependent[i]:
                    continue
                # Different places, so that equal contributions do not err alike.
                is_exact = primitive.infix is not None and partial.is_integer()  # the 1 of tanh(20) is rounded
                contribution = shaken(adjoint * partial, count + slot + i, sign, is_exact=is_exact)
                is_lost = is_small(contribution) or is_small(partial)
                if is_lost and adjoint and primitive.ulps and all(operands):
                    contribution = math.nan
                before = adjoints[i]
                adjoints[i] = contribution if before is None else before + contribution
        return adjoints

    def accurate_adjoints(self) -> Sequence[float | None]:
        """Return the adjoints, computed in decimals if a product on the way is too small for a double."""
        if not any(one is not None and is_small(one) for one in self.adjoints):
            return self.adjoints
        from gradcli.evaluate.wide_sweeps import accurate_adjoints

        return accurate_adjoints(self.tape, self.values, self.dependent, self.adjoints)

    def partials(self, slot: int) -> Sequence[float | None]:
        """Return the partial derivatives of an operation.

        The result is empty for a variable, and for an operation that received no adjoint.
        """
        arrived = self.adjoints[slot] is not None and self.dependent[slot]
        return self._partials(slot)[0] if slot >= self.tape.first and arrived else ()

    def _partials(self, slot: int) -> tuple[Sequence[float | None], Edge | None]:
        primitive, slots = self.tape.instructions[slot - len(self.values)]
        wanted = tuple([self.dependent[i] for i in slots])
        return float_rule(primitive, len(slots)).at([self.values[i] for i in slots], self.values[slot], wanted)

    def _notes(self, slot: int, partials: Sequence[float | None], edge: Edge | None) -> Iterator[Note]:
        primitive, slots = self.tape.instructions[slot - len(self.values)]
        conditions = float_rule(primitive, len(slots)).conditions
        wanted = [self.dependent[i] and place not in conditions for place, i in enumerate(slots)]
        applied = Applied(self.tape.nodes[slot], [self.values[i] for i in slots], self.values[slot], self._spans)
        return applied.derivative_notes(partials, edge, wanted)


def dependent_slots(tape: Tape, targets: Iterable[Node]) -> list[bool]:
    """For each slot, whether its value changes with one of the variables ``targets``, even if only by jumps.

    The power x^0 is 1, also where x has no value.
    """
    moving = set(targets)
    dependent = [node in moving for node in tape.variables]
    dependent += [False] * (len(tape.nodes) - len(dependent))
    for slot, (primitive, operands) in enumerate(tape.instructions, tape.first):
        exponent = primitive.exponent if isinstance(primitive, Primitive) else None
        is_one = exponent is not None and exponent(*tape.nodes[slot].operands) == 0.0
        if not is_one and (not primitive.is_locally_constant or primitive.edges):
            dependent[slot] = any(dependent[i] for i in operands)
    return dependent


def gradient(expression: ParsedExpression, at: Mapping[str, float], wrt: Sequence[str] | None = None) -> Gradient:
    """The value and the partial derivatives at a point.

    Args:
        expression: a parsed expression.
        at: a number for each variable.
        wrt: the variables to differentiate with respect to; all of them by default.

    Raises:
        UsageError: a variable has no value, or ``wrt`` names one that the expression lacks.

    >>> from gradcli.evaluate.expression import parse
    >>> gradient(parse("x1*x2+sin(x1)"), {"x1": 2, "x2": 3}).gradient
    {'x1': 2.5838531634528574, 'x2': 2.0}
    """
    sweep = Sweep(expression, at, wrt)
    tape, value = sweep.tape, sweep.values[sweep.tape.outputs[0]]
    accurate = keeping_digits(expression)
    found = sweep if accurate is expression else Sweep(accurate, at, wrt)
    adjoints = dict(zip(tape.variables, found.accurate_adjoints(), strict=False))
    partials: dict[str, float] = {}
    for target in sweep.targets:
        adjoint = adjoints[target]
        partials[str(target.name)] = math.nan if value != value else 0.0 if adjoint is None else adjoint
    notes = [*value_notes(tape, sweep.values, expression.spans), *_derivative_notes(expression, at, sweep)]
    if value == value and any(map(math.isnan, partials.values())) and _may_be_smooth(expression):
        roots = differentiate.vjp(expression.root, 1.0, sweep.targets)
        smooth = _values(expression, roots, _inputs(expression, at))
        for (name, partial), slope in zip(list(partials.items()), smooth, strict=True):
            partials[name] = slope if math.isnan(partial) else partial
        if all(map(math.isfinite, partials.values())):
            notes = []
    notes = notes or given_note(value)
    if not notes and not all(map(math.isfinite, partials.values())):
        notes.append(_product_note(sweep))
    notes = limited_notes(notes)
    if (
        not math.isfinite(value)
        or not all(map(math.isfinite, partials.values()))
        or any(note.kind == "overflow" for note in notes)
    ):
        notes = _with_way_out(notes, tape, sweep.values, expression)
    return Gradient(value, partials, notes, sweep, found)


def _derivative_notes(expression: ParsedExpression, at: Mapping[str, float], sweep: Sweep) -> list[Note]:
    """The notes of a sweep and of comparisons, in the order of the operations.

    Kinks that the whole function does not have are left out.
    """
    tape, notes = sweep.tape, list(reversed(sweep.notes))
    comparisons = _comparisons_at_switch(tape, sweep.values)
    primitives = {slot: tape.instructions[slot - tape.first].primitive for slot, _ in notes}
    switches = [*comparisons, *[slot for slot, primitive in primitives.items() if primitive.is_locally_constant]]
    # The slope of a function of one number, or of one that selects, changes by switches, which have two sides.
    ties = [
        slot
        for slot, note in notes
        if note.kind == "kink" and (primitives[slot].active is not None or primitives[slot].arity == 1)
    ]
    if not switches and not ties:
        return [note for _, note in notes]
    from gradcli.evaluate.sides import Sides, differ, switch_notes

    slopes = differentiate.vjp(expression.root, 1.0, sweep.targets)
    both = Tape([expression.root, *slopes], target_nodes(expression))
    sides = Sides(both, _inputs(expression, at), [node in sweep.targets for node in both.variables])
    place = {node: slot for slot, node in enumerate(both.nodes)}
    places = {place[tape.nodes[slot]]: slot for slot in switches}
    names = [str(target.name) for target in sweep.targets]
    changes = {places[slot]: note for slot, note in switch_notes(sides, names, expression.spans, list(places))}
    refuted = set(switches).difference(changes)
    if sides.count and not any(
        differ(result[i], sides.values[i]) or result[i] != result[i]
        for result in map(sides.on_side, range(sides.count))
        for i in both.outputs
    ):
        refuted.update(ties)  # the operands of max, for example, are equal on all sides
    notes = [(slot, note) for slot, note in notes if slot not in refuted]
    notes += [(slot, changes[slot]) for slot in comparisons if slot in changes]
    return [note for _, note in sorted(notes, key=lambda pair: pair[0])]


def _comparisons_at_switch(tape: Tape, values: Sequence[float]) -> list[int]:
    """The comparisons of equal operands."""
    return [
        slot
        for slot, (primitive, slots) in enumerate(tape.instructions, tape.first)
        if primitive.is_truth and not primitive.condition and values[slots[0]] == values[slots[1]]
    ]


def higher_notes(
    expression: ParsedExpression,
    at: Mapping[str, float],
    order: int = 1,
    wrt: Sequence[str] | None = None,
    *,
    is_hessian: bool = False,
) -> list[Note]:
    """The notes on derivatives of order 2 and more that are set by a convention, because the point is a kink.

    Args:
        expression: a parsed expression.
        at: a number for each variable.
        order: the highest order of the derivatives with respect to each variable by itself.
        wrt: the variables to differentiate with respect to; all of them by default.
        is_hessian: whether the derivatives are instead the second derivatives with respect to all pairs of variables.
    """
    inputs, targets = _inputs(expression, at), target_nodes(expression, wrt)
    tape = Tape([expression.root], target_nodes(expression))
    values = tape.run(inputs)
    kinks = [
        slot
        for slot, (primitive, slots) in enumerate(tape.instructions, tape.first)
        if primitive.edges
        and (edge := float_rule(primitive, len(slots)).edge_at([values[i] for i in slots], values[slot])) is not None
        and edge.kind in ("kink", "jump")
    ]
    if not kinks and not _comparisons_at_switch(tape, values):
        return []
    from gradcli.evaluate.sides import Sides, convention_notes

    roots: dict[str, Node] = {}
    if is_hessian:
        from gradcli.graph.hessians import second_partials

        rows = second_partials(differentiate.vjp(expression.root, 1.0, targets), targets, is_upper=True)
        for i, target in enumerate(targets):
            for other, row in [(targets[k], row) for k, row in enumerate(rows) if i in row]:
                name = f"d2/d{target.name}^2" if target is other else f"d2/d{other.name}d{target.name}"
                roots[name] = row[i]
    else:
        for target in targets:
            current = expression.root
            for n in range(1, order + 1):
                current = differentiate.jvp(current, {target: 1.0})
                if n > 1:
                    roots[f"d{n}/d{target.name}^{n}"] = current
    all_of_them = Tape([expression.root, *roots.values()], target_nodes(expression))
    sides = Sides(all_of_them, inputs, [node in targets for node in all_of_them.variables])
    kinked = [tape.nodes[slot] for slot in kinks]
    return list(convention_notes(sides, list(roots), expression.spans, kinked))


def keeping_digits(expression: ParsedExpression) -> ParsedExpression:
    """The expression in the form from which derivatives are computed; the expression itself if it has this form."""
    root = differentiate.keeping_digits(differentiate.without_kinks(expression.root))
    if root is expression.root:
        return expression
    return ParsedExpression(expression.source, root, expression.variables, {}, expression.has_arrays)


def _with_way_out(notes: list[Note], tape: Tape, values: Sequence[float], expression: ParsedExpression) -> list[Note]:
    """Return the notes; if an operation that fails can be written in another way, one note gets this way as its hint.

    If there are several such operations, the hint is for the outermost one.  It is added to the note on this operation,
    or else to the first note.
    """
    if not notes or len(tape.nodes) > tape.first + _SEARCHED_OPERATIONS:
        return notes
    from gradcli.evaluate.ways_out import way_out

    known = dict(zip(tape.nodes, values, strict=True))
    for node in reversed(tape.nodes[tape.first :]):
        hint = way_out(node, known.get)
        if hint is not None:
            span = span_of(node, expression.spans)
            chosen = next((i for i, note in enumerate(notes) if note.span == span), 0)
            return [note._replace(hint=hint) if i == chosen else note for i, note in enumerate(notes)]
    return notes


def _product_note(sweep: Sweep) -> Note:
    """The note on a derivative that is not finite although all partial derivatives in its chain rule are finite."""
    largest = max((abs(a) for a in sweep.adjoints if a is not None), default=math.inf)
    if largest == math.inf:
        return Note("overflow", "a product of partial derivatives overflows: it is beyond the largest double")
    return Note("undefined", "the derivative has no value here")


def jvp(expression: ParsedExpression, at: Mapping[str, float], direction: Mapping[str, float]) -> float:
    """The derivative along a direction.

    Args:
        expression: a parsed expression.
        at: a number for each variable.
        direction: the tangent of each variable; variables that are left out do not move.

    >>> from gradcli.evaluate.expression import parse
    >>> jvp(parse("x*y"), {"x": 2, "y": 3}, {"x": 1, "y": 10})
    23.0
    """
    targets = dict(zip(target_nodes(expression, list(direction)), direction.values(), strict=True))
    inputs = _inputs(expression, at)
    accurate = keeping_digits(expression)
    if accurate is not expression and math.isnan(evaluate(expression, at).value):
        return math.nan
    tape = Tape([accurate.root], target_nodes(expression))
    values = tape.run(inputs)
    output = tape.outputs[0]
    if values[output] != values[output]:
        return math.nan
    # A variable that doesn't move contributes exactly 0, also where its derivative is infinite or nan.
    targets = {node: float(tangent) for node, tangent in targets.items() if tangent != 0.0}
    from gradcli.evaluate.wide_sweeps import tangents_of

    given = [targets.get(node) for node in tape.variables]
    result = tangents_of(tape, values, dependent_slots(tape, targets), given)[output]
    if result is not None and math.isnan(result) and _may_be_smooth(expression):
        (result,) = _values(expression, [differentiate.jvp(expression.root, dict(targets))], inputs)
    return 0.0 if result is None else result


def _may_be_smooth(expression: ParsedExpression) -> bool:
    """Whether a sweep may multiply an infinite slope by 0, as for sqrt(x^2)^2 at 0.

    The derivative as a graph has a value there.
    """
    return any(map(has_kink, expression.root.graph.operations))


def derivatives(
    expression: ParsedExpression, at: Mapping[str, float], order: int, wrt: Sequence[str] | None = None
) -> dict[str, list[float]]:
    """The derivatives of order 1 to ``order`` with respect to each variable by itself.

    Raises:
        UsageError: the order is below 1, a variable has no value, or ``wrt`` names one that the expression lacks.
        LimitError: the order is too high, the graph of the derivative is too large, or floats lose its digits.

    >>> from gradcli.evaluate.expression import parse
    >>> derivatives(parse("exp(-x^2)"), {"x": 0}, 4)
    {'x': [-0.0, -2.0, 0.0, 12.0]}
    """
    if order < 1:
        raise UsageError("the order of a derivative is at least 1", kind="order")
    inputs = _inputs(expression, at)
    given = dict(zip(target_nodes(expression), inputs, strict=True))
    result = {}
    for target in target_nodes(expression, wrt):
        roots = differentiate.lower_derivatives(expression.root, target, order)
        found = _values(expression, roots, inputs)
        if len(roots) < order:
            from gradcli.execute.taylor_mode import continued

            found = continued(found, expression.root, target, given, order)
        if len(found) < order:
            found = _values(expression, list(differentiate.derivatives(expression.root, target, order)), inputs)
        result[str(target.name)] = found
    return result


def hessian(
    expression: ParsedExpression, at: Mapping[str, float], wrt: Sequence[str] | None = None
) -> dict[str, dict[str, float]]:
    """The matrix of second derivatives, by a forward sweep for each variable over the graph of one reverse sweep.

    Raises:
        UsageError: a variable has no value, or ``wrt`` names one that the expression lacks.

    >>> from gradcli.evaluate.expression import parse
    >>> hessian(parse("x^2*y"), {"x": 2, "y": 3})
    {'x': {'x': 6.0, 'y': 4.0}, 'y': {'x': 4.0, 'y': 0.0}}
    """
    inputs = _inputs(expression, at)
    targets = target_nodes(expression, wrt)
    from gradcli.graph.hessians import second_partials

    rows = second_partials(differentiate.vjp(expression.root, 1.0, targets), targets)
    value, *values = _values(expression, [expression.root, *[entry for row in rows for entry in row.values()]], inputs)
    found, names = iter(values), [str(target.name) for target in targets]
    others = dict.fromkeys(names, 0.0 if value == value else math.nan)
    return {name: others | {names[j]: next(found) for j in row} for name, row in zip(names, rows, strict=True)}


def _values(expression: ParsedExpression, roots: Sequence[Node], inputs: Sequence[float]) -> list[float]:
    """The values of derivatives, given as nodes of a graph; nan if the expression itself is nan."""
    tape = Tape([expression.root, *roots], target_nodes(expression))
    values = tape.run(inputs)
    value, *found = [values[slot] for slot in tape.outputs]
    if any(map(is_small, values[tape.first :])):
        from gradcli.evaluate.wide_sweeps import accurate_values

        value, *found = accurate_values(tape, values)
    return [math.nan] * len(found) if value != value else found


ON_FLOATS: Final = Executor("floats", evaluate, gradient, jvp, hessian, higher_notes, derivatives)
