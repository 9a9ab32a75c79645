"""The normal form of a formula: a sum of products of powers with exact coefficients, and its derivative.

A formula becomes a form of `gradcli.graph.polynomials`, whose symbols stand for *kernels*:

* a variable, or a constant with a name;
* a prime number, so that sqrt(8) is 2*sqrt(2);
* ``exp`` of a monomial, whose coefficient is the exponent: exp(-2*x) is the kernel exp(x) to the power -2.  So
  exp(a)*exp(b), a^x and x^x need no identities of their own;
* a *base*: a sum, or a product with a fractional exponent, as in sqrt(x^2 + 1) and in sqrt(x*y);
* any other function of forms.

Equal kernels are one symbol, and a kernel is made after the kernels in it, so no walk needs recursion.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from gradcli import limits
from gradcli.graph.graph import Node, toposort
from gradcli.graph.polynomials import (
    ONE,
    Form,
    Monomial,
    Number,
    added,
    content,
    is_moderate,
    lowest_powers,
    magnitude,
    merged,
    nearest_float,
    raised,
    scaled,
    whole,
)
from gradcli.graph.symbols import (
    BASE,
    CONSTANT,
    EXP,
    FUNCTION,
    PRIME,
    VARIABLE,
    Kernel,
    Unfit,
    exact_constant,
    formula_in_powers,
    is_smooth,
    parity,
    prime_powers,
    readable_rule,
    shortened,
)
from gradcli.primitives import ArrayFunction, Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.exact_constants import EXACT_CONSTANTS

__all__ = ["Ring"]

_EPSILON: Final = 2.0**-52


def _key(form: Form) -> frozenset[tuple[Monomial, Number]]:
    return frozenset(form.items())


class Ring:
    """The kernels of a formula and of its derivatives.

    Attributes:
        target: the variable of the derivative.
        main: the variable by whose powers sums are ordered; by default the first target.
        kernels: the kernels by their symbols.
        has_decimals: whether a decimal was typed, so that decimals may be printed.
        typed: the numbers that were typed, which stay decimals.
        keeps_others: whether functions whose derivative needs a condition are kernels, too.  A form with such a kernel
            can't be differentiated.

    >>> from gradcli import parse
    >>> root = parse("x*(2*x + x)").root
    >>> ring = Ring(root.graph.variable("x"))
    >>> ring.read(root), ring.derivative(ring.read(root))
    ({((0, 2),): 3}, {((0, 1),): 6})
    """

    def __init__(
        self,
        target: Node | None,
        *,
        main: Node | None = None,
        keeps_others: bool = False,
        typed: Collection[float] = (),
    ) -> None:
        self.target = target
        self.main = target if main is None else main
        self.typed = typed
        self.keeps_others = keeps_others
        self.kernels: list[Kernel] = []
        self.has_decimals = False
        self.work = 0
        self._known: dict[Any, int] = {}
        #: The symbols of primes, and of bases that are products: some of their powers have another form.
        self._unsettled: set[int] = set()
        self._slopes: dict[int, Form] = {}
        #: The symbols of all divisors.
        self.divisors: set[int] = set()

    # Kernels

    def enter(self, key: Any, kernel: Kernel) -> int:
        """Return the symbol of a kernel."""
        symbol = self._known.get(key)
        if symbol is not None:
            return symbol
        symbol = self._known[key] = len(self.kernels)
        if len(self.kernels) > limits.FORM_TERMS:
            raise Unfit
        inside = {one for form in kernel.operands for monomial in form for one, _ in monomial}
        kernel.moves = self._moves(kernel)
        kernel.leads = kernel.node is not None and kernel.node is self.main
        kernel.leads = kernel.leads or any(self.kernels[one].leads for one in inside)
        kernel.is_number = kernel.kind != VARIABLE and all(self.kernels[one].is_number for one in inside)
        kernel.is_positive = kernel.kind in (PRIME, EXP)
        self.kernels.append(kernel)
        if kernel.kind == CONSTANT and kernel.node is not None:
            kernel.is_positive = (kernel.node.constant or 0.0) > 0.0
        elif kernel.kind == FUNCTION and kernel.is_number:
            kernel.is_positive = self.values({}, symbol)[symbol][0] > 0.0
        if kernel.kind == PRIME or (kernel.kind == BASE and len(kernel.operands[0]) == 1):
            self._unsettled.add(symbol)
        return symbol

    def leaf(self, node: Node) -> Form:
        """Return a variable or a named constant as a form."""
        if node.is_variable:
            return {((self.enter(node, Kernel(VARIABLE, node=node)), 1),): 1}
        if node.constant == math.e:
            return self.exponential({ONE: 1})
        if node.constant is None or not math.isfinite(node.constant):
            raise Unfit
        return {((self.enter(("constant", node.name), Kernel(CONSTANT, node=node)), 1),): 1}

    def number(self, value: float) -> Form:
        """Return a float as the decimal that was typed: the shortest decimal that is read as this float."""
        if not math.isfinite(value):
            raise Unfit
        found = whole(Fraction(repr(value)))
        return {ONE: found} if found else {}

    def function(self, primitive: Primitive, operands: Sequence[Form]) -> Form:
        """Return the form of a function applied to forms."""
        sign = 1
        if len(operands) == 1 and operands[0] and self.is_negative(operands[0]):
            sign = parity(primitive)
            if sign:
                operands = [scaled(operands[0], -1)]
        key = (primitive, *map(_key, operands))
        symbol = self.enter(key, Kernel(FUNCTION, primitive=primitive, operands=tuple(operands)))
        return {((symbol, 1),): sign or 1}

    def is_negative(self, form: Form) -> bool:
        """Whether the first term of a form is negative; a positive term may still be moved to its front."""
        return all(coefficient < 0 for coefficient in form.values()) or (
            len(form) > 1 and form[max(form, key=self.rank)] < 0
        )

    def rank(self, monomial: Monomial) -> tuple[Number, Number, Number, list[tuple[int, Number]]]:
        """Return the key by which the terms of a sum are ordered: first by the power of the main variable."""
        main: Number = 0
        others: Number = 0
        leading: Number = 0
        for symbol, exponent in monomial:
            kernel = self.kernels[symbol]
            if kernel.node is self.main:
                main = exponent
            elif kernel.kind == VARIABLE:
                others += exponent
            if kernel.leads:
                leading += exponent
        return (main, others, leading, [(-symbol, exponent) for symbol, exponent in monomial])

    # Arithmetic

    def settled(self, monomial: Monomial, coefficient: Number) -> tuple[Monomial, Number]:
        """Return a term in which exponents of primes are between 0 and 1, and sqrt(x*y)^2 is written as x*y."""
        while True:
            powers = [(symbol, exponent) for symbol, exponent in monomial if symbol in self._unsettled]
            extra: Monomial = ONE
            for symbol, exponent in powers:
                kernel = self.kernels[symbol]
                if kernel.kind == PRIME:
                    floor = math.floor(exponent)
                    if floor:
                        coefficient = coefficient * Fraction(kernel.prime) ** floor
                        extra = merged(extra, ((symbol, -floor),))
                elif exponent.denominator == 1:
                    [(inner, number)] = kernel.operands[0].items()
                    coefficient = coefficient * Fraction(number) ** int(exponent)
                    extra = merged(extra, merged(((symbol, -exponent),), raised(inner, exponent)))
            if not extra:
                return monomial, whole(coefficient)
            monomial = merged(monomial, extra)

    def total(self, terms: Iterable[tuple[Number, Form]]) -> Form:
        """Return the sum of forms; a form that is a number times a base is added as the terms of this base."""
        plain: list[tuple[Number, Form]] = []
        for times, form in terms:
            if len(form) == 1:
                [(monomial, coefficient)] = form.items()
                if len(monomial) == 1 and monomial[0][1] == 1 and self.kernels[monomial[0][0]].kind == BASE:
                    plain.append((times * coefficient, self.kernels[monomial[0][0]].operands[0]))
                    continue
            plain.append((times, form))
        return added(plain)

    def times(self, form: Form, monomial: Monomial, coefficient: Number = 1) -> Form:
        """Return a form times a term."""
        found = scaled(form, coefficient, monomial)
        self.work += len(found)
        if self.work > limits.FORM_WORK:
            raise Unfit
        if not self._unsettled:
            return found
        return added([(1, dict([self.settled(*term)])) for term in found.items()])

    def product(self, one: Form, other: Form) -> Form:
        """Return the product of two forms as one term, in which a sum is a base."""
        if not one or not other:
            return {}
        # A sum is {} as one term if its terms cancel when it is opened.
        first_term, second_term = self.as_term(one), self.as_term(other)
        if not first_term or not second_term:
            return {}
        [(first, times)], [(second, coefficient)] = first_term.items(), second_term.items()
        return dict([self.settled(merged(first, second), whole(times * coefficient))])

    def as_term(self, form: Form) -> Form:
        """Return a form as one term, in which a sum is a base."""
        return form if len(form) == 1 else self.power(form, 1)

    def multiplied(self, one: Form, other: Form) -> Form:
        """Return the product of two forms, multiplied out term by term.

        Raises:
            Unfit: the product is above the bounds.
        """
        if len(one) * len(other) > 4 * limits.FORM_TERMS:
            raise Unfit
        return added([(1, self.times(other, *term)) for term in one.items()])

    def power(self, form: Form, exponent: Number) -> Form:
        """Return a power with a number as exponent.

        Raises:
            Unfit: 0 has no such power, or the exponent is above the bounds.
        """
        exponent = whole(exponent)
        if not exponent:
            return {ONE: 1}
        if not form:
            if exponent < 0:
                raise Unfit
            return {}
        if magnitude(exponent) > limits.FORM_TERMS:
            raise Unfit
        is_whole = isinstance(exponent, int)
        if len(form) > 1:
            return self._power_of_sum(form, exponent)
        [(monomial, coefficient)] = form.items()
        if is_whole:
            if not is_moderate(coefficient, int(exponent)):
                raise Unfit
            return dict([self.settled(raised(monomial, exponent), Fraction(coefficient) ** int(exponent))])
        if exponent.denominator > 64:
            raise Unfit
        outside: Monomial = ONE
        inside: list[tuple[int, Number]] = []
        for symbol, own in monomial:
            # (x^3)^(1/2) is x^(3/2): both have a value where x >= 0; but (x^2)^(1/2) has one everywhere.
            is_free = self.kernels[symbol].is_positive or own.denominator > 1
            if is_free or (len(monomial) == 1 and coefficient > 0 and own.numerator % 2):
                outside = merged(outside, ((symbol, whole(own * exponent)),))
            else:
                inside.append((symbol, own))
        sign = 1
        if coefficient < 0 or not inside:
            sign, coefficient = (-1 if coefficient < 0 else 1), magnitude(coefficient)
        number = Fraction(coefficient)
        for part, direction in ((number.numerator, 1), (number.denominator, -1)):
            for prime, times in prime_powers(part):
                symbol = self.enter(("prime", prime), Kernel(PRIME, prime=prime))
                outside = merged(outside, ((symbol, whole(direction * times * exponent)),))
        if inside or sign < 0:
            outside = merged(outside, ((self.base({tuple(inside): sign}), exponent),))
        return dict([self.settled(outside, 1)])

    def _power_of_sum(self, form: Form, exponent: Number) -> Form:
        """Return a power of a sum, from which the common factors of its terms are factored out."""
        common = lowest_powers(form)
        divisor = self.content(form)
        if not isinstance(exponent, int):
            common = tuple([(symbol, own) for symbol, own in common if self.kernels[symbol].is_positive])
            root = self.power({ONE: divisor}, exponent)
            if ONE not in root:
                divisor = 1
        rest = self.times(form, raised(common, -1), Fraction(1) / divisor) if common or divisor != 1 else form
        opened = rest
        if any(own < 0 for _, own in common):
            # Behind the common factor 1/(x + 1), the sum 1 + 1/(x + 1) is (x + 1) + 1.
            opened = self.total([(coefficient, {monomial: 1}) for monomial, coefficient in rest.items()])
        if len(rest) < 2 or opened != rest:
            return self.product(self.power({common: divisor}, exponent), self.power(opened, exponent))
        sign = 1
        if isinstance(exponent, int):
            symbol = self._known.get(("base", _key(rest)))
            opposite = scaled(rest, -1)
            if symbol is None and (("base", _key(opposite)) in self._known or self.is_negative(rest)):
                rest, sign = opposite, (-1 if exponent % 2 else 1)
        symbol = self.base(rest)
        found = self.power({common: divisor}, exponent)
        return self.times(found, ((symbol, exponent),), sign)

    def content(self, form: Form) -> Number:
        """Return the number that is factored out of a sum; if a decimal was typed, no fraction is factored out."""
        divisor = content(form)
        return 1 if self.has_decimals and divisor.denominator > 1 else divisor

    def base(self, form: Form) -> int:
        """Return the symbol of a base: of a sum, or of a product that stays together in a root."""
        return self.enter(("base", _key(form)), Kernel(BASE, operands=(form,)))

    def exponential(self, form: Form) -> Form:
        """Return exp of a form: a product with one power for each term of the form."""
        outside: Monomial = ONE
        product: Form = {ONE: 1}
        for monomial, coefficient in form.items():
            inner = self.logarithm_in(monomial)
            if inner is not None and len(monomial) == 1:
                product = self.product(product, self.power(self.kernels[inner].operands[0], coefficient))
                continue
            kernel = Kernel(EXP, primitive=f.exp, operands=({monomial: 1},))
            outside = merged(outside, ((self.enter(("exp", monomial), kernel), coefficient),))
        return self.times(product, outside)

    def logarithm_in(self, monomial: Monomial) -> int | None:
        """Return the symbol of the logarithm in a monomial, if there is exactly one; log(2) counts if it is alone."""
        found = [symbol for symbol, exponent in monomial if self.kernels[symbol].primitive is f.log]
        found = [symbol for symbol in found if not self.kernels[symbol].is_number] or found
        return found[0] if len(found) == 1 and (found[0], 1) in monomial else None

    def logarithm(self, form: Form) -> Form:
        """Return log of a form."""
        if len(form) == 1:
            [(monomial, coefficient)] = form.items()
            if not monomial and coefficient > 0:
                if coefficient == 1:
                    return {}
                if coefficient.denominator > 1:
                    above, below = [
                        self.logarithm({ONE: one}) for one in (coefficient.numerator, coefficient.denominator)
                    ]
                    return added([(1, above), (-1, below)])
                powers = prime_powers(int(coefficient))
                root = math.gcd(*[times for _, times in powers])
                if root > 1:
                    base = math.prod([prime ** (times // root) for prime, times in powers])
                    return scaled(self.function(f.log, [{ONE: base}]), root)
            elif coefficient == 1 and all(self.kernels[symbol].kind == EXP for symbol, _ in monomial):
                return added([(exponent, self.kernels[symbol].operands[0]) for symbol, exponent in monomial])
        return self.function(f.log, [form])

    # Reading

    def read(self, root: Node, inputs: Mapping[Node, Form] | None = None, *, of_rule: bool = False) -> Form:
        """Return a formula as a form.

        Args:
            root: the formula, in functions that users know.
            inputs: the forms of some nodes.
            of_rule: whether the formula is a rule of the registry, whose constants have exact forms.

        Raises:
            Unfit: the formula has no normal form.
        """
        image: dict[Node, Form] = dict(inputs or {})
        for node in toposort([root], lambda node: () if node in image else node.operands):
            if node not in image:
                image[node] = self._read(node, [image[operand] for operand in node.operands], of_rule)
                if len(image[node]) > limits.FORM_TERMS:
                    raise Unfit
        return image[root]

    def _read(self, node: Node, operands: Sequence[Form], of_rule: bool) -> Form:
        primitive = node.primitive
        if primitive is None:
            if node.constant is None or node.name is not None:
                return self.leaf(node)
            if of_rule:
                exact = None if node.constant in self.typed else EXACT_CONSTANTS.get(abs(node.constant))
                if exact is not None:
                    return scaled(self.read(exact_constant(abs(node.constant))), 1 if node.constant > 0.0 else -1)
            if of_rule and (8.0 * node.constant).is_integer():
                pass  # a half in a rule is no decimal
            elif not node.constant.is_integer() or abs(node.constant) >= 2.0**53:
                self.has_decimals = True
            return self.number(node.constant)
        if of_rule and isinstance(primitive, Primitive):
            other = shortened(primitive, [None if set(one) - {ONE} else float(one.get(ONE, 0)) for one in operands])
            if other is not None:
                return self.read(other[1], dict(zip(other[0], operands, strict=False)), of_rule=True)
        return self.applied(primitive, operands)

    def applied(self, primitive: Primitive | ArrayFunction, operands: Sequence[Form]) -> Form:
        """Return the form of an operation on forms.

        Raises:
            Unfit: it has no normal form.
        """
        if primitive is f.add or primitive is f.sub:
            return self.total([(1, operands[0]), (1 if primitive is f.add else -1, operands[1])])
        if primitive is f.neg:
            return scaled(operands[0], -1)
        if primitive is f.mul:
            return self.product(*operands)
        if primitive is f.div:
            divisor = self.power(operands[1], -1)
            self.divisors.update([symbol for monomial in divisor for symbol, exponent in monomial if exponent < 0])
            return self.product(operands[0], divisor)
        if primitive is f.square:
            return self.power(operands[0], 2)
        if primitive is f.sqrt:
            return self.power(operands[0], Fraction(1, 2))
        if primitive is f.pow:
            return self._general_power(*operands)
        if primitive is f.exp:
            return self.exponential(operands[0])
        if primitive is f.exp2:
            return self._general_power({ONE: 2}, operands[0])
        if primitive is f.log and operands[0]:
            return self.logarithm(operands[0])
        if not isinstance(primitive, Primitive):
            raise Unfit
        if primitive.chosen and not set(operands[primitive.condition[0]]) - {ONE}:
            return operands[primitive.chosen[0 if operands[primitive.condition[0]] else 1]]
        if not self.keeps_others:
            formula = formula_in_powers(primitive)
            if formula is not None:
                inputs, root = formula
                return self.read(root, dict(zip(inputs, operands, strict=True)))
            if not is_smooth(primitive):
                raise Unfit
        return self.function(primitive, operands)

    def _general_power(self, base: Form, exponent: Form) -> Form:
        if not exponent or (len(exponent) == 1 and ONE in exponent):
            return self.power(base, exponent.get(ONE, 0))
        if not base or (any(coefficient < 0 for coefficient in base.values()) and len(base) == 1):
            raise Unfit
        return self.exponential(self._distributed(exponent, self.logarithm(base)))

    def _distributed(self, form: Form, factor: Form) -> Form:
        """Return a product with a sum, term by term."""
        if len(factor) > 1:
            form, factor = factor, form
        if len(factor) > 1:
            return self.product(form, factor)
        return added([(1, self.times(form, *term)) for term in factor.items()])

    # Derivatives

    def turn_to(self, target: Node) -> None:
        """Let derivatives be with respect to another variable from now on."""
        if target is self.target:
            return
        self.target = target
        self._slopes = {}
        for kernel in self.kernels:
            kernel.moves = self._moves(kernel)

    def _moves(self, kernel: Kernel) -> bool:
        """Whether a kernel depends on the variable of the derivative; for the kernels in it, this must be known."""
        if kernel.node is not None:
            return kernel.node is self.target
        return any(self.kernels[one].moves for form in kernel.operands for term in form for one, _ in term)

    def derivative(self, form: Form) -> Form:
        """Return the derivative with respect to the target.

        Raises:
            Unfit: the result is above the bounds.
        """
        self._find_slopes(form)
        return self._known_derivative(form)

    def _find_slopes(self, form: Form) -> None:
        """Find the derivatives of all kernels in a form, the inner ones first."""
        needed: set[int] = set()
        stack = [symbol for monomial in form for symbol, _ in monomial]
        while stack:
            symbol = stack.pop()
            if symbol not in needed and symbol not in self._slopes and self.kernels[symbol].moves:
                needed.add(symbol)
                stack += [one for inner in self.kernels[symbol].operands for term in inner for one, _ in term]
        for symbol in sorted(needed):
            self._slopes[symbol] = self._slope(symbol, self.kernels[symbol])

    def _slope(self, symbol: int, kernel: Kernel) -> Form:
        if kernel.kind == VARIABLE:
            return {ONE: 1}
        if kernel.kind == BASE:
            return self._known_derivative(kernel.operands[0])
        if kernel.kind == EXP:
            return self._distributed(self._known_derivative(kernel.operands[0]), {((symbol, 1),): 1})
        primitive = kernel.primitive
        assert primitive is not None
        if self.keeps_others and not is_smooth(primitive):
            raise Unfit
        names, partials = readable_rule(primitive, len(kernel.operands))
        output: Form = {((symbol, 1),): 1}
        inputs = dict(zip(names, (*kernel.operands, output), strict=True))
        terms: list[tuple[Number, Form]] = []
        for place, (operand, partial) in enumerate(zip(kernel.operands, partials, strict=True)):
            if place < len(primitive.static):
                continue
            slope = self._known_derivative(operand)
            if slope:
                terms.append((1, self._distributed(slope, self.read(partial, inputs, of_rule=True))))
        return self.total(terms)

    def _known_derivative(self, form: Form) -> Form:
        """Return the derivative of a form whose kernels have known derivatives."""
        terms: list[tuple[Number, Form]] = []
        for monomial, coefficient in form.items():
            for symbol, exponent in monomial:
                if self.kernels[symbol].moves:
                    rest = merged(monomial, ((symbol, -1),))
                    terms.append((1, self.times(self._slopes[symbol], rest, coefficient * exponent)))
        return self.total(terms)

    def denominators(self, form: Form) -> set[int]:
        """Return the symbols with a negative exponent in a form and, recursively, in its kernels."""
        found: set[int] = set()
        seen: set[int] = set()
        stack = [form]
        while stack:
            for monomial in stack.pop():
                for symbol, exponent in monomial:
                    if exponent < 0:
                        found.add(symbol)
                    if symbol not in seen:
                        seen.add(symbol)
                        stack += self.kernels[symbol].operands
        return found

    # Numbers

    def values(self, at: Mapping[Node, float], last: int | None = None) -> list[tuple[float, float]]:
        """Return for each kernel up to ``last`` its value at a point, and an estimate of its rounding error."""
        values: list[tuple[float, float]] = []
        kernels = self.kernels if last is None else self.kernels[: last + 1]
        for kernel in kernels:
            if kernel.kind == PRIME:
                values.append((nearest_float(kernel.prime), 0.0))
            elif kernel.node is not None:
                value = at.get(kernel.node, kernel.node.constant or math.nan)
                values.append((value, _EPSILON * abs(value)))
            else:
                operands = [self.value(form, values) for form in kernel.operands]
                if kernel.primitive is None:
                    values.append(operands[0])
                    continue
                value = kernel.primitive.value(*[one for one, _ in operands])
                moved = kernel.primitive.value(*[one + error for one, error in operands])
                values.append((value, abs(moved - value) + _EPSILON * abs(value)))
        return values

    def value(self, form: Form, values: Sequence[tuple[float, float]]) -> tuple[float, float]:
        """Return the value of a form, given the values of its kernels, and an estimate of the rounding error."""
        total = errors = 0.0
        for monomial, coefficient in form.items():
            product, error = nearest_float(coefficient), _EPSILON
            for symbol, exponent in monomial:
                value, own = values[symbol]
                product *= f.pow(value, nearest_float(exponent))
                error += abs(own * nearest_float(exponent) / value) if value else 0.0
            total += product
            errors += abs(product) * error
        return total, errors
