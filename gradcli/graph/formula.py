"""A derivative as a person would write it: differentiated in the normal form, and printed in its shortest form.

Each derivative is computed from the canonical fraction of the derivative whose order is lower by one.  A function whose
derivative needs conditions (it has a kink, a choice, or an edge with a value of its own) is differentiated as a graph
instead, and `simplify_derivative` finds its conditions.

A form is printed only if its values at some points are those of the derivative.  Among these points are kinks, ties and
ends of domains.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from gradcli import limits
from gradcli.graph import differentiate
from gradcli.graph.canonical import canonical, factors
from gradcli.graph.closed_forms import with_closed_forms
from gradcli.graph.conditions import is_zero
from gradcli.graph.graph import Node, on_graph, paused_collector, readable, substitute, toposort, unfolded, values_at
from gradcli.graph.layout import Layout
from gradcli.graph.normal_form import Ring
from gradcli.graph.polynomials import Form
from gradcli.graph.shortest import candidates, generic_points, points_of, value_at
from gradcli.graph.simplify import Simplified, point_of, simplify_derivative
from gradcli.graph.symbols import Unfit
from gradcli.primitives import Primitive
from gradcli.primitives.exact_constants import EXACT_CONSTANTS
from gradcli.records import NamedTuple

__all__ = [
    "agree",
    "decimals",
    "derivative_formula",
    "derivative_formulas",
    "generic_values",
    "hessian_formulas",
    "shortest_form",
    "with_exact_constants",
]

#: A point and a value there.
Point: TypeAlias = tuple[Mapping[Node, float], float]

#: Points at which functions have kinks, ties and ends.
_SPECIAL: Final = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 3.0)
#: The most special points at which a formula of several variables is tried.
_TRIED: Final = 49


def derivative_formula(root: Node, target: Node, order: int, length: Callable[[Node], int]) -> Simplified:
    """Return a derivative as a formula, and the conditions under which it is the derivative.

    Args:
        root: the function.
        target: the variable.
        order: the order, at least 1.
        length: a function that returns the length of a formula's text; the shortest formula is returned.

    Raises:
        LimitError: the order is too high, or the derivative is too large.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import to_text
    >>> root = parse("x^(2/3)*exp(-x^2/2)").root
    >>> to_text(derivative_formula(root, root.graph.variable("x"), 1, lambda node: len(to_text(node))).root)
    '(2 - 3*x^2)*exp(-x^2/2)/(3*x^(1/3))'
    """
    differentiate.check_order(order)
    [found] = derivative_formulas(root, [(target,) * order], length)
    return found


def hessian_formulas(
    root: Node, targets: Sequence[Node], length: Callable[[Node], int]
) -> tuple[list[Simplified], list[list[Simplified]]]:
    """Return the gradient and the Hessian as formulas with their conditions.

    The Hessian is symmetric: equal entries are one formula, and all entries of a row go on from one first derivative.

    Args:
        root: the function.
        targets: the variables.
        length: as for `derivative_formula`.

    Raises:
        LimitError: a derivative is too large.

    >>> from gradcli import parse
    >>> from gradcli.printing.text import text_length, to_text
    >>> root = parse("x^2*sin(y)").root
    >>> gradient, hessian = hessian_formulas(root, [root.graph.variable(name) for name in "xy"], text_length)
    >>> [to_text(one.root) for one in gradient]
    ['2*x*sin(y)', 'x^2*cos(y)']
    >>> [[to_text(one.root) for one in row] for row in hessian]
    [['2*sin(y)', '2*x*cos(y)'], ['2*x*cos(y)', '-x^2*sin(y)']]
    """
    pairs = list(itertools.combinations_with_replacement(targets, 2))
    found = derivative_formulas(root, [*[(target,) for target in targets], *pairs], length)
    second = dict(zip(pairs, found[len(targets) :], strict=True))
    rows = [[second[(one, other) if (one, other) in second else (other, one)] for other in targets] for one in targets]
    return found[: len(targets)], rows


@paused_collector()
def derivative_formulas(
    root: Node, paths: Iterable[tuple[Node, ...]], length: Callable[[Node], int]
) -> list[Simplified]:
    """Return several derivatives of one function as formulas with their conditions.

    Derivatives whose paths begin in the same way share the work of this beginning.  Sums are ordered by the powers of
    the first variable, in all of them.

    Args:
        root: the function.
        paths: the variables with respect to which to differentiate, one after the other, for each derivative.
        length: as for `derivative_formula`.

    Raises:
        LimitError: a derivative is too large.
    """
    function = _Function(with_closed_forms(root, length), next((path[0] for path in paths), root))
    found = []
    for path in paths:
        try:
            simple = _by_normal_form(function, path, length)
        except Unfit:
            simple = None
        found.append(_with_conditions(function, path, length) if simple is None else simple)
    return found


class _Stage(NamedTuple):
    """A derivative in the normal form.

    Attributes:
        ring: the ring of the form.
        divided: the symbols of the divisors of the function.
        raw: the derivative before it was brought to its canonical form.
        outside: the term of the canonical fraction.
        rest: the polynomial of the canonical fraction, which the term multiplies.
    """

    ring: Ring
    divided: frozenset[int]
    raw: Form
    outside: Form
    rest: Form

    @property
    def form(self) -> Form:
        """The derivative as one factored term, from which the next order is computed."""
        return self.ring.product(self.outside, factors(self.ring, self.rest)) if self.rest else {}


class _Function:
    """A function, and its derivatives so far in the normal form.

    Attributes:
        root: the function.
        order: the nodes of the function, operands first.
        variables: its variables.
        typed: the decimals in it that the user typed, which stay decimals.
        main: the variable by whose powers sums are ordered.
    """

    def __init__(self, root: Node, main: Node) -> None:
        self.root = root
        self.main = main
        self.order = toposort([root])
        self.variables = [node for node in self.order if node.is_variable]
        self.typed = decimals(self.order)
        self._stages: dict[tuple[Node, ...], _Stage] = {}

    def stage(self, path: tuple[Node, ...]) -> _Stage:
        """Return a derivative in the normal form; its ring differentiates with respect to the path's last variable.

        Raises:
            Unfit: the function has no normal form, or the derivative is above the bounds.
        """
        if len(self.order) > limits.SIMPLIFIED_NODES:
            raise Unfit
        known = next(count for count in range(len(path), -1, -1) if not count or path[:count] in self._stages)
        if known:
            stage = self._stages[path[:known]]
            ring = stage.ring
            form = stage.form if known < len(path) else {}
        else:
            ring = Ring(path[0], main=self.main, typed=self.typed)
            form = ring.read(_differentiable(self.root, path))
        divided = stage.divided if known else frozenset(ring.divisors)
        for count in range(known + 1, len(path) + 1):
            ring.turn_to(path[count - 1])
            raw = ring.derivative(form)
            stage = self._stages[path[:count]] = _Stage(ring, divided, raw, *canonical(ring, raw))
            if count < len(path):
                form = stage.form
        ring.turn_to(path[-1])
        return stage

    def derivative(self, path: tuple[Node, ...], *, is_printed: bool = False) -> Node:
        """Return a derivative as a graph, with the declared values at edge points."""
        found = self.root
        for target, run in itertools.groupby(path):
            found = differentiate.derivative(found, target, len(list(run)), is_printed=is_printed)
        return found

    def special_values(self, path: tuple[Node, ...]) -> list[Point]:
        """Return kinks, ties and other special points, and the values of a derivative there.

        For an order above 2 and for a large function, the list is empty.
        """
        if len(path) > 2 or len(self.order) > 100:
            return []
        truth = self.derivative(path)
        count = len(self.variables)
        if count <= 2:
            points = [
                dict(zip(self.variables, numbers, strict=True)) for numbers in itertools.product(_SPECIAL, repeat=count)
            ]
        else:
            points = list(points_of(self.variables, _SPECIAL))
        found = [(at, value_at(truth, at)) for at in points[:_TRIED]]
        return [(at, value) for at, value in found if value == value]


def _by_normal_form(function: _Function, path: tuple[Node, ...], length: Callable[[Node], int]) -> Simplified | None:
    """Return a derivative that needs no conditions; None if no form has the right values everywhere."""
    ring, divided, raw, outside, rest = function.stage(path)
    layout = Layout(ring, function.root.graph)
    variables = function.variables
    found = {layout.node(one): one for one in candidates(ring, outside, rest, raw)}
    generic = list(itertools.islice(_reference(ring, raw, variables), 3))
    special = function.special_values(path)
    equal = [node for node in sorted(found, key=length) if _is_equal(ring, found[node], node, generic)]
    # An infinite value counts for the first derivative, which `grad` gives; for others only if a form has it.
    for largest in (math.inf, sys.float_info.max) if len(path) > 1 else (math.inf,):
        values = [(at, expected) for at, expected in special if abs(expected) <= largest]
        for node in equal:
            if all(agree(value_at(node, at), expected) for at, expected in values):
                left = divided - ring.denominators(ring.product(outside, ring.as_term(rest)) if rest else {})
                return Simplified(node, tuple(_conditions(ring, layout, node, left, variables)))
    return None


class _Reference(NamedTuple):
    """The value of a derivative at a point.

    Attributes:
        at: the point.
        values: the values of the kernels.
        expected: the value of the derivative before it was simplified.
        error: an estimate of its rounding error.
    """

    at: Mapping[Node, float]
    values: Sequence[tuple[float, float]]
    expected: float
    error: float


def _reference(ring: Ring, raw: Form, variables: Sequence[Node]) -> Iterator[_Reference]:
    """Yield generic points at which a form has a value."""
    for at in generic_points(variables):
        values = ring.values(at)
        expected, error = ring.value(raw, values)
        if math.isfinite(expected + error):
            yield _Reference(at, values, expected, error)


def _is_equal(ring: Ring, form: Form, node: Node, references: Iterable[_Reference]) -> bool:
    """Whether a form, and the node that is printed for it, both have the expected values up to rounding errors."""
    for at, values, expected, error in references:
        _, own = ring.value(form, values)
        if not abs(value_at(node, at) - expected) <= 1e-10 * abs(expected) + 100.0 * (error + own):
            return False
    return True


def _with_conditions(function: _Function, path: tuple[Node, ...], length: Callable[[Node], int]) -> Simplified:
    """Return a derivative, found by differentiating the graph, with its conditions."""
    simple = simplify_derivative(function.derivative(path, is_printed=True))
    exact = list(_exact(function, path, simple.root))
    points = [*generic_values(simple.root, function.variables), *function.special_values(path)]
    ring = partial(Ring, path[-1], main=function.main)
    return simple._replace(root=shortest_form(simple.root, exact, ring, function.typed, points, length))


def shortest_form(
    root: Node,
    exact: Sequence[Node],
    ring_of: Callable[..., Ring],
    typed: set[float],
    points: Sequence[Point],
    length: Callable[[Node], int],
) -> Node:
    """Return the shortest way to write a formula.

    Args:
        root: the formula.
        exact: the formula with exact constants in place of decimals, perhaps on another graph; empty if the formula has
            no decimals.
        ring_of: a function that takes options of `Ring` and makes the ring in which other forms are found.
        typed: the decimals that the user typed, which stay decimals.
        points: points, each with the value of the derivative; a form is left out if it has another value at a point at
            which the formula has this one.
        length: as for `derivative_formula`.
    """
    found: list[Node] = []
    for node in exact or [root]:
        ring = ring_of(keeps_others=True, typed=typed)
        ring.has_decimals = bool(typed)
        if len(toposort([node])) > limits.SIMPLIFIED_NODES:
            return root
        try:
            raw = ring.read(node, of_rule=True)
            forms = [raw, *candidates(ring, *canonical(ring, raw), raw)]
        except Unfit:
            continue
        layout = Layout(ring, root.graph)
        found += [layout.node(form) for form in forms]
    # A point at which the formula itself has another value, such as nan at a pole, rules no form out.
    known = [(at, value) for at, value in points if value == value and agree(value_at(root, at), value)]
    unread = [on_graph(toposort([node]), root.graph)[node] for node in exact]
    shown: list[Node] = []
    for nodes in (found, unread):
        shown = shown or [node for node in nodes if all(agree(value_at(node, at), value) for at, value in known)]
    return min([root, *shown], key=lambda node: (len(decimals(toposort([node])) - typed), length(node)))


def generic_values(root: Node, variables: Sequence[Node]) -> list[Point]:
    """Return points that have no special property, and the values of a formula there."""
    return [(at, value_at(root, at)) for at in generic_points(variables)]


def decimals(order: Iterable[Node]) -> set[float]:
    """Return the absolute values of the decimals among nodes: constants that aren't integers of at most 53 bits."""
    return {
        abs(node.constant)
        for node in order
        if node.constant is not None
        and node.name is None
        and not (node.constant.is_integer() and abs(node.constant) < 2.0**53)
    }


