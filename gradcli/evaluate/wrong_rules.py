"""Wrong rules of differentiation, each a usual mistake, and differentiation by them.

A wrong rule is a function from an operation to its wrong derivatives; it gives none where it does not fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from gradcli.graph import Node, toposort
from gradcli.graph.rule import differentiable_operands, local_partials
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.records import NamedTuple

__all__ = [
    "Rule",
    "Step",
    "added_quotient",
    "confused_inverse",
    "degrees",
    "denominator_not_squared",
    "differentiated",
    "exponent_kept",
    "exponent_not_in_front",
    "exponent_raised",
    "half_of_product",
    "integrated_power",
    "kept_factor",
    "kept_term",
    "logarithm_of_base",
    "lost_sign",
    "lost_term",
    "lowered_in_front",
    "natural_logarithm",
    "one_rule_for_both",
    "other_derivative",
    "outer_at_inner_derivative",
    "power_rule_for_exponential",
    "product_of_derivatives",
    "quotient_of_derivatives",
    "sign_of_function",
    "subtracted_product",
    "swapped_quotient",
    "without_inner_derivative",
    "without_logarithm",
    "without_square",
]


class Step(NamedTuple):
    """An operation, with everything that a rule of differentiation needs.

    Attributes:
        node: the operation.
        slopes: the derivative of each operand; None for an operand that does not depend on the variable.
        partials: the partial derivative with respect to each operand.
    """

    node: Node
    slopes: Sequence[Node | None]
    partials: Sequence[Node]

    @property
    def name(self) -> str:
        """The name of the primitive."""
        assert self.node.primitive is not None
        return self.node.primitive.name

    @property
    def operands(self) -> Sequence[Node]:
        """The nodes to which the operation is applied."""
        return self.node.operands

    @property
    def both(self) -> tuple[Node, Node] | None:
        """The derivatives of two operands that both depend on the variable."""
        if len(self.slopes) != 2 or self.slopes[0] is None or self.slopes[1] is None:
            return None
        return self.slopes[0], self.slopes[1]

    @property
    def inner(self) -> tuple[Node, Node, Node] | None:
        """The only operand that depends on the variable, its derivative, and the partial; for sums and products, None.

        A product with a constant has no inner derivative.
        """
        if self.name in _LINEAR or (self.name == "div" and self.slopes[0] is not None):
            return None
        found = [place for place, slope in enumerate(self.slopes) if slope is not None]
        if len(found) != 1:
            return None
        slope = self.slopes[found[0]]
        assert slope is not None
        return self.operands[found[0]], slope, self.partials[found[0]]

    @property
    def power(self) -> tuple[Node, Node, Node] | None:
        """The base, its derivative and the exponent of a power whose exponent does not depend on the variable."""
        base, *others = self.operands
        if self.slopes[0] is None or any(slope is not None for slope in self.slopes[1:] if base is not others[0]):
            return None
        if self.name == "pow":
            return base, self.slopes[0], others[0]
        if self.name == "mul":
            return (base, self.slopes[0], base.graph.constant(2.0)) if base is others[0] else None
        exponent = _EXPONENTS.get(self.name)
        return None if exponent is None else (base, self.slopes[0], base.graph.constant(exponent))

    @property
    def exponential(self) -> tuple[Node, Node, Node] | None:
        """The base, the exponent and its derivative, if only the exponent depends on the variable."""
        if self.name == "pow" and self.slopes[0] is None and self.slopes[1] is not None:
            return self.operands[0], self.operands[1], self.slopes[1]
        if self.name in _BASES and self.slopes[0] is not None:
            graph = self.node.graph
            base = graph.constant(math.e, "e") if self.name == "exp" else graph.constant(_BASES[self.name])
            return base, self.operands[0], self.slopes[0]
        return None


#: A wrong rule: from an operation to its wrong derivatives, none if the rule does not fit.
Rule = Callable[[Step], Iterator[Node]]

_LINEAR: Final = frozenset({"add", "sub", "neg", "mul"})
#: Functions that are powers, and those that are exponentials.
_EXPONENTS: Final = {"square": 2.0, "sqrt": 0.5, "cbrt": 1.0 / 3.0, "reciprocal": -1.0, "rsqrt": -0.5}
_BASES: Final = {"exp": math.e, "exp2": 2.0, "exp10": 10.0}
_ANGLES: Final = frozenset({"sin", "cos", "tan", "cot", "sec", "csc"})
#: Functions of which the sign of the derivative is easily confused.
_SIGNED: Final = _ANGLES | {"asin", "acos", "atan", "sinh", "cosh", "tanh", "coth", "sech", "csch", "erfc"}
_LOGARITHMS: Final = frozenset({"log10", "log2"})


def differentiated(root: Node, target: Node, wrong: Callable[[Step], Node | None]) -> Node:
    """Return a derivative by the chain rule, in which ``wrong`` replaces the derivatives of some operations.

    Args:
        root: the function.
        target: the variable.
        wrong: a function that returns the wrong derivative of an operation, or None to use the right one.
    """
    graph = root.graph
    slopes: dict[Node, Node] = {target: graph.constant(1.0)}
    for node in toposort([root]):
        places = differentiable_operands(node)
        if node in slopes or not any(node.operands[place] in slopes for place in places):
            continue
        partials, conditions = local_partials(node, guarded=False)
        own = [slopes.get(operand) if place in places else None for place, operand in enumerate(node.operands)]
        found = wrong(Step(node, own, partials))
        if found is None:
            total: Node | None = None
            for slope, factor, condition in zip(own, partials, conditions, strict=True):
                if slope is not None:
                    term = graph.lift(factor * slope)
                    term = term if condition is None else graph.lift(f.where(condition, term, 0.0))
                    total = term if total is None else graph.lift(total + term)
            found = total
        assert found is not None
        slopes[node] = found
    return slopes.get(root, graph.constant(0.0))


def _is_one(node: Node) -> bool:
    return node.constant == 1.0


def without_inner_derivative(step: Step) -> Iterator[Node]:
    if step.inner is not None and not _is_one(step.inner[1]):
        yield step.inner[2]


def outer_at_inner_derivative(step: Step) -> Iterator[Node]:
    if len(step.operands) == 1 and step.inner is not None and not _is_one(step.inner[1]):
        image = step.node.graph.apply(_primitive(step), [step.inner[1]])
        if image.primitive is step.node.primitive:
            yield local_partials(image, guarded=False)[0][0]
        yield image


def _primitive(step: Step) -> Primitive:
    assert isinstance(step.node.primitive, Primitive)
    return step.node.primitive


def swapped_quotient(step: Step) -> Iterator[Node]:
    if step.name == "div" and step.both is not None:
        (u, v), (du, dv) = step.operands, step.both
        yield (u * dv - du * v) / v**2


def added_quotient(step: Step) -> Iterator[Node]:
    if step.name == "div" and step.both is not None:
        (u, v), (du, dv) = step.operands, step.both
        yield (du * v + u * dv) / v**2


def denominator_not_squared(step: Step) -> Iterator[Node]:
    if step.name == "div" and step.slopes[1] is not None:
        (u, v), dv = step.operands, step.slopes[1]
        du = 0.0 if step.slopes[0] is None else step.slopes[0]
        yield (du * v - u * dv) / v
        yield du * v - u * dv


def quotient_of_derivatives(step: Step) -> Iterator[Node]:
    if step.name == "div" and step.both is not None:
        yield step.both[0] / step.both[1]
    elif step.name == "div" and step.slopes[1] is not None:
        yield step.operands[0] / step.slopes[1]


def product_of_derivatives(step: Step) -> Iterator[Node]:
    if step.name == "mul" and step.both is not None:
        yield step.both[0] * step.both[1]


def half_of_product(step: Step) -> Iterator[Node]:
    if step.name == "mul" and step.both is not None and step.operands[0] is not step.operands[1]:
        yield step.both[0] * step.operands[1]
        yield step.operands[0] * step.both[1]


def subtracted_product(step: Step) -> Iterator[Node]:
    if step.name == "mul" and step.both is not None and step.operands[0] is not step.operands[1]:
        (u, v), (du, dv) = step.operands, step.both
        yield du * v - u * dv
        yield u * dv - du * v


def exponent_kept(step: Step) -> Iterator[Node]:
    if step.power is not None:
        base, slope, exponent = step.power
        yield exponent * base**exponent * slope


def exponent_raised(step: Step) -> Iterator[Node]:
    if step.power is not None:
        base, slope, exponent = step.power
        yield exponent * base ** (exponent + 1.0) * slope


def exponent_not_in_front(step: Step) -> Iterator[Node]:
    if step.power is not None:
        base, slope, exponent = step.power
        yield base ** (exponent - 1.0) * slope


def integrated_power(step: Step) -> Iterator[Node]:
    if step.power is not None:
        base, slope, exponent = step.power
        yield base ** (exponent + 1.0) / (exponent + 1.0) * slope


def lowered_in_front(step: Step) -> Iterator[Node]:
    if step.power is not None:
        base, slope, exponent = step.power
        yield (exponent - 1.0) * base ** (exponent - 1.0) * slope


def power_rule_for_exponential(step: Step) -> Iterator[Node]:
    if step.exponential is not None:
        base, exponent, slope = step.exponential
        yield exponent * base ** (exponent - 1.0) * slope
        yield exponent * base ** (exponent - 1.0)


def one_rule_for_both(step: Step) -> Iterator[Node]:
    if step.name == "pow" and step.both is not None:
        (u, v), (du, dv) = step.operands, step.both
        yield v * u ** (v - 1.0) * du
        yield v * u ** (v - 1.0)
        yield u**v * f.log(u) * dv
        yield v * u ** (v - 1.0) * dv


def without_logarithm(step: Step) -> Iterator[Node]:
    if step.exponential is not None:
        _, _, slope = step.exponential
        yield step.node * slope


def natural_logarithm(step: Step) -> Iterator[Node]:
    if step.name in _LOGARITHMS and step.slopes[0] is not None:
        yield step.slopes[0] / step.operands[0]
    elif step.name == "div" and step.slopes[0] is not None and step.slopes[1] is None:
        over, under = step.operands
        if all(one.primitive is not None and one.primitive.name == "log" for one in (over, under)):
            yield step.slopes[0]


def logarithm_of_base(step: Step) -> Iterator[Node]:
    if step.name in _LOGARITHMS and step.slopes[0] is not None:
        yield step.slopes[0] * math.log(10.0 if step.name == "log10" else 2.0) / step.operands[0]
    elif step.name == "div" and step.slopes[0] is not None and step.slopes[1] is None:
        over, under = step.operands
        if all(one.primitive is not None and one.primitive.name == "log" for one in (over, under)):
            yield step.slopes[0] * under


def sign_of_function(step: Step) -> Iterator[Node]:
    if step.name in _SIGNED and step.slopes[0] is not None:
        yield -(step.partials[0] * step.slopes[0])


def degrees(step: Step) -> Iterator[Node]:
    if step.name in _ANGLES and step.slopes[0] is not None:
        yield step.partials[0] * step.slopes[0] * (math.pi / 180.0)
        yield step.partials[0] * step.slopes[0] * (180.0 / math.pi)


def without_square(step: Step) -> Iterator[Node]:
    root = _ROOTS.get(step.name)
    if root is not None and step.slopes[0] is not None:
        yield f.sqrt(step.partials[0]) * step.slopes[0]
        yield root(step.operands[0]) * step.slopes[0]


#: The function whose square is the derivative, or the derivative but for its sign.
_ROOTS: Final[dict[str, Callable[[Node], Node]]] = {
    "tan": lambda x: 1.0 / f.cos(x),
    "cot": lambda x: -1.0 / f.sin(x),
    "tanh": lambda x: 1.0 / f.cosh(x),
}


def confused_inverse(step: Step) -> Iterator[Node]:
    if step.name in _INVERSES and step.slopes[0] is not None:
        for other in _INVERSES[step.name]:
            yield other(step.operands[0]) * step.slopes[0]


def _over_root(radicand: Callable[[Node], Node]) -> Callable[[Node], Node]:
    return lambda x: 1.0 / f.sqrt(radicand(x))


_INVERSES: Final[dict[str, tuple[Callable[[Node], Node], ...]]] = {
    "asin": (_over_root(lambda x: 1.0 + x**2), lambda x: 1.0 / (1.0 + x**2), lambda x: 1.0 / f.cos(x)),
    "acos": (_over_root(lambda x: 1.0 - x**2), lambda x: -1.0 / (1.0 + x**2)),
    "atan": (lambda x: 1.0 / (1.0 - x**2), _over_root(lambda x: 1.0 + x**2), lambda x: f.cos(x) ** 2),
    "asinh": (_over_root(lambda x: 1.0 - x**2), _over_root(lambda x: x**2 - 1.0)),
    "acosh": (_over_root(lambda x: x**2 + 1.0), _over_root(lambda x: 1.0 - x**2)),
    "atanh": (lambda x: 1.0 / (1.0 + x**2), lambda x: 1.0 / (x**2 - 1.0)),
}


def kept_factor(step: Step) -> Iterator[Node]:
    if step.name == "mul" and (step.slopes[0] is None) != (step.slopes[1] is None):
        slope = step.slopes[1] if step.slopes[0] is None else step.slopes[0]
        assert slope is not None
        yield slope


def kept_term(step: Step) -> Iterator[Node]:
    if step.name in ("add", "sub") and (step.slopes[0] is None) != (step.slopes[1] is None):
        constant = step.operands[0 if step.slopes[0] is None else 1]
        sign = -1.0 if step.name == "sub" and step.slopes[1] is None else 1.0
        if step.slopes[0] is None:
            slope = step.slopes[1]
            assert slope is not None
            slope = slope if step.name == "add" else -slope
        else:
            slope = step.slopes[0]
        yield slope + sign * constant
        yield slope + sign


def lost_sign(step: Step) -> Iterator[Node]:
    if step.name == "sub" and step.slopes[1] is not None:
        yield step.slopes[1] if step.slopes[0] is None else step.slopes[0] + step.slopes[1]
    elif step.name == "add" and step.both is not None:
        yield step.both[0] - step.both[1]
    elif step.name == "neg" and step.slopes[0] is not None:
        yield step.slopes[0]


def lost_term(step: Step) -> Iterator[Node]:
    if step.name in ("add", "sub") and step.both is not None:
        yield step.both[0]
        yield step.both[1] if step.name == "add" else -step.both[1]


def other_derivative(step: Step) -> Iterator[Node]:
    """Yield a wrong derivative in which a term or the outer function was copied without being differentiated."""
    if step.name in ("add", "sub"):
        sign = -1.0 if step.name == "sub" else 1.0
        first, second = step.slopes
        if first is not None:
            yield step.operands[0] + sign * (second if second is not None else 0.0)
        if second is not None:
            yield (first if first is not None else 0.0) + sign * step.operands[1]
    elif step.inner is not None:
        yield step.node * step.inner[1]
