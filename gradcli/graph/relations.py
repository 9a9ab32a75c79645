"""Identities between the functions of a form: squares, double angles and quotients, as the registry declares them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from gradcli.graph.graph import Graph, Node
from gradcli.graph.normal_form import Ring
from gradcli.graph.polynomials import ONE, Form, Monomial, Number, magnitude, merged, scaled, whole
from gradcli.graph.symbols import FUNCTION, Unfit
from gradcli.primitives import REGISTRY, Primitive

__all__ = ["by_double_angles", "by_quotients", "by_squares", "named_quotients", "named_squares"]


@cache
def _traced(primitive: Primitive, field: str) -> tuple[Node, Node]:
    """Return the variable and the formula of an identity."""
    variable = Graph(folds=False).variable("x")
    return variable, variable.graph.lift(getattr(primitive, field)(variable))


def _applied(ring: Ring, primitive: Primitive, field: str, operand: Form) -> Form:
    variable, formula = _traced(primitive, field)
    return ring.read(formula, {variable: operand}, of_rule=True)


@cache
def _with_partner(field: str) -> dict[Primitive, Primitive]:
    """Return a dictionary from each function in an identity to the function that declares this identity."""
    found: dict[Primitive, Primitive] = {}
    for primitive in REGISTRY.declared():
        if getattr(primitive, field) is not None:
            for node in _traced(primitive, field)[1].graph.nodes:
                if isinstance(node.primitive, Primitive) and node.operands == (_traced(primitive, field)[0],):
                    found[node.primitive] = primitive
            found[primitive] = primitive
    return found


def _functions(ring: Ring, form: Form) -> list[int]:
    symbols = {symbol for monomial in form for symbol, _ in monomial}
    return sorted([symbol for symbol in symbols if ring.kernels[symbol].kind == FUNCTION])


def _square_pairs(ring: Ring, form: Form) -> Iterator[tuple[int, int, Number, Number]]:
    """Yield k, p, a and b for all symbols k and p with k^2 = a + b p^2, such as 1 and -1 for sin and cos."""
    seen = set()
    for symbol in _functions(ring, form):
        kernel = ring.kernels[symbol]
        assert kernel.primitive is not None
        owner = _with_partner("squared").get(kernel.primitive)
        if owner is None:
            continue
        [operand] = kernel.operands
        [(own, _)] = ring.function(owner, [operand]).items()
        square = _applied(ring, owner, "squared", operand)
        number = square.get(ONE, 0)
        [(other, factor)] = [term for term in square.items() if term[0]]
        pair = (own[0][0], other[0][0])
        if pair not in seen:
            seen.add(pair)
            yield *pair, number, factor


def _substituted(ring: Ring, form: Form, symbol: int, square: Form) -> Form:
    """Return a form in which every square of a symbol is replaced: with s^2 = 1 - c^2, s^5 becomes s*(1 - c^2)^2."""
    total: list[tuple[Number, Form]] = []
    for monomial, coefficient in form.items():
        exponent = dict(monomial).get(symbol, 0)
        count = int(exponent) // 2 if exponent.denominator == 1 and exponent > 1 else 0
        part: Form = {ONE: coefficient}
        for _ in range(count):
            part = ring.multiplied(part, square)
        rest = merged(monomial, ((symbol, -2 * count),)) if count else monomial
        total.append((1, ring.times(part, rest)))
    return ring.total(total)


def _degree(form: Form) -> Number:
    return max([sum([exponent for _, exponent in monomial]) for monomial in form], default=0)


def by_squares(ring: Ring, form: Form) -> Form:
    """Return a polynomial to which sin^2 + cos^2 = 1 and the like are applied where this adds no terms."""
    best = form
    for own, other, number, factor in _square_pairs(ring, form):
        symbols = {symbol for monomial in best for symbol, _ in monomial}
        has_both = own in symbols and other in symbols
        forward: Form = {((other, 2),): factor, ONE: number}
        backward: Form = {((own, 2),): Fraction(1) / factor, ONE: -Fraction(number) / factor}
        for symbol, square in ((own, forward), (other, backward)):
            if not any(one == symbol and exponent >= 2 for monomial in best for one, exponent in monomial):
                continue
            changed = _substituted(ring, best, symbol, {m: whole(c) for m, c in square.items()})
            if len(changed) < len(best) or (has_both and len(changed) == len(best)):
                best, has_both = changed, False
    return best


def by_double_angles(ring: Ring, form: Form) -> Form | None:
    """Return a form with sin(2*x) for 2*sin(x)*cos(x), and the like; None if it has no such products."""
    changed = False
    for own, other, number, factor in list(_square_pairs(ring, form)):
        first, second = ring.kernels[own], ring.kernels[other]
        assert first.primitive is not None
        assert second.primitive is not None
        if first.primitive.doubled is None or second.primitive.doubled is None:
            continue
        degrees = [[dict(monomial).get(one, 0) for one in (own, other)] for monomial in form]
        if any(a.denominator > 1 or b.denominator > 1 or a < 0 or b < 0 or (a + b) % 2 for a, b in degrees):
            continue
        if not any(a + b for a, b in degrees):
            continue
        [operand] = first.operands
        twice = scaled(operand, 2)
        images = {kernel: ring.function(kernel.primitive, [twice]) for kernel in (first, second) if kernel.primitive}
        doubles = [
            _applied(ring, kernel.primitive, "doubled", operand) for kernel in (first, second) if kernel.primitive
        ]
        product, square = (0, 1) if any(len(monomial) == 2 for monomial in doubles[0]) else (1, 0)
        [(_, times)] = doubles[product].items()
        joint = ring.times(images[(first, second)[product]], ONE, Fraction(1) / times)
        # f(2x) = a + b s^2 gives s^2, and with s^2 the other square.
        [(monomial, b)] = [term for term in doubles[square].items() if term[0]]
        a = doubles[square].get(ONE, 0)
        inner = monomial[0][0]
        one: Form = ring.total([(Fraction(1) / b, images[(first, second)[square]]), (-Fraction(a) / b, {ONE: 1})])
        if inner == other:
            squares = {other: one, own: ring.total([(factor, one), (number, {ONE: 1})])}
        else:
            squares = {
                own: one,
                other: ring.total([(Fraction(1) / factor, one), (-Fraction(number) / factor, {ONE: 1})]),
            }
        total: list[tuple[Number, Form]] = []
        for term, coefficient in form.items():
            powers = dict(term)
            left, right = int(powers.pop(own, 0)), int(powers.pop(other, 0))
            part: Form = {ONE: coefficient}
            for factor_form, count in (
                (joint, min(left, right)),
                (squares[own], (left - min(left, right)) // 2),
                (squares[other], (right - min(left, right)) // 2),
            ):
                for _ in range(count):
                    part = ring.multiplied(part, factor_form)
            total.append((1, ring.times(part, tuple(powers.items()))))
        form, changed = ring.total(total), True
    return form if changed else None


def _doubled_product(ring: Ring, term: Form) -> Form | None:
    """Return a product with 2/sin(2*x) for 1/(sin(x)*cos(x)), and the like for other powers."""
    [(monomial, coefficient)] = term.items()
    powers = dict(monomial)
    for own, other, _, _ in _square_pairs(ring, term):
        exponent = powers.get(own, 0)
        if not exponent or exponent != powers.get(other, 0):
            continue
        for primitive in (ring.kernels[own].primitive, ring.kernels[other].primitive):
            if primitive is None or primitive.doubled is None:
                return None
            [operand] = ring.kernels[own].operands
            double = _applied(ring, primitive, "doubled", operand)
            if len(double) == 1:
                [(_, times)] = double.items()
                image = ring.times(ring.function(primitive, [scaled(operand, 2)]), ONE, Fraction(1) / times)
                rest = merged(monomial, ((own, -exponent), (other, -exponent)))
                return ring.product({rest: coefficient}, ring.power(image, exponent))
    return None


def by_quotients(ring: Ring, term: Form) -> Iterator[Form]:
    """Yield a product with tan(x) for sin(x)/cos(x), sec(x) for 1/cos(x), and the other way round."""
    [(monomial, coefficient)] = term.items()
    powers = dict(monomial)
    plain: Form = {ONE: coefficient}
    for symbol, exponent in monomial:
        kernel = ring.kernels[symbol]
        known = kernel.primitive.quotient is not None if kernel.primitive is not None else False
        factor: Form = {((symbol, 1),): 1}
        if known and kernel.primitive is not None:
            factor = _applied(ring, kernel.primitive, "quotient", kernel.operands[0])
        plain = ring.product(plain, ring.power(factor, exponent))
    yield plain
    doubled = _doubled_product(ring, plain)
    if doubled is not None:
        yield doubled
    for symbol in _functions(ring, term):
        kernel = ring.kernels[symbol]
        assert kernel.primitive is not None
        if kernel.primitive.quotient is not None:
            quotient = _applied(ring, kernel.primitive, "quotient", kernel.operands[0])
            rest = merged(monomial, ((symbol, -powers[symbol]),))
            yield ring.product({rest: coefficient}, ring.power(quotient, powers[symbol]))
    for primitive in _quotients():
        for symbol in _functions(ring, term):
            kernel = ring.kernels[symbol]
            if kernel.primitive not in _with_partner("quotient"):
                continue
            try:
                [(quotient_term, _)] = _applied(ring, primitive, "quotient", kernel.operands[0]).items()
            except Unfit:
                continue
            counts = [
                whole(Fraction(powers.get(one, 0)) / exponent) if one in powers else 0
                for one, exponent in quotient_term
            ]
            count = min(counts)
            if count >= 1 and symbol in dict(quotient_term):
                rest = _without(monomial, quotient_term, int(count))
                yield ring.product(
                    {rest: coefficient}, ring.power(ring.function(primitive, kernel.operands), int(count))
                )


def _without(monomial: Monomial, other: Monomial, times: int) -> Monomial:
    return merged(monomial, tuple([(symbol, -times * exponent) for symbol, exponent in other]))


@cache
def _quotients() -> tuple[Primitive, ...]:
    return tuple([primitive for primitive in REGISTRY.declared() if primitive.quotient is not None])


def named_squares(ring: Ring, form: Form) -> str:
    """Return the identities between squares of functions in a form, such as ``sin^2 + cos^2 = 1``."""
    found: dict[str, None] = {}
    for symbol, partner, number, factor in _square_pairs(ring, form):
        names = [getattr(ring.kernels[one].primitive, "name", "") for one in (symbol, partner)]
        sign = "+" if factor < 0 else "-"
        times = "" if magnitude(factor) == 1 else f"{magnitude(factor)}*"
        found[f"{names[0]}^2 {sign} {times}{names[1]}^2 = {number}"] = None
    return " and ".join(found)


def named_quotients(ring: Ring, before: Form, after: Form) -> str:
    """Return the identities of quotients by which one form became another, such as ``tan = sin/cos``."""
    changed = {
        primitive
        for symbol in {*_functions(ring, before)} ^ {*_functions(ring, after)}
        if (primitive := ring.kernels[symbol].primitive) is not None and primitive.quotient is not None
    }
    return " and ".join([f"{one.name} = {_quotient_text(one)}" for one in _quotients() if one in changed])


def _quotient_text(primitive: Primitive) -> str:
    """Return an identity of a quotient without operands, such as ``sin/cos`` or ``1/cos``."""
    root = _traced(primitive, "quotient")[1]
    parts = [node.primitive.name if node.primitive else str(int(node.constant or 0)) for node in root.operands]
    return "/".join(parts)
