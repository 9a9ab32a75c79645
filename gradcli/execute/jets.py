"""Jets: power series up to an order, with one pass over a graph (Taylor mode).

A jet is a list of coefficients without zeros at its end.  Its numbers have operators: floats, balls, or jets
themselves, which give mixed derivatives.  Each operation takes the jets of its operands to the jet of its result by a
recurrence (Griewank and Walther, Evaluating Derivatives, 2nd ed., chapter 13): with u = f(g) and u' = p g',

    k u_k = sum over j from 1 to k of j g_j p_(k-j).

A few recurrences are written out here, because p is made of u itself: exponentials, sines and cosines in pairs,
tangents with their squares, powers and roots.  The jet of any other function follows from its rule in the registry: p
is a formula of the operands, whose jet is computed first, times u or not.

This is quick, and knows only points at which every operation is smooth.  Where one is not, where a divisor is 0, or
where the derivatives of a function never end, as those of gamma, it raises `Irregular`; then the slower and more
general `gradcli.graph.series` decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import accumulate, repeat
from operator import mul as times
from typing import Any, Final, Protocol

from gradcli.execute.float_rules import float_rule
from gradcli.execute.outer_series import Equations, chained, equations_of
from gradcli.graph import Graph, Node, toposort
from gradcli.graph.coefficients import NoValue, Undecided, evaluated
from gradcli.graph.rule import traced_rule
from gradcli.graph.symbols import readable_rule
from gradcli.primitives import ArrayFunction, Primitive
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = ["Irregular", "Jet", "Jets", "added", "applied", "product", "quotient", "subtracted"]

Jet = list[Any]
#: Whole powers up to this one are products.
_PRODUCTS: Final = 64
#: How deep rules may call functions with rules; deeper ones never end.
_DEPTH: Final = 4


class Irregular(Exception):
    """The error for a point at which an operation is not smooth, or for a function without a recurrence."""


class Numbers(Protocol):
    """The arithmetic that jets need of their numbers; see `gradcli.graph.coefficients.Arithmetic`.

    Numbers that don't know whether a condition holds may have a method ``first_of``, which joins the jets of all cases.
    """

    def leaf(self, node: Node) -> Any:
        """Return the number of a constant."""

    def apply(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        """Return the value of a function at numbers."""

    def is_zero(self, number: Any) -> bool:
        """Whether a number is 0."""

    def is_true(self, number: Any) -> bool:
        """Whether a condition holds."""


class Jets:
    """A graph as a program on jets.

    Args:
        roots: the formulas, without operations on arrays.
        inputs: the variables.

    >>> from gradcli import parse
    >>> from gradcli.graph.float_numbers import FloatNumbers
    >>> root = parse("exp(2*x) + y").root
    >>> x, y = [root.graph.variable(name) for name in "xy"]
    >>> Jets([root], [x, y]).run(FloatNumbers(root.graph), [[0.0, 1.0], [3.0]], 4)
    [[4.0, 2.0, 2.0, 1.3333333333333333, 0.6666666666666666]]
    """

    def __init__(self, roots: Sequence[Node], inputs: Sequence[Node]) -> None:
        given = set(inputs)
        order = [*inputs, *[node for node in toposort(roots) if node not in given]]
        slots = {node: slot for slot, node in enumerate(order)}
        self.steps: list[tuple[Any, Any, list[int]]] = []
        for node in order[len(inputs) :]:
            primitive = node.primitive
            if isinstance(primitive, ArrayFunction) or (primitive is None and node.constant is None):
                raise Irregular
            kernel = node if primitive is None else _KERNELS.get(primitive.name, _by_rule)
            self.steps.append((primitive, kernel, [slots[operand] for operand in node.operands]))
        self.outputs = [slots[root] for root in roots]

    def run(self, numbers: Numbers, inputs: Sequence[Jet], order: int, depth: int = 0) -> list[Jet]:
        """Return the jets of the formulas.

        Args:
            numbers: the arithmetic of the coefficients.
            inputs: the jets of the inputs, which may have fewer coefficients than the order asks for.
            order: the highest order.
            depth: how many rules are around.

        Raises:
            Irregular: an operation is not smooth at the point, or has no recurrence.
        """
        jets = [*inputs]
        append = jets.append
        try:
            for primitive, kernel, slots in self.steps:
                if primitive is None:
                    append([numbers.leaf(kernel)])
                    continue
                operands = [jets[slot] for slot in slots]
                if max(map(len, operands)) == 1:
                    append([numbers.apply(primitive, [operand[0] for operand in operands])])
                else:
                    append(kernel(_Call(numbers, primitive, order, depth), *operands))
        except (NoValue, Undecided, ZeroDivisionError, OverflowError):
            raise Irregular from None
        return [jets[slot] for slot in self.outputs]


def applied(numbers: Numbers, primitive: Primitive, operands: Sequence[Jet], order: int) -> Jet:
    """Return the jet of a function.

    Raises:
        Irregular: the function is not smooth at the point, or has no recurrence.
    """
    if max(map(len, operands)) == 1:
        return [numbers.apply(primitive, [operand[0] for operand in operands])]
    kernel: Callable[..., Jet] = _KERNELS.get(primitive.name, _by_rule)
    return kernel(_Call(numbers, primitive, order, 0), *operands)


class _Call(NamedTuple):
    """An operation on jets: the arithmetic of its numbers, the function, the order, and the rules around it."""

    numbers: Any
    primitive: Primitive
    order: int
    depth: int

    def value(self, *operands: Jet) -> Any:
        """Return the value of the function at the point.

        Raises:
            Irregular: the point is on an edge of the function.
        """
        numbers, primitive = self.numbers, self.primitive
        values = [operand[0] for operand in operands]
        found = numbers.apply(primitive, values)
        if primitive.edges and _is_on_edge(numbers, primitive, values, found):
            raise Irregular
        return found


def _is_on_edge(numbers: Any, primitive: Primitive, values: Sequence[Any], found: Any) -> bool:
    if isinstance(found, float):
        return float_rule(primitive, len(values)).edge_at(values, found) is not None
    rule = traced_rule(primitive, len(values))
    inputs = dict(zip(rule.inputs, values, strict=False))
    return any(numbers.is_true(evaluated(numbers, edge.condition, inputs)) for edge in rule.edges)


# The arithmetic of jets


def _trimmed(jet: Jet) -> Jet:
    while len(jet) > 1 and not jet[-1]:
        jet.pop()
    return jet


def added(one: Jet, other: Jet) -> Jet:
    """Return the sum of two jets."""
    if len(one) < len(other):
        one, other = other, one
    return _trimmed([*[x + y for x, y in zip(one, other, strict=False)], *one[len(other) :]])


def subtracted(one: Jet, other: Jet) -> Jet:
    """Return the difference of two jets."""
    count = min(len(one), len(other))
    head = [x - y for x, y in zip(one, other, strict=False)]
    return _trimmed([*head, *one[count:], *[-y for y in other[count:]]])


def product(one: Jet, other: Jet, order: int) -> Jet:
    """Return the product of two jets."""
    if one is other:
        return _square(one, order)
    if len(one) < len(other):
        one, other = other, one
    long, short = len(one), len(other)
    if short == 1:
        factor = other[0]
        return [x * factor for x in one] if factor else [factor * one[0]]
    back = other[::-1]
    found = [sum(map(times, one, back[short - 1 - k :])) for k in range(min(short, order + 1))]
    found += [sum(map(times, one[k - short + 1 : k + 1], back)) for k in range(short, min(long, order + 1))]
    found += [sum(map(times, one[k - short + 1 :], back)) for k in range(long, min(long + short - 1, order + 1))]
    return _trimmed(found)


def _square(one: Jet, order: int) -> Jet:
    """Return the square of a jet; each product but the middle one occurs twice."""
    length, back, found = len(one), one[::-1], []
    for k in range(min(2 * length - 1, order + 1)):
        low, half = max(0, k - length + 1), (k + 1) // 2
        total = 2 * sum(map(times, one[low:half], back[length - 1 - k + low :]))
        found.append(total if k % 2 else total + one[half] * one[half])
    return _trimmed(found)


def quotient(numbers: Any, above: Jet, below: Jet, order: int) -> Jet:
    """Return the quotient of two jets.

    Raises:
        Irregular: the divisor is 0 at the point.
    """
    first = below[0]
    if numbers.is_zero(first):
        raise Irregular
    if len(below) == 1:
        return [x / first for x in above]
    back, short = below[:0:-1], len(below) - 1
    found: Jet = []
    for k in range(order + 1):
        behind = k - short
        total = sum(map(times, found[behind:], back) if behind >= 0 else map(times, found, back[-behind:]))
        found.append(((above[k] - total) if k < len(above) else -total) / first)
    return _trimmed(found)


def _derivative(one: Jet) -> Jet:
    return [k * x for k, x in enumerate(one[1:], 1)]


def _integral(first: Any, derivative: Jet) -> Jet:
    return _trimmed([first, *[x / k for k, x in enumerate(derivative, 1)]])


# Recurrences


def _flow(first: Any, factor: Jet, order: int, rest: Jet = []) -> Jet:  # noqa: B006 - never changed
    """Return the solution u of u' = factor*u + rest with u_0 = first."""
    found, back, short = [first], factor[::-1], len(factor)
    for k in range(1, order + 1):
        behind = k - short
        total = sum(map(times, found[behind:], back) if behind >= 0 else map(times, found, back[-behind:]))
        found.append((total + rest[k - 1] if k <= len(rest) else total) / k)
    return _trimmed(found)


