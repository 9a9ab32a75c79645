"""Sums and products over an index, such as ``sum(k^2, k, 1, 10)``: their range, and their terms one after the other.

The instruction ``"repeat"`` has the instructions of the term, and the builder runs these once for each value of the
index.  The bounds are operands of the instruction, so they may be formulas without variables.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gradcli import limits
from gradcli.errors import ExpressionError
from gradcli.graph import Graph, Node
from gradcli.language.array_calls import constant_of
from gradcli.language.instructions import Repetition, StackInstruction
from gradcli.source import Span

__all__ = ["instructions_of", "range_of", "refuse_growth"]

_NOUNS: Final = {"+": "sum", "*": "product"}


def range_of(instruction: StackInstruction, text: str, bounds: Sequence[Node]) -> range:
    """Return the values of the index of a sum or a product.

    Args:
        instruction: the sum or product.
        text: the whole text.
        bounds: the first and the last value.

    Raises:
        ExpressionError: a bound depends on a variable, or is not a whole number.
    """
    repetition: Repetition = instruction.payload
    noun = _NOUNS[repetition.symbol]
    found = []
    for bound, span in zip(bounds, repetition.bounds, strict=True):
        value, quoted = constant_of(bound), text[slice(*span)].strip("{} ")
        hint = "for example `\\sum_{k=1}^{5} k^2`" if text.startswith("\\", instruction.start) else None
        if not isinstance(value, float):
            if quoted.isidentifier():
                hint = f"write `{quoted} = 10; {text}` to give it a value"
            message = f"the bound `{quoted}` of this {noun} is not a number"
            raise ExpressionError(message, kind="bounds", span=span, hint=hint)
        if math.isinf(value):
            hint = "gradcli computes no limits, so the last index of a sum or a product is finite"
        if not value.is_integer():
            message = f"the bound `{quoted}` of this {noun} is not a whole number"
            raise ExpressionError(message, kind="bounds", span=span, hint=hint)
        found.append(int(value))
    return range(found[0], found[1] + 1)


def instructions_of(
    instruction: StackInstruction, values: range, names: dict[str, Node], graph: Graph
) -> Iterator[StackInstruction]:
    """Yield the instructions of a sum or a product that is written out.

    Args:
        instruction: the sum or product.
        values: the values of the index.
        names: a dictionary from names to nodes.  In it, the index is set to one value after the other.
        graph: the graph of these nodes.
    """
    repetition: Repetition = instruction.payload
    operation = instruction._replace(code="binary", payload=repetition.symbol)
    for value in values:
        names[repetition.variable] = graph.constant(float(value))
        yield from _term_at(repetition, value)
        if value > values[0]:
            yield operation
    if not values:
        yield instruction._replace(code="number", payload=1.0 if repetition.symbol == "*" else 0.0)


def _term_at(repetition: Repetition, value: int) -> Iterable[StackInstruction]:
    """Return the instructions of the term for a value of the index: in LaTeX, the name x_k becomes x_2."""
    rename = repetition.renamed
    if rename is None:
        return repetition.term
    fixed = (*repetition.fixed, (repetition.variable, value))
    found = []
    for instruction in repetition.term:
        if instruction.code == "repeat":
            inner: Repetition = instruction.payload
            outer = tuple([one for one in fixed if one[0] != inner.variable])
            instruction = instruction._replace(payload=inner._replace(fixed=outer))
        for index, number in fixed:
            instruction = rename(index, number, instruction)
        found.append(instruction)
    return found


def refuse_growth(size: int, span: Span) -> None:
    """Raise an error if a text is too long when its sums, products and chains are written out."""
    if size > limits.UNROLLED:
        message = f"this has {size:,} operations when it is written out, more than {limits.UNROLLED:,}"
        bound = limits.refusal("UNROLLED", message)
        raise ExpressionError(bound.message, kind=bound.kind, span=span, hint=bound.hint)
