"""A running error bound: how far rounding may have moved each number of a computation.

Errors are followed from the numbers that were typed to the results, operation by operation (N. J. Higham, Accuracy and
Stability of Numerical Algorithms, section 3.3: running error analysis).  How far an operation carries the error of an
operand is seen by computing it again at both ends of the operand's error bar.  So a jump or a choice that the bar
reaches is seen, too, and no rule of differentiation is needed.

The exact result is that of the formula as it was typed, in which 0.1 is 1/10 and pi is no float.  The point is exact:
what a rounded value of a variable changes is no fault of the computation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

from gradcli.execute.tape import Tape, is_exact_zero, is_small
from gradcli.graph import Node
from gradcli.language.parsed import ParsedExpression
from gradcli.primitives import Primitive
from gradcli.primitives import functions as f

__all__ = ["MOST_DIGITS", "ErrorBars", "correct_digits", "leaf_errors", "sure_digits", "typed_numbers"]

#: A double has no more digits.
MOST_DIGITS: Final = 17
#: A result that is 0 has no relative error.  It is sure if its absolute error is at most this: most such numbers are 0.
AT_ZERO: Final = 1e-8
#: An operand is moved by at least so many units in its last place, so that rounding does not hide what it changes.
_LEAST_UNITS: Final = 4.0
#: A constant that was not typed is exact if it is a multiple of this.
_GRAIN: Final = 2.0**-20
_CORRECTLY_ROUNDED: Final = frozenset({f.add, f.sub, f.mul, f.div, f.sqrt})


class ErrorBars:
    """A tape at a point, with a bound on the absolute error of each slot.

    Attributes:
        tape: the program.
        values: the values of its slots.
        bars: the bound for each slot; infinite where nothing is sure.
        sources: for each slot, the slot of the operand from which most of the error comes; the slot itself, if it comes
            from its own rounding.

    >>> from gradcli.evaluate.expression import parse
    >>> found = ErrorBars(Tape([parse("sqrt(x + 1) - sqrt(x)").root]), [1e12], [0.0, 0.0])
    >>> f"{found.values[-1]:.17f}, off by at most {found.bars[-1]:.0e}"
    '0.00000050000380725, off by at most 6e-11'
    """

    def __init__(self, tape: Tape, inputs: Sequence[float], leaves: Sequence[float]) -> None:
        """Compute the values and their bars.

        Args:
            tape: the program.
            inputs: the values of its variables.
            leaves: the errors of its variables and constants.
        """
        self.tape = tape
        self.values: list[float] = tape.run(inputs)
        self.bars = [*leaves]
        self.sources = list(range(tape.first))
        for slot in range(tape.first, len(self.values)):
            self._add(slot)

    def _add(self, slot: int) -> None:
        primitive, slots = self.tape.instructions[slot - self.tape.first]
        operands = [self.values[i] for i in slots]
        is_rounded = any(self.bars[i] for i in slots)
        bar = largest = _rounding(primitive, operands, self.values[slot], is_rounded)
        source = slot
        if primitive is f.mul and all(self.bars[i] for i in slots):  # of two zeros that err, this is the whole error
            both = math.prod(self.bars[i] for i in slots)
            bar += both
            if both > largest:
                largest, source = both, slots[0]
        choice = self._choice(primitive, slots) if is_rounded else None
        moved = slots if choice is None else self.tape.instructions[choice - self.tape.first].operands
        for i in dict.fromkeys(moved):  # an operand that occurs twice moves in both places
            carried = self._carried(slot, i, choice) if self.bars[i] else 0.0
            bar += carried
            if carried > largest:
                largest, source = carried, i
        self.bars.append(bar)
        self.sources.append(source)

    def _choice(self, primitive: Primitive, slots: Sequence[int]) -> int | None:
        """Return the operand of a comparison that is a choice of the other operand, as in x = max(x, y), or None.

        If x moves, both sides of this comparison move.
        """
        if primitive.is_truth and len(slots) == 2 and self.values[slots[0]] == self.values[slots[1]]:
            for choice, other in (slots, slots[::-1]):
                if choice >= self.tape.first:
                    chosen, among = self.tape.instructions[choice - self.tape.first]
                    if chosen.ulps == 0.0 and other in among:
                        return choice
        return None

    def _carried(self, slot: int, moved: int, choice: int | None) -> float:
        """Return how far the error bar of one slot moves another one.

        Args:
            slot: the slot of an operation.
            moved: one of its operands, or an operand of ``choice``.
            choice: an operand that moves along.
        """
        primitive, slots = self.tape.instructions[slot - self.tape.first]
        value, bar, output = self.values[moved], self.bars[moved], self.values[slot]
        least = (1.0 if primitive.is_locally_constant else _LEAST_UNITS) * math.ulp(value)
        step = max(bar, least) if math.isfinite(value) else math.inf
        share = 1.0 if primitive.is_locally_constant or step == math.inf else bar / step  # a jump has no share
        most = -1.0
        for end in (value + step, value - step):
            at = {moved: end}
            if choice is not None:
                chosen, among = self.tape.instructions[choice - self.tape.first]
                at[choice] = chosen.value(*[at.get(i, self.values[i]) for i in among])
            result = primitive.value(*[at.get(i, self.values[i]) for i in slots])
            if result == result:  # an end outside of the domain says nothing
                most = max(most, 0.0 if result == output else abs(result - output))
        return most * share if most >= 0.0 and output == output else math.inf

    def relative(self, slot: int) -> float:
        """Return the relative error of a slot, at most 1: then no digit is left."""
        bar, value = self.bars[slot], abs(self.values[slot])
        return bar / value if bar < value else float(bar > 0.0)

    def culprit(self, slot: int) -> int:
        """Return the slot of the operation that magnifies the relative error most, on the way of most of the error.

        This may be where the error begins, if a number is too small for a double to keep its digits.
        """
        found, most = slot, 0.0
        while self.sources[slot] != slot:
            source = self.sources[slot]
            growth = self.relative(slot) / (self.relative(source) or math.inf)
            if not growth <= most:
                found, most = slot, growth
            slot = source
        return slot if self.is_small(slot) else found

    def is_small(self, slot: int) -> bool:
        """Whether an operation loses digits because its result is too small for a double to keep them."""
        if slot < self.tape.first or not self.bars[slot]:
            return False
        return self.sources[slot] == slot and is_small(self.values[slot])


def _rounding(primitive: Primitive, operands: Sequence[float], output: float, is_rounded: bool) -> float:
    """Return the largest error that an operation adds by itself.

    Args:
        primitive: the operation.
        operands: the values of its operands.
        output: its value.
        is_rounded: whether an operand is itself rounded; then it doesn't matter whether the operation is exact.
    """
    if not math.isfinite(output):
        return math.inf
    if primitive.is_locally_constant:
        return 0.0
    if primitive in _CORRECTLY_ROUNDED:
        is_exact = not is_rounded and _is_exact(primitive, operands, output)
        if is_small(output):  # where half a unit is 0; sums are exact there
            is_exact = is_exact or primitive in (f.add, f.sub) or not all(operands)
            return 0.0 if is_exact else math.ulp(output)
        return 0.0 if is_exact else 0.5 * math.ulp(output)
    if not is_rounded:
        is_at_zero = not any(operands) and (2.0 * output).is_integer()  # such as exp(0), cos(0) and sigmoid(0)
        is_whole = primitive.infix is not None and all(one.is_integer() for one in (output, *operands))
        if is_at_zero or is_exact_zero(output, operands) or (is_whole and abs(output) < 2.0**53):
            return 0.0
    return float(primitive.ulps) * math.ulp(output)


def _is_exact(primitive: Primitive, operands: Sequence[float], output: float) -> bool:
    """Whether an operation that is rounded correctly has no rounding error."""
    if not all(map(math.isfinite, operands)):
        return True
    exact = list(map(Fraction, operands))
    if primitive is f.div:
        return Fraction(output) * exact[1] == exact[0]
    if primitive is f.sqrt:
        return Fraction(output) ** 2 == exact[0]
    return bool(primitive.value(*exact) == Fraction(output))


def typed_numbers(expression: ParsedExpression) -> Iterator[tuple[Node, str, Fraction]]:
    """Yield the constants of an expression with their text and the exact decimal that it means."""
    for node, spans in expression.spans.items():
        if node.constant is None or node.name is not None or not math.isfinite(node.constant):
            continue
        for span in spans:
            text = expression.source.text[span.start : span.end]
            try:
                yield node, text, abs(Fraction(text.replace("_", "")))
            except ValueError:
                continue


def leaf_errors(tape: Tape, expression: ParsedExpression) -> list[float]:
    """Return the errors of the variables of a tape, which are exact, and of its constants.

    Args:
        tape: the program of an expression and its derivatives.
        expression: the expression, in whose text constants may be decimals that no float has.
    """
    typed = {node: abs(number - abs(Fraction(node.constant or 0.0))) for node, _, number in typed_numbers(expression)}
    found = [0.0] * len(tape.variables)
    for node, value in zip(tape.nodes[len(found) : tape.first], tape.constants, strict=True):
        if node in typed:
            found.append(float(typed[node]))
        else:
            is_exact = not math.isfinite(value) or (node.name is None and (value / _GRAIN).is_integer())
            found.append(0.0 if is_exact else 0.5 * math.ulp(value))
    return found


def sure_digits(number: float, error: float) -> int:
    """Return how many significant digits of a number are sure if it errs by at most ``error``.

    All digits of 0 are sure if the error is small.

    >>> sure_digits(2.0, 1e-7), sure_digits(1e-17, 1e-16), sure_digits(0.0, 1e-16)
    (7, 0, 17)
    """
    if not number:
        return MOST_DIGITS if error <= AT_ZERO else 0
    return correct_digits(error / abs(number))


def correct_digits(relative: Any) -> int:
    """Return the number of significant digits that a relative error leaves."""
    if not relative:
        return MOST_DIGITS
    return max(0, min(MOST_DIGITS, math.floor(-math.log10(relative)))) if relative < 1 else 0
