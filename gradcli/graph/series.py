"""Power series of a graph in one variable, coefficient by coefficient, in any arithmetic.

A series is a list of coefficients that grows on demand.  Sums, products and quotients have the rules of school; a
quotient may begin with a negative power, so that sin(x)/x and 1/sin(x) - 1/x have series at 0.  For every other
function the series follows from its rule in the registry.  With u = f(g) and u' = p g', where p is the rule applied to
g and u, the coefficient of order k is

    k u_k = sum over j from 1 to k of j g_j p_(k-j),

and needs only lower orders of p.  So p may be made of u itself, as with exp, or of a function whose rule leads back to
u, as with tan and sec.

The coefficients are numbers with operators: floats, or exact ones (`gradcli.graph.exact_numbers`).  What depends on
the kind of numbers is an `Arithmetic`.

Nothing recurses: a series says which coefficients it needs for its next one, and `Expansion.require` keeps a stack.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from gradcli.graph.coefficients import Arithmetic, NoValue, Undecided, copied, evaluated
from gradcli.graph.graph import Graph, Node, toposort
from gradcli.graph.kinks import smooth_partials
from gradcli.graph.rule import traced_rule
from gradcli.graph.symbols import readable_rule
from gradcli.primitives import Edge, Primitive
from gradcli.primitives import functions as f

__all__ = ["Expansion", "Series", "Singular"]

#: Integer powers up to this one are products.
_PRODUCTS: Final = 64
#: How many orders further than the polynomial a divisor is searched for a coefficient that is not 0.
_SEARCHED: Final = 20


class Singular(Exception):
    """The error for a point at which a function has no power series.

    Attributes:
        node: the operation without a series.
        kind: the kind of an edge point (``"pole"``, ``"kink"`` ...), or ``"no_value"``.
    """

    def __init__(self, node: Node, kind: str) -> None:
        super().__init__(kind)
        self.node = node
        self.kind = kind


class Series:
    """A series that grows.  An instance of this class itself is a leaf, whose coefficients are all known.

    Attributes:
        expansion: the expansion that it belongs to.
        node: its operation in the graph.
        moves: whether it depends on the variable.
        first: the exponent of the first known coefficient, below which all are 0; None before the series is begun.
        numbers: the known coefficients, in the order of their exponents from ``first`` on.
        support: the exponents of the known coefficients that are not 0.
        is_finished: whether all other coefficients are 0.
    """

    __slots__ = ("expansion", "first", "is_finished", "moves", "node", "numbers", "support")

    def __init__(self, expansion: Expansion, node: Node, numbers: Sequence[Any] = (), *, moves: bool = False) -> None:
        self.expansion = expansion
        self.node = node
        self.moves = moves
        self.first: int | None = 0
        self.numbers: list[Any] = []
        self.support: list[int] = []
        for number in numbers:
            self.append(number)
        self.is_finished = True

    @property
    def end(self) -> float:
        """The exponent of the first coefficient that is not known; infinity if all are known."""
        if self.is_finished:
            return math.inf
        return -math.inf if self.first is None else self.first + len(self.numbers)

    def __getitem__(self, exponent: int) -> Any:
        place = exponent - (self.first or 0)
        return self.numbers[place] if 0 <= place < len(self.numbers) else self.expansion.zero

    def append(self, number: Any) -> None:
        """Add the next coefficient."""
        assert self.first is not None
        if number:
            self.support.append(self.first + len(self.numbers))
            self.numbers.append(number)
        elif self.numbers:
            self.numbers.append(number)
        else:
            self.first += 1

    def needs(self) -> Iterable[tuple[Series, float]]:
        """Yield series, each with the exponent up to which it must be known, before the next `step`."""
        return ()

    def step(self) -> None:
        """Begin the series, or add the next coefficient."""
        raise NotImplementedError


class _Growing(Series):
    __slots__ = ()

    def __init__(self, expansion: Expansion, node: Node, operands: Iterable[Series]) -> None:
        super().__init__(expansion, node, moves=any(operand.moves for operand in operands))
        self.first = None
        self.is_finished = False

    @property
    def next(self) -> int:
        """The exponent of the next coefficient."""
        assert self.first is not None
        return self.first + len(self.numbers)


class _Undefined(_Growing):
    """A constant without a value, which is an error only if another series needs it."""

    __slots__ = ()

    def needs(self) -> Iterable[tuple[Series, float]]:
        """Raise the error for a missing value."""
        raise Singular(self.node, "no_value")


class _Sum(_Growing):
    """One series plus or minus another one."""

    __slots__ = ("one", "other", "sign")

    def __init__(self, expansion: Expansion, node: Node, one: Series, other: Series, sign: int) -> None:
        super().__init__(expansion, node, (one, other))
        self.one, self.other, self.sign = one, other, sign

    def needs(self) -> Iterable[tuple[Series, float]]:
        """Yield both terms at the same exponent."""
        upto = -math.inf if self.first is None else self.next
        return (self.one, upto), (self.other, upto)

    def step(self) -> None:
        """Add two coefficients."""
        if self.first is None:
            self.first = min(self.one.first or 0, self.other.first or 0)
            return
        one, other = self.one[self.next], self.other[self.next]
        self.append(one + other if self.sign > 0 else one - other)


class _Product(_Growing):
    """The product of two series."""

    __slots__ = ("one", "other")

    def __init__(self, expansion: Expansion, node: Node, one: Series, other: Series) -> None:
        super().__init__(expansion, node, (one, other))
        self.one, self.other = one, other

    def needs(self) -> Iterable[tuple[Series, float]]:
        """Yield both factors, each with the highest exponent that contributes to the next coefficient."""
        if self.first is None:
            yield self.one, -math.inf
            yield self.other, -math.inf
            return
        yield self.one, self.next - (self.other.first or 0)
        yield self.other, self.next - (self.one.first or 0)

    def step(self) -> None:
        """Add up the products of coefficients whose exponents have the right sum."""
        if self.first is None:
            self.first = (self.one.first or 0) + (self.other.first or 0)
            return
        place, one, other = self.next, self.one, self.other
        if one is other:  # each product but the middle one occurs twice
            half = [exponent for exponent in one.support if 2 * exponent <= place]
            pairs = [(one[exponent] * (1 + (2 * exponent < place)), one[place - exponent]) for exponent in half]
        else:
            if len(other.support) < len(one.support):
                one, other = other, one
            pairs = [(one[exponent], other[place - exponent]) for exponent in one.support]
        self.append(self.expansion.dot(pairs))


class _Quotient(_Growing):
    """The quotient of two series; a divisor that is 0 at the point gives negative powers."""

    __slots__ = ("above", "below", "lowest")

    def __init__(self, expansion: Expansion, node: Node, above: Series, below: Series) -> None:
        super().__init__(expansion, node, (above, below))
        self.above, self.below = above, below
        self.lowest = 0

    def needs(self) -> Iterable[tuple[Series, float]]:
        """Yield the divisor up to its first coefficient that isn't 0, and then both operands as far as needed."""
        if self.first is None:
            yield self.above, -math.inf
            yield self.below, -math.inf
            while not self.below.support:
                if self.below.end > self.expansion.order + _SEARCHED:
                    raise Singular(self.node, "no_value")
                yield self.below, self.below.end
            return
        yield self.above, self.next + self.lowest
        yield self.below, self.lowest + len(self.numbers)

    def step(self) -> None:
        """Divide by the first coefficient of the divisor."""
        if self.first is None:
            self.lowest = self.below.support[0]
            if self.expansion.arithmetic.is_zero(self.below[self.lowest]):
                raise Undecided
            self.first = (self.above.first or 0) - self.lowest
            return
        place = self.next + self.lowest
        pairs = [(self.below[exponent], self[place - exponent]) for exponent in self.below.support[1:]]
        self.append((self.above[place] - self.expansion.dot(pairs)) / self.below[self.lowest])


