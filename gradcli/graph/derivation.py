"""A derivative found line by line, by the rules of calculus: the sum rule, the product rule, the chain rule ...

Each line is an equation of two formulas.  In a formula, a derivative that remains to be taken is an operation `DIFF`,
which prints as ``diff(x^2, x)``; so both sides are formulas of the language.  A rule turns ``diff(x*sin(x), x)`` into
``diff(x, x)*sin(x) + x*diff(sin(x), x)``.  The derivatives that remain are taken in lines one level deeper, and are
then inserted.  `gradcli.graph.moves` finds the lines from there to the formula that ``gradcli diff`` prints.

Which rule applies to an operation follows from its declaration.  The walk is a loop over a stack of generators.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, TypeAlias

from gradcli import limits
from gradcli.graph.formula import agree, decimals, derivative_formula
from gradcli.graph.graph import Graph, Node, paused_collector, readable, substitute, toposort
from gradcli.graph.layout import Layout
from gradcli.graph.moves import simplification
from gradcli.graph.normal_form import Ring
from gradcli.graph.polynomials import scaled
from gradcli.graph.rule import differentiable_operands, local_partials
from gradcli.graph.shortest import generic_points, value_at
from gradcli.graph.signed import ONE, Term, flattened, product_node, signed_terms, sum_node
from gradcli.graph.simplify import simplify
from gradcli.graph.symbols import Unfit
from gradcli.primitives import REGISTRY, ArrayFunction, Primitive
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = ["DIFF", "Step", "copied", "derivation"]

#: A derivative that remains to be taken: of the first operand, by the variable that is the second one.
DIFF: Final = ArrayFunction(
    signature="diff(formula, variable)",
    about="A derivative that remains to be taken.",
    options=None,
    infix=None,
    example=None,
    edges=(),
    internal=False,
    is_locally_constant=False,
)

_INSERT: Final = ("insert the derivative", "insert the derivatives")
#: Within others, a derivative is simplified if this makes it shorter than this part of its length.
_SHORTER: Final = 0.75


class Step(NamedTuple):
    """One line of a derivation: an equation.

    Attributes:
        rules: the names of the rules that the line applies.
        before: the left side; for a rule of calculus it is a derivative that remains to be taken.
        after: the right side.
        depth: 0 for the derivative of the whole function, 1 for a derivative that occurs in it, and so on.
    """

    rules: tuple[str, ...]
    before: Node
    after: Node
    depth: int

    @property
    def rule(self) -> str:
        """The names of the rules as one text."""
        return ", ".join(self.rules)

    @property
    def differentiates(self) -> bool:
        """Whether the rules are rules of calculus; the other lines are algebra."""
        return self.before.primitive is DIFF


class _Applied(NamedTuple):
    """The result of applying rules: their names, and the formula that they give, a constant factor times a sum."""

    names: tuple[str, ...]
    outer: Term
    terms: tuple[Term, ...]


_Walk: TypeAlias = "Generator[Node, None, None]"


@paused_collector()
def derivation(
    root: Node, target: Node, formulas: Sequence[Node], length: Callable[[Node], int], *, every: bool = False
) -> list[Step]:
    """Return the lines by which a derivative is found.

    A derivative of higher order is found by one derivation after another, each of which begins with the formula at the
    end of the one before.

    Args:
        root: the function.
        target: the variable.
        formulas: the derivatives of order 1, 2 and so on; the last line for each order ends with its formula.
        length: a function that returns the length of a formula's text.
        every: whether each rule has a line of its own, also those of elementary derivatives such as 2*x for x^2.

    Raises:
        LimitError: a formula is too long to be differentiated in steps, or there are too many lines.

    >>> from gradcli import parse
    >>> from gradcli.graph.formula import derivative_formula
    >>> from gradcli.printing.text import text_length, to_text
    >>> root = parse("x^2*sin(x)").root
    >>> x = root.graph.variable("x")
    >>> for step in derivation(root, x, [derivative_formula(root, x, 1, text_length).root], text_length):
    ...     print(f"{step.rule}: {to_text(step.before)} = {to_text(step.after)}")
    product rule: diff(x^2*sin(x), x) = diff(x^2, x)*sin(x) + x^2*diff(sin(x), x)
    power rule: diff(x^2, x) = 2*x
    derivative of sin: diff(sin(x), x) = cos(x)
    insert the derivatives: diff(x^2, x)*sin(x) + x^2*diff(sin(x), x) = 2*x*sin(x) + x^2*cos(x)
    take out the common factor: 2*x*sin(x) + x^2*cos(x) = x*(x*cos(x) + 2*sin(x))
    """
    worker = _Derivation(root, target, length, every)
    for function, found in zip([root, *formulas], formulas, strict=False):
        worker.derive(function, found)
    return worker.steps


def copied(root: Node, graph: Graph) -> Node:
    """Return a formula in another graph, in functions that users know; a second copy of a formula is the same node."""
    root = readable(root)
    image: dict[Node, Node] = {}
    for node in toposort([root]):
        if node.primitive is not None:
            image[node] = graph.add(node.primitive, [image[operand] for operand in node.operands])
        elif node.constant is None:
            image[node] = graph.variable(node.name or "")
        else:
            image[node] = graph.constant(node.constant, node.name)
    return image[root]


class _Derivation:
    """The lines of a derivation.

    Attributes:
        steps: the lines so far.
        graph: the graph of all their formulas, which doesn't compute numbers such as 2/3 and log(2).
        target: the variable.
    """

    def __init__(self, root: Node, target: Node, length: Callable[[Node], int], every: bool) -> None:
        self.steps: list[Step] = []
        self.graph = Graph(folds=False)
        self._copied(root)
        self.target = self.graph.variable(target.name or "")
        self.length = length
        self.every = every
        self.typed = decimals(toposort([root]))
        #: Formula -> its derivative, once it is found.
        self.known: dict[Node, Node] = {}
        self._moving: dict[Node, bool] = {}
        self._stand_ins: dict[Node, Node] = {}

    def _new_ring(self, target: Node, *, keeps_others: bool = True) -> Ring:
        ring = Ring(target, keeps_others=keeps_others, typed=self.typed)
        ring.has_decimals = bool(self.typed)
        return ring

    # The walk

    def derive(self, root: Node, found: Node) -> None:
        """Add the lines from a function to the formula of its derivative."""
        self._refuse_large(root)
        root, found = self._copied(root), self._copied(found)
        self.ring = self._new_ring(self.target)
        with suppress(Unfit):
            # Products are written in the order that they have in the last formula.
            self.ring.read(root)
            self.ring.read(found)
        self.layout = Layout(self.ring, self.graph)
        stack: list[_Walk] = [self._lines(root, 0, found)]
        while stack:
            wanted = next(stack[-1], None)
            if wanted is None:
                stack.pop()
            else:
                stack.append(self._lines(wanted, len(stack)))

    def _refuse_large(self, root: Node) -> None:
        size: dict[Node, int] = {}
        for node in toposort([root]):
            size[node] = min(1 + sum([size[operand] for operand in node.operands]), limits.DERIVED_OPERATIONS + 1)
        if size[root] > limits.DERIVED_OPERATIONS:
            message = (
                f"a formula of more than {limits.DERIVED_OPERATIONS:,} operations is too long to be derived in steps"
            )
            raise limits.refusal("DERIVED_OPERATIONS", message)

    def _copied(self, root: Node) -> Node:
        return copied(root, self.graph)

    def _lines(self, node: Node, depth: int, found: Node | None = None) -> _Walk:
        """Add the lines of one derivative, and yield the functions whose derivatives are needed first."""
        if self._is_elementary(node, depth):
            names, result = self._at_once(node)
            self._add(names, self._diff(node), result, depth)
        else:
            applied = self._applied(node)
            formula = self._formula(applied)
            inverted = self._by_inverse(node) if self.every else None
            if inverted is None:
                self._add(applied.names, self._diff(node), formula, depth)
            else:
                self._add((*applied.names[:-1], "inverse function"), self._diff(node), inverted, depth)
                self._add((f"write without {getattr(node.primitive, 'name', '')}",), inverted, formula, depth)
            pending = _pending(formula)
            for part in pending:
                if part not in self.known and not self.every and self._is_linear(part):
                    self.known[part] = self._at_once(part)[1]
                elif part not in self.known:
                    yield part
            derivatives = {self._diff(part): self.known[part] for part in pending}
            result = self._inserted(applied, derivatives)
            word = _INSERT[len(pending) > 1]
            if self.every and pending:
                plain = substitute(formula, derivatives, exactly=True)
                self._add((word,), formula, plain, depth)
                formula = plain
            self._add(("multiply and order" if self.every else word,), formula, result, depth)
        self.known[node] = self._simplified(node, result, depth, found)

    def _simplified(self, node: Node, result: Node, depth: int, found: Node | None) -> Node:
        """Add the lines that simplify a derivative, and return its last formula.

        A derivative that other derivatives need is simplified only if it becomes much shorter and has no new functions.
        """
        if found is None:
            _, above, below = flattened(Term(1, (result,)))
            if not any(one.primitive in (f.add, f.sub) for one in (*above, *below)):
                return result
            found = self._copied(derivative_formula(node, self.target, 1, self.length).root)
            is_shorter = self.length(found) < _SHORTER * self.length(result)
            if (
                not is_shorter
                or not _functions(found) <= _functions(result)
                or not decimals(toposort([found])) <= self.typed
            ):
                return result
        variables = [one for one in toposort([found]) if one.is_variable]
        values = [(at, value_at(found, at)) for at in generic_points(variables)]

        def is_equal(formula: Node) -> bool:
            return all(agree(value_at(formula, at), value) for at, value in values if math.isfinite(value))

        for word, formula in simplification(self.ring, self.graph, result, found, self.length, is_equal):
            if word:
                self._add((word,), result, formula, depth)
            else:
                self.steps[-1] = self.steps[-1]._replace(after=formula)
            result = formula
        return result

    def _add(self, rules: Iterable[str], before: Node, after: Node, depth: int) -> None:
        """Add a line, unless both sides are the same."""
        if before is not after:
            if len(self.steps) >= limits.STEPS:
                raise limits.refusal("STEPS", f"the derivation has more than {limits.STEPS:,} lines")
            self.steps.append(Step(tuple(rules), before, after, depth))

    # What a formula is

    def _moves(self, node: Node) -> bool:
        """Whether a formula depends on the variable, and not only through functions that are locally constant."""
        known = self._moving
        if node not in known:
            for one in toposort([node], lambda node: () if node in known else node.operands):
                if one not in known:
                    known[one] = one is self.target or any(known[one.operands[i]] for i in differentiable_operands(one))
        return known[node]

    def _has_target(self, node: Node) -> bool:
        return any(one is self.target for one in toposort([node]))

    def _split(self, term: Term) -> tuple[Term, Node | None]:
        """Return the constant factors of a product, and the product of its other factors; None if it has no others."""
        found = flattened(term)
        constants, moving = [
            Term(1, *[tuple([one for one in side if self._moves(one) is moves]) for side in found[1:]])
            for moves in (False, True)
        ]
        constants = constants._replace(sign=found.sign)
        if not moving.above and not moving.below:
            return constants, None
        is_whole = constants == ONE and len(term.above) == 1 and not term.below
        return constants, term.above[0] if is_whole else self._node(moving)

    def _parts(self, node: Node) -> list[tuple[Term, Node]]:
        """Return the terms of a sum that depend on the variable: the constant factors of each, and the rest."""
        found: list[tuple[Term, Node]] = []
        stack = [Term(1, (node,))]
        while stack:
            constants, core = self._split(stack.pop())
            if core is not None and core.primitive in (f.add, f.sub):
                for sign, one in reversed(signed_terms(core, constants.sign)):
                    stack.append(Term(sign, (*constants.above, one), constants.below))
            elif core is not None:
                found.append((constants, core))
        return found

    def _is_linear(self, node: Node) -> bool:
        """Whether a formula is plainly linear in the variable."""
        return all(core is self.target for _, core in self._parts(node))

    def _is_elementary(self, node: Node, depth: int) -> bool:
        """Whether the derivative of a formula is found in one line.

        This is so for functions and powers of the variable, and for their sums.  Within another derivative, it is also
        so for functions of linear functions, such as sin(2*x + 1).
        """
        if self.every:
            return node is self.target or not self._moves(node)
        inners = [core if core is self.target else self._inner(core) for _, core in self._parts(node)]
        return all(
            inner is not None and (inner is self.target or (depth > 0 and self._is_linear(inner))) for inner in inners
        )

    def _inner(self, core: Node) -> Node | None:
        """Return the formula u if a formula is one function of u or one power of u; None for all other formulas."""
        primitive, operands = core.primitive, core.operands
        if primitive is f.div and not self._moves(operands[0]):
            base = self._base(operands[1])
            return operands[1] if base is None else base
        if primitive in _ARITHMETIC or not isinstance(primitive, Primitive) or primitive.active is not None:
            return None
        places = [i for i in differentiable_operands(core) if self._moves(operands[i])]
        is_power = primitive is f.pow and len(places) == 2
        return operands[places[0]] if len({operands[i] for i in places}) == 1 and not is_power else None

    def _base(self, node: Node) -> Node | None:
        """Return the base of a power with a constant exponent, or the operand of a root."""
        primitive, operands = node.primitive, node.operands
        is_power = primitive is f.pow and not self._moves(operands[1])
        return operands[0] if is_power or primitive is f.square or primitive is f.sqrt else None

    # Rules

    def _diff(self, node: Node) -> Node:
        return self.graph.add(DIFF, (node, self.target))

    def _names(self, core: Node, inner: Node) -> tuple[str, ...]:
        """Return the names of the rules for a function or a power of one formula."""
        primitive, operands = core.primitive, core.operands
        assert primitive is not None
        if primitive is f.div:
            if operands[1] is not self.target and self._base(operands[1]) is None:
                return ("reciprocal rule",)
            name = "power rule"
        elif primitive is f.pow:
            name = "exponential rule" if self._moves(operands[1]) else "power rule"
        elif primitive is f.exp or primitive is f.log:
            name = "exponential rule" if primitive is f.exp else "logarithm rule"
        else:
            name = f"derivative of {primitive.name}"
        return (name,) if inner is self.target else ("chain rule", name)

    def _at_once(self, node: Node) -> tuple[list[str], Node]:
        """Return the names of the rules of an elementary derivative, and the derivative itself."""
        parts = self._parts(node)
        if not parts:
            return ["locally constant" if self._has_target(node) else "constant rule"], self.graph.constant(0.0)
        if node is self.target:
            return ["derivative of the variable"], self.graph.constant(1.0)
        names: dict[str, None] = {}
        terms: list[tuple[int, Node]] = []
        for constants, core in parts:
            factors: list[Node] = []
            inner = self._inner(core)
            if inner is not None:
                names.update(dict.fromkeys(self._names(core, inner)))
                factors.append(self._slope(core, inner))
                if inner is not self.target:
                    factors.append(self._at_once(inner)[1])
            terms += self._tidied(Term(constants.sign, (*constants.above, *factors), constants.below))
        factors = [one for constants, _ in parts for one in (*constants.above, *constants.below)]
        factor = f"{'locally ' if any(map(self._has_target, factors)) else ''}constant factor"
        if not names:
            names[factor if factor.startswith("locally") else "derivative of a linear function"] = None
        elif node.primitive in (f.add, f.sub):
            names = {"sum rule": None, **names}
        elif parts[0][0] != ONE:
            names = {factor: None, **names}
        return [*names], self._total(terms)

    def _applied(self, node: Node) -> _Applied:
        """Apply the rule of an operation; constant factors stay in front."""
        constants, core = self._split(Term(1, (node,)))
        assert core is not None
        if constants == ONE:
            return self._rule(core)
        is_local = any(map(self._has_target, (*constants.above, *constants.below)))
        name = "locally constant factor" if is_local else "constant factor"
        if self.every:
            return _Applied((name,), constants, (Term(1, (self._diff(core),)),))
        found = self._rule(core)
        outer = Term(constants.sign, (*constants.above, *found.outer.above), (*constants.below, *found.outer.below))
        return _Applied((name, *found.names), outer, found.terms)

    def _rule(self, core: Node) -> _Applied:
        """Apply the rule of a sum, a product, a quotient, a power or a function without constant factors."""
        primitive, operands = core.primitive, core.operands
        if primitive in (f.add, f.sub):
            terms = [Term(sign, (self._diff(one),)) for sign, one in signed_terms(core)]
            return _Applied(("sum rule",), ONE, tuple(terms))
        inner = self._inner(core)
        if inner is not None:
            factors = (self._slope(core, inner), *(() if inner is self.target else (self._diff(inner),)))
            return _Applied(self._names(core, inner), ONE, (Term(1, factors),))
        _, above, below = flattened(Term(1, (core,)))
        if below:
            u, v = self._node(Term(1, above)), self._node(Term(1, below))
            terms = [Term(1, (self._diff(u), v)), Term(-1, (u, self._diff(v)))]
            square = self.graph.add(f.pow, (v, self.graph.constant(2.0)))
            return _Applied(("quotient rule",), Term(1, (), (square,)), tuple(terms))
        if len(above) > 1:
            changed = [(*above[:i], self._diff(one), *above[i + 1 :]) for i, one in enumerate(above)]
            return _Applied(("product rule",), ONE, tuple([Term(1, factors) for factors in changed]))
        if primitive is f.pow:
            exponent = self._node(Term(1, (operands[1], self.graph.add(f.log, (operands[0],)))))
            return _Applied(("logarithmic differentiation",), ONE, (Term(1, (core, self._diff(exponent))),))
        assert isinstance(primitive, Primitive)
        if primitive.chosen:
            branches = {operands[i]: self._diff(operands[i]) for i in primitive.chosen}
            chosen = self.graph.add(primitive, [branches.get(operand, operand) for operand in operands])
            return _Applied(("case by case",), ONE, (Term(1, (chosen,)),))
        name = f"derivative of {primitive.name}"
        if primitive.active is not None:
            return _Applied((name,), ONE, tuple([Term(sign, (one,)) for sign, one in self._selected(core)]))
        moving = dict.fromkeys([operands[i] for i in differentiable_operands(core) if self._moves(operands[i])])
        terms = [Term(1, (self._slope(core, operand), self._diff(operand))) for operand in moving]
        return _Applied(("chain rule", name), ONE, tuple(terms))

    def _by_inverse(self, node: Node) -> Node | None:
        """Return the derivative of an inverse function by the rule for such functions: 1/cos(asin(x)) for asin(x)."""
        primitive, inner = node.primitive, self._inner(node)
        inverse = getattr(primitive, "inverse", None)
        if inverse is None or inner is None:
            return None
        slope = self._slope(self.graph.add(REGISTRY[inverse], (node,)), node)
        return self._node(Term(1, () if inner is self.target else (self._diff(inner),), (slope,)))

    def _slope(self, core: Node, inner: Node) -> Node:
        """Return the derivative of a function of ``inner`` with respect to it, by the rule of its declaration."""
        stand_in = self.graph.fresh_variable("u")
        replaced = substitute(core, {inner: stand_in}, exactly=True)
        try:
            ring = self._new_ring(stand_in, keeps_others=getattr(core.primitive, "in_powers", None) is not None)
            found = Layout(ring, self.graph).node(ring.derivative(ring.read(replaced)))
        except Unfit:
            partials, _ = local_partials(replaced, guarded=False)
            moving = [i for i, operand in enumerate(replaced.operands) if operand is stand_in]
            found = readable(self._total([(1, partials[i]) for i in moving]), with_guards=True)
            guards = {one: one.operands[0] for one in toposort([found]) if one.primitive is f.guard}
            found = self._total(self._tidied(Term(1, (substitute(found, guards),))))
        return substitute(found, {stand_in: inner}, exactly=True)

    def _selected(self, core: Node) -> list[tuple[int, Node]]:
        """Return the terms of the derivative of a function that selects among its operands."""
        moving = dict.fromkeys(
            [core.operands[i] for i in differentiable_operands(core) if self._moves(core.operands[i])]
        )
        inputs = {operand: self.graph.fresh_variable("u") for operand in moving}
        slopes = {operand: self.graph.fresh_variable("v") for operand in moving}
        assert core.primitive is not None
        replaced = self.graph.add(core.primitive, [inputs.get(operand, operand) for operand in core.operands])
        partials, conditions = local_partials(replaced, guarded=False)
        total: Any = self.graph.constant(0.0)
        for operand, partial, condition in zip(core.operands, partials, conditions, strict=True):
            if operand in moving:
                term = partial * slopes[operand]
                total = total + (term if condition is None else f.where(condition, term, 0.0))
        back = {inputs[one]: one for one in moving} | {slopes[one]: self._diff(one) for one in moving}
        return signed_terms(substitute(simplify(total).root, back, exactly=True))

    # Formulas

    def _formula(self, applied: _Applied) -> Node:
        """Return the result of a rule as one formula."""
        sign, above, below = applied.outer
        if len(applied.terms) == 1:
            [term] = applied.terms
            return self._node(Term(sign * term.sign, (*above, *term.above), (*below, *term.below)))
        flat = [flattened(term) for term in applied.terms]
        total = self._total([(term.sign, self._node(term._replace(sign=1))) for term in flat])
        return self._node(Term(sign, (*above, total), below))

    def _inserted(self, applied: _Applied, derivatives: Mapping[Node, Node]) -> Node:
        """Return the result of a rule, with known derivatives inserted and the factors of each product in order."""
        sign, above, below = applied.outer
        terms = [
            Term(term.sign, tuple([substitute(one, derivatives, exactly=True) for one in term.above]), term.below)
            for term in applied.terms
        ]
        if len(terms) == 1:
            [term] = terms
            return self._total(self._tidied(Term(sign * term.sign, (*above, *term.above), (*below, *term.below))))
        total = [one for term in terms for one in self._tidied(term)]
        if sign < 0 and not above:
            sign, total = 1, [(-side, one) for side, one in total]
        if len(total) < 2:
            total = [(sign * side, one) for side, one in total]
            return self._total([one for side, node in total for one in self._tidied(Term(side, (*above, node), below))])
        divisors = tuple([self._total(self._tidied(Term(1, (one,)))) for one in below])
        return self._node(Term(sign, (*above, self._total(total)), divisors))

    def _tidied(self, term: Term) -> list[tuple[int, Node]]:
        """Return a product with its factors in order, as a list of terms: usually one, more for a sum, none for 0."""
        root = self._node(term._replace(sign=1))
        if root.primitive in (f.add, f.sub) and term.sign < 0:
            return [(-1, root)]
        if root.primitive in (f.add, f.sub):
            return [one for sign, part in signed_terms(root, term.sign) for one in self._tidied(Term(sign, (part,)))]
        sums = {one: self._stand_in(one) for one in self._sums(root)}
        try:
            form = self.ring.read(substitute(root, sums, exactly=True))
            sign = term.sign
            if len(form) == 1 and min(form.values()) < 0:
                form, sign = scaled(form, -1), -sign
            back = {variable: one for one, variable in sums.items()}
            root = substitute(self.layout.node(form), back, exactly=True)
        except Unfit:
            return [(term.sign, root)]
        return signed_terms(root, sign) if form else []

    def _node(self, term: Term) -> Node:
        return product_node(self.graph, term)

    def _total(self, terms: Sequence[tuple[int, Node]]) -> Node:
        return sum_node(self.graph, terms)

    def _sums(self, root: Node) -> list[Node]:
        """Return the sums in a product that depend on the variable.  They are not opened when factors are ordered."""
        found: dict[Node, None] = {}
        stack = [root]
        while stack:
            node = stack.pop()
            if node.primitive in (f.add, f.sub) and self._moves(node):
                found[node] = None
            else:
                stack += reversed(node.operands)
        return [*found]

    def _stand_in(self, node: Node) -> Node:
        if node not in self._stand_ins:
            self._stand_ins[node] = self.graph.fresh_variable("s")
        return self._stand_ins[node]


_ARITHMETIC: Final = (f.add, f.sub, f.neg, f.mul, f.div)


def _pending(formula: Node) -> list[Node]:
    """Return the functions whose derivatives remain to be taken, in the order of the text."""
    found: dict[Node, None] = {}
    stack = [formula]
    while stack:
        node = stack.pop()
        if node.primitive is DIFF:
            found.setdefault(node.operands[0])
        else:
            stack += reversed(node.operands)
    return list(found)


def _functions(root: Node) -> set[Node]:
    """Return the operations of a formula that are not arithmetic."""
    powers = (f.pow, f.square, f.sqrt)
    return {one for one in toposort([root]) if one.primitive and one.primitive not in (*_ARITHMETIC, *powers)}
