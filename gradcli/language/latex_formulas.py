r"""Functions without a name in LaTeX, which are printed as a formula: ``expm1(x)`` is printed as ``{e^{x} - 1}``.

The braces around the formula are invisible on paper.  They say that the formula is one function, which is accurate even
where the formula would lose digits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import TypeAlias

from gradcli.language.instructions import Script, StackInstruction
from gradcli.language.latex_instructions import LatexWriter
from gradcli.language.parser import parser_of
from gradcli.primitives import REGISTRY

__all__ = ["function_written_out", "latex_script_of"]

#: The last instruction of a formula -> the functions that end with it: the name, and the instructions.  In the place
#: of an operand is its number.
_Patterns: TypeAlias = "dict[tuple[str, object], list[tuple[str, list[StackInstruction | int]]]]"


def latex_script_of(text: str, variables: Collection[str] = ()) -> Script:
    r"""Return the instructions that a text in LaTeX stands for.

    Args:
        text: the text.
        variables: the names that have a value.

    Raises:
        Unexpected: the grammar doesn't allow the text.
        ExpressionError: a part of the text has no meaning, or two meanings.

    >>> [instruction.code for instruction in latex_script_of(r"\frac{1}{x}").result]
    ['number', 'name', 'binary']
    """
    script: Script = parser_of("latex").parse(text, LatexWriter(text, variables, function_written_out))
    return script


def function_written_out(
    code: Sequence[StackInstruction], first: int
) -> tuple[str, list[StackInstruction], int] | None:
    """Return the function that is printed as a formula, the instructions of its operands, and how many operands it has.

    The result is None if no function is written as this formula.

    Args:
        code: instructions, of which the last ones are the formula.
        first: the position of the first instruction of the formula.
    """
    last = code[-1]
    if not isinstance(last.payload, str):
        return None  # the last instruction of such a formula is an operation with a name
    for word, pattern in _patterns().get((last.code, last.payload), ()):
        operands = _operands(code, first, pattern)
        if operands is not None:
            return word, [one for operand in operands for one in operand], len(operands)
    return None


def _operands(
    code: Sequence[StackInstruction], first: int, pattern: Sequence[StackInstruction | int]
) -> list[Sequence[StackInstruction]] | None:
    """Return the operands of a formula if it matches a pattern, else None."""
    places: dict[int, slice] = {}
    end = len(code)
    for position in range(len(pattern) - 1, -1, -1):
        expected = pattern[position]
        if isinstance(expected, int):
            # The instructions before the first operand are its own, so that nothing is searched for its beginning.
            begin = first if position == 0 else _beginning(code, end)
            places[expected] = slice(begin, end)
            end = begin
            continue
        end -= 1
        if end < first or code[end][:3] != expected[:3]:
            return None
    if end != first or any(place.start >= place.stop for place in places.values()):
        return None
    return [code[places[number]] for number in sorted(places)]


def _beginning(code: Sequence[StackInstruction], end: int) -> int:
    """Return the position of the first instruction of an operand, given the position after its last one."""
    missing = 1
    while missing and end:
        end -= 1
        missing += code[end].operands - 1
    return end


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    """Return the patterns of all functions that are printed as a formula, made from their LaTeX templates."""
    found: _Patterns = {}
    for primitive in REGISTRY.public():
        template = primitive.latex_formula
        if template is None:
            continue
        text = template.format(**{name: rf"\mathrm{{{name}}}" for name in primitive.operands})
        code = parser_of("latex").parse(text, LatexWriter(text)).result
        numbers = {name: number for number, name in enumerate(primitive.operands)}
        pattern = [numbers.get(one.payload, one) if one.code == "name" else one for one in code]
        found.setdefault((code[-1].code, code[-1].payload), []).append((primitive.name, pattern))
    return found