class _Operation(_Growing):
    """Any other operation.

    Attributes:
        operands: the series of its operands.
        same: another series that this one is equal to, such as the branch of a choice; else None.
        partials: the operands that depend on the variable, each with the series of the partial derivative.
    """

    __slots__ = ("operands", "partials", "same")

    def __init__(self, expansion: Expansion, node: Node, operands: Sequence[Series]) -> None:
        super().__init__(expansion, node, operands)
        self.operands = operands
        self.same: Series | None = None
        self.partials: list[tuple[Series, Series]] | None = None

    @property
    def primitive(self) -> Primitive:
        """The function."""
        assert isinstance(self.node.primitive, Primitive)
        return self.node.primitive

    def needs(self) -> Iterable[tuple[Series, float]]:
        """Yield what the value at the point needs, and after that what the sum for the next coefficient needs."""
        if self.same is not None:
            yield self.same, -math.inf if self.first is None else self.next
        elif self.first is None:
            if self.primitive is f.guard:
                return
            chosen = self.primitive.condition if self.primitive.chosen else range(len(self.operands))
            for place in chosen:
                yield self.operands[place], 0
        else:
            place = self.next
            for operand, partial in self.partials or ():
                yield operand, place
                yield partial, place - max(1, operand.first or 0)

    def step(self) -> None:
        """Find the value and the rule of the operation at the point, or add the next coefficient."""
        if self.same is not None:
            if self.first is None:
                self.first = self.same.first
            else:
                self.append(self.same[self.next])
        elif self.first is None:
            self.expansion.begin(self)
        elif self.partials is None:
            self.expansion.differentiate(self)
        else:
            place = self.next
            pairs = [
                (exponent * operand[exponent], partial[place - exponent])
                for operand, partial in self.partials
                for exponent in operand.support
                if 0 < exponent <= place
            ]
            self.append(self.expansion.dot(pairs) / place)