def _exponential(call: _Call, one: Jet) -> Jet:
    return _flow(call.value(one), _derivative(one), call.order)


def _exponential_minus_1(call: _Call, one: Jet) -> Jet:
    return [call.value(one), *_exponential(call._replace(primitive=f.exp), one)[1:]]


def _power_of_2(call: _Call, one: Jet) -> Jet:
    factor = call.numbers.apply(f.log, [call.numbers.leaf(_TWO)])
    return _flow(call.value(one), [factor * x for x in _derivative(one)], call.order)


def _pair(call: _Call, one: Jet, other: Primitive, signs: tuple[int, int]) -> Jet:
    """Return the jet of a sine or a cosine, which is computed together with the other one."""
    derivative = _derivative(one)
    first = [call.value(one)]
    second = [call.numbers.apply(other, [one[0]])]
    back, short = derivative[::-1], len(derivative)
    for k in range(1, call.order + 1):
        behind = k - short
        start, factors = (behind, back) if behind >= 0 else (0, back[-behind:])
        one_sum, other_sum = sum(map(times, second[start:], factors)), sum(map(times, first[start:], factors))
        first.append((one_sum if signs[0] > 0 else -one_sum) / k)
        second.append((other_sum if signs[1] > 0 else -other_sum) / k)
    return _trimmed(first)