def _exact(function: _Function, path: tuple[Node, ...], found: Node) -> Iterator[Node]:
    """Yield the derivative with exact constants such as log(2), if ``found`` has decimals that nobody typed."""
    if decimals(toposort([found])) <= function.typed or not set(path) <= {*function.variables}:
        return
    image = unfolded(function.order)
    copy = _Function(image[function.root], image[path[0]])
    derivative = copy.derivative(tuple([image[target] for target in path]), is_printed=True)
    exact = with_exact_constants(readable(derivative, with_guards=True), function.typed)
    simple = simplify_derivative(exact).root
    yield simple
    if not decimals(toposort([simple])) <= function.typed:
        yield exact  # 9/32 became 0.28125


def with_exact_constants(root: Node, typed: set[float]) -> Node:
    """Return a formula with exact constants such as 2/sqrt(pi) in place of their decimals, unless these were typed.

    Conditions on constants are decided.

    Args:
        root: a formula in functions that users know, on a graph that doesn't fold constants.
        typed: the decimals that the user typed.
    """
    replaced: dict[Node, Node] = {}
    order = toposort([root])
    for node, value in values_at(order, {}).items():
        if isinstance(node.primitive, Primitive) and node.primitive.is_truth and value == value:
            replaced[node] = root.graph.constant(value)
    for node in order:
        if node.constant is None or node.name is not None or abs(node.constant) in typed:
            continue
        exact = EXACT_CONSTANTS.get(abs(node.constant))
        if exact is not None:
            formula = root.graph.lift(exact(root.graph))
            replaced[node] = formula if node.constant > 0.0 else root.graph.lift(-formula)
    return substitute(root, replaced)


