"""Random formulas of all functions of the registry, for what prints them as LaTeX and reads them again."""

from __future__ import annotations

import random
from collections.abc import Hashable

from gradcli.graph import Node
from gradcli.primitives import REGISTRY

__all__ = ["random_formula", "structure"]

_NAMES = (
    *("x", "y", "z", "x1", "x_1", "x_2_1", "w12", "theta", "theta_0", "theta0", "alpha", "rate", "rate_1", "rate1"),
    *("x_max", "v_i", "d", "f", "T", "_a", "a_", "sigma", "psi", "Gamma", "gamma", "hbar", "y_hat", "θ", "lambda"),
)
_CONSTANTS = ("0", "1", "2", "10", "3.5", "-1", "-2.5", "pi", "e", "inf", "1e-5", "2.5e300", "1e20", "1e-300", "0.001")
_OPERATORS = ("({} + {})", "({} - {})", "({})*({})", "({})/({})", "({})^({})", "-({})", "({}) % ({})", "({})!")
_TRUTHS = ("({} < {})", "({} <= {})", "({} == {})", "({} != {})", "({} and {})", "({} or {})", "(not {})")
_ARRAYS = (
    *("[{}, {}]", "[[{}, {}], [{}, {}]]", "[[{}], [{}]]", "[{}]", "[[{}]]", "[[[{}, {}]]]", "A @ ({})", "({}) @ B"),
    *("transpose(A)", "v[0]", "x1[1:, 0]", "({})[::2]", "sum({})", "sum(A, axis=0)", "norm({})", "max(A, axis=1)"),
    *("norm(v, 1)", "mean({})", "softmax(v)"),
)


def _calls() -> list[str]:
    calls = []
    for primitive in REGISTRY.public():
        if primitive.name == "neg":
            continue  # -2 is a number: the language has no negation of a number
        holes = ["2"] * len(primitive.static) + ["{}"] * (primitive.arity - len(primitive.static))
        calls.append(f"{primitive.name}({', '.join(holes)})")
    return [*calls, "max({}, {}, {})", "min({}, {}, {})"]


_CALLS = _calls()


def random_formula(number: int) -> str:
    """Return the text of a random formula in the expression language; each number has one."""
    generator = random.Random(number)
    kinds = [_OPERATORS, _OPERATORS, _CALLS, _CALLS, _TRUTHS, *([_ARRAYS] if number % 3 == 0 else [])]

    def formula(depth: int) -> str:
        if depth == 0 or generator.random() < 0.1:
            return generator.choice(_NAMES if generator.random() < 0.7 else _CONSTANTS)
        template = generator.choice(generator.choice(kinds))
        return template.format(*[formula(depth - 1) for _ in range(template.count("{}"))])

    return formula(generator.choice((1, 2, 3, 4)))


def structure(root: Node) -> list[Hashable]:
    """Return a formula as data that is equal for equal formulas of different graphs: its nodes, operands first."""
    places: dict[Node, int] = {}
    found: list[Hashable] = []
    stack = [root]
    while stack:
        node = stack[-1]
        missing = [operand for operand in node.operands if operand not in places]
        if missing:
            stack += reversed(missing)
            continue
        stack.pop()
        if node in places:
            continue
        places[node] = len(places)
        name = node.primitive.name if node.primitive is not None else None
        constant = None if node.constant is None else repr(node.constant)
        operands = tuple(places[operand] for operand in node.operands)
        # Infinity and nan have a name if they are typed, and none if they are computed.
        known = None if constant in ("inf", "nan") else node.name
        found.append((name, known, constant, operands, node.options))
    return found
