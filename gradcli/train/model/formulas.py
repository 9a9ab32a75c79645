"""Formulas: functions that a user writes as an expression, as an activation, a loss or a feature.

A formula is parsed into a graph and applied by replaying its tape.  The tape runs on floats and arrays, and on `Value`s
and `Tensor`s, which record it.  The text is never executed as code.  A model file of unknown origin may hold a formula,
so a formula must be small: one expression of pointwise functions and the given variables, without definitions or
derivatives.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradcli import limits
from gradcli.errors import UsageError

if TYPE_CHECKING:
    from gradcli.execute.tape import Tape
    from gradcli.graph import Node

__all__ = ["Formula", "formula", "is_word"]


@dataclass(frozen=True, eq=False)
class Formula:
    """A function of some variables.

    Args:
        used: the variables that occur in it.
        tape: the tape that computes the function; some of its variables may be unused.

    >>> formula("x*tanh(x)", ("x",), "activation")(0.0)
    0.0
    """

    used: tuple[str, ...]
    tape: Tape

    def __call__(self, *operands: Any) -> Any:
        """The result on numbers, arrays, or operands that record."""
        return self.tape.replay(operands)[self.tape.outputs[0]]

    def value(self, *operands: float) -> float:
        """The result on floats, by the float kernels."""
        result: float = self.tape.run(operands)[self.tape.outputs[0]]
        return result


def is_word(text: str) -> bool:
    """Whether a text is a single name, which is more likely a misspelt entry of a table than a formula."""
    return re.fullmatch(r"\w{2,}", text.strip()) is not None


@functools.lru_cache(maxsize=256)
def formula(text: str, variables: tuple[str, ...], what: str) -> Formula:
    """Parse a formula.

    Args:
        text: an expression.
        variables: the names that may occur; at least one of them must.
        what: the word for the formula in messages.

    Raises:
        ExpressionError: the text has no meaning.
        UsageError: the formula is too long, or contains something that is not allowed in a formula.

    >>> formula("(p-y)^2", ("p", "y"), "loss")(3.0, 1.0)
    4.0
    """
    from gradcli.evaluate.expression import parse
    from gradcli.execute.tape import Tape

    if len(text) > limits.FORMULA_LENGTH:
        raise UsageError(f"the {what} is longer than {limits.FORMULA_LENGTH} characters")
    if re.search(r";|'|\bdiff\b", text):
        raise UsageError(
            f"the {what} `{text}` has a definition or a derivative in it",
            hint="a formula of a net is one plain expression",
        )
    expression = parse(text, variables=variables, name=what)
    unknown = [name for name in expression.variables if name not in variables]
    names = " and ".join(f"`{name}`" for name in variables[:12])
    if unknown:
        raise UsageError(
            f"the {what} `{text}` has the unknown variable `{unknown[0]}`",
            kind="unknown_variable",
            hint=f"a formula here is a function of {names}",
        )
    if not expression.variables:
        raise UsageError(f"the {what} `{text}` has no variable", hint=f"a formula here is a function of {names}")
    if expression.has_arrays:
        raise UsageError(
            f"the {what} `{text}` combines several numbers of an array",
            hint="a formula of a net is applied to each number by itself",
        )
    root = _keeping_digits(expression.root) if what == "loss" else expression.root
    tape = Tape([root], [expression.graph.variable(name) for name in variables])
    return Formula(expression.variables, tape)


def _keeping_digits(root: Node) -> Node:
    """Return a loss in the form whose derivatives keep their digits; where the typed loss is nan, the result is nan."""
    from gradcli.graph.differentiate import keeping_digits, no_value_no_derivative

    accurate = keeping_digits(root)
    return root if accurate is root else no_value_no_derivative(accurate, root)
