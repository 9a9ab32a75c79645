"""Functions of the registry, composed of simpler functions for languages that lack them.

An exported program only computes values, so a composition is a formula from a textbook, chosen so that it does not
overflow where it matters.  It is used only if the language's own table lacks the function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Container
from typing import Any

from gradcli.graph import Graph, Node, toposort
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f
from gradcli.primitives.kernels import float_kernels as kernels
from gradcli.printing.lowering import not_exported

__all__ = ["COMPOSITIONS", "folded", "lowered"]

COMPOSITIONS: dict[str, Callable[..., Any]] = {
    # activations
    "relu": lambda x: f.max(x, 0.0),
    "leaky_relu": lambda x: f.max(x, 0.0) + kernels.LEAK * f.min(x, 0.0),
    "elu": lambda x: f.max(x, 0.0) + f.expm1(f.min(x, 0.0)),
    "selu": lambda x: kernels.SELU_SCALE * (f.max(x, 0.0) + kernels.SELU_ALPHA * f.expm1(f.min(x, 0.0))),
    "sigmoid": lambda x: 1.0 / (1.0 + f.exp(-x)),
    "softplus": lambda x: f.max(x, 0.0) + f.log1p(f.exp(-f.abs(x))),
    "softsign": lambda x: x / (1.0 + f.abs(x)),
    "silu": lambda x: x * f.sigmoid(x),
    "gelu": lambda x: 0.5 * x * f.erfc(-kernels.SQRT_HALF * x),
    "gelu_tanh": lambda x: x * f.sigmoid(2.0 * kernels.SQRT_TWO_OVER_PI * (x + kernels.GELU_CUBE * x * x * x)),
    "mish": lambda x: x * f.tanh(f.softplus(x)),
    "hard_tanh": lambda x: f.clip(x, -1.0, 1.0),
    # arithmetic and selection
    "square": lambda x: x * x,
    "mod": lambda x, y: x - y * f.floor(x / y),
    "cbrt": lambda x: f.sign(x) * f.abs(x) ** (1.0 / 3.0),
    "hypot": lambda x, y: f.sqrt(x * x + y * y),
    "step": lambda x: 0.5 * f.sign(x) + 0.5,
    "clip": lambda x, low, high: f.min(f.max(x, low), high),
    # exponentials and logarithms
    "exp2": lambda x: 2.0**x,
    "expm1": lambda x: f.exp(x) - 1.0,
    "log2": lambda x: f.log(x) / math.log(2.0),
    "log10": lambda x: f.log(x) / math.log(10.0),
    "log1p": lambda x: f.log(1.0 + x),
    "logaddexp": lambda x, y: f.max(x, y) + f.log1p(f.exp(-f.abs(x - y))),
    "xlogy": lambda x, y: f.where(f.logical_and(f.equal(x, 0.0), f.greater_equal(y, 0.0)), 0.0, x * f.log(y)),
    # hyperbolic functions
    "sinh": lambda x: 0.5 * f.exp(x) - 0.5 * f.exp(-x),
    "cosh": lambda x: 0.5 * f.exp(x) + 0.5 * f.exp(-x),
    "sech": lambda x: 1.0 / f.cosh(x),
    "csch": lambda x: 1.0 / f.sinh(x),
    "coth": lambda x: 1.0 / f.tanh(x),
    "asinh": lambda x: f.sign(x) * f.log(f.abs(x) + f.hypot(x, 1.0)),
    "acosh": lambda x: f.log(x + f.sqrt((x - 1.0) * (x + 1.0))),
    "atanh": lambda x: 0.5 * f.log((1.0 + x) / (1.0 - x)),
    # trigonometry
    "tan": lambda x: f.sin(x) / f.cos(x),
    "sec": lambda x: 1.0 / f.cos(x),
    "csc": lambda x: 1.0 / f.sin(x),
    "cot": lambda x: f.cos(x) / f.sin(x),
    "asin": lambda x: f.atan(x / f.sqrt((1.0 - x) * (1.0 + x))),
    "acos": lambda x: 0.5 * math.pi - f.asin(x),
    "atan2": lambda y, x: f.where(
        f.equal(x, 0.0),
        0.5 * math.pi * f.sign(y),
        f.atan(y / x) + f.where(f.less(x, 0.0), f.where(f.less(y, 0.0), -math.pi, math.pi), 0.0),
    ),
    "sinc": lambda x: f.where(f.equal(x, 0.0), 1.0, f.sin(math.pi * x) / (math.pi * f.where(f.equal(x, 0.0), 1.0, x))),
    # special functions
    "erfc": lambda x: 1.0 - f.erf(x),
    "factorial": lambda x: f.gamma(x + 1.0),
    # For x < 0 the reflection formula: gamma(x) gamma(1 - x) = pi / sin(pi x).
    "gamma": lambda x: f.where(
        f.greater(x, 0.0), f.exp(f.lgamma(x)), math.pi / (f.sin(math.pi * x) * f.exp(f.lgamma(1.0 - x)))
    ),
}


def folded(root: Node, known: Container[str], language: str) -> Node:
    """Return a formula with its constant parts computed, in which functions such as `max` have at most two operands.

    The float kernels compute the constant parts, so that all languages agree about ``1/0`` and ``(-8)^(1/3)``.

    Args:
        known: the names of the functions that the language can write.
        language: the name of the language, for the message.

    Raises:
        UsageError: the language can't write a function.

    >>> from gradcli.printing.text import to_text
    >>> from gradcli.evaluate.expression import parse
    >>> to_text(folded(parse("max(x, 1/0, -cos(0))").root, {"max"}, "X"))
    'max(max(x, inf), -1)'
    """
    graph = Graph()
    image: dict[Node, Node] = {}
    for node in toposort([root]):
        primitive, operands = node.primitive, [image[operand] for operand in node.operands]
        if primitive is None:
            constant = node.constant
            image[node] = graph.variable(str(node.name)) if constant is None else graph.constant(constant, node.name)
            continue
        assert isinstance(primitive, Primitive)
        values = [operand.constant for operand in operands]
        if all(value is not None for value in values):
            image[node] = graph.constant(primitive.value(*values))
        elif primitive.name not in known:
            raise not_exported(f"the function `{primitive.name}`", language)
        else:
            image[node] = graph.add(primitive, operands[: primitive.arity])
            for operand in operands[primitive.arity :]:
                image[node] = graph.add(primitive, [image[node], operand])
    return image[root]


def lowered(root: Node, known: Collection[str], language: str) -> Node:
    """Return a formula that contains only known functions; compositions replace the others.

    Raises:
        UsageError: a function is neither known nor composed of known ones.

    >>> from gradcli.printing.text import to_text
    >>> from gradcli.evaluate.expression import parse
    >>> to_text(lowered(parse("silu(x)").root, {"mul", "div", "add", "neg", "exp"}, "X"))
    'x*(1/(1 + exp(-x)))'
    """
    while True:
        root = folded(root, {*known, *COMPOSITIONS}, language)
        order = toposort([root])
        if all(node.primitive is None or node.primitive.name in known for node in order):
            return root
        image: dict[Node, Node] = {}
        for node in order:
            operands = [image[operand] for operand in node.operands]
            if node.primitive is None:
                image[node] = node
            elif node.primitive.name in known:
                image[node] = root.graph.add(node.primitive, operands)
            else:
                image[node] = root.graph.lift(COMPOSITIONS[node.primitive.name](*operands))
        root = image[root]