def _differentiable(root: Node, targets: Iterable[Node]) -> Node:
    """Return a function without kinks that cancel, and in a form whose derivative keeps its digits.

    Raises:
        Unfit: a function with a kink, such as hypot, would be read as a formula in powers, whose derivative at the kink
            is another one.
    """
    typed = {node.constant for node in toposort([root]) if node.constant is not None}
    start = differentiate.without_kinks(root, targets)
    if any(isinstance(node.primitive, Primitive) and node.primitive.in_powers for node in toposort([start])):
        raise Unfit
    for candidate in (differentiate.keeping_digits(start), start):
        found = readable(candidate, with_guards=True)
        numbers = {node.constant for node in toposort([found]) if node.constant is not None}
        if candidate is start or all((4.0 * abs(number)).is_integer() for number in numbers - typed):
            return found
    return root


def agree(value: float, expected: float) -> bool:
    """Whether two values are equal up to rounding; the sign of an infinity may differ."""
    if value == expected or abs(value) == abs(expected) == math.inf:
        return True
    return abs(value - expected) <= 1e-8 * max(abs(expected), 1.0)


def _conditions(
    ring: Ring, layout: Layout, node: Node, divided: Iterable[int], variables: Sequence[Node]
) -> Iterable[Node]:
    """Yield the divisors of a function that must not be 0 but no longer occur in its derivative."""
    for symbol in sorted(divided):
        kernel = ring.kernels[symbol]
        if kernel.is_positive or kernel.is_number:
            continue
        divisor = layout.node({((symbol, 1),): 1})
        point = {one: value.constant or 0.0 for one, value in point_of(is_zero(divisor)).items()}
        at = {one: point.get(one, number) for one, number in next(iter(generic_points(variables))).items()}
        if not point or math.isfinite(value_at(node, at)):
            yield divisor
