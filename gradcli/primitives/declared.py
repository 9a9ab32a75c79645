"""The parts of a declaration in the registry: operators, edges, rewrites, and the fields that all functions have.

Nothing is imported here, so that every other file of the package may use these types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from gradcli.records import NamedTuple

__all__ = [
    "Declared",
    "Edge",
    "Infix",
    "Pointwise",
    "Reach",
    "Rewrite",
    "Rule",
    "SmoothPower",
    "System",
    "constant",
    "locally_constant",
    "richest",
]

Rule = Callable[..., Any]
#: How an element of an operand of a function of arrays reaches the output.
Reach = Literal["terms", "elements", "reduced", "chosen", "axis", "all"]


def richest(operands: Sequence[Any]) -> Any:
    """Return the operand with the largest ``operand_rank``, whose class applies a primitive to all operands.

    The result is None if all operands are plain numbers or arrays.
    """
    best, rank = None, 0
    for operand in operands:
        found = getattr(operand, "operand_rank", 0)
        if found > rank:
            best, rank = operand, found
    return best


class Infix(NamedTuple):
    """The notation of an operator between, before or after its operands; an operator with a higher level binds tighter.

    ``side`` is the operand that needs no parentheses if it is of the same level: ``"left"``, ``"right"``, ``"none"``
    for operators of two operands, ``"prefix"`` and ``"postfix"`` for operators of one.
    """

    symbol: str
    level: int
    side: str


class Edge(NamedTuple):
    """A point (or line) where a function has a value, but the formula of its derivative needs a note or a correction.

    Attributes:
        at: the place in the notation of formulas, such as ``"x = 0"``.
        kind: ``"kink"``, ``"jump"``, ``"pole"``, ``"end"`` (of the domain), ``"slope"`` (an infinite slope inside the
            domain), ``"branch cut"`` or ``"limit"`` (at an infinity, where the formula has no value; a printed
            derivative does without it).
        when: the condition on the operands.
        partials: the partial derivatives at the edge, one for each operand; None if the formula of the rule is right
            there.
        about: one clause that says what is returned and why; it becomes the note of a result.
        toward: the operands whose derivatives the edge is about; empty for all operands.
    """

    at: str
    kind: str
    when: Rule
    about: str
    partials: Rule | None = None
    toward: tuple[str, ...] = ()


class Rewrite(NamedTuple):
    """An expression that has no value at some point where this primitive has one, and the text to write instead."""

    pattern: Rule
    instead: str


class SmoothPower(NamedTuple):
    """A power of a function that is smooth where the function itself has a kink, such as |x|^2.

    Attributes:
        exponent: the least exponent for which the power is smooth.
        partials: ``(*operands, output)``: the partials times ``output^(exponent - 1)``, in a form without the kink.
            For a function of arrays: the vjp of its operand times this factor.
        jvp: the jvp of a function of arrays times the same factor.
    """

    exponent: int
    partials: Rule
    jvp: Rule | None = None


class System(NamedTuple):
    """Differential equations in the last operand that a function and its companions solve.

    Attributes:
        slopes: ``(*operands, output, *companions)``: the derivatives of the output and of each companion.  Formulas of
            the operands alone may be any; the output and the companions are only added, multiplied and divided.
        companions: ``(*operands)``: the other functions of the system.
    """

    slopes: Rule
    companions: Rule = lambda *operands: ()


def locally_constant(*operands_and_output: Any) -> tuple[float, ...]:
    """The rule of functions such as floor: the derivative is 0 wherever it exists, so nothing is differentiated."""
    return (0.0,) * (len(operands_and_output) - 1)


class Declared:
    """The fields that functions of numbers and of arrays share; the top of ``registry.py`` explains them."""

    #: The call as a reader writes it: ``atan2(y, x)``, ``max(x, y, ...)``.
    signature: str
    name: str
    operands: tuple[str, ...]
    about: str
    group: str
    edges: tuple[Edge, ...]
    variadic: bool
    infix: Infix | None
    example: str | None
    internal: bool
    #: The number of operands; of a variadic function, the smallest number.
    arity: int
    #: Whether the derivative is 0 wherever it exists, so that no derivative passes through.
    is_locally_constant: bool

    __slots__ = tuple(__annotations__)

    def __init__(self, *, signature: str, **fields: Any) -> None:
        self.signature = signature
        self.name, _, inside = signature.removesuffix(")").partition("(")
        words = inside.split(", ")
        self.variadic = words[-1] == "..."
        self.operands = tuple(words[:-1] if self.variadic else words)
        for field, content in fields.items():
            setattr(self, field, tuple(content) if isinstance(content, list) else content)
        self.arity = len(self.operands)

    def _repr_html_(self) -> str:
        from gradcli.markup import table

        rows = [["function", self.signature], ["meaning", self.about]]
        return table([], [*rows, *([["example", self.example]] if self.example else [])])


class Pointwise(Declared):
    """The further fields of a function of numbers."""

    value: Callable[..., float]
    array: str | Callable[..., Any]
    partials: Rule
    fast_partials: Rule | None
    active: Rule | None
    domain: str
    condition: tuple[int, ...]
    chosen: tuple[int, ...]
    is_truth: bool
    spellings: tuple[str, ...]
    static: tuple[str, ...]
    latex: str | None
    expands: Rule | None
    transparent: bool
    instead_of: tuple[Rewrite, ...]
    rewrite: Rule | None
    complements: Mapping[float, Rule]
    logarithm: Rule | None
    begins_identities: bool
    exponent: Rule | None
    smooth_power: SmoothPower | None
    system: System | None
    is_even: bool
    squared: Rule | None
    doubled: Rule | None
    quotient: Rule | None
    inverse: str | None
    in_powers: Rule | None
    exact: Rule | None
    oracle: Callable[..., Any] | None
    cancels: str | None
    keeps_digits: bool
    ulps: float
    samples: tuple[tuple[tuple[float, float], ...], ...]
    #: Whether the function has a value at all real operands.
    is_total: bool

    __slots__ = tuple(__annotations__)

    def __init__(self, *, domain: str | None, condition: str, chosen: str, samples: Any, **fields: Any) -> None:
        super().__init__(domain=domain or "all reals", **fields)
        self.array = self.array or self.name
        self.samples = (((-10.0, 10.0),) * self.arity,) if samples is None else tuple(samples)
        self.is_total = domain is None
        self.is_locally_constant = self.partials is locally_constant
        self.condition = tuple(map(self.operands.index, condition.split()))
        self.chosen = tuple(map(self.operands.index, chosen.split()))

    @property
    def latex_formula(self) -> str | None:
        """The template of a formula of other functions, without the braces around it; None for any other template.

        >>> from gradcli.primitives import REGISTRY
        >>> REGISTRY["expm1"].latex_formula, REGISTRY["exp"].latex_formula
        ('e^{{{x}}} - 1', None)
        """
        template = self.latex or ""
        depth = 0
        for brace in re.finditer(r"\{\{|\}\}|\{\w+(?::\d+)?\}", template):
            depth += (brace.group() == "{{") - (brace.group() == "}}")
            if depth == 0:
                is_whole = brace.end() == len(template) and template.startswith("{{") and brace.group() == "}}"
                return template[2:-2] if is_whole else None
        return None


def constant(operand: Any) -> float | None:
    """The number of an operand that is a number, or a constant node of a graph; None for any other operand."""
    return operand if isinstance(operand, float) else getattr(operand, "constant", None)
