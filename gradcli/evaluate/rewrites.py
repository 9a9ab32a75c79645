"""Formulas that are equal to a formula and may keep more digits at a point.

They come from three places: the table `IDENTITIES`, the identities by which derivatives are computed
(`gradcli.graph.identities`), and the algebra of printed derivatives, which turns ``(x + y)^2 - x^2 - y^2`` into
``2*x*y``.  None is offered unseen: the caller tries each of them at the point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Final

from gradcli.errors import GradcliError
from gradcli.evaluate.ways_out import matches
from gradcli.graph import Graph, Node, toposort
from gradcli.graph.canonical import canonical
from gradcli.graph.formula import decimals, with_exact_constants
from gradcli.graph.graph import readable, substitute, unfolded
from gradcli.graph.identities import without_cancellation
from gradcli.graph.layout import Layout
from gradcli.graph.normal_form import Ring
from gradcli.graph.shortest import candidates
from gradcli.graph.symbols import Unfit
from gradcli.language.builder import read
from gradcli.language.parsed import ParsedExpression
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.printing.text import to_text
from gradcli.records import NamedTuple

__all__ = ["IDENTITIES", "better_formula", "equal_formulas"]

#: Formulas that cancel, and equal ones that don't, at least at some points.  A left side stands for every formula of
#: its form; numbers in it stand for themselves.
IDENTITIES: Final[Sequence[tuple[str, str]]] = (
    # Conjugates and other third binomials.
    ("sqrt(u) - sqrt(v)", "(u - v)/(sqrt(u) + sqrt(v))"),
    ("sqrt(u) - v", "(u - v^2)/(sqrt(u) + v)"),
    ("v - sqrt(u)", "(v^2 - u)/(v + sqrt(u))"),
    ("-v + sqrt(u)", "(u - v^2)/(sqrt(u) + v)"),
    ("-v - sqrt(u)", "(v^2 - u)/(sqrt(u) - v)"),
    ("v + sqrt(u)", "(v^2 - u)/(v - sqrt(u))"),
    ("cbrt(u) - cbrt(v)", "(u - v)/(cbrt(u)^2 + cbrt(u*v) + cbrt(v)^2)"),
    ("u^2 - v^2", "(u - v)*(u + v)"),
    ("(u^2 + v^2)/2 - ((u + v)/2)^2", "(u - v)^2/4"),
    ("(u^2 + v^2 + w^2)/3 - ((u + v + w)/3)^2", "((u - v)^2 + (v - w)^2 + (u - w)^2)/9"),
    ("1 - u^2", "(1 - u)*(1 + u)"),
    ("u^2 - 1", "(u - 1)*(u + 1)"),
    ("1/u - 1/v", "(v - u)/(u*v)"),
    ("w/u - w/v", "w*(v - u)/(u*v)"),
    ("sqrt(u^2 + v^2)", "hypot(u, v)"),
    ("sqrt(1 + u^2)", "hypot(1, u)"),
    # Exponentials.
    ("exp(u) - 1", "expm1(u)"),
    ("1 - exp(u)", "-expm1(u)"),
    ("exp(u) - exp(v)", "exp(v)*expm1(u - v)"),
    ("exp(u) - exp(-u)", "2*sinh(u)"),
    ("u^v - 1", "expm1(v*log(u))"),
    ("1 - u^v", "-expm1(v*log(u))"),
    ("(1 + u)^v", "exp(v*log1p(u))"),
    ("(1 - u)^v", "exp(v*log1p(-u))"),
    ("(1 + u)^v - 1", "expm1(v*log1p(u))"),
    ("1 - (1 + u)^v", "-expm1(v*log1p(u))"),
    ("(1 - u)^v - 1", "expm1(v*log1p(-u))"),
    ("1 - (1 - u)^v", "-expm1(v*log1p(-u))"),
    # Logarithms.
    ("log(1 + u)", "log1p(u)"),
    ("log(1 - u)", "log1p(-u)"),
    ("log(u) - log(v)", "log1p((u - v)/v)"),
    ("log(u/v)", "log1p((u - v)/v)"),
    ("log(u/v)", "log(u) - log(v)"),
    ("log(u)", "log1p(u - 1)"),
    ("log(exp(u) + exp(v))", "logaddexp(u, v)"),
    ("log(1 + exp(u))", "softplus(u)"),
    # Sines and cosines.
    ("1 - cos(u)", "2*sin(u/2)^2"),
    ("cos(u) - 1", "-2*sin(u/2)^2"),
    ("(1 - cos(u))/u^2", "sinc(u/(2*pi))^2/2"),
    ("sin(u)/u", "sinc(u/pi)"),
    ("1 - sin(u)^2", "cos(u)^2"),
    ("1 - cos(u)^2", "sin(u)^2"),
    ("cos(u)^2 - sin(u)^2", "cos(2*u)"),
    ("sin(u) - sin(v)", "2*cos((u + v)/2)*sin((u - v)/2)"),
    ("cos(u) - cos(v)", "-2*sin((u + v)/2)*sin((u - v)/2)"),
    ("tan(u) - tan(v)", "sin(u - v)/(cos(u)*cos(v))"),
    ("tan(u) - sin(u)", "2*tan(u)*sin(u/2)^2"),
    ("1/sin(u) - cos(u)/sin(u)", "tan(u/2)"),
    ("1/sin(u) - 1/tan(u)", "tan(u/2)"),
    ("(1 - cos(u))/sin(u)", "tan(u/2)"),
    # Inverse functions.
    ("atan(u) - atan(v)", "atan2(u - v, 1 + u*v)"),
    ("pi/2 - atan(u)", "atan2(1, u)"),
    ("acos(u)", "2*asin(sqrt((1 - u)/2))"),
    ("acos(1 - u)", "2*asin(sqrt(u/2))"),
    ("acosh(1 + u)", "2*asinh(sqrt(u/2))"),
    ("log(u + sqrt(u^2 + 1))", "asinh(u)"),
    ("log((1 + u)/(1 - u))", "2*atanh(u)"),
    # Hyperbolic functions, sigmoids and error functions.
    ("cosh(u) - 1", "2*sinh(u/2)^2"),
    ("1 - cosh(u)", "-2*sinh(u/2)^2"),
    ("cosh(u) - sinh(u)", "exp(-u)"),
    ("cosh(u)^2 - 1", "sinh(u)^2"),
    ("1 - tanh(u)^2", "sech(u)^2"),
    ("1 - tanh(u)", "2*sigmoid(-2*u)"),
    ("tanh(u) - 1", "-2*sigmoid(-2*u)"),
    ("1 + tanh(u)", "2*sigmoid(2*u)"),
    ("coth(u) - 1", "2/expm1(2*u)"),
    ("1 - coth(u)", "-2/expm1(2*u)"),
    ("1 - sigmoid(u)", "sigmoid(-u)"),
    ("sigmoid(u) - 1", "-sigmoid(-u)"),
    ("log(sigmoid(u))", "-softplus(-u)"),
    ("log(1 - sigmoid(u))", "-softplus(u)"),
    ("1/(1 + exp(-u))", "sigmoid(u)"),
    ("softplus(u) - u", "softplus(-u)"),
    ("1 - erf(u)", "erfc(u)"),
    ("erf(u) - 1", "-erfc(u)"),
    ("1 + erf(u)", "erfc(-u)"),
    ("1 - erfc(u)", "erf(u)"),
)

#: Formulas with more nodes are not rewritten.
_NODES: Final = 200
#: At most so many formulas are tried.
_TRIED: Final = 60
_LONGEST: Final = 120
#: Once a formula gains all, so many others are tried whose length is at most this share of its length.
_SHORTER: Final = 4
_MUCH_SHORTER: Final = 0.8


class _Identity(NamedTuple):
    """A row of `IDENTITIES`, read."""

    left: Node
    right: Node


@cache
def _identities() -> tuple[_Identity, ...]:
    return tuple([_Identity(*[read(side, variables=("u", "v", "w")).root for side in row]) for row in IDENTITIES])


def better_formula(
    root: Node, wanted: Sequence[str], gains: Callable[[ParsedExpression], Sequence[str]]
) -> tuple[str | None, Sequence[str]]:
    """Return the equal formula that gains most, as text that a user can type, and what it gains.

    Args:
        root: the formula.
        wanted: what there is to gain, the most important first.  Of the formulas that gain as much, a short one is
            returned.
        gains: a function that returns what a formula gains.

    >>> from gradcli import parse
    >>> gains = lambda one: ["value"] if one.source.text.startswith("1") else []
    >>> better_formula(parse("sqrt(x + 1) - sqrt(x)").root, ["value"], gains)
    ('1/(sqrt(x + 1) + sqrt(x))', ['value'])
    """
    names = [str(node.name) for node in toposort([root]) if node.is_variable]
    best, rank = None, (0, [False for _ in wanted], 0)
    gained: Sequence[str] = ()
    tries = _SHORTER
    for text in equal_formulas(root):
        if len(gained) == len(wanted):
            if len(text) > _MUCH_SHORTER * len(best or ""):
                continue
            tries -= 1
        if tries < 0:
            break
        with suppress(GradcliError):
            found = gains(read(text, variables=names))
            its_rank = len(found), [name in found for name in wanted], -len(text)
            if found and its_rank > rank:
                best, gained, rank = text, found, its_rank
    return best, gained


def equal_formulas(root: Node) -> Iterator[str]:
    """Yield formulas that are equal to a formula, as texts: first those that one identity gives, then those of two.

    Among formulas of as many identities, shorter ones come first.  What floats have computed in a part without
    variables is left out: 0.1 + 0.2 == 0.3 is true, and sigmoid(-40) is no decimal.
    """
    known = {to_text(root)}
    jumps, constants = _jumps(root), _long_constants(root)
    level = [root]
    for _ in range(2):
        found: dict[str, Node] = {}
        for one in level:
            for other in _neighbours(one):
                text = to_text(other)
                if _jumps(other) != jumps or not _long_constants(other) <= constants:
                    continue
                if len(known) + len(found) < _TRIED and len(text) <= _LONGEST and text not in known:
                    found.setdefault(text, other)
        yield from sorted(found, key=len)
        known.update(found)
        level = list(found.values())


def _jumps(root: Node) -> int:
    """Return the number of operations that only jump, such as comparisons and floor."""
    return sum(getattr(node.primitive, "is_locally_constant", False) for node in toposort([root]))


def _long_constants(root: Node) -> set[float]:
    """Return the constants that are no short decimals."""
    constants = [node.constant for node in toposort([root]) if node.constant is not None and node.name is None]
    return {one for one in constants if float(f"{one:.12g}") != one}


def _neighbours(root: Node) -> Iterator[Node]:
    order = toposort([root])
    if len(order) > _NODES:
        return
    yield from _algebraic(root)
    # log(2) stays log(2), and does not become its decimal.
    accurate = readable(without_cancellation(root))
    yield with_exact_constants(unfolded(toposort([accurate]))[accurate], decimals(order))
    varying = {node for node in order if node.is_variable}
    for node in order:
        if not varying.isdisjoint(node.operands):
            varying.add(node)
    for node in reversed(order):
        if node.primitive is None or node not in varying:
            continue
        for identity in _identities():
            for found in matches(identity.left, node, {}):
                yield substitute(root, {node: _instance(identity.right, found, root.graph)}, exactly=True)
        if node is not root and node.primitive in (f.add, f.sub, f.div):
            for other in _algebraic(node):
                yield substitute(root, {node: other}, exactly=True)


def _instance(pattern: Node, operands: Mapping[str, Node], graph: Graph) -> Node:
    """Return the right side of an identity with operands for its variables; sums in it are collected."""
    image: dict[Node, Node] = {}
    for node in toposort([pattern]):
        if node.constant is not None:
            image[node] = graph.constant(node.constant, node.name)
            continue
        if not isinstance(node.primitive, Primitive):
            image[node] = operands[str(node.name)]
            continue
        made = graph.apply(node.primitive, [image[operand] for operand in node.operands])
        if made.primitive in (f.add, f.sub):
            made = min([made, *_algebraic(made)], key=lambda one: len(to_text(one)))
        image[node] = made
    return image[pattern]


def _algebraic(node: Node) -> list[Node]:
    """Return forms of a formula by collecting, expanding, cancelling and factoring."""
    variables = [one for one in toposort([node]) if one.is_variable]
    if not variables:
        return []
    ring = Ring(variables[0], keeps_others=True)
    try:
        raw = ring.read(node)
        forms = [raw, *candidates(ring, *canonical(ring, raw), raw)]
    except Unfit:
        return []
    if ring.has_decimals:
        return []  # a decimal would be collected in floats
    layout = Layout(ring, node.graph)
    return [layout.node(form) for form in forms]
