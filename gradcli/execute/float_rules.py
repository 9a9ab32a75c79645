"""The rules of the registry on floats: the trace of a rule becomes a small tape, which runs at any point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from gradcli.execute.tape import Tape
from gradcli.graph import Node
from gradcli.graph.rule import traced_rule
from gradcli.primitives import Edge, Primitive

__all__ = ["FloatFunction", "FloatRule", "float_rule"]

FloatFunction = Callable[..., Sequence[float]]


def _compile(roots: Sequence[Node], inputs: Sequence[Node]) -> FloatFunction:
    """Return a function of floats for a traced rule.

    Most rules only return operands and constants, and need no tape.
    """
    if all(root.constant is not None for root in roots):
        numbers = [root.constant for root in roots if root.constant is not None]
        return lambda *values: numbers
    tape = Tape(roots, inputs)
    outputs = tape.outputs
    if not tape.instructions:
        constants = tuple(tape.constants)

        def pick(*values: float) -> list[float]:
            slots = values + constants
            return [slots[i] for i in outputs]

        return pick

    def run(*values: float) -> list[float]:
        slots = tape.run(values)
        return [slots[i] for i in outputs]

    return run


class FloatRule:
    """The derivative rule of one primitive at a fixed number of operands.

    >>> from gradcli.primitives import REGISTRY
    >>> float_rule(REGISTRY["mul"], 2).partials((3.0, 4.0), 12.0)
    [4.0, 3.0]
    >>> float_rule(REGISTRY["where"], 3).partials((1.0, 5.0, 6.0), 5.0)
    [None, 1.0, None]
    """

    def __init__(self, primitive: Primitive, count: int) -> None:
        self._rule = rule = traced_rule(primitive, count)

        def compiled(results: Sequence[Node]) -> FloatFunction:
            return _compile(results, rule.inputs)

        self._formula = compiled(rule.partials)
        self._formulas: dict[tuple[bool, ...], FloatFunction] = {(True,) * count: self._formula}
        self._edges: list[tuple[Edge, FloatFunction | None]] = [
            (one.edge, None if one.partials is None else compiled(one.partials)) for one in rule.edges
        ]
        self._on_edges = compiled([one.condition for one in rule.edges]) if rule.edges else None
        self._active: FloatFunction | None = None
        #: The positions of operands that are never differentiated: conditions and static operands.
        self.conditions = rule.conditions
        if any(one is not None for one in rule.selected):
            always = rule.graph.constant(1.0)
            self._active = compiled([always if one is None else one for one in rule.selected])
        self._frozen: list[float | None] | None = [None] * count if primitive.is_locally_constant else None
        # The rule is its formula alone, and computing only some of the partials would save nothing.
        self._is_quick = self.plain is not None and (
            count == 1 or all(partial.primitive is None for partial in rule.partials)
        )

    @property
    def plain(self) -> FloatFunction | None:
        """The formula alone, for a rule that has no edges and always selects every operand; otherwise None."""
        has_more = self._on_edges is not None or self._active is not None or self._frozen is not None
        return None if has_more else self._formula

    def edge_at(self, operands: Sequence[float], output: float) -> Edge | None:
        """The edge at which the operands lie, if any."""
        return self.at(operands, output)[1]

    def partials(self, operands: Sequence[float], output: float) -> list[float | None]:
        """The partial derivative with respect to each operand, or None where an operand is not selected."""
        return list(self.at(operands, output)[0])

    def at(
        self, operands: Sequence[float], output: float, wanted: tuple[bool, ...] | None = None
    ) -> tuple[Sequence[float | None], Edge | None]:
        """The partials, and the edge at which the operands lie, if any.

        A partial that is not ``wanted`` is not computed; the number in its place means nothing.
        """
        if self._is_quick and output == output:
            return self._formula(*operands, output), None
        edge, values = None, None
        if self._on_edges is not None:
            on_edges = self._on_edges(*operands, output)
            if any(on_edges):
                edge, instead = self._edges[[bool(flag) for flag in on_edges].index(True)]
                values = None if instead is None else instead(*operands, output)
        if self._frozen is not None:
            return self._frozen, edge
        if output != output:  # no value, no derivative
            values = [output] * len(operands)
        if values is None:
            values = (self._formula if wanted is None else self._formula_toward(wanted))(*operands, output)
        if self._active is None:
            return values, edge
        flags = self._active(*operands, output)
        return [value if flag else None for value, flag in zip(values, flags, strict=True)], edge

    def _formula_toward(self, wanted: tuple[bool, ...]) -> FloatFunction:
        """The function that computes only the wanted partials.

        For x^2, the partial with respect to the exponent is not wanted, so its logarithm is not computed.
        """
        formula = self._formulas.get(wanted)
        if formula is None:
            nothing = self._rule.graph.constant(0.0)
            roots = [root if want else nothing for root, want in zip(self._rule.partials, wanted, strict=True)]
            formula = self._formulas[wanted] = _compile(roots, self._rule.inputs)
        return formula

    def selected(self, operands: Sequence[float], output: float) -> list[bool]:
        """For each operand, whether the value depends on it at this point; on a condition it always does."""
        if self._active is None:
            return [True] * len(operands)
        flags = self._active(*operands, output)
        return [bool(flag) or i in self.conditions for i, flag in enumerate(flags)]


@cache
def float_rule(primitive: Primitive, count: int) -> FloatRule:
    """The rule of a primitive for ``count`` operands, traced at the first use."""
    return FloatRule(primitive, count)