def _tangent(call: _Call, one: Jet, slope: Callable[[Any], Any], sign: int, *, is_logistic: bool = False) -> Jet:
    """Return the solution u of u' = w g' with w = a + sign*u^2, or w = u - u^2.

    Args:
        call: the operation.
        one: the jet g.
        slope: a function from the value of g to that of w, in which nothing cancels.
        sign: the sign of the square.
        is_logistic: whether w = u - u^2.
    """
    back = _derivative(one)[::-1]
    short = len(back)
    found, slopes = [call.value(one)], [slope(one[0])]
    for k in range(1, call.order + 1):
        behind = k - short
        total = sum(map(times, slopes[behind:], back) if behind >= 0 else map(times, slopes, back[-behind:]))
        found.append(total / k)
        square = 2 * sum(map(times, found[: (k + 1) // 2], reversed(found)))
        if not k % 2:
            square += found[k // 2] * found[k // 2]
        slopes.append(found[k] - square if is_logistic else square if sign > 0 else -square)
    return _trimmed(found)


def _tangent_kernel(reciprocal: str, sign: int, of_slope: int) -> Callable[[_Call, Jet], Jet]:
    """Return the kernel of a function whose derivative is plus or minus the square of another one."""

    def kernel(call: _Call, one: Jet) -> Jet:
        def slope(x: Any) -> Any:
            value = call.numbers.apply(getattr(f, reciprocal), [x])
            return of_slope * (value * value)

        return _tangent(call, one, slope, sign)

    return kernel


def _sigmoid(call: _Call, one: Jet) -> Jet:
    def slope(x: Any) -> Any:
        half = call.numbers.apply(f.sech, [x / 2])
        return half * half / 4

    return _tangent(call, one, slope, -1, is_logistic=True)


def _square_root(call: _Call, one: Jet) -> Jet:
    return _root_of(call, call.value(one), one)


def _length(call: _Call, one: Jet, other: Jet) -> Jet:
    return _root_of(call, call.value(one, other), added(_square(one, call.order), _square(other, call.order)))


def _root_of(call: _Call, first: Any, one: Jet) -> Jet:
    """Return the square root of a jet, which is ``first`` at the point."""
    if call.numbers.is_zero(one[0]):
        raise Irregular
    found, twice = [first], 2 * first
    for k in range(1, call.order + 1):
        half = (k - 1) // 2
        total = 2 * sum(map(times, found[1 : half + 1], reversed(found)))
        if not k % 2:
            total += found[k // 2] * found[k // 2]
        found.append(((one[k] - total) if k < len(one) else -total) / twice)
    return _trimmed(found)


def _power_recurrence(call: _Call, first: Any, one: Jet, above: Any) -> Jet:
    """Return a power of a jet that is not 0 at the point; ``above`` is the exponent plus 1."""
    if call.numbers.is_zero(one[0]):
        raise Irregular
    found, derivative = [first], _derivative(one)
    slopes, factors, short = derivative[::-1], one[:0:-1], len(derivative)
    for k in range(1, call.order + 1):
        behind = k - short
        past = found[behind:] if behind >= 0 else found
        skipped = max(0, -behind)
        steep, flat = sum(map(times, past, slopes[skipped:])), sum(map(times, past, factors[skipped:]))
        found.append((above * steep / k - flat) / one[0])
    return _trimmed(found)


def _whole(number: Any) -> int | None:
    """Return a number as an integer; None if it is not certainly one."""
    nearest = float(number)
    found = round(nearest) if abs(nearest) < 2.0**53 else None
    return found if found is not None and number == found else None


def _power(call: _Call, base: Jet, exponent: Jet) -> Jet:
    if len(exponent) > 1:
        logarithm = [call.numbers.apply(f.log, [base[0]])]
        if len(base) > 1:
            logarithm = _integral(logarithm[0], quotient(call.numbers, _derivative(base), base, call.order - 1))
        return _flow(call.value(base, exponent), _derivative(product(logarithm, exponent, call.order)), call.order)
    whole = _whole(exponent[0])
    if whole is None or abs(whole) > _PRODUCTS:
        return _power_recurrence(call, call.value(base, exponent), base, exponent[0] + 1)
    found: Jet | None = None
    for digit in bin(abs(whole))[2:]:
        found = None if found is None else _square(found, call.order)
        if digit == "1":
            found = base if found is None else product(found, base, call.order)
    one = [call.numbers.leaf(_ONE)]
    if found is None:
        return one
    return found if whole > 0 else quotient(call.numbers, one, found, call.order)


def _cube_root(call: _Call, one: Jet) -> Jet:
    return _power_recurrence(call, call.value(one), one, call.numbers.leaf(_FOUR) / 3)


def _remainder(call: _Call, one: Jet, divisor: Jet) -> Jet:
    value = call.value(one, divisor)
    times_divisor = call.numbers.apply(f.round, [(one[0] - value) / divisor[0]])
    return [value, *subtracted(one, [times_divisor * x for x in divisor])[1:]]


def _selected(call: _Call, *operands: Jet) -> Jet:
    """Return the operand that max, say, selects; where none is selected, the value is a constant."""
    value = call.value(*operands)
    rule = traced_rule(call.primitive, len(operands))
    inputs = dict(zip(rule.inputs, [*[operand[0] for operand in operands], value], strict=True))
    if hasattr(call.numbers, "first_of"):
        conditions = [None if one is None else evaluated(call.numbers, one, inputs) for one in rule.selected]
        joined: Jet = call.numbers.first_of(conditions, operands, [value])
        return joined
    flags = [one is None or call.numbers.is_true(evaluated(call.numbers, one, inputs)) for one in rule.selected]
    found = [operand for operand, is_selected in zip(operands, flags, strict=True) if is_selected]
    if len(found) > 1:
        raise Irregular
    return found[0] if found else [value]


def _chosen(call: _Call, *operands: Jet) -> Jet:
    [condition] = call.primitive.condition
    if len(operands[condition]) > 1:
        raise Irregular
    one, other = [operands[place] for place in call.primitive.chosen]
    if hasattr(call.numbers, "first_of"):
        joined: Jet = call.numbers.first_of([operands[condition][0]], [one], other)
        return joined
    return one if call.numbers.is_true(operands[condition][0]) else other


def _truth(call: _Call, *operands: Jet) -> Jet:
    """Return a comparison, which is constant unless both numbers are equal at the point."""
    if call.primitive.condition or call.numbers.is_zero(operands[0][0] - operands[1][0]):
        raise Irregular
    return [call.numbers.apply(call.primitive, [operand[0] for operand in operands])]


# Rules


class _Rule(NamedTuple):
    """The rule of a function for one operand: the partial derivative, or the factor of the output in it."""

    place: int
    formula: Jets
    is_factor: bool


@cache
def _rules(primitive: Primitive, count: int) -> list[_Rule] | None:
    """Return the rules of a function of so many operands; None if a jet does not follow from them without loss."""
    if primitive.active is not None or primitive.is_truth or primitive.static:
        return None
    rule = traced_rule(primitive, count)
    if any(isinstance(node.primitive, Primitive) and node.primitive.keeps_digits for node in toposort(rule.partials)):
        return None
    inputs, partials = readable_rule(primitive, count)
    if any(node.primitive is f.guard for node in toposort(partials)):
        inputs, partials = rule.inputs, rule.partials
    output = inputs[-1]
    found = []
    for place, partial in enumerate(partials):
        factor = _factor_of(partial, output)
        if factor is None and output in toposort([partial]):
            return None
        try:
            formula = Jets([partial if factor is None else factor], inputs[:-1])
        except Irregular:
            return None
        found.append(_Rule(place, formula, factor is not None))
    return found


def _factor_of(partial: Node, output: Node) -> Node | None:
    """Return a formula without the output, such that the partial derivative is the output times this formula."""
    graph = partial.graph
    sign, node = 1.0, partial
    while node.primitive is f.neg:
        sign, node = -sign, node.operands[0]
    found: Node | None = None
    if node is output:
        found = graph.constant(1.0)
    elif node.primitive is f.mul and output in node.operands and node.operands[0] is not node.operands[1]:
        found = node.operands[1 if node.operands[0] is output else 0]
    elif node.primitive is f.div and node.operands[0] is output:
        found = graph.lift(1.0 / node.operands[1])
    if found is None or output in toposort([found]):
        return None
    return found if sign > 0.0 else graph.lift(-found)


def _by_rule(call: _Call, *operands: Jet) -> Jet:
    """Return the jet of a function that follows from its rule."""
    primitive = call.primitive
    if primitive.is_locally_constant:
        return [call.value(*operands)]
    if primitive.transparent and primitive.expands is None:
        return operands[0]
    rules = None if primitive.system is not None else _rules(primitive, len(operands))
    if rules is None:
        return _by_outer_series(call, *operands)
    if call.depth == _DEPTH:
        raise Irregular
    value = call.value(*operands)
    factor: Jet = []
    rest: Jet = []
    for place, formula, is_factor in rules:
        if len(operands[place]) == 1:
            continue
        [partial] = formula.run(call.numbers, operands, call.order - 1, call.depth + 1)
        slope = product(partial, _derivative(operands[place]), call.order - 1)
        if is_factor:
            factor = added(factor, slope) if factor else slope
        else:
            rest = added(rest, slope) if rest else slope
    return _flow(value, factor, call.order, rest) if factor else _integral(value, rest)


@cache
def _known_parts(equations: Equations) -> Jets:
    return Jets(equations.known, equations.inputs)


def _by_outer_series(call: _Call, *operands: Jet) -> Jet:
    """Return the jet of a special function of one operand that moves, from its series around a number."""
    numbers, primitive, order = call.numbers, call.primitive, call.order
    moving = [place for place, operand in enumerate(operands) if len(operand) > 1]
    if len(moving) > 1 or not hasattr(numbers, "is_exact"):
        raise Irregular
    [place], values, first = moving, [operand[0] for operand in operands], call.value(*operands)
    equations, outer = equations_of(primitive), None
    if equations is not None and place == primitive.arity - 1:
        at = dict(zip(equations.inputs, values, strict=True))
        starts = [first, *[evaluated(numbers, one, at) for one in equations.companions]]
        line = [[one] for one in values[:-1]] + [[values[-1], numbers.leaf(_ONE)]]
        known = _known_parts(equations).run(numbers, line, order - 1, call.depth + 1)
        solve = equations.solved if numbers.is_exact else equations.solved_in_floats
        outer = solve(numbers.is_zero, starts, known, order)
    else:
        outer = chained(numbers, primitive, values, place, order)
    if outer is None:
        raise Irregular
    return _composed(outer, operands[place], order)


def _composed(outer: Jet, inner: Jet, order: int) -> Jet:
    """Return the jet of f(g(t)) from that of f around g(0), by the scheme of Horner."""
    step = [0 * inner[0], *inner[1:]]
    if len(inner) == 2:
        powers = accumulate(repeat(inner[1], order), times)
        return _trimmed([outer[0], *[x * power for x, power in zip(outer[1:], powers, strict=True)]])
    found = [outer[-1]]
    for x in reversed(outer[:-1]):
        found = added(product(found, step, order), [x])
    return found


_ONE, _TWO, _FOUR = map(Graph(folds=False).constant, (1.0, 2.0, 4.0))
_KERNELS: Final[Mapping[str, Callable[..., Jet]]] = {
    "add": lambda _, one, other: added(one, other),
    "sub": lambda _, one, other: subtracted(one, other),
    "neg": lambda _, one: [-x for x in one],
    "mul": lambda call, one, other: product(one, other, call.order),
    "square": lambda call, one: _square(one, call.order),
    "div": lambda call, one, other: quotient(call.numbers, one, other, call.order),
    "pow": _power,
    "sqrt": _square_root,
    "hypot": _length,
    "mod": _remainder,
    **dict.fromkeys(("max", "min", "clip", "relu", "hard_tanh"), _selected),
    "cbrt": _cube_root,
    "exp": _exponential,
    "exp2": _power_of_2,
    "expm1": _exponential_minus_1,
    "sin": lambda call, one: _pair(call, one, f.cos, (1, -1)),
    "cos": lambda call, one: _pair(call, one, f.sin, (-1, 1)),
    "sinh": lambda call, one: _pair(call, one, f.cosh, (1, 1)),
    "cosh": lambda call, one: _pair(call, one, f.sinh, (1, 1)),
    "tan": _tangent_kernel("sec", 1, 1),
    "cot": _tangent_kernel("csc", -1, -1),
    "tanh": _tangent_kernel("sech", -1, 1),
    "coth": _tangent_kernel("csch", -1, -1),
    "sigmoid": _sigmoid,
    "where": _chosen,
    **dict.fromkeys(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"), _truth),
}