class _SmoothPower(_Operation):
    """A power without a kink, of a function with a kink: such as abs(x)^2.

    Its operands are the operands of the function, as x is here.
    """

    __slots__ = ("formulas",)

    def __init__(self, expansion: Expansion, node: Node, operands: Sequence[Series], formulas: Sequence[Node]) -> None:
        super().__init__(expansion, node, operands)
        self.formulas = formulas

    def needs(self) -> Iterable[tuple[Series, float]]:
        """Yield the operands, and after that what the sum for the next coefficient needs."""
        return super().needs() if self.first is not None else [(operand, 0) for operand in self.operands]


class Expansion:
    """The series of a formula and of its parts around a point.

    Args:
        arithmetic: the arithmetic of the coefficients.
        root: the formula, on a graph that doesn't fold constants.
        variable: the variable.
        point: the number of the variable around which the series is.
        order: the order up to which coefficients will be needed.
        given: the numbers of other variables.

    Attributes:
        assumptions: the conditions of edge points that were assumed not to hold, because they depend on symbols.

    >>> from gradcli.graph.float_numbers import FloatNumbers
    >>> graph = Graph(folds=False)
    >>> x = graph.variable("x")
    >>> Expansion(FloatNumbers(graph), f.exp(x) / (1.0 - x), x, 0.0, 3).coefficients()
    [1.0, 2.0, 2.5, 2.6666666666666665]
    """

    def __init__(
        self,
        arithmetic: Arithmetic,
        root: Node,
        variable: Node,
        point: Any,
        order: int,
        given: Mapping[Node, Any] = MappingProxyType({}),
    ) -> None:
        self.arithmetic = arithmetic
        self.graph: Graph = root.graph
        self.order = order
        self.assumptions: list[Node] = []
        self.zero = 0 * arithmetic.leaf(self.graph.constant(1.0))
        one = 1 + self.zero
        self._series: dict[Node, Series] = {
            variable: Series(self, variable, [point, one], moves=True),
            **{node: Series(self, node, [number]) for node, number in given.items()},
        }
        #: Node of a rule -> node of the formula to which the rule was applied.
        self._origins: dict[Node, Node] = {}
        self.root = self.series(root)

    def coefficients(self) -> list[Any]:
        """Return the coefficients of the formula.

        Raises:
            Singular: there is no power series at the point.
            Undecided: this is not known.
        """
        self.require(self.root, self.order)
        self._refuse_negative_powers(self.root)
        return [self.root[exponent] for exponent in range(self.order + 1)]

    def dot(self, pairs: Iterable[tuple[Any, Any]]) -> Any:
        """Return the sum of products of coefficients."""
        found = [(one, other) for one, other in pairs if one and other]
        return self.arithmetic.dot(found) if found else self.zero

    def require(self, series: Series, upto: float) -> None:
        """Compute the coefficients of a series up to an exponent."""
        stack = [(series, upto)]
        pending = {id(series)}
        try:
            while stack:
                series, upto = stack[-1]
                if series.first is not None and series.end > upto:
                    stack.pop()
                    pending.discard(id(series))
                    continue
                for needed, until in series.needs():
                    if needed.first is None or needed.end <= until:
                        if id(needed) in pending:
                            raise Undecided
                        pending.add(id(needed))
                        stack.append((needed, until))
                        break
                else:
                    series.step()
        except Singular as found:
            raise Singular(self.origin(found.node), found.kind) from None

    def origin(self, node: Node) -> Node:
        """Return the node of the formula from which a node was made."""
        while node in self._origins:
            node = self._origins[node]
        return node

    # The series of nodes

    def series(self, root: Node) -> Series:
        """Return the series of a node, which may have no coefficient yet."""
        known = self._series
        for node in toposort([root], lambda node: () if node in known else node.operands):
            if node not in known:
                known[node] = self._made(node, [known[operand] for operand in node.operands])
        return known[root]

    def _made(self, node: Node, operands: Sequence[Series]) -> Series:
        primitive = node.primitive
        if primitive is None:
            try:
                return Series(self, node, [self.arithmetic.leaf(node)])
            except NoValue:
                return _Undefined(self, node, ())
        is_finite = all(operand.node.constant is None or math.isfinite(operand.node.constant) for operand in operands)
        if is_finite and any(operand.moves for operand in operands):
            smooth = smooth_partials(node)
            if smooth is not None:
                inside, partials = smooth
                return _SmoothPower(self, node, [self._series[operand] for operand in inside], partials)
            if primitive in (f.add, f.sub):
                return _Sum(self, node, operands[0], operands[1], 1 if primitive is f.add else -1)
            if primitive is f.neg:
                return _Sum(self, node, Series(self, node), operands[0], -1)
            if primitive is f.mul:
                return _Product(self, node, *operands)
            if primitive is f.square:
                return _Product(self, node, *operands, *operands)
            if primitive is f.div:
                return _Quotient(self, node, *operands)
        return _Operation(self, node, operands)

    def _refuse_negative_powers(self, series: Series) -> None:
        if series.support and series.support[0] < 0:
            while isinstance(series, _Sum):
                terms = (series.one, series.other)
                series = next(term for term in terms if term.support and term.support[0] < 0)
            raise Singular(series.node, "pole")

    def begin(self, operation: _Operation) -> None:
        """Find out what an operation is at the point: its value there, or another series that it is equal to."""
        primitive, node, operands = operation.primitive, operation.node, operation.operands
        if primitive is f.guard:  # the number at an isolated point says nothing about the series
            operation.same = operands[0]
            return
        is_smooth = isinstance(operation, _SmoothPower)
        if primitive is f.pow and operation.moves and not is_smooth and self._has_product(operands):
            operation.same = self.series(self._as_product(node, int(float(operands[1][0]))))
            return
        for operand in operands:
            self._refuse_negative_powers(operand)
        if is_smooth:
            inputs = {operand.node: operand[0] for operand in operands}
            operation.first = 0
            operation.append(evaluated(self.arithmetic, node, inputs))
            return
        if primitive.chosen:
            [condition] = primitive.condition
            self._refuse_switch(operation, [operands[condition]])
            holds = self.arithmetic.is_true(operands[condition][0])
            operation.same = operands[primitive.chosen[0 if holds else 1]]
            return
        if primitive.transparent and primitive.expands is None:
            operation.same = operands[0]
            return
        values = [operand[0] for operand in operands]
        if operation.moves:
            if primitive is f.pow and self.arithmetic.is_zero(values[0]):
                raise Singular(node, "end")
            if primitive.is_truth:
                if not (node.operands[0] is node.operands[-1] and len(operands) > 1):
                    self._refuse_switch(operation, operands)
            else:
                edge = self._edge(operation, values)
                if edge is not None:
                    if primitive.quotient is not None:
                        operation.same = self._quotient(operation)
                        return
                    raise Singular(node, edge.kind)
        try:
            value = self.arithmetic.apply(primitive, values)
        except NoValue:
            if primitive.quotient is not None and operation.moves:
                operation.same = self._quotient(operation)
                return
            raise Singular(node, "no_value") from None
        operation.first = 0
        operation.is_finished = not operation.moves or primitive.is_truth or primitive.is_locally_constant
        operation.append(value)

    def _refuse_switch(self, operation: _Operation, operands: Sequence[Series]) -> None:
        """Raise an error if a condition changes at the point.

        A comparison changes where its two numbers are equal, and a number as a condition changes where it crosses 0.
        """
        if not any(operand.moves for operand in operands):
            return
        rule_of = self._origins.get(operation.node)
        if rule_of is not None and getattr(rule_of.primitive, "active", None) is not None:
            return  # the rule of max compares each operand with the result; ties are edges of max itself
        if operation.primitive.condition:
            numbers = [one[0] for one in operands if one.moves and not getattr(one.node.primitive, "is_truth", False)]
        else:
            numbers = [operands[0][0] - operands[1][0]]
        if any(map(self.arithmetic.is_zero, numbers)):
            raise Singular(operation.node, "jump")

    def _has_product(self, operands: Sequence[Series]) -> bool:
        """Whether a power is a product: its exponent is a small integer, or any integer if the base is 0 here."""
        base, exponent = operands
        if exponent.moves:
            return False
        try:
            number = float(exponent[0])
        except (TypeError, OverflowError):
            return False
        return number.is_integer() and (abs(number) <= _PRODUCTS or not base[0] or base.first != 0)

    def _as_product(self, node: Node, exponent: int) -> Node:
        """Return an integer power as products, by squaring."""
        graph, base = node.graph, node.operands[0]
        result: Node | None = None
        for digit in bin(abs(exponent))[2:]:
            result = None if result is None else graph.add(f.mul, (result, result))
            if digit == "1":
                result = base if result is None else graph.add(f.mul, (result, base))
        found = graph.constant(1.0) if result is None else result
        if exponent < 0:
            found = graph.add(f.div, (graph.constant(1.0), found))
        self._trace(found, node)
        return found

    def _quotient(self, operation: _Operation) -> Series:
        """Return the series of a function that the registry writes as a quotient, as tan(x) = sin(x)/cos(x)."""
        formula = operation.node.graph.lift(operation.primitive.quotient(*operation.node.operands))  # type: ignore[misc]
        self._trace(formula, operation.node)
        return self.series(formula)

    def _edge(self, operation: _Operation, values: Sequence[Any]) -> Edge | None:
        """Return the edge of a function on which its operands are; None if they are on none."""
        primitive = operation.primitive
        if not primitive.edges:
            return None
        rule = traced_rule(primitive, len(values))
        inputs = dict(zip(rule.inputs, values, strict=False))
        for traced in rule.edges:
            toward = [name in traced.edge.toward for name in primitive.operands] or [True]
            moving = [operand.moves for operand in operation.operands]
            if traced.edge.toward and not any(map(lambda one, other: one and other, toward, moving)):
                continue
            try:
                number = evaluated(self.arithmetic, traced.condition, inputs)
                holds = self.arithmetic.is_true(number)
            except Undecided:
                replaced = dict(zip(rule.inputs, map(self.arithmetic.node, values), strict=False))
                self.assumptions.append(copied(traced.condition, replaced, self.graph))
                continue
            if holds:
                return traced.edge
        return None

    # Derivatives

    def differentiate(self, operation: _Operation) -> None:
        """Give an operation the series of its partial derivatives."""
        node, primitive, graph = operation.node, operation.primitive, self.graph
        if isinstance(operation, _SmoothPower):
            partials = operation.formulas
        elif primitive is f.pow:
            base, exponent = node.operands
            partials = [graph.lift(exponent * node / base), graph.lift(node * f.log(base))]
        else:
            partials = self._rule(operation)
        operation.partials = []
        for place, (operand, partial) in enumerate(zip(operation.operands, partials, strict=True)):
            if operand.moves and not self._is_idle(operation, place):
                if partial not in self._series:
                    self._trace(partial, node)
                operation.partials.append((operand, self.series(partial)))

    def _is_idle(self, operation: _Operation, place: int) -> bool:
        """Whether an operand contributes nothing to the derivative: it is static, or max, say, selects another one."""
        if isinstance(operation, _SmoothPower) or operation.primitive.active is None:
            return place < len(operation.primitive.static)
        rule = traced_rule(operation.primitive, len(operation.operands))
        if place in rule.conditions:
            return True
        condition = rule.selected[place]
        if condition is None:
            return False
        inputs = dict(zip(rule.inputs, [*[operand[0] for operand in operation.operands], operation[0]], strict=True))
        return not self.arithmetic.is_true(evaluated(self.arithmetic, condition, inputs))

    def _rule(self, operation: _Operation) -> Sequence[Node]:
        """Return the partial derivatives of an operation as nodes.

        Their formulas are those of `readable_rule`, which call few different functions.  The derivative of a function
        of a family, such as polygamma, is the next function of the family.  The same holds for sinc at 0, where the
        formula of `readable_rule` would need a guard.
        """
        primitive, count = operation.primitive, len(operation.operands)
        rule = traced_rule(primitive, count)
        inputs, partials = rule.inputs, rule.partials
        if not primitive.static and (self.arithmetic.is_exact or not any(map(_keeps_digits, toposort(partials)))):
            names, formulas = readable_rule(primitive, count)
            if not self._is_guarded(operation, names, formulas):
                inputs, partials = names, formulas
        replaced = dict(zip(inputs, [*operation.node.operands, operation.node], strict=True))
        return [copied(partial, replaced, self.graph) for partial in partials]

    def _is_guarded(self, operation: _Operation, inputs: Sequence[Node], formulas: Sequence[Node]) -> bool:
        """Whether formulas of an operation need a guard: they have no value at the point, or lose digits nearby."""
        values = dict(zip(inputs, [*[operand[0] for operand in operation.operands], operation[0]], strict=True))
        for node in toposort(formulas):
            if node.primitive is f.guard:
                if not self.arithmetic.is_exact:
                    return True
                condition = node.operands[1]
                try:
                    if self.arithmetic.is_true(evaluated(self.arithmetic, condition, values)):
                        return True
                except Undecided:
                    continue
        return False

    def _trace(self, made: Node, origin: Node) -> None:
        """Record that new nodes were made from ``origin``."""
        for node in toposort([made], lambda node: () if self._is_known(node) else node.operands):
            if not self._is_known(node) and node is not origin:
                self._origins[node] = origin

    def _is_known(self, node: Node) -> bool:
        return node in self._series or node in self._origins


def _keeps_digits(node: Node) -> bool:
    """Whether an operation keeps digits that its formula for readers loses."""
    return isinstance(node.primitive, Primitive) and node.primitive.keeps_digits
